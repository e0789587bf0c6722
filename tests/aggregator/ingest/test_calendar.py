"""Days and quarters as numbers, against Python's own calendar."""

from datetime import date

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.ingest.calendar import (
    QUARTER_BITS,
    first_day_of,
    quarter_of,
    quarters_of,
    to_date,
    to_day,
)

DAYS = st.dates(date(1980, 1, 1), date(2149, 9, 30))


@given(st.dates())
def test_a_day_is_a_date(day: date) -> None:
    assert to_date(to_day(day)) == day


def test_days_count_from_1970() -> None:
    assert to_day(date(1970, 1, 1)) == 0
    assert to_day(date(1969, 12, 31)) == -1


@given(st.lists(DAYS))
@example([date(1980, 1, 1), date(2149, 9, 30)])
def test_every_day_has_its_quarter_and_offset(days: list[date]) -> None:
    quarters, offsets = quarters_of(np.array([to_day(day) for day in days], dtype=np.int32))
    starts = [date(day.year, (day.month - 1) // 3 * 3 + 1, 1) for day in days]
    assert offsets.tolist() == [(day - start).days for day, start in zip(days, starts, strict=True)]
    numbers = [(day.year - 1970) * 4 + (day.month - 1) // 3 for day in days]
    assert quarters.tolist() == numbers == [quarter_of(to_day(day)) for day in days]
    assert [to_date(first_day_of(quarter)) for quarter in quarters] == starts


@pytest.mark.parametrize("year", [1980, 2000, 2024, 2100, 2148])
def test_a_quarter_fits_its_bits(year: int) -> None:
    first = (year - 1970) * 4
    lengths = np.diff([first_day_of(quarter) for quarter in range(first, first + 5)])
    assert lengths.sum() in (365, 366)
    assert lengths.max() <= QUARTER_BITS
