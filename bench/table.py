"""How benches print, and how they measure memory."""

from collections.abc import Iterable, Sequence
from pathlib import Path


def print_rows(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A Markdown table, so that it can be pasted into bench/README.md."""
    for row in (header, ["---"] * len(header), *rows):
        print("| " + " | ".join(row) + " |")


def resident_bytes() -> int:
    """Memory of this process that is resident now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096
