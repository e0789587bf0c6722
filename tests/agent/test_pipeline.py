"""The agent's whole way: collect -> spool -> deliver, once and for ever."""

import asyncio
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from agent.deliver.publish import Outbox, Patience
from agent.pipeline import (
    COLLECT_AGAIN_S,
    DELIVER_EVERY_S,
    Pipeline,
    in_background,
    run_forever,
    run_once,
)
from agent.spool import Pass, SpoolError, list_passes, write_pass
from bus.log import Log, LogRefused, LogUnavailable
from bus.program.errors import UsageError
from bus.sqlite import SqliteLog
from tests.agent.deliver.made import NOW, made_pass

HOURS_6 = 6 * 3600.0


class EnoughError(Exception):
    """Ends a loop that runs for ever: the hours of the test are over."""


class Scene:
    """An agent in a folder whose clock goes on when it waits; it collects one pass each time."""

    def __init__(self, folder: Path, hours: float) -> None:
        self.folder = folder
        self.passed_s = 0.0
        self.end_s = hours * 3600
        self.collected_at: list[float] = []
        self.collect_trouble: list[Exception] = []
        self.log_trouble: list[Exception] = []

    def clock(self) -> datetime:
        return NOW + timedelta(seconds=self.passed_s)

    async def sleep(self, seconds: float) -> None:
        self.passed_s += seconds
        if self.passed_s >= self.end_s:
            raise EnoughError

    def collect(self) -> Pass:
        if self.collect_trouble:
            raise self.collect_trouble.pop(0)
        self.collected_at.append(self.passed_s)
        content = made_pass(-int(self.passed_s // 86_400), hour=9 + len(self.collected_at))
        write_pass(self.folder / "spool", content)
        return content

    def connect(self) -> Log:
        if self.log_trouble:
            raise self.log_trouble.pop(0)
        return SqliteLog.create(self.folder / "log.db", clock=self.clock)

    def pipeline(self) -> Pipeline:
        outbox = Outbox(self.folder / "spool", self.folder / "ship", self.connect, self.clock)
        return Pipeline(
            collect=self.collect,
            outbox=outbox,
            patience=lambda: Patience((), self.sleep),
            every_s=HOURS_6,
            sleep=self.sleep,
            monotonic=lambda: self.passed_s,
        )

    async def passes_in_log(self) -> int:
        log = SqliteLog.open(self.folder / "log.db")
        try:
            return sum((await log.ends()).values()) // 4
        finally:
            await log.close()


@pytest.fixture
def make_scene(tmp_path: Path) -> Callable[[float], Scene]:
    return lambda hours: Scene(tmp_path, hours)


async def test_one_pass_is_collected_and_delivered(make_scene: Callable[[float], Scene]) -> None:
    scene = make_scene(1)
    found, delivery = await run_once(scene.pipeline())
    assert len(found.snapshots) == 3
    assert (delivery.passes, delivery.events) == (1, 4)
    assert await scene.passes_in_log() == 1


async def test_one_pass_that_cannot_be_delivered_stays_in_the_spool(
    make_scene: Callable[[float], Scene],
) -> None:
    scene = make_scene(1)
    scene.log_trouble = [LogUnavailable("no mount")]
    with pytest.raises(LogUnavailable):
        await run_once(scene.pipeline())
    assert len(list_passes(scene.folder / "spool")) == 1


async def test_the_first_pass_is_at_once_and_then_one_every_six_hours(
    make_scene: Callable[[float], Scene],
) -> None:
    scene = make_scene(20)
    with pytest.raises(EnoughError):
        await run_forever(scene.pipeline())
    assert scene.collected_at == [0, HOURS_6, 2 * HOURS_6, 3 * HOURS_6]
    assert await scene.passes_in_log() == 4


async def test_a_log_that_comes_back_gets_the_spool_before_the_next_pass(
    make_scene: Callable[[float], Scene],
) -> None:
    scene = make_scene(1)
    scene.log_trouble = [LogUnavailable("no mount")] * 3
    with capture_logs() as lines, pytest.raises(EnoughError):
        await run_forever(scene.pipeline())
    assert scene.collected_at == [0]
    assert await scene.passes_in_log() == 1
    assert [line["event"] for line in lines if line["log_level"] == "error"] == [
        "not delivered, the spool holds"
    ] * 3


async def test_a_pass_that_failed_is_tried_again_soon(
    make_scene: Callable[[float], Scene],
) -> None:
    scene = make_scene(7)
    scene.collect_trouble = [SpoolError("no space left on device")]
    with capture_logs() as lines, pytest.raises(EnoughError):
        await run_forever(scene.pipeline())
    assert scene.collected_at == [COLLECT_AGAIN_S, COLLECT_AGAIN_S + HOURS_6]
    assert lines[0] == {
        "event": "no pass",
        "log_level": "error",
        "error": "no space left on device",
    }


async def test_a_problem_of_one_pass_is_told_once(make_scene: Callable[[float], Scene]) -> None:
    scene = make_scene(3 * DELIVER_EVERY_S / 3600)
    [bad] = [write_pass(scene.folder / "spool", made_pass(200))]
    with capture_logs() as lines, pytest.raises(EnoughError):
        await run_forever(scene.pipeline())
    problems = [line["problem"] for line in lines if line["event"] == "pass not delivered"]
    assert len(problems) == 1
    assert str(bad) in problems[0]


@pytest.mark.parametrize("trouble", [UsageError("no smartctl"), LogRefused("other partitions")])
async def test_a_fault_of_a_setting_ends_the_program(
    make_scene: Callable[[float], Scene], trouble: Exception
) -> None:
    scene = make_scene(20)
    if isinstance(trouble, LogRefused):
        scene.log_trouble = [trouble]
    else:
        scene.collect_trouble = [trouble]
    with pytest.raises(type(trouble)):
        await run_forever(scene.pipeline())


async def test_the_background_gives_its_result_or_its_error() -> None:
    assert await in_background(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        await in_background(lambda: 1 // 0)


async def test_leaving_does_not_wait_for_what_hangs_in_the_background() -> None:
    begun, hang = threading.Event(), threading.Event()

    def work() -> bool:
        begun.set()
        return hang.wait(60)

    task = asyncio.create_task(in_background(work))
    await asyncio.to_thread(begun.wait)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    thread = next(one for one in threading.enumerate() if one.name == "collect")
    assert thread.daemon
    hang.set()
    await asyncio.to_thread(thread.join)
