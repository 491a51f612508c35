"""Where a click leads: another dashboard, a runbook, a page of the exporter.

Links between dashboards have no host: they stay in the Grafana that shows them. The others begin with the addresses
that `recon-exporter bundle export` rewrites.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from grafana_foundation_sdk.builders.dashboard import DashboardLink
from grafana_foundation_sdk.models.dashboard import DashboardLinkType

from recon_exporter.bundle import EXPORTER_URL, PUBLIC_RUNBOOK_URL, RUNBOOK_URL

if TYPE_CHECKING:
    from grafana_foundation_sdk.cog.builder import Builder
    from grafana_foundation_sdk.models import dashboard as models

TAG: Final = "recon-exporter"
_KEPT: Final = "${datasource:queryparam}&${job:queryparam}&${__url_time_range}"
_BOT_OF_ROW: Final = "${__data.fields.bot:percentencode}"
_BOT_OF_SERIES: Final = "${__field.labels.bot:percentencode}"
_ALERT: Final = "${__data.fields.alertname}"

Link = tuple[str, str]
"""What the click is called, and where it leads."""


def dashboard_of_bot(uid: str = "recon-bot", *, of_series: bool = False) -> Link:
    """The dashboard of the bot in the row, or of the series, that was clicked."""
    bot = _BOT_OF_SERIES if of_series else _BOT_OF_ROW
    return ("Dashboard of this bot", f"/d/{uid}?{_KEPT}&var-bot={bot}")


def dashboard(uid: str, title: str, *, keeps_bot: bool = False) -> Link:
    """Another dashboard at the same time range."""
    return (title, f"/d/{uid}?{_KEPT}{'&${bot:queryparam}' if keeps_bot else ''}")


def breaks_of_bot() -> Link:
    """The exporter's page of breaks of the bot in the row."""
    return ("Breaks, explained by the exporter", f"{EXPORTER_URL}/breaks?bot={_BOT_OF_ROW}")


def breaks() -> Link:
    """The exporter's page of all breaks."""
    return ("Breaks, explained by the exporter", f"{EXPORTER_URL}/breaks")


def runs() -> Link:
    """The exporter's page of its last runs."""
    return ("Last runs of the exporter", f"{EXPORTER_URL}/runs")


def runbooks() -> str:
    """The index of the runbooks."""
    return f"{RUNBOOK_URL}/README"


def runbook(alert: str) -> Link:
    """The runbook of one alert."""
    return (f"Runbook {alert}", f"{RUNBOOK_URL}/{alert}")


def runbook_of_alert(*, about_exporter: bool = False) -> Link:
    """The runbook of the alert in the row; that about the exporter is read where the exporter is not needed."""
    page = f"{PUBLIC_RUNBOOK_URL}/{_ALERT}.md" if about_exporter else f"{RUNBOOK_URL}/{_ALERT}"
    return ("Runbook", page)


def of_panel(*links: Link) -> list[Builder[models.DashboardLink]]:
    """The links as data links of a panel."""
    return [
        DashboardLink(title).url(url).type(DashboardLinkType.LINK).target_blank(target_blank=False)
        for title, url in links
    ]
