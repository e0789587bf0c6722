"""Who was present on which day: bits in blocks of a calendar quarter by a tile of drives.

A block holds, drive-major, 12 bytes of bits and the drive's birth of that quarter: the day its
power-on hours count from, told by the first day in the quarter with believable hours. The newest
quarters are open; older ones are zstd frames, opened when a late fact touches them and closed at
the next checkpoint. Why these shapes: docs/decisions.md, "Blocks".
"""

from dataclasses import dataclass, field

import numpy as np
import zstandard
from numpy.typing import NDArray

from aggregator.ingest.calendar import QUARTER_BITS, QUARTER_BYTES, Days, quarters_of
from aggregator.ingest.runs import Rows

TILE = 32_768
"""Drives in a block: 0.5 MB, opened in under a millisecond whatever the fleet's size."""
OPEN_QUARTERS = 2
"""Newest quarters that stay open: nearly all late facts are of them, 30 bytes a drive."""
NO_BIRTH = 255
"""In `birth_at`: no day of the quarter told power-on hours."""
NO_HOURS = -1

BlockId = tuple[int, int]  # quarter, tile


@dataclass(slots=True, eq=False)
class Block:
    """One open block; arrays have room for rows that are not there yet."""

    bits: NDArray[np.uint8]  # [rows, 12], day 0 of the quarter is bit 0 of byte 0
    birth_at: NDArray[np.uint8]  # [rows] offset of the day that told the birth
    birth: NDArray[np.uint16]  # [rows] day number
    version: int = 0  # changes with the bits

    @classmethod
    def empty(cls, rows: int) -> "Block":
        return cls(
            np.zeros((rows, QUARTER_BYTES), dtype=np.uint8),
            np.full(rows, NO_BIRTH, dtype=np.uint8),
            np.zeros(rows, dtype=np.uint16),
        )

    def grown(self, rows: int) -> "Block":
        """The same block with room for at least `rows`."""
        more = Block.empty(min(TILE, max(rows, 2 * len(self.bits))) - len(self.bits))
        return Block(
            np.concatenate([self.bits, more.bits]),
            np.concatenate([self.birth_at, more.birth_at]),
            np.concatenate([self.birth, more.birth]),
            self.version,
        )

    def to_bytes(self) -> bytes:
        return self.bits.tobytes() + self.birth_at.tobytes() + self.birth.tobytes()

    @classmethod
    def from_bytes(cls, raw: bytes, version: int = 0) -> "Block":
        rows = len(raw) // (QUARTER_BYTES + 3)
        cut = rows * QUARTER_BYTES
        return cls(
            np.frombuffer(raw[:cut], dtype=np.uint8).reshape(rows, QUARTER_BYTES).copy(),
            np.frombuffer(raw[cut : cut + rows], dtype=np.uint8).copy(),
            np.frombuffer(raw[cut + rows :], dtype=np.uint16).copy(),
            version,
        )


