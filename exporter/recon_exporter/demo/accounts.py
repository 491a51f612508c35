"""Simulated accounts: what trading, the market and the change of the day do to them.

The identities of the books hold exactly at any time: the equity of a spot account is its quote plus its base at mid,
that of a perpetual account its margin, to which the market's moves are credited at once.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from recon_exporter.domain.money import ZERO, difference, product, ratio, total

RATIO_STEP = Decimal("1e-18")


@dataclass(frozen=True, slots=True)
class Profile:
    """One bot of the fleet, as its owner set it up; fees are fractions of the notional."""

    bot: str
    connector: str
    trading_pair: str
    target: Decimal
    maker_fee: Decimal
    taker_fee: Decimal
    lot: Decimal

    @property
    def is_perpetual(self) -> bool:
        return "perpetual" in self.connector


@dataclass(frozen=True, slots=True)
class Trade:
    """One execution: ``amount`` in base units, positive for a buy; ``price`` and ``fee`` in quote."""

    at: datetime
    order_id: str
    amount: Decimal
    price: Decimal
    fee: Decimal
    is_maker: bool

    @property
    def notional(self) -> Decimal:
        return product(abs(self.amount), self.price)


@dataclass(frozen=True, slots=True)
class Account:
    """One bot's account at one moment; ``base`` of a perpetual is its signed position, ``quote`` its margin.

    ``traded``, ``fees`` and ``fills`` count the UTC day ``day``; ``opening`` and ``peak`` are equities of that day.
    ``forgotten`` is what the bot's own fee counter has lost of ``fees``.
    """

    profile: Profile
    mid: Decimal
    base: Decimal
    quote: Decimal
    day: date
    opening: Decimal
    peak: Decimal
    traded: Decimal = ZERO
    fees: Decimal = ZERO
    fills: int = 0
    forgotten: Decimal = ZERO

    @property
    def equity(self) -> Decimal:
        return self.quote if self.profile.is_perpetual else total((self.quote, product(self.base, self.mid)))

    @property
    def base_share(self) -> Decimal:
        """The share of equity in the base asset, of a perpetual gross."""
        return share(product(abs(self.base), self.mid), self.equity)

    @property
    def turnover(self) -> Decimal:
        """What was traded today, in multiples of equity."""
        return share(self.traded, self.equity)


def opened(profile: Profile, at: datetime, mid: Decimal, base: Decimal, quote: Decimal) -> Account:
    """A new account with these balances."""
    account = Account(profile, mid, base, quote, at.date(), ZERO, ZERO)
    return replace(account, opening=account.equity, peak=account.equity)


def marked(account: Account, at: datetime, mid: Decimal) -> Account:
    """The account at the market's new price; on a new UTC day its counters begin anew."""
    gain = product(account.base, difference(mid, account.mid)) if account.profile.is_perpetual else ZERO
    moved = replace(account, mid=mid, quote=total((account.quote, gain)))
    if at.date() != account.day:
        return opened(account.profile, at, mid, moved.base, moved.quote)
    return replace(moved, peak=max(moved.peak, moved.equity))


def traded(account: Account, trade: Trade) -> Account:
    """The account after an execution."""
    if account.profile.is_perpetual:
        paid = difference(trade.fee, product(trade.amount, difference(account.mid, trade.price)))
    else:
        paid = total((trade.fee, product(trade.amount, trade.price)))
    return replace(
        account,
        base=total((account.base, trade.amount)),
        quote=difference(account.quote, paid),
        traded=total((account.traded, trade.notional)),
        fees=total((account.fees, trade.fee)),
        fills=account.fills + 1,
    )


def execution(account: Account, at: datetime, order_id: str, amount: Decimal, price: Decimal) -> Trade:
    """An execution at this price, which pays the maker's fee where it does not cross the mid, else the taker's."""
    is_maker = price < account.mid if amount > ZERO else price > account.mid
    fee = account.profile.maker_fee if is_maker else account.profile.taker_fee
    return Trade(at, order_id, amount, price, product(product(abs(amount), price), fee), is_maker)


def share(part: Decimal, whole: Decimal) -> Decimal:
    """The quotient with as many digits as the bots write."""
    return ratio(part, whole).quantize(RATIO_STEP)
