"""Programs kept running as one: real processes, a clock of the test's own."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from subprocess import PIPE, Popen

import pytest

from bus.program.children import DEATHS, Child, Time, keep_running
from bus.program.errors import FailedError

ROOT = Path(__file__).parents[3]
PAUSES = "import signal; signal.pause()"
SAYS_GOODBYE = """
import signal
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
with open({said!r}, "w", buffering=1) as said:
    print("hello", file=said)
    signal.sigwait([signal.SIGTERM])
    print("goodbye", file=said)
"""
PARENT = """
import asyncio, sys, time
from bus.program.children import Child, Time, keep_running
waits = "import signal; print('up', flush=True); signal.pause()"
child = Child("child", (sys.executable, "-c", waits))
asyncio.run(keep_running([child], {}, asyncio.Event(), Time(time.monotonic, asyncio.sleep)))
"""


class Clock:
    """Each look at it is `step_s` later; sleeping takes no time and is remembered."""

    def __init__(self, step_s: float = 0.0, stop: asyncio.Event | None = None) -> None:
        self.pauses: list[float] = []
        self._now, self._step_s, self._stop = 0.0, step_s, stop

    @property
    def time(self) -> Time:
        return Time(self.monotonic, self.sleep)

    def monotonic(self) -> float:
        self._now += self._step_s
        return self._now

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        if self._stop is not None and len(self.pauses) == 2 * DEATHS:
            self._stop.set()


def python(name: str, program: str) -> Child:
    return Child(name, (sys.executable, "-c", program))


async def test_a_child_that_dies_again_and_again_ends_all_and_is_named() -> None:
    clock, stop = Clock(), asyncio.Event()
    children = [python("agent", "raise SystemExit(1)"), python("aggregator", PAUSES)]
    with pytest.raises(FailedError, match=r"^the agent ended with exit code 1, 5 times within"):
        await keep_running(children, {}, stop, clock.time)
    assert clock.pauses == [1, 2, 4, 8]
    assert stop.is_set()


async def test_a_child_that_dies_now_and_then_is_started_again_each_time() -> None:
    stop = asyncio.Event()
    clock = Clock(step_s=100.0, stop=stop)
    kills_itself = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    await keep_running([python("agent", kills_itself)], {}, stop, clock.time)
    assert clock.pauses == [1] * 2 * DEATHS


async def test_a_usage_error_is_not_tried_again() -> None:
    clock = Clock()
    with pytest.raises(FailedError, match=r"^the agent ended with exit code 2: see its words"):
        await keep_running(
            [python("agent", "raise SystemExit(2)")], {}, asyncio.Event(), clock.time
        )
    assert clock.pauses == []


async def test_stop_lets_a_child_say_goodbye(tmp_path: Path) -> None:
    said, stop = tmp_path / "said", asyncio.Event()
    os.mkfifo(said)
    child = python("child", SAYS_GOODBYE.format(said=str(said)))
    keeping = asyncio.ensure_future(keep_running([child], {}, stop, Clock().time))
    with await asyncio.to_thread(said.open, encoding="utf-8") as heard:
        assert await asyncio.to_thread(heard.readline) == "hello\n"
        stop.set()
        assert await asyncio.to_thread(heard.read) == "goodbye\n"
    await keeping


def test_no_child_outlives_a_killed_parent() -> None:
    with Popen([sys.executable, "-c", PARENT], cwd=ROOT, stdout=PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "up\n"
        parent.send_signal(signal.SIGKILL)
        assert parent.stdout.read() == "", "the pipe ends with its last holder, the child"
