"""Which failures are confirmed, rule by rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.ingest.ledger import NEVER, Told
from aggregator.life.confirmed import booked_days, last_failed, last_present
from bus.contract import Verb

PRESENT = ((10, 20), (25, 30))


def told(day: int, verb: Verb = "failed", *, of: str = "", given_at_ms: int = 0) -> Told:
    return Told(verb, day, NEVER, of, given_at_ms, "ann", "")


def test_imported_history_books_the_days_it_tells() -> None:
    assert booked_days(PRESENT, [20, 30], {}, 99) == {20, 30}


def test_a_verdict_books_the_last_day_present_up_to_its_own() -> None:
    for day, booked in ((27, 27), (24, 20), (99, 30), (10, 10)):
        assert booked_days(PRESENT, [], {"v1": told(day)}, 99) == {booked}


def test_a_verdict_on_a_drive_not_seen_up_to_its_day_counts_nothing() -> None:
    assert booked_days(PRESENT, [], {"v1": told(9)}, 99) == frozenset()


def test_a_verdict_and_history_that_tell_of_one_day_are_one_failure() -> None:
    assert booked_days(PRESENT, [30], {"v1": told(31)}, 99) == {30}


def test_of_several_verdicts_the_one_given_last_is_booked() -> None:
    verdicts = {"v1": told(20, given_at_ms=5), "v2": told(12, given_at_ms=9)}
    assert booked_days(PRESENT, [], verdicts, 99) == {12}


def test_given_at_once_the_later_day_then_the_larger_id_is_booked() -> None:
    assert last_failed({"b": told(12), "a": told(13)}, 99) == told(13)
    verdicts = {"b": told(12, given_at_ms=0), "a": Told("failed", 12, NEVER, "", 0, "zoe", "")}
    assert last_failed(verdicts, 99) == verdicts["b"]


def test_a_retracted_verdict_counts_nothing_whatever_the_retracts_day() -> None:
    verdicts = {"v1": told(20), "r1": told(500, "retract", of="v1")}
    assert booked_days(PRESENT, [], verdicts, 30) == frozenset()


def test_a_retract_cannot_be_retracted() -> None:
    verdicts = {
        "v1": told(20),
        "r1": told(20, "retract", of="v1"),
        "r2": told(20, "retract", of="r1"),
    }
    assert last_failed(verdicts, 99) is None


def test_a_retract_of_one_verdict_leaves_the_one_before_it() -> None:
    verdicts = {
        "v1": told(12, given_at_ms=1),
        "v2": told(20, given_at_ms=2),
        "r1": told(20, "retract", of="v2"),
    }
    assert booked_days(PRESENT, [], verdicts, 99) == {12}


def test_a_retract_takes_back_no_imported_failure() -> None:
    assert booked_days(PRESENT, [20], {"r1": told(20, "retract", of="v1")}, 99) == {20}


@pytest.mark.parametrize("verb", ["retired", "test", "maintenance"])
def test_other_verbs_are_no_failures(verb: Verb) -> None:
    assert booked_days(PRESENT, [], {"v1": told(20, verb)}, 99) == frozenset()


def test_what_is_told_of_later_days_is_not_known_yet() -> None:
    assert booked_days(PRESENT, [20, 26], {"v1": told(27)}, 25) == {20}
    assert booked_days(PRESENT, [], {"v1": told(25)}, 25) == {25}


@given(st.integers(0, 40))
def test_the_last_day_present_is_present_and_the_latest(day: int) -> None:
    days = [on for first, last in PRESENT for on in range(first, last + 1) if on <= day]
    assert last_present(PRESENT, day) == max(days, default=None)
