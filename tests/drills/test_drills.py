"""Every alert is delivered, its page works while it stands, and it ends once its condition is gone."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from drills.reading import is_over, read_page
from recon_exporter.drills.pace import Pace
from recon_exporter.drills.registry import DRILLS
from recon_exporter.drills.running import Reader, run

if TYPE_CHECKING:
    from pathlib import Path

    from recon_exporter.drills.scene import Drill

PACE = Pace(600)
VARIANTS = [
    pytest.param(drill, id=f"{alert}-{kind}")
    for alert in sorted(DRILLS)
    for kind, drill in DRILLS[alert].variants.items()
]


@pytest.mark.needs_program("prometheus", "prometheus-alertmanager", "promtool", "amtool", "curl")
@pytest.mark.parametrize("alert", sorted(DRILLS))
def test_alert_is_delivered_its_page_works_and_it_ends(alert: str, tmp_path: Path) -> None:
    check(DRILLS[alert], tmp_path, Reader(partial(read_page, alert), partial(is_over, alert)))


@pytest.mark.needs_program("prometheus", "prometheus-alertmanager")
@pytest.mark.parametrize("drill", VARIANTS)
def test_other_ways_to_an_alert_are_delivered_and_end(drill: Drill, tmp_path: Path) -> None:
    check(drill, tmp_path)


def check(drill: Drill, folder: Path, reader: Reader | None = None) -> None:
    """The drill passes; where it does not, its time line is shown."""
    timeline: list[str] = []
    outcome = run(drill, PACE, lambda subject, text: timeline.append(f"{subject:<9} {text}"), folder, reader)
    assert outcome.is_passed, "\n".join(timeline)
