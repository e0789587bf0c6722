"""Spans of days on which drives were present, for the few drives that are looked at one by one.

Each block is decoded once, whatever the number of drives; days are looked at for a slice of drives
at a time, for twelve years of one drive unpack to 5 kB.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from aggregator.ingest.calendar import QUARTER_BITS, QUARTER_BYTES, Days, first_day_of
from aggregator.ingest.presence import TILE, Presence
from aggregator.ingest.runs import Rows

Span = tuple[int, int]  # first and last day, both included
Spans = tuple[Span, ...]

Bits = NDArray[np.uint8]

SLICE_ROWS = 512
NO_DAY = -1
"""A quarter has fewer days than its bytes have bits."""


def spans_of(presence: Presence, rows: Sequence[int] | Rows) -> list[Spans]:
    """Of each row the runs of days on which it was present, in order; rows in any order."""
    asked = np.asarray(rows, dtype=np.int64)
    found: list[Spans] = [()] * len(asked)
    for tile in map(int, np.unique(asked // TILE)):
        here = np.flatnonzero(asked // TILE == tile)
        bits, days = _gather(presence, tile, asked[here] % TILE)
        for begin in range(0, len(here), SLICE_ROWS):
            some = slice(begin, begin + SLICE_ROWS)
            for index, spans in zip(here[some], _spans(bits[some], days), strict=True):
                found[index] = spans
    return found


def spans_of_row(presence: Presence, row: int) -> Spans:
    """`spans_of` for one drive."""
    return spans_of(presence, [row])[0]


def cut_spans(spans: Spans, last: int) -> Spans:
    """The days of spans up to `last`."""
    return tuple((begin, min(end, last)) for begin, end in spans if begin <= last)


def _gather(presence: Presence, tile: int, within: Rows) -> tuple[Bits, Days]:
    """([rows, bytes] of all quarters of a tile, [bits] their days, or NO_DAY)."""
    blocks = [block_id for block_id in presence.blocks() if block_id[1] == tile]
    bits = np.zeros((len(within), len(blocks) * QUARTER_BYTES), dtype=np.uint8)
    days = np.full(len(blocks) * QUARTER_BITS, NO_DAY, dtype=np.int32)
    for number, (quarter, _) in enumerate(blocks):
        of_block = presence.look((quarter, tile)).bits
        there = within < len(of_block)
        at = slice(number * QUARTER_BYTES, (number + 1) * QUARTER_BYTES)
        bits[there, at] = of_block[within[there]]
        own = np.arange(first_day_of(quarter), first_day_of(quarter + 1), dtype=np.int32)
        days[number * QUARTER_BITS :][: len(own)] = own
    return bits, days


def _spans(bits: Bits, days: Days) -> list[Spans]:
    """Of each row: neighbours that are set are one span where their days follow each other."""
    present = np.unpackbits(bits, axis=1, bitorder="little")[:, days != NO_DAY]
    days = days[days != NO_DAY]
    follows = (np.diff(days) == 1).astype(np.uint8)
    joined = present[:, 1:] & present[:, :-1] & follows
    edge = np.zeros((len(bits), 1), dtype=np.uint8)
    rows, begins = np.nonzero(present > np.hstack([edge, joined]))
    _, ends = np.nonzero(present > np.hstack([joined, edge]))
    spans = list(zip(days[begins].tolist(), days[ends].tolist(), strict=True))
    parts = np.searchsorted(rows, np.arange(len(bits) + 1)).tolist()
    return [tuple(spans[parts[row] : parts[row + 1]]) for row in range(len(bits))]
