"""The base share that the venue's own balances and positions show, at the venue's price where it tells one."""

from dataclasses import dataclass
from decimal import Decimal

from recon_exporter.domain.finding import Reason, Unverified
from recon_exporter.domain.money import ROUNDING, ZERO, plain, product, ratio, total
from recon_exporter.domain.statement import Balance, MinuteRow, Position, VenueAccount

SEPARATORS = "-/"


@dataclass(frozen=True, slots=True)
class Price:
    """A price of the base asset in quote, and whose it is: venue_mark_price, venue_price or ledger_mid."""

    value: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class Share:
    """Shares of equity in the base asset: positions on both sides add up in ``gross`` and cancel in ``net``.

    ``equity`` is what they are shares of, in quote currency.
    """

    gross: Decimal
    net: Decimal
    equity: Decimal


def venue_price(venue: VenueAccount, row: MinuteRow) -> Price | None:
    """The venue's own price for what the bot trades: of a perpetual the position's mark price first."""
    if row.is_perpetual:
        for position in venue.positions or ():
            if position.mark_price is not None and _is_of(position, row):
                return Price(position.mark_price, "venue_mark_price")
    return None if venue.price is None else Price(venue.price, "venue_price")


def venue_share(venue: VenueAccount, row: MinuteRow, price: Price) -> Share | Unverified:
    """The share of equity in the base asset (of a perpetual: in the position), or why there is none."""
    pair = _assets(row.trading_pair)
    if pair is None:
        return Unverified(Reason.INPUT_MISSING, f"trading pair {row.trading_pair!r} names no base and quote asset")
    if price.value <= ZERO:
        return Unverified(Reason.SOURCE_MALFORMED, f"{price.source} is {plain(price.value)}, not a positive price")
    if row.is_perpetual:
        return _perpetual_share(venue, row, pair[1], price.value)
    return _spot_share(venue, pair, price.value)


def _spot_share(venue: VenueAccount, pair: tuple[str, str], price: Decimal) -> Share | Unverified:
    base, quote = (_balance(venue, asset) for asset in pair)
    if isinstance(base, Unverified):
        return base
    if isinstance(quote, Unverified):
        return quote
    worth = product(base.total, price)
    return _share(worth, worth, total((worth, quote.total)))


def _perpetual_share(venue: VenueAccount, row: MinuteRow, quote_asset: str, price: Decimal) -> Share | Unverified:
    if venue.positions is None:
        return Unverified(Reason.INPUT_MISSING, "the exchange snapshot has no positions of this account")
    quote = _balance(venue, quote_asset)
    if isinstance(quote, Unverified):
        return quote
    for position in venue.positions:
        if _assets(position.symbol) is None and not _is_of(position, row):
            return Unverified(Reason.INPUT_MISSING, f"it cannot be told what the position in {position.symbol!r} is")
    held = [position.quantity for position in venue.positions if _is_of(position, row)]
    gross, net = total(map(abs, held)), total(held)
    return _share(ROUNDING.multiply(gross, price), ROUNDING.multiply(net, price), quote.total)


def _share(gross: Decimal, net: Decimal, equity: Decimal) -> Share | Unverified:
    if equity <= ZERO:
        return Unverified(Reason.INPUT_MISSING, f"the account's equity is {plain(equity)}: it has no base share")
    return Share(ratio(gross, equity), ratio(net, equity), equity)


def _balance(venue: VenueAccount, asset: str) -> Balance | Unverified:
    balance = (venue.balances or {}).get(asset)
    # An asset that the snapshot was not asked for is unknown, not zero.
    return balance or Unverified(Reason.INPUT_MISSING, f"the exchange snapshot has no balance of {asset}")


def _is_of(position: Position, row: MinuteRow) -> bool:
    return _joined(position.symbol) == _joined(row.trading_pair)


def _joined(symbol: str) -> str:
    return "".join(part for part in symbol.partition(":")[0].upper() if part not in SEPARATORS)


def _assets(symbol: str) -> tuple[str, str] | None:
    """Base and quote of BTC-USDT, BTC/USDT or BTC/USDT:USDT, where what follows the colon is the settlement asset."""
    base, _, quote = symbol.partition(":")[0].upper().replace("/", "-").partition("-")
    return (base, quote) if base and quote else None
