"""Texts are the same to every reader, whatever its Python knows of Unicode."""

import sys

import pytest

from bus.text import complaint, quoted


def test_every_control_character_is_refused() -> None:
    controls = [*range(0x20), *range(0x7F, 0xA0)]
    assert [c for c in controls if not complaint(f"a{chr(c)}b")] == []


def test_what_this_python_prints_is_accepted() -> None:
    """So `str.isprintable` is a fast and sound way in, on every Python."""
    printable = (chr(c) for c in range(sys.maxunicode + 1) if chr(c).isprintable())
    assert [c for c in printable if complaint(c)] == []


def test_a_character_of_tomorrow_is_accepted_today() -> None:
    unassigned = "\U0003fff0"
    assert not unassigned.isprintable()
    assert complaint(unassigned) == ""


@pytest.mark.parametrize("space", ["\u00a0", "\u2003", "\u3000", "\u200b", "\ufeff"], ids=ascii)
def test_a_blank_that_is_no_space_is_refused(space: str) -> None:
    assert "cannot be shown" in complaint(f"ZL2{space}ABC")


def test_a_complaint_names_the_limit() -> None:
    assert complaint("a" * 257) == "has 257 characters; at most 256"
    assert complaint("a" * 256) == ""


def test_a_quote_is_one_short_line() -> None:
    assert quoted("fine") == "fine"
    assert quoted("a\nb") == r"'a\nb'"
    assert quoted("x" * 400) == "x" * 297 + "..."
