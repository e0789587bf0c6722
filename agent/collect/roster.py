"""The roster: the drives that this host has held, and what follows from it for a pass. Pure.

Rules (docs/lifecycle.md, "What a host says besides"):
- A drive is announced absent only from a complete inventory in which neither its serial nor its WWN
  appears under any name; on each day until it is back, at most 60 days after the first time.
- An inventory is complete when the scan ended well and every path was identified, but those that
  were not on each of the last 3 days with a pass; one that finds no data drive never is.
- A later pass of a day adds only what it knows better.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

import msgspec
from msgspec.structs import replace

from bus import contract
from bus.contract import Absence, Drive, Inventory, Role, Snapshot, State
from bus.identity import drive_key, normal_serial

ANNOUNCE_DAYS = 60
EXCUSED_AFTER_DAYS = 3
"""A path that cannot be identified on so many days with a pass will not be tomorrow either."""
REMEMBER_DAYS = 400
"""Days of which the number of drives held is kept: longer than any announcement looks back."""

RANK: Mapping[State, int] = {"unreadable": 1, "asleep": 2, "read": 3}


class Held(msgspec.Struct, frozen=True):
    """A drive that this host holds or held."""

    drive: Drive
    role: Role
    last_day: date
    path: str = ""
    instance: str = ""  # of the device, with the boot it was seen in
    announced: date | None = None  # since when it is announced absent


class Named(msgspec.Struct, frozen=True):
    """A name that this machine had, and the days of its passes under it."""

    name: str
    first: date
    last: date


class Roster(msgspec.Struct, frozen=True, kw_only=True):
    """What the collecting side remembers from pass to pass."""

    drives: dict[str, Held] = {}  # by key
    names: tuple[Named, ...] = ()
    held: dict[date, int] = {}  # drives held, by day
    day: date | None = None  # of the last pass
    today: dict[str, int] = {}  # key: the best state told of it on `day`
    missing_today: dict[str, tuple[int, int]] = {}  # key: (together, held) told on `day`
    pass_days: tuple[date, ...] = ()  # the latest, newest last
    unidentified: dict[str, tuple[date, ...]] = {}  # path: the latest pass days without identity
    last_pass: datetime | None = None


class Seen(msgspec.Struct, frozen=True):
    """One identified drive of a pass."""

    snapshot: Snapshot
    path: str
    instance: str

    @property
    def key(self) -> str:
        return drive_key(self.snapshot.drive.serial, self.snapshot.drive.model)


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What a pass found, in all."""

    day: date
    started_at: datetime
    host: str
    seen: Sequence[Seen]
    unidentified: Sequence[str] = ()  # paths, but those configured as ignored
    known_serials: frozenset[str] = frozenset()  # normal; of drives that were not read
    ended_well: bool = True
    smartctl_version: str = ""
    agent_version: str = ""
    place: contract.Place = contract.Place()


class Told(msgspec.Struct, frozen=True):
    """What a pass has to say, and the roster after it."""

    roster: Roster
    keys: tuple[str, ...]
    snapshots: tuple[Snapshot, ...]
    absences: tuple[Absence, ...]
    inventory: Inventory


def take_stock(roster: Roster, found: Found) -> Told:
    """One pass: what it adds to the day, who is missing, and the roster to keep."""
    roster = _begin_day(roster, found)
    best = _best(found.seen)
    news = {key: one for key, one in best.items() if _rank(one) > roster.today.get(key, 0)}
    roster = _note_seen(roster, found.day, best)
    roster = _note_unidentified(roster, found)
    missing = _missing(roster, found, best)
    complete = _is_complete(roster, found, best)
    absences: tuple[Absence, ...] = ()
    if complete:
        absences = tuple(_absence(roster, found, key, missing) for key in missing)
        absences = tuple(one for one in absences if _is_news(roster, one))
        roster = _note_announced(roster, found.day, missing, absences)
    inventory = _inventory(found, best, complete=complete, missing=len(missing))
    return Told(
        roster=replace(roster, last_pass=found.started_at),
        keys=tuple(sorted(roster.today)),
        snapshots=tuple(one.snapshot for one in news.values()),
        absences=absences,
        inventory=inventory,
    )


def note_unfinished(roster: Roster, found: Found) -> tuple[Roster, tuple[str, ...]]:
    """The roster after a pass that was cut short, and the keys of its day so far."""
    roster = _begin_day(roster, found)
    roster = _note_seen(roster, found.day, _best(found.seen))
    return replace(roster, last_pass=found.started_at), tuple(sorted(roster.today))


def recognise(roster: Roster, *, serial: str, wwn: str, path: str, instance: str) -> Held | None:
    """The drive behind a path that did not say who it is, by what the kernel knows of it.

    By serial (normal) or WWN; else by the same path and the same appearance of the device.
    """
    for held in roster.drives.values():
        if serial and normal_serial(held.drive.serial) == serial:
            return held
        if wwn and held.drive.wwn == wwn:
            return held
    if serial or not instance:
        return None
    return next(
        (h for h in roster.drives.values() if (h.path, h.instance) == (path, instance)), None
    )


