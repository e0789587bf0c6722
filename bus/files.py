"""Files of the public data set: folders, ZIPs and CSV files as lines with their numbers.

Rules:
- What cannot be read is an UnreadableError that says file, line, cause and remedy.
- A file in a ZIP is checked whole against its checksum before its first row is given: a row out of
  a damaged file would stay in the log forever.
- A file streams: never more than one block of it and one line are in memory.
"""

import os
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from lzma import LZMAError
from pathlib import Path
from typing import BinaryIO

from bus.lines import Chunk, split_fields, whole_lines

BLOCK_BYTES = 2 << 20
"""13,000 rows of 2013, 5,600 of today: a good batch for a log, whatever its partitions."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_ZIP_FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    LZMAError,
    EOFError,
    RuntimeError,  # encrypted; NotImplementedError: a compression that Python does not know
    ValueError,
    struct.error,
)


class UnreadableError(Exception):
    """A file, or the rest of it from a line on, that cannot be read."""

    def __init__(self, where: object, cause: str, remedy: str, *, line: int | None = None) -> None:
        place = shown(where) if line is None else f"{shown(where)}: line {line}"
        super().__init__(f"{place}: {cause}; {remedy}")


@dataclass(frozen=True, slots=True)
class Member:
    """One daily file: a CSV file of its own, or one in a ZIP."""

    file: Path  # the CSV or the ZIP, resolved
    inside: str  # its name in the ZIP, "" without one
    size_bytes: int
    stamp: str  # what changes with the content: the checksum in a ZIP, else the time of change

    def __str__(self) -> str:
        return shown(f"{self.file}/{self.inside}" if self.inside else self.file)


@dataclass(frozen=True, slots=True)
class Table:
    """A file that is open: its header, and all that follows it."""

    header: list[str]
    chunks: Iterator[Chunk]


def find_members(paths: Iterable[Path]) -> tuple[list[Member], list[UnreadableError]]:
    """The daily files in files, ZIPs and folders (with all below them), the oldest first.

    Each stands once, however often it was named. What cannot be opened is given beside them.
    """
    found: dict[tuple[Path, str], Member] = {}
    faults: list[UnreadableError] = []
    for path in paths:
        for file in _files_at(path, faults):
            try:
                found |= {(member.file, member.inside): member for member in _members_of(file)}
            except UnreadableError as fault:
                faults.append(fault)
    return sorted(found.values(), key=_by_day), faults


def shown(where: object) -> str:
    """A file's name for a terminal, also one that is no text."""
    return os.fsencode(str(where)).decode(errors="replace")


@contextmanager
def open_table(member: Member) -> Iterator[Table]:
    """Open a daily file; its chunks are good until the context ends.

    Raises UnreadableError, also while the chunks are read. Blocks.
    """
    with _opened(member) as stream:
        chunks = _read_chunks(member, stream)
        first = next(chunks, Chunk(1, ""))
        header, _, rest = first.text.partition("\n")
        if not header.strip():
            raise UnreadableError(member, "no header", _REMEDY_AGAIN, line=1)
        yield Table(split_fields(header), _after_header(rest, chunks))


_REMEDY_AGAIN = "download it again"
_REMEDY_PATH = "give the daily CSV files, the ZIP, or the folder that holds them"


def _by_day(member: Member) -> tuple[str, str]:
    name = member.inside or member.file.name
    day = _DAY.search(name.rpartition("/")[2])
    return (day[0] if day else "9999", str(member))


def _files_at(path: Path, faults: list[UnreadableError]) -> Iterator[Path]:
    try:
        path = path.resolve(strict=True)
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links
        cause = error.strerror if isinstance(error, OSError) else "a loop of links"
        faults.append(UnreadableError(path, f"{cause}", _REMEDY_PATH))
        return
    if path.is_dir():
        files = list(_files_below(path, faults))
        if not files:
            faults.append(UnreadableError(path, "no CSV file or ZIP in it", _REMEDY_PATH))
        yield from files
    elif path.is_file():
        yield path
    else:
        faults.append(UnreadableError(path, "neither a file nor a folder", _REMEDY_PATH))


def _files_below(path: Path, faults: list[UnreadableError]) -> Iterator[Path]:
    def report(error: OSError) -> None:
        faults.append(_disk_fault(error.filename or path, error))

    been: set[Path] = set()
    for folder, folders, names in os.walk(path, onerror=report, followlinks=True):
        here = Path(folder).resolve()
        if here in been:  # a link that leads back
            folders.clear()
            continue
        been.add(here)
        for name in names:
            file = Path(folder, name)
            if name.lower().endswith((".csv", ".zip")) and _is_own(str(file)) and file.is_file():
                yield file.resolve()


def _is_own(name: str) -> bool:
    """Not one of the shadows that macOS leaves beside files in ZIPs and on foreign disks."""
    return "__MACOSX/" not in name and not name.rpartition("/")[2].startswith("._")


def _members_of(file: Path) -> list[Member]:
    if file.suffix.lower() != ".zip" and not _starts_like_zip(file):
        stat = file.stat()
        return [Member(file, "", stat.st_size, f"mtime_ns {stat.st_mtime_ns}")]
    with _zip_faults(file), zipfile.ZipFile(file) as archive:
        members = [
            Member(file, info.filename, info.file_size, f"crc32 {info.CRC:08x}")
            for info in archive.infolist()
            if info.filename.lower().endswith(".csv") and _is_own(info.filename)
        ]
    if not members:
        raise UnreadableError(file, "no CSV file in this ZIP", _REMEDY_PATH)
    return members


def _starts_like_zip(file: Path) -> bool:
    try:
        with file.open("rb") as stream:
            return stream.read(4) == b"PK\3\4"
    except OSError as error:
        raise _disk_fault(file, error) from error


@contextmanager
def _opened(member: Member) -> Iterator[BinaryIO]:
    if not member.inside:
        try:
            stream = member.file.open("rb", buffering=0)
        except OSError as error:
            raise _disk_fault(member, error) from error
        with stream:
            yield stream
        return
    with _zip_faults(member):
        archive = zipfile.ZipFile(member.file)
    with archive:
        with _zip_faults(member), archive.open(member.inside) as checked:
            while checked.read(BLOCK_BYTES):  # raises at the end if the checksum differs
                pass
        with archive.open(member.inside) as inside:
            yield inside  # type: ignore[misc]  # typeshed: IO[bytes], which is what is read here


@contextmanager
def _zip_faults(where: object) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _disk_fault(where, error) from error
    except _ZIP_FAULTS as error:
        remedy = "unpack it first" if "password" in str(error) else _REMEDY_AGAIN
        raise UnreadableError(where, f"this ZIP cannot be read ({error})", remedy) from error


def _disk_fault(where: object, error: OSError) -> UnreadableError:
    return UnreadableError(where, f"{error.strerror}", "let this user read it, or check the disk")


def _read_chunks(member: Member, stream: BinaryIO) -> Iterator[Chunk]:
    line = 1
    try:
        for text in whole_lines(iter(lambda: stream.read(BLOCK_BYTES), b"")):
            yield Chunk(line, text)
            line += text.count("\n") + 1
    except OSError as error:
        cause = f"{error.strerror}; the rows before it were read"
        raise UnreadableError(member, cause, "check the disk", line=line) from error


def _after_header(rest: str, chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    if rest:
        yield Chunk(2, rest)
    yield from chunks
