"""One ledger as of a day to its summary, a whole column of drives at a time."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from aggregator.ingest.asof import (
    UNBORN,
    births_as_of,
    latest_days,
    present_between,
    word_as_of,
)
from aggregator.ingest.calendar import QUARTER_BITS, first_day_of
from aggregator.ingest.counts import APART, Counts, DayCounts, Groups, count
from aggregator.ingest.ledger import NEVER, Ledger
from aggregator.ingest.naming import Cohort, Named, Naming
from aggregator.ingest.presence import TILE, BlockId, day_mask
from aggregator.ingest.runs import NOTHING
from aggregator.ingest.sites import Sites, Stays
from aggregator.ingest.spans import Span, Spans, cut_spans, spans_of
from aggregator.ingest.summary import ACTIVE_DAYS, Spoken, Standing, Summary

Mask = NDArray[np.bool_]


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
        self._latest = latest_days(ledger, as_of)
        self._ever = self._latest != NEVER
        self._what = word_as_of(ledger.what.runs, self._latest)
        self._group = self._naming.group_of(self._what)
        self._born = births_as_of(ledger, as_of)
        self._where = word_as_of(ledger.where.runs, self._latest)
        self._sites = Sites(ledger.where.runs, self._naming.sites)
        told = {row for row, day in ledger.failures if day <= as_of} | set(ledger.verdicts)
        spoken = np.array(sorted(told), dtype=np.int64)
        self._spoken = spoken[self._ever[spoken]]

    def summary(self) -> Summary:
        self._count_days()
        self._count_drives()
        self._count_built()
        self._list_spoken()
        return self._out

    def _count_days(self) -> None:
        """Drive-days by cohort, a block at a time."""
        out, named = self._out, self._naming
        many = named.groups * named.datacenters
        days = np.zeros((many, out.as_of - out.first + 1), dtype=np.int64)
        for block_id in self._ledger.presence.blocks():
            start = first_day_of(block_id[0])
            if start <= out.as_of:
                _add_days(days, self._count_block(block_id, many), start - out.first)
        for index in np.flatnonzero(days.any(axis=1)):
            out.drive_days[named.cohort(int(index))] = days[index]

    def _count_block(self, block_id: BlockId, many: int) -> DayCounts:
        """[many, 96] drives by cohort and day of a block's quarter."""
        sites, moved = self._sites.of_block(block_id)
        tile = block_id[1]
        group = self._group[tile * TILE : (tile + 1) * TILE]
        cohorts = np.full(TILE, APART, dtype=np.int32)
        cohorts[: len(group)] = group * self._naming.datacenters + sites[: len(group)]
        cohorts[: len(group)][group == NOTHING] = APART
        cohorts[moved.rows % TILE] = APART
        counts = self._counts.of(self._ledger, block_id, cohorts, many)
        return counts + self._count_moved(block_id, moved, many) if len(moved.rows) else counts

    def _count_moved(self, block_id: BlockId, moved: Stays, many: int) -> DayCounts:
        """The same of drives that changed their datacenter in that quarter, stay by stay."""
        bits = self._ledger.presence.look(block_id).bits
        moved = moved.pick((moved.rows % TILE < len(bits)) & self._ever[moved.rows])
        start = first_day_of(block_id[0])
        masks = day_mask((moved.firsts - start)[:, None], (moved.lasts - start)[:, None])
        cohorts = self._group[moved.rows] * self._naming.datacenters + moved.sites
        return count(bits[moved.rows % TILE] & masks, cohorts, many)

    def _count_drives(self) -> None:
        """Drives on the day, seen in each span, and quiet drives by what they are doing."""
        ledger, out, named = self._ledger, self._out, self._naming
        on_day = self._latest == out.as_of
        for index, number in enumerate(_tally(self._group, on_day, named.groups)):
            if number:
                out.present[named.group(index)] = int(number)
        seen = [present_between(ledger, *span) & self._ever for span in out.spans]
        by_span = np.array([_tally(self._group, mask, named.groups) for mask in seen])
        for index in map(int, np.unique(self._group[self._ever])):
            out.seen[named.group(index)] = by_span[:, index] if len(seen) else np.zeros(0, np.int64)
        quiet = self._ever.copy()
        quiet[self._spoken] = False
        lately = self._latest > out.as_of - ACTIVE_DAYS
        out.active = self._standings(quiet & lately)
        out.unaccounted = self._standings(quiet & ~lately)

    def _standings(self, chosen: Mask) -> dict[Cohort, Standing]:
        named = self._naming
        many = named.groups * named.datacenters
        cohort = self._group * named.datacenters + named.sites[self._where]
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
        groups = self._naming.group_of(words)
        for word, group, number in zip(words, groups, numbers, strict=True):
            what = self._ledger.what.pool.words[word]
            built = self._out.built.setdefault(self._naming.group(int(group)), Counter())
            built[what.capacity_bytes, what.media] += int(number)

    def _list_spoken(self) -> None:
        ledger, out = self._ledger, self._out
        failures: dict[int, list[int]] = defaultdict(list)
        for row, day in ledger.failures:
            if day <= out.as_of:
                failures[row].append(day)
        keys = ledger.keys() if len(self._spoken) else []
        presence = spans_of(ledger.presence, self._spoken)
        for row, days in zip(map(int, self._spoken), presence, strict=True):
            told = tuple(sorted(failures[row]))
            out.spoken.append(self._speak(row, keys[row], cut_spans(days, out.as_of), told))

    def _speak(self, row: int, key: str, presence: Spans, failures: tuple[int, ...]) -> Spoken:
        ledger, born = self._ledger, int(self._born[row])
        words = ledger.where.pool.words
        stays = ledger.where.runs.between(row, presence[0][0], presence[-1][1])
        return Spoken(
            key=key,
            group=self._naming.group(int(self._group[row])),
            born=None if born == UNBORN else born,
            presence=presence,
            datacenters=tuple((first, last, words[word].datacenter) for first, last, word in stays),
            failures=failures,
            verdicts=ledger.verdicts.get(row, {}),
        )


def _add_days(days: NDArray[np.int64], counts: DayCounts, begin: int) -> None:
    """Add a quarter's counts to the columns of its days; `begin` is where its first day stands."""
    first, last = max(0, begin), min(days.shape[1], begin + QUARTER_BITS)
    days[:, first:last] += counts[:, first - begin : last - begin]


def _tally(groups: Groups, chosen: Mask, many: int) -> NDArray[np.int64]:
    """[many] how many chosen rows each group has."""
    return np.bincount(groups[chosen], minlength=many)
