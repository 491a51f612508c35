"""/metrics over a real connection: format, encoding and selection by what the client asks for."""

from __future__ import annotations

import gzip
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from recon_exporter.telemetry import CATALOGUE
from support.eod_views import eod_report
from support.exposition import parse_openmetrics, read_exposition, samples
from support.reports import broken_report, healthy_report, large_report, make_report, sides_report

if TYPE_CHECKING:
    from support.serving import Served

OPENMETRICS = "application/openmetrics-text;version=1.0.0"
PROMETHEUS = (
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)


def names(text: str) -> set[str]:
    return {line.split("{")[0].split(" ")[0] for line in text.splitlines() if not line.startswith("#")}


def test_page_and_live_metrics_come_as_one_sound_exposition(served: Served) -> None:
    broken = broken_report()
    served.sink.show(replace(broken, bots=(*broken.bots, *sides_report().bots), eod=eod_report().eod))
    served.telemetry.configuration_loaded(served.clock.now(), "abc")

    text = served.ask("/metrics").text

    reading = read_exposition(text)
    assert reading.errors == []
    assert {metric.name for metric in CATALOGUE.values() if metric.is_exported} <= set(reading.families)


def test_openmetrics_passes_the_strict_parser(served: Served) -> None:
    served.sink.show(broken_report())

    answer = served.ask("/metrics", Accept=PROMETHEUS)

    assert answer.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0; charset=utf-8")
    assert parse_openmetrics(answer.body)
    assert answer.text.endswith("# EOF\n")


def test_during_warm_up_only_the_process_speaks(served: Served) -> None:
    text = served.ask("/metrics").text

    assert read_exposition(text).errors == []
    assert "recon_source_up" not in text
    assert "recon_job_runs_total" in text


def test_fleet_without_bots_is_not_the_same_as_warm_up(served: Served) -> None:
    served.sink.show(make_report())

    assert samples(served.ask("/metrics").text, "recon_bots_expected") == {(): 0}


def test_next_page_is_served_as_soon_as_it_is_shown(served: Served) -> None:
    served.sink.show(healthy_report())
    before = samples(served.ask("/metrics").text, "recon_bots_expected")
    served.sink.show(broken_report())

    assert (before, samples(served.ask("/metrics").text, "recon_bots_expected")) == ({(): 2}, {(): 4})


@pytest.mark.parametrize("accept", ["", PROMETHEUS])
def test_compressed_answer_is_the_same_exposition(served: Served, accept: str) -> None:
    served.sink.show(broken_report())

    answer = served.ask("/metrics", Accept=accept, Accept_Encoding="gzip")

    assert answer.headers["Content-Encoding"] == "gzip"
    assert int(answer.headers["Content-Length"]) == len(answer.body)
    plain = served.ask("/metrics", Accept=accept)
    assert names(gzip.decompress(answer.body).decode()) == names(plain.text)


@pytest.mark.parametrize("encoding", ["", "identity", "gzip;q=0", "deflate, br"])
def test_plain_bytes_for_a_client_that_does_not_take_gzip(served: Served, encoding: str) -> None:
    answer = served.ask("/metrics", Accept_Encoding=encoding)

    assert "Content-Encoding" not in answer.headers
    assert answer.text.startswith("# HELP")


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_head_has_the_headers_and_no_body(served: Served, encoding: str) -> None:
    served.sink.show(healthy_report())

    answer = served.ask("/metrics", "HEAD", Accept_Encoding=encoding)

    assert (answer.status, answer.body) == (200, b"")
    assert int(answer.headers["Content-Length"]) > 1000
    assert answer.headers["Vary"] == "Accept, Accept-Encoding"


@pytest.mark.parametrize("accept", ["", PROMETHEUS])
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_selection_by_sample_name_reaches_page_and_live_metrics(served: Served, accept: str, encoding: str) -> None:
    served.sink.show(healthy_report())
    query = "name[]=recon_bots_expected&name%5B%5D=recon_job_duration_seconds_count&name[]=process_start_time_seconds"

    answer = served.ask(f"/metrics?{query}", Accept=accept, Accept_Encoding=encoding)

    body = gzip.decompress(answer.body) if encoding == "gzip" else answer.body
    assert names(body.decode()) == {
        "recon_bots_expected",
        "recon_job_duration_seconds_count",
        "process_start_time_seconds",
    }


def test_every_family_can_be_selected_by_its_sample_name(served: Served) -> None:
    served.sink.show(broken_report())

    for name in sorted(names(served.ask("/metrics").text)):
        assert names(served.ask(f"/metrics?name[]={name}").text) == {name}


@pytest.mark.parametrize(("accept", "body"), [("", b""), (OPENMETRICS, b"# EOF\n")])
def test_unknown_name_gives_an_empty_answer(served: Served, accept: str, body: bytes) -> None:
    served.sink.show(healthy_report())

    answer = served.ask("/metrics?name[]=nothing", Accept=accept)

    assert (answer.status, answer.body) == (200, body)


def test_requests_are_counted_by_kind_and_code(served: Served) -> None:
    served.ask("/metrics")
    served.ask("/nothing")
    served.ask("/metrics", "POST")

    counts = samples(served.ask("/metrics").text, "recon_http_requests_total")
    assert counts[("code", "2xx"), ("path", "metrics")] == 1
    assert counts[("code", "4xx"), ("path", "metrics")] == 1
    assert counts[("code", "4xx"), ("path", "other")] == 1


def test_fifty_scrapes_at_once_are_all_answered_whole(served: Served) -> None:
    served.sink.show(large_report(100))
    encodings = ["gzip", "identity"] * 25

    with ThreadPoolExecutor(max_workers=50) as pool:
        answers = list(pool.map(lambda encoding: served.ask("/metrics", Accept_Encoding=encoding), encodings))

    bodies = [
        gzip.decompress(answer.body) if encoding == "gzip" else answer.body
        for answer, encoding in zip(answers, encodings, strict=True)
    ]
    assert {answer.status for answer in answers} == {200}
    assert all(read_exposition(body.decode()).errors == [] for body in bodies)
