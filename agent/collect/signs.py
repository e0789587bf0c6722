"""The values a drive tells of itself, and the signs of failing among them (pure).

Rules:
- A sign is a count of what went wrong. Packed values (188 and its like) are none.
- A value that is missing, negative or beyond 64 bits is left out, never 0.
"""

import re
from collections.abc import Iterator
from itertools import islice

from agent.collect.answer import Json, Smart, at, flat, items, natural, shown, whole
from bus.contract import Signs

MAX_VALUES = 256
"""Of one kind: a drive has 30 attributes, a health log 20 entries."""
MAX_LOGGED_TESTS = 20
"""A SCSI self-test log's length."""
_NUMBER = re.compile(r"[0-9]{1,20}")
_ATA_FAILED, _ATA_PASSED = frozenset(range(3, 9)), frozenset({0})
_NVME_FAILED, _NVME_PASSED = frozenset({5, 6, 7}), frozenset({0})
_SCSI_FAILED, _SCSI_PASSED = frozenset(range(3, 8)), frozenset({0})
"""Self-test results; others were aborted or still run, and say nothing of the drive.
ATA: ACS-4 table 145; NVMe: Device Self-test Log; SCSI: SPC-4 log page 10h."""


def read_smart(told: Json) -> Smart:
    """{id: (normalized, raw)} from the JSON's attribute table.

    The raw value is the first whole number of what smartctl shows: the number beside it is packed.
    """
    found: Smart = {}
    for each in islice(items(told, "ata_smart_attributes", "table"), MAX_VALUES):
        number = whole(at(each, "id"))
        if number is not None and 0 < number < 256:
            found[number] = (natural(at(each, "value")), _raw(at(each, "raw")))
    return found


def read_nvme(told: Json) -> dict[str, int]:
    """The health log, named as in the JSON; sensors are numbered."""
    return _few(flat(at(told, "nvme_smart_health_information_log")))


def read_scsi(told: Json) -> dict[str, int]:
    """Error counters by operation, grown and pending defects, endurance used."""
    return _few(
        flat(at(told, "scsi_error_counter_log"))
        | flat(at(told, "scsi_grown_defect_list"), "grown_defect_list")
        | flat(at(told, "scsi_pending_defects", "count"), "pending_defects_count")
        | flat(
            at(told, "scsi_percentage_used_endurance_indicator"),
            "percentage_used_endurance_indicator",
        )
    )


def read_signs(told: Json, passed: bool | None, smart: Smart) -> Signs:
    log = "nvme_smart_health_information_log"
    return Signs(
        health_failed=None if passed is None else int(not passed),
        reallocated=_raw_of(smart, 5),
        reported_uncorrectable=_raw_of(smart, 187),
        pending=_raw_of(smart, 197),
        offline_uncorrectable=_raw_of(smart, 198),
        nvme_critical_warning=natural(at(told, log, "critical_warning")),
        nvme_media_errors=natural(at(told, log, "media_errors")),
        nvme_spare_low=_spare_low(told),
        scsi_grown_defects=natural(at(told, "scsi_grown_defect_list")),
        scsi_uncorrected=_uncorrected(told),
        self_test_failed=_self_test_failed(told),
    )


def _few(values: dict[str, int]) -> dict[str, int]:
    named = ((shown(name), value) for name, value in islice(values.items(), MAX_VALUES))
    return dict(named)


def _raw(value: object) -> int | None:
    text = at(value, "string")
    if not isinstance(text, str):
        return natural(at(value, "value"))
    match = _NUMBER.search(text)
    return natural(int(match[0])) if match else None


def _raw_of(smart: Smart, number: int) -> int | None:
    return smart.get(number, (None, None))[1]


def _spare_low(told: Json) -> int | None:
    log = at(told, "nvme_smart_health_information_log")
    spare, least = (
        natural(at(log, "available_spare")),
        natural(at(log, "available_spare_threshold")),
    )
    return None if spare is None or least is None else int(spare < least)


def _uncorrected(told: Json) -> int | None:
    """Of reading, writing and verifying together."""
    log = at(told, "scsi_error_counter_log")
    counts = [
        count
        for operation in ("read", "write", "verify")
        if (count := natural(at(log, operation, "total_uncorrected_errors"))) is not None
    ]
    return natural(sum(counts)) if counts else None


def _self_test_failed(told: Json) -> int | None:
    """Whether the newest self-test that came to an end failed; None when there is none."""
    for result, failed, passed in _results(told):
        if result in failed or result in passed:
            return int(result in failed)
    return None


def _results(told: Json) -> Iterator[tuple[int | None, frozenset[int], frozenset[int]]]:
    """Of each self-test, newest first, its result; and which results are failures or passes."""
    for log in ("extended", "standard"):
        for test in items(told, "ata_smart_self_test_log", log, "table"):
            status = natural(at(test, "status", "value"))
            yield None if status is None else status >> 4, _ATA_FAILED, _ATA_PASSED
    for test in items(told, "nvme_self_test_log", "table"):
        yield natural(at(test, "self_test_result", "value")), _NVME_FAILED, _NVME_PASSED
    for number in range(MAX_LOGGED_TESTS):
        result = natural(at(told, f"scsi_self_test_{number}", "result", "value"))
        yield result, _SCSI_FAILED, _SCSI_PASSED
