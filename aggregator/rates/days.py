"""A and E: the day as of which drives are told, and the day on which windows and rates end.

Rules:
- A is the last closed day, by time alone; where nothing is live, or the first day with a presence
  is not closed yet, it is the latest day with a presence. A person may set it.
- E keeps a grace away from A: of a drive that left in the newest days it is not decided yet whether
  it failed, and counting those days would flatter. What is only imported or only confirmed is
  decided already, so there E keeps no distance.
- Nothing after A is looked at.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import msgspec

GRACE = timedelta(days=7)
"""A drive that is away for a week is taken for gone: repairs and moves are shorter."""
CLOSES_AFTER = timedelta(hours=6)
"""One pass of the agents, so that each has spoken once after the day's end."""
ENOUGH_DAYS = 30
"""Fewer days than the shortest window: E then takes all there are."""
DAY = timedelta(days=1)


class Days(msgspec.Struct, frozen=True):
    """The two days of all figures."""

    as_of: date  # A
    windows_end: date | None  # E; None where nothing was present up to A
    open: bool  # A is not closed yet: more of it will come
    preliminary: bool  # too few days for E to keep its grace from A


def choose_days(
    present: Sequence[date],
    has_live: bool,
    now: datetime,
    as_of: date | None,
    *,
    confirmed_only: bool = False,
) -> Days:
    """A and E from the days with a presence (distinct, ascending), as known at `now` (aware).

    `has_live`: there is a live snapshot, absence or inventory, where `as_of` is given one of a day
    up to it. `confirmed_only`: failures are those told by history or verdicts, none is presumed.
    """
    a = as_of if as_of is not None else _as_of(present, has_live, now)
    known = present[: bisect_right(present, a)]
    grace = GRACE if has_live and not confirmed_only else timedelta(0)
    decided = known[: bisect_right(known, a - grace)]
    preliminary = len(decided) < ENOUGH_DAYS
    ends = known if preliminary else decided
    return Days(
        as_of=a,
        windows_end=ends[-1] if ends else None,
        open=not is_closed(a, now),
        preliminary=preliminary,
    )


def is_closed(day: date, now: datetime) -> bool:
    """A day is closed 6 hours after its end, by time alone."""
    return day <= last_closed(now)


def last_closed(now: datetime) -> date:
    """The latest closed day at an aware time."""
    return (now.astimezone(UTC) - CLOSES_AFTER).date() - DAY


def _as_of(present: Sequence[date], has_live: bool, now: datetime) -> date:
    if not present:
        return last_closed(now)
    if not has_live or not is_closed(present[0], now):
        return present[-1]
    return last_closed(now)
