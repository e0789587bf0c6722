"""The archive, read back by its format: 13 hexadecimal fields, a name, data, padded to 4."""

from dataclasses import dataclass

from tests.machine.cpio import CHARACTER_DEVICE, FILE, FOLDER, LINK, PROGRAM, Cpio

HEADER_BYTES = 110


@dataclass(frozen=True)
class Entry:
    name: str
    mode: int
    data: bytes
    device: tuple[int, int]


def entries(archive: bytes) -> list[Entry]:
    """What the kernel would unpack, up to the trailer."""
    found: list[Entry] = []
    at = 0
    while True:
        header = archive[at : at + HEADER_BYTES]
        assert header.startswith(b"070701")
        fields = [int(header[6 + 8 * n : 14 + 8 * n], 16) for n in range(13)]
        mode, size, name_bytes = fields[1], fields[6], fields[11]
        name = archive[at + HEADER_BYTES : at + HEADER_BYTES + name_bytes]
        assert name.endswith(b"\0")
        start = padded(at + HEADER_BYTES + name_bytes)
        if name == b"TRAILER!!!\0":
            assert not archive[start:].strip(b"\0")
            return found
        data = archive[start : start + size]
        found.append(Entry(name[:-1].decode(), mode, data, (fields[9], fields[10])))
        at = padded(start + size)


def padded(at: int) -> int:
    return at + -at % 4


def test_what_is_added_is_read_back_whatever_its_length() -> None:
    archive = Cpio()
    for length in range(9):
        archive.add("f" * (length + 1), FILE, b"x" * length)
    read = entries(archive.finish())
    assert [(each.name, each.data) for each in read] == [
        ("f" * (length + 1), b"x" * length) for length in range(9)
    ]
    assert {each.mode for each in read} == {FILE}


def test_links_and_devices_say_where_they_lead() -> None:
    archive = Cpio()
    archive.add("bin", LINK, b"usr/bin")
    archive.add("console", CHARACTER_DEVICE | 0o600, device=(5, 1))
    assert entries(archive.finish()) == [
        Entry("bin", LINK, b"usr/bin", (0, 0)),
        Entry("console", CHARACTER_DEVICE | 0o600, b"", (5, 1)),
    ]


def test_a_folder_comes_once_and_before_what_is_in_it() -> None:
    archive = Cpio()
    archive.add("/etc/a/x", FILE)
    archive.add("etc/a", FOLDER)
    archive.add("etc/a/y", PROGRAM)
    names = [each.name for each in entries(archive.finish())]
    assert names == ["etc", "etc/a", "etc/a/x", "etc/a/y"]


def test_an_archive_ends_at_a_block_and_each_entry_has_its_own_number() -> None:
    archive = Cpio()
    archive.add("a", FILE)
    archive.add("b", FILE)
    content = archive.finish()
    assert len(content) % 512 == 0
    assert content[6:14] == b"00000001"
    second = padded(HEADER_BYTES + len(b"a\0"))
    assert content[second + 6 : second + 14] == b"00000002"
