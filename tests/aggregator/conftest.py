"""What several tests of the aggregator need."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bus.sqlite import SqliteLog
from tests.aggregator.at_work import FailingStore, Work
from tests.aggregator.ingest.stories import TAKEN_IN
from tests.bus.conftest import small_disk

__all__ = ["small_disk", "work"]


@pytest.fixture
async def work(tmp_path: Path) -> AsyncIterator[Work]:
    """A local log of one partition, `log.db`, and a store beside it."""
    log = SqliteLog.create(tmp_path / "log.db", clock=lambda: TAKEN_IN)
    yield Work(log, FailingStore(tmp_path / "state"))
    await log.close()
