"""The state store: where checkpoints are kept, by name. Here a local folder.

Rules:
- A write is durable when it returns, whole or not at all.
- A process removes only files that it has read and whose union it has made durable.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple, Protocol

from bus.disk import make_folder, sync_folder, write_durably
from bus.program.errors import FailedError, UsageError

SUFFIX = ".checkpoint"


class Name(NamedTuple):
    """One checkpoint's name: `partition-0003.1f0c9a7e.checkpoint`."""

    partition: int
    incarnation: str

    def __str__(self) -> str:
        return f"partition-{self.partition:04d}.{self.incarnation}{SUFFIX}"


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
        if not self._folder.exists():
            return []
        try:
            files = sorted(path.name for path in self._folder.iterdir())
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
            return write_durably(self._folder / str(name), chunks)
        except OSError as error:
            raise self._fault(f"write {name} in", error) from error

    def remove(self, name: Name) -> None:
        try:
            (self._folder / str(name)).unlink(missing_ok=True)
            sync_folder(self._folder)
        except OSError as error:
            raise self._fault(f"remove {name} from", error) from error

    def _fault(self, what: str, error: OSError) -> StoreError:
        return StoreError(
            f"cannot {what} the state store {self._folder}: {error.strerror}; facts stay in the"
            " log, so nothing is lost: mend the disk or the permissions and start again"
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
    folder = Path(path).expanduser()
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"--state {folder} is a file; give a folder")
    return FolderStore(folder)


def _parse(file: str) -> Name | None:
    if file.startswith(".") or not file.endswith(SUFFIX):
        return None
    partition, dot, incarnation = file.removesuffix(SUFFIX).partition(".")
    number = partition.removeprefix("partition-")
    if not dot or not incarnation or not number.isdecimal():
        return None
    return Name(int(number), incarnation)
