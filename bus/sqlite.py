"""The local log: one SQLite file, several writing processes, one reading aggregator.

Rules:
- A transaction is a commit with fsync (WAL, synchronous=FULL): `append` returns after it.
- Records are kept in batches, each one zstd frame with its checksum: about 40 bytes an event.
- The reader holds a lock on a file beside the log; the kernel lets go of it when the reader dies.
- A writer rings a bell (a FIFO beside the log) after each commit, so that the reader sleeps until
  there is something to read; a slow look now and then makes up for a bell that was not heard.
"""

import asyncio
import sqlite3
import threading
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import msgspec
import zstandard

from bus.bell import Bell, ring
from bus.disk import make_folder, sync_folder
from bus.log import Batch, LogInfo, LogRefused, LogUnavailable, Message, Positions, Spot, Topic

FORMAT = 1
MAX_BATCH_RECORDS = 5_000
"""Records in one frame: large enough to compress well (gains end near 2,000), small enough that
one frame is read and decoded within a few milliseconds."""
MAX_BATCH_BYTES = 4_000_000
BUSY_TIMEOUT_S = 30.0
"""How long a writer waits for the others; a commit takes milliseconds."""
READ_AHEAD_ROWS = 32
"""Frames fetched by one query: many when hosts write a few events each."""

_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE batch (
    topic TEXT NOT NULL, part INTEGER NOT NULL, first INTEGER NOT NULL, count INTEGER NOT NULL,
    taken_in_ms INTEGER NOT NULL, frame BLOB NOT NULL, UNIQUE (topic, part, first)
);
"""


class _Frame(msgspec.Struct, array_like=True):
    """What a frame holds; fields may be added at the end."""

    values: list[bytes]


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
        self._compress = zstandard.ZstdCompressor(level=3, write_checksum=True)
        self._decompress = zstandard.ZstdDecompressor()
        self._frames = msgspec.msgpack.Decoder(_Frame)

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
        with _faults(path):
            make_folder(path.parent)
            connection = _connect(path)
            _initialise(connection, partitions, simulated, clock())
            sync_folder(path.parent)
        log = cls(path, connection, _read_info(path, connection), clock)
        _check(log.info, path, partitions, simulated)
        return log

    @classmethod
    def open(cls, path: Path, *, clock: Callable[[], datetime] = _now) -> Self:
        """Open a log that must be there. Raises LogRefused when it is not."""
        if not path.exists():
            raise LogRefused(
                f"there is no log at {path}: an agent or `drivefleet-agent replay` makes one"
            )
        with _faults(path):
            connection = _connect(path)
        return cls(path, connection, _read_info(path, connection), clock)

    async def append(self, messages: Sequence[Message], *, live: bool) -> None:
        if messages:
            await asyncio.to_thread(self._append, messages, live)

    async def batches(
        self, start: Positions, until: Positions | None = None
    ) -> AsyncIterator[Batch]:
        """See `Log.batches`. Takes the reader's lock: LogRefused if another aggregator has it."""
        bell = self._listen()
        position = {spot: start.get(spot, 0) for spot in self._spots()}
        while True:
            progressed = False
            for spot in position:
                limit = None if until is None else until[spot]
                for batch in await asyncio.to_thread(self._read, spot, position[spot], limit):
                    position[spot] = batch.end
                    progressed = True
                    yield batch
            if progressed:
                continue
            if until is not None and all(position[spot] >= until[spot] for spot in position):
                return
            await bell.wait()

    async def ends(self) -> dict[Spot, int]:
        return await asyncio.to_thread(self._ends)

    async def holds_live(self) -> bool:
        return await asyncio.to_thread(self._meta, "live") is not None

    async def close(self) -> None:
        if self._bell is not None:
            self._bell.close()
        with self._lock:
            self._connection.close()

    def _append(self, messages: Sequence[Message], live: bool) -> None:
        frames = [
            (spot, len(values), self._compress.compress(msgspec.msgpack.encode(_Frame(values))))
            for spot, values in _framed(messages)
        ]
        taken_in_ms = int(self._clock().timestamp() * 1000)
        with self._transaction() as connection:
            if live:
                connection.execute("INSERT OR IGNORE INTO meta VALUES ('live', '1')")
            for spot, count, frame in frames:
                first = _end(connection, spot)
                row = (spot.topic, spot.partition, first, count, taken_in_ms, frame)
                connection.execute("INSERT INTO batch VALUES (?, ?, ?, ?, ?, ?)", row)
        ring(self.path)

    def _read(self, spot: Spot, offset: int, limit: int | None) -> list[Batch]:
        """Up to READ_AHEAD_ROWS batches from an offset on, none at or after `limit`."""
        query = (
            "SELECT first, taken_in_ms, frame FROM batch WHERE topic = ? AND part = ? AND first >="
            " coalesce((SELECT max(first) FROM batch WHERE topic = ? AND part = ? AND first <= ?)"
            ", 0) ORDER BY first LIMIT ?"
        )
        with self._lock, _faults(self.path):
            rows = self._connection.execute(
                query, (*spot, *spot, offset, READ_AHEAD_ROWS)
            ).fetchall()
        batches = (self._batch(spot, offset, limit, *row) for row in rows)
        return [batch for batch in batches if batch.values]

    def _batch(
        self, spot: Spot, offset: int, limit: int | None, first: int, taken_in_ms: int, frame: bytes
    ) -> Batch:
        """The records of a frame from `offset` on and before `limit`."""
        try:
            values = self._frames.decode(self._decompress.decompress(frame)).values
        except (zstandard.ZstdError, msgspec.DecodeError) as error:
            raise LogRefused(
                f"{self.path}: the batch of {spot.topic} at offset {first} is damaged ({error});"
                " restore the file from a backup, or move it away and let the agents send again"
            ) from error
        skip = max(0, offset - first)
        values = values[skip : None if limit is None else max(skip, limit - first)]
        taken_in = datetime.fromtimestamp(taken_in_ms / 1000, UTC)
        return Batch(spot, first + skip, taken_in, values)

    def _ends(self) -> dict[Spot, int]:
        with self._lock, _faults(self.path):
            return {spot: _end(self._connection, spot) for spot in self._spots()}

    def _meta(self, key: str) -> str | None:
        with self._lock, _faults(self.path):
            row = self._connection.execute(
                "SELECT value FROM meta WHERE key = ?", (key,)
            ).fetchone()
        return None if row is None else str(row[0])

    def _spots(self) -> list[Spot]:
        return [Spot(topic, part) for topic in Topic for part in range(self.info.partitions)]

    def _listen(self) -> Bell:
        if self._bell is None:
            self._bell = Bell(self.path)
        return self._bell

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock, _faults(self.path), _transaction(self._connection) as connection:
            yield connection


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _initialise(
    connection: sqlite3.Connection, partitions: int, simulated: bool, now: datetime
) -> None:
    """Make the tables where they are not there; of two processes at once, one does."""
    with _transaction(connection):
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
            return
        for statement in _TABLES.split(";"):
            connection.execute(statement)
        facts = {
            "format": FORMAT,
            "id": f"sqlite-{uuid.uuid4()}",
            "partitions": partitions,
            "simulated": int(simulated),
            "created_at": now.isoformat(),
        }
        rows = [(key, str(value)) for key, value in facts.items()]
        connection.executemany("INSERT INTO meta VALUES (?, ?)", rows)


