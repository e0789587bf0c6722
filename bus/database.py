"""The local log's SQLite file: opened, made, checked, and its errors told by whose fault.

Rules:
- A transaction is a commit with fsync (WAL, synchronous=FULL).
- A file that is somebody else's database is left as it is.
"""

import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from bus.log import LogError, LogInfo, LogRefused, LogUnavailable

FORMAT = 1
BUSY_TIMEOUT_S = 30.0
"""How long a writer waits for the others; a commit takes milliseconds."""

_TABLES = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE batch (topic TEXT NOT NULL, part INTEGER NOT NULL, first INTEGER NOT NULL,"
    " count INTEGER NOT NULL, taken_in_ms INTEGER NOT NULL, frame BLOB NOT NULL,"
    " UNIQUE (topic, part, first))",
)

_ADVICE = {
    sqlite3.SQLITE_FULL: "the disk is full: free space",
    sqlite3.SQLITE_READONLY: "it cannot be written: mount the disk read-write, or let this user"
    " write the file and its folder",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened: check that the folder is there and that this"
    " user may write in it",
    sqlite3.SQLITE_BUSY: f"another process held it for {BUSY_TIMEOUT_S:.0f} s: end that one",
    sqlite3.SQLITE_IOERR: "the disk answered with an error: check quotas, and the disk with"
    " `dmesg`",
}
_NOT_OURS = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)
"""Errors by which SQLite says that the content is not what we write."""


def connect(path: Path) -> sqlite3.Connection:
    """A connection that any thread may use, one at a time. Makes the file where there is none."""
    connection = sqlite3.connect(
        path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
    )
    connection.execute("PRAGMA synchronous = FULL")
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Everything inside becomes durable at its end, or nothing does."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def initialise(
    connection: sqlite3.Connection, *, partitions: int, simulated: bool, now: datetime
) -> None:
    """Make the tables in an empty file; of two processes at once, one does."""
    if _has_tables(connection):
        return
    with transaction(connection):
        if _has_tables(connection):
            return
        for statement in _TABLES:
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


def use_wal(connection: sqlite3.Connection) -> None:
    """Let the reader and a writer work side by side. Kept in the file, so once is enough.

    The switch wants the file for itself and does not wait for it; where another process has it
    just now, the log works as well and a later start makes the switch.
    """
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise


def read_info(connection: sqlite3.Connection, path: Path) -> LogInfo:
    """What the log says of itself. Raises LogRefused when it is none, or of another format."""
    meta = dict(connection.execute("SELECT key, value FROM meta").fetchall())
    try:
        written_as = int(meta["format"])
        info = LogInfo(meta["id"], int(meta["partitions"]), meta["simulated"] == "1")
    except (KeyError, ValueError) as error:
        raise LogRefused(f"{path} is not a drivefleet log; give another path") from error
    if written_as != FORMAT:
        raise LogRefused(f"{path} has format {written_as}, this version reads {FORMAT}: upgrade")
    return info


def check_info(info: LogInfo, path: Path, *, partitions: int, simulated: bool) -> None:
    """Raises LogRefused when the log was made for something else."""
    if info.partitions != partitions:
        raise LogRefused(
            f"{path} has {info.partitions} partitions, not {partitions}; they are fixed when a log"
            f" is made: say --partitions {info.partitions}, or give another path"
        )
    if info.simulated != simulated:
        is_for = "simulated events" if info.simulated else "real events"
        raise LogRefused(f"{path} was made for {is_for} only; give another path")


@contextmanager
def faults(path: Path) -> Iterator[None]:
    """SQLite's and the disk's errors, told apart by what a person can do about them.

    Ours (a misused connection, a broken constraint) pass through and end the process.
    """
    try:
        yield
    except sqlite3.Error as error:
        told = _told(path, error)
        if told is None:
            raise
        raise told from error
    except OSError as error:
        raise LogUnavailable(f"{path}: {error.strerror}; nothing was lost, mend it") from error


def _told(path: Path, error: sqlite3.Error) -> LogError | None:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None or isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
        return None
    if code & 0xFF in _NOT_OURS:
        return LogRefused(
            f"{path} is not a drivefleet log, or damaged ({error}); give another path, or restore"
            " it from a backup"
        )
    return LogUnavailable(f"{path}: {_ADVICE.get(code & 0xFF, str(error))}")


def _has_tables(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_master").fetchone() is not None
