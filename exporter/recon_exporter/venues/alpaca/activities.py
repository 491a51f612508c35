"""What moved the book beside fills: corporate actions, options, transfers, dividends, fees."""

from datetime import date, datetime, timedelta

from recon_exporter.domain.positions import Activity, ActivityKind
from recon_exporter.venues.alpaca.activity_times import activity_time
from recon_exporter.venues.alpaca.answers import Row
from recon_exporter.venues.alpaca.client import Ask, Question
from recon_exporter.venues.alpaca.market import EXCHANGE_ZONE
from recon_exporter.venues.alpaca.paging import Activities
from recon_exporter.venues.alpaca.symbols import pair

FILL = "FILL"
CRYPTO_FEE = "CFEE"
_CODES = {
    ActivityKind.SPLIT: "SPLIT SSP",
    ActivityKind.REORGANISATION: "SPIN REORG MA NC SSO",
    ActivityKind.OPTION_EVENT: "OPASN OPEXP OPEXC OPTRD OPCA OPCSH",
    ActivityKind.TRANSFER: "CSD CSW CSR JNL JNLC JNLS ACATC ACATS TRANS OCT",
    ActivityKind.FEE: "FEE CFEE PTC",
}
KINDS = {code: kind for kind, codes in _CODES.items() for code in codes.split()}
_FORCED = ("liquidat", "margin call")
_VOID = frozenset({"canceled", "cancelled"})
_DAY = timedelta(days=1)


def kind_of(code: str, description: str) -> ActivityKind:
    """By its code, except where its own words tell of a forced sale: Alpaca has no code for one."""
    if any(word in description.lower() for word in _FORCED):
        return ActivityKind.LIQUIDATION
    if code.startswith("DIV"):
        return ActivityKind.DIVIDEND
    return KINDS.get(code, ActivityKind.OTHER)


def read_activities(ask: Ask, since: datetime) -> tuple[Activity, ...]:
    """Oldest first. A split has two of them: the old quantity leaves, the new one arrives."""
    found = Activities(ask, Question.ACTIVITIES, {"category": "non_trade_activity"})
    # Many know their day alone: the walk begins a day before, and the day of ``since`` is kept whole for those.
    found.walk(since - _DAY)
    first_day = since.astimezone(EXCHANGE_ZONE).date()
    rows = (row for row in found.rows.values() if row.text("activity_type") != FILL and _counts(row, since, first_day))
    return tuple(sorted((_activity(row) for row in rows), key=lambda activity: (activity.at, activity.activity_id)))


def _counts(row: Row, since: datetime, first_day: date) -> bool:
    if row.maybe_text("status") in _VOID:
        return False
    if row.maybe_text("date") is not None and row.maybe_text("created_at") is None:
        return row.day("date") >= first_day
    return activity_time(row) >= since


def _activity(row: Row) -> Activity:
    code, symbol = row.text("activity_type"), row.maybe_text("symbol")
    return Activity(
        activity_id=row.text("id"),
        kind=kind_of(code, row.maybe_text("description") or ""),
        code=code,
        symbol=pair(symbol) if symbol is not None and code == CRYPTO_FEE else symbol,
        quantity=row.maybe_number("qty"),
        price=row.maybe_number("price") or row.maybe_number("per_share_amount"),
        amount=row.maybe_number("net_amount"),
        at=activity_time(row),
    )
