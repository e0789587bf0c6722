"""From ledgers to figures, on one screen: days -> windows -> summaries -> states -> figures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from aggregator.ingest.asof import days_present
from aggregator.ingest.calendar import to_date, to_day
from aggregator.ingest.counts import Counts
from aggregator.ingest.ledger import NOT_LIVE, Ledger
from aggregator.ingest.naming import Naming
from aggregator.ingest.summarise import summarise
from aggregator.ingest.summary import unite
from aggregator.life.fleet import live
from aggregator.rates.days import Days, choose_days
from aggregator.rates.figures import Figures
from aggregator.rates.tables import figures, nothing
from aggregator.rates.windows import windows


@dataclass
class Figuring:
    """Works out figures again and again; remembers what did not change (a pure cache)."""

    naming: Naming = field(default_factory=Naming)
    _counts: dict[int, Counts] = field(default_factory=dict)

    def work_out(
        self,
        ledgers: Sequence[Ledger],
        *,
        now: datetime,
        simulated: bool = False,
        as_of: date | None = None,
    ) -> Figures:
        """The figures of all partitions together, as of a day or as of now.

        Takes time in proportion to what changed since the last call; blocks, so give it a thread
        while nobody writes the ledgers.
        """
        now = latest_time(ledgers) or now if simulated else now
        present = sorted({int(day) for ledger in ledgers for day in days_present(ledger)})
        live_from = min((ledger.live_from for ledger in ledgers), default=NOT_LIVE)
        days = find_days(present, live_from, now, as_of)
        if days.windows_end is None:
            return nothing(days, simulated=simulated)
        told = windows(days.windows_end, to_date(present[0]))
        first, last = present[0], to_day(days.as_of)
        spans = [(to_day(window.first), to_day(window.last)) for window in told]
        summaries = (
            summarise(ledger, first, last, spans, self.naming, self._counts_of(number))
            for number, ledger in enumerate(ledgers)
        )
        return figures(live(unite(summaries)), days, told, simulated=simulated)

    def _counts_of(self, number: int) -> Counts:
        return self._counts.setdefault(number, Counts())


def latest_time(ledgers: Iterable[Ledger]) -> datetime | None:
    """What a simulated log takes for now: the latest time that its hosts told."""
    return max((ledger.taken_in for ledger in ledgers if ledger.taken_in), default=None)


def find_days(present: Sequence[int], live_from: int, now: datetime, as_of: date | None) -> Days:
    """A and E. Live facts of days after A do not keep E away from it: they are not known then."""
    dates = [to_date(day) for day in present]
    if as_of is None:
        as_of = choose_days(dates, live_from != NOT_LIVE, now, None).as_of
    return choose_days(dates, live_from <= to_day(as_of), now, as_of)
