"""From thresholds, account map and sections to the policy of each bot."""

from collections.abc import Iterator
from functools import cache

from recon_exporter.domain.policy import BotPolicy, Freshness
from recon_exporter.domain.report import ExpectedBot
from recon_exporter.ports import Policies
from recon_exporter.settings.accounts import AccountMap
from recon_exporter.settings.shape import Configuration, FreshnessLimits
from recon_exporter.settings.thresholds import Thresholds


def policies(configuration: Configuration, thresholds: Thresholds, accounts: AccountMap) -> Policies:
    """What persons decided of every bot, named or not; ``exchange_source`` where any fleet has a snapshot enabled."""
    exchange_source = any(fleet.exchange_snapshot.enabled for fleet in configuration.fleets.values())
    freshness = _freshness(configuration.freshness)

    @cache
    def of(bot: str) -> BotPolicy:
        return BotPolicy(
            bot=bot,
            switches=thresholds.switches(bot),
            limits=thresholds.limits(bot),
            account=accounts.of(bot),
            exchange_source=exchange_source,
            freshness=freshness,
            fee_drop_relative_floor=configuration.accounting.fee_drop_relative_floor,
            identity_tolerance=configuration.balance.identity_tolerance,
            equity_jump_ratio=configuration.balance.equity_jump_ratio,
        )

    named = tuple(_named(thresholds, accounts))
    return Policies(
        of=of,
        named=tuple(bot for bot in named if of(bot.bot).is_on("enabled")),
        taken_out=tuple(bot.bot for bot in named if not of(bot.bot).is_on("enabled")),
    )


def _named(thresholds: Thresholds, accounts: AccountMap) -> Iterator[ExpectedBot]:
    for bot in sorted({*thresholds.bots, *accounts.bots}):
        reasons = {"thresholds": bot in thresholds.bots, "account_map": bot in accounts.bots}
        yield ExpectedBot(bot, tuple(reason for reason, holds in reasons.items() if holds))


def _freshness(limits: FreshnessLimits) -> Freshness:
    return Freshness(limits.minute_rows, limits.snapshot, limits.future_skew, limits.events)
