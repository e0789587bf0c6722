"""Which drives boot this host: those under /, /boot and /boot/efi.

A mount leads to its drives through partitions, device mapper and RAID, as the kernel links them.
Where it does not (ZFS, the root of a container), they are configured.
"""

from collections.abc import Iterator
from pathlib import Path

from agent.collect.sysfs import kernel_text
from agent.config import AgentSettings
from bus.contract import Role
from bus.identity import normal_serial

BOOT_MOUNTS = ("/", "/boot", "/boot/efi")


def boot_disks(root: Path = Path("/")) -> frozenset[str]:
    """Names of the block devices (sda, nvme0n1) that the boot mounts lie on."""
    sys = root / "sys"
    names: set[str] = set()
    for number, source in _boot_mounts(root / "proc/self/mountinfo"):
        for block in _blocks(sys, number, source):
            names.update(_disks_under(block.resolve()))
    return frozenset(names)


def role_of(
    settings: AgentSettings, serial: str, path: str, disks: tuple[str, ...], boot: frozenset[str]
) -> Role:
    """A drive's role; a configured list of boot drives replaces what the mounts tell."""
    if settings.boot is not None:
        named = {
            entry if entry.startswith("/") else normal_serial(entry) for entry in settings.boot
        }
        return "boot" if {normal_serial(serial), path} & named else "data"
    return "boot" if boot.intersection(disks) else "data"


def _boot_mounts(mountinfo: Path) -> Iterator[tuple[str, str]]:
    """(major:minor, source) of each boot mount. Format: proc(5), /proc/pid/mountinfo."""
    for line in kernel_text(mountinfo).splitlines():
        before, _, after = line.partition(" - ")
        fields, source = before.split(" "), after.split(" ")
        if len(fields) > 4 and fields[4] in BOOT_MOUNTS and len(source) > 1:
            yield fields[2], source[1]


def _blocks(sys: Path, number: str, source: str) -> list[Path]:
    """The block devices of a mount; btrfs has no number of its own, and may span several."""
    by_number = sys / "dev/block" / number
    if by_number.exists():
        return [by_number]
    name = source.removeprefix("/dev/").removeprefix("mapper/")
    named = (path for path in sys.glob("class/block/*/dm/name") if kernel_text(path) == name)
    block = next((path.parents[1] for path in named), sys / "class/block" / name)
    if not source.startswith("/dev/") or not block.exists():
        return []  # ZFS, overlays, network: nothing here tells their drives
    for devices in sys.glob("fs/btrfs/*/devices"):
        if (devices / block.name).exists():
            return sorted(devices.iterdir())
    return [block]


def _disks_under(block: Path) -> Iterator[str]:
    """Names of the whole disks that a block device stands on."""
    if (block / "partition").exists():
        block = block.parent
    slaves = list((block / "slaves").glob("*"))
    if not slaves:
        yield block.name
    for slave in slaves:
        yield from _disks_under(slave.resolve())
