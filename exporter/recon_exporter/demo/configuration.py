"""What the demonstration's programs are configured with: the shipped files, pointed at each other.

Rules, routes and inhibitions stay as they ship; only addresses, and how often is looked, are the demonstration's own.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from recon_exporter import bundle
from recon_exporter.demo import equities, traders, trading_book
from recon_exporter.demo.bitget_server import USDT_FUTURES
from recon_exporter.demo.credentials import CREDENTIALS
from recon_exporter.demo.fleet import ACCOUNTS, THRESHOLDS

DEFAULT_ADDRESS = "127.0.0.1:9811"
CYCLE = "5s"
SNAPSHOT = "3s"
RULES = "recon.rules.yml"
VARIABLES = "demo.env"


@dataclass(frozen=True, slots=True)
class Venues:
    """Where the local exchanges and the local broker listen."""

    alpaca: str
    bitget: str
    binance: str


def write_exporter_files(folder: Path, external_url: str, webhook_url: str, venues: Venues) -> None:
    """recon.yml, thresholds and account map, where the exporter looks for them, and variables for other terminals."""
    config = folder / "config"
    config.mkdir(parents=True, exist_ok=True)
    _write_yaml(config / "recon.yml", _exporter_configuration(external_url, webhook_url, venues))
    thresholds = {"version": 1, "bots": {bot: dict(values) for bot, values in THRESHOLDS.items()}}
    _write_json(config / "reconciliation_thresholds.json", thresholds)
    _write_json(config / "exchange_account_map.json", {"version": 1, "bots": dict(ACCOUNTS)})
    exports = (f"export {name}={value}\n" for name, value in CREDENTIALS.items())
    (folder / VARIABLES).write_text("".join(exports))


def write_alertmanager_file(folder: Path, receiver_url: str, intervals: Mapping[str, str] | None = None) -> Path:
    """The shipped routes and receivers, every webhook led to ``receiver_url``.

    ``intervals`` take the place of the route's group_wait, group_interval and so on wherever they stand.
    """
    shipped = yaml.safe_load((bundle.part("alerts") / "alertmanager.yml").read_text())
    for receiver in shipped["receivers"]:
        for webhook in receiver["webhook_configs"]:
            webhook["url"] = receiver_url + "/" + webhook["url"].rpartition("/")[2]
    _set_intervals(shipped["route"], intervals or {})
    return _write_yaml(folder / "alertmanager.yml", shipped)


def write_prometheus_files(
    folder: Path, exporter_url: str, alertmanager_url: str | None, interval: str = CYCLE, *, own_url: str | None = None
) -> Path:
    """The shipped scrape jobs of whoever runs, and the rules, their runbook links led to this exporter."""
    rules = (bundle.part("alerts") / RULES).read_text()
    (folder / RULES).write_text(rules.replace(bundle.RUNBOOK_URL, f"{exporter_url}/runbooks"))
    shipped = yaml.safe_load((bundle.part("config") / "prometheus.yml").read_text())
    shipped["global"] = dict.fromkeys(("scrape_interval", "scrape_timeout", "evaluation_interval"), interval)
    shipped["rule_files"] = [RULES]
    running = {"recon-exporter": exporter_url, "prometheus": own_url, "alertmanager": alertmanager_url}
    jobs = ((job, running[job["job_name"]]) for job in shipped["scrape_configs"])
    shipped["scrape_configs"] = [{**job, "static_configs": _targets(url)} for job, url in jobs if url is not None]
    managers = [] if alertmanager_url is None else [{"static_configs": _targets(alertmanager_url)}]
    shipped["alerting"] = {"alertmanagers": managers}
    return _write_yaml(folder / "prometheus.yml", shipped)


def _exporter_configuration(external_url: str, webhook_url: str, venues: Venues) -> Mapping[str, Any]:
    return {
        "web": {"external_url": external_url},
        "schedule": {"cycle": CYCLE, "snapshot": SNAPSHOT},
        "confirm": {"settle": CYCLE},
        "webhook": {"url": webhook_url, "min_severity": "critical"},
        # Rows come every few seconds here, so one that is a minute old is stale.
        "freshness": {"minute_rows": 1},
        "fleets": {"hbot": _fleet(venues.bitget)},
        "bots": {
            equities.BOT: _equities_bot(venues.alpaca),
            traders.PERPETUAL_BOT: _hummingbot_bot(venues.bitget),
            traders.SPOT_BOT: _freqtrade_bot(venues.binance),
        },
    }


def _fleet(url: str) -> Mapping[str, Any]:
    """The snapshot of its accounts is compared; what the simulation writes down is compared with nothing else."""
    venue = {"type": "ccxt", "base_url": url, "product_types": [USDT_FUTURES], "deadline": "10s"}
    return {"type": "hbot", "exchange_snapshot": {"enabled": True}, "venue": venue, "intraday": False}


def _hummingbot_bot(url: str) -> Mapping[str, Any]:
    return {
        "ledger": {"type": "hummingbot", "path": str(traders.HUMMINGBOT), "market": traders.CONNECTOR},
        "venue": {
            "type": "ccxt",
            "exchange": "bitget",
            "credential_prefix": traders.PERPETUAL_PREFIX,
            "account_types": ["swap"],
            "product_types": [USDT_FUTURES],
            "client_id_prefixes": [traders.CLIENT_PREFIX],
            "base_url": url,
        },
    }


def _freqtrade_bot(url: str) -> Mapping[str, Any]:
    return {
        "ledger": {"type": "freqtrade", "url": f"sqlite:///{traders.FREQTRADE}", "exchange": "binance"},
        "venue": {
            "type": "ccxt",
            "exchange": "binance",
            "credential_prefix": traders.SPOT_PREFIX,
            "account_types": ["spot"],
            "symbols": [traders.SPOT],
            "base_url": url,
        },
    }


def _equities_bot(alpaca_url: str) -> Mapping[str, Any]:
    return {
        "ledger": {
            "type": "sql",
            "url": f"sqlite:///{equities.BOOK}",
            "positions": trading_book.POSITIONS,
            "fills": trading_book.FILLS,
        },
        "venue": {
            "type": "alpaca",
            "credential_prefix": equities.PREFIX,
            "paper": True,
            "base_url": alpaca_url,
        },
        # The latest time that is past when the demonstration starts is caught up at once.
        "eod": {
            "at": "16:15",
            "timezone": "America/New_York",
            "days": "mon-fri",
            "settle": "2s",
            "client_id_prefixes": [equities.CLIENT_PREFIX],
        },
    }


def _set_intervals(route: dict[str, Any], intervals: Mapping[str, str]) -> None:
    route.update({key: interval for key, interval in intervals.items() if key in route})
    for below in route.get("routes", []):
        _set_intervals(below, intervals)


def _targets(url: str) -> list[dict[str, list[str]]]:
    return [{"targets": [url.removeprefix("http://")]}]


def _write_yaml(file: Path, content: Mapping[str, Any]) -> Path:
    file.write_text(yaml.safe_dump(dict(content), sort_keys=False))
    return file


def _write_json(file: Path, content: Mapping[str, Any]) -> None:
    file.write_text(json.dumps(content, indent=2) + "\n")
