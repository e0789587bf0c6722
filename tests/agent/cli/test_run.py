"""`run`, `collect` and `ship` from the command line, over drives that are made up."""

import asyncio
import signal
import subprocess
import time
from pathlib import Path

import pytest

from bus.bell import Bell
from bus.sqlite import SqliteLog
from tests.agent.cli.conftest import Shell


@pytest.fixture
def agent(shell: Shell) -> Shell:
    return Shell(shell.folder, program="tests.agent.cli.agent_with")


def events_in(path: Path) -> int:
    async def count() -> int:
        log = SqliteLog.open(path)
        try:
            return sum((await log.ends()).values())
        finally:
            await log.close()

    return asyncio.run(count())


def test_one_pass_goes_all_the_way(agent: Shell) -> None:
    ended = agent.run("three", "run", "--once", "--bus", "sqlite:log.db")
    assert (ended.code, ended.err) == (0, "")
    assert "3 drives read, 0 asleep, 0 unreadable, 0 missing; 3 seen today" in ended.out
    assert "1 pass sent, 4 events" in ended.out
    assert events_in(agent.folder / "log.db") == 4


def test_collect_and_ship_are_two_commands(agent: Shell) -> None:
    assert agent.run("three", "collect", "--spool", "spool").code == 0
    assert len(list((agent.folder / "spool").iterdir())) == 1
    ended = agent.run("three", "ship", "--spool", "spool", "--bus", "sqlite:log.db")
    assert ended.out == "1 pass sent, 4 events\n"
    assert events_in(agent.folder / "log.db") == 4


def test_a_full_disk_is_an_error_in_one_line(agent: Shell) -> None:
    ended = agent.run("nothing", "run", "--once")
    assert (ended.code, ended.err.count("\n")) == (1, 1)
    assert "No space left on device" in ended.err


def test_a_damaged_pass_is_an_error_after_the_others_were_sent(agent: Shell) -> None:
    agent.run("three", "collect", "--spool", "spool")
    agent.run("three", "collect", "--spool", "spool")
    first = min((agent.folder / "spool").iterdir())
    first.write_bytes(b"damaged")
    ended = agent.run("three", "ship", "--spool", "spool", "--bus", "sqlite:log.db")
    assert (ended.code, ended.out) == (1, "1 pass sent, 4 events\n")
    assert f"{first.name} is damaged" in ended.err


def test_a_log_of_another_purpose_is_a_usage_error(agent: Shell) -> None:
    agent.run("three", "simulate", "--bus", "sqlite:log.db", "--drives", "1", "--days", "1")
    ended = agent.run("three", "run", "--once", "--bus", "sqlite:log.db")
    assert ended.code == 2
    assert "simulated events only" in ended.err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_end_while_it_waits_it_ends_with_0(agent: Shell, number: signal.Signals) -> None:
    path = agent.folder / "log.db"
    with agent.start("three", "run", "--bus", f"sqlite:{path}") as process:

        async def hear() -> None:
            bell = Bell(path)
            await bell.wait(30)
            bell.close()

        asyncio.run(hear())
        assert end(process, number) == 0
    assert events_in(path) == 4


@pytest.mark.parametrize("words", [("run",), ("run", "--once")])
def test_told_to_end_while_a_drive_hangs_it_ends_with_0(
    agent: Shell, words: tuple[str, ...]
) -> None:
    with agent.start("hangs", *words) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "a drive hangs\n"
        assert end(process, signal.SIGTERM) == 0


def end(process: "subprocess.Popen[str]", number: signal.Signals) -> int:
    """The exit code of a process that is told to end, within 5 seconds."""
    told_s = time.monotonic()
    process.send_signal(number)
    _, err = process.communicate(timeout=5)
    assert time.monotonic() - told_s < 5
    assert "Traceback" not in err
    return process.returncode
