"""Which failures are confirmed: those that imported history tells and those that people decided.

Rules (docs/lifecycle.md):
- Imported history counts each (drive, day) once.
- Of the verdicts `failed` that stand, the one given last is booked, on the last day on which the
  drive was present up to the verdict's day; a drive not seen up to then counts nothing.
- A retract acts whatever its day, and cannot itself be retracted.
"""

from collections.abc import Mapping

from aggregator.ingest.ledger import Told
from aggregator.ingest.summary import Spoken


def booked_days(drive: Spoken, as_of: int) -> frozenset[int]:
    """The days on which confirmed failures of one drive are booked, as known of days to `as_of`."""
    days = set(drive.failures)
    decided = last_failed(drive.verdicts, as_of)
    if decided is not None:
        day = last_present(drive, decided.day)
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


def last_present(drive: Spoken, day: int) -> int | None:
    """The last day up to `day` on which the drive was present."""
    days = [min(last, day) for first, last in drive.presence if first <= day]
    return days[-1] if days else None


def datacenter_on(drive: Spoken, day: int) -> str:
    """The datacenter the drive stood in on a day on which it was present."""
    return next(name for first, last, name in drive.datacenters if first <= day <= last)
