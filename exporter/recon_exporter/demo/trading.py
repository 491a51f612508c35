"""What the bots trade, drawn from a seed and the time alone: the same seed and times give the same trades."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from random import Random

from recon_exporter.demo.accounts import Account, Trade, execution, traded
from recon_exporter.demo.fleet import OPENING_PRICE, TICK
from recon_exporter.domain.money import ZERO, difference, product, ratio, total

TRADES_OF_A_ROW = 0.25
PARTIAL = 0.2
MOST_TICKS = 120
HALF_SPREAD = 5 * TICK
LARGEST_STEP = Decimal("0.07")
"""The share of equity that one trade moves at most: less than the drift between two sources read a moment apart."""

DRIFTED = Decimal("0.75")
TOO_FAR = Decimal("0.12")


def draws(seed: int, at: datetime, subject: str) -> Random:
    """The random numbers of one subject at one moment."""
    return Random(f"{seed}|{subject}|{at.isoformat()}")  # noqa: S311  # a simulation must be repeatable


def next_price(mid: Decimal, draw: Random) -> Decimal:
    """A walk in ticks that is drawn back to where it began."""
    ticks = draw.randint(-MOST_TICKS, MOST_TICKS)
    pull = (difference(OPENING_PRICE, mid) / 50).quantize(TICK)
    return total((mid, product(Decimal(ticks), TICK), pull))


def trades(account: Account, at: datetime, draw: Random, *, drifts: bool, must: bool) -> Iterator[Trade]:
    """The executions of one step: one order, at times in two parts, or none."""
    amount = _amount(account, draw, drifts=drifts, must=must)
    if amount == ZERO:
        return
    side = Decimal(1 if amount > ZERO else -1)
    price = difference(account.mid, product(side, HALF_SPREAD))
    order_id = f"{account.profile.bot}-{at:%Y%m%d%H%M%S}"
    parts = [amount]
    if draw.random() < PARTIAL:
        first = product(side, account.profile.lot)
        parts = [part for part in (first, difference(amount, first)) if part != ZERO]
    for part in parts:
        yield execution(account, at, order_id, part, price)


def after(account: Account, executions: tuple[Trade, ...]) -> Account:
    """The account after all of them."""
    for trade in executions:
        account = traded(account, trade)
    return account


def _amount(account: Account, draw: Random, *, drifts: bool, must: bool) -> Decimal:
    target = account.profile.target
    excess = difference(account.base_share, total((target, DRIFTED)) if drifts else target)
    if abs(excess) > TOO_FAR:
        step = min(abs(excess), LARGEST_STEP)
        return _lots(account, step if excess < ZERO else -step)
    if drifts or not (must or draw.random() < TRADES_OF_A_ROW):
        return ZERO
    buys = draw.random() < (0.3 if excess > ZERO else 0.7)
    return product(account.profile.lot, Decimal(draw.randint(1, 4) * (1 if buys else -1)))


def _lots(account: Account, share_of_equity: Decimal) -> Decimal:
    """So many whole lots as come nearest to the share of equity."""
    lots = ratio(product(share_of_equity, account.equity), product(account.mid, account.profile.lot))
    return product(account.profile.lot, lots.quantize(Decimal(1)))
