"""Scrapes of the page that is rendered once for each report."""

import gzip
import multiprocessing
import shutil
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from benchmarks.fleet import Fleet
from benchmarks.measuring import best_seconds, in_own_process, peak_memory
from benchmarks.passes import passes
from benchmarks.result import MEBIBYTE, Baseline, Result
from benchmarks.scale import Scale
from benchmarks.scraping import Connection
from recon_exporter import __version__, bundle
from recon_exporter.clock import SystemClock
from recon_exporter.sinks.page import PageSink
from recon_exporter.telemetry import Telemetry
from recon_exporter.web import Health, Site, WebServer

NAME = "metrics"
AT_MOST_OF_A_FILE = 1.5
AT_MOST_OF_A_GENERATION = 1 / 50
LINES = 10_000
INTERVAL = timedelta(minutes=1)
PAGE, FILE = "/metrics", "/static"
GENERATIONS = 5


@dataclass(frozen=True, slots=True)
class Scraped:
    """Seconds of a scrape in one encoding, of the same bytes as a file, and of making them with the client library."""

    page: float
    file: float
    generation: float
    size: int


@dataclass(frozen=True, slots=True)
class Found:
    """What one server gave in both encodings."""

    series: int
    plain: Scraped
    zipped: Scraped
    peak: int | None


class ServerWithFile(WebServer):
    """The server, which here sends one static file too, as aiohttp sends files."""

    file: Path

    async def _respond(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.path == FILE:
            return web.FileResponse(self.file)
        return await super()._respond(request)


class Parsed(Collector):
    """The families of an exposition, for the client library to write again."""

    def __init__(self, exposition: str) -> None:
        self._families = list(text_string_to_metric_families(exposition))

    def collect(self) -> Iterator[Metric]:
        yield from self._families


def run(scale: Scale, folder: Path) -> Iterator[Result]:
    """Both encodings, each against both baselines."""
    fleet = in_own_process(_written, scale, folder / "metrics")
    found = in_own_process(_measured, fleet, scale.scrapes)
    shutil.rmtree(fleet.folder)
    for encoding, scraped in (("identity", found.plain), ("gzip", found.zipped)):
        what = f"/metrics, {found.series:,} series, {encoding}, {scraped.size / MEBIBYTE:.1f} MiB"
        file = Baseline("static file of the same size", scraped.file, at_most=AT_MOST_OF_A_FILE)
        yield Result(NAME, what, scraped.page, baseline=file, peak=found.peak)
        generation = Baseline("generate_latest of the same families", scraped.generation, AT_MOST_OF_A_GENERATION)
        yield Result(NAME, what, scraped.page, baseline=generation)


def _written(scale: Scale, folder: Path) -> Fleet:
    fleet = Fleet(folder, scale.page_bots)
    fleet.write(min(LINES, *scale.store_lines), history_minutes=scale.history_minutes // 4)
    return fleet


def _measured(fleet: Fleet, scrapes: int) -> Found:
    """Serve the page of one cycle; who scrapes is another process, so that both have a core of their own."""
    with passes(fleet) as cycles, ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as client:
        cycles.run()
        with _server(cycles.page, fleet.folder) as server:
            scrape = client.submit(_scraped, server.url, scrapes)
            (plain, plain_file, exposition), (zipped, zipped_file, packed) = scrape.result()
        peak = peak_memory()
    registry = CollectorRegistry()
    registry.register(Parsed(exposition.decode()))
    generation = best_seconds(lambda: generate_latest(registry), GENERATIONS)
    compressed = best_seconds(lambda: gzip.compress(generate_latest(registry)), GENERATIONS)
    return Found(
        series=sum(not line.startswith(b"#") for line in exposition.splitlines()),
        plain=Scraped(plain, plain_file, generation, len(exposition)),
        zipped=Scraped(zipped, zipped_file, compressed, len(packed)),
        peak=peak,
    )


@contextmanager
def _server(page: PageSink, folder: Path) -> Iterator[ServerWithFile]:
    """The exporter's server over the page, with a file of what it answers beside it, plain and compressed."""
    clock = SystemClock()
    site = Site(
        source=page,
        telemetry=Telemetry(__version__, ["cycle"], ["page"]),
        clock=clock,
        health=Health(clock),
        version=__version__,
        runbooks=bundle.part("runbooks"),
        reports=lambda: folder,
        configuration=str,
        interval=lambda: INTERVAL,
    )
    server = ServerWithFile("127.0.0.1:0", site)
    server.file = folder / "exposition.txt"
    server.start()
    try:
        with Connection(server.url) as client:
            server.file.write_bytes(client.get("/metrics", compressed=False))
            server.file.with_suffix(".txt.gz").write_bytes(client.get("/metrics", compressed=True))
        yield server
    finally:
        server.stop()


def _scraped(url: str, scrapes: int) -> list[tuple[float, float, bytes]]:
    """For both encodings the shortest seconds of the page and of the file, taken in turns, and a body."""
    found = []
    with Connection(url) as client:
        for compressed in (False, True):
            seconds = {path: [client.seconds(path, compressed=compressed)] for path in (PAGE, FILE)}
            for _ in range(scrapes):
                for path, of in seconds.items():
                    of.append(client.seconds(path, compressed=compressed))
            body = client.get(PAGE, compressed=compressed)
            found.append((min(seconds[PAGE]), min(seconds[FILE]), bytes(body)))
    return found
