"""`drivefleet run` as a person starts it, with a smartctl that answers for two drives."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Self

PATIENCE_S = 60.0
LOOK_EVERY_S = 0.1

ANSWERS: dict[str, dict[str, object]] = {
    "/dev/sda": {
        "model_name": "ST12000NM0008-2H3101",
        "serial_number": "ZL2ABC01",
        "firmware_version": "SN05",
        "rotation_rate": 7200,
        "user_capacity": {"bytes": 12_000_138_625_024},
        "smart_status": {"passed": True},
        "power_on_time": {"hours": 4103},
        "device": {"name": "/dev/sda", "type": "sat", "protocol": "ATA"},
    },
    "/dev/sdb": {
        "model_name": "WDC WD40EFRX-68N32N0",
        "serial_number": "WD-WCC7K0AAAAAA",
        "smart_status": {"passed": True},
        "power_on_time": {"hours": 30_000},
        "device": {"name": "/dev/sdb", "type": "sat", "protocol": "ATA"},
    },
}
SCAN = {"devices": [{"name": name, "type": "sat", "protocol": "ATA"} for name in ANSWERS]}
TOLD: dict[str, object] = {"smartctl": {"version": [7, 3], "exit_status": 0, "output": []}}


def write_smartctl(folder: Path) -> Path:
    """A smartctl that finds and reads the two drives."""
    for name, answer in ANSWERS.items():
        (folder / Path(name).name).write_text(json.dumps(answer | TOLD))
    (folder / "scan").write_text(json.dumps(SCAN | TOLD))
    script = folder / "smartctl"
    script.write_text(
        "#!/bin/sh\n"
        f'for last in "$@"; do case "$last" in --scan*) exec cat {folder}/scan;; esac; done\n'
        f'exec cat "{folder}/$(basename "$last")"\n'
    )
    script.chmod(0o755)
    return script


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


class OneMachine:
    """The running service in a folder of its own."""

    def __init__(self, folder: Path, *command: str) -> None:
        self.port = free_port()
        self.home = folder / "home"
        smartctl = write_smartctl(folder)
        environ = os.environ | {
            "DRIVEFLEET_AGENT_SMARTCTL": str(smartctl),
            "DRIVEFLEET_AGENT_HOST": "server-1",
        }
        self._environ = environ
        self._words = (folder / "words").open("w+")
        run = [sys.executable, "-m", "drivefleet", "run"]
        where = ["--home", str(self.home), "--port", str(self.port)]
        self.process = subprocess.Popen(
            [*run, *where, *command], env=environ, stderr=self._words, stdout=self._words
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._words.close()

    @property
    def words(self) -> str:
        return Path(self._words.name).read_text(encoding="utf-8")

    def until_shown(self, text: str) -> str:
        """The first exposition that holds a text; AssertionError if it does not come."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end and self.process.poll() is None:
            shown = self.ask("metrics")
            if text in shown:
                return shown
            time.sleep(LOOK_EVERY_S)  # between looks at another process; the text decides
        raise AssertionError(f"{text!r} did not come: {self.words}")

    def until_gone(self) -> None:
        """Wait until nobody answers, or somebody new does."""
        end = time.monotonic() + PATIENCE_S
        while self.ask("healthz") and "started again" not in self.words:
            assert time.monotonic() < end, "it does not go"
            time.sleep(LOOK_EVERY_S)

    def ask(self, path: str) -> str:
        """What the service answers; "" where it does not."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{path}", timeout=5) as told:
                body: bytes = told.read()
                return body.decode()
        except OSError:
            return ""

    def status(self) -> str:
        where = ["--home", str(self.home), "--port", str(self.port)]
        command = [sys.executable, "-m", "drivefleet", "status", *where]
        done = subprocess.run(
            command, env=self._environ, capture_output=True, text=True, check=True
        )
        return done.stdout

    def children(self) -> dict[str, int]:
        """Process numbers of the agent and the aggregator."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        found = {}
        for pid in map(int, children.read_text().split()):
            argv = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            found[argv[2].decode()] = pid
        return found

    def end(self) -> int:
        """SIGTERM; the exit code. AssertionError if it takes longer than 5 seconds."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(5)
        except subprocess.TimeoutExpired as error:
            raise AssertionError(f"it did not end within 5 s: {self.words}") from error
