"""The runbook's user has its paths and variables, and writes no YAML."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from end_to_end.world import command, now, receiving
from recon_exporter.demo.hbot_writer import HbotFiles, account_entry, minute_event, minute_row, snapshot_document

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNTS = {
    "version": 1,
    "defaults": {"exchange": "bitget", "credential_prefix": "BOT1", "account_mode": "probe"},
    "bots": {"bot2": {"exchange": "none", "account_mode": "disabled"}},
}


def write_books(folder: Path) -> dict[str, str]:
    """Books, snapshot, thresholds and account map away from the default paths, and the variables that name them."""
    files = HbotFiles(folder / "elsewhere")
    at = now()
    row = minute_row(at, base_pct=Decimal("0.9"), base_balance=Decimal("0.18"), quote_balance=Decimal(1000))
    for bot in ("bot1", "bot2"):
        files.append_minutes(bot, [row])
    held = account_entry(minute_row(at))
    files.replace_snapshot(snapshot_document(at - timedelta(seconds=5), {"bot1": held, "bot2": {}}))
    (folder / "limits.json").write_text('{"version": 1, "bots": {"bot2": {"inventory_critical": 0.6}}}')
    (folder / "accounts.json").write_text(json.dumps(ACCOUNTS))
    store = HbotFiles(folder)
    store.append_events(at.date(), [minute_event("bot1", row)])
    return {
        "HB_DATA_ROOT": str(files.data),
        "RECON_THRESHOLDS_PATH": "limits.json",
        "EXCHANGE_ACCOUNT_MAP_PATH": "accounts.json",
        "RECON_EXCHANGE_SOURCE_ENABLED": "true",
        "RECON_EXCHANGE_SNAPSHOT_PATH": str(files.snapshot),
        "RECON_INVENTORY_DRIFT_WARN": "0.30",
        "RECON_INVENTORY_DRIFT_CRITICAL": "0.35",
        "RECON_ALERT_MIN_SEVERITY": "warning",
        "RECON_INTERVAL_SEC": "60",
    }


def test_paths_and_variables_of_the_runbook_are_enough(tmp_path: Path) -> None:
    variables = write_books(tmp_path)
    with receiving() as (mailbox, url):
        result = command(tmp_path, "once", "--json", RECON_ALERT_WEBHOOK_URL=f"{url}/alert", **variables)

    assert result.returncode == 1, result.stderr
    told = {(item["bot"], item["message"]): item["details"] for item in json.loads(result.stdout)["findings"]}
    limits = {
        bot: (
            details["warn_threshold"],
            details["warn_origin"],
            details["critical_threshold"],
            details["critical_origin"],
        )
        for (bot, message), details in told.items()
        if message.startswith("inventory_drift_")
    }
    assert limits == {
        "bot1": (0.30, "environment", 0.35, "environment"),
        "bot2": (0.30, "environment", 0.6, "bot"),
    }
    assert ("bot1", "exchange_vs_local_base_pct_drift_critical") in told
    assert ("bot2", "exchange_vs_local_base_pct_drift_critical") not in told
    assert [document["status"] for document in mailbox.documents("/alert")] == ["critical"]
    assert (tmp_path / "reports" / "reconciliation" / "last_webhook_sent.json").exists()
