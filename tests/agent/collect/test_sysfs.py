"""What the kernel knows of a drive that does not answer."""

from pathlib import Path

import pytest

from agent.collect.sysfs import Node, look, slots
from tests.agent.collect.fake_host import FakeHost


def test_a_sata_drive_is_known_by_serial_and_wwn(fake_host: FakeHost) -> None:
    fake_host.disk("sda", "ZL2ABC01", "naa.5000C500A1B2C3D4", seq=9)
    node = look("sda", fake_host.sys)
    assert node == Node("ZL2ABC01", "5000c500a1b2c3d4", "seq 9", ("sda",))


@pytest.mark.parametrize(
    ("wwid", "wwn"),
    [
        ("naa.5000c500a1b2c3d4", "5000c500a1b2c3d4"),
        ("eui.0025385b71b0a1c2", "0025385b71b0a1c2"),
        ("t10.ATA     ST12000NM0008-2H3101                    ZL2ABC01", ""),
        ("", ""),
    ],
)
def test_a_name_is_world_wide_only_where_a_registry_gave_it(
    fake_host: FakeHost, wwid: str, wwn: str
) -> None:
    fake_host.disk("sda", wwn=wwid)
    assert look("sda", fake_host.sys).wwn == wwn


def test_a_serial_of_garbage_is_none(fake_host: FakeHost) -> None:
    fake_host.disk("sda", "ZL\x07\x01")
    assert look("sda", fake_host.sys).serial == ""


def test_a_disk_that_goes_and_comes_is_another_appearance(fake_host: FakeHost) -> None:
    block = fake_host.disk("sda", seq=9)
    before = look("sda", fake_host.sys).instance
    (block / "diskseq").write_text("10\n", encoding="utf-8")
    assert look("sda", fake_host.sys).instance not in ("", before)


def test_before_the_kernel_numbered_disks_their_node_tells_them_apart(fake_host: FakeHost) -> None:
    fake_host.disk("sda")
    fake_host.disk("sdb")
    first, second = look("sda", fake_host.sys), look("sdb", fake_host.sys)
    assert first.instance.startswith("inode ")
    assert first.instance != second.instance
    assert look("sda", fake_host.sys) == first


def test_an_nvme_controller_has_the_serial_and_its_namespace(fake_host: FakeHost) -> None:
    fake_host.nvme(0, "S4EWNX0N", seq=3)
    assert look("nvme0", fake_host.sys) == Node("S4EWNX0N", "", "seq 3", ("nvme0n1",))


def test_an_nvme_namespace_is_known_by_its_controllers_serial(fake_host: FakeHost) -> None:
    fake_host.nvme(0, "S4EWNX0N")
    node = look("nvme0n1", fake_host.sys)
    assert (node.serial, node.disks) == ("S4EWNX0N", ("nvme0n1",))


def test_a_namespace_with_several_ways_is_the_one_that_is_mounted(fake_host: FakeHost) -> None:
    fake_host.nvme(2, "S4EWNX0N", multipath=True)
    assert look("nvme2", fake_host.sys).disks == ("nvme2n1",)
    assert look("nvme2n1", fake_host.sys).serial == "S4EWNX0N"


def test_what_is_no_disk_is_not_known(fake_host: FakeHost) -> None:
    assert look("sdz", fake_host.sys) == Node()


def test_an_enclosure_tells_its_slots(fake_host: FakeHost) -> None:
    fake_host.slot("0:0:5:0", "Slot 07", "sda", id="0x500304801f", slot="7")
    fake_host.slot("0:0:5:0", "Slot 08", "sdb")
    assert slots(fake_host.sys) == {
        "sda": ("0x500304801f", "7"),
        "sdb": ("0x500304801f", "Slot 08"),
    }


def test_an_enclosure_without_an_id_has_its_address(fake_host: FakeHost) -> None:
    fake_host.slot("0:0:5:0", "ArrayDevice00", "sda")
    assert slots(fake_host.sys) == {"sda": ("0:0:5:0", "ArrayDevice00")}


def test_garbage_from_an_enclosure_is_not_put_into_events(fake_host: FakeHost) -> None:
    """No log would believe a snapshot with such a place: the drive would lose its day."""
    fake_host.slot("0:0:5:0", "Slot 07", "sda", id="\x01\x02", slot="a\x07b")
    assert slots(fake_host.sys) == {"sda": ("0:0:5:0", "Slot 07")}


def test_a_host_without_sysfs_knows_nothing(tmp_path: Path) -> None:
    assert (look("sda", tmp_path), slots(tmp_path)) == (Node(), {})


def test_this_hosts_own_disks_are_looked_at_without_fault() -> None:
    for block in Path("/sys/class/block").glob("*"):
        node = look(block.name)
        assert node.disks == (block.name,)
        assert node.instance
