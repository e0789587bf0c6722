"""Building once, and saying what is missing."""

import lzma
from pathlib import Path

import pytest

from bus.program.errors import FailedError, UsageError
from tests.machine.debian import newest, require
from tests.machine.images import Home, built_once, home_from, recipe, unpack_kernel


def test_the_cache_is_where_the_environment_says(tmp_path: Path) -> None:
    assert home_from({"DRIVE_MACHINE_HOME": str(tmp_path)}) == Home(tmp_path)
    assert home_from({"DRIVE_MACHINE_HOME": ""}).path.name == "drivefleet-machine"


def test_a_recipe_is_built_once_and_another_one_again(tmp_path: Path) -> None:
    built = []
    for word in ("one", "one", "two"):
        with built_once(tmp_path / "machine", word) as to_build:
            built.append(to_build)
    assert built == [True, False, True]


def test_a_build_that_failed_is_built_again(tmp_path: Path) -> None:
    with pytest.raises(FailedError), built_once(tmp_path, "one"):
        raise FailedError("no room")
    with built_once(tmp_path, "one") as to_build:
        assert to_build


def test_a_recipe_changes_with_files_and_packages() -> None:
    words = {
        recipe(("cpio.py",), "linux-1"),
        recipe(("cpio.py",), "linux-2"),
        recipe(("modules.py",), "linux-1"),
    }
    assert len(words) == 3
    assert recipe(("cpio.py",), "linux-1") in words


def test_the_newest_kernel_is_chosen_by_number_and_never_the_cloud_one(tmp_path: Path) -> None:
    for version in ("6.1.0-9-amd64", "6.1.0-56-amd64", "6.1.0-99-cloud-amd64"):
        (tmp_path / f"linux-image-{version}_1_amd64.deb").touch()
    assert newest(tmp_path, "linux-image-*").name == "linux-image-6.1.0-56-amd64_1_amd64.deb"


def test_a_package_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FailedError, match="busybox"):
        newest(tmp_path, "busybox-static_*")


def test_a_missing_program_says_how_to_get_it() -> None:
    with pytest.raises(UsageError, match=r"nosuchprogram is missing .*apt-get install its-package"):
        require("nosuchprogram", "its-package", "for a test")


def test_a_kernel_is_unpacked_or_refused_with_a_reason() -> None:
    elf = b"\x7fELF and so on"
    assert unpack_kernel(b"loader" + lzma.compress(elf) + b"rest") == elf
    for other in (b"loader", b"loader" + lzma.compress(b"no kernel")):
        with pytest.raises(FailedError, match="Debian 12"):
            unpack_kernel(other)
