"""The exceptions of the shell; what the business expects is a value instead.

ReconciliationError
├── ConfigurationError     the configuration is refused, with every error found
├── SourceError            a source as a whole is missing or cannot be read
│   └── SourceUnreadable   it may be there, but cannot be looked at
├── StateError             the state cannot be read or written
│   └── ProgressMoved      another process recorded progress in between: read again
├── AddressError           the address to serve on cannot be had
└── DeliveryFailed         a sink did not take a report; may be tried again
"""

from collections.abc import Sequence
from dataclasses import dataclass


class ReconciliationError(Exception):
    """The root of what this program raises on purpose."""


@dataclass(frozen=True, slots=True)
class ConfigurationProblem:
    """One error of the configuration: file (or variable), dotted path, value found, and what was expected."""

    file: str
    path: str
    value: str
    expected: str

    def __str__(self) -> str:
        return f"{self.file}: {self.path}: found {self.value}, expected {self.expected}"


class ConfigurationError(ReconciliationError):
    """The configuration is refused; ``problems`` holds every error, not only the first."""

    def __init__(self, problems: Sequence[ConfigurationProblem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class SourceError(ReconciliationError):
    """A source is missing or cannot be read as a whole; ``str()`` says which and why."""


class SourceUnreadable(SourceError):
    """A source cannot be looked at: what it holds, or whether it is there at all, is not known."""


class StateError(ReconciliationError):
    """The state cannot be read or written."""


class ProgressMoved(StateError):
    """Another process recorded progress since ours was loaded; nothing was written."""


class AddressError(ReconciliationError):
    """The address to serve on cannot be had; ``str()`` names it and why."""


class DeliveryFailed(ReconciliationError):
    """A sink did not take what it was given; ``str()`` says why, without secrets."""
