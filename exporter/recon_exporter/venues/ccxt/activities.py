"""What moved the balances of one account other than its trades: the exchange's own ledger, or what stands for it."""

from collections.abc import Iterator
from decimal import Decimal

from recon_exporter.domain.positions import Activity, ActivityKind
from recon_exporter.venues.ccxt.account import Ask
from recon_exporter.venues.ccxt.fills import read_trades
from recon_exporter.venues.ccxt.paging import Budget
from recon_exporter.venues.ccxt.quirks import Quirk
from recon_exporter.venues.ccxt.quirks.base import Section
from recon_exporter.venues.ccxt.reading import Listing, Reading, must_be_whole, read_list
from recon_exporter.venues.ccxt.rows import Row

SAME = ("id", "timestamp", "type", "currency", "code", "amount", "before", "after")
FAILED = frozenset({"failed", "canceled", "pending", "rejected"})
OUTGOING = frozenset({"withdrawal"})


def read_activities(reading: Reading) -> tuple[Activity, ...]:
    """Oldest first; raises VenueFailure or BadAnswer where they cannot be had."""
    budget = Budget(reading.pages)
    found = [
        activity
        for section in reading.sections
        for question in reading.quirk.ledgers(reading.ask, section)
        for activity in _of_ledger(reading, section, question, budget)
    ]
    if reading.quirk.has_funding_among_trades:
        found += _funding_among_trades(reading)
    # What came to a wallet that serves several parts of the account is told with each of them.
    once = {(activity.activity_id, activity.code, activity.asset, activity.amount): activity for activity in found}
    return tuple(sorted(once.values(), key=lambda activity: (activity.at, activity.activity_id)))


def _of_ledger(reading: Reading, section: Section, question: str, budget: Budget) -> Iterator[Activity]:
    ask, quirk = reading.ask, reading.quirk
    listing = Listing(
        question,
        lambda symbol, page: quirk.entries(ask, section, question, symbol, page),
        lambda row: tuple(row.told.get(key) for key in SAME),
        quirk.ledger_page,
        quirk.newest_first,
    )
    symbols = reading.symbols_of(section) if quirk.wants_symbol(ask, section, question) else [None]
    for row in must_be_whole(read_list(reading, section, listing, symbols, budget), reading, "entries of its ledger"):
        kind = _kind(reading, question, row)
        if kind is not None and row.maybe_text("status") not in FAILED and row.time("timestamp") >= reading.since:
            yield _activity(ask, quirk, row, kind, quirk.code(row) or question)


def _kind(reading: Reading, question: str, row: Row) -> ActivityKind | None:
    if question == "fetchFundingHistory":
        return ActivityKind.FUNDING
    return ActivityKind.TRANSFER if question != "fetchLedger" else reading.quirk.activity_kind(row)


def _activity(ask: Ask, quirk: Quirk, row: Row, kind: ActivityKind, code: str) -> Activity:
    asset = row.maybe_text("currency") or row.maybe_text("code")
    return Activity(
        activity_id=row.maybe_text("id") or f"{code}/{row.text('timestamp')}/{row.told.get('amount')}",
        kind=kind,
        code=code,
        symbol=row.maybe_text("symbol"),
        quantity=None,
        price=None,
        amount=_signed(row),
        at=row.time("timestamp"),
        asset=asset and quirk.coin(asset, ask.coins),
    )


def _signed(row: Row) -> Decimal:
    """Received is positive; what has a direction is told without its sign."""
    amount = row.number("amount")
    if row.maybe_text("direction") == "out" or row.maybe_text("type") in OUTGOING:
        return amount.copy_abs().copy_negate()
    return amount.copy_abs() if row.maybe_text("direction") == "in" else amount


def _funding_among_trades(reading: Reading) -> Iterator[Activity]:
    """Payments that the exchange lists as executions of a whole position: their fee is the payment."""
    for _, row in read_trades(reading).rows:
        if reading.quirk.kind(row) is None and row.time("timestamp") >= reading.since:
            fees = reading.quirk.fees(row) or ()
            for fee in fees:
                yield Activity(
                    activity_id=row.text("id"),
                    kind=ActivityKind.FUNDING,
                    code="funding",
                    symbol=row.maybe_text("symbol"),
                    quantity=None,
                    price=row.maybe_number("price"),
                    amount=fee.amount.copy_negate(),
                    at=row.time("timestamp"),
                    asset=fee.asset,
                )
