"""What the ledger says as of a day: who was present in a span, what each drive was, when born.

All of it looks only at facts of days up to the one asked for; later ones do not show through.
"""

import numpy as np
from numpy.typing import NDArray

from aggregator.ingest.calendar import QUARTER_BITS, QUARTER_BYTES, Days, first_day_of
from aggregator.ingest.ledger import NEVER, Ledger
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
    for quarter, tile in ledger.presence.blocks():
        start = first_day_of(quarter)
        if start <= last and first < start + QUARTER_BITS:
            mask = day_mask(first - start, last - start)
            bits = ledger.presence.look((quarter, tile)).bits[: len(seen) - tile * TILE]
            seen[tile * TILE : tile * TILE + len(bits)] |= (bits & mask).any(axis=1)
    return seen


def latest_days(ledger: Ledger, day: int) -> Days:
    """[rows] the latest day up to one on which each drive was present, or NEVER."""
    latest: Days = ledger.latest[: len(ledger.rows)].copy()
    later = latest > day
    latest[later] = NEVER
    for quarter, tile in reversed(ledger.presence.blocks()):  # the newest tells of nearly all
        start = first_day_of(quarter)
        asked = tile * TILE + np.flatnonzero(later[tile * TILE : (tile + 1) * TILE])
        if start <= day and len(asked):
            bits = ledger.presence.look((quarter, tile)).bits & day_mask(0, day - start)
            asked = asked[asked < tile * TILE + len(bits)]
            days = np.unpackbits(bits[asked - tile * TILE], axis=1, bitorder="little")
            some = days.any(axis=1)
            latest[asked[some]] = start + QUARTER_BITS - 1 - days[some, ::-1].argmax(axis=1)
            later[asked[some]] = False
    return latest


def word_as_of(runs: Runs, latest: Days) -> Numbers:
    """[rows] the word of a column on each drive's `latest` day, or NOTHING where that is NEVER."""
    words = np.where(latest == NEVER, NOTHING, runs.last[: len(latest)]).astype(np.int32)
    for row in np.flatnonzero((latest != NEVER) & (latest < runs.since[: len(latest)])):
        words[row] = runs.at(int(row), int(latest[row]))
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
    for quarter, tile in reversed(ledger.presence.blocks()):
        offset = day - first_day_of(quarter)
        if tile == row // TILE and offset >= 0:
            block = ledger.presence.look((quarter, tile))
            told_at = NO_BIRTH if row % TILE >= len(block.birth) else block.birth_at[row % TILE]
            if told_at != NO_BIRTH and told_at <= offset:
                return int(block.birth[row % TILE])
    return UNBORN


def count_days(ledger: Ledger, day: int) -> tuple[Days, Days]:
    """[rows] each drive's first day up to one (or NEVER), and on how many it was present."""
    rows = len(ledger.rows)
    first, present = np.full(rows, NEVER, dtype=np.int32), np.zeros(rows, dtype=np.int32)
    for quarter, tile in ledger.presence.blocks():
        start = first_day_of(quarter)
        if start <= day:
            bits = ledger.presence.look((quarter, tile)).bits[: rows - tile * TILE]
            days = np.unpackbits(bits & day_mask(0, day - start), axis=1, bitorder="little")
            here = slice(tile * TILE, tile * TILE + len(bits))
            fresh = (first[here] == NEVER) & days.any(axis=1)
            first[here][fresh] = start + days.argmax(axis=1)[fresh]
            present[here] += days.sum(axis=1, dtype=np.int32)
    return first, present
