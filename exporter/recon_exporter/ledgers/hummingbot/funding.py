"""Funding as Hummingbot wrote it down: a lower bound of what was paid.

The table has the time alone for its key: of payments for several contracts at one moment it keeps one, and none of
those that fell due while the bot was not running.
"""

from collections.abc import Iterator
from datetime import datetime

from recon_exporter.domain.positions import Activity, ActivityKind
from recon_exporter.ledgers.hummingbot.files import FUNDING, NEEDED, HummingbotFile, stated
from recon_exporter.ledgers.hummingbot.source import HummingbotSource
from recon_exporter.reading.stated import rows_of
from recon_exporter.reading.time_rules import TimeRules

CODE = "FundingPayment"


def payments(
    file: HummingbotFile, source: HummingbotSource, times: TimeRules, since: datetime
) -> Iterator[tuple[tuple[str, datetime], Activity]]:
    """The payments since that moment, each under its symbol and time; raises Refused.

    Times are in seconds or milliseconds, as the connector likes: their size tells which.
    """
    file.require(FUNDING)
    columns = NEEDED[FUNDING]
    # The key of this table is its row id, unless it was declared as BIGINT: then the table has one of its own.
    result = file.query(f"SELECT rowid AS row_id, {', '.join(columns)} FROM {FUNDING}")  # noqa: S608
    found = {name: at for at, name in enumerate(result.columns)}
    for row in rows_of(stated(file.path, FUNDING, result), found):
        if not source.holds(row.label("market"), row.optional_label("config_file_path") or ""):
            continue
        at, symbol = row.moment("timestamp", times), source.symbol(row.label("symbol"))
        if at >= since:
            activity = Activity(
                activity_id=f"{source.market}:{symbol}:{at:%Y%m%dT%H%M%S}",
                kind=ActivityKind.FUNDING,
                code=CODE,
                symbol=symbol,
                quantity=None,
                price=None,
                amount=row.number("amount"),
                at=at,
                asset=symbol.partition(":")[2] or None,
            )
            yield (symbol, at), activity
