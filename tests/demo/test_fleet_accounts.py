"""The fleet's accounts at the local Bitget hold what the simulation says, unless somebody sells behind its back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from recon_exporter.demo.bitget_server import MARKETS
from recon_exporter.demo.exchange import Exchange
from recon_exporter.demo.fleet_accounts import KEYS, FleetAccounts
from recon_exporter.demo.incidents import TIMELINE, Incident, Kind
from recon_exporter.demo.simulation import Scene, advance, opening
from recon_exporter.domain.money import product, total
from support.parts import FixedClock

if TYPE_CHECKING:
    from recon_exporter.demo.exchange.records import Book

START = datetime(2026, 2, 22, 11, 0, tzinfo=UTC)
NOTHING: frozenset[Incident] = frozenset()
SOLD = frozenset(incident for incident in TIMELINE if incident.kind is Kind.VENUE_DRIFT)
DRIFTING = frozenset(incident for incident in TIMELINE if incident.kind is Kind.INVENTORY_DRIFT)
NEAR = Decimal("0.000001")


def played(seed: int, happening: list[frozenset[Incident]]) -> tuple[Scene, dict[str, Book]]:
    """The fleet after these steps, and its accounts then."""
    floor = Exchange(FixedClock(START), MARKETS)
    accounts = FleetAccounts(floor)
    scene = opening(seed, START)
    accounts.open(scene, START)
    for number, active in enumerate(happening, 1):
        scene, step = advance(scene, START + timedelta(seconds=3 * number), active)
        accounts.follow(step)
    found = {bot: floor.account(keys.key) for bot, keys in KEYS.items()}
    return scene, {bot: account.book() for bot, account in found.items() if account is not None}


def held(book: Book, asset: str) -> Decimal:
    return total(fund.total for fund in book.funds if fund.asset == asset)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), happening=st.lists(st.sampled_from([NOTHING, DRIFTING]), max_size=30))
def test_every_account_holds_what_its_bot_believes(seed: int, happening: list[frozenset[Incident]]) -> None:
    scene, books = played(seed, happening)

    spot, perpetual = scene.accounts["bot1"], scene.accounts["bot4"]
    assert held(books["bot1"], "BTC") == spot.base
    assert held(books["bot1"], "USDT") == spot.quote
    (position,) = books["bot4"].positions
    assert position.quantity == perpetual.base
    gained = product(position.quantity, perpetual.mid - position.entry)
    assert abs(held(books["bot4"], "USDT") + gained - perpetual.equity) < NEAR


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_what_somebody_sells_is_missing_until_it_is_returned(seed: int) -> None:
    scene, books = played(seed, [NOTHING] * 5 + [SOLD] * 5)
    believed = scene.accounts["bot1"].base
    assert Decimal("0.3") * believed < held(books["bot1"], "BTC") < Decimal("0.7") * believed

    scene, books = played(seed, [NOTHING] * 5 + [SOLD] * 5 + [NOTHING] * 2)
    assert held(books["bot1"], "BTC") == scene.accounts["bot1"].base
    assert abs(held(books["bot1"], "USDT") - scene.accounts["bot1"].quote) < NEAR
