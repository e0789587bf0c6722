"""What every log promises: one test class for the local log and for Kafka.

A log's own test file derives a `Test...` class from LogContract and says how to get the address of
a log that nobody has made yet.
"""

import asyncio
import os
import random
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from bus.connect import create_log, open_log
from bus.log import Batch, Log, LogRefused, Message, Positions, Spot, Topic
from tests.bus import log_writer

FIRST = Spot(Topic.SNAPSHOTS, 0)
SECOND = Spot(Topic.SNAPSHOTS, 1)
VERDICTS = Spot(Topic.VERDICTS, 1)
SPOTS = {Spot(topic, part) for topic in Topic for part in (0, 1)}

SOON_S = 3.0
"""A reader that is woken has it far sooner; one that only looks now and then has it later."""


def values(count: int, name: str = "v") -> list[bytes]:
    return [f"{name}{number}".encode() for number in range(count)]


def to(spot: Spot, what: Sequence[bytes]) -> list[Message]:
    return [Message(spot, value) for value in what]


async def batches(log: Log, start: Positions | None = None) -> list[Batch]:
    """All batches that are in the log by now."""
    return [batch async for batch in log.batches(start or {}, await log.ends())]


async def contents(log: Log, start: Positions | None = None) -> dict[Spot, list[bytes]]:
    """The values that are in the log by now, by spot; checks that offsets have no gaps."""
    found: dict[Spot, list[bytes]] = {spot: [] for spot in SPOTS}
    for batch in await batches(log, start):
        expected = (start or {}).get(batch.spot, 0) + len(found[batch.spot])
        assert batch.offset == expected, "offsets follow each other"
        found[batch.spot] += batch.values
    return found


