"""What the ledger says as of a day: who was present in a span, what each drive was, when born.

All of it looks only at facts of days up to the one asked for; later ones do not show through.
"""

import numpy as np
from numpy.typing import NDArray

from aggregator.ingest.calendar import (
    QUARTER_BITS,
    QUARTER_BYTES,
    Days,
    first_day_of,
    quarter_of,
)
from aggregator.ingest.ledger import Ledger
from aggregator.ingest.presence import NO_BIRTH, TILE, day_mask
from aggregator.ingest.runs import NOTHING, Numbers, Runs

UNBORN = -1
"""No power-on hours were ever read."""

Mask = NDArray[np.bool_]


def days_present(ledger: Ledger) -> Days:
    """The days on which any drive was present, in order."""
    found = []
    by_quarter: dict[int, NDArray[np.uint8]] = {}
    for block_id in ledger.presence.blocks():
        bits = np.bitwise_or.reduce(ledger.presence.look(block_id).bits, axis=0)
        held = by_quarter.get(block_id[0], np.zeros(QUARTER_BYTES, dtype=np.uint8))
        by_quarter[block_id[0]] = held | bits
    for quarter, bits in by_quarter.items():
        found.append(first_day_of(quarter) + np.flatnonzero(np.unpackbits(bits, bitorder="little")))
    days: Days = np.concatenate([*found, []]).astype(np.int32)
    return days


def present_between(ledger: Ledger, first: int, last: int) -> Mask:
    """[rows] drives present on any day of a span, both ends included."""
    seen = np.zeros(len(ledger.rows), dtype=bool)
    if last < first:
        return seen
    first_quarter, last_quarter = quarter_of(first), quarter_of(last)
    for quarter, tile in ledger.presence.blocks():
        if first_quarter <= quarter <= last_quarter:
            start = first_day_of(quarter)
            mask = day_mask(first - start, last - start)
            bits = ledger.presence.look((quarter, tile)).bits[: len(seen) - tile * TILE]
            seen[tile * TILE : tile * TILE + len(bits)] |= (bits & mask).any(axis=1)
    return seen


def word_as_of(ledger: Ledger, runs: Runs, day: int, on_day: Mask) -> Numbers:
    """[rows] the word of a column on each drive's latest day up to `day`.

    `on_day` are the drives present on it. Rows without such a day hold any word or NOTHING: they
    are in no count.
    """
    rows = len(ledger.rows)
    words = runs.last[:rows].copy()
    later = (ledger.latest[:rows] > day) & (runs.since[:rows] > 0)
    for row in np.flatnonzero(later & on_day & (runs.since[:rows] > day)):
        words[row] = runs.at(int(row), day)
    for row in np.flatnonzero(later & ~on_day):
        latest = latest_day(ledger, int(row), day)
        words[row] = NOTHING if latest is None else runs.at(int(row), latest)
    return words


def births_as_of(ledger: Ledger, day: int) -> Days:
    """[rows] the day each drive's power-on hours count from, or UNBORN.

    The newest quarter up to `day` that told hours decides; in the day's own quarter only days up
    to it count.
    """
    births = np.full(len(ledger.rows), UNBORN, dtype=np.int32)
    for quarter, tile in ledger.presence.blocks():
        offset = day - first_day_of(quarter)
        if offset >= 0:
            block = ledger.presence.look((quarter, tile))
            here = births[tile * TILE : tile * TILE + len(block.birth)]
            told = (block.birth_at != NO_BIRTH) & (block.birth_at <= offset)
            told = told[: len(here)]
            here[told] = block.birth[: len(here)][told]
    return births


def birth_as_of(ledger: Ledger, row: int, day: int) -> int:
    """`births_as_of` for one drive."""
    born = UNBORN
    for quarter, tile in ledger.presence.blocks():
        offset = day - first_day_of(quarter)
        if tile == row // TILE and offset >= 0:
            block = ledger.presence.look((quarter, tile))
            told_at = NO_BIRTH if row % TILE >= len(block.birth) else block.birth_at[row % TILE]
            if told_at != NO_BIRTH and told_at <= offset:
                born = int(block.birth[row % TILE])
    return born


def span_of_days(ledger: Ledger, day: int) -> tuple[Days, Days, Days]:
    """[rows] each drive's first and last day up to `day`, and how many days it was present.

    Drives without such a day have 0 days.
    """
    rows = len(ledger.rows)
    first, last, present = (np.zeros(rows, dtype=np.int32) for _ in range(3))
    for quarter, tile in ledger.presence.blocks():
        start = first_day_of(quarter)
        bits = ledger.presence.look((quarter, tile)).bits[: rows - tile * TILE]
        days = np.unpackbits(bits & day_mask(0, day - start), axis=1, bitorder="little")
        here = slice(tile * TILE, tile * TILE + len(bits))
        counts = days.sum(axis=1, dtype=np.int32)
        fresh = (present[here] == 0) & (counts > 0)
        first[here][fresh] = start + days.argmax(axis=1)[fresh]
        last[here][counts > 0] = (start + QUARTER_BITS - 1 - days[:, ::-1].argmax(axis=1))[
            counts > 0
        ]
        present[here] += counts
    return first, last, present


def latest_day(ledger: Ledger, row: int, day: int) -> int | None:
    """The latest day up to `day` on which a drive was present."""
    latest = None
    for first, last in presence_runs(ledger, row):
        if first <= day:
            latest = min(last, day)
    return latest


def presence_runs(ledger: Ledger, row: int) -> list[tuple[int, int]]:
    """(first, last) of each run of days on which a drive was present, in order."""
    found = []
    for quarter, days in ledger.presence.row(row):
        found.append(first_day_of(quarter) + np.flatnonzero(days))
    days = np.concatenate([*found, []]).astype(np.int64)
    if not len(days):
        return []
    breaks = np.flatnonzero(np.diff(days) > 1)
    firsts = days[np.r_[0, breaks + 1]]
    lasts = days[np.r_[breaks, len(days) - 1]]
    return [(int(first), int(last)) for first, last in zip(firsts, lasts, strict=True)]
