"""Writes a smartctl that does what a test says, and counts how often it was started."""

import sys
from collections.abc import Mapping
from pathlib import Path

PROGRAM = """#!{python} -IS
import os, sys, signal, time
device = sys.argv[-1]
with open({started!r}, "a") as file:
    file.write(" ".join(sys.argv[1:]) + "|" + " ".join(sorted(os.environ)) + "\\n")
behaviour = {behaviours!r}.get(device, {{}})
if behaviour.get("hangs"):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with open({started!r} + ".pid", "w") as file:
        file.write(str(os.getpid()))
    while True:
        time.sleep(1)
if behaviour.get("waits_for"):
    while not os.path.exists(behaviour["waits_for"]):
        time.sleep(0.01)
try:
    sys.stdout.buffer.write(behaviour.get("says", b""))
    while behaviour.get("goes_on"):
        sys.stdout.buffer.write(b"x" * 65536)
    sys.stdout.flush()
except BrokenPipeError:
    os._exit(0)
if behaviour.get("dies"):
    os.kill(os.getpid(), signal.SIGKILL)
os._exit(behaviour.get("ends", 0))
"""


class FakeSmartctl:
    """By the last argument (a device's path, `-j` for a scan): what it says and how it ends.

    hangs (and ignores SIGTERM), waits_for (a file), says (bytes), goes_on (saying), dies, ends (an
    exit status).
    """

    def __init__(self, folder: Path, behaviours: Mapping[str, Mapping[str, object]]) -> None:
        self._started = folder / "started"
        self.path = folder / "smartctl"
        text = PROGRAM.format(
            python=sys.executable,
            started=str(self._started),
            behaviours={device: dict(each) for device, each in behaviours.items()},
        )
        self.path.write_text(text, encoding="utf-8")
        self.path.chmod(0o755)

    @property
    def started(self) -> list[str]:
        """The arguments of each start, in order."""
        return [line.partition("|")[0] for line in self._lines()]

    @property
    def environments(self) -> list[list[str]]:
        """The names in the environment of each start."""
        return [line.partition("|")[2].split() for line in self._lines()]

    @property
    def hung_pid(self) -> int:
        return int(Path(f"{self._started}.pid").read_text(encoding="utf-8"))

    def _lines(self) -> list[str]:
        if not self._started.exists():
            return []
        return self._started.read_text(encoding="utf-8").splitlines()
