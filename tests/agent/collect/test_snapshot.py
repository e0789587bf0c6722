"""What is made of an answer: the state, who the drive is, its values and its signs."""

import math
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.answer import Answer, Json, Smart, parse_output
from agent.collect.reading import Reading
from agent.collect.snapshot import understand
from agent.config import Device
from bus import belief, contract
from bus.contract import Drive, Signs, Snapshot
from bus.identity import drive_key
from tests.agent.collect.fake_smartctl import BANNER, as_output, sata_drive, told

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
SDA = Device("/dev/sda", "sat")
BEHIND_SAT = "Probable ATA device behind a SAT layer"
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


def read(json: Json | None, **more: object) -> Reading:
    answer = msgspec.structs.replace(Answer(json=json), **more)
    return understand(SDA, answer, NOW)


def drive_of(json: Json) -> Drive:
    drive = read(json).drive
    assert drive is not None
    return drive


def refused(words: str, status: int = 2) -> Json:
    return {"smartctl": {"messages": [{"string": words}], "exit_status": status}}


# The state


def test_a_drive_that_answers_is_read() -> None:
    reading = read(sata_drive("Z1"))
    assert (reading.state, reading.reason, reading.detail) == ("read", "", "")
    assert (reading.device, reading.observed_at, reading.health) == (SDA, NOW, "passed")


@pytest.mark.parametrize(
    "words",
    [
        "Device is in STANDBY mode, exit(2)",
        "Device is in STANDBY BY COMMAND mode, exit(2)",
        "Device is in SLEEP mode, exit(2)",
    ],
)
def test_a_sleeping_drive_is_asleep_not_failed(words: str) -> None:
    for reading in (
        read(refused(words)),
        read(None, lines=(*BANNER, words), exit_status=2),
        read(told(2), lines=(*BANNER, words), exit_status=2),
    ):
        assert (reading.state, reading.reason, reading.health) == ("asleep", "", "")


def test_a_drive_that_speaks_of_standby_and_answers_is_read() -> None:
    lines = (*BANNER, "Device is in STANDBY mode, or so it says")
    assert read(sata_drive("Z1"), lines=lines, exit_status=0).state == "read"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("Smartctl open device: /dev/sda [SAT] failed: Permission denied", "permission"),
        ("Smartctl open device: /dev/sda failed: Operation not permitted", "permission"),
        ("Smartctl open device: /dev/sda failed: No such device", "no_such_device"),
        ("/dev/sde: Unknown USB bridge [0x46f4:0x0001 (0x000)]", "unknown_usb_bridge"),
        ("/dev/sda: Unknown device type 'foo'", "unsupported"),
        ("/dev/sda: Unable to detect device type", "unsupported"),
        ("Read Device Identity failed: scsi error unsupported field", "unsupported"),
        ("Read NVMe Identify Controller failed: NVME_IOCTL_ADMIN_CMD: x", "identify_failed"),
        ("Smartctl open device: /dev/sda failed: Input/output error", "io_error"),
        ("something quite new", "identify_failed"),
    ],
)
def test_a_drive_that_cannot_be_read_has_a_reason(words: str, reason: str) -> None:
    reading = read(refused(words))
    assert (reading.state, reading.reason, reading.detail) == ("unreadable", reason, words)


def test_a_command_line_that_smartctl_refuses_is_unsupported() -> None:
    assert read(refused("x", status=1)).reason == "unsupported"


@pytest.mark.parametrize("status", [4, 8, 16, 32, 64, 128, 252])
def test_the_upper_bits_of_the_exit_status_tell_of_health_beside_data(status: int) -> None:
    assert read(sata_drive("Z1"), exit_status=status).state == "read"


@pytest.mark.parametrize("status", [1, 2, 3, 6, 129, 254])
def test_the_lower_bits_say_that_there_is_no_data(status: int) -> None:
    reading = read(sata_drive("Z1"), exit_status=status)
    assert reading.state == "unreadable"
    assert reading.drive is not None
    assert reading.health == ""


def test_the_status_of_the_process_counts_before_what_its_json_says() -> None:
    assert read(sata_drive("Z1") | told(2), exit_status=0).state == "read"


def test_a_timeout_is_unreadable_whatever_came_before_it() -> None:
    reading = read(sata_drive("Z1"), timed_out=True)
    assert (reading.state, reading.reason) == ("unreadable", "timeout")


