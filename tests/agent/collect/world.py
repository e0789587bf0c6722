"""A host whose drives are plugged, put to sleep and pulled, collected by the real agent.

Its kernel is a folder and its smartctl a script; all else is the program itself.
"""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from agent.collect.collect import collect
from agent.config import AgentSettings
from agent.spool import Pass, list_passes, read_pass
from bus.contract import State
from tests.agent.collect.answers import BANNER, as_output, sata_drive, told
from tests.agent.collect.fake_host import FakeHost
from tests.agent.collect.fake_smartctl import FakeSmartctl
from tests.agent.collect.story import at

ASLEEP = {
    "says": as_output(
        {"smartctl": {"version": [7, 3], "output": [*BANNER, "Device is in STANDBY mode, exit(2)"]}}
    ),
    "ends": 2,
}
DENIED = {
    "says": as_output(
        {
            "smartctl": {
                "version": [7, 3],
                "exit_status": 2,
                "messages": [{"string": "open failed: Permission denied", "severity": "error"}],
            }
        }
    ),
    "ends": 2,
}


class World:
    """Drives by name (sda); what each says is read anew at each pass."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.host = FakeHost(folder / "root")
        self.settings = AgentSettings(
            host="pod-7",
            spool=folder / "spool",
            state=folder / "collect",
            smartctl=str(folder / "smartctl"),
            parallel=1,
        )
        self._says: dict[str, Mapping[str, object]] = {}
        self._scan: Mapping[str, object] | None = None

    def plug(self, name: str, serial: str, **answer: object) -> None:
        self._says[name] = {"says": as_output(sata_drive(serial))} | answer

    def says(self, name: str, answer: Mapping[str, object]) -> None:
        self._says[name] = answer

    def unplug(self, name: str) -> None:
        del self._says[name]

    def scan_says(self, answer: Mapping[str, object] | None) -> None:
        """What the scan says; None: the drives that are plugged in."""
        self._scan = answer

    def configure(self, **settings: object) -> None:
        self.settings = msgspec.structs.replace(self.settings, **settings)

    def prepare(self) -> FakeSmartctl:
        """Put smartctl in its place."""
        devices = [{"name": f"/dev/{name}", "type": "sat"} for name in sorted(self._says)]
        scan = self._scan or {"says": as_output(told(devices=devices))}
        drives = {f"/dev/{name}": answer for name, answer in self._says.items()}
        return FakeSmartctl(self.folder, {"-j": scan} | drives)

    def collect(self, number: int = 1, hour: int = 6) -> Pass:
        """A pass at that hour of the number-th day."""
        self.prepare()
        return collect(self.settings, clock=lambda: at(number, hour), root=self.host.root)

    @property
    def spooled(self) -> list[Pass]:
        return [read_pass(path) for path in list_passes(self.settings.spool)]


def said(done: Pass) -> dict[str, State]:
    """What a pass says of the drives it saw, by serial."""
    states = {one.drive.serial: one.state for one in done.snapshots}
    assert len(states) == len(done.snapshots)
    return states


def gone(done: Pass) -> list[str]:
    """Serials of the drives that a pass says are absent."""
    return [absence.drive.serial for absence in done.absences]


def is_complete(done: Pass) -> bool:
    assert done.inventory is not None
    return done.inventory.complete
