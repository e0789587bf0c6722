"""What several tests of the aggregator need."""

from tests.bus.conftest import small_disk

__all__ = ["small_disk"]
