"""Findings and notices as text, in which every value keeps its type: a Decimal comes back as the same Decimal."""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from recon_exporter.domain.document import time_text
from recon_exporter.domain.finding import Detail, Finding, Severity
from recon_exporter.domain.memory import CarriedFinding, Notice, NoticeKind


def carried_text(carried: CarriedFinding) -> str:
    finding = carried.finding
    return json.dumps(
        {
            "severity": finding.severity.value,
            "check": finding.check,
            "message": finding.message,
            "bot": finding.bot,
            "details": {key: _encoded(value) for key, value in finding.details.items()},
            "step_at": time_text(finding.step_at) if finding.step_at else None,
            "occurrences": carried.occurrences,
            "last_at": time_text(carried.last_at),
        }
    )


def carried_of(text: str) -> CarriedFinding:
    told = json.loads(text)
    finding = Finding(
        severity=Severity(told["severity"]),
        check=told["check"],
        message=told["message"],
        bot=told["bot"],
        details={key: _decoded(value) for key, value in told["details"].items()},
        step_at=datetime.fromisoformat(told["step_at"]) if told["step_at"] else None,
    )
    return CarriedFinding(finding, told["occurrences"], datetime.fromisoformat(told["last_at"]))


def notice_text(notice: Notice) -> str:
    return json.dumps(
        {
            "kind": notice.kind.value,
            "at": time_text(notice.at),
            "fingerprint": notice.fingerprint,
            "involved": sorted(notice.involved),
        }
    )


def notice_of(text: str) -> Notice:
    told = json.loads(text)
    involved = frozenset((bot, check) for bot, check in told["involved"])
    return Notice(NoticeKind(told["kind"]), datetime.fromisoformat(told["at"]), told["fingerprint"], involved)


def _encoded(value: Detail) -> object:
    """JSON in which what JSON has no type for is an object with one key, the type's name."""
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, datetime):
        return {"time": time_text(value)}
    if isinstance(value, Mapping):
        return {"mapping": {key: _encoded(item) for key, item in value.items()}}
    return [_encoded(item) for item in value]


def _decoded(value: Any) -> Detail:  # noqa: ANN401  # what json.loads returns
    if isinstance(value, list):
        return tuple(_decoded(item) for item in value)
    if not isinstance(value, dict):
        plain: str | int | None = value
        return plain
    if "decimal" in value:
        return Decimal(value["decimal"])
    if "time" in value:
        return datetime.fromisoformat(value["time"])
    return {key: _decoded(item) for key, item in value["mapping"].items()}
