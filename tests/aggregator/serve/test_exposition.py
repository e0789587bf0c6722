"""The exposition against the library, against promtool, and against what was agreed on."""

import gzip
import os
import shutil
import subprocess
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from aggregator.rates.figures import Figures
from aggregator.serve.exposition import Exposition, expose, render
from aggregator.serve.metrics import WINDOW_AFR
from aggregator.serve.samples import Family, figure_families, process_families
from aggregator.serve.source import ProcessFigures

GOLDEN = Path(__file__).parent / "golden" / "exposition.txt"
LINT_ALLOWED = 'use base unit "seconds" instead of "days"'


class FromFamilies(Collector):
    """Our samples, as the library's own families."""

    def __init__(self, families: Iterable[Family]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        for metric, samples in self._families:
            kind = CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily
            family = kind(metric.name.removesuffix("_total"), metric.help, labels=metric.labels)
            for labels, number in samples:
                if number is not None:
                    family.add_metric(labels, number)
            yield family


def by_library(families: Iterable[Family]) -> bytes:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(FromFamilies([Family(m, list(samples)) for m, samples in families]))
    return generate_latest(registry)


def plain(exposition: Exposition, process: ProcessFigures) -> bytes:
    return b"".join(exposition.plain(process))


def zipped(exposition: Exposition, process: ProcessFigures) -> bytes:
    return b"".join(exposition.zipped(process))


def test_the_text_is_the_librarys_byte_for_byte(figures: Figures, process: ProcessFigures) -> None:
    ours = b"".join(render([*figure_families(figures), *process_families(process)]))
    assert ours == by_library([*figure_families(figures), *process_families(process)])


@given(
    st.lists(
        st.tuples(
            st.tuples(*[st.text(st.characters(exclude_categories=["Cs"]))] * 3),
            st.none() | st.floats() | st.integers(-(10**15), 10**15),
        ),
        max_size=20,
    )
)
def test_any_text_and_number_is_written_as_the_library_writes_it(
    samples: list[tuple[tuple[str, ...], float | None]],
) -> None:
    family = Family(WINDOW_AFR, samples)
    assert b"".join(render([family])) == by_library([family])


def test_pieces_join_to_the_same_text_however_many_lines() -> None:
    family = Family(WINDOW_AFR, [(("a", "b", str(n)), n) for n in range(1_001)])
    assert b"".join(render([family])) == by_library([family])


def test_the_exposition_is_what_was_agreed_on(figures: Figures, process: ProcessFigures) -> None:
    told = plain(expose(figures), process)
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_bytes(told)
    assert told.decode().splitlines() == GOLDEN.read_text(encoding="utf-8").splitlines(), (
        "the exposition has changed; if it should have, run with UPDATE_GOLDEN=1 and look at the"
        " difference: rules and dashboards read these names"
    )


def test_the_gzip_form_is_one_whole_member_with_the_same_text(
    figures: Figures, process: ProcessFigures
) -> None:
    exposition = expose(figures)
    told = zipped(exposition, process)
    reader = zlib.decompressobj(zlib.MAX_WBITS | 16)
    assert reader.decompress(told) == plain(exposition, process)
    assert reader.eof
    assert reader.unused_data == b""
    assert gzip.decompress(told) == plain(exposition, process)


def test_each_scrape_goes_on_from_the_same_figures(
    figures: Figures, process: ProcessFigures
) -> None:
    exposition = expose(figures)
    later = msgspec.structs.replace(process, view_age_s=3_600.5)
    first, second = zipped(exposition, process), zipped(exposition, later)
    assert gzip.decompress(second) == plain(exposition, later)
    assert b"drivefleet_view_age_seconds 3600.5\n" in gzip.decompress(second)
    assert zipped(exposition, process) == first


def test_more_models_than_the_cap_are_told_as_other(
    figures: Figures, process: ProcessFigures
) -> None:
    told = plain(expose(figures, 1), process)
    assert b'model="other"' in told
    assert b"ST4000DM000" not in told


def test_no_serial_no_timestamp_and_no_created_series(
    figures: Figures, process: ProcessFigures
) -> None:
    for line in plain(expose(figures), process).decode().splitlines():
        assert "_created" not in line
        if not line.startswith("#"):
            assert len(line.rsplit("}", 1)[-1].split()) in (1, 2)
            assert "serial=" not in line


def test_promtool_has_no_remark_but_on_drive_days(
    figures: Figures, process: ProcessFigures
) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        if os.environ.get("CI"):
            pytest.fail("promtool is absent, and CI is set: install the package prometheus")
        pytest.skip("promtool is absent: it comes with the package prometheus")
    done = subprocess.run(
        [promtool, "check", "metrics"],
        input=plain(expose(figures), process),
        capture_output=True,
        check=False,
    )
    remarks = (done.stdout + done.stderr).decode().splitlines()
    assert len(remarks) == 2, remarks  # window_drive_days and fleet_drive_days
    assert all("drive_days" in remark and LINT_ALLOWED in remark for remark in remarks), remarks
