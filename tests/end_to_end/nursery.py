"""Real processes of our programs, born quickly: a fork server has the imports done.

Each is a process of its own, with its own files, and dies for real by SIGKILL.
"""

import multiprocessing
import os
import signal
import sys
from collections.abc import Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path

PRELOAD = ["agent.__main__", "aggregator.__main__"]

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(PRELOAD)


class Born:
    """One running program."""

    def __init__(self, program: str, arguments: Sequence[str], folder: Path) -> None:
        """`folder` is its home; its output is added to `words` there."""
        self._process: ForkServerProcess = _context.Process(
            target=_live, args=(program, list(arguments), str(folder)), daemon=False
        )
        self._process.start()

    def wait(self, seconds: float | None = None) -> int | None:
        """The exit code, or None when it still runs after so many seconds."""
        self._process.join(seconds)
        return self._process.exitcode

    def kill(self) -> bool:
        """SIGKILL; whether it still ran."""
        ran = self._process.exitcode is None
        self._process.kill()
        self._process.join()
        return ran and self._process.exitcode == -signal.SIGKILL

    def terminate(self) -> None:
        self._process.terminate()


def _live(program: str, arguments: list[str], folder: str) -> None:
    os.environ["XDG_STATE_HOME"] = folder
    handle = os.open(Path(folder) / "words", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(handle, 1)
    os.dup2(handle, 2)
    sys.argv = [program, *arguments]
    if program == "drivefleet-agent":
        from agent.__main__ import main as agent_main

        agent_main()
    from aggregator.__main__ import main as aggregator_main

    aggregator_main()
