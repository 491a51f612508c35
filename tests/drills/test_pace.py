"""Waits are divided, keep their order and their floors, and at scale 1 nothing at all changes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from recon_exporter.drills.pace import LOOK_SECONDS, WINDOW_SECONDS, Pace, seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
RULES, ROUTES, SCRAPES = "alerts/recon.rules.yml", "alerts/alertmanager.yml", "config/prometheus.yml"
SPAN = re.compile(r"\[([0-9a-z]+)[\]:]")
AGES = {"86400", "604800", "3000", "691200", "60"}
"""The ages of the shipped rules in seconds; what else is compared with a time would not be divided."""

waits = st.floats(min_value=0.001, max_value=1e7)
scales = st.floats(min_value=1, max_value=1e5)


def shipped(name: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((ROOT / name).read_text())
    return document


def rules_of(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for group in document["groups"]:
        yield from group["rules"]


@given(waits, scales)
def test_no_wait_gets_longer_or_falls_below_the_floor(wait: float, scale: float) -> None:
    paced = Pace(scale).seconds(wait)

    assert paced <= wait
    assert paced >= min(wait, LOOK_SECONDS)
    assert paced <= max(LOOK_SECONDS, wait / scale)


@given(waits, waits, scales)
def test_waits_keep_their_order(one: float, other: float, scale: float) -> None:
    pace, (shorter, longer) = Pace(scale), sorted((one, other))

    assert pace.seconds(shorter) <= pace.seconds(longer)


@given(st.integers(min_value=1, max_value=10**6), st.sampled_from(["ms", "s", "m", "h", "d", "w"]), scales)
def test_a_span_says_what_its_seconds_are(number: int, unit: str, scale: float) -> None:
    text = f"{number}{unit}"

    assert seconds(Pace(scale).span(text)) == pytest.approx(Pace(scale).seconds(seconds(text)), abs=0.001)


@pytest.mark.parametrize("text", ["", "15", "m", "15 m", "1.5h", "-1m", "15min"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no duration"):
        seconds(text)


def test_at_scale_one_the_shipped_files_stay_as_they_are() -> None:
    pace, rules, routes, scrapes = Pace(), shipped(RULES), shipped(ROUTES), shipped(SCRAPES)

    assert pace.rules(rules) == rules
    assert pace.routes(routes["route"]) == routes["route"]
    assert pace.intervals(scrapes["global"]) == scrapes["global"]


def test_every_wait_and_window_of_the_shipped_rules_is_divided() -> None:
    rules = shipped(RULES)
    for before, after in zip(rules_of(rules), rules_of(Pace(600).rules(rules)), strict=True):
        assert seconds(after.get("for", "0s")) == Pace(600).seconds(seconds(before.get("for", "0s")))
        spans = zip(SPAN.findall(before["expr"]), SPAN.findall(after["expr"]), strict=True)
        for span, paced in spans:
            assert seconds(paced) == Pace(600).seconds(seconds(span), WINDOW_SECONDS)


def test_every_age_of_the_shipped_rules_is_divided() -> None:
    """What a time is compared with stands in no window; a new age of another form would be left whole unseen."""
    rules, found = shipped(RULES), set()
    for before, after in zip(rules_of(rules), rules_of(Pace(600).rules(rules)), strict=True):
        if "time()" in before["expr"]:
            ages = zip(numbers(before["expr"]), numbers(after["expr"]), strict=True)
            for age, paced in ages:
                found.add(age)
                assert float(paced) == Pace(600).seconds(float(age), WINDOW_SECONDS), before
    assert found == AGES


def numbers(expression: str) -> list[str]:
    """The numbers of two digits and more that are no part of a name, a window or a text."""
    return re.findall(r"(?<![\w.\[])\d{2,}(?:\.\d+)?(?![\w.])", re.sub(r'"[^"]*"|\[[^\]]*\]', "", expression))


def test_expressions_without_a_time_keep_their_numbers() -> None:
    rules = shipped(RULES)
    for before, after in zip(rules_of(rules), rules_of(Pace(600).rules(rules)), strict=True):
        if "time()" not in before["expr"]:
            assert SPAN.sub("", after["expr"]) == SPAN.sub("", before["expr"])


def test_no_other_part_of_a_rule_is_touched() -> None:
    rules = shipped(RULES)
    for before, after in zip(rules_of(rules), rules_of(Pace(600).rules(rules)), strict=True):
        assert {**after, "expr": "", "for": ""} == {**before, "expr": "", "for": ""} or "for" not in before
        assert after.get("labels") == before.get("labels")
        assert after.get("annotations") == before.get("annotations")


def test_a_sign_of_life_comes_before_the_next_look_and_reminders_no_faster() -> None:
    before = shipped(ROUTES)["route"]
    after = Pace(600).routes(before)
    (life,) = [route for route in after["routes"] if route["receiver"] == "dead-mans-switch"]

    assert seconds(life["repeat_interval"]) < seconds(life["group_interval"]) == LOOK_SECONDS
    assert after["repeat_interval"] == before["repeat_interval"]
    assert [route["matchers"] for route in after["routes"]] == [route["matchers"] for route in before["routes"]]


def test_prometheus_looks_every_second_and_gives_up_no_later_than_it_looks_again() -> None:
    paced = Pace(600).intervals(shipped(SCRAPES)["global"])

    assert {name: seconds(value) for name, value in paced.items()} == {
        "scrape_interval": 1,
        "scrape_timeout": 1,
        "evaluation_interval": 1,
    }
