"""Who a drive says it is: serial, model, WWN and the like, from smartctl's JSON (pure)."""

import re

from agent.collect.answer import Json, at, items, natural, shown, whole
from bus.contract import MAX_CAPACITY_BYTES, Drive, Media, Protocol

MAX_ROTATION_RPM = 30_000
"""Twice the fastest drive ever made."""
_PROTOCOLS: dict[str, Protocol] = {"ATA": "ata", "NVMe": "nvme", "SCSI": "scsi"}
_HEX_NAME = re.compile(r"(?:0x)?([0-9a-f]{8,32})")


def read_drive(told: Json) -> Drive | None:
    """The drive; None when it does not tell both serial and model."""
    serial, model = shown(at(told, "serial_number")), _model(told)
    if not serial or not model:
        return None
    rotation = natural(at(told, "rotation_rate"))
    spins = rotation is not None and 0 < rotation <= MAX_ROTATION_RPM
    return Drive(
        serial=serial,
        model=model,
        wwn=_wwn(told),
        firmware=_first(told, "firmware_version", "scsi_revision", "revision"),
        capacity_bytes=_capacity(told),
        media=_media(told, rotation, spins),
        protocol=read_protocol(told),
        rotation_rpm=rotation if spins else None,
    )


def read_protocol(told: Json) -> Protocol:
    return _PROTOCOLS.get(shown(at(told, "device", "protocol")), "")


def _model(told: Json) -> str:
    """SCSI tells vendor and product apart; smartctl since 7.2 also joins them."""
    if model := _first(told, "model_name", "scsi_model_name"):
        return model
    vendor, product = _first(told, "scsi_vendor", "vendor"), _first(told, "scsi_product", "product")
    return shown(f"{vendor} {product}") if product else ""


def _first(told: Json, *names: str) -> str:
    return next((text for name in names if (text := shown(at(told, name)))), "")


def _media(told: Json, rotation: int | None, spins: bool) -> Media:
    if spins:
        return "hdd"
    return "ssd" if rotation == 0 or read_protocol(told) == "nvme" else ""


def _capacity(told: Json) -> int | None:
    """Its bytes; of an NVMe drive those of all namespaces, else of the first."""
    namespaces = items(told, "nvme_namespaces")
    for value in (
        at(told, "nvme_total_capacity"),
        at(namespaces[0], "size", "bytes") if namespaces else None,
        at(told, "user_capacity", "bytes"),
    ):
        size = natural(value)
        if size and size <= MAX_CAPACITY_BYTES:
            return size
    return None


def _wwn(told: Json) -> str:
    """The world-wide name in small hex digits without 0x; an NVMe drive has an EUI-64 or NGUID."""
    namespaces = items(told, "nvme_namespaces")
    first = namespaces[0] if namespaces else None
    return (
        _joined(at(told, "wwn"), (("naa", 1), ("oui", 6), ("id", 9)))
        or _named(at(told, "logical_unit_id"))
        or _joined(at(first, "eui64"), (("oui", 6), ("ext_id", 10)))
        or _named(at(first, "eui64"))
        or _named(at(first, "nguid"))
    )


def _joined(value: object, parts: tuple[tuple[str, int], ...]) -> str:
    """The parts' hex digits side by side; "" when one is missing, too large, or all are 0."""
    digits = ""
    for name, width in parts:
        number = whole(at(value, name))
        if number is None or not 0 <= number < 16**width:
            return ""
        digits += f"{number:0{width}x}"
    return digits if digits.strip("0") else ""


def _named(value: object) -> str:
    match = _HEX_NAME.fullmatch(shown(value).lower())
    return match[1] if match and match[1].strip("0") else ""
