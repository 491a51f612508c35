"""The runbooks as files: whole without a server, every link and anchor leading somewhere, the same text as served."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest
from typer.testing import CliRunner

from recon_exporter import bundle
from recon_exporter.cli import app
from recon_exporter.web.runbooks import IN_FILES, Runbooks
from support.browser import running_browser
from support.html_document import Document

if TYPE_CHECKING:
    from pathlib import Path

    from support.serving import Served

NAMES = ("README", *Runbooks(bundle.part("runbooks")).names())
GROUPS = ("Something is wrong with money", "We cannot see", "The exporter itself is in trouble")


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of pages of an exported bundle, its links led to other addresses."""
    folder = tmp_path_factory.mktemp("bundle")
    urls = ("--runbook-url", "https://wiki.example/{alert}", "--dashboard-url", "https://grafana.example/d")
    result = CliRunner().invoke(app, ["bundle", "export", str(folder), *urls])
    assert result.exit_code == 0, result.output
    assert str(folder / "runbooks" / "html") in result.stdout
    return folder / "runbooks" / "html"


def test_there_is_a_page_for_every_runbook_and_an_index(exported: Path) -> None:
    assert {path.name for path in exported.iterdir()} == {IN_FILES.page(name) for name in NAMES}
    assert (exported / "index.html").is_file()


@pytest.mark.parametrize("name", NAMES)
def test_every_link_and_anchor_leads_somewhere(exported: Path, name: str) -> None:
    page = exported / IN_FILES.page(name)
    for link in Document(page.read_text()).links:
        address = urlsplit(link)
        if address.scheme:
            continue
        target = (page.parent / unquote(address.path)).resolve() if address.path else page
        assert target.is_file(), link
        if address.fragment:
            assert address.fragment in Document(target.read_text()).anchors, link


@pytest.mark.parametrize("name", NAMES)
def test_page_is_whole_loads_nothing_and_runs_nothing(exported: Path, name: str) -> None:
    text = (exported / IN_FILES.page(name)).read_text()
    document = Document(text)
    style = re.search(r"<style>(.*)</style>", text, re.DOTALL)

    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policy = re.search(r'http-equiv="Content-Security-Policy" content="(.*?)"', text)
    assert policy is not None
    assert f"style-src &#39;sha256-{digest}&#39;" in policy[1]
    assert not {"script", "img", "iframe", "form", "link", "object"} & set(document.tags)
    assert document.tags.count("h1") == 1
    assert not any(link.startswith("/") for link in document.links)


@pytest.mark.parametrize("name", NAMES)
def test_page_says_what_the_served_one_says(exported: Path, served: Served, name: str) -> None:
    there = main_of(served.ask(f"/runbooks/{'' if name == 'README' else name}").text)
    here = main_of((exported / IN_FILES.page(name)).read_text())

    assert without_addresses(here) == without_addresses(there)


def main_of(text: str) -> str:
    return Document(text.partition("<main>")[2].partition("</main>")[0]).words


def without_addresses(text: str) -> str:
    return re.sub(r"https?://\S+", "", text)


def test_links_lead_where_the_bundle_is_told(exported: Path) -> None:
    texts = [path.read_text() for path in exported.iterdir()]

    assert [
        text for text in texts if f"{bundle.PUBLIC_RUNBOOK_URL}/" in text or f"{bundle.RUNBOOK_URL}/R" in text
    ] == []


def test_what_else_the_bundle_holds_is_found_beside_the_pages(tmp_path: Path) -> None:
    (tmp_path / "One.md").write_text("[a](../alerts/recon.rules.yml) [b](../docs/alerting.md) [c](README.md#checks)")

    html = Runbooks(tmp_path).html("One", IN_FILES)

    assert re.findall('href="(.*?)"', str(html)) == [
        "../../alerts/recon.rules.yml",
        bundle.PUBLIC_RUNBOOK_URL.replace("/runbooks", "/docs/alerting.md"),
        "index.html#checks",
    ]


def test_index_goes_from_what_one_sees_to_a_page_here_and_there(exported: Path, served: Served) -> None:
    for text in (served.ask("/runbooks/").text, (exported / "index.html").read_text()):
        groups = re.split(r"<h3 id=[^>]*>", text.partition("What do I see?</h2>")[2].partition("<h2")[0])[1:]
        assert [group.partition("</h3>")[0] for group in groups] == list(GROUPS)
        linked = [set(re.findall(r'<a href="(\w+)(?:\.html)?"', group)) for group in groups]
        assert set.union(*linked) == {name for name in NAMES if name[0].isupper() and name != "README"}
        assert sum(map(len, linked)) == len(set.union(*linked))


@pytest.mark.needs_program("chromium")
@pytest.mark.xdist_group("browser")
def test_pages_open_in_a_browser_from_a_folder(exported: Path, tmp_path: Path) -> None:
    with running_browser(tmp_path) as browser:
        for dark in (False, True):
            for name in ("README", "ReconciliationBreaks"):
                for width in (375, 1280):
                    url = (exported / IN_FILES.page(name)).as_uri()
                    browser.requested.clear()
                    browser.open(url, width, dark=dark)
                    assert browser.troubles == []
                    assert browser.requested == [url]
                    assert browser.value("document.documentElement.scrollWidth") <= width
                    assert browser.value("getComputedStyle(document.querySelector('main')).paddingTop") == "16px"
        browser.open((exported / "index.html").as_uri(), 1280)
        assert browser.value("document.querySelector('a[href=\"Watchdog.html\"]').href").endswith("/Watchdog.html")
