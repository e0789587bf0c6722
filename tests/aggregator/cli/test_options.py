"""Options that several commands have."""

from datetime import date
from pathlib import Path

import pytest

from aggregator.cli import options
from aggregator.cli.options import bus_of, parse_choice, parse_day, settings_of, state_of
from aggregator.config import AggregatorSettings
from bus.program.errors import UsageError


def test_a_day_is_written_as_everybody_does() -> None:
    assert parse_day("2026-03-05", "--day") == date(2026, 3, 5)
    assert parse_day(None, "--day") is None


@pytest.mark.parametrize("text", ["", " ", "2026-02-29", "05.03.2026", "2026-03-05T00:00", "x"])
def test_any_other_day_is_an_error_that_names_its_option(text: str) -> None:
    with pytest.raises(UsageError, match=rf"--day {text!r} is no day; write YYYY-MM-DD"):
        parse_day(text, "--day")


def test_a_choice_is_one_of_some_words() -> None:
    assert parse_choice("b", ("a", "b"), "--which") == "b"
    with pytest.raises(UsageError, match="--which 'c' is none of a, b"):
        parse_choice("c", ("a", "b"), "--which")


def test_log_and_state_lie_in_the_users_folder_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert bus_of(AggregatorSettings()) == f"sqlite:{tmp_path}/drivefleet/log.db"
    assert state_of(AggregatorSettings()) == f"{tmp_path}/drivefleet/state"
    told = AggregatorSettings(bus="sqlite:x", state="y")
    assert (bus_of(told), state_of(told)) == ("sqlite:x", "y")


def test_a_flag_wins_over_the_environment_and_that_over_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    started: list[object] = []
    monkeypatch.setattr(
        options, "start_logging", lambda kind, *, verbose: started.append((kind, verbose))
    )
    config = tmp_path / "drivefleet.toml"
    config.write_text('log_format = "json"\n[aggregator]\nstate = "file"\nport = 1\nlisten = "a"\n')
    monkeypatch.setenv("DRIVEFLEET_AGGREGATOR_STATE", "environment")
    monkeypatch.setenv("DRIVEFLEET_AGGREGATOR_PORT", "2")
    settings = settings_of(config, verbose=True, state="flag", port=None, bus=None)
    assert (settings.state, settings.port, settings.listen) == ("flag", 2, "a")
    assert started == [("json", True)]
    assert settings.serving.port == 2
