"""The balances of one account over all its parts, asset by asset."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from recon_exporter.domain.money import ONE, ZERO, total
from recon_exporter.domain.positions import BalanceStatement, Basis
from recon_exporter.domain.statement import Balance
from recon_exporter.domain.symbols import DOLLARS
from recon_exporter.venues.ccxt.account import Ask
from recon_exporter.venues.ccxt.failures import VenueFailure, incomplete
from recon_exporter.venues.ccxt.quirks import Quirk
from recon_exporter.venues.ccxt.quirks.base import Section
from recon_exporter.venues.ccxt.rows import BadAnswer, Row, one

SUMMARIES = frozenset({"info", "timestamp", "datetime", "free", "used", "total", "debt"})
"""What a balance of ccxt has beside the assets."""
SPENT = ("USDT", "USDC", "USD")
"""The currencies that an asset is priced in, the first that there is."""


def read_balances(
    ask: Ask, quirk: Quirk, sections: Sequence[Section], owner: tuple[str, str], now: datetime
) -> BalanceStatement:
    """The statement of ``owner`` (bot, source), without prices; raises VenueFailure or BadAnswer instead."""
    asked = [section for section in sections if section.has_balance]
    parts: defaultdict[str, list[Balance]] = defaultdict(list)
    for section in asked:
        for asset, balance in _of_section(ask, quirk, section).items():
            parts[asset].append(balance)
    if not parts:
        raise lifeless(ask, asked)
    balances = {asset: _sum(told) for asset, told in sorted(parts.items())}
    is_wallet = all(section.kind == "spot" or quirk.basis is Basis.WALLET for section in asked)
    return BalanceStatement(
        *owner,
        as_of=now,
        basis=Basis.WALLET if is_wallet else Basis.EQUITY,
        balances={asset: balance for asset, balance in balances.items() if balance.total != ZERO},
        prices={},
        proof="all balances told of " + ", ".join(section.name for section in asked),
    )


def must_show_life(ask: Ask, sections: Sequence[Section]) -> None:
    """Where a list is empty, the account must list something else; raises VenueFailure where all is empty."""
    asked = [section for section in sections if section.has_balance]
    if not any(lists_assets(_balance(ask, section)) for section in asked):
        raise lifeless(ask, asked)


def lifeless(ask: Ask, sections: Sequence[Section]) -> VenueFailure:
    """What an account without anything cannot be told from: an exchange that answers with empty lists."""
    names = ", ".join(section.name for section in sections)
    return incomplete(
        f"{ask.exchange} lists no asset at all in {names}: nothing was ever there, or it is hidden; account_types and"
        " product_types say what is to be asked"
    )


def lists_assets(balance: Row) -> bool:
    """Whether a balance tells how much there is of any asset, be it nothing."""
    codes = balance.told.keys() - SUMMARIES
    return any(balance.within(code).maybe_number("total") is not None for code in codes)


def _balance(ask: Ask, section: Section) -> Row:
    return one(ask.once("fetchBalance", params=dict(section.parameters)), f"balance of {section.name}")


def assets_of(ask: Ask, quirk: Quirk, section: Section) -> frozenset[str]:
    """The assets that a section holds any of."""
    return frozenset(asset for asset, balance in _of_section(ask, quirk, section).items() if balance.total)


def _of_section(ask: Ask, quirk: Quirk, section: Section) -> Mapping[str, Balance]:
    told = _balance(ask, section)
    wallets = quirk.wallets(told) if section.kind != "spot" else {}
    found: dict[str, list[Balance]] = {}
    for code in told.told.keys() - SUMMARIES:
        row = told.within(code)
        amount = wallets[code] if code in wallets else row.number("total")
        coin = quirk.coin(code, ask.coins)
        # What lies elsewhere under another code is not free to trade with.
        free = row.maybe_number("free") if coin == code else ZERO
        found.setdefault(coin, []).append(Balance(amount, free))
    return {coin: _sum(parts) for coin, parts in found.items()}


def _sum(parts: Sequence[Balance]) -> Balance:
    free = [part.free for part in parts if part.free is not None]
    return Balance(total(part.total for part in parts), total(free) if len(free) == len(parts) else None)


def read_prices(ask: Ask, assets: Sequence[str], most: int) -> Mapping[str, Decimal]:
    """Dollars for one unit of an asset where that can be had; what cannot is left out."""
    prices = {asset: ONE for asset in assets if asset in DOLLARS}
    others = [asset for asset in assets if asset not in DOLLARS]
    for asset in others[:most]:
        symbol = next((f"{asset}/{quote}" for quote in SPENT if f"{asset}/{quote}" in ask.markets), None)
        price = None if symbol is None else read_price(ask, symbol)
        if price is not None:
            prices[asset] = price
    return prices


def read_price(ask: Ask, symbol: str) -> Decimal | None:
    """What a market was last traded at; None where that cannot be had, which makes no statement wrong."""
    try:
        ticker: Row = one(ask.once("fetchTicker", symbol=symbol), f"ticker of {symbol}")
        return ticker.maybe_number("last") or ticker.maybe_number("close")
    except (VenueFailure, BadAnswer):
        return None
