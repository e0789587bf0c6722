"""When something may be done again."""

import pytest

from aggregator.due import SHARE, Due


class Seconds:
    """A clock; doing work moves it on."""

    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now

    async def work(self, takes_s: float) -> str:
        self.now += takes_s
        return "done"


@pytest.fixture
def clock() -> Seconds:
    return Seconds()


@pytest.fixture
def due(clock: Seconds) -> Due:
    return Due(5.0, clock)


def test_it_is_due_at_once(due: Due) -> None:
    assert due.in_s == 0


async def test_after_quick_work_it_is_due_after_its_pause(due: Due, clock: Seconds) -> None:
    assert await due.run(clock.work(0.25)) == "done"
    assert due.in_s == 5.0
    clock.now += 4.0
    assert due.in_s == 1.0
    clock.now += 4.0
    assert due.in_s == 0


async def test_work_that_takes_long_comes_seldom(due: Due, clock: Seconds) -> None:
    await due.run(clock.work(3.0))
    assert due.in_s == SHARE * 3.0


async def test_it_can_be_put_off_further(due: Due, clock: Seconds) -> None:
    await due.run(clock.work(0.25))
    due.put_off(60.0)
    assert due.in_s == 60.0


async def test_work_that_fails_is_due_at_once(due: Due) -> None:
    async def failing() -> None:
        raise ValueError("away")

    with pytest.raises(ValueError, match="away"):
        await due.run(failing())
    assert due.in_s == 0
