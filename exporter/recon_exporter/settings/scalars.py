"""The values of the configuration: each is read from the text of its source and refused with what was expected.

Numbers keep their text until they are Decimal, so that 0.1 stays 0.1. Relative paths are joined to the directory in
the context of the validation.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import PlainValidator, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError

from recon_exporter.domain.finding import Severity
from recon_exporter.domain.money import InvalidAmount, amount
from recon_exporter.domain.policy import AccountMode
from recon_exporter.settings.trees import NumberText

LONGEST = timedelta(days=36_500)
_DURATION = re.compile(r"(?P<count>[0-9]{1,12})(?P<unit>[smhd]?)")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400}
_SIZE = re.compile(r"(?P<count>[0-9]{1,12})(?P<unit>(?:[KMGT]iB|B)?)")
_BYTES = {"": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_WHOLE = re.compile(r"[0-9]{1,9}")
_LARGEST_PORT = 65_535
_ADDRESS = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]*):(?P<port>[0-9]{1,5})")
_SNAPSHOT_MODE = re.compile(r"[a-z0-9]+_ccxt_private|proxy_local|off")
_PREFIX = re.compile(r"[A-Za-z][A-Za-z0-9_]*")

Value = TypeVar("Value")


def refused(expected: str) -> PydanticCustomError:
    """The error of a value; says only what was expected, the value itself is shown (or masked) elsewhere."""
    return PydanticCustomError("expected", "{expected}", {"expected": expected})


@dataclass(frozen=True, slots=True)
class Address:
    """Where the HTTP server listens; an empty host means every interface, port 0 any free one."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def read_text(value: object) -> str:
    """A text that is not blank; a number or a truth value is none."""
    if not isinstance(value, str) or isinstance(value, NumberText) or not value.strip() or "\0" in value:
        raise refused("a text that is not blank")
    return value


def read_name(value: object) -> str:
    """A key that names a bot, a fleet or a symbol."""
    if not isinstance(value, str) or not value or value != value.strip() or not value.isprintable():
        raise refused("a name without blanks around it")
    return value


def read_flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise refused("true or false")
    return value


def read_duration(value: object) -> timedelta:
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise refused("a duration such as 300, 300s, 5m, 24h or 30d")
    seconds = int(match["count"]) * _SECONDS[match["unit"]]
    if seconds > LONGEST.total_seconds():
        raise refused(f"a duration of at most {LONGEST.days}d")
    return timedelta(seconds=seconds)


def read_interval(value: object) -> timedelta:
    duration = read_duration(value)
    if duration < timedelta(seconds=1):
        raise refused("a duration of at least 1s")
    return duration


def read_size(value: object) -> int:
    match = _SIZE.fullmatch(value) if isinstance(value, str) else None
    if match is None or not int(match["count"]):
        raise refused("a size above 0 such as 500MiB or 1GiB")
    return int(match["count"]) * _BYTES[match["unit"]]


def read_number(value: object) -> Decimal:
    """A finite Decimal that is not negative, from the digits as written."""
    number = _amount(value)
    if number is None or number < 0:
        raise refused("a finite decimal number, 0 or more")
    return number


def read_positive(value: object) -> Decimal:
    """A finite Decimal above zero, from the digits as written."""
    number = _amount(value)
    if number is None or number <= 0:
        raise refused("a finite decimal number above 0")
    return number


def _amount(value: object) -> Decimal | None:
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        return None
    try:
        return amount(value)
    except InvalidAmount:
        return None


def read_count(value: object) -> int:
    if not isinstance(value, str) or not _WHOLE.fullmatch(value) or not int(value):
        raise refused("a whole number of at least 1")
    return int(value)


def read_version(value: object) -> int:
    """The version of a file's schema; there is one."""
    if not isinstance(value, NumberText) or value != "1":
        raise refused("1, the only version there is")
    return 1


def read_path(value: object, info: ValidationInfo) -> Path:
    directory: Path = info.context["directory"] if info.context else Path()
    return directory / read_text(value)


