"""A bell between processes: writers of a local log wake its one reader, and the reader's lock.

A FIFO has no path limit (a socket has 108 characters), costs nothing while nobody writes, and is
gone with its reader: ringing where nobody listens does nothing.
"""

import asyncio
import errno
import fcntl
import os
from contextlib import suppress
from pathlib import Path

from bus.log import LogRefused, LogUnavailable

LOOK_EVERY_S = 5.0
"""The slow look that makes up for a bell not heard (a writer on another machine's mount)."""


def ring(log: Path) -> None:
    """Wake the reader of a log, if there is one. Never blocks and never fails."""
    with suppress(OSError):
        bell = os.open(_bell_of(log), os.O_WRONLY | os.O_NONBLOCK)
        try:
            os.write(bell, b"!")
        finally:
            os.close(bell)


class Bell:
    """The reader's end: holds the reader's lock and waits for a ring."""

    def __init__(self, log: Path) -> None:
        """Raises LogRefused when another process reads this log already, or LogUnavailable."""
        try:
            self._lock = _take_lock(log)
            try:
                self._fifo = _open_fifo(_bell_of(log))
            except OSError:
                os.close(self._lock)
                raise
        except OSError as error:
            raise LogUnavailable(f"{log}: {error.strerror}: {error.filename}") from error

    async def wait(self, seconds: float = LOOK_EVERY_S) -> None:
        """Return at the next ring (one since the last wait counts), or after `seconds`."""
        loop = asyncio.get_running_loop()
        rung = asyncio.Event()
        loop.add_reader(self._fifo, rung.set)
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(rung.wait(), seconds)
        finally:
            loop.remove_reader(self._fifo)
        with suppress(BlockingIOError):
            os.read(self._fifo, 65_536)

    def close(self) -> None:
        os.close(self._fifo)
        os.close(self._lock)


def _bell_of(log: Path) -> Path:
    return log.with_name(log.name + "-bell")


def _open_fifo(path: Path) -> int:
    with suppress(FileExistsError):
        os.mkfifo(path, 0o660)
    # Read and write: the FIFO then never reports that its last writer has gone.
    return os.open(path, os.O_RDWR | os.O_NONBLOCK)


def _take_lock(log: Path) -> int:
    path = log.with_name(log.name + "-reader")
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o660)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
            raise
        raise LogRefused(
            f"another aggregator reads {log}: a local log has one reader; end it, or look at the"
            " figures with `drivefleet-aggregator models`, which needs no lock"
        ) from error
    return handle
