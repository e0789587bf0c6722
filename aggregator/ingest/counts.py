"""Drive-days by group and day, worked out of the blocks; what did not change is not worked again.

A drive-day's group is (what the drive settled to be, the datacenter of that day). For nearly all
drives both hold for a whole quarter, so a block is counted by sorting its rows by group, unpacking
the bits and adding up each group's rows. The few drives whose datacenter changed are counted run
by run.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from aggregator.ingest.calendar import QUARTER_BITS, first_day_of
from aggregator.ingest.ledger import Ledger
from aggregator.ingest.presence import TILE, BlockId, day_mask
from aggregator.ingest.runs import NOTHING

Groups = NDArray[np.int32]
DayCounts = NDArray[np.int32]  # [groups, 96 days of a quarter]

APART = -1
"""The group of a row that is counted run by run."""


@dataclass(slots=True, eq=False)
class _Counted:
    version: int
    groups: Groups
    counts: DayCounts


@dataclass(slots=True)
class Counts:
    """A memory of counted blocks of one ledger; a pure cache: it only saves time."""

    _blocks: dict[BlockId, _Counted] = field(default_factory=dict)

    def of(self, ledger: Ledger, block_id: BlockId, groups: Groups, many: int) -> DayCounts:
        """[many, 96] drives present by group and day of a block.

        `groups` is the group of each row of the tile, APART for rows that are left out.
        """
        version = ledger.presence.version(block_id)
        held = self._blocks.get(block_id)
        if (
            held is not None
            and held.version == version
            and len(held.counts) == many
            and np.array_equal(held.groups, groups)
        ):
            return held.counts
        counts = _count(ledger.presence.look(block_id).bits, groups, many)
        self._blocks[block_id] = _Counted(version, groups, counts)
        return counts


def movers(ledger: Ledger, place_of: Callable[[int], int]) -> NDArray[np.int64]:
    """Rows of drives that were in more than one datacenter.

    `place_of` gives the number of the datacenter of a word of `ledger.where`.
    """
    runs = ledger.where.runs
    moved = []
    for row, pieces in runs.pieces.items():
        now = place_of(int(runs.last[row]))
        if any(place_of(word) != now for word in pieces[1::2]):
            moved.append(row)
    return np.array(moved, dtype=np.int64)


def count_apart(
    ledger: Ledger,
    block_id: BlockId,
    rows: NDArray[np.int64],
    group_at: Callable[[int, int], int],
    many: int,
) -> DayCounts:
    """[many, 96] of rows that change their group: `group_at(row, word of where)` names it."""
    quarter, tile = block_id
    start = first_day_of(quarter)
    bits = ledger.presence.look(block_id).bits
    counts = np.zeros((many, QUARTER_BITS), dtype=np.int32)
    for row in rows[(rows // TILE == tile) & (rows % TILE < len(bits))]:
        own = bits[row % TILE]
        for first, last, word in ledger.where.runs.between(int(row), start, start + QUARTER_BITS):
            if word != NOTHING:
                here = own & day_mask(first - start, last - start)
                counts[group_at(int(row), word)] += np.unpackbits(here, bitorder="little")
    return counts


def _count(bits: NDArray[np.uint8], groups: Groups, many: int) -> DayCounts:
    counts = np.zeros((many, QUARTER_BITS), dtype=np.int32)
    groups = groups[: len(bits)]
    order = np.argsort(groups, kind="stable")
    order = order[groups[order] != APART]
    if not len(order):
        return counts
    of_row = groups[order]
    starts = np.flatnonzero(np.r_[True, of_row[1:] != of_row[:-1]])
    days = np.unpackbits(bits[order], axis=1, bitorder="little")
    counts[of_row[starts]] = np.add.reduceat(days, starts, axis=0, dtype=np.int32)
    return counts
