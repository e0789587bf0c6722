"""What became of each drive, over the union of all partitions' summaries.

Drives of which nothing was said but that they were there are active or unaccounted by their days
alone; the others are looked at one by one.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass

from aggregator.ingest.naming import Cohort
from aggregator.ingest.summary import ACTIVE_DAYS, Spoken, Standing, Summary
from aggregator.life.confirmed import booked_days
from aggregator.rates.figures import DriveState

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
    standings: Standings = defaultdict(Standing)
    standings |= {(cohort, "active"): told for cohort, told in summary.active.items()}
    standings |= {(cohort, "unaccounted"): told for cohort, told in summary.unaccounted.items()}
    for drive in summary.spoken:
        booked = booked_days(drive.presence, drive.failures, drive.verdicts, summary.as_of)
        for day in booked:
            failures[_cohort(drive, day)][day] += 1
        latest = drive.presence[-1][1]
        at = _cohort(drive, latest), state_of(latest, booked, summary.as_of)
        standings[at] = standings[at].plus(_standing(drive, summary.as_of))
    return Fleet(summary, dict(failures), dict(standings))


def state_of(latest: int, booked: frozenset[int], as_of: int) -> DriveState:
    """The state of a drive by its latest day: a failure stands until it is present again."""
    if booked and max(booked) >= latest:
        return "failed"
    return "active" if latest > as_of - ACTIVE_DAYS else "unaccounted"


def _standing(drive: Spoken, as_of: int) -> Standing:
    return Standing(1) if drive.born is None else Standing(1, as_of - drive.born, 1)


def _cohort(drive: Spoken, day: int) -> Cohort:
    """The drive's cohort on a day on which it was present."""
    site = next(name for first, last, name in drive.datacenters if first <= day <= last)
    return Cohort(*drive.group, site)
