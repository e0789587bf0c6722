"""What arrives is judged by its content and its time alone; no good row is lost beside a bad."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from aggregator.ingest import intake as intake_module
from aggregator.ingest import memo as memo_module
from aggregator.ingest.calendar import to_day
from aggregator.ingest.intake import Intake, Taken
from aggregator.ingest.ledger import Ledger
from bus import contract, identity
from bus.belief import Why
from bus.contract import AnyEvent, Drive
from bus.log import Spot, Topic
from tests.aggregator.ingest.facts import SAYS, facts_of, truth
from tests.aggregator.ingest.records import GOOD, REFUSED, records, verdict_record
from tests.aggregator.ingest.stories import (
    FIRST,
    TAKEN_IN,
    absence,
    history,
    inventory,
    routed,
    snapshot,
    verdict,
)

DECIDES = Spot(Topic.VERDICTS, 0)


def reasons(taken: Taken) -> list[tuple[int, Why]]:
    return [(offset, refused.why) for offset, refused in taken.rejected]


def take(values: Sequence[bytes], spot: Spot = SAYS, offset: int = 0) -> tuple[Ledger, Taken]:
    ledger = Ledger()
    return ledger, Intake(ledger, 0, 1).take(spot, offset, values, TAKEN_IN)


@pytest.mark.parametrize("what", REFUSED)
def test_a_bad_record_is_refused_with_its_reason_and_loses_no_good_one(what: str) -> None:
    why, bad = REFUSED[what]
    good = [contract.encode(snapshot(f"S{number}")) for number in range(4)]
    ledger, taken = take([good[0], good[1], bad, good[2], bad, good[3]], offset=100)
    assert reasons(taken) == [(102, why), (104, why)]
    assert list(ledger.rows) == [f"S{number}:ST4000DM000" for number in range(4)]
    assert taken.counts["snapshot", "new"] == 4
    assert all(refused.detail and "\n" not in refused.detail for _, refused in taken.rejected)


def test_a_verdict_that_takes_back_nothing_is_no_verdict() -> None:
    _, taken = take([verdict_record(verb="retract"), verdict_record(id="")], DECIDES)
    assert reasons(taken) == [(0, "bad_verdict"), (1, "bad_verdict")]


def test_a_record_in_the_wrong_topic_is_refused_whoever_sent_it() -> None:
    told: list[AnyEvent] = [snapshot(), history(), absence(), inventory()]
    _, taken = take([contract.encode(event) for event in told], DECIDES)
    assert reasons(taken) == [(offset, "wrong_topic") for offset in range(4)]
    _, taken = take([contract.encode(verdict())])
    assert reasons(taken) == [(0, "wrong_topic")]


def test_a_record_in_the_wrong_partition_is_refused() -> None:
    belongs = identity.partition("S1", 12)
    told: list[AnyEvent] = [snapshot("S1"), absence("S1"), routed(inventory(), belongs)]
    values = [contract.encode(event) for event in told]
    for number in range(12):
        taken = Intake(Ledger(), number, 12).take(SAYS, 0, values, TAKEN_IN)
        refused = [] if number == belongs else [(n, "wrong_partition") for n in range(3)]
        assert reasons(taken) == refused


def test_every_reason_there_is_was_met_here() -> None:
    here = {"bad_verdict", "wrong_topic", "wrong_partition"}
    assert here | {why for why, _ in REFUSED.values()} == set(get_args(Why))


@given(records(), st.data())
@settings(max_examples=300)
def test_a_record_is_judged_the_same_alone_and_after_any_others(
    values: list[bytes], data: st.DataObject
) -> None:
    topic = data.draw(st.sampled_from(Topic))
    _, together = take(values, Spot(topic, 0))
    alone = [take([value], Spot(topic, 0))[1].rejected for value in values]
    assert together.rejected == [
        (offset, refused) for offset, own in enumerate(alone) for _, refused in own
    ]


@given(records(), st.randoms(use_true_random=False))
@settings(max_examples=150)
def test_what_is_believed_depends_on_no_order_and_no_split(
    values: list[bytes], chance: random.Random
) -> None:
    ledger, _ = take(values)
    again, intake = Ledger(), None
    left = [*values, *values[:5]]
    chance.shuffle(left)
    while left:
        if intake is None or chance.random() < 0.3:
            intake = Intake(again, 0, 1)
        size = chance.randint(1, len(left))
        intake.take(SAYS, 0, left[:size], TAKEN_IN)
        left = left[size:]
    assert facts_of(again) == facts_of(ledger)


@given(records())
@settings(max_examples=100)
def test_a_memo_that_is_full_forgets_and_believes_the_same(values: list[bytes]) -> None:
    ledger, taken = take(values)
    forgetful = Ledger()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(memo_module, "LIMIT", 0)
        patch.setattr(intake_module, "LIMIT", 0)
        intake = Intake(forgetful, 0, 1)
        refused = [
            (offset, why)
            for offset, value in enumerate(values)
            for _, why in intake.take(SAYS, 0, [value], TAKEN_IN).rejected
        ]
    assert refused == taken.rejected
    assert facts_of(forgetful) == facts_of(ledger)


@given(st.permutations([" S1", "S1 ", "S  1", "S 1", "S:1", "S%3A1", "S%1", "S%251", "%", ":"]))
def test_a_serial_is_one_drive_in_every_spelling_and_never_anothers(serials: list[str]) -> None:
    told = [snapshot(serial, FIRST) for serial in serials]
    told += [snapshot(serial, FIRST + timedelta(days=1)) for serial in reversed(serials)]
    ledger, taken = take([contract.encode(event) for event in told])
    assert not taken.rejected
    keys = ["S1", "S 1", "S%3A1", "S%253A1", "S%251", "S%25251", "%25", "%3A"]
    assert set(ledger.rows) == {f"{key}:ST4000DM000" for key in keys}
    assert facts_of(ledger) == truth(told)


@pytest.mark.parametrize("capacity", [None, -1, 0, 10**15 + 1, 6 * 10**17])
def test_an_unusable_capacity_is_unknown_and_the_row_counts(capacity: int | None) -> None:
    event = replace(history(), drive=Drive("S1", "M", capacity_bytes=capacity))
    ledger, taken = take([contract.encode(event)])
    assert taken.counts["snapshot", "new"] == 1
    assert ledger.what.pool.words[0].capacity_bytes == -1


def test_what_the_ledger_does_not_keep_is_not_read() -> None:
    odd = GOOD.replace(b'"schema":1', b'"schema":1,"smart":"none","temperature_celsius":[]')
    assert not take([odd])[1].rejected


def test_events_are_counted_by_kind_and_by_whether_they_were_new() -> None:
    told: list[AnyEvent] = [
        snapshot(),
        snapshot(),
        absence("S2"),
        absence("S2"),
        inventory(),
        inventory(),
    ]
    _, taken = take([contract.encode(event) for event in told])
    counted = {
        (kind, result)
        for kind in ("snapshot", "absence", "inventory")
        for result in ("new", "known")
    }
    assert dict(taken.counts) == dict.fromkeys(counted, 1)
    _, taken = take([contract.encode(verdict())] * 2, DECIDES)
    assert dict(taken.counts) == {("verdict", "new"): 1, ("verdict", "known"): 1}


def test_a_batch_is_judged_by_its_own_time() -> None:
    ledger = Ledger()
    intake = Intake(ledger, 0, 1)
    live, old = contract.encode(snapshot()), contract.encode(history())
    later = TAKEN_IN + timedelta(days=200)
    for _ in range(2):
        assert not intake.take(SAYS, 0, [live, old], TAKEN_IN).rejected
        assert reasons(intake.take(SAYS, 0, [live, old], later)) == [(0, "bad_day")]


def test_an_inventory_of_more_drives_than_there_are_numbers_can_be_kept() -> None:
    """The sum of its counts does not fit 64 bits; a checkpoint could never be written again."""
    most = 2**63 - 1
    huge = replace(inventory(), present=most, asleep=most, unreadable=most)
    ledger, taken = take([contract.encode(huge)])
    assert not taken.rejected
    assert ledger.hosts.reports.pool.words[0].drives_in_all == most


def test_a_real_log_keeps_no_time() -> None:
    assert take([GOOD])[0].taken_in is None


def test_live_from_is_the_first_live_day() -> None:
    told = [history("S1", date(2014, 1, 1)), snapshot("S1", FIRST + timedelta(days=1)), snapshot()]
    ledger, _ = take([contract.encode(event) for event in told])
    assert ledger.live_from == to_day(FIRST)
