"""Commands that end cleanly when SIGTERM or SIGINT tells them to, everything durable.

Some end after the step under way and say how far they came; the others are left where they wait,
for what they do is whole or not at all at any moment.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class Stop:
    """Whether the command was told to end, and by a person at the keyboard."""

    event: asyncio.Event = field(default_factory=asyncio.Event)
    interrupted: bool = False

    def told(self, number: int) -> None:
        self.interrupted = number == signal.SIGINT
        self.event.set()


def run_until_stopped(main: Callable[[Stop], Awaitable[T]]) -> T:
    """Run `main`, which ends soon after its Stop is set by a signal. Raises what it raises."""

    async def run() -> T:
        return await main(_listen())

    return asyncio.run(run())


def run_or_leave(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run `main` to its end; at a signal cancel it and end the process. Raises what it raises."""

    async def run() -> asyncio.Task[T]:
        stopped = asyncio.create_task(_listen().event.wait())
        work = asyncio.create_task(main())
        await asyncio.wait({work, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if not work.done():
            work.cancel()
            await asyncio.wait({work})
        return work

    work = asyncio.run(run())
    if work.cancelled():
        _leave()
    return work.result()


def _leave() -> NoReturn:
    """End the process with 0, at once: a thread that waits for a drive that hangs is not joined."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _listen() -> Stop:
    """A Stop that this loop's signals set."""
    stop = Stop()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.told, number)
    return stop
