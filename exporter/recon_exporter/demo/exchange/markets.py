"""What is traded: spot pairs and contracts, and what a quantity of them is worth."""

from dataclasses import dataclass
from decimal import Decimal

from recon_exporter.domain.money import ONE, ZERO, difference, plain, product, ratio

SPOT = "spot"
_FINEST = Decimal("1e-12")
_COINS = Decimal("1e-20")


def fine(value: Decimal) -> Decimal:
    """Rounded to twelve decimals: no venue keeps more, and sums of such values stay exact."""
    return Decimal(plain(value.quantize(_FINEST)))


@dataclass(frozen=True, slots=True)
class Market:
    """One market by its unified symbol, ``BTC/USDT`` or ``BTC/USDT:USDT``; ``listed`` reads the coins out of it.

    ``wallet`` is where its money lies, in the venue's own word; ``fee_wallet`` pays fees in a third coin, where that is
    another. ``contract_size`` is in base, or in quote where ``in_quote`` says so: an inverse contract of 100 dollars.
    Rates are shares of the value.
    """

    symbol: str
    base: str
    quote: str
    settle: str | None = None
    wallet: str = SPOT
    price_step: Decimal = Decimal("0.01")
    amount_step: Decimal = Decimal("0.0001")
    contract_size: Decimal = ONE
    in_quote: bool = False
    taker_rate: Decimal = Decimal("0.001")
    maker_rate: Decimal = Decimal("0.0005")
    fee_wallet: str | None = None

    @property
    def is_contract(self) -> bool:
        """Whether trading it makes a position and not a balance."""
        return self.settle is not None

    @property
    def is_inverse(self) -> bool:
        """Whether profit is paid in the coin that is traded."""
        return self.settle == self.base

    @property
    def identifier(self) -> str:
        """Base and quote in one word, as most venues name a market."""
        return f"{self.base}{self.quote}"

    def value(self, quantity: Decimal, price: Decimal) -> Decimal:
        """What so much of it is worth in quote."""
        sized = product(quantity, self.contract_size)
        return sized if self.in_quote else product(sized, price)

    def turnover(self, quantity: Decimal, price: Decimal) -> Decimal:
        """What was exchanged for so much of it: quote, or base where it is sized in quote."""
        sized = product(quantity, self.contract_size)
        return ratio(sized, price).quantize(_COINS) if self.in_quote else product(sized, price)

    def average(self, quantity: Decimal, turnover: Decimal) -> Decimal:
        """The price at which so much was exchanged for that."""
        sized = product(quantity, self.contract_size)
        return fine(ratio(sized, turnover) if self.in_quote else ratio(turnover, sized))

    def worth(self, quantity: Decimal, price: Decimal) -> Decimal:
        """What so much of it is worth in the coin that pays: quote, or base for an inverse contract."""
        value = self.value(quantity, price)
        return fine(ratio(value, price)) if self.is_inverse else value

    def profit(self, quantity: Decimal, entry: Decimal, price: Decimal) -> Decimal:
        """What a position of this signed quantity has gained since ``entry``, in the coin that settles."""
        if not quantity:
            return ZERO
        sized = product(quantity, self.contract_size)
        if self.in_quote:
            return fine(difference(ratio(sized, entry).quantize(_FINEST), ratio(sized, price).quantize(_FINEST)))
        gained = product(sized, difference(price, entry))
        return fine(ratio(gained, price)) if self.is_inverse else gained


def listed(symbol: str, wallet: str = SPOT, **details: Decimal | bool | str) -> Market:
    """A market, its coins read out of the unified symbol; ``details`` are the other fields of ``Market``."""
    pair, _, settle = symbol.partition(":")
    base, _, quote = pair.partition("/")
    return Market(symbol, base, quote, settle or None, wallet, **details)  # type: ignore[arg-type]  # by their names
