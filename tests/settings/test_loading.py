"""What a configuration means: built-in fleet, absent files, policies, accounts, credentials, advice."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from recon_exporter import bundle
from recon_exporter.domain.finding import Severity
from recon_exporter.domain.policy import Account, AccountMode, Origin
from recon_exporter.domain.report import ExpectedBot
from recon_exporter.settings.fleets import FleetSettings
from support.workspace import ACCOUNT_MAP, RECON, SMALLEST, THRESHOLDS, Workspace, workspace

if TYPE_CHECKING:
    from pathlib import Path

    from recon_exporter.settings.model import Settings

PROBE = {"exchange": "bitget", "credential_prefix": "BOT1", "account_mode": "probe"}
BITGET = {"BOT1_BITGET_API_KEY": "k", "BOT1_BITGET_SECRET": "s", "BOT1_BITGET_PASSPHRASE": "p"}


def test_shipped_configuration_is_valid_and_says_only_what_is_built_in(tmp_path: Path) -> None:
    shipped, smallest = Workspace(tmp_path), workspace(tmp_path / "smallest")
    for name in (RECON, THRESHOLDS, ACCOUNT_MAP):
        shipped.write(name, (bundle.part("config").parent / name).read_text())

    def values(place: Workspace) -> dict[str, str]:
        return {entry.path: entry.value.replace(f"{place.directory}/", "") for entry in place.load().entries}

    assert values(smallest) == values(shipped)


def test_shipped_thresholds_are_those_of_the_runbook(tmp_path: Path) -> None:
    place = workspace(tmp_path)
    place.write(THRESHOLDS, (bundle.part("config") / "reconciliation_thresholds.json").read_text())
    policies = place.load().policies

    assert policies.taken_out == ("bot2",)
    assert (Decimal("0.45"), Decimal("0.65")) == (
        policies.of("bot3").limit("inventory_warn"),
        policies.of("bot3").limit("inventory_critical"),
    )
    assert not policies.of("bot3").is_on("exchange_check_enabled")
    assert Origin.DEFAULTS is policies.of("bot1").limits["fee_drop_critical"].origin


@pytest.mark.parametrize("told", [True, False])
def test_without_a_file_the_fleet_of_the_runbook_is_built_in(tmp_path: Path, *, told: bool) -> None:
    (tmp_path / "data" / "bot1" / "logs").mkdir(parents=True)
    settings = Workspace(tmp_path).load({"HB_DATA_ROOT": "/srv/data"} if told else {})
    root = tmp_path / ("/srv/data" if told else "data")

    snapshot = tmp_path / "reports/exchange_snapshots/latest.json"
    expected = FleetSettings("hbot", root, tmp_path / "reports/event_store", snapshot, has_exchange_source=False)
    assert settings.fleets == (expected,)
    assert [
        f"{tmp_path / name} is absent: {what}"
        for name, what in (
            (RECON, "built-in values apply"),
            (THRESHOLDS, "built-in thresholds apply"),
            (ACCOUNT_MAP, "no bot has an account"),
        )
    ] == list(settings.notices)


def test_without_a_file_and_without_books_there_is_nobody_to_reconcile(tmp_path: Path) -> None:
    assert Workspace(tmp_path).problems() == (
        f"{RECON}: fleets: found no file, expected a file with fleets or bots, HB_DATA_ROOT, or data/*/logs",
    )


def test_snapshot_is_off_unless_set(tmp_path: Path) -> None:
    place = workspace(tmp_path)
    path = tmp_path / "reports/exchange_snapshots/latest.json"
    enabled = place.load({"RECON_EXCHANGE_SOURCE_ENABLED": "true"})

    assert not place.load().fleets[0].has_exchange_source
    assert not place.load().policies.of("bot1").exchange_source
    assert (path, True) == (enabled.fleets[0].exchange_snapshot, enabled.policies.of("bot1").exchange_source)


def test_one_data_root_cannot_be_that_of_two_fleets(tmp_path: Path) -> None:
    place = workspace(tmp_path, "fleets: {a: {type: hbot, data_root: a}, b: {type: hbot, data_root: b}}")

    assert place.problems({"HB_DATA_ROOT": "/srv"}) == (
        "environment: HB_DATA_ROOT: found /srv, expected no value where the fleets are several: a, b",
    )


def test_bot_in_two_places_is_refused(tmp_path: Path) -> None:
    place = workspace(tmp_path, "fleets:\n  a: {type: hbot, data_root: a}\n  b: {type: hbot, data_root: b}")
    for path in ("a/bot1/logs/epp_v24/x", "a/bot2/logs/epp_v24/x", "b/bot2/logs/runtime_v24/x"):
        (tmp_path / path).mkdir(parents=True)

    assert place.problems() == (f"{RECON}:3: fleets.b.data_root: found b with bot2, expected bots that a has not",)


def test_named_bots_are_expected_with_the_reason(tmp_path: Path) -> None:
    place = workspace(tmp_path)
    place.write(THRESHOLDS, {"version": 1, "bots": {"a": {}, "b": {}, "off": {"enabled": False}}})
    place.write(ACCOUNT_MAP, {"version": 1, "bots": {"b": PROBE, "c": PROBE}})
    policies = place.load().policies

    assert policies.named == (
        ExpectedBot("a", ("thresholds",)),
        ExpectedBot("b", ("thresholds", "account_map")),
        ExpectedBot("c", ("account_map",)),
    )
    assert policies.taken_out == ("off",)


def test_defaults_of_the_map_fill_in_what_a_bot_leaves_out(tmp_path: Path) -> None:
    place = workspace(tmp_path)
    bots = {"bot1": {"account_mode": "paper_only"}, "bot2": {"exchange": "none", "account_mode": "disabled"}}
    place.write(ACCOUNT_MAP, {"version": 1, "defaults": PROBE, "bots": bots})
    policies = place.load().policies

    assert Account("bitget", "BOT1", AccountMode.PAPER_ONLY) == policies.of("bot1").account
    assert Account("none", "BOT1", AccountMode.DISABLED) == policies.of("bot2").account
    assert Account("bitget", "BOT1", AccountMode.PROBE) == policies.of("other").account


def test_without_defaults_a_bot_that_the_map_does_not_name_has_no_account(tmp_path: Path) -> None:
    place = workspace(tmp_path)
    place.write(ACCOUNT_MAP, {"version": 1, "bots": {"bot1": PROBE}})

    assert place.load().policies.of("bot2").account is None


def test_policy_of_a_bot_is_made_once_and_holds_the_sections(tmp_path: Path) -> None:
    recon = f"""{SMALLEST}
