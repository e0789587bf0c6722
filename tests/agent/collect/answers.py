"""Answers of made-up drives, as smartctl writes them, and what is read from them."""

import json
from datetime import UTC, datetime

import msgspec

from agent.collect.answer import Answer, Json
from agent.collect.reading import Reading
from agent.collect.snapshot import understand
from agent.config import Device
from bus.contract import Drive

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
SDA = Device("/dev/sda", "sat")
BANNER = ["smartctl 7.3 2022-02-28 r5338 [x86_64-linux] (local build)", "Copyright (C) 2002-22", ""]


def told(status: int = 0, **fields: object) -> dict[str, object]:
    """JSON as smartctl writes it, with these fields beside its own."""
    return {"smartctl": {"version": [7, 3], "output": BANNER, "exit_status": status}, **fields}


def sata_drive(serial: str, **fields: object) -> dict[str, object]:
    """A healthy SATA drive."""
    drive: dict[str, object] = {
        "device": {"name": "/dev/sda", "type": "sat", "protocol": "ATA"},
        "model_name": "ST12000NM0008-2H3101",
        "serial_number": serial,
        "smart_status": {"passed": True},
    }
    return told() | drive | fields


def as_output(value: object) -> bytes:
    return json.dumps(value).encode()


NVME = told(
    device={"type": "nvme", "protocol": "NVMe"},
    model_name="SAMSUNG MZ1LB1T9HALS",
    serial_number="S436",
    smart_status={"passed": True},
)
SCSI = told(
    device={"type": "scsi", "protocol": "SCSI"},
    scsi_vendor="SEAGATE",
    scsi_product="ST10000NM0096",
    serial_number="ZA2",
)


def read(told: Json | None, **more: object) -> Reading:
    answer = msgspec.structs.replace(Answer(json=told), **more)
    return understand(SDA, answer, NOW)


def drive_of(told: Json) -> Drive:
    drive = read(told).drive
    assert drive is not None
    return drive