@dataclass(slots=True)
class Presence:
    """The blocks of one partition."""

    open: dict[BlockId, Block] = field(default_factory=dict)
    sealed: dict[BlockId, tuple[bytes, int]] = field(default_factory=dict)  # frame, version
    changes: int = 0  # of bits or births, in all blocks

    def add(self, rows: Rows, days: Days, hours: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Take drive-days in; each row at most once. Tells which were known already.

        `hours` are believable power-on hours, or NO_HOURS.
        """
        quarters, offsets = quarters_of(days)
        tiles = rows // TILE
        known = np.zeros(len(rows), dtype=bool)
        group = quarters.astype(np.int64) << 32 | tiles
        for one in np.unique(group):
            here = np.flatnonzero(group == one)
            block = self._opened((int(one) >> 32, int(one) & 0xFFFF_FFFF), rows[here])
            within = rows[here] % TILE
            known[here] = _mark(block, within, offsets[here])
            self.changes += not known[here].all()
            self.changes += _bear(block, within, days[here], offsets[here], hours[here])
        return known

    def unite(self, quarter: int, rows: Rows, other: Block) -> None:
        """Add the facts of another ledger's block; `rows` are the rows here of its rows there."""
        for tile in map(int, np.unique(rows // TILE)):
            chosen = np.flatnonzero(rows[: len(other.bits)] // TILE == tile)
            if len(chosen):
                block = self._opened((quarter, tile), rows[chosen])
                _unite(block, rows[chosen] % TILE, other, chosen)
                self.changes += 1

    def blocks(self) -> list[BlockId]:
        """All blocks, by quarter, then tile."""
        return sorted({*self.open, *self.sealed})

    def look(self, block_id: BlockId) -> Block:
        """A block to read; a sealed one is decoded for this once and stays sealed."""
        block = self.open.get(block_id)
        return block if block is not None else _unsealed(*self.sealed[block_id])

    def version(self, block_id: BlockId) -> int:
        """A number that changes when the block's bits do."""
        block = self.open.get(block_id)
        return block.version if block is not None else self.sealed[block_id][1]

    def seal(self) -> None:
        """Close the blocks of all but the newest quarters."""
        newest = max((quarter for quarter, _ in self.blocks()), default=0)
        compress = zstandard.ZstdCompressor(level=1)
        for block_id in [at for at in self.open if at[0] <= newest - OPEN_QUARTERS]:
            block = self.open[block_id]
            self.sealed[block_id] = (compress.compress(block.to_bytes()), block.version)
            del self.open[block_id]  # only now: others may be reading

    def _opened(self, block_id: BlockId, rows: Rows) -> Block:
        block = self.open.get(block_id)
        if block is None:
            sealed = self.sealed.pop(block_id, None)
            block = Block.empty(64) if sealed is None else _unsealed(*sealed)
            self.open[block_id] = block
        needed = int(rows.max()) % TILE + 1
        if needed > len(block.bits):
            block = self.open[block_id] = block.grown(needed)
        return block


def day_mask(first: int | Days, last: int | Days) -> NDArray[np.uint8]:
    """[..., 12] bits of the quarter's days from offset `first` to `last`, included and clipped.

    Of two columns [n, 1] a mask each.
    """
    days = np.arange(QUARTER_BITS)
    return np.packbits((days >= first) & (days <= last), axis=-1, bitorder="little")


def _mark(block: Block, rows: Rows, offsets: Days) -> NDArray[np.bool_]:
    """Set each row's bit of a day; which were set before."""
    byte = offsets >> 3
    bit = (1 << (offsets & 7)).astype(np.uint8)
    before = block.bits[rows, byte]
    known: NDArray[np.bool_] = (before & bit) != 0
    if not known.all():
        block.bits[rows, byte] = before | bit
        block.version += 1
    return known


def _bear(block: Block, rows: Rows, days: Days, offsets: Days, hours: NDArray[np.int64]) -> bool:
    """Births: the earliest day of the quarter tells; of one day's words the most hours.

    Tells whether any was new.
    """
    born = days - hours // 24
    at = block.birth_at[rows]
    better = (offsets < at) | ((offsets == at) & (born < block.birth[rows]))
    better &= hours != NO_HOURS
    block.birth_at[rows[better]] = offsets[better]
    block.birth[rows[better]] = born[better]
    return bool(better.any())


def _unite(block: Block, rows: Rows, other: Block, others: Rows) -> None:
    block.bits[rows] |= other.bits[others]
    block.version += 1
    at, its_at = block.birth_at[rows], other.birth_at[others]
    born, its_born = block.birth[rows], other.birth[others]
    better = (its_at < at) | ((its_at == at) & (its_born < born))
    block.birth_at[rows[better]] = its_at[better]
    block.birth[rows[better]] = its_born[better]


def _unsealed(frame: bytes, version: int) -> Block:
    return Block.from_bytes(zstandard.ZstdDecompressor().decompress(frame), version)
