"""The account map: which account at which exchange belongs to a bot, and whether it is to be probed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recon_exporter.domain.policy import Account, AccountMode
from recon_exporter.errors import ConfigurationProblem
from recon_exporter.settings.documents import Document
from recon_exporter.settings.problems import in_file, judged_file
from recon_exporter.settings.scalars import Mode, Name, Prefix, Text, Version
from recon_exporter.settings.section import Section, builtin, left_out


class AccountEntry(Section):
    """One bot's account, or the defaults for all."""

    exchange: Text = left_out()
    credential_prefix: Prefix = left_out()
    account_mode: Mode = left_out()


class AccountMapFile(Section):
    """What ``exchange_account_map.json`` may hold."""

    version: Version = left_out()
    defaults: AccountEntry = builtin({})
    bots: dict[Name, AccountEntry] = builtin({})


@dataclass(frozen=True, slots=True)
class AccountMap:
    """The map with its defaults applied; ``default`` is the account of a bot that it does not name, if any."""

    document: Document
    bots: Mapping[str, Account]
    default: Account | None

    @property
    def all(self) -> tuple[Account, ...]:
        """Every account, that of the defaults included."""
        return (*self.bots.values(), *([self.default] if self.default else []))

    def of(self, bot: str) -> Account | None:
        """The account of any bot."""
        return self.bots.get(bot, self.default)


def load(document: Document, directory: Path) -> tuple[AccountMap, tuple[ConfigurationProblem, ...]]:
    """The map with every problem; where there is a problem it must not be used."""
    written, problems = judged_file(AccountMapFile, document, directory)
    if written is None or problems:
        return AccountMap(document, {}, None), problems
    defaults = written.defaults.written()
    entries = {bot: {**defaults, **entry.written()} for bot, entry in written.bots.items()}
    missing = [problem for bot, entry in entries.items() for problem in _missing(document, bot, entry)]
    if missing:
        return AccountMap(document, {}, None), tuple(missing)
    default = _account(defaults) if not list(_lacking(defaults)) else None
    return AccountMap(document, {bot: _account(entry) for bot, entry in entries.items()}, default), ()


def _lacking(entry: Mapping[str, Any]) -> Iterator[str]:
    """The keys that an entry needs and has not: exchange and prefix only where somebody looks at the account."""
    if "account_mode" not in entry:
        yield "account_mode"
    elif entry["account_mode"] is AccountMode.PROBE:
        yield from (key for key in ("exchange", "credential_prefix") if key not in entry)


def _missing(document: Document, bot: str, entry: Mapping[str, Any]) -> Iterator[ConfigurationProblem]:
    for key in _lacking(entry):
        yield in_file(document, ("bots", bot, key), "nothing", "a value here or in defaults")


def _account(entry: Mapping[str, Any]) -> Account:
    return Account(entry.get("exchange", "none"), entry.get("credential_prefix", ""), entry["account_mode"])
