"""The ledger of one partition: the set of facts that hosts, history and operators have told.

Rules:
- Facts are united: adding one twice, late, in any order or from another ledger changes nothing.
- It holds what was said, settled by rules without regard to order. What follows from it (states,
  failures, rates) is worked out elsewhere and kept nowhere.
- A drive is a row, by first sight; a row's number means nothing outside its ledger.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from aggregator.ingest.calendar import Days
from aggregator.ingest.presence import Presence
from aggregator.ingest.runs import NOTHING, Numbers, Rows, Runs
from aggregator.ingest.words import (
    Pool,
    Report,
    Signs,
    Slot,
    W,
    What,
    Where,
    settle_reports,
    settle_signs,
    settle_slots,
    settle_what,
    settle_where,
)

N = TypeVar("N")
F = TypeVar("F", bound=tuple[object, ...])

NOT_LIVE = 2**31 - 1
"""No live fact: later than every day."""
NEVER = -1
"""The latest day of a drive that was spoken of (an absence, a verdict) and never seen."""


class Absent(NamedTuple):
    """A host's absence of a day; of two the larger stands, in this order of fields."""

    together: int
    held: int
    last_hosts: tuple[str, ...]
    last_day: int


class Told(NamedTuple):
    """A verdict, without its id; of two with one id the larger stands."""

    verb: str
    day: int
    until: int  # NEVER: its day only
    of: str
    given_at_ms: int
    who: str
    reason: str


class Said(Generic[W]):
    """One column of words: their pool, and which holds when."""

    def __init__(self, pool: Pool[W]) -> None:
        self.pool = pool
        self.runs = Runs()

    def say(
        self, words: Numbers, rows: Rows, days: Days, known: NDArray[np.bool_], latest: Days
    ) -> None:
        """Take words in, each row at most once."""
        self.runs.say(self.pool, rows, days, words, known, latest)


@dataclass(slots=True)
class Sightings:
    """Believed snapshots as columns of equal length; words are numbers of the ledger's pools."""

    rows: Rows
    days: Days
    hours: NDArray[np.int64]
    what: Numbers
    where: Numbers
    slots: Numbers
    signs: Numbers

    def pick(self, chosen: NDArray[np.bool_]) -> "Sightings":
        return Sightings(
            self.rows[chosen],
            self.days[chosen],
            self.hours[chosen],
            self.what[chosen],
            self.where[chosen],
            self.slots[chosen],
            self.signs[chosen],
        )


@dataclass
class Hosts:
    """The hosts that sent inventories, and what they reported day by day."""

    rows: dict[str, int] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    reports: Said[Report] = field(default_factory=lambda: Said(Pool(settle_reports)))

    def row_of(self, name: str) -> int:
        row = self.rows.setdefault(name, len(self.names))
        if row == len(self.names):
            self.names.append(name)
            if row >= len(self.reports.runs.last):
                self.reports.runs.grow(max(16, 2 * row))
        return row


