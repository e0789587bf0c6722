"""The command line as people start it: a process of its own, in a folder of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
HEADER = "date,serial_number,model,capacity_bytes,failure,smart_5_raw"


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Shell:
    """A folder, and commands started in it."""

    folder: Path
    program: str = "agent"

    @property
    def env(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "COLUMNS": "200",
        }

    def start(self, *words: str, **environ: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", self.program, *words],
            cwd=self.folder,
            env=self.env | environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str, **environ: str) -> Ended:
        """Run a command to its end; fails when it ends in a traceback."""
        with self.start(*words, **environ) as process:
            out, err = process.communicate(timeout=60)
        assert "Traceback" not in err, err
        return Ended(process.returncode, out, err)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


@pytest.fixture
def write_days(tmp_path: Path) -> Callable[..., Path]:
    """Writes a folder of public files, one for each day from 2020-01-01 on."""

    def write(days: int, drives: int) -> Path:
        folder = tmp_path / "public"
        folder.mkdir()
        for number in range(1, days + 1):
            day = f"2020-01-{number:02d}"
            rows = [f"{day},S{drive:06d},ST4000DM000,4000787030016,0,0" for drive in range(drives)]
            (folder / f"{day}.csv").write_text("\n".join([HEADER, *rows]) + "\n")
        return folder

    return write
