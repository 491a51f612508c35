"""What is told about an end-of-day run."""

from __future__ import annotations

import json
from dataclasses import replace

from recon_exporter.domain.breaks import BreakState
from recon_exporter.outgoing_eod import history_entry
from recon_exporter.ports import EodMemory
from support.positions import DAY, MINUTE, NOW, make_break, make_discrepancy

RETENTION = 30 * DAY


def test_history_holds_what_is_open_what_was_resolved_within_retention_and_what_is_to_be_reviewed() -> None:
    standing = make_break(make_discrepancy(symbol="OPEN"), first_seen=NOW - 90 * DAY)
    ended = {
        symbol: replace(
            make_break(make_discrepancy(symbol=symbol), first_seen=NOW - 90 * DAY),
            state=BreakState.RESOLVED,
            resolved_at=NOW - age,
        )
        for symbol, age in {"YOUNG": RETENTION, "OLD": RETENTION + MINUTE, "REVIEW": 80 * DAY}.items()
    }
    ended["REVIEW"] = replace(ended["REVIEW"], for_review=True)
    memory = EodMemory(7, (standing, *ended.values()), (), {}, {}, ())
    just_ended = replace(standing, state=BreakState.RESOLVED, resolved_at=NOW)

    before, after = (
        json.loads(history_entry(memory, changed, NOW, RETENTION).body)["breaks"] for changed in ((), (just_ended,))
    )

    assert {one["symbol"] for one in before} == {"OPEN", "YOUNG", "REVIEW"}
    assert before[0]["symbol"] == "OPEN"
    assert {one["symbol"]: one["resolved_at"] is not None for one in after} == dict.fromkeys(
        ("OPEN", "YOUNG", "REVIEW"), True
    )
