"""Passes of a small host, made for tests."""

from datetime import UTC, datetime, timedelta

from agent.spool import Pass
from bus.contract import Absence, Drive, Inventory, Snapshot
from bus.identity import drive_key

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HOST = "pod-7"


def drive(number: int) -> Drive:
    return Drive(f"Z{number:03d}", "ST4000DM000")


def made_pass(
    days_ago: int = 0,
    *,
    hour: int = 6,
    drives: int = 3,
    absent: int = 0,
    earlier: tuple[str, ...] = (),
    complete: bool = True,
) -> Pass:
    """A pass that began so many days before NOW; `earlier` are keys of the day's other passes."""
    started_at = NOW.replace(hour=hour) - timedelta(days=days_ago)
    day = started_at.date()
    snapshots = tuple(
        Snapshot(schema=1, day=day, host=HOST, sent_at=started_at, drive=drive(number))
        for number in range(drives)
    )
    absences = tuple(
        Absence(
            schema=1,
            day=day,
            host=HOST,
            sent_at=started_at,
            drive=drive(100 + number),
            last_day=day - timedelta(days=3),
            last_hosts=(HOST,),
        )
        for number in range(absent)
    )
    inventory = Inventory(
        schema=1, day=day, host=HOST, sent_at=started_at, complete=True, present=drives
    )
    own = tuple(drive_key(one.drive.serial, one.drive.model) for one in snapshots)
    return Pass(
        day=day,
        host=HOST,
        started_at=started_at,
        keys=(*earlier, *own),
        snapshots=snapshots,
        absences=absences,
        inventory=inventory if complete else None,
    )
