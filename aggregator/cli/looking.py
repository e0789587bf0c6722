"""For commands that only look: the state store as ledgers and figures, without a log or a lock."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from aggregator.cli.options import state_of
from aggregator.config import AggregatorSettings
from aggregator.ingest.ledger import Ledger
from aggregator.ingest.naming import Naming
from aggregator.ingest.restore import restore_all
from aggregator.ingest.store import open_store
from aggregator.pipeline import Figuring, latest_time
from aggregator.rates.figures import Figures
from bus.belief import FIRST_DAY, FUTURE_DAYS
from bus.program.errors import UsageError


@dataclass(frozen=True)
class Look:
    """All facts of a store, and the figures that follow from them."""

    ledgers: list[Ledger]
    naming: Naming
    figures: Figures


def look(settings: AggregatorSettings, as_of: date | None) -> Look:
    """Read the whole store. Raises StoreError or UsageError where there is nothing whole."""
    parts = restore_all(open_store(state_of(settings)))
    naming = Naming(settings.aliases)
    ledgers = [part.ledger for part in parts]
    simulated = any(part.head.simulated for part in parts if part.head)
    now = datetime.now(UTC)
    _check_day(as_of, latest_time(ledgers) or now if simulated else now)
    figures = Figuring(naming).work_out(ledgers, now=now, simulated=simulated, as_of=as_of)
    return Look(ledgers, naming, figures)


def _check_day(as_of: date | None, now: datetime) -> None:
    """Raises UsageError for a day of which nothing can be believed, or not yet."""
    today = now.astimezone(UTC).date()
    if as_of is not None and as_of < FIRST_DAY:
        raise UsageError(f"--as-of {as_of}: no drive-day before {FIRST_DAY} is believed")
    if as_of is not None and as_of > today + timedelta(days=FUTURE_DAYS):
        raise UsageError(f"--as-of {as_of} lies ahead: it is {today} (UTC)")
