"""Rates for eyes: percentages, intervals, and a small drawing of a rate within its interval."""

from aggregator.rates.figures import Rate

WIDTH = 140
HEIGHT = 14
EDGE = 4  # room for a mark's own size

UNKNOWN = "–"  # noqa: RUF001  # an en dash, as tables have it for nothing known


def percent(fraction: float | None) -> str:
    """A rate with two decimals, as the published tables print it."""
    return UNKNOWN if fraction is None else f"{100 * fraction:.2f} %"


def percent_range(rate: Rate) -> str:
    """The interval of a rate: "0.50 to 0.86 %"."""
    if rate.lower is None or rate.upper is None:
        return UNKNOWN
    return f"{100 * rate.lower:.2f} to {100 * rate.upper:.2f} %"


def interval_chart(rate: Rate, fleet_afr: float | None, scale: float) -> str:
    """An inline SVG: the interval as a bar, the rate as a dot, the fleet's rate as a line.

    `scale` is the rate at the right end; what lies beyond is drawn at the end. The dot is marked
    when the whole interval lies above the fleet's rate. Numbers alone go into the text.
    """
    if rate.afr is None or rate.lower is None or rate.upper is None:
        return ""
    middle = HEIGHT / 2
    above = fleet_afr is not None and rate.lower > fleet_afr
    fleet = "" if fleet_afr is None else _line("fleet", fleet_afr, fleet_afr, scale, 0, HEIGHT)
    return (
        f'<svg width="{WIDTH}" height="{HEIGHT}" role="img" aria-label="{percent_range(rate)}">'
        f"{_line('span', rate.lower, rate.upper, scale, middle, middle)}{fleet}"
        f'<circle class="{"above" if above else "rate"}"'
        f' cx="{_place(rate.afr, scale):.1f}" cy="{middle:.1f}" r="3"/></svg>'
    )


def _line(kind: str, start: float, end: float, scale: float, top: float, bottom: float) -> str:
    return (
        f'<line class="{kind}" x1="{_place(start, scale):.1f}" x2="{_place(end, scale):.1f}"'
        f' y1="{top:.1f}" y2="{bottom:.1f}"/>'
    )


def _place(rate: float, scale: float) -> float:
    share = min(1.0, rate / scale) if scale > 0 else 0.0
    return EDGE + share * (WIDTH - 2 * EDGE)
