"""The pages in a real browser: without an error, without a foreign resource, and no wider than the screen."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from recon_exporter import bundle
from recon_exporter.domain.document import DocumentContext, report_document, to_json
from recon_exporter.web.runbooks import Runbooks
from support.break_reports import (
    HOSTILE_NAMES,
    accepted_break,
    explained_break,
    fill_break,
    hostile_breaks,
    report_of_breaks,
    report_of_hostile_names,
    with_drift,
)
from support.browser import Browser, running_browser
from support.reports import broken_report

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from recon_exporter.domain.report import Report
    from support.serving import Served

pytestmark = [pytest.mark.needs_program("chromium"), pytest.mark.xdist_group("browser")]

RUN = "reconciliation_20260306T120000Z"
PATHS = (
    "/",
    "/breaks",
    "/breaks?bot=grid-btc",
    f"/breaks/{explained_break().identifier}",
    f"/breaks/{accepted_break().identifier}",
    f"/breaks/{fill_break().identifier}",
    "/runs",
    f"/runs/{RUN}",
    "/runbooks/",
    "/runbooks/ReconciliationBreaks",
    "/config",
)
PHONE, LAPTOP = 390, 1366
WIDTHS = (320, PHONE, LAPTOP)
"""The least is that of a laptop's screen at four times its size."""
RUNBOOKS = [f"/runbooks/{name}" for name in Runbooks(bundle.part("runbooks")).names()]
CONTEXT = DocumentContext(
    exchange_source_enabled=True, exchange_snapshot_path="s.json", thresholds_path="t.json", exporter_version="0.1.0"
)
CONTRASTS = """
(() => {
  const shade = colour => colour.match(/[\\d.]+/g).slice(0, 3)
    .map(part => part / 255).map(part => part <= .03928 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4)
    .reduce((sum, part, place) => sum + part * [.2126, .7152, .0722][place], 0);
  const ground = node => {
    for (; node; node = node.parentElement) {
      const colour = getComputedStyle(node).backgroundColor;
      if (colour !== "rgba(0, 0, 0, 0)") return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const poor = [];
  for (const node of document.querySelectorAll("main *, header *")) {
    if (![...node.childNodes].some(child => child.nodeType === 3 && child.data.trim())) continue;
    const both = [shade(getComputedStyle(node).color), shade(ground(node))].sort((one, other) => other - one);
    const contrast = (both[0] + .05) / (both[1] + .05);
    if (contrast < 4.5) poor.push(`${node.tagName} ${node.className} ${contrast.toFixed(2)}`);
  }
  return [...new Set(poor)].join("; ");
})()
"""
"""The elements whose text stands out less than WCAG AA asks for."""
LINES = (
    CONTRASTS.partition("const poor")[0]
    + """
  const poor = [];
  for (const line of document.querySelectorAll(".chart *")) {
    const style = getComputedStyle(line);
    const drawn = style.stroke === "none" ? style.fill : style.stroke;
    const both = [shade(drawn), shade(ground(line))].sort((one, other) => other - one);
    if ((both[0] + .05) / (both[1] + .05) < 3) poor.push(line.getAttribute("class"));
  }
  return [...new Set(poor)].join("; ");
})()
"""
)
"""The lines of charts that stand out less than WCAG AA asks of pictures."""
HEADINGS = "[...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map(head => Number(head.tagName[1]))"
TABLES = """
[...document.querySelectorAll("table")].every(table => table.caption.textContent.trim()
  && [...table.querySelectorAll("thead th")].every(head => head.scope === "col"))
"""
HIDDEN_FROM_KEYS = """
[...document.querySelectorAll("main *")].filter(part => part.scrollWidth > part.clientWidth + 1
  && ["auto", "scroll"].includes(getComputedStyle(part).overflowX) && part.tabIndex !== 0).length
"""
STOPS = """
window.stops = [...document.querySelectorAll("a[href], [tabindex='0'], summary")].filter(one => one.checkVisibility());
window.stops.length
"""
FOCUS = """
(() => {
  const style = getComputedStyle(document.activeElement);
  return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
    ? window.stops.indexOf(document.activeElement) : -2;
})()
"""
"""The place of the focused element in the order of reading, -1 for one that is none, -2 where the focus is not seen."""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with running_browser(tmp_path_factory.mktemp("profile")) as running:
        yield running


