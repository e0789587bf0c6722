"""Writes to a disk that survive a power cut: whole or not at all."""

import os
from collections.abc import Iterable
from pathlib import Path


def write_durably(path: Path, chunks: Iterable[bytes], *, mode: int = 0o640) -> int:
    """Write a file so that after any crash it is there whole or not at all; returns its bytes.

    Written beside its place, fsynced, renamed, and the folder fsynced. Blocks. Raises OSError
    (disk full, read-only ...) with nothing left behind.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        written = _write_synced(beside, chunks, mode)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
    return written


def sync_folder(folder: Path) -> None:
    """Make renames, new names and removals in the folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(folder: Path) -> None:
    """Make a folder with its parents, durably."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def _write_synced(path: Path, chunks: Iterable[bytes], mode: int) -> int:
    written = 0
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "wb") as file:
        for chunk in chunks:
            written += file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return written
