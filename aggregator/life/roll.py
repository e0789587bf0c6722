"""The roll of drives: every drive of a ledger up to a day, a line each."""

from collections.abc import Iterator

import numpy as np

from aggregator.ingest.asof import UNBORN, births_as_of, count_days, latest_days, word_as_of
from aggregator.ingest.calendar import to_date
from aggregator.ingest.ledger import NEVER, Ledger
from aggregator.ingest.naming import Naming
from aggregator.ingest.spans import spans_of
from aggregator.ingest.words import hosts_of
from aggregator.life.confirmed import booked_days
from aggregator.life.fleet import state_of
from aggregator.rates.figures import DriveLine

NO_FAILURE: frozenset[int] = frozenset()


def call_roll(ledger: Ledger, as_of: int, naming: Naming) -> Iterator[DriveLine]:
    """A line for each drive that was present up to `as_of`, by first sight."""
    latest = latest_days(ledger, as_of)
    whats = word_as_of(ledger.what.runs, latest)
    wheres = word_as_of(ledger.where.runs, latest)
    slots = word_as_of(ledger.slots.runs, latest)
    born = births_as_of(ledger, as_of)
    first, drive_days = count_days(ledger, as_of)
    groups = [naming.group(what.raw_model, what.role) for what in ledger.what.pool.words]
    booked = _booked(ledger, as_of)
    keys = ledger.keys()
    for row in map(int, np.flatnonzero(latest != NEVER)):
        group = groups[whats[row]]
        failures = booked.get(row, NO_FAILURE)
        yield DriveLine(
            key=keys[row],
            manufacturer=group.manufacturer,
            model=group.model,
            role="boot" if group.role == "boot" else "data",
            state=state_of(int(latest[row]), failures, as_of),
            hosts=hosts_of(ledger.where.pool.words[wheres[row]]),
            slot=ledger.slots.pool.words[slots[row]].slot,
            first_day=to_date(first[row]),
            last_day=to_date(latest[row]),
            drive_days=int(drive_days[row]),
            born=None if born[row] == UNBORN else to_date(born[row]),
            failed=to_date(max(failures)) if failures else None,
        )


def _booked(ledger: Ledger, as_of: int) -> dict[int, frozenset[int]]:
    """The days on which failures are booked, of the drives of which more was said."""
    told: dict[int, list[int]] = {row: [] for row in ledger.verdicts}
    for row, day in ledger.failures:
        told.setdefault(row, []).append(day)
    presence = spans_of(ledger.presence, list(told))
    return {
        row: booked_days(days, failures, ledger.verdicts.get(row, {}), as_of)
        for (row, failures), days in zip(told.items(), presence, strict=True)
    }
