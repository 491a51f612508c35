"""The cash of one account: what was booked, by currency; positions are no balances at a broker."""

from datetime import datetime

from recon_exporter.domain.money import ONE
from recon_exporter.domain.positions import BalanceStatement, Basis
from recon_exporter.domain.statement import Balance
from recon_exporter.domain.symbols import DOLLARS
from recon_exporter.venues.alpaca.answers import one
from recon_exporter.venues.alpaca.client import Ask, Question


def read_cash(ask: Ask, owner: tuple[str, str], now: datetime) -> BalanceStatement:
    """The statement of ``owner`` (bot, source); raises VenueFailure or BadAnswer where there is none."""
    account = one(ask(Question.ACCOUNT), "account")
    currency = account.text("currency")
    balances = {currency: Balance(account.number("cash"), free=None)}
    prices = {currency: ONE} if currency in DOLLARS else {}
    return BalanceStatement(*owner, now, Basis.WALLET, balances, prices, "the account tells its cash")
