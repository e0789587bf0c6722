"""`simulate` from the command line."""

import asyncio
import signal
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from agent.cli.simulate import make_plan
from bus import contract
from bus.bell import Bell
from bus.program.errors import UsageError
from bus.sqlite import SqliteLog
from tests.agent.cli.conftest import Shell


async def kinds_in(path: Path) -> Counter[str]:
    log = SqliteLog.open(path)
    found = [
        type(contract.decode(value)).__name__
        async for batch in log.batches({}, until=await log.ends())
        for value in batch.values
    ]
    await log.close()
    return Counter(found)


SMALL = ("--drives", "50", "--days", "10", "--models", "2", "--start", "2024-02-28")


def test_a_fleet_goes_into_a_log_that_is_marked_as_simulated(shell: Shell) -> None:
    ended = shell.run("simulate", "--bus", "sqlite:sim.db", *SMALL)
    assert (ended.code, ended.err) == (0, "")
    assert " simulated events sent to sqlite:sim.db in " in ended.out
    log = SqliteLog.open(shell.folder / "sim.db")
    assert log.info.simulated
    asyncio.run(log.close())
    found = asyncio.run(kinds_in(shell.folder / "sim.db"))
    assert found["Snapshot"] >= 49 * 10
    assert found["Inventory"] == 2 * 10


def test_without_an_address_the_log_lies_in_the_home_folder(shell: Shell) -> None:
    assert shell.run("simulate", *SMALL).code == 0
    assert (shell.folder / "state/drivefleet/simulated.db").exists()


def test_a_second_fleet_is_refused(shell: Shell) -> None:
    shell.run("simulate", *SMALL)
    ended = shell.run("simulate", *SMALL)
    assert ended.code == 2
    assert "holds a simulation already" in ended.err


def test_a_log_of_real_events_is_refused(shell: Shell) -> None:
    (shell.folder / "a.csv").write_text("date,serial_number,model,failure\n2020-01-01,S,M,0\n")
    shell.run("replay", "a.csv", "--bus", "sqlite:log.db")
    ended = shell.run("simulate", "--bus", "sqlite:log.db", *SMALL)
    assert ended.code == 2
    assert "made for real events" in ended.err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_end_it_ends_and_says_that_it_was_not_through(
    shell: Shell, number: signal.Signals
) -> None:
    path = shell.folder / "sim.db"
    with shell.start("simulate", "--bus", f"sqlite:{path}", "--days", "3000") as process:

        async def hear() -> None:
            bell = Bell(path)
            await bell.wait(30)
            bell.close()

        asyncio.run(hear())
        process.send_signal(number)
        out, err = process.communicate(timeout=5)
    assert (process.returncode, err) == (0 if number == signal.SIGTERM else 130, "")
    assert "ended before it was through: remove that log" in out


def test_a_plan_has_bounds() -> None:
    start = date(2025, 1, 1)
    assert make_plan(1, 1, 1, 1, start, 100.0).start == start
    for wrong in (float("nan"), float("inf"), 0.0, -1.0, 101.0):
        with pytest.raises(UsageError, match="--bad-model-factor"):
            make_plan(1, 1, 1, 1, start, wrong)
    for day in (date(1999, 12, 31), date(2200, 1, 1)):
        with pytest.raises(UsageError, match="--start"):
            make_plan(1, 1, 1, 1, day, 1.0)
