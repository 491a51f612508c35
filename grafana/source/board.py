"""A dashboard around its panels: variables, annotations, links to its siblings, numbers for panels and queries."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from grafana_foundation_sdk.builders.dashboard import (
    AnnotationQuery,
    Dashboard,
    DashboardLink,
    DatasourceVariable,
    QueryVariable,
    Row,
)
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DashboardLinkType,
    VariableOption,
    VariableRefresh,
    VariableSort,
)

import links
import selecting
from panels import DATASOURCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grafana_foundation_sdk.cog.builder import Builder
    from grafana_foundation_sdk.models import dashboard as models

# Chained: each knows those before it.
_QUERIES: Final = {
    "job": ("Scrape job", "label_values(recon_build_info, job)"),
    "instance": ("Exporter", 'label_values(recon_build_info{job=~"$job"}, instance)'),
    "bot": ("Bot", 'label_values(recon_check_enabled{job=~"$job"}, bot)'),
}
_ANY: Final = ".+"


class Section:
    """A heading and the panels below it, which fill lines of 24 columns from left to right."""

    def __init__(self, title: str, *panels: Any) -> None:
        self.title = title
        self.panels = panels


def dashboard(
    uid: str,
    title: str,
    description: str,
    sections: Sequence[Section],
    *,
    second: str = "bot",
    back: str = "now-6h",
    refresh: str = "30s",
) -> dict[str, Any]:
    """The dashboard as Grafana reads it; ``second`` is the variable beside the scrape job: bot or instance."""
    about_exporter = second == "instance"
    builder = (
        Dashboard(title)
        .uid(uid)
        .description(description)
        .tags([links.TAG])
        .readonly()
        .time(back, "now")
        .refresh(refresh)
        .timezone("browser")
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .with_variable(DatasourceVariable("datasource").label("Data source").type("prometheus"))
        .with_variable(_variable("job"))
        .with_variable(_variable(second))
        .annotations(_annotations(about_exporter=about_exporter))
        .link(_siblings())
        .link(_page("Runs", links.runs()[1]))
        .link(_page("Breaks", links.breaks()[1]))
        .link(_page("Runbooks", links.runbooks()))
    )
    for section in sections:
        builder = builder.with_row(Row(section.title))
        for panel in section.panels:
            builder = builder.with_panel(panel)
    document: dict[str, Any] = json.loads(JSONEncoder().encode(builder.build()))
    return _numbered(document)


def _variable(name: str) -> QueryVariable:
    label, query = _QUERIES[name]
    return (
        QueryVariable(name)
        .label(label)
        .datasource(DATASOURCE)
        .query(query)
        .definition(query)
        .multi(multi=True)
        .include_all(include_all=True)
        .all_value(_ANY)
        .current(VariableOption(selected=True, text=["All"], value=["$__all"]))
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(VariableSort.NATURAL_ASC)
    )


def _annotations(*, about_exporter: bool) -> list[Builder[models.AnnotationQuery]]:
    told = [("Critical alerts", "critical", "red"), ("Warnings", "warning", "orange")]
    if not about_exporter:
        told.append(("All-clears", "info", "green"))
    alerts = [
        _annotation(name, colour, selecting.alerts(severity, about_exporter=about_exporter))
        .title_format("{{alertname}} {{cleared}}")
        .text_format("{{bot}} {{check}} {{break_type}}")
        .tag_keys("severity")
        for name, severity, colour in told
    ]
    happened = (
        ("Starts of the exporter", "blue", "process_start_time_seconds"),
        ("Configurations taken", "purple", "recon_config_last_reload_success_timestamp_seconds"),
    )
    changes = [
        _annotation(name, colour, f"changes({selecting.of_instances(metric)}[2m]) > 0")
        .title_format(name)
        .text_format("{{instance}}")
        for name, colour, metric in happened
    ]
    return [*alerts, *(changes if about_exporter else ())]


def _annotation(name: str, colour: str, expression: str) -> AnnotationQuery:
    mark = AnnotationQuery().name(name).datasource(DATASOURCE).enable(enable=True).icon_color(colour)
    return mark.expr(expression).step("60s")


def _siblings() -> DashboardLink:
    link = DashboardLink("Reconciliation").type(DashboardLinkType.DASHBOARDS).tags([links.TAG])
    return link.include_vars(include_vars=True).keep_time(keep_time=True).as_dropdown(as_dropdown=True)


def _page(title: str, url: str) -> DashboardLink:
    return DashboardLink(title).type(DashboardLinkType.LINK).url(url).icon("external link")


def _numbered(document: dict[str, Any]) -> dict[str, Any]:
    """What the builders leave out: the ids of panels, the letters of queries and where each query goes."""
    for number, panel in enumerate(document["panels"], 1):
        panel["id"] = number
        for letter, target in zip("ABCDEFGH", panel.get("targets", ()), strict=False):
            target["refId"] = letter
            target["datasource"] = {"type": "prometheus", "uid": "${datasource}"}
    # Where links stand is for each version of Grafana to say; by default the builders hide them in a menu.
    _without_placement(document)
    return document


def _without_placement(node: Any) -> None:
    if isinstance(node, dict):
        if node.keys() >= {"title", "targetBlank"}:
            node.pop("placement", None)
        for value in node.values():
            _without_placement(value)
    elif isinstance(node, list):
        for value in node:
            _without_placement(value)
