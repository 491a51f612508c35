"""Plays the equities bot: its loop writes its book, it misses a sale, and a person reconciles by the runbook."""

import threading
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from recon_exporter.demo.equities import BOT, Equities
from recon_exporter.demo.operating import Operator

if TYPE_CHECKING:
    from collections.abc import Callable

LOOP_SECONDS = 3.0
JOIN_SECONDS = 3.0


class EndOfDay:
    """Both sides of the bot and the person, in a thread of their own."""

    def __init__(self, equities: Equities, operator: Operator) -> None:
        self._equities = equities
        self._operator = operator
        self._asked: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="end-of-day", daemon=True)

    def start(self) -> None:
        """Go on from what was prepared."""
        self._thread.start()

    def begin(self) -> None:
        """The bot misses a sale; the day's reconciliation is run again."""
        self._asked.put(self._miss)

    def end(self) -> None:
        """The sale is booked, and the reconciliation run until nothing remains."""
        self._asked.put(self._resolve)

    def stop(self) -> None:
        """Do nothing more."""
        self._stopping.set()
        self._operator.stop()
        if self._thread.is_alive():
            self._thread.join(JOIN_SECONDS)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                happen = self._asked.get(timeout=LOOP_SECONDS)
            except Empty:
                happen = self._equities.refresh
            if not self._stopping.is_set():
                happen()

    def _miss(self) -> None:
        self._equities.miss_a_fill()
        self._operator.run("eod", "--bot", BOT)

    def _resolve(self) -> None:
        self._equities.book_the_missed_fill()
        self._operator.run("eod", "--bot", BOT)
        self._operator.run("halt", "clear", "--bot", BOT, "--by", "demo", "--reason", "the missed sale is booked")
        self._equities.buy_back()
