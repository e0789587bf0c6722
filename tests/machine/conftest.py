"""The drive machine for the tests of this folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.machine.scene import DriveMachine, drive_machine_in


@pytest.fixture
def drive_machine(tmp_path: Path) -> Iterator[DriveMachine]:
    """The small machine with its three drives, booted for this test."""
    with drive_machine_in(tmp_path) as machine:
        yield machine
