"""The figures of one window as HTML: tiles of the fleet, links to windows, the table of models.

Rule: every text from outside is escaped where it is put into HTML.
"""

from collections.abc import Sequence
from html import escape

from aggregator.rates.figures import FleetRow, ModelRow, WindowName
from aggregator.serve.answers import WINDOWS, ModelsAnswer
from aggregator.serve.chart import interval_chart, percent, percent_range

MOST_ROWS = 200
"""A page of more is not read; the API tells them all."""

WINDOW_TITLES: dict[WindowName, str] = {
    "30d": "30 days",
    "90d": "90 days",
    "365d": "365 days",
    "qtd": "Quarter to date",
    "last_quarter": "Last quarter",
    "ytd": "Year to date",
    "lifetime": "Lifetime",
}


def fleet_tiles(fleet: FleetRow | None) -> str:
    """The fleet's numbers in one window; nothing where there is no fleet yet."""
    if fleet is None:
        return ""
    rate = fleet.rate
    tiles = (
        ("Drives", f"{fleet.drives:,}", f"{fleet.drives_seen:,} seen in the window"),
        ("Drive-days", f"{rate.drive_days:,}", ""),
        ("Failures", f"{rate.failures:,}", ""),
        ("Annualized failure rate", percent(rate.afr), percent_range(rate)),
    )
    inner = "".join(
        f"<div><dt>{name}</dt><dd>{value} <small>{escape(beside)}</small></dd></div>"
        for name, value, beside in tiles
    )
    return f'<dl class="tiles">{inner}</dl>'


def window_links(chosen: WindowName) -> str:
    """Links to the page's other windows."""
    links = "".join(
        f'<span aria-current="page">{WINDOW_TITLES[name]}</span>'
        if name == chosen
        else f'<a href="?window={name}">{WINDOW_TITLES[name]}</a>'
        for name in WINDOWS
    )
    return f'<nav class="windows" aria-label="window">{links}</nav>'


def model_table(told: ModelsAnswer) -> str:
    """What surely fails most comes first: by the lower bound, then by how much is known."""
    if not told.models:
        return (
            '<p class="note">No drive has been seen yet. Start an agent on a host'
            " (<code>drivefleet-agent run</code>), or replay history into the log.</p>"
        )
    ranked = sorted(
        told.models,
        key=lambda row: (
            -(row.rate.lower or 0.0),
            -row.rate.drive_days,
            row.manufacturer,
            row.model,
        ),
    )
    fleet_afr = told.fleet.rate.afr if told.fleet else None
    scale = _scale(told.models)
    rows = "".join(_row(row, fleet_afr, scale) for row in ranked[:MOST_ROWS])
    table = f"<table>{_head(told)}<tbody>{rows}</tbody></table>"
    return f'<div class="scroll">{table}</div>{_more(ranked)}'


def _head(told: ModelsAnswer) -> str:
    span = f"{told.window.first} to {told.window.last}, " if told.window else ""
    return (
        f"<caption>{span}highest certain rate first; the bar is the exact 95 % interval,"
        " the dashed line the fleet</caption><thead><tr>"
        '<th class="name maker" scope="col">Manufacturer</th>'
        '<th class="name" scope="col">Model</th>'
        '<th scope="col">Drives</th><th class="days" scope="col">Drive-days</th>'
        '<th scope="col">Failures</th><th scope="col">AFR</th><th scope="col">95 % interval</th>'
        '<th class="chart" scope="col"><span aria-hidden="true"></span></th></tr></thead>'
    )


def _row(row: ModelRow, fleet_afr: float | None, scale: float) -> str:
    rate = row.rate
    return (
        f'<tr><td class="name maker">{escape(row.manufacturer)}</td>'
        f'<td class="name model" title="{escape(row.model)}">{escape(row.model)}</td>'
        f'<td>{row.drives:,}</td><td class="days">{rate.drive_days:,}</td>'
        f"<td>{rate.failures:,}</td><td>{percent(rate.afr)}</td><td>{percent_range(rate)}</td>"
        f'<td class="chart">{interval_chart(rate, fleet_afr, scale)}</td></tr>'
    )


def _scale(rows: Sequence[ModelRow]) -> float:
    """The rate at the charts' right end: a little above the highest that is well known."""
    known = [row.rate for row in rows if row.rate.upper is not None]
    most_days = max((rate.drive_days for rate in known), default=0)
    weighty = [rate.upper or 0.0 for rate in known if rate.drive_days * 20 >= most_days]
    return max(weighty, default=1.0)


def _more(ranked: Sequence[ModelRow]) -> str:
    left = len(ranked) - MOST_ROWS
    return f'<p class="note">{left:,} more models in the JSON below.</p>' if left > 0 else ""
