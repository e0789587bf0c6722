"""Takes stock of a pass: what it adds to its day, whether it was all, and who is missing. Pure.

Rules (docs/lifecycle.md, "What a host says besides"):
- An inventory is complete when the scan ended well and every path was identified, but those that
  were not on each of the last 3 days with a pass; one that finds no data drive never is.
- Absences are said from a complete inventory only.
- A later pass of a day adds only what it knows better.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

import msgspec
from msgspec.structs import replace

from agent.collect.absences import announce, find_missing
from agent.collect.roster import Roster, Seen, begin_day, best_sightings, knows_more, note_seen
from bus import contract
from bus.contract import Absence, Inventory, Snapshot

EXCUSED_AFTER_DAYS = 3
"""A path that cannot be identified on so many days with a pass will not be tomorrow either."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What a pass found, in all."""

    day: date
    started_at: datetime
    host: str
    seen: Sequence[Seen]
    unidentified: Sequence[str] = ()  # paths, but those configured as ignored
    known_serials: frozenset[str] = frozenset()  # normal; of drives that were not to be read
    ended_well: bool = True
    smartctl_version: str = ""
    agent_version: str = ""
    place: contract.Place = contract.Place()


class Told(msgspec.Struct, frozen=True):
    """What a pass has to say, and the roster after it."""

    roster: Roster
    keys: tuple[str, ...]  # of all the day's passes so far
    snapshots: tuple[Snapshot, ...]
    absences: tuple[Absence, ...] = ()
    inventory: Inventory | None = None


def take_stock(roster: Roster, found: Found) -> Told:
    """One pass: what it adds to the day, who is missing, and the roster to keep."""
    told = note_unfinished(roster, found)
    roster = _note_unidentified(told.roster, found)
    missing = find_missing(roster, found.day, found.known_serials)
    best = best_sightings(found.seen).values()
    complete = _is_complete(roster, found, best)
    absences: tuple[Absence, ...] = ()
    if complete:
        roster, absences = announce(
            roster, missing, day=found.day, host=found.host, sent_at=found.started_at
        )
    inventory = _inventory(found, best, complete=complete, missing=len(missing))
    return replace(told, roster=roster, absences=absences, inventory=inventory)


def note_unfinished(roster: Roster, found: Found) -> Told:
    """What a pass that was cut short adds to its day: its drives, and nothing of others."""
    roster = begin_day(roster, found.day, found.host)
    best = best_sightings(found.seen)
    news = _news(roster, best)
    roster = replace(note_seen(roster, found.day, best), last_pass=found.started_at)
    return Told(roster, tuple(sorted(roster.today)), news)


def _news(roster: Roster, best: Mapping[str, Seen]) -> tuple[Snapshot, ...]:
    """What the day does not know yet, or not so well."""
    return tuple(one.snapshot for key, one in best.items() if knows_more(roster, key, one))


def _note_unidentified(roster: Roster, found: Found) -> Roster:
    """On which of the last days with a pass each path was without identity.

    A pass that did not try every path tells nothing of them, nor is its day one of those days.
    """
    if not found.ended_well:
        return roster
    days = {
        path: _latest((*roster.unidentified.get(path, ()), found.day))
        for path in found.unidentified
    }
    return replace(roster, pass_days=_latest((*roster.pass_days, found.day)), unidentified=days)


def _latest(days: Iterable[date]) -> tuple[date, ...]:
    return tuple(sorted(set(days))[-EXCUSED_AFTER_DAYS:])


def _is_complete(roster: Roster, found: Found, best: Iterable[Seen]) -> bool:
    if not found.ended_well or all(one.snapshot.role != "data" for one in best):
        return False
    return all(_is_excused(roster, path) for path in found.unidentified)


def _is_excused(roster: Roster, path: str) -> bool:
    full = len(roster.pass_days) == EXCUSED_AFTER_DAYS
    return full and roster.unidentified.get(path) == roster.pass_days


def _inventory(found: Found, best: Iterable[Seen], *, complete: bool, missing: int) -> Inventory:
    states = [one.snapshot.state for one in best]
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
