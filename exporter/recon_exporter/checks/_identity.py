"""The balance identity: equity is what the balances are worth."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from recon_exporter.domain.money import ZERO, difference, product, ratio, total
from recon_exporter.domain.statement import MinuteRow

COLUMNS = ("equity_quote", "base_pct", "mid", "base_balance", "quote_balance")


@dataclass(frozen=True, slots=True)
class Identity:
    """What the balances are worth, and the distance of equity from it as a share of the larger of the two."""

    worth: Decimal
    error: Decimal


def identity_of(row: MinuteRow, numbers: Mapping[str, Decimal], tolerance: Decimal) -> Identity | None:
    """The row's identity, in the form that fits best; None where a number is not known or no form must hold.

    With an open perpetual position equity may also hold unrealised profit, which no column tells.
    """
    if any(column not in numbers for column in COLUMNS):
        return None
    quote, base = numbers["quote_balance"], numbers["base_balance"]
    with_base = total((quote, product(base, numbers["mid"])))
    if not row.is_perpetual:
        return _compared(numbers["equity_quote"], with_base)
    if base == ZERO and numbers["base_pct"] == ZERO:
        return _compared(numbers["equity_quote"], quote)
    best = min((_compared(numbers["equity_quote"], worth) for worth in (quote, with_base)), key=lambda form: form.error)
    return best if best.error <= tolerance else None


def _compared(equity: Decimal, worth: Decimal) -> Identity:
    largest = max(abs(equity), abs(worth))
    return Identity(worth, ratio(abs(difference(equity, worth)), largest) if largest else ZERO)
