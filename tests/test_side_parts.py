"""Whose sides every cycle compares, of what, and by which terms: as the configuration says it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from recon_exporter.demo.hbot_writer import HbotFiles, minute_row
from recon_exporter.domain.confirmation import Confirmation
from recon_exporter.domain.scope import Scope
from recon_exporter.domain.sides import AccountUse
from recon_exporter.domain.symbols import Symbols
from recon_exporter.side_parts import Readers, side_terms, tells_of
from recon_exporter.side_reading import Tells
from recon_exporter.sources import Connections, owners
from support.evidence import NOW
from support.parts import FixedClock
from support.sides import SECOND
from support.workspace import ACCOUNT_MAP, workspace

if TYPE_CHECKING:
    from pathlib import Path

    from recon_exporter.settings.model import Settings

ENVIRONMENT = {
    **{f"BOT1_BITGET_{part}": "x" for part in ("API_KEY", "SECRET", "PASSPHRASE")},
    **{f"BOT1_ALPACA_{part}": "x" for part in ("API_KEY", "SECRET")},
}
VENUES = {
    "ccxt": "{type: ccxt, exchange: bitget, credential_prefix: BOT1}",
    "alpaca": "{type: alpaca, credential_prefix: BOT1}",
    "file": "{type: file, positions: venue.csv}",
}
HUMMINGBOT = '{type: hummingbot, path: "*.sqlite", market: bitget_perpetual}'
FLEET = "fleets: {hbot: {type: hbot, venue: {type: ccxt}%s}}\n"


def bot(directory: Path, ledger: str, venue: str, more: str = "", top: str = "") -> Settings:
    recon = f"{top}bots: {{a: {{ledger: {ledger}, venue: {venue}{more}}}}}\n"
    return workspace(directory, recon).load(ENVIRONMENT)


def fleet(directory: Path, more: str = "", **account: str) -> Settings:
    """A bot of hbot on disk, with its entry in the account map."""
    HbotFiles(directory).append_minutes("bot1", [minute_row(NOW)])
    made = workspace(directory, FLEET % more)
    usual = {"exchange": "bitget", "credential_prefix": "BOT1", "account_mode": "probe"}
    made.write(ACCOUNT_MAP, {"bots": {"bot1": {**usual, **account}}})
    return made.load(ENVIRONMENT)


def compared(settings: Settings) -> dict[str, bool]:
    """Each bot that the configuration knows, and whether cycles compare its sides."""
    return {name: reader is not None for name, reader in Readers(settings, Connections(FixedClock()))().items()}


@pytest.mark.parametrize(("venue", "is_compared"), [("ccxt", True), ("alpaca", False), ("file", False)])
def test_sides_are_compared_at_exchanges_and_elsewhere_where_somebody_says_so(
    tmp_path: Path, venue: str, *, is_compared: bool
) -> None:
    eod = ", eod: {at: '00:05'}"

    assert compared(bot(tmp_path, HUMMINGBOT, VENUES[venue], eod)) == {"a": is_compared}
    assert compared(bot(tmp_path, HUMMINGBOT, VENUES[venue], f"{eod}, intraday: true")) == {"a": True}
    assert compared(bot(tmp_path, HUMMINGBOT, VENUES[venue], f"{eod}, intraday: false")) == {"a": False}


@pytest.mark.parametrize(("mode", "is_compared"), [("probe", True), ("disabled", False), ("paper_only", False)])
def test_bot_of_a_fleet_is_compared_where_the_map_says_that_its_account_may_be_asked(
    tmp_path: Path, mode: str, *, is_compared: bool
) -> None:
    assert compared(fleet(tmp_path, account_mode=mode)) == {"bot1": is_compared}


def test_fleet_says_so_for_all_its_bots(tmp_path: Path) -> None:
    assert compared(fleet(tmp_path, ", intraday: false")) == {"bot1": False}


def test_bot_that_is_taken_out_is_not_known(tmp_path: Path) -> None:
    fleet(tmp_path)
    made = workspace(tmp_path, FLEET % "")
    made.write("config/reconciliation_thresholds.json", {"bots": {"bot1": {"enabled": False}}})

    assert compared(made.load(ENVIRONMENT)) == {}


def test_reader_goes_on_from_cycle_to_cycle(tmp_path: Path) -> None:
    readers = Readers(bot(tmp_path, HUMMINGBOT, VENUES["ccxt"]), Connections(FixedClock()))

    assert readers()["a"] is readers()["a"]


@pytest.mark.parametrize(
    ("ledger", "venue", "tells"),
    [
        (HUMMINGBOT, VENUES["ccxt"], Tells(positions=True, fills=True, balances=False)),
        (
            "{type: freqtrade, url: sqlite:///t.sqlite}",
            VENUES["ccxt"],
            Tells(positions=True, fills=True, balances=False),
        ),
        (
            "{type: file, positions: a.csv, fills: b.csv, balances: c.csv}",
            VENUES["ccxt"],
            Tells(positions=True, fills=True, balances=True),
        ),
        ("{type: file, positions: a.csv}", VENUES["ccxt"], Tells(positions=True, fills=False, balances=False)),
        (
            "{type: file, positions: a.csv, fills: b.csv, balances: c.csv}",
            "{type: file, positions: x.csv, fills: y.csv}",
            Tells(positions=True, fills=True, balances=False),
        ),
    ],
    ids=["hummingbot", "freqtrade", "file", "positions alone", "venue without balances"],
)
def test_what_is_compared_is_what_both_sides_tell(tmp_path: Path, ledger: str, venue: str, tells: Tells) -> None:
    settings = bot(tmp_path, ledger, venue, ", eod: {at: '00:05'}")

    assert tells_of(owners(settings)["a"]) == tells


def test_books_of_hbot_may_be_without_a_column_of_positions(tmp_path: Path) -> None:
    told = tells_of(owners(fleet(tmp_path))["bot1"])

    assert told == Tells(positions=True, fills=True, balances=False, are_positions_optional=True)


def test_terms_are_those_of_the_configuration(tmp_path: Path) -> None:
    venue = (
        "{type: ccxt, exchange: bitget, credential_prefix: BOT1, ownership: shared, "
        "client_id_prefixes: [HBOT-], allowed_orders: [web-]}"
    )
    top = (
        "confirm: {cycles: 3, clear: 2, settle: 30s}\n"
        'tolerances: {quantity: "0.1", quantity_steps: "2", fill_price_relative: "0.01", fee_relative: "0.02", '
        'fill_price_absolute: "0.5", fee_absolute: "0.03"}\n'
        'policy: {halt_exposure_usd: "500"}\n'
    )
    settings = bot(tmp_path, HUMMINGBOT, venue, top=top)
    terms = side_terms(settings, owners(settings)["a"])

    assert (terms.use, terms.allowed_client_ids) == (AccountUse.SHARED, ("web-",))
    assert terms.comparison.client_id_prefixes == ("HBOT-",)
    assert (terms.settle, terms.confirmation) == (30 * SECOND, Confirmation(3, 2, 30 * SECOND))
    assert (terms.comparison.tolerance.quantity, terms.comparison.tolerance.steps) == (Decimal("0.1"), Decimal(2))
    assert (terms.fill_price_relative, terms.fee_relative) == (Decimal("0.01"), Decimal("0.02"))
    assert (terms.fill_price_absolute, terms.fee_absolute) == (Decimal("0.5"), Decimal("0.03"))
    assert terms.materiality_usd == 500


def test_scope_is_that_of_the_bot_or_of_its_whole_fleet(tmp_path: Path) -> None:
    own = bot(tmp_path / "own", HUMMINGBOT, VENUES["ccxt"], ", scope: {only: [BTC-USDT]}")
    of_fleet = fleet(tmp_path / "fleet", ", scope: {without: [ETHUSDT]}")
    scopes = [side_terms(one, owners(one)[name]).comparison.scope for one, name in ((own, "a"), (of_fleet, "bot1"))]

    # Exchanges tell an asset on spot as one position, so any pair of it may be the bot's.
    assert scopes == [
        Scope.of(Symbols.of({}), ["BTC/USDT"], [], is_by_asset=True),
        Scope.of(Symbols.of({}), None, ["ETH/USDT"], is_by_asset=True),
    ]


def test_account_is_the_bots_alone_unless_somebody_says_otherwise(tmp_path: Path) -> None:
    settings = bot(tmp_path, HUMMINGBOT, VENUES["ccxt"])

    assert side_terms(settings, owners(settings)["a"]).use is AccountUse.EXCLUSIVE
