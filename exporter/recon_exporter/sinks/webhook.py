"""Notices as POST requests, with a marker file that proves the latest one to have arrived.

The URL may hold a secret: neither it nor anything that a library says about it is ever shown.
"""

import json
from datetime import timedelta
from pathlib import Path

import requests
import stamina
import structlog

from recon_exporter.domain.document import to_json
from recon_exporter.errors import DeliveryFailed
from recon_exporter.ports import Clock, Outgoing
from recon_exporter.reading.files import replace_file

TIMEOUT = timedelta(seconds=5)
ATTEMPTS = 3
TOO_MANY_REQUESTS = 429
SERVER_ERRORS = 500
MARKED = ("ts_utc", "status", "critical_count", "warning_count", "kind", "fingerprint", "synthetic")
LOG = structlog.get_logger(__name__)


class _WorthRepeating(DeliveryFailed):
    """A failure that may be over in a moment."""


class Webhook:
    """One receiver of notices; ``marker`` is written only after it has confirmed one."""

    name = "webhook"
    gives_up = True

    def __init__(self, url: str, marker: Path, clock: Clock) -> None:
        self._url = url
        self._marker = marker
        self._clock = clock

    def deliver(self, entry: Outgoing) -> None:
        """POST the entry's body; after TIMEOUT in all no further attempt is begun, for the outbox tries again later."""
        attempts = stamina.retry_context(on=_WorthRepeating, attempts=ATTEMPTS, timeout=TIMEOUT, wait_initial=0.25)
        for attempt in attempts:
            with attempt:
                status = self._post(entry.body)
                self._mark(entry.body, status)

    def _post(self, body: str) -> int:
        headers = {"Content-Type": "application/json"}
        try:
            # A redirect could carry the notice, and a secret with it, to another host.
            with requests.post(
                self._url,
                data=body.encode(),
                headers=headers,
                timeout=TIMEOUT.total_seconds(),
                allow_redirects=False,
                stream=True,
            ) as response:
                status = response.status_code
        except (requests.ConnectionError, requests.Timeout) as error:
            raise _WorthRepeating(f"the webhook cannot be reached: {type(error).__name__}") from None
        except (requests.RequestException, ValueError) as error:
            raise DeliveryFailed(f"the request to the webhook cannot be made: {type(error).__name__}") from None
        if requests.codes.ok <= status < requests.codes.multiple_choices:
            return status
        message = f"the webhook answered {status}"
        if status == TOO_MANY_REQUESTS or status >= SERVER_ERRORS:
            raise _WorthRepeating(message)
        raise DeliveryFailed(message)

    def _mark(self, body: str, status: int) -> None:
        """A marker that cannot be written does not make the notice unsent: sending it again would not help."""
        payload = json.loads(body)
        marker = {key: payload.get(key) for key in MARKED}
        marker |= {"sent_at": self._clock.now(), "http_status": status}
        try:
            replace_file(self._marker, to_json(marker) + "\n")
        except OSError as error:
            LOG.warning("webhook marker not written", path=str(self._marker), why=error.strerror)
