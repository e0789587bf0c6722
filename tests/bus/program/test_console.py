"""Tables and bars are for people: where output is piped there is no bar."""

import io

import pytest
from rich.console import Console

from bus.program import console


def shown(made: object, width: int = 60) -> list[str]:
    file = io.StringIO()
    Console(file=file, width=width, color_system=None).print(made)
    return [line.rstrip() for line in file.getvalue().splitlines()]


def test_numbers_stand_flush_right() -> None:
    table = console.table("model", "drives", numbers=lambda name: name == "drives")
    table.add_row("ST4000DM000", "7")
    table.add_row("HDS5C3030ALA630", "1,234")
    assert shown(table) == [
        "model            drives",
        "ST4000DM000           7",
        "HDS5C3030ALA630   1,234",
    ]


def test_a_bar_is_silent_where_stderr_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with console.progress(unit="rows") as progress:
        task = progress.add_task("replaying", total=10, rate="")
        progress.advance(task, 10)
    assert capsys.readouterr() == ("", "")
