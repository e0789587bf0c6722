"""The local log keeps the promises of every log, and its own: one file, one reader, no loss."""

import asyncio
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from subprocess import PIPE, Popen

import pytest

from bus.log import LogRefused, Message, Spot, Topic
from bus.sqlite import SqliteLog
from tests.bus import log_writer
from tests.bus.log_contract import FIRST, LogContract, batches, contents, to, values

ROOT = Path(__file__).parents[2]

READER = """
import asyncio, sys
from pathlib import Path
from bus.sqlite import SqliteLog

async def read(path):
    async for batch in SqliteLog.open(path).batches({}):
        print(len(batch.values), flush=True)

asyncio.run(read(Path(sys.argv[1])))
"""
MAKER = """
import sys
from pathlib import Path
from bus.sqlite import SqliteLog

sys.stdin.readline()
print(SqliteLog.create(Path(sys.argv[1])).info.id)
"""


@contextmanager
def python(program: str, path: Path) -> Iterator["Popen[str]"]:
    """A program as a process of its own, with the log's path; killed at the end."""
    command = [sys.executable, "-c", program, str(path)]
    with Popen(command, cwd=ROOT, stdin=PIPE, stdout=PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


class TestSqliteLog(LogContract):
    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"sqlite:{tmp_path}/folder/log.db"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.db"


@pytest.fixture
async def log(path: Path) -> AsyncIterator[SqliteLog]:
    log = SqliteLog.create(path, partitions=2)
    yield log
    await log.close()


def test_a_log_that_is_not_there_is_not_made_by_its_reader(path: Path) -> None:
    with pytest.raises(LogRefused, match=f"there is no log at {path}"):
        SqliteLog.open(path)
    assert not path.exists()


def test_a_log_has_a_partition(path: Path) -> None:
    with pytest.raises(LogRefused, match="at least 1 partition, not 0"):
        SqliteLog.create(path, partitions=0)
    assert not path.exists()


@pytest.mark.parametrize(
    ("made_for", "used_for", "told"),
    [(True, False, "for simulated events only"), (False, True, "for real events only")],
)
async def test_simulated_and_real_events_are_kept_apart(
    path: Path, made_for: bool, used_for: bool, told: str
) -> None:
    made = SqliteLog.create(path, simulated=made_for)
    assert made.info.simulated is made_for
    await made.close()
    with pytest.raises(LogRefused, match=told):
        SqliteLog.create(path, simulated=used_for)


async def test_the_clock_of_the_log_is_the_time_it_took_a_batch_in(path: Path) -> None:
    noon = datetime(2026, 11, 23, 12, 0, 0, 123_000, tzinfo=UTC)
    log = SqliteLog.create(path, partitions=2, clock=lambda: noon)
    await log.append(to(FIRST, values(2)), live=True)
    assert [batch.taken_in for batch in await batches(log)] == [noon]
    await log.close()


class TestTheReader:
    async def test_there_is_one_and_a_second_is_told_what_to_do(
        self, log: SqliteLog, path: Path
    ) -> None:
        assert await batches(log) == []
        second = SqliteLog.open(path)
        with pytest.raises(LogRefused, match=r"another aggregator reads .*`drivefleet-agg"):
            await batches(second)
        await second.append(to(FIRST, values(1)), live=True)
        assert await second.ends() != {}, "writing and looking need no lock"
        await log.close()
        assert (await contents(second))[FIRST] == values(1)
        await second.close()

    async def test_the_lock_is_free_as_soon_as_its_holder_is_killed(
        self, log: SqliteLog, path: Path
    ) -> None:
        await log.append(to(FIRST, values(3)), live=True)
        with python(READER, path) as reader:
            assert reader.stdout is not None
            assert await asyncio.to_thread(reader.stdout.readline) == "3\n"
            with pytest.raises(LogRefused, match="another aggregator"):
                await batches(log)
            reader.send_signal(signal.SIGKILL)
        assert (await contents(log))[FIRST] == values(3)

    async def test_closing_twice_is_closing_once(self, log: SqliteLog) -> None:
        assert await batches(log) == []
        await log.close()
        await log.close()

    async def test_what_is_fetched_at_once_is_bounded(self, log: SqliteLog) -> None:
        """A long backlog of large records never fills the memory."""
        await log.append(to(FIRST, [b"x" * 900_000] * 20), live=True)
        fetched = log._read(FIRST, 0, None)
        assert sum(len(value) for batch in fetched for value in batch.values) < 9_000_000
        assert (await contents(log))[FIRST] == [b"x" * 900_000] * 20


@pytest.mark.parametrize("seed", range(6))
async def test_a_writer_killed_in_mid_append_leaves_whole_appends(
    log: SqliteLog, path: Path, seed: int
) -> None:
    """Each append fills several frames; all of them are there, or none."""
    with log_writer.writing(
        f"sqlite:{path}", "w", appends=1_000, messages=7_000, padding=200
    ) as writer:
        assert writer.stdout is not None
        await asyncio.to_thread(writer.stdout.readline)
        await log.append(to(FIRST, [b"other"] * (1 + seed * 7)), live=True)  # then, at once:
        os.kill(writer.pid, signal.SIGKILL)
        confirmed = 1 + len(writer.stdout.read().split())
    found = [value.rstrip() for value in (await contents(log))[FIRST] if value != b"other"]
    whole, rest = divmod(len(found), 7_000)
    assert rest == 0
    assert whole >= confirmed
    assert found == [log_writer.value("w", a, i) for a in range(whole) for i in range(7_000)]


async def test_a_damaged_batch_is_named_with_its_offset(log: SqliteLog, path: Path) -> None:
    for name in ("a", "b", "c"):
        await log.append(to(FIRST, values(10, name)), live=True)
    with closing(sqlite3.connect(path)) as file, file:
        (frame,) = file.execute("SELECT frame FROM batch WHERE first = 10").fetchone()
        bent = frame[:-8] + bytes([frame[-8] ^ 1]) + frame[-7:]
        file.execute("UPDATE batch SET frame = ? WHERE first = 10", (bent,))
    with pytest.raises(LogRefused, match=r"batch of snapshots at offset 10 is damaged .* restore"):
        await batches(log)
    assert (await contents(log, {FIRST: 20}))[FIRST] == values(10, "c")


def test_processes_that_start_together_make_one_log(path: Path) -> None:
    with ExitStack() as started:
        makers = [started.enter_context(python(MAKER, path)) for _ in range(6)]
        for maker in makers:  # all wait, so that they start as one
            assert maker.stdin is not None
            maker.stdin.write("go\n")
            maker.stdin.flush()
        told = {maker.communicate()[0] for maker in makers}
        assert [maker.returncode for maker in makers] == [0] * 6
    assert len(told) == 1


async def test_realistic_events_take_less_than_200_bytes_on_disk(
    path: Path, realistic_events: list[bytes]
) -> None:
    log = SqliteLog.create(path)
    spot = Spot(Topic.SNAPSHOTS, 0)
    await log.append([Message(spot, event) for event in realistic_events], live=False)
    await log.close()
    size = sum(file.stat().st_size for file in path.parent.iterdir())
    assert size / len(realistic_events) < 200
