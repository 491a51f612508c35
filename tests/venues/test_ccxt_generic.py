"""An exchange without a file of its own: Kraken, which is asked for everything private by POST, on recorded answers."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.positions import Fee
from recon_exporter.domain.probe import Permission, ProbeStatus
from recon_exporter.domain.statement import Unavailable
from recon_exporter.venues.ccxt import CcxtAccess, CcxtScope, CcxtVenue, Markets
from recon_exporter.venues.ccxt.quirks import Quirk, named, quirk_of
from recon_exporter.venues.ccxt.rows import Row, milliseconds
from support.alpaca import OPEN, StandingClock
from support.ccxt import QUICK, CountingMeter, Recorded, running_exchange

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PAIR = {
    "altname": "XBTUSD", "wsname": "XBT/USD", "aclass_base": "currency", "base": "XXBT", "aclass_quote": "currency",
    "quote": "ZUSD", "lot": "unit", "cost_decimals": 5, "pair_decimals": 1, "lot_decimals": 8, "lot_multiplier": 1,
    "leverage_buy": [], "leverage_sell": [], "fees": [[0, 0.4]], "fees_maker": [[0, 0.25]],
    "fee_volume_currency": "ZUSD",
    "ordermin": "0.00005", "costmin": "0.5", "tick_size": "0.1", "status": "online",
}  # fmt: skip
AT = milliseconds(OPEN - timedelta(minutes=5)) / 1000
TRADE = {
    "ordertxid": "OQCLML-BW3P3-BUCMWZ", "pair": "XXBTZUSD", "time": AT, "type": "buy", "ordertype": "limit",
    "price": "50000.0", "cost": "500.0", "fee": "1.25", "vol": "0.01000000", "margin": "0.0", "misc": "",
}  # fmt: skip
ASSETS = {
    "XXBT": {"aclass": "currency", "altname": "XBT", "decimals": 10, "display_decimals": 5, "status": "enabled"},
    "ZUSD": {"aclass": "currency", "altname": "USD", "decimals": 4, "display_decimals": 2, "status": "enabled"},
}
SOUND: dict[str, Any] = {
    "/0/public/Time": {"unixtime": milliseconds(OPEN) // 1000},
    "/0/public/Assets": ASSETS,
    "/0/public/AssetPairs": {"XXBTZUSD": PAIR},
    "/0/public/Ticker": {"XXBTZUSD": {"c": ["51000.0", "1"], "a": ["1", "1", "1"], "b": ["1", "1", "1"]}},
    "/0/private/BalanceEx": {
        "XXBT": {"balance": "0.01", "hold_trade": "0"},
        "ZUSD": {"balance": "99.5", "hold_trade": "0"},
    },
    "/0/private/TradesHistory": {"count": 1, "trades": {"TCWJEG-FL4SZ-3FKGH6": TRADE}},
}


@contextmanager
def kraken(answers: Mapping[str, Any]) -> Iterator[tuple[CcxtVenue, list[str]]]:
    """A Kraken with these results, the adapter that asks it, and what came."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = self.path.partition("?")[0]
            asked.append(f"{self.command} {path}")
            body = json.dumps({"error": [], "result": answers[path]} if path in answers else {"error": ["EGeneral:?"]})
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(body.encode())

        do_GET = do_POST = _answer  # noqa: N815  # so they are called

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # inherited
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    clock, meter = StandingClock(OPEN), CountingMeter()
    access = CcxtAccess("kraken", "key", "c2VjcmV0", base_url=f"http://127.0.0.1:{server.server_port}")
    try:
        yield CcxtVenue("bot1", access, CcxtScope(), clock, meter, Markets(clock, meter, QUICK), QUICK), asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_an_exchange_without_a_file_goes_by_the_structures_of_ccxt() -> None:
    assert type(quirk_of("kraken")) is Quirk
    assert named() == {"binance", "bitget", "bybit", "okx"}
    with kraken(SOUND) as (venue, _):
        balances, positions = venue.balances(OPEN), venue.positions(OPEN)

    assert not isinstance(balances, Unavailable)
    assert {asset: held.total for asset, held in balances.balances.items()} == {
        "BTC": Decimal("0.01"),
        "USD": Decimal("99.5"),
    }
    assert balances.prices == {"BTC": Decimal("51000.0"), "USD": 1}
    assert not isinstance(positions, Unavailable)
    assert positions.positions == ()


def test_it_may_be_asked_by_post_and_by_nothing_else() -> None:
    with kraken(SOUND) as (venue, asked):
        venue.balances(OPEN)

    assert "POST /0/private/BalanceEx" in asked
    assert {one.partition(" ")[0] for one in asked} == {"GET", "POST"}


