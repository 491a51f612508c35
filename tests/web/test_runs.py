"""The pages of runs: files listed by their names, and shown without trust in what they hold."""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from recon_exporter.domain.document import DocumentContext, report_document, to_json
from recon_exporter.domain.eod_document import eod_document
from recon_exporter.domain.eod_report import EodReport
from recon_exporter.domain.eod_view import eod_result
from recon_exporter.web import run_files
from recon_exporter.web.marks import Mark
from recon_exporter.web.run_files import CYCLE, EOD, LISTED_FILES, RunFiles
from recon_exporter.web.run_list import run_list
from recon_exporter.web.run_page import CELL_AT_MOST, run_page
from support.break_reports import report_of_breaks
from support.eod_views import DOWN, make_bot, make_view
from support.evidence import NOW
from support.html_document import Document
from support.positions import make_missing
from support.reports import broken_report, healthy_report, make_report, make_verdict

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from recon_exporter.domain.eod_view import BotEod
    from recon_exporter.domain.report import Report
    from support.serving import Served

CONTEXT = DocumentContext(
    exchange_source_enabled=True, exchange_snapshot_path="s.json", thresholds_path="t.json", exporter_version="0.1.0"
)
NAME = "reconciliation_20260306T120000Z"
MINUTE = timedelta(minutes=1)


def make_eod_report(*, is_verified: bool = True) -> EodReport:
    missing = make_missing("AAPL")
    return EodReport(
        bot="swing-us",
        started_at=NOW,
        finished_at=NOW,
        due_at=NOW,
        is_late=False,
        unverified=None if is_verified else DOWN,
        discrepancies=(missing.discrepancy,) if is_verified else (),
        breaks=(missing,),
        opened=(missing.identifier,),
        resolved=(),
        halts=(),
        exposure=Decimal(100),
        missing=1,
        compared=12,
        canaries_missed=(),
        sources=("file", "alpaca"),
        tolerated=(Decimal(0), Decimal(0)),
    )


def report_of_run(bot: BotEod) -> Report:
    """A report whose check of end-of-day runs says what stands of this bot."""
    view = make_view(bot)
    verdict = make_verdict(bot.bot)
    judged = replace(verdict, results=(*verdict.results, eod_result(bot.bot, view, NOW)))
    return replace(make_report(judged), eod=view)


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    folder = tmp_path / "reports"
    folder.mkdir()
    return folder


@pytest.fixture
def eod(tmp_path: Path) -> Path:
    folder = tmp_path / "eod"
    folder.mkdir()
    return folder


def text_of(served: Served, path: str) -> str:
    return Document(served.ask(path).text).words


def facts_of(document: Mapping[str, object], *, is_eod: bool = False) -> dict[str, object]:
    page = run_page(to_json(document).encode(), is_eod=is_eod)
    assert page is not None
    return dict(page.facts)


def test_newest_come_first_and_those_of_one_second_in_their_order(reports: Path) -> None:
    for name in ("20260306T120000Z", "20260306T120000Z_2", "20260306T120000Z_10", "20260305T235959Z"):
        (reports / f"reconciliation_{name}.json").touch()

    listing = RunFiles(reports).newest(CYCLE)

    assert [file.name.removeprefix("reconciliation_") for file in listing.files] == [
        "20260306T120000Z_10",
        "20260306T120000Z_2",
        "20260306T120000Z",
        "20260305T235959Z",
    ]


def test_files_of_other_names_are_not_listed(reports: Path) -> None:
    others = ("latest.json", "reconciliation_20261306T120000Z.json", ".reconciliation_20260306T120000Z.json.tmp")
    for name in (*others, "eod_20260306T120000Z.json", "reconciliation_20260306T120000Z.txt", "<script>.json"):
        (reports / name).touch()

    assert RunFiles(reports).newest(CYCLE).files == ()


def test_thirty_days_of_files_are_listed_quickly_and_only_the_newest_shown(served: Served, reports: Path) -> None:
    for number in range(9000):
        day, rest = divmod(number, 300)
        (reports / f"reconciliation_202603{day + 1:02d}T{rest // 60:02d}{rest % 60:02d}00Z.json").touch()

    started = time.monotonic()
    answer = served.ask("/runs")

    assert time.monotonic() - started < 2.0
    assert f"{9000 - LISTED_FILES} more, older ones, are in the folder." in Document(answer.text).text
    assert answer.text.count("<tr") < LISTED_FILES + 10


