"""Secrets that stand in a file of their own, named by a key ``…_file`` or a variable ``…_FILE``."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from recon_exporter.errors import ConfigurationError, ConfigurationProblem
from recon_exporter.settings.book_values import LedgerUrl
from recon_exporter.settings.layers import Layers
from recon_exporter.settings.ledgers import FreqtradeLedger, SqlLedger
from recon_exporter.settings.problems import problem_at
from recon_exporter.settings.section import Section
from recon_exporter.settings.shape import Bot, Effective, HaltAction, OptionalUrl, State, Webhook
from recon_exporter.settings.trees import Path as TreePath
from recon_exporter.settings.urls import MASK, StateUrl

WithAddress = TypeVar("WithAddress", State, Webhook, HaltAction, SqlLedger, FreqtradeLedger)

_ADDRESSES: Mapping[type[Section], TypeAdapter[Any]] = {
    State: TypeAdapter(StateUrl),
    Webhook: TypeAdapter(OptionalUrl),
    HaltAction: TypeAdapter(OptionalUrl),
    SqlLedger: TypeAdapter(LedgerUrl),
    FreqtradeLedger: TypeAdapter(LedgerUrl),
}


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
    addresses = _Addresses(layers, directory)
    action = effective.policy.halt_action
    sections = {
        "state": addresses.of(effective.state, ("state",)),
        "webhook": addresses.of(effective.webhook, ("webhook",)),
        "bots": {name: addresses.of_bot(bot, ("bots", name)) for name, bot in effective.bots.items()},
    }
    if action is not None:
        action = addresses.of(action, ("policy", "halt_action"))
        sections["policy"] = effective.policy.model_copy(update={"halt_action": action})
    return effective.model_copy(update=sections), tuple(addresses.problems)


class _Addresses:
    """Puts the addresses of files into sections, and keeps what is wrong."""

    def __init__(self, layers: Layers, directory: Path) -> None:
        self._layers = layers
        self._directory = directory
        self.problems: list[ConfigurationProblem] = []

    def of_bot(self, bot: Bot, path: TreePath) -> Bot:
        if isinstance(bot.ledger, SqlLedger):
            return bot.model_copy(update={"ledger": self.of(bot.ledger, (*path, "ledger"))})
        if isinstance(bot.ledger, FreqtradeLedger):
            return bot.model_copy(update={"ledger": self.of(bot.ledger, (*path, "ledger"))})
        return bot

    def of(self, section: WithAddress, path: TreePath) -> WithAddress:
        """The section with its address; as it is where the file gives none."""
        try:
            return self._with_address(section, path)
        except ConfigurationError as error:
            self.problems += error.problems
            return section

    def _with_address(self, section: WithAddress, path: TreePath) -> WithAddress:
        file = section.url_file
        if file is None:
            return section
        if "url" in section.model_fields_set:
            raise ConfigurationError([problem_at(self._layers, (*path, "url"), MASK, "either url or url_file")])
        try:
            address = _ADDRESSES[type(section)]
            url = address.validate_python(read_secret(file), context={"directory": self._directory})
        except (UnusableSecret, ValidationError) as error:
            why = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
            expected = f"a file with one line, the address ({why})"
            problem = problem_at(self._layers, (*path, "url_file"), str(file), expected)
            raise ConfigurationError([problem]) from None
        return section.model_copy(update={"url": url})
