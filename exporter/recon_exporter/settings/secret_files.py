"""Secrets that stand in a file of their own, named by a key ``…_file`` or a variable ``…_FILE``."""

from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from recon_exporter.errors import ConfigurationError, ConfigurationProblem
from recon_exporter.settings.layers import Layers
from recon_exporter.settings.problems import problem_at
from recon_exporter.settings.shape import Effective, State, Webhook
from recon_exporter.settings.urls import MASK

WithAddress = TypeVar("WithAddress", State, Webhook)


class UnusableSecret(ValueError):
    """A file that gives no secret; says why, without what it holds."""


def read_secret(path: Path) -> str:
    """What the file holds, without the line break that editors leave at its end."""
    try:
        text = path.read_bytes().decode().strip()
    except OSError as error:
        raise UnusableSecret(str(error.strerror)) from None
    except UnicodeDecodeError:
        raise UnusableSecret("no UTF-8") from None
    if not text or len(text.splitlines()) > 1:
        raise UnusableSecret("more than one line" if text else "empty")
    return text


def resolved(
    effective: Effective, layers: Layers, directory: Path
) -> tuple[Effective, tuple[ConfigurationProblem, ...]]:
    """The configuration with the addresses that stand in files, and what is wrong with those files."""
    problems: list[ConfigurationProblem] = []
    sections: dict[str, State | Webhook] = {}
    for name in ("state", "webhook"):
        try:
            sections[name] = _with_address(getattr(effective, name), name, layers, directory)
        except ConfigurationError as error:
            problems += error.problems
    return effective.model_copy(update=sections), tuple(problems)


def _with_address(section: WithAddress, name: str, layers: Layers, directory: Path) -> WithAddress:
    if section.url_file is None:
        return section
    if "url" in section.model_fields_set:
        raise ConfigurationError([problem_at(layers, (name, "url"), MASK, "either url or url_file")])
    try:
        written = {"url": read_secret(section.url_file)}
        url = type(section).model_validate(written, context={"directory": directory}).url
    except (UnusableSecret, ValidationError) as error:
        why = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        expected = f"a file with one line, the address ({why})"
        raise ConfigurationError([problem_at(layers, (name, "url_file"), str(section.url_file), expected)]) from None
    return section.model_copy(update={"url": url})
