"""One account at the local Alpaca, and the events that a script makes happen to it."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from decimal import ROUND_DOWN, Decimal
from itertools import count
from uuid import NAMESPACE_URL, uuid5

from recon_exporter.demo.alpaca_server.assets import multiplier
from recon_exporter.demo.alpaca_server.books import Books, Entry, Holding, ScriptedOrder, fine
from recon_exporter.demo.alpaca_server.documents import entry_identifier, fill_document, note_document
from recon_exporter.domain.money import ZERO, difference, plain, product, ratio, total
from recon_exporter.ports import Clock

Amount = Decimal | str | int
"""A quantity, price or sum of money, exact."""

OWN = "access_key"
"""The source of an order that came through the API; Alpaca publishes no other."""

_OPTION_WORDS = {"OPEXP": "Option Expiry", "OPASN": "Option Assignment", "OPEXC": "Option Exercise"}


class Brokerage:
    """Safe to call from any thread. What happens, happens now by the server's clock."""

    def __init__(self, clock: Clock, number: str, cash: Amount, currency: str) -> None:
        self.number = number
        self._clock = clock
        self._lock = threading.RLock()
        self._opened_at = clock.now()
        self._currency = currency
        self._cash = Decimal(cash)
        self._holdings: dict[str, Holding] = {}
        self._orders: dict[str, ScriptedOrder] = {}
        self._entries: list[Entry] = []
        self._identifiers = _identifiers(number)

    def books(self) -> Books:
        """All of it as of now."""
        with self._lock:
            return Books(
                at=self._clock.now(),
                number=self.number,
                opened_at=self._opened_at,
                currency=self._currency,
                cash=self._cash,
                holdings={symbol: held for symbol, held in self._holdings.items() if held.quantity},
                orders=tuple(self._orders.values()),
                entries=tuple(self._entries),
            )

    def price(self, symbol: str, price: Amount) -> None:
        """A symbol that is held is worth this now."""
        with self._lock:
            self._holdings[symbol] = replace(self._holdings[symbol], price=Decimal(price))

    def order(self, symbol: str, quantity: Amount, client_order_id: str | None = None, source: str | None = OWN) -> str:
        """An order is there, positive to buy, and has not filled yet; returns its identifier."""
        with self._lock:
            now, identifier, wanted = self._clock.now(), next(self._identifiers), Decimal(quantity)
            self._orders[identifier] = ScriptedOrder(
                order_id=identifier,
                client_order_id=client_order_id or next(self._identifiers),
                symbol=symbol,
                side="buy" if wanted > ZERO else "sell",
                quantity=wanted.copy_abs(),
                submitted_at=now,
                updated_at=now,
                source=source,
            )
            return identifier

    def execution(self, order_id: str, quantity: Amount, price: Amount) -> str:
        """So much of the order, without a sign, fills at this price; returns the identifier of the activity."""
        with self._lock:
            now, part, paid = self._clock.now(), Decimal(quantity), Decimal(price)
            order = self._orders[order_id] = self._orders[order_id].executed(part, paid, now)
            symbol, moved = order.symbol, product(part, order.sign)
            held = self._holdings.get(symbol) or Holding(symbol, ZERO, paid, paid, paid)
            self._holdings[symbol] = held.traded(moved, paid)
            self._cash = difference(self._cash, product(product(moved, paid), multiplier(symbol)))
            return self._book("FILL", fill_document(order, part, paid, now))

    def end(self, order_id: str, status: str = "canceled") -> None:
        """The order ends in this status, with what it has filled."""
        with self._lock:
            ended = replace(self._orders[order_id], status=status, updated_at=self._clock.now())
            self._orders[order_id] = ended

    def fill(
        self, symbol: str, quantity: Amount, price: Amount, client_order_id: str | None = None, parts: int = 1
    ) -> str:
        """An order fills whole, in so many parts; selling more than is held goes short."""
        identifier = self.order(symbol, quantity, client_order_id)
        for part in _parts(Decimal(quantity).copy_abs(), parts):
            self.execution(identifier, part, price)
        return identifier

    def partial_fill(
        self, symbol: str, quantity: Amount, filled: Amount, price: Amount, client_order_id: str | None = None
    ) -> str:
        """An order fills so much, without a sign, and stays open."""
        identifier = self.order(symbol, quantity, client_order_id)
        self.execution(identifier, filled, price)
        return identifier

    def manual_order(self, symbol: str, quantity: Amount, price: Amount) -> str:
        """A person trades past the bot: Alpaca itself gives the order its client identifier."""
        identifier = self.order(symbol, quantity, source=None)
        self.execution(identifier, Decimal(quantity).copy_abs(), price)
        return identifier

    def liquidate(self, symbol: str, price: Amount) -> str:
        """The broker closes the position, and says so in a memo."""
        held = self._holdings[symbol].quantity
        identifier = self.manual_order(symbol, held.copy_negate(), price)
        self.note("MEM", f"Margin call: position in {symbol} liquidated", symbol)
        return identifier

    def split(self, symbol: str, new: Amount, old: Amount) -> None:
        """So many new shares for so many old ones: the old quantity leaves the book, the new one arrives."""
        with self._lock:
            before = self._holdings[symbol]
            after = self._holdings[symbol] = before.split(ratio(Decimal(new), Decimal(old)))
            change = f"From QTY:{plain(before.quantity)}, To QTY:{plain(after.quantity)}"
            self.note("SPLIT", f"REMOVE, {change}", symbol, before.quantity.copy_negate(), before.price)
            self.note("SPLIT", f"ADD, {change}", symbol, after.quantity, after.price)

    def option_event(self, symbol: str, code: str = "OPEXP") -> None:
        """The option leaves the book: expired (OPEXP), assigned (OPASN) or exercised (OPEXC)."""
        with self._lock:
            held = self._holdings.pop(symbol)
            self.note(code, _OPTION_WORDS[code], symbol, held.quantity.copy_negate())

    def transfer(self, amount: Amount) -> None:
        """Money comes in (CSD), or goes out (CSW)."""
        paid = Decimal(amount)
        self._pay("CSD" if paid > ZERO else "CSW", "Cash transfer", paid)

    def dividend(self, symbol: str, per_share: Amount) -> None:
        """A dividend on what is held."""
        paid = product(self._holdings[symbol].quantity, Decimal(per_share))
        self._pay("DIV", f"Cash DIV @ {per_share}", paid, symbol)

    def fee(self, amount: Amount) -> None:
        """A regulatory fee, booked at the end of the day."""
        self._pay("FEE", "TAF fee", Decimal(amount).copy_abs().copy_negate())

    def crypto_fee(self, symbol: str, quantity: Amount) -> None:
        """The fee on crypto, taken from what was received, at the end of the day."""
        with self._lock:
            held, taken = self._holdings[symbol], Decimal(quantity).copy_abs().copy_negate()
            self._holdings[symbol] = replace(held, quantity=total((held.quantity, taken)))
            self.note("CFEE", "Coin Pair Transaction Fee (Non USD)", symbol.replace("/", ""), taken, held.price)

    def note(
        self,
        code: str,
        description: str,
        symbol: str | None = None,
        quantity: Decimal | None = None,
        price: Decimal | None = None,
        amount: Decimal = ZERO,
    ) -> str:
        """An activity that is no trade; returns its identifier."""
        with self._lock:
            return self._book(code, note_document(self._clock.now(), description, symbol, quantity, price, amount))

    def _pay(self, code: str, description: str, amount: Decimal, symbol: str | None = None) -> None:
        with self._lock:
            self._cash = total((self._cash, amount))
            self.note(code, description, symbol, amount=amount)

    def _book(self, code: str, document: dict[str, object]) -> str:
        now = self._clock.now()
        identifier = entry_identifier(now, next(self._identifiers))
        self._entries.append(Entry(now, identifier, code, {"activity_type": code, "id": identifier} | document))
        return identifier


def _identifiers(number: str) -> Iterator[str]:
    """Identifiers that are the same in every run of a script, and in no order."""
    return (str(uuid5(NAMESPACE_URL, f"{number}/{turn}")) for turn in count())


def _parts(quantity: Decimal, parts: int) -> Iterator[Decimal]:
    """Equal ones, the last with the rest."""
    part = ratio(quantity, Decimal(parts)).quantize(quantity, ROUND_DOWN) if parts > 1 else quantity
    yield from [part] * (parts - 1)
    yield fine(difference(quantity, product(part, Decimal(parts - 1))))
