"""The file of the local log: what it is not, and what a full or read-only disk does to it."""

import asyncio
import random
import resource
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from subprocess import run

import pytest

from bus import database
from bus.log import LogInfo, LogRefused, LogUnavailable
from bus.sqlite import SqliteLog
from tests.bus.conftest import Disk
from tests.bus.log_contract import FIRST, contents, to, values

ROOT = Path(__file__).parents[2]


def make(path: Path) -> LogInfo:
    log = SqliteLog.create(path)
    asyncio.run(log.close())
    return log.info


def noise(count: int) -> list[bytes]:
    """Records that do not compress, 4 kB each."""
    seeded = random.Random(count)
    return [seeded.randbytes(4_000) for _ in range(count)]


def sql(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as file, file:
        for statement in statements:
            file.execute(statement)


@pytest.mark.parametrize(
    "content",
    [b"date,serial_number,model\n" * 100, b"\x00" * 4096, b"SQLite format 3\x00" + b"\xff" * 4096],
    ids=["CSV", "zeros", "a torn database"],
)
def test_a_file_that_is_no_log_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "log.db"
    path.write_bytes(content)
    for use in (SqliteLog.open, SqliteLog.create):
        with pytest.raises(LogRefused, match=f"{path} is not a drivefleet log"):
            use(path)
    assert path.read_bytes() == content


def test_an_empty_file_becomes_a_log_only_for_a_writer(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    path.touch()
    with pytest.raises(LogRefused, match="not a drivefleet log"):
        SqliteLog.open(path)
    assert make(path).partitions == 1


@pytest.mark.parametrize("table", ["places (url)", "meta (key, value)"])
def test_somebody_elses_database_is_refused_and_left_alone(tmp_path: Path, table: str) -> None:
    path = tmp_path / "places.sqlite"
    sql(path, f"CREATE TABLE {table}")
    before = path.read_bytes()
    for use in (SqliteLog.open, SqliteLog.create):
        with pytest.raises(LogRefused, match="is not a drivefleet log"):
            use(path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["places.sqlite"]


def test_a_log_of_a_newer_format_asks_for_an_upgrade(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    make(path)
    sql(path, f"UPDATE meta SET value = '{database.FORMAT + 1}' WHERE key = 'format'")
    for use in (SqliteLog.open, SqliteLog.create):
        with pytest.raises(LogRefused, match="has format 2, this version reads 1: upgrade"):
            use(path)


def test_a_folder_is_no_log(tmp_path: Path) -> None:
    for use in (SqliteLog.open, SqliteLog.create):
        with pytest.raises(LogUnavailable, match="cannot be opened"):
            use(tmp_path)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LogUnavailable, match="file"):
        SqliteLog.create(tmp_path / "file" / "log.db")


async def test_a_log_keeps_a_reader_and_a_writer_apart_from_its_start(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    log = SqliteLog.create(path)
    assert log._connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert log._connection.execute("PRAGMA synchronous").fetchone() == (2,), "FULL"
    await log.close()


async def test_our_own_mistake_ends_the_process_and_blames_nobody(tmp_path: Path) -> None:
    log = SqliteLog.create(tmp_path / "log.db")
    await log.close()
    with pytest.raises(sqlite3.ProgrammingError):
        await log.append(to(FIRST, values(1)), live=True)


async def test_a_full_disk_loses_nothing_once_space_is_back(small_disk: Disk) -> None:
    log = SqliteLog.create(small_disk.folder / "log.db", partitions=2)
    await log.append(to(FIRST, values(10, "before")), live=True)
    ballast = small_disk.fill()
    for _ in range(2):
        with pytest.raises(LogUnavailable, match="the disk is full: free space"):
            await log.append(to(FIRST, noise(40)), live=True)
    assert (await contents(log))[FIRST] == values(10, "before")
    ballast.unlink()
    await log.append(to(FIRST, noise(40)), live=True)
    assert (await contents(log))[FIRST] == values(10, "before") + noise(40)
    await log.close()


def test_no_log_is_made_on_a_full_disk_and_one_is_when_space_is_back(small_disk: Disk) -> None:
    ballast = small_disk.fill()
    path = small_disk.folder / "log.db"
    with pytest.raises(LogUnavailable, match=r"disk is full|No space left"):
        SqliteLog.create(path)
    ballast.unlink()
    assert make(path).partitions == 1


async def test_a_disk_gone_read_only_says_so_and_takes_events_again_later(
    small_disk: Disk,
) -> None:
    path = small_disk.folder / "log.db"
    log = SqliteLog.create(path, partitions=2)
    await log.append(to(FIRST, values(3, "before")), live=True)
    await log.close()
    small_disk.remount("ro")
    with pytest.raises(LogUnavailable, match=r"mount the disk read-write|may write in it"):
        SqliteLog.create(path, partitions=2)
    small_disk.remount("rw")
    again = SqliteLog.create(path, partitions=2)
    await again.append(to(FIRST, values(3, "after")), live=True)
    assert (await contents(again))[FIRST] == values(3, "before") + values(3, "after")
    await again.close()


def test_a_limit_on_file_size_is_a_fault_of_the_disk(tmp_path: Path) -> None:
    """As a quota is: the write fails with another error than a full disk's."""
    path = tmp_path / "log.db"
    make(path)
    program = (
        "import asyncio, os, sys; from pathlib import Path\n"
        "from bus.sqlite import SqliteLog; from bus.log import *\n"
        "log = SqliteLog.open(Path(sys.argv[1]))\n"
        "asyncio.run(log.append([Message(Spot(Topic.SNAPSHOTS, 0), os.urandom(600_000))],"
        " live=True))\n"
    )
    limit = 200_000
    ended = run(
        [sys.executable, "-c", program, str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert "LogUnavailable" in ended.stderr
    assert "check quotas" in ended.stderr
    assert make(path).partitions == 1