class LogContract(ABC):
    """The promises of `bus.log.Log`."""

    @pytest.fixture
    @abstractmethod
    def url(self) -> str:
        """The address of a log that does not exist yet."""

    @pytest.fixture
    async def log(self, url: str) -> AsyncIterator[Log]:
        log = create_log(url, partitions=2)
        yield log
        await log.close()

    async def test_a_new_log_is_empty(self, log: Log) -> None:
        assert await log.ends() == dict.fromkeys(SPOTS, 0)
        assert await batches(log) == []

    async def test_values_come_back_in_order_from_offset_0(self, log: Log) -> None:
        await log.append(to(FIRST, values(3)), live=True)
        await log.append(to(FIRST, values(2, "w")), live=True)
        assert (await contents(log))[FIRST] == values(3) + values(2, "w")
        assert (await log.ends())[FIRST] == 5

    async def test_each_spot_counts_for_itself(self, log: Log) -> None:
        mixed = [
            message
            for three in zip(
                *(to(spot, values(4)) for spot in (FIRST, SECOND, VERDICTS)), strict=True
            )
            for message in three
        ]
        await log.append(mixed, live=True)
        expected = {FIRST: values(4), SECOND: values(4), VERDICTS: values(4)}
        assert await contents(log) == {spot: [] for spot in SPOTS} | expected
        assert await log.ends() == dict.fromkeys(SPOTS, 0) | dict.fromkeys(expected, 4)

    async def test_nothing_appended_is_nothing(self, log: Log) -> None:
        await log.append([], live=True)
        assert await log.ends() == dict.fromkeys(SPOTS, 0)
        assert not await log.holds_live()

    async def test_a_long_append_arrives_whole(self, log: Log) -> None:
        await log.append(to(FIRST, values(12_345)), live=True)
        assert (await contents(log))[FIRST] == values(12_345)

    async def test_values_are_bytes_of_any_kind(self, log: Log) -> None:
        seeded = random.Random(7)
        odd = [b"", b"\0", b"\n", b"a\r\nb\n", b"\xff\xfe\x00", b"\x28\xb5\x2f\xfd", b'{"kind":']
        odd += [seeded.randbytes(size) for size in (1, 255, 256, 65_536, 900_000)]
        await log.append(to(FIRST, odd), live=True)
        assert (await contents(log))[FIRST] == odd

    @pytest.mark.parametrize("start", [0, 1, 7, 9, 10, 11, 19, 20])
    async def test_reading_begins_anywhere_also_inside_a_batch(self, log: Log, start: int) -> None:
        for name in ("a", "b"):
            await log.append(to(FIRST, values(10, name)), live=True)
        everything = values(10, "a") + values(10, "b")
        assert (await contents(log, {FIRST: start}))[FIRST] == everything[start:]

    @pytest.mark.parametrize(("start", "until"), [(0, 0), (0, 3), (2, 3), (3, 12), (5, 5), (0, 20)])
    async def test_until_ends_the_reading_before_its_offset(
        self, log: Log, start: int, until: int
    ) -> None:
        for name in ("a", "b"):
            await log.append(to(FIRST, values(10, name)), live=True)
        found = [batch async for batch in log.batches({FIRST: start}, {FIRST: until})]
        everything = values(10, "a") + values(10, "b")
        assert [value for batch in found for value in batch.values] == everything[start:until]

    async def test_a_spot_that_until_does_not_name_is_not_read(self, log: Log) -> None:
        await log.append(to(FIRST, values(2)) + to(SECOND, values(2)), live=True)
        found = [batch async for batch in log.batches({}, {SECOND: 2})]
        assert [(batch.spot, batch.values) for batch in found] == [(SECOND, values(2))]

    async def test_a_position_beyond_the_end_reads_nothing(self, log: Log) -> None:
        await log.append(to(FIRST, values(2)), live=True)
        assert await batches(log, {FIRST: 5}) == []

    async def test_positions_of_spots_that_the_log_has_not_are_passed_over(self, log: Log) -> None:
        await log.append(to(FIRST, values(2)), live=True)
        assert (await contents(log, {Spot(Topic.SNAPSHOTS, 99): 5}))[FIRST] == values(2)

    async def test_a_reader_that_waits_is_woken_by_another_process(
        self, log: Log, url: str
    ) -> None:
        await log.append(to(FIRST, values(1)), live=True)
        reading = log.batches({})
        assert (await anext(reading)).values == values(1)
        waiting = asyncio.ensure_future(anext(reading))
        with log_writer.writing(url, "w", appends=1, messages=2) as writer:
            assert writer.stdout is not None
            assert await asyncio.to_thread(writer.stdout.readline) == "0\n"
            batch = await asyncio.wait_for(waiting, SOON_S)
        assert batch.offset == 1
        assert batch.values[0] == log_writer.value("w", 0, 0)

    async def test_a_reading_that_was_left_is_taken_up_again(self, log: Log) -> None:
        await log.append(to(FIRST, values(3)), live=True)
        async for batch in log.batches({}):
            assert batch.values == values(3)
            break
        waiting = asyncio.ensure_future(anext(log.batches({FIRST: 3})))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
        assert (await contents(log))[FIRST] == values(3)

    async def test_two_processes_write_at_once(self, log: Log, url: str) -> None:
        with (
            log_writer.writing(url, "a", appends=60, messages=5) as one,
            log_writer.writing(url, "b", appends=60, messages=5) as two,
        ):
            assert await asyncio.to_thread(one.wait) == 0
            assert await asyncio.to_thread(two.wait) == 0
        found = (await contents(log))[FIRST]
        for name in ("a", "b"):
            sent = [log_writer.value(name, append, i) for append in range(60) for i in range(5)]
            assert [value for value in found if value.startswith(name.encode())] == sent
        assert len(found) == 600

    async def test_tasks_of_one_process_write_at_once(self, log: Log) -> None:
        sent = [values(500, f"{task}-") for task in range(8)]
        await asyncio.gather(*(log.append(to(FIRST, each), live=True) for each in sent))
        found = (await contents(log))[FIRST]
        assert sorted(found) == sorted(value for each in sent for value in each)

    async def test_what_was_confirmed_survives_a_killed_writer(self, log: Log, url: str) -> None:
        with log_writer.writing(url, "w", appends=100_000, messages=3) as writer:
            assert writer.stdout is not None
            for _ in range(5):
                confirmed = int(await asyncio.to_thread(writer.stdout.readline))
            writer.kill()
            confirmed = max([confirmed, *map(int, writer.stdout.read().split())])
        found = (await contents(log))[FIRST]
        sent = [log_writer.value("w", a, i) for a in range(confirmed + 1) for i in range(3)]
        assert found[: len(sent)] == sent

    async def test_a_log_remembers_that_it_holds_live_events(self, log: Log, url: str) -> None:
        await log.append(to(FIRST, values(2)), live=False)
        assert not await log.holds_live()
        await log.append(to(FIRST, values(1)), live=True)
        await log.append(to(FIRST, values(1)), live=False)
        assert await log.holds_live()
        again = open_log(url)
        assert await again.holds_live()
        await again.close()

    async def test_a_log_keeps_its_identity(self, log: Log, url: str) -> None:
        again = open_log(url)
        assert again.info == log.info
        assert again.info.partitions == 2
        assert not again.info.simulated
        await again.close()

    async def test_the_number_of_partitions_is_fixed(self, log: Log, url: str) -> None:
        with pytest.raises(LogRefused, match="2 partitions, not 3"):
            create_log(url, partitions=3)
        again = create_log(url, partitions=2)
        assert again.info == log.info
        await again.close()

    async def test_a_batch_tells_when_the_log_took_it_in(self, log: Log) -> None:
        before = datetime.now(UTC)
        await log.append(to(FIRST, values(1)), live=True)
        await log.append(to(FIRST, values(1)), live=True)
        times = [batch.taken_in for batch in await batches(log)]
        a_millisecond = timedelta(milliseconds=1)
        assert before - a_millisecond <= times[0] <= times[-1] <= datetime.now(UTC) + a_millisecond
        assert {time.utcoffset() for time in times} == {timedelta(0)}

    async def test_what_was_read_once_is_read_the_same_again(self, log: Log) -> None:
        await log.append(to(FIRST, [os.urandom(20) for _ in range(50)]), live=True)
        assert await batches(log) == await batches(log)
