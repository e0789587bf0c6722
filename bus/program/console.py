"""What people see on a terminal: tables, notes, progress. None of it where output is piped."""

from collections.abc import Callable

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table

out = Console(highlight=False, soft_wrap=False)
err = Console(stderr=True, highlight=False)


def table(*columns: str, numbers: Callable[[str], bool] = lambda _: False) -> Table:
    """An empty table; columns for which `numbers` holds are set flush right."""
    made = Table(box=None, pad_edge=False, header_style="bold", row_styles=["", "dim"])
    for column in columns:
        made.add_column(column, justify="right" if numbers(column) else "left", no_wrap=True)
    return made


def progress(*, unit: str) -> Progress:
    """A bar with rate and time left on stderr; shows nothing where stderr is not a terminal."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        console=err,
        disable=not err.is_terminal,
        transient=True,
    )
