"""What the kernel knows of a drive without asking it: serial, WWN, and whether it is the same one.

Read from /sys alone, so that no drive is woken or waited for. What is not there is "".
"""

import re
from pathlib import Path

import msgspec

from bus.identity import normal_serial
from bus.text import complaint

SERIAL_PAGE_HEADER = 4
"""Bytes before the serial in SCSI's page 0x80."""
_NVME_PATH = re.compile(r"(nvme\d+)c\d+(n\d+)")
"""A namespace by one of several controllers: hidden, for what is mounted is `nvme0n1`."""


class Node(msgspec.Struct, frozen=True):
    """A device node as the kernel has it."""

    serial: str = ""  # normal
    wwn: str = ""  # small hex digits, as a drive's own
    instance: str = ""  # changes when the device goes and comes, within one boot
    disks: tuple[str, ...] = ()  # names of its block devices: sda, nvme0n1


def look(name: str, sys: Path = Path("/sys")) -> Node:
    """The device of this name (sda, nvme0); an empty one where it is no disk of its own."""
    block = sys / "class/block" / name
    controller = sys / "class/nvme" / name
    if controller.is_dir():
        spaces = sorted(entry.name for entry in controller.glob(f"{name}*n*") if entry.is_dir())
        disks = tuple(_NVME_PATH.sub(r"\1\2", space) for space in spaces)
        return Node(_serial(controller), "", _instance(controller, spaces), disks)
    if block.is_dir():
        device = block / "device"
        return Node(_serial(device), _wwn(device), _instance(block, [name]), (name,))
    return Node()


def slots(sys: Path = Path("/sys")) -> dict[str, tuple[str, str]]:
    """(enclosure, slot) by block device, for drives in an enclosure that tells."""
    found = {}
    for slot in sys.glob("class/enclosure/*/*"):
        for disk in slot.glob("device/block/*"):
            enclosure = _name(slot.parent / "id") or slot.parent.name
            found[disk.name] = (enclosure, _name(slot / "slot") or slot.name)
    return found


def _serial(device: Path) -> str:
    told = kernel_text(device / "serial")
    if not told:
        page = _bytes(device / "vpd_pg80")[SERIAL_PAGE_HEADER:]
        told = page.decode("ascii", errors="replace").strip("\0 ")
    return normal_serial(told) if told.isprintable() else ""


def _wwn(device: Path) -> str:
    kind, _, digits = kernel_text(device / "wwid").partition(".")
    return digits.lower() if kind in ("naa", "eui") else ""


def _instance(device: Path, disks: list[str]) -> str:
    """The kernel's number of this appearance of the disk; before Linux 5.15 the node's inode."""
    parents = [device, *(device / disk for disk in disks)]
    numbers = [text for parent in parents if (text := kernel_text(parent / "diskseq"))]
    if numbers:
        return f"seq {numbers[0]}"
    try:
        return f"inode {device.resolve().stat().st_ino}"
    except OSError:
        return ""


def _name(path: Path) -> str:
    """A text for an event: firmware that holds garbage must not cost the drive its day."""
    text = kernel_text(path)
    return "" if complaint(text) else text


def kernel_text(path: Path) -> str:
    """What a file of /sys, /proc or /etc says; "" where it says nothing."""
    return _bytes(path).decode("utf-8", errors="replace").strip()


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
