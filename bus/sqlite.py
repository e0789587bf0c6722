"""The local log: one SQLite file, several writing processes, one reading aggregator.

Rules:
- `append` returns after a commit with fsync.
- Records are kept in batches, each one compressed frame with its checksum.
- The reader holds a lock on a file beside the log; the kernel lets go of it when the reader dies.
- A writer rings a bell (a FIFO beside the log) after each commit, so that the reader sleeps until
  there is something to read; a slow look now and then makes up for a bell that was not heard.
"""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from bus import database
from bus.bell import Bell, ring
from bus.disk import make_folder, sync_folder
from bus.frame import DamagedFrame, framed, pack, unpack
from bus.log import Batch, LogInfo, LogRefused, Message, Positions, Spot, Topic

READ_AHEAD_BATCHES = 32
"""Batches fetched at once: many when hosts write a few events each."""
READ_AHEAD_BYTES = 4_000_000
"""Bytes of records fetched at once, beyond which no further batch is."""


def _now() -> datetime:
    return datetime.now(UTC)


class SqliteLog:
    """A local log that is open; see `bus.log.Log` for what its methods promise."""

    def __init__(
        self,
        path: Path,
        connection: sqlite3.Connection,
        info: LogInfo,
        clock: Callable[[], datetime],
    ) -> None:
        self.path = path
        self.info = info
        self._connection = connection
        self._clock = clock
        self._lock = threading.Lock()  # one thread at a time in the connection
        self._bell: Bell | None = None

    @classmethod
    def create(
        cls,
        path: Path,
        *,
        partitions: int = 1,
        simulated: bool = False,
        clock: Callable[[], datetime] = _now,
    ) -> Self:
        """Open the log, making it where there is none.

        Raises LogRefused when it is there with another number of partitions or another purpose.
        """
        if partitions < 1:
            raise LogRefused(f"a log has at least 1 partition, not {partitions}")
        with database.faults(path):
            make_folder(path.parent)
            connection = database.connect(path)
            try:
                database.initialise(
                    connection, partitions=partitions, simulated=simulated, now=clock()
                )
                sync_folder(path.parent)
                info = database.read_info(connection, path)
                database.check_info(info, path, partitions=partitions, simulated=simulated)
                database.use_wal(connection)
            except BaseException:
                connection.close()
                raise
        return cls(path, connection, info, clock)

    @classmethod
    def open(cls, path: Path, *, clock: Callable[[], datetime] = _now) -> Self:
        """Open a log that must be there. Raises LogRefused when it is not."""
        if not path.exists():
            raise LogRefused(
                f"there is no log at {path}: an agent or `drivefleet-agent replay` makes one"
            )
        with database.faults(path):
            connection = database.connect(path)
            try:
                info = database.read_info(connection, path)
            except BaseException:
                connection.close()
                raise
        return cls(path, connection, info, clock)

    async def append(self, messages: Sequence[Message], *, live: bool) -> None:
        if messages:
            await asyncio.to_thread(self._append, messages, live)

    async def batches(
        self, start: Positions, until: Positions | None = None
    ) -> AsyncIterator[Batch]:
        """See `Log.batches`. Takes the reader's lock: LogRefused if another aggregator has it."""
        bell = self._listen()
        position = {spot: start.get(spot, 0) for spot in self._spots()}
        limit = {spot: None if until is None else until.get(spot, 0) for spot in position}
        while True:
            progressed = False
            for spot in position:
                for batch in await asyncio.to_thread(self._read, spot, position[spot], limit[spot]):
                    position[spot] = batch.end
                    progressed = True
                    yield batch
            if progressed:
                continue
            if until is not None and all(position[s] >= until.get(s, 0) for s in position):
                return
            await bell.wait()

    async def ends(self) -> dict[Spot, int]:
        return await asyncio.to_thread(self._ends)

    async def holds_live(self) -> bool:
        return await asyncio.to_thread(self._holds_live)

    async def close(self) -> None:
        """Let go of the file and of the reader's lock. A second call does nothing."""
        if self._bell is not None:
            self._bell.close()
            self._bell = None
        with self._lock:
            self._connection.close()

    def _append(self, messages: Sequence[Message], live: bool) -> None:
        frames = [(spot, len(values), pack(values)) for spot, values in framed(messages)]
        connection = self._connection
        with self._lock, database.faults(self.path), database.transaction(connection):
            taken_in_ms = int(self._clock().timestamp() * 1000)
            if live:
                connection.execute("INSERT OR IGNORE INTO meta VALUES ('live', '1')")
            for spot, count, frame in frames:
                row = (*spot, _end(connection, spot), count, taken_in_ms, frame)
                connection.execute("INSERT INTO batch VALUES (?, ?, ?, ?, ?, ?)", row)
        ring(self.path)

    def _read(self, spot: Spot, offset: int, limit: int | None) -> list[Batch]:
        """The next batches from an offset on, none of it at or after `limit`."""
        query = (
            "SELECT first, taken_in_ms, frame FROM batch WHERE topic = ? AND part = ? AND first >="
            " coalesce((SELECT max(first) FROM batch WHERE topic = ? AND part = ? AND first <= ?)"
            ", 0) ORDER BY first LIMIT ?"
        )
        at = (*spot, *spot, offset, READ_AHEAD_BATCHES)
        batches, size = [], 0
        with (
            self._lock,
            database.faults(self.path),
            closing(self._connection.execute(query, at)) as rows,
        ):
            for row in rows:
                batch = self._batch(spot, offset, limit, *row)
                if batch.values:
                    batches.append(batch)
                size += sum(map(len, batch.values))
                if size > READ_AHEAD_BYTES or (limit is not None and batch.end >= limit):
                    break
        return batches

    def _batch(
        self, spot: Spot, offset: int, limit: int | None, first: int, taken_in_ms: int, frame: bytes
    ) -> Batch:
        """The records of a frame from `offset` on and before `limit`."""
        try:
            values = unpack(frame)
        except DamagedFrame as error:
            raise LogRefused(
                f"{self.path}: the batch of {spot.topic} at offset {first} is damaged ({error});"
                " restore the file from a backup, or move it away and let the agents send again"
            ) from error
        skip = max(0, offset - first)
        values = values[skip : None if limit is None else max(skip, limit - first)]
        taken_in = datetime.fromtimestamp(taken_in_ms / 1000, UTC)
        return Batch(spot, first + skip, taken_in, values)

    def _ends(self) -> dict[Spot, int]:
        with self._lock, database.faults(self.path):
            return {spot: _end(self._connection, spot) for spot in self._spots()}

    def _holds_live(self) -> bool:
        query = "SELECT 1 FROM meta WHERE key = 'live'"
        with self._lock, database.faults(self.path):
            return self._connection.execute(query).fetchone() is not None

    def _spots(self) -> list[Spot]:
        return [Spot(topic, part) for topic in Topic for part in range(self.info.partitions)]

    def _listen(self) -> Bell:
        if self._bell is None:
            self._bell = Bell(self.path)
        return self._bell


def _end(connection: sqlite3.Connection, spot: Spot) -> int:
    """The offset after the last record of a spot."""
    query = (
        "SELECT first + count FROM batch WHERE topic = ? AND part = ? ORDER BY first DESC LIMIT 1"
    )
    row = connection.execute(query, spot).fetchone()
    return 0 if row is None else int(row[0])
