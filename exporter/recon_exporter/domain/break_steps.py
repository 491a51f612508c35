"""The steps in the life of a break, each the break that it makes and the name under which the audit log has it."""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from recon_exporter.domain.breaks import Break, BreakIdentity

_IDENTIFIER_DIGITS = 10


class Step(StrEnum):
    """What happens to a break; the action in the audit log."""

    OPENED = "break_opened"
    REOPENED = "break_reopened"
    CONFIRMED = "break_confirmed"
    CHANGED = "break_changed"
    RESOLVED = "break_resolved"
    ACKNOWLEDGED = "break_acknowledged"
    FLAGGED = "break_flagged_for_review"
    REVIEW_CLOSED = "break_review_closed"
    ACCEPTANCE_PROPOSED = "break_acceptance_proposed"
    ACCEPTED = "break_accepted"
    ACCEPTANCE_ENDED = "break_acceptance_ended"
    RETIRED = "break_retired"


@dataclass(frozen=True, slots=True)
class Transition:
    """A step and the break after it."""

    action: Step
    after: Break


def identifier(identity: BreakIdentity, first_seen: datetime) -> str:
    """Ten hexadecimal digits, the same for the same identity and opening time."""
    text = json.dumps([*identity, first_seen.isoformat()])
    return sha256(text.encode()).hexdigest()[:_IDENTIFIER_DIGITS]
