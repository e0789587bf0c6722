"""The aggregator's settings, and those among them that are of serving."""

from msgspec.structs import asdict, replace

from aggregator.config import AggregatorSettings
from aggregator.serve.options import ServeOptions


def test_every_option_of_serving_is_a_setting_with_the_same_default() -> None:
    assert AggregatorSettings().serving == ServeOptions()
    names = ServeOptions.__struct_fields__
    assert set(names) <= set(AggregatorSettings.__struct_fields__)
    other = {
        name: 7 if isinstance(default, int) else f"other {name}"
        for name, default in asdict(ServeOptions()).items()
    }
    assert asdict(replace(AggregatorSettings(), **other).serving) == other
