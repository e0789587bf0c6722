"""What the collecting side costs drives that answer: one process each, and all they have to say."""

import pytest

from agent.spool import list_passes, read_pass
from tests.machine.scene import DriveMachine

COUNTING = """#!/bin/sh
echo "$*" >> {started}
exec {smartctl} "$@"
"""


@pytest.mark.machine
def test_each_drive_is_read_by_exactly_one_process(drive_machine: DriveMachine) -> None:
    inside = drive_machine.share_inside
    code, smartctl = drive_machine.sh("command -v smartctl")
    assert code == 0
    wrapper = drive_machine.share / "smartctl"
    wrapper.write_text(COUNTING.format(started=f"{inside}/started", smartctl=smartctl.strip()))
    wrapper.chmod(0o755)
    settings = (
        f"DRIVEFLEET_AGENT_STATE={inside}/collect DRIVEFLEET_AGENT_SMARTCTL={inside}/smartctl"
    )
    code, words = drive_machine.sh(
        f"cd {drive_machine.project} && {settings} {drive_machine.python} -m agent collect"
        f" --spool {inside}/spool",
        120,
    )
    assert code == 0, words

    scan, *reads = (drive_machine.share / "started").read_text().splitlines()
    assert scan == "--scan-open -j"
    assert len(reads) == len({read.split()[-1] for read in reads}) == 3
    assert all(read.startswith("--json=o -n standby -d ") and "--all" in read for read in reads)

    (path,) = list_passes(drive_machine.share / "spool")
    done = read_pass(path)
    assert {(one.drive.protocol, one.drive.serial, one.drive.model) for one in done.snapshots} == {
        ("ata", "ZL2ABC01", "ST12000NM0008-2H3101"),
        ("nvme", "S4NV0001", "QEMU NVMe Ctrl"),
        ("scsi", "SCSI0001", "QEMU QEMU HARDDISK"),
    }
    assert {one.state for one in done.snapshots} == {"read"}
    told = {one.drive.protocol: one for one in done.snapshots}
    assert sorted(told["ata"].smart) == [1, 3, 4, 5, 9, 12, 190]
    assert told["nvme"].temperature_celsius == 50
    assert {"media_errors", "critical_warning"} <= told["nvme"].nvme.keys()
    assert (told["ata"].health, told["ata"].signs.health_failed) == ("passed", 0)
    assert done.inventory is not None
    assert (done.inventory.complete, done.inventory.present) == (True, 3)
    assert done.inventory.smartctl_version.startswith("7.")
