"""The drives of a machine as QEMU's devices; pure.

Each drive has a place, numbered from 1, and every SATA and NVMe drive a port of its own, so that
it can be pulled alone. The block device behind it reads zeroes and forgets what is written.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tests.machine.arguments import Value, device

TB = 10**12
SECTOR_BYTES = 512
SCSI_BUS = "scsi"

Device = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Drive:
    """A drive to be; `options` are QEMU's: model, ver, wwn, rotation_rate, vendor, product."""

    kind: Literal["sata", "nvme", "scsi"]
    serial: str
    size_bytes: int
    options: tuple[tuple[str, Value], ...] = ()


def sata(serial: str, size_bytes: int = 12 * TB, **options: Value) -> Drive:
    """Options: model, ver, wwn, rotation_rate. Can be pulled, with its controller; not put back."""
    return Drive("sata", serial, size_bytes, tuple(options.items()))


def nvme(serial: str, size_bytes: int = 2 * TB, **options: Value) -> Drive:
    """Its model is always "QEMU NVMe Ctrl"; can be pulled and put back."""
    return Drive("nvme", serial, size_bytes, tuple(options.items()))


def scsi(serial: str, size_bytes: int = 4 * TB, **options: Value) -> Drive:
    """Options: vendor, product, ver, wwn, rotation_rate. Says that it has no SMART."""
    return Drive("scsi", serial, size_bytes, tuple(options.items()))


def removable(drive: Drive, place: int) -> str:
    """The id of the device that is taken out when the drive is pulled."""
    return f"controller{place}" if drive.kind == "sata" else drive_id(place)


def drive_id(place: int) -> str:
    return f"drive{place}"


def surroundings(drive: Drive, place: int) -> list[Device]:
    """What must be there before the drive: its port, and the controller of a SATA drive."""
    if drive.kind == "scsi":
        return []
    port: Device = {
        "driver": "pcie-root-port",
        "id": f"port{place}",
        "chassis": place,
        "slot": place,
    }
    if drive.kind == "nvme":
        return [port]
    return [port, {"driver": "ich9-ahci", "id": f"controller{place}", "bus": f"port{place}"}]


def drive_device(drive: Drive, place: int) -> Device:
    """The drive itself, also what is put back by QMP's device_add."""
    driver, bus = {
        "sata": ("ide-hd", f"controller{place}.0"),
        "nvme": ("nvme", f"port{place}"),
        "scsi": ("scsi-hd", f"{SCSI_BUS}.0"),
    }[drive.kind]
    basis: Device = {"driver": driver, "id": drive_id(place), "drive": f"block{place}", "bus": bus}
    return {**basis, "serial": drive.serial, **dict(drive.options)}


def drive_arguments(drives: Sequence[Drive]) -> list[str]:
    """The whole shelf on QEMU's command line, in order of places."""
    arguments = device({"driver": "virtio-scsi-pci", "id": SCSI_BUS})
    for place, drive in enumerate(drives, 1):
        arguments += ["-blockdev", json.dumps(_block(drive, place))]
        for each in (*surroundings(drive, place), drive_device(drive, place)):
            arguments += device(each)
    return arguments


def _block(drive: Drive, place: int) -> dict[str, str | int | bool]:
    size_bytes = drive.size_bytes // SECTOR_BYTES * SECTOR_BYTES
    name = f"block{place}"
    return {"driver": "null-co", "node-name": name, "size": size_bytes, "read-zeroes": True}