def _read_info(path: Path, connection: sqlite3.Connection) -> LogInfo:
    try:
        meta = dict(connection.execute("SELECT key, value FROM meta").fetchall())
        written_as = int(meta["format"])
        info = LogInfo(meta["id"], int(meta["partitions"]), meta["simulated"] == "1")
    except (sqlite3.DatabaseError, KeyError, ValueError) as error:
        connection.close()
        raise LogRefused(f"{path} is not a drivefleet log ({error}); give another path") from error
    if written_as != FORMAT:
        connection.close()
        raise LogRefused(f"{path} has format {written_as}, this version reads {FORMAT}: upgrade")
    return info


def _check(info: LogInfo, path: Path, partitions: int, simulated: bool) -> None:
    if info.partitions != partitions:
        raise LogRefused(
            f"{path} has {info.partitions} partitions, not {partitions}; they are fixed when a log"
            f" is made: say --partitions {info.partitions}, or give another path"
        )
    if info.simulated != simulated:
        is_for = "simulated events" if info.simulated else "real events"
        raise LogRefused(f"{path} was made for {is_for} only; give another path")


def _end(connection: sqlite3.Connection, spot: Spot) -> int:
    """The offset after the last record of a spot."""
    query = (
        "SELECT first + count FROM batch WHERE topic = ? AND part = ? ORDER BY first DESC LIMIT 1"
    )
    row = connection.execute(query, spot).fetchone()
    return 0 if row is None else int(row[0])


def _framed(messages: Sequence[Message]) -> Iterator[tuple[Spot, list[bytes]]]:
    """The messages by spot, in order, in frames within the limits."""
    by_spot: dict[Spot, list[bytes]] = defaultdict(list)
    for spot, value in messages:
        by_spot[spot].append(value)
    for spot, values in by_spot.items():
        begin, size = 0, 0
        for index, value in enumerate(values):
            if index > begin and (
                index - begin == MAX_BATCH_RECORDS or size + len(value) > MAX_BATCH_BYTES
            ):
                yield spot, values[begin:index]
                begin, size = index, 0
            size += len(value)
        yield spot, values[begin:]


@contextmanager
def _faults(path: Path) -> Iterator[None]:
    """SQLite's and the disk's errors, told apart by what a person can do about them."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise _fault(path, error) from error
    except sqlite3.DatabaseError as error:
        raise LogRefused(f"{path} is not a drivefleet log ({error}); give another path") from error
    except OSError as error:
        raise LogUnavailable(f"{path}: {error.strerror}; nothing was lost, mend it") from error


def _fault(path: Path, error: sqlite3.OperationalError) -> LogUnavailable:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    advice = {
        sqlite3.SQLITE_FULL: "the disk is full: free space",
        sqlite3.SQLITE_READONLY: "it cannot be written: mount the disk read-write, or let this"
        " user write the file and its folder",
        sqlite3.SQLITE_CANTOPEN: "it cannot be opened: check that the folder is there and that"
        " this user may write in it",
        sqlite3.SQLITE_BUSY: f"another process held it for {BUSY_TIMEOUT_S:.0f} s: end that one",
        sqlite3.SQLITE_IOERR: "the disk answered with an error: check it with `dmesg`",
    }.get(code, str(error))
    return LogUnavailable(f"{path}: {advice}")