def read_address(value: object) -> Address:
    match = _ADDRESS.fullmatch(value) if isinstance(value, str) else None
    if match is None or int(match["port"]) > _LARGEST_PORT:
        raise refused("an address such as 127.0.0.1:9811, [::1]:9811 or :9811")
    return Address(match["host"].strip("[]"), int(match["port"]))


def read_prefix(value: object) -> str:
    text = read_text(value)
    if not _PREFIX.fullmatch(text):
        raise refused("the beginning of a variable's name, such as BOT1")
    return text


def read_assets(value: object) -> tuple[str, ...]:
    """Names of assets, separated by commas."""
    names = tuple(name.strip() for name in value.split(",")) if isinstance(value, str) else ()
    if not names or not all(re.fullmatch(r"[A-Za-z0-9]+", name) for name in names) or len(set(names)) < len(names):
        raise refused("names of assets, separated by commas, such as BTC,USDT, each once")
    return names


def read_snapshot_mode(value: object) -> str:
    """How the exchange snapshot is made: off, a copy of the bots' numbers, or by asking an exchange named first."""
    if not isinstance(value, str) or not _SNAPSHOT_MODE.fullmatch(value):
        raise refused("bitget_ccxt_private, the same of another exchange, proxy_local or off")
    return value


def one_of(*choices: Value) -> Callable[[object], Value]:
    """A reader of one of a few words."""
    by_text = {str(choice): choice for choice in choices}

    def read(value: object) -> Value:
        if not isinstance(value, str) or value not in by_text:
            raise refused(" or ".join(by_text))
        return by_text[value]

    return read


_TEXT = {"type": "string", "minLength": 1}
_DIGITS = {"anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": "^[0-9.eE+-]+$"}]}
_ABOVE_ZERO = {"anyOf": [{"type": "number", "exclusiveMinimum": 0}, _DIGITS["anyOf"][1]]}
_SPAN = {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": "^[0-9]+[smhd]?$"}]}
_BULK = {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "pattern": "^[0-9]+([KMGT]i)?B?$"}]}
_WHOLES = {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "pattern": "^[0-9]+$"}]}
_SEVERITIES = {"enum": [str(severity) for severity in Severity]}
_MODES = {"enum": [str(mode) for mode in AccountMode]}

Text = Annotated[str, PlainValidator(read_text), WithJsonSchema(_TEXT)]
Name = Annotated[str, PlainValidator(read_name)]
Flag = Annotated[bool, PlainValidator(read_flag), WithJsonSchema({"type": "boolean"})]
Duration = Annotated[timedelta, PlainValidator(read_duration), WithJsonSchema(_SPAN)]
Interval = Annotated[timedelta, PlainValidator(read_interval), WithJsonSchema(_SPAN)]
Size = Annotated[int, PlainValidator(read_size), WithJsonSchema(_BULK)]
Number = Annotated[Decimal, PlainValidator(read_number), WithJsonSchema(_DIGITS)]
Positive = Annotated[Decimal, PlainValidator(read_positive), WithJsonSchema(_ABOVE_ZERO)]
Count = Annotated[int, PlainValidator(read_count), WithJsonSchema(_WHOLES)]
Version = Annotated[int, PlainValidator(read_version), WithJsonSchema({"const": 1})]
LocalPath = Annotated[Path, PlainValidator(read_path), WithJsonSchema(_TEXT)]
ListenAddress = Annotated[Address, PlainValidator(read_address), WithJsonSchema(_TEXT)]
Prefix = Annotated[str, PlainValidator(read_prefix), WithJsonSchema({"type": "string", "pattern": _PREFIX.pattern})]
SnapshotMode = Annotated[
    str, PlainValidator(read_snapshot_mode), WithJsonSchema({"type": "string", "pattern": _SNAPSHOT_MODE.pattern})
]
Assets = Annotated[tuple[str, ...], PlainValidator(read_assets), WithJsonSchema(_TEXT)]
MinimumSeverity = Annotated[Severity, PlainValidator(one_of(*Severity)), WithJsonSchema(_SEVERITIES)]
Mode = Annotated[AccountMode, PlainValidator(one_of(*AccountMode)), WithJsonSchema(_MODES)]
