"""A person names a drive by its key or its serial, in any spelling."""

import pytest

from aggregator.life.find import as_key, find_keys, keys_with_serial

KEYS = ["S1:ST1", "S1:WUH7", "S2:ST1", "S%3A3:ST1", "S 4:ST1", "S:3:ODD"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("S2:ST1", ["S2:ST1"]),
        ("S1:WDC  WUH7", ["S1:WUH7"]),
        ("S2", ["S2:ST1"]),
        (" S2 ", ["S2:ST1"]),
        ("S  4", ["S 4:ST1"]),
        ("S1", ["S1:ST1", "S1:WUH7"]),
        ("S:3", ["S%3A3:ST1"]),
        ("S%3A3:ST1", ["S%3A3:ST1"]),
        ("S", []),
        ("S1:ST9", []),
        ("S1:", []),
        (":", []),
        ("", []),
    ],
)
def test_a_drive_is_found(text: str, found: list[str]) -> None:
    keys = KEYS[:-1]
    assert find_keys(set(keys), keys, text) == found


def test_a_text_is_a_key_or_is_none() -> None:
    assert as_key(" S1 :WDC WUH7") == "S1:WUH7"
    assert as_key("S1") is None
    assert as_key("S1:") is None


def test_a_serial_is_never_taken_for_the_beginning_of_another() -> None:
    assert keys_with_serial(["S1:M", "S11:M", "S1%3A1:M"], "S1") == ["S1:M"]
