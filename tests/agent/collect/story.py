"""A host whose days are told one pass after another, for tests of the roster and what follows."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta

from agent.collect.reading import NO_SIGNS
from agent.collect.roster import Roster, Seen
from agent.collect.stock import Found, Told, take_stock
from bus.contract import Absence, Drive, Role, Signs, Snapshot, State

FIRST_DAY = date(2026, 12, 1)
MODEL = "ST12000NM0008"
HOST = "pod-7"
BOOT_DRIVE = "BOOT"


def day(number: int) -> date:
    """The number-th day of a story, from 1."""
    return FIRST_DAY + timedelta(days=number - 1)


def at(number: int, hour: int = 6) -> datetime:
    """A time of that day."""
    return datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, hour, tzinfo=UTC) + timedelta(
        days=number - 1
    )


def sighting(
    serial: str,
    state: State = "read",
    *,
    on: date = FIRST_DAY,
    model: str = MODEL,
    wwn: str = "",
    path: str = "",
    instance: str = "",
    role: Role = "data",
    signs: Signs = NO_SIGNS,
) -> Seen:
    """One drive, seen on one day at a path of its own unless told."""
    snapshot = Snapshot(
        schema=1,
        day=on,
        host=HOST,
        sent_at=datetime(on.year, on.month, on.day, tzinfo=UTC),
        drive=Drive(serial, model, wwn=wwn),
        role=role,
        state=state,
        reason="io_error" if state == "unreadable" else "",
        signs=signs,
    )
    return Seen(snapshot, path or f"/dev/{serial.lower()}", instance)


class Story:
    """A host and its roster."""

    def __init__(self, host: str = HOST) -> None:
        self.host = host
        self.roster = Roster()

    def look(
        self,
        number: int,
        seen: Iterable[str | Seen] | Mapping[str, State],
        *,
        hour: int = 6,
        unidentified: tuple[str, ...] = (),
        known_serials: frozenset[str] = frozenset(),
        ended_well: bool = True,
    ) -> Told:
        """A pass on the number-th day that saw these drives: serials (read), states, sightings."""
        states = seen if isinstance(seen, Mapping) else {}
        sightings = [
            sighting(one, states.get(one, "read"), on=day(number)) if isinstance(one, str) else one
            for one in seen
        ]
        found = Found(
            day=day(number),
            started_at=at(number, hour),
            host=self.host,
            seen=sightings,
            unidentified=unidentified,
            known_serials=known_serials,
            ended_well=ended_well,
        )
        told = take_stock(self.roster, found)
        self.roster = told.roster
        return told


def missing(told: Told) -> dict[str, Absence]:
    """What was said of missing drives, by serial."""
    absences = {absence.drive.serial: absence for absence in told.absences}
    assert len(absences) == len(told.absences), "a drive was said absent twice"
    return absences


def said(told: Told) -> dict[str, State]:
    """What was said of the drives that were seen, by serial."""
    states = {one.drive.serial: one.state for one in told.snapshots}
    assert len(states) == len(told.snapshots), "a drive was said twice"
    return states


def is_complete(told: Told) -> bool:
    assert told.inventory is not None
    return told.inventory.complete
