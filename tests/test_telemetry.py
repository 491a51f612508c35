"""The catalogue holds its own rules, live metrics begin at zero where zero is true, and both formats can be parsed."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from prometheus_client import generate_latest
from prometheus_client.core import UnknownMetricFamily
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics
from prometheus_client.registry import Collector

from recon_exporter.telemetry import CATALOGUE, Format, JobFailure, Kind, Metric, Producer, Telemetry
from recon_exporter.telemetry.exposition import encoded
from recon_exporter.telemetry.venue_metrics import FAILURES
from recon_exporter.venues.ccxt.failures import CLASSES
from support.exposition import parse_openmetrics, read_exposition, samples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from prometheus_client.core import Metric as Family

AT = datetime(2026, 3, 6, 12, 0, tzinfo=UTC)
RUN = (("run", "cycle"),)


class Fixed(Collector):
    """Families for the library to encode."""

    def __init__(self, families: Iterable[Family]) -> None:
        self._families = families

    def collect(self) -> Iterable[Family]:
        return self._families


@pytest.fixture
def telemetry() -> Telemetry:
    return Telemetry("0.1.0", runs=("cycle",), sinks=("page", "report_file", "webhook"))


def text(telemetry: Telemetry) -> str:
    return telemetry.exposition(Format.TEXT).decode()


@pytest.mark.parametrize(
    ("lines", "error"),
    [
        ('a{b="1"} 1\na{b="1"} 2', "a has these labels twice"),
        ("a 1\n# HELP b B\n# TYPE b gauge\nb 1\n# HELP a A\n# TYPE a gauge", "a is not grouped"),
        ("b 1", "b stands under a"),
        ("a NaN", "a has the value NaN"),
        ('a{job="x"} 1', "reserved label of a"),
        ("# HELP a_total A\n# TYPE a_total gauge\na_total 1", "a_total is a gauge"),
        ("# HELP a_sum A\n# TYPE a_sum gauge\na_sum 1", "a_sum is no gauge"),
        ("# HELP b B\nb 1", "b lacks HELP or TYPE"),
        ("a{b=1} 1", "unreadable labels of a"),
        ("a one two three", "unreadable line"),
    ],
)
def test_validator_finds_what_prometheus_swallows(lines: str, error: str) -> None:
    errors = read_exposition(f"# HELP a A\n# TYPE a gauge\n{lines}\n").errors

    assert len(errors) == 1
    assert errors[0].startswith(error)


@pytest.mark.parametrize("metric", CATALOGUE.values(), ids=CATALOGUE.keys())
class TestEachMetric:
    def test_is_named_as_prometheus_asks(self, metric: Metric) -> None:
        assert re.fullmatch(r"(recon|wsb)(_[a-z0-9]+)+", metric.name)
        if metric.name != "wsb_eod_reconciliation_breaks_total":
            assert metric.name.endswith("_total") == (metric.kind is Kind.COUNTER)
        assert not metric.name.endswith(("_sum", "_count", "_bucket", "_created"))

    def test_has_labels_that_no_scraper_sets_itself(self, metric: Metric) -> None:
        assert not {"job", "instance", "le"} & set(metric.labels)
        assert len(set(metric.labels)) == len(metric.labels)

    def test_explains_itself_without_characters_to_escape(self, metric: Metric) -> None:
        assert re.fullmatch(r'[^\\\n"]+\.', metric.help)


def test_families_of_the_catalogue_do_not_clash() -> None:
    families = [metric.family for metric in CATALOGUE.values()]

    assert len(set(families)) == len(families)


def test_given_name_keeps_its_type_unknown() -> None:
    metric = CATALOGUE["wsb_eod_reconciliation_breaks_total"]

    assert (metric.kind, metric.family, metric.labels) == (Kind.UNKNOWN, metric.name, ("bot", "break_type"))


def test_each_exported_live_metric_is_on_the_live_exposition(telemetry: Telemetry) -> None:
    telemetry.configuration_loaded(AT, "abc")
    ours = {name for name in read_exposition(text(telemetry)).families if name.startswith("recon_")}

    assert ours == {
        metric.name for metric in CATALOGUE.values() if metric.producer is Producer.LIVE and metric.is_exported
    }


def test_live_samples_have_the_labels_of_the_catalogue(telemetry: Telemetry) -> None:
    telemetry.configuration_loaded(AT, "abc")
    telemetry.job_finished("cycle", 0.2, AT)
    telemetry.next_run("cycle", AT)
    telemetry.interval("cycle", 60)

    for name, family in read_exposition(text(telemetry)).families.items():
        for _, labels in family.samples:
            if name in CATALOGUE:
                assert {label for label, _ in labels} - {"le"} == set(CATALOGUE[name].labels)


def test_live_exposition_is_sound_in_both_formats(telemetry: Telemetry) -> None:
    telemetry.configuration_loaded(AT, "abc")
    telemetry.job_finished("cycle", 0.2, AT)

    assert read_exposition(text(telemetry)).errors == []
    assert parse_openmetrics(telemetry.exposition(Format.OPENMETRICS))
    assert "_created" not in text(telemetry)


@pytest.mark.parametrize(
    ("form", "encode"), [(Format.TEXT, generate_latest), (Format.OPENMETRICS, generate_openmetrics)]
)
def test_live_exposition_is_what_the_library_writes(form: Format, encode: Callable[[Collector], bytes]) -> None:
    telemetry = Telemetry("0.1.0", runs=("cycle", 'a "run"\\of\ntwo lines'), sinks=("page",))
    telemetry.configuration_loaded(AT, "abc")
    telemetry.job_finished("cycle", 0.2, AT)
    families = [*telemetry._registry.collect(), UnknownMetricFamily("odd", 'a "help"\\text\nof two lines', 1.5)]

    assert encoded(families, form) == encode(Fixed(families))


def test_counters_stand_at_zero_before_anything_happened(telemetry: Telemetry) -> None:
    exposition = text(telemetry)

    assert samples(exposition, "recon_job_runs_total") == {RUN: 0}
    assert samples(exposition, "recon_job_missed_total") == {RUN: 0}
    assert set(samples(exposition, "recon_job_failures_total")) == {
        (("reason", reason), ("run", "cycle")) for reason in JobFailure
    }
    assert samples(exposition, "recon_delivery_failures_total") == {
        (("sink", "page"),): 0,
        (("sink", "report_file"),): 0,
        (("sink", "webhook"),): 0,
    }


def test_times_have_no_series_before_there_is_one(telemetry: Telemetry) -> None:
    exposition = text(telemetry)

    assert samples(exposition, "recon_job_last_success_timestamp_seconds") == {}
    assert samples(exposition, "recon_job_next_run_timestamp_seconds") == {}
    assert samples(exposition, "recon_config_last_reload_successful") == {}


def test_finished_run_is_counted_timed_and_dated(telemetry: Telemetry) -> None:
    telemetry.job_finished("cycle", 0.2, AT)

    exposition = text(telemetry)
    assert samples(exposition, "recon_job_runs_total") == {RUN: 1}
    assert samples(exposition, "recon_job_duration_seconds_sum") == {RUN: 0.2}
    assert samples(exposition, "recon_job_last_success_timestamp_seconds") == {RUN: AT.timestamp()}


def test_failed_run_is_counted_with_its_reason_and_is_no_success(telemetry: Telemetry) -> None:
    telemetry.job_finished("cycle", 0.2, AT, JobFailure.STATE)

    exposition = text(telemetry)
    assert samples(exposition, "recon_job_runs_total") == {RUN: 1}
    assert samples(exposition, "recon_job_failures_total")[("reason", "state"), ("run", "cycle")] == 1
    assert samples(exposition, "recon_job_last_success_timestamp_seconds") == {}


def test_schedule_and_deliveries_are_told(telemetry: Telemetry) -> None:
    telemetry.job_missed("cycle")
    telemetry.next_run("cycle", AT)
    telemetry.interval("cycle", 60)
    telemetry.delivered("webhook")
    telemetry.delivery_failed("webhook")
    telemetry.request_answered("metrics", 200)
    telemetry.line_logged("error")

    exposition = text(telemetry)
    assert samples(exposition, "recon_log_lines_total") == {(("level", "error"),): 1, (("level", "warning"),): 0}
    assert samples(exposition, "recon_job_missed_total") == {RUN: 1}
    assert samples(exposition, "recon_job_next_run_timestamp_seconds") == {RUN: AT.timestamp()}
    assert samples(exposition, "recon_job_interval_seconds") == {RUN: 60}
    assert samples(exposition, "recon_deliveries_total")[(("sink", "webhook"),)] == 1
    assert samples(exposition, "recon_delivery_failures_total")[(("sink", "webhook"),)] == 1
    assert samples(exposition, "recon_http_requests_total")[("code", "2xx"), ("path", "metrics")] == 1


def test_refused_configuration_leaves_the_good_one_in_force(telemetry: Telemetry) -> None:
    telemetry.configuration_loaded(AT, "abc")
    telemetry.configuration_refused()

    exposition = text(telemetry)
    assert samples(exposition, "recon_config_last_reload_successful") == {(): 0}
    assert samples(exposition, "recon_config_last_reload_success_timestamp_seconds") == {(): AT.timestamp()}
    assert samples(exposition, "recon_config_info") == {(("sha256", "abc"),): 1}


def test_new_configuration_takes_the_place_of_the_old(telemetry: Telemetry) -> None:
    telemetry.configuration_loaded(AT, "abc")
    telemetry.configuration_loaded(AT, "def")

    assert samples(text(telemetry), "recon_config_info") == {(("sha256", "def"),): 1}


@pytest.mark.parametrize(
    "name", ["recon_job_runs_total", "recon_job_duration_seconds_bucket", "recon_config_info", "process_open_fds"]
)
def test_every_live_sample_can_be_asked_for_by_its_name(telemetry: Telemetry, name: str) -> None:
    telemetry.configuration_loaded(AT, "abc")

    answer = telemetry.exposition(Format.TEXT, [name]).decode()

    assert {line.split("{")[0].split(" ")[0] for line in answer.splitlines() if not line.startswith("#")} == {name}


def test_families_asked_for_come_by_name(telemetry: Telemetry) -> None:
    names = [f"recon_job_{name}_total" for name in ("runs", "missed", "failures")] + ["recon_log_lines_total"]
    names += ["recon_deliveries_total", "recon_delivery_failures_total", "recon_build_info"]

    answer = telemetry.exposition(Format.TEXT, names).decode()

    assert re.findall(r"^# TYPE (\S+)", answer, re.MULTILINE) == sorted(names)


def test_two_instances_share_nothing(telemetry: Telemetry) -> None:
    Telemetry("0.1.0", runs=("cycle",), sinks=("page",)).job_missed("cycle")

    assert samples(text(telemetry), "recon_job_missed_total") == {RUN: 0}


def test_every_class_of_failures_at_exchanges_is_a_reason_that_begins_at_zero(telemetry: Telemetry) -> None:
    telemetry.venues.expect("bitget")
    telemetry.venues.failed("bitget", "never heard of")

    counted = samples(text(telemetry), "recon_venue_request_failures_total")
    assert {meaning.code for meaning in CLASSES.values()} <= set(FAILURES)
    assert {dict(labels)["reason"]: value for labels, value in counted.items()} == {
        **dict.fromkeys(FAILURES, 0),
        "other": 1,
    }


def test_job_that_is_dropped_promises_nothing_more(telemetry: Telemetry) -> None:
    telemetry.interval("cycle", 60)
    telemetry.job_finished("cycle", 0.2, AT)
    telemetry.job_dropped("cycle")
    telemetry.job_dropped("cycle")

    assert samples(text(telemetry), "recon_job_interval_seconds") == {}
    assert samples(text(telemetry), "recon_job_last_success_timestamp_seconds") == {}
    assert samples(text(telemetry), "recon_job_runs_total") == {RUN: 1}
