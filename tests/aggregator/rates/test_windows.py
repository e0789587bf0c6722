"""Windows: inclusive spans of days that end on E."""

from datetime import date, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.rates.figures import Window, WindowName
from aggregator.rates.windows import quarter_start, windows

LONG_AGO = date(2013, 4, 10)


def spans(end: date, first: date = LONG_AGO) -> dict[str, tuple[date, date]]:
    return {window.name: (window.first, window.last) for window in windows(end, first)}


def test_every_window_there_is_is_told_once() -> None:
    assert [w.name for w in windows(date(2026, 8, 19), LONG_AGO)] == list(get_args(WindowName))


def test_an_ordinary_day() -> None:
    assert spans(date(2026, 8, 19)) == {
        "30d": (date(2026, 7, 21), date(2026, 8, 19)),
        "90d": (date(2026, 5, 22), date(2026, 8, 19)),
        "365d": (date(2025, 8, 20), date(2026, 8, 19)),
        "qtd": (date(2026, 7, 1), date(2026, 8, 19)),
        "last_quarter": (date(2026, 4, 1), date(2026, 6, 30)),
        "ytd": (date(2026, 1, 1), date(2026, 8, 19)),
        "lifetime": (LONG_AGO, date(2026, 8, 19)),
    }


def test_a_quarters_last_day_has_the_whole_quarter_to_date() -> None:
    told = spans(date(2026, 3, 31))
    assert told["qtd"] == (date(2026, 1, 1), date(2026, 3, 31))
    assert told["last_quarter"] == (date(2025, 10, 1), date(2025, 12, 31))


def test_a_quarters_first_day_moves_the_last_quarter_on() -> None:
    told = spans(date(2026, 4, 1))
    assert told["qtd"] == (date(2026, 4, 1), date(2026, 4, 1))
    assert told["last_quarter"] == (date(2026, 1, 1), date(2026, 3, 31))


def test_new_year_begins_a_year_of_one_day() -> None:
    told = spans(date(2026, 1, 1))
    assert told["ytd"] == told["qtd"] == (date(2026, 1, 1), date(2026, 1, 1))
    assert told["last_quarter"] == (date(2025, 10, 1), date(2025, 12, 31))


def test_365_days_are_365_days_across_a_leap_day() -> None:
    assert spans(date(2024, 2, 29))["365d"] == (date(2023, 3, 2), date(2024, 2, 29))
    assert spans(date(2025, 2, 28))["365d"] == (date(2024, 3, 1), date(2025, 2, 28))
    assert spans(date(2024, 12, 31))["365d"] == (date(2024, 1, 2), date(2024, 12, 31))


def test_a_leap_years_first_quarter_holds_its_leap_day() -> None:
    first, last = spans(date(2024, 4, 15))["last_quarter"]
    assert (last - first).days + 1 == 91


def test_a_young_fleet_keeps_the_nominal_first_day() -> None:
    told = spans(date(2026, 8, 19), first=date(2026, 8, 10))
    assert told["30d"] == (date(2026, 7, 21), date(2026, 8, 19))
    assert told["lifetime"] == (date(2026, 8, 10), date(2026, 8, 19))


def test_a_fleet_of_one_day_has_a_lifetime_of_one_day() -> None:
    day = date(2026, 8, 19)
    assert Window("lifetime", day, day) in windows(day, day)


def test_a_first_day_after_the_end_is_a_defect_of_the_caller() -> None:
    with pytest.raises(ValueError, match="2026-08-20"):
        windows(date(2026, 8, 19), date(2026, 8, 20))


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_windows_abut_and_have_their_lengths(end: date) -> None:
    told = {str(window.name): window for window in windows(end, date(2000, 1, 1))}
    for name, days in (("30d", 30), ("90d", 90), ("365d", 365)):
        assert (told[name].last - told[name].first).days + 1 == days
    assert told["last_quarter"].last + timedelta(days=1) == told["qtd"].first
    assert 90 <= (told["last_quarter"].last - told["last_quarter"].first).days + 1 <= 92
    assert quarter_start(told["qtd"].first) == quarter_start(end) == told["qtd"].first
    assert all(w.last == end for w in told.values() if w.name != "last_quarter")
