"""What of the spool was delivered, when, and into which log: a database of its own.

Rules:
- A mark is durable when the call returns, and is made only after the log has the events.
- Losing this database costs nothing but sending again: the set of facts absorbs it.
- Marks belong to one log: another log has none of these events yet.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from bus.disk import make_folder
from bus.program.errors import FailedError

AGAIN_AFTER = timedelta(days=2)
"""A day is sent once more after the log's copies have settled: what a broker lost is back then."""
KEEP = timedelta(days=400)
"""Longer than the spool keeps a pass, so no mark goes before its pass."""

_TABLE = """
CREATE TABLE IF NOT EXISTS mark (
    log TEXT NOT NULL, pass TEXT NOT NULL, sent_at TEXT NOT NULL, again_at TEXT,
    PRIMARY KEY (log, pass)
) WITHOUT ROWID
"""


class Marks:
    """Which passes one log has."""

    def __init__(self, path: Path, connection: sqlite3.Connection, log_id: str) -> None:
        self._path = path
        self._connection = connection
        self._log = log_id

    @classmethod
    @contextmanager
    def opened(cls, folder: Path, log_id: str) -> Iterator[Self]:
        """The marks of the log with this id, in a folder of their own. Raises FailedError."""
        path = folder / "marks.db"
        with _faults(path):
            make_folder(folder)
            connection = sqlite3.connect(path, isolation_level=None)
        try:
            with _faults(path):
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute(_TABLE)
            yield cls(path, connection, log_id)
        finally:
            connection.close()

    def is_due(self, name: str, now: datetime) -> bool:
        """Whether a pass was never sent, or was sent once and long enough ago."""
        query = "SELECT sent_at, again_at FROM mark WHERE log = ? AND pass = ?"
        with _faults(self._path):
            row = self._connection.execute(query, (self._log, name)).fetchone()
        if row is None:
            return True
        sent_at, again_at = row
        return again_at is None and now - datetime.fromisoformat(sent_at) >= AGAIN_AFTER

    def mark(self, name: str, now: datetime) -> None:
        """Remember that a pass was sent at this time (aware), for the first or the second time."""
        statement = (
            "INSERT INTO mark VALUES (?, ?, ?, NULL)"
            " ON CONFLICT DO UPDATE SET again_at = excluded.sent_at"
        )
        with _faults(self._path):
            self._connection.execute(statement, (self._log, name, now.isoformat()))

    def forget_old(self, now: datetime) -> None:
        """Drop marks of passes that no spool holds any more."""
        with _faults(self._path):
            before = (now - KEEP).isoformat()
            self._connection.execute("DELETE FROM mark WHERE sent_at < ?", (before,))


@contextmanager
def _faults(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise FailedError(
            f"cannot keep {path}: {error}; free space there or let this user write it, or move a"
            " damaged file away: what it held is sent once more, and counts once"
        ) from error
