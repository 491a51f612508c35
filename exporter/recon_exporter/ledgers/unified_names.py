"""Pairs as hbot and Hummingbot write them, BASE-QUOTE, under the unified names that ccxt gives to instruments."""

from collections.abc import Mapping
from types import MappingProxyType

from recon_exporter.domain.finding import Reason
from recon_exporter.reading.refused import Refused

NONE_GIVEN: Mapping[str, str] = MappingProxyType({})
WITHOUT_SETTLEMENT = "USD"
"""Nothing is settled in it: such a contract is settled in its base, or in a coin that the venue chose."""


def is_perpetual(connector: str) -> bool:
    """Whether the connector of that name trades perpetuals."""
    return "perpetual" in connector or "_perp" in connector


def unified_name(pair: str, connector: str, given: Mapping[str, str] = NONE_GIVEN) -> str:
    """BTC-USDT is BTC/USDT, on a perpetual connector BTC/USDT:USDT; ``given`` holds names that do not follow the rule.

    Raises Refused for a perpetual in USD that is not given: how it is settled cannot be seen.
    """
    if pair in given:
        return given[pair]
    if not connector:
        raise Refused(Reason.INPUT_MISSING, f"nothing tells the connector of {pair}, and so its unified name")
    base, _, quote = pair.rpartition("-")
    if not base:
        return pair
    if not is_perpetual(connector):
        return f"{base}/{quote}"
    if quote == WITHOUT_SETTLEMENT:
        raise Refused(
            Reason.INPUT_MISSING,
            f"{connector}: the name does not tell how {pair} is settled: give its unified name, such as"
            f" {base}/{quote}:{base}",
        )
    return f"{base}/{quote}:{quote}"
