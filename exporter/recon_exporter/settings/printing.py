"""The configuration in force as people read it: every value with its origin, secrets masked."""

from collections.abc import Iterator, Mapping

from recon_exporter.domain.money import plain
from recon_exporter.domain.policy import Limit, Switch
from recon_exporter.settings.model import Settings
from recon_exporter.settings.urls import MASK

Row = tuple[str, ...]
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


def _written(value: Limit | Switch) -> str:
    return str(value.on).lower() if isinstance(value, Switch) else plain(value.value)


def _aligned(rows: tuple[Row, ...]) -> list[str]:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
