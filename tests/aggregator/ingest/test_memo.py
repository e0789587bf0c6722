"""The quick way: known words are looked up, everything odd goes the long way."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from aggregator.ingest import memo as memo_module
from aggregator.ingest.calendar import to_day
from aggregator.ingest.decode import Sighting, decode_values, widen
from aggregator.ingest.ledger import NOT_LIVE, Ledger
from aggregator.ingest.memo import MAX_HOURS, Columns, Memo
from aggregator.ingest.presence import NO_HOURS
from bus import contract
from bus.contract import Drive, Place, Signs, Snapshot
from tests.aggregator.ingest.stories import FIRST, TAKEN_IN, history, snapshot

BELIEVED = to_day(FIRST) - 10, to_day(FIRST) + 10


def short(event: Snapshot) -> Sighting:
    (decoded,) = decode_values([contract.encode(event)])
    assert isinstance(decoded, Sighting)
    return decoded


def memo_of(*learned: Snapshot) -> Memo:
    """A memo that knows these snapshots' words."""
    memo = Memo(Ledger())
    memo.imports = BELIEVED
    for event in map(short, learned):
        judged = widen(event)
        assert isinstance(judged, Snapshot)
        memo.learn(event, judged, Columns())
        memo.spans[event.sent_at] = BELIEVED
    return memo


def looked_up(memo: Memo, event: Snapshot) -> bool:
    seen = Columns()
    others = list(memo.look_up([short(event)], seen))
    assert len(seen) + len(others) == 1
    return not others


def test_a_snapshot_made_of_known_words_is_looked_up() -> None:
    memo = memo_of(snapshot("S1"), replace(snapshot("S2"), power_on_hours=8), history("S1"))
    assert looked_up(memo, replace(snapshot("S1"), day=FIRST + timedelta(days=3)))
    assert looked_up(memo, replace(snapshot("S2"), power_on_hours=9, temperature_celsius=40))
    assert looked_up(memo, history("S1", FIRST - timedelta(days=10), failure=True))


NEW_WORDS = {
    "serial": replace(snapshot(), drive=Drive("S2", "ST4000DM000", capacity_bytes=4 * 10**12)),
    "model": snapshot(model="ST8000DM004"),
    "firmware": replace(snapshot(), drive=replace(snapshot().drive, firmware="B2")),
    "capacity": replace(snapshot(), drive=replace(snapshot().drive, capacity_bytes=None)),
    "media": replace(snapshot(), drive=replace(snapshot().drive, media="hdd")),
    "role": replace(snapshot(), role="boot"),
    "state": replace(snapshot(), state="asleep"),
    "reason": replace(snapshot(), reason="timeout"),
    "host": snapshot(host="pod-2"),
    "datacenter": replace(snapshot(), place=Place(datacenter="ams")),
    "slot": replace(snapshot(), place=Place(slot="7")),
    "signs": replace(snapshot(), signs=Signs(pending=0)),
    "time of sending": snapshot(sent_at=TAKEN_IN + timedelta(seconds=1)),
}


@pytest.mark.parametrize("what", NEW_WORDS)
def test_a_new_word_goes_the_long_way(what: str) -> None:
    memo = memo_of(snapshot())
    assert looked_up(memo, snapshot())
    assert not looked_up(memo, NEW_WORDS[what])


@pytest.mark.parametrize("serial", [" S1", "S1 ", "S:1", "S%3A1", "S%1"])
def test_a_serial_that_is_spelled_otherwise_in_its_key_goes_the_long_way(serial: str) -> None:
    memo = memo_of(snapshot("S1"), snapshot("S:1"), snapshot(serial))
    assert not looked_up(memo, snapshot(serial))


def test_what_must_be_judged_goes_the_long_way() -> None:
    memo = memo_of(snapshot(), history())
    assert not looked_up(memo, replace(snapshot(), schema=2))
    assert not looked_up(memo, replace(snapshot(), failure=True))
    assert not looked_up(memo, snapshot(day=FIRST + timedelta(days=11)))
    assert not looked_up(memo, history(day=FIRST - timedelta(days=11)))


def test_what_is_learned_from_one_is_known_to_the_next() -> None:
    memo, seen = memo_of(), Columns()
    event = short(history())
    judged = widen(event)
    assert isinstance(judged, Snapshot)
    others = memo.look_up([event, event, event], seen)
    assert next(others) == 0
    memo.learn(event, judged, seen)
    assert list(others) == []
    assert len(seen) == 3


def test_what_was_forgotten_is_judged_again(monkeypatch: pytest.MonkeyPatch) -> None:
    memo = memo_of(snapshot())
    memo.forget_if_full()
    assert looked_up(memo, snapshot())
    monkeypatch.setattr(memo_module, "LIMIT", 0)
    memo.forget_if_full()
    assert not looked_up(memo, snapshot())


def test_hours_that_nobody_believes_are_none() -> None:
    hours = [None, -5, 0, 7, MAX_HOURS, MAX_HOURS + 1, 2**63 - 1]
    memo, seen = memo_of(snapshot()), Columns()
    for told in hours:
        list(memo.look_up([short(replace(snapshot(), power_on_hours=told))], seen))
    none = NO_HOURS
    assert seen.sightings().hours.tolist() == [none, none, 0, 7, MAX_HOURS, none, none]


def test_the_first_live_day_is_noted() -> None:
    memo, seen = memo_of(snapshot(), history()), Columns()
    assert list(memo.look_up([short(history(day=FIRST - timedelta(days=9)))], seen)) == []
    assert seen.live_from == NOT_LIVE
    days = [FIRST + timedelta(days=offset) for offset in (5, 2, 3)]
    assert list(memo.look_up([short(snapshot(day=day)) for day in days], seen)) == []
    assert seen.live_from == to_day(FIRST) + 2
