"""What a pass would read, for people: nothing is written or sent."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec

from agent.collect.boot import role_of
from agent.collect.discover import discover
from agent.collect.identify import System
from agent.collect.read import read_drives
from agent.config import AgentSettings
from bus import contract


class ScanRow(msgspec.Struct, frozen=True):
    """One way to a drive, as `scan` shows it."""

    path: str
    type: str
    protocol: str
    model: str
    serial: str
    role: str
    state: str
    reason: str


def scan_report(
    settings: AgentSettings,
    *,
    clock: Callable[[], datetime],
    root: Path = Path("/"),
) -> list[ScanRow]:
    """What a pass would read, by path. Reads the drives; writes nothing."""
    system, found = System(root), discover(settings, clock=clock)
    readings = read_drives(settings, found.devices, clock=clock, done=lambda reading: None)
    rows = []
    for reading in sorted((*readings, *found.unopened), key=lambda one: one.device):
        path, node = reading.device.path, system.node(reading.device)
        drive = reading.drive or contract.Drive(node.serial, "")
        rows.append(
            ScanRow(
                path=path,
                type=reading.device.type,
                protocol=drive.protocol,
                model=drive.model,
                serial=drive.serial,
                role=role_of(settings, drive.serial, path, node.disks, system.boot),
                state=reading.state,
                reason=f"{reading.reason} {reading.detail}".strip(),
            )
        )
    return rows
