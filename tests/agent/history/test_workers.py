"""Parsing on all cores: order, bounds, and how workers end."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import aclosing
from pathlib import Path

import pytest

from agent.history.workers import ALONE_BELOW_BYTES, MAX_AHEAD, make_executor, map_in_order
from bus.program.errors import FailedError

ROOT = Path(__file__).parents[3]


def slow_when_even(number: int) -> int:
    time.sleep(0.002 if number % 2 == 0 else 0)
    return number * 10


async def test_results_come_in_the_order_of_their_jobs() -> None:
    steps: list[tuple[str, int | None]] = [(f"step {n}", n if n % 5 else None) for n in range(40)]
    with ThreadPoolExecutor(4) as executor:
        results = map_in_order(slow_when_even, iter(steps), executor, 4)
        found = [result async for result in results]
    assert found == [(tag, None if job is None else job * 10) for tag, job in steps]


async def test_no_more_jobs_are_taken_than_may_be_under_way() -> None:
    taken: list[int] = []

    def steps() -> Iterator[tuple[int, int | None]]:
        for number in range(100):
            taken.append(number)
            yield number, number

    with ThreadPoolExecutor(2) as executor:
        async with aclosing(map_in_order(slow_when_even, steps(), executor, 2)) as results:
            async for number, _ in results:
                assert len(taken) - number <= MAX_AHEAD * 2 + 1


async def test_what_a_job_raises_is_raised() -> None:
    with ThreadPoolExecutor(1) as executor:
        results = map_in_order(int, iter([("bad", "x")]), executor, 1)
        with pytest.raises(ValueError, match="invalid literal"):
            await anext(results)


def test_small_files_need_no_processes() -> None:
    with make_executor(ALONE_BELOW_BYTES - 1, cores=4) as (executor, workers):
        assert (type(executor), workers) == (ThreadPoolExecutor, 1)


async def test_a_worker_that_is_killed_is_an_error_that_says_what_to_do() -> None:
    with make_executor(ALONE_BELOW_BYTES, cores=2) as (executor, workers):
        assert (type(executor), workers) == (ProcessPoolExecutor, 2)
        results = map_in_order(os._exit, iter([("killed", 9)]), executor, workers)
        with pytest.raises(FailedError, match="start again"):
            await anext(results)


def test_workers_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    program = tmp_path / "parent.py"
    program.write_text(
        "import os, sys, time\n"
        "from agent.history.workers import ALONE_BELOW_BYTES, make_executor\n"
        "if __name__ == '__main__':\n"
        "    with make_executor(ALONE_BELOW_BYTES, 2) as (executor, _):\n"
        "        print(executor.submit(os.getpid).result(), flush=True)\n"
        "        time.sleep(600)\n"
    )
    with subprocess.Popen(
        [sys.executable, program],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]},
    ) as parent:
        assert parent.stdout is not None
        worker = os.pidfd_open(int(parent.stdout.readline()))
        parent.send_signal(signal.SIGKILL)

    async def ended() -> None:
        gone = asyncio.Event()
        asyncio.get_running_loop().add_reader(worker, gone.set)
        await asyncio.wait_for(gone.wait(), 10)

    asyncio.run(ended())
    os.close(worker)
