"""A reader sleeps until it is rung, and nobody else answers to its bell."""

import asyncio
import time
from pathlib import Path

import pytest

from bus.bell import Bell, ring
from bus.log import LogRefused, LogUnavailable

LONG_S = 600.0
SOON_S = 5.0


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log.db"


async def test_a_ring_wakes_the_waiting_reader(log: Path) -> None:
    bell = Bell(log)
    waiting = asyncio.ensure_future(bell.wait(LONG_S))
    await asyncio.sleep(0)  # one turn of the loop: the wait begins
    assert not waiting.done()
    ring(log)
    await asyncio.wait_for(waiting, SOON_S)
    bell.close()


async def test_a_ring_before_the_wait_counts(log: Path) -> None:
    bell = Bell(log)
    ring(log)
    ring(log)
    await asyncio.wait_for(bell.wait(LONG_S), SOON_S)
    bell.close()


async def test_many_rings_are_one_and_then_it_is_quiet(log: Path) -> None:
    bell = Bell(log)
    for _ in range(70_000):  # more than a pipe holds
        ring(log)
    deadline = time.monotonic() + SOON_S
    while True:
        try:
            await asyncio.wait_for(bell.wait(LONG_S), 0.05)
        except TimeoutError:
            break
        assert time.monotonic() < deadline
    bell.close()


async def test_a_reader_that_nobody_rings_looks_after_a_while(log: Path) -> None:
    bell = Bell(log)
    await asyncio.wait_for(bell.wait(0.01), SOON_S)
    bell.close()


def test_ringing_where_nobody_listens_does_nothing(log: Path) -> None:
    ring(log)
    bell = Bell(log)
    bell.close()
    ring(log)


def test_one_reader_at_a_time(log: Path) -> None:
    bell = Bell(log)
    with pytest.raises(LogRefused, match="a local log has one reader"):
        Bell(log)
    bell.close()
    Bell(log).close()


def test_two_logs_have_two_readers(tmp_path: Path) -> None:
    one, two = Bell(tmp_path / "a.db"), Bell(tmp_path / "b.db")
    one.close()
    two.close()


def test_a_bell_that_cannot_be_hung_lets_go_of_the_lock(log: Path) -> None:
    in_its_place = log.with_name("log.db-bell")
    in_its_place.mkdir()
    for _ in range(2):
        with pytest.raises(LogUnavailable, match=r"log\.db-bell"):
            Bell(log)
    in_its_place.rmdir()
    Bell(log).close()


def test_a_lock_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    with pytest.raises(LogUnavailable, match="No such file or directory"):
        Bell(tmp_path / "gone" / "log.db")
