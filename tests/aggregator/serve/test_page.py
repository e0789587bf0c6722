"""The page for people: what it shows, and that nothing in it can act."""

import re
from html.parser import HTMLParser

import msgspec
import pytest

from aggregator.rates.afr import rate
from aggregator.rates.figures import Figures
from aggregator.serve.chart import interval_chart, percent, percent_range
from aggregator.serve.page import Page, load_page
from aggregator.serve.source import ProcessFigures
from aggregator.serve.table import MOST_ROWS
from tests.aggregator.serve.served import HOSTILE


class Reader(HTMLParser):
    """What a browser would see: tags with their attributes, and the text between."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.fixture
def page() -> Page:
    return load_page()


def test_the_page_is_whole_and_shows_the_models(
    page: Page, figures: Figures, process: ProcessFigures
) -> None:
    seen = Reader(page.models(figures, "lifetime", process))
    assert seen.open == []
    for text in ("HMS5C4040BLE640", "250,000", "3.65 %", "2.36 to 5.39 %", "1.2.3"):
        assert any(text in part for part in seen.text), text
    assert "worked out 12 seconds ago" in " ".join(seen.text)


def test_a_hostile_model_name_is_text_and_nothing_else(
    page: Page, figures: Figures, process: ProcessFigures
) -> None:
    html = page.models(figures, "lifetime", process)
    seen = Reader(html)
    assert "<script" not in html
    assert HOSTILE in seen.text
    assert ("td", {"class": "name model", "title": HOSTILE}) in seen.tags


def test_nothing_is_fetched_no_script_runs_and_no_style_stands_aside(
    page: Page, figures: Figures, process: ProcessFigures
) -> None:
    for html in (page.models(figures, "90d", process), page.starting(process)):
        for tag, attributes in Reader(html).tags:
            assert tag not in ("script", "link", "img", "iframe", "object", "form", "base")
            assert not {"src", "style", "srcset", "onclick", "onload"} & set(attributes)
            assert not re.match(r"\w+:|//", attributes.get("href") or "")
        assert "url(" not in html
        assert "@import" not in html


def test_what_surely_fails_most_stands_first(
    page: Page, figures: Figures, process: ProcessFigures
) -> None:
    shown = page.models(figures, "lifetime", process)
    # 25 in 250,000 is surely more than 1 in 365, whatever the point rate says
    order = [shown.index(name) for name in ("ST4000DM000", "&lt;script", "HMS5C", ">NEW<")]
    assert order[2] < order[3]
    assert order[0] < order[2]
    assert sorted(order[:2]) == sorted(order)[:2]


def test_open_preliminary_and_simulated_days_are_marked(
    page: Page, figures: Figures, process: ProcessFigures
) -> None:
    assert 'class="mark"' not in page.models(figures, "90d", process)
    marked = msgspec.structs.replace(figures, open=True, preliminary=True, simulated=True)
    html = page.models(marked, "90d", process)
    for text in ("day still open", "preliminary", "simulated fleet"):
        assert f'<span class="mark">{text}' in html


def test_an_empty_fleet_says_what_to_do(
    page: Page, figures: Figures, process: ProcessFigures
) -> None:
    nothing = msgspec.structs.replace(
        figures, windows_end=None, windows=(), models=(), fleet=(), cohorts=(), states=(), infos=()
    )
    assert "drivefleet-agent run" in page.models(nothing, "lifetime", process)


def test_before_the_first_view_the_page_comes_back_by_itself(
    page: Page, process: ProcessFigures
) -> None:
    starting = msgspec.structs.replace(process, view_age_s=None)
    html = page.starting(starting)
    assert '<meta http-equiv="refresh" content="2">' in html
    assert "not worked out yet" in html


def test_each_window_can_be_chosen_and_the_chosen_one_is_marked(
    page: Page, figures: Figures, process: ProcessFigures
) -> None:
    html = page.models(figures, "last_quarter", process)
    assert '<span aria-current="page">Last quarter</span>' in html
    assert '<a href="?window=90d">' in html
    assert "2026-04-01 to 2026-06-30" in html


def test_a_very_large_fleet_is_cut_and_says_so(
    page: Page, figures: Figures, process: ProcessFigures
) -> None:
    row = next(row for row in figures.models if row.window == "lifetime" and row.role == "data")
    many = tuple(msgspec.structs.replace(row, model=f"M{n}") for n in range(MOST_ROWS + 7))
    html = page.models(msgspec.structs.replace(figures, models=many), "lifetime", process)
    assert html.count("<tr><td") == MOST_ROWS
    assert "7 more models" in html


@pytest.mark.parametrize(
    ("age_s", "told"),
    [
        (0.4, "0 seconds"),
        (119.0, "119 seconds"),
        (120.0, "2 minutes"),
        (7_200.0, "2 hours"),
        (172_800.0, "2 days"),
    ],
)
def test_freshness_is_told_in_the_unit_that_fits(
    page: Page, figures: Figures, process: ProcessFigures, age_s: float, told: str
) -> None:
    aged = msgspec.structs.replace(process, view_age_s=age_s)
    assert f"worked out {told} ago" in page.models(figures, "30d", aged)


def test_a_rate_is_told_with_two_decimals_and_an_unknown_one_with_none() -> None:
    assert percent(0.0151) == "1.51 %"
    assert percent_range(rate(57, 3_125_133)) == "0.50 to 0.86 %"
    assert percent(None) == percent_range(rate(0, 0)) == "\N{EN DASH}"


def test_a_chart_marks_a_rate_that_is_surely_above_the_fleets() -> None:
    told = rate(25, 250_000)  # 2.36 to 5.39 %
    assert 'class="above"' in interval_chart(told, 0.02, 0.1)
    assert 'class="rate"' in interval_chart(told, 0.03, 0.1)
    assert 'class="rate"' in interval_chart(told, None, 0.1)
    assert interval_chart(rate(0, 0), 0.02, 0.1) == ""


def test_a_chart_stays_within_its_frame() -> None:
    places = re.findall(r'(?:cx|x1|x2)="([\d.]+)"', interval_chart(rate(3, 30), 0.5, 0.01))
    assert len(places) == 5
    assert all(4 <= float(place) <= 136 for place in places)
    assert 'cx="4.0"' in interval_chart(rate(0, 30), None, 0.0)
