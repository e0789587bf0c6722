"""The windows in which rates are told: spans of days, both ends included.

Rule: a window keeps its nominal first day also where the fleet is younger than that, so that its
name means one thing; a day on which nothing was present adds nothing.
"""

from datetime import date, timedelta

from aggregator.rates.figures import Window, WindowName

DAY = timedelta(days=1)
ROLLING_DAYS: tuple[tuple[WindowName, int], ...] = (("30d", 30), ("90d", 90), ("365d", 365))


def windows(end: date, first: date) -> tuple[Window, ...]:
    """Every window of the day on which they end (E); `first` is the first day ever present.

    All end on `end`, but for the last quarter: the whole calendar quarter before `end`'s.
    Raises ValueError where `first` is after `end`: there is nothing to tell then.
    """
    if first > end:
        raise ValueError(f"windows that end on {end} hold none of the days from {first} on")
    quarter = quarter_start(end)
    return (
        *(Window(name, end - (days - 1) * DAY, end) for name, days in ROLLING_DAYS),
        Window("qtd", quarter, end),
        Window("last_quarter", quarter_start(quarter - DAY), quarter - DAY),
        Window("ytd", date(end.year, 1, 1), end),
        Window("lifetime", first, end),
    )


def quarter_start(day: date) -> date:
    """The first day of the calendar quarter that holds the day."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
