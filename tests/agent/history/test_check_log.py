"""Into which logs history may go."""

from collections.abc import Callable

import pytest

from agent.history.replay import check_log
from bus.log import Message, Spot, Topic
from bus.program.errors import UsageError
from bus.sqlite import SqliteLog

OpenLog = Callable[..., SqliteLog]


async def test_history_is_refused_by_a_log_that_holds_live_events(open_log: OpenLog) -> None:
    log = open_log()
    await check_log(log, into_live=False)
    await log.append([Message(Spot(Topic.SNAPSHOTS, 0), b"{}")], live=True)
    with pytest.raises(UsageError, match="--into-live"):
        await check_log(log, into_live=False)
    await check_log(log, into_live=True)


async def test_history_is_refused_by_a_simulated_log(open_log: OpenLog) -> None:
    with pytest.raises(UsageError, match="simulated events only"):
        await check_log(open_log(simulated=True), into_live=True)
