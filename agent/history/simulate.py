"""An imagined fleet into a log of its own, on the way that real events take.

Rules:
- Only into a log that was made for simulation, where the simulated clock counts as the time at
  which the log took a record in.
- Only into an empty one: two fleets in one log would be neither.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from agent.deliver.address import drive_message, pass_messages
from agent.history.days import Told, tell_day
from agent.history.fleet import Plan, imagine_hosts
from bus.log import Log, Message
from bus.program.errors import UsageError

SENT_AFTER = timedelta(minutes=1)


async def check_empty(log: Log) -> None:
    """Raises UsageError when something is in this log already."""
    if any((await log.ends()).values()):
        raise UsageError(
            "this log holds a simulation already, and two fleets in one log would be neither;"
            " remove it, or give another path after --bus"
        )


async def simulate(
    plan: Plan, log: Log, *, stop: asyncio.Event, watch: Callable[[int], None]
) -> int:
    """Send every day of the plan; returns the number of events sent. Raises LogError.

    `watch` is given the number of days that are done. When `stop` is set it ends after the day
    under way.
    """
    hosts = imagine_hosts(plan)
    sent = 0
    for number in range(plan.days):
        messages = day_messages(tell_day(plan, hosts, number), log.info.partitions)
        await log.append(messages, live=True)
        sent += len(messages)
        watch(number + 1)
        if stop.is_set():
            break
    return sent


def day_messages(told: Told, partitions: int) -> list[Message]:
    """All that one day says."""
    messages: list[Message] = []
    for content in told.passes:
        sent_at = content.started_at + SENT_AFTER
        messages += pass_messages(content, sent_at=sent_at, partitions=partitions)
    return messages + [drive_message(verdict, partitions) for verdict in told.verdicts]
