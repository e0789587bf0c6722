"""Events and disks for the tests of `bus`."""

import random
import subprocess
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bus import contract
from bus.contract import Drive, Place, Signs, Snapshot

MODELS = ["ST12000NM0008-2H3101", "WDC  WUH721816ALE6L4", "TOSHIBA MG08ACA16TEY"]


@pytest.fixture(scope="session")
def realistic_events() -> list[bytes]:
    """Ten days of 2,000 drives, with what SATA drives of a real fleet tell, day by day."""
    seeded = random.Random(20261123)
    drives = [_drive(seeded, number) for number in range(2_000)]
    hours = [seeded.randrange(60_000) for _ in drives]
    days = [date(2026, 11, 1) + timedelta(days=day) for day in range(10)]
    return [
        contract.encode(_snapshot(seeded, drive, number, day, hours[number] + 24 * day.day))
        for day in days
        for number, drive in enumerate(drives)
    ]


def _drive(seeded: random.Random, number: int) -> Drive:
    serial = "".join(seeded.choices("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789", k=8))
    return Drive(
        serial=serial,
        model=MODELS[number % len(MODELS)],
        wwn=f"5000c500{seeded.randrange(16**8):08x}",
        firmware="SN02",
        capacity_bytes=12_000_138_625_024,
        media="hdd",
        protocol="ata",
        rotation_rpm=7200,
    )


def _snapshot(seeded: random.Random, drive: Drive, number: int, day: date, hours: int) -> Snapshot:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    at = noon + timedelta(seconds=seeded.randrange(600), microseconds=seeded.randrange(10**6))
    celsius = seeded.randrange(24, 45)
    raw = {1: seeded.randrange(2**28), 5: 0, 7: seeded.randrange(2**32), 9: hours, 12: 17}
    raw |= {187: 0, 188: 0, 190: celsius, 192: 31, 193: hours // 7, 194: celsius, 197: 0, 198: 0}
    raw |= {199: 0, 240: hours, 241: seeded.randrange(2**36), 242: seeded.randrange(2**37)}
    return Snapshot(
        schema=1,
        day=day,
        host=f"pod-{number // 60:03}",
        sent_at=at,
        observed_at=at,
        drive=drive,
        place=Place(datacenter="ams1", vault=f"{number // 1200}", pod=f"{number // 60:03}",
                    slot=f"{number % 60:02}"),
        health="passed",
        power_on_hours=hours,
        temperature_celsius=celsius,
        signs=Signs(reallocated=0, reported_uncorrectable=0, pending=0, offline_uncorrectable=0),
        smart={number: (seeded.randrange(60, 101), value) for number, value in raw.items()},
    )  # fmt: skip


class Disk:
    """A small disk of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self) -> Path:
        """Take all the space that is left; removing the returned file gives it back."""
        ballast = self.folder / "ballast"
        with ballast.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                return ballast

    def remount(self, mode: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{mode}", self.folder], check=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Disk]:
    """A disk of 1 MB in memory; only root can mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    made = subprocess.run(mount, capture_output=True, text=True, check=False)
    if made.returncode != 0:
        pytest.skip(f"this machine cannot mount a small disk (root can): {made.stderr.strip()}")
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
