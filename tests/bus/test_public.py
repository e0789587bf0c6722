"""A row of the public data set as an event: every quirk of data/backblaze/NOTES.md."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bus import belief, contract
from bus.belief import Rejected
from bus.contract import Drive, Place, Signs, Snapshot
from bus.public import EXPECTED, ForeignHeaderError, RowReader

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
BASIC = ["date", "serial_number", "model", "capacity_bytes", "failure"]


def read(
    row: dict[str, str], extra: tuple[str, ...] = (), *, cut: int | None = None
) -> Snapshot | Rejected:
    """The event of a row that has the basic columns, the extra ones, and these values."""
    header = [*BASIC, *extra]
    usual = {
        "date": "2018-02-24",
        "serial_number": "ZA1",
        "model": "ST4000DM000",
        "capacity_bytes": "4000787030016",
        "failure": "0",
    }
    values = usual | row
    return RowReader(header, sent_at=NOW)([values.get(name, "") for name in header][:cut])


def snapshot(row: dict[str, str], extra: tuple[str, ...] = ()) -> Snapshot:
    event = read(row, extra)
    assert isinstance(event, Snapshot)
    return event


def refusal(row: dict[str, str]) -> Rejected:
    event = read(row)
    assert isinstance(event, Rejected)
    return event


def test_a_row_is_an_imported_snapshot_that_names_no_host() -> None:
    columns = ("smart_5_raw", "smart_9_raw")
    event = snapshot({"smart_5_raw": "8", "smart_9_raw": "4103"}, columns)
    assert event == Snapshot(
        schema=contract.SCHEMA,
        day=date(2018, 2, 24),
        sent_at=NOW,
        imported=True,
        drive=Drive("ZA1", "ST4000DM000", capacity_bytes=4000787030016),
        power_on_hours=4103,
        signs=Signs(reallocated=8),
        smart={5: (None, 8), 9: (None, 4103)},
    )


def test_what_is_read_is_what_the_contract_carries() -> None:
    event = snapshot({"smart_9_raw": "1"}, ("smart_9_raw",))
    assert contract.decode(contract.encode(event)) == event


def test_columns_are_found_by_name_in_any_order() -> None:
    header = ["smart_5_raw", "failure", "model", "date", "vault_id", "serial_number"]
    event = RowReader(header, sent_at=NOW)(["3", "1", "ST1", "2020-01-01", "1102", "S1"])
    assert isinstance(event, Snapshot)
    assert (event.drive, event.failure) == (Drive("S1", "ST1"), True)
    assert (event.smart, event.place) == ({5: (None, 3)}, Place(vault="1102"))


def test_a_header_with_a_byte_order_mark_taken_off_may_have_spaces_around_names() -> None:
    reader = RowReader([f" {name} " for name in BASIC], sent_at=NOW)
    assert isinstance(reader(["2020-01-01", "S1", "ST1", "", "0"]), Snapshot)


@pytest.mark.parametrize("missing", ["date", "serial_number", "model", "failure"])
def test_a_missing_column_is_named(missing: str) -> None:
    header = [name for name in BASIC if name != missing]
    with pytest.raises(ForeignHeaderError, match=f"no column {missing};"):
        RowReader(header, sent_at=NOW)


def test_a_foreign_header_is_told_what_was_expected() -> None:
    with pytest.raises(ForeignHeaderError, match="no column date, serial_number") as caught:
        RowReader(["name", "model", "price"], sent_at=NOW)
    assert EXPECTED in str(caught.value)


def test_a_file_without_capacities_counts() -> None:
    reader = RowReader([name for name in BASIC if name != "capacity_bytes"], sent_at=NOW)
    event = reader(["2020-01-01", "S1", "ST1", "0"])
    assert isinstance(event, Snapshot)
    assert event.drive.capacity_bytes is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2018-02-25", date(2018, 2, 25)),
        ("2/25/18", date(2018, 2, 25)),
        ("02/25/2018", date(2018, 2, 25)),
        (" 2018-02-25 ", date(2018, 2, 25)),
    ],
)
def test_dates_are_read_as_the_files_write_them(text: str, day: date) -> None:
    assert snapshot({"date": text}).day == day


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2018-02-30", "13/1/18", "25/2/18", "20180225", "2018-2-5", "2/25/1"]
)
def test_what_is_not_a_date_is_refused(text: str) -> None:
    assert refusal({"date": text}).why == "bad_day"


@pytest.mark.parametrize("text", ["1970-01-01", "1999-12-31", "2026-11-25", "2100-01-01"])
def test_a_day_that_no_log_believes_is_refused_before_it_is_sent(text: str) -> None:
    refused = refusal({"date": text})
    assert refused.why == "bad_day"
    assert text in refused.detail


@pytest.mark.parametrize(
    ("text", "capacity"),
    [
        ("4000787030016", 4000787030016),
        ("1", 1),
        ("1000000000000000", 10**15),
        ("1000000000000001", None),
        ("600000000000000000", None),
        ("-1", None),
        ("0", None),
        ("", None),
        ("4 TB", None),
        ("9" * 5000, None),
    ],
)
def test_an_unusable_capacity_is_unknown_and_the_row_counts(
    text: str, capacity: int | None
) -> None:
    assert snapshot({"capacity_bytes": text}).drive.capacity_bytes == capacity


@pytest.mark.parametrize(
    "model",
    ["WDC WUH721816ALE6L4", "WUH721816ALE6L4", "WDC  WUH721816ALE6L0", "Seagate SSD", "WDC"],
)
def test_a_model_stays_as_it_is_written(model: str) -> None:
    assert snapshot({"model": model}).drive.model == model


def test_the_role_of_a_drive_is_never_decided_by_a_row() -> None:
    small = {"capacity_bytes": "250059350016", "pod_slot_num": ""}
    event = snapshot(small, ("pod_slot_num",))
    assert (event.role, event.drive.media) == ("data", "")


def test_the_place_keeps_its_zeros() -> None:
    columns = ("datacenter", "cluster_id", "vault_id", "pod_id", "pod_slot_num")
    values = dict(zip(columns, ("sac0", "03", "0470", "05", "07"), strict=True))
    assert snapshot(values, columns).place == Place(
        datacenter="sac0", cluster="03", vault="0470", pod="05", slot="07"
    )


def test_a_place_that_cannot_be_shown_is_unknown_and_the_row_counts() -> None:
    assert snapshot({"vault_id": "11\x0002"}, ("vault_id",)).place == Place()
    assert snapshot({"vault_id": "1" * 257}, ("vault_id",)).place == Place()


@pytest.mark.parametrize("legacy", ["False", "false", "True", ""])
def test_the_legacy_column_says_nothing(legacy: str) -> None:
    assert snapshot({"is_legacy_format": legacy}, ("is_legacy_format",)) == snapshot({})


def test_normalized_and_raw_values_stand_as_pairs() -> None:
    columns = ("smart_1_normalized", "smart_1_raw", "smart_5_normalized", "smart_9_raw")
    values = dict(zip(columns, ("118", "193", "100", "7"), strict=True))
    assert snapshot(values, columns).smart == {1: (118, 193), 5: (100, None), 9: (None, 7)}


def test_an_attribute_that_is_empty_is_left_out() -> None:
    columns = ("smart_1_normalized", "smart_1_raw", "smart_5_raw")
    event = snapshot({"smart_5_raw": "0"}, columns)
    assert (event.smart, event.signs) == ({5: (None, 0)}, Signs(reallocated=0))


def test_a_failed_drive_with_empty_columns_has_no_values_and_counts() -> None:
    event = snapshot({"failure": "1"}, ("smart_5_raw", "smart_9_raw"))
    assert event.failure
    assert (event.smart, event.signs, event.power_on_hours) == ({}, Signs(), None)


def test_rows_that_fill_different_columns_do_not_mix() -> None:
    reader = RowReader([*BASIC, "smart_5_raw", "smart_9_raw", "smart_197_raw"], sent_at=NOW)
    start = ["2020-01-01", "S1", "ST1", "", "0"]
    events = [reader([*start, *rest]) for rest in (["1", "2", "3"], ["", "4", "5"], ["6", "", ""])]
    assert [event.smart for event in events if isinstance(event, Snapshot)] == [
        {5: (None, 1), 9: (None, 2), 197: (None, 3)},
        {9: (None, 4), 197: (None, 5)},
        {5: (None, 6)},
    ]


def test_the_signs_are_four_raw_values() -> None:
    columns = tuple(f"smart_{number}_raw" for number in (5, 187, 188, 197, 198))
    values = dict(zip(columns, "12345", strict=True))
    assert snapshot(values, columns).signs == Signs(
        reallocated=1, reported_uncorrectable=2, pending=4, offline_uncorrectable=5
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("25.0", 25),
        ("-3", -3),
        (str(2**63 - 1), 2**63 - 1),
        (str(2**63), None),
        ("1" * 400, None),
        ("25 (Min/Max 18/40)", None),
        ("nan", None),
        ("inf", None),
        ("0x1f", None),
    ],
)
def test_a_smart_value_that_is_no_number_is_unknown_and_the_row_counts(
    text: str, value: int | None
) -> None:
    event = snapshot({"smart_9_raw": text, "smart_5_raw": "2"}, ("smart_5_raw", "smart_9_raw"))
    assert event.smart == {5: (None, 2), 9: (None, value)}
    assert event.power_on_hours == (value if value is not None and value >= 0 else None)


@pytest.mark.parametrize("text", ["", "2", "yes", "0.0", "-1"])
def test_a_failure_that_is_neither_0_nor_1_is_refused(text: str) -> None:
    refused = refusal({"failure": text})
    assert (refused.why, repr(text) in refused.detail) == ("bad_field", True)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"serial_number": ""}, "no_identity"),
        ({"serial_number": "   "}, "no_identity"),
        ({"model": ""}, "no_identity"),
        ({"serial_number": "Z" * 257}, "bad_text"),
        ({"serial_number": "ZA\x00"}, "bad_text"),
        ({"serial_number": "ZA\x07"}, "bad_text"),
        ({"model": "ST\udcff"}, "bad_text"),
    ],
)
def test_a_drive_without_a_usable_identity_is_refused(row: dict[str, str], why: str) -> None:
    assert refusal(row).why == why


def test_the_longest_identity_is_taken() -> None:
    assert snapshot({"serial_number": "Z" * 256, "model": "M" * 256}).drive.serial == "Z" * 256


@pytest.mark.parametrize("cut", [1, 4])
def test_a_row_that_is_cut_short_is_refused(cut: int) -> None:
    refused = read({}, cut=cut)
    assert refused == Rejected("bad_field", f"{cut} columns, the header has 5")


COLUMNS = (*BASIC, "smart_5_raw", "smart_9_normalized", "smart_9_raw", "vault_id", "pod_slot_num")
NUMBERS = st.one_of(st.integers(), st.floats()).map(str)
FIELDS = st.one_of(st.text(max_size=300), NUMBERS, st.sampled_from(["", "0", "1", "2018-02-24"]))


@given(st.lists(FIELDS, min_size=len(COLUMNS) - 1, max_size=len(COLUMNS)))
def test_whatever_a_row_holds_it_is_refused_or_believed_by_every_reader(row: list[str]) -> None:
    event = RowReader(COLUMNS, sent_at=NOW)(row)
    if isinstance(event, Snapshot):
        assert belief.judge(event, belief.window(NOW)) is None
        assert contract.decode(contract.encode(event)) == event


@given(st.fixed_dictionaries(dict.fromkeys(COLUMNS[5:], FIELDS) | {"capacity_bytes": FIELDS}))
def test_whatever_the_other_columns_hold_the_row_counts(row: dict[str, str]) -> None:
    event = snapshot(row, COLUMNS[5:])
    assert belief.judge(event, belief.window(NOW)) is None
    assert contract.decode(contract.encode(event)) == event
