"""What holds for every check: found by its file, finds its canary, never takes the unknown for clean, is a function."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from recon_exporter.checks import CHECKS
from recon_exporter.domain.finding import CheckResult, CheckStatus, Reason
from recon_exporter.domain.policy import AccountMode
from recon_exporter.domain.statement import Book, Damage, Malformed, MinuteRow, OpenOrder, Unavailable
from support.evidence import (
    MINUTE,
    NOW,
    NUMBERS,
    make_account,
    make_book,
    make_evidence,
    make_fills,
    make_order,
    make_policy,
    make_position,
    make_row,
    reason,
)
from support.sides import make_sides

if TYPE_CHECKING:
    from decimal import Decimal
    from random import Random

    from recon_exporter.domain.check import Evidence

NEEDED = {
    "balance": ("equity_quote", "base_pct", "mid", "base_balance", "quote_balance"),
    "inventory": ("base_pct", "target_base_pct"),
    "exchange_snapshot": ("base_pct", "mid"),
    "accounting": ("fees_paid_today_quote", "turnover_today_x", "equity_quote", "maker_fee_pct", "taker_fee_pct"),
}
SOURCES = {**dict.fromkeys(NEEDED, ("minute",)), "fill_parity": ("fills", "events")}
RANK = (CheckStatus.OK, CheckStatus.WARNING, CheckStatus.CRITICAL)

amounts = st.decimals(min_value=-(10**9), max_value=10**9, allow_nan=False, allow_infinity=False, places=8)
connectors = st.sampled_from(["bitget", "bitget_paper_trade", "bitget_perpetual"])
needs = st.sampled_from([(name, column) for name, columns in NEEDED.items() for column in columns])
malformed = st.sampled_from(["nan", "inf", "-inf", "abc", "1e999", ""]).map(lambda text: Malformed(text, "line 2"))


@st.composite
def rows(draw: st.DrawFn) -> tuple[MinuteRow, ...]:
    """Up to five rows a minute apart, with any amounts, and some of them missing."""
    count = draw(st.integers(1, 5))
    return tuple(
        MinuteRow(
            NOW - MINUTE * (count - index - 1),
            "a",
            draw(connectors),
            "BTC-USDT",
            "profile",
            {column: draw(amounts) for column in NUMBERS if draw(st.integers(0, 9))},
        )
        for index in range(count)
    )


@st.composite
def open_orders(draw: st.DrawFn) -> tuple[OpenOrder, ...]:
    count = draw(st.integers(0, 6))
    return tuple(
        make_order(
            f"order-{index}",
            count=draw(st.integers(-3, 3)),
            quantity=str(draw(amounts)),
            last_at=NOW - timedelta(seconds=draw(st.integers(0, 1200))),
        )
        for index in range(count)
    )


@st.composite
def evidences(draw: st.DrawFn) -> Evidence:
    """Any readable evidence, sound or not."""
    fills = make_fills(*draw(open_orders()), ledger_count=draw(st.integers(0, 9)), events_count=draw(st.integers(0, 9)))
    balances = {"BTC": str(draw(amounts)), "USDT": str(draw(amounts))}
    venue = make_account(balances=balances, positions=(make_position(str(draw(amounts))),))
    return make_evidence(make_book(*draw(rows()), fills=fills), venue=venue)


def judged(evidence: Evidence) -> dict[str, CheckResult]:
    return {name: check.judge(evidence) for name, check in CHECKS.items()}


def book_of(evidence: Evidence) -> Book:
    assert isinstance(evidence.book, Book)
    return evidence.book


def test_checks_are_found_by_their_files_and_carry_their_names() -> None:
    assert list(CHECKS) == [
        "accounting",
        "balance",
        "coverage",
        "exchange_snapshot",
        "fill_parity",
        "fills",
        "freshness",
        "inventory",
        "positions",
        "venue_balances",
    ]
    assert all(check.name == name and check.summary for name, check in CHECKS.items())


def test_sound_bot_is_ok_in_every_check() -> None:
    assert {result.status for result in judged(replace(make_evidence(), sides=make_sides())).values()} == {
        CheckStatus.OK
    }


def test_checks_of_both_sides_are_off_where_nothing_is_compared() -> None:
    off = {name for name, result in judged(make_evidence()).items() if result.status is CheckStatus.DISABLED}

    assert off == {name for name, check in CHECKS.items() if check.compares_sides}


@given(evidence=evidences())
def test_judging_twice_gives_the_same(evidence: Evidence) -> None:
    assert judged(evidence) == judged(evidence)


@given(evidence=evidences())
def test_findings_name_their_check_and_bot(evidence: Evidence) -> None:
    for name, result in judged(evidence).items():
        assert (result.check, result.bot) == (name, "bot1")
        assert {(finding.check, finding.bot) for finding in result.findings} <= {(name, "bot1")}


@given(evidence=evidences())
def test_state_findings_are_told_once(evidence: Evidence) -> None:
    for result in judged(evidence).values():
        told = [finding.identity for finding in result.findings if finding.step_at is None]

        assert len(told) == len(set(told))


@given(evidence=evidences())
def test_measures_are_finite(evidence: Evidence) -> None:
    for result in judged(evidence).values():
        assert all(value.is_finite() for value in result.measures.values())


@given(evidence=evidences(), random=st.randoms(use_true_random=False))
def test_order_of_open_orders_is_irrelevant(evidence: Evidence, random: Random) -> None:
    book = book_of(evidence)
    shuffled = list(book.fills.open)
    random.shuffle(shuffled)
    other = replace(evidence, book=replace(book, fills=replace(book.fills, open=tuple(shuffled))))

    assert CHECKS["fill_parity"].judge(other) == CHECKS["fill_parity"].judge(evidence)


@given(evidence=evidences(), why=st.sampled_from(Reason))
def test_unavailable_ledger_is_never_ok(evidence: Evidence, why: Reason) -> None:
    for result in judged(replace(evidence, book=Unavailable(why, "gone"))).values():
        assert result.status is not CheckStatus.OK


@given(evidence=evidences(), why=st.sampled_from(Reason))
def test_unavailable_venue_is_never_ok(evidence: Evidence, why: Reason) -> None:
    result = CHECKS["exchange_snapshot"].judge(replace(evidence, venue=Unavailable(why, "gone")))

    assert result.status is CheckStatus.UNVERIFIED


@given(evidence=evidences(), need=needs, value=malformed)
def test_malformed_needed_number_of_the_newest_row_is_never_ok(
    evidence: Evidence, need: tuple[str, str], value: Malformed
) -> None:
    name, column = need
    book = book_of(evidence)
    newest = replace(book.rows[-1], numbers={**book.rows[-1].numbers, column: value})
    broken = replace(evidence, book=replace(book, rows=(*book.rows[:-1], newest), newest=newest))

    assert CHECKS[name].judge(broken).status is CheckStatus.UNVERIFIED


@given(evidence=evidences(), need=needs)
def test_missing_needed_number_of_the_newest_row_is_never_ok(evidence: Evidence, need: tuple[str, str]) -> None:
    name, column = need
    book = book_of(evidence)
    numbers = {other: value for other, value in book.rows[-1].numbers.items() if other != column}
    newest = replace(book.rows[-1], numbers=numbers)
    broken = replace(evidence, book=replace(book, rows=(*book.rows[:-1], newest), newest=newest))

    assert CHECKS[name].judge(broken).status is CheckStatus.UNVERIFIED


@given(evidence=evidences())
def test_lost_line_of_a_needed_file_is_never_ok(evidence: Evidence) -> None:
    for name, sources in SOURCES.items():
        for source in sources:
            damage = (Damage(source, None, f"{source} line 2", "garbage"),)
            result = CHECKS[name].judge(replace(evidence, book=replace(book_of(evidence), damage=damage)))

            assert result.status is CheckStatus.UNVERIFIED


@given(evidence=evidences(), age=st.integers(min_value=181, max_value=10**7))
def test_stale_ledger_is_never_ok_and_tells_nothing_about_its_newest_row(evidence: Evidence, age: int) -> None:
    book = book_of(evidence)
    stale = replace(evidence, book=replace(book, newest=replace(book.rows[-1], at=NOW - timedelta(seconds=age))))
    for name in SOURCES:
        result = CHECKS[name].judge(stale)

        assert reason(result) is Reason.SOURCE_STALE
        assert all(finding.step_at is not None for finding in result.findings)


@given(evidence=evidences())
def test_row_in_the_future_is_never_ok(evidence: Evidence) -> None:
    book = replace(book_of(evidence), future_at=NOW + timedelta(hours=1))
    for name in SOURCES:
        assert reason(CHECKS[name].judge(replace(evidence, book=book))) is Reason.TIME_IN_FUTURE


shares = st.decimals(min_value=-2, max_value=3, places=4)
limits = st.tuples(*[st.decimals(min_value=0, max_value=2, places=4)] * 4)


@given(base=shares, target=shares, drawn=limits)
def test_looser_threshold_never_gives_a_worse_inventory(
    base: Decimal, target: Decimal, drawn: tuple[Decimal, ...]
) -> None:
    tight_warn, loose_warn = sorted(drawn[:2])
    tight_critical, loose_critical = sorted(drawn[2:])
    book = make_book(make_row(base_pct=base, target_base_pct=target))
    tight = make_policy(inventory_warn=str(tight_warn), inventory_critical=str(tight_critical))
    loose = make_policy(inventory_warn=str(loose_warn), inventory_critical=str(loose_critical))
    judge = CHECKS["inventory"].judge
    at_tight = judge(make_evidence(book, policy=tight)).status
    at_loose = judge(make_evidence(book, policy=loose)).status

    assert RANK.index(at_loose) <= RANK.index(at_tight)


@given(base=shares, held=shares, drawn=limits)
def test_looser_threshold_never_gives_a_worse_exchange_drift(
    base: Decimal, held: Decimal, drawn: tuple[Decimal, ...]
) -> None:
    tight_warn, loose_warn = sorted(drawn[:2])
    tight_critical, loose_critical = sorted(drawn[2:])
    book = make_book(make_row(base_pct=base, mid="1"))
    venue = make_account(balances={"BTC": str(held), "USDT": str(1 - held)})
    tight = make_policy(exchange_drift_warn=str(tight_warn), exchange_drift_critical=str(tight_critical))
    loose = make_policy(exchange_drift_warn=str(loose_warn), exchange_drift_critical=str(loose_critical))
    judge = CHECKS["exchange_snapshot"].judge
    at_tight = judge(make_evidence(book, policy=tight, venue=venue)).status
    at_loose = judge(make_evidence(book, policy=loose, venue=venue)).status

    assert RANK.index(at_loose) <= RANK.index(at_tight)


@given(before=amounts, after=amounts, drawn=limits)
def test_looser_threshold_never_gives_a_worse_fee_counter(
    before: Decimal, after: Decimal, drawn: tuple[Decimal, ...]
) -> None:
    tight_warn, loose_warn = sorted(drawn[:2])
    tight_critical, loose_critical = sorted(drawn[2:])
    rows = (make_row(NOW - MINUTE, fees_paid_today_quote=before), make_row(NOW, fees_paid_today_quote=after))
    tight = make_policy(fee_drop_warn=str(tight_warn), fee_drop_critical=str(tight_critical))
    loose = make_policy(fee_drop_warn=str(loose_warn), fee_drop_critical=str(loose_critical))
    judge = CHECKS["accounting"].judge
    at_tight = judge(make_evidence(make_book(*rows), policy=tight)).status
    at_loose = judge(make_evidence(make_book(*rows), policy=loose)).status

    assert RANK.index(at_loose) <= RANK.index(at_tight)


@given(evidence=evidences())
def test_account_without_a_probe_is_never_compared(evidence: Evidence) -> None:
    for mode in (AccountMode.DISABLED, AccountMode.PAPER_ONLY):
        result = CHECKS["exchange_snapshot"].judge(replace(evidence, policy=make_policy(mode=mode)))

        assert (result.status, result.measures) == (CheckStatus.DISABLED, {})
