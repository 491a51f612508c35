"""What one measurement found, as one line of the table."""

from dataclasses import dataclass
from enum import StrEnum

MEBIBYTE = 1 << 20


class Unit(StrEnum):
    """What a value counts; times are in seconds."""

    SECONDS = "s"
    CORES = "cores"
    BYTES = "bytes"


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is measured against: ``at_most`` is the largest share of it that meets the target, None without one."""

    name: str
    value: float
    at_most: float | None = None
    at_least: float | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """One line. ``limit`` is the target of the value itself; ``peak`` the most memory of its process, in bytes."""

    row: str
    what: str
    value: float
    unit: Unit = Unit.SECONDS
    baseline: Baseline | None = None
    limit: float | None = None
    peak: int | None = None

    @property
    def ratio(self) -> float | None:
        """The value in units of its baseline."""
        return None if self.baseline is None else self.value / self.baseline.value

    @property
    def has_target(self) -> bool:
        """Whether anything is asked of it."""
        baseline = self.baseline
        return self.limit is not None or (
            baseline is not None and (baseline.at_most is not None or baseline.at_least is not None)
        )

    @property
    def is_met(self) -> bool:
        """Whether it is within all its targets."""
        if self.limit is not None and not self.value <= self.limit:
            return False
        ratio, baseline = self.ratio, self.baseline
        if ratio is None or baseline is None:
            return True
        below = baseline.at_most is None or ratio <= baseline.at_most
        return below and (baseline.at_least is None or ratio >= baseline.at_least)