freshness: {{minute_rows: 2.5, snapshot: 5m, future_skew: 0, events: 30m}}
accounting: {{fee_drop_relative_floor: 0.1}}
balance: {{identity_tolerance: "0.001", equity_jump_ratio: 0.2}}
"""
    policies = workspace(tmp_path, recon).load().policies
    policy = policies.of("bot1")

    assert policies.of("bot1") is policy
    assert (Decimal("2.5"), timedelta(minutes=5)) == (policy.freshness.minute_rows, policy.freshness.snapshot)
    assert (timedelta(0), timedelta(minutes=30)) == (policy.freshness.future_skew, policy.freshness.events)
    assert (Decimal("0.1"), Decimal("0.001"), Decimal("0.2")) == (
        policy.fee_drop_relative_floor,
        policy.identity_tolerance,
        policy.equity_jump_ratio,
    )


def test_numbers_are_exact_whether_written_as_number_or_text(tmp_path: Path) -> None:
    place = workspace(tmp_path, f"{SMALLEST}tolerances: {{quantity: 0.1, price_relative: '0.10'}}")
    place.write(
        THRESHOLDS, '{"version": 1, "defaults": {"inventory_warn": 0.10, "inventory_critical": "0.2000000001"}}'
    )
    settings = place.load()

    assert (str(settings.tolerances.quantity), str(settings.tolerances.price_relative)) == ("0.1", "0.10")
    assert str(settings.policies.of("b").limit("inventory_critical")) == "0.2000000001"


def test_sizes_and_durations_have_units(tmp_path: Path) -> None:
    recon = f"{SMALLEST}reports: {{max_bytes: 500MiB, retention: 24h}}\nwebhook: {{repeat: 300, min_severity: warning}}"
    settings = workspace(tmp_path, recon).load()

    assert (500 * 2**20, timedelta(days=1)) == (settings.reports.max_bytes, settings.reports.retention)
    assert (timedelta(minutes=5), Severity.WARNING) == (settings.webhook.repeat, settings.webhook.min_severity)


def test_relative_paths_and_sqlite_files_start_at_the_directory(tmp_path: Path) -> None:
    place = workspace(tmp_path, f"{SMALLEST}reports: {{dir: out}}\nincidents: {{path: /srv/incidents.md}}")
    settings = place.load()

    assert (tmp_path / "out", "/srv/incidents.md") == (settings.reports.dir, str(settings.incidents.path))
    assert settings.state.url.get_secret_value() == f"sqlite:///{tmp_path}/.state/recon.db"


def test_state_address_may_stand_in_a_file(tmp_path: Path) -> None:
    place = workspace(tmp_path, f"{SMALLEST}state: {{url_file: state_url}}")
    place.write("state_url", "postgresql+psycopg://recon:pw@db/recon\n")

    assert place.load().state.url.get_secret_value() == "postgresql+psycopg://recon:pw@db/recon"


@pytest.mark.parametrize(("content", "why"), [("", "empty"), ("a\nb", "more than one line"), ("x", "expected")])
def test_address_file_must_hold_one_address(tmp_path: Path, content: str, why: str) -> None:
    place = workspace(tmp_path, f"{SMALLEST}webhook: {{url_file: hook}}")
    place.write("hook", content)
    (problem,) = place.problems()

    assert problem.startswith(f"{RECON}:2: webhook.url_file: found hook, expected a file with one line, the address (")
    assert why in problem or "http:// or https:// address" in problem


def with_map(tmp_path: Path) -> Workspace:
    place = workspace(tmp_path)
    place.write(
        ACCOUNT_MAP,
        {
            "version": 1,
            "bots": {
                "bot1": PROBE,
                "bot4": {"exchange": "binance_perpetual", "credential_prefix": "BOT4", "account_mode": "probe"},
            },
        },
    )
    return place


def prefixes(settings: Settings) -> list[tuple[str, str]]:
    return [(key.prefix, key.venue) for key in settings.credentials]


def test_all_parts_of_a_prefix_or_none(tmp_path: Path) -> None:
    place = with_map(tmp_path)

    assert prefixes(place.load()) == []
    assert prefixes(place.load(BITGET)) == [("BOT1", "BITGET")]
    assert place.problems({"BOT1_BITGET_API_KEY": "k"}) == (
        "environment: BOT1_BITGET_PASSPHRASE: found nothing, expected a value, because BOT1_BITGET_API_KEY is set",
        "environment: BOT1_BITGET_SECRET: found nothing, expected a value, because BOT1_BITGET_API_KEY is set",
    )


def test_parts_are_never_taken_from_another_prefix(tmp_path: Path) -> None:
    place = with_map(tmp_path)
    unprefixed = {"BITGET_API_KEY": "k", "BITGET_SECRET": "s", "BITGET_PASSPHRASE": "p"}

    assert prefixes(place.load(unprefixed)) == []
    assert len(place.problems({**unprefixed, "BOT1_BITGET_API_KEY": "k"})) == 2


def test_other_venues_need_no_passphrase(tmp_path: Path) -> None:
    settings = with_map(tmp_path).load({"BOT4_BINANCE_API_KEY": "k", "BOT4_BINANCE_SECRET": "s"})

    assert prefixes(settings) == [("BOT4", "BINANCE")]
    assert settings.credentials[0].passphrase is None


def test_parts_may_stand_in_files(tmp_path: Path) -> None:
    place = with_map(tmp_path)
    place.write("secret", "s\n")
    files = {**BITGET, "BOT1_BITGET_SECRET_FILE": "secret"}
    both = place.problems(files)
    del files["BOT1_BITGET_SECRET"]
    (key,) = place.load(files).credentials
    assert key.secret.get_secret_value() == "s"
    assert both == (
        "environment: BOT1_BITGET_SECRET: found ***, expected either BOT1_BITGET_SECRET or BOT1_BITGET_SECRET_FILE",
    )
    assert place.problems({**files, "BOT1_BITGET_SECRET_FILE": "absent"}) == (
        (
            "environment: BOT1_BITGET_SECRET_FILE: found absent, "
            "expected a file with one line (No such file or directory)"
        ),
    )


@pytest.mark.parametrize(("cycle", "warned"), [("29s", True), ("30s", False), ("1s", True)])
def test_short_cycle_is_warned_about(tmp_path: Path, cycle: str, *, warned: bool) -> None:
    settings = workspace(tmp_path, f"{SMALLEST}schedule: {{cycle: {cycle}}}").load()

    assert warned == any("schedule.cycle" in warning for warning in settings.warnings)


@pytest.mark.parametrize(
    ("url", "warned"),
    [("http://127.0.0.1:9811", True), ("http://localhost", True), ("http://[::1]:1", True), ("http://127.0.0.9", True),
     ("http://recon.example.org", False), ("http://10.0.0.1:9811", False)],
)  # fmt: skip
def test_loopback_address_is_warned_about(tmp_path: Path, url: str, *, warned: bool) -> None:
    settings = workspace(tmp_path).load({"RECON_WEB_EXTERNAL_URL": url})

    assert warned == any("web.external_url" in warning for warning in settings.warnings)


def test_variable_that_does_nothing_is_warned_about(tmp_path: Path) -> None:
    settings = workspace(tmp_path).load({"RECON_EXCHANGE_SOURCE_ENABELD": "false", "PATH": "/bin"})

    assert settings.warnings[-1] == "RECON_EXCHANGE_SOURCE_ENABELD is no variable of recon-exporter: it does nothing"
    assert not any("PATH" in warning for warning in settings.warnings)


def test_variables_of_a_fleet_are_judged_also_where_no_fleet_can_be_read(tmp_path: Path) -> None:
    place = workspace(tmp_path, "fleets: [")

    assert place.problems({"RECON_EXCHANGE_SOURCE_ENABLED": "ture"})[1:] == (
        "environment: RECON_EXCHANGE_SOURCE_ENABLED: found ture, expected true or false",
    )


def test_problems_of_all_files_and_variables_come_at_once(tmp_path: Path) -> None:
    place = workspace(tmp_path, "schedule: null\nfleets: {hbot: {type: hbot}}\nextra: 1")
    place.write(THRESHOLDS, {"version": 9})
    place.write(ACCOUNT_MAP, "{")
    problems = place.problems(
        {"RECON_INTERVAL_SEC": "abc", "RECON_INVENTORY_DRIFT_WARN": "x", "RECON_LOG_LEVEL": "all"}
    )

    assert [problem.split(": ")[1] for problem in problems] == [
        "schedule",
        "extra",
        "RECON_INTERVAL_SEC",
        "RECON_LOG_LEVEL",
        "RECON_INVENTORY_DRIFT_WARN",
        "version",
        "-",
    ]
