"""The roster: what this host remembers of the drives it has held, from pass to pass. Pure.

Rules:
- A drive that appears under another name (its model spelled differently, another serial with its
  WWN) is one drive: the old name is forgotten, so that nobody is told that it is gone.
- Of days and of this machine's names only those are kept on which a drive was last held: an
  absence tells of no others.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

import msgspec
from msgspec.structs import astuple, replace

from agent.collect.reading import NO_SIGNS
from bus.contract import Drive, Role, Signs, Snapshot, State
from bus.identity import drive_key, normal_serial

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
    today: dict[str, int] = {}  # key: the rank of the best state told of it on `day`
    signs_today: dict[str, Signs] = {}  # key: of each sign the largest value told on `day`
    missing_today: dict[str, tuple[int, int]] = {}  # key: (together, held) told on `day`
    pass_days: tuple[date, ...] = ()  # the latest on which every path was tried, newest last
    unidentified: dict[str, tuple[date, ...]] = {}  # path: the latest of them without identity
    last_pass: datetime | None = None


class Seen(msgspec.Struct, frozen=True):
    """One identified drive of a pass, by one path to it."""

    snapshot: Snapshot
    path: str
    instance: str

    @property
    def key(self) -> str:
        return drive_key(self.snapshot.drive.serial, self.snapshot.drive.model)

    @property
    def rank(self) -> int:
        """How much its state knows: two sightings of one drive are settled by it."""
        return RANK[self.snapshot.state]


def recognise(roster: Roster, *, serial: str, wwn: str, path: str, instance: str) -> Held | None:
    """The drive behind a path that did not say who it is, by what the kernel knows of it.

    By serial (normal), else by WWN, else by the same path and the same appearance of the device:
    a USB bridge tells the kernel a serial of its own. Each may be "".
    """
    held = roster.drives.values()
    by_serial = (one for one in held if serial and normal_serial(one.drive.serial) == serial)
    by_wwn = (one for one in held if wwn and one.drive.wwn == wwn)
    by_path = (one for one in held if instance and (one.path, one.instance) == (path, instance))
    return next(by_serial, None) or next(by_wwn, None) or next(by_path, None)


def best_sightings(seen: Iterable[Seen]) -> dict[str, Seen]:
    """By key, one sighting a drive: two paths to it are one drive.

    The one that knows most, then the first path by name: whichever path answered sooner.
    """
    best: dict[str, Seen] = {}
    for one in sorted(seen, key=lambda each: (-each.rank, each.path)):
        best.setdefault(one.key, one)
    return best


def knows_more(roster: Roster, key: str, one: Seen) -> bool:
    """Whether a sighting says what the day was not told: a better state, or a sign that grew.

    A drive that begins to fail at noon may be dead by night, and its signs are the evidence.
    """
    told = roster.signs_today.get(key, NO_SIGNS)
    grew = settle_signs(one.snapshot.signs, told) != told
    return grew or one.rank > roster.today.get(key, 0)


def settle_signs(one: Signs, other: Signs) -> Signs:
    """Of each sign the larger value; missing is smallest."""
    pairs = zip(astuple(one), astuple(other), strict=True)
    return Signs(*(max(pair, key=lambda value: -1 if value is None else value) for pair in pairs))


def begin_day(roster: Roster, day: date, host: str) -> Roster:
    """The roster at the beginning of a pass: of a new day nothing is told yet."""
    if roster.day != day:
        roster = replace(roster, day=day, today={}, signs_today={}, missing_today={})
    *before, last = roster.names or (Named(host, day, day),)
    names = (replace(last, last=day),) if last.name == host else (last, Named(host, day, day))
    return replace(roster, names=(*before, *names))


def note_seen(roster: Roster, day: date, best: Mapping[str, Seen]) -> Roster:
    """The roster with the drives of a pass, by key, on the day that was begun."""
    drives = _not_here(roster.drives, best)
    today, signs = dict(roster.today), dict(roster.signs_today)
    for key, one in best.items():
        snapshot = one.snapshot
        signs[key] = settle_signs(snapshot.signs, signs.get(key, NO_SIGNS))
        drives[key] = Held(snapshot.drive, snapshot.role, day, one.path, one.instance)
        today[key] = max(today.get(key, 0), one.rank)
    held = roster.held | {day: len(today)}
    return forget_days(replace(roster, drives=drives, today=today, signs_today=signs, held=held))


def forget_days(roster: Roster) -> Roster:
    """The roster without the days and names that no drive of it needs any more."""
    needed = {held.last_day for held in roster.drives.values()}
    names = (one for one in roster.names if any(one.first <= day <= one.last for day in needed))
    held = {day: number for day, number in roster.held.items() if day in needed}
    return replace(roster, names=tuple(names), held=held)


def _not_here(drives: Mapping[str, Held], best: Mapping[str, Seen]) -> dict[str, Held]:
    """The drives held that are not here now, under their old name or under a new one."""
    here = [one.snapshot.drive for one in best.values()]
    serials = {normal_serial(drive.serial) for drive in here}
    wwns = {drive.wwn for drive in here} - {""}
    return {
        key: held
        for key, held in drives.items()
        if normal_serial(held.drive.serial) not in serials and held.drive.wwn not in wwns
    }
