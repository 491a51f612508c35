"""Values kept as one document of JSON each."""

from typing import TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from recon_exporter.errors import StateError

Kept = TypeVar("Kept")


def document_of(adapter: TypeAdapter[Kept], value: Kept) -> str:
    """The value as text; raises StateError where it cannot be."""
    try:
        return adapter.dump_json(value).decode()
    except PydanticSerializationError as error:
        raise StateError(f"{value!a} cannot be kept as text: {error}") from None


def read_document(adapter: TypeAdapter[Kept], document: str, what: str, name: str) -> Kept:
    """The value that was kept; raises StateError with ``what`` and ``name`` where the text is damaged."""
    try:
        return adapter.validate_json(document)
    except ValidationError as error:
        raise StateError(f"{what} {name} cannot be read: {error.errors()[0]['msg']}") from None
