"""`bundle alertmanager` fills in who is told, keeps it from others, and leaves nothing half filled in."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from recon_exporter import bundle
from recon_exporter.commands import bundle_alertmanager

Capture = pytest.CaptureFixture[str]

EXAMPLE = bundle.part("alerts") / "alertmanager-secrets.example.yml"
SMALLEST = {
    "pager_webhook_url": "http://127.0.0.1:1/page",
    "chat_webhook_url": "http://127.0.0.1:1/chat",
    "dead_mans_switch_url": "http://127.0.0.1:1/switch",
}
EVERYTHING = dict(yaml.safe_load(EXAMPLE.read_text().replace("REPLACE", "filled")))
RECEIVERS = {"critical": "mail,pager,chat", "warning": "mail,chat", "info": "mail,chat-all-clear"}


def write(folder: Path, secrets: object, mode: int = 0o600) -> Path:
    path = folder / "secrets.yml"
    path.write_text(secrets if isinstance(secrets, str) else yaml.safe_dump(secrets))
    path.chmod(mode)
    return path


def made(folder: Path, secrets: object, *, in_files: bool = False) -> dict[str, Any]:
    assert bundle_alertmanager.run(write(folder, secrets), folder / "made", in_files=in_files) == 0
    configuration: dict[str, Any] = yaml.safe_load((folder / "made" / "alertmanager.yml").read_text())
    return configuration


def ways(configuration: dict[str, Any]) -> dict[str, set[str]]:
    return {receiver["name"]: set(receiver) - {"name"} for receiver in configuration["receivers"]}


def checked(path: Path) -> None:
    result = subprocess.run(["amtool", "check-config", path], check=False, capture_output=True, text=True)
    assert (result.returncode, "1 templates" in result.stdout) == (0, True), result.stderr


@pytest.mark.needs_program("amtool")
@pytest.mark.parametrize("secrets", [SMALLEST, EVERYTHING], ids=["webhooks alone", "everything"])
def test_alertmanager_takes_what_was_written(tmp_path: Path, secrets: dict[str, str]) -> None:
    made(tmp_path, secrets)

    checked(tmp_path / "made" / "alertmanager.yml")


@pytest.mark.needs_program("amtool")
def test_secrets_in_files_are_the_same_configuration_without_a_secret(tmp_path: Path) -> None:
    """No newer Alertmanager is at hand: what 0.25 cannot read is put back where it would stand, and read by 0.25."""
    inline = made(tmp_path, EVERYTHING)
    configuration = made(tmp_path, EVERYTHING, in_files=True)

    assert not [value for name, value in EVERYTHING.items() if "token" in name and str(value) in str(configuration)]
    for receiver in configuration["receivers"]:
        for way in (way for kind, several in receiver.items() if kind != "name" for way in several):
            for key in [key for key in way if key.endswith("_file")]:
                path = Path(way.pop(key))
                assert (path.is_absolute(), path.stat().st_mode & 0o777) == (True, 0o600)
                way[key.removesuffix("_file")] = path.read_text()
    assert configuration == inline


@pytest.mark.needs_program("amtool")
@pytest.mark.parametrize("severity", RECEIVERS)
def test_mail_is_told_beside_the_others(tmp_path: Path, severity: str) -> None:
    made(tmp_path, EVERYTHING)
    config = f"--config.file={tmp_path / 'made' / 'alertmanager.yml'}"
    command = ["amtool", "config", "routes", "test", config, f"--verify.receivers={RECEIVERS[severity]}"]

    result = subprocess.run([*command, f"severity={severity}", "bot=bot1"], check=False, capture_output=True, text=True)

    assert result.returncode == 0, result.stdout + result.stderr


def test_routes_and_inhibitions_are_the_shipped_ones(tmp_path: Path) -> None:
    shipped = yaml.safe_load((bundle.part("alerts") / "alertmanager.yml").read_text())
    configuration = made(tmp_path, SMALLEST)

    assert {key: configuration[key] for key in ("route", "inhibit_rules")} == {
        key: shipped[key] for key in ("route", "inhibit_rules")
    }
    assert {receiver["name"] for receiver in configuration["receivers"]} == {
        *(receiver["name"] for receiver in shipped["receivers"]),
        "mail",
    }


def test_only_the_chat_hears_of_an_end(tmp_path: Path) -> None:
    told = {
        (receiver["name"], way["send_resolved"])
        for receiver in made(tmp_path, EVERYTHING | SMALLEST)["receivers"]
        for kind, several in receiver.items()
        if kind != "name"
        for way in several
    }

    assert {name for name, is_told in told if is_told} == {"chat"}
    assert ("chat", False) not in told


def test_what_is_not_used_is_left_out(tmp_path: Path, capsys: Capture) -> None:
    telegram = {"telegram_bot_token": "1:a", "telegram_chat_id": -7}

    assert ways(made(tmp_path, SMALLEST | telegram)) == {
        "pager": {"webhook_configs"},
        "chat": {"telegram_configs", "webhook_configs"},
        "chat-all-clear": {"telegram_configs", "webhook_configs"},
        "mail": set(),
        "dead-mans-switch": {"webhook_configs"},
    }
    assert capsys.readouterr().out.splitlines()[3] == "mail: nobody"


def test_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    made(tmp_path, EVERYTHING)
    made(tmp_path, EVERYTHING, in_files=True)

    written = [path for path in (tmp_path / "made").rglob("*") if path.is_file()]
    assert len(written) > 5
    assert {path.stat().st_mode & 0o777 for path in written} == {0o600}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_secrets_that_others_may_read_are_refused(tmp_path: Path, capsys: Capture, mode: int) -> None:
    path = write(tmp_path, SMALLEST, mode)

    assert bundle_alertmanager.run(path, tmp_path / "made", in_files=False) == 2
    assert "may be read by others" in capsys.readouterr().err
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    ("secrets", "said"),
    [
        (EXAMPLE.read_text(), "still REPLACE in dead_mans_switch_url, mail_password, mail_to"),
        (SMALLEST | {"pager_webhok_url": "http://hidden"}, "nothing is called pager_webhok_url"),
        ({**SMALLEST, "telegram_bot_token": ["hidden"]}, "expected one name and one value a line"),
        ("- hidden", "expected one name and one value a line"),
        ("a: {hidden", "is no YAML"),
        ({"chat_webhook_url": "http://hidden"}, "pager: nobody is told; give pagerduty_routing_key or"),
        (
            {"pager_webhook_url": "http://hidden", "telegram_bot_token": "hidden"},
            "chat: nobody is told; give slack_webhook_url, telegram_bot_token with telegram_chat_id",
        ),
        ({**SMALLEST, "dead_mans_switch_url": "REPLACE"}, "still REPLACE in dead_mans_switch_url: fill in"),
        (
            {**SMALLEST, "pagerduty_routing_key": ""},
            "nothing stands behind pagerduty_routing_key: fill in, or take out",
        ),
        ({**SMALLEST, "telegram_chat_id": "@hidden"}, "telegram_chat_id: expected a whole number, such as -1001"),
        ({**SMALLEST, "chat_webhook_url": "hidden/chat"}, "chat_webhook_url: expected an http:// or https:// address"),
        (yaml.safe_dump(SMALLEST) + "chat_webhook_url: http://hidden\n", "chat_webhook_url stands there twice"),
    ],
)
def test_what_would_tell_nobody_is_refused(tmp_path: Path, capsys: Capture, secrets: object, said: str) -> None:
    assert bundle_alertmanager.run(write(tmp_path, secrets), tmp_path / "made", in_files=False) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "hidden" not in error
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("key", ["01234567012345670123456701234567", "1_000", "0x1f", "1e5", "on", "12:30:45"])
def test_secret_is_taken_as_it_stands_there(tmp_path: Path, key: str) -> None:
    text = yaml.safe_dump(SMALLEST) + f"pagerduty_routing_key: {key}\n"

    pager = made(tmp_path, text)["receivers"][0]

    assert pager["pagerduty_configs"][0]["routing_key"] == key


@pytest.mark.needs_program("amtool")
@pytest.mark.parametrize("chat", ["-1001234567890", "'-1001234567890'"])
def test_group_of_telegram_is_a_number_however_it_is_written(tmp_path: Path, chat: str) -> None:
    made(tmp_path, yaml.safe_dump(SMALLEST) + f"telegram_bot_token: '1:a'\ntelegram_chat_id: {chat}\n")

    checked(tmp_path / "made" / "alertmanager.yml")


def test_a_file_that_is_not_there_is_said(tmp_path: Path, capsys: Capture) -> None:
    assert bundle_alertmanager.run(tmp_path / "absent.yml", tmp_path, in_files=False) == 2
    assert capsys.readouterr().err.endswith("absent.yml: No such file or directory\n")
