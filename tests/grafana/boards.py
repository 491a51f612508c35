"""The committed dashboards as their tests see them: panels, queries, links, and what Grafana makes of a query."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).parent.parent.parent
DASHBOARDS = ROOT / "grafana" / "dashboards"
SOURCE = ROOT / "grafana" / "source"

# What Grafana puts into a query, at a scrape interval of 15 seconds and a time range of six hours.
BUILT_IN = {"__rate_interval": "1m", "__range": "6h", "__interval": "15s"}
_VARIABLE = re.compile(r"\$(?:\{(?P<braced>\w+)(?::\w+)?\}|(?P<bare>\w+))")
_SPECIAL = re.compile(r"[\\$^*{}\[\]'+?.()|]")


@dataclass(frozen=True)
class Query:
    """One query of one panel."""

    board: str
    panel: str
    letter: str
    expression: str
    is_instant: bool

    @property
    def name(self) -> str:
        """What a list of exceptions calls it."""
        return f"{self.board}/{self.panel}/{self.letter}"


@dataclass(frozen=True)
class Board:
    """One dashboard."""

    document: Mapping[str, Any]

    @property
    def uid(self) -> str:
        return str(self.document["uid"])

    @property
    def panels(self) -> list[dict[str, Any]]:
        """Everything on the grid but the headings."""
        return [panel for panel in self.document["panels"] if panel["type"] != "row"]

    @property
    def variables(self) -> dict[str, dict[str, Any]]:
        return {variable["name"]: variable for variable in self.document["templating"]["list"]}

    @property
    def queries(self) -> list[Query]:
        return [
            Query(self.uid, panel["title"], target["refId"], target["expr"], bool(target.get("instant")))
            for panel in self.panels
            for target in panel["targets"]
        ]

    @property
    def annotations(self) -> list[dict[str, Any]]:
        return list(self.document["annotations"]["list"])


@cache
def boards() -> tuple[Board, ...]:
    """All committed dashboards."""
    return tuple(Board(json.loads(path.read_text())) for path in sorted(DASHBOARDS.glob("*.json")))


def queries() -> list[Query]:
    return [query for board in boards() for query in board.queries]


def substituted(expression: str, values: Mapping[str, list[str] | str]) -> str:
    """The query as Grafana sends it; a list is the choice of a variable of several values, text its value for All."""

    def value(match: re.Match[str]) -> str:
        chosen = {**BUILT_IN, **values}[match["braced"] or match["bare"]]
        if isinstance(chosen, str):
            return chosen
        escaped = [_SPECIAL.sub(lambda special: "\\\\" + special[0].replace("\\", "\\\\"), one) for one in chosen]
        return escaped[0] if len(escaped) == 1 else f"({'|'.join(escaped)})"

    return _VARIABLE.sub(value, expression)


def links_of(node: object) -> Iterator[str]:
    """Every address that a dashboard leads to."""
    if isinstance(node, dict):
        if isinstance(node.get("url"), str) and node["url"]:
            yield node["url"]
        for value in node.values():
            yield from links_of(value)
    elif isinstance(node, list):
        for value in node:
            yield from links_of(value)


def colour_of(panel: Mapping[str, Any], value: float | None) -> tuple[str, str | None]:
    """The colour that Grafana gives a value of a panel, None for no value, and the words for it where there are any."""
    defaults = panel["fieldConfig"]["defaults"]
    steps = defaults["thresholds"]["steps"]
    colour = next(
        step["color"]
        for step in reversed(steps)
        if step["value"] is None or (value is not None and value >= step["value"])
    )
    for mapping in defaults["mappings"]:
        if mapping["type"] == "value" and value is not None and f"{value:g}" in mapping["options"]:
            found = mapping["options"][f"{value:g}"]
            return found["color"], found["text"]
        if mapping["type"] == "special" and (value is None or value != value):  # noqa: PLR0124  # NaN alone is not itself
            found = mapping["options"]["result"]
            return found["color"], found["text"]
    return colour, None if value is not None else defaults.get("noValue")
