"""The whole of one account asked at once: what it holds, what the key may do, and the clock of the exchange."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.positions import BalanceStatement, PositionStatement
from recon_exporter.domain.probe import Permission, Probe, ProbeStatus
from recon_exporter.domain.statement import Unavailable
from recon_exporter.venues.ccxt.account import Ask
from recon_exporter.venues.ccxt.balances import read_price
from recon_exporter.venues.ccxt.failures import VenueFailure
from recon_exporter.venues.ccxt.quirks import Quirk
from recon_exporter.venues.ccxt.rows import BadAnswer

Told = TypeVar("Told")


@dataclass(frozen=True, slots=True)
class Parts:
    """How the parts of a probe are read, each of which may fail by itself."""

    balances: Callable[[Ask], BalanceStatement]
    positions: Callable[[Ask], PositionStatement]
    quirk: Quirk
    trading_pair: str


def read_probe(ask: Ask, parts: Parts, empty: Probe) -> Probe:
    """``empty`` with all that could be had; its status is that of the first part that money depends on and failed."""
    # Positions are held against balances that were asked for after them, which then need not be asked for again.
    positions, balances = _tried(ask, parts.positions), _tried(ask, parts.balances)
    failure = next((part for part in (balances, positions) if isinstance(part, Unavailable)), None)
    return replace(
        empty,
        status=ProbeStatus.OK if failure is None else ProbeStatus.FETCH_FAILED,
        reason=None if failure is None else failure.reason,
        error="" if failure is None else failure.detail,
        balances=None if isinstance(balances, Unavailable) else balances,
        positions=None if isinstance(positions, Unavailable) else positions,
        price=_price(ask, parts.trading_pair),
        permissions=_permissions(ask, parts.quirk),
        clock_skew=ask.skew,
    )


def failed(empty: Probe, failure: Unavailable) -> Probe:
    """``empty`` where nothing could be asked."""
    is_without_key = failure.reason is Reason.INPUT_MISSING
    status = ProbeStatus.MISSING_CREDENTIALS if is_without_key else ProbeStatus.FETCH_FAILED
    return replace(empty, status=status, reason=failure.reason, error=failure.detail)


def empty_probe(bot: str, exchange: str, at: datetime, trading_pair: str) -> Probe:
    """A probe that has not begun."""
    return Probe(bot, exchange, at, ProbeStatus.UNKNOWN, trading_pair=trading_pair)


def _tried(ask: Ask, read: Callable[[Ask], Told]) -> Told | Unavailable:
    try:
        return read(ask)
    except VenueFailure as failure:
        return Unavailable(failure.reason, failure.detail)
    except BadAnswer as error:
        return Unavailable(Reason.SOURCE_MALFORMED, f"{ask.exchange}: {error}")


def _price(ask: Ask, trading_pair: str) -> Decimal | None:
    base, is_pair, quote = trading_pair.replace("/", "-").partition("-")
    symbols = (f"{base}/{quote}", f"{base}/{quote}:{quote}", f"{base}/{quote}:{base}") if is_pair else ()
    symbol = next((symbol for symbol in symbols if symbol in ask.markets), None)
    return None if symbol is None else read_price(ask, symbol)


def _permissions(ask: Ask, quirk: Quirk) -> Mapping[Permission, bool] | None:
    """What cannot be told is not told: an account is sound all the same."""
    told = _tried(ask, quirk.permissions)
    return None if isinstance(told, Unavailable) else told
