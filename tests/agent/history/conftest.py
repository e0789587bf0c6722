"""Public files made for a test, and a log to send them to."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from bus import contract
from bus.contract import AnyEvent
from bus.log import Log, Spot
from bus.sqlite import SqliteLog

HEADER = "date,serial_number,model,capacity_bytes,failure,smart_5_raw"


@pytest.fixture
def write_day(tmp_path: Path) -> Callable[..., Path]:
    """Writes a day's file: one row for each serial, or these rows."""

    def write(day: str, *serials: str, rows: tuple[str, ...] = (), header: str = HEADER) -> Path:
        path = tmp_path / "public" / f"{day}.csv"
        path.parent.mkdir(exist_ok=True)
        usual = [f"{day},{serial},ST4000DM000,4000787030016,0,0" for serial in serials]
        path.write_text("\n".join([header, *usual, *rows]) + "\n")
        return path

    return write


@pytest.fixture
def open_log(tmp_path: Path) -> Iterator[Callable[..., SqliteLog]]:
    """Opens the log of this test; all are closed at its end."""
    opened: list[SqliteLog] = []

    def open_it(partitions: int = 1, simulated: bool = False) -> SqliteLog:
        path = tmp_path / "log.db"
        opened.append(SqliteLog.create(path, partitions=partitions, simulated=simulated))
        return opened[-1]

    yield open_it
    for log in opened:
        log._connection.close()


async def stream(log: Log) -> AsyncIterator[tuple[Spot, AnyEvent]]:
    """Every event in a log, with where it lies."""
    async for batch in log.batches({}, until=await log.ends()):
        for value in batch.values:
            yield batch.spot, contract.decode(value)


async def read_all(log: Log) -> list[tuple[Spot, AnyEvent]]:
    return [found async for found in stream(log)]
