"""Which drives are missing, and what a host says of each. Pure.

Rules (docs/lifecycle.md, "What a host says besides"):
- A drive is missing on a day later than its last one, when it appears nowhere, under no name.
- It is announced on each day until it is back, at most 60 days after the first time; then it is
  forgotten, but not before those that went with it: they would be told as if they went alone. The
  caller announces from a complete inventory only.
- A later pass of a day says it again only with more drives missing together.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from msgspec.structs import replace

from agent.collect.roster import Held, Roster, forget_days
from bus import contract
from bus.contract import Absence
from bus.identity import normal_serial

ANNOUNCE_DAYS = 60
"""Long enough for an outage of the log and the grace of any state; a drive that has not come back
by then is somebody's decision."""
TOGETHER_DAYS = 1
"""A shelf is pulled around midnight, too."""


def find_missing(roster: Roster, day: date, known_serials: frozenset[str]) -> list[str]:
    """Keys of the drives to speak of; `known_serials` (normal) are there without being read."""
    return [
        key
        for key, held in roster.drives.items()
        if held.last_day < day
        and normal_serial(held.drive.serial) not in known_serials
        and not _is_over(held, day)
    ]


def announce(
    roster: Roster, missing: Sequence[str], *, day: date, host: str, sent_at: datetime
) -> tuple[Roster, tuple[Absence, ...]]:
    """What there is to say of the missing drives, and the roster once it is said."""
    told, drives, absences = dict(roster.missing_today), dict(roster.drives), []
    over = [key for key, held in roster.drives.items() if _is_over(held, day)]
    away = [roster.drives[key].last_day for key in (*missing, *over)]
    for key in missing:
        absence = _absence(roster, key, away, day=day, host=host, sent_at=sent_at)
        weight = (absence.together, absence.held)
        if weight > told.get(key, (0, 0)):
            absences.append(absence)
            told[key] = weight
        drives[key] = replace(drives[key], announced=drives[key].announced or day)
    spoken_of = [roster.drives[key].last_day for key in missing]
    for key in over:
        if not _together(drives[key].last_day, spoken_of):
            del drives[key]
    return forget_days(replace(roster, drives=drives, missing_today=told)), tuple(absences)


def _together(last_day: date, others: Iterable[date]) -> int:
    """How many of the other last days are so near that one cause may have taken them all."""
    return sum(abs((other - last_day).days) <= TOGETHER_DAYS for other in others)


def _is_over(held: Held, day: date) -> bool:
    return held.announced is not None and (day - held.announced).days > ANNOUNCE_DAYS


def _absence(
    roster: Roster, key: str, away: Sequence[date], *, day: date, host: str, sent_at: datetime
) -> Absence:
    gone = roster.drives[key]
    names = {one.name for one in roster.names if one.first <= gone.last_day <= one.last}
    return Absence(
        schema=contract.SCHEMA,
        day=day,
        host=host,
        sent_at=sent_at,
        drive=gone.drive,
        last_day=gone.last_day,
        last_hosts=tuple(sorted(names)),
        together=_together(gone.last_day, away),
        held=roster.held[gone.last_day],
    )
