"""What is asked of venues, in numbers: requests, failures by class, and how far their clocks are from ours."""

from collections.abc import Mapping
from types import MappingProxyType

from prometheus_client import CollectorRegistry, Counter, Gauge

from recon_exporter.telemetry.catalogue import CATALOGUE

FAILURES: Mapping[str, str] = MappingProxyType(
    {
        "auth": "the key is refused",
        "bad_request": "the question is not accepted",
        "bad_response": "the answer cannot be read",
        "maintenance": "the venue says so",
        "nonce": "the time or number of the request is refused",
        "other": "refused otherwise",
        "permission": "the key may not read",
        "rate_limit": "fewer requests are wanted",
        "timeout": "no answer in time",
        "unavailable": "the venue cannot be reached",
        "unsupported": "the venue cannot be asked this",
    }
)
"""The values of the label ``reason``, with their meaning; any other is counted as other."""


class VenueMetrics:
    """The meter of all venues (ports.VenueMeter). Safe to call from any thread."""

    def __init__(self, registry: CollectorRegistry) -> None:
        requests, failures = (
            CATALOGUE[name] for name in ("recon_venue_requests_total", "recon_venue_request_failures_total")
        )
        skew = CATALOGUE["recon_venue_clock_skew_seconds"]
        self._requests = Counter(requests.family, requests.help, requests.labels, registry=registry)
        self._failures = Counter(failures.family, failures.help, failures.labels, registry=registry)
        self._skew = Gauge(skew.family, skew.help, skew.labels, unit=skew.unit, registry=registry)

    def expect(self, venue: str) -> None:
        """The venue may be asked; what is counted of it begins at zero."""
        self._requests.labels(venue)
        for reason in FAILURES:
            self._failures.labels(venue, reason)

    def requested(self, venue: str) -> None:
        """One request was sent."""
        self._requests.labels(venue).inc()

    def failed(self, venue: str, reason: str) -> None:
        """One request failed."""
        self._failures.labels(venue, reason if reason in FAILURES else "other").inc()

    def skewed(self, venue: str, seconds: float) -> None:
        """The venue's clock minus ours."""
        self._skew.labels(venue).set(seconds)
