"""Books of Hummingbot and freqtrade below a folder, and what their rows tell of the bots that wrote them.

They are read as their ledgers read them: whoever writes them notices nothing.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from recon_exporter.domain.finding import Reason
from recon_exporter.ledgers.freqtrade.tables import DRY_RUN, DRY_RUN_FILE
from recon_exporter.ledgers.hummingbot.source import PAPER
from recon_exporter.ledgers.unified_names import is_perpetual, unified_name
from recon_exporter.reading.refused import Refused
from recon_exporter.reading.sqlite_files import query_sqlite

DEEPEST = 5
ENDINGS = (".sqlite", ".sqlite3", ".db")
NOT_SEARCHED = {"node_modules", "venv", "__pycache__"}
HUMMINGBOT, FREQTRADE = "hummingbot", "freqtrade"
NEEDED: Mapping[str, frozenset[str]] = {
    HUMMINGBOT: frozenset({"TradeFill", "Order"}),
    FREQTRADE: frozenset({"trades", "orders"}),
}
EXCHANGES = {"gateio": "gate", "huobi": "htx", "coinbaseadvancedtrade": "coinbase", "dydxv4": "dydx"}
"""ccxt's names of exchanges where they are other than those of the bots, without their signs."""

_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table'"
_MARKETS = "SELECT DISTINCT market, config_file_path, symbol FROM TradeFill ORDER BY 1, 2, 3"
_PAIRS = "SELECT DISTINCT exchange, pair FROM trades ORDER BY 1, 2"
_DRY_RUNS = f"SELECT count(*) FROM orders WHERE order_id LIKE '{DRY_RUN}%'"  # noqa: S608  # a word of our own


@dataclass(frozen=True, slots=True)
class FoundBot:
    """A bot as its books tell it; ``symbols`` has unified names, ``unnamed`` pairs that have none that can be told.

    ``market`` and ``config_file`` are those of Hummingbot. ``exchange`` is its name in ccxt, as far as that follows.
    """

    kind: str
    name: str
    files: tuple[Path, ...]
    exchange: str
    part: str
    symbols: tuple[str, ...]
    unnamed: tuple[str, ...] = ()
    market: str = ""
    config_file: str = ""
    is_testnet: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """The bots, and what of the books found is not written down, with the reason."""

    bots: tuple[FoundBot, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeftOut(Exception):
    """A book that gives no bot; says why."""

    why: str


def found_books(directory: Path) -> Found:
    """All below the folder, in a stable order; paths begin at it."""
    hummingbot: dict[tuple[str, str], dict[Path, list[str]]] = {}
    bots: list[FoundBot] = []
    left_out: list[str] = []
    for path in _files(directory):
        file = path.relative_to(directory)
        try:
            tables = _tables(path)
            if NEEDED[HUMMINGBOT] <= tables:
                for market, config_file, symbol in _markets(path):
                    hummingbot.setdefault((market, config_file), {}).setdefault(file, []).append(symbol)
            if NEEDED[FREQTRADE] <= tables:
                bots += _freqtrade(path, file)
        except LeftOut as reason:
            left_out.append(f"{file}: {reason.why}")
    papers = sorted({market for market, _ in hummingbot if market.endswith(PAPER)})
    left_out += [f"{market}: a market on paper, no exchange knows of its fills" for market in papers]
    bots += [_hummingbot(key, files) for key, files in sorted(hummingbot.items()) if not key[0].endswith(PAPER)]
    return Found(tuple(bots), tuple(left_out))


def _files(directory: Path) -> Iterator[Path]:
    """Files that may be databases, in a stable order; links are followed, hidden folders and environments left out."""
    seen: set[Path] = set()
    for folder, folders, names in os.walk(directory, followlinks=True):
        depth = len(Path(folder).relative_to(directory).parts)
        real = Path(folder).resolve()
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith(".") and depth < DEEPEST)
        folders[:] = [name for name in folders if name not in NOT_SEARCHED]
        yield from (Path(folder) / name for name in sorted(names) if name.endswith(ENDINGS))


def _tables(path: Path) -> set[str]:
    """The names of the tables; none where the file is not a database."""
    try:
        return {str(name) for (name,) in query_sqlite(path, _TABLES).rows}
    except Refused as refused:
        if refused.reason is Reason.SOURCE_MALFORMED:
            return set()
        raise LeftOut(f"it cannot be read now: {refused}") from None


def _rows(path: Path, query: str) -> list[tuple[str, ...]]:
    try:
        return [tuple("" if cell is None else str(cell) for cell in row) for row in query_sqlite(path, query).rows]
    except Refused as refused:
        raise LeftOut(f"it cannot be read as such a book: {refused}") from None


def _markets(path: Path) -> list[tuple[str, ...]]:
    rows = _rows(path, _MARKETS)
    if not rows:
        raise LeftOut("a Hummingbot book without fills: nothing tells its market")
    return rows


def _hummingbot(key: tuple[str, str], files: Mapping[Path, Iterable[str]]) -> FoundBot:
    market, config_file = key
    named, unnamed = set(), set()
    for pair in {pair for pairs in files.values() for pair in pairs}:
        try:
            named.add(unified_name(pair, market))
        except Refused:
            unnamed.add(pair)
    return FoundBot(
        kind=HUMMINGBOT,
        name=Path(config_file).stem or min(files).stem,
        files=tuple(sorted(files)),
        exchange=_exchange(market.removesuffix("_testnet").replace("_perpetual", "")),
        part="swap" if is_perpetual(market) else "spot",
        symbols=tuple(sorted(named)),
        unnamed=tuple(sorted(unnamed)),
        market=market,
        config_file=config_file,
        is_testnet=market.endswith("_testnet"),
    )


def _freqtrade(path: Path, file: Path) -> Iterator[FoundBot]:
    """One bot for each exchange, and for each part of the account, on which the database has trades."""
    if DRY_RUN_FILE in path.name or _rows(path, _DRY_RUNS) != [("0",)]:
        raise LeftOut("a freqtrade book of a dry run, no exchange knows of its orders")
    pairs: dict[tuple[str, str], list[str]] = {}
    for exchange, pair in _rows(path, _PAIRS):
        pairs.setdefault((exchange, "swap" if ":" in pair else "spot"), []).append(pair)
    if not pairs:
        raise LeftOut("a freqtrade book without trades: nothing tells its exchange")
    if len({exchange for exchange, _ in pairs}) < len(pairs):
        raise LeftOut("a freqtrade book with trades on spot and in contracts of one exchange: write down which count")
    for (exchange, part), symbols in sorted(pairs.items()):
        yield FoundBot(FREQTRADE, file.stem, (file,), _exchange(exchange), part, tuple(symbols), market=exchange)


def _exchange(name: str) -> str:
    """The name of the exchange in ccxt, or the name itself without its signs."""
    plain = name.lower().replace("_", "")
    return EXCHANGES.get(plain, plain)