def test_an_ata_drive_without_a_name_lacks_the_right_to_be_asked() -> None:
    """smartctl ends with 0: the kernel refused ATA commands, and a SCSI disk was left. Some kernels
    still tell its serial."""
    disk = {"type": "scsi", "protocol": "SCSI"}
    answers: tuple[tuple[Json, tuple[str, ...]], ...] = (
        (told(device=disk, scsi_vendor="ATA", scsi_product="ST12000NM0008"), ()),
        (told(device=disk, scsi_vendor="X", scsi_product="Y"), (BEHIND_SAT,)),
        (told(device=disk, serial_number="ZL2ABC01"), ()),
        (told(device={"protocol": "ATA"}, model_name="ST12000NM0008"), ()),
        (told(), ()),
    )
    for json, lines in answers:
        reading = read(json, lines=lines, exit_status=0)
        assert (reading.state, reading.reason) == ("unreadable", "permission")
        assert "CAP_SYS_RAWIO" in reading.detail


def test_a_scsi_disk_without_a_serial_does_not_send_people_after_permissions() -> None:
    disk = told(
        device={"protocol": "SCSI"},
        scsi_vendor="HP",
        scsi_product="LOGICAL VOLUME",
        serial_number="",
    )
    assert read(disk).reason == "identify_failed"


def test_a_drive_without_a_model_is_nobody() -> None:
    reading = read(NVME | {"model_name": " "})
    assert (reading.state, reading.reason, reading.drive) == ("unreadable", "identify_failed", None)
    assert "no model" in reading.detail


def test_words_of_a_drives_own_are_no_reason() -> None:
    """Text alone is not read; "not supported" in its sections does not say why."""
    lines = (*BANNER, "=== START OF INFORMATION SECTION ===", "SCT: not supported")
    assert read(None, lines=lines, exit_status=0).reason == "parse"


# Who it is


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


# Its values and signs


def attributes(*rows: tuple[int, int, str]) -> Json:
    table = [{"id": one, "value": value, "raw": {"string": raw}} for one, value, raw in rows]
    return {"ata_smart_attributes": {"table": table}}


def test_attributes_are_normalized_and_the_first_number_that_is_shown() -> None:
    shown = attributes((194, 64, "36 (Min/Max 24/40)"), (9, 100, "1203h+12m"), (3, 99, "-"))
    assert read(sata_drive("Z1", **shown)).smart == {194: (64, 36), 9: (100, 1203), 3: (99, None)}


def test_what_pysmart_read_comes_before_the_json() -> None:
    shown = attributes((5, 100, "8"))
    assert read(sata_drive("Z1", **shown), attributes={5: (100, 9)}).signs.reallocated == 9
    for nothing in (None, Smart()):
        assert read(sata_drive("Z1", **shown), attributes=nothing).signs.reallocated == 8


def test_the_signs_of_an_ata_drive() -> None:
    shown = attributes(
        (5, 1, "8"), (187, 1, "2"), (188, 1, "4295032833"), (197, 1, "16"), (198, 1, "0")
    )
    reading = read(sata_drive("Z1", **shown, smart_status={"passed": False}))
    assert reading.health == "failed"
    assert reading.signs == Signs(
        health_failed=1,
        reallocated=8,
        reported_uncorrectable=2,
        pending=16,
        offline_uncorrectable=0,
    )


def test_a_drive_that_tells_no_health_has_none() -> None:
    reading = read(sata_drive("Z1", smart_status={}))
    assert (reading.health, reading.signs.health_failed) == ("", None)


def test_the_signs_of_an_nvme_drive() -> None:
    log = {
        "critical_warning": 4,
        "available_spare": 9,
        "available_spare_threshold": 10,
        "media_errors": 7,
        "data_units_read": 2**100,
        "temperature_sensors": [40, 52],
    }
    reading = read(NVME | {"nvme_smart_health_information_log": log})
    assert reading.signs == Signs(
        health_failed=0, nvme_critical_warning=4, nvme_media_errors=7, nvme_spare_low=1
    )
    assert reading.nvme == {
        "critical_warning": 4,
        "available_spare": 9,
        "available_spare_threshold": 10,
        "media_errors": 7,
        "temperature_sensors_1": 40,
        "temperature_sensors_2": 52,
    }


def test_the_signs_of_a_scsi_drive() -> None:
    counters = {
        "read": {"total_uncorrected_errors": 3, "gigabytes_processed": "316009.846"},
        "write": {"total_uncorrected_errors": 1},
        "verify": {},
    }
    reading = read(SCSI | {"scsi_error_counter_log": counters, "scsi_grown_defect_list": 56})
    assert reading.signs == Signs(scsi_grown_defects=56, scsi_uncorrected=4)
    assert reading.scsi == {
        "read_total_uncorrected_errors": 3,
        "write_total_uncorrected_errors": 1,
        "grown_defect_list": 56,
    }


