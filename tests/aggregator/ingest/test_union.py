"""The union of two ledgers holds every fact of both, whatever order they were told in."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from msgspec.structs import replace

from aggregator.ingest.ledger import Ledger
from aggregator.ingest.union import absorb
from bus.contract import AnyEvent
from tests.aggregator.ingest.facts import facts_of, figures_of, ledger_of, stored, take, truth
from tests.aggregator.ingest.stories import FIRST, days, history, snapshot, stories


@given(stories(max_size=30), stories(max_size=30))
@settings(max_examples=200)
def test_it_holds_the_facts_of_both(mine: list[AnyEvent], its: list[AnyEvent]) -> None:
    whole, other = ledger_of(mine), ledger_of(its)
    whole.presence.seal()
    absorb(whole, stored(other))
    assert facts_of(whole) == truth([*mine, *its])
    assert figures_of(whole) == figures_of(ledger_of([*its, *mine]))


@given(stories(min_size=1, max_size=20), stories(max_size=20))
def test_again_and_the_other_way_round_it_is_the_same(
    mine: list[AnyEvent], its: list[AnyEvent]
) -> None:
    one, other = ledger_of(mine), ledger_of(its)
    absorb(one, other)
    facts = facts_of(one)
    absorb(one, other)
    assert facts_of(one) == facts
    absorb(other, ledger_of(mine))
    assert facts_of(other) == facts


@given(stories(), stories(max_size=10))
def test_it_goes_on_like_any_ledger(mine: list[AnyEvent], more: list[AnyEvent]) -> None:
    whole = Ledger()
    absorb(whole, ledger_of(mine))
    absorb(whole, Ledger())
    take(whole, more)
    assert facts_of(whole) == truth([*mine, *more])


def test_the_other_is_left_as_it_was() -> None:
    other = ledger_of([snapshot("S1", day) for day in days(FIRST, 3)])
    facts, whole = facts_of(other), ledger_of([replace(snapshot("S1"), role="boot")])
    absorb(whole, other)
    take(whole, [snapshot("S1", FIRST + timedelta(days=9))])
    assert facts_of(other) == facts


def test_of_two_simulated_times_the_later_is_now() -> None:
    early, late = (datetime(2031, 5, day, tzinfo=UTC) for day in (2, 9))
    one, other = Ledger(), Ledger()
    one.note_time(late)
    other.note_time(early)
    absorb(one, other)
    absorb(other, one)
    assert one.taken_in == other.taken_in == late


def test_its_version_tells_of_the_change() -> None:
    whole = ledger_of([history("S1")])
    version = whole.version
    absorb(whole, ledger_of([history("S1", FIRST + timedelta(days=1))]))
    assert whole.version != version
