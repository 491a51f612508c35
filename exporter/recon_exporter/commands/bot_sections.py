"""Sections of the configuration for bots that were found, and what of them only a person can say."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from os.path import commonprefix
from pathlib import Path
from typing import Any

from recon_exporter.commands.found_books import FREQTRADE, FoundBot
from recon_exporter.settings.credentials import API_KEY, PASSPHRASE, SECRET, WITH_PASSPHRASE, venue_key

Section = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sections:
    """The sections by the names of the bots, and what could not be known."""

    bots: Mapping[str, Section]
    unknown: tuple[str, ...]


def sections_of(bots: Sequence[FoundBot], taken: Iterable[str], environment: Mapping[str, str]) -> Sections:
    """One section for each bot, under names of which none is ``taken``."""
    crowded = Counter(_place(bot) for bot in bots)
    named = dict(zip(_names(bots, set(taken)), bots, strict=True))
    written: dict[str, Section] = {}
    unknown: list[str] = []
    prefixes: dict[tuple[str, str], str] = {}
    for name, bot in named.items():
        prefix = prefixes.setdefault((bot.kind, bot.exchange), _prefix(bot, environment))
        is_shared = crowded[_place(bot)] > 1
        written[name] = {"ledger": _ledger(bot, bots), "venue": _venue(bot, prefix, is_shared=is_shared)}
        unknown += _unknown(name, bot, is_shared=is_shared)
    for (kind, exchange), prefix in sorted(prefixes.items()):
        unknown += _keys(kind, exchange, prefix, environment)
    return Sections(written, tuple(unknown))


def _place(bot: FoundBot) -> tuple[object, ...]:
    return bot.kind, bot.exchange, bot.part, bot.is_testnet


def _names(bots: Sequence[FoundBot], taken: set[str]) -> Iterator[str]:
    """The bots' own names, with the market, and then a number, where that is not enough.

    Without dots, which divide the places that messages name.
    """
    counts = Counter(bot.name for bot in bots)
    for bot in bots:
        wanted = (bot.name if counts[bot.name] == 1 else f"{bot.name}-{bot.market}").replace(".", "-")
        name, number = wanted, 2
        while name in taken:
            name, number = f"{wanted}-{number}", number + 1
        taken.add(name)
        yield name


def _ledger(bot: FoundBot, bots: Sequence[FoundBot]) -> Section:
    if bot.kind == FREQTRADE:
        several = sum(other.files == bot.files for other in bots) > 1
        picked = {"exchange": bot.market} if several else {}
        return {"type": bot.kind, "url": f"sqlite:///{bot.files[0].as_posix()}", **picked}
    written: Section = {"type": bot.kind, "path": _pattern(bot.files) or bot.files[0].as_posix(), "market": bot.market}
    if any(other.market == bot.market and other.config_file != bot.config_file for other in bots):
        written["config_files"] = [bot.config_file]
    return written


def _pattern(files: Sequence[Path]) -> str | None:
    """One pattern that all files match, None where they lie too far apart for one.

    Rows of other bots that it matches are told apart by market and configuration.
    """
    names = [file.as_posix() for file in files]
    if len(names) == 1:
        return names[0]
    begin = commonprefix(names)  # noqa: RUF071  # of letters, not of folders
    rests = [name[len(begin) :] for name in names]
    end = commonprefix([rest[::-1] for rest in rests])[::-1]  # noqa: RUF071  # likewise
    return None if any("/" in rest.removesuffix(end) for rest in rests) else f"{begin}*{end}"


def _venue(bot: FoundBot, prefix: str, *, is_shared: bool) -> Section:
    written: Section = {
        "type": "ccxt",
        "exchange": bot.exchange,
        "credential_prefix": prefix,
        "account_types": [bot.part],
    }
    if bot.symbols:
        written["symbols"] = list(bot.symbols)
    if bot.is_testnet:
        written["sandbox"] = True
    if is_shared:
        written["ownership"] = "shared"
    return written


def _prefix(bot: FoundBot, environment: Mapping[str, str]) -> str:
    """That of the only key to the exchange that is set; else one that is named after the kind of bot."""
    ending = f"_{venue_key(bot.exchange)}_{API_KEY}"
    names = {name.removesuffix("_FILE") for name in environment if environment[name]}
    known = {name.removesuffix(ending) for name in names if name.endswith(ending) and name != ending}
    return known.pop() if len(known) == 1 else bot.kind.upper()


def _unknown(name: str, bot: FoundBot, *, is_shared: bool) -> Iterator[str]:
    import ccxt  # noqa: PLC0415  # takes its time, and only who has such a bot needs it

    if bot.exchange not in ccxt.exchanges:
        yield f"which exchange of ccxt {bot.market} is: bots.{name}.venue.exchange is a guess that is refused"
    if _pattern(bot.files) is None:
        yield f"a pattern for all files of {name}: bots.{name}.ledger.path is only the first of {len(bot.files)}"
    for pair in bot.unnamed:
        yield f"how {pair} is settled: name it in bots.{name}.ledger.symbols, such as {pair}: {_inverse(pair)}"
    if is_shared:
        yield f"which orders of the account are those of {name}: bots.{name}.venue.client_id_prefixes"


def _inverse(pair: str) -> str:
    base, _, quote = pair.rpartition("-")
    return f"{base}/{quote}:{base}"


def _keys(kind: str, exchange: str, prefix: str, environment: Mapping[str, str]) -> Iterator[str]:
    """The parts of the key that are not set, and that there may be more accounts than one."""
    venue = venue_key(exchange)
    parts = [API_KEY, SECRET, *([PASSPHRASE] if venue in WITH_PASSPHRASE else [])]
    names = [f"{prefix}_{venue}_{part}" for part in parts]
    absent = [name for name in names if not environment.get(name) and not environment.get(f"{name}_FILE")]
    if absent:
        yield f"the key that reads the {exchange} account of {kind}: {', '.join(absent)} (or …_FILE) not set"
