"""Write the alert rules from the alert table: `python alerts/source/generate.py [RULES [PROMETHEUS_RULE]]`.

The same groups are written twice: as a rule file of Prometheus, and as the object of its operator in Kubernetes.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import yaml

import forms
import texts
from both_sides import BOTH_SIDES
from end_of_day import END_OF_DAY
from model import Alert, Held, Plain
from money import MONEY
from pipeline import EXPORTER, WATCHDOG, WAY
from sight import SIGHT
from venues import VENUES

ALERTS = Path(__file__).parent.parent
RULES = ALERTS / "recon.rules.yml"
PROMETHEUS_RULE = ALERTS / "kubernetes" / "recon.prometheusrule.yml"
HEADER = """\
# Written by alerts/source/generate.py from the tables beside it; edit those, not this file.
# How money alerts are held until fresh proof is explained in alerts/source/forms.py.
"""
# How long an all-clear can be seen: longer than any wait of Alertmanager before it notifies.
ALL_CLEAR = "30m"


GROUPS = (
    ("recon-money", MONEY),
    ("recon-both-sides", BOTH_SIDES),
    ("recon-end-of-day", END_OF_DAY),
    ("recon-sight", (*SIGHT, *VENUES)),
    ("recon-exporter", (*EXPORTER, *WAY, WATCHDOG)),
)


class Dumper(yaml.SafeDumper):
    """Writes expressions of several lines as literal blocks."""


def _text(dumper: Dumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


Dumper.add_representer(str, _text)


def rule_file() -> str:
    """Return the whole rule file, the same bytes for the same table."""
    return _file({"groups": _groups()})


def prometheus_rule() -> str:
    """Return the same groups as a PrometheusRule."""
    name = "recon-exporter"
    metadata = {"name": name, "labels": {"app.kubernetes.io/name": name}}
    head = {"apiVersion": "monitoring.coreos.com/v1", "kind": "PrometheusRule", "metadata": metadata}
    return _file({**head, "spec": {"groups": _groups()}})


def _file(content: Mapping[str, object]) -> str:
    return HEADER + yaml.dump(content, Dumper=Dumper, sort_keys=False, width=120, allow_unicode=True)


def _groups() -> list[dict[str, object]]:
    return [
        {"name": name, "rules": [rule for alert in _ordered(rows) for rule in _rules(alert)]} for name, rows in GROUPS
    ]


def _ordered(rows: Iterable[Alert]) -> list[Alert]:
    """Each name's warning before its critical, which mutes it: so the warning is never the last to end."""
    names = list(dict.fromkeys(alert.name for alert in rows))
    return sorted(rows, key=lambda alert: (names.index(alert.name), alert.severity == "critical"))


def _rules(alert: Alert) -> Iterator[dict[str, object]]:
    if isinstance(alert.condition, Plain):
        yield _alert(alert, alert.condition.expression, {})
    else:
        yield from _held(alert, alert.condition)


def _held(alert: Alert, condition: Held) -> Iterator[dict[str, object]]:
    record = forms.record(alert, condition, "held")
    yield {"record": record, "expr": forms.held(record, condition)}
    labels = {"check": condition.check}
    yield _alert(alert, forms.firing(record, condition), labels, texts.verdict(condition))
    if alert.clears:
        ended = forms.record(alert, condition, "cleared")
        yield {"record": ended, "expr": forms.cleared(record, condition)}
        expression = f"last_over_time({ended}[{ALL_CLEAR}])\nand\n{record} == 0"
        yield _alert(texts.all_clear(alert), expression, {**labels, "cleared": alert.name})


def _alert(alert: Alert, expression: str, labels: dict[str, str], note: str = "") -> dict[str, object]:
    return {
        "alert": alert.name,
        "expr": expression,
        "for": alert.duration,
        "labels": {"severity": alert.severity, "component": alert.component, **labels},
        "annotations": texts.annotations(alert, note),
    }


if __name__ == "__main__":
    targets = [Path(argument) for argument in sys.argv[1:]] or [RULES, PROMETHEUS_RULE]
    for target, text in zip(targets, (rule_file(), prometheus_rule()), strict=False):
        target.write_text(text, encoding="utf-8")
