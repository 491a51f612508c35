"""The simulated fleet: its books are right at every moment, and its incidents do what they say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recon_exporter.demo.hbot_writer import FILL_COLUMNS, MINUTE_COLUMNS
from recon_exporter.demo.incidents import TIMELINE, Incident, Kind, going_on, round_length
from recon_exporter.demo.simulation import Scene, Step, advance, opening
from recon_exporter.domain.money import amount, product, total

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

START = datetime(2026, 2, 22, 11, 0, tzinfo=UTC)
NOTHING: frozenset[Incident] = frozenset()

seeds = st.integers(0, 2**32)
moments = st.datetimes(datetime(2025, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
gaps = st.lists(st.integers(1, 1800), min_size=1, max_size=25)
incidents = st.lists(st.frozensets(st.sampled_from(TIMELINE)), min_size=25, max_size=25)


def number(row: Mapping[str, object], column: str) -> Decimal:
    """The column as it stands in the file, read as the ledger reads it."""
    return amount(str(row[column]))


def run(
    seed: int, start: datetime, gaps: list[int], happening: list[frozenset[Incident]]
) -> Iterator[tuple[Scene, Step]]:
    scene, at = opening(seed, start), start
    for gap, active in zip(gaps, happening, strict=False):
        at += timedelta(seconds=gap)
        scene, step = advance(scene, at, active)
        yield scene, step


def steady(seed: int, count: int, active: frozenset[Incident] = NOTHING) -> list[tuple[Scene, Step]]:
    return list(run(seed, START, [5] * count, [active] * count))


def the(kind: Kind) -> Incident:
    return next(incident for incident in TIMELINE if incident.kind is kind)


@settings(max_examples=40, deadline=None)
@given(seed=seeds, start=moments, gaps=gaps, happening=incidents)
def test_every_row_keeps_the_identities_of_its_account(
    seed: int, start: datetime, gaps: list[int], happening: list[frozenset[Incident]]
) -> None:
    for _, step in run(seed, start, gaps, happening):
        for row in step.minutes.values():
            held = product(number(row, "base_balance"), number(row, "mid"))
            is_perpetual = "perpetual" in str(row["exchange"])
            worth = number(row, "quote_balance") if is_perpetual else total((number(row, "quote_balance"), held))

            assert number(row, "equity_quote") == worth
            assert abs(number(row, "base_pct") * worth - abs(held)) < Decimal("1e-9")


@settings(max_examples=40, deadline=None)
@given(seed=seeds, start=moments, gaps=gaps, happening=incidents)
def test_counters_of_the_day_are_the_sums_of_its_fills(
    seed: int, start: datetime, gaps: list[int], happening: list[frozenset[Incident]]
) -> None:
    fills: list[tuple[str, Mapping[str, object]]] = []
    for scene, step in run(seed, start, gaps, happening):
        fills += [(bot, fill) for bot, of_bot in step.fills.items() for fill in of_bot]
        for bot, row in step.minutes.items():
            today = [fill for of, fill in fills if of == bot and str(fill["ts"])[:10] == str(row["ts"])[:10]]

            assert row["fills_count_today"] == len(today)
            fees = total(number(fill, "fee_quote") for fill in today)
            assert total((number(row, "fees_paid_today_quote"), scene.accounts[bot].forgotten)) == fees
            assert all(number(fill, "notional_quote") > 0 for fill in today)


@settings(max_examples=40, deadline=None)
@given(seed=seeds, start=moments, gaps=gaps, happening=incidents)
def test_every_fill_has_its_event_as_soon_as_none_are_lost(
    seed: int, start: datetime, gaps: list[int], happening: list[frozenset[Incident]]
) -> None:
    steps = [step for _, step in run(seed, start, [*gaps, 5], [*happening[: len(gaps)], NOTHING])]

    filled = sorted(
        (bot, str(fill["order_id"]), str(fill["amount_base"]))
        for step in steps
        for bot, of_bot in step.fills.items()
        for fill in of_bot
    )
    stored = [event for step in steps for event in step.events if event["event_type"] == "order_filled"]
    told = [(str(event["instance_name"]), event["payload"]) for event in stored]
    assert filled == sorted(
        (bot, fill["order_id"], fill["amount_base"]) for bot, fill in told if isinstance(fill, dict)
    )
    assert len({event["event_id"] for event in stored}) == len(stored)


@settings(max_examples=20, deadline=None)
@given(seed=seeds)
def test_the_same_seed_gives_the_same_files(seed: int) -> None:
    assert steady(seed, 5) == steady(seed, 5)


def test_rows_have_the_columns_of_the_bots() -> None:
    _, step = next(iter(steady(1, 1)))

    assert all(tuple(row) == MINUTE_COLUMNS for row in step.minutes.values())
    assert all(tuple(fill) == FILL_COLUMNS for of_bot in step.fills.values() for fill in of_bot)


def test_a_quiet_fleet_stays_near_its_targets_and_trades() -> None:
    steps = [step for _, step in steady(7, 600)]

    for bot in ("bot1", "bot2", "bot3", "bot4"):
        drifts = [
            abs(number(step.minutes[bot], "base_pct") - number(step.minutes[bot], "target_base_pct")) for step in steps
        ]
        assert max(drifts) < Decimal("0.2")
        assert sum(len(step.fills[bot]) for step in steps) > 50


def test_counters_begin_anew_at_midnight() -> None:
    late = datetime(2026, 2, 22, 23, 0, tzinfo=UTC)
    *_, (_, before), (_, after) = run(3, late, [60] * 60, [NOTHING] * 60)

    assert number(before.minutes["bot1"], "fees_paid_today_quote") > 0
    assert after.minutes["bot1"]["fills_count_today"] == len(after.fills["bot1"])


def test_inventory_drift_goes_beyond_the_critical_threshold_and_back() -> None:
    drift = the(Kind.INVENTORY_DRIFT)
    happening = [frozenset({drift})] * 24 + [NOTHING] * 24
    shares = [number(step.minutes["bot4"], "base_pct") for _, step in run(1, START, [5] * 48, happening)]

    assert shares[23] - Decimal("0.1") > Decimal("0.55")
    assert abs(shares[47] - Decimal("0.1")) < Decimal("0.2")
    assert max(abs(after - before) for before, after in pairwise(shares)) < Decimal("0.10")


def test_venue_drift_happens_once_at_the_exchange_and_is_taken_back() -> None:
    drift = frozenset({the(Kind.VENUE_DRIFT)})
    steps = [step for _, step in run(1, START, [5] * 4, [drift, drift, NOTHING, NOTHING])]

    assert [step.sold for step in steps] == [{"bot1"}, set(), set(), set()]
    assert [step.returned for step in steps] == [set(), set(), {"bot1"}, set()]


def test_a_fee_drop_is_critical_and_ends() -> None:
    drop = frozenset({the(Kind.FEE_COUNTER_DROP)})
    happening = [NOTHING] * 200 + [drop, drop, NOTHING]
    fees = [number(step.minutes["bot2"], "fees_paid_today_quote") for _, step in run(1, START, [5] * 203, happening)]

    assert fees[200] - fees[199] < Decimal("-0.20")
    assert fees[202] >= fees[199]


def test_a_stale_bot_writes_nothing() -> None:
    (_, step), *_ = steady(1, 1, frozenset({the(Kind.STALE_BOT)}))

    assert "bot3" not in step.minutes
    assert "bot3" not in step.fills


def test_a_torn_file_is_torn_once_and_mended_once() -> None:
    torn = frozenset({the(Kind.TORN_FILE)})
    steps = [step for _, step in run(1, START, [5] * 4, [torn, torn, NOTHING, NOTHING])]

    assert [step.torn for step in steps] == [{"bot1"}, set(), set(), set()]
    assert [step.mended for step in steps] == [set(), set(), {"bot1"}, set()]


@pytest.mark.parametrize("speed", [0.5, 1, 3, 10])
def test_every_incident_of_a_round_lasts_long_enough_to_be_seen(speed: float) -> None:
    seconds = int(round_length(TIMELINE, speed).total_seconds())
    seen = [going_on(TIMELINE, timedelta(seconds=second), speed) for second in range(seconds)]

    assert not seen[0]
    for incident in TIMELINE:
        assert sum(incident in active for active in seen) >= incident.least.total_seconds() - 1
    assert going_on(TIMELINE, timedelta(seconds=seconds * 3), speed) == going_on(TIMELINE, timedelta(0), speed)


def test_ten_minutes_show_every_incident_from_beginning_to_end() -> None:
    assert round_length(TIMELINE, 1) <= timedelta(minutes=10)
    assert {incident.kind for incident in TIMELINE} == set(Kind)
