"""`drives`: the list of drives, and the life of one."""

import csv
import io
import json
from collections.abc import Callable
from datetime import timedelta

from msgspec.structs import replace

from aggregator.cli.drives import COLUMNS
from bus.contract import AnyEvent, Place, Signs
from tests.aggregator.cli import conftest
from tests.aggregator.cli.conftest import Aggregator
from tests.aggregator.ingest.stories import FIRST, days, history, verdict

LAST = FIRST + timedelta(days=34)
EVENTS: list[AnyEvent] = [history("S1", day) for day in days(FIRST, 35)]
EVENTS += [history("S1", model="ST8000DM004"), history("S:2", failure=True)]
EVENTS += [
    replace(history("S3", LAST), place=Place(datacenter="ams", slot="7"), signs=Signs(pending=8)),
    verdict("S9"),
]


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


class TestTheList:
    def test_csv_has_every_drive_that_was_seen(
        self, aggregator: Aggregator, place: conftest.Place
    ) -> None:
        told = aggregator("drives", "--state", place.take_in(EVENTS).state, "--format", "csv")
        rows = rows_of(told.out)
        assert tuple(rows[0]) == COLUMNS
        assert [(row["key"], row["state"], row["drive_days"], row["failed"]) for row in rows] == [
            ("S%3A2:ST4000DM000", "failed", "1", str(FIRST)),
            ("S1:ST4000DM000", "active", "35", ""),
            ("S3:ST4000DM000", "active", "1", ""),
            ("S1:ST8000DM004", "unaccounted", "1", ""),
        ]

    def test_json_says_the_same(self, aggregator: Aggregator, place: conftest.Place) -> None:
        state = place.take_in(EVENTS).state
        rows = json.loads(aggregator("drives", "--state", state, "--format", "json").out)
        assert [row["key"] for row in rows][2] == "S3:ST4000DM000"
        assert rows[2]["failed"] is None

    def test_partitions_make_no_difference(
        self, aggregator: Aggregator, place: conftest.Place
    ) -> None:
        one = aggregator("drives", "--state", place.take_in(EVENTS).state, "--format", "csv")
        other = conftest.Place(place.folder / "other").take_in(EVENTS, partitions=5)
        assert aggregator("drives", "--state", other.state, "--format", "csv").out == one.out

    def test_of_one_model_in_any_spelling(
        self, aggregator: Aggregator, place: conftest.Place
    ) -> None:
        state = place.take_in(EVENTS).state
        told = aggregator(
            "drives", "--state", state, "--format", "csv", "--model", "Seagate ST8000DM004"
        )
        assert [row["key"] for row in rows_of(told.out)] == ["S1:ST8000DM004"]

    def test_as_of_a_past_day(self, aggregator: Aggregator, place: conftest.Place) -> None:
        state = place.take_in(EVENTS).state
        told = aggregator("drives", "--state", state, "--format", "csv", "--as-of", FIRST)
        assert [(row["key"], row["drive_days"]) for row in rows_of(told.out)] == [
            ("S%3A2:ST4000DM000", "1"),
            ("S1:ST4000DM000", "1"),
            ("S1:ST8000DM004", "1"),
        ]

    def test_a_table_piped_is_never_cut(
        self, aggregator: Aggregator, place: conftest.Place
    ) -> None:
        told = aggregator("drives", "--state", place.take_in(EVENTS).state)
        assert [" ".join(line.split()) for line in told.out.splitlines()] == [
            "drive state role host slot from to days failed",
            f"S%3A2:ST4000DM000 failed data {FIRST} {FIRST} 1 {FIRST}",
            f"S1:ST4000DM000 active data {FIRST} {LAST} 35",
            f"S3:ST4000DM000 active data 7 {LAST} {LAST} 1",
            f"S1:ST8000DM004 unaccounted data {FIRST} {FIRST} 1",
        ]

    def test_a_table_fits_a_terminal_of_100_columns(
        self,
        aggregator: Aggregator,
        place: conftest.Place,
        terminal: Callable[[int], io.StringIO],
    ) -> None:
        screen = terminal(100)
        aggregator("drives", "--state", place.take_in(EVENTS).state)
        assert max(map(len, screen.getvalue().splitlines())) <= 100
        assert "…" not in screen.getvalue()

    def test_a_long_list_is_cut_and_says_how_to_see_all(
        self, aggregator: Aggregator, place: conftest.Place
    ) -> None:
        state = place.take_in(EVENTS).state
        told = aggregator("drives", "--state", state, "--limit", "1")
        assert len(told.out.splitlines()) == 2
        assert told.err == "3 more; --limit 0 shows all\n"
        whole = aggregator("drives", "--state", state, "--limit", "0")
        assert (len(whole.out.splitlines()), whole.err) == (5, "")


class TestOneDrive:
    def test_a_table_tells_what_it_is_and_its_runs(
        self, aggregator: Aggregator, place: conftest.Place
    ) -> None:
        told = aggregator("drives", "S3", "--state", place.take_in(EVENTS).state)
        lines = [" ".join(line.split()) for line in told.out.splitlines()]
        assert "key S3:ST4000DM000" in lines
        assert "signs pending 8" in lines
        assert lines[-2:] == [
            "first last state hosts place slot firmware",
            f"{LAST} {LAST} read ams 7",
        ]

    def test_json_and_csv(self, aggregator: Aggregator, place: conftest.Place) -> None:
        state = place.take_in(EVENTS).state
        told = aggregator("drives", "S:2", "--state", state, "--format", "json")
        life = json.loads(told.out)
        assert (life["serial"], life["state"], len(life["runs"])) == ("S:2", "failed", 1)
        told = aggregator("drives", "S:2", "--state", state, "--format", "csv")
        assert rows_of(told.out)[0]["first"] == str(FIRST)

    def test_a_key_is_found_in_any_spelling(
        self, aggregator: Aggregator, place: conftest.Place
    ) -> None:
        state = place.take_in(EVENTS).state
        told = aggregator("drives", "S1:Seagate  ST8000DM004", "--state", state)
        assert "S1:ST8000DM004" in told.out

    def test_an_unknown_drive(self, aggregator: Aggregator, place: conftest.Place) -> None:
        told = aggregator("drives", "S77", "--state", place.take_in(EVENTS).state)
        told.check_error(2, "no drive 'S77' is known", "`drives` lists")

    def test_a_drive_that_was_only_spoken_of(
        self, aggregator: Aggregator, place: conftest.Place
    ) -> None:
        told = aggregator("drives", "S9", "--state", place.take_in(EVENTS).state)
        told.check_error(2, "no drive 'S9' was seen up to")

    def test_an_ambiguous_serial(self, aggregator: Aggregator, place: conftest.Place) -> None:
        told = aggregator("drives", "S1", "--state", place.take_in(EVENTS).state)
        told.check_error(2, "several drives", "S1:ST4000DM000, S1:ST8000DM004")


def test_no_state(aggregator: Aggregator, place: conftest.Place) -> None:
    aggregator("drives", "--state", place.state).check_error(2, f"no state in {place.state}")
