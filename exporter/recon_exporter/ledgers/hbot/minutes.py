"""How rows of minute.csv add up to what is known of a bot; pure.

A row ahead of the clock by more than the skew allowed is set aside: it becomes neither the newest nor one to examine.
A line that cannot be read concerns the day that it tells itself, else the day of the next row, else today.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from operator import sub

from recon_exporter.domain.statement import Damage, MinuteRow
from recon_exporter.ledgers.hbot.damage import DamageLog
from recon_exporter.ledgers.hbot.minute_rows import malformed, with_numbers_read
from recon_exporter.reading.append_only import Checkpoint

SOURCE = "minute"
GAPS = 15
FEWEST_GAPS = 3
SHORTEST_CADENCE = timedelta(minutes=1)
LONGEST_CADENCE = timedelta(minutes=15)
NO_TIME = timedelta(0)


@dataclass(frozen=True, slots=True)
class MinuteProgress:
    """What has been read of one variant's rows.

    ``newest`` is the last readable row of the file, ``examined`` the last one that a recorded cycle was given: they
    differ only after rows have gone. ``closing`` is the last row of the day before that of ``newest``; ``times`` are
    those of the last rows; ``future_at`` is a time set aside on the day ``future_on``.
    """

    checkpoint: Checkpoint
    newest: MinuteRow | None = None
    examined: MinuteRow | None = None
    closing: MinuteRow | None = None
    times: tuple[datetime, ...] = ()
    future_at: datetime | None = None
    future_on: date | None = None
    damage: DamageLog = field(default_factory=DamageLog)
    bad_lines: int = 0

    def of_day(self, day: date) -> "MinuteProgress":
        """The progress without what concerned earlier days only."""
        damage = self.damage.since(day)
        return self if damage is self.damage else replace(self, damage=damage)

    def closing_of(self, day: date) -> MinuteRow | None:
        """The last row of the day before, where known."""
        found = next((row for row in (self.newest, self.closing) if row is not None and row.at.date() < day), None)
        return found if found is not None and found.at.date() == day - timedelta(days=1) else None

    def future_of(self, day: date, latest: datetime) -> datetime | None:
        """A time set aside on this day that is still ahead."""
        ahead = self.future_at if self.future_on == day else None
        return ahead if ahead is not None and ahead > latest else None


@dataclass(frozen=True, slots=True)
class MinuteReading:
    """One variant's progress with the rows to examine now, and the row before the first of them."""

    progress: MinuteProgress
    previous: MinuteRow | None
    rows: tuple[MinuteRow, ...] = ()


class MinuteFold:
    """Adds rows and bad lines, in the order of the file, to what was known.

    ``known`` is the progress that is continued, or the earlier one of a file that has to be read anew (``is_anew``):
    then only rows from today on are examined. ``latest`` is the latest time that is not in the future.
    """

    def __init__(self, known: MinuteProgress | None, day: date, latest: datetime, *, is_anew: bool) -> None:
        self._day, self._latest = day, latest
        self._since = day if is_anew else date.min
        continued = None if is_anew else known
        self._newest = continued.newest if continued else None
        self._closing = continued.closing if continued else None
        self._times = list(continued.times) if continued else []
        self._future = (continued.future_at, continued.future_on) if continued else (None, None)
        self._damage = continued.damage.since(day) if continued else DamageLog()
        self._examined = known.examined if known else None
        self._bad_lines = known.bad_lines if known else 0
        self._lost: list[tuple[date | None, Damage]] = []
        self._previous: MinuteRow | None = None
        self._rows: list[MinuteRow] = []

    def add_row(self, row: MinuteRow) -> None:
        """One more readable row."""
        if row.at > self._latest:
            ahead = self._future[0] if self._future[1] == self._day else None
            self._future = (max(row.at, ahead or row.at), self._day)
            return
        self._date_damage(row.at.date())
        self._note_malformed(row)
        if row.at.date() >= self._since:
            self._examine(row)
        if self._newest is not None and row.at.date() > self._newest.at.date():
            self._closing = self._newest
        self._newest = row
        self._times.append(row.at)

    def add_bad_line(self, at: datetime | None, place: str, text: str) -> None:
        """One more line that could not be read; ``at`` is the time that it tells, where that can be read."""
        self._bad_lines += 1
        day = None if at is None or at > self._latest else at.date()
        self._lost.append((day, Damage(SOURCE, None, place, text)))

    def reading(self, checkpoint: Checkpoint) -> MinuteReading:
        """All that has been added."""
        self._date_damage(self._day)
        newest = None if self._newest is None else with_numbers_read(self._newest)
        if newest is not None and self._rows and self._rows[-1] is self._newest:
            self._rows[-1] = newest
        progress = MinuteProgress(
            checkpoint=checkpoint,
            newest=newest,
            examined=newest or self._examined,
            closing=None if self._closing is None else with_numbers_read(self._closing),
            times=tuple(self._times[-GAPS - 1 :]),
            future_at=self._future[0],
            future_on=self._future[1],
            damage=self._damage,
            bad_lines=self._bad_lines,
        )
        return MinuteReading(progress, self._previous if self._rows else progress.examined, tuple(self._rows))

    def _examine(self, row: MinuteRow) -> None:
        if not self._rows:
            before = [other for other in (self._newest, self._examined) if other is not None and other.at < row.at]
            self._previous = max(before, key=lambda other: other.at, default=self._newest)
        self._rows.append(row)

    def _note_malformed(self, row: MinuteRow) -> None:
        values = list(malformed(row))
        self._bad_lines += bool(values)
        for column, value in values:
            self._note(row.at.date(), Damage(SOURCE, column, value.place, value.text))

    def _date_damage(self, day: date) -> None:
        for told, damage in self._lost:
            self._note(told or day, damage)
        self._lost.clear()

    def _note(self, day: date, damage: Damage) -> None:
        if day >= self._day:
            self._damage = self._damage.with_damage(day, damage)


def cadence(times: Sequence[datetime]) -> timedelta:
    """The usual distance of rows: the median of the last 15, a minute where there are fewer than 3 distances.

    Between one and fifteen minutes, so that a long pause cannot make a dead bot look alive.
    """
    gaps: list[timedelta] = sorted(gap for gap in map(sub, times[1:], times) if gap > NO_TIME)
    if len(gaps) < FEWEST_GAPS:
        return SHORTEST_CADENCE
    return min(max(gaps[len(gaps) // 2], SHORTEST_CADENCE), LONGEST_CADENCE)
