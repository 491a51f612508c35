"""What persons decided about comparing the positions of one bot: tolerances, names, ages, rates, limits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from recon_exporter.domain.money import ZERO
from recon_exporter.domain.scope import Scope
from recon_exporter.domain.symbols import Symbols


@dataclass(frozen=True, slots=True)
class Tolerance:
    """The difference that still counts as agreement.

    A price differs only where both limits are exceeded: ``price_absolute``, and ``price_relative`` as a share of the
    larger price. So neither the rounding of cheap assets nor the last digits of dear ones make a break. Of a price that
    is small itself the absolute limit tolerates a tenth at most.

    Of quantities the largest limit holds: ``quantity`` in units, ``quantity_relative`` as a share of the larger side,
    ``steps`` of the smallest difference that the venue knows, and ``dust_usd`` in dollars at the venue's price.
    """

    quantity: Decimal
    price_relative: Decimal
    price_absolute: Decimal
    quantity_relative: Decimal = ZERO
    steps: Decimal = ZERO
    dust_usd: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Terms:
    """How to compare; mappings by symbol have canonical keys.

    ``stale_after`` None switches the test of stale positions off. ``halt_quantity_ratio`` is a share of the larger
    side. ``dollar_rates`` are dollars for one unit of a currency; ``currency`` is what prices are in where neither
    position nor pair tells. ``client_id_prefixes`` mark the bot's own orders. An execution younger than ``in_flight``
    when the run looked may still be on its way into the ledger. Of what is outside ``scope`` both sides tell nothing.
    """

    symbols: Symbols
    tolerance: Tolerance
    tolerance_of: Mapping[str, Tolerance]
    stale_after: timedelta | None
    stale_after_of: Mapping[str, timedelta | None]
    halt_quantity_ratio: Decimal
    dollar_rates: Mapping[str, Decimal]
    currency: str | None = None
    client_id_prefixes: tuple[str, ...] = ()
    in_flight: timedelta = timedelta(minutes=2)
    scope: Scope | None = None


@dataclass(frozen=True, slots=True)
class HaltPolicy:
    """The limits of escalation: exposure strictly above, or at least so many positions missing, asks for a halt."""

    exposure_usd: Decimal
    missing_positions: int
