"""A and E, each sentence of their rules."""

from datetime import UTC, date, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from aggregator.rates.days import Days, choose_days, is_closed, last_closed

NOW = datetime(2026, 8, 19, 12, tzinfo=UTC)
YESTERDAY = date(2026, 8, 18)


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


YEAR = days(date(2025, 8, 20), date(2026, 8, 19))


def test_a_day_is_closed_six_hours_after_its_end() -> None:
    end = datetime(2026, 8, 19, tzinfo=UTC)
    assert not is_closed(YESTERDAY, end + timedelta(hours=6, microseconds=-1))
    assert is_closed(YESTERDAY, end + timedelta(hours=6))


def test_a_day_closes_by_utc_wherever_the_clock_stands() -> None:
    tokyo = timezone(timedelta(hours=9))
    assert last_closed(datetime(2026, 8, 19, 14, 59, tzinfo=tokyo)) == date(2026, 8, 17)
    assert last_closed(datetime(2026, 8, 19, 15, 0, tzinfo=tokyo)) == YESTERDAY


def test_a_is_the_last_closed_day() -> None:
    told = choose_days(YEAR, True, NOW, None)
    assert told.as_of == YESTERDAY
    assert not told.open


def test_a_goes_by_time_alone_though_nothing_was_present_for_weeks() -> None:
    told = choose_days(YEAR[:-40], True, NOW, None)
    assert told.as_of == YESTERDAY
    assert told.windows_end == YEAR[-41]


def test_without_anything_live_a_is_the_latest_day_with_a_presence() -> None:
    history = days(date(2013, 4, 10), date(2013, 5, 9))
    assert choose_days(history, False, NOW, None) == Days(
        as_of=date(2013, 5, 9), windows_end=date(2013, 5, 9), open=False, preliminary=False
    )


def test_history_that_reaches_into_today_leaves_a_open() -> None:
    told = choose_days(YEAR, False, NOW, None)
    assert told.as_of == told.windows_end == NOW.date()
    assert told.open


def test_while_the_first_day_is_not_closed_a_is_the_latest_day_with_a_presence() -> None:
    first_day = [NOW.date()]
    assert choose_days(first_day, True, NOW, None) == Days(
        as_of=NOW.date(), windows_end=NOW.date(), open=True, preliminary=True
    )


def test_once_the_first_day_is_closed_a_is_a_closed_day() -> None:
    told = choose_days([YESTERDAY, NOW.date()], True, NOW, None)
    assert told == Days(YESTERDAY, windows_end=YESTERDAY, open=False, preliminary=True)


def test_a_past_as_of_sets_a_and_later_days_are_not_looked_at() -> None:
    told = choose_days(YEAR, True, NOW, date(2026, 3, 1))
    assert told == Days(date(2026, 3, 1), date(2026, 2, 22), open=False, preliminary=False)
    assert told == choose_days(days(YEAR[0], date(2026, 3, 1)), True, NOW, date(2026, 3, 1))


def test_as_of_today_is_open() -> None:
    assert choose_days(YEAR, True, NOW, NOW.date()).open


def test_as_of_a_day_before_everything_tells_nothing() -> None:
    assert choose_days(YEAR, True, NOW, date(2020, 1, 1)) == Days(
        date(2020, 1, 1), windows_end=None, open=False, preliminary=True
    )


def test_e_keeps_seven_days_of_grace_from_a() -> None:
    assert choose_days(YEAR, True, NOW, None).windows_end == YESTERDAY - timedelta(days=7)


def test_e_is_a_day_with_a_presence() -> None:
    gap = [day for day in YEAR if not date(2026, 8, 5) <= day <= date(2026, 8, 12)]
    assert choose_days(gap, True, NOW, None).windows_end == date(2026, 8, 4)


def test_without_live_facts_e_keeps_no_distance() -> None:
    assert choose_days(YEAR, False, NOW, date(2026, 3, 1)).windows_end == date(2026, 3, 1)


def test_on_the_confirmed_only_basis_e_keeps_no_distance() -> None:
    told = choose_days(YEAR, True, NOW, None, confirmed_only=True)
    assert told.windows_end == told.as_of == YESTERDAY


def test_with_fewer_than_thirty_decided_days_e_is_the_latest_day_and_preliminary() -> None:
    first = YESTERDAY - timedelta(days=7 + 28)  # 29 days up to A - grace
    told = choose_days(days(first, NOW.date()), True, NOW, None)
    assert told == Days(YESTERDAY, windows_end=YESTERDAY, open=False, preliminary=True)


def test_with_thirty_decided_days_e_keeps_its_grace() -> None:
    first = YESTERDAY - timedelta(days=7 + 29)
    told = choose_days(days(first, NOW.date()), True, NOW, None)
    assert told == Days(
        YESTERDAY, windows_end=YESTERDAY - timedelta(days=7), open=False, preliminary=False
    )


def test_thirty_days_are_days_with_a_presence_not_days_of_the_calendar() -> None:
    every_other = YEAR[-60::2]
    assert len([day for day in every_other if day <= YESTERDAY - timedelta(days=7)]) < 30
    assert choose_days(every_other, True, NOW, None).preliminary


def test_fewer_than_thirty_imported_days_are_preliminary_too() -> None:
    told = choose_days(days(date(2013, 4, 10), date(2013, 5, 8)), False, NOW, None)
    assert told.preliminary
    assert told.windows_end == date(2013, 5, 8)


def test_of_nothing_a_is_the_last_closed_day_and_there_is_no_e() -> None:
    assert choose_days([], False, NOW, None) == Days(YESTERDAY, None, open=False, preliminary=True)
    assert choose_days([], True, NOW, None) == Days(YESTERDAY, None, open=False, preliminary=True)


@given(
    st.lists(st.sampled_from(YEAR), unique=True).map(sorted),
    st.booleans(),
    st.none() | st.sampled_from(YEAR),
)
def test_e_is_present_and_never_after_a(
    present: list[date], has_live: bool, as_of: date | None
) -> None:
    told = choose_days(present, has_live, NOW, as_of)
    up_to_a = [day for day in present if day <= told.as_of]
    assert (told.windows_end is None) == (not up_to_a)
    assert told.windows_end is None or told.windows_end in up_to_a
    assert told.preliminary or told.windows_end in up_to_a[29:]
