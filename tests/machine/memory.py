"""The memory of a process of ours: find, read and write (needs root, or to be its parent)."""

import contextlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

HEAP_BYTES = 96 << 20
"""Larger areas without a name are the machine's own memory, not QEMU's state."""
_LINE = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+\s*(.*)")


@dataclass(frozen=True, slots=True)
class Area:
    """Addresses from `start` up to `end`, as a line of /proc/PID/maps has them."""

    start: int
    end: int
    permissions: str
    name: str

    @property
    def changes(self) -> bool:
        """Whether objects live here."""
        nameless = not self.name and self.permissions.startswith("rw")
        return self.name == "[heap]" or (nameless and self.end - self.start <= HEAP_BYTES)

    @property
    def of_program(self) -> bool:
        """Whether the program's own constants are here."""
        return "qemu-system" in self.name and self.permissions.startswith("r-")


class Memory:
    """The memory of one process, as its maps are now."""

    def __init__(self, pid: int) -> None:
        """Raises PermissionError when the process is not ours."""
        self._file = os.open(f"/proc/{pid}/mem", os.O_RDWR | os.O_CLOEXEC)
        self._areas = parse_maps(Path(f"/proc/{pid}/maps").read_text())

    def read(self, address: int, length: int) -> bytes:
        return os.pread(self._file, length, address)

    def write(self, address: int, content: bytes) -> None:
        os.pwrite(self._file, content, address)

    def find_objects(self, content: bytes) -> list[int]:
        """The addresses of these bytes where objects live."""
        return list(self._find(content, [area for area in self._areas if area.changes]))

    def find_constants(self, content: bytes) -> list[int]:
        """The addresses of these bytes among the program's constants."""
        return list(self._find(content, [area for area in self._areas if area.of_program]))

    def _find(self, content: bytes, areas: list[Area]) -> Iterator[int]:
        pattern = re.compile(re.escape(content), re.DOTALL)
        for area in areas:
            with contextlib.suppress(OSError, ValueError, OverflowError):  # unmapped meanwhile
                held = self.read(area.start, area.end - area.start)
                yield from (area.start + match.start() for match in pattern.finditer(held))

    def close(self) -> None:
        os.close(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()


def parse_maps(text: str) -> list[Area]:
    """The areas of a /proc/PID/maps."""
    matches = filter(None, map(_LINE.match, text.splitlines()))
    return [Area(int(m[1], 16), int(m[2], 16), m[3], m[4]) for m in matches]
