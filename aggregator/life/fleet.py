"""What became of each drive, over the union of all partitions' summaries.

Drives of which nothing was said but that they were there are active or unaccounted by their days
alone; the others are looked at one by one.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass

from aggregator.ingest.naming import Cohort
from aggregator.ingest.summary import Spoken, Standing, Summary
from aggregator.life.confirmed import booked_days, datacenter_on
from aggregator.rates.figures import DriveState

ACTIVE_DAYS = 2
"""A drive present on one of the last 2 days is active: one missed day is no absence."""

Standings = dict[tuple[Cohort, DriveState], Standing]


@dataclass(frozen=True, slots=True)
class Fleet:
    """States and failures of all drives as of a day."""

    summary: Summary
    failures: dict[Cohort, Counter[int]]  # confirmed, by booked day
    standings: Standings


def live(summary: Summary) -> Fleet:
    """States and failures from the union of all summaries. A pure function of them."""
    failures: dict[Cohort, Counter[int]] = defaultdict(Counter)
    standings: Standings = {}
    for state, quiet in (("active", summary.active), ("unaccounted", summary.unaccounted)):
        for cohort, standing in quiet.items():
            standings[cohort, state] = standing  # type: ignore[index]  # both are states
    for drive in summary.spoken:
        booked = booked_days(drive, summary.as_of)
        for day in booked:
            failures[_cohort(drive, day)][day] += 1
        latest = drive.presence[-1][1]
        at = _cohort(drive, latest), state_of(drive, booked, summary.as_of)
        alone = Standing(1, summary.as_of - drive.born, 1) if drive.born else Standing(1)
        standings[at] = standings.get(at, Standing()).plus(alone)
    return Fleet(summary, dict(failures), standings)


def state_of(drive: Spoken, booked: frozenset[int], as_of: int) -> DriveState:
    """The drive's state: a failure stands until the drive is present again after it."""
    latest = drive.presence[-1][1]
    if booked and max(booked) >= latest:
        return "failed"
    return "active" if latest > as_of - ACTIVE_DAYS else "unaccounted"


def _cohort(drive: Spoken, day: int) -> Cohort:
    return Cohort(*drive.group, datacenter_on(drive, day))
