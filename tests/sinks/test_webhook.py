"""The webhook over real HTTP: repeated where that helps, marked only when confirmed, its secrets never shown."""

from __future__ import annotations

import json
import socket
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import stamina
import structlog

from recon_exporter.domain.document import to_json
from recon_exporter.domain.finding import Severity
from recon_exporter.domain.notice import decide_notice, notice_payload
from recon_exporter.domain.report import Status
from recon_exporter.errors import DeliveryFailed
from recon_exporter.ports import Outgoing
from recon_exporter.sinks import webhook as module
from recon_exporter.sinks.webhook import Webhook
from support.evidence import NOW
from support.parts import FixedClock
from support.receiver import Receiver, receiving
from support.reports import make_finding, make_report, make_result, make_verdict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SENT_AT = NOW + timedelta(seconds=3)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    return tmp_path / "reports" / "last_webhook_sent.json"


@pytest.fixture(autouse=True)
def without_waiting() -> Iterator[None]:
    """Attempts follow one another at once."""
    with stamina.set_testing(testing=True, attempts=module.ATTEMPTS, cap=True):
        yield


@pytest.fixture
def entry() -> Outgoing:
    drift = make_finding("inventory", "inventory_drift_critical", Severity.CRITICAL)
    report = make_report(make_verdict("bot1", make_result("inventory", drift)), status=Status.CRITICAL)
    notice = decide_notice(report, None, Severity.CRITICAL, timedelta(hours=4))
    assert notice is not None
    return Outgoing(7, "webhook", notice.kind.value, NOW, to_json(notice_payload(report, notice, "http://recon")))


def webhook(url: str, marker: Path) -> Webhook:
    return Webhook(url, marker, FixedClock(SENT_AT))


def unused_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def test_body_is_posted_as_json(receiver: Receiver, marker: Path, entry: Outgoing) -> None:
    webhook(receiver.url, marker).deliver(entry)

    (request,) = receiver.requests
    assert request.headers["Content-Type"] == "application/json"
    assert json.loads(request.body)["source"] == "reconciliation_service"
    assert request.body == entry.body


def test_marker_is_written_after_a_confirmed_send(receiver: Receiver, marker: Path, entry: Outgoing) -> None:
    webhook(receiver.url, marker).deliver(entry)

    marked = json.loads(marker.read_text())
    assert list(marked)[:4] == ["ts_utc", "status", "critical_count", "warning_count"]
    assert (marked["ts_utc"], marked["status"]) == ("2026-03-06T12:00:00.000000+00:00", "critical")
    assert (marked["critical_count"], marked["warning_count"]) == (1, 0)
    assert (marked["sent_at"], marked["http_status"]) == ("2026-03-06T12:00:03.000000+00:00", 200)


@pytest.mark.parametrize("status", [200, 202, 204])
def test_every_2xx_confirms(receiver: Receiver, marker: Path, entry: Outgoing, status: int) -> None:
    receiver.statuses = [status]
    webhook(receiver.url, marker).deliver(entry)

    assert json.loads(marker.read_text())["http_status"] == status


@pytest.mark.parametrize("status", [301, 304, 400, 401, 404, 429, 500, 503])
def test_anything_else_fails_and_leaves_the_old_marker(
    receiver: Receiver, marker: Path, entry: Outgoing, status: int
) -> None:
    webhook(receiver.url, marker).deliver(entry)
    before = marker.read_text()
    receiver.statuses = [status]

    with pytest.raises(DeliveryFailed, match=f"answered {status}"):
        webhook(receiver.url, marker).deliver(entry)
    assert marker.read_text() == before


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_may_be_over_in_a_moment_is_repeated(
    receiver: Receiver, marker: Path, entry: Outgoing, status: int
) -> None:
    receiver.statuses = [status, status, 200]
    webhook(receiver.url, marker).deliver(entry)

    assert len(receiver.requests) == 3


def test_refusal_is_not_repeated(receiver: Receiver, marker: Path, entry: Outgoing) -> None:
    receiver.statuses = [404]
    with pytest.raises(DeliveryFailed):
        webhook(receiver.url, marker).deliver(entry)

    assert len(receiver.requests) == 1


def test_receiver_that_is_not_there_fails(marker: Path, entry: Outgoing) -> None:
    with pytest.raises(DeliveryFailed, match="cannot be reached"):
        webhook(f"http://127.0.0.1:{unused_port()}/alert", marker).deliver(entry)
    assert not marker.exists()


def test_receiver_that_does_not_answer_in_time_fails(
    marker: Path, entry: Outgoing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TIMEOUT", timedelta(milliseconds=50))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/alert"
        with pytest.raises(DeliveryFailed, match="cannot be reached"):
            webhook(url, marker).deliver(entry)


def test_redirect_is_not_followed(receiver: Receiver, marker: Path, entry: Outgoing) -> None:
    with receiving() as elsewhere:
        receiver.statuses, receiver.location = [307], elsewhere.url
        with pytest.raises(DeliveryFailed, match="answered 307"):
            webhook(receiver.url, marker).deliver(entry)

        assert elsewhere.requests == []


@pytest.mark.parametrize(
    "url", ["http://user:hunter2@127.0.0.1:{port}/hunter2?key=hunter2", "hunter2", "http://[hunter2/"]
)
def test_secrets_of_the_url_are_not_shown(marker: Path, entry: Outgoing, url: str) -> None:
    with structlog.testing.capture_logs() as logs, pytest.raises(DeliveryFailed) as failure:
        webhook(url.format(port=unused_port()), marker).deliver(entry)

    error: BaseException | None = failure.value
    assert error is not None
    assert error.__suppress_context__
    assert error.__cause__ is None
    assert "hunter2" not in str(error) + repr(error) + repr(logs)


def test_marker_that_cannot_be_written_does_not_make_it_unsent(
    receiver: Receiver, tmp_path: Path, entry: Outgoing
) -> None:
    (tmp_path / "taken").write_text("a file")
    with structlog.testing.capture_logs() as logs:
        webhook(receiver.url, tmp_path / "taken" / "marker.json").deliver(entry)

    assert len(receiver.requests) == 1
    assert [line["event"] for line in logs] == ["webhook marker not written"]


def test_timeout_is_five_seconds() -> None:
    assert timedelta(seconds=5) == module.TIMEOUT
