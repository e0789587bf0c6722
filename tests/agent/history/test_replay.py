"""Public history into a log: exact, restartable, and undisturbed by what is bad."""

import asyncio
import shutil
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from agent.history.done import Done
from agent.history.replay import check_log, replay
from agent.history.tally import Tally
from bus import contract
from bus.contract import Snapshot
from bus.identity import partition
from bus.log import Message, Spot, Topic
from bus.program.errors import UsageError
from bus.sqlite import SqliteLog
from tests.agent.history.conftest import HEADER, read_all

NOW = datetime(2026, 11, 23, tzinfo=UTC)
SHARED = Path(__file__).parents[3].parent / "shared"
REAL = SHARED / "data/backblaze/data_2013-04-10_2013-05-09.zip"