@pytest.mark.parametrize(
    ("results", "failed"),
    [
        ([0x00], 0),
        ([0x79, 0x00], 1),  # read failure
        ([0x00, 0x79], 0),  # it passed since
        ([0x19, 0xF9, 0x79], 1),  # aborted and still running say nothing
        ([0x19], None),
        ([], None),
    ],
)
def test_the_newest_self_test_that_ended_decides(results: list[int], failed: int | None) -> None:
    table = [{"status": {"value": value}} for value in results]
    reading = read(sata_drive("Z1", ata_smart_self_test_log={"standard": {"table": table}}))
    assert reading.signs.self_test_failed == failed


def test_self_tests_of_nvme_and_scsi_drives_count_too() -> None:
    log = {"table": [{"self_test_result": {"value": 1}}, {"self_test_result": {"value": 7}}]}
    assert read(NVME | {"nvme_self_test_log": log}).signs.self_test_failed == 1
    tests = {
        "scsi_self_test_0": {"result": {"value": 15}},
        "scsi_self_test_1": {"result": {"value": 0}},
        "scsi_self_test_2": {"result": {"value": 5}},
    }
    assert read(SCSI | tests).signs.self_test_failed == 0


@pytest.mark.parametrize(("celsius", "kept"), [(36, 36), (-5, -5), (255, None), (2**40, None)])
def test_a_temperature_beyond_what_drives_survive_is_unknown(
    celsius: int, kept: int | None
) -> None:
    assert read(sata_drive("Z1", temperature={"current": celsius})).temperature_celsius == kept


@pytest.mark.parametrize(("hours", "kept"), [(34222, 34222), (-1, None), (2**70, None)])
def test_hours_beyond_64_bits_are_unknown(hours: int, kept: int | None) -> None:
    assert read(sata_drive("Z1", power_on_time={"hours": hours})).power_on_hours == kept


# Whatever comes

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["bytes", "table", "value", "string", "raw", "id", "status", "current", "passed"]
            )
            | st.text(max_size=4),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)
FIELDS = [
    *("smartctl", "device", "wwn", "user_capacity", "rotation_rate", "temperature", "smart_status"),
    *("power_on_time", "ata_smart_attributes", "ata_smart_self_test_log", "logical_unit_id"),
    *("nvme_smart_health_information_log", "nvme_namespaces", "nvme_self_test_log"),
    *("scsi_error_counter_log", "scsi_grown_defect_list", "scsi_self_test_0", "firmware_version"),
    *("serial_number", "model_name", "vendor", "product"),
]


@given(st.dictionaries(st.sampled_from(FIELDS), VALUES), st.integers(0, 255) | st.none())
def test_any_json_makes_a_reading_that_an_event_can_carry(json: Json, status: int | None) -> None:
    for answered in (json, sata_drive("Z1") | json):
        believe(read(answered, exit_status=status))


@given(st.binary(max_size=200))
def test_any_output_makes_a_reading(output: bytes) -> None:
    json, lines = parse_output(output)
    reading = read(json, lines=lines)
    assert reading.state == "unreadable"


def test_json_that_is_deep_costs_no_drive() -> None:
    deep: object = 1
    for _ in range(500):
        deep = {"a": [deep]}
    reading = read(NVME | {"nvme_smart_health_information_log": {"b": 2, "c": deep}})
    assert reading.nvme == {"b": 2}


def test_what_goes_in_as_bytes_comes_out_as_fields() -> None:
    json, lines = parse_output(as_output(sata_drive("Z1")))
    assert json == sata_drive("Z1")
    assert lines == tuple(BANNER)


def believe(reading: Reading) -> None:
    """A reading of a drive that says who it is passes the bus's own rules, key and all."""
    if reading.drive is None:
        assert reading.state != "read"
        return
    fields = [field for field in Reading.__struct_fields__ if field in Snapshot.__struct_fields__]
    event = Snapshot(
        schema=contract.SCHEMA,
        day=NOW.date(),
        host="h",
        sent_at=NOW,
        **{name: getattr(reading, name) for name in fields},
    )
    decoded = contract.decode(contract.encode(event))
    assert decoded == event
    assert belief.judge(event, belief.window(NOW + timedelta(hours=1))) is None
    assert drive_key(reading.drive.serial, reading.drive.model)
