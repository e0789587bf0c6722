"""Where settings come from, and where things lie when none says so."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.cli.program import Program, settle_settings
from agent.config import AgentSettings
from agent.spool import Pass
from bus.program.errors import UsageError
from bus.program.home import Home


def program(environ: Mapping[str, str]) -> Program:
    def collect(settings: AgentSettings) -> Pass:
        raise AssertionError("nothing is collected here")

    return Program(
        home=Home(Path("/home/ada/state")),
        environ=environ,
        clock=lambda: datetime(2026, 11, 23, tzinfo=UTC),
        monotonic=lambda: 0.0,
        draw=lambda: 0.5,
        cores=1,
        collect=collect,
        scan=lambda settings: [],
    )


def test_everything_lies_in_the_home_folder_when_nothing_is_said() -> None:
    settings = settle_settings(program({}), None, False)
    assert settings.bus == "sqlite:/home/ada/state/log.db"
    folders = {settings.spool, settings.state, settings.marks}
    assert len(folders) == 3
    assert all(folder.is_relative_to("/home/ada/state/agent") for folder in folders)


def test_flags_win_over_the_environment_and_it_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "fleet.toml"
    file.write_text("bus = 'sqlite:file.db'\n[agent]\nspool = '/file'\nmarks = '/file'\n")
    environ = {"DRIVEFLEET_BUS": "sqlite:env.db", "DRIVEFLEET_AGENT_SPOOL": "/env"}
    settings = settle_settings(program(environ), file, False, bus="sqlite:flag.db", spool=None)
    assert (settings.bus, settings.spool, settings.marks) == (
        "sqlite:flag.db",
        Path("/env"),
        Path("/file"),
    )


def test_an_empty_address_of_the_log_is_an_error() -> None:
    with pytest.raises(UsageError, match="no log is given"):
        settle_settings(program({}), None, False, bus="")
