"""What all sections of the configuration have in common."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

TAG = "\0"
"""Begins the name under which pydantic puts the section that a type picked into the path of a problem."""


class Section(BaseModel):
    """A part of a file: frozen, refuses unknown keys, and reads its defaults as it reads the file."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    def written(self) -> dict[str, Any]:
        """The values of the keys that were written, without the built-in ones."""
        return {name: getattr(self, name) for name in type(self).model_fields if name in self.model_fields_set}


def builtin(written: str | dict[str, Any] | list[Any]) -> Any:  # noqa: ANN401  # a default is read by the type of its field
    """The built-in value of a key, as it would be written in the file."""
    return Field(written)


def left_out() -> Any:  # noqa: ANN401  # see builtin
    """The default of a key that has no value unless one is written: None, although null must not be written."""
    return Field(None, validate_default=False, json_schema_extra=_without_default)


def _without_default(schema: JsonDict) -> None:
    schema.pop("default", None)
