"""What the receivers of Alertmanager were sent, and when: who was paged how often, and told what is over."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from recon_exporter.drills.mailbox import Mailbox

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PAGER, CHAT = "/pager", "/chat"
CLEARED = "ReconciliationCleared"


@dataclass(slots=True)
class Arrivals(Mailbox):
    """Every notification with the time of its arrival, by the path that it came to."""

    items: list[tuple[float, str, Mapping[str, Any]]] = field(default_factory=list)

    def put(self, path: str, document: Mapping[str, Any]) -> None:
        """Take it, and note the time."""
        self.items.append((time.monotonic(), path, document))

    def about(self, path: str, bot: str) -> list[tuple[float, list[tuple[str, str]]]]:
        """The notifications to this path of what goes on with a bot: when, and which alerts fire in it."""
        found = []
        for at, sent_to, document in list(self.items):
            labels = document.get("groupLabels", {})
            if sent_to == path and labels.get("bot", "") == bot and "cleared" not in labels:
                alerts = [one["labels"] for one in document["alerts"] if one["status"] == "firing"]
                found.append((at, sorted((one["alertname"], one["severity"]) for one in alerts)))
        return [(at, alerts) for at, alerts in found if alerts]

    def counts(self, path: str) -> Counter[str]:
        """How many notifications came to this path, by bot, all-clears and those about no bot among them."""
        return Counter(document["groupLabels"].get("bot", "") for _, to, document in list(self.items) if to == path)

    def all_clears(self, path: str) -> list[tuple[str, str]]:
        """The bots and alerts of which this path was told that they are over."""
        return [(one["bot"], one["cleared"]) for one in self._labels(path, "firing") if one["alertname"] == CLEARED]

    def ended(self, path: str) -> set[tuple[str, str]]:
        """The bots and alerts of which this path was told that they are no longer reported."""
        return {(one.get("bot", ""), one["alertname"]) for one in self._labels(path, "resolved")}

    def _labels(self, path: str, status: str) -> Iterator[Mapping[str, str]]:
        for _, sent_to, document in list(self.items):
            if sent_to == path:
                yield from (alert["labels"] for alert in document["alerts"] if alert["status"] == status)
