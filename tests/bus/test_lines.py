"""Blocks of bytes as lines and fields."""

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bus.lines import MAX_LINE, split_fields, split_rows, whole_lines


def lines_of(blocks: list[bytes]) -> list[str]:
    return list(chain.from_iterable(text.split("\n") for text in whole_lines(blocks)))


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_every_line_end_ends_a_line(end: bytes) -> None:
    assert lines_of([b"a,b" + end + b"c,d" + end]) == ["a,b", "c,d"]


def test_a_file_may_mix_line_ends_and_end_without_one() -> None:
    assert lines_of([b"a\r\nb\rc\nd"]) == ["a", "b", "c", "d"]


@given(
    st.lists(st.sampled_from(["a,1", "", '"q,x"', "é"]), min_size=1).filter(lambda x: x[-1] != ""),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.integers(1, 7),
)
def test_lines_are_the_same_however_the_bytes_are_cut(
    lines: list[str], end: str, size: int
) -> None:
    data = end.join(lines).encode()
    assert lines_of([data[at : at + size] for at in range(0, len(data), size)]) == lines


def test_a_byte_order_mark_is_no_text() -> None:
    assert lines_of([b"\xef\xbb\xbfdate,model\n1,2\n"]) == ["date,model", "1,2"]


def test_bytes_that_are_no_text_spoil_only_their_line() -> None:
    assert lines_of([b"a\n\xff\xfe\nb\n"]) == ["a", "\udcff\udcfe", "b"]


def test_an_endless_line_is_passed_over_and_the_next_one_read() -> None:
    endless = [b"x," * (MAX_LINE // 4)] * 9
    lines = lines_of([b"a,b\n", *endless, b"end\nc,d\n"])
    assert [lines[0], *lines[2:]] == ["a,b", "c,d"]
    assert len(split_fields(lines[1])) == 1
    assert len(lines[1]) < 100


def test_a_file_that_ends_in_an_endless_line_has_it_once() -> None:
    lines = lines_of([b"a,b\n", *[b"x," * (MAX_LINE // 4)] * 9])
    assert (len(lines), len(split_fields(lines[-1]))) == (2, 1)


def test_quoted_fields_may_hold_commas() -> None:
    assert split_rows('a,"b, c",d\ne,f,g') == [["a", "b, c", "d"], ["e", "f", "g"]]


def test_an_open_quote_does_not_swallow_the_lines_after_it() -> None:
    assert split_rows('a,"b\nc,d')[1] == ["c", "d"]


def test_a_blank_line_is_one_empty_field() -> None:
    assert split_rows('\na,b\n\n"c",d') == [[""], ["a", "b"], [""], ["c", "d"]]


def test_a_field_that_is_too_long_for_a_csv_reader_makes_its_line_one_field() -> None:
    line = '"' + "x" * 200_000 + '",b'
    assert split_fields(line) == [line]
