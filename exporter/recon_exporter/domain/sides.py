"""What both sides of one bot said within one bracket, and what persons decided about comparing them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from recon_exporter.domain.confirmation import Confirmation
from recon_exporter.domain.eod_report import UnverifiedSide
from recon_exporter.domain.fill_match import FillMatch
from recon_exporter.domain.money import ZERO
from recon_exporter.domain.positions import Activity, BalanceStatement, Fill, PositionStatement
from recon_exporter.domain.terms import Terms

_CONFIRMATION = Confirmation()


class AccountUse(StrEnum):
    """Whether the account is the bot's alone, or others trade on it too."""

    EXCLUSIVE = "exclusive"
    SHARED = "shared"


@dataclass(frozen=True, slots=True)
class SideTerms:
    """How to compare the sides of one bot in a cycle; ``comparison`` are the terms that end-of-day runs share.

    Of an exposure of ``materiality_usd`` or more a difference is critical. ``assets`` are those
    whose balances are compared, None for all. Orders whose client id begins with one of
    ``comparison.client_id_prefixes`` are the bot's own; those that begin with one of ``allowed_client_ids`` are others
    that may trade here. ``fill_price_*`` and ``fee_*`` are tolerances for single fills, each the larger of absolute and
    relative.

    A fill younger than ``settle`` is deferred. ``pad`` is the beginning of what was read that is not judged;
    ``order_span`` how long an order may take to be filled, which is not judged either where only orders compare.
    ``overlap`` is how much is read again in each cycle at least. More differences than ``mass_limit`` are no breaks but
    a source gone wrong; more than ``open_limit`` fills without counterpart are not kept.
    """

    comparison: Terms
    materiality_usd: Decimal
    use: AccountUse = AccountUse.EXCLUSIVE
    allowed_client_ids: tuple[str, ...] = ()
    fill_price_relative: Decimal = ZERO
    fill_price_absolute: Decimal = ZERO
    fee_relative: Decimal = ZERO
    fee_absolute: Decimal = ZERO
    settle: timedelta = timedelta(seconds=60)
    pad: timedelta = timedelta(seconds=60)
    order_span: timedelta = timedelta(hours=1)
    overlap: timedelta = timedelta(minutes=10)
    mass_limit: int = 100
    open_limit: int = 100_000
    confirmation: Confirmation = _CONFIRMATION
    assets: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class PositionSides:
    """Both books of positions of one moment: what moved while they were read has been rolled forward."""

    ledger: PositionStatement
    venue: PositionStatement


@dataclass(frozen=True, slots=True)
class BalanceSides:
    """Both statements of balances of one moment."""

    ledger: BalanceStatement
    venue: BalanceStatement


@dataclass(frozen=True, slots=True)
class FillsToday:
    """How many fills of the current UTC day each side has told."""

    ledger: int
    venue: int


@dataclass(frozen=True, slots=True)
class Movements:
    """What the venue did to the account lately: read only where both sides differ, to tell what they differ by."""

    fills: tuple[Fill, ...]
    activities: tuple[Activity, ...]


@dataclass(frozen=True, slots=True)
class Sides:
    """What both sides of one bot said in one bracket.

    None where a side has no source of it by configuration: then the check is disabled. UnverifiedSide where it should
    have been told and was not. ``taken_at`` is when the look ended,
    ``movements`` what may explain how they differ.
    """

    positions: PositionSides | UnverifiedSide | None
    balances: BalanceSides | UnverifiedSide | None
    fills: FillMatch | UnverifiedSide | None
    terms: SideTerms
    taken_at: datetime | None = None
    movements: Movements | None = None
    fills_today: FillsToday | None = None
