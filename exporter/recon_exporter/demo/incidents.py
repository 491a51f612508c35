"""The incidents of the demonstration, as data, and which of them are going on at a moment.

They come round and round. A higher speed brings them closer together and makes them shorter, but never shorter than the
checks need to see them: clocks, cycles and graces run as always.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Kind(StrEnum):
    """What happens to the bot."""

    INVENTORY_DRIFT = "inventory_drift"
    VENUE_DRIFT = "venue_drift"
    MISSING_EVENTS = "missing_events"
    FEE_COUNTER_DROP = "fee_counter_drop"
    STALE_BOT = "stale_bot"
    TORN_FILE = "torn_file"
    MISSED_FILL = "missed_fill"
    LOST_FILL = "lost_fill"


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident of a round: ``begins`` and ``lasts`` at speed 1, ``least`` the shortest that the checks can see."""

    kind: Kind
    bot: str
    begins: timedelta
    lasts: timedelta
    least: timedelta
    beginning: str
    ending: str

    def starts_at(self, speed: float) -> timedelta:
        """When it begins, from the start of its round."""
        return self.begins / speed

    def ends_at(self, speed: float) -> timedelta:
        """When it is over, from the start of its round."""
        return self.starts_at(speed) + max(self.least, self.lasts / speed)


def _seconds(count: int) -> timedelta:
    return timedelta(seconds=count)


PAUSE = _seconds(45)
"""How long all is well between two rounds."""

TIMELINE = (
    Incident(
        Kind.INVENTORY_DRIFT,
        "bot4",
        begins=_seconds(20),
        lasts=_seconds(120),
        least=_seconds(60),
        beginning="buys far beyond its target: inventory drift is critical, the pager must ring",
        ending="sells down to its target: the all-clear must come, and only on a fresh verdict",
    ),
    Incident(
        Kind.MISSING_EVENTS,
        "bot3",
        begins=_seconds(40),
        lasts=_seconds(190),
        least=_seconds(150),
        beginning="trades, and the event store loses its fills: parity is broken when their grace of 2 minutes ends",
        ending="has its lost fill events delivered after all: parity holds again",
    ),
    Incident(
        Kind.MISSED_FILL,
        "swing-us",
        begins=_seconds(70),
        lasts=_seconds(170),
        least=_seconds(60),
        beginning="never heard that its broker sold all its AAPL: the end-of-day run finds it and asks for a halt",
        ending="has the missed sale booked by its owner: the run is repeated until no break remains",
    ),
    Incident(
        Kind.LOST_FILL,
        "perp-mm",
        begins=_seconds(90),
        lasts=_seconds(150),
        least=_seconds(75),
        beginning="has bought at the exchange, and its Hummingbot database lost the fill: it is paged by name",
        ending="has the fill in its database again: its break is resolved",
    ),
    Incident(
        Kind.VENUE_DRIFT,
        "bot1",
        begins=_seconds(170),
        lasts=_seconds(110),
        least=_seconds(30),
        beginning="has sold at the exchange what its own books still hold: exchange drift is critical",
        ending="agrees with the exchange again",
    ),
    Incident(
        Kind.FEE_COUNTER_DROP,
        "bot2",
        begins=_seconds(300),
        lasts=_seconds(60),
        least=_seconds(20),
        beginning="restarts and forgets half of today's fees: the counter fell, which is critical",
        ending="counts its fees fully again; the finding stays until its UTC day ends, because the step was there",
    ),
    Incident(
        Kind.TORN_FILE,
        "bot1",
        begins=_seconds(320),
        lasts=_seconds(60),
        least=_seconds(30),
        beginning="dies while it writes a row: the line is damaged, its checks are unverified, not clean",
        ending="has its file repaired: the checks see again",
    ),
    Incident(
        Kind.STALE_BOT,
        "bot3",
        begins=_seconds(250),
        lasts=_seconds(280),
        least=_seconds(80),
        beginning="writes nothing any more: its verdicts are withheld, and its books are reported stale",
        ending="writes again",
    ),
)


def round_length(timeline: tuple[Incident, ...], speed: float) -> timedelta:
    """How long it takes until the first incident comes again."""
    return max(incident.ends_at(speed) for incident in timeline) + PAUSE / speed


def going_on(timeline: tuple[Incident, ...], elapsed: timedelta, speed: float) -> frozenset[Incident]:
    """The incidents that are going on when ``elapsed`` has passed since the start."""
    into = elapsed % round_length(timeline, speed)
    return frozenset(incident for incident in timeline if incident.starts_at(speed) <= into < incident.ends_at(speed))
