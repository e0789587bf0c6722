"""The command line as a whole: help, version, exit codes."""

import pytest

from bus import __version__
from tests.agent.cli.conftest import Shell

COMMANDS = ("scan", "collect", "ship", "run", "replay", "simulate")


def test_the_version_is_said(shell: Shell) -> None:
    assert shell.run("--version").out == f"drivefleet-agent {__version__}\n"


def test_every_command_is_listed(shell: Shell) -> None:
    ended = shell.run("--help")
    assert ended.code == 0
    assert all(f" {command} " in ended.out for command in COMMANDS)
    assert "--install-completion" in ended.out


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_every_command_has_an_example(shell: Shell, command: str) -> None:
    ended = shell.run(command, "--help")
    assert ended.code == 0
    assert "Example: " in ended.out
    assert f"drivefleet-agent {command}" in ended.out
    assert "--config" in ended.out


@pytest.mark.parametrize(
    "words", [("nope",), ("ship", "--nope"), ("replay",), ("simulate", "--drives", "0")]
)
def test_a_wrong_command_line_ends_with_2_and_says_where_help_is(
    shell: Shell, words: tuple[str, ...]
) -> None:
    ended = shell.run(*words)
    assert (ended.code, ended.out) == (2, "")
    assert "-h' for help" in ended.err


def test_a_settings_file_that_is_not_there_is_one_line(shell: Shell) -> None:
    ended = shell.run("ship", "--config", "nowhere.toml")
    assert (ended.code, ended.err) == (
        2,
        "drivefleet-agent: cannot read --config nowhere.toml: No such file or directory\n",
    )


def test_an_unknown_setting_names_the_nearest(shell: Shell) -> None:
    (shell.folder / "fleet.toml").write_text("[agent]\nspol = '/x'\n")
    ended = shell.run("ship", "--config", "fleet.toml")
    assert ended.code == 2
    assert "did you mean 'spool'?" in ended.err


def test_a_log_format_that_there_is_not_is_one_line(shell: Shell) -> None:
    ended = shell.run("ship", "--log-format", "xml")
    assert (ended.code, ended.err.count("\n")) == (2, 1)
    assert "--log-format" in ended.err
