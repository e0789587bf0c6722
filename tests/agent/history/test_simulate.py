"""The imagined fleet in its log: deterministic, believed, whole."""

import asyncio
import subprocess
import sys
import zlib
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest

from agent.history.days import tell_day
from agent.history.fleet import Plan, imagine_hosts
from agent.history.simulate import check_empty, day_messages, simulate
from bus import belief
from bus.contract import Inventory, Snapshot, Verdict
from bus.identity import drive_key, key_hash, partition
from bus.log import Message, Spot, Topic
from bus.program.errors import UsageError
from bus.sqlite import SqliteLog
from tests.agent.history.conftest import read_all

PLAN = Plan(drives=90, days=40, models=3, seed=7, start=date(2025, 1, 1), bad_model_factor=50.0)
ROOT = Path(__file__).parents[3]

OpenLog = Callable[..., SqliteLog]


def plan_bytes(plan: Plan) -> list[Message]:
    hosts = imagine_hosts(plan)
    return [
        message
        for number in range(plan.days)
        for message in day_messages(tell_day(plan, hosts, number), 2)
    ]


def test_a_seed_gives_the_same_bytes_in_every_process() -> None:
    told = "from tests.agent.history import test_simulate as it; print(it.checksum())"
    found = {
        subprocess.run(
            [sys.executable, "-c", told],
            env={"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert found == {f"{checksum()}\n".encode()}


def checksum() -> int:
    return zlib.crc32(b"".join(message.value for message in plan_bytes(PLAN)))


async def test_all_days_are_in_the_log_each_event_in_its_partition(open_log: OpenLog) -> None:
    log = open_log(partitions=4, simulated=True)
    days: list[int] = []
    sent = await simulate(PLAN, log, stop=asyncio.Event(), watch=days.append)
    found = await read_all(log)
    assert (len(found), days) == (sent, list(range(1, 41)))
    for spot, event in found:
        if isinstance(event, Inventory):
            assert spot == Spot(Topic.SNAPSHOTS, event.partition)
        else:
            topic = Topic.VERDICTS if isinstance(event, Verdict) else Topic.SNAPSHOTS
            assert spot == Spot(topic, partition(event.drive.serial, 4))
    assert await log.holds_live()


async def test_every_event_is_believed_at_the_time_it_was_sent(open_log: OpenLog) -> None:
    log = open_log(simulated=True)
    await simulate(PLAN, log, stop=asyncio.Event(), watch=lambda day: None)
    found = await read_all(log)
    assert {type(event).__name__ for _, event in found} == {
        "Snapshot",
        "Absence",
        "Inventory",
        "Verdict",
    }
    for _, event in found:
        assert belief.judge(event, belief.window(event.sent_at)) is None
    kinds = Counter(type(event) for _, event in found)
    assert kinds[Snapshot] > 89 * 40
    assert kinds[Inventory] == 3 * 40
    assert kinds[Verdict] > 1


async def test_inventories_account_for_every_drive_of_their_partition(open_log: OpenLog) -> None:
    log = open_log(partitions=3, simulated=True)
    await simulate(PLAN, log, stop=asyncio.Event(), watch=lambda day: None)
    seen: dict[tuple[str, date, int], set[str]] = {}
    inventories: list[Inventory] = []
    for spot, event in await read_all(log):
        if isinstance(event, Snapshot):
            key = drive_key(event.drive.serial, event.drive.model)
            seen.setdefault((event.host, event.day, spot.partition), set()).add(key)
        if isinstance(event, Inventory):
            inventories.append(event)
    assert len(inventories) == 3 * 3 * 40
    for event in inventories:
        keys = seen.get((event.host, event.day, event.partition), set())
        xor = 0
        for key in keys:
            xor ^= key_hash(key)
        assert (event.drives, event.keys_xor) == (len(keys), f"{xor:016x}")


async def test_the_clock_of_the_log_is_the_simulated_one(open_log: OpenLog) -> None:
    log = open_log(simulated=True)
    await simulate(PLAN, log, stop=asyncio.Event(), watch=lambda day: None)
    sent: list[datetime] = [
        event.sent_at for _, event in await read_all(log) if not isinstance(event, Verdict)
    ]
    assert sent == sorted(sent)
    assert (sent[0].date(), sent[-1].date()) == (date(2025, 1, 1), date(2025, 2, 9))


async def test_told_to_stop_it_ends_after_the_day_under_way(open_log: OpenLog) -> None:
    log = open_log(simulated=True)
    stop = asyncio.Event()
    sent = await simulate(PLAN, log, stop=stop, watch=lambda day: stop.set())
    found = await read_all(log)
    assert (len(found), {event.day for _, event in found}) == (sent, {PLAN.start})


async def test_two_fleets_do_not_go_into_one_log(open_log: OpenLog) -> None:
    log = open_log(simulated=True)
    await check_empty(log)
    await simulate(PLAN, log, stop=asyncio.Event(), watch=lambda day: None)
    with pytest.raises(UsageError, match="holds a simulation already"):
        await check_empty(log)