def test_its_fills_say_what_they_cover() -> None:
    with kraken(SOUND) as (venue, _):
        told = venue.fills(OPEN - timedelta(hours=1), OPEN)

    assert not isinstance(told, Unavailable)
    (fill,) = told.fills
    assert (fill.fill_id, fill.symbol, fill.quantity, fill.fees) == (
        "TCWJEG-FL4SZ-3FKGH6",
        "BTC/USD",
        Decimal("0.01"),
        (Fee("USD", Decimal("1.25")),),
    )
    assert (told.since, told.symbols) == (OPEN - timedelta(hours=1), None)


@pytest.mark.parametrize(
    ("path", "answer", "reason"),
    [
        ("/0/private/BalanceEx", {}, Reason.SOURCE_INCOMPLETE),
        ("/0/private/BalanceEx", {"XXBT": {"balance": "x", "hold_trade": "0"}}, Reason.SOURCE_MALFORMED),
        ("/0/private/BalanceEx", {"XXBT": {"balance": None, "hold_trade": None}}, Reason.SOURCE_MALFORMED),
        ("/0/public/Time", {"unixtime": milliseconds(OPEN) // 1000 - 600}, Reason.SOURCE_STALE),
        ("/0/public/Time", {"unixtime": milliseconds(OPEN) // 1000 + 600}, Reason.TIME_IN_FUTURE),
        ("/0/public/Time", {}, Reason.SOURCE_MALFORMED),
        ("/0/public/AssetPairs", {}, Reason.SOURCE_INCOMPLETE),
    ],
)
def test_what_is_wrong_is_no_balance(path: str, answer: object, reason: Reason) -> None:
    with kraken({**SOUND, path: answer}) as (venue, _):
        told, probe = venue.balances(OPEN), venue.probe(OPEN, "BTC-USD")

    assert isinstance(told, Unavailable)
    assert told.reason is reason
    assert (probe.status, probe.reason, probe.balances) == (ProbeStatus.FETCH_FAILED, reason, None)


def test_what_an_exchange_does_not_tell_of_a_key_is_not_told() -> None:
    with kraken(SOUND) as (venue, _):
        probe = venue.probe(OPEN, "BTC-USD")

    assert (probe.status, probe.permissions, probe.price) == (ProbeStatus.OK, None, Decimal("51000.0"))


def test_the_template_of_the_documentation_is_a_quirk() -> None:
    page = (Path(__file__).parents[2] / "docs/venues.md").read_text()
    made: dict[str, Any] = {}
    exec(page.partition("```python")[2].partition("```")[0], made)  # noqa: S102  # the page's own code
    quirk = made["QUIRK"]
    balance = Row({"info": {"data": [{"coin": "BTC", "walletBalance": "2"}]}}, "balance")

    assert isinstance(quirk, Quirk)
    assert quirk.wallets(balance) == {"BTC": Decimal(2)}
    assert quirk.is_whole({"data": []})
    assert not quirk.is_whole({"error": "?"})
    told: Any = Recorded({"privateGetV1Key": {"data": {"trade": "1", "payout": "0"}}}, {})
    assert quirk.permissions(told) == {Permission.TRADE: True, Permission.WITHDRAW: False}


def test_a_page_names_every_exchange_that_has_a_file() -> None:
    page = (Path(__file__).parents[2] / "docs/venues.md").read_text()

    assert [name for name in named() if f"\n| {name} |" not in page] == []


def test_a_sandbox_that_an_exchange_has_not_is_named() -> None:
    clock, meter = StandingClock(OPEN), CountingMeter()
    access = CcxtAccess("kraken", "key", "c2VjcmV0", sandbox=True)
    told = CcxtVenue("bot1", access, CcxtScope(), clock, meter, Markets(clock, meter, QUICK), QUICK).balances(OPEN)

    assert isinstance(told, Unavailable)
    assert (told.reason, "sandbox" in told.detail) == (Reason.SOURCE_UNREADABLE, True)


def test_a_part_that_is_told_to_a_post_only_cannot_be_asked_where_all_else_is_a_get() -> None:
    for exchange in running_exchange("binance"):
        told = exchange.venue(CcxtScope(("funding",))).balances(OPEN)

        assert isinstance(told, Unavailable)
        assert (told.reason, exchange.server.journal.writes) == (Reason.SOURCE_UNREADABLE, ())


def test_symbols_of_a_bot_are_found_however_it_spells_them() -> None:
    for exchange in running_exchange("binance"):
        exchange.account.trade("ETH/USDT:USDT", "1", 3_000)
        exchange.account.trade("ETH/USDT:USDT", "-1", 3_000)
        told = exchange.venue(CcxtScope(("spot", "swap"), symbols=("ETH-USDT", "DOGE-USDT"))).fills(
            OPEN - timedelta(hours=1), OPEN
        )

        assert not isinstance(told, Unavailable)
        assert len(told.fills) == 2
        assert told.symbols == frozenset({"ETH/USDT", "ETH/USDT:USDT"})
