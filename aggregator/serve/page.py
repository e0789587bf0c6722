"""The page for people: one table of models with their intervals, readable in light and dark.

Rules: every text is escaped where it is put into HTML; nothing is fetched from anywhere else and
no script runs; the style stands in the page and is named by its hash in the response's policy.
"""

import base64
import hashlib
from html import escape
from importlib.resources import files
from string import Template

from aggregator.rates.figures import Figures, WindowName
from aggregator.serve.answers import ModelsAnswer, models_answer
from aggregator.serve.source import ProcessFigures
from aggregator.serve.table import WINDOW_TITLES, fleet_tiles, model_table, window_links

REFRESH_S = 60
START_REFRESH_S = 2


class Page:
    """The landing page; one for the life of the process."""

    def __init__(self, template: str, style: str) -> None:
        self._template = Template(template)
        self._style = style
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        self.style_source = f"'sha256-{digest}'"
        """What a content security policy names this page's style by."""

    def starting(self, process: ProcessFigures) -> str:
        """The page before the first view."""
        text = "Reading what is known of the drives. This page shows them as soon as it is done."
        return self._fill("lifetime", "starting", text, "", process, START_REFRESH_S)

    def models(self, figures: Figures, window: WindowName, process: ProcessFigures) -> str:
        """The table of data drives' models in one window."""
        told = models_answer(figures, "data", window)
        body = fleet_tiles(told.fleet) + window_links(window) + model_table(told)
        return self._fill(window, WINDOW_TITLES[window], _subtitle(told), body, process, REFRESH_S)

    def _fill(
        self,
        window: WindowName,
        title: str,
        subtitle: str,
        body: str,
        process: ProcessFigures,
        refresh_s: int,
    ) -> str:
        """`subtitle` and `body` are HTML, the rest is text."""
        return self._template.substitute(
            refresh=f'<meta http-equiv="refresh" content="{refresh_s}">',
            title=escape(title),
            style=self._style,
            subtitle=subtitle,
            body=body,
            window=escape(window),
            freshness=escape(_freshness(process.view_age_s)),
            version=escape(process.version),
        )


def load_page() -> Page:
    """The page from the files beside this module."""
    here = files("aggregator.serve")
    return Page(
        here.joinpath("page.html").read_text(encoding="utf-8"),
        here.joinpath("page.css").read_text(encoding="utf-8"),
    )


def _subtitle(told: ModelsAnswer) -> str:
    until = f", rates up to {told.windows_end}" if told.windows_end else ""
    marks = (
        (told.open, "day still open"),
        (told.preliminary, "preliminary: few days yet"),
        (told.simulated, "simulated fleet"),
    )
    shown = "".join(f'<span class="mark">{escape(text)}</span>' for on, text in marks if on)
    return f"Data drives as of {told.as_of}{until} (UTC){shown}"


def _freshness(view_age_s: float | None) -> str:
    if view_age_s is None:
        return "not worked out yet"
    for seconds, unit in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if view_age_s >= 2 * seconds:
            return f"worked out {view_age_s / seconds:.0f} {unit} ago"
    return f"worked out {view_age_s:.0f} seconds ago"
