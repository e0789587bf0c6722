"""A drive's values and signs."""

import pytest

from agent.collect.answer import Json, Smart
from bus.contract import Signs
from tests.agent.collect.answers import NVME, SCSI, read, sata_drive


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
