"""`verdict failed`: what a person says of a drive, into the log."""

import asyncio
import getpass
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from bus import contract
from bus.contract import AnyEvent, Verdict
from bus.log import Topic
from bus.sqlite import SqliteLog
from tests.aggregator.cli.conftest import Aggregator, Place, Told
from tests.aggregator.ingest.stories import FIRST, days, history

EVENTS: list[AnyEvent] = [history("S1", day) for day in days(FIRST, 35)]
EVENTS += [history("S1", model="ST8000DM004"), history("S2"), history("S:3")]
LAST = FIRST + timedelta(days=34)


def given(place: Place) -> list[Verdict]:
    """The verdicts in the log, each in the partition of its drive."""

    async def read() -> list[Verdict]:
        log = SqliteLog.open(place.folder / "log.db")
        found = []
        async for batch in log.batches({}, await log.ends()):
            if batch.spot.topic == Topic.VERDICTS:
                found += [contract.decode(value) for value in batch.values]
        await log.close()
        return [event for event in found if isinstance(event, Verdict)]

    return asyncio.run(read())


def failed(aggregator: Aggregator, place: Place, *arguments: object) -> Told:
    return aggregator("verdict", "failed", *arguments, "--bus", place.bus, "--state", place.state)


def test_it_goes_into_the_log_and_says_its_id(aggregator: Aggregator, place: Place) -> None:
    place.take_in(EVENTS, partitions=3)
    told = failed(aggregator, place, "S2", "--day", LAST, "--reason", "ticket 4711", "--who", "ann")
    (verdict,) = given(place)
    assert (told.code, told.err) == (0, "")
    assert told.out == f"S2:ST4000DM000 failed on {LAST}: verdict {verdict.id}\n"
    assert (verdict.verb, verdict.day, verdict.who, verdict.reason) == (
        "failed",
        LAST,
        "ann",
        "ticket 4711",
    )
    assert (verdict.drive.serial, verdict.drive.model) == ("S2", "ST4000DM000")


def test_the_failure_is_booked_on_the_last_day_the_drive_was_present(
    aggregator: Aggregator, place: Place
) -> None:
    place.take_in(EVENTS)
    failed(aggregator, place, "S2", "--day", FIRST + timedelta(days=9))
    aggregator("run", "--bus", place.bus, "--state", place.state, "--until-end")
    told = aggregator("drives", "S2", "--state", place.state, "--format", "json")
    assert f'"failed": "{FIRST}"' in told.out


def test_its_day_is_today_and_its_giver_this_user(aggregator: Aggregator, place: Place) -> None:
    place.take_in(EVENTS)
    before = datetime.now(UTC)
    failed(aggregator, place, "S2")
    (verdict,) = given(place)
    assert verdict.who == getpass.getuser()
    assert before.date() <= verdict.day <= datetime.now(UTC).date()
    assert before <= verdict.given_at <= datetime.now(UTC)


def test_a_user_without_a_name_is_a_number(
    aggregator: Aggregator, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr(getpass, "getuser", nameless)
    place.take_in(EVENTS)
    failed(aggregator, place, "S2")
    assert given(place)[0].who == f"uid {os.getuid()}"


def test_a_key_may_be_given_where_there_is_no_state(aggregator: Aggregator, place: Place) -> None:
    place.fill(EVENTS)
    told = aggregator("verdict", "failed", "S2:Seagate ST4000DM000", "--bus", place.bus)
    assert (told.code, told.err) == (0, "")
    assert given(place)[0].drive.model == "ST4000DM000"


def test_a_key_that_was_never_seen_is_kept_and_said(aggregator: Aggregator, place: Place) -> None:
    place.take_in(EVENTS)
    told = failed(aggregator, place, "S2:ST9")
    assert told.code == 0
    assert told.err == (
        "S2:ST9 was never seen: the verdict counts once it is; `drives` lists those that were\n"
    )
    assert len(given(place)) == 1


def test_a_serial_with_a_colon_is_found(aggregator: Aggregator, place: Place) -> None:
    place.take_in(EVENTS)
    failed(aggregator, place, "S:3")
    assert given(place)[0].drive.serial == "S:3"


class TestErrors:
    """Nothing is put into the log."""

    @pytest.fixture(autouse=True)
    def _nothing_given(self, place: Place) -> Iterator[None]:
        place.take_in(EVENTS)
        yield
        assert given(place) == []

    def test_an_unknown_serial(self, aggregator: Aggregator, place: Place) -> None:
        failed(aggregator, place, "S77").check_error(2, "no drive 'S77' is known")

    def test_an_ambiguous_serial(self, aggregator: Aggregator, place: Place) -> None:
        told = failed(aggregator, place, "S1")
        told.check_error(2, "several drives", "S1:ST4000DM000, S1:ST8000DM004")

    def test_a_serial_without_a_state(self, aggregator: Aggregator, place: Place) -> None:
        told = aggregator("verdict", "failed", "S2", "--bus", place.bus)
        told.check_error(2, "no state in")

    @pytest.mark.parametrize("day", ["yesterday", "2026-13-01"])
    def test_a_day_that_is_none(self, aggregator: Aggregator, place: Place, day: str) -> None:
        failed(aggregator, place, "S2", "--day", day).check_error(2, f"--day {day!r} is no day")

    @pytest.mark.parametrize("day", ["1999-12-31", "2199-01-01"])
    def test_a_day_that_nobody_believes(
        self, aggregator: Aggregator, place: Place, day: str
    ) -> None:
        told = failed(aggregator, place, "S2", "--day", day)
        told.check_error(2, "would not be believed", day)

    def test_a_reason_that_cannot_be_shown(self, aggregator: Aggregator, place: Place) -> None:
        told = failed(aggregator, place, "S2", "--reason", "\x1b[2J")
        told.check_error(2, "would not be believed", "reason")

    def test_no_log(self, aggregator: Aggregator, place: Place) -> None:
        told = aggregator(
            *("verdict", "failed", "S2", "--state", place.state),
            *("--bus", f"sqlite:{place.folder / 'none.db'}"),
        )
        told.check_error(2, "no log at", "none.db")
