"""`models`, asked for what cannot be: one line on stderr, what was wrong and what to do."""

import pytest

from bus.contract import AnyEvent
from tests.aggregator.cli.conftest import Aggregator, Place
from tests.aggregator.ingest.stories import history

EVENTS: list[AnyEvent] = [history(f"S{number}") for number in range(3)]


def test_no_state(aggregator: Aggregator, place: Place) -> None:
    told = aggregator("models", "--state", place.state)
    told.check_error(2, f"no state in {place.state}", "drivefleet-aggregator run --state")


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "2026", "20-02-2026", ""])
def test_a_day_that_is_none(aggregator: Aggregator, place: Place, day: str) -> None:
    told = aggregator("models", "--state", place.state, "--as-of", day)
    told.check_error(2, f"--as-of {day!r} is no day; write YYYY-MM-DD")


@pytest.mark.parametrize("day", ["0001-01-01", "1970-01-01", "1999-12-31"])
def test_a_day_before_all_history(aggregator: Aggregator, place: Place, day: str) -> None:
    told = aggregator("models", "--state", place.take_in(EVENTS).state, "--as-of", day)
    told.check_error(2, f"--as-of {day}", "before 2000-01-01")


@pytest.mark.parametrize("day", ["2199-01-01", "9999-12-31"])
def test_a_day_ahead(aggregator: Aggregator, place: Place, day: str) -> None:
    told = aggregator("models", "--state", place.take_in(EVENTS).state, "--as-of", day)
    told.check_error(2, f"--as-of {day} lies ahead")


def test_a_window_that_is_none(aggregator: Aggregator, place: Place) -> None:
    told = aggregator("models", "--state", place.state, "--window", "7d")
    told.check_error(2, "--window '7d' is none of 30d, 90d,", "lifetime")


def test_a_role_that_is_none(aggregator: Aggregator, place: Place) -> None:
    told = aggregator("models", "--state", place.state, "--role", "disk")
    told.check_error(2, "--role 'disk' is none of data, boot, all")


def test_a_store_of_another_kind(aggregator: Aggregator) -> None:
    told = aggregator("models", "--state", "s3://bucket/state")
    told.check_error(2, "--state 's3://bucket/state'", "file:///PATH")


def test_a_state_that_lacks_a_partition(aggregator: Aggregator, place: Place) -> None:
    place.take_in(EVENTS, partitions=3)
    (file,) = place.state.glob("partition-0001.*")
    file.unlink()
    told = aggregator("models", "--state", place.state)
    told.check_error(1, f"{place.state} lacks partition 1 of 3", "run the aggregator")


def test_a_damaged_file(aggregator: Aggregator, place: Place) -> None:
    (file,) = place.take_in(EVENTS).state.iterdir()
    file.write_bytes(file.read_bytes()[:-9])
    told = aggregator("models", "--state", place.state)
    told.check_error(1, f"checkpoint {file} is damaged", "move the file away")


def test_an_unknown_setting_names_the_nearest(aggregator: Aggregator, place: Place) -> None:
    config = place.folder / "drivefleet.toml"
    config.write_text("[aggregator]\nstaet = 'x'\n")
    told = aggregator("models", "--config", config)
    told.check_error(2, str(config), "unknown setting 'staet'", "did you mean 'state'?")
