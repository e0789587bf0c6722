"""The ledger is a set of facts: order, repetition, split and restores leave no trace."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.ingest.asof import births_as_of
from aggregator.ingest.calendar import to_day
from aggregator.ingest.checkpoint import Head, decode_checkpoint, encode_checkpoint
from aggregator.ingest.intake import Intake
from aggregator.ingest.ledger import Ledger
from aggregator.ingest.spans import spans_of_row
from aggregator.ingest.union import absorb
from aggregator.ingest.words import hosts_of
from aggregator.pipeline import Figuring
from aggregator.rates.figures import Figures
from bus import contract
from bus.log import Spot, Topic
from tests.aggregator.ingest.naive import Naive
from tests.aggregator.ingest.stories import TAKEN_IN, snapshots

SPOT = Spot(Topic.SNAPSHOTS, 0)
LAST = to_day(date(2026, 12, 31))
Events = Sequence[contract.Snapshot]


def ledger_of(*batches: Events) -> Ledger:
    ledger = Ledger()
    intake = Intake(ledger, 0, 1)
    for batch in batches:
        taken = intake.take(SPOT, 0, [contract.encode(event) for event in batch], TAKEN_IN)
        assert taken.rejected == []
    return ledger


def told(ledger: Ledger) -> Naive:
    """A ledger's facts in the naive form."""
    naive = Naive()
    born = births_as_of(ledger, LAST)
    for row, key in enumerate(ledger.rows):
        for first, last in spans_of_row(ledger.presence, row):
            for day in range(first, last + 1):
                what = ledger.what.pool.words[ledger.what.runs.at(row, day)]
                where = ledger.where.pool.words[ledger.where.runs.at(row, day)]
                naive.days[key][day] = {
                    "model": what.raw_model,
                    "capacity": what.capacity_bytes,
                    "media": what.media,
                    "role": what.role,
                    "firmware": what.firmware,
                    "state": what.state,
                    "hosts": set(hosts_of(where)),
                    "place": (
                        *where[1:],
                        ledger.slots.pool.words[ledger.slots.runs.at(row, day)].slot,
                    ),
                    "signs": ledger.signs.pool.words[ledger.signs.runs.at(row, day)].values,
                }
        if born[row] >= 0:
            naive.births[key][0] = (0, int(born[row]))
    naive.failures = {(ledger.keys()[row], day) for row, day in ledger.failures}
    return naive


def assert_says(ledger: Ledger, events: Events) -> None:
    truth, found = Naive().add(events), told(ledger)
    assert found.days == truth.days
    assert found.failures == truth.failures
    assert {key: found.born(key) for key in truth.days} == {
        key: truth.born(key) for key in truth.days
    }


def figures_of(ledger: Ledger) -> Figures:
    return Figuring().work_out([ledger], now=datetime(2026, 5, 1, tzinfo=UTC))


def stored(ledger: Ledger) -> Ledger:
    """The ledger as a checkpoint gives it back."""
    head = Head(0, 1, False, "test", TAKEN_IN, {})
    return decode_checkpoint("test", b"".join(encode_checkpoint(head, ledger)))[1]


@given(st.lists(snapshots(), max_size=40))
def test_it_says_what_the_obvious_way_says(events: list[contract.Snapshot]) -> None:
    assert_says(ledger_of(events), events)


@given(st.lists(snapshots(), min_size=1, max_size=40), st.randoms(use_true_random=False))
@settings(max_examples=200)
def test_order_split_repetition_and_restores_leave_no_trace(
    events: list[contract.Snapshot], chance: random.Random
) -> None:
    shuffled = events + chance.choices(events, k=len(events) // 2)
    chance.shuffle(shuffled)
    ledger = Ledger()
    while shuffled:
        size = chance.randint(1, len(shuffled))
        batch, shuffled = shuffled[:size], shuffled[size:]
        Intake(ledger, 0, 1).take(SPOT, 0, [contract.encode(e) for e in batch], TAKEN_IN)
        if chance.random() < 0.3:
            ledger.presence.seal()
        if chance.random() < 0.3:
            ledger = stored(ledger)
    assert_says(ledger, events)
    assert figures_of(ledger) == figures_of(ledger_of(events))


@given(st.lists(snapshots(), max_size=30), st.lists(snapshots(), max_size=30))
@settings(max_examples=200)
def test_the_union_of_two_ledgers_holds_the_facts_of_both(
    mine: list[contract.Snapshot], its: list[contract.Snapshot]
) -> None:
    whole, other = ledger_of(mine), ledger_of(its)
    absorb(whole, other)
    absorb(whole, other)
    assert_says(whole, [*mine, *its])
    if mine or its:
        assert figures_of(whole) == figures_of(ledger_of([*its, *mine]))


@given(st.lists(snapshots(), min_size=1, max_size=30))
def test_every_event_again_changes_nothing(events: list[contract.Snapshot]) -> None:
    ledger = ledger_of(events)
    version = ledger.version
    values = [contract.encode(event) for event in events]
    taken = Intake(ledger, 0, 1).take(SPOT, 0, values, TAKEN_IN)
    assert ledger.version == version
    assert taken.counts["snapshot", "new"] == 0
    assert taken.counts["snapshot", "known"] == len(events)
