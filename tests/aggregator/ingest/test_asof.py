"""What the ledger says as of a day, for all drives at once, against the naive way."""

from datetime import date, timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from aggregator.ingest.asof import (
    UNBORN,
    birth_as_of,
    births_as_of,
    count_days,
    days_present,
    latest_days,
    present_between,
    word_as_of,
)
from aggregator.ingest.calendar import to_day
from aggregator.ingest.ledger import NEVER, Ledger
from bus.contract import Snapshot
from tests.aggregator.ingest.facts import ledger_of, truth
from tests.aggregator.ingest.stories import DAYS, FIRST, LONG_AGO, history, snapshot, snapshots

EVENTS = st.lists(snapshots(), max_size=30)
DAY = st.one_of(
    st.integers(-3, DAYS + 3).map(lambda offset: to_day(FIRST) + offset),
    st.sampled_from([to_day(day) for day in (*LONG_AGO, date.min, date(2012, 1, 1), date.max)]),
)


def sealed(events: list[Snapshot]) -> Ledger:
    ledger = ledger_of(events)
    ledger.presence.seal()
    return ledger


@given(EVENTS)
def test_days_present_are_the_days_of_all_drives_in_order(events: list[Snapshot]) -> None:
    days = {to_day(event.day) for event in events}
    assert days_present(sealed(events)).tolist() == sorted(days)


@given(EVENTS, DAY, DAY)
@settings(max_examples=200)
def test_present_between_two_days(events: list[Snapshot], first: int, last: int) -> None:
    ledger, naive = sealed(events), truth(events)
    assert present_between(ledger, first, last).tolist() == [
        any(first <= day <= last for day in naive.days[key]) for key in ledger.rows
    ]


@given(EVENTS, DAY)
@settings(max_examples=200)
def test_latest_days_and_the_words_of_them(events: list[Snapshot], day: int) -> None:
    ledger, naive = sealed(events), truth(events)
    latest = latest_days(ledger, day)
    expected = [naive.latest(key, day) for key in ledger.rows]
    assert latest.tolist() == [NEVER if one is None else one for one in expected]
    words = word_as_of(ledger.what.runs, latest)
    for key, word, on in zip(ledger.rows, words, expected, strict=True):
        if on is None:
            assert word == -1
        else:
            what, said = ledger.what.pool.words[word], naive.days[key][on]
            assert (what.raw_model, what.role, what.firmware) == (
                said.model,
                said.role,
                said.firmware,
            )


@given(EVENTS, DAY)
@settings(max_examples=200)
def test_births(events: list[Snapshot], day: int) -> None:
    ledger, naive = sealed(events), truth(events)
    expected = [naive.born(key, day) for key in ledger.rows]
    told = births_as_of(ledger, day)
    assert told.tolist() == [UNBORN if born is None else born for born in expected]
    assert told.tolist() == [birth_as_of(ledger, row, day) for row in range(len(told))]


@given(EVENTS, DAY)
@settings(max_examples=200)
def test_first_days_and_numbers_of_days(events: list[Snapshot], day: int) -> None:
    ledger, naive = sealed(events), truth(events)
    days = [[on for on in naive.days[key] if on <= day] for key in ledger.rows]
    first, present = count_days(ledger, day)
    assert first.tolist() == [min(own, default=NEVER) for own in days]
    assert present.tolist() == [len(own) for own in days]


def test_a_closed_quarters_birth_is_not_moved_by_a_later_quarter() -> None:
    """Ages of a closed quarter never shift."""
    told = [(FIRST, 24), (FIRST + timedelta(days=44), 24 * 100)]
    ledger = ledger_of([_aged(day, hours) for day, hours in told])
    row, first = 0, to_day(FIRST)
    assert birth_as_of(ledger, row, first) == first - 1
    assert birth_as_of(ledger, row, first + 43) == first - 1
    assert birth_as_of(ledger, row, first + 44) == first + 44 - 100


def test_of_no_drives_there_is_nothing() -> None:
    ledger = Ledger()
    assert days_present(ledger).tolist() == []
    assert latest_days(ledger, 20_000).tolist() == []
    assert present_between(ledger, 0, 20_000).tolist() == []
    assert births_as_of(ledger, 20_000).tolist() == []


def test_more_drives_than_a_tile_has() -> None:
    rows = [f"S{number}" for number in range(40_000)]
    events = [history(rows[-1], FIRST + timedelta(days=2)), snapshot(rows[35_000])]
    ledger = ledger_of([history(serial) for serial in rows], events)
    row, day = 39_999, to_day(FIRST)
    assert latest_days(ledger, day + 1)[row] == day
    assert latest_days(ledger, day + 2)[row] == day + 2
    assert present_between(ledger, day + 1, day + 2).nonzero()[0].tolist() == [row]
    first, present = count_days(ledger, day + 5)
    assert np.unique(first).tolist() == [day]
    assert present.sum() == 40_001


def _aged(day: date, hours: int) -> Snapshot:
    return replace(snapshot("S1", day), power_on_hours=hours)
