"""The exchange snapshot as a JSON document: what every account said when it was asked, or why nobody asked it.

The keys of the original file keep their names and meanings, with one difference: ``base_pct`` and ``equity_quote`` are
worked out of the account's own balances and positions at the venue's price, and never copied from the bot. Where a
person asks for mode proxy_local they are copied, and every entry says that this proves nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from recon_exporter.domain.finding import Unverified
from recon_exporter.domain.money import ROUNDING, ZERO
from recon_exporter.domain.policy import AccountMode
from recon_exporter.domain.probe import Probe, ProbeStatus
from recon_exporter.domain.statement import Balance, Malformed, MinuteRow, Position, SourceHealth, VenueAccount
from recon_exporter.domain.venue_share import Share, venue_price, venue_share

Document = Mapping[str, Any]

COPIED_MODE = "proxy_local"
PRIVATE_MODE = "ccxt_private"
SOURCE = "exchange_snapshot_service"
COPIED_SOURCE = "local_minute_proxy"
WRITTEN_BY = "recon-exporter"
NOTE = "balances and positions as the exchanges told them"
COPIED_NOTE = "NO EVIDENCE: mode proxy_local repeats the bots' own numbers, no exchange was asked"
NOT_PROBED = {
    AccountMode.DISABLED: "account_probe_disabled",
    AccountMode.PAPER_ONLY: "paper_validation_mode_no_private_probe",
}


@dataclass(frozen=True, slots=True)
class SnapshotAccount:
    """One bot's account as the configuration names it, and the bot's own newest row where it has one.

    ``mode`` is None where nobody says what is to be done with the account; ``exchange`` is the map's word for it.
    """

    bot: str
    exchange: str
    credential_prefix: str
    mode: AccountMode | None
    row: MinuteRow | None = None

    @property
    def trading_pair(self) -> str:
        """BASE-QUOTE, empty where it is not known."""
        return "" if self.row is None else self.row.trading_pair

    @property
    def expected_status(self) -> str:
        """What the probe must come to."""
        return (self.mode or AccountMode.PROBE).expected_probe


@dataclass(frozen=True, slots=True)
class SnapshotTerms:
    """``mode`` as it is configured, ``assets`` that every account tells, be it zero; ``prefix`` the map's default."""

    mode: str
    assets: tuple[str, ...]
    account_map_path: str
    prefix: str
    exporter_version: str


Asked = tuple[SnapshotAccount, Probe]


def unasked(account: SnapshotAccount, at: datetime) -> Probe | None:
    """The probe of an account that is not to be asked; None of one that is."""
    if account.mode is AccountMode.PROBE:
        return None
    if account.mode is None:
        return Probe(account.bot, account.exchange, at, ProbeStatus.UNKNOWN, error=f"account_not_mapped:{account.bot}")
    return Probe(
        account.bot, account.exchange, at, ProbeStatus(account.mode.expected_probe), error=NOT_PROBED[account.mode]
    )


def snapshot_document(at: datetime, terms: SnapshotTerms, asked: Sequence[Asked]) -> Document:
    """The whole file, the bots by name."""
    is_copied = terms.mode == COPIED_MODE
    entry = _copied if is_copied else _entry
    cache = {} if is_copied else dict(_cache(terms, asked))
    told = cache.get(terms.prefix) or next(iter(cache.values()), _told(ProbeStatus.UNKNOWN, {}, "no account was asked"))
    return {
        "ts_utc": at,
        "source": SOURCE,
        "mode": mode_of(terms.mode, asked),
        "account_map_path": terms.account_map_path,
        "note": COPIED_NOTE if is_copied else NOTE,
        "account_probe": {key: told[key] for key in ("status", "balances", "error")},
        "account_probe_cache": {prefix: dict(probe) for prefix, probe in cache.items()},
        "perp_positions": told["perp_positions"],
        "evidence": not is_copied,
        "written_by": f"{WRITTEN_BY} {terms.exporter_version}",
        "bots": {account.bot: entry(terms, account, probe) for account, probe in _by_name(asked)},
    }


def mode_of(configured: str, asked: Sequence[Asked]) -> str:
    """The configured mode where its exchange is among those asked, or none was; else that of the one that was asked.

    Where several others were asked it names none: each entry's ``source`` does.
    """
    exchanges = {probe.exchange for account, probe in asked if account.mode is AccountMode.PROBE}
    if configured == COPIED_MODE or not exchanges or configured in map(source_of, exchanges):
        return configured
    return source_of(exchanges.pop()) if len(exchanges) == 1 else PRIVATE_MODE


def source_of(exchange: str) -> str:
    """The mode in which one exchange is asked."""
    return f"{exchange}_{PRIVATE_MODE}"


def _by_name(asked: Sequence[Asked]) -> list[Asked]:
    return sorted(asked, key=lambda one: one[0].bot)


