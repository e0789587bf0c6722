"""An aggregator in a process of its own."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from tests.aggregator.cli.conftest import Place

ROOT = Path(__file__).parents[3]
LEAVES_WITHIN_S = 5
"""As is promised for SIGTERM."""
PATIENCE_S = 20


class AtWork:
    """An aggregator in a process of its own, and what it logs."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        assert process.stderr is not None
        self._lines: Iterator[str] = iter(process.stderr)
        serving = self.until("event=serving")
        self.page = next(part for part in serving.split() if part.startswith("page="))[5:]
        self.port = self.page.rstrip("/").rpartition(":")[2]

    def until(self, words: str) -> str:
        """The next line with these words."""
        return next(line for line in self._lines if words in line)

    def get(self, path: str, words: str) -> str:
        """What is served there as soon as it holds these words."""
        deadline = time.monotonic() + PATIENCE_S
        text = ""
        while words not in text:
            assert time.monotonic() < deadline, f"{words!r} is not in {text!r}"
            try:
                with urlopen(self.page + path, timeout=PATIENCE_S) as answer:
                    text = answer.read().decode()
            except HTTPError as error:
                text = error.read().decode()  # not ready yet
        return text

    def leave(self, number: int) -> tuple[int, str]:
        """Send a signal; its exit code and its last words."""
        self._process.send_signal(number)
        words = "".join(self._lines)
        return self._process.wait(LEAVES_WITHIN_S), words


@contextmanager
def aggregating(place: Place) -> Iterator[AtWork]:
    """`run` on a free port; it writes a checkpoint after every batch."""
    environ = {name: value for name, value in os.environ.items() if "DRIVEFLEET" not in name}
    environ["DRIVEFLEET_AGGREGATOR_CHECKPOINT_EVERY_S"] = "0"
    command = [sys.executable, "-m", "aggregator", "run", "--port", "0", "--verbose"]
    process = subprocess.Popen(
        [*command, "--bus", place.bus, "--state", str(place.state)],
        cwd=ROOT,
        env=environ,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield AtWork(process)
    finally:
        process.kill()
        process.communicate()
