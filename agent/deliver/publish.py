"""The spool into the log: oldest first, done only when the log has it, resent freely on any doubt.

Rules:
- A pass is marked after `append` returned; a crash between the two sends it twice, and it counts
  once.
- A pass that cannot be read or is not believed any more is named, and stops none of the others.
- While the log cannot be reached nothing is lost: the spool holds, and the tries are bounded.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from agent.deliver.address import pass_messages
from agent.deliver.marks import Marks
from agent.spool import Pass, SpoolError, list_passes, read_pass
from bus.belief import FUTURE_DAYS, LIVE_PAST_DAYS
from bus.log import Log, LogRefused, LogUnavailable
from bus.program.logs import logger

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Outbox:
    """Where passes lie, where the delivering side keeps its marks, and how the log is reached."""

    spool: Path
    marks: Path
    connect: Callable[[], Log]
    clock: Callable[[], datetime]  # UTC


@dataclass(frozen=True, slots=True)
class Delivery:
    """What was sent, and for each pass that was not: which, why, and what to do."""

    passes: int
    events: int
    problems: tuple[str, ...]


class Patience:
    """Tries again while a log cannot be reached, as often as there are delays (seconds)."""

    def __init__(
        self, delays: Iterable[float], sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._delays = iter(delays)
        self._sleep = sleep

    async def insist(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """What `attempt` gives in the end. Raises LogUnavailable when the delays are used up."""
        while True:
            try:
                return await attempt()
            except LogUnavailable as error:
                delay = next(self._delays, None)
                if delay is None:
                    raise
                logger("deliver").warning(
                    "log unreachable, the spool holds", error=str(error), again_in_s=round(delay, 1)
                )
                await self._sleep(delay)


async def deliver(outbox: Outbox, patience: Patience) -> Delivery:
    """Send every pass that is due.

    Raises LogUnavailable when patience ends, LogRefused, FailedError (the marks), SpoolError (the
    folder); what was sent before is marked.
    """
    paths = list_passes(outbox.spool)
    if not paths:
        return Delivery(0, 0, ())
    log = await patience.insist(lambda: asyncio.to_thread(outbox.connect))
    try:
        if log.info.simulated:
            raise LogRefused("this log was made for simulated events only: give another --bus")
        with Marks.opened(outbox.marks, log.info.id) as marks:
            marks.forget_old(outbox.clock())
            return await _deliver_due(paths, log, marks, outbox.clock, patience)
    finally:
        await log.close()


async def _deliver_due(
    paths: list[Path], log: Log, marks: Marks, clock: Callable[[], datetime], patience: Patience
) -> Delivery:
    passes, events, problems = 0, 0, []
    for path in paths:
        if not marks.is_due(path.name, clock()):
            continue
        match _readable(path, clock()):
            case Pass() as content:
                events += await patience.insist(partial(_append, log, content, clock))
                marks.mark(path.name, clock())
                passes += 1
            case problem:
                problems.append(problem)
    return Delivery(passes, events, tuple(problems))


async def _append(log: Log, content: Pass, clock: Callable[[], datetime]) -> int:
    messages = pass_messages(content, sent_at=clock(), partitions=log.info.partitions)
    await log.append(messages, live=True)
    return len(messages)


def _readable(path: Path, now: datetime) -> Pass | str:
    """The pass, or why it is not sent."""
    try:
        content = read_pass(path)
    except SpoolError as error:
        return str(error)
    days = (now.date() - content.day).days
    if days > LIVE_PAST_DAYS:
        return f"the pass {path} is {days} days old: no log believes it any more; move it away"
    if days < -FUTURE_DAYS:
        return f"the pass {path} is of {content.day}, {-days} days ahead: check this host's clock"
    return content