def _entry(terms: SnapshotTerms, account: SnapshotAccount, probe: Probe) -> Document:
    balances = _balances(terms, account, probe)
    share = _share(account, probe, balances)
    is_asked = account.mode is AccountMode.PROBE
    return {
        "ts_utc": probe.at,
        "base_pct": None if share is None else share.gross,
        "net_base_pct": None if share is None else share.net,
        "equity_quote": None if share is None else share.equity,
        "price": probe.price,
        "exchange": account.exchange if account.row is None else account.row.connector,
        "trading_pair": account.trading_pair,
        "source": source_of(probe.exchange) if is_asked else "account_map",
        "account_scope": f"mapped:{account.credential_prefix}" if account.credential_prefix else "unmapped",
        "account_probe_status": probe.status.value,
        "account_probe_reason": None if probe.reason is None else probe.reason.value,
        "account_probe_error": probe.error,
        "account_balances": _balances_document(balances),
        "account_balances_basis": None if probe.balances is None else probe.balances.basis.value,
        "account_exchange": probe.exchange,
        "account_credential_prefix": account.credential_prefix,
        "account_mode": None if account.mode is None else account.mode.value,
        "perp_positions": _positions(probe),
        "permissions": None if probe.permissions is None else {**probe.permissions},
        "clock_skew_seconds": None if probe.clock_skew is None else probe.clock_skew.total_seconds(),
    }


def _copied(terms: SnapshotTerms, account: SnapshotAccount, probe: Probe) -> Document:
    """The bot's own words, marked as what they are."""
    numbers = {} if account.row is None else account.row.numbers
    told = {name: numbers.get(name) for name in ("base_pct", "equity_quote")}
    copied = {name: None if isinstance(value, Malformed) else value for name, value in told.items()}
    return {
        **_entry(terms, account, probe),
        **copied,
        "net_base_pct": None,
        "source": COPIED_SOURCE,
        "evidence": False,
        "note": COPIED_NOTE,
    }


def _balances(terms: SnapshotTerms, account: SnapshotAccount, probe: Probe) -> Mapping[str, Balance]:
    """All that is held, and what is asked for: the statement is complete, so what it does not name is zero."""
    if probe.balances is None:
        return {}
    pair = [asset for asset in account.trading_pair.partition(":")[0].replace("/", "-").split("-") if asset]
    named = {asset: Balance(ZERO, ZERO) for asset in (*terms.assets, *pair)}
    return {**named, **probe.balances.balances}


def _share(account: SnapshotAccount, probe: Probe, balances: Mapping[str, Balance]) -> Share | None:
    """As the exchange check will work it out of this very entry."""
    if account.row is None or probe.status is not ProbeStatus.OK:
        return None
    told = VenueAccount(
        bot=account.bot,
        taken_at=probe.at,
        mode=source_of(probe.exchange),
        source=source_of(probe.exchange),
        exchange=probe.exchange,
        trading_pair=account.trading_pair,
        probe_status=probe.status,
        probe_error="",
        balances=balances,
        positions=None if probe.positions is None else probe.positions.positions,
        price=probe.price,
        health=SourceHealth(account.bot, "venue", SOURCE, is_up=True, at=probe.at),
    )
    price = venue_price(told, account.row)
    share = None if price is None else venue_share(told, account.row, price)
    return None if isinstance(share, Unverified) else share


def _balances_document(balances: Mapping[str, Balance]) -> Document:
    return {asset: {"total": held.total, "free": held.free} for asset, held in sorted(balances.items())}


def _positions(probe: Probe) -> Document:
    """An empty list is only told where nothing else of the account failed."""
    told, is_ok = probe.positions, probe.status is ProbeStatus.OK
    if told is None or not (told.positions or is_ok):
        return {"status": "unknown" if is_ok else probe.status.value, "positions": [], "error": probe.error}
    return {"status": "ok", "positions": [_position(one) for one in told.positions if one.quantity], "error": ""}


def _position(position: Position) -> Document:
    """In base units, so that a contract is one of them; what the statement does not tell is null."""
    size, mark = position.quantity.copy_abs(), position.mark_price
    return {
        "symbol": position.symbol,
        "side": "long" if position.quantity > ZERO else "short",
        "leg": position.leg,
        "contracts": size,
        "contractSize": 1,
        "notional": None if mark is None else ROUNDING.multiply(size, mark),
        "entryPrice": position.average_price,
        "markPrice": mark,
        "unrealizedPnl": None,
        "liquidationPrice": None,
        "leverage": None,
    }


def _cache(terms: SnapshotTerms, asked: Sequence[Asked]) -> Iterator[tuple[str, Document]]:
    """What the accounts said by the prefix of their keys; a prefix with keys to several exchanges names them."""
    by_prefix: dict[str, str] = {}
    for account, probe in _by_name(asked):
        prefix = account.credential_prefix
        if account.mode is not AccountMode.PROBE or by_prefix.get(prefix) == probe.exchange:
            continue
        name = (
            prefix if by_prefix.setdefault(prefix, probe.exchange) == probe.exchange else f"{prefix}:{probe.exchange}"
        )
        balances = _balances_document(_balances(terms, account, probe))
        yield name, {**_told(probe.status, balances, probe.error), "perp_positions": _positions(probe)}


def _told(status: ProbeStatus, balances: Document, error: str) -> dict[str, Any]:
    none: Document = {"status": status.value, "positions": [], "error": error}
    return {"status": status.value, "balances": balances, "error": error, "perp_positions": none}
