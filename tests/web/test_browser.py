"""The pages in a real browser: without an error, without a foreign resource, and no wider than the screen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from recon_exporter.domain.document import DocumentContext, report_document, to_json
from support.break_reports import accepted_break, explained_break, fill_break, report_of_breaks, with_drift
from support.browser import Browser, running_browser
from support.reports import broken_report

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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
)
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
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / f"{RUN}.json").write_text(to_json(report_document(broken_report(), CONTEXT)))
    served.health.configured()
    served.health.reported()
    served.health.beat()
    served.clock.step(42)
    return served


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [375, 1280])
@pytest.mark.parametrize("path", PATHS)
def test_page_is_whole_within_any_screen(
    shown: Served,
    browser: Browser,
    path: str,
    width: int,
    dark: bool,  # noqa: FBT001
) -> None:
    browser.troubles.clear()
    browser.requested.clear()

    browser.open(f"{shown.server.url}{path}", width, dark=dark)

    assert browser.troubles == []
    assert browser.requested == [f"{shown.server.url}{path}"]
    assert browser.value("document.documentElement.scrollWidth") <= width
    assert browser.value("document.compatMode") == "CSS1Compat"
    assert browser.value(CONTRASTS) == ""


def test_scripts_in_names_do_not_run(shown: Served, browser: Browser) -> None:
    for path in ("/", "/breaks", f"/runs/{RUN}"):
        browser.open(f"{shown.server.url}{path}", 1280)
        assert browser.value("document.scripts.length + document.images.length") == 0


def test_everything_can_be_reached_with_the_keyboard(shown: Served, browser: Browser) -> None:
    browser.open(f"{shown.server.url}/breaks", 375)

    assert browser.value("[...document.querySelectorAll('.scroll')].every(part => part.tabIndex === 0)")
    assert browser.value("[...document.querySelectorAll('table')].every(table => table.caption.textContent.trim())")
    assert browser.value("[...document.querySelectorAll('thead th')].every(head => head.scope === 'col')")


def test_break_on_a_phone_is_a_card_that_shows_every_field(shown: Served, browser: Browser) -> None:
    browser.open(f"{shown.server.url}/breaks", 375)

    widest = "Math.max(...[...document.querySelectorAll('.cards td')].map(cell => cell.getBoundingClientRect().right))"
    assert browser.value(widest) <= 375
