"""What follows from results: who is expected, and the status of a bot and of a report.

Critical beats warning, warning beats unknown, and unknown stands as soon as one enabled check is unverified: only where
everything enabled was evaluated and nothing was found is it ok. A report about no bot at all is unknown.
"""

from collections.abc import Collection, Iterable, Sequence

from recon_exporter.domain.eod_view import EodView
from recon_exporter.domain.finding import CheckResult, Severity
from recon_exporter.domain.report import BlindFleet, ExpectedBot, Status

SIGHT_CHECKS = frozenset({"coverage", "freshness"})
CONFIGURED = "configuration"
RECONCILED = "reconciled"
"""Why a bot is expected that has no files of its own: the configuration knows it, or did when it was reconciled."""

_WORST_FIRST = (Status.CRITICAL, Status.WARNING, Status.UNKNOWN)


def bot_status(results: Iterable[CheckResult]) -> Status:
    """The status of one bot; a finding of a switched-off comparison counts too, for it was positively seen."""
    status = Status.OK
    for result in results:
        for finding in result.findings:
            if finding.severity is Severity.CRITICAL:
                return Status.CRITICAL
            status = Status.WARNING
        if status is Status.OK and result.enabled and result.unverified is not None:
            status = Status.UNKNOWN
    return status


def report_status(statuses: Collection[Status], blind_fleets: Collection[BlindFleet] = ()) -> Status:
    """The worst status of all bots; unknown at best where there is no bot, in one of the fleets or at all."""
    found = {*statuses, *([Status.UNKNOWN] if blind_fleets else ())}
    for status in _WORST_FIRST:
        if status in found:
            return status
    return Status.OK if found else Status.UNKNOWN


def expected_bots(
    found: Collection[str],
    named: Sequence[ExpectedBot],
    seen: Collection[str],
    forgotten: Collection[str],
    taken_out: Collection[str],
) -> tuple[ExpectedBot, ...]:
    """Who must be there, by name: found now, named by a person, or seen in any earlier cycle and not forgotten since.

    A bot that is found or named is expected even where it was forgotten; one that a person took out never is. That a
    bot was seen before says nothing more about one that is found.
    """
    reasons: dict[str, list[str]] = {}
    for bot in found:
        reasons.setdefault(bot, []).append("found")
    for expected in named:
        known = reasons.setdefault(expected.bot, [])
        known.extend(reason for reason in expected.reasons if reason not in known)
    for bot in set(seen).difference(found):
        if bot in reasons or bot not in forgotten:
            reasons.setdefault(bot, []).append("seen")
    return tuple(ExpectedBot(bot, tuple(reasons[bot])) for bot in sorted(reasons) if bot not in taken_out)


def expected_for_eod(view: EodView) -> tuple[ExpectedBot, ...]:
    """The bots that are expected for their end-of-day runs, by name."""
    return tuple(
        ExpectedBot(bot, (RECONCILED if view.bots[bot].due_at is None else CONFIGURED,))
        for bot in sorted(view.bots)
        if view.bots[bot].has_runs
    )


def expected_for_sides(bots: Iterable[str]) -> tuple[ExpectedBot, ...]:
    """The bots that are expected because a ledger and a venue of theirs are configured, by name."""
    return tuple(ExpectedBot(bot, (CONFIGURED,)) for bot in sorted(bots))


def expected_for_breaks(bots: Iterable[str]) -> tuple[ExpectedBot, ...]:
    """The bots that are expected because breaks of theirs stand, whether or not anything tells of them, by name."""
    return tuple(ExpectedBot(bot, (RECONCILED,)) for bot in sorted(bots))


def is_without_fleet(expected: ExpectedBot) -> bool:
    """Whether nothing makes us expect files of its own: it is configured by itself, or was."""
    return {CONFIGURED, RECONCILED}.issuperset(expected.reasons)


def is_checked(results: Iterable[CheckResult]) -> bool:
    """Whether any comparison of the bot's money was made; coverage and freshness only tell whether we can see."""
    return any(result.enabled and result.unverified is None and result.check not in SIGHT_CHECKS for result in results)
