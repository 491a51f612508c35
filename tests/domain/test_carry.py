"""Steps between rows stay current until the end of their UTC day, however often their rows are read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon_exporter.domain.carry import carry, first_seen, with_carried
from recon_exporter.domain.finding import CheckResult, Finding, Reason, Severity, Unverified
from recon_exporter.domain.memory import CarriedFinding

MIDNIGHT = datetime(2026, 3, 6, tzinfo=UTC)
NOON = MIDNIGHT + timedelta(hours=12)
MINUTE = timedelta(minutes=1)

minutes = st.lists(st.integers(min_value=0, max_value=700), min_size=1, max_size=12)


def drop(at: datetime, fees: str = "1", *, code: str = "fees_counter_decreased_critical") -> Finding:
    """A fall of the fee counter in the row of that time."""
    return Finding(Severity.CRITICAL, "accounting", code, "bot1", {"fees": Decimal(fees)}, step_at=at)


def accounting(*findings: Finding, enabled: bool = True) -> CheckResult:
    return CheckResult("accounting", "bot1", findings, enabled=enabled)


def drops(offsets: list[int]) -> list[Finding]:
    return [drop(MIDNIGHT + offset * MINUTE, str(offset)) for offset in offsets]


def test_step_stays_when_it_is_not_seen_again() -> None:
    carried = carry((), [accounting(drop(NOON - MINUTE))], NOON)

    assert carry(carried, [accounting()], NOON + 5 * MINUTE) == carried


def test_step_ends_with_its_utc_day() -> None:
    carried = carry((), [accounting(drop(NOON))], NOON)

    assert carry(carried, [accounting()], MIDNIGHT + timedelta(hours=24) - MINUTE) == carried
    assert carry(carried, [accounting()], MIDNIGHT + timedelta(hours=24)) == ()


def test_step_of_yesterday_is_not_taken_up_today() -> None:
    assert carry((), [accounting(drop(MIDNIGHT - MINUTE))], MIDNIGHT + MINUTE) == ()


def test_step_of_a_row_just_past_midnight_is_kept_by_a_clock_just_before() -> None:
    ahead = drop(MIDNIGHT + timedelta(hours=24))

    assert len(carry((), [accounting(ahead)], MIDNIGHT + timedelta(hours=24) - MINUTE)) == 1


def test_first_step_is_kept_and_later_ones_are_counted() -> None:
    first, second = drop(NOON, "3"), drop(NOON + MINUTE, "2")
    carried = carry((), [accounting(first)], NOON + MINUTE)

    assert carry(carried, [accounting(second)], NOON + 2 * MINUTE) == (CarriedFinding(first, 2, NOON + MINUTE),)


def test_another_code_or_severity_is_carried_for_itself() -> None:
    warning = replace(drop(NOON, code="fees_counter_decreased_warning"), severity=Severity.WARNING)

    assert len(carry((), [accounting(drop(NOON), warning)], NOON)) == 2


def test_finding_that_is_no_step_is_not_carried() -> None:
    assert carry((), [accounting(replace(drop(NOON), step_at=None))], NOON) == ()


@given(minutes)
def test_reading_the_same_rows_again_changes_nothing(offsets: list[int]) -> None:
    once = carry((), [accounting(*drops(offsets))], NOON)

    assert carry(once, [accounting(*drops(offsets))], NOON) == once


@given(minutes, st.randoms(use_true_random=False))
def test_order_of_rows_in_a_batch_is_irrelevant(offsets: list[int], random: object) -> None:
    shuffled = sorted(drops(offsets), key=lambda _: random.random())  # type: ignore[attr-defined]

    assert carry((), [accounting(*shuffled)], NOON) == carry((), [accounting(*drops(offsets))], NOON)


@given(minutes)
def test_reading_in_parts_counts_as_reading_at_once(offsets: list[int]) -> None:
    ordered = sorted(offsets)
    carried: tuple[CarriedFinding, ...] = ()
    for offset in ordered:
        carried = carry(carried, [accounting(*drops([offset]))], NOON)

    assert carried == carry((), [accounting(*drops(ordered))], NOON)


def test_two_rows_of_one_time_count_once_whatever_their_order() -> None:
    one, other = drop(NOON, "1"), drop(NOON, "2")

    assert carry((), [accounting(one, other)], NOON) == carry((), [accounting(other, one)], NOON)
    assert carry((), [accounting(one, other)], NOON)[0].occurrences == 1


def test_step_before_all_known_ones_becomes_the_first() -> None:
    carried = carry((), [accounting(drop(NOON, "2"))], NOON)
    earlier = drop(NOON - MINUTE, "1")

    assert carry(carried, [accounting(earlier)], NOON) == (CarriedFinding(earlier, 2, NOON),)


def test_carried_finding_stands_in_the_place_of_the_single_steps() -> None:
    lasting = Finding(Severity.CRITICAL, "accounting", "fees_paid_negative", "bot1")
    result = accounting(lasting, drop(NOON, "3"), drop(NOON + MINUTE, "2"))

    (merged,) = with_carried([result], carry((), [result], NOON + MINUTE))

    assert merged.findings[0] == lasting
    assert [finding.details for finding in merged.findings[1:]] == [
        {"fees": Decimal(3), "occurrences": 2, "first_at": NOON, "last_at": NOON + MINUTE}
    ]


def test_merging_twice_changes_nothing() -> None:
    carried = carry((), [accounting(drop(NOON))], NOON)
    once = with_carried([accounting()], carried)

    assert with_carried(once, carried) == once


def test_carried_finding_stands_beside_an_unverified_result() -> None:
    carried = carry((), [accounting(drop(NOON))], NOON)
    blind = CheckResult("accounting", "bot1", unverified=Unverified(Reason.SOURCE_STALE, "old"))

    assert [finding.message for finding in with_carried([blind], carried)[0].findings] == [
        "fees_counter_decreased_critical"
    ]


def test_check_that_a_person_switched_off_gets_no_carried_finding() -> None:
    carried = carry((), [accounting(drop(NOON))], NOON)

    assert with_carried([accounting(enabled=False)], carried)[0].findings == ()


def test_finding_of_another_bot_or_check_is_left_alone() -> None:
    carried = carry((), [accounting(drop(NOON))], NOON)
    others = (CheckResult("accounting", "bot2"), CheckResult("balance", "bot1"))

    assert with_carried(others, carried) == others


def test_finding_without_step_cannot_be_carried() -> None:
    broken = CarriedFinding(replace(drop(NOON), step_at=None), 1, NOON)

    with pytest.raises(ValueError, match="no step"):
        carry((broken,), [], NOON)


def test_finding_keeps_the_time_at_which_it_was_first_seen() -> None:
    known = first_seen({}, [accounting(drop(NOON))], NOON)

    assert first_seen(known, [accounting(drop(NOON))], NOON + MINUTE) == known


def test_finding_that_went_and_came_back_is_new() -> None:
    known = first_seen({}, [accounting(drop(NOON))], NOON)
    gone = first_seen(known, [accounting()], NOON + MINUTE)

    assert gone == {}


def test_finding_hidden_by_an_unverified_check_keeps_its_time() -> None:
    known = first_seen({}, [accounting(drop(NOON))], NOON)
    blind = CheckResult("accounting", "bot1", unverified=Unverified(Reason.SOURCE_STALE, "old"))
    hidden = first_seen(known, [blind], NOON + MINUTE)

    assert first_seen(hidden, [accounting(drop(NOON))], NOON + 2 * MINUTE) == known


def test_finding_of_a_check_that_was_switched_off_is_forgotten() -> None:
    known = first_seen({}, [accounting(drop(NOON))], NOON)

    assert first_seen(known, [accounting(enabled=False)], NOON + MINUTE) == {}
