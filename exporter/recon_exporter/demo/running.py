"""The demonstration from start to Ctrl-C: the simulated fleet, the exporter as `serve` runs it, and its watchers."""

import signal
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

from recon_exporter import logs
from recon_exporter.demo.bitget_server import bitget_server
from recon_exporter.demo.configuration import CYCLE, DEFAULT_ADDRESS, VARIABLES, Venues, write_exporter_files
from recon_exporter.demo.console import WEBHOOK, Console
from recon_exporter.demo.credentials import CREDENTIALS
from recon_exporter.demo.end_of_day import EndOfDay
from recon_exporter.demo.equities import BOOK, Equities
from recon_exporter.demo.fleet_accounts import FleetAccounts
from recon_exporter.demo.hbot_writer import HbotFiles
from recon_exporter.demo.incidents import TIMELINE, Incident, Kind, round_length
from recon_exporter.demo.operating import Operator
from recon_exporter.demo.receiver import Receiver
from recon_exporter.demo.stage import Announce, Stage
from recon_exporter.demo.traders import FREQTRADE, HUMMINGBOT, Traders
from recon_exporter.demo.watchers import Watchers
from recon_exporter.ports import Clock
from recon_exporter.serving import Exporter
from recon_exporter.settings.overrides import Overrides
from recon_exporter.settings.store import ConfigurationStore
from recon_exporter.state import open_state, serve_lock

OWN_VARIABLES = ("RECON_WEB_LISTEN_ADDRESS", "RECON_WEB_EXTERNAL_URL", "RECON_LOG_LEVEL", "RECON_LOG_FORMAT")
"""The variables that may change the demonstration; those of a real fleet must not reach into it."""

LOG_LEVEL = "error"
BOOKS = (BOOK, HUMMINGBOT, FREQTRADE)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked for."""

    overrides: Overrides
    environment: Mapping[str, str]
    speed: float


class Demo:
    """One run; ``run`` blocks until SIGINT, SIGTERM or SIGHUP and leaves nothing running."""

    def __init__(self, folder: Path, wish: Wish, clock: Clock) -> None:
        self._folder = folder
        self._wish = wish
        self._clock = clock
        self._console = Console(clock)
        self._exporter: Exporter | None = None
        self._is_stopping = False

    def run(self) -> None:
        """Raises ConfigurationError, StateError, and AddressError where the address cannot be had."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        with ExitStack() as stack:
            receiver = Receiver(self._console.received)
            receiver.start()
            stack.callback(receiver.stop)
            self._serve(receiver, stack)

    def _serve(self, receiver: Receiver, stack: ExitStack) -> None:
        equities = Equities(self._folder, self._clock)
        equities.prepare()
        stack.enter_context(equities.server)
        bitget = bitget_server(self._clock)
        traders = Traders(self._folder, bitget.exchange, self._clock)
        traders.prepare()
        day = EndOfDay(equities, self._operator())
        accounts = FleetAccounts(bitget.exchange)
        happening: dict[Kind, EndOfDay | Traders] = {Kind.MISSED_FILL: day, Kind.LOST_FILL: traders}
        stage = Stage(HbotFiles(self._folder), accounts, self._clock, self._announcer(happening), self._wish.speed)
        stage.prepare()
        for server in (bitget, traders.binance):
            stack.enter_context(server)
        venues = Venues(equities.server.url, bitget.url, traders.binance.url)
        exporter = self._exporter = self._build_exporter(receiver.url + WEBHOOK, venues, stack)
        stack.callback(exporter.stop)
        exporter.start()
        for player in (day, traders, stage):
            stack.callback(player.stop)
            player.start()
        watchers = Watchers(self._folder / "watchers", lambda: self._is_stopping)
        stack.callback(watchers.stop)
        watchers.start(exporter.url, receiver.url, self._wish.environment.get("PATH"))
        self._introduce(exporter.url, receiver.url, watchers)
        if not self._is_stopping:
            exporter.wait()
        self._console.tell("stop", "ending all of it")

    def _operator(self) -> Operator:
        """Somebody who types commands as the README says."""
        environment = {**self._wish.environment, **CREDENTIALS}
        return Operator(self._folder, environment, lambda line: self._console.tell("eod", line))

    def _announcer(self, happening: Mapping[Kind, EndOfDay | Traders]) -> Announce:
        """Tells of incidents, and has those happen that are no part of the fleet's simulation."""

        def announce(incident: Incident, *, begins: bool) -> None:
            self._console.incident(incident, begins=begins)
            player = happening.get(incident.kind)
            if player is not None:
                (player.begin if begins else player.end)()

        return announce

    def _build_exporter(self, webhook_url: str, venues: Venues, stack: ExitStack) -> Exporter:
        wish = self._wish
        chosen = wish.overrides.listen_address or wish.environment.get("RECON_WEB_LISTEN_ADDRESS") or DEFAULT_ADDRESS
        reachable = f"127.0.0.1{chosen}" if chosen.startswith(":") else chosen
        write_exporter_files(self._folder, f"http://{reachable}", webhook_url, venues)
        environment = {name: wish.environment[name] for name in OWN_VARIABLES if name in wish.environment}
        environment.update(CREDENTIALS)
        overrides = replace(
            wish.overrides, log_level=wish.overrides.log_level or environment.get("RECON_LOG_LEVEL") or LOG_LEVEL
        )
        store = ConfigurationStore(overrides, environment, self._folder, self._clock)
        logs.configure(store.current.log.level, store.current.log.format)
        url = store.current.state.url.get_secret_value()
        stack.enter_context(serve_lock(url, self._clock))
        state = open_state(url)
        stack.callback(state.close)
        return Exporter(store, state, self._clock)

    def _introduce(self, exporter_url: str, receiver_url: str, watchers: Watchers) -> None:
        minutes = round_length(TIMELINE, self._wish.speed).total_seconds() / 60
        self._console.introduce(
            f"Seven simulated bots, reconciled every {CYCLE}. Their incidents come round every {minutes:.0f} minutes.",
            [
                ("status page", f"{exporter_url}/"),
                ("metrics", f"{exporter_url}/metrics"),
                ("runbooks", f"{exporter_url}/runbooks/"),
                ("Prometheus", watchers.place("Prometheus", "/")),
                ("Alertmanager", watchers.place("Alertmanager", "/  (as JSON: /api/v2/alerts)")),
                ("pager and chat", f"{receiver_url}/pager and /chat, told below"),
                ("reports", str(self._folder / "reports" / "reconciliation" / "latest.json")),
                ("books of the bots", ", ".join(str(self._folder / name) for name in ("data", *BOOKS))),
                ("exchange snapshot", str(HbotFiles(self._folder).snapshot)),
                ("by hand", f"cd {self._folder}; . ./{VARIABLES}; recon-exporter breaks list"),
                ("to end it", "Ctrl-C"),
            ],
        )

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self._is_stopping = True
        if self._exporter is not None:
            self._exporter.ask_to_stop()