def test_no_folder_yet_is_no_fault_and_one_that_cannot_be_read_is_told(served: Served, reports: Path) -> None:
    assert "No report in" in text_of(served, "/runs")
    reports.rmdir()
    assert "No report in" in text_of(served, "/runs")
    reports.write_text("a file")
    assert "UNKNOWN: the folder cannot be read" in text_of(served, "/runs")


def test_runs_tell_the_latest_cycle_and_every_bot_with_end_of_day_runs(served: Served) -> None:
    assert "UNKNOWN: no cycle has ended yet" in text_of(served, "/runs")

    served.sink.show(report_of_breaks())
    text = text_of(served, "/runs")
    assert "swing-us breaks 1 2026-03-06 11:00:00 UTC 2026-03-06 11:00:00 UTC" in text

    served.clock.step(3600)
    assert "cycles have stopped" in text_of(served, "/runs")
    assert "was critical" in text_of(served, "/runs")


def test_run_that_was_not_verified_is_unknown_whatever_stood_before() -> None:
    (row,) = run_list(report_of_run(make_bot(make_missing("AAPL"), unverified=DOWN)), NOW, MINUTE).eod

    assert (row.outcome, row.remaining) == (
        Mark("unknown", "UNKNOWN", ("venue_unreachable",)),
        "unknown (1 standing)",
    )
    (never,) = run_list(report_of_run(make_bot(completed_at=None)), NOW, MINUTE).eod
    assert never.outcome.word == "UNKNOWN"


def test_report_of_a_cycle_is_shown_with_findings_and_what_could_not_be_made(served: Served, reports: Path) -> None:
    (reports / f"{NAME}.json").write_text(to_json(report_document(broken_report(), CONTEXT)))
    text = text_of(served, f"/runs/{NAME}")

    for words in ("Status critical", "4 of 4 expected", "inventory_drift_critical 2026-03-06 12:00:00 UTC drift=0.5"):
        assert words in text
    assert "UNKNOWN bot2 exchange_snapshot probe_not_ok fetch_failed: Apikey does not exist" in text
    assert "<script>alert(1)" not in served.ask(f"/runs/{NAME}").text


def test_healthy_report_says_that_every_check_was_ok(served: Served, reports: Path) -> None:
    (reports / f"{NAME}.json").write_text(to_json(report_document(healthy_report(), CONTEXT)))

    text = text_of(served, f"/runs/{NAME}")
    assert "No finding." in text
    assert "Every enabled check was ok." in text


def test_report_of_an_end_of_day_run_leads_to_its_breaks(served: Served, eod: Path) -> None:
    report = make_eod_report()
    (eod / "eod_20260306T211500Z.json").write_text(to_json(eod_document(report, "0.1.0")))
    answer = served.ask("/runs/eod_20260306T211500Z")

    assert f"../breaks/{report.breaks[0].identifier}" in Document(answer.text).links
    assert "Outcome breaks" in text_of(served, "/runs/eod_20260306T211500Z")
    assert "eod_20260306T211500Z" in text_of(served, "/runs")


def test_end_of_day_run_without_a_verdict_has_unknown_breaks_and_not_none() -> None:
    facts = facts_of(eod_document(make_eod_report(is_verified=False), "0.1.0"), is_eod=True)

    assert facts["Outcome"] == Mark("unknown", "UNKNOWN")
    assert facts["Breaks remaining"] == "unknown"
    assert facts["Unverified"] == "side=venue, reason=venue_unreachable, detail=no answer"


def test_raw_report_is_the_file_itself(served: Served, reports: Path) -> None:
    (reports / f"{NAME}.json").write_text('{"status": "ok"}')
    answer = served.ask(f"/runs/{NAME}.json")

    assert (answer.status, answer.headers["Content-Type"], answer.text) == (200, "application/json", '{"status": "ok"}')


