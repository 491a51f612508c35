"""The ledger of bots that run under Hummingbot, out of the databases of its client.

The positions are what the fills make: the table Position is written only when a strategy stops. Balances it keeps none.
"""

import heapq
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.money import ZERO
from recon_exporter.domain.positions import Activity, BalanceStatement, Fill, FillStatement, PositionStatement
from recon_exporter.domain.statement import Unavailable
from recon_exporter.ledgers.hummingbot.book import Book
from recon_exporter.ledgers.hummingbot.files import HummingbotFile, opened
from recon_exporter.ledgers.hummingbot.funding import payments
from recon_exporter.ledgers.hummingbot.rows import MILLIONTH, Execution, Executions, Seen
from recon_exporter.ledgers.hummingbot.source import PAPER, HummingbotSource
from recon_exporter.ledgers.hummingbot.traces import any_order, newest_at, oldest_at, version
from recon_exporter.reading.refused import Refused
from recon_exporter.reading.time_rules import TimeRules

LEDGER_TIMES = TimeRules()
LAG = timedelta(minutes=5)
"""A fill is dated when the bot processed it; it asks for those that its stream lost every two minutes."""

OWN_NUMBER = re.compile(r".+_\d+|.+: row \d+, column .+")
"""What the exchange did not give: ``<number>_<row>``, as old rows were migrated, or the place of a row without one."""

MOST_NAMED = 5
WITHOUT_TRADE_IDS = frozenset({"bitstamp"})


class HummingbotLedger:
    """Positions, fills and funding of one bot; ``times`` says how old the newest trace of the bot may be."""

    name = "hummingbot"

    def __init__(self, bot: str, source: HummingbotSource, times: TimeRules = LEDGER_TIMES) -> None:
        self._bot = bot
        self._source = source
        self._times = times

    def positions(self, now: datetime) -> PositionStatement | Unavailable:
        """The whole book; an empty one only where the databases have their tables and hold no rows of another name."""
        try:
            files, seen = self._files(), Seen()
            book = Book(_quantum(files), takes_fees=not self._source.is_perpetual)
            book.begin(self._source.held_before())
            count = 0
            for execution in self._executions(files, seen, now, has_fees=book.takes_fees):
                book.add(execution)
                count += 1
            self._check(files, seen, now)
        except Refused as refused:
            return refused.unavailable()
        read = ", ".join(str(file.path) for file in files)
        proof = f"{read}: the {count} fills of {self._source.market}, each read to its end"
        return PositionStatement(self._bot, self.name, now, tuple(book.positions()), has_write_times=False, proof=proof)

    def fills(self, since: datetime, now: datetime) -> FillStatement | Unavailable:
        """The fills since that moment, covered from the first row on that the databases hold."""
        try:
            files, seen = self._files(), Seen()
            found = [one.fill for one in self._executions(files, seen, now, has_fees=True, since=since)]
            self._check(files, seen, now)
            began = oldest_at(files, self._times)
        except Refused as refused:
            return refused.unavailable()
        fills = tuple(sorted((fill for fill in found if fill.at >= since), key=lambda fill: (fill.at, fill.fill_id)))
        quantum = _quantum(files)
        return FillStatement(
            bot=self._bot,
            source=self.name,
            fills=fills,
            since=min(max(since, began or since), now),
            until=now,
            has_venue_ids=self._has_venue_ids(fills),
            lag=LAG,
            quantum=quantum,
            price_quantum=quantum,
        )

    def balances(self, now: datetime) -> BalanceStatement | Unavailable:  # noqa: ARG002  # the port asks so
        """Hummingbot writes none down."""
        return Unavailable(Reason.INPUT_MISSING, f"{self._source.path}: the databases of Hummingbot keep no balances")

    def funding(self, since: datetime) -> tuple[Activity, ...] | Unavailable:
        """Funding payments, oldest first: some of them, never more than there were; received ones are positive."""
        try:
            read = [payments(file, self._source, self._times, since) for file in self._files()]
            # Bots on one account are each told of all payments for a symbol.
            found = {key: one for told in read for key, one in told}
        except Refused as refused:
            return refused.unavailable()
        return tuple(sorted(found.values(), key=lambda one: (one.at, one.activity_id)))

    def mark(self) -> str | Unavailable:
        """The last fill in each file: fills are only ever added."""
        try:
            return " ".join(version(file) for file in self._files())
        except Refused as refused:
            return refused.unavailable()

    def _files(self) -> tuple[HummingbotFile, ...]:
        if self._source.market.endswith(PAPER):
            text = f"{self._source.market} is a market on paper: no venue knows of its fills"
            raise Refused(Reason.NOT_INDEPENDENT, text)
        pattern = Path(self._source.path)
        root = Path(pattern.anchor)
        paths = sorted(root.glob(str(pattern.relative_to(root))))
        if not paths:
            raise Refused(Reason.SOURCE_MISSING, f"{self._source.path}: there is no such file")
        return tuple(opened(path) for path in paths)

    def _executions(
        self,
        files: tuple[HummingbotFile, ...],
        seen: Seen,
        now: datetime,
        *,
        has_fees: bool,
        since: datetime | None = None,
    ) -> Iterator[Execution]:
        """Those of all files in the order of time; a row that two files hold alike counts once."""
        told: set[Fill] = set()
        each = [Executions(file, self._source, self._times, has_fees=has_fees) for file in files]
        latest = now + self._times.future_skew
        for execution in heapq.merge(*(one.read(seen, since) for one in each), key=lambda one: one.fill.at):
            if execution.fill.at > latest:
                self._times.present(execution.fill.at, now, f"{self._source.path}: the fill {execution.fill.fill_id}")
            if len(files) > 1:
                if execution.fill in told:
                    continue
                told.add(execution.fill)
            yield execution

    def _check(self, files: tuple[HummingbotFile, ...], seen: Seen, now: datetime) -> None:
        """Raises Refused where the book may be that of another market, or of a bot that has stopped."""
        for one in self._source.baselines:
            self._times.present(one.as_of, now, f"the baseline of {one.symbol}")
        if seen.others and not seen.own and not any_order(files, self._source):
            named = ", ".join(sorted(seen.others)[:MOST_NAMED])
            text = f"there is no row of {self._source.market}; there are those of {named}"
            raise Refused(Reason.INPUT_MISSING, f"{self._source.path}: {text}")
        if self._times.max_age is not None:
            newest = newest_at(files, self._times)
            if newest is None:
                raise Refused(Reason.SOURCE_STALE, f"{self._source.path}: no row tells that the bot is alive")
            self._times.timely(newest, now, self._source.path)

    def _has_venue_ids(self, fills: tuple[Fill, ...]) -> bool:
        connector = self._source.market.partition("_")[0]
        return connector not in WITHOUT_TRADE_IDS and not any(OWN_NUMBER.fullmatch(fill.fill_id) for fill in fills)


def _quantum(files: tuple[HummingbotFile, ...]) -> Decimal:
    """Whole millionths lose what is below them; floats keep some 15 digits."""
    return MILLIONTH if any(file.is_scaled for file in files) else ZERO
