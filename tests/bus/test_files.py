"""Public files as lines: folders, ZIPs, CSV files, and all that can be wrong with them."""

import os
import zipfile
from pathlib import Path
from random import Random

import pytest

from bus import files
from bus.files import Member, UnreadableError, find_members, open_table

DAMAGES = 300
HEADER = "date,serial_number,model,capacity_bytes,failure"


def write_csv(path: Path, *rows: str, end: str = "\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes((end.join([HEADER, *rows]) + end).encode())
    return path


def write_zip(path: Path, contents: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return path


def names(paths: list[Path]) -> list[str]:
    members, faults = find_members(paths)
    assert not faults
    return [member.inside or member.file.name for member in members]


def only(path: Path) -> Member:
    [member], faults = find_members([path])
    assert not faults
    return member


def fault_of(path: Path) -> str:
    members, [fault] = find_members([path])
    assert not members
    return str(fault)


def text_of(member: Member) -> list[tuple[int, str]]:
    """Every line after the header, with its number."""
    with open_table(member) as table:
        return [
            (number, line)
            for chunk in table.chunks
            for number, line in enumerate(chunk.text.split("\n"), chunk.line)
        ]


def test_a_csv_file_gives_its_header_and_numbered_lines(tmp_path: Path) -> None:
    member = only(write_csv(tmp_path / "2020-01-01.csv", "a,b", "c,d"))
    with open_table(member) as table:
        assert table.header == HEADER.split(",")
    assert text_of(member) == [(2, "a,b"), (3, "c,d")]


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_of_every_kind_count_once(tmp_path: Path, end: str) -> None:
    member = only(write_csv(tmp_path / "a.csv", "a,b", "c,d", end=end))
    assert text_of(member) == [(2, "a,b"), (3, "c,d")]


def test_a_file_is_read_in_blocks_and_lines_keep_their_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "BLOCK_BYTES", 64)
    rows = [f"2020-01-01,S{number},ST1,,0" for number in range(100)]
    for path in (
        write_csv(tmp_path / "a.csv", *rows, end="\r\n"),
        write_zip(tmp_path / "a.zip", {"a.csv": "\n".join([HEADER, *rows])}),
    ):
        assert text_of(only(path)) == list(enumerate(rows, 2))


def test_a_day_with_only_a_header_has_no_lines(tmp_path: Path) -> None:
    assert text_of(only(write_csv(tmp_path / "2014-11-02.csv"))) == []


def test_a_folder_gives_all_files_below_it_the_oldest_first(tmp_path: Path) -> None:
    write_csv(tmp_path / "late" / "2016-02-01.csv")
    write_csv(tmp_path / "early" / "deep" / "2015-02-01.CSV")
    write_zip(tmp_path / "2014.zip", {"x/2015-06-01.csv": HEADER})
    (tmp_path / "README.md").write_text("no data")
    assert names([tmp_path]) == ["2015-02-01.CSV", "x/2015-06-01.csv", "2016-02-01.csv"]


def test_a_zip_gives_its_files_in_date_order_from_any_folder(tmp_path: Path) -> None:
    members = ["b/2015-01-03.csv", "a/2015-01-02.csv", "z/deep/2015-01-01.csv", "a/", "a/notes.pdf"]
    path = write_zip(tmp_path / "data.zip", dict.fromkeys(members, HEADER))
    assert names([path]) == ["z/deep/2015-01-01.csv", "a/2015-01-02.csv", "b/2015-01-03.csv"]


def test_the_shadows_of_macos_are_no_files(tmp_path: Path) -> None:
    shadows = ["__MACOSX/._2015-01-01.csv", "__MACOSX/2015-01-01.csv", "d/._2015-01-01.csv"]
    path = write_zip(tmp_path / "data.zip", dict.fromkeys([*shadows, "d/2015-01-01.csv"], HEADER))
    write_csv(tmp_path / "._2015-01-01.csv")
    write_csv(tmp_path / "__MACOSX" / "2015-01-01.csv")
    assert names([tmp_path]) == ["d/2015-01-01.csv"]
    assert names([path]) == ["d/2015-01-01.csv"]


def test_a_file_named_twice_stands_once(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "2015-01-01.csv")
    link = tmp_path / "elsewhere" / "link.csv"
    link.parent.mkdir()
    link.symlink_to(path)
    assert names([path, tmp_path, link]) == ["2015-01-01.csv"]


def test_a_zip_is_known_by_its_content_too(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "download", {"2015-01-01.csv": HEADER})
    assert names([path]) == ["2015-01-01.csv"]


def test_what_changes_with_the_content_is_in_the_identity(tmp_path: Path) -> None:
    path = tmp_path / "data.zip"
    before = only(write_zip(path, {"a.csv": f"{HEADER}\nx"}))
    assert only(write_zip(path, {"a.csv": f"{HEADER}\nx"})) == before
    assert only(write_zip(path, {"a.csv": f"{HEADER}\ny"})) != before
    csv = write_csv(tmp_path / "a.csv")
    before = only(csv)
    os.utime(csv, ns=(1, 1))
    assert only(csv) != before


def test_a_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    fault = fault_of(tmp_path / "nowhere.zip")
    assert fault.startswith(f"{tmp_path}/nowhere.zip: No such file or directory; give ")


def test_a_loop_of_links_is_named(tmp_path: Path) -> None:
    loop = tmp_path / "loop.csv"
    loop.symlink_to(loop)
    assert str(loop) in fault_of(loop)


def test_a_folder_without_files_is_named(tmp_path: Path) -> None:
    assert "no CSV file or ZIP in it" in fault_of(tmp_path)


def test_a_zip_without_csv_files_is_named(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "x.zip", {"a.txt": "hello"})
    assert "no CSV file in this ZIP" in fault_of(path)


@pytest.mark.parametrize("content", [b"", b"PK\3\4", b"not a zip at all", b"\0" * 4096])
def test_an_unreadable_zip_says_what_to_do(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(content)
    assert fault_of(path).startswith(f"{path}: this ZIP cannot be read (")
    assert fault_of(path).endswith("; download it again")


def test_a_zip_that_was_cut_off_is_an_error_and_the_others_are_found(tmp_path: Path) -> None:
    whole = write_zip(tmp_path / "a.zip", {"2015-01-01.csv": HEADER})
    cut = tmp_path / "b.zip"
    cut.write_bytes(whole.read_bytes()[:-30])
    members, [fault] = find_members([cut, whole])
    assert [member.file for member in members] == [whole]
    assert str(fault).startswith(f"{cut}: this ZIP cannot be read")


def test_no_row_of_a_damaged_file_in_a_zip_is_given(tmp_path: Path) -> None:
    rows = "\n".join([HEADER, *(f"2020-01-01,S{number},ST1,,0" for number in range(5000))])
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("2015-01-01.csv", rows)
    data = bytearray(path.read_bytes())
    data[data.index(b"S4000")] = ord("T")
    path.write_bytes(data)
    with pytest.raises(UnreadableError, match="Bad CRC-32") as caught, open_table(only(path)):
        pass
    assert f"{path}/2015-01-01.csv" in str(caught.value)


def test_a_damaged_stream_in_a_zip_is_an_error(tmp_path: Path) -> None:
    rows = "\n".join([HEADER, *(f"2020-01-01,S{number},ST1,,0" for number in range(5000))])
    path = write_zip(tmp_path / "x.zip", {"2015-01-01.csv": rows})
    data = bytearray(path.read_bytes())
    data[2000:2100] = b"\xff" * 100
    path.write_bytes(data)
    with pytest.raises(UnreadableError, match="this ZIP cannot be read"), open_table(only(path)):
        pass


def test_an_encrypted_zip_is_to_be_unpacked(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "x.zip", {"2015-01-01.csv": HEADER})
    data = bytearray(path.read_bytes())
    for signature, flags_at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(signature) + flags_at] |= 1
    path.write_bytes(data)
    with pytest.raises(UnreadableError, match="unpack it first"), open_table(only(path)):
        pass


def test_an_empty_file_has_no_header(tmp_path: Path) -> None:
    path = tmp_path / "2015-01-01.csv"
    path.touch()
    with pytest.raises(UnreadableError, match="line 1: no header"), open_table(only(path)):
        pass


def test_binary_garbage_is_lines_of_some_kind_and_never_a_traceback(tmp_path: Path) -> None:
    path = tmp_path / "2015-01-01.csv"
    path.write_bytes(bytes(range(256)) * 100)
    with open_table(only(path)) as table:
        assert table.header != HEADER.split(",")


def test_a_file_that_this_user_may_not_read_is_named(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "2015-01-01.csv")
    member = only(path)
    path.unlink()
    path.mkdir()  # like a file without permission, also for root: it opens with an error
    with pytest.raises(UnreadableError, match="Is a directory; let this user read it"):
        text_of(member)


def test_a_disk_that_fails_is_an_error_that_says_the_line() -> None:
    memory = Member(Path("/proc/self/mem"), "", 0, "")  # its first page answers with an I/O error
    with (
        pytest.raises(UnreadableError, match=r"mem: line 1: Input/output error.*check the disk"),
        open_table(memory),
    ):
        pass


def test_links_to_folders_are_followed_once(tmp_path: Path) -> None:
    write_csv(tmp_path / "real" / "2015-01-01.csv")
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "year").symlink_to(tmp_path / "real")
    (tmp_path / "real" / "back").symlink_to(tmp_path / "given")
    assert names([tmp_path / "given"]) == ["2015-01-01.csv"]


