"""Why a statement of somebody else's books is refused, raised on the way up to the adapter that answers with it."""

import reprlib

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.statement import Unavailable


class Refused(Exception):
    """Nothing may be taken from the source; ``str()`` names it, the place, what was found and what was expected."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason

    def unavailable(self) -> Unavailable:
        """The answer that takes the place of the statement."""
        return Unavailable(self.reason, str(self))


def malformed(place: str, found: object, expected: str) -> Refused:
    """A value that cannot be read, or must not be believed."""
    return Refused(Reason.SOURCE_MALFORMED, f"{place}: found {reprlib.repr(found)}, expected {expected}")
