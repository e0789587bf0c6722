"""What the collecting side keeps to itself: its roster, and the pass that is under way.

Rules:
- The folder is the collecting side's alone; nothing here is ever read by the network side.
- Each drive's snapshot is durable as soon as it is known. A pass that was cut short (a hung drive,
  a power cut, SIGTERM) is finished from it when the next begins.
- One pass at a time, whoever starts it: a lock says so, and goes with the process that holds it.
"""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from agent.collect.roster import Roster, Seen
from agent.collect.stock import Found
from bus.disk import make_folder, write_durably
from bus.program.errors import FailedError

ROSTER = "roster.json"
UNFINISHED = "unfinished.jsonl"
LOCK = "lock"


class Begun(msgspec.Struct, frozen=True):
    """The first line of an unfinished pass."""

    host: str
    started_at: datetime


class Kept:
    """The folder. Every method may raise FailedError: disk full, read-only, damaged."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.roster_path = folder / ROSTER
        self._unfinished = folder / UNFINISHED

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the folder for one pass; what a killed one left half written is removed."""
        try:
            make_folder(self.folder)
            handle = os.open(self.folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise self._fault("write", error) from error
        try:
            self._lock(handle)
            self._remove_half_written()
            yield
        finally:
            os.close(handle)

    def roster(self) -> Roster:
        """The roster, or an empty one where there is none yet."""
        try:
            return msgspec.json.decode(self.roster_path.read_bytes(), type=Roster)
        except FileNotFoundError:
            return Roster()
        except OSError as error:
            raise self._fault("read", error) from error
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise FailedError(
                f"the roster {self.roster_path} is damaged ({error}): move it away; drives that"
                " are missing now are then not announced, all others go on"
            ) from error

    def keep_roster(self, roster: Roster) -> None:
        """Make the roster durable, and with it the end of the pass: nothing is unfinished."""
        try:
            make_folder(self.folder)
            write_durably(self.roster_path, [msgspec.json.encode(roster)], mode=0o600)
            self._unfinished.unlink(missing_ok=True)
        except OSError as error:
            raise self._fault("write", error) from error

    def begin(self, begun: Begun) -> None:
        """Begin to keep a pass, in place of the one before."""
        try:
            make_folder(self.folder)
            write_durably(self._unfinished, [_line(begun)], mode=0o600)
        except OSError as error:
            raise self._fault("write", error) from error

    def keep(self, seen: Seen) -> None:
        """Make one drive's snapshot durable, in the pass that `begin` began."""
        try:
            handle = os.open(self._unfinished, os.O_WRONLY | os.O_APPEND)
            with os.fdopen(handle, "ab") as file:
                file.write(_line(seen))
                file.flush()
                os.fsync(handle)
        except OSError as error:
            raise self._fault("write", error) from error

    def unfinished(self) -> Found | None:
        """What was kept of a pass that did not end, or None."""
        try:
            lines = self._unfinished.read_bytes().split(b"\n")
            begun = msgspec.json.decode(lines[0], type=Begun)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._fault("read", error) from error
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise FailedError(
                f"the unfinished pass {self._unfinished} is damaged ({error}): move it away, the"
                " next pass reads its drives again"
            ) from error
        return Found(
            day=begun.started_at.astimezone(UTC).date(),
            started_at=begun.started_at,
            host=begun.host,
            seen=list(_whole(lines[1:])),
            ended_well=False,
        )

    def _lock(self, handle: int) -> None:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                raise self._fault("lock", error) from error
            raise FailedError(
                f"another pass is under way (it holds {self.folder / LOCK}): wait for its end, or"
                " give this agent a `state` folder of its own"
            ) from error

    def _remove_half_written(self) -> None:
        try:
            for path in self.folder.glob(".*.tmp"):
                path.unlink()
        except OSError as error:
            raise self._fault("write", error) from error

    def _fault(self, what: str, error: OSError) -> FailedError:
        return FailedError(
            f"cannot {what} in {self.folder}: {error.strerror or error}; what is in the spool is"
            " safe: mend this, and the next pass goes on"
        )


def _line(value: msgspec.Struct) -> bytes:
    return msgspec.json.encode(value) + b"\n"


def _whole(lines: list[bytes]) -> Iterator[Seen]:
    """The snapshots that were written whole; only the last line can be cut short."""
    for line in lines:
        try:
            yield msgspec.json.decode(line, type=Seen)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return
