"""The canary books of a run, taken through the same readers, comparison and report as real ones.

They are written as files, read by the file ledger and the file venue, compared under the bot's own terms, aged into
breaks and made into the documents of a report; a type that is not found at the end of that way is missed.
"""

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from recon_exporter.domain.break_life import age
from recon_exporter.domain.comparison import Comparison, compare
from recon_exporter.domain.eod_canaries import BOT, canary_statements, missing_from
from recon_exporter.domain.eod_document import discrepancy_document
from recon_exporter.domain.money import plain
from recon_exporter.domain.positions import PositionStatement
from recon_exporter.domain.statement import Position, Unavailable
from recon_exporter.domain.terms import Terms
from recon_exporter.ledgers.file import FileLedger
from recon_exporter.reading.statement_files import StatementFiles
from recon_exporter.venues.file import FileVenue

COLUMNS = ("symbol", "quantity", "avg_price", "price", "currency", "updated_at", "leg")


def missed(terms: Terms, now: datetime) -> tuple[str, ...]:
    """The types of break that are not found; where anything on the way raises, all of them."""
    try:
        return _missed(terms, now)
    except Exception:  # noqa: BLE001  # whatever it is, the canaries were not found
        return missing_from((), terms)


def _missed(terms: Terms, now: datetime) -> tuple[str, ...]:
    with TemporaryDirectory(prefix="recon-canary-") as folder:
        paths = Path(folder, "ledger.csv"), Path(folder, "venue.csv")
        for path, statement in zip(paths, canary_statements(terms, now), strict=True):
            _write(path, statement)
        ledger = FileLedger(BOT, StatementFiles(paths[0])).positions(now)
        venue = FileVenue(BOT, StatementFiles(paths[1])).positions(now)
    if isinstance(ledger, Unavailable) or isinstance(venue, Unavailable):
        return missing_from((), terms)
    return _reported(compare(ledger, venue, terms, now), terms, now)


def _reported(comparison: Comparison, terms: Terms, now: datetime) -> tuple[str, ...]:
    """What does not come out of the report, of all that was compared."""
    aged = age((), comparison, now, confirmed=())
    told = {(document["type"], document["symbol"]) for document in map(discrepancy_document, aged.breaks)}
    return missing_from((one for one in comparison.discrepancies if (one.type.value, one.symbol) in told), terms)


def _write(path: Path, statement: PositionStatement) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(_rows(statement.positions))


def _rows(positions: Iterable[Position]) -> Iterator[tuple[str, ...]]:
    for one in positions:
        prices = ["" if price is None else plain(price) for price in (one.average_price, one.mark_price)]
        written = "" if one.written_at is None else one.written_at.isoformat()
        yield (one.symbol, plain(one.quantity), *prices, one.currency or "", written, one.leg)
