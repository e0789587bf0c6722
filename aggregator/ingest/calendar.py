"""Days as numbers, and the calendar quarters that blocks of facts are cut by.

A day is its number since 1970-01-01; a quarter is its number since 1970's first. Facts, counts,
births and reports all change on the same boundary, so a closed quarter's block rarely opens again.
"""

from datetime import date
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.int32]

EPOCH = date(1970, 1, 1).toordinal()
QUARTER_BYTES = 12
"""Bits for the 92 days of the longest quarter, whole bytes a drive."""
QUARTER_BITS = QUARTER_BYTES * 8

_FIRST_YEAR, _LAST_YEAR = 1980, 2149
"""Births reach back 20 years before the first believed day (2000); uint16 days end in 2149."""


class _Calendar(NamedTuple):
    quarter: NDArray[np.int16]  # by day from `base` on
    start: NDArray[np.int32]  # by quarter number: its first day
    base: int


def to_day(day: date) -> int:
    """The number of a date."""
    return day.toordinal() - EPOCH


def to_date(day: int) -> date:
    """The date of a day's number."""
    return date.fromordinal(int(day) + EPOCH)


def quarters_of(days: Days) -> tuple[NDArray[np.int16], Days]:
    """(quarter, offset in it from 0) of each day."""
    calendar = _calendar()
    quarter = calendar.quarter[days - calendar.base]
    return quarter, days - calendar.start[quarter]


def quarter_of(day: int) -> int:
    calendar = _calendar()
    return int(calendar.quarter[day - calendar.base])


def first_day_of(quarter: int) -> int:
    """The first day of a quarter; that of the next is the day after its last."""
    return int(_calendar().start[quarter])


@cache
def _calendar() -> _Calendar:
    last = (_LAST_YEAR - 1970 + 1) * 4
    start = np.zeros(last + 1, dtype=np.int32)
    first = (_FIRST_YEAR - 1970) * 4
    for quarter in range(first, last + 1):
        start[quarter] = to_day(date(1970 + quarter // 4, quarter % 4 * 3 + 1, 1))
    lengths = np.diff(start[first:])
    quarter_by_day = np.repeat(np.arange(first, last, dtype=np.int16), lengths)
    return _Calendar(quarter_by_day, start, int(start[first]))
