"""The exchange snapshot against the local Bitget, asked by ccxt as it comes, over the shipped account map."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
import structlog

from recon_exporter.clock import SystemClock
from recon_exporter.commands import snapshot as command
from recon_exporter.demo.exchange import Fault
from recon_exporter.domain.statement import VenueAccount
from recon_exporter.errors import DeliveryFailed
from recon_exporter.settings.overrides import Overrides
from recon_exporter.telemetry import Format, Telemetry
from recon_exporter.venues.exchange_snapshot import ExchangeSnapshot
from support.hbot import FRESHNESS
from support.snapshots import KEYS, OTHER_KEYS, environment_of, snapshot_world

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.snapshots import SnapshotWorld

KEYS_OF_THE_FILE = {"ts_utc", "source", "mode", "account_map_path", "note", "account_probe", "account_probe_cache"}
KEYS_OF_AN_ENTRY = {
    *("base_pct", "equity_quote", "exchange", "trading_pair", "source", "account_scope", "account_probe_status"),
    *("account_balances", "account_probe_error", "account_exchange", "account_credential_prefix", "account_mode"),
    *("perp_positions", "ts_utc", "permissions", "clock_skew_seconds", "price"),
}
PROBED = {"exchange": "bitget", "credential_prefix": "BOT1", "account_mode": "probe"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[SnapshotWorld]:
    handlers = logging.getLogger().handlers[:]
    with snapshot_world(tmp_path) as made:
        yield made
    logging.getLogger().handlers[:] = handlers
    structlog.reset_defaults()


def run(world: SnapshotWorld, *, as_json: bool = False, **environment: str) -> int:
    return command.run(Overrides(), {**world.environment, **environment}, world.folder, as_json=as_json)


def statuses(document: dict[str, Any]) -> dict[str, str]:
    return {bot: entry["account_probe_status"] for bot, entry in document["bots"].items()}


def test_validation_target_of_the_shipped_map_holds(world: SnapshotWorld) -> None:
    code = run(world)

    document = world.written()
    # Nobody has given a key to bot4.
    assert code == 1
    assert document["mode"] == "bitget_ccxt_private"
    assert statuses(document) == {
        "bot1": "ok",
        "bot2": "disabled",
        "bot3": "paper_only",
        "bot4": "missing_credentials",
    }
    assert document["bots"]["bot4"]["account_probe_error"] == "binance_credentials_not_set:BOT4"
    assert set(document) >= KEYS_OF_THE_FILE
    assert all(set(entry) >= KEYS_OF_AN_ENTRY for entry in document["bots"].values())


def test_nobody_is_asked_about_accounts_that_are_disabled_or_paper(world: SnapshotWorld) -> None:
    world.accounts(
        {bot: {**PROBED, "account_mode": mode} for bot, mode in (("bot2", "disabled"), ("bot3", "paper_only"))}
    )
    (world.folder / "data" / "bot1").rename(world.folder / "gone")

    assert run(world) == 0
    assert world.server.journal.count() == 0


def test_base_share_is_that_of_the_account_at_the_price_of_the_exchange(world: SnapshotWorld) -> None:
    world.accounts({"bot1": PROBED, "bot2": {"account_mode": "disabled"}, "bot3": {"account_mode": "paper_only"}})

    assert run(world) == 0
    document = world.written()
    entry = document["bots"]["bot1"]
    # 0.08 BTC at 50000 beside 6000 USDT; the bot's own row says something else.
    assert (entry["base_pct"], entry["equity_quote"], entry["price"]) == (0.4, 10000, 50000)
    assert entry["account_balances"]["BTC"] == {"total": 0.08, "free": 0.08}
    assert entry["permissions"] == {"trade": True, "withdraw": False}
    assert abs(entry["clock_skew_seconds"]) < 5
    assert document["account_probe_cache"]["BOT1"]["balances"]["USDT"]["total"] == 6000
    assert document["account_probe"]["status"] == "ok"


def test_json_prints_what_was_written(world: SnapshotWorld, capsys: pytest.CaptureFixture[str]) -> None:
    run(world, as_json=True)

    assert json.loads(capsys.readouterr().out) == world.written()


def test_assets_that_are_asked_for_are_told_also_where_none_is_held(world: SnapshotWorld) -> None:
    run(world, EXCHANGE_SNAPSHOT_ASSETS="BTC,ETH")

    assert world.written()["bots"]["bot1"]["account_balances"]["ETH"] == {"total": 0, "free": 0}


def test_reader_of_the_cycle_finds_in_it_what_the_account_holds(world: SnapshotWorld) -> None:
    run(world)

    read = ExchangeSnapshot("hbot", world.path, FRESHNESS).read(SystemClock().now())

    assert isinstance(read, dict)
    account = read["bot1"]
    assert isinstance(account, VenueAccount)
    assert account.probe_status == "ok"
    assert str(account.balances["BTC"].total) == "0.08"  # type: ignore[index]
    assert account.permissions == {"trade": True, "withdraw": False}
    assert account.positions == ()


def test_copied_numbers_are_marked_and_never_expected(world: SnapshotWorld) -> None:
    assert run(world, EXCHANGE_SNAPSHOT_MODE="proxy_local") == 1

    document = world.written()
    entry = document["bots"]["bot1"]
    assert (document["mode"], document["evidence"], entry["evidence"]) == ("proxy_local", False, False)
    assert entry["source"] == "local_minute_proxy"
    assert entry["base_pct"] is not None
    assert entry["account_balances"] == {}
    assert "NO EVIDENCE" in document["note"]
    assert world.server.journal.count() == 0


def test_configuration_that_is_refused_leaves_the_file_alone(world: SnapshotWorld) -> None:
    run(world)
    before = world.path.read_text()

    assert run(world, EXCHANGE_SNAPSHOT_MODE="guess") == 2
    assert world.path.read_text() == before


FAULTS = [
    Fault.RATE_LIMITED,
    Fault.UNAVAILABLE,
    Fault.HTML,
    Fault.HANG,
    Fault.UNKNOWN_KEY,
    Fault.WRONG_SIGNATURE,
    Fault.FORBIDDEN,
]


@pytest.mark.parametrize("fault", FAULTS)
def test_one_account_that_cannot_be_asked_leaves_the_others_fresh_and_recovers(
    fault: Fault, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    telemetry = Telemetry("1", ("snapshot",), ())
    with snapshot_world(tmp_path, deadline="3s") as world:
        world.environment |= environment_of("BOT5", OTHER_KEYS)
        world.accounts({"bot1": PROBED, "bot5": {**PROBED, "credential_prefix": "BOT5"}})
        snapshots = world.snapshots(meter=telemetry.venues)
        assert [probe.status for _, probe in snapshots.take().asked if probe.bot in {"bot1", "bot5"}] == ["ok", "ok"]

        world.server.fail(fault, account="bot1")
        snapshots.write(snapshots.take())
        broken = world.written()["bots"]
        world.server.recover()
        snapshots.write(snapshots.take())

        assert (broken["bot1"]["account_probe_status"], broken["bot5"]["account_probe_status"]) == (
            "fetch_failed",
            "ok",
        )
        assert broken["bot1"]["account_probe_error"]
        assert (broken["bot1"]["base_pct"], broken["bot1"]["account_balances"]) == (None, {})
        assert broken["bot1"]["perp_positions"]["status"] == "fetch_failed"
        assert world.written()["bots"]["bot1"]["account_probe_status"] == "ok"
        said = capfd.readouterr()
        metrics = telemetry.exposition(Format.TEXT).decode()
        assert 'recon_venue_requests_total{venue="bitget"}' in metrics
        assert any(not line.endswith(" 0.0") for line in metrics.splitlines() if "request_failures_total{" in line)
        for secret in world.secrets():
            assert secret not in f"{json.dumps(broken)}{said.out}{said.err}{metrics}{world.path.read_text()}"


def test_wrong_key_is_said_without_showing_it(world: SnapshotWorld) -> None:
    run(world, BOT1_BITGET_API_KEY="bg_nobodys")

    entry = world.written()["bots"]["bot1"]
    assert (entry["account_probe_status"], entry["account_probe_reason"]) == ("fetch_failed", "credentials_refused")
    assert "bg_nobodys" not in world.path.read_text()


def test_file_that_cannot_be_replaced_is_the_one_before(world: SnapshotWorld) -> None:
    run(world)
    before = world.path.read_text()
    snapshots = world.snapshots()
    taken = snapshots.take()
    blocked = world.path.parent.with_name("elsewhere")
    world.path.parent.rename(blocked)
    world.path.parent.write_text("no folder")

    with pytest.raises(DeliveryFailed):
        snapshots.write(taken)
    assert run(world) == 2
    world.path.parent.unlink()
    blocked.rename(world.path.parent)
    assert world.path.read_text() == before
    assert list(world.path.parent.iterdir()) == [world.path]


def test_exchange_that_does_not_exist_fails_by_itself(world: SnapshotWorld) -> None:
    world.accounts({"bot1": PROBED, "bot2": {**PROBED, "exchange": "nowhere"}})

    run(world, BOT1_NOWHERE_API_KEY=KEYS.key, BOT1_NOWHERE_SECRET=KEYS.secret)

    entries = world.written()["bots"]
    assert entries["bot1"]["account_probe_status"] == "ok"
    assert entries["bot2"]["account_probe_status"] == "fetch_failed"
    assert "nowhere" in entries["bot2"]["account_probe_error"]
