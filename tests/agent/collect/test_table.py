"""The attribute table through pySMART, which asks nothing of its own and may fail."""

import subprocess

import pytest

from agent.collect.table import Told, read_table

HEAD = """\
smartctl 7.3 2022-02-28 r5338 [x86_64-linux] (local build)
Copyright (C) 2002-22, Bruce Allen, Christian Franke, www.smartmontools.org

=== START OF READ SMART DATA SECTION ===
SMART Attributes Data Structure revision number: 16
Vendor Specific SMART Attributes with Thresholds:
ID# ATTRIBUTE_NAME          FLAG     VALUE WORST THRESH TYPE      UPDATED  WHEN_FAILED RAW_VALUE
"""
ROW = (
    "194 Temperature_Celsius     0x0022   064   040   000    Old_age   Always       -       36 (1)"
)


def test_a_row_is_normalized_and_the_first_number_of_the_raw_value() -> None:
    assert read_table("/dev/sda", [*HEAD.splitlines(), ROW, ""]) == {194: (64, 36)}


def test_a_text_without_a_table_has_none() -> None:
    assert read_table("/dev/sda", HEAD.splitlines()[:4]) is None
    assert read_table("/dev/sda", []) is None


@pytest.mark.parametrize(
    "row",
    [
        ROW,  # no blank line after the table
        ROW.replace("194", "999") + "\n",  # no such attribute
        ROW.replace("0x0022", "-O---K") + "\n",  # the form of `-x`
    ],
)
def test_a_text_that_pysmart_trips_over_costs_the_table_alone(row: str) -> None:
    assert read_table("/dev/sda", [*HEAD.splitlines(), *row.split("\n")]) is None


def test_pysmart_starts_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr(subprocess.Popen, "__init__", refuse)
    assert read_table("/dev/sdb", [*HEAD.splitlines(), ROW, ""]) == {194: (64, 36)}


def test_what_pysmart_asks_beyond_the_text_is_not_there() -> None:
    told = Told(["a", "b"])
    assert told.all("/dev/sda", "sat") == ["a", "b"]
    assert told.generic_call(["-d", "scsi", "-l", "sasphy", "/dev/sda"]) == ([], 1)
    assert told.generic_call(["-d", "test", "/dev/sda"]) == ([], 1)
