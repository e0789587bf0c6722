"""How rows are printed: nothing cut, nothing read into them."""

import io
from collections.abc import Callable
from datetime import date

import pytest

from aggregator.cli.printing import (
    print_csv,
    print_json,
    print_line,
    print_table,
    say,
)

ODD = ["[bold]x[/]", ":fire:", "\\[red]", "a\\"]


def test_a_table_shows_texts_as_they_stand(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("name", "n"), [(text, "1") for text in ODD], {"name"})
    _, *rows = capsys.readouterr().out.splitlines()
    assert [row.split()[0] for row in rows] == ODD


def test_so_do_lines(capsys: pytest.CaptureFixture[str]) -> None:
    for text in ODD:
        print_line(text)
        say(text)
    told = capsys.readouterr()
    assert told.out.splitlines() == told.err.splitlines() == ODD


def test_a_line_is_never_broken_into_several(capsys: pytest.CaptureFixture[str]) -> None:
    long = " ".join(["word"] * 200)
    print_line(long)
    say(long)
    told = capsys.readouterr()
    assert told.out == told.err == f"{long}\n"


def test_numbers_are_flush_right_and_texts_flush_left(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("name", "n"), [("a", "1"), ("bb", "1000")], {"name"})
    assert [line.rstrip() for line in capsys.readouterr().out.splitlines()] == [
        "name     n",
        "a        1",
        "bb    1000",
    ]


def test_on_a_narrow_terminal_texts_give_way_before_numbers(
    terminal: Callable[[int], io.StringIO],
) -> None:
    screen = terminal(20)
    print_table(("name", "n"), [("a" * 30, "123456789")], {"name"})
    assert "123456789" in screen.getvalue()
    assert screen.getvalue().count("a") == 30 + 1
    assert max(map(len, screen.getvalue().splitlines())) <= 20


def test_csv_quotes_what_must_be(capsys: pytest.CaptureFixture[str]) -> None:
    print_csv(("model", "n"), [('A,"B"', 1), ("", "")])
    assert capsys.readouterr().out == 'model,n\n"A,""B""",1\n,\n'


def test_json_says_days_and_tuples(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"day": date(2026, 3, 5), "é": (1, None)})
    assert capsys.readouterr().out == (
        '{\n  "day": "2026-03-05",\n  "é": [\n    1,\n    null\n  ]\n}\n'
    )
