"""The shipped rules, routes and intervals with every wait divided: hours pass in seconds, and nothing else changes.

Waits keep their order: none gets longer, and none falls below what programs that look every second can tell apart.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LOOK_SECONDS = 1.0
"""How often at most Prometheus scrapes and evaluates, and the exporter makes a cycle."""

WINDOW_SECONDS = 10.0
"""The shortest window over samples that come every second, and the shortest age that says that something stands."""

SIGN_OF_LIFE_SECONDS = 0.9
"""A repeat that is meant to come with each look must come before it."""

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_DURATION = re.compile(r"(\d+)(ms|[smhdw])")
_WINDOW = re.compile(r"\[(?P<span>(?:\d+(?:ms|[smhdw]))+)\]")
_AGE = re.compile(r"(?<=[>+] )(?P<seconds>\d{2,})\b")


@dataclass(frozen=True, slots=True)
class Pace:
    """Time runs ``scale`` times as fast as the shipped files say."""

    scale: float = 1.0

    def seconds(self, wait: float, shortest: float = LOOK_SECONDS) -> float:
        """This many seconds instead of ``wait``: divided, but not below ``shortest`` nor above what it was."""
        return max(min(wait, shortest), wait / self.scale)

    def span(self, text: str, shortest: float = LOOK_SECONDS) -> str:
        """A duration such as ``15m``, divided."""
        wait = seconds(text)
        paced = self.seconds(wait, shortest)
        return text if paced == wait else _text(paced)

    def rules(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """A rule file: waits before firing, windows and ages in expressions."""
        groups = [{**group, "rules": [self._rule(rule) for rule in group["rules"]]} for group in document["groups"]]
        return {**document, "groups": groups}

    def expression(self, text: str) -> str:
        """A query with its windows divided, and its ages where it asks for the time."""
        paced = _WINDOW.sub(lambda window: f"[{self.span(window['span'], WINDOW_SECONDS)}]", text)
        if "time()" not in text:
            return paced
        return _AGE.sub(lambda age: f"{self.seconds(float(age['seconds']), WINDOW_SECONDS):g}", paced)

    def intervals(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """The section ``global`` of Prometheus: how often it scrapes and evaluates."""
        return {
            name: self.span(value) if name.endswith(("_interval", "_timeout")) else value
            for name, value in document.items()
        }

    def routes(self, route: Mapping[str, Any]) -> dict[str, Any]:
        """A route of Alertmanager with those below it. Reminders come no faster, signs of life do."""
        paced = dict(route)
        for name in ("group_wait", "group_interval"):
            if name in paced:
                paced[name] = self.span(paced[name])
        if "repeat_interval" in paced and seconds(paced["repeat_interval"]) <= _UNITS["m"]:
            paced["repeat_interval"] = self.span(paced["repeat_interval"], SIGN_OF_LIFE_SECONDS)
        if "routes" in paced:
            paced["routes"] = [self.routes(below) for below in paced["routes"]]
        return paced

    def _rule(self, rule: Mapping[str, Any]) -> dict[str, Any]:
        paced = {**rule, "expr": self.expression(rule["expr"])}
        if "for" in rule:
            paced["for"] = self.span(rule["for"])
        return paced


def seconds(text: str) -> float:
    """The seconds of a duration as Prometheus writes it. Raises ValueError for what is none."""
    if not re.fullmatch(f"(?:{_DURATION.pattern})+", text):
        raise ValueError(f"{text!r} is no duration; expected something like 15m or 1h30m")
    return sum(int(number) * _UNITS[unit] for number, unit in _DURATION.findall(text))


def _text(value: float) -> str:
    """A duration in whole milliseconds."""
    milliseconds = round(value * 1000)
    return f"{milliseconds // 1000}s" if milliseconds % 1000 == 0 else f"{milliseconds}ms"
