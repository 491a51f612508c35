"""Addresses in the configuration: read, and shown without what may be a secret in them."""

import re
from pathlib import Path
from typing import Annotated
from urllib.parse import SplitResult, parse_qsl, urlsplit

from pydantic import PlainValidator, SecretStr, ValidationInfo, WithJsonSchema

from recon_exporter.settings.scalars import read_text, refused
from recon_exporter.state.instance import EXPECTED_INSTANCE, INSTANCE, is_instance

MASK = "***"
_SQLITE = "sqlite:///"
_DATABASE = re.compile(r"(?P<dialect>[a-z][a-z0-9_]*(?:\+[a-z0-9_]+)?)://(?P<rest>[^\s]+)")
_DATABASES = ("postgresql", "postgresql+psycopg")
_SEVERAL_SIGNS = "an address with at most one @; one in a password is written %40"
LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


def read_external_url(value: object) -> str:
    """The address under which people reach the exporter, without a slash at its end."""
    expected = "an http:// or https:// address without query and password, such as http://recon.example.org:9811"
    parts = _split(value, expected)
    if parts.query or parts.fragment or parts.username or not _is_http(parts):
        raise refused(expected)
    return parts.geturl().rstrip("/")


def read_webhook_url(value: object) -> SecretStr:
    expected = "an http:// or https:// address"
    parts = _split(value, expected)
    if not _is_http(parts):
        raise refused(expected)
    return SecretStr(parts.geturl())


def read_state_url(value: object, info: ValidationInfo) -> SecretStr:
    """The database of the state: an SQLite file, whose relative path is joined to the directory, or PostgreSQL."""
    expected = "sqlite:/// and the path of a file, or postgresql+psycopg:// and a database"
    text = read_text(value)
    path = text.removeprefix(_SQLITE)
    if path != text and path and not path.startswith((":", "?")):
        directory: Path = info.context["directory"] if info.context else Path()
        return SecretStr(f"{_SQLITE}{directory / path}")
    _check_host(text)
    parts = _split(text, expected)
    if parts.scheme not in _DATABASES or len(parts.path) <= 1:
        raise refused(expected)
    # An empty name, as of a variable that is not set, would be the default instance, which may be another's.
    named = [value for key, value in parse_qsl(parts.query, keep_blank_values=True) if key == INSTANCE]
    if len(named) > 1 or not all(is_instance(name) for name in named):
        raise refused(f"postgresql+psycopg:// with at most one {EXPECTED_INSTANCE}")
    return SecretStr(text)


def read_ledger_url(value: object, info: ValidationInfo) -> SecretStr:
    """The database of a bot: whatever SQLAlchemy reaches; the relative path of an SQLite file joins the directory."""
    expected = "the address of a database, such as sqlite:///trading.db or postgresql+psycopg://host/database"
    text = read_text(value)
    match = _DATABASE.fullmatch(text)
    if match is None:
        raise refused(expected)
    if not match["dialect"].startswith("sqlite"):
        _check_host(text)
        return SecretStr(text)
    # The short form of SQLAlchemy: what begins with file: is an address of SQLite's own.
    path = match["rest"].removeprefix("/").removeprefix("file:")
    if not match["rest"].startswith("/") or not path or path.startswith((":", "?")):
        raise refused(expected)
    directory: Path = info.context["directory"] if info.context else Path()
    return SecretStr(f"{match['dialect']}:///{directory / path}")


def read_base_url(value: object) -> str:
    """Where requests go instead of to the venue itself, without a slash at its end."""
    expected = "an http:// or https:// address without query and password"
    parts = _split(value, expected)
    if parts.query or parts.fragment or parts.username or not _is_http(parts):
        raise refused(expected)
    return parts.geturl().rstrip("/")


def masked(url: str) -> str:
    """The address with user, password and query hidden, and for http also the path: webhooks carry their key there."""
    if url.startswith(_SQLITE):
        return url.partition("?")[0]
    if not url.lower().startswith(("http://", "https://")):
        return _masked_database(url)
    try:
        parts = urlsplit(url)
    except ValueError:
        return MASK
    host = parts.netloc.rpartition("@")[2]
    user = f"{MASK}@" if "@" in parts.netloc else ""
    path = f"/{MASK}" if _is_http(parts) and parts.path.strip("/") else parts.path
    return f"{parts.scheme}://{user}{host}{path}" + (f"?{MASK}" if parts.query else "")


def _masked_database(url: str) -> str:
    """Up to its last @ it may be a password, in which any character may stand; or the whole, if that is in a query."""
    scheme, is_address, rest = url.partition("://")
    if not is_address:
        return MASK
    user, has_user, place = rest.rpartition("@")
    if "?" in user:
        return f"{scheme}://{MASK}"
    place, has_query, _ = place.partition("?")
    return f"{scheme}://{f'{MASK}@' if has_user else ''}{place}{f'?{MASK}' if has_query else ''}"


def _check_host(url: str) -> None:
    """Drivers end a password at its first @, and name the rest of it as the host that they cannot reach."""
    if url.partition("?")[0].count("@") > 1:
        raise refused(_SEVERAL_SIGNS)


def is_loopback(url: str) -> bool:
    """Whether only programs on the same machine can follow the address."""
    host = urlsplit(url).hostname or ""
    return host in LOOPBACK_HOSTS or re.fullmatch(r"127(\.[0-9]{1,3}){3}", host) is not None


def _split(value: object, expected: str) -> SplitResult:
    text = read_text(value)
    try:
        parts = urlsplit(text)
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        raise refused(expected) from None
    if re.search(r"\s", text) or not has_port:
        raise refused(expected)
    return parts


def _is_http(parts: SplitResult) -> bool:
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


_ADDRESS = {"type": "string", "format": "uri"}

ExternalUrl = Annotated[str, PlainValidator(read_external_url), WithJsonSchema(_ADDRESS)]
StateUrl = Annotated[SecretStr, PlainValidator(read_state_url), WithJsonSchema(_ADDRESS)]