class Ledger:
    """The facts of one partition. One owner, one writer."""

    def __init__(self) -> None:
        self.rows: dict[str, int] = {}  # by key, in the order of the rows
        self.latest: Days = np.empty(0, dtype=np.int32)
        self.presence = Presence()
        self.what: Said[What] = Said(Pool(settle_what))
        self.where: Said[Where] = Said(Pool(settle_where))
        self.slots: Said[Slot] = Said(Pool(settle_slots))
        self.signs: Said[Signs] = Said(Pool(settle_signs))
        self.failures: set[tuple[int, int]] = set()  # (row, day), told by imported history
        self.absences: dict[int, dict[tuple[str, int], Absent]] = {}  # row -> (host, day)
        self.verdicts: dict[int, dict[str, Told]] = {}  # row -> id
        self.hosts = Hosts()
        self.live_from = NOT_LIVE  # the first day of a live snapshot, absence or inventory
        self.taken_in: datetime | None = None  # simulated logs: the latest, which is "now"
        self._changes = 0  # of facts that are kept here

    @property
    def version(self) -> int:
        """A number that changes whenever a fact does."""
        words = sum(runs.version for runs in self.columns)
        return self._changes + self.presence.changes + words

    @property
    def columns(self) -> tuple[Runs, Runs, Runs, Runs]:
        """The columns of words about drives."""
        return self.what.runs, self.where.runs, self.slots.runs, self.signs.runs

    def row_of(self, key: str) -> int:
        """The drive's row, given now if the key is new."""
        row = self.rows.setdefault(key, len(self.rows))
        if row >= len(self.latest):
            self.make_room(row + 1)
        return row

    def keys(self) -> list[str]:
        """The keys by row. Takes a few milliseconds for 100,000 drives: ask once."""
        return list(self.rows)

    def make_room(self, rows: int) -> None:
        """Room for this many drives, and some more."""
        capacity = max(64, rows, min(2 * len(self.latest), len(self.latest) + 32_768))
        more = capacity - len(self.latest)
        self.latest = np.concatenate([self.latest, np.full(more, NEVER, dtype=np.int32)])
        for runs in self.columns:
            runs.grow(capacity)

    def see(self, seen: Sightings) -> int:
        """Take drive-days in; returns how many were new."""
        new = 0
        while len(seen.rows):
            now, seen = self._each_row_once(seen)
            new += self._see_once(now)
        return new

    def note_live(self, day: int) -> None:
        """A live snapshot, absence or inventory is of this day."""
        self._changes += day < self.live_from
        self.live_from = min(self.live_from, day)

    def note_time(self, now: datetime) -> None:
        """A simulated log took something in then."""
        if self.taken_in is None or now > self.taken_in:
            self.taken_in = now
            self._changes += 1

    def fail(self, row: int, day: int) -> bool:
        """Imported history says that the drive failed on that day."""
        fresh = (row, day) not in self.failures
        self.failures.add((row, day))
        self._changes += fresh
        return fresh

    def miss(self, row: int, host: str, day: int, said: Absent) -> bool:
        """A host says that the drive is absent on that day; whether that was new."""
        return self._keep(self.absences.setdefault(row, {}), (host, day), said)

    def decide(self, row: int, verdict_id: str, told: Told) -> bool:
        """An operator's verdict on the drive; whether that was new."""
        return self._keep(self.verdicts.setdefault(row, {}), verdict_id, told)

    def report(self, host: str, day: int, report: Report) -> bool:
        """A host's inventory of a day; whether that was new."""
        said = self.hosts.reports
        row = self.hosts.row_of(host)
        number = said.pool.number(report)
        known = said.runs.at(row, day) != NOTHING
        # Days without a report say nothing: a run ends with its day.
        fresh = said.runs.set(said.pool, row, day, number, known=known, latest=2**30)
        self._changes += fresh
        return fresh

    def _see_once(self, seen: Sightings) -> int:
        known = self.presence.add(seen.rows, seen.days, seen.hours)
        latest = self.latest[seen.rows]
        when = (seen.rows, seen.days, known, latest)
        self.what.say(seen.what, *when)
        self.where.say(seen.where, *when)
        self.slots.say(seen.slots, *when)
        self.signs.say(seen.signs, *when)
        self.latest[seen.rows] = np.maximum(latest, seen.days)
        return len(known) - int(np.count_nonzero(known))

    def _each_row_once(self, seen: Sightings) -> tuple[Sightings, Sightings]:
        """(sightings of which no two are of one row, the others)."""
        distinct, first = np.unique(seen.rows, return_index=True)
        once = np.zeros(len(seen.rows), dtype=bool)
        once[first] = True
        everyone = len(distinct) == len(seen.rows)
        return (seen if everyone else seen.pick(once)), seen.pick(~once)

    def _keep(self, facts: dict[N, F], name: N, fact: F) -> bool:
        """Of two facts by one name the larger stands."""
        held = facts.get(name)
        if held is not None and held >= fact:
            return False
        facts[name] = fact
        self._changes += 1
        return True
