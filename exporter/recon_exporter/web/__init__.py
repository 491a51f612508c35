"""HTTP: the metrics, health and readiness, reload, the status page, runbooks and configuration as pages."""

from recon_exporter.web.health import Health
from recon_exporter.web.runbook_pages import runbook_files
from recon_exporter.web.server import WebServer
from recon_exporter.web.site import PageSource, Site

__all__ = ["Health", "PageSource", "Site", "WebServer", "runbook_files"]
