"""Times of somebody else's books: what is no moment is refused, and what is one is aware UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon_exporter.domain.finding import Reason
from recon_exporter.reading.refused import Refused
from recon_exporter.reading.time_rules import EARLIEST, TimeRules

RULES = TimeRules()
NEW_YORK = TimeRules(zone=ZoneInfo("America/New_York"))
OFFSETS = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(2001, 1, 1), datetime(2099, 1, 1), timezones=OFFSETS)  # noqa: DTZ001 - as asked for


@given(MOMENTS)
def test_every_spelling_of_a_moment_is_that_moment(at: datetime) -> None:
    microseconds = (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)

    for told in (at, at.isoformat(), f" {at.isoformat(' ')} ", microseconds, str(microseconds)):
        found = RULES.moment(told, "place")
        assert found == at
        assert found.tzinfo is UTC


@given(st.one_of(st.none(), st.booleans(), st.binary(), st.text(), st.floats(), st.integers(), st.dates()))
def test_anything_is_a_moment_or_refused_with_its_place(told: object) -> None:
    for rules in (RULES, NEW_YORK):
        answer = asked(rules, told)
        assert answer >= EARLIEST if isinstance(answer, datetime) else "the place" in answer


def asked(rules: TimeRules, told: object) -> datetime | str:
    try:
        return rules.moment(told, "the place")
    except Refused as refused:
        return str(refused)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("2026-03-06 16:00:00", "2026-03-06T21:00:00+00:00"),
        ("2026-07-06 16:00:00", "2026-07-06T20:00:00+00:00"),
        ("2026-11-01 01:30:00", "2026-11-01T05:30:00+00:00"),  # of two such times the earlier
        ("2026-03-06T16:00:00Z", "2026-03-06T16:00:00+00:00"),
    ],
)
def test_zone_is_that_of_times_without_offset_alone(told: str, expected: str) -> None:
    assert NEW_YORK.moment(told, "place").isoformat() == expected


def test_local_time_without_its_zone_is_refused_with_the_key_that_tells_it() -> None:
    with pytest.raises(Refused, match="timezone"):
        RULES.moment(datetime(2026, 3, 6, 16), "place")  # noqa: DTZ001 - as a database gives it


@pytest.mark.parametrize(
    ("ahead", "reason"), [(timedelta(minutes=2), None), (timedelta(minutes=2, microseconds=1), Reason.TIME_IN_FUTURE)]
)
def test_future_begins_after_the_skew(ahead: timedelta, reason: Reason | None) -> None:
    now = datetime(2026, 3, 6, tzinfo=UTC)
    found = None
    try:
        RULES.present(now + ahead, now, "place")
    except Refused as refused:
        found = refused.reason

    assert found is reason
