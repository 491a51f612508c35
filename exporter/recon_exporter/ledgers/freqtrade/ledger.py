"""The ledger of bots that run under freqtrade, out of its database: SQLite, PostgreSQL, or another that it can use.

It knows orders, not executions. Its balances are what the exchange told it, written down once a day.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.money import ZERO, total
from recon_exporter.domain.positions import BalanceStatement, Basis, FillStatement, Grain, PositionStatement
from recon_exporter.domain.statement import Balance, Position, Unavailable
from recon_exporter.domain.symbols import DOLLARS
from recon_exporter.ledgers.freqtrade.orders import fill, lots
from recon_exporter.ledgers.freqtrade.tables import Tables, by_trade
from recon_exporter.reading.book_rows import mark_of
from recon_exporter.reading.lots import LotsDisagree, position_of
from recon_exporter.reading.refused import Refused, malformed
from recon_exporter.reading.stated import Row
from recon_exporter.reading.time_rules import TimeRules

LEDGER_TIMES = TimeRules()
LAG = timedelta(minutes=5)
"""An order that is still open is dated when the bot asked for it last."""

BALANCES_MAX_AGE = timedelta(hours=26)
"""The wallets are written down once a day, under the beginning of the day."""

NAIVE = "%Y-%m-%d %H:%M:%S"
UTC_ZONE = ZoneInfo("UTC")


class FreqtradeLedger:
    """Positions, fills by order and balances out of the databases at ``urls``, all of bots on one account.

    ``exchange`` is ccxt's name of that whose trades count; without it a database may hold those of one only.
    """

    name = "freqtrade"

    def __init__(
        self, bot: str, urls: tuple[str, ...], exchange: str | None = None, times: TimeRules = LEDGER_TIMES
    ) -> None:
        self._owner = (bot, self.name)
        self._databases = tuple(Tables(url, exchange) for url in urls)
        self._times = replace(times, zone=UTC_ZONE)

    def positions(self, now: datetime) -> PositionStatement | Unavailable:
        """The open trades of all databases, added up by symbol."""
        try:
            positions = self._positions()
        except Refused as refused:
            return refused.unavailable()
        read = ", ".join(tables.name for tables in self._databases)
        proof = f"{read}: the query of open trades completed and gave {len(positions)} positions"
        return PositionStatement(*self._owner, now, positions, has_write_times=False, proof=proof)

    def fills(self, since: datetime, now: datetime) -> FillStatement | Unavailable:
        """The orders of which something was filled, one fill for each, since that moment or the first trade."""
        try:
            found = [fill(row, self._times) for tables in self._databases for row in self._orders(tables, since)]
            for one in found:
                self._times.present(one.at, now, f"{one.symbol}: the order {one.order_id}")
            began = self._began_at()
        except Refused as refused:
            return refused.unavailable()
        fills = tuple(sorted((one for one in found if one.at >= since), key=lambda one: (one.at, one.fill_id)))
        return FillStatement(
            *self._owner,
            fills,
            since=min(max(since, began or since), now),
            until=now,
            grain=Grain.ORDER,
            has_venue_ids=False,
            lag=LAG,
        )

    def balances(self, now: datetime) -> BalanceStatement | Unavailable:
        """The last snapshot of the wallets. Bots on one account all write down the whole of it: the newest counts."""
        found: list[BalanceStatement] = []
        try:
            for tables in self._databases:
                tables.check()
                found.append(self._balances(tables))
            newest = max(found, key=lambda one: one.as_of)
            replace(self._times, max_age=BALANCES_MAX_AGE).timely(newest.as_of, now, newest.proof)
        except Refused as refused:
            return refused.unavailable()
        return newest

    def mark(self) -> str | Unavailable:
        """A digest of what is held and at which price."""
        try:
            return mark_of(self._positions())
        except Refused as refused:
            return refused.unavailable()

    def _positions(self) -> tuple[Position, ...]:
        held: dict[str, list[Position]] = {}
        for tables in self._databases:
            tables.check()
            rows = tables.open_trades()
            for row in rows:
                tables.check_order(row.value("order_id"))
            for trade in by_trade(rows):
                for lot in lots(trade):
                    held.setdefault(lot.symbol, []).append(lot)
        return tuple(self._added_up(held))

    def _added_up(self, held: dict[str, list[Position]]) -> Iterator[Position]:
        for symbol in sorted(held):
            try:
                position = position_of(held[symbol])
            except LotsDisagree as error:
                names = ", ".join(tables.name for tables in self._databases)
                raise malformed(f"{names}: the trades of {symbol}", str(error), "one position") from None
            if position is not None:
                yield position

    def _orders(self, tables: Tables, since: datetime) -> list[Row]:
        tables.check()
        rows = tables.orders(since.strftime(NAIVE))
        for row in rows:
            tables.check_order(row.value("order_id"))
        return rows

    def _began_at(self) -> datetime | None:
        told = [(tables.name, tables.first_date()) for tables in self._databases]
        return min((self._times.moment(at, f"{name}: open_date") for name, at in told if at is not None), default=None)

    def _balances(self, tables: Tables) -> BalanceStatement:
        rows = tables.balances()
        if not rows:
            raise Refused(Reason.INPUT_MISSING, f"{tables.name}: wallet_history has no rows")
        wallets = [row for row in rows if "/" not in row.label("currency")]  # else it is that of a contract
        # What stands behind contracts was taken out of the wallet in which it is.
        behind = total(row.optional_number("collateral") or ZERO for row in rows)
        balances, prices = {}, {}
        for row in sorted(wallets, key=lambda row: row.label("currency")):
            asset, quote, rate = row.label("currency"), row.label("quote_currency"), row.optional_number("rate")
            amount = row.number("balance")
            balances[asset] = Balance(total((amount, behind)) if asset == quote else amount, None)
            if rate is not None and quote in DOLLARS:
                prices[asset] = rate
        as_of = rows[0].moment("timestamp", self._times)
        proof = f"{tables.name}: the snapshot of {as_of.date()} in wallet_history"
        return BalanceStatement(*self._owner, as_of, Basis.WALLET, balances, prices, proof)
