"""Exchange snapshot: independent evidence or unverified, and the probe's status against the account map."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from recon_exporter.checks.exchange_snapshot import judge
from recon_exporter.domain.finding import CheckStatus, Measure, Reason
from recon_exporter.domain.policy import AccountMode
from recon_exporter.domain.statement import Damage, Malformed, Unavailable
from support.evidence import (
    MINUTE,
    MISSING,
    NOW,
    UNREADABLE,
    codes,
    make_account,
    make_book,
    make_evidence,
    make_policy,
    make_position,
    make_row,
    only,
    reason,
)

if TYPE_CHECKING:
    from recon_exporter.domain.statement import Position

TICK = timedelta(microseconds=1)


def test_account_that_holds_what_the_bot_believes_is_ok() -> None:
    result = judge(make_evidence())

    assert result.status is CheckStatus.OK
    assert result.measures == {Measure.EXCHANGE_DRIFT: Decimal(0), Measure.BASE_VENUE: Decimal("0.5")}


@pytest.mark.parametrize(
    ("usdt", "expected"),
    [
        ("75000", ["exchange_vs_local_base_pct_drift_warning"]),
        ("150000", ["exchange_vs_local_base_pct_drift_critical"]),
        ("0", ["exchange_vs_local_base_pct_drift_critical"]),
    ],
)
def test_account_that_holds_something_else_is_found(usdt: str, expected: list[str]) -> None:
    venue = make_account(balances={"BTC": "1", "USDT": usdt})

    assert codes(judge(make_evidence(venue=venue))) == expected


@pytest.mark.parametrize(
    ("base_pct", "expected"),
    [
        ("0.5999999", []),
        ("0.6", ["exchange_vs_local_base_pct_drift_warning"]),
        ("0.6999999", ["exchange_vs_local_base_pct_drift_warning"]),
        ("0.7", ["exchange_vs_local_base_pct_drift_critical"]),
        ("0.3", ["exchange_vs_local_base_pct_drift_critical"]),
    ],
)
def test_drift_equal_to_a_threshold_counts_on_either_side(base_pct: str, expected: list[str]) -> None:
    assert codes(judge(make_evidence(make_book(make_row(base_pct=base_pct))))) == expected


def test_finding_shows_both_shares_the_price_and_the_thresholds() -> None:
    finding = only(judge(make_evidence(venue=make_account(balances={"BTC": "0", "USDT": "50000"}))))

    assert finding.details == {
        "drift": Decimal("0.5"),
        "local_base_pct": Decimal("0.5"),
        "exchange_base_pct": Decimal(0),
        "price": Decimal(50000),
        "price_source": "ledger_mid",
        "row_at": NOW - MINUTE / 2,
        "snapshot_at": NOW - MINUTE,
        "warn_threshold": Decimal("0.10"),
        "critical_threshold": Decimal("0.20"),
        "warn_origin": "defaults",
        "critical_origin": "defaults",
    }


def test_price_of_the_venue_goes_before_the_bots() -> None:
    venue = make_account(balances={"BTC": "1", "USDT": "10000"}, price="10000")
    result = judge(make_evidence(make_book(make_row(mid=None)), venue=venue))

    assert result.status is CheckStatus.OK
    assert result.measures[Measure.BASE_VENUE] == Decimal("0.5")


@pytest.mark.parametrize("pair", ["BTC-USDT", "BTC/USDT", "BTC/USDT:USDT", "btc-usdt"])
def test_every_spelling_of_a_trading_pair_is_understood(pair: str) -> None:
    assert judge(make_evidence(make_book(make_row(trading_pair=pair)))).status is CheckStatus.OK


@pytest.mark.parametrize("pair", ["", "BTCUSDT", "BTC-", "-USDT"])
def test_trading_pair_without_two_assets_is_unverified(pair: str) -> None:
    assert reason(judge(make_evidence(make_book(make_row(trading_pair=pair))))) is Reason.INPUT_MISSING


@pytest.mark.parametrize(
    ("positions", "base_pct", "expected"),
    [
        ((make_position("1.5"),), "1.5", []),
        ((make_position("-1.5"),), "1.5", []),
        ((make_position("1", symbol="BTCUSDT"), make_position("-0.5")), "1.5", []),
        ((make_position("1.5"), make_position("9", symbol="ETH/USDT:USDT")), "1.5", []),
        ((), "0", []),
        ((), "0.5", ["exchange_vs_local_base_pct_drift_critical"]),
        ((make_position("1.5"),), "0", ["exchange_vs_local_base_pct_drift_critical"]),
        ((make_position("1", mark_price="75000"),), "1.5", []),
    ],
)
def test_positions_of_a_perpetual_are_its_share_of_equity(
    positions: tuple[Position, ...], base_pct: str, expected: list[str]
) -> None:
    book = make_book(make_row(connector="bitget_perpetual", base_pct=base_pct))
    venue = make_account(balances={"USDT": "50000"}, positions=positions)

    assert codes(judge(make_evidence(book, venue=venue))) == expected


@pytest.mark.parametrize(
    ("net_base_pct", "positions", "drift"),
    [
        ("1.5", (make_position("1.5"),), "0"),
        ("-1.5", (make_position("-1.5"),), "0"),
        ("1.5", (make_position("-1.5"),), "3"),
        ("1.5", (make_position("1"), make_position("-0.5")), "1"),
    ],
)
def test_position_on_the_wrong_side_is_drift_where_the_row_tells_the_net_share(
    net_base_pct: str, positions: tuple[Position, ...], drift: str
) -> None:
    book = make_book(make_row(connector="bitget_perpetual", base_pct="1.5", net_base_pct=net_base_pct))
    result = judge(make_evidence(book, venue=make_account(balances={"USDT": "50000"}, positions=positions)))

    assert codes(result) == (["exchange_vs_local_base_pct_drift_critical"] if drift != "0" else [])
    assert result.measures[Measure.EXCHANGE_DRIFT] == Decimal(drift)
    assert result.measures[Measure.BASE_VENUE] == Decimal("1.5")


def test_net_shares_are_shown_beside_the_gross_ones() -> None:
    book = make_book(make_row(connector="bitget_perpetual", base_pct="1.5", net_base_pct="1.5"))
    venue = make_account(balances={"USDT": "50000"}, positions=(make_position("-1.5"),))
    details = only(judge(make_evidence(book, venue=venue))).details

    assert (details["local_net_base_pct"], details["exchange_net_base_pct"]) == (Decimal("1.5"), Decimal("-1.5"))
    assert details["drift"] == 3


def test_net_share_that_cannot_be_read_leaves_the_side_unverified() -> None:
    net = Malformed("nan", "minute.csv:byte 9")
    book = make_book(make_row(connector="bitget_perpetual", base_pct="1.5", net_base_pct=net))
    venue = make_account(balances={"USDT": "50000"}, positions=(make_position("-1.5"),))

    assert reason(judge(make_evidence(book, venue=venue))) is Reason.SOURCE_MALFORMED


def test_net_share_of_a_spot_bot_says_nothing_about_its_account() -> None:
    book = make_book(make_row(net_base_pct="0.1"))

    assert judge(make_evidence(book)).status is CheckStatus.OK


def test_mark_price_goes_before_the_venues_other_price() -> None:
    book = make_book(make_row(connector="bitget_perpetual", base_pct="0"))
    positions = (make_position("2", symbol="ETH/USDT:USDT", mark_price="7"), make_position("1", mark_price="60000"))
    venue = make_account(balances={"USDT": "60000"}, positions=positions, price="1")
    finding = only(judge(make_evidence(book, venue=venue)))

    assert (finding.details["price"], finding.details["price_source"]) == (Decimal(60000), "venue_mark_price")
    assert finding.details["exchange_base_pct"] == 1


def test_position_without_a_mark_price_takes_the_venues_other_price() -> None:
    book = make_book(make_row(connector="bitget_perpetual", base_pct="0"))
    venue = make_account(balances={"USDT": "60000"}, positions=(make_position("1"),), price="30000")
    finding = only(judge(make_evidence(book, venue=venue)))

    assert (finding.details["price_source"], finding.details["exchange_base_pct"]) == ("venue_price", Decimal("0.5"))


@pytest.mark.parametrize(
    ("balances", "positions"),
    [
        ({"USDT": "1000"}, None),
        ({"BTC": "1"}, ()),
        ({"USDT": "1000"}, (make_position("1", symbol="cmt_btcusdt"),)),
        ({"USDT": "0"}, ()),
        ({"USDT": "-10"}, (make_position("1"),)),
    ],
)
def test_perpetual_account_that_cannot_be_valued_is_unverified(
    balances: dict[str, str], positions: tuple[Position, ...] | None
) -> None:
    book = make_book(make_row(connector="bitget_perpetual"))
    result = judge(make_evidence(book, venue=make_account(balances=balances, positions=positions)))

    assert (codes(result), reason(result), result.measures) == ([], Reason.INPUT_MISSING, {})


@pytest.mark.parametrize("balances", [{"USDT": "1"}, {"BTC": "1"}, {}])
def test_asset_that_the_snapshot_does_not_hold_is_unknown_and_not_zero(balances: dict[str, str]) -> None:
    result = judge(make_evidence(venue=make_account(balances=balances)))

    assert (codes(result), reason(result)) == ([], Reason.INPUT_MISSING)


@pytest.mark.parametrize("balances", [{"BTC": "0", "USDT": "0"}, {"BTC": "0", "USDT": "-5"}])
def test_account_without_equity_has_no_share_and_says_so(balances: dict[str, str]) -> None:
    result = judge(make_evidence(venue=make_account(balances=balances)))

    assert result.unverified is not None
    assert result.unverified.reason is Reason.INPUT_MISSING
    assert "equity" in result.unverified.detail


@pytest.mark.parametrize("price", ["0", "-1"])
def test_price_that_is_not_positive_is_unverified(price: str) -> None:
    assert reason(judge(make_evidence(venue=make_account(price=price)))) is Reason.SOURCE_MALFORMED
    assert reason(judge(make_evidence(make_book(make_row(mid=price))))) is Reason.SOURCE_MALFORMED


@pytest.mark.parametrize("column", ["base_pct", "mid"])
def test_number_missing_in_the_ledger_is_unverified(column: str) -> None:
    book = make_book(make_row(base_pct=None if column == "base_pct" else "0", mid=None if column == "mid" else "1"))
    result = judge(make_evidence(book))

    assert (codes(result), reason(result)) == ([], Reason.INPUT_MISSING)


def test_malformed_number_in_the_ledger_is_unverified() -> None:
    book = make_book(make_row(base_pct=Malformed("inf", "minute.csv line 2")))

    assert reason(judge(make_evidence(book))) is Reason.SOURCE_MALFORMED


@pytest.mark.parametrize(
    ("venue", "expected", "why"),
    [
        (MISSING, ["exchange_snapshot_missing"], Reason.SOURCE_MISSING),
        (UNREADABLE, ["exchange_snapshot_unreadable"], Reason.SOURCE_UNREADABLE),
        (Unavailable(Reason.SOURCE_MALFORMED, "no JSON"), ["exchange_snapshot_unreadable"], Reason.SOURCE_MALFORMED),
        (Unavailable(Reason.DEADLINE_EXCEEDED, "30 s"), [], Reason.DEADLINE_EXCEEDED),
        (Unavailable(Reason.TIME_IN_FUTURE, "tomorrow"), [], Reason.TIME_IN_FUTURE),
    ],
)
def test_snapshot_that_is_not_there_is_unverified(venue: Unavailable, expected: list[str], why: Reason) -> None:
    result = judge(make_evidence(venue=venue))

    assert (codes(result), reason(result), result.measures) == (expected, why, {})
    assert all(finding.details == {"detail": venue.detail} for finding in result.findings)


def test_snapshot_copied_from_the_bot_is_no_evidence() -> None:
    result = judge(make_evidence(venue=make_account(mode="proxy_local")))

    assert (result.findings, reason(result)) == ((), Reason.NOT_INDEPENDENT)


def test_source_in_the_snapshot_does_not_make_balances_less_independent() -> None:
    assert judge(make_evidence(venue=make_account(source="local_minute_proxy"))).status is CheckStatus.OK


@pytest.mark.parametrize(
    ("status", "error"),
    [("fetch_failed", "Apikey does not exist"), ("missing_credentials", ""), ("unknown", "")],
)
def test_probe_that_is_not_ok_is_unverified_and_unexpected(status: str, error: str) -> None:
    result = judge(make_evidence(venue=make_account(probe_status=status, probe_error=error)))

    assert (codes(result), reason(result)) == (["probe_status_unexpected"], Reason.PROBE_NOT_OK)
    assert only(result).details == {
        "probe_status": status,
        "expected_probe_status": "ok",
        "account_mode": "probe",
        "probe_error": error,
        "snapshot_at": NOW - MINUTE,
    }


def test_snapshot_without_balances_under_a_probe_that_is_ok_is_unverified() -> None:
    result = judge(make_evidence(venue=make_account(without_balances=True)))

    assert (codes(result), reason(result)) == ([], Reason.INPUT_MISSING)


@pytest.mark.parametrize(
    ("bot", "mode", "status", "expected"),
    [
        ("bot1", AccountMode.PROBE, "ok", []),
        ("bot2", AccountMode.DISABLED, "disabled", []),
        ("bot3", AccountMode.PAPER_ONLY, "paper_only", []),
        ("bot1", AccountMode.PROBE, "disabled", ["probe_status_unexpected"]),
        ("bot2", AccountMode.DISABLED, "fetch_failed", ["probe_status_unexpected"]),
        ("bot3", AccountMode.PAPER_ONLY, "missing_credentials", ["probe_status_unexpected"]),
        ("bot3", AccountMode.PAPER_ONLY, "ok", ["probe_status_unexpected"]),
    ],
)
def test_probe_status_follows_from_the_account_map(
    bot: str, mode: AccountMode, status: str, expected: list[str]
) -> None:
    policy = make_policy(bot=bot, mode=mode)
    result = judge(make_evidence(bot=bot, policy=policy, venue=make_account(bot=bot, probe_status=status)))

    assert codes(result) == expected
    assert result.enabled is (mode is AccountMode.PROBE)


@pytest.mark.parametrize("mode", [AccountMode.DISABLED, AccountMode.PAPER_ONLY])
@pytest.mark.parametrize("venue", [make_account(balances={"BTC": "0", "USDT": "1"}, probe_status="ok"), MISSING])
def test_mode_without_a_probe_disables_the_comparison(mode: AccountMode, venue: Unavailable) -> None:
    result = judge(make_evidence(policy=make_policy(mode=mode), venue=venue))

    assert (result.status, result.unverified, result.measures) == (CheckStatus.DISABLED, None, {})


def test_switched_off_comparison_still_tells_an_unexpected_probe() -> None:
    policy = make_policy(exchange_check_enabled=False)
    result = judge(make_evidence(policy=policy, venue=make_account(probe_status="fetch_failed")))

    assert (result.status, codes(result)) == (CheckStatus.DISABLED, ["probe_status_unexpected"])


def test_source_that_is_not_configured_disables_everything() -> None:
    policy = make_policy(exchange_source=False)
    result = judge(make_evidence(policy=policy, venue=make_account(probe_status="fetch_failed")))

    assert (result.status, result.findings) == (CheckStatus.DISABLED, ())


def test_bot_without_an_account_in_the_map_is_compared_and_nothing_is_expected_of_its_probe() -> None:
    policy = make_policy(mode=None)
    sound = judge(make_evidence(policy=policy))
    failed = judge(make_evidence(policy=policy, venue=make_account(probe_status="fetch_failed")))

    assert sound.status is CheckStatus.OK
    assert (failed.findings, reason(failed)) == ((), Reason.PROBE_NOT_OK)


def test_unexpected_probe_is_told_of_a_bot_whose_book_is_missing() -> None:
    result = judge(make_evidence(MISSING, venue=make_account(probe_status="fetch_failed")))

    assert (codes(result), reason(result)) == (["probe_status_unexpected"], Reason.SOURCE_MISSING)


@pytest.mark.parametrize(
    ("age", "why"),
    [
        (10 * MINUTE, None),
        (10 * MINUTE + TICK, Reason.SOURCE_STALE),
        (-2 * MINUTE, None),
        (-2 * MINUTE - TICK, Reason.TIME_IN_FUTURE),
    ],
)
def test_untimely_snapshot_withholds_verdict_and_probe(age: timedelta, why: Reason | None) -> None:
    sound = judge(make_evidence(venue=make_account(taken_at=NOW - age)))
    broken = judge(make_evidence(venue=make_account(taken_at=NOW - age, probe_status="fetch_failed")))

    assert reason(sound) is why
    assert (broken.findings == ()) is (why is not None)


def test_stale_ledger_withholds_the_verdict() -> None:
    book = make_book(make_row(NOW - 4 * MINUTE, base_pct="0"))
    result = judge(make_evidence(book))

    assert (codes(result), reason(result)) == ([], Reason.SOURCE_STALE)


@pytest.mark.parametrize(("field", "why"), [("base_pct", Reason.SOURCE_MALFORMED), ("equity_quote", None)])
def test_damage_counts_in_columns_that_are_needed(field: str, why: Reason | None) -> None:
    book = make_book(make_row(base_pct="0"), damage=(Damage("minute", field, "minute.csv line 3", "nan"),))
    result = judge(make_evidence(book))

    assert (codes(result), reason(result)) == (["exchange_vs_local_base_pct_drift_critical"], why)
