"""Where Alertmanager answers, for whoever wants to know whether a page would arrive."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import PlainValidator, WithJsonSchema, model_validator

from recon_exporter.settings.scalars import Text, read_path, refused
from recon_exporter.settings.section import NeverNull, Section, builtin, left_out
from recon_exporter.settings.urls import read_base_url

Address = Annotated[str, PlainValidator(read_base_url), WithJsonSchema({"type": "string", "format": "uri"})]
PasswordFile = Annotated[Path | None, PlainValidator(read_path), WithJsonSchema({"type": "string"})]


class AlertmanagerAddress(Section):
    """Asked by `page-test` and `check-config --online` only; where it wants a password, that stands in a file."""

    url: Address = builtin("http://127.0.0.1:9093")
    username: Annotated[Text | None, NeverNull] = left_out()
    password_file: PasswordFile = left_out()

    @model_validator(mode="after")
    def _has_both_or_none(self) -> Self:
        if (self.username is None) != (self.password_file is None):
            raise refused("both username and password_file, or neither")
        return self
