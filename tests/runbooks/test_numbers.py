"""Ages, windows and shares that rules hold are those of which their pages speak, and the other way round."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from runbooks.pages import alert_pages
from runbooks.test_pages import expressions_behind, named, rules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runbooks.pages import Page

STATED: Mapping[str, Mapping[str, str]] = {
    "ReconciliationAuditChainBroken": {"[1d]": "the second and third for a day after they happened"},
    "ReconciliationBreakAgeing": {"86400": "opened more than a day ago", "604800": "more than a week ago"},
    "ReconciliationCleared": {"[30m]": "shown for 30 minutes"},
    "ReconciliationConfigReloadFailed": {"[5m]": "for all of 5 minutes"},
    "ReconciliationCredentialsRefused": {"[15m]": "a key was refused within 15 minutes"},
    "ReconciliationCredentialsTooPowerful": {"[1h]": "or an hour after nothing was told any more"},
    "ReconciliationCycleFailing": {"[15m]": "of the cycle rose within 15 minutes"},
    "ReconciliationCycleMissed": {"[15m]": "of the cycle rose within 15 minutes"},
    "ReconciliationCycleStale": {
        "2": "older than two intervals and 60 s",
        "60": "older than two intervals and 60 s",
        "[6h]": "six hours are remembered",
    },
    "ReconciliationDeliveryFailing": {"[10m]": "rose within 10 minutes"},
    "ReconciliationEodNotConfigured": {"for 12h": "off for half a day"},
    "ReconciliationEodRunMissed": {"3000": "due 50 minutes ago", "for 10m": "for 10 minutes more"},
    "ReconciliationEodUnverified": {"691200": "the last verdict is more than eight days old"},
    "ReconciliationFillsUnjudged": {"[1h]": "now or within the last hour"},
    "ReconciliationHaltActionFailed": {"[15m]": "has moved within 15 minutes"},
    "ReconciliationNotificationsFailing": {"[4m]": "rose within 4 minutes"},
    "ReconciliationRulesFailing": {"[2m]": "rose within 2 minutes"},
    "ReconciliationSnapshotStale": {
        "3": "our job is three intervals and a minute late",
        "60": "our job is three intervals and a minute late",
    },
    "ReconciliationSourceLinesUnreadable": {"[15m]": "rose within 15 minutes"},
    "ReconciliationVenueClockSkew": {"5": "the clocks are more than 5 seconds apart"},
    "ReconciliationVenueUnreachable": {
        "0.5": "more than half of the requests of 10 minutes failed",
        "[10m]": "more than half of the requests of 10 minutes failed",
    },
}
"""By alert: each number of its rules, as it stands there, and the words of its page that say the same."""

UNTOLD = {"ReconciliationCycleStale": {"[5m]"}}
"""For so long the interval stays known when scrapes fail: nobody's limit."""

HELD = re.compile(r"last_over_time\(\w+:\w+:held\[6h\](?: offset 1s)?\)")
"""How money alerts are held is the same for all of them, and tested beside their rules."""

NUMBER = re.compile(r"\[\w+\]|(?<![\w.])\d+(?:\.\d+)?(?![\w.])")
TRUTHS = {"0", "1"}
AMOUNT = re.compile(r"\b[1-9]\d*\b|\bhalf\b|\b(?:seconds|minutes?|hours?|days?|weeks?|intervals?)\b")
each_alert = pytest.mark.parametrize("page", alert_pages(), ids=named)


def numbers_of(alert: str) -> set[str]:
    """The numbers in an alert's expressions, except those by which a metric says yes and no."""
    texts = [re.sub(r'"[^"]*"', "", HELD.sub("", text)) for text in expressions_behind(alert)]
    return {number for text in texts for number in NUMBER.findall(text)} - TRUTHS


def waits_of(alert: str) -> set[str]:
    return {f"for {rule['for']}" for rule in rules() if rule["alert"] == alert and "for" in rule}


def plain(text: str) -> str:
    return " ".join(text.split())


@each_alert
def test_numbers_of_the_rules_stand_in_the_page(page: Page) -> None:
    stated = STATED.get(page.name, {})

    assert numbers_of(page.name) == set(stated) - waits_of(page.name) | UNTOLD.get(page.name, set())
    text = plain(page.sections["Meaning"]) + plain(page.sections["Severity"])
    assert [words for words in stated.values() if words not in text] == []


@each_alert
def test_amounts_in_fires_when_are_those_of_the_rules(page: Page) -> None:
    told = " ".join(row["fires when"] for row in page.table("Severity"))
    for words in STATED.get(page.name, {}).values():
        told = told.replace(words, "")

    assert AMOUNT.findall(told) == []


def test_no_alert_of_the_table_is_gone() -> None:
    assert set(STATED) <= {rule["alert"] for rule in rules()}
