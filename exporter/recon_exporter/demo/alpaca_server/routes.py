"""The answer to each path."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus

from recon_exporter.demo.alpaca_server.books import Books
from recon_exporter.demo.alpaca_server.documents import account_document, position_documents
from recon_exporter.demo.alpaca_server.hours import FIRST_DAY, LAST_DAY, calendar_document, clock_document
from recon_exporter.demo.alpaca_server.selections import (
    Parameters,
    Refusal,
    a_day,
    selected_activities,
    selected_orders,
)

NOT_FOUND = 40410000
_ACTIVITIES = "/v2/account/activities"


@dataclass(frozen=True, slots=True)
class View:
    """What a request is answered from: the account's books as of one moment, and the exchange's holidays."""

    books: Books
    holidays: Collection[date]


def answer(view: View, path: str, parameters: Parameters) -> object:
    """The document; raises Refusal."""
    match path:
        case "/v2/account":
            return account_document(view.books)
        case "/v2/positions":
            return position_documents(view.books)
        case "/v2/orders":
            return selected_orders(view.books.orders, parameters)
        case "/v2/clock":
            return clock_document(view.books.at, view.holidays)
        case "/v2/calendar":
            start, end = a_day(parameters, "start", FIRST_DAY), a_day(parameters, "end", LAST_DAY)
            return calendar_document(start, end, view.holidays)
    if path == _ACTIVITIES or path.startswith(f"{_ACTIVITIES}/"):
        code = path.removeprefix(_ACTIVITIES).removeprefix("/") or None
        return selected_activities(view.books.entries, parameters, code)
    raise Refusal(HTTPStatus.NOT_FOUND, NOT_FOUND, "endpoint not found.")
