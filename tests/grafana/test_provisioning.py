"""The files that bring data source and dashboards into Grafana by themselves."""

from __future__ import annotations

from typing import Any

import yaml

from grafana.boards import ROOT

PROVISIONING = ROOT / "grafana" / "provisioning"


def test_dashboards_are_provided_from_files_and_stay_as_they_are() -> None:
    [provider] = read("dashboards/recon.yml")["providers"]

    assert provider["type"] == "file"
    assert (provider["disableDeletion"], provider["allowUiUpdates"]) == (True, False)
    assert provider["folderUid"] == "reconciliation"
    # The place to which the description says that they are to be copied.
    assert provider["options"]["path"] in (ROOT / "grafana" / "README.md").read_text().replace(
        "exporter/`", "exporter`"
    )


def test_data_source_fits_the_shipped_prometheus() -> None:
    [source] = read("datasources/prometheus.yml")["datasources"]
    scraping = yaml.safe_load((ROOT / "config" / "prometheus.yml").read_text())

    assert source["type"] == "prometheus"
    assert source["jsonData"]["timeInterval"] == scraping["global"]["scrape_interval"]
    assert source["jsonData"]["httpMethod"] == "POST"
    assert source["jsonData"]["manageAlerts"] is False


def test_nothing_else_is_provisioned() -> None:
    files = {str(path.relative_to(PROVISIONING)) for path in PROVISIONING.rglob("*.*")}

    assert files == {"dashboards/recon.yml", "datasources/prometheus.yml"}


def read(name: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((PROVISIONING / name).read_text())
    return document
