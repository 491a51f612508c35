"""What is reported of a bot whose positions could not be compared: no verdict, and the breaks of before stand."""

from collections.abc import Iterable
from datetime import datetime

from recon_exporter.domain.breaks import Break
from recon_exporter.domain.eod_report import EodReport, UnverifiedSide
from recon_exporter.domain.finding import Reason
from recon_exporter.domain.halts import standing
from recon_exporter.domain.money import ZERO


def unverified_report(
    bot: str, side: UnverifiedSide, known: Iterable[Break], now: datetime, sources: tuple[str, str]
) -> EodReport:
    """The report of a run by hand; ``known`` may hold breaks of other bots, and resolved ones."""
    breaks = tuple(one for one in known if one.discrepancy.bot == bot and one.resolved_at is None)
    stands = standing(breaks, now)
    missed = tuple(side.why.detail.split(": ")[-1].split(", ")) if side.why.reason is Reason.CANARY_MISSED else ()
    return EodReport(
        bot=bot,
        started_at=now,
        finished_at=now,
        due_at=None,
        is_late=False,
        unverified=side,
        discrepancies=(),
        breaks=breaks,
        opened=(),
        resolved=(),
        halts=(),
        exposure=stands.told_exposure,
        missing=stands.missing,
        compared=0,
        canaries_missed=missed,
        sources=sources,
        tolerated=(ZERO, ZERO),
    )
