"""What a report tells at its two ends, the JSON document and the metrics page, of the findings looked for."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recon_exporter.domain.document import DocumentContext, report_document, to_json
from recon_exporter.domain.finding import Detail
from recon_exporter.domain.report import Report
from recon_exporter.sinks.page.samples import render
from recon_exporter.telemetry.exposition import Format, escaped

CONTEXT = DocumentContext(
    exchange_source_enabled=True, exchange_snapshot_path="", thresholds_path="", exporter_version=""
)
FAMILY = "recon_finding"


@dataclass(frozen=True, slots=True)
class Sought:
    """A finding that must be there: its bot, check and code, and those of its details that must be as they are here."""

    bot: str
    check: str
    code: str
    details: Mapping[str, Detail]


class Told:
    """The texts of one report."""

    def __init__(self, report: Report) -> None:
        self._findings: list[Mapping[str, Any]] = _read(report_document(report, CONTEXT))["findings"]
        self._page = render(report, {}).select({FAMILY}, Format.TEXT).decode()

    def holds(self, sought: Sought) -> bool:
        """Whether both the document and the page tell the finding."""
        details = _read(sought.details)
        found = [finding["details"] for finding in self._findings if _is(finding, sought)]
        in_document = any(details.items() <= of.items() for of in found)
        labels = f'bot="{escaped(sought.bot)}",check="{sought.check}",code="{sought.code}"'
        return in_document and f"{FAMILY}{{{labels}," in self._page


def _is(finding: Mapping[str, Any], sought: Sought) -> bool:
    return (finding["bot"], finding["check"], finding["message"]) == (sought.bot, sought.check, sought.code)


def _read(document: object) -> Any:  # noqa: ANN401  # as it comes out of JSON
    return json.loads(to_json(document), parse_float=str, parse_int=str)
