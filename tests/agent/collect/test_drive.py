"""Who a drive is, by its own word."""

import math

import pytest

from agent.collect.answer import Json
from bus import belief
from bus.contract import Drive
from tests.agent.collect.answers import NVME, SCSI, drive_of, sata_drive, told


def test_an_ata_drive_is_known_by_what_it_says() -> None:
    json = sata_drive(
        "ZHZ1",
        firmware_version="SN05",
        wwn={"naa": 5, "oui": 3152, "id": 3349262336},
        user_capacity={"bytes": 12000138625024},
        rotation_rate=7200,
    )
    assert drive_of(json) == Drive(
        serial="ZHZ1",
        model="ST12000NM0008-2H3101",
        wwn="5000c500c7a1b000",
        firmware="SN05",
        capacity_bytes=12000138625024,
        media="hdd",
        protocol="ata",
        rotation_rpm=7200,
    )


def test_a_scsi_drive_is_its_vendor_and_product() -> None:
    assert drive_of(SCSI).model == "SEAGATE ST10000NM0096"
    assert drive_of(SCSI | {"scsi_model_name": "SEAGATE X"}).model == "SEAGATE X"
    drive = drive_of(told(vendor="HITACHI", product="H10", revision="A1", serial_number="P4"))
    assert (drive.model, drive.firmware) == ("HITACHI H10", "A1")


def test_an_nvme_drive_tells_capacity_and_name_by_its_namespaces() -> None:
    space = {"size": {"bytes": 960197124096}, "eui64": {"oui": 9528, "ext_id": 553497146765}}
    drive = drive_of(NVME | {"nvme_namespaces": [space]})
    assert (drive.capacity_bytes, drive.media, drive.protocol) == (960197124096, "ssd", "nvme")
    assert drive.wwn == "00253880df00358d"
    whole = drive_of(NVME | {"nvme_namespaces": [space], "nvme_total_capacity": 10**12})
    assert whole.capacity_bytes == 10**12
    assert drive_of(NVME).capacity_bytes is None


@pytest.mark.parametrize(
    ("fields", "wwn"),
    [
        ({"logical_unit_id": "0x5000C50094A72E3B"}, "5000c50094a72e3b"),
        ({"logical_unit_id": "0x0000000000000000"}, ""),
        ({"logical_unit_id": "[No Information Found]"}, ""),
        ({"wwn": {"naa": 0, "oui": 0, "id": 0}}, ""),
        ({"wwn": {"naa": 5, "oui": 2**24, "id": 1}}, ""),
        ({"wwn": {"naa": 5, "oui": -1, "id": 1}}, ""),
        ({"wwn": {"naa": 5, "oui": 1}}, ""),
        ({"wwn": 5}, ""),
    ],
)
def test_a_world_wide_name_is_hex_digits_or_nothing(fields: Json, wwn: str) -> None:
    assert drive_of(SCSI | fields).wwn == wwn


@pytest.mark.parametrize("size", [-1, 0, 10**15 + 1, 2**64, "12", 1.5, True, None, math.inf])
def test_a_capacity_that_cannot_be_is_unknown(size: object) -> None:
    drive = drive_of(sata_drive("Z1", user_capacity={"bytes": size}))
    assert drive.capacity_bytes is None


@pytest.mark.parametrize(
    ("rotation", "media", "rpm"),
    [(0, "ssd", None), (7200, "hdd", 7200), (-1, "", None), (10**6, "", None), (None, "", None)],
)
def test_what_turns_is_a_hard_disk(rotation: int | None, media: str, rpm: int | None) -> None:
    drive = drive_of(sata_drive("Z1", rotation_rate=rotation))
    assert (drive.media, drive.rotation_rpm) == (media, rpm)


def test_texts_are_what_an_event_may_carry() -> None:
    drive = drive_of(sata_drive(" Z\x001\u202e\ud800 ", model_name="ST  12\t3" + "x" * 5_000))
    assert drive.serial == "Z1"
    assert drive.model.startswith("ST 12 3xxx")
    assert belief.judge_identity(drive.serial, drive.model) is None