def _begin_day(roster: Roster, found: Found) -> Roster:
    day = found.day
    if roster.day != day:
        roster = replace(roster, day=day, today={}, missing_today={})
    names = list(roster.names)
    if names and names[-1].name == found.host:
        names[-1] = replace(names[-1], last=day)
    else:
        names.append(Named(found.host, day, day))
    days = tuple(sorted({*roster.pass_days, day})[-EXCUSED_AFTER_DAYS:])
    return replace(roster, names=tuple(names), pass_days=days)


def _best(seen: Iterable[Seen]) -> dict[str, Seen]:
    """One sighting a drive: two paths to it are one drive."""
    best: dict[str, Seen] = {}
    for one in seen:
        held = best.get(one.key)
        if held is None or _rank(one) > _rank(held):
            best[one.key] = one
    return best


def _rank(one: Seen) -> int:
    return RANK[one.snapshot.state]


def _note_seen(roster: Roster, day: date, best: Mapping[str, Seen]) -> Roster:
    drives, today = dict(roster.drives), dict(roster.today)
    for key, one in best.items():
        snapshot = one.snapshot
        drives[key] = Held(snapshot.drive, snapshot.role, day, one.path, one.instance)
        today[key] = max(today.get(key, 0), _rank(one))
    oldest = day - timedelta(days=REMEMBER_DAYS)
    held = {at: number for at, number in roster.held.items() if at >= oldest}
    held[day] = len(today)
    return replace(roster, drives=drives, today=today, held=held)


def _note_unidentified(roster: Roster, found: Found) -> Roster:
    days = {
        path: tuple(sorted({*roster.unidentified.get(path, ()), found.day})[-EXCUSED_AFTER_DAYS:])
        for path in found.unidentified
    }
    return replace(roster, unidentified=days)


def _is_complete(roster: Roster, found: Found, best: Mapping[str, Seen]) -> bool:
    if not found.ended_well or not any(one.snapshot.role == "data" for one in best.values()):
        return False
    return all(_is_excused(roster, path) for path in found.unidentified)


def _is_excused(roster: Roster, path: str) -> bool:
    full = len(roster.pass_days) == EXCUSED_AFTER_DAYS
    return full and roster.unidentified.get(path) == roster.pass_days


def _missing(roster: Roster, found: Found, best: Mapping[str, Seen]) -> list[str]:
    """Keys of drives held before this day that appear nowhere, under no name, by no path."""
    drives = [one.snapshot.drive for one in best.values()]
    serials = {normal_serial(drive.serial) for drive in drives} | found.known_serials
    wwns = {drive.wwn for drive in drives} - {""}
    return [
        key
        for key, held in roster.drives.items()
        if held.last_day < found.day
        and normal_serial(held.drive.serial) not in serials
        and held.drive.wwn not in wwns
        and not _is_over(held, found.day)
    ]


def _is_over(held: Held, day: date) -> bool:
    return held.announced is not None and (day - held.announced).days > ANNOUNCE_DAYS


def _absence(roster: Roster, found: Found, key: str, missing: Sequence[str]) -> Absence:
    gone = roster.drives[key]
    days = [roster.drives[other].last_day for other in missing]
    names = {one.name for one in roster.names if one.first <= gone.last_day <= one.last}
    return Absence(
        schema=contract.SCHEMA,
        day=found.day,
        host=found.host,
        sent_at=found.started_at,
        drive=gone.drive,
        last_day=gone.last_day,
        last_hosts=tuple(sorted(names)),
        together=sum(abs((day - gone.last_day).days) <= 1 for day in days),
        held=max(1, roster.held.get(gone.last_day, 1)),
    )


def _is_news(roster: Roster, absence: Absence) -> bool:
    key = drive_key(absence.drive.serial, absence.drive.model)
    return roster.missing_today.get(key, (0, 0)) < (absence.together, absence.held)


def _note_announced(
    roster: Roster, day: date, missing: Iterable[str], absences: Iterable[Absence]
) -> Roster:
    """Since when each is announced; those announced long enough are forgotten."""
    drives, told = dict(roster.drives), dict(roster.missing_today)
    for key in missing:
        drives[key] = replace(drives[key], announced=drives[key].announced or day)
    for one in absences:
        told[drive_key(one.drive.serial, one.drive.model)] = (one.together, one.held)
    drives = {key: held for key, held in drives.items() if not _is_over(held, day)}
    return replace(roster, drives=drives, missing_today=told)


def _inventory(
    found: Found, best: Mapping[str, Seen], *, complete: bool, missing: int
) -> Inventory:
    states = [one.snapshot.state for one in best.values()]
    return Inventory(
        schema=contract.SCHEMA,
        day=found.day,
        host=found.host,
        sent_at=found.started_at,
        complete=complete,
        present=states.count("read"),
        asleep=states.count("asleep"),
        unreadable=states.count("unreadable") + len(found.unidentified),
        missing=missing,
        agent_version=found.agent_version,
        smartctl_version=found.smartctl_version,
        place=found.place,
    )
