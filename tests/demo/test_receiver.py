"""The demonstration's receiver hands on what it is sent and refuses what is no JSON object."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests

from recon_exporter.demo.receiver import Receiver

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Arrived = list[tuple[str, "Mapping[str, object]"]]


@pytest.fixture
def arrived() -> Arrived:
    return []


@pytest.fixture
def receiver(arrived: Arrived) -> Iterator[Receiver]:
    receiver = Receiver(lambda path, document: arrived.append((path, document)))
    receiver.start()
    yield receiver
    receiver.stop()


def test_a_document_arrives_with_its_path(receiver: Receiver, arrived: Arrived) -> None:
    assert requests.post(f"{receiver.url}/pager", json={"alerts": []}, timeout=5).status_code == 200
    assert arrived == [("/pager", {"alerts": []})]


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"\xff"])
def test_what_is_no_object_is_refused(receiver: Receiver, arrived: Arrived, body: bytes) -> None:
    assert requests.post(receiver.url, data=body, timeout=5).status_code == 400
    assert arrived == []


def test_a_path_that_is_broken_takes_nothing_until_it_is_mended(receiver: Receiver, arrived: Arrived) -> None:
    receiver.broken = frozenset({"/chat"})

    answers = [requests.post(f"{receiver.url}{path}", json={}, timeout=5).status_code for path in ("/chat", "/pager")]
    receiver.broken = frozenset()
    answers.append(requests.post(f"{receiver.url}/chat", json={}, timeout=5).status_code)

    assert answers == [500, 200, 200]
    assert [path for path, _ in arrived] == ["/pager", "/chat"]


def test_a_receiver_that_never_started_can_be_stopped() -> None:
    Receiver(lambda _path, _document: None).stop()
