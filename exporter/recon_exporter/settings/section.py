"""What all sections of the configuration have in common."""

from types import NoneType
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler
from pydantic.config import JsonDict
from pydantic_core import CoreSchema

TAG = "\0"
"""Begins the name under which pydantic puts the section that a type picked into the path of a problem."""


class Section(BaseModel):
    """A part of a file: frozen, refuses unknown keys, and reads its defaults as it reads the file."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    def written(self) -> dict[str, Any]:
        """The values of the keys that were written, without the built-in ones."""
        return {name: getattr(self, name) for name in type(self).model_fields if name in self.model_fields_set}


class NeverNull:
    """Marks ``Section | None``: None is what a key that was left out gives, never what may be written."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:  # noqa: ANN401  # any type expression
        (written,) = (part for part in get_args(source) if part is not NoneType)
        return handler.generate_schema(written)


def builtin(written: str | dict[str, Any] | list[Any]) -> Any:  # noqa: ANN401  # a default is read by the type of its field
    """The built-in value of a key, as it would be written in the file."""
    return Field(written)


def left_out() -> Any:  # noqa: ANN401  # see builtin
    """The default of a key that has no value unless one is written: None, although null must not be written."""
    return Field(None, validate_default=False, json_schema_extra=_without_default)


def _without_default(schema: JsonDict) -> None:
    schema.pop("default", None)
