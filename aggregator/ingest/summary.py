"""The summary of one partition as of a day: what the whole fleet's figures are made of.

Drives of which nothing was said but that they were there are counted here, by cohort and day. A
drive of which more was said (a failure, a verdict) keeps a row of its own: what became of it is
decided in `aggregator/life`, over all partitions. Summaries of partitions add up.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from aggregator.ingest.ledger import Told
from aggregator.ingest.naming import Cohort, Group
from aggregator.ingest.spans import Spans

ACTIVE_DAYS = 2
"""A drive present on one of the last 2 days is active: one missed day is no absence."""


class Standing(NamedTuple):
    """How many drives, the sum of their ages in days, and how many of them have a known age."""

    drives: int = 0
    age_days: int = 0
    aged: int = 0

    def plus(self, other: "Standing") -> "Standing":
        return Standing(*(mine + its for mine, its in zip(self, other, strict=True)))


@dataclass(frozen=True, slots=True)
class Spoken:
    """A drive of which more was said than that it was there. Days up to the summary's."""

    key: str
    group: Group
    born: int | None
    presence: Spans  # at least one
    datacenters: tuple[tuple[int, int, str], ...]  # runs: first, last, datacenter
    failures: tuple[int, ...]  # days, told by imported history
    verdicts: dict[str, Told]


@dataclass(slots=True)
class Summary:
    """Counts by cohort and group; `drive_days` begins with `first` and ends with `as_of`."""

    first: int
    as_of: int
    spans: Spans
    drive_days: dict[Cohort, NDArray[np.int64]] = field(default_factory=dict)
    present: Counter[Group] = field(default_factory=Counter)  # drives on `as_of`
    seen: dict[Group, NDArray[np.int64]] = field(default_factory=dict)  # distinct drives by span
    active: dict[Cohort, Standing] = field(default_factory=dict)
    unaccounted: dict[Cohort, Standing] = field(default_factory=dict)
    spoken: list[Spoken] = field(default_factory=list)
    built: dict[Group, Counter[tuple[int, str]]] = field(default_factory=dict)  # capacity, media


def unite(summaries: Iterable[Summary]) -> Summary:
    """The summaries of different partitions, added up. They have the same days and spans."""
    first, *others = summaries
    whole = Summary(first.first, first.as_of, first.spans)
    for one in (first, *others):
        for cohort, days in one.drive_days.items():
            held = whole.drive_days.get(cohort)
            whole.drive_days[cohort] = days if held is None else held + days
        whole.present.update(one.present)
        for group, seen in one.seen.items():
            whole.seen[group] = whole.seen.get(group, np.zeros_like(seen)) + seen
        for mine, its in ((whole.active, one.active), (whole.unaccounted, one.unaccounted)):
            for cohort, standing in its.items():
                mine[cohort] = mine.get(cohort, Standing()).plus(standing)
        for group, built in one.built.items():
            whole.built.setdefault(group, Counter()).update(built)
        whole.spoken += one.spoken
    return whole
