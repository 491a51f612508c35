"""Which layer wins: flag > environment > file > built-in; thresholds have an order of their own."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from recon_exporter import bundle
from recon_exporter.domain.policy import Origin
from recon_exporter.settings.overrides import Overrides
from support.workspace import ACCOUNT_MAP, RECON, THRESHOLDS, Workspace, workspace

if TYPE_CHECKING:
    from pathlib import Path

    from recon_exporter.settings.model import Settings

# path, in the file, variable and its value, effective values: built-in, file, environment
TABLE = [
    ("schedule.cycle", "2m", "RECON_INTERVAL_SEC", "300", "1m", "2m", "5m"),
    ("schedule.snapshot", "3m", "EXCHANGE_SNAPSHOT_INTERVAL_SEC", "60", "2m", "3m", "1m"),
    ("web.listen_address", ":1", "RECON_WEB_LISTEN_ADDRESS", "[::1]:2", "127.0.0.1:9811", ":1", "[::1]:2"),
    (
        "web.external_url",
        "http://a/",
        "RECON_WEB_EXTERNAL_URL",
        "http://b",
        "http://127.0.0.1:9811",
        "http://a",
        "http://b",
    ),
    ("webhook.min_severity", "critical", "RECON_ALERT_MIN_SEVERITY", "warning", "critical", "critical", "warning"),
    (
        "alertmanager.url",
        "http://a:9093",
        "RECON_ALERTMANAGER_URL",
        "http://b:9093/alerts/",
        "http://127.0.0.1:9093",
        "http://a:9093",
        "http://b:9093/alerts",
    ),
    ("webhook.url", "http://a/x", "RECON_ALERT_WEBHOOK_URL", "http://b/y", None, "http://a/***", "http://b/***"),
    ("fleets.hbot.data_root", "bots", "HB_DATA_ROOT", "/srv/data", "data", "bots", "/srv/data"),
    (
        "fleets.hbot.exchange_snapshot.enabled",
        "true",
        "RECON_EXCHANGE_SOURCE_ENABLED",
        "false",
        "false",
        "true",
        "false",
    ),
    (
        "fleets.hbot.exchange_snapshot.path",
        "a.json",
        "RECON_EXCHANGE_SNAPSHOT_PATH",
        "/b.json",
        "reports/exchange_snapshots/latest.json",
        "a.json",
        "/b.json",
    ),
]
ONLY_VARIABLES = [
    ("web.enable_lifecycle", "RECON_WEB_ENABLE_LIFECYCLE", "1", "false", "true"),
    ("log.level", "RECON_LOG_LEVEL", "debug", "info", "debug"),
    ("log.format", "RECON_LOG_FORMAT", "json", "logfmt", "json"),
    ("snapshot_job.mode", "EXCHANGE_SNAPSHOT_MODE", "proxy_local", "bitget_ccxt_private", "proxy_local"),
    ("snapshot_job.assets", "EXCHANGE_SNAPSHOT_ASSETS", "ETH, USDT", "BTC,USDT", "ETH,USDT"),
    ("snapshot_job.out_path", "EXCHANGE_SNAPSHOT_OUT_PATH", "/a", "reports/exchange_snapshots/latest.json", "/a"),
]
FLAGS = [
    ("web.listen_address", Overrides(listen_address=":3"), {"RECON_WEB_LISTEN_ADDRESS": ":2"}, ":3"),
    ("web.external_url", Overrides(external_url="http://c"), {"RECON_WEB_EXTERNAL_URL": "http://b"}, "http://c"),
    ("web.enable_lifecycle", Overrides(enable_lifecycle=True), {"RECON_WEB_ENABLE_LIFECYCLE": "0"}, "true"),
    ("log.level", Overrides(log_level="error"), {"RECON_LOG_LEVEL": "debug"}, "error"),
    ("log.format", Overrides(log_format="json"), {"RECON_LOG_FORMAT": "logfmt"}, "json"),
]


def nested(path: str, value: str) -> str:
    """A recon.yml that says the value at the path, beside the fleet that every one must have."""
    lines, steps = [], path.split(".")
    quoted = f'"{value}"' if ":" in value else value
    for depth, step in enumerate(steps):
        lines.append(f"{'  ' * depth}{step}:" + (f" {quoted}" if depth == len(steps) - 1 else ""))
        if step == "hbot":
            lines.append("    type: hbot")
    return "\n".join(lines) if steps[0] == "fleets" else "\n".join([*lines, "fleets: {hbot: {type: hbot}}"])


def shown(settings: Settings, path: str, directory: Path) -> tuple[str, str] | None:
    """Value and origin as print-config shows them."""
    return next(
        (
            (entry.value.replace(f"{directory}/", ""), str(entry.origin))
            for entry in settings.entries
            if entry.path == path
        ),
        None,
    )


@pytest.mark.parametrize(("path", "written", "variable", "text", "builtin", "in_file", "in_environment"), TABLE)
def test_environment_beats_file_beats_builtin(
    tmp_path: Path,
    path: str,
    written: str,
    variable: str,
    text: str,
    builtin: str | None,
    in_file: str,
    in_environment: str,
) -> None:
    bare, place = workspace(tmp_path / "bare"), workspace(tmp_path, nested(path, written))

    assert (None if builtin is None else (builtin, "builtin")) == shown(bare.load(), path, bare.directory)
    assert (in_file, "file") == shown(place.load(), path, tmp_path)
    assert (in_environment, "environment") == shown(place.load({variable: text}), path, tmp_path)


@pytest.mark.parametrize(("path", "variable", "text", "builtin", "in_environment"), ONLY_VARIABLES)
def test_what_no_file_says_is_said_by_variables(
    tmp_path: Path, path: str, variable: str, text: str, builtin: str, in_environment: str
) -> None:
    place = workspace(tmp_path)

    assert (builtin, "builtin") == shown(place.load(), path, tmp_path)
    assert (in_environment, "environment") == shown(place.load({variable: text}), path, tmp_path)


@pytest.mark.parametrize(("path", "flags", "environment", "value"), FLAGS)
def test_flag_beats_environment(
    tmp_path: Path, path: str, flags: Overrides, environment: dict[str, str], value: str
) -> None:
    assert (value, "flag") == shown(workspace(tmp_path).load(environment, flags), path, tmp_path)


def test_flag_names_the_file_before_the_variable_does(tmp_path: Path) -> None:
    place = workspace(tmp_path, "schedule: {cycle: 1h}\nfleets: {a: {type: hbot}}")
    place.write("flag.yml", "schedule: {cycle: 2h}\nfleets: {a: {type: hbot}}")
    place.write("variable.yml", "schedule: {cycle: 3h}\nfleets: {a: {type: hbot}}")
    environment = {"RECON_CONFIG_FILE": "variable.yml"}

    assert timedelta(hours=1) == place.load().schedule.cycle
    assert timedelta(hours=3) == place.load(environment).schedule.cycle
    assert timedelta(hours=2) == place.load(environment, Overrides(config_file="flag.yml")).schedule.cycle


def test_web_configuration_file_comes_from_flag_or_variable(tmp_path: Path) -> None:
    place = workspace(tmp_path)
    place.write("a.yml", "")
    place.write("b.yml", "")
    environment = {"RECON_WEB_CONFIG_FILE": "a.yml"}

    assert place.load().web.config_file is None
    assert tmp_path / "a.yml" == place.load(environment).web.config_file
    assert tmp_path / "b.yml" == place.load(environment, Overrides(web_config_file="b.yml")).web.config_file


def test_variables_name_the_json_files(tmp_path: Path) -> None:
    place = workspace(tmp_path, "fleets: {hbot: {type: hbot}}\nthresholds_file: a.json\naccount_map_file: b.json")
    for name in ("a.json", "b.json", "c.json", "d.json"):
        place.write(name, {"version": 1})
    settings = place.load({"RECON_THRESHOLDS_PATH": "c.json", "EXCHANGE_ACCOUNT_MAP_PATH": "d.json"})

    assert (tmp_path / "a.json", tmp_path / "b.json") == (place.load().thresholds_path, place.load().account_map_path)
    assert (tmp_path / "c.json", tmp_path / "d.json") == (settings.thresholds_path, settings.account_map_path)


def test_empty_variable_counts_as_not_set(tmp_path: Path) -> None:
    settings = workspace(tmp_path).load(
        {"RECON_INTERVAL_SEC": "", "RECON_ALERT_WEBHOOK_URL": "", "RECON_CONFIG_FILE": ""}
    )

    assert (timedelta(minutes=1), None) == (settings.schedule.cycle, settings.webhook.url)


def test_address_in_a_variable_takes_the_place_of_a_file_named_by_the_configuration(tmp_path: Path) -> None:
    place = workspace(tmp_path, "fleets: {hbot: {type: hbot}}\nwebhook: {url_file: hook}")
    place.write("hook", "https://hooks.example.org/from/file\n")
    place.write("other", "https://hooks.example.org/from/other")

    def url(environment: dict[str, str]) -> str:
        found = place.load(environment).webhook.url
        return found.get_secret_value() if found else ""

    assert url({}).endswith("/from/file")
    assert url({"RECON_ALERT_WEBHOOK_URL": "https://hooks.example.org/direct"}).endswith("/direct")
    assert url({"RECON_ALERT_WEBHOOK_URL_FILE": "other"}).endswith("/from/other")
    assert shown(place.load(), "webhook.url", tmp_path) == ("https://hooks.example.org/***", "file")


def layered(place: Workspace, bot: object, defaults: object) -> None:
    place.write(THRESHOLDS, {"version": 1, "defaults": defaults, "bots": {"bot1": bot}})


@pytest.mark.parametrize(
    ("bot", "environment", "defaults", "value", "origin"),
    [
        ({"inventory_warn": 0.1}, {"RECON_INVENTORY_DRIFT_WARN": "0.2"}, {"inventory_warn": 0.3}, "0.1", Origin.BOT),
        ({}, {"RECON_INVENTORY_DRIFT_WARN": "0.2"}, {"inventory_warn": 0.3}, "0.2", Origin.ENVIRONMENT),
        ({}, {}, {"inventory_warn": 0.3}, "0.3", Origin.DEFAULTS),
        ({}, {}, {}, "0.25", Origin.BUILTIN),
    ],
)
def test_thresholds_take_bot_before_environment_before_defaults(
    tmp_path: Path, bot: object, environment: dict[str, str], defaults: object, value: str, origin: Origin
) -> None:
    place = workspace(tmp_path)
    layered(place, bot, defaults)
    limit = place.load(environment).policies.of("bot1").limits["inventory_warn"]

    assert (Decimal(value), origin) == (limit.value, limit.origin)


def test_threshold_variables_act_with_the_shipped_files(tmp_path: Path) -> None:
    place = Workspace(tmp_path)
    for name in (RECON, THRESHOLDS, ACCOUNT_MAP):
        place.write(name, (bundle.part("config").parent / name).read_text())
    environment = {"RECON_INVENTORY_DRIFT_WARN": "0.01", "RECON_INVENTORY_DRIFT_CRITICAL": "0.02"}
    settings = place.load(environment)
    policy, own = settings.policies.of("bot9"), settings.policies.of("bot1")

    assert (Decimal("0.01"), Decimal("0.02")) == (policy.limit("inventory_warn"), policy.limit("inventory_critical"))
    assert Origin.ENVIRONMENT is policy.limits["inventory_warn"].origin
    assert (Decimal("0.40"), Origin.BOT) == (own.limit("inventory_warn"), own.limits["inventory_warn"].origin)
    assert [
        (
            f"RECON_INVENTORY_DRIFT_CRITICAL=0.02 does not act on bot1, bot3, bot4: "
            f"{settings.thresholds_path} has inventory_critical for each of them"
        ),
        (
            f"RECON_INVENTORY_DRIFT_WARN=0.01 does not act on bot1, bot3, bot4: "
            f"{settings.thresholds_path} has inventory_warn for each of them"
        ),
    ] == [warning for warning in settings.warnings if "DRIFT" in warning]
