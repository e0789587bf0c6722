"""From ledgers to figures, on one screen: days -> windows -> summaries -> states -> figures."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from aggregator.ingest.asof import days_present
from aggregator.ingest.calendar import to_date, to_day
from aggregator.ingest.counts import Counts
from aggregator.ingest.ledger import NOT_LIVE, Ledger
from aggregator.ingest.naming import Naming
from aggregator.ingest.summary import summarise, unite
from aggregator.life.fleet import live
from aggregator.rates.days import choose_days
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

        `now` is read by a simulated log from its own events. Takes time in proportion to what
        changed since the last call; blocks, so give it a thread while nobody writes the ledgers.
        """
        if simulated:
            now = max((ledger.taken_in for ledger in ledgers if ledger.taken_in), default=now)
        present = sorted({int(day) for ledger in ledgers for day in days_present(ledger)})
        days = choose_days(
            [to_date(day) for day in present],
            _has_live(ledgers, as_of),
            now,
            as_of,
        )
        if days.windows_end is None:
            return nothing(days, simulated=simulated)
        spans = windows(days.windows_end, to_date(present[0]))
        fleet = live(
            unite(
                summarise(
                    ledger,
                    present[0],
                    to_day(days.as_of),
                    [(to_day(window.first), to_day(window.last)) for window in spans],
                    self.naming,
                    self._counts.setdefault(number, Counts()),
                )
                for number, ledger in enumerate(ledgers)
            )
        )
        return figures(fleet, days, spans, simulated=simulated)


def _has_live(ledgers: Sequence[Ledger], as_of: date | None) -> bool:
    """Whether there is a live fact of a day up to `as_of`."""
    until = NOT_LIVE - 1 if as_of is None else to_day(as_of)
    return any(ledger.live_from <= until for ledger in ledgers)
