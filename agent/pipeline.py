"""The agent's whole way on one screen: collect -> spool -> deliver, once or for ever.

Rules:
- What stops one step today (a full disk, a log out of reach) is said and tried again; a setting's
  fault ends the program.
- Nothing here needs to be undone when it is told to end: a pass is whole in the spool or not at
  all, and a mark follows its events. So ending is leaving.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Never, TypeVar

from agent.deliver.publish import Delivery, Outbox, Patience, deliver
from agent.spool import Pass
from bus.log import LogUnavailable
from bus.program.errors import FailedError
from bus.program.logs import logger

DELIVER_EVERY_S = 300.0
"""How soon a log that came back gets what the spool holds, and what is due once more."""
COLLECT_AGAIN_S = 600.0
"""How soon a pass that failed (a full disk) is tried again, where passes are further apart."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The two sides of an agent, and how it waits."""

    collect: Callable[[], Pass]  # one pass into the spool; blocks for minutes where drives hang
    outbox: Outbox
    patience: Callable[[], Patience]
    every_s: float  # between the beginnings of two passes
    sleep: Callable[[float], Awaitable[None]]
    monotonic: Callable[[], float]


async def run_once(pipeline: Pipeline) -> tuple[Pass, Delivery]:
    """One pass, collected and delivered. Raises FailedError, UsageError, LogError."""
    found = await in_background(pipeline.collect)
    return found, await deliver(pipeline.outbox, pipeline.patience())


async def run_forever(pipeline: Pipeline) -> Never:
    """A pass at once and every `every_s`, delivered between them; cancel it to end it.

    Raises UsageError, LogRefused: what trying again does not mend.
    """
    told: set[str] = set()
    while True:
        began_s = pipeline.monotonic()
        collected = await _try_to_collect(pipeline)
        wait_s = pipeline.every_s if collected else min(pipeline.every_s, COLLECT_AGAIN_S)
        while True:
            await _try_to_deliver(pipeline, told)
            left_s = began_s + wait_s - pipeline.monotonic()
            if left_s <= 0:
                break
            await pipeline.sleep(min(left_s, DELIVER_EVERY_S))


async def _try_to_collect(pipeline: Pipeline) -> bool:
    try:
        found = await in_background(pipeline.collect)
    except FailedError as error:
        logger("agent").error("no pass", error=str(error))
        return False
    logger("agent").info("pass collected", drives=len(found.keys), day=str(found.day))
    return True


async def _try_to_deliver(pipeline: Pipeline, told: set[str]) -> None:
    """Deliver what is due; a problem is told once, not every few minutes."""
    try:
        delivery = await deliver(pipeline.outbox, pipeline.patience())
    except (LogUnavailable, FailedError) as error:
        logger("agent").error("not delivered, the spool holds", error=str(error))
        return
    if delivery.passes:
        logger("agent").info("delivered", passes=delivery.passes, events=delivery.events)
    for problem in delivery.problems:
        if problem not in told:
            logger("agent").error("pass not delivered", problem=problem)
    told.update(delivery.problems)


async def in_background(work: Callable[[], T]) -> T:
    """What `work` gives, from a thread that does not hold up the end of the program."""
    future: Future[T] = Future()

    def run() -> None:
        future.set_running_or_notify_cancel()  # from here on it is not cancelled, only left
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001  # raised where the result is awaited
            future.set_exception(error)

    threading.Thread(target=run, daemon=True, name="collect").start()
    return await asyncio.wrap_future(future)
