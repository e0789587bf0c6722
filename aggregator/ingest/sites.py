"""In which datacenter each drive stood, quarter by quarter, for counting drive-days by cohort.

Nearly all drives stand in one for ever, most others for the whole of a quarter; those that moved
within it are told run by run.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from aggregator.ingest.calendar import Days, first_day_of
from aggregator.ingest.presence import TILE, BlockId
from aggregator.ingest.runs import FOREVER, Numbers, Rows, Runs


class Stays(NamedTuple):
    """Runs of days on which a drive stood in one datacenter; both ends included."""

    rows: Rows
    firsts: Days
    lasts: Days
    sites: Numbers

    def pick(self, chosen: NDArray[np.bool_]) -> "Stays":
        return Stays(self.rows[chosen], self.firsts[chosen], self.lasts[chosen], self.sites[chosen])


class Sites:
    """The datacenters of one ledger's drives, by number."""

    def __init__(self, where: Runs, sites: Numbers) -> None:
        """`sites` is the datacenter of each word of `where`, and at its end that of NOTHING."""
        self.last: Numbers = sites[where.last]
        self._moves = _moves(where, sites)

    def of_block(self, block_id: BlockId) -> tuple[Numbers, Stays]:
        """([rows of the tile] the datacenter in that quarter, the stays of those that moved in it).

        What the first says of a drive that moved means nothing.
        """
        quarter, tile = block_id
        begin, end = first_day_of(quarter), first_day_of(quarter + 1)
        sites = self.last[tile * TILE : (tile + 1) * TILE].copy()
        moves = self._moves
        here = moves.pick(
            (moves.rows // TILE == tile) & (moves.firsts < end) & (moves.lasts >= begin)
        )
        once = np.bincount(here.rows % TILE, minlength=len(sites))[here.rows % TILE] == 1
        whole = here.pick(once)
        sites[whole.rows % TILE] = whole.sites
        return sites, here.pick(~once)


def _moves(where: Runs, sites: Numbers) -> Stays:
    """The stays of every drive that was in more than one datacenter."""
    of_word = sites.tolist()
    found: list[tuple[int, int, int, int]] = []
    for row, pieces in where.pieces.items():
        now = of_word[where.last[row]]
        stays = [of_word[word] for word in pieces[1::2]]
        if any(site != now for site in stays):
            ends = [*pieces[::2], FOREVER]
            begins = [0, *pieces[::2]]
            for begin, end, site in zip(begins, ends, [*stays, now], strict=True):
                if begin and found[-1][3] == site:
                    begin = found.pop()[1]
                found.append((row, begin, end - 1, site))
    rows, firsts, lasts, stood = np.array(found, dtype=np.int64).reshape(-1, 4).T
    return Stays(rows, firsts.astype(np.int32), lasts.astype(np.int32), stood.astype(np.int32))
