"""Which bots are to stop trading after a run: by the type of a break, by exposure, by the number of positions missing.

Only confirmed breaks that nobody accepted ask for a halt. A halt latches: what stands is never taken back here, and
never raised twice.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from recon_exporter.domain.break_words import number
from recon_exporter.domain.breaks import MISSING, Break, Halt
from recon_exporter.domain.money import ROUNDING, ZERO
from recon_exporter.domain.terms import HaltPolicy

EXPOSURE = "exposure"
MISSING_POSITIONS = "missing_positions"
FULL_RECONCILIATION = "full manual reconciliation"
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Standing:
    """What the counting breaks add up to: the known exposure in dollars, the breaks without a known one, the missing.

    Price differences count to the exposure, stale positions do not: theirs is zero.
    """

    exposure: Decimal
    unknown: tuple[str, ...]
    missing: int
    identifiers: tuple[str, ...]

    @property
    def told_exposure(self) -> Decimal | None:
        """The exposure, None where that of any break is unknown."""
        return None if self.unknown else self.exposure


@dataclass(frozen=True, slots=True)
class HaltRequest:
    """One bot is to stop for one reason: a break type, ``exposure`` or ``missing_positions``.

    ``breaks`` are the identifiers of those that ask for it. ``full_reconciliation`` says that the whole book is to be
    reconciled by hand before the halt is cleared.
    """

    bot: str
    reason: str
    detail: str
    breaks: tuple[str, ...]
    full_reconciliation: bool


def standing(breaks: Iterable[Break], now: datetime) -> Standing:
    """What these breaks add up to, those that count."""
    counting = [one for one in breaks if one.counts(now)]
    exposure = ZERO
    for one in counting:
        exposure = ROUNDING.add(exposure, one.discrepancy.exposure or ZERO)
    return Standing(
        exposure=exposure,
        unknown=tuple(one.identifier for one in counting if one.discrepancy.exposure is None),
        missing=sum(one.discrepancy.type in MISSING for one in counting),
        identifiers=tuple(one.identifier for one in counting),
    )


def needs_full_reconciliation(breaks: Iterable[Break], policy: HaltPolicy, now: datetime) -> bool:
    """Whether so many positions are missing that the whole book has to be reconciled by hand."""
    return standing(breaks, now).missing >= policy.missing_positions


def decide_halts(
    breaks: Iterable[Break], policy: HaltPolicy, known: Iterable[Halt], now: datetime
) -> tuple[HaltRequest, ...]:
    """The halts that are not latched yet, one for each bot and reason, sorted.

    ``breaks`` are those of all bots of the run: both limits hold for each bot and for all of them together, and where
    the run trips one, every bot with a break that counts is to stop.
    """
    counting = [one for one in breaks if one.counts(now) and one.confirmed_at is not None]
    by_bot: dict[str, list[Break]] = {}
    for one in counting:
        by_bot.setdefault(one.discrepancy.bot, []).append(one)
    latched = {(halt.bot, halt.reason) for halt in known}
    whole_run = standing(counting, now)
    wanted: list[HaltRequest] = []
    for bot in sorted(by_bot):
        own = standing(by_bot[bot], now)
        wanted += [*_by_type(bot, by_bot[bot]), *_by_limits(bot, own, whole_run, policy)]
    return tuple(request for request in wanted if (request.bot, request.reason) not in latched)


def _by_type(bot: str, breaks: Sequence[Break]) -> Iterator[HaltRequest]:
    halting = [one for one in breaks if one.discrepancy.auto_halt]
    for kind in sorted({one.discrepancy.type for one in halting}):
        asking = [one for one in halting if one.discrepancy.type is kind]
        detail = f"{kind}: {_listed([one.discrepancy.symbol for one in asking])}"
        yield HaltRequest(bot, kind.value, detail, _identifiers(asking), full_reconciliation=False)


def _by_limits(bot: str, own: Standing, whole_run: Standing, policy: HaltPolicy) -> Iterator[HaltRequest]:
    """The limits of escalation, told of the bot where it trips one itself, else of the run."""
    exposed = next((one for one in (own, whole_run) if one.exposure > policy.exposure_usd), None)
    if exposed is not None:
        unknown = f", without {len(exposed.unknown)} of unknown exposure" if exposed.unknown else ""
        detail = (
            f"exposure {number(exposed.exposure)} USD{_scope(exposed, own)} "
            f"is above {number(policy.exposure_usd)} USD{unknown}"
        )
        yield HaltRequest(bot, EXPOSURE, detail, own.identifiers, full_reconciliation=False)
    missing = next((one for one in (own, whole_run) if one.missing >= policy.missing_positions), None)
    if missing is not None:
        detail = f"{missing.missing} positions missing{_scope(missing, own)}: {FULL_RECONCILIATION}"
        yield HaltRequest(bot, MISSING_POSITIONS, detail, own.identifiers, full_reconciliation=True)


def _scope(tripped: Standing, own: Standing) -> str:
    return "" if tripped is own else " over all bots of the run"


def _identifiers(breaks: Iterable[Break]) -> tuple[str, ...]:
    return tuple(sorted(one.identifier for one in breaks))


def _listed(symbols: Sequence[str]) -> str:
    ordered = sorted(symbols)
    more = f" and {len(ordered) - _NAMED} more" if len(ordered) > _NAMED else ""
    return ", ".join(ordered[:_NAMED]) + more
