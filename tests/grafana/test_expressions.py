"""What holds for every query without a server: its metrics, labels, variables, windows, and the limits beside it."""

from __future__ import annotations

import re

import pytest

from grafana.boards import ROOT, Query, boards, queries
from recon_exporter.telemetry import CATALOGUE
from recon_exporter.telemetry.metric import Kind
from support.watchers import WATCHERS

METRIC = re.compile(
    r"(?<![\w:$])(?:recon|wsb|process|scrape|prometheus|alertmanager)_\w+(?![\w:(])|\bup\b|\bALERTS(?:_FOR_STATE)?\b"
)
SELECTOR = re.compile(r"\b(?P<metric>(?:recon|wsb)_\w+)\{(?P<matchers>(?:[^{}\"]|\"[^\"]*\")*)\}")
# Metrics that every target has, and those that Prometheus makes of its rules.
NOT_OURS = {
    "up", "ALERTS", "ALERTS_FOR_STATE", "process_resident_memory_bytes", "process_cpu_seconds_total",
    "scrape_duration_seconds", "scrape_samples_scraped", *WATCHERS,
}  # fmt: skip

each_query = pytest.mark.parametrize("query", queries(), ids=[query.name for query in queries()])


def catalogued(name: str) -> str:
    """The name in the catalogue: histograms stand there without the suffixes of their samples."""
    return name if name in CATALOGUE else re.sub(r"_(bucket|sum|count)$", "", name)


@each_query
def test_metrics_and_labels_are_those_of_the_catalogue(query: Query) -> None:
    names = {catalogued(name) for name in METRIC.findall(re.sub(r'"[^"]*"', '""', query.expression))}

    assert names
    assert {name for name in names - NOT_OURS if not CATALOGUE[name].is_exported} == set()
    for match in SELECTOR.finditer(query.expression):
        known = {*CATALOGUE[catalogued(match["metric"])].labels, "job", "instance", "le"}
        assert set(re.findall(r"(\w+)(?:=~|!~|!=|=)", re.sub(r'"[^"]*"', '""', match["matchers"]))) <= known


@each_query
def test_every_selector_obeys_the_variables(query: Query) -> None:
    for name, matchers in re.findall(r"\b((?:recon|wsb|process|scrape)_\w+|up|ALERTS\w*)\{([^}]*)\}", query.expression):
        labels = CATALOGUE[catalogued(name)].labels if catalogued(name) in CATALOGUE else ()
        assert 'job=~"$job' in matchers
        if query.board == "recon-exporter":
            assert 'instance=~"$instance"' in matchers or name.startswith("ALERTS")
        elif "bot" in labels:
            assert 'bot=~"$bot"' in matchers
    bare = re.sub(r"\{[^}]*\}", "{}", query.expression)
    assert [name for name in METRIC.findall(bare) if re.search(rf"\b{name}(?!\{{)\b", bare)] == []


@each_query
def test_rates_fit_the_scrape_interval_or_a_rule(query: Query) -> None:
    """A window of fixed length stands only where a rule has the same, or where changes of a day are counted."""
    windows = re.findall(r"\b(rate|increase|irate|delta|changes)\([^\[]*\[([^\]]+)\]", query.expression)

    assert {window for _, window in windows} <= {"$__rate_interval", "$__range", "10m", "1d"}
    assert all(window == "$__rate_interval" for function, window in windows if function == "rate")
    if not query.is_instant:
        assert "$__range" not in {window for _, window in windows}


@each_query
def test_counters_are_asked_for_what_they_gain(query: Query) -> None:
    """Only the history of resolved breaks is read whole: its buckets are kept in the exporter's state."""
    for name in METRIC.findall(query.expression):
        metric = CATALOGUE.get(catalogued(name))
        if metric is not None and metric.kind in {Kind.COUNTER, Kind.HISTOGRAM} and "resolution" not in name:
            assert re.search(rf"(?:rate|increase)\({name}\b", query.expression), name


def test_ages_and_delays_of_panels_are_those_of_the_rules() -> None:
    rules = (ROOT / "alerts" / "recon.rules.yml").read_text()
    stated = {
        "recon-fleet/Oldest open break": ("> 86400", "> 604800"),
        "recon-eod/Oldest verdict": ("> 691200",),
        "recon-eod/Runs overdue": ("> 3000",),
        "recon-exporter/Clock skew": ("> 5",),
        "recon-exporter/Share of failed requests": ("> 0.5",),
    }
    shown = {f"{board.uid}/{panel['title']}": panel for board in boards() for panel in board.panels}

    for name, limits in stated.items():
        steps = [step["value"] for step in shown[name]["fieldConfig"]["defaults"]["thresholds"]["steps"]]
        for limit in limits:
            number = float(limit.removeprefix("> "))
            assert limit in rules
            assert number in steps or limit in shown[name]["targets"][0]["expr"]
    assert "2 * max by (job, instance) (max_over_time(recon_job_interval_seconds" in rules


def test_drift_is_drawn_against_the_limits_in_force() -> None:
    drifts = {"recon_inventory_drift_ratio", "recon_exchange_drift_ratio"}
    panels = [
        (panel, " ".join(target["expr"] for target in panel["targets"])) for board in boards() for panel in board.panels
    ]

    assert [
        panel["title"]
        for panel, text in panels
        if any(drift in text for drift in drifts) and "recon_threshold{" not in text
    ] == []
