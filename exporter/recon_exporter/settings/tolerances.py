"""The section ``tolerances``: differences that are still agreement."""

from decimal import Decimal
from typing import Annotated

from pydantic import PlainValidator, WithJsonSchema

from recon_exporter.settings.scalars import Name, Number, read_number
from recon_exporter.settings.section import Section, builtin, left_out

OptionalNumber = Annotated[Decimal | None, PlainValidator(read_number), WithJsonSchema({"type": ["number", "string"]})]


class SymbolTolerances(Section):
    """Tolerances of one symbol; what is left out is as for all symbols."""

    quantity: OptionalNumber = left_out()
    quantity_relative: OptionalNumber = left_out()
    price_relative: OptionalNumber = left_out()
    price_absolute: OptionalNumber = left_out()


class Tolerances(Section):
    """Differences that are still agreement, in the unit of what is compared; relative ones are fractions of one.

    Of several for one quantity the largest counts: ``quantity_steps`` are multiples of the venue's smallest step,
    ``dust_usd`` is what a difference may be worth in dollars. ``fill_price_*`` and ``fee_*`` are for single fills:
    ``fill_price_absolute`` in what the price is told in, ``fee_absolute`` in the asset of the fee.
    """

    quantity: Number = builtin("0")
    quantity_relative: Number = builtin("0")
    quantity_steps: Number = builtin("0.5")
    dust_usd: Number = builtin("0")
    fill_price_relative: Number = builtin("0")
    fill_price_absolute: Number = builtin("0")
    fee_relative: Number = builtin("0")
    fee_absolute: Number = builtin("0")
    price_relative: Number = builtin("0.005")
    price_absolute: Number = builtin("0.01")
    symbols: dict[Name, SymbolTolerances] = builtin({})
