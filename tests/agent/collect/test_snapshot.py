"""What is made of an answer: read, asleep or unreadable, and a reading whatever it is."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.answer import Json, parse_output
from agent.collect.reading import Reading
from bus import belief, contract
from bus.contract import Snapshot
from bus.identity import drive_key
from tests.agent.collect.answers import BANNER, NOW, NVME, SDA, as_output, read, sata_drive, told

BEHIND_SAT = "Probable ATA device behind a SAT layer"


def refused(words: str, status: int = 2) -> Json:
    return {"smartctl": {"messages": [{"string": words}], "exit_status": status}}


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
