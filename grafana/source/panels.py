"""Panels of one house style: every one titled, described and with a unit; the unknown grey, and saying UNKNOWN."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeVar

from grafana_foundation_sdk.builders import common, prometheus, stat, statetimeline, table, timeseries
from grafana_foundation_sdk.builders.dashboard import FieldColor
from grafana_foundation_sdk.models import common as kinds
from grafana_foundation_sdk.models.dashboard import (
    DataTransformerConfig,
    DynamicConfigValue,
    FieldColorModeId,
    MatcherConfig,
)
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

import links
from looks import BAD, PLAIN, STATES, STATUSES, UNKNOWN, Steps, Words, mappings, thresholds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from links import Link

DATASOURCE: Final = kinds.DataSourceRef(type_val="prometheus", uid="${datasource}")
Builder = TypeVar("Builder", stat.Panel, statetimeline.Panel, table.Panel, timeseries.Panel)

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})
_BACKGROUND: Final = kinds.TableColoredBackgroundCellOptions(
    mode=kinds.TableCellBackgroundDisplayMode.BASIC, apply_to_row=False
)
_HEIGHT: Final = 8
_STAT_WIDTH, _STAT_HEIGHT = 4, 4


def instant(expression: str, legend: str = "") -> prometheus.Dataquery:
    """What is true at the end of the time range; a dead exporter has none, so its last word is not shown as news."""
    return prometheus.Dataquery().expr(expression).legend_format(legend).instant()


def over_time(expression: str, legend: str = "") -> prometheus.Dataquery:
    """The same over the time range."""
    return prometheus.Dataquery().expr(expression).legend_format(legend).range()


def number(
    title: str,
    description: str,
    expression: str,
    *,
    unit: str = "short",
    steps: Steps = BAD,
    words: Words = (),
    goes_to: Sequence[Link] = (),
    legend: str = "",
) -> stat.Panel:
    """One number, or with a legend its series' name, that can be read across a room."""
    panel = (
        stat.Panel()
        .span(_STAT_WIDTH)
        .height(_STAT_HEIGHT)
        .graph_mode(kinds.BigValueGraphMode.NONE)
        .color_mode(kinds.BigValueColorMode.BACKGROUND)
        .text_mode(kinds.BigValueTextMode.NAME if legend else kinds.BigValueTextMode.VALUE)
        .reduce_options(common.ReduceDataOptions().calcs(["last"]).values(values=False))
        .with_target(instant(expression, legend))
    )
    return _dressed(panel, title, description, unit, steps, words, goes_to)


def graph(
    title: str,
    description: str,
    queries: Sequence[prometheus.Dataquery],
    *,
    unit: str = "short",
    steps: Steps = (),
    dashed: Mapping[str, str] = _NOTHING,
    stacked: bool = False,
    goes_to: Sequence[Link] = (),
    width: int = 12,
) -> timeseries.Panel:
    """Values over time. ``steps`` are drawn as lines; ``dashed`` are colours of series, by name, that are limits."""
    panel = timeseries.Panel().span(width).height(_HEIGHT).targets(list(queries)).fill_opacity(60 if stacked else 0)
    panel = panel.line_width(1).show_points(kinds.VisibilityMode.AUTO).span_nulls(span_nulls=False)
    panel = panel.tooltip(
        common.VizTooltipOptions().mode(kinds.TooltipDisplayMode.MULTI).sort(kinds.SortOrder.DESCENDING)
    )
    panel = panel.legend(
        common.VizLegendOptions()
        .show_legend(show_legend=True)
        .display_mode(kinds.LegendDisplayMode.LIST)
        .placement(kinds.LegendPlacement.BOTTOM)
    )
    if stacked:
        panel = panel.stacking(common.StackingConfig().mode(kinds.StackingMode.NORMAL).group("A"))
        panel = panel.draw_style(kinds.GraphDrawStyle.BARS)
    if steps:
        panel = panel.thresholds_style(common.GraphThresholdsStyleConfig().mode(kinds.GraphThresholdsStyleMode.DASHED))
    for name, colour in dashed.items():
        panel = panel.with_override(MatcherConfig("byNames", {"mode": "include", "names": [name]}), _limit_line(colour))
    panel = _dressed(panel, title, description, unit, steps, (), goes_to)
    return panel.color_scheme(FieldColor().mode(FieldColorModeId.PALETTE_CLASSIC))


