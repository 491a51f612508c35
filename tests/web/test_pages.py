"""Pages for people: escaped, without scripts, complete without colour, and with links that lead somewhere."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import pytest

from recon_exporter import bundle
from recon_exporter.web.runbooks import BY_CHECK, BY_CODE, Runbooks
from support.break_reports import explained_break, hostile_breaks, report_of_breaks, report_of_hostile_names
from support.eod_views import eod_report
from support.html_document import Document
from support.reports import broken_report, healthy_report

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.serving import Served

PAGES = (
    "/",
    "/breaks",
    "/breaks/0000",
    "/runs",
    "/runbooks/",
    "/runbooks/ReconciliationInventoryDrift",
)


@pytest.fixture
def broken(served: Served) -> Served:
    served.sink.show(broken_report())
    served.clock.step(42)
    served.health.configured()
    served.health.reported()
    served.health.beat()
    return served


@pytest.mark.parametrize("path", PAGES)
def test_page_is_well_formed_and_runs_nothing(broken: Served, path: str) -> None:
    document = Document(broken.ask(path).text)

    assert document.tags[:2] == ["html", "head"]
    assert not {"script", "img", "iframe", "form", "link", "object"} & set(document.tags)
    assert not {name for name in document.attributes if name.startswith("on") or name == "style"}
    assert document.tags.count("h1") == 1


@pytest.mark.parametrize("path", PAGES)
def test_policy_allows_exactly_the_style_of_the_page(broken: Served, path: str) -> None:
    answer = broken.ask(path)
    style = re.search(r"<style>(.*)</style>", answer.text, re.DOTALL)

    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in answer.headers["Content-Security-Policy"]


def test_hostile_names_and_texts_are_shown_as_text(broken: Served) -> None:
    answer = broken.ask("/")

    assert "<script>" not in answer.text
    assert "<img" not in answer.text
    assert "<script>alert(1)</script>" in Document(answer.text).text


def test_before_the_first_cycle_everything_is_unknown(served: Served) -> None:
    text = Document(served.ask("/").text).text

    assert "UNKNOWN" in text
    assert "the first cycle has not ended" in text
    assert not re.search(r"\bok\b", text)


def test_status_page_tells_findings_blindness_and_where_the_report_is(broken: Served) -> None:
    text = Document(broken.ask("/").text).text

    for words in ("inventory_drift_critical", "source_stale", "fetch_failed: Apikey", "4 of 4 expected", "latest.json"):
        assert words in text.replace("\n", "")


def test_status_page_says_of_every_halt_that_nothing_was_stopped_unless_an_action_did(served: Served) -> None:
    served.sink.show(eod_report())

    text = Document(served.ask("/").text).text

    assert "swing-us: HALT REQUESTED (exposure), nothing was stopped: too much." in text


def test_healthy_fleet_says_so(served: Served) -> None:
    served.sink.show(healthy_report())
    text = Document(served.ask("/").text).text

    assert "No current finding." in text
    assert "Every enabled check was made." in text
    assert "UNKNOWN" not in text.replace("UNKNOWN means", "")


def test_old_report_is_no_proof_and_says_so(broken: Served) -> None:
    broken.clock.step(3600)
    text = Document(broken.ask("/").text).text

    assert "The latest report is 1 h old: cycles have stopped." in text
    assert "Not healthy: the scheduler has been silent" in text
    assert "was ok" in text


@pytest.mark.parametrize("path", ["/", "/breaks", f"/breaks/{explained_break().identifier}", "/runs"])
def test_no_page_of_the_exporter_itself_names_a_foreign_address(served: Served, path: str) -> None:
    served.sink.show(report_of_breaks())
    text = served.ask(path).text

    assert "//" not in text
    assert all(not urlsplit(link).netloc for link in Document(text).links)


def test_every_link_of_the_pages_of_breaks_and_runs_leads_somewhere(broken: Served, tmp_path: Path) -> None:
    broken.sink.show(report_of_breaks())
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "reconciliation_20260306T120000Z.json").write_text("{}")
    paths = ("/", "/breaks", f"/breaks/{explained_break().identifier}", "/breaks/0000", "/runs")
    broken_links = [
        f"{path} -> {target}"
        for path in (*paths, "/runs/reconciliation_20260306T120000Z")
        for target in links_of(broken, path)
        if broken.ask(target.partition("#")[0]).status != 200
    ]

    assert broken_links == []


def links_of(served: Served, path: str) -> dict[str, str]:
    """Where the links of a page lead on this server, with their fragment."""
    targets = (urljoin(path, link) for link in Document(served.ask(path).text).links)
    return {target: urlsplit(target).fragment for target in targets if not urlsplit(target).scheme}


def test_every_link_of_every_page_leads_somewhere(broken: Served) -> None:
    names = Runbooks(bundle.part("runbooks")).names()
    paths = {"/", "/runbooks/", *(f"/runbooks/{name}" for name in names)}
    broken_links = [
        f"{path} -> {target}"
        for path in sorted(paths)
        for target, fragment in links_of(broken, path).items()
        if (answer := broken.ask(urlsplit(target).path)).status != 200
        or (fragment and fragment not in Document(answer.text).anchors)
    ]

    assert broken_links == []


def test_every_runbook_named_for_a_finding_exists() -> None:
    assert {*BY_CHECK.values(), *BY_CODE.values()} <= set(Runbooks(bundle.part("runbooks")).names())


def test_finding_without_a_page_has_no_link(tmp_path: Path) -> None:
    assert Runbooks(tmp_path).of_finding()("inventory", "inventory_drift_critical") is None


@pytest.mark.parametrize(
    "path", ["/runbooks/Nothing", "/runbooks/README", "/runbooks/../README", "/runbooks/%2e%2e%2fREADME"]
)
def test_what_is_no_page_of_an_alert_is_not_found(served: Served, path: str) -> None:
    assert served.ask(path).status == (200 if path == "/runbooks/README" else 404)


def test_folder_of_runbooks_gets_its_slash(served: Served) -> None:
    answer = served.ask("/runbooks")

    assert (answer.status, answer.headers["Location"]) == (308, "runbooks/")


def write_runbook(folder: Path, text: str) -> str:
    (folder / "Example.md").write_text(text)
    html = Runbooks(folder).html("Example")
    assert html is not None
    return html


def test_runbook_may_not_bring_its_own_html(tmp_path: Path) -> None:
    assert "<b>" not in write_runbook(tmp_path, "<b>bold</b> [x](javascript:alert(1))")


def test_links_of_a_runbook_stay_here_or_lead_to_the_repository(tmp_path: Path) -> None:
    html = write_runbook(
        tmp_path, "[a](Other.md#part) [b](README.md) [c](../alerts/x.yml) [d](https://example.org/) [e](#here)"
    )

    assert re.findall('href="(.*?)"', html) == [
        "Other#part",
        "./",
        bundle.PUBLIC_RUNBOOK_URL.replace("/runbooks", "/alerts/x.yml"),
        "https://example.org/",
        "#here",
    ]


def test_headings_can_be_linked_to_and_tables_need_no_inline_style(tmp_path: Path) -> None:
    html = write_runbook(tmp_path, "## First 5 minutes: look!\n\n| a | b |\n| --- | ---: |\n| 1 | 2 |\n")

    assert '<h2 id="first-5-minutes-look">' in html
    assert '<td class="number">2</td>' in html
    assert "style" not in html


def test_tables_of_a_runbook_are_regions_named_after_their_section(tmp_path: Path) -> None:
    html = write_runbook(tmp_path, "# Name\n\n## Diagnosis & `more`\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n")

    assert '<div class="scroll" role="region" aria-label="Diagnosis &amp; more" tabindex="0">' in html
    assert '<caption class="unseen">Diagnosis &amp; more</caption>' in html
    assert '<th scope="col">a</th>' in html


def test_configuration_is_shown_as_it_is_given_and_never_cached(serve: Callable[..., Served]) -> None:
    answer = serve(configuration=lambda: "webhook.url: ****\n<b>").ask("/config")

    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.text == "webhook.url: ****\n<b>\n"


def test_configuration_is_a_page_for_browsers(serve: Callable[..., Served]) -> None:
    answer = serve(configuration=lambda: "webhook.url: ****\n<b>").ask("/config", Accept="text/html,*/*;q=0.8")

    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "webhook.url: ****\n&lt;b&gt;" in answer.text
    assert Document(answer.text).tags.count("h1") == 1


def test_marks_that_turn_the_direction_of_writing_are_written_out(served: Served) -> None:
    served.sink.show(report_of_hostile_names())

    for path in ("/", "/breaks", f"/breaks/{hostile_breaks()[-1].identifier}"):
        assert "\u202e" not in served.ask(path).text
    assert "⟨U+202E⟩reversed" in served.ask("/").text


def test_interval_of_the_site_decides_when_a_report_is_old(serve: Callable[..., Served]) -> None:
    served = serve(interval=lambda: timedelta(hours=1))
    served.sink.show(healthy_report())
    served.clock.step(3600)

    assert "cycles have stopped" not in served.ask("/").text
