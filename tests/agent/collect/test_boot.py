"""Which drives boot a host, by what the kernel says its mounts stand on."""

from pathlib import Path

import pytest

from agent.collect.boot import boot_disks, role_of
from agent.config import AgentSettings
from tests.agent.collect.fake_host import FakeHost


def test_the_disk_of_a_mounted_partition_boots(fake_host: FakeHost) -> None:
    sda, sdb = fake_host.disk("sda"), fake_host.disk("sdb")
    fake_host.mount("/", fake_host.partition(sda, "sda2"), "/dev/sda2")
    fake_host.mount("/srv", fake_host.partition(sdb, "sdb1"), "/dev/sdb1")
    assert boot_disks(fake_host.root) == {"sda"}


def test_a_whole_disk_can_be_mounted(fake_host: FakeHost) -> None:
    fake_host.mount("/", fake_host.disk("sda"), "/dev/root")
    assert boot_disks(fake_host.root) == {"sda"}


def test_all_disks_under_a_logical_volume_boot(fake_host: FakeHost) -> None:
    below = [
        fake_host.partition(fake_host.disk("sda"), "sda3"),
        fake_host.disk("sdb"),
    ]
    fake_host.mount("/", fake_host.stacked("dm-0", *below, mapped="vg-root"), "/dev/mapper/vg-root")
    assert boot_disks(fake_host.root) == {"sda", "sdb"}


def test_both_disks_of_a_mirror_boot_also_under_a_volume_and_a_partition(
    fake_host: FakeHost,
) -> None:
    halves = [fake_host.partition(fake_host.disk(name), f"{name}1") for name in ("sda", "sdb")]
    mirror = fake_host.stacked("md127", *halves)
    crypt = fake_host.stacked("dm-1", fake_host.partition(mirror, "md127p1"))
    fake_host.mount("/boot", crypt, "/dev/mapper/boot")
    assert boot_disks(fake_host.root) == {"sda", "sdb"}


@pytest.mark.parametrize("multipath", [False, True])
def test_an_nvme_namespace_boots(fake_host: FakeHost, multipath: bool) -> None:
    block = fake_host.nvme(0, "S4EWNX0N", multipath=multipath)
    fake_host.mount("/boot/efi", fake_host.partition(block, "nvme0n1p1"), "/dev/nvme0n1p1", "vfat")
    assert boot_disks(fake_host.root) == {"nvme0n1"}


def test_a_btrfs_mount_has_no_number_and_is_found_by_its_name(fake_host: FakeHost) -> None:
    part = fake_host.partition(fake_host.disk("sda"), "sda2")
    fake_host.btrfs(part)
    fake_host.mount("/", None, "/dev/sda2", "btrfs")
    assert boot_disks(fake_host.root) == {"sda"}


def test_all_disks_of_a_btrfs_boot(fake_host: FakeHost) -> None:
    parts = [fake_host.partition(fake_host.disk(name), f"{name}2") for name in ("sda", "sdb")]
    fake_host.disk("sdc")
    fake_host.btrfs(*parts)
    fake_host.mount("/", None, "/dev/sdb2", "btrfs")
    assert boot_disks(fake_host.root) == {"sda", "sdb"}


def test_an_encrypted_btrfs_is_found_by_its_mapped_name(fake_host: FakeHost) -> None:
    crypt = fake_host.stacked("dm-3", fake_host.disk("sda"), mapped="luks-root")
    fake_host.stacked("dm-4", fake_host.disk("sdb"), mapped="other")
    fake_host.btrfs(crypt)
    fake_host.mount("/", None, "/dev/mapper/luks-root", "btrfs")
    assert boot_disks(fake_host.root) == {"sda"}


@pytest.mark.parametrize(("source", "kind"), [("rpool/ROOT/sda", "zfs"), ("overlay", "overlay")])
def test_what_the_kernel_does_not_link_boots_from_nowhere(
    fake_host: FakeHost, source: str, kind: str
) -> None:
    fake_host.disk("sda")
    fake_host.mount("/", None, source, kind)
    assert boot_disks(fake_host.root) == frozenset()


def test_a_host_without_proc_has_no_boot_disk(tmp_path: Path) -> None:
    assert boot_disks(tmp_path) == frozenset()


@pytest.mark.parametrize("line", ["", "garbage", "36 1 8:1 / / rw - ext4", "36 1 8:1 / / rw"])
def test_a_line_of_another_shape_is_passed_over(fake_host: FakeHost, line: str) -> None:
    fake_host.write("proc/self/mountinfo", f"{line}\n")
    assert boot_disks(fake_host.root) == frozenset()


def test_mounts_tell_the_role_where_nothing_is_configured() -> None:
    settings = AgentSettings()
    assert role_of(settings, "ZL2", "/dev/sda", ("sda",), frozenset({"sda"})) == "boot"
    assert role_of(settings, "ZL2", "/dev/sdb", ("sdb",), frozenset({"sda"})) == "data"


def test_a_configured_list_replaces_what_mounts_tell() -> None:
    settings = AgentSettings(boot=(" ZL2  ABC ", "/dev/sdc"))
    mounted = frozenset({"sda"})
    assert role_of(settings, "ZL2 ABC", "/dev/sdb", ("sdb",), mounted) == "boot"
    assert role_of(settings, "ZL3", "/dev/sdc", ("sdc",), mounted) == "boot"
    assert role_of(settings, "ZL4", "/dev/sda", ("sda",), mounted) == "data"
    assert role_of(AgentSettings(boot=()), "ZL4", "/dev/sda", ("sda",), mounted) == "data"
