"""The state store: where checkpoints are kept, by name. Here a local folder.

Rules:
- A write is durable when it returns, whole or not at all.
- A process removes only files that it has read and whose union it has made durable.
"""

import errno
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple, Protocol

from bus.disk import make_folder, sync_folder, write_durably
from bus.program.errors import FailedError, UsageError

SUFFIX = ".checkpoint"
ABANDONED_S = 3600.0
"""A file still being written is younger: writes take seconds."""

_ADVICE = {
    errno.ENOSPC: "free space on that disk",
    errno.EDQUOT: "raise this user's quota, or free space",
    errno.EROFS: "mount that disk read-write",
    errno.EACCES: "let this user read and write there",
    errno.EPERM: "let this user read and write there",
    errno.EIO: "check the disk with `dmesg`",
}


class Name(NamedTuple):
    """One checkpoint's name: `partition-0003.1f0c9a7e.checkpoint`."""

    partition: int
    incarnation: str

    def __str__(self) -> str:
        return f"{self.stem}{self.incarnation}{SUFFIX}"

    @property
    def stem(self) -> str:
        """How the names of this partition's files begin."""
        return f"partition-{self.partition:04d}."


class Store(Protocol):
    """Checkpoints by name. All calls block."""

    @property
    def url(self) -> str: ...

    def names(self) -> list[Name]: ...

    def read(self, name: Name) -> bytes: ...

    def write(self, name: Name, chunks: Iterable[bytes]) -> int: ...

    def remove(self, name: Name) -> None: ...


class StoreError(FailedError):
    """The store could not be read or written; the text names it, and what to do."""


class FolderStore:
    """A local folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def url(self) -> str:
        return str(self._folder)

    def names(self) -> list[Name]:
        """The checkpoints that are there; empty where there is no folder yet."""
        try:
            files = sorted(path.name for path in self._folder.iterdir())
        except FileNotFoundError:
            return []
        except NotADirectoryError as error:
            raise UsageError(f"--state {self._folder} is a file; give a folder") from error
        except OSError as error:
            raise self._fault("list", error) from error
        return [name for file in files if (name := _parse(file)) is not None]

    def read(self, name: Name) -> bytes:
        try:
            return (self._folder / str(name)).read_bytes()
        except FileNotFoundError:
            raise
        except OSError as error:
            raise self._fault(f"read {name} in", error) from error

    def write(self, name: Name, chunks: Iterable[bytes]) -> int:
        """Returns the bytes written."""
        try:
            make_folder(self._folder)
            written = write_durably(self._folder / str(name), chunks)
            self._sweep(name)
            return written
        except OSError as error:
            raise self._fault(f"write {name} in", error) from error

    def remove(self, name: Name) -> None:
        try:
            (self._folder / str(name)).unlink(missing_ok=True)
            sync_folder(self._folder)
        except OSError as error:
            raise self._fault(f"remove {name} from", error) from error

    def _sweep(self, name: Name) -> None:
        """Remove what writes of this partition left behind when they were killed."""
        now = (self._folder / str(name)).stat().st_mtime  # by the disk's own clock
        for left in self._folder.glob(f".{name.stem}*.tmp"):
            if now - left.stat().st_mtime > ABANDONED_S:
                left.unlink(missing_ok=True)

    def _fault(self, what: str, error: OSError) -> StoreError:
        advice = _ADVICE.get(error.errno or 0, "mend the disk or the permissions")
        return StoreError(
            f"cannot {what} the state store {self._folder}: {error.strerror}; {advice} (nothing is"
            " lost, for facts stay in the log)"
        )


def open_store(url: str) -> Store:
    """The store at a URL: a path, or file:///path. Raises UsageError for any other scheme."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        path = url
    elif scheme == "file":
        path = rest
    else:
        raise UsageError(f"--state {url!r}: write a folder's path, or file:///PATH")
    if not path:
        raise UsageError("--state is empty: write a folder's path, or file:///PATH")
    return FolderStore(Path(path).expanduser())


def _parse(file: str) -> Name | None:
    if file.startswith(".") or not file.endswith(SUFFIX):
        return None
    partition, dot, incarnation = file.removesuffix(SUFFIX).partition(".")
    number = partition.removeprefix("partition-")
    if not dot or not incarnation or not number.isdecimal():
        return None
    return Name(int(number), incarnation)
