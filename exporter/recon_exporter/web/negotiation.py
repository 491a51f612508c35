"""Which format and which encoding a client gets, by its Accept and Accept-Encoding headers (RFC 9110, section 12.5)."""

from collections.abc import Iterator
from dataclasses import dataclass

from prometheus_client.exposition import choose_encoder

from recon_exporter.telemetry import Format

_OPENMETRICS = "application/openmetrics-text"
_TEXT = ("text/plain", "text/*", "*/*")
_OUR_VERSIONS = {_OPENMETRICS: ("", "1.0.0"), "text/plain": ("", "0.0.4", "1.0.0")}


@dataclass(frozen=True, slots=True)
class _Choice:
    value: str
    quality: float
    version: str
    text: str


def choose_format(accept: str) -> tuple[Format, str]:
    """The format that the client likes best among ours, with the content type to answer; text where it likes none."""
    wanted = sorted(_choices(accept), key=lambda choice: -choice.quality)
    for choice in wanted:
        if choice.quality > 0 and choice.version in _OUR_VERSIONS.get(choice.value, ("",)):
            if choice.value == _OPENMETRICS:
                return Format.OPENMETRICS, _content_type(choice.text)
            if choice.value in _TEXT:
                return Format.TEXT, _content_type(choice.text)
    return Format.TEXT, _content_type("")


def accepts_gzip(accept_encoding: str) -> bool:
    """Whether the client takes gzip, and does not like it less than plain bytes."""
    qualities = {choice.value: choice.quality for choice in _choices(accept_encoding)}
    gzip = qualities.get("gzip", qualities.get("*", 0.0))
    return gzip > 0 and gzip >= qualities.get("identity", 0.0)


def prefers_html(accept: str) -> bool:
    """Whether the client is a browser: it names HTML, and does not like plain text better."""
    qualities = {choice.value: choice.quality for choice in _choices(accept)}
    html = qualities.get("text/html", 0.0)
    return html > 0 and html >= qualities.get("text/plain", 0.0)


def _content_type(accepted: str) -> str:
    content_type: str = choose_encoder(accepted)[1]
    return content_type


def _choices(header: str) -> Iterator[_Choice]:
    for text in header.split(","):
        value, *rest = (part.strip() for part in text.split(";"))
        parameters = {
            name.strip().lower(): content.strip().strip('"')
            for name, _, content in (part.partition("=") for part in rest)
        }
        if value:
            quality = _quality(parameters.get("q", "1"))
            yield _Choice(value.lower(), quality, parameters.get("version", ""), ";".join([value.lower(), *rest]))


def _quality(text: str) -> float:
    """A weight from 0 to 1; what is none counts as a refusal."""
    try:
        quality = float(text)
    except ValueError:
        return 0.0
    return quality if 0.0 <= quality <= 1.0 else 0.0
