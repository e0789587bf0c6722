"""Every smartctl output collected from the world, as a drive here would have answered it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from agent.collect.answer import Answer, parse_output
from agent.collect.reading import Reading
from agent.collect.signs import read_smart
from agent.collect.snapshot import exit_status, understand
from agent.collect.table import SIGNATURE, read_table
from agent.config import Device
from bus.belief import judge_identity
from bus.identity import collapse

SHARED = Path(__file__).parents[4] / "shared" / "data" / "smartctl"
NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
DEVICE = Device("/dev/sda")

NO_MODEL = {
    # a SATA drive of smartctl before 7.2 asked as SCSI: vendor and product, no serial
    "sas_scsi/scrutiny_fork__col_smartctl_info_hitachi_autodetect.json",
    # a SATA SSD asked with `-d scsi`: its serial alone
    "sas_scsi/zabbix__HBA_with_SAS_1_63__a__j__dev_sdab__d_scsi.json",
    # NVMe drives asked with `-d scsi`: they end with 2 and tell nothing
    "sas_scsi/zabbix__server2_smartctl_52__a__j__dev_nvme0__d_scsi.json",
    "sas_scsi/zabbix__server2_smartctl_53__a__j__dev_nvme1__d_scsi.json",
    # the FARM log alone was asked for
    "partial/scrutiny_fork__web_smart-ata-farm.json",
}
"""Drives' answers that do not say who it is. All are unreadable."""
REFUSED = {
    # scsi_debug, which ends with 2 although it has told all
    "sas_scsi/qemu_live__sdd_aj.json",
}
"""Drives' answers with a bit that says there is no data, and data."""
NO_TABLE = {
    # cut off inside the table
    "raid/zbx__t_sata_ssd_megaraid_unknown.txt",
    # every line followed by a blank one
    "partial/zbx__e_disk-hdd1.smartctl-A.txt",
    "partial/zbx__e_disk-hdd2.smartctl-A.txt",
}
"""Texts of `smartctl -a` or `-A` whose table pySMART does not get. No drive here answers so."""
NOT_OF_A_DRIVE = ("aux", "scan", "empty")
LEFT_ALONE = ("standby", "denied_or_open_error", "usb_bridge")


class Capture(msgspec.Struct, frozen=True):
    """A line of the index; see its README."""

    file: str
    kind: str
    fmt: str
    model: str | None = None
    health: str | None = None
    exit: int | None = None

    @property
    def name(self) -> str:
        return self.file.removeprefix("captures/")


def captures(fmt: str) -> Iterator[tuple[Capture, Answer]]:
    if not SHARED.exists():
        pytest.skip("the collected outputs are not here: ../shared/data/smartctl")
    for line in (SHARED / "index.jsonl").read_bytes().splitlines():
        capture = msgspec.json.decode(line, type=Capture)
        if capture.fmt == fmt:
            json, lines = parse_output((SHARED / capture.file).read_bytes())
            table = read_table(DEVICE.path, lines)
            yield capture, Answer(json=json, lines=lines, attributes=table)


def readings(fmt: str) -> list[tuple[Capture, Answer, Reading]]:
    return [(one, answer, understand(DEVICE, answer, NOW)) for one, answer in captures(fmt)]


def test_every_json_of_a_drive_is_read_as_the_index_knows_it() -> None:
    """Model, health and exit status; `raid` and `failing` drives among them."""
    wrong: list[object] = []
    count = 0
    for capture, answer, reading in readings("json"):
        if capture.kind in (*NOT_OF_A_DRIVE, *LEFT_ALONE) or capture.name in NO_MODEL | REFUSED:
            continue
        count += 1
        found = (reading.state, reading.drive and reading.drive.model, reading.health)
        health = {"PASS": "passed", "FAIL": "failed", None: ""}[capture.health]
        if found != ("read", collapse(capture.model or ""), health):
            wrong.append((capture.name, found, capture.model, capture.health))
        if capture.exit is not None and exit_status(answer) != capture.exit:
            wrong.append((capture.name, exit_status(answer), capture.exit))
    assert not wrong
    assert count >= 213


def test_the_exceptions_are_unreadable() -> None:
    found = {one.name: reading for one, _, reading in readings("json")}
    assert {found[name].state for name in NO_MODEL | REFUSED} == {"unreadable"}
    assert {found[name].drive for name in NO_MODEL} == {None}
    assert all(found[name].drive for name in REFUSED)


def test_what_was_left_alone_says_why() -> None:
    """Denied, gone, asleep, behind a bridge; as JSON and as text."""
    for fmt in ("json", "txt"):
        for capture, answer, reading in readings(fmt):
            ended = 0 if capture.exit is None else capture.exit
            if capture.kind not in LEFT_ALONE or not ended & 0b11:
                continue
            if capture.kind == "standby":
                assert (reading.state, reading.reason) == ("asleep", ""), capture.name
            else:
                assert reading.state == "unreadable", capture.name
                assert reading.reason not in ("", "parse"), capture.name
                assert reading.detail, capture.name
            if capture.kind == "usb_bridge":
                assert reading.reason == "unknown_usb_bridge", capture.name
            again = msgspec.structs.replace(answer, exit_status=ended)
            assert understand(DEVICE, again, NOW).state == reading.state


def test_text_alone_is_never_taken_for_a_drive_that_was_read() -> None:
    found = readings("txt")
    assert {reading.state for _, _, reading in found} == {"asleep", "unreadable"}
    assert [one.kind for one, _, reading in found if reading.state == "asleep"] == ["standby"] * 3
    assert len(found) >= 766


def test_whatever_was_read_can_go_into_an_event() -> None:
    for fmt in ("json", "txt"):
        for capture, _, reading in readings(fmt):
            if reading.drive is not None:
                refused = judge_identity(reading.drive.serial, reading.drive.model)
                assert refused is None, capture.name
            assert set(re.sub(r"[0-9a-f]", "", reading.drive.wwn if reading.drive else "")) == set()


def test_pysmart_reads_every_table_of_smartctl_a() -> None:
    """`-x` prints tables of another form, for which it has nothing; a table without a blank line
    after it makes it raise. Neither costs more than the table: the JSON tells the same."""
    read = [
        (capture.name, answer.attributes, expected)
        for capture, answer in captures("txt")
        if any(SIGNATURE in line for line in answer.lines)
        and (expected := first_numbers(answer.lines))
    ]
    wrong = {name for name, found, expected in read if found != expected}
    assert wrong == NO_TABLE
    assert len(read) > len(NO_TABLE)


def test_pysmart_and_the_json_tell_the_same_table() -> None:
    both = [
        (read_smart(answer.json), answer.attributes)
        for _, answer in captures("json")
        if answer.json and any(SIGNATURE in line for line in answer.lines)
    ]
    assert both
    for of_json, of_text in both:
        assert of_json == of_text


def first_numbers(lines: tuple[str, ...]) -> dict[int, tuple[int, int]]:
    """The table of `smartctl -a`, read once more by its columns."""
    row = re.compile(
        r" *(\d+) \S+ +0x[0-9a-f]{4} +(\d+) +\d+ +\S+ +(?:Pre-fail|Old_age) +\S+ +\S+ +(\d+).*"
    )
    found = (match for line in lines if (match := row.fullmatch(line)))
    return {int(one[1]): (int(one[2]), int(one[3])) for one in found}
