"""Nothing in the package can make an exchange do anything: neither by name, nor through what our client lets pass."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import ccxt
import pytest

import recon_exporter
from recon_exporter.venues.ccxt.quirks import Quirk, named, quirk_of
from recon_exporter.venues.ccxt.quirks.base import RAW, UNIFIED
from recon_exporter.venues.ccxt.session import NotAReading, ReadingSession, connections
from support.alpaca import OPEN, StandingClock
from support.ccxt import SERVERS, running_exchange

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(recon_exporter.__file__).parent
DEMO = PACKAGE / "demo"
NOT_CCXT = {"transfer", "transferred", "set_position", "withdrawals"}
"""Words of this program that ccxt happens to have a method for; none of them is looked up on its objects."""


def acting_methods() -> frozenset[str]:
    """Every method of ccxt by which something is done, in both of its spellings."""
    kinds = [getattr(ccxt, name) for name in ("binance", "bitget", "bybit", "okx", "kraken", "hyperliquid", "kucoin")]
    verbs = (
        "create", "edit", "cancel", "withdraw", "transfer", "set_leverage", "set_margin", "set_position", "add_margin",
        "reduce_margin", "borrow", "repay", "close_position", "close_all", "deposit", "replace", "sign_in",
    )  # fmt: skip
    snake = {
        name
        for kind in kinds
        for name in dir(kind)
        if name.startswith(verbs) and callable(getattr(kind, name)) and not re.match("create_safe|create_expired", name)
    }
    implicit = {
        name
        for kind in kinds
        for name in dir(kind)
        if re.search(r"(?:_post_|_put_|_delete_|_patch_|[a-z](?:Post|Put|Delete|Patch)[A-Z])", name)
    }
    camel = {re.sub(r"_(\w)", lambda found: found[1].upper(), name) for name in snake}
    return frozenset((snake | camel | implicit) - NOT_CCXT)


ACTS = acting_methods()


def names(tree: ast.AST) -> Iterator[str]:
    """Every name that the code looks up, and every text of one word, by which one could be looked up."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name):
                yield name
            case ast.Constant(value=str(text)) if re.fullmatch(r"\w+", text):
                yield text


def acts(source: str) -> set[str]:
    return set(names(ast.parse(source))) & ACTS


def test_ccxt_has_much_that_acts() -> None:
    assert len(ACTS) > 500
    assert {"create_order", "createOrder", "cancel_all_orders", "withdraw", "set_leverage", "setMarginMode"} <= ACTS
    assert {"privateMixPostV2MixOrderPlaceOrder", "private_mix_post_v2_mix_order_place_order"} <= ACTS


def test_no_code_of_the_package_names_a_method_of_ccxt_that_acts() -> None:
    sources = [path for path in PACKAGE.rglob("*.py") if DEMO not in path.parents]
    found = {str(path.relative_to(PACKAGE)): acts(path.read_text()) for path in sources}

    assert len(sources) > 100
    # The domain, which reaches no exchange, has a word for what a key may do.
    assert {path: named for path, named in found.items() if named} == {"domain/probe.py": {"withdraw"}}


@pytest.mark.parametrize(
    "source",
    [
        "exchange.create_order('BTC/USDT')",
        "exchange.createLimitBuyOrder('BTC/USDT')",
        "getattr(exchange, 'cancelAllOrders')()",
        "exchange.privateMixPostV2MixOrderPlaceOrder()",
        "exchange.private_delete_order()",
        "exchange.withdraw('BTC')",
        "exchange.setLeverage(10)",
    ],
)
def test_code_that_acts_would_be_found(source: str) -> None:
    assert acts(source)


def test_all_that_may_be_asked_reads() -> None:
    assert all(re.fullmatch(r"fetch[A-Z]\w+|loadMarkets", question) for question in UNIFIED)
    for name in named():
        exchange = getattr(ccxt, name)()
        for question in quirk_of(name).reads:
            assert RAW.fullmatch(question)
            assert callable(getattr(exchange, question))
            assert "Post" not in question


@pytest.mark.parametrize("name", sorted(named() | {"kraken"}))
def test_nothing_else_can_be_called_through_our_client(name: str) -> None:
    exchange = getattr(ccxt, name)()
    quirk = quirk_of(name)

    allowed = {
        method for method in dir(exchange) if not method.startswith("__") and _is_let_through(quirk, exchange, method)
    }
    assert allowed == {question for question in UNIFIED | quirk.reads if hasattr(exchange, question)}
    assert not allowed & ACTS


def _is_let_through(quirk: Quirk, exchange: object, method: str) -> bool:
    try:
        quirk.reading(exchange, method)
    except NotAReading:
        return False
    return True


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "get"])
def test_any_other_request_is_stopped_before_it_is_sent(method: str) -> None:
    for exchange in running_exchange("bitget"):
        session = ReadingSession(StandingClock(OPEN), connections())

        with pytest.raises(NotAReading):
            session.request(method, f"{exchange.server.url}/api/v2/spot/trade/place-order")
        assert exchange.server.journal.latest == ()


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_where_reading_is_done_by_post_nothing_else_passes_either(method: str) -> None:
    session = ReadingSession(StandingClock(OPEN), connections(), reads_by_post=True)

    with pytest.raises(NotAReading):
        session.request(method, "http://127.0.0.1:1/")


def test_even_ccxt_itself_cannot_act_through_our_session() -> None:
    for exchange in running_exchange("bitget"):
        venue = exchange.venue()
        venue.balances(OPEN)
        connection = venue._account._connection
        assert connection is not None
        act = "create_order"

        with pytest.raises(NotAReading):
            getattr(connection.exchange, act)("BTC/USDT", "limit", "buy", "0.1", "100")
        assert exchange.server.journal.writes == ()


@pytest.mark.parametrize("name", SERVERS)
def test_no_exchange_was_ever_asked_to_do_anything(name: str) -> None:
    for exchange in running_exchange(name):
        exchange.account.trade("BTC/USDT:USDT", "0.1", 50_000)
        venue = exchange.venue()
        since = OPEN.replace(hour=0)
        for read in (venue.positions, venue.balances, venue.orders, venue.activities):
            read(OPEN if read in {venue.positions, venue.balances} else since)
        venue.fills(since, OPEN)
        venue.probe(OPEN, "BTC-USDT")

        assert exchange.server.journal.writes == ()
        assert {asked.method for asked in exchange.server.journal.latest} == {"GET"}
