"""What is remembered from one cycle to the next; durable in the state, frozen in between."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from recon_exporter.domain.breaks import Break
from recon_exporter.domain.finding import Finding

Identity = tuple[str, str, str, str]
"""Finding.identity: bot, check, code, severity."""


@dataclass(frozen=True, slots=True)
class CarriedFinding:
    """A finding about a step between rows, current until the end of its UTC day.

    One for each Finding.identity and day: the first such step in ``finding``, how often it happened, and when last.
    """

    finding: Finding
    occurrences: int
    last_at: datetime


class NoticeKind(StrEnum):
    """Why the webhook is told: something changed, nothing changed for the repeat interval, or all of it is over."""

    FIRING = "firing"
    REPEAT = "repeat"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Notice:
    """The latest thing decided to be told to the webhook: ``involved`` are the bots and checks that were in it."""

    kind: NoticeKind
    at: datetime
    fingerprint: str
    involved: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Memory:
    """What earlier cycles left.

    ``revision`` counts recordings by any process. ``seen`` are bots found in any earlier cycle, with the first time;
    ``forgotten`` those that a person forgot, with the time. ``first_seen`` are the current findings. ``stamped_at`` and
    ``stamped_fingerprint`` describe the latest stamped report. ``breaks`` are those that cycles found, resolved ones
    too.
    """

    revision: int = 0
    seen: Mapping[str, datetime] = field(default_factory=dict)
    forgotten: Mapping[str, datetime] = field(default_factory=dict)
    first_seen: Mapping[Identity, datetime] = field(default_factory=dict)
    carried: tuple[CarriedFinding, ...] = ()
    notice: Notice | None = None
    stamped_at: datetime | None = None
    stamped_fingerprint: str = ""
    breaks: tuple[Break, ...] = ()
