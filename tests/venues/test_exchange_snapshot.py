"""The exchange snapshot as the venue's statement."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.statement import Balance, Position, Unavailable, VenueAccount
from recon_exporter.venues.exchange_snapshot import ExchangeSnapshot
from support.hbot import BOT, FRESHNESS, MINUTE, NOON

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

ENTRY: dict[str, Any] = {
    "base_pct": 0.87,
    "equity_quote": "78064.865",
    "exchange": "bitget",
    "trading_pair": "BTC-USDT",
    "source": "bitget_ccxt_private_with_local_reference",
    "account_scope": "mapped:BOT1",
    "account_probe_status": "ok",
    "account_balances": {"BTC": {"total": 1.5, "free": 1}, "USDT": {"total": "10000.0", "free": None}},
    "account_probe_error": "",
    "account_exchange": "bitget",
    "account_credential_prefix": "BOT1",
    "account_mode": "probe",
}


def document(*, at: datetime = NOON, bots: object = None, **top: object) -> dict[str, Any]:
    return {
        "ts_utc": at.isoformat(),
        "source": "exchange_snapshot_service",
        "mode": "bitget_ccxt_private",
        "bots": {BOT: ENTRY} if bots is None else bots,
        **top,
    }


@dataclass
class Snapshot:
    path: Path
    venue: ExchangeSnapshot

    def write(self, content: object) -> None:
        self.path.write_text(content if isinstance(content, str) else json.dumps(content))

    def read(self, now: datetime = NOON) -> dict[str, VenueAccount | Unavailable] | Unavailable:
        answer = self.venue.read(now)
        return answer if isinstance(answer, Unavailable) else dict(answer)

    def answer(self, content: object, now: datetime = NOON, bot: str = BOT) -> VenueAccount | Unavailable:
        """What is said of one bot after this has been written."""
        self.write(content)
        answers = self.read(now)
        return answers if isinstance(answers, Unavailable) else answers[bot]

    def account(self, content: object, now: datetime = NOON) -> VenueAccount:
        answer = self.answer(content, now)
        assert isinstance(answer, VenueAccount), answer
        return answer

    def refusal(self, content: object, now: datetime = NOON) -> Unavailable:
        answer = self.answer(content, now)
        assert isinstance(answer, Unavailable), answer
        return answer


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    path = tmp_path / "latest.json"
    return Snapshot(path, ExchangeSnapshot("hbot", path, FRESHNESS))


def test_account_is_what_probe_and_balances_say(snapshot: Snapshot) -> None:
    account = snapshot.account(document())

    assert account.balances == {
        "BTC": Balance(Decimal("1.5"), Decimal(1)),
        "USDT": Balance(Decimal("10000.0"), None),
    }
    assert (account.mode, account.probe_status, account.exchange) == ("bitget_ccxt_private", "ok", "bitget")
    assert (account.positions, account.price, account.taken_at) == (None, None, NOON)
    assert (account.health.side, account.health.source, account.health.is_up) == ("venue", "exchange_snapshot", True)


def test_number_keeps_every_digit_of_its_text(snapshot: Snapshot) -> None:
    text = json.dumps(document()).replace("1.5", "0.123456789012345678901234567")
    balances = snapshot.account(text).balances

    assert balances is not None
    assert balances["BTC"].total == Decimal("0.123456789012345678901234567")


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("disabled", "account_probe_disabled"),
        ("paper_only", "paper_validation_mode_no_private_probe"),
        ("missing_credentials", "bitget_credentials_not_set:BOT3"),
        ("fetch_failed", 'bitget {"code":"40037","msg":"Apikey does not exist"}'),
    ],
)
def test_probe_that_is_not_ok_is_told_as_it_is(snapshot: Snapshot, status: str, error: str) -> None:
    entry = {**ENTRY, "account_probe_status": status, "account_probe_error": error, "account_balances": {}}
    account = snapshot.account(document(bots={BOT: entry}))

    assert (account.probe_status, account.probe_error, account.balances) == (status, error, {})


def test_proxy_has_no_balances_and_an_unknown_probe(snapshot: Snapshot) -> None:
    entry = {"base_pct": 0.5, "exchange": "bitget", "trading_pair": "BTC-USDT", "source": "local_minute_proxy"}
    account = snapshot.account(document(mode="proxy_local", bots={BOT: entry}))

    assert (account.mode, account.probe_status, account.balances) == ("proxy_local", "unknown", None)
    assert account.source == "local_minute_proxy"


@pytest.mark.parametrize("is_wrapped", [True, False])
def test_positions_are_signed_in_units_of_base(snapshot: Snapshot, *, is_wrapped: bool) -> None:
    items = [
        {"symbol": "BTC/USDT:USDT", "side": "long", "contracts": 0.25, "markPrice": "68000.5", "leverage": 3},
        {"symbol": "ETH/USDT:USDT", "side": "short", "contracts": "3", "contractSize": 0.1},
        {"symbol": "SOL/USDT:USDT", "side": None, "contracts": 0},
    ]
    told = {"status": "ok", "positions": items, "error": ""} if is_wrapped else items
    account = snapshot.account(document(bots={BOT: {**ENTRY, "perp_positions": told}}))

    assert account.positions == (
        Position("BTC/USDT:USDT", Decimal("0.25"), Decimal("68000.5")),
        Position("ETH/USDT:USDT", Decimal("-0.3"), None),
        Position("SOL/USDT:USDT", Decimal(0), None),
    )


def test_positions_that_could_not_be_fetched_are_not_told(snapshot: Snapshot) -> None:
    told = {"status": "fetch_failed", "positions": [], "error": "timeout"}

    assert snapshot.account(document(bots={BOT: {**ENTRY, "perp_positions": told}})).positions is None


def test_entry_with_a_time_of_its_own_is_of_that_time(snapshot: Snapshot) -> None:
    own = {**ENTRY, "ts_utc": (NOON - MINUTE).isoformat(), "price": "68000"}
    account = snapshot.account(document(bots={BOT: own}))

    assert (account.taken_at, account.health.at, account.price) == (NOON - MINUTE, NOON - MINUTE, Decimal(68000))


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"account_balances": {"BTC": {"total": "NaN"}}}, "account_balances.BTC.total: found 'NaN'"),
        ({"account_balances": {"BTC": {"total": float("inf")}}}, "account_balances.BTC.total"),
        ({"account_balances": {"BTC": {"free": 1}}}, "account_balances.BTC.total: found None"),
        ({"account_balances": {"BTC": {"total": True}}}, "account_balances.BTC.total: found True"),
        ({"account_balances": {"BTC": {"total": 1, "free": "x"}}}, "account_balances.BTC.free"),
        ({"account_balances": {"BTC": 1}}, "account_balances.BTC"),
        ({"account_balances": []}, "account_balances"),
        ({"perp_positions": "none"}, "perp_positions"),
        ({"perp_positions": [{"symbol": "BTC", "contracts": 1}]}, "perp_positions[0].side"),
        ({"perp_positions": [{"symbol": "BTC", "side": "both", "contracts": 1}]}, "perp_positions[0].side"),
        ({"perp_positions": [{"side": "long", "contracts": 1}]}, "perp_positions[0].symbol"),
        ({"perp_positions": [{"symbol": "BTC", "side": "long"}]}, "perp_positions[0].contracts"),
        ({"account_probe_status": []}, "account_probe_status"),
        ({"price": "-"}, "price"),
        ({"ts_utc": "noon"}, "ts_utc"),
    ],
)
def test_value_that_cannot_be_read_makes_that_bot_unavailable_alone(
    snapshot: Snapshot, change: dict[str, object], place: str
) -> None:
    snapshot.write(document(bots={BOT: {**ENTRY, **change}, "bot2": ENTRY, "bot3": []}))
    answers = snapshot.read()
    assert isinstance(answers, dict)
    refused = answers[BOT]

    assert isinstance(refused, Unavailable)
    assert refused.reason is Reason.SOURCE_MALFORMED
    assert f"bots.{BOT}.{place}" in refused.detail
    assert isinstance(answers["bot2"], VenueAccount)
    assert isinstance(answers["bot3"], Unavailable)


def test_malformed_base_share_is_nobodys_business(snapshot: Snapshot) -> None:
    snapshot.account(document(bots={BOT: {**ENTRY, "base_pct": "NaN", "equity_quote": None}}))


def test_bot_that_the_snapshot_does_not_hold_has_no_entry(snapshot: Snapshot) -> None:
    snapshot.write(document(bots={}))

    assert snapshot.read() == {}


def test_missing_file_says_so(snapshot: Snapshot) -> None:
    answer = snapshot.read()

    assert isinstance(answer, Unavailable)
    assert answer.reason is Reason.SOURCE_MISSING
    assert str(snapshot.path) in answer.detail


def test_unreadable_file_says_so(snapshot: Snapshot) -> None:
    snapshot.path.mkdir()
    answer = snapshot.read()

    assert isinstance(answer, Unavailable)
    assert answer.reason is Reason.SOURCE_UNREADABLE


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "\ufeff{}",
        "[" * 100_000,
        {"bots": {}},
        document(bots=[]),
        document(ts_utc=None),
        document(ts_utc="2026-03-06T12:00:00"),
        document(mode=True),
        json.dumps(document()).replace('"mode"', '"bots": {}, "mode"'),
    ],
)
def test_file_that_is_no_snapshot_is_malformed(snapshot: Snapshot, content: object) -> None:
    assert snapshot.refusal(content).reason is Reason.SOURCE_MALFORMED


def test_file_caught_half_written_gets_a_second_look(snapshot: Snapshot) -> None:
    good = snapshot.account(document())
    half = snapshot.answer(json.dumps(document())[:100])
    still_half = snapshot.read()

    assert half == good
    assert isinstance(still_half, Unavailable)
    assert still_half.reason is Reason.SOURCE_MALFORMED
    assert snapshot.account(document()) == good


def test_snapshot_before_a_half_written_one_does_not_speak_once_it_is_stale(snapshot: Snapshot) -> None:
    snapshot.account(document())

    assert snapshot.refusal("{", NOON + timedelta(hours=1)).reason is Reason.SOURCE_STALE


@pytest.mark.parametrize(
    ("age", "reason"),
    [
        (10 * MINUTE, None),
        (10 * MINUTE + timedelta(microseconds=1), Reason.SOURCE_STALE),
        (-2 * MINUTE, None),
        (-2 * MINUTE - timedelta(microseconds=1), Reason.TIME_IN_FUTURE),
    ],
)
@pytest.mark.parametrize("is_own", [True, False])
def test_snapshot_out_of_time_is_no_evidence(
    snapshot: Snapshot, age: timedelta, reason: Reason | None, *, is_own: bool
) -> None:
    at = NOON - age
    own = {**ENTRY, "ts_utc": at.isoformat()}
    answer = snapshot.answer(document(bots={BOT: own}) if is_own else document(at=at))

    assert (answer.reason if isinstance(answer, Unavailable) else None) is reason


def test_changed_file_is_read_anew_each_time(snapshot: Snapshot) -> None:
    snapshot.account(document())
    entry = {**ENTRY, "account_balances": {"BTC": {"total": "2", "free": "2"}}}

    assert snapshot.account(document(bots={BOT: entry})).balances == {"BTC": Balance(Decimal(2), Decimal(2))}


def test_permissions_are_read_where_they_are_told(snapshot: Snapshot) -> None:
    told = snapshot.answer(
        document(bots={BOT: {**ENTRY, "permissions": {"trade": True, "withdraw": None, "read": True}}})
    )

    assert isinstance(told, VenueAccount)
    assert told.permissions == {"trade": True}


def test_permission_that_is_no_truth_value_makes_the_entry_malformed(snapshot: Snapshot) -> None:
    told = snapshot.answer(document(bots={BOT: {**ENTRY, "permissions": {"withdraw": "no"}}}))

    assert isinstance(told, Unavailable)
    assert "permissions.withdraw" in told.detail
