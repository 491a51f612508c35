"""Which orders and activities a request gets, in which order and how many: the rules of Alpaca's parameters."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from http import HTTPStatus

from recon_exporter.demo.alpaca_server.books import Document, Entry, ScriptedOrder
from recon_exporter.demo.alpaca_server.documents import order_document
from recon_exporter.demo.alpaca_server.hours import NEW_YORK

Parameters = Mapping[str, str]

MOST_ORDERS, USUAL_ORDERS = 500, 50
MOST_ACTIVITIES = 100
INVALID = 40010001
FILL = "FILL"
_KNOWN = """
FILL ACATC ACATS CFEE CIL CSD CSW DIV DIVCGL DIVCGS DIVFEE DIVFT DIVNRA DIVROC DIVTW DIVTXEX FEE INT INTNRA INTTW JNL
JNLC JNLS MA MEM NC OPASN OPCA OPCSH OPEXC OPEXP OPTRD PTC PTR REORG SPIN SPLIT TRANS
"""
CODES = frozenset(_KNOWN.split())


class Refusal(Exception):
    """The request is answered with this status, Alpaca's code and its words."""

    def __init__(self, status: HTTPStatus, code: int | None, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def invalid(message: str) -> Refusal:
    """A parameter is not what it may be."""
    return Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, INVALID, message)


def selected_orders(orders: Iterable[ScriptedOrder], parameters: Parameters) -> list[Document]:
    """By status, time of submission (exclusive), symbol and side; there are no pages, only the limit."""
    status = _word(parameters, "status", "open", ("open", "closed", "all"))
    newest_first = _word(parameters, "direction", "desc", ("asc", "desc")) == "desc"
    limit = _number(parameters, "limit", USUAL_ORDERS, MOST_ORDERS)
    side, symbols = parameters.get("side"), parameters.get("symbols")
    within = _within(parameters)
    found = [
        order
        for order in orders
        if (status == "all" or order.is_open == (status == "open"))
        and within(order.submitted_at)
        and (side is None or order.side == side)
        and (symbols is None or order.symbol in symbols.split(","))
    ]
    found.sort(key=lambda order: (order.submitted_at, order.order_id), reverse=newest_first)
    return [order_document(order) for order in found[:limit]]


def selected_activities(entries: Iterable[Entry], parameters: Parameters, code: str | None) -> list[Document]:
    """Of one kind or all, of one day or a period, from a token on.

    What begins after a token begins after its whole millisecond: the fault of the real one.
    """
    codes, is_chosen = _codes(parameters, code), _chosen(parameters)
    newest_first = _word(parameters, "direction", "desc", ("asc", "desc")) == "desc"
    chosen = [entry for entry in entries if entry.code in codes and is_chosen(entry)]
    chosen.sort(key=lambda entry: entry.identifier, reverse=newest_first)
    token = parameters.get("page_token")
    if token is not None:
        end = token.partition("::")[0]
        chosen = [entry for entry in chosen if _follows(entry, end, newest_first=newest_first)]
    whole = len(chosen) if "date" in parameters else MOST_ACTIVITIES
    size = _number(parameters, "page_size", whole, max(whole, MOST_ACTIVITIES))
    return [entry.document for entry in chosen[:size]]


def a_day(parameters: Parameters, name: str, otherwise: date) -> date:
    """A parameter that is a day."""
    told = parameters.get(name)
    try:
        return otherwise if told is None else date.fromisoformat(told[:10])
    except ValueError:
        raise invalid(f"Invalid format for parameter {name}: {told}") from None


def _follows(entry: Entry, end: str, *, newest_first: bool) -> bool:
    millisecond = entry.identifier.partition("::")[0]
    return millisecond < end if newest_first else millisecond > end


def _codes(parameters: Parameters, code: str | None) -> frozenset[str]:
    if code is not None:
        if "category" in parameters:
            raise invalid("category cannot be used with an activity type")
        told = [code]
    elif "activity_types" in parameters:
        told = parameters["activity_types"].split(",")
    else:
        category = _word(parameters, "category", "all", ("all", "trade_activity", "non_trade_activity"))
        trades = frozenset({FILL})
        return {"all": CODES, "trade_activity": trades}.get(category, CODES - trades)
    unknown = [one for one in told if one not in CODES]
    if unknown:
        raise invalid(f"invalid activity type: {unknown[0]}")
    return frozenset(told)


def _chosen(parameters: Parameters) -> Callable[[Entry], bool]:
    if "date" not in parameters:
        within = _within(parameters)
        return lambda entry: within(entry.at)
    if "after" in parameters or "until" in parameters:
        raise invalid("date cannot be used with after or until")
    day = a_day(parameters, "date", date.min)
    return lambda entry: entry.at.astimezone(NEW_YORK).date() == day


def _within(parameters: Parameters) -> Callable[[datetime], bool]:
    after, until = _moment(parameters, "after"), _moment(parameters, "until")
    return lambda at: (after is None or at > after) and (until is None or at < until)


def _moment(parameters: Parameters, name: str) -> datetime | None:
    told = parameters.get(name)
    if told is None:
        return None
    try:
        at = datetime.fromisoformat(told)
    except ValueError:
        raise invalid(f"Invalid format for parameter {name}: {told}") from None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def _word(parameters: Parameters, name: str, otherwise: str, known: Iterable[str]) -> str:
    told = parameters.get(name, otherwise)
    if told not in known:
        raise invalid(f"invalid {name}: {told}")
    return told


def _number(parameters: Parameters, name: str, otherwise: int, most: int) -> int:
    told = parameters.get(name)
    if told is None:
        return otherwise
    if not (told.isascii() and told.isdigit() and 0 < int(told) <= most):
        raise invalid(f"invalid {name}: {told}")
    return int(told)
