"""A statement in JSON: a list of objects, or an object that holds it under its name beside its own ``as_of``.

Numbers stay texts, so that none goes through float. A list that is there and empty proves that there are no rows,
unless an error is told beside it.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from recon_exporter.domain.finding import Reason
from recon_exporter.reading.complaints import complaint_of
from recon_exporter.reading.refused import Refused, malformed
from recon_exporter.reading.stated import StatedTable
from recon_exporter.reading.whole_file import WholeFile


def read_json(file: WholeFile, kind: str, as_of_name: str) -> StatedTable:
    """The table; raises Refused."""
    document, as_of, place = _document(file), None, str(file.path)
    if isinstance(document, dict):
        complaint = complaint_of(document)
        if complaint is not None:
            raise Refused(Reason.SOURCE_MALFORMED, f"{file.path}: its {complaint[0]} says {complaint[1]}")
        if kind not in document:
            raise Refused(Reason.INPUT_MISSING, f"{file.path}: there is no key {kind}")
        document, as_of, place = document[kind], document.get(as_of_name), f"{file.path}: {kind}"
    records = _records(document, place)
    columns = tuple(sorted({key for record in records for key in record})) if records else None
    return StatedTable(
        name=str(file.path),
        columns=columns,
        rows=[[record.get(column) for column in columns or ()] for record in records],
        row_name=lambda row: f"{kind}[{row}]",
        proof=f"{file.path} is whole and lists {len(records)} rows",
        as_of=as_of,
        modified_at=file.modified_at,
    )


def _document(file: WholeFile) -> Any:  # noqa: ANN401 - whatever somebody wrote
    try:
        return json.loads(
            file.content(), parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_without_doubles
        )
    except (ValueError, RecursionError) as error:
        raise malformed(str(file.path), str(error), "JSON") from None


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError(f"a key twice among {', '.join(sorted(found))}")
    return found


def _records(document: object, place: str) -> Sequence[Mapping[str, object]]:
    if not isinstance(document, list):
        raise malformed(place, document, "a list of objects")
    for number, record in enumerate(document):
        if not isinstance(record, dict):
            raise malformed(f"{place}[{number}]", record, "an object")
    return document
