"""Which drives boot this host: those under /, /boot and /boot/efi.

A mount leads to its drives through partitions, device mapper and RAID, as the kernel links them.
"""

from collections.abc import Iterator
from pathlib import Path

from agent.config import AgentSettings
from bus.contract import Role
from bus.identity import normal_serial

BOOT_MOUNTS = ("/", "/boot", "/boot/efi")


def boot_disks(root: Path = Path("/")) -> frozenset[str]:
    """Names of the block devices (sda, nvme0n1) that the boot mounts lie on."""
    sys = root / "sys"
    names: set[str] = set()
    for number, source in _boot_mounts(root / "proc/self/mountinfo"):
        by_number = sys / "dev/block" / number
        by_name = sys / "class/block" / source.rpartition("/")[2]
        start = by_number if by_number.exists() else by_name  # btrfs mounts have no number
        if start.exists():
            names.update(_disks_under(start.resolve()))
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
    try:
        lines = mountinfo.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    for line in lines:
        before, _, after = line.partition(" - ")
        fields, source = before.split(" "), after.split(" ")
        if len(fields) > 4 and fields[4] in BOOT_MOUNTS and len(source) > 1:
            yield fields[2], source[1]


def _disks_under(block: Path) -> Iterator[str]:
    """Names of the whole disks that a block device stands on."""
    if (block / "partition").exists():
        block = block.parent
    slaves = list((block / "slaves").glob("*"))
    if not slaves:
        yield block.name
    for slave in slaves:
        yield from _disks_under(slave.resolve())
