"""`replay` from the command line: what it says, how it ends, what survives."""

import asyncio
import signal
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.cli.replay import summary
from agent.history.tally import Tally
from bus.bell import Bell
from bus.files import UnreadableError
from tests.agent.cli.conftest import Shell

MakeDays = Callable[..., Path]


def events_in(log: Path) -> int:
    """Records in a log, counted beside the program."""
    connection = sqlite3.connect(f"file:{log}?mode=ro", uri=True)
    try:
        [(count,)] = connection.execute("SELECT coalesce(sum(count), 0) FROM batch").fetchall()
    except sqlite3.OperationalError:
        return 0  # not made yet
    finally:
        connection.close()
    return int(count)


def test_history_is_sent_and_summed_up(shell: Shell, write_days: MakeDays) -> None:
    write_days(3, 10)
    ended = shell.run("replay", "public", "--bus", "sqlite:x/log.db")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("3 files read: 30 rows, 30 sent, 0 refused, in ")
    assert events_in(shell.folder / "x/log.db") == 30


def test_a_second_time_nothing_is_left_to_do(shell: Shell, write_days: MakeDays) -> None:
    write_days(3, 10)
    shell.run("replay", "public")
    ended = shell.run("replay", "public")
    assert ended.out.startswith("0 files read: 0 rows")
    assert "3 files left out: in this log since an earlier replay (--again sends all)" in ended.out
    assert shell.run("replay", "public", "--again").out.startswith("3 files read: 30 rows, 30 sent")


def test_refused_rows_are_said_and_the_end_is_still_0(shell: Shell, write_days: MakeDays) -> None:
    day = write_days(1, 2) / "2020-01-01.csv"
    day.write_text(day.read_text() + "1970-01-01,S9,ST1,1,0,\n2020-01-01,S9,ST\n")
    ended = shell.run("replay", "public")
    assert ended.code == 0
    assert "1 file read: 4 rows, 2 sent, 2 refused" in ended.out
    assert "refused as bad_day: 1 row" in ended.out
    assert f"  {day}:4: 1970-01-01" in ended.out
    assert f"  {day}:5: 3 columns, the header has 6" in ended.out


def test_a_file_that_cannot_be_read_ends_with_1_and_the_others_are_done(
    shell: Shell, write_days: MakeDays
) -> None:
    folder = write_days(2, 5)
    (folder / "broken.zip").write_bytes(b"PK\3\4")
    (folder / "2020-02-01.csv").write_text("name,price\nA,1\n")
    ended = shell.run("replay", "public", "--bus", "sqlite:log.db")
    assert ended.code == 1
    assert "2 files read: 10 rows, 10 sent" in ended.out
    assert ended.out.count("not read: ") == 2
    assert "(1 more: see above)" in ended.err
    assert ended.err.count("\n") == 1
    assert events_in(shell.folder / "log.db") == 10


def test_partitions_are_fixed_when_the_log_is_made(shell: Shell, write_days: MakeDays) -> None:
    write_days(1, 50)
    made = shell.run("replay", "public", "--bus", "sqlite:log.db", "--partitions", "12")
    assert made.code == 0
    other = shell.run("replay", "public", "--bus", "sqlite:log.db", "--partitions", "3")
    assert other.code == 2
    assert "has 12 partitions, not 3" in other.err
    same = shell.run("replay", "public", "--bus", "sqlite:log.db", "--again")
    assert same.code == 0
    connection = sqlite3.connect(shell.folder / "log.db")
    [(parts,)] = connection.execute("SELECT count(DISTINCT part) FROM batch").fetchall()
    connection.close()
    assert parts == 12


def test_a_log_of_live_events_is_refused_unless_told(shell: Shell, write_days: MakeDays) -> None:
    write_days(1, 1)
    shell.run("replay", "public", "--bus", "sqlite:log.db")
    connection = sqlite3.connect(shell.folder / "log.db")
    with connection:
        connection.execute("INSERT INTO meta VALUES ('live', '1')")
    connection.close()
    ended = shell.run("replay", "public", "--bus", "sqlite:log.db", "--again")
    assert (ended.code, ended.out) == (2, "")
    assert "say --into-live" in ended.err
    told = shell.run("replay", "public", "--bus", "sqlite:log.db", "--again", "--into-live")
    assert told.code == 0


