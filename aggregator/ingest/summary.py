"""The summary of one partition as of a day: what the whole fleet's figures are made of.

Drives of which nothing was said but that they were there are counted here, by cohort and day. A
drive of which more was said (a failure, a verdict) keeps a row of its own: what became of it is
decided in `aggregator/life`, over all partitions. Summaries of partitions add up.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from aggregator.ingest.asof import (
    UNBORN,
    births_as_of,
    presence_runs,
    present_between,
    word_as_of,
)
from aggregator.ingest.calendar import QUARTER_BITS, first_day_of
from aggregator.ingest.counts import APART, Counts, Groups, count_apart, movers
from aggregator.ingest.ledger import Ledger, Told
from aggregator.ingest.naming import Cohort, Group, Named, Naming
from aggregator.ingest.presence import TILE
from aggregator.ingest.runs import NOTHING

Span = tuple[int, int]  # first and last day, both included


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
    presence: tuple[Span, ...]
    datacenters: tuple[tuple[int, int, str], ...]  # runs: first, last, datacenter
    failures: tuple[int, ...]  # days, told by imported history
    verdicts: dict[str, Told]


@dataclass(slots=True)
class Summary:
    """Counts by cohort and group; `drive_days` begins with `first` and ends with `as_of`."""

    first: int
    as_of: int
    spans: tuple[Span, ...]
    drive_days: dict[Cohort, NDArray[np.int64]] = field(default_factory=dict)
    present: Counter[Group] = field(default_factory=Counter)  # drives on `as_of`
    seen: dict[Group, NDArray[np.int64]] = field(default_factory=dict)  # distinct drives by span
    active: dict[Cohort, Standing] = field(default_factory=dict)
    unaccounted: dict[Cohort, Standing] = field(default_factory=dict)
    spoken: list[Spoken] = field(default_factory=list)
    built: dict[Group, Counter[tuple[int, str]]] = field(default_factory=dict)  # capacity, media


def summarise(
    ledger: Ledger,
    first: int,
    as_of: int,
    spans: Sequence[Span],
    naming: Naming,
    counts: Counts | None = None,
) -> Summary:
    """The summary of a ledger from day `first` to `as_of`, with drives seen in each span.

    `counts` remembers counted blocks from one time to the next.
    """
    return _Summing(ledger, first, as_of, tuple(spans), naming, counts or Counts()).summary()


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


class _Summing:
    """One summary in the making: the vectors by row that its parts share."""

    def __init__(
        self,
        ledger: Ledger,
        first: int,
        as_of: int,
        spans: tuple[Span, ...],
        naming: Naming,
        counts: Counts,
    ) -> None:
        self._ledger = ledger
        self._counts = counts
        self._out = Summary(first, as_of, spans)
        self._naming = Named(ledger, naming)
        on_day = present_between(ledger, as_of, as_of)
        self._what = word_as_of(ledger, ledger.what.runs, as_of, on_day)
        self._where = word_as_of(ledger, ledger.where.runs, as_of, on_day)
        self._on_day = on_day
        self._ever = present_between(ledger, first, as_of)
        self._group = self._naming.group_of(self._what)
        self._born = births_as_of(ledger, as_of)
        rows = {row for row, day in ledger.failures if day <= as_of} | set(ledger.verdicts)
        self._spoken = np.array(sorted(rows), dtype=np.int64)

    def summary(self) -> Summary:
        self._count_days()
        self._count_drives()
        self._list_spoken()
        return self._out

    def _count_days(self) -> None:
        """Drive-days by cohort, a block at a time."""
        ledger, out, named = self._ledger, self._out, self._naming
        moving = movers(ledger, named.datacenter_of)
        many = named.groups * named.datacenters
        days = np.zeros((many, out.as_of - out.first + 1), dtype=np.int64)
        for block_id in ledger.presence.blocks():
            start = first_day_of(block_id[0])
            if start <= out.as_of:
                counts = self._counts.of(ledger, block_id, self._cohorts(block_id[1], moving), many)
                counts = counts + count_apart(ledger, block_id, moving, self._cohort_at, many)
                _add_days(days, counts, start - out.first)
        for index in np.flatnonzero(days.any(axis=1)):
            out.drive_days[named.cohort(int(index))] = days[index]

    def _cohorts(self, tile: int, moving: NDArray[np.int64]) -> Groups:
        """The cohort of each row of a tile; APART where it changes, or there is none."""
        here = slice(tile * TILE, (tile + 1) * TILE)
        group = self._group[here]
        where = self._naming.datacenter_of_words(self._ledger.where.runs.last[here][: len(group)])
        cohorts = (group * self._naming.datacenters + where).astype(np.int32)
        cohorts[group == NOTHING] = APART
        cohorts[moving[moving // TILE == tile] % TILE] = APART
        return np.concatenate([cohorts, np.full(TILE - len(cohorts), APART, dtype=np.int32)])

    def _cohort_at(self, row: int, where: int) -> int:
        named = self._naming
        return int(self._group[row]) * named.datacenters + named.datacenter_of(where)

    def _count_drives(self) -> None:
        """Drives on the day, seen in each span, and quiet drives by what they are doing."""
        ledger, out, named = self._ledger, self._out, self._naming
        for index, number in enumerate(_tally(self._group, self._on_day, named.groups)):
            if number:
                out.present[named.group(index)] = number
        seen = [present_between(ledger, *span) for span in out.spans]
        by_span = np.array([_tally(self._group, mask, named.groups) for mask in seen])
        for index in _members(self._group, self._ever):
            out.seen[named.group(index)] = by_span[:, index] if len(seen) else np.zeros(0, np.int64)
        quiet = self._ever.copy()
        quiet[self._spoken] = False
        lately = present_between(ledger, out.as_of - 1, out.as_of)
        out.active = self._standings(quiet & lately)
        out.unaccounted = self._standings(quiet & ~lately)
        self._count_built()

    def _standings(self, chosen: NDArray[np.bool_]) -> dict[Cohort, Standing]:
        named = self._naming
        many = named.groups * named.datacenters
        where = named.datacenter_of_words(self._where)
        cohort = self._group * named.datacenters + where
        chosen = chosen & (self._group != NOTHING)
        aged = chosen & (self._born != UNBORN)
        drives = _tally(cohort, chosen, many)
        with_age = _tally(cohort, aged, many)
        ages = np.bincount(
            cohort[aged], weights=(self._out.as_of - self._born[aged]), minlength=many
        )
        return {
            named.cohort(int(index)): Standing(
                int(drives[index]), round(ages[index]), int(with_age[index])
            )
            for index in np.flatnonzero(drives)
        }

    def _count_built(self) -> None:
        """How many drives of a group say which capacity and media."""
        words, numbers = np.unique(self._what[self._ever], return_counts=True)
        for word, number in zip(words, numbers, strict=True):
            if word != NOTHING:
                what = self._ledger.what.pool.words[word]
                group = self._naming.group(int(self._naming.group_of(np.array([word]))[0]))
                built = self._out.built.setdefault(group, Counter())
                built[what.capacity_bytes, what.media] += int(number)

    def _list_spoken(self) -> None:
        ledger, out = self._ledger, self._out
        failures: dict[int, list[int]] = defaultdict(list)
        for row, day in ledger.failures:
            failures[row].append(day)
        keys = ledger.keys() if len(self._spoken) else []
        for row in map(int, self._spoken):
            if self._ever[row]:
                group = self._naming.group(int(self._group[row]))
                born = int(self._born[row])
                told = failures[row]
                out.spoken.append(spoken_of(ledger, row, keys[row], out.as_of, group, born, told))


def spoken_of(
    ledger: Ledger,
    row: int,
    key: str,
    as_of: int,
    group: Group,
    born: int,
    failures: Iterable[int],
) -> Spoken:
    """The row of one drive that was present on some day up to `as_of`."""
    runs = [(first, min(last, as_of)) for first, last in presence_runs(ledger, row)]
    runs = [(first, last) for first, last in runs if first <= last]
    words = ledger.where.pool.words
    return Spoken(
        key=key,
        group=group,
        born=None if born == UNBORN else born,
        presence=tuple(runs),
        datacenters=tuple(
            (first, last, words[word].datacenter)
            for first, last, word in ledger.where.runs.between(row, runs[0][0], runs[-1][1])
        ),
        failures=tuple(sorted(day for day in failures if day <= as_of)),
        verdicts=ledger.verdicts.get(row, {}),
    )


def _add_days(days: NDArray[np.int64], counts: NDArray[np.int32], begin: int) -> None:
    """Add a quarter's counts to the columns of its days; `begin` is where its first day stands."""
    first, last = max(0, begin), min(days.shape[1], begin + QUARTER_BITS)
    days[:, first:last] += counts[:, first - begin : last - begin]


def _tally(groups: Groups, chosen: NDArray[np.bool_], many: int) -> NDArray[np.int64]:
    """[many] how many chosen rows each group has."""
    return np.bincount(groups[chosen & (groups >= 0)], minlength=many)


def _members(groups: Groups, chosen: NDArray[np.bool_]) -> list[int]:
    return [int(group) for group in np.unique(groups[chosen]) if group != NOTHING]
