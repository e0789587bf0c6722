"""A file is there whole or not at all, on any disk."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from bus.disk import make_folder, write_durably
from tests.bus.conftest import Disk


def chunks_that_fail() -> Iterator[bytes]:
    yield b"half of it"
    raise RuntimeError("the source broke")


def test_a_file_holds_what_was_written_and_tells_its_size(tmp_path: Path) -> None:
    path = tmp_path / "file"
    assert write_durably(path, [b"one ", b"", b"two\0"]) == 8
    assert path.read_bytes() == b"one two\0"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640 & ~_umask()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_durably(path, [b"a long first version"])
    write_durably(path, [b"second"])
    assert path.read_bytes() == b"second"


def test_a_source_that_breaks_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_durably(path, [b"old"])
    with pytest.raises(RuntimeError):
        write_durably(path, chunks_that_fail())
    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


def test_a_full_disk_leaves_the_old_file_and_nothing_beside_it(small_disk: Disk) -> None:
    path = small_disk.folder / "file"
    write_durably(path, [b"old"])
    ballast = small_disk.fill()
    with pytest.raises(OSError, match="No space left"):
        write_durably(path, [bytes(8192)])
    assert path.read_bytes() == b"old"
    assert {file.name for file in small_disk.folder.iterdir()} == {"file", "ballast"}
    ballast.unlink()
    assert write_durably(path, [bytes(8192)]) == 8192


def test_a_read_only_disk_is_told(small_disk: Disk) -> None:
    small_disk.remount("ro")
    with pytest.raises(OSError, match="Read-only"):
        write_durably(small_disk.folder / "file", [b"new"])


def test_a_folder_is_made_with_its_parents(tmp_path: Path) -> None:
    make_folder(tmp_path / "a" / "b" / "c")
    make_folder(tmp_path / "a" / "b" / "c")
    assert (tmp_path / "a" / "b" / "c").is_dir()


def test_a_file_where_a_folder_should_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    with pytest.raises(FileExistsError):
        make_folder(tmp_path / "a")
