"""The whole way with drives that answer: an agent in the machine, the aggregator on the host.

The collecting side runs inside, as root and without a network; what it leaves in the spool is
delivered by the shipping side here.
"""

import csv
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from aggregator.ingest.restore import restore_all
from aggregator.ingest.store import FolderStore
from tests.machine.scene import DriveMachine

DAY_S = 86_400


class Way:
    """From the machine's spool to the figures."""

    def __init__(self, machine: DriveMachine, folder: Path) -> None:
        self.machine = machine
        self.state = folder / "state"
        self._bus = f"sqlite:{folder / 'log.db'}"
        self._environ = os.environ | {
            "XDG_STATE_HOME": str(folder),
            "DRIVEFLEET_AGENT_MARKS": str(folder / "marks"),
        }

    def collect(self) -> str:
        """One pass inside the machine; what it says of it."""
        inside = self.machine.share_inside
        settings = f"DRIVEFLEET_AGENT_HOST=pod-1 DRIVEFLEET_AGENT_STATE={inside}/collect"
        code, words = self.machine.sh(
            f"cd {self.machine.project} && {settings} {self.machine.python} -m agent collect"
            f" --spool {inside}/spool",
            120,
        )
        assert code == 0, words
        return words

    def deliver(self) -> None:
        """Ship and work off, here on the host."""
        spool = str(self.machine.share / "spool")
        self.run("agent", "ship", "--spool", spool, "--bus", self._bus)
        state = str(self.state)
        self.run("aggregator", "run", "--bus", self._bus, "--state", state, "--until-end")

    def models(self) -> dict[str, tuple[int, int]]:
        """Drives seen and drive-days by model, all roles, lifetime."""
        told = self.ask("models", "--role", "all", "--format", "csv")
        rows = csv.DictReader(told.splitlines())
        return {row["model"]: (int(row["drives_seen"]), int(row["drive_days"])) for row in rows}

    def drive(self, serial: str) -> dict[str, object]:
        life: dict[str, object] = json.loads(self.ask("drives", serial, "--format", "json"))
        return life

    def ask(self, *arguments: str) -> str:
        return self.run("aggregator", *arguments, "--state", str(self.state))

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", *arguments],
            env=self._environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.mark.machine
def test_three_live_drives_are_three_drive_days(
    drive_machine: DriveMachine, tmp_path: Path
) -> None:
    way = Way(drive_machine, tmp_path)
    assert "3 drives read" in way.collect()
    way.deliver()
    three = {"ST12000NM0008-2H3101": (1, 1), "QEMU NVMe Ctrl": (1, 1), "QEMU QEMU HARDDISK": (1, 1)}
    assert way.models() == three
    assert way.drive("ZL2ABC01")["capacity_bytes"] == 12_000_138_625_024

    assert "0 drives read" in way.collect(), "a second pass of the day knows nothing better"
    drive_machine.fail("ZL2ABC01")
    assert "1 drive read" in way.collect(), "but for the drive that began to fail since"
    way.deliver()
    assert way.models() == three, "and counts nothing twice"

    drive_machine.pull("S4NV0001")
    assert drive_machine.sh(f"date -s @{int(time.time()) + DAY_S}")[0] == 0
    assert "1 missing" in way.collect()
    way.deliver()
    assert way.models() == {
        "ST12000NM0008-2H3101": (1, 2),
        "QEMU NVMe Ctrl": (1, 1),
        "QEMU QEMU HARDDISK": (1, 2),
    }
    signs = way.drive("ZL2ABC01")["signs"]
    assert isinstance(signs, dict)
    assert signs["health_failed"] == 1
    assert absences(way.state) == {"S4NV0001:QEMU NVMe Ctrl": 1}
    assert way.drive("S4NV0001")["failed"] is None, "a drive that is away has not failed"


def absences(state: Path) -> dict[str, int]:
    """How many absences the ledger holds of which drive."""
    (part,) = restore_all(FolderStore(state))
    keys = part.ledger.keys()
    return {keys[row]: len(told) for row, told in part.ledger.absences.items()}
