"""Spans of days present, drive by drive."""

from collections.abc import Iterable
from datetime import date

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.ingest import spans as spans_module
from aggregator.ingest.calendar import to_day
from aggregator.ingest.presence import NO_HOURS, TILE, Presence
from aggregator.ingest.spans import Spans, cut_spans, spans_of, spans_of_row

NEW_YEAR = to_day(date(2026, 1, 1))
OLD = to_day(date(2013, 3, 28))
DAYS = [*range(NEW_YEAR - 5, NEW_YEAR + 5), *range(OLD, OLD + 8)]


def presence_of(days: Iterable[tuple[int, int]]) -> Presence:
    """Of (row, day)s."""
    presence = Presence()
    for row, day in days:
        rows, on = np.array([row]), np.array([day], dtype=np.int32)
        presence.add(rows, on, np.array([NO_HOURS]))
    return presence


def slowly(days: Iterable[int]) -> Spans:
    spans: list[tuple[int, int]] = []
    for day in sorted(days):
        if spans and spans[-1][1] == day - 1:
            spans[-1] = spans[-1][0], day
        else:
            spans.append((day, day))
    return tuple(spans)


@given(
    st.lists(st.tuples(st.sampled_from([0, 1, 5, TILE, TILE + 70]), st.sampled_from(DAYS))),
    st.lists(st.sampled_from([0, 1, 2, 5, 900, TILE, TILE + 70, 3 * TILE])),
)
@settings(max_examples=60)
def test_each_row_has_its_runs_of_days(days: list[tuple[int, int]], rows: list[int]) -> None:
    presence = presence_of(days)
    presence.seal()
    assert spans_of(presence, rows) == [slowly({d for r, d in days if r == row}) for row in rows]


def test_a_span_goes_on_across_quarters_and_not_across_missing_ones() -> None:
    presence = presence_of((0, day) for day in DAYS)
    assert spans_of_row(presence, 0) == ((OLD, OLD + 7), (NEW_YEAR - 5, NEW_YEAR + 4))
    last_of_march = to_day(date(2013, 3, 31))
    parted = presence_of([(0, last_of_march), (0, NEW_YEAR)])
    assert spans_of_row(parted, 0) == ((last_of_march, last_of_march), (NEW_YEAR, NEW_YEAR))


def test_any_number_of_rows_is_told_slice_by_slice() -> None:
    rows = np.arange(spans_module.SLICE_ROWS * 2 + 3)
    presence = Presence()
    for day in (NEW_YEAR, NEW_YEAR + 1):
        presence.add(rows, np.full(len(rows), day, dtype=np.int32), np.full(len(rows), NO_HOURS))
    presence.add(rows[7:8], np.array([OLD], dtype=np.int32), np.array([NO_HOURS]))
    told = spans_of(presence, rows[::-1])
    assert told.count(((NEW_YEAR, NEW_YEAR + 1),)) == len(rows) - 1
    assert told[len(rows) - 8] == ((OLD, OLD), (NEW_YEAR, NEW_YEAR + 1))


def test_of_nobody_there_are_none() -> None:
    assert spans_of(Presence(), [3]) == [()]
    assert spans_of(Presence(), []) == []


def test_spans_are_cut_to_the_days_up_to_one() -> None:
    spans = ((1, 3), (5, 9))
    assert cut_spans(spans, 0) == ()
    assert cut_spans(spans, 4) == ((1, 3),)
    assert cut_spans(spans, 5) == ((1, 3), (5, 5))
    assert cut_spans(spans, 99) == spans
