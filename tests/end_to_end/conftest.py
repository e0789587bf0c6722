"""The drive machine for tests of the whole way; those that use it carry the mark `machine`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.machine.scene import DriveMachine, drive_machine_in


@pytest.fixture
def drive_machine(tmp_path: Path) -> Iterator[DriveMachine]:
    """The small machine with a SATA, an NVMe and a SCSI drive, booted for this test (6 s)."""
    with drive_machine_in(tmp_path / "machine") as machine:
        yield machine


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what boots a machine, before `-m` chooses."""
    for item in items:
        if "drive_machine" in getattr(item, "fixturenames", ()):
            item.add_marker("machine")
