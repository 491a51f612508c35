"""What tolerances let through, summed over looks: each look counts once, whichever cycles it served."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from recon_exporter.domain.finding import CheckResult
from recon_exporter.domain.money import ZERO, total

Sums = tuple[Decimal, Decimal]


class ToleratedSums:
    """The positive and the negative differences that tolerances let through, by bot and check."""

    def __init__(self) -> None:
        self._sums: dict[tuple[str, str], Sums] = {}
        self._counted_at: dict[tuple[str, str], datetime] = {}

    def add(self, results: Iterable[CheckResult], looked_at: datetime) -> None:
        """Count what the checks of one bot let through at a look."""
        for result in results:
            key = (result.bot, result.check)
            before = self._counted_at.get(key)
            if result.differences is None or (before is not None and looked_at <= before):
                continue
            known, new = self._sums.get(key, (ZERO, ZERO)), result.differences.tolerated_sums
            self._sums[key] = (total((known[0], new[0])), total((known[1], new[1])))
            self._counted_at[key] = looked_at

    @property
    def sums(self) -> Mapping[tuple[str, str], Sums]:
        """By bot and check."""
        return dict(self._sums)
