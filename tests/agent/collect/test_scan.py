"""What `scan` shows: every way to a drive, what it says it is, and why it cannot be read."""

from agent.collect.scan import ScanRow, scan_report
from tests.agent.collect.story import at
from tests.agent.collect.world import ASLEEP, DENIED, World

MODEL = "ST12000NM0008-2H3101"


def scan(world: World) -> list[ScanRow]:
    world.prepare()
    return scan_report(world.settings, clock=lambda: at(1), root=world.host.root)


def test_each_drive_is_shown_by_path_with_its_role(world: World) -> None:
    world.host.mount("/", world.host.disk("sdb"), "/dev/sdb")
    world.plug("sdb", "B")
    world.plug("sda", "A")
    assert scan(world) == [
        ScanRow("/dev/sda", "sat", "ata", MODEL, "A", "data", "read", ""),
        ScanRow("/dev/sdb", "sat", "ata", MODEL, "B", "boot", "read", ""),
    ]


def test_a_drive_that_cannot_be_read_says_why(world: World) -> None:
    world.says("sda", DENIED)
    (row,) = scan(world)
    assert (row.state, row.model, row.serial) == ("unreadable", "", "")
    assert row.reason.startswith("permission ")
    assert "Permission denied" in row.reason


def test_a_sleeping_drive_has_the_serial_that_the_kernel_knows(world: World) -> None:
    world.host.disk("sda", "ZL2")
    world.says("sda", ASLEEP)
    (row,) = scan(world)
    assert (row.state, row.serial) == ("asleep", "ZL2")


def test_nothing_is_written(world: World) -> None:
    world.plug("sda", "A")
    scan(world)
    assert not world.settings.spool.exists()
    assert not world.settings.state.exists()