@pytest.mark.parametrize(
    "name",
    [
        "",
        "latest",
        "latest.json",
        "../reports/latest",
        "..%2f..%2fetc%2fpasswd",
        "%2e%2e/eod_20260306T120000Z",
        "reconciliation_20260306T120000Z%00",
        "reconciliation_20260306T120000Z/..",
        "reconciliation_20260306T120000Z.json.json",
        "reconciliation_20260306T120000Z%0a",
        f"reconciliation_{quote(chr(0x662))}0260306T120000Z",
        "eod_20260306T120000Z",
    ],
)
def test_only_names_of_reports_that_are_there_are_answered(served: Served, reports: Path, name: str) -> None:
    for own in (NAME, "latest"):
        (reports / f"{own}.json").write_text("{}")

    assert served.ask(f"/runs/{name}").status == 404


def test_neither_links_nor_pipes_nor_folders_are_read(served: Served, reports: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text('{"status": "secret"}')
    names = [f"reconciliation_2026030{number}T120000Z" for number in (1, 2, 3)]
    (reports / f"{names[0]}.json").symlink_to(tmp_path / "secret.json")
    os.mkfifo(reports / f"{names[1]}.json")
    (reports / f"{names[2]}.json").mkdir()

    assert [served.ask(f"/runs/{name}").status for name in names] == [404, 404, 404]


def test_file_that_is_too_large_is_named_and_not_read(
    served: Served, reports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_files, "READ_AT_MOST", 10)
    (reports / f"{NAME}.json").write_text('{"status": "critical"}')

    for path in (f"/runs/{NAME}", f"/runs/{NAME}.json"):
        text = text_of(served, path)
        assert "too large to be shown here" in text
        assert "critical" not in text


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[1, 2]",
        b'"text"',
        b"{" * 100_000,
        b"[" * 100_000,
        b'{"status": NaN}',
        b"\xff\xfe",
        b'{"n": ' + b"9" * 5000 + b"}",
        b'{"status": ',
    ],
)
def test_what_is_no_report_is_told_so(served: Served, reports: Path, content: bytes) -> None:
    (reports / f"{NAME}.json").write_bytes(content)
    answer = served.ask(f"/runs/{NAME}")

    assert (answer.status, "no report that can be read" in answer.text) == (200, True)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"checks": 3, "findings": {"a": 1}, "bots": [1, None, "x", {}], "status": ["<b>"], "ts_utc": 5},
        {"findings": [{"details": {"a": {"b": {"c": {"d": {"e": {"f": {"g": {}}}}}}}}, "severity": None}]},
        {"status": "\ud800", "checks": [{"status": True, "bot": "\ud800"}]},
        {"discrepancies": [{"id": "../../x?y", "exposure": True}], "unverified": "<i>", "break_count": "x"},
    ],
)
@pytest.mark.parametrize("name", [NAME, "eod_20260306T120000Z"])
def test_object_of_any_shape_is_shown_as_text(
    served: Served, reports: Path, eod: Path, document: dict[str, object], name: str
) -> None:
    folder = eod if name.startswith("eod") else reports
    (folder / f"{name}.json").write_text(json.dumps(document))
    answer = served.ask(f"/runs/{name}")

    assert answer.status == 200
    assert Document(answer.text).tags.count("h1") == 1
    assert not {"<b>", "<i>"} & set(answer.text.split())
    assert not [link for link in Document(answer.text).links if "/../" in link.removeprefix("../")]


def test_long_values_and_long_lists_are_cut() -> None:
    finding = {"severity": "warning", "details": {"text": "x" * 5000}}
    page = run_page(json.dumps({"findings": [finding] * 1000}).encode(), is_eod=False)

    assert page is not None
    assert page.tables[0].left_out == 800
    (details,) = {row[-1] for row in page.tables[0].rows}
    assert isinstance(details, str)
    assert len(details) < CELL_AT_MOST + 50


def test_synthetic_run_says_so(served: Served, reports: Path) -> None:
    (reports / f"{NAME}.json").write_text('{"synthetic": true}')

    assert "nothing in it is real" in text_of(served, f"/runs/{NAME}")


def test_folder_of_end_of_day_runs_lies_beside_that_of_cycles(reports: Path, eod: Path) -> None:
    (eod / "eod_20260306T211500Z.json").touch()

    assert [file.name for file in RunFiles(reports).newest(EOD).files] == ["eod_20260306T211500Z"]


def test_file_that_does_not_tell_is_never_read_as_good_news(served: Served, reports: Path) -> None:
    (reports / f"{NAME}.json").write_text("{}")
    text = text_of(served, f"/runs/{NAME}")

    assert text.count("The file does not tell.") == 3
    assert "Canaries missed –" in text
    assert "was ok" not in text
