"""Which public files are in a log already, so that an interrupted replay goes on.

Rules:
- One file for each log, one line for each public file; a line is durable when `mark` returns, and
  is written only after the last event of its file is.
- A line that a crash cut short counts for nothing: that file is sent again, and the set of facts
  absorbs it.
"""

import json
import os
from pathlib import Path
from typing import Self

from bus.disk import make_folder, sync_folder
from bus.files import Member
from bus.program.errors import FailedError


class Done:
    """The files that one log holds."""

    def __init__(self, path: Path, lines: set[str]) -> None:
        self._path = path
        self._lines = lines

    @classmethod
    def open(cls, folder: Path, log_id: str) -> Self:
        """What is known of the log with this id. Raises FailedError when it cannot be kept."""
        path = folder / f"{log_id}.jsonl"
        try:
            make_folder(folder)
            path.touch(mode=0o640)
            sync_folder(folder)
            text = path.read_text(encoding="ascii", errors="replace")
            if text and not text.endswith("\n"):
                _append(path, "\n")  # closes the line that a crash cut short
        except OSError as error:
            raise _fault(path, error) from error
        return cls(path, set(text.split("\n")))

    def __contains__(self, member: Member) -> bool:
        return _line(member) in self._lines

    def mark(self, member: Member) -> None:
        """Remember durably that all of a file is in the log. Raises FailedError."""
        line = _line(member)
        if line in self._lines:
            return
        try:
            _append(self._path, f"{line}\n")
        except OSError as error:
            raise _fault(self._path, error) from error
        self._lines.add(line)


def _line(member: Member) -> str:
    return json.dumps([str(member.file), member.inside, member.size_bytes, member.stamp])


def _append(path: Path, text: str) -> None:
    with path.open("a", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _fault(path: Path, error: OSError) -> FailedError:
    return FailedError(
        f"cannot remember in {path} what was replayed: {error.strerror}; free space there, or let"
        " this user write it, and start again: it goes on where it was"
    )
