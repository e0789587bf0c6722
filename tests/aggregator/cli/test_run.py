"""`run`: works off a log; its errors, each a line."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bus.contract import AnyEvent
from bus.log import Message, Spot, Topic
from bus.sqlite import SqliteLog
from tests.aggregator.cli.conftest import Aggregator, Place
from tests.aggregator.cli.process import aggregating
from tests.aggregator.ingest.stories import FIRST, TAKEN_IN, days, history
from tests.bus.conftest import Disk

EVENTS: list[AnyEvent] = [history(f"S{n}", day) for n in range(3) for day in days(FIRST, 35)]
ROOT = Path(__file__).parents[3]
LEAVES_WITHIN_S = 5


def append(place: Place, *values: bytes) -> None:
    async def run() -> None:
        log = SqliteLog.create(place.folder / "log.db", clock=lambda: TAKEN_IN)
        spot = Spot(Topic.SNAPSHOTS, 0)
        await log.append([Message(spot, value) for value in values], live=True)
        await log.close()

    asyncio.run(run())


class TestUntilTheEnd:
    def test_it_works_off_the_log_and_says_so(self, aggregator: Aggregator, place: Place) -> None:
        place.fill(EVENTS)
        told = aggregator("run", "--bus", place.bus, "--state", place.state, "--until-end")
        assert (told.code, told.out) == (0, "")
        assert told.err == f"105 events read, 105 of them new; state in {place.state}\n"
        again = aggregator("run", "--bus", place.bus, "--state", place.state, "--until-end")
        assert again.err.startswith("0 events read, 0 of them new")

    def test_the_first_record_rejected_for_each_reason_is_said(
        self, aggregator: Aggregator, place: Place
    ) -> None:
        place.fill(EVENTS)
        append(place, b"garbage [bold]", b"\xff", b'{"schema":9,"kind":"snapshot"}')
        told = aggregator("run", "--bus", place.bus, "--state", place.state, "--until-end")
        first, *rejected = told.err.splitlines()
        assert told.code == 0
        assert first.startswith("108 events read, 105 of them new")
        assert rejected[0].startswith("2 rejected, not_json: first in snapshots 0 at 105: ")
        assert rejected[1].startswith("1 rejected, unknown_schema: first in snapshots 0 at 107: ")
        assert len(rejected) == 2

    def test_an_empty_log_leaves_a_state(self, aggregator: Aggregator, place: Place) -> None:
        place.fill([])
        run = aggregator("run", "--bus", place.bus, "--state", place.state, "--until-end")
        assert run.code == 0
        told = aggregator("models", "--state", place.state)
        assert told.err.startswith("No drive was seen")

    def test_without_a_state_of_its_own_it_is_in_the_users_folder(
        self, aggregator: Aggregator, place: Place
    ) -> None:
        place.fill(EVENTS)
        assert aggregator("run", "--bus", place.bus, "--until-end").code == 0
        assert list((place.folder / "home" / "drivefleet" / "state").iterdir())
        assert aggregator("models").code == 0


class TestErrors:
    def test_no_log(self, aggregator: Aggregator, place: Place) -> None:
        told = aggregator("run", "--bus", place.bus, "--state", place.state, "--until-end")
        told.check_error(2, f"no log at {place.folder / 'log.db'}", "drivefleet-agent replay")
        assert list(place.folder.iterdir()) == [], "a mistyped path makes nothing"

    @pytest.mark.parametrize("bus", ["kafka:localhost:9092", "sqlite:", "log.db", ""])
    def test_an_address_of_no_known_scheme(
        self, aggregator: Aggregator, place: Place, bus: str
    ) -> None:
        told = aggregator("run", "--bus", bus or "x", "--state", place.state, "--until-end")
        told.check_error(2, "--bus", "sqlite:PATH")

    def test_a_log_that_is_none(self, aggregator: Aggregator, place: Place) -> None:
        (place.folder / "log.db").write_bytes(b"hello" * 1_000)
        told = aggregator("run", "--bus", place.bus, "--state", place.state, "--until-end")
        told.check_error(2, "log.db is not a drivefleet log")

    def test_a_locked_log(self, aggregator: Aggregator, place: Place) -> None:
        place.fill(EVENTS)
        with reading(place):
            told = aggregator("run", "--bus", place.bus, "--state", place.state, "--until-end")
        told.check_error(2, f"another aggregator reads {place.folder / 'log.db'}", "models")
        assert not place.state.exists()

    def test_a_state_of_a_log_with_other_partitions(
        self, aggregator: Aggregator, place: Place
    ) -> None:
        other = Place(place.folder / "other").take_in(EVENTS, partitions=3)
        place.fill(EVENTS)
        told = aggregator("run", "--bus", place.bus, "--state", other.state, "--until-end")
        told.check_error(2, "state is of 3 partitions, the log has 1", "--state")

    def test_a_state_of_a_simulated_log(self, aggregator: Aggregator, place: Place) -> None:
        other = Place(place.folder / "other").take_in([], simulated=True)
        place.fill(EVENTS)
        told = aggregator("run", "--bus", place.bus, "--state", other.state, "--until-end")
        told.check_error(2, "real and simulated facts do not mix", "--state")

    def test_a_state_that_is_a_file(self, aggregator: Aggregator, place: Place) -> None:
        place.fill(EVENTS).state.write_bytes(b"")
        told = aggregator("run", "--bus", place.bus, "--state", place.state, "--until-end")
        told.check_error(2, f"--state {place.state} is a file")

    def test_a_full_disk_and_with_space_again_nothing_is_lost(
        self, aggregator: Aggregator, place: Place, small_disk: Disk
    ) -> None:
        state = small_disk.folder / "state"
        place.fill(EVENTS)
        ballast = small_disk.fill()
        told = aggregator("run", "--bus", place.bus, "--state", state, "--until-end")
        told.check_error(75, str(state), "No space left on device", "free space")
        ballast.unlink()
        told = aggregator("run", "--bus", place.bus, "--state", state, "--until-end")
        assert told.err.startswith("105 events read, 105 of them new")

    def test_a_read_only_disk(self, aggregator: Aggregator, place: Place, small_disk: Disk) -> None:
        place.fill(EVENTS)
        small_disk.remount("ro")
        state = small_disk.folder / "state"
        told = aggregator("run", "--bus", place.bus, "--state", state, "--until-end")
        told.check_error(75, str(state), "read-write")
        small_disk.remount("rw")

    def test_a_port_that_is_taken(self, aggregator: Aggregator, place: Place) -> None:
        with aggregating(place) as at_work:
            told = aggregator(
                *("run", "--bus", f"sqlite:{place.folder / 'other.db'}"),
                *("--state", place.folder / "other", "--port", at_work.port),
            )
        told.check_error(2, f"port {at_work.port} is taken")

    def test_a_damaged_checkpoint_is_made_up_for_by_the_log(
        self, aggregator: Aggregator, place: Place
    ) -> None:
        (file,) = place.take_in(EVENTS).state.iterdir()
        file.write_bytes(file.read_bytes()[:-9])
        told = aggregator("run", "--bus", place.bus, "--state", place.state, "--until-end")
        assert told.code == 0
        assert "105 events read, 105 of them new" in told.err
        assert file.exists(), "left for a person to look at"


@contextmanager
def reading(place: Place) -> Iterator[None]:
    """Another reader of the log."""

    async def lock(log: SqliteLog) -> None:
        await anext(log.batches({}))

    log = SqliteLog.open(place.folder / "log.db")
    asyncio.run(lock(log))
    try:
        yield
    finally:
        asyncio.run(log.close())
