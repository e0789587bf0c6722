"""The roll of drives: every drive of a ledger up to a day, a line each."""

from collections.abc import Iterator

import numpy as np

from aggregator.ingest.asof import (
    UNBORN,
    births_as_of,
    present_between,
    span_of_days,
    word_as_of,
)
from aggregator.ingest.calendar import to_date
from aggregator.ingest.ledger import Ledger
from aggregator.ingest.naming import Naming
from aggregator.ingest.summary import spoken_of
from aggregator.ingest.words import hosts_of
from aggregator.life.confirmed import booked_days
from aggregator.life.fleet import ACTIVE_DAYS, state_of
from aggregator.rates.figures import DriveLine, DriveState


def call_roll(ledger: Ledger, as_of: int, naming: Naming) -> Iterator[DriveLine]:
    """A line for each drive that was present up to `as_of`, by first sight."""
    on_day = present_between(ledger, as_of, as_of)
    whats = word_as_of(ledger, ledger.what.runs, as_of, on_day)
    wheres = word_as_of(ledger, ledger.where.runs, as_of, on_day)
    slots = word_as_of(ledger, ledger.slots.runs, as_of, on_day)
    born = births_as_of(ledger, as_of)
    first, last, drive_days = span_of_days(ledger, as_of)
    told: dict[int, list[int]] = {row: [] for row in ledger.verdicts}
    for row, day in ledger.failures:
        told.setdefault(row, []).append(day)
    keys = ledger.keys()
    for row in map(int, np.flatnonzero(drive_days)):
        what = ledger.what.pool.words[whats[row]]
        group = naming.group(what.raw_model, what.role)
        booked: frozenset[int] = frozenset()
        state: DriveState = "active" if last[row] > as_of - ACTIVE_DAYS else "unaccounted"
        if row in told:
            spoken = spoken_of(ledger, row, keys[row], as_of, group, UNBORN, told[row])
            booked = booked_days(spoken, as_of)
            state = state_of(spoken, booked, as_of)
        yield DriveLine(
            key=keys[row],
            manufacturer=group.manufacturer,
            model=group.model,
            role="boot" if what.role == "boot" else "data",
            state=state,
            hosts=hosts_of(ledger.where.pool.words[wheres[row]]),
            slot=ledger.slots.pool.words[slots[row]].slot,
            first_day=to_date(first[row]),
            last_day=to_date(last[row]),
            drive_days=int(drive_days[row]),
            born=None if born[row] == UNBORN else to_date(born[row]),
            failed=to_date(max(booked)) if booked else None,
        )