@pytest.fixture
def shown(served: Served, tmp_path: Path) -> Served:
    """A fleet with everything that can be shown, and one report file."""
    report = report_of_breaks()
    for drift in ("0.1", "0.3", "0.2"):
        served.sink.show(replace(report, bots=tuple(with_drift(bot, drift) for bot in report.bots)))
    write_report(tmp_path, broken_report())
    served.health.configured()
    served.health.reported()
    served.health.beat()
    served.clock.step(42)
    return served


@pytest.fixture
def hostile(served: Served, tmp_path: Path) -> Served:
    """A fleet of names that no page was made for."""
    report = report_of_hostile_names()
    for drift in ("0.1", "0.3"):
        served.sink.show(replace(report, bots=tuple(with_drift(bot, drift) for bot in report.bots)))
    write_report(tmp_path, report)
    served.clock.step(42)
    return served


def write_report(tmp_path: Path, report: Report) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / f"{RUN}.json").write_text(to_json(report_document(report, CONTEXT)))


def is_whole(shown: Served, browser: Browser, path: str, width: int, *, dark: bool = False) -> None:
    """The page loads nothing else, breaks no rule of its policy, and everything on it can be read and reached."""
    browser.troubles.clear()
    browser.requested.clear()

    browser.open(f"{shown.server.url}{path}", width, dark=dark)

    assert browser.troubles == []
    assert browser.requested == [f"{shown.server.url}{path}"]
    assert browser.value("document.documentElement.scrollWidth") <= width
    assert browser.value("document.compatMode") == "CSS1Compat"
    assert browser.value(CONTRASTS) == ""
    assert browser.value(LINES) == ""
    assert browser.value(HIDDEN_FROM_KEYS) == 0
    assert browser.value(TABLES)
    levels = browser.value(HEADINGS)
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(deeper <= level + 1 for level, deeper in pairwise(levels))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", PATHS)
def test_page_is_whole_within_any_screen(
    shown: Served,
    browser: Browser,
    path: str,
    width: int,
    dark: bool,  # noqa: FBT001
) -> None:
    is_whole(shown, browser, path, width, dark=dark)


@pytest.mark.parametrize("path", RUNBOOKS)
def test_every_runbook_can_be_read_on_a_phone(shown: Served, browser: Browser, path: str) -> None:
    is_whole(shown, browser, path, PHONE)


@pytest.mark.parametrize("width", [PHONE, LAPTOP])
def test_hostile_names_break_no_page(hostile: Served, browser: Browser, width: int) -> None:
    breaks = [one.identifier for one in hostile_breaks()]
    bots = [f"/breaks?bot={quote(bot, safe='')}" for bot in HOSTILE_NAMES]
    for path in ("/", "/breaks", "/runs", f"/runs/{RUN}", *bots, *(f"/breaks/{one}" for one in breaks)):
        is_whole(hostile, browser, path, width)
        assert browser.value("document.scripts.length + document.images.length") == 0


def test_hostile_names_are_shown_as_they_are(hostile: Served, browser: Browser) -> None:
    browser.open(f"{hostile.server.url}/breaks", LAPTOP)

    told = browser.value("document.body.textContent")
    assert [name for name in HOSTILE_NAMES if name.replace("\u202e", "⟨U+202E⟩") not in told] == []
    assert "\u202e" not in told


def test_scripts_in_names_do_not_run(shown: Served, browser: Browser) -> None:
    for path in ("/", "/breaks", f"/runs/{RUN}"):
        browser.open(f"{shown.server.url}{path}", LAPTOP)
        assert browser.value("document.scripts.length + document.images.length") == 0


@pytest.mark.parametrize("width", [PHONE, LAPTOP])
@pytest.mark.parametrize("path", ["/", "/breaks", PATHS[3], PATHS[4], f"/runs/{RUN}", "/runbooks/ReconciliationBreaks"])
def test_keyboard_reaches_everything_in_the_order_of_reading(
    shown: Served, browser: Browser, path: str, width: int
) -> None:
    browser.open(f"{shown.server.url}{path}", width)
    stops = browser.value(STOPS)

    reached = []
    for _ in range(stops):
        browser.press("Tab")
        reached.append(browser.value(FOCUS))

    assert reached == list(range(stops))


def test_break_on_a_phone_is_a_card_that_shows_every_field(shown: Served, browser: Browser) -> None:
    browser.open(f"{shown.server.url}/breaks", PHONE)

    widest = "Math.max(...[...document.querySelectorAll('.cards td')].map(cell => cell.getBoundingClientRect().right))"
    assert browser.value(widest) <= PHONE
