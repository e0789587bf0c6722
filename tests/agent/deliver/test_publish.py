"""The spool into the log: nothing lost, nothing in the way of the others."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from agent.deliver.marks import AGAIN_AFTER
from agent.deliver.publish import Delivery, Outbox, Patience, deliver
from agent.spool import Pass, write_pass
from bus import contract
from bus.contract import Snapshot
from bus.log import Log, LogRefused, LogUnavailable, Message
from bus.sqlite import SqliteLog
from tests.agent.deliver.made import NOW, made_pass


class Clock:
    """A clock that tests turn, and how long was slept by it."""

    def __init__(self) -> None:
        self.now = NOW
        self.slept: list[float] = []

    def __call__(self) -> datetime:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)


class Scene:
    """A spool, marks and a log in a folder; `trouble` is raised by the next appends."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = Clock()
        self.trouble: list[Exception] = []

    def write(self, *passes: Pass) -> list[Path]:
        return [write_pass(self.folder / "spool", content) for content in passes]

    def connect(self) -> Log:
        log = SqliteLog.create(self.folder / "log.db", clock=self.clock)
        append = log.append

        async def troubled(messages: list[Message], *, live: bool) -> None:
            if self.trouble:
                raise self.trouble.pop(0)
            await append(messages, live=live)

        log.append = troubled  # type: ignore[method-assign, assignment]  # the real one, troubled
        return log

    async def deliver(self, *delays: float, connect: Callable[[], Log] | None = None) -> Delivery:
        outbox = Outbox(
            self.folder / "spool", self.folder / "ship", connect or self.connect, self.clock
        )
        return await deliver(outbox, Patience(delays, self.clock.sleep))

    async def found(self) -> list[contract.AnyEvent]:
        log = SqliteLog.create(self.folder / "log.db")
        try:
            return [
                contract.decode(value)
                async for batch in log.batches({}, until=await log.ends())
                for value in batch.values
            ]
        finally:
            await log.close()

    async def days(self) -> list[str]:
        """The days of the snapshots in the log, in order, each run of them once."""
        days = [str(event.day) for event in await self.found() if isinstance(event, Snapshot)]
        return [day for day, before in zip(days, ["", *days], strict=False) if day != before]


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


async def test_passes_arrive_oldest_first_and_once(scene: Scene) -> None:
    scene.write(made_pass(0), made_pass(5), made_pass(2))
    assert await scene.deliver() == Delivery(3, 12, ())
    assert await scene.days() == ["2026-11-18", "2026-11-21", "2026-11-23"]
    assert await scene.deliver() == Delivery(0, 0, ())


async def test_an_empty_spool_needs_no_log(scene: Scene) -> None:
    def connect() -> Log:
        raise LogUnavailable("there is no log today")

    assert await scene.deliver(connect=connect) == Delivery(0, 0, ())


async def test_what_is_sent_is_live(scene: Scene) -> None:
    scene.write(made_pass())
    await scene.deliver()
    log = SqliteLog.open(scene.folder / "log.db")
    assert await log.holds_live()
    await log.close()


async def test_each_pass_is_sent_once_more_two_days_later(scene: Scene) -> None:
    scene.write(made_pass(0))
    sent = []
    for _ in range(8):
        sent.append((await scene.deliver()).passes)
        scene.clock.now += AGAIN_AFTER / 4
    assert sent == [1, 0, 0, 0, 1, 0, 0, 0]
    stamps = {event.sent_at for event in await scene.found()}
    assert stamps == {NOW, NOW + AGAIN_AFTER}


async def test_a_log_that_cannot_be_reached_is_tried_again(scene: Scene) -> None:
    scene.write(made_pass(1), made_pass(0))
    scene.trouble = [LogUnavailable("busy"), LogUnavailable("busy")]
    assert await scene.deliver(1.0, 2.0, 4.0) == Delivery(2, 8, ())
    assert scene.clock.slept == [1.0, 2.0]
    assert await scene.days() == ["2026-11-22", "2026-11-23"]


async def test_an_event_is_stamped_when_it_is_sent_after_the_wait(scene: Scene) -> None:
    scene.write(made_pass(0))
    scene.trouble = [LogUnavailable("busy")]
    await scene.deliver(86_400.0 * 3)
    assert {event.sent_at for event in await scene.found()} == {NOW + timedelta(days=3)}


async def test_when_patience_ends_the_spool_holds_and_the_next_time_sends(scene: Scene) -> None:
    scene.write(made_pass(1), made_pass(0))
    scene.trouble = [LogUnavailable("disk full")] * 3
    with pytest.raises(LogUnavailable, match="disk full"):
        await scene.deliver(1.0, 2.0)
    assert await scene.deliver() == Delivery(2, 8, ())


async def test_a_log_that_is_not_there_yet_is_tried_again(scene: Scene) -> None:
    scene.write(made_pass())
    troubles = [LogUnavailable("no mount"), LogUnavailable("no mount")]

    def connect() -> Log:
        if troubles:
            raise troubles.pop()
        return scene.connect()

    assert await scene.deliver(1.0, 1.0, connect=connect) == Delivery(1, 4, ())


async def test_a_log_that_refuses_is_an_error_at_once(scene: Scene) -> None:
    scene.write(made_pass())
    scene.trouble = [LogRefused("another number of partitions")]
    with pytest.raises(LogRefused):
        await scene.deliver(1.0)
    assert scene.clock.slept == []


async def test_real_events_do_not_go_into_a_simulated_log(scene: Scene) -> None:
    scene.write(made_pass())

    def connect() -> Log:
        return SqliteLog.create(scene.folder / "log.db", simulated=True)

    with pytest.raises(LogRefused, match="simulated events only"):
        await scene.deliver(connect=connect)


async def test_a_damaged_pass_is_told_and_the_others_are_sent(scene: Scene) -> None:
    _, bad, _ = scene.write(made_pass(2), made_pass(1), made_pass(0))
    bad.write_bytes(bad.read_bytes()[:-20])
    delivery = await scene.deliver()
    assert (delivery.passes, len(delivery.problems)) == (2, 1)
    assert f"the pass {bad} is damaged" in delivery.problems[0]
    assert await scene.days() == ["2026-11-21", "2026-11-23"]


async def test_a_pass_that_no_log_believes_any_more_is_told_and_not_sent(scene: Scene) -> None:
    old, _ = scene.write(made_pass(121), made_pass(120))
    delivery = await scene.deliver()
    [problem] = delivery.problems
    assert f"{old} is 121 days old" in problem
    assert await scene.days() == ["2026-07-26"]


async def test_a_pass_from_the_future_waits_until_its_day(scene: Scene) -> None:
    scene.write(made_pass(-2))
    delivery = await scene.deliver()
    assert "2 days ahead: check this host's clock" in delivery.problems[0]
    assert delivery.passes == 0
    scene.clock.now += timedelta(days=1)
    assert await scene.deliver() == Delivery(1, 4, ())


async def test_an_end_between_the_append_and_the_mark_sends_twice_and_loses_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.write(made_pass(1), made_pass(0))

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, suppress(KeyboardInterrupt):
        patch.setattr("agent.deliver.marks.Marks.mark", killed)
        await scene.deliver()
    assert await scene.deliver() == Delivery(2, 8, ())
    assert await scene.days() == ["2026-11-22", "2026-11-23"]
