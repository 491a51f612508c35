"""What `once` prints leads on: each finding names its runbook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from recon_exporter.commands.summary import print_summary
from support.reports import broken_report

if TYPE_CHECKING:
    import pytest


def test_each_finding_names_its_runbook(capsys: pytest.CaptureFixture[str]) -> None:
    print_summary(broken_report(), Path("reports"))

    printed = capsys.readouterr().out
    assert "inventory_drift_critical  (runbook ReconciliationInventoryDrift)" in printed
    assert " checked, " in printed.splitlines()[0]
