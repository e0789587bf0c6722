"""What arrived and what was refused, counted from 0."""

from collections import Counter
from typing import get_args

from structlog.testing import capture_logs

from aggregator.ingest.intake import Kind, Result, Taken
from aggregator.tally import Tally
from bus.belief import Rejected, Why
from bus.log import Spot, Topic

SPOT = Spot(Topic.SNAPSHOTS, 3)


def test_every_kind_result_and_reason_starts_at_0() -> None:
    tally = Tally()
    assert tally.events.keys() == {
        (kind, result) for kind in get_args(Kind) for result in get_args(Result)
    }
    assert tally.rejected.keys() == set(get_args(Why))
    assert {*tally.events.values(), *tally.rejected.values()} == {0}


def test_what_was_taken_in_adds_up() -> None:
    tally = Tally()
    refused = [(7, Rejected("bad_day", "1970-01-01")), (9, Rejected("bad_day", "2100-01-01"))]
    for _ in range(2):
        tally.add(SPOT, Taken(Counter({("snapshot", "new"): 3}), refused))
    assert tally.events["snapshot", "new"] == 6
    assert tally.events["snapshot", "known"] == 0
    assert tally.rejected["bad_day"] == 4
    assert tally.rejected["not_json"] == 0


def test_the_first_record_refused_for_a_reason_is_said_with_its_place() -> None:
    tally = Tally()
    refused = [
        (7, Rejected("bad_day", "1970-01-01")),
        (8, Rejected("bad_day", "2100-01-01")),
        (9, Rejected("not_json", "trailing characters")),
    ]
    with capture_logs() as said:
        tally.add(SPOT, Taken(Counter(), refused))
        tally.add(SPOT, Taken(Counter(), refused))
    assert tally.examples == {
        "bad_day": "snapshots 3 at 7: 1970-01-01",
        "not_json": "snapshots 3 at 9: trailing characters",
    }
    assert [(line["reason"], line["log_level"]) for line in said] == [
        ("bad_day", "warning"),
        ("not_json", "warning"),
    ]
