"""The small machine as tests meet it: three drives, this project and its Python inside, a folder
that both sides see."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bus.program.errors import UsageError
from tests.machine.drives import Drive, nvme, sata, scsi
from tests.machine.guest import COMMAND_S, SHARE_INSIDE
from tests.machine.images import home_from, prepare_machine
from tests.machine.machine import Machine, project_folder, python_folders

THREE_DRIVES: tuple[Drive, ...] = (
    sata("ZL2ABC01", size_bytes=12_000_138_625_024, model="ST12000NM0008-2H3101"),
    nvme("S4NV0001", size_bytes=1_920_383_410_176),
    scsi("SCSI0001", size_bytes=4_000_787_030_016),
)
_FILES = "files"


@dataclass(frozen=True, slots=True)
class DriveMachine:
    """A running machine; its methods are the machine's."""

    machine: Machine

    @property
    def python(self) -> str:
        """The interpreter inside, with all that this project needs: the one that runs the test."""
        return sys.executable

    @property
    def project(self) -> str:
        """This project inside: `cd` there, for its packages to be found."""
        return str(project_folder())

    @property
    def share(self) -> Path:
        """The folder that both sides see, here."""
        return self.machine.share / _FILES

    @property
    def share_inside(self) -> str:
        """The same folder inside."""
        return f"{SHARE_INSIDE}/{_FILES}"

    def sh(self, command: str, timeout_s: float = COMMAND_S) -> tuple[int, str]:
        """Run a command inside: its exit code, and stdout and stderr together."""
        return self.machine.sh(command, timeout_s)

    def pull(self, serial: str) -> None:
        """Take the drive out; it is gone inside when this returns."""
        self.machine.pull(serial)

    def fail(self, serial: str) -> None:
        """From now on the drive (SATA or NVMe) says that its health check failed."""
        self.machine.fail(serial)


@contextmanager
def drive_machine_in(folder: Path) -> Iterator[DriveMachine]:
    """Boot the small machine with the three drives, in a folder of the test's own.

    Where it cannot run, the test is skipped with what is missing; where CI is set, it fails.
    """
    home = home_from(os.environ)
    try:
        prepare_machine(home)
    except UsageError as missing:
        if os.environ.get("CI"):
            pytest.fail(f"the drive machine must run in CI: {missing}")
        pytest.skip(f"the drive machine cannot run here: {missing}")
    shows = python_folders(project_folder())
    with Machine(home, folder, THREE_DRIVES, shows=shows) as machine:
        scene = DriveMachine(machine)
        scene.share.mkdir()
        yield scene
    shutil.rmtree(machine.share)  # pytest keeps the folders of tests; the console is enough
