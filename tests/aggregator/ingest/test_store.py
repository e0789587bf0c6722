"""The state store: files by name, whole or not at all, and errors that say what to do."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from aggregator.ingest.store import (
    ABANDONED_S,
    FolderStore,
    Name,
    Store,
    StoreError,
    open_store,
)
from bus.program.errors import UsageError
from tests.bus.conftest import Disk

NAME = Name(3, "1f0c9a7e")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "state"


@pytest.fixture
def store(folder: Path) -> Store:
    return FolderStore(folder)


def test_what_is_written_is_read_back(store: Store) -> None:
    assert store.names() == []
    assert store.write(NAME, [b"one ", b"two"]) == 7
    assert store.names() == [NAME]
    assert store.read(NAME) == b"one two"


def test_a_second_write_takes_the_place_of_the_first(store: Store) -> None:
    store.write(NAME, [b"long before"])
    store.write(NAME, [b"now"])
    assert store.read(NAME) == b"now"
    assert store.names() == [NAME]


def test_a_write_that_fails_leaves_what_was_there(store: Store, folder: Path) -> None:
    store.write(NAME, [b"before"])

    def dying() -> Iterator[bytes]:
        yield b"half"
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        store.write(NAME, dying())
    assert store.read(NAME) == b"before"
    assert [path.name for path in folder.iterdir()] == [str(NAME)]


def test_what_is_removed_is_gone_and_may_be_gone_already(store: Store) -> None:
    store.write(NAME, [b"x"])
    store.remove(NAME)
    store.remove(NAME)
    assert store.names() == []
    with pytest.raises(FileNotFoundError):
        store.read(NAME)


def test_names_are_in_order_and_say_partition_and_writer(store: Store, folder: Path) -> None:
    names = [Name(0, "b"), Name(11, "a"), Name(2, "zz"), Name(0, "a")]
    for name in names:
        store.write(name, [b""])
    assert store.names() == sorted(names)
    assert (folder / "partition-0011.a.checkpoint").exists()


@pytest.mark.parametrize(
    "other",
    [
        ".partition-0003.1f0c9a7e.checkpoint.4711.tmp",
        "partition-0003.1f0c9a7e.checkpoint.bak",
        "partition-0003.checkpoint",
        "partition-.1f0c.checkpoint",
        "partition-x3.1f0c.checkpoint",
        "README",
    ],
)
def test_other_files_are_not_its_own(store: Store, folder: Path, other: str) -> None:
    store.write(NAME, [b"x"])
    (folder / other).write_bytes(b"?")
    assert store.names() == [NAME]


def test_what_killed_writes_of_a_partition_left_is_removed_in_time(
    store: Store, folder: Path
) -> None:
    store.write(NAME, [b"x"])
    now = (folder / str(NAME)).stat().st_mtime
    left = {
        "old": f".{NAME}.17.tmp",
        "fresh": ".partition-0003.other.checkpoint.18.tmp",
        "others": ".partition-0004.other.checkpoint.19.tmp",
    }
    for what, name in left.items():
        (folder / name).write_bytes(b"half")
        if what != "fresh":
            os.utime(folder / name, (now - ABANDONED_S - 60,) * 2)
    store.write(NAME, [b"y"])
    assert not (folder / left["old"]).exists()
    assert (folder / left["fresh"]).exists(), "another may be writing it"
    assert (folder / left["others"]).exists(), "another partition's owner sees to it"


def test_a_full_disk_is_said_and_nothing_is_lost(small_disk: Disk) -> None:
    store = FolderStore(small_disk.folder / "state")
    store.write(NAME, [b"before"])
    ballast = small_disk.fill()
    with pytest.raises(StoreError, match=f"cannot write {NAME} .*{store.url}.*free space"):
        store.write(NAME, [bytes(100_000)])
    assert store.read(NAME) == b"before"
    ballast.unlink()
    store.write(NAME, [b"after"])
    assert store.read(NAME) == b"after"


def test_a_read_only_disk_is_said(small_disk: Disk) -> None:
    store = FolderStore(small_disk.folder / "state")
    store.write(NAME, [b"before"])
    small_disk.remount("ro")
    with pytest.raises(StoreError, match="read-write"):
        store.write(NAME, [b"after"])
    with pytest.raises(StoreError, match="cannot remove"):
        store.remove(NAME)
    assert store.read(NAME) == b"before"
    small_disk.remount("rw")


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreError, match=r"cannot write .*file/state"):
        FolderStore(tmp_path / "file" / "state").write(NAME, [b"x"])


def test_a_checkpoint_that_is_a_folder_is_said(store: Store, folder: Path) -> None:
    (folder / str(NAME)).mkdir(parents=True)
    with pytest.raises(StoreError, match=f"cannot read {NAME}"):
        store.read(NAME)


class TestOpening:
    def test_a_path_and_a_file_url_are_folders(self, folder: Path) -> None:
        for url in (str(folder), f"file://{folder}"):
            assert open_store(url).url == str(folder)
            assert open_store(url).names() == []

    def test_the_users_home_is_found(self) -> None:
        assert open_store("~/state").url == str(Path.home() / "state")

    @pytest.mark.parametrize("url", ["s3://bucket/state", "", "file://"])
    def test_another_scheme_is_an_error_that_says_what_to_write(self, url: str) -> None:
        with pytest.raises(UsageError, match=r"write a folder's path, or file:///PATH"):
            open_store(url)

    def test_a_file_is_no_folder(self, tmp_path: Path) -> None:
        (tmp_path / "state").write_bytes(b"")
        with pytest.raises(UsageError, match="is a file; give a folder"):
            open_store(str(tmp_path / "state")).names()
