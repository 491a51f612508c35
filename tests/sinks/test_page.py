"""The page says what the report says, in two formats, and nothing that is not known."""

from __future__ import annotations

import gzip
import os
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics

from recon_exporter.domain.finding import CheckResult, Measure, Reason, Severity, Unverified
from recon_exporter.domain.policy import Origin
from recon_exporter.domain.report import BlindFleet, Status
from recon_exporter.domain.statement import SourceHealth
from recon_exporter.sinks.page import PageSink
from recon_exporter.telemetry import CATALOGUE, Format, Page, Producer
from recon_exporter.telemetry.exposition import Block
from support.eod_views import eod_report
from support.evidence import NOW, make_policy
from support.exposition import parse_openmetrics, read_exposition, samples
from support.reports import (
    CHECKS,
    HOSTILE,
    broken_report,
    healthy_report,
    large_report,
    make_finding,
    make_report,
    make_result,
    make_verdict,
    sides_report,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime
    from decimal import Decimal

    from prometheus_client.core import Metric

    from recon_exporter.domain.report import BotVerdict, Report

GOLDEN = Path(__file__).parent.parent / "golden"
STALE = Unverified(Reason.SOURCE_STALE, "the last row is old")
REPORTS: Mapping[str, Callable[[], Report]] = {
    "healthy": healthy_report,
    "broken": broken_report,
    "empty": make_report,
    "large": large_report,
}


def page_of(report: Report) -> Page:
    sink = PageSink()
    sink.show(report)
    return sink.page


def text_of(*bots: BotVerdict, at: datetime = NOW) -> str:
    return page_of(make_report(*bots, at=at)).body(Format.TEXT).decode()


def of_bot(text: str, name: str, bot: str = "bot1") -> dict[tuple[str, ...], float]:
    """The samples of one name and bot, by the values of the other labels in the order of their names."""
    return {
        tuple(value for label, value in labels if label != "bot"): number
        for labels, number in samples(text, name).items()
        if ("bot", bot) in labels
    }


class Families:
    """A registry, as far as encoders need one."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = list(families)

    def collect(self) -> Iterable[Metric]:
        return self._families


@pytest.fixture(params=REPORTS)
def page(request: pytest.FixtureRequest) -> Page:
    return page_of(REPORTS[request.param]())


@pytest.mark.parametrize("name", ["healthy", "broken"])
def test_fixed_report_gives_a_fixed_exposition(name: str) -> None:
    golden = GOLDEN / f"{name}.txt"
    body = page_of(REPORTS[name]()).body(Format.TEXT)
    if "RECON_WRITE_GOLDEN_FILES" in os.environ:
        golden.write_bytes(body)

    assert body.decode() == golden.read_text()


def test_page_is_what_the_encoders_of_prometheus_write(page: Page) -> None:
    openmetrics = page.body(Format.OPENMETRICS) + b"# EOF\n"
    registry = Families(parse_openmetrics(openmetrics))

    assert generate_openmetrics(registry) == openmetrics  # type: ignore[no-untyped-call]
    assert generate_latest(registry) == page.body(Format.TEXT)


def test_page_is_sound(page: Page) -> None:
    assert read_exposition(page.body(Format.TEXT).decode()).errors == []


@pytest.mark.needs_program("promtool")
def test_page_passes_promtool(page: Page) -> None:
    subprocess.run(["promtool", "check", "metrics"], input=page.body(Format.TEXT), check=True, capture_output=True)


@pytest.mark.needs_program("promtool")
def test_given_name_passes_promtool_because_it_has_no_type() -> None:
    metric = CATALOGUE["wsb_eod_reconciliation_breaks_total"]
    sample = f'{metric.name}{{bot="bot1",break_type="MISSING_IN_DB"}} 0.0\n'.encode()
    page = Page([Block(metric, sample)])

    assert b"TYPE wsb_eod_reconciliation_breaks_total untyped" in page.body(Format.TEXT)
    assert b"TYPE wsb_eod_reconciliation_breaks_total unknown" in page.body(Format.OPENMETRICS)
    subprocess.run(["promtool", "check", "metrics"], input=page.body(Format.TEXT), check=True, capture_output=True)


def test_all_kinds_of_reports_together_show_every_metric_of_the_page() -> None:
    reports = (broken_report(), eod_report(), sides_report())
    names = {
        name for report in reports for name in read_exposition(page_of(report).body(Format.TEXT).decode()).families
    }

    assert names == {
        metric.name for metric in CATALOGUE.values() if metric.producer is Producer.PAGE and metric.is_exported
    }


def test_samples_have_the_labels_of_the_catalogue() -> None:
    for name, family in read_exposition(page_of(broken_report()).body(Format.TEXT).decode()).families.items():
        for _, labels in family.samples:
            assert tuple(label for label, _ in labels) == tuple(sorted(CATALOGUE[name].labels))


def test_page_is_empty_before_the_first_report() -> None:
    sink = PageSink()

    assert sink.page.body(Format.TEXT) == b""
    assert sink.report is None


def test_synthetic_report_never_reaches_the_page() -> None:
    sink = PageSink()
    with pytest.raises(ValueError, match="synthetic"):
        sink.show(replace(broken_report(), synthetic=True))

    assert sink.report is None


def test_evaluated_check_without_findings_says_zero() -> None:
    assert of_bot(text_of(make_verdict("bot1")), "recon_findings")["balance", "critical"] == 0


def test_unverified_check_says_no_zero() -> None:
    text = text_of(make_verdict("bot1", make_result("balance", unverified=STALE)))

    assert not [labels for labels in of_bot(text, "recon_findings") if labels[0] == "balance"]
    assert of_bot(text, "recon_check_evaluated")["balance",] == 0
    assert of_bot(text, "recon_check_unverified") == {("balance", "source_stale"): 1}


def test_finding_beside_an_unverified_check_counts() -> None:
    finding = make_finding("freshness", "ledger_stale")
    text = text_of(make_verdict("bot1", make_result("freshness", finding, unverified=STALE)))

    counts = of_bot(text, "recon_findings")
    assert counts["freshness", "warning"] == 1
    assert ("freshness", "critical") not in counts


def test_same_code_twice_is_one_series_and_counts_twice() -> None:
    findings = [make_finding("fill_parity", "fill_ids_differ", order=order) for order in ("one", "two")]
    text = text_of(make_verdict("bot1", make_result("fill_parity", *findings)))

    assert of_bot(text, "recon_finding") == {("fill_parity", "fill_ids_differ", "warning"): 1}
    assert of_bot(text, "recon_findings")["fill_parity", "warning"] == 2


def test_disabled_check_is_neither_evaluated_nor_unverified() -> None:
    text = text_of(make_verdict("bot1", make_result("inventory", enabled=False)))

    assert of_bot(text, "recon_check_enabled")["inventory",] == 0
    assert ("inventory",) not in of_bot(text, "recon_check_evaluated")
    assert of_bot(text, "recon_check_unverified") == {}


def test_bot_that_was_taken_out_shows_that_its_checks_are_off_and_nothing_else() -> None:
    text = page_of(broken_report()).body(Format.TEXT).decode()

    assert of_bot(text, "recon_check_enabled", "bot5") == {(check,): 0 for check in CHECKS}
    others = [line for line in text.splitlines() if "bot5" in line and not line.startswith("recon_check_enabled")]
    assert others == []


def test_status_of_a_bot_is_one_of_four() -> None:
    text = text_of(make_verdict("bot1", status=Status.UNKNOWN))

    assert of_bot(text, "recon_bot_status") == {("ok",): 0, ("unknown",): 1, ("warning",): 0, ("critical",): 0}


def test_probe_status_outside_the_known_ones_is_unknown() -> None:
    text = text_of(make_verdict("bot1", probe_status="ccxt_unavailable"))

    statuses = of_bot(text, "recon_venue_probe_status")
    assert statuses["unknown",] == 1
    assert sum(statuses.values()) == 1


def test_value_that_was_not_established_has_no_series() -> None:
    text = text_of(make_verdict("bot1", make_result("inventory", unverified=STALE)))

    assert of_bot(text, "recon_inventory_drift_ratio") == {}
    assert of_bot(text, "recon_base_ratio") == {("venue",): 0.5125}


def test_values_are_those_of_the_checks() -> None:
    text = text_of(make_verdict("bot1"))

    assert of_bot(text, "recon_base_ratio") == {("ledger",): 0.5, ("target",): 0.5, ("venue",): 0.5125}
    assert of_bot(text, "recon_fills") == {("ledger",): 12, ("events",): 13}
    assert of_bot(text, "recon_fill_parity_difference") == {(): -1}
    assert of_bot(text, "recon_fills_pending") == {(): 1}
    assert of_bot(text, "recon_equity_quote") == {(): 100000}


def test_thresholds_are_effective_and_tell_check_severity_and_origin() -> None:
    policy = make_policy(origin=Origin.BOT, inventory_critical="0.55")
    text = text_of(make_verdict("bot1", policy=policy))

    thresholds = of_bot(text, "recon_threshold")
    assert thresholds["inventory", "inventory_critical", "critical"] == 0.55
    assert thresholds["exchange_snapshot", "exchange_drift_warn", "warning"] == 0.1
    assert thresholds["accounting", "turnover_fee_gap_warn", "warning"] == 0.05
    assert len(thresholds) == 7
    assert of_bot(text, "recon_threshold_info")["inventory_critical", "bot"] == 1


def test_source_without_data_is_down_and_has_no_time() -> None:
    down = SourceHealth("bot1", "venue", "exchange_snapshot", is_up=False, at=None)
    text = text_of(make_verdict("bot1", health=(down,)))

    assert of_bot(text, "recon_source_up") == {("venue", "exchange_snapshot"): 0}
    assert of_bot(text, "recon_source_timestamp_seconds") == {}


def test_bad_lines_are_counted_from_zero_for_each_source_of_the_ledger() -> None:
    text = text_of(replace(make_verdict("bot1"), bad_lines={"events": 3}))

    assert of_bot(text, "recon_source_bad_lines_total") == {("events",): 3, ("fills",): 0, ("minute",): 0}


def test_count_of_bad_lines_does_not_fall_to_zero_while_the_ledger_cannot_be_read() -> None:
    down = SourceHealth("bot1", "ledger", "minute", is_up=False, at=None)
    text = text_of(replace(make_verdict("bot1", health=(down,)), bad_lines=None))

    assert of_bot(text, "recon_source_up") == {("ledger", "minute"): 0}
    assert of_bot(text, "recon_source_bad_lines_total") == {}


def test_missed_canaries_are_counted() -> None:
    page = page_of(replace(make_report(), canaries_missed=("inventory",)))

    assert samples(page.body(Format.TEXT).decode(), "recon_canaries_missed") == {(("run", "cycle"),): 1}


class TestLastEvaluation:
    """Of a check that can no longer be judged, the page goes on telling when it last could."""

    later = NOW + timedelta(minutes=1)
    name = "recon_check_last_evaluated_timestamp_seconds"

    def shown(self, *reports: Report) -> dict[tuple[str, ...], float]:
        sink = PageSink()
        for report in reports:
            sink.show(report)
        return of_bot(sink.page.body(Format.TEXT).decode(), self.name)

    def blind(self) -> BotVerdict:
        return make_verdict("bot1", make_result("balance", unverified=STALE))

    def test_is_kept_while_the_check_is_unverified(self) -> None:
        times = self.shown(make_report(make_verdict("bot1")), make_report(self.blind(), at=self.later))

        assert times["balance",] == NOW.timestamp()
        assert times["inventory",] == self.later.timestamp()

    def test_is_not_made_up_where_there_was_none(self) -> None:
        assert ("balance",) not in self.shown(make_report(self.blind()))

    def test_is_hidden_while_the_check_is_off_and_known_afterwards(self) -> None:
        off = make_report(make_verdict("bot1", make_result("balance", enabled=False)))

        assert ("balance",) not in self.shown(make_report(make_verdict("bot1")), off)
        assert self.shown(make_report(make_verdict("bot1")), off, make_report(self.blind()))["balance",]

    def test_is_forgotten_with_the_bot(self) -> None:
        times = self.shown(make_report(make_verdict("bot1")), make_report(), make_report(self.blind()))

        assert ("balance",) not in times


@given(
    st.text(st.characters(codec="utf-8"), min_size=1),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30),
)
def test_any_name_and_any_amount_survive_the_page(bot: str, equity: Decimal) -> None:
    balance = CheckResult("balance", bot, measures={Measure.EQUITY: equity})
    body = page_of(make_report(make_verdict(bot, balance))).body(Format.OPENMETRICS)

    read = {family.name: family.samples for family in parse_openmetrics(body + b"# EOF\n")}
    assert [(sample.labels, sample.value) for sample in read["recon_equity_quote"]] == [({"bot": bot}, float(equity))]


def test_hostile_name_is_escaped() -> None:
    assert 'bot="evil\\"\\\\\\n<script>' in text_of(make_verdict(HOSTILE))


@pytest.mark.parametrize("form", Format)
def test_compressed_page_is_one_gzip_member_with_its_tail(page: Page, form: Format) -> None:
    tail = b"recon_job_missed_total 0.0\n" * 100

    stream = b"".join(page.deflated(form).gzip(tail))

    assert gzip.decompress(stream) == page.body(form) + tail


def test_new_page_is_prepared_as_the_last_was_asked_for() -> None:
    sink = PageSink()
    sink.show(healthy_report())
    sink.page.deflated(Format.OPENMETRICS)
    sink.show(broken_report())

    bodies, deflated = sink.page.prepared
    assert bodies == deflated == {Format.OPENMETRICS}


def test_selection_keeps_whole_families_and_nothing_for_an_unknown_name() -> None:
    page = page_of(healthy_report())

    assert set(read_exposition(page.select(["recon_bots_expected"], Format.TEXT).decode()).families) == {
        "recon_bots_expected"
    }
    assert page.select(["recon_source_bad_lines_total"], Format.OPENMETRICS).startswith(
        b"# HELP recon_source_bad_lines "
    )
    assert page.select(["nothing"], Format.TEXT) == b""


def test_order_of_bots_in_the_report_is_irrelevant() -> None:
    report = broken_report()

    assert page_of(replace(report, bots=report.bots[::-1])).body(Format.TEXT) == page_of(report).body(Format.TEXT)


def test_critical_findings_are_told_by_code() -> None:
    text = page_of(broken_report()).body(Format.TEXT).decode()

    assert of_bot(text, "recon_finding")["inventory", "inventory_drift_critical", Severity.CRITICAL] == 1


def test_fleet_without_any_bot_counts_as_one_bot_that_is_expected_and_not_checked() -> None:
    sink = PageSink()
    empty = BlindFleet("second", Reason.SOURCE_MISSING, "no bot")
    sink.show(replace(make_report(make_verdict("bot1")), blind_fleets=(empty,)))

    lines = sink.page.body(Format.TEXT).decode().splitlines()
    assert "recon_bots_expected 2.0" in lines
    assert "recon_bots_checked 1.0" in lines
