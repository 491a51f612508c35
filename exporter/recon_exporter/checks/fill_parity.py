"""Fill parity: the fills of the day in the ledger against the fill events, by count, by order and by quantity.

Nothing on both sides agrees only where both prove that they are empty: read to the end, alive, not contradicted by the
bot's own counter.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from recon_exporter.checks._canary import in_files
from recon_exporter.checks._inputs import SECOND, damage_to, known, why_withheld
from recon_exporter.checks._open_orders import Orders, Sorting, sort_open
from recon_exporter.checks._rollover import is_in_rollover
from recon_exporter.domain.check import Check, Evidence
from recon_exporter.domain.file_canary import FileCanary, ToldFill, noon
from recon_exporter.domain.finding import CheckResult, Detail, Finding, Measure, Reason, Severity, Unverified
from recon_exporter.domain.money import ZERO
from recon_exporter.domain.statement import Book, FillBook, Unavailable

NAME = "fill_parity"
SHOWN_ORDERS = 10


def judge(evidence: Evidence) -> CheckResult:
    """Today's fills on both sides, those in grace and pending aside."""
    if not evidence.policy.is_on("fill_parity_check_enabled"):
        return CheckResult(NAME, evidence.bot, enabled=False)
    book = evidence.book
    if isinstance(book, Unavailable):
        return CheckResult(NAME, evidence.bot, unverified=book.unverified())
    sorting = sort_open(book, evidence.now)
    measures = _measures(book.fills, sorting)
    withheld = why_withheld(evidence, book)
    if withheld is not None:
        return CheckResult(NAME, evidence.bot, unverified=withheld, measures=measures)
    blind = _unread(evidence, book.fills)
    absent = _events_absent(evidence.bot, book.fills, sorting)
    findings = absent if absent or blind else tuple(_differences(evidence.bot, book.fills, sorting))
    unverified = blind or _unproven(book)
    return CheckResult(NAME, evidence.bot, findings, unverified, measures=measures)


def _measures(fills: FillBook, sorting: Sorting) -> dict[Measure, Decimal]:
    measures: dict[Measure, Decimal] = {}
    if fills.ledger is None:
        measures[Measure.FILLS_LEDGER] = Decimal(fills.ledger_count)
    if fills.events is None:
        measures[Measure.FILLS_EVENTS] = Decimal(fills.events_count)
    if len(measures) > 1:
        measures[Measure.FILL_DIFFERENCE] = Decimal(fills.ledger_count - fills.events_count)
        measures[Measure.FILLS_PENDING] = Decimal(sorting.pending_count)
    return measures


def _unread(evidence: Evidence, fills: FillBook) -> Unverified | None:
    """Why one side does not tell its fills: it cannot be read, or the event store shows no sign of life."""
    for side in (fills.ledger, fills.events):
        if side is not None:
            return side.unverified()
    at, limit = fills.newest_event_at, evidence.policy.freshness.events
    if at is None:
        return Unverified(Reason.SOURCE_STALE, "the event store holds no event that shows that it is alive")
    if evidence.now - at > limit:
        return Unverified(
            Reason.SOURCE_STALE, f"the newest event of the store is of {at.isoformat()}, older than {limit // SECOND} s"
        )
    return None


def _unproven(book: Book) -> Unverified | None:
    """Why agreement would not be proven: lines are lost, or the bot counts fills where both sides have none."""
    for source in ("fills", "events"):
        damage = damage_to(book, source, None)
        if damage is not None:
            return damage
    row = book.newest
    if book.fills.ledger_count or book.fills.events_count or row is None or row.at.date() != book.fills.day:
        return None
    counter = known(row, "fills_count_today")
    if counter is None or counter <= ZERO or is_in_rollover(row.at):
        return None
    return Unverified(Reason.INPUT_MISSING, f"the bot counts {counter} fills today, and neither side has one")


def _events_absent(bot: str, fills: FillBook, sorting: Sorting) -> tuple[Finding, ...]:
    """Fills past their grace of a day without any event, also where the store has no file of the day."""
    is_known = fills.ledger is None and (fills.events is None or fills.events.reason is Reason.SOURCE_MISSING)
    if not is_known or fills.events_count or fills.ledger_count <= sorting.excess_in_grace:
        return ()
    code = "fills_present_without_order_filled_events"
    return (Finding(Severity.WARNING, NAME, code, bot, {**_counts(fills, sorting), **_shown(sorting.settled)}),)


def _differences(bot: str, fills: FillBook, sorting: Sorting) -> Iterator[Finding]:
    by_count = tuple(order for order in sorting.settled if order.count_difference)
    by_quantity = tuple(order for order in sorting.settled if not order.count_difference and order.quantity_difference)
    for code, orders in (("fill_ids_differ", by_count), ("fill_quantity_differs", by_quantity)):
        if orders:
            yield Finding(Severity.WARNING, NAME, code, bot, {**_counts(fills, sorting), **_shown(orders)})
    if not sorting.explains(fills.ledger_count - fills.events_count):
        yield Finding(Severity.WARNING, NAME, "fill_count_mismatch", bot, _counts(fills, sorting))


def _counts(fills: FillBook, sorting: Sorting) -> dict[str, Detail]:
    return {
        "day": fills.day.isoformat(),
        "ledger_count": fills.ledger_count,
        "events_count": fills.events_count,
        "difference": fills.ledger_count - fills.events_count,
        "pending_count": sorting.pending_count,
        "backfilled_count": fills.backfilled_count,
    }


def _shown(orders: Orders) -> dict[str, Detail]:
    """How many orders there are, and the oldest of them."""
    examples: tuple[Detail, ...] = tuple(
        {
            "order_id": order.order_id,
            "count_difference": order.count_difference,
            "quantity_difference": order.quantity_difference,
            "last_at": order.last_at,
        }
        for order in orders[:SHOWN_ORDERS]
    )
    return {"orders": len(orders), "examples": examples}


def canary(now: datetime) -> FileCanary:
    """A bot with three fills of which the events have two."""
    told = in_files(now, "fill_ids_differ", {"ledger_count": 3, "events_count": 2, "orders": 1})
    unmatched = ToldFill("canary-11", "0.01", noon(now).replace(hour=11))
    return replace(told, fills=(*told.fills, unmatched))


CHECK = Check(NAME, "fills of the day against fill events", judge, canary)
