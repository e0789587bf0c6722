"""Words by day, kept as runs: for each row (a drive, a host) which word holds from which day.

A row's days before its last change are pieces `(end, word)`, the end not included, in order; after
them its last word holds. Only days on which something was said count: between them a run says
what is convenient. So a row that never changes costs one number.

The last word holds from the row's latest day at least. Setting a day changes that day alone, so the
words of all days are the same in any order.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from aggregator.ingest.calendar import Days
from aggregator.ingest.words import Pool, W

Rows = NDArray[np.int64]
Numbers = NDArray[np.int32]

NOTHING = -1
"""The word of a row of which nothing was said."""
FOREVER = 2**31 - 1


class Runs:
    """Which word holds for a row on a day. Words are numbers of one pool."""

    def __init__(self) -> None:
        self.last = np.empty(0, dtype=np.int32)
        self.since = np.empty(0, dtype=np.uint16)  # the day from which `last` holds; 0: ever
        self.pieces: dict[int, array[int]] = {}  # row -> end, word, end, word ...
        self.version = 0  # changes with any word

    def grow(self, capacity: int) -> None:
        """Make room for rows up to `capacity`; new ones say nothing."""
        more = capacity - len(self.last)
        self.last = np.concatenate([self.last, np.full(more, NOTHING, dtype=np.int32)])
        self.since = np.concatenate([self.since, np.zeros(more, dtype=np.uint16)])

    def at(self, row: int, day: int) -> int:
        """The word that holds for a row on a day on which something was said."""
        if day >= self.since[row]:
            return int(self.last[row])
        pieces = self.pieces[row]
        return pieces[2 * bisect_right(pieces[::2], day) + 1]

    def between(self, row: int, first: int, last: int) -> Iterator[tuple[int, int, int]]:
        """(first day, last day, word) of the runs that cover a span, cut to it."""
        for end, word in self.pieces_of(row):
            if end > first:
                yield first, min(end - 1, last), word
                first = end
            if first > last:
                return
        yield first, last, int(self.last[row])

    def pieces_of(self, row: int) -> Iterator[tuple[int, int]]:
        """(end, word) of the runs before the last."""
        pieces = self.pieces.get(row)
        if pieces is not None:
            yield from zip(pieces[::2], pieces[1::2], strict=True)

    def say(
        self,
        pool: Pool[W],
        rows: Rows,
        days: Days,
        words: Numbers,
        known: NDArray[np.bool_],
        latest: Days,
    ) -> None:
        """Take words in; each row at most once.

        `known` says that the day had a word already, `latest` is the row's latest day before.
        """
        current = self.last[rows]
        same = (current == words) & (days >= self.since[rows])
        if same.all():
            return
        first = current == NOTHING
        if first.any():
            self.last[rows[first]] = words[first]
            self.version += 1
        for index in np.flatnonzero(~(same | first)):
            self.set(
                pool,
                int(rows[index]),
                int(days[index]),
                int(words[index]),
                known=bool(known[index]),
                latest=int(latest[index]),
            )

    def set(
        self, pool: Pool[W], row: int, day: int, word: int, *, known: bool, latest: int
    ) -> bool:
        """Settle a word into one day of one row; whether that changed anything."""
        held = self.at(row, day)
        settled = pool.settle(held, word) if known and held != NOTHING else word
        if settled == held:
            return False
        if day >= latest:
            self._end_with(row, day, settled)
        else:
            self._split(row, day, settled)
        self.version += 1
        return True

    def load(self, row: int, pieces: "array[int]") -> None:
        """Give a row its runs before the last, as `pieces` holds them."""
        self.pieces[row] = pieces
        self.since[row] = pieces[-2]

    def _end_with(self, row: int, day: int, word: int) -> None:
        """The latest day of all: what held until now ends before it."""
        if self.since[row] != day:
            self.pieces.setdefault(row, array("i")).extend((day, int(self.last[row])))
            self.since[row] = day
        self.last[row] = word

    def _split(self, row: int, day: int, word: int) -> None:
        """A day among others: the run that covers it is cut in three, like neighbours joined."""
        runs: list[tuple[int, int]] = []
        begin = 0
        for end, held in [*self.pieces_of(row), (FOREVER, int(self.last[row]))]:
            cut = [(end, held)]
            if begin <= day < end:
                cut = [(day, held)] * (day > begin) + [(day + 1, word)] + cut * (end > day + 1)
            for piece_end, piece in cut:
                if runs and runs[-1][1] == piece:
                    runs.pop()
                runs.append((piece_end, piece))
            begin = end
        self.last[row] = runs.pop()[1]
        if runs:
            self.load(row, array("i", [number for run in runs for number in run]))
        else:
            self.pieces.pop(row, None)
            self.since[row] = 0
