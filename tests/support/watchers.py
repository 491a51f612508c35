"""What Prometheus and Alertmanager say of themselves, as far as our rules and dashboards ask for it: all counters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

WATCHERS: Mapping[str, frozenset[str]] = {
    "prometheus_rule_evaluation_failures_total": frozenset({"rule_group"}),
    "prometheus_notifications_errors_total": frozenset({"alertmanager"}),
    "alertmanager_notification_requests_failed_total": frozenset({"integration"}),
}
"""By name, the labels beside job and instance that we rely on; newer versions have more."""

OF_WATCHERS = re.compile(r"(?<![\w:/.-])(?:prometheus|alertmanager)_\w+(?![\w:(])")
