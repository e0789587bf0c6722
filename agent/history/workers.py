"""Parsing on all cores: jobs go to worker processes, results come back in the jobs' order.

Rules:
- At most MAX_AHEAD jobs for each worker are under way: memory does not grow with the files.
- Workers hold nothing and end with their parent, however it ends.
"""

import asyncio
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import TypeVar

from bus.program.errors import FailedError

MAX_WORKERS = 8
"""One process reads and appends as fast as about 6 can parse."""
MAX_AHEAD = 2
ALONE_BELOW_BYTES = 20_000_000
"""Parsed in the half second in which worker processes would start."""

J = TypeVar("J")
R = TypeVar("R")
T = TypeVar("T")


@contextmanager
def make_executor(total_bytes: int, cores: int) -> Iterator[tuple[Executor, int]]:
    """Where to parse files of this size, and how many jobs at once. Ends all workers at its end."""
    if total_bytes < ALONE_BELOW_BYTES:
        with ThreadPoolExecutor(1, "parse") as alone:
            yield alone, 1
        return
    count = min(cores, MAX_WORKERS)
    spawn = multiprocessing.get_context("spawn")  # a fork would copy the log's open connection
    pool = ProcessPoolExecutor(count, mp_context=spawn, initializer=_settle_in)
    try:
        yield pool, count
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


async def map_in_order(
    work: Callable[[J], R], steps: Iterator[tuple[T, J | None]], executor: Executor, workers: int
) -> AsyncGenerator[tuple[T, R | None]]:
    """Each step's tag with the result of its job (None without one), in order.

    Raises FailedError when a worker was killed, and what `steps` or `work` raise.
    """
    loop = asyncio.get_running_loop()
    under_way: deque[tuple[T, asyncio.Future[R] | None]] = deque()
    try:
        for tag, job in steps:
            future = None if job is None else loop.run_in_executor(executor, work, job)
            under_way.append((tag, future))
            if len(under_way) > MAX_AHEAD * workers:
                first = await _next(under_way)
                yield first
        while under_way:
            rest = await _next(under_way)
            yield rest
    finally:
        for _, future in under_way:
            if future is not None:
                future.cancel()


async def _next(under_way: deque[tuple[T, asyncio.Future[R] | None]]) -> tuple[T, R | None]:
    tag, future = under_way.popleft()
    if future is None:
        return tag, None
    try:
        return tag, await future
    except BrokenProcessPool as error:
        raise FailedError(
            "a worker process was killed (short of memory? see `dmesg`); what was sent is kept:"
            " start again, and it goes on where it was"
        ) from error


def _settle_in() -> None:
    """In a worker: signals are the parent's to handle, and nothing outlives it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    os._exit(0)
