"""For commands that only look: the state store as ledgers and figures, without a log or a lock."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from aggregator.cli.options import state_of
from aggregator.config import AggregatorSettings
from aggregator.ingest.ledger import Ledger
from aggregator.ingest.naming import Naming
from aggregator.ingest.restore import restore_all
from aggregator.ingest.store import open_store
from aggregator.pipeline import Figuring
from aggregator.rates.figures import Figures


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
    figures = Figuring(naming).work_out(
        ledgers,
        now=datetime.now(UTC),
        simulated=any(part.head.simulated for part in parts if part.head),
        as_of=as_of,
    )
    return Look(ledgers, naming, figures)
