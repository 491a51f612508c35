"""Times as others write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon_exporter.reading.times import InvalidTime, any_time, iso_time

AT = datetime(2026, 2, 22, 1, 9, 24, 9000, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-22T01:09:24.009+00:00",
        "2026-02-22T01:09:24.009Z",
        "2026-02-22T03:09:24.009+02:00",
        "1771722564.009",
        "1771722564009",
        "1771722564009000",
        "1771722564009000000",
    ],
)
def test_all_spellings_name_the_same_instant(text: str) -> None:
    assert any_time(text) == AT
    assert any_time(text).utcoffset() == AT.utcoffset()


def test_whole_seconds_are_seconds() -> None:
    assert any_time("1771722564") == AT.replace(microsecond=0)


@pytest.mark.parametrize("text", ["", "2026-02-22T01:09:24", "2026-02-22", "yesterday", "0001-01-01T00:00:00+14:00"])
def test_text_that_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(InvalidTime):
        iso_time(text)


@pytest.mark.parametrize("text", ["", "NaN", "inf", "-1771722564", "0", "1e30", "12:00", "2026-02-22T01:09:24", "-"])
def test_count_that_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(InvalidTime):
        any_time(text)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001 - made aware below
def test_any_instant_survives_every_unit(naive: datetime) -> None:
    at = naive.replace(tzinfo=UTC)
    microseconds = int(at.timestamp()) * 10**6 + at.microsecond

    assert any_time(at.isoformat()) == at
    assert any_time(str(microseconds)) == at
    assert any_time(str(microseconds * 1000)) == at
    assert any_time(str(microseconds // 1000)) == at.replace(microsecond=at.microsecond // 1000 * 1000)
