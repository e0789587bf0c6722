"""The ledger is a set of facts: order, repetition, split and restores leave no trace."""

import random
from datetime import timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from aggregator.ingest.calendar import to_day
from aggregator.ingest.ledger import NOT_LIVE, Ledger, Told
from aggregator.ingest.union import absorb
from bus.contract import AnyEvent, Snapshot, Verdict
from tests.aggregator.ingest.facts import (
    facts_of,
    figures_of,
    ledger_of,
    ledgers_of,
    stored,
    take,
    truth,
)
from tests.aggregator.ingest.stories import (
    DAYS,
    FIRST,
    absence,
    days,
    history,
    inventory,
    snapshot,
    snapshots,
    stories,
    verdict,
)


@given(stories())
@settings(max_examples=200)
def test_it_says_what_the_obvious_way_says(events: list[AnyEvent]) -> None:
    assert facts_of(ledger_of(events)) == truth(events)


@given(stories(min_size=1), st.randoms(use_true_random=False))
@settings(max_examples=200)
def test_order_split_repetition_sealing_and_restores_leave_no_trace(
    events: list[AnyEvent], chance: random.Random
) -> None:
    shuffled = events + chance.choices(events, k=len(events) // 2)
    chance.shuffle(shuffled)
    ledger = Ledger()
    while shuffled:
        size = chance.randint(1, len(shuffled))
        batch, shuffled = shuffled[:size], shuffled[size:]
        take(ledger, batch)
        if chance.random() < 0.3:
            ledger.presence.seal()
        if chance.random() < 0.3:
            ledger = stored(ledger)
        if chance.random() < 0.3:
            absorb(ledger, ledger_of(batch, chance.choices(events, k=3)))
    assert facts_of(ledger) == truth(events)
    assert figures_of(ledger) == figures_of(ledger_of(events))


@given(stories(min_size=1))
@settings(max_examples=200)
def test_twelve_partitions_tell_what_one_tells(events: list[AnyEvent]) -> None:
    assert figures_of(*ledgers_of(events, 12)) == figures_of(ledger_of(events))


@given(stories(min_size=1), st.integers(0, DAYS))
@settings(max_examples=200)
def test_as_of_a_past_day_it_tells_what_only_the_facts_up_to_then_tell(
    events: list[AnyEvent], offset: int
) -> None:
    # A retract acts whatever its day; and an id is one verdict's alone.
    verdicts = {e.id: e for e in events if isinstance(e, Verdict) and e.verb != "retract"}
    facts = [e for e in events if not isinstance(e, Verdict)] + list(verdicts.values())
    day = FIRST + timedelta(days=offset)
    known = ledger_of([event for event in facts if event.day <= day])
    assert figures_of(ledger_of(facts), as_of=day) == figures_of(known, as_of=day)


@given(stories(min_size=1))
def test_every_event_again_changes_nothing(events: list[AnyEvent]) -> None:
    ledger = ledger_of(events)
    version = ledger.version
    take(ledger, events)
    assert ledger.version == version


@given(st.lists(snapshots(), min_size=1, max_size=10), stories(min_size=1, max_size=3))
def test_its_version_changes_whenever_a_fact_does(
    events: list[Snapshot], more: list[AnyEvent]
) -> None:
    ledger = ledger_of(events)
    before, version = truth(events), ledger.version
    take(ledger, more)
    changed = truth([*events, *more]) != before
    assert ledger.version != version or not changed


def test_a_first_live_fact_of_a_known_day_is_a_change() -> None:
    ledger = ledger_of([history("S1")])
    version, imported = ledger.version, history("S1")
    take(ledger, [replace(imported, imported=False)])
    assert ledger.live_from == to_day(FIRST)
    assert ledger.version != version


def test_only_what_is_live_is_noted_as_live() -> None:
    assert ledger_of([history("S1"), verdict("S1")]).live_from == NOT_LIVE
    for event in (snapshot(), absence(), inventory()):
        ledger = ledger_of([replace(event, day=FIRST + timedelta(days=3)), event])
        assert ledger.live_from == to_day(FIRST)
        assert ledger_of([replace(event, imported=True)]).live_from == NOT_LIVE


def test_many_days_of_one_drive_in_one_batch_are_all_taken_in() -> None:
    events = [snapshot("S1", day) for day in days(FIRST, DAYS)]
    assert facts_of(ledger_of(events)) == truth(events)


def test_it_grows_with_its_drives() -> None:
    events = [history(f"S{number}") for number in range(3_000)]
    ledger = ledger_of(events[:1], events)
    assert len(ledger.rows) == 3_000
    assert facts_of(ledger) == truth(events)
    assert ledger.keys()[2_999] == "S2999:ST4000DM000"


def test_of_two_verdicts_with_one_id_the_larger_stands_in_any_order() -> None:
    early, late = (Told("failed", to_day(FIRST) + n, -1, "", 0, "", "") for n in range(2))
    for told in ((early, late), (late, early)):
        ledger = Ledger()
        row = ledger.row_of("S1:M")
        assert ledger.decide(row, "v1", told[0])
        assert ledger.decide(row, "v1", told[1]) == (told[1] == late)
        assert not ledger.decide(row, "v1", early)
        assert ledger.verdicts[row] == {"v1": late}


def test_a_row_that_was_only_spoken_of_was_never_present() -> None:
    ledger = ledger_of([verdict("S1"), absence("S2")])
    assert list(ledger.latest[:2]) == [-1, -1]
    assert not np.any([runs.last[:2] != -1 for runs in ledger.columns])
