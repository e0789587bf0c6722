"""Identity never changes: the frozen vectors, the makers of the published tables, and its laws."""

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bus.identity import (
    MAKERS,
    collapse,
    drive_key,
    key_hash,
    manufacturer,
    normal_model,
    normal_serial,
    partition,
    split_key,
)

ROOT = Path(__file__).parents[2]
VECTORS: dict[str, Any] = json.loads(
    (ROOT / "tests" / "frozen" / "identity.json").read_text(encoding="utf-8")
)
PUBLISHED = ROOT.parent / "shared" / "data" / "backblaze" / "published_rows.csv"
SERIES = re.compile(r"\((\w+)\)")
"""The published tables of early years write `Barracuda LP (ST31500541AS)`."""
REAL_MODEL = re.compile(r"[A-Z]{2,4}\d\w{4,}")

TEXT = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1)
SERIAL = TEXT.filter(lambda text: collapse(text) != "")
MODEL = st.one_of(
    SERIAL, st.builds("{} {}".format, st.sampled_from([*MAKERS, "SSD", "wdc  WD"]), SERIAL)
)


@pytest.mark.parametrize("row", VECTORS["models"], ids=lambda row: repr(row["raw"]))
def test_a_model_keeps_its_name_and_maker(row: dict[str, str]) -> None:
    assert normal_model(row["raw"]) == row["model"]
    assert manufacturer(row["raw"]) == row["manufacturer"]


@pytest.mark.parametrize("row", VECTORS["keys"], ids=lambda row: row["key"])
def test_a_drive_keeps_its_key_and_its_hash(row: dict[str, str]) -> None:
    assert drive_key(row["serial"], row["model"]) == row["key"]
    assert f"{key_hash(row['key']):016x}" == row["hash"]


@pytest.mark.parametrize("row", VECTORS["partitions"], ids=lambda row: row["serial"])
@pytest.mark.parametrize("partitions", [1, 12, 24])
def test_a_drive_keeps_its_partition(row: dict[str, Any], partitions: int) -> None:
    assert partition(row["serial"], partitions) == row["of"][str(partitions)]


def published() -> dict[str, str]:
    """Model number -> maker as published, for the rows that name a model and not a series."""
    with PUBLISHED.open(encoding="utf-8", newline="") as file:
        rows = [(row["model"], row["manufacturer"]) for row in csv.DictReader(file)]
    named = {(SERIES.search(model) or [model, model])[1]: maker for model, maker in rows}
    return {model: maker for model, maker in named.items() if REAL_MODEL.fullmatch(model)}


@pytest.mark.skipif(not PUBLISHED.exists(), reason=f"the published rows are not at {PUBLISHED}")
def test_every_published_model_has_its_published_maker() -> None:
    expected = published()
    assert len(expected) > 50
    told = {model: manufacturer(model) for model in expected}
    assert told == {
        model: {"Western Digital": "WDC"}.get(maker, maker) for model, maker in expected.items()
    }


def test_spellings_of_the_public_data_set_are_one_model() -> None:
    spellings = ["WDC WUH721816ALE6L4", "WUH721816ALE6L4", "WDC  WUH721816ALE6L4 "]
    assert {normal_model(raw) for raw in spellings} == {"WUH721816ALE6L4"}
    assert {manufacturer(raw) for raw in spellings} == {"WDC"}


@pytest.mark.parametrize("raw", ["WDC", "Seagate SSD", "Seagate  ssd"])
def test_a_name_that_is_no_model_stays_whole(raw: str) -> None:
    assert normal_model(raw) == collapse(raw)


@given(MODEL)
@example("WDC WD Blue SN570 1TB")
@example("HITACHI HGST HUA723030ALA640")
@example("Dell Seagate SSD")
def test_a_normal_model_is_normal_already(raw: str) -> None:
    """So a verdict given on a drive's key reaches the same drive."""
    assert normal_model(normal_model(raw)) == normal_model(raw) != ""


@given(SERIAL, MODEL)
@example("a:b%3A", "c:d")
def test_a_key_parts_into_what_it_was_made_of(serial: str, model: str) -> None:
    key = drive_key(serial, model)
    assert split_key(key) == (normal_serial(serial), normal_model(model))
    assert drive_key(*split_key(key)) == key


@given(SERIAL, MODEL, SERIAL, MODEL)
@example("a:b", "c", "a", "b:c")
@example("a%3Ab", "c", "a:b", "c")
def test_two_drives_have_two_keys(serial: str, model: str, other: str, its_model: str) -> None:
    one = (normal_serial(serial), normal_model(model))
    two = (normal_serial(other), normal_model(its_model))
    assert (drive_key(serial, model) == drive_key(other, its_model)) == (one == two)


@given(SERIAL, st.integers(1, 256))
def test_a_partition_depends_on_the_serial_alone_however_spaced(serial: str, count: int) -> None:
    assert 0 <= partition(serial, count) < count
    assert partition(f"  {serial}\t", count) == partition(serial, count)


@pytest.mark.parametrize("key", ["", "ZL2ABC01", ":ST4000DM000", "ZL2ABC01:"])
def test_a_text_that_is_no_key_is_told(key: str) -> None:
    with pytest.raises(ValueError, match="SERIAL:MODEL"):
        split_key(key)
