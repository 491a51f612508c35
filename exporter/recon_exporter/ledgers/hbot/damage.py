"""What could not be read, by the UTC day whose verdicts it concerns."""

from dataclasses import dataclass
from datetime import date

from recon_exporter.domain.statement import Damage

KEPT = 20
SHOWN = 120


@dataclass(frozen=True, slots=True)
class DamageLog:
    """Damages with their days. The first 20 of a day and source are kept, and after them the first of each field."""

    entries: tuple[tuple[date, Damage], ...] = ()

    def with_damage(self, day: date, damage: Damage) -> "DamageLog":
        """The log with one damage more."""
        alike = [other for of, other in self.entries if of == day and other.source == damage.source]
        if len(alike) >= KEPT and any(other.field == damage.field for other in alike):
            return self
        return DamageLog((*self.entries, (day, damage)))

    def since(self, day: date) -> "DamageLog":
        """The log without earlier days."""
        if all(of >= day for of, _ in self.entries):
            return self
        return DamageLog(tuple(entry for entry in self.entries if entry[0] >= day))

    def from_day(self, day: date) -> tuple[Damage, ...]:
        """The damages of the day, and of the next one where a clock is a little ahead."""
        return tuple(damage for of, damage in self.entries if of >= day)


def shown(line: bytes) -> str:
    """The beginning of a line, readable in a report."""
    return line[:SHOWN].decode(errors="backslashreplace").replace("\0", "\\x00")
