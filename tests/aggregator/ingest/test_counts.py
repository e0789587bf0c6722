"""Drives by group and day, counted out of bits, and not counted again for nothing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from aggregator.ingest import counts as counts_module
from aggregator.ingest.calendar import QUARTER_BITS, quarter_of, to_day
from aggregator.ingest.counts import APART, Counts, DayCounts, Groups, count
from aggregator.ingest.ledger import Ledger
from aggregator.ingest.presence import TILE
from tests.aggregator.ingest.facts import ledger_of, take
from tests.aggregator.ingest.stories import FIRST, days, history

BLOCK = quarter_of(to_day(FIRST)), 0
ROWS = st.lists(
    st.tuples(st.sets(st.integers(0, QUARTER_BITS - 1)), st.integers(APART, 3)), max_size=12
)


def groups_of(*groups: int) -> Groups:
    """Of the first rows of a tile; the others are left out."""
    return np.array([*groups, *[APART] * (TILE - len(groups))], dtype=np.int32)


@given(ROWS)
def test_it_counts_like_one_counts_by_hand(rows: list[tuple[set[int], int]]) -> None:
    bits = np.zeros((len(rows), QUARTER_BITS), dtype=bool)
    expected = np.zeros((4, QUARTER_BITS), dtype=int)
    for row, (on, group) in enumerate(rows):
        bits[row, list(on)] = True
        if group != APART:
            expected[group] += bits[row]
    packed = np.packbits(bits, axis=1, bitorder="little")
    groups = np.array([group for _, group in rows], dtype=np.int32)
    assert (count(packed, groups, 4) == expected).all()


def test_a_whole_tile_on_one_day_fits() -> None:
    bits = np.full((TILE, QUARTER_BITS // 8), 255, dtype=np.uint8)
    assert (count(bits, np.zeros(TILE, dtype=np.int32), 1) == TILE).all()


class TestTheMemory:
    @pytest.fixture
    def counted(self, monkeypatch: pytest.MonkeyPatch) -> list[int]:
        """Grows with each block that is really counted."""
        found: list[int] = []

        def counting(bits: NDArray[np.uint8], groups: Groups, many: int) -> DayCounts:
            found.append(len(bits))
            return count(bits, groups, many)

        monkeypatch.setattr(counts_module, "count", counting)
        return found

    @pytest.fixture
    def ledger(self) -> Ledger:
        return ledger_of([history(f"S{n}", day) for n in range(3) for day in days(FIRST, 4)])

    def test_what_did_not_change_is_not_counted_again(
        self, ledger: Ledger, counted: list[int]
    ) -> None:
        memory = Counts()
        first = memory.of(ledger, BLOCK, groups_of(0, 1, 1), 2)
        assert first.sum(axis=1).tolist() == [4, 8]
        ledger.presence.seal()
        assert memory.of(ledger, BLOCK, groups_of(0, 1, 1), 2) is first
        assert len(counted) == 1

    def test_new_bits_other_groups_and_more_of_them_are_counted(
        self, ledger: Ledger, counted: list[int]
    ) -> None:
        memory = Counts()
        memory.of(ledger, BLOCK, groups_of(0, 1, 1), 2)
        take(ledger, [history("S0", days(FIRST, 5)[-1])])
        assert memory.of(ledger, BLOCK, groups_of(0, 1, 1), 2).sum() == 13
        assert memory.of(ledger, BLOCK, groups_of(0, 0, APART), 2).sum() == 9
        assert memory.of(ledger, BLOCK, groups_of(0, 0, APART), 5).shape == (5, QUARTER_BITS)
        assert len(counted) == 4