def test_a_simulated_log_is_refused(shell: Shell, write_days: MakeDays) -> None:
    write_days(1, 1)
    shell.run("simulate", "--bus", "sqlite:log.db", "--drives", "1", "--days", "1")
    ended = shell.run("replay", "public", "--bus", "sqlite:log.db")
    assert ended.code == 2
    assert "made for simulated events only" in ended.err


def test_a_file_that_is_no_log_is_left_alone(shell: Shell, write_days: MakeDays) -> None:
    write_days(1, 1)
    (shell.folder / "letter.txt").write_text("Dear Ada, " * 100)
    ended = shell.run("replay", "public", "--bus", "sqlite:letter.txt")
    assert ended.code == 2
    assert "is not a drivefleet log" in ended.err
    assert (shell.folder / "letter.txt").read_text() == "Dear Ada, " * 100


def test_without_room_for_the_state_nothing_is_sent(shell: Shell, write_days: MakeDays) -> None:
    write_days(1, 1)
    (shell.folder / "state").write_text("in the way")
    ended = shell.run("replay", "public", "--bus", "sqlite:log.db")
    assert ended.code == 1
    assert "cannot remember in" in ended.err
    assert events_in(shell.folder / "log.db") == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_told_to_end_it_ends_soon_and_the_same_command_goes_on(
    shell: Shell, write_days: MakeDays, number: signal.Signals, code: int
) -> None:
    write_days(28, 30_000)  # large enough for worker processes, too
    log = shell.folder / "log.db"
    with shell.start("replay", "public", "--bus", f"sqlite:{log}") as process:
        wait_for(log, 30_000)
        process.send_signal(number)
        told_s = time.monotonic()
        out, err = process.communicate(timeout=30)
    assert time.monotonic() - told_s < 5
    assert (process.returncode, err) == (code, "")
    assert "ended before it was through" in out
    done = int(out.split(" ")[0])
    assert 1 <= done < 28
    ended = shell.run("replay", "public", "--bus", f"sqlite:{log}")
    assert ended.code == 0
    assert f"{28 - done} file" in ended.out
    assert f"{done} file" in ended.out
    assert events_in(log) >= 28 * 30_000


def test_killed_at_any_moment_it_loses_nothing(shell: Shell, write_days: MakeDays) -> None:
    write_days(12, 2_000)
    log = shell.folder / "log.db"
    for sent in (1, 9_000, 20_000):
        with shell.start("replay", "public", "--bus", f"sqlite:{log}") as process:
            wait_for(log, sent)
            process.kill()
            process.communicate()
    assert shell.run("replay", "public", "--bus", f"sqlite:{log}").code == 0
    assert 24_000 <= events_in(log) <= 24_000 + 3 * 2_000


def wait_for(log: Path, events: int) -> None:
    """Return when the log holds so many events: it rings after each batch."""

    async def hear() -> None:
        bell = Bell(log)
        while not log.exists() or events_in(log) < events:
            await bell.wait()
        bell.close()

    asyncio.run(asyncio.wait_for(hear(), 30))


def test_a_summary_says_rates_and_what_was_left() -> None:
    tally = Tally(files=1, files_before=2, rows=2_000, sent=1_999, stopped=True)
    tally.refused["bad_day"] = 1
    tally.examples["bad_day"] = ["a.csv:7: 'x' is not a date"]
    tally.unreadable.append(UnreadableError("b.zip", "not a ZIP", "download it again"))
    assert list(summary(tally, 2.0)) == [
        "1 file read: 2,000 rows, 1,999 sent, 1 refused, in 2.0 s (1,000 rows/s)",
        "2 files left out: in this log since an earlier replay (--again sends all)",
        "refused as bad_day: 1 row",
        "  a.csv:7: 'x' is not a date",
        "not read: b.zip: not a ZIP; download it again",
        "ended before it was through: what was sent is kept, the same command goes on",
    ]
