"""Words by day: whatever the order in which days are set, each day has its word."""

from array import array

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.ingest.runs import NOTHING, Runs
from aggregator.ingest.words import Pool, Signs, settle_signs

Saying = tuple[int, int, int]  # row, day, word

WORDS = [Signs((number,)) for number in range(4)]
"""Of two words for one day the larger number stands."""
SAYINGS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(10, 30), st.integers(0, 3)), max_size=60
)


class Said:
    """Runs beside the obvious table, row by row and day by day."""

    def __init__(self) -> None:
        self.pool: Pool[Signs] = Pool(settle_signs, WORDS)
        self.runs = Runs()
        self.runs.grow(4)
        self.table: dict[tuple[int, int], int] = {}

    def say(self, sayings: list[Saying]) -> None:
        """At once; no two of one row."""
        rows, days, words = np.array(sayings, dtype=np.int64).reshape(-1, 3).T
        known = np.array([(row, day) in self.table for row, day, _ in sayings], dtype=bool)
        latest = np.array([self.latest(row) for row, _, _ in sayings], dtype=np.int32)
        self.runs.say(self.pool, rows, days.astype(np.int32), words.astype(np.int32), known, latest)
        for row, day, word in sayings:
            self.table[row, day] = max(word, self.table.get((row, day), word))

    def latest(self, row: int) -> int:
        return max((day for one, day in self.table if one == row), default=-1)

    def check(self) -> None:
        for (row, day), word in self.table.items():
            assert self.runs.at(row, day) == word
        for row, pieces in self.runs.pieces.items():
            ends = list(pieces[::2])
            assert ends == sorted(set(ends))
            assert self.runs.since[row] == ends[-1]


@given(SAYINGS)
@settings(max_examples=300)
def test_every_day_keeps_its_word_in_any_order(sayings: list[Saying]) -> None:
    said = Said()
    for saying in sayings:
        said.say([saying])
        said.check()


@given(st.lists(st.lists(st.tuples(st.integers(10, 30), st.integers(0, 3)), max_size=4)))
def test_several_rows_at_once_are_said_like_one_by_one(
    batches: list[list[tuple[int, int]]],
) -> None:
    said = Said()
    for batch in batches:
        said.say([(row, day, word) for row, (day, word) in enumerate(batch)])
        said.check()


@given(SAYINGS)
def test_its_version_changes_with_any_word(sayings: list[Saying]) -> None:
    said = Said()
    for saying in sayings:
        before, version = dict(said.table), said.runs.version
        said.say([saying])
        if said.table.keys() == before.keys():
            assert (said.runs.version == version) == (said.table == before)


@given(SAYINGS, st.integers(5, 35), st.integers(0, 20))
def test_the_runs_of_a_span_cover_it_day_by_day(
    sayings: list[Saying], first: int, more: int
) -> None:
    said = Said()
    for saying in sayings:
        said.say([saying])
    for row in range(4):
        told = list(said.runs.between(row, first, first + more))
        days = [day for begin, end, _ in told for day in range(begin, end + 1)]
        assert days == list(range(first, first + more + 1))
        for begin, end, word in told:
            for day in range(begin, end + 1):
                assert said.table.get((row, day), word) == word


@given(SAYINGS)
def test_rows_can_be_given_their_runs_again(sayings: list[Saying]) -> None:
    said, again = Said(), Runs()
    for saying in sayings:
        said.say([saying])
    again.grow(4)
    again.last[:] = said.runs.last
    for row, pieces in said.runs.pieces.items():
        again.load(row, array("i", pieces))
    said.runs = again
    said.check()


def test_a_row_that_never_changes_costs_no_runs() -> None:
    said = Said()
    for day in (12, 11, 20, 15):
        said.say([(0, day, 2)])
    assert said.runs.pieces == {}
    assert said.runs.since[0] == 0


def test_neighbours_that_come_to_say_the_same_are_one_run() -> None:
    said = Said()
    for day, word in ((10, 1), (20, 2), (15, 3), (15, 3)):
        said.say([(0, day, word)])
    assert len(said.runs.pieces[0]) == 6
    said.runs.set(said.pool, 0, 15, 1, known=False, latest=20)
    assert list(said.runs.pieces[0]) == [20, 1]


def test_growing_keeps_what_was_said() -> None:
    said = Said()
    said.say([(3, 12, 1)])
    said.runs.grow(100)
    said.check()
    assert said.runs.last[99] == NOTHING
    assert len(said.runs.since) == len(said.runs.last) == 100
