"""Rows of fills.csv of one variant as whole fills, since a moment."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.money import InvalidAmount, amount
from recon_exporter.domain.positions import Fee, Fill
from recon_exporter.errors import SourceError
from recon_exporter.ledgers.hbot.discovery import VariantFolder
from recon_exporter.ledgers.hbot.fill_files import ORDER, QUANTITY, STEM, TIME
from recon_exporter.ledgers.hbot.quantity import quantity
from recon_exporter.reading.append_only import AppendOnlyFile
from recon_exporter.reading.refused import Refused, malformed
from recon_exporter.reading.rotated import Part, RotatedFile
from recon_exporter.reading.tables import BadLine, Header, cells, parse_header
from recon_exporter.reading.times import InvalidTime, iso_time

PAIR, SIDE, PRICE, FEE, TRADE = "trading_pair", "side", "price", "fee_quote", "exchange_trade_id"
CONNECTOR = "exchange"
NEEDED = (TIME, PAIR, SIDE, PRICE, QUANTITY, ORDER)
SIGNS = {"buy": 1, "sell": -1}
PROBE = "probe-ord-"
DISORDER = timedelta(hours=1)
"""Rows may stand out of order by less than this."""


Naming = Callable[[str, str], str]
"""The name of an instrument by its pair and connector; raises Refused where these do not tell it."""


def as_written(pair: str, connector: str) -> str:  # noqa: ARG001 - a Naming
    """The pair itself."""
    return pair


class FillRows(NamedTuple):
    """The fills, and whether each of them has the exchange's own number of the execution."""

    fills: tuple[Fill, ...]
    have_venue_ids: bool


def read_fill_rows(folder: VariantFolder, since: datetime, naming: Naming) -> FillRows | None:
    """The fills of the variant, none of probe orders; None where it has no such file; raises Refused.

    The bot writes a row late: it flushes the last ones only when it writes again.
    """
    name = f"{folder.path}/{STEM}.csv"
    try:
        with RotatedFile(folder.folder, STEM) as file:
            parts = file.recent(_back_before(since))
            if not parts:
                return None
            told = [one for part in parts for one in _fills(part, name, since, naming)]
            return FillRows(tuple(fill for fill, _ in told), all(has_id for _, has_id in told))
    except FileNotFoundError:  # the folder has vanished since it was found
        return None
    except BadLine as error:
        raise Refused(Reason.SOURCE_MALFORMED, f"{name}: {error}") from None
    except (OSError, SourceError) as error:
        raise Refused(Reason.SOURCE_UNREADABLE, f"{name}: {error}") from None


def _back_before(since: datetime) -> Callable[[AppendOnlyFile], Callable[[bytes], bool]]:
    def searching(file: AppendOnlyFile) -> Callable[[bytes], bool]:
        header = _header(file)

        def is_far_enough(line: bytes) -> bool:
            try:
                return iso_time(_named(line, header)[TIME]) < since - DISORDER
            except (BadLine, InvalidTime):
                return False

        return is_far_enough

    return searching


def _header(file: AppendOnlyFile) -> Header:
    if file.header is None:
        raise BadLine("there is no header")
    return parse_header(file.header, NEEDED)


def _named(line: bytes, header: Header) -> dict[str, str]:
    return dict(zip(header.names, cells(line, header), strict=True))


def _fills(part: Part, name: str, since: datetime, naming: Naming) -> Iterator[tuple[Fill, bool]]:
    header = _header(part.file)
    for block in part.blocks():
        for offset, line in block.lines():
            if not line.strip():
                continue
            place = f"{name}: {part.file.name}: byte {offset}"
            try:
                row = _named(line, header)
            except BadLine as error:
                raise malformed(place, line[:80], f"a row ({error})") from None
            at = _at(row, place)
            if at >= since and not row[ORDER].startswith(PROBE):
                yield _fill(row, at, place, naming), bool(_trade_id(row))


def _at(row: dict[str, str], place: str) -> datetime:
    try:
        return iso_time(row[TIME])
    except InvalidTime as error:
        raise malformed(f"{place}, column {TIME}", row[TIME], str(error)) from None


def _trade_id(row: dict[str, str]) -> str:
    return row.get(TRADE, "").strip()


def _fill(row: dict[str, str], at: datetime, place: str, naming: Naming) -> Fill:
    """The fill; where the file has no identifier of the exchange, the place of the row is one."""
    if row[SIDE] not in SIGNS:
        raise malformed(f"{place}, column {SIDE}", row[SIDE], " or ".join(SIGNS))
    filled = _number(row, QUANTITY, place, quantity).copy_abs()
    return Fill(
        fill_id=_trade_id(row) or place,
        order_id=row[ORDER] or None,
        client_order_id=row[ORDER] or None,
        symbol=naming(row[PAIR], row.get(CONNECTOR, "")),
        quantity=filled if SIGNS[row[SIDE]] > 0 else filled.copy_negate(),
        price=_number(row, PRICE, place, amount),
        fees=_fees(row, place),
        at=at,
    )


def _fees(row: dict[str, str], place: str) -> tuple[Fee, ...] | None:
    """The fee in the pair's quote asset; None where the row tells none."""
    if not row.get(FEE, "").strip():
        return None
    return (Fee(row[PAIR].rpartition("-")[2], _number(row, FEE, place, amount)),)


def _number(row: dict[str, str], column: str, place: str, read: Callable[[str], Decimal]) -> Decimal:
    try:
        return read(row[column])
    except InvalidAmount:
        raise malformed(f"{place}, column {column}", row[column], "a finite number") from None
