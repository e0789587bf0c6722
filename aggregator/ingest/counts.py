"""Drive-days by group and day, counted out of blocks; what did not change is not counted again.

A block is counted by sorting its rows by group, unpacking the bits and adding up each group's rows.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from aggregator.ingest.calendar import QUARTER_BITS
from aggregator.ingest.ledger import Ledger
from aggregator.ingest.presence import BlockId

Groups = NDArray[np.int32]
DayCounts = NDArray[np.uint16]  # [groups, 96 days of a quarter]; a block has 32,768 drives at most

APART = -1
"""The group of a row that is not counted here."""


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
        bits = ledger.presence.look(block_id).bits
        counts = count(bits, groups[: len(bits)], many)
        self._blocks[block_id] = _Counted(version, groups, counts)
        return counts


def count(bits: NDArray[np.uint8], groups: Groups, many: int) -> DayCounts:
    """[many, 96] set bits by group and day; `bits` [rows, 12], `groups` [rows]."""
    counts = np.zeros((many, QUARTER_BITS), dtype=np.uint16)
    order = np.argsort(groups, kind="stable")
    order = order[groups[order] != APART]
    if not len(order):
        return counts
    of_row = groups[order]
    starts = np.flatnonzero(np.r_[True, of_row[1:] != of_row[:-1]])
    days = np.unpackbits(bits[order], axis=1, bitorder="little")
    counts[of_row[starts]] = np.add.reduceat(days, starts, axis=0, dtype=np.uint16)
    return counts
