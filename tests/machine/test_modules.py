"""Which module needs which, and in what order they are loaded."""

import struct

import pytest

from tests.machine.modules import load_order, modinfo, needs, plain_name

NAMES = b"\0.other\0.modinfo\0.names\0"


def elf(section: bytes, content: bytes) -> bytes:
    """The least ELF file with one named section of content and the table of names."""
    content_at, names_at = 0x40, 0x40 + len(content)
    table_at = names_at + len(NAMES)
    header = bytearray(0x40)
    header[:4] = b"\x7fELF"
    struct.pack_into("<Q", header, 0x28, table_at)
    struct.pack_into("<HHH", header, 0x3A, 64, 2, 1)

    def row(name: bytes, at: int, size: int) -> bytes:
        return struct.pack("<IIQQQQ", NAMES.index(name + b"\0"), 1, 0, 0, at, size).ljust(64, b"\0")

    rows = row(section, content_at, len(content)) + row(b".names", names_at, len(NAMES))
    return bytes(header) + content + NAMES + rows


def test_modinfo_is_the_pairs_of_its_section() -> None:
    module = elf(b".modinfo", b"license=GPL\0alias=a\0alias=b=c\0\0depends=libahci,libata\0")
    assert modinfo(module) == {
        "license": ["GPL"],
        "alias": ["a", "b=c"],
        "depends": ["libahci,libata"],
    }


def test_a_file_without_modinfo_needs_nothing() -> None:
    assert modinfo(elf(b".other", b"depends=libata\0")) == {}
    assert needs({}) == []


@pytest.mark.parametrize(
    ("depends", "softdep", "needed"),
    [
        ("", [], []),
        ("libahci,t10-pi", [], ["libahci", "t10_pi"]),
        ("a", ["pre: crc32c b-c post: later"], ["a", "crc32c", "b_c"]),
        ("", ["post: later"], []),
    ],
)
def test_a_module_needs_what_must_come_before(
    depends: str, softdep: list[str], needed: list[str]
) -> None:
    assert needs({"depends": [depends], "softdep": softdep}) == needed


def test_each_module_comes_once_and_after_what_it_needs() -> None:
    needed = {
        "ahci": ["libahci", "libata"],
        "libahci": ["libata"],
        "libata": ["scsi_mod"],
        "scsi_mod": [],
        "sd_mod": ["scsi_mod"],
        "unwanted": [],
    }
    order = load_order(["ahci", "sd-mod"], needed)
    assert order == ["scsi_mod", "libata", "libahci", "ahci", "sd_mod"]


def test_what_is_built_into_the_kernel_is_left_out() -> None:
    assert load_order(["absent", "nvme"], {"nvme": ["crc32c"]}) == ["nvme"]


def test_modules_that_need_each_other_come_to_an_end() -> None:
    assert sorted(load_order(["a"], {"a": ["b"], "b": ["a"]})) == ["a", "b"]


def test_a_module_has_one_name() -> None:
    assert plain_name("usb-storage.ko") == "usb_storage"
