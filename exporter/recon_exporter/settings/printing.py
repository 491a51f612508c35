"""The configuration in force as people read it: every value with its origin, secrets masked."""

from collections.abc import Iterator, Mapping

from recon_exporter.domain.money import plain
from recon_exporter.domain.policy import Limit, Switch
from recon_exporter.settings.end_of_day import EodSettings
from recon_exporter.settings.model import Settings
from recon_exporter.settings.urls import MASK

Row = tuple[str, ...]
NONE, NOT_SCHEDULED = "none", "not scheduled"
WIDEST = 72
"""A longer value pushes what follows it in its own line only."""

OTHERS = "*"
"""Stands for every bot that neither thresholds nor account map name."""


def masked_text(settings: Settings) -> str:
    """Files, values, thresholds and accounts, one a line in aligned columns."""
    parts: dict[str, Iterator[Row]] = {
        "files": ((str(file.kind), str(file.path), file.sha256 or "absent") for file in settings.documents),
        "values": ((entry.path, entry.value, f"{entry.origin} {entry.source}".strip()) for entry in settings.entries),
        f"thresholds ({OTHERS} is every bot that is not named)": (
            (f"{bot}.{key}", _written(value), str(value.origin)) for bot, key, value in _effective(settings)
        ),
        "accounts": ((bot, *columns) for bot, columns in _accounts(settings)),
        _counted(settings): ((bot, *columns) for bot, columns in _end_of_day(settings)),
        "credentials": ((f"{key.prefix}_{key.venue}", MASK, "environment") for key in settings.credentials),
    }
    aligned = {title: _aligned(tuple(rows)) for title, rows in parts.items()}
    return "\n\n".join("\n".join([f"# {title}", *rows]) for title, rows in aligned.items() if rows)


def masked_document(settings: Settings) -> Mapping[str, object]:
    """The same as one document for programs; numbers are texts with the digits that count."""
    thresholds: dict[str, dict[str, object]] = {}
    for bot, key, value in _effective(settings):
        thresholds.setdefault(bot, {})[key] = {"value": _written(value), "origin": str(value.origin)}
    return {
        "files": {
            str(document.kind): {"path": str(document.path), "sha256": document.sha256}
            for document in settings.documents
        },
        "sha256": settings.sha256,
        "values": {
            entry.path: {"value": entry.value, "origin": str(entry.origin), "source": entry.source}
            for entry in settings.entries
        },
        "thresholds": thresholds,
        "accounts": {
            bot: {"exchange": exchange, "credential_prefix": prefix, "account_mode": mode}
            for bot, (exchange, prefix, mode) in _accounts(settings)
        },
        "end_of_day": {
            bot: {"ledger": ledger, "venue": venue, "run": run} for bot, (ledger, venue, run) in _end_of_day(settings)
        },
        "credentials": [f"{key.prefix}_{key.venue}" for key in settings.credentials],
        "notices": settings.notices,
        "warnings": settings.warnings,
    }


def _bots(settings: Settings) -> tuple[str, ...]:
    return (OTHERS, *sorted({*(bot.bot for bot in settings.policies.named), *settings.policies.taken_out}))


def _effective(settings: Settings) -> Iterator[tuple[str, str, Limit | Switch]]:
    for bot in _bots(settings):
        policy = settings.policies.of(bot)
        yield from ((bot, key, switch) for key, switch in policy.switches.items())
        yield from ((bot, key, limit) for key, limit in policy.limits.items())


def _accounts(settings: Settings) -> Iterator[tuple[str, tuple[str, str, str]]]:
    for bot in _bots(settings):
        account = settings.policies.of(bot).account
        if account is not None:
            yield bot, (account.exchange, account.credential_prefix, str(account.mode))


def _end_of_day(settings: Settings) -> Iterator[tuple[str, tuple[str, str, str]]]:
    """Ledger, venue and schedule of every bot that is written down, and of those of each fleet."""
    for bot in settings.bots:
        yield bot.name, (bot.ledger.type, bot.venue.type, _schedule(bot.eod))
    for fleet in settings.fleets:
        yield f"{fleet.name}.{OTHERS}", ("hbot", fleet.venue.type if fleet.venue else NONE, _schedule(fleet.eod))


def _schedule(eod: EodSettings | None) -> str:
    return NOT_SCHEDULED if eod is None else f"{eod.at} {eod.timezone} {eod.days}"


def _counted(settings: Settings) -> str:
    runs = [run for _, (_, _, run) in _end_of_day(settings)]
    without = runs.count(NOT_SCHEDULED)
    return f"end-of-day runs ({len(runs) - without} scheduled, {without} not; {OTHERS} is every bot of the fleet)"


def _written(value: Limit | Switch) -> str:
    return str(value.on).lower() if isinstance(value, Switch) else plain(value.value)


def _aligned(rows: tuple[Row, ...]) -> list[str]:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    widths = [min(width, WIDEST) for width in widths]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
