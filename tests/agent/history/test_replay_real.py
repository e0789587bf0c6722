"""The replay of 30 real days, against what DuckDB counts in the same files."""

import asyncio
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from agent.history.done import Done
from agent.history.replay import replay
from bus.contract import Snapshot
from bus.sqlite import SqliteLog
from tests.agent.history.conftest import stream

SHARED = Path(__file__).parents[3].parent / "shared"
DAYS = SHARED / "data/backblaze/data_2013-04-10_2013-05-09.zip"
MAX_BYTES_AN_EVENT = 200


@pytest.mark.skipif(not DAYS.exists(), reason=f"{DAYS.name} is not here")
async def test_the_log_holds_what_duckdb_counts_in_the_files(
    open_log: Callable[..., SqliteLog], tmp_path: Path
) -> None:
    log = open_log(partitions=3)
    done = Done.open(tmp_path, log.info.id)
    tally = await replay(
        [DAYS],
        log,
        done,
        again=False,
        now=datetime.now(UTC),
        cores=2,
        stop=asyncio.Event(),
        watch=lambda tally: None,
    )
    assert (tally.files, tally.rows, tally.sent) == (30, 648_339, 648_339)
    on_disk = sum(file.stat().st_size for file in tmp_path.glob("log.db*"))
    assert on_disk < MAX_BYTES_AN_EVENT * tally.sent

    present: set[tuple[str, str, str]] = set()
    failed: Counter[str] = Counter()
    async for _, event in stream(log):
        assert isinstance(event, Snapshot)
        present.add((event.drive.model, event.drive.serial, str(event.day)))
        failed[event.drive.model] += event.failure
    drive_days = Counter(model for model, _, _ in present)
    assert {model: (drive_days[model], failed[model]) for model in drive_days} == _count(tmp_path)


def _count(folder: Path) -> dict[str, tuple[int, int]]:
    """Per model as written: drive-days and failures, by DuckDB over the unpacked files."""
    with zipfile.ZipFile(DAYS) as archive:
        archive.extractall(folder)
    query = (
        "SELECT model, count(DISTINCT (serial_number, date)), sum(failure::INT)"
        f" FROM read_csv('{folder}/*.csv', all_varchar = true) GROUP BY model"
    )
    with duckdb.connect() as connection:
        return {
            model: (days, int(failures))
            for model, days, failures in connection.sql(query).fetchall()
        }
