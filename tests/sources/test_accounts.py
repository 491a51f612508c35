"""Which accounts an exchange snapshot holds, and how each is asked, by configuration and account map."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from recon_exporter.demo.hbot_writer import HbotFiles, minute_row
from recon_exporter.domain.policy import AccountMode
from recon_exporter.domain.probe import Probe, ProbeStatus
from recon_exporter.sources import Connections, askings
from support.evidence import NOW
from support.parts import FixedClock
from support.workspace import ACCOUNT_MAP, THRESHOLDS, workspace

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from recon_exporter.settings.credentials import Credentials
    from recon_exporter.settings.model import Settings
    from recon_exporter.settings.venues import FleetCcxtVenue
    from recon_exporter.sources import Asking
    from support.workspace import Workspace

KEY = {"API_KEY": "k", "SECRET": "s", "PASSPHRASE": "p"}
PROBED = {"exchange": "bitget", "credential_prefix": "BOT1", "account_mode": "probe"}


class Recording(Connections):
    """Notes who would be asked and how, and answers nothing."""

    def __init__(self) -> None:
        super().__init__(FixedClock())
        self.asked: list[tuple[str, str, str, FleetCcxtVenue]] = []

    def ccxt(self, bot: str, exchange: str, key: Credentials, section: FleetCcxtVenue) -> Recording:  # type: ignore[override]
        self.asked.append((bot, exchange, key.prefix, section))
        return self

    def probe(self, now: datetime, trading_pair: str) -> Probe:
        return Probe("", "", now, ProbeStatus.OK, trading_pair=trading_pair)


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    made = workspace(tmp_path)
    made.write(ACCOUNT_MAP, {"version": 1, "bots": {"bot1": PROBED}})
    return made


def books(place: Workspace, bot: str, exchange: str = "bitget") -> None:
    at = FixedClock().now() - timedelta(minutes=1)
    HbotFiles(place.directory).append_minutes(bot, [minute_row(at, exchange=exchange, trading_pair="ETH-USDC")])


def accounts(settings: Settings) -> dict[str, Asking]:
    return {one.account.bot: one for one in askings(settings, FixedClock().now())}


def section_of(place: Workspace, bot: str = "bot1", venue: str = "BITGET") -> FleetCcxtVenue:
    """How the bot would be asked."""
    settings = place.load({f"BOT1_{venue}_{part}": value for part, value in KEY.items()})
    recording = Recording()
    accounts(settings)[bot].probe(settings, recording, NOW)
    ((_, _, _, section),) = recording.asked
    return section


def test_map_alone_is_enough(place: Workspace) -> None:
    section = section_of(place)

    assert (section.sandbox, section.base_url, section.account_types) == (False, None, ())


def test_trading_pair_is_that_of_the_newest_row_of_the_bot(place: Workspace) -> None:
    books(place, "bot1")
    row = accounts(place.load())["bot1"].account.row

    assert row is not None
    assert row.trading_pair == "ETH-USDC"


def test_bot_in_perpetuals_is_asked_for_their_part_of_the_account(place: Workspace) -> None:
    books(place, "bot1", "bitget_perpetual")

    assert section_of(place).account_types == ("swap",)


def test_key_of_a_test_network_is_never_shown_to_the_real_one(place: Workspace) -> None:
    place.write(ACCOUNT_MAP, {"version": 1, "bots": {"bot1": {**PROBED, "exchange": "binance_perpetual_testnet"}}})
    section = section_of(place, venue="BINANCE")

    assert (section.sandbox, section.account_types) == (True, ("swap",))


def test_section_of_the_fleet_says_how_its_bots_are_asked_also_one_that_is_not_on_disk(place: Workspace) -> None:
    venue = 'venue: {type: ccxt, base_url: "http://127.0.0.1:9", account_types: [spot]}'
    place.write("config/recon.yml", f"fleets: {{hbot: {{type: hbot, {venue}}}}}\n")

    section = section_of(place)

    assert section.base_url == "http://127.0.0.1:9"
    assert section.account_types == ("spot",)


def test_bot_of_a_fleet_with_exchanges_that_the_map_does_not_name_is_said_to_be_unknown(place: Workspace) -> None:
    place.write("config/recon.yml", "fleets: {hbot: {type: hbot, venue: {type: ccxt}}}\n")
    books(place, "bot7")
    settings = place.load()

    probe = accounts(settings)["bot7"].probe(settings, Recording(), NOW)

    assert (probe.status, probe.error) == (ProbeStatus.UNKNOWN, "account_not_mapped:bot7")


def test_bot_of_a_fleet_that_names_no_exchange_and_no_account_has_no_entry(place: Workspace) -> None:
    books(place, "bot7")

    assert list(accounts(place.load())) == ["bot1"]


def test_bot_that_is_taken_out_keeps_the_entry_that_the_map_gives_it(place: Workspace) -> None:
    place.write(THRESHOLDS, {"version": 1, "bots": {"bot1": {"enabled": False}}})

    assert accounts(place.load())["bot1"].account.mode is AccountMode.PROBE


def test_without_a_key_nobody_is_asked_and_no_other_key_is_taken(place: Workspace) -> None:
    settings = place.load({f"BOT2_BITGET_{part}": value for part, value in KEY.items()})
    recording = Recording()

    probe = accounts(settings)["bot1"].probe(settings, recording, NOW)

    assert (probe.status, probe.error) == (ProbeStatus.MISSING_CREDENTIALS, "bitget_credentials_not_set:BOT1")
    assert recording.asked == []


def test_bot_at_alpaca_is_left_to_its_own_venue(place: Workspace) -> None:
    place.write("config/recon.yml", "fleets: {hbot: {type: hbot, venue: {type: alpaca}}}\n")
    books(place, "bot1")

    assert list(accounts(place.load())) == []
