"""Presence bits and births, in blocks that open, close and unite without a trace."""

import random
from datetime import date

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from aggregator.ingest.calendar import QUARTER_BITS, quarter_of, to_day
from aggregator.ingest.presence import (
    NO_BIRTH,
    NO_HOURS,
    TILE,
    Block,
    BlockId,
    Presence,
    day_mask,
)
from aggregator.ingest.spans import spans_of

Seen = tuple[int, int, int]  # row, day, hours

ROWS = (0, 1, 63, 64, TILE - 1, TILE, TILE + 5)
START = to_day(date(2026, 3, 20))
DAYS = (*range(START, START + 20), to_day(date(2013, 4, 10)), to_day(date(2025, 12, 31)))
SEEN = st.lists(
    st.tuples(
        st.sampled_from(ROWS), st.sampled_from(DAYS), st.sampled_from([NO_HOURS, 0, 100, 20_000])
    ),
    max_size=25,
)


def add(presence: Presence, seen: list[Seen]) -> list[bool]:
    """One by one; which were known before."""
    known = []
    for row, day, hours in seen:
        columns = np.array([row]), np.array([day], dtype=np.int32), np.array([hours])
        known += presence.add(*columns).tolist()
    return known


def check(presence: Presence, seen: list[Seen]) -> None:
    """It says these days and these births, and no others."""
    days = {row: {day for one, day, _ in seen if one == row} for row in ROWS}
    for row, spans in zip(ROWS, spans_of(presence, ROWS), strict=True):
        assert {d for first, last in spans for d in range(first, last + 1)} == days[row]
    births: dict[tuple[int, int], tuple[int, int]] = {}
    for row, day, hours in seen:
        if hours != NO_HOURS:
            told = day, day - hours // 24
            births[row, quarter_of(day)] = min(births.get((row, quarter_of(day)), told), told)
    assert births_of(presence) == {at: born for at, (_, born) in births.items()}


def births_of(presence: Presence) -> dict[tuple[int, int], int]:
    return {
        (tile * TILE + int(within), quarter): int(block.birth[within])
        for quarter, tile in presence.blocks()
        for block in [presence.look((quarter, tile))]
        for within in np.flatnonzero(block.birth_at != NO_BIRTH)
    }


@given(SEEN, st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_days_and_births_are_the_same_in_any_order_open_or_sealed(
    seen: list[Seen], chance: random.Random
) -> None:
    presence, told = Presence(), set[tuple[int, int]]()
    for one in seen:
        assert add(presence, [one]) == [one[:2] in told]
        told.add(one[:2])
        if chance.random() < 0.2:
            presence.seal()
    check(presence, seen)
    again = Presence()
    add(again, seen[::-1])
    check(again, seen)


@given(SEEN, SEEN)
@settings(max_examples=60)
def test_the_union_holds_the_days_and_births_of_both(mine: list[Seen], its: list[Seen]) -> None:
    presence, other = Presence(), Presence()
    add(presence, mine)
    add(other, its)
    presence.seal()
    # Rows of the other mean other drives here: each is moved on by 7.
    rows = np.arange(2 * TILE) + 7
    for quarter, tile in other.blocks():
        here = rows[tile * TILE : (tile + 1) * TILE]
        presence.unite(quarter, here, other.look((quarter, tile)))
    assert births_of(presence).keys() == {
        (row + shift, quarter_of(day))
        for shift, seen in ((0, mine), (7, its))
        for row, day, hours in seen
        if hours != NO_HOURS
    }
    for row in {*ROWS, *(row + 7 for row in ROWS)}:
        days = {day for one, day, _ in mine if one == row}
        days |= {day for one, day, _ in its if one + 7 == row}
        (spans,) = spans_of(presence, [row])
        assert {d for first, last in spans for d in range(first, last + 1)} == days


def test_of_one_days_hours_the_most_tell_the_birth() -> None:
    day = START
    for hours in ([100, 2_400], [2_400, 100]):
        presence = Presence()
        add(presence, [(0, day, told) for told in hours])
        assert births_of(presence) == {(0, quarter_of(day)): day - 100}


def test_the_first_day_of_a_quarter_tells_its_birth() -> None:
    presence = Presence()
    add(presence, [(0, START + 2, 48), (0, START, 24), (0, START + 1, 2_400)])
    assert births_of(presence) == {(0, quarter_of(START)): START - 1}


def test_all_but_the_newest_quarters_are_sealed_and_open_for_a_late_fact() -> None:
    presence = Presence()
    days = [to_day(date(2025, month, 5)) for month in (1, 4, 7, 10)]
    add(presence, [(0, day, NO_HOURS) for day in days])
    presence.seal()
    quarters = [quarter_of(day) for day in days]
    assert [quarter for quarter, _ in presence.sealed] == quarters[:2]
    assert [quarter for quarter, _ in presence.open] == quarters[2:]
    assert add(presence, [(0, days[0], NO_HOURS), (0, days[0] + 1, NO_HOURS)]) == [True, False]
    assert (quarters[0], 0) in presence.open
    assert presence.blocks() == [(quarter, 0) for quarter in quarters]


def test_a_block_can_be_looked_at_at_every_moment_of_its_sealing() -> None:
    """Serving reads in the event loop while a thread seals for a checkpoint."""
    presence = Presence()
    add(presence, [(0, to_day(date(2025, month, 5)), NO_HOURS) for month in (1, 7, 10)])

    class Watched(dict[BlockId, tuple[bytes, int]]):
        def __setitem__(self, key: BlockId, value: tuple[bytes, int]) -> None:
            assert key in presence.open
            super().__setitem__(key, value)

    presence.sealed = Watched()
    presence.seal()
    assert len(presence.sealed) == 1


def test_a_blocks_version_changes_with_its_bits_alone() -> None:
    presence, at = Presence(), (quarter_of(START), 0)
    add(presence, [(0, START, NO_HOURS)])
    version, changes = presence.version(at), presence.changes
    add(presence, [(0, START, NO_HOURS)])
    assert (presence.version(at), presence.changes) == (version, changes)
    add(presence, [(0, START, 50)])
    assert presence.version(at) == version
    assert presence.changes > changes, "a birth is a fact too"
    add(presence, [(1, START, NO_HOURS)])
    assert presence.version(at) != version


def test_a_block_comes_back_from_its_bytes() -> None:
    block = Block.empty(5)
    block.bits[2, 3], block.birth[4], block.birth_at[4] = 17, 20_000, 9
    again = Block.from_bytes(block.to_bytes(), 3)
    assert (again.bits == block.bits).all()
    assert (again.birth == block.birth).all()
    assert (again.birth_at == block.birth_at).all()
    assert again.version == 3


def test_a_mask_is_cut_to_its_quarter() -> None:
    def days(mask: NDArray[np.uint8]) -> list[int]:
        return [int(day) for day in np.flatnonzero(np.unpackbits(mask, bitorder="little"))]

    assert days(day_mask(3, 5)) == [3, 4, 5]
    assert days(day_mask(-100, 1)) == [0, 1]
    assert days(day_mask(90, 1_000)) == list(range(90, QUARTER_BITS))
    assert days(day_mask(5, 3)) == days(day_mask(-9, -1)) == days(day_mask(100, 200)) == []
    column = np.array([[0], [3]], dtype=np.int32)
    assert [days(mask) for mask in day_mask(column, column + 1)] == [[0, 1], [3, 4]]
