"""Public history into a log: files -> rows -> events -> log, without the spool.

Rules:
- A file is remembered as done after its last event is durable in the log; so after any end, by
  `kill -9` too, the same command goes on with the first file that is not done.
- A row or a file that cannot be used never stops the others.
- History is not mixed with live events unless someone says so: which days a fleet reported is
  told from the live ones.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import aclosing
from datetime import datetime
from pathlib import Path

from agent.history.done import Done
from agent.history.parse import Job, Parsed, bound_reader, parse
from agent.history.tally import Tally
from agent.history.workers import make_executor, map_in_order
from bus.files import Member, UnreadableError, find_members, open_table
from bus.log import Log, Message, Spot, Topic
from bus.program.errors import UsageError
from bus.public import ForeignHeaderError

Step = tuple[Member, UnreadableError | None]
"""A file, at a piece of it or at its end, and why the rest of it cannot be read."""


async def check_log(log: Log, *, into_live: bool) -> None:
    """Raises UsageError when history does not belong into this log."""
    if log.info.simulated:
        raise UsageError(
            "this log was made for simulated events only; give another path after --bus"
        )
    if not into_live and await log.holds_live():
        raise UsageError(
            "this log holds live events: history beside them changes the fleet's figures for good;"
            " give another path after --bus, or say --into-live if that is what you want"
        )


async def replay(
    paths: Sequence[Path],
    log: Log,
    done: Done,
    *,
    again: bool,
    now: datetime,
    cores: int,
    stop: asyncio.Event,
    watch: Callable[[Tally], None],
) -> Tally:
    """Send all rows of these files, ZIPs and folders that `done` does not hold; `again`: all.

    `watch` is called after each step. When `stop` is set it ends after the step under way, with
    everything counted durable. Raises LogError.
    """
    members, faults = await asyncio.to_thread(find_members, paths)
    left = [member for member in members if again or member not in done]
    tally = Tally(files_before=len(members) - len(left), unreadable=faults)
    tally.bytes_total = sum(member.size_bytes for member in left)
    with make_executor(tally.bytes_total, cores) as (executor, workers):
        steps = _steps(left, now, log.info.partitions)
        async with aclosing(map_in_order(parse, steps, executor, workers)) as results:
            async for step, parsed in results:
                await _take(step, parsed, log, done, tally)
                watch(tally)
                if stop.is_set():
                    tally.stopped = True
                    break
    return tally


def _steps(
    members: Iterable[Member], now: datetime, partitions: int
) -> Iterator[tuple[Step, Job | None]]:
    """Each file's pieces as jobs, then its end, which has no job."""
    for member in members:
        fault = None
        try:
            for job in _jobs(member, now, partitions):
                yield (member, None), job
        except UnreadableError as error:
            fault = error
        yield (member, fault), None


def _jobs(member: Member, now: datetime, partitions: int) -> Iterator[Job]:
    with open_table(member) as table:
        header = tuple(table.header)
        try:
            bound_reader(header, now)
        except ForeignHeaderError as error:
            remedy = "give daily files of the public data set"
            raise UnreadableError(member, str(error), remedy, line=1) from error
        for chunk in table.chunks:
            yield Job(header, chunk, now, partitions)


async def _take(step: Step, parsed: Parsed | None, log: Log, done: Done, tally: Tally) -> None:
    """Make one step's events durable, then count them; then remember a file that is through."""
    member, fault = step
    if parsed is not None:
        await log.append(_messages(parsed), live=False)
        tally.add(member, parsed)
    elif fault is not None:
        tally.unreadable.append(fault)
    else:
        await asyncio.to_thread(done.mark, member)
        tally.files += 1


def _messages(parsed: Parsed) -> list[Message]:
    return [
        Message(spot, value)
        for partition, values in parsed.events.items()
        for spot in [Spot(Topic.SNAPSHOTS, partition)]
        for value in values
    ]
