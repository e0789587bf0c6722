"""Several programs kept running as one: a child that dies is started again, or all end.

Rules:
- A child that ends by itself is started again after a pause; one that cannot be helped by that (a
  usage error, or death after death) ends all, with a word that says which and why.
- A child never outlives its parent, not even when the parent is killed.
"""

import asyncio
import ctypes
import signal
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from bus.program.errors import EXIT_USAGE, FailedError
from bus.program.logs import logger

DEATHS = 5
WITHIN_S = 60.0
"""So many deaths within so long are no accident."""
PAUSE_S = 1.0
"""Before a child is started again; doubled with each death that follows closely."""
GRACE_S = 5.0
"""What a child gets to make everything durable after SIGTERM."""

PR_SET_PDEATHSIG = 1

log = logger("run")


@dataclass(frozen=True, slots=True)
class Child:
    """A program by the name that people know it by."""

    name: str
    argv: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Time:
    """The world's clock, or a test's."""

    monotonic: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]


async def keep_running(
    children: Sequence[Child], environ: Mapping[str, str], stop: asyncio.Event, time: Time
) -> None:
    """Keep all children running until `stop` is set, then end them cleanly.

    Raises FailedError when one of them cannot be kept running; the others are ended first.
    """
    async with asyncio.TaskGroup() as group:
        keepers = [group.create_task(_keep(child, environ, stop, time)) for child in children]
        reasons = await asyncio.gather(*keepers)
    told = [reason for reason in reasons if reason]
    if told:
        raise FailedError("; ".join(told))


async def _keep(
    child: Child, environ: Mapping[str, str], stop: asyncio.Event, time: Time
) -> str | None:
    """Keep one child running; why it could not be kept, or None when it was told to stop."""
    deaths: deque[float] = deque(maxlen=DEATHS)
    while not stop.is_set():
        code = await _live(child, environ, stop)
        if stop.is_set():
            return None
        deaths.append(time.monotonic())
        close = [at for at in deaths if at > deaths[-1] - WITHIN_S]
        if code == EXIT_USAGE or len(close) == DEATHS:
            stop.set()
            often = "" if code == EXIT_USAGE else f", {DEATHS} times within a minute"
            return f"the {child.name} ended with {_describe(code)}{often}: see its words above"
        pause_s = PAUSE_S * 2 ** (len(close) - 1)
        log.warning("started again", child=child.name, ended=_describe(code), in_s=pause_s)
        await _first_of(time.sleep(pause_s), stop.wait())
    return None


async def _live(child: Child, environ: Mapping[str, str], stop: asyncio.Event) -> int:
    """One life of a child; its exit code, or minus the signal that ended it."""
    process = await asyncio.create_subprocess_exec(
        *child.argv,
        env=dict(environ),
        start_new_session=True,  # Ctrl-C is ours to hand on, once
        preexec_fn=_die_with_parent(),
    )
    await _first_of(process.wait(), stop.wait())
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), GRACE_S)
        except TimeoutError:
            log.warning("did not end in time", child=child.name, seconds=GRACE_S)
            process.kill()
    return await process.wait()


async def _first_of(*waits: Awaitable[object]) -> None:
    """Return when one is done; the others are dropped."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _die_with_parent() -> Callable[[], object]:
    """To be called in the child: the kernel sends it SIGTERM when its parent is gone."""
    libc = ctypes.CDLL(None, use_errno=True)
    return partial(libc.prctl, PR_SET_PDEATHSIG, signal.SIGTERM)


def _describe(code: int) -> str:
    if code < 0:
        return f"signal {signal.Signals(-code).name}"
    return f"exit code {code}"
