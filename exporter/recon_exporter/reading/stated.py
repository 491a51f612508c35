"""A table as a source told it, whatever its format, and the cells of it by our own names."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.money import InvalidAmount
from recon_exporter.reading.cells import InvalidText, is_blank, label, number
from recon_exporter.reading.refused import Refused, malformed
from recon_exporter.reading.time_rules import TimeRules

AS_OF = "as_of"


@dataclass(frozen=True, slots=True)
class StatedTable:
    """Names of the columns, and rows with a cell for each.

    ``name`` is that of the file, or the masked address and the query. ``columns`` is None where the format shows none
    unless there are rows (an empty JSON list). ``row_name`` tells which row it is to a person: "line 7". ``as_of`` is
    what the statement tells of its time outside its rows, ``modified_at`` when its file was last written to.
    """

    name: str
    columns: tuple[str, ...] | None
    rows: Sequence[Sequence[object]]
    row_name: Callable[[int], str]
    proof: str
    as_of: object = None
    modified_at: datetime | None = None


class Row:
    """One row of a table. A cell that cannot be read raises Refused, naming place, value and expectation."""

    __slots__ = ("_cells", "_found", "_number", "_table")

    def __init__(self, table: StatedTable, found: Mapping[str, int], number_: int) -> None:
        self._table, self._found, self._number = table, found, number_
        self._cells = table.rows[number_]

    def value(self, column: str) -> object:
        """What stands there; None where that is blank or the table has no such column."""
        at = self._found.get(column)
        if at is None or is_blank(self._cells[at]):
            return None
        return self._cells[at]

    def has(self, column: str) -> bool:
        """Whether the table has such a column."""
        return column in self._found

    def place(self, column: str) -> str:
        """Where the cell stands, in the source's own words."""
        at, names = self._found.get(column), self._table.columns
        theirs = column if at is None or names is None else names[at]
        return f"{self._table.name}: {self._table.row_name(self._number)}, column {theirs}"

    def number(self, column: str) -> Decimal:
        """The amount that must be there: blank is not zero."""
        return self._number_of(column, self.value(column))

    def optional_number(self, column: str) -> Decimal | None:
        """The amount, None where it is not told."""
        value = self.value(column)
        return None if value is None else self._number_of(column, value)

    def label(self, column: str) -> str:
        """The name that must be there."""
        return self._label_of(column, self.value(column))

    def optional_label(self, column: str) -> str | None:
        """The name, None where it is not told."""
        value = self.value(column)
        return None if value is None else self._label_of(column, value)

    def one_of(self, column: str, known: Mapping[str, int]) -> int | None:
        """What the word there stands for, in whatever case; None where the cell is blank."""
        word = self.optional_label(column)
        if word is None:
            return None
        if word.lower() not in known:
            raise malformed(self.place(column), word, " or ".join(known))
        return known[word.lower()]

    def moment(self, column: str, rules: TimeRules) -> datetime:
        """The time that must be there."""
        return rules.moment(self.value(column), self.place(column))

    def optional_moment(self, column: str, rules: TimeRules) -> datetime | None:
        """The time, None where it is not told."""
        return None if self.value(column) is None else self.moment(column, rules)

    def _number_of(self, column: str, value: object) -> Decimal:
        try:
            return number(value)
        except InvalidAmount:
            raise malformed(self.place(column), value, "a finite number") from None

    def _label_of(self, column: str, value: object) -> str:
        try:
            return label(value)
        except InvalidText:
            raise malformed(self.place(column), value, "a short printable text") from None


def rows_of(table: StatedTable, found: Mapping[str, int]) -> Iterator[Row]:
    """All rows; ``found`` says where our columns stand in them."""
    return (Row(table, found, number_) for number_ in range(len(table.rows)))


@dataclass(frozen=True, slots=True)
class ColumnNames:
    """Whose columns are ours: ``given`` holds our name → theirs, for all tables, or qualified as ``fills.price``."""

    given: Mapping[str, str]

    def theirs(self, kind: str, column: str) -> str:
        """What the source calls the column in its table of this kind."""
        return self._told(kind, column) or column

    def find(self, table: StatedTable, kind: str, needed: Sequence[str], optional: Sequence[str]) -> Mapping[str, int]:
        """Where our columns stand; raises Refused for one that is needed, or was given a name, and is not there."""
        if table.columns is None:
            return {}
        twice = sorted({name for name in table.columns if table.columns.count(name) > 1})
        if twice:
            raise malformed(table.name, twice[0], "each column once")
        found: dict[str, int] = {}
        for column in (*needed, *optional):
            theirs = self.theirs(kind, column)
            if theirs in table.columns:
                found[column] = table.columns.index(theirs)
            elif column in needed or (self._told(kind, column) and column != AS_OF):
                raise Refused(Reason.INPUT_MISSING, f"{table.name}: there is no column {theirs}{_ours(column, theirs)}")
        return found

    def _told(self, kind: str, column: str) -> str | None:
        return self.given.get(f"{kind}.{column}", self.given.get(column))


def _ours(column: str, theirs: str) -> str:
    return "" if column == theirs else f" (our {column})"
