"""Write grafana/dashboards/ anew: `python grafana/source/write_dashboards.py [DIRECTORY]`."""

import json
import sys
from pathlib import Path
from typing import Any

import bot_dashboard
import end_of_day_dashboard
import exporter_dashboard
import fleet_dashboard

DASHBOARDS = Path(__file__).parent.parent / "dashboards"


def dashboards() -> list[dict[str, Any]]:
    """All dashboards, each new and its caller's own."""
    return [board.build() for board in (fleet_dashboard, bot_dashboard, end_of_day_dashboard, exporter_dashboard)]


if __name__ == "__main__":
    directory = Path(sys.argv[1]) if len(sys.argv) > 1 else DASHBOARDS
    directory.mkdir(parents=True, exist_ok=True)
    for document in dashboards():
        text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
        (directory / f"{document['uid']}.json").write_text(text, encoding="utf-8")
