"""The small machine, once: three drives answer, the project's Python runs, the share is shared."""

import json

import pytest

from tests.machine.scene import DriveMachine


def health(machine: DriveMachine, serial: str) -> bool:
    """What smartctl says of the drive with this serial number; names move from boot to boot."""
    code, names = machine.sh("smartctl --scan-open | cut -d' ' -f1")
    assert code == 0
    for name in names.split():
        told = json.loads(machine.sh(f"smartctl --json=c -i -H {name}")[1])
        if told.get("serial_number") == serial:
            passed: bool = told["smart_status"]["passed"]
            return passed
    raise AssertionError(f"{serial} is not there: {names}")


@pytest.mark.machine
def test_the_machine_does_all_that_a_test_asks_of_it(drive_machine: DriveMachine) -> None:
    """One boot for all: it takes most of the time."""
    code, found = drive_machine.sh("smartctl --scan-open")
    kinds = sorted(line.split()[2] for line in found.splitlines())
    assert (code, kinds) == (0, ["nvme", "sat", "scsi"])

    program = "import msgspec, bus.contract, sys; print(sys.prefix)"
    into = f"{drive_machine.share_inside}/prefix"
    asked = f"cd {drive_machine.project} && {drive_machine.python} -c '{program}' > {into}"
    assert drive_machine.sh(asked) == (0, "")
    written = (drive_machine.share / "prefix").read_text().strip()
    assert drive_machine.python.startswith(written)
    assert drive_machine.sh(f"touch {drive_machine.project}/x")[0] != 0

    assert health(drive_machine, "ZL2ABC01")
    drive_machine.fail("ZL2ABC01")
    assert not health(drive_machine, "ZL2ABC01")
    assert health(drive_machine, "S4NV0001")

    drive_machine.pull("S4NV0001")
    left = drive_machine.sh("smartctl --scan-open")[1]
    assert "nvme" not in left
    assert len(left.splitlines()) == 2
