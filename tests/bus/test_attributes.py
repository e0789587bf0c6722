"""The SMART columns of rows with one header."""

import pytest

from bus.attributes import MAX_SHAPES, AttributeReader, picker


def test_columns_need_not_stand_side_by_side() -> None:
    reader = AttributeReader({"smart_5_raw": 0, "smart_9_raw": 2}, told=(9, 5))
    assert reader.read(["1", "x", "2"]) == ({5: (None, 1), 9: (None, 2)}, (2, 1))


def test_a_header_without_attributes_gives_none() -> None:
    assert AttributeReader({"date": 0}, told=(9,)).read(["2020-01-01"]) == ({}, (None,))


def test_a_name_that_only_resembles_an_attribute_is_none() -> None:
    columns = {"smart_5_raw_text": 0, "xsmart_5_raw": 1, "smart_x_raw": 2}
    assert AttributeReader(columns, told=()).read(["1", "2", "3"]) == ({}, ())


def test_what_was_learned_of_rows_is_bounded() -> None:
    width = MAX_SHAPES.bit_length()
    reader = AttributeReader({f"smart_{n}_raw": n for n in range(width)}, told=(0,))
    for number in range(MAX_SHAPES + 10):
        bits = [str(number >> bit & 1 or "") for bit in range(width)]
        smart, _ = reader.read(bits)
        assert list(smart) == [bit for bit in range(width) if number >> bit & 1]
    assert len(reader._shapes) <= MAX_SHAPES


@pytest.mark.parametrize(
    ("indices", "picked"), [([], ()), ([2], ("c",)), ([2, 0], ("c", "a")), ([-1], ("c",))]
)
def test_what_is_picked_is_always_a_tuple(indices: list[int], picked: tuple[str, ...]) -> None:
    assert picker(indices)(["a", "b", "c"]) == picked
