"""The union of two ledgers of one partition: all facts of both, whatever order they were told in.

Needed when a partition left several checkpoints: an aggregator died between writing its own and
removing the one it had read, or a zombie wrote late.
"""

from array import array
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from aggregator.ingest.ledger import Ledger, Said
from aggregator.ingest.presence import TILE
from aggregator.ingest.runs import FOREVER, NOTHING
from aggregator.ingest.spans import Spans, spans_of
from aggregator.ingest.words import W

RowMap = NDArray[np.int64]  # [rows of the other] row in the first


def absorb(into: Ledger, other: Ledger) -> None:
    """Add every fact of `other` to `into`. Blocks."""
    rows: RowMap = np.array([into.row_of(key) for key in other.rows], dtype=np.int64)
    # Words before bits: which days `into` knew of decides whether two words are settled.
    _absorb_words(into, into.what, other, other.what, rows)
    _absorb_words(into, into.where, other, other.where, rows)
    _absorb_words(into, into.slots, other, other.slots, rows)
    _absorb_words(into, into.signs, other, other.signs, rows)
    for quarter, tile in other.presence.blocks():
        here = rows[tile * TILE : (tile + 1) * TILE]
        into.presence.unite(quarter, here, other.presence.look((quarter, tile)))
    np.maximum.at(into.latest, rows, other.latest[: len(rows)])
    _absorb_said(into, other, rows)
    _absorb_reports(into, other)


def _absorb_said(into: Ledger, other: Ledger, rows: RowMap) -> None:
    """What was said besides of drives."""
    for row, day in other.failures:
        into.fail(int(rows[row]), day)
    for row, absences in other.absences.items():
        for (host, day), absent in absences.items():
            into.miss(int(rows[row]), host, day, absent)
    for row, verdicts in other.verdicts.items():
        for verdict_id, told in verdicts.items():
            into.decide(int(rows[row]), verdict_id, told)
    into.live_from = min(into.live_from, other.live_from)
    into.taken_in = max(filter(None, (into.taken_in, other.taken_in)), default=None)


def _absorb_words(into: Ledger, mine: Said[W], other: Ledger, its: Said[W], rows: RowMap) -> None:
    """One column: most rows say the same, or nothing in `into`; the rest is settled by days."""
    numbers = _translate(mine, its)
    theirs = numbers[its.runs.last[: len(rows)]]
    held = mine.runs.last[rows]
    plain = (its.runs.since[: len(rows)] == 0) & (mine.runs.since[rows] == 0)
    mine.runs.version += 1
    differing = []
    for row in map(int, np.flatnonzero((theirs != NOTHING) & ~(plain & (held == theirs)))):
        target = int(rows[row])
        said = [part for end, word in its.runs.pieces_of(row) for part in (end, int(numbers[word]))]
        pieces = array("i", said)
        if held[row] == NOTHING:
            mine.runs.last[target] = theirs[row]
            if pieces:
                mine.runs.load(target, pieces)
        elif held[row] != theirs[row] or mine.runs.pieces.get(target, array("i")) != pieces:
            differing.append(row)
    _settle_days(into, mine, other, its, differing, rows, numbers)


def _settle_days(
    into: Ledger,
    mine: Said[W],
    other: Ledger,
    its: Said[W],
    differing: Sequence[int],
    rows: RowMap,
    numbers: NDArray[np.int32],
) -> None:
    """Every day of these rows of `other`, in order, as if its snapshots arrived again."""
    targets = rows[list(differing)]
    before, told = spans_of(into.presence, targets), spans_of(other.presence, differing)
    for index, row in enumerate(differing):
        target = int(targets[index])
        known = set(_days_in(before[index]))
        latest = int(into.latest[target])
        for day in _days_in(told[index]):
            word = int(numbers[its.runs.at(row, day)])
            mine.runs.set(mine.pool, target, day, word, known=day in known, latest=latest)
            latest = max(latest, day)


def _days_in(spans: Spans) -> Iterator[int]:
    for first, last in spans:
        yield from range(first, last + 1)


def _absorb_reports(into: Ledger, other: Ledger) -> None:
    """Inventories, day by day: a run of reports never bridges a day without one."""
    its = other.hosts.reports
    for host, row in other.hosts.rows.items():
        begin = 0
        for end, word in [*its.runs.pieces_of(row), (FOREVER, NOTHING)]:
            if word != NOTHING:
                for day in range(begin, end):
                    into.report(host, day, its.pool.words[word])
            begin = end


def _translate(mine: Said[W], its: Said[W]) -> NDArray[np.int32]:
    """The numbers of its words in my pool; NOTHING (the last) stays NOTHING."""
    return np.array([*(mine.pool.number(word) for word in its.pool.words), NOTHING], dtype=np.int32)
