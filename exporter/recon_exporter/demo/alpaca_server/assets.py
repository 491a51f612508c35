"""What is traded: shares, options by their OCC symbol, crypto pairs by their slash."""

import re
from decimal import Decimal
from enum import StrEnum
from uuid import NAMESPACE_URL, uuid5

from recon_exporter.domain.money import ONE

_OPTION = re.compile(r"[A-Z]{1,6}\d{6}[CP]\d{8}")
SHARES_OF_A_CONTRACT = Decimal(100)


class AssetClass(StrEnum):
    """Alpaca's own words."""

    EQUITY = "us_equity"
    OPTION = "us_option"
    CRYPTO = "crypto"


EXCHANGES = {AssetClass.EQUITY: "NASDAQ", AssetClass.OPTION: "", AssetClass.CRYPTO: "CRYPTO"}


def asset_class(symbol: str) -> AssetClass:
    """By the form of the symbol."""
    if "/" in symbol:
        return AssetClass.CRYPTO
    return AssetClass.OPTION if _OPTION.fullmatch(symbol) else AssetClass.EQUITY


def multiplier(symbol: str) -> Decimal:
    """How much one unit is worth at a price of one."""
    return SHARES_OF_A_CONTRACT if asset_class(symbol) is AssetClass.OPTION else ONE


def asset_id(symbol: str) -> str:
    """The same for the same symbol, always."""
    return str(uuid5(NAMESPACE_URL, f"asset:{symbol}"))