def test_a_name_that_is_no_text_can_be_shown(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"2015-\xff.csv")
    assert str(only(write_csv(path))).encode()
    assert fault_of(tmp_path / os.fsdecode(b"\xfe.csv")).encode()


def test_a_named_pipe_in_a_folder_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.csv")
    write_csv(tmp_path / "2015-01-01.csv")
    assert names([tmp_path]) == ["2015-01-01.csv"]
    assert "neither a file nor a folder" in fault_of(tmp_path / "x.csv")


def test_a_zip_damaged_anywhere_gives_its_rows_or_an_error_and_never_others(
    tmp_path: Path,
) -> None:
    rows = [f"2020-01-01,S{number},ST1,,0" for number in range(200)]
    content = "\n".join([HEADER, *rows])
    whole = write_zip(tmp_path / "whole.zip", {"d/2020-01-01.csv": content, "d/b.csv": content})
    good, random = whole.read_bytes(), Random(1)
    path = tmp_path / "damaged.zip"
    told = 0
    for _ in range(DAMAGES):
        data = bytearray(good)
        for _ in range(random.choice((1, 1, 2, 8))):
            data[random.randrange(len(data))] = random.randrange(256)
        path.write_bytes(data[: random.choice((len(data), random.randrange(len(data))))])
        members, faults = find_members([path])
        told += len(faults)
        for member in members:
            try:
                assert [line for _, line in text_of(member)] == rows
            except UnreadableError:
                told += 1
    assert told > DAMAGES / 2
