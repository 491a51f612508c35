"""Auto-halt and escalation: each line of the runbook, just at and just above its limit."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon_exporter.domain.breaks import EOD_TYPES, Break, BreakState, BreakType, Halt
from recon_exporter.domain.halts import HaltRequest, decide_halts, needs_full_reconciliation, standing
from support.positions import BOT, DAY, NOW, POLICY, later, make_break, make_discrepancy, make_missing

OTHER = "grid-btc"


def decided(*breaks: Break, known: tuple[Halt, ...] = ()) -> list[tuple[str, str]]:
    """The bot and reason of each halt."""
    return [(request.bot, request.reason) for request in decide_halts(breaks, POLICY, known, NOW)]


def exposed(dollars: str | None, *, bot: str = BOT, symbol: str = "AAPL", kind: str = "QUANTITY_MISMATCH") -> Break:
    """A break that halts nothing by its type."""
    return make_break(make_discrepancy(BreakType(kind), symbol, bot=bot, exposure=dollars))


def latched(bot: str, reason: str) -> Halt:
    return Halt(bot, reason, NOW - DAY, "before", "none configured")


@pytest.mark.parametrize("kind", [BreakType.MISSING_AT_BROKER, BreakType.MISSING_IN_DB, BreakType.QUANTITY_MISMATCH])
def test_break_that_auto_halts_halts_its_bot(kind: BreakType) -> None:
    one = make_break(make_discrepancy(kind, auto_halt=True))
    (request,) = decide_halts([one], POLICY, (), NOW)

    assert request == HaltRequest(BOT, kind.value, f"{kind}: AAPL", (one.identifier,), full_reconciliation=False)


def test_break_that_does_not_auto_halt_halts_nothing() -> None:
    assert decided(exposed("10")) == []


def test_financial_impact_above_1000_dollars_halts_trading() -> None:
    (request,) = decide_halts([exposed("600"), exposed("400.01", symbol="KO")], POLICY, (), NOW)

    assert (request.bot, request.reason) == (BOT, "exposure")
    assert request.detail == "exposure 1000.01 USD is above 1000 USD"


def test_financial_impact_of_exactly_1000_dollars_does_not_halt() -> None:
    assert decided(exposed("600"), exposed("400", symbol="KO")) == []


def test_three_positions_missing_halt_trading_for_a_full_manual_reconciliation() -> None:
    breaks = [make_missing(symbol) for symbol in ("AAPL", "KO", "MSFT")]
    request = decide_halts(breaks, POLICY, (), NOW)[-1]

    assert (request.reason, request.full_reconciliation) == ("missing_positions", True)
    assert request.detail == "3 positions missing: full manual reconciliation"
    assert needs_full_reconciliation(breaks, POLICY, NOW)


def test_two_positions_missing_halt_by_their_type_alone() -> None:
    breaks = [make_missing("AAPL"), make_missing("KO")]

    assert decided(*breaks) == [(BOT, "MISSING_AT_BROKER")]
    assert not needs_full_reconciliation(breaks, POLICY, NOW)


def test_exposure_over_the_run_halts_every_bot_with_a_break_that_counts() -> None:
    breaks = [exposed("600"), exposed("600", bot=OTHER), exposed("0", bot="third", kind="STALE_POSITION")]
    requests = decide_halts(breaks, POLICY, (), NOW)

    assert [(one.bot, one.reason) for one in requests] == [
        (OTHER, "exposure"),
        (BOT, "exposure"),
        ("third", "exposure"),
    ]
    assert requests[0].detail == "exposure 1200 USD over all bots of the run is above 1000 USD"


def test_missing_positions_over_the_run_halt_every_bot_with_a_break_that_counts() -> None:
    breaks = [make_missing("AAPL"), make_missing("KO"), make_missing("BTC/USD", bot=OTHER), exposed("1", bot="third")]
    whole = [one for one in decide_halts(breaks, POLICY, (), NOW) if one.reason == "missing_positions"]

    assert [one.bot for one in whole] == [OTHER, BOT, "third"]
    assert whole[0].detail == "3 positions missing over all bots of the run: full manual reconciliation"


def test_price_differences_count_to_the_exposure_and_stale_ones_do_not() -> None:
    breaks = [exposed("700", kind="PRICE_MISMATCH"), exposed("0", kind="STALE_POSITION"), exposed("700", symbol="KO")]

    assert standing(breaks, NOW).exposure == Decimal(1400)
    assert decided(*breaks) == [(BOT, "exposure")]


def test_unknown_exposure_trips_nothing_and_is_said() -> None:
    assert decided(exposed(None)) == []
    assert standing([exposed("5"), exposed(None, symbol="KO")], NOW).told_exposure is None
    (request,) = decide_halts([exposed("1001"), exposed(None, symbol="KO")], POLICY, (), NOW)
    assert request.detail.endswith("is above 1000 USD, without 1 of unknown exposure")


def test_accepted_breaks_do_not_count_until_their_date() -> None:
    breaks = [
        later(make_missing(symbol, exposure="900"), state=BreakState.ACCEPTED, accepted_until=NOW + DAY)
        for symbol in ("AAPL", "KO", "MSFT")
    ]

    assert decide_halts(breaks, POLICY, (), NOW) == ()
    assert len(decide_halts(breaks, POLICY, (), NOW + DAY)) == 3


def test_resolved_breaks_do_not_count() -> None:
    assert decided(later(make_missing("AAPL"), state=BreakState.RESOLVED)) == []


def test_break_that_only_one_look_saw_halts_nothing_yet() -> None:
    halting = make_discrepancy(BreakType.MISSING_IN_DB, exposure="5000", auto_halt=True)

    assert decided(make_break(halting, is_confirmed=False)) == []


def test_halt_is_raised_once() -> None:
    breaks = [make_missing(symbol, exposure="500") for symbol in ("AAPL", "KO", "MSFT")]
    known = tuple(latched(BOT, request.reason) for request in decide_halts(breaks, POLICY, (), NOW))

    assert len(known) == 3
    assert decided(*breaks, known=known) == []


def test_halt_of_another_bot_or_reason_latches_only_itself() -> None:
    known = (latched(OTHER, "MISSING_AT_BROKER"), latched(BOT, "exposure"))

    assert decided(make_missing("AAPL"), known=known) == [(BOT, "MISSING_AT_BROKER")]


def test_many_symbols_are_told_in_few_words() -> None:
    breaks = [make_missing(f"SYM{place}") for place in range(8)]

    assert decide_halts(breaks, POLICY, (), NOW)[0].detail == (
        "MISSING_AT_BROKER: SYM0, SYM1, SYM2, SYM3, SYM4 and 3 more"
    )


@st.composite
def some_breaks(draw: st.DrawFn) -> list[Break]:
    keys = draw(st.lists(st.tuples(st.sampled_from([BOT, OTHER]), st.sampled_from("ABCDEF")), unique=True))
    return [
        later(
            make_break(
                replace(
                    make_discrepancy(draw(st.sampled_from(EOD_TYPES)), symbol, bot=bot),
                    exposure=draw(st.none() | st.integers(0, 900).map(Decimal)),
                    auto_halt=draw(st.booleans()),
                ),
                is_confirmed=draw(st.booleans()),
            ),
            accepted_until=draw(st.sampled_from([None, NOW + DAY, NOW - DAY])),
        )
        for bot, symbol in keys
    ]


@given(some_breaks(), st.randoms(use_true_random=False))
def test_halting_is_monotone_in_the_breaks(breaks: list[Break], random: object) -> None:
    fewer = [one for one in breaks if random.random() < 0.5]  # type: ignore[attr-defined]

    assert set(decided(*fewer)) <= set(decided(*breaks))


@given(some_breaks())
def test_deciding_again_asks_for_nothing_more(breaks: list[Break]) -> None:
    known = tuple(latched(bot, reason) for bot, reason in decided(*breaks))

    assert decided(*breaks, known=known) == []
