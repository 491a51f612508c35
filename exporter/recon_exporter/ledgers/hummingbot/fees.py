"""The column ``trade_fee`` of a fill: flat fees as they were charged, else a rate, of which the fee is estimated."""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from decimal import Context, Decimal

from recon_exporter.domain.money import ROUNDING, ZERO, InvalidAmount, total
from recon_exporter.domain.positions import Fee
from recon_exporter.reading.cells import InvalidText, label, number
from recon_exporter.reading.refused import malformed

ESTIMATE = Context(prec=28)
EXPECTED = "the fee in JSON, with percent and flat_fees"


def read_fees(
    told: object, place: Callable[[], str], notional: Decimal | None, quote_asset: str
) -> tuple[Fee, ...] | None:
    """The fees by asset, paid ones positive; None where the row tells none; raises Refused.

    Without ``notional``, price by quantity, no fee is estimated.
    """
    if told is None:
        return None
    try:
        fee = json.loads(str(told), parse_float=Decimal)
        if not isinstance(fee, Mapping):
            raise malformed(place(), told, EXPECTED)
        flat = _flat(fee.get("flat_fees") or [])
        if flat:
            return flat
        if fee.get("percent") is None:
            return None
        rate = number(fee["percent"])
        asset = label(fee.get("percent_token") or quote_asset)
    except (ValueError, TypeError, KeyError, InvalidAmount, InvalidText):
        raise malformed(place(), told, EXPECTED) from None
    if not rate:
        return ()
    return (
        None if notional is None else (Fee(asset, ESTIMATE.plus(ROUNDING.multiply(rate, notional)), is_estimated=True),)
    )


def _flat(fees: list[object]) -> tuple[Fee, ...]:
    """One fee for each asset; the oldest schema says ``asset`` for what is ``token`` today, and may use pairs."""
    amounts: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    for fee in fees:
        if isinstance(fee, Mapping):
            asset, amount = fee["token"] if "token" in fee else fee["asset"], fee["amount"]
        else:
            asset, amount = _pair(fee)
        amounts[label(asset)] = total((amounts[label(asset)], number(amount)))
    return tuple(Fee(asset, amount) for asset, amount in sorted(amounts.items()) if amount)


def _pair(fee: object) -> tuple[object, object]:
    if not isinstance(fee, list) or len(fee) != 2:  # noqa: PLR2004 - a pair
        raise ValueError
    return fee[0], fee[1]
