"""The published catalogue is the one that is exported."""

from pathlib import Path

from aggregator.serve.catalogue import catalogue_text

PUBLISHED = Path(__file__).parents[3] / "docs/metrics.md"


def test_the_published_catalogue_is_generated_from_the_metrics() -> None:
    assert PUBLISHED.read_text(encoding="utf-8") == catalogue_text(), "run `make metrics`"
