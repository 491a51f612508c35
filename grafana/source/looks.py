"""Colours and words of values. Grey is UNKNOWN, and never anything else.

A panel without any sample takes the colour of its lowest threshold in Grafana: therefore that step is grey, and green
begins at a value. Colours other than grey are told by thresholds or mappings alone.
"""

from typing import Final

from grafana_foundation_sdk.builders.dashboard import DashboardSpecialValueMapOptions, ThresholdsConfig
from grafana_foundation_sdk.models.dashboard import (
    SpecialValueMap,
    SpecialValueMatch,
    Threshold,
    ThresholdsMode,
    ValueMap,
    ValueMapping,
    ValueMappingResult,
)

UNKNOWN: Final = "UNKNOWN"
GREY: Final = "#808080"

Steps = tuple[tuple[float, str], ...]
BAD: Final[Steps] = ((0, "green"), (1, "red"))
WORTH_A_LOOK: Final[Steps] = ((0, "green"), (1, "orange"))
PLAIN: Final[Steps] = ((0, "text"),)

Words = tuple[tuple[float | str, str, str], ...]
STATES: Final[Words] = (
    (-1, "OFF", "#5a5a5a"),
    (0, "OK", "green"),
    (1, UNKNOWN, GREY),
    (2, "WARNING", "orange"),
    (3, "CRITICAL", "red"),
)
STATUSES: Final[Words] = (
    ("off", "OFF", "#5a5a5a"),
    ("ok", "OK", "green"),
    ("unknown", UNKNOWN, GREY),
    ("warning", "WARNING", "orange"),
    ("critical", "CRITICAL", "red"),
)
UP_OR_DOWN: Final[Words] = ((0, "DOWN", "red"), (1, "UP", "green"))
YES_OR_NO: Final[Words] = ((0, "BAD", "red"), (1, "GOOD", "green"))


def thresholds(steps: Steps, lowest: str = GREY) -> ThresholdsConfig:
    """The steps above the lowest, which is the colour of what has no value."""
    found = [Threshold(None, lowest), *(Threshold(value, colour) for value, colour in steps)]
    return ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(found)


def mappings(words: Words) -> list[ValueMapping]:
    """The words for values, and UNKNOWN for none."""
    told = {
        str(value): ValueMappingResult(text=text, color=colour, index=index)
        for index, (value, text, colour) in enumerate(words)
    }
    nothing = DashboardSpecialValueMapOptions().match(SpecialValueMatch.NULL_AND_NAN)
    nothing = nothing.result(ValueMappingResult(text=UNKNOWN, color=GREY, index=len(words)))
    return [*([ValueMap(told)] if told else []), SpecialValueMap(nothing.build())]
