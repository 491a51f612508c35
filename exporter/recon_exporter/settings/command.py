"""A command and its arguments. They often hold a password or token, so that only the program is ever shown."""

from typing import Annotated

from pydantic import AfterValidator

from recon_exporter.settings.scalars import Text
from recon_exporter.settings.urls import MASK


class Words(tuple[str, ...]):
    """The words of a command, as it is run without any shell."""

    __slots__ = ()

    def __str__(self) -> str:
        return " ".join((*self[:1], *([MASK] if self[1:] else [])))

    __repr__ = __str__


Command = Annotated[tuple[Text, ...], AfterValidator(Words)]
