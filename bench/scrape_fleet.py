"""The figures of a fleet of as many series as wanted, for benches of serving."""

from datetime import date

from aggregator.rates.afr import rates
from aggregator.rates.figures import CohortRow, Figures, ModelRow, StateRow
from aggregator.rates.windows import windows

MODELS = 140  # about as many as were ever bought for 355,000 drives
END = date(2026, 8, 11)


def fleet(series: int) -> Figures:
    """Figures of about so many series: as many sites as it takes."""
    spans = windows(END, date(2013, 4, 10))
    sites = max(1, round(series / (MODELS * (2 * len(spans) + 3))))
    names = [("Seagate", f"ST{number}000NM{number:03}J") for number in range(MODELS)]
    told = rates([n % 97 for n in range(MODELS)], [1_000 + 12_345 * n for n in range(MODELS)])
    return Figures(
        as_of=END,
        windows_end=END,
        open=False,
        preliminary=False,
        simulated=False,
        windows=spans,
        models=tuple(
            ModelRow(*name, "data", span.name, n, n, told[n])
            for span in spans
            for n, name in enumerate(names)
        ),
        fleet=(),
        cohorts=tuple(
            CohortRow(*name, f"site-{site:02}", "data", span.name, 12_345 * n + site, n % 97)
            for n, name in enumerate(names)
            for site in range(sites)
            for span in spans
        ),
        states=tuple(
            StateRow(*name, f"site-{site:02}", "data", "active", n + 1, 400 * n, n + 1)
            for n, name in enumerate(names)
            for site in range(sites)
        ),
        infos=(),
    )
