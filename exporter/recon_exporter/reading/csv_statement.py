"""A statement in CSV: a header, and a line for each row; before them, comments such as ``# as_of: 2026-03-06T21:00Z``.

The header alone proves that there are no rows. Each line ends with a line break, also the last one: where it does not,
the file was cut off, and its last number may be a part of one.
"""

import csv
import io
from collections.abc import Iterator

from recon_exporter.reading.refused import malformed
from recon_exporter.reading.stated import StatedTable
from recon_exporter.reading.whole_file import WholeFile

COMMENT = "#"


def read_csv(file: WholeFile, as_of_name: str) -> StatedTable:
    """The table; raises Refused."""
    text = _text(file)
    if not text.endswith(("\n", "\r")):
        last = text.count("\n") + 1
        raise malformed(f"{file.path}: line {last}", _last_line(text), "a line break at its end: the file was cut off")
    comments, body, skipped = _parted(text)
    lines = list(_lines(file, body, skipped))
    if not lines:
        raise malformed(str(file.path), text[:60], "a header")
    columns = tuple(name.strip() for name in lines[0][1])
    numbers, rows = [number for number, _ in lines[1:]], [cells for _, cells in lines[1:]]
    for number, cells in lines[1:]:
        if len(cells) != len(columns):
            raise malformed(f"{file.path}: line {number}", ",".join(cells), f"{len(columns)} cells as in the header")
    return StatedTable(
        name=str(file.path),
        columns=columns,
        rows=rows,
        row_name=lambda row: f"line {numbers[row]}",
        proof=f"{file.path} has its header and {len(rows)} rows, each ended",
        as_of=comments.get(as_of_name),
        modified_at=file.modified_at,
    )


def _text(file: WholeFile) -> str:
    content = file.content()
    if b"\0" in content:
        raise malformed(f"{file.path}: byte {content.index(0)}", b"\0", "text: the file was cut off or overwritten")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        found = content[error.start : error.start + 8]
        raise malformed(f"{file.path}: byte {error.start}", found, "UTF-8") from None


def _last_line(text: str) -> str:
    return text.rpartition("\n")[2]


def _parted(text: str) -> tuple[dict[str, str], str, int]:
    """What the comments before the header tell, the rest, and how many lines the comments are."""
    comments: dict[str, str] = {}
    count = 0
    while text.startswith(COMMENT):
        line, _, text = text.partition("\n")
        name, _, told = line.lstrip("# ").partition(":")
        comments[name.strip()] = told.strip()
        count += 1
    return comments, text, count


def _lines(file: WholeFile, body: str, skipped: int) -> Iterator[tuple[int, list[str]]]:
    """The cells of each line that is not blank, with its number."""
    reader = csv.reader(io.StringIO(body, newline=""), strict=True)
    try:
        for cells in reader:
            if cells:
                yield skipped + reader.line_num, cells
    except csv.Error as error:
        raise malformed(f"{file.path}: line {skipped + reader.line_num}", str(error), "CSV") from None
