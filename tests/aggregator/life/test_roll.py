"""The roll says of each drive what its life says."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.ingest.calendar import to_day
from aggregator.ingest.naming import Naming
from aggregator.life.history import tell_life
from aggregator.life.roll import call_roll
from aggregator.rates.figures import DriveLine
from bus.contract import AnyEvent
from tests.aggregator.ingest.facts import ledger_of
from tests.aggregator.ingest.stories import DAYS, FIRST, stories


@given(stories(), st.integers(-1, DAYS + 3))
@settings(max_examples=150)
def test_each_line_is_the_beginning_of_the_drives_life(events: list[AnyEvent], offset: int) -> None:
    ledger, as_of = ledger_of(events), to_day(FIRST + timedelta(days=offset))
    ledger.presence.seal()
    lines = list(call_roll(ledger, as_of, Naming()))
    lives = [tell_life(ledger, key, as_of, Naming()) for key in ledger.rows]
    assert lines == [
        DriveLine(*(getattr(life, name) for name in DriveLine.__struct_fields__))
        for life in lives
        if life is not None
    ]