def states(
    title: str,
    description: str,
    expression: str,
    legend: str,
    *,
    words: Words = STATES,
    goes_to: Sequence[Link] = (),
    width: int = 24,
    height: int = _HEIGHT,
) -> statetimeline.Panel:
    """Bands of states over time, twenty to a page."""
    panel = statetimeline.Panel().span(width).height(height).with_target(over_time(expression, legend))
    panel = panel.merge_values(merge_values=True).show_value(kinds.VisibilityMode.NEVER).row_height(0.8).per_page(20)
    panel = (
        panel.fill_opacity(90)
        .line_width(0)
        .legend(
            common.VizLegendOptions()
            .show_legend(show_legend=True)
            .display_mode(kinds.LegendDisplayMode.LIST)
            .placement(kinds.LegendPlacement.BOTTOM)
        )
    )
    return _dressed(panel, title, description, "short", PLAIN, words, goes_to)


def rows(
    title: str,
    description: str,
    columns: Mapping[str, str],
    *,
    labels: Sequence[str],
    goes_to: Sequence[Link],
    unit: str = "short",
    steps: Steps = (),
    empty: str = UNKNOWN,
    sort: str = "",
    width: int = 24,
    height: int = 10,
) -> table.Panel:
    """A table: ``columns`` are queries by the heading of their values, which follow the ``labels``.

    The rows of all queries are joined by the labels that all of them have; an empty heading leaves the values out.
    Every cell of a row leads to the same places. Words of a status have their colours wherever they stand.
    """
    letters = [f" #{chr(ord('A') + index)}" for index in range(len(columns))]
    # A single query's values are called Value or Value #A, as the version of Grafana has it.
    headings = {f"Value{letter}": heading for letter, heading in zip(letters, columns, strict=True)}
    if len(columns) == 1:
        headings["Value"] = headings["Value #A"]
    panel = table.Panel().span(width).height(height).cell_height(kinds.TableCellHeight.SM)
    for expression in columns.values():
        panel = panel.with_target(instant(expression).format(PromQueryFormat.TABLE))
    panel = panel.transformations(_joined(labels, headings))
    if sort:
        panel = panel.sort_by([common.TableSortByFieldState().display_name(sort).desc(desc=sort not in labels)])
    panel = _dressed(panel, title, description, unit, (), STATUSES, goes_to)
    # The lowest step colours the background of words too; values that are not known are grey by the mapping.
    panel = panel.thresholds(thresholds(steps, lowest="transparent"))
    return panel.cell_options(_BACKGROUND).no_value(empty)


def _joined(labels: Sequence[str], headings: Mapping[str, str]) -> list[DataTransformerConfig]:
    """One row for each set of labels, which keep their names, because links speak of them by name."""
    shown = {name: heading for name, heading in headings.items() if heading}
    left_out = ["Time", "job", *(name for name in headings if name not in shown)]
    arranged = {
        "excludeByName": dict.fromkeys(left_out, True),
        "indexByName": {name: index for index, name in enumerate((*labels, *shown))},
        "renameByName": shown,
    }
    return [DataTransformerConfig("merge", options={}), DataTransformerConfig("organize", options=arranged)]


def _dressed(
    panel: Builder,
    title: str,
    description: str,
    unit: str,
    steps: Steps,
    words: Words,
    goes_to: Sequence[Link],
) -> Builder:
    """What all panels have."""
    panel = panel.title(title).description(description).datasource(DATASOURCE).unit(unit).no_value(UNKNOWN)
    panel = panel.thresholds(thresholds(steps)).mappings(mappings(words))
    panel = panel.color_scheme(FieldColor().mode(FieldColorModeId.THRESHOLDS))
    return panel.data_links(links.of_panel(*goes_to)) if goes_to else panel


def _limit_line(colour: str) -> list[DynamicConfigValue]:
    return [
        DynamicConfigValue("color", {"mode": "fixed", "fixedColor": colour}),
        DynamicConfigValue("custom.lineStyle", {"fill": "dash", "dash": [10, 10]}),
    ]
