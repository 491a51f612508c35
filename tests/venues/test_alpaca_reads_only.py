"""Nothing in the package can place, change or cancel an order, or move money."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import ccxt
import pytest
import requests

import recon_exporter
from recon_exporter.venues.alpaca import Access
from recon_exporter.venues.alpaca.client import AlpacaClient, Question
from recon_exporter.venues.alpaca.session import NotAReading, ReadingSession
from support.alpaca import OPEN, QUICK, Desk, StandingClock, running_desk

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(recon_exporter.__file__).parent
ACTS = re.compile(
    r"""
    (?:create|edit|cancel|replace|submit|place|amend|modify)_?\w*orders?\b
    | (?:close|liquidate)_?\w*positions?\b
    | (?:private|public)_?(?:post|put|patch|delete)
    | \bwithdraw(?:\b|_(?!al))
    | \bset_?(?:leverage|margin_?mode|position_?mode)\b
    | \b(?:add|reduce|borrow|repay)_?\w*margin\b
    | \bapi\.alpaca\.markets
    """,
    re.IGNORECASE | re.VERBOSE,
)
READS = re.compile(r"fetch[A-Z]\w+|WITHDRAW")
"""Questions for orders that were cancelled, and the domain's own name of what a key may do."""
CLIENTS = {"ccxt", "requests", "httpx", "http.client", "urllib3", "urllib.request"}
CONNECTIONS = {"ClientSession", "create_connection"}
"""What code calls to reach others; ``CLIENTS`` is what it imports."""


@pytest.fixture
def desk() -> Iterator[Desk]:
    yield from running_desk()


def names(tree: ast.AST) -> Iterator[str]:
    """Every name that the code uses, or writes as a text of one word."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name) | ast.Name(id=name):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.Constant(value=str(text)) if text and not re.search(r"\s", text):
                yield text


def acts(source: str) -> list[str]:
    return [name for name in names(ast.parse(source)) if ACTS.search(name) and not READS.fullmatch(name)]


def plays_a_venue(path: Path) -> bool:
    """The local servers are venues themselves, and speak of what they refuse."""
    parts = path.relative_to(PACKAGE).parts
    return parts[0] == "demo" and (parts[1] == "exchange" or parts[1].endswith("_server"))


def test_no_code_of_the_package_names_what_could_act_at_a_venue() -> None:
    asking = [path for path in PACKAGE.rglob("*.py") if not plays_a_venue(path) and path != PACKAGE / "domain/probe.py"]
    found = {str(path.relative_to(PACKAGE)): acts(path.read_text()) for path in asking}

    assert {path: names for path, names in found.items() if names} == {}


def reaches(source: str) -> list[str]:
    tree = ast.parse(source)
    imports = [
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (getattr(node, "module", None), *(alias.name for alias in node.names))
    ]
    called = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return sorted(CLIENTS.intersection(imports) | (CONNECTIONS & called))


def test_what_plays_a_venue_can_ask_none() -> None:
    found = {str(path.relative_to(PACKAGE)): reaches(path.read_text()) for path in PACKAGE.rglob("*.py")}

    assert {path: asks for path, asks in found.items() if asks and plays_a_venue(PACKAGE / path)} == {}
    assert reaches("import requests") == reaches("from requests import get") == ["requests"]
    assert reaches("aiohttp.ClientSession()") == ["ClientSession"]


@pytest.mark.parametrize(
    "source",
    [
        "exchange.create_order('AAPL')",
        "exchange.createMarketBuyOrder('AAPL')",
        "exchange.cancel_all_orders()",
        "getattr(exchange, 'traderPrivatePostV2Orders')",
        "exchange.trader_private_delete_v2_positions()",
        "client.submit_order()",
        "client.close_all_positions()",
        "exchange.withdraw('BTC')",
        "exchange.set_leverage(10)",
    ],
)
def test_code_that_acts_would_be_found(source: str) -> None:
    assert acts(source)


def test_all_that_is_asked_is_a_get_of_alpaca() -> None:
    exchange = ccxt.alpaca()

    assert all(re.fullmatch(r"traderPrivateGetV2\w+", question) for question in Question)
    assert all(callable(getattr(exchange, question)) for question in Question)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "get"])
def test_any_other_request_is_stopped_before_it_is_sent(desk: Desk, method: str) -> None:
    session = ReadingSession(StandingClock(OPEN))

    with pytest.raises(NotAReading):
        session.request(method, f"{desk.server.url}/v2/orders")
    assert list(desk.server.asked) == []


def test_even_ccxt_itself_cannot_act_through_our_session(desk: Desk) -> None:
    exchange = ccxt.alpaca({"apiKey": "a", "secret": "b", "session": ReadingSession(StandingClock(OPEN))})
    exchange.urls["api"] = {"trader": desk.server.url}

    with pytest.raises(NotAReading):
        exchange.traderPrivatePostV2Orders({"symbol": "AAPL", "qty": "1"})
    assert list(desk.server.asked) == []


def test_the_local_alpaca_takes_no_order(desk: Desk) -> None:
    assert requests.post(f"{desk.server.url}/v2/orders", json={}, timeout=5).status_code == 501


@pytest.mark.parametrize(
    ("access", "host"),
    [
        (Access("k", "s", paper=True), "https://paper-api.alpaca.markets"),
        (Access("k", "s", paper=False), "https://api.alpaca.markets"),
        (Access("k", "s", paper=True, base_url="http://127.0.0.1:1/alpaca/"), "http://127.0.0.1:1/alpaca"),
        (Access("k", "s", paper=False, base_url="http://127.0.0.1:1"), "http://127.0.0.1:1"),
    ],
)
def test_paper_live_and_another_host_are_where_the_questions_go(access: Access, host: str) -> None:
    exchange = AlpacaClient(access, StandingClock(OPEN), QUICK)._connected()
    signed = exchange.sign("v2/positions", ["trader", "private"], "GET", {})

    assert signed["url"] == f"{host}/v2/positions"
    assert exchange.urls["api"].keys() == {"trader"} or access.base_url is None
