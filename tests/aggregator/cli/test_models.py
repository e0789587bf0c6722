"""`models`: the table of models, for people and for programs."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace

from aggregator.cli.models import COLUMNS
from bus.contract import AnyEvent
from tests.aggregator.cli.conftest import Aggregator, Place
from tests.aggregator.ingest.stories import FIRST, days, history, snapshot

LAST = FIRST + timedelta(days=39)
LONG = "HGST HUH728080ALE600XYZ-LONG"
EVENTS: list[AnyEvent] = [history(f"S{n}", day) for n in range(3) for day in days(FIRST, 40)]
EVENTS += [history("S3", FIRST, failure=True), history("L1", LAST, model=LONG)]
EVENTS += [replace(history("B1", day), role="boot") for day in days(FIRST, 5)]


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_csv_has_the_published_columns_and_plain_numbers(
    aggregator: Aggregator, place: Place
) -> None:
    told = aggregator("models", "--state", place.take_in(EVENTS).state, "--format", "csv")
    assert told.code == 0
    assert told.out.splitlines()[0] == (
        "manufacturer,model,drives,drives_seen,drive_days,failures,"
        "afr_percent,afr_low_percent,afr_high_percent"
    )
    assert rows_of(told.out) == [
        dict(zip(COLUMNS, row, strict=True))
        for row in (
            ("HGST", LONG.split()[1], "1", "1", "1", "0", "0.0000", "0.0000", "134644.1001"),
            ("Seagate", "ST4000DM000", "3", "4", "121", "1", "301.6529", "7.6372", "1680.7023"),
        )
    ]


def test_a_rate_that_is_not_known_is_an_empty_field(aggregator: Aggregator, place: Place) -> None:
    state = place.take_in(EVENTS).state
    told = aggregator("models", "--state", state, "--format", "csv", "--window", "last_quarter")
    first = rows_of(told.out)[0]
    assert (first["drive_days"], first["afr_percent"], first["afr_high_percent"]) == ("0", "", "")


@pytest.mark.parametrize(
    ("role", "drive_days"), [("data", [1, 121]), ("boot", [5]), ("all", [1, 126])]
)
def test_roles(aggregator: Aggregator, place: Place, role: str, drive_days: list[int]) -> None:
    told = aggregator(
        "models", "--state", place.take_in(EVENTS).state, "--format", "csv", "--role", role
    )
    assert [int(row["drive_days"]) for row in rows_of(told.out)] == drive_days


def test_json_says_what_the_figures_are_of(aggregator: Aggregator, place: Place) -> None:
    state = place.take_in(EVENTS).state
    told = json.loads(aggregator("models", "--state", state, "--format", "json").out)
    models = told.pop("models")
    assert told == {
        "as_of": str(LAST),
        "windows_end": str(LAST),
        "open": False,
        "preliminary": False,
        "simulated": False,
        "window": {"name": "lifetime", "first": str(FIRST), "last": str(LAST)},
        "role": "data",
    }
    assert tuple(models[1]) == COLUMNS
    assert models[1]["afr_percent"] == pytest.approx(100 / (121 / 365))


def test_as_of_a_past_day_later_facts_do_not_show(aggregator: Aggregator, place: Place) -> None:
    state, day = place.take_in(EVENTS).state, FIRST + timedelta(days=29)
    told = aggregator("models", "--state", state, "--as-of", day, "--format", "csv")
    assert told.code == 0
    assert [(row["model"], row["drive_days"]) for row in rows_of(told.out)] == [
        ("ST4000DM000", "91")
    ]


def test_partitions_make_no_difference(aggregator: Aggregator, place: Place) -> None:
    other = Place(place.folder / "other")
    one = aggregator("models", "--state", place.take_in(EVENTS).state, "--format", "csv")
    two = aggregator(
        "models", "--state", other.take_in(EVENTS, partitions=7).state, "--format", "csv"
    )
    assert one.out == two.out


class TestATable:
    HEADERS = "maker model drives seen drive-days failures AFR % 95 % interval"

    def test_piped_it_is_never_cut(
        self, aggregator: Aggregator, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("COLUMNS", "20")
        told = aggregator("models", "--state", place.take_in(EVENTS).state)
        lines = [" ".join(line.split()) for line in told.out.splitlines()]
        assert lines == [
            self.HEADERS,
            "Seagate ST4000DM000 3 4 121 1 301.65 7.64 to 1680.70",
            f"HGST {LONG.split()[1]} 1 1 1 0 0.00 0.00 to 134644.10",
            "all models 4 5 122 1 299.18 7.57 to 1666.93",
        ]
        assert "\x1b" not in told.out

    def test_on_a_terminal_of_100_columns_nothing_is_cut(
        self,
        aggregator: Aggregator,
        place: Place,
        terminal: Callable[[int], io.StringIO],
    ) -> None:
        screen = terminal(100)
        aggregator("models", "--state", place.take_in(EVENTS).state)
        lines = screen.getvalue().splitlines()
        assert max(map(len, lines)) <= 100
        assert " ".join(lines[0].split()) == self.HEADERS
        assert "…" not in screen.getvalue()
        assert len(lines) == 4

    def test_on_a_narrow_terminal_names_are_folded_and_numbers_whole(
        self,
        aggregator: Aggregator,
        place: Place,
        terminal: Callable[[int], io.StringIO],
    ) -> None:
        screen = terminal(75)
        aggregator("models", "--state", place.take_in(EVENTS).state)
        assert max(map(len, screen.getvalue().splitlines())) <= 75
        assert "0.00 to 134644.10" in screen.getvalue()
        assert "…" not in screen.getvalue()

    def test_stderr_says_what_it_is_of(self, aggregator: Aggregator, place: Place) -> None:
        told = aggregator("models", "--state", place.take_in(EVENTS).state)
        assert told.err == f"Data drives as of {LAST}; lifetime: {FIRST} to {LAST}.\n"

    def test_of_an_empty_state_it_says_how_to_fill_it(
        self, aggregator: Aggregator, place: Place
    ) -> None:
        told = aggregator("models", "--state", place.take_in([]).state)
        assert (told.code, told.out) == (0, "")
        assert told.err.startswith("No drive was seen up to ")
        assert len(told.err.splitlines()) == 1


class TestNotes:
    """On stderr, whatever the format: a program reads stdout alone."""

    def test_few_days_are_preliminary(self, aggregator: Aggregator, place: Place) -> None:
        place.take_in([history("S1")])
        told = aggregator("models", "--state", place.state, "--format", "csv")
        assert told.err.startswith("Preliminary: fewer than 30 days")
        assert len(told.err.splitlines()) == 1

    def test_live_days_within_the_grace_are_not_counted(
        self, aggregator: Aggregator, place: Place
    ) -> None:
        place.take_in([snapshot("S1", day) for day in days(FIRST, 40)])
        told = aggregator("models", "--state", place.state, "--as-of", LAST, "--format", "csv")
        assert rows_of(told.out)[0]["drive_days"] == "33"
        assert told.err == ""

    def test_a_day_that_is_not_closed_is_said(self, aggregator: Aggregator, place: Place) -> None:
        state = place.take_in([*EVENTS, *_simulated(41)], simulated=True).state
        told = aggregator("models", "--state", state, "--as-of", _simulated(41)[-1].day)
        assert "These are simulated drives.\n" in told.err
        assert "is not over (or not closed): more of it will come.\n" in told.err


def test_an_alias_of_the_settings_merges_models(aggregator: Aggregator, place: Place) -> None:
    config = place.folder / "drivefleet.toml"
    config.write_text(
        f'[aggregator]\nstate = "{place.state}"\n'
        f'aliases = {{"{LONG.split()[1]}" = "ST4000DM000"}}\n'
    )
    place.take_in(EVENTS)
    told = aggregator("models", "--config", config, "--format", "csv")
    assert [(row["model"], row["drive_days"]) for row in rows_of(told.out)] == [
        ("ST4000DM000", "122")
    ]


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def _simulated(number: int) -> list[AnyEvent]:
    """Days of a simulated drive, each sent at its noon."""
    return [snapshot("SIM1", day, sent_at=_noon(day)) for day in days(date(2031, 1, 1), number)]
