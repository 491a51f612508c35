"""Out of what a cycle collected: the evidence of each bot, and what stands of it in the report."""

from dataclasses import replace

from recon_exporter.collecting import Collected
from recon_exporter.domain import decision
from recon_exporter.domain.check import Evidence
from recon_exporter.domain.finding import CheckResult
from recon_exporter.domain.policy import BotPolicy
from recon_exporter.domain.report import BotVerdict, ExpectedBot
from recon_exporter.domain.statement import Book, SourceHealth, Unavailable, VenueAccount
from recon_exporter.ports import Policies


def _policy(collected: Collected, policies: Policies, bot: str) -> BotPolicy:
    """The bot's policy; the exchange check applies where the bot's own fleet has a venue."""
    policy = policies.of(bot)
    if policy.exchange_source and not collected.has_venue(bot):
        return replace(policy, exchange_source=False)
    return policy


def evidence_of(collected: Collected, policies: Policies, bot: str) -> Evidence:
    """Everything that was collected of one bot."""
    policy = _policy(collected, policies, bot)
    return Evidence(bot, collected.at, policy, collected.book(bot), collected.account(bot))


def verdict_of(expected: ExpectedBot, evidence: Evidence, results: tuple[CheckResult, ...]) -> BotVerdict:
    """What stands of one bot in the report."""
    bot, policy, book, account = evidence.bot, evidence.policy, evidence.book, evidence.venue
    return BotVerdict(
        bot=bot,
        status=decision.bot_status(results),
        results=results,
        policy=policy,
        newest=book.newest if isinstance(book, Book) else None,
        health=() if decision.is_for_eod_alone(expected) else _health(policy, book, account),
        bad_lines=book.bad_lines if isinstance(book, Book) else None,
        probe_status=account.probe_status if isinstance(account, VenueAccount) else None,
    )


def _health(
    policy: BotPolicy, book: Book | Unavailable, account: VenueAccount | Unavailable
) -> tuple[SourceHealth, ...]:
    venue = _venue_health(policy.bot, account) if policy.exchange_source else ()
    return _ledger_health(policy.bot, book) + venue


def _ledger_health(bot: str, book: Book | Unavailable) -> tuple[SourceHealth, ...]:
    if isinstance(book, Book):
        return book.health
    return tuple(SourceHealth(bot, "ledger", source, is_up=False, at=None) for source in ("minute", "fills", "events"))


def _venue_health(bot: str, account: VenueAccount | Unavailable) -> tuple[SourceHealth, ...]:
    if isinstance(account, VenueAccount):
        return (account.health,)
    return (SourceHealth(bot, "venue", "exchange_snapshot", is_up=False, at=None),)
