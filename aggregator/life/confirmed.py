"""Which failures are confirmed: those that imported history tells and those that people decided.

Rules (docs/lifecycle.md):
- Imported history counts each (drive, day) once.
- Of the verdicts `failed` that stand, the one given last is booked, on the last day on which the
  drive was present up to the verdict's day; a drive not seen up to then counts nothing.
- A retract acts whatever its day, and cannot itself be retracted.
"""

from collections.abc import Iterable, Mapping

from aggregator.ingest.ledger import Told
from aggregator.ingest.spans import Spans


def booked_days(
    presence: Spans, failures: Iterable[int], verdicts: Mapping[str, Told], as_of: int
) -> frozenset[int]:
    """The days on which confirmed failures of one drive are booked, as known of days to `as_of`.

    `failures` are the days told by imported history, `verdicts` are by id.
    """
    days = {day for day in failures if day <= as_of}
    decided = last_failed(verdicts, as_of)
    if decided is not None:
        day = last_present(presence, decided.day)
        if day is not None:
            days.add(day)
    return frozenset(days)


def last_failed(verdicts: Mapping[str, Told], as_of: int) -> Told | None:
    """Of the standing verdicts `failed` up to a day the one given last; ties by day, then id."""
    retracted = {told.of for told in verdicts.values() if told.verb == "retract"}
    standing = [
        (told.given_at_ms, told.day, name)
        for name, told in verdicts.items()
        if told.verb == "failed" and told.day <= as_of and name not in retracted
    ]
    return verdicts[max(standing)[2]] if standing else None


def last_present(presence: Spans, day: int) -> int | None:
    """The last day up to `day` on which the drive was present."""
    days = [min(last, day) for first, last in presence if first <= day]
    return days[-1] if days else None
