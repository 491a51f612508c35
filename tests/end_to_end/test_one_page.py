"""One cause, one page: every scripted incident at once, and the pager counts its notifications."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from end_to_end.arrivals import CHAT, PAGER
from end_to_end.incident_stack import (
    EQUITIES_BOT,
    HAND_BOT,
    PERPETUAL_BOT,
    STALE_BOT,
    TORN_BOT,
    stack,
)
from end_to_end.world import until

if TYPE_CHECKING:
    from pathlib import Path

SCALE = float(os.environ.get("RECON_TIME_SCALE", "12"))
"""How much faster than at the defaults time runs; with 1 it takes half an hour."""

WITHIN = 180 / SCALE
"""Three minutes at the defaults, of the report that first shows it confirmed."""

QUARTER = 15 * 60 / SCALE
"""How long books must have been old before that is confirmed."""

SLACK = 3.0
"""Seconds that a busy machine adds, whatever the scale."""

CAUSES = {
    "bot4": "ReconciliationInventoryDrift",
    "bot1": "ReconciliationExchangeDrift",
    "bot2": "ReconciliationFeeCounterDecreased",
    EQUITIES_BOT: "ReconciliationBreaks",
    PERPETUAL_BOT: "ReconciliationFillMissing",
    HAND_BOT: "ReconciliationFillForeign",
}
"""What pages at once, by bot."""

CONSEQUENCES = {"ReconciliationTradingHalted", "ReconciliationExposureMaterial"}
WARNED = {"bot3": "ReconciliationFillParityBroken", TORN_BOT: "ReconciliationSourceLinesUnreadable"}
"""What is for the chat alone."""

GRACE = 120
"""Seconds that a fill's event may take, and a row may be old, whatever the scale."""


@pytest.mark.needs_program("prometheus", "prometheus-alertmanager")
def test_each_cause_pages_exactly_once_in_time_and_warnings_never(tmp_path: Path) -> None:
    with stack(tmp_path, SCALE) as running:
        arrivals = running.arrivals
        running.everything_happens()
        until(lambda: all(arrivals.about(PAGER, bot) for bot in CAUSES), "a page for each cause", 60 + WITHIN)
        running.mend_torn_file()
        until(lambda: bool(arrivals.about(CHAT, "bot3")), "a word about lost events", GRACE + WITHIN + 60)
        until(lambda: bool(arrivals.about(PAGER, STALE_BOT)), "a page about a silent bot", GRACE + QUARTER + 60)
        time.sleep(WITHIN)

    paged = {bot: arrivals.about(PAGER, bot) for bot in (*CAUSES, STALE_BOT)}
    assert arrivals.counts(PAGER) == dict.fromkeys(paged, 1), paged
    for bot, alert in (CAUSES | {STALE_BOT: "ReconciliationLedgerStale"}).items():
        at, alerts = paged[bot][0]
        assert (alert, "critical") in alerts, bot
        late = at - running.watch.shown_at[bot] - (QUARTER if bot == STALE_BOT else 0)
        assert late <= WITHIN + SLACK, (bot, late)
    assert {name for name, _ in paged[EQUITIES_BOT][0][1]} >= CONSEQUENCES
    for bot, alert in WARNED.items():
        assert [alerts for _, alerts in arrivals.about(CHAT, bot)] == [[(alert, "warning")]], bot
