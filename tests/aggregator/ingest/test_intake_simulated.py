"""A simulated log takes what its events say for the time at which they were taken in."""

from datetime import UTC, date, datetime, timedelta

from msgspec.structs import replace

from aggregator.ingest.intake import Intake, Taken
from aggregator.ingest.ledger import Ledger
from bus import contract
from bus.belief import Why
from bus.log import Spot, Topic
from tests.aggregator.ingest.facts import SAYS
from tests.aggregator.ingest.records import GOOD
from tests.aggregator.ingest.stories import TAKEN_IN, history, snapshot, verdict

DECIDES = Spot(Topic.VERDICTS, 0)


def reasons(taken: Taken) -> list[tuple[int, Why]]:
    return [(offset, refused.why) for offset, refused in taken.rejected]


def test_an_event_is_judged_by_when_it_was_sent() -> None:
    sent_at = datetime(2031, 5, 2, 12, tzinfo=UTC)
    told = [snapshot("S1", date(2031, 5, d), sent_at=sent_at) for d in (1, 2, 3, 4)]
    values = [contract.encode(event) for event in told]
    ledger = Ledger()
    taken = Intake(ledger, 0, 1, simulated=True).take(SAYS, 0, values, TAKEN_IN)
    assert reasons(taken) == [(3, "bad_day")]
    assert len(Intake(Ledger(), 0, 1).take(SAYS, 0, values, TAKEN_IN).rejected) == 4


def test_now_is_the_latest_time_of_its_hosts_in_any_order() -> None:
    times = [datetime(2031, 5, day, 12, tzinfo=UTC) for day in (2, 9, 4)]
    for order in (times, times[::-1]):
        ledger = Ledger()
        intake = Intake(ledger, 0, 1, simulated=True)
        for sent_at in order:
            event = snapshot("S1", sent_at.date(), sent_at=sent_at)
            intake.take(SAYS, 0, [contract.encode(event)], TAKEN_IN)
        assert ledger.taken_in == max(times)


def test_a_persons_verdict_does_not_move_its_time() -> None:
    ledger = Ledger()
    intake = Intake(ledger, 0, 1, simulated=True)
    taken = intake.take(DECIDES, 0, [contract.encode(verdict())], TAKEN_IN)
    assert taken.counts["verdict", "new"] == 1
    assert ledger.taken_in is None


def test_a_later_time_is_a_change() -> None:
    ledger = Ledger()
    intake = Intake(ledger, 0, 1, simulated=True)
    first = snapshot(sent_at=TAKEN_IN)
    intake.take(SAYS, 0, [contract.encode(first)], TAKEN_IN)
    version = ledger.version
    resent = replace(first, sent_at=TAKEN_IN + timedelta(days=1))
    intake.take(SAYS, 0, [contract.encode(resent)], TAKEN_IN)
    assert ledger.version != version


def test_a_clock_without_a_zone_tells_no_time() -> None:
    naive = GOOD.replace(b"12:00:00Z", b"12:00:00")
    taken = Intake(Ledger(), 0, 1, simulated=True).take(SAYS, 0, [naive], TAKEN_IN)
    assert reasons(taken) == [(0, "bad_clock")]


def test_imported_history_in_it_is_judged_by_the_logs_own_time() -> None:
    ledger = Ledger()
    intake = Intake(ledger, 0, 1, simulated=True)
    old, ahead = history("S1", date(2013, 1, 1)), history("S1", date(2031, 1, 1))
    taken = intake.take(SAYS, 0, [contract.encode(old), contract.encode(ahead)], TAKEN_IN)
    assert reasons(taken) == [(1, "bad_day")]
    assert ledger.taken_in is None
