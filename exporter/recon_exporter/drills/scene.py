"""What a drill plays: a small world that is sound, goes wrong in one way, and is put right."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from recon_exporter.drills.mailbox import FIRING, RESOLVED
from recon_exporter.drills.sandbox import Sandbox

PAGER, CHAT, SWITCH = "/pager", "/chat", "/dead-mans-switch"
RECEIVERS: Mapping[str, str] = MappingProxyType({"critical": PAGER, "warning": CHAT, "info": CHAT, "none": SWITCH})
"""Who is told of an alert, by its severity."""

HEARS_THE_END = frozenset({"critical", "warning"})
"""The chat is told when one of these is no longer reported; of a remark nobody hears the end."""


class Scene(ABC):
    """The world of one drill. Its methods are called in the order in which they stand, ``keep`` every few seconds."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    @abstractmethod
    def prepare(self) -> Mapping[str, Any]:
        """Write books, statements and whatever else there is, all sound; returns what recon.yml says."""

    def begun(self) -> None:  # noqa: B027  # most scenes have nothing to do here
        """The exporter has made its first cycle, and Prometheus has seen it."""

    @abstractmethod
    def happen(self) -> None:
        """Make the condition."""

    def keep(self) -> None:  # noqa: B027  # as above
        """Go on writing what bots and venues write while time passes."""

    @abstractmethod
    def repair(self) -> None:
        """Take the condition away, as whoever reads the runbook would."""

    def close(self) -> None:  # noqa: B027  # as above
        """End what the scene itself has started, also after a failure."""


@dataclass(frozen=True, slots=True)
class Drill:
    """How one alert is drilled: what is played, and which alert is awaited.

    ``variants`` are other ways to the same alert, by the name that ``--type`` takes; ``happens`` and ``repaired`` are
    told on the time line. ``labels`` are those of the alert that must arrive, and ``told_at`` is where it does, unless
    it takes the way of its severity.
    """

    alert: str
    severity: str
    happens: str
    repaired: str
    scene: Callable[[Sandbox], Scene]
    labels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    variants: Mapping[str, "Drill"] = field(default_factory=lambda: MappingProxyType({}))
    told_at: str = ""

    @property
    def receiver(self) -> str:
        """The path of who is told."""
        return self.told_at or RECEIVERS[self.severity]

    @property
    def awaited(self) -> dict[str, str]:
        """The labels by which the alert is recognised."""
        return {"alertname": self.alert, "severity": self.severity, **self.labels}

    def is_firing(self, sandbox: Sandbox) -> bool:
        """Whether Prometheus says that it fires."""
        matchers = ",".join(f'{name}="{value}"' for name, value in self.awaited.items())
        return bool(sandbox.ask(f'ALERTS{{alertstate="firing",{matchers}}}'))

    def stands(self, sandbox: Sandbox) -> bool:
        """Whether it fires, or Alertmanager takes it for active; neither is so in a world that is sound."""
        return self.is_firing(sandbox) or any(
            self.awaited.items() <= labels.items() for labels in sandbox.held_alerts()
        )

    def is_delivered(self, sandbox: Sandbox) -> bool:
        """Whether its receiver was told."""
        return FIRING in self._statuses(sandbox, self.receiver)

    def heard(self, sandbox: Sandbox) -> str:
        """Who was told what, in a line."""
        path = self.receiver
        told = (told for told in sandbox.mailbox.told() if told.path == path and told.is_about(self.awaited))
        one = next(told, None)
        return self.alert if one is None else f"{path[1:]}: {one.annotations.get('summary', '')}"

    def is_resolved(self, sandbox: Sandbox) -> bool:
        """Whether it no longer fires, for Alertmanager neither, and those who hear of the end have heard."""
        if self.stands(sandbox):
            return False
        return self.severity not in HEARS_THE_END or self._statuses(sandbox, CHAT)[-1:] == [RESOLVED]

    def _statuses(self, sandbox: Sandbox, path: str) -> list[str]:
        """What the receiver at this path was told of it since the condition was made, the latest last."""
        awaited = self.awaited
        return [told.status for told in sandbox.mailbox.told() if told.path == path and told.is_about(awaited)]
