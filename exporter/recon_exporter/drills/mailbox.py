"""What the receivers of a drill were sent."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

FIRING, RESOLVED = "firing", "resolved"


@dataclass(frozen=True, slots=True)
class Told:
    """One alert of one notification: the path it came to, and what it says."""

    path: str
    status: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]

    def is_about(self, labels: Mapping[str, str]) -> bool:
        """Whether the alert has all of these labels."""
        return labels.items() <= self.labels.items()


@dataclass(slots=True)
class Mailbox:
    """Everything that came, in order of arrival; written by the threads of a receiver."""

    _documents: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _read: int = 0

    def put(self, path: str, document: Mapping[str, Any]) -> None:
        """Take what came to this path."""
        with self._lock:
            self._documents.append((path, document))

    def documents(self, path: str) -> list[Mapping[str, Any]]:
        """The notifications that came to this path."""
        with self._lock:
            return [document for sent_to, document in self._documents if sent_to == path]

    def begin(self) -> None:
        """Take all that has come for read: ``told`` is about what comes from now on."""
        with self._lock:
            self._read = len(self._documents)

    def told(self) -> list[Told]:
        """Every alert of every notification of Alertmanager since ``begin``, in order of arrival."""
        with self._lock:
            documents = self._documents[self._read :]
        return [
            Told(path, alert["status"], alert["labels"], alert["annotations"])
            for path, document in documents
            for alert in document.get("alerts", ())
        ]
