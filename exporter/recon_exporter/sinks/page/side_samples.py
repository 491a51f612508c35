"""The samples of raw differences between both sides, by symbol and by asset: only what differs has a series.

So that a broken source cannot make series without number, each bot has a budget; what goes beyond is counted.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import TypeVar

from recon_exporter.domain.report import BotVerdict
from recon_exporter.sinks.page.numbers import number
from recon_exporter.telemetry.catalogue import CATALOGUE
from recon_exporter.telemetry.exposition import Block, escaped

Key = TypeVar("Key", str, tuple[str, str])
BUDGET = 50
"""How many symbols, and how many assets, of one bot are shown: the largest differences."""


def blocks(verdicts: Iterable[BotVerdict]) -> list[Block]:
    """One block for each family."""
    bots = sorted(verdicts, key=lambda verdict: verdict.bot)
    return [
        _block("recon_position_difference", (line for bot in bots for line in _positions(bot))),
        _block("recon_balance_difference", (line for bot in bots for line in _balances(bot))),
        _block("recon_differences_not_shown", (line for bot in bots for line in _not_shown(bot))),
    ]


def _block(name: str, tails: Iterable[str]) -> Block:
    return Block(CATALOGUE[name], "".join([f"{name}{tail}\n" for tail in tails]).encode())


def _positions(bot: BotVerdict) -> Iterator[str]:
    for (symbol, leg), gap in _largest(_all_positions(bot)):
        labels = f'bot="{escaped(bot.bot)}",symbol="{escaped(symbol)}",leg="{escaped(leg)}"'
        yield f"{{{labels}}} {number(float(gap))}"


def _balances(bot: BotVerdict) -> Iterator[str]:
    for asset, gap in _largest(_all_balances(bot)):
        yield f'{{bot="{escaped(bot.bot)}",asset="{escaped(asset)}"}} {number(float(gap))}'


def _not_shown(bot: BotVerdict) -> Iterator[str]:
    if any(result.differences is not None for result in bot.results):
        beyond = sum(max(0, len(found) - BUDGET) for found in (_all_positions(bot), _all_balances(bot)))
        yield f'{{bot="{escaped(bot.bot)}"}} {number(beyond)}'


def _all_positions(bot: BotVerdict) -> dict[tuple[str, str], Decimal]:
    found = [result.differences.positions for result in bot.results if result.differences is not None]
    return {place: gap for told in found for place, gap in told.items() if gap}


def _all_balances(bot: BotVerdict) -> dict[str, Decimal]:
    found = [result.differences.balances for result in bot.results if result.differences is not None]
    return {asset: gap for told in found for asset, gap in told.items() if gap}


def _largest(found: Mapping[Key, Decimal]) -> list[tuple[Key, Decimal]]:
    ordered = sorted(found.items(), key=lambda one: (one[1].copy_abs().copy_negate(), one[0]))
    return sorted(ordered[:BUDGET], key=lambda one: one[0])
