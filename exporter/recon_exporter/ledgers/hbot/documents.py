"""Progress as documents: one for each variant's rows, for each bot's fills, for the event store, and its digests."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from pydantic import TypeAdapter

from recon_exporter.ledgers.hbot import seen
from recon_exporter.ledgers.hbot.damage import DamageLog
from recon_exporter.ledgers.hbot.fills import FillsKnown, StoreProgress
from recon_exporter.ledgers.hbot.matching import BotFills, DayCounts, Unmatched
from recon_exporter.ledgers.hbot.minutes import MinuteProgress
from recon_exporter.reading.append_only import Checkpoint

MINUTES, FILLS, STORE = "minutes/", "fills/", "store"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a ledger has read: rows by path of the variant, and fills."""

    minutes: Mapping[str, MinuteProgress]
    fills: FillsKnown

    def keys(self) -> Iterator[str]:
        """The keys of all documents."""
        yield from (MINUTES + path for path in self.minutes)
        yield from (FILLS + bot for bot in self.fills.bots)
        yield STORE
        yield from self.fills.seen.keys()

    def documents_since(self, before: "Progress") -> Iterator[tuple[str, str]]:
        """The documents that differ from those before."""
        for path, minutes in self.minutes.items():
            if minutes is not before.minutes.get(path):
                yield MINUTES + path, _minutes_text(minutes)
        for bot, fills in self.fills.bots.items():
            if fills is not before.fills.bots.get(bot):
                yield FILLS + bot, _fills_text(fills)
        if self.fills.store is not before.fills.store:
            yield STORE, _STORE.dump_json(self.fills.store).decode()
        yield from self.fills.seen.documents()


@dataclass(slots=True)
class _FillsDocument:
    """BotFills in a form that JSON has."""

    files: dict[str, Checkpoint]
    counts: dict[date, DayCounts]
    unmatched: list[tuple[str, Decimal, Unmatched]]
    newest_at: datetime | None
    damage: DamageLog
    bad_fills: int
    bad_events: int


_MINUTES = TypeAdapter(MinuteProgress)
_FILLS = TypeAdapter(_FillsDocument)
_STORE = TypeAdapter(StoreProgress)


def restored(documents: Mapping[str, str]) -> Progress:
    """The progress out of its documents; raises ValueError where they are not all there and sound."""
    minutes = {path: _minutes(text) for path, text in _below(MINUTES, documents).items()}
    bots = {bot: _fills(text) for bot, text in _below(FILLS, documents).items()}
    store = _STORE.validate_json(documents.get(STORE, ""))
    digests = {key: text for key, text in documents.items() if key.startswith(seen.PREFIX)}
    return Progress(minutes, FillsKnown(store, bots, seen.restored(digests)))


def _below(prefix: str, documents: Mapping[str, str]) -> dict[str, str]:
    return {key.removeprefix(prefix): text for key, text in documents.items() if key.startswith(prefix)}


def _minutes_text(progress: MinuteProgress) -> str:
    """The examined row is told where it is not the newest, that is where there is no newest."""
    left_out = {"examined"} if progress.examined is progress.newest else None
    return _MINUTES.dump_json(progress, exclude=left_out).decode()


def _minutes(text: str) -> MinuteProgress:
    progress = _MINUTES.validate_json(text)
    return progress if progress.examined is not None else replace(progress, examined=progress.newest)


def _fills_text(fills: BotFills) -> str:
    document = _FillsDocument(
        files=fills.files,
        counts=fills.counts,
        unmatched=[(*key, unmatched) for key, unmatched in fills.unmatched.items()],
        newest_at=fills.newest_at,
        damage=fills.damage,
        bad_fills=fills.bad_fills,
        bad_events=fills.bad_events,
    )
    return _FILLS.dump_json(document).decode()


def _fills(text: str) -> BotFills:
    document = _FILLS.validate_json(text)
    return BotFills(
        files=document.files,
        counts=document.counts,
        unmatched={(order_id, quantity): unmatched for order_id, quantity, unmatched in document.unmatched},
        newest_at=document.newest_at,
        damage=document.damage,
        bad_fills=document.bad_fills,
        bad_events=document.bad_events,
    )
