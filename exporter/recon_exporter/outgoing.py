"""What is to be told to whom about a report: the entries of the outbox that are recorded together with it."""

from dataclasses import dataclass, replace
from datetime import timedelta

from recon_exporter.domain.document import DocumentContext, report_document, to_json
from recon_exporter.domain.finding import Severity
from recon_exporter.domain.memory import Memory
from recon_exporter.domain.notice import decide_notice, notice_payload
from recon_exporter.domain.report import Report
from recon_exporter.domain.stamp import LATEST, is_stamp_due, report_fingerprint, stamp_name
from recon_exporter.ports import Outgoing


@dataclass(frozen=True, slots=True)
class WebhookTerms:
    """From which severity on the webhook is told, and how often what stands is repeated."""

    min_severity: Severity
    repeat: timedelta


@dataclass(frozen=True, slots=True)
class Telling:
    """The rules of what is told; ``webhook`` None where there is none. ``always_stamp`` keeps every report."""

    context: DocumentContext
    external_url: str
    webhook: WebhookTerms | None
    always_stamp: bool

    def __call__(self, report: Report, memory: Memory) -> tuple[Memory, tuple[Outgoing, ...]]:
        """The memory of what was decided, and the entries."""
        body = to_json(report_document(report, self.context))
        entries = [Outgoing(None, "report_file", LATEST, report.at, body)]
        if self.always_stamp or is_stamp_due(report, memory):
            entries.append(Outgoing(None, "report_file", stamp_name(report.at), report.at, body))
            memory = replace(memory, stamped_at=report.at, stamped_fingerprint=report_fingerprint(report))
        if self.webhook is not None:
            notice = decide_notice(report, memory.notice, self.webhook.min_severity, self.webhook.repeat)
            if notice is not None:
                memory = replace(memory, notice=notice)
                payload = to_json(notice_payload(report, notice, self.external_url))
                entries.append(Outgoing(None, "webhook", notice.kind.value, report.at, payload))
        return memory, tuple(entries)
