"""Average cost: what buying, selling, turning around and splitting do to price and profit."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon_exporter.domain.bookkeeping import Account, Entry, book_all
from support.positions import HOUR, NOW

Number = Decimal | None


def booked(*trades: tuple[str, str | None], fee: str = "0") -> Account:
    """The account after these quantities at these prices, an hour apart."""
    entries = [
        Entry(NOW + place * HOUR, Decimal(quantity), None if price is None else Decimal(price), Decimal(fee))
        for place, (quantity, price) in enumerate(trades)
    ]
    return book_all(Account(), reversed(entries))


@pytest.mark.parametrize(
    ("trades", "quantity", "average", "realised"),
    [
        ([("10", "100"), ("10", "110")], "20", "105", "0"),
        ([("10", "100"), ("-4", "110")], "6", "100", "40"),
        ([("10", "100"), ("-10", "90")], "0", None, "-100"),
        ([("10", "100"), ("-15", "90")], "-5", "90", "-100"),
        ([("-10", "100"), ("4", "90")], "-6", "100", "40"),
        ([("-10", "100"), ("15", "90")], "5", "90", "100"),
        ([("10", "100"), ("-10", "90"), ("5", "80"), ("-5", "85")], "0", None, "-75"),
    ],
)
def test_trades_are_booked_by_average_cost(
    trades: list[tuple[str, str]], quantity: str, average: str | None, realised: str
) -> None:
    account = booked(*trades)

    assert account == Account(Decimal(quantity), average and Decimal(average), Decimal(realised))  # type: ignore[arg-type]


def test_fees_are_taken_off_the_profit() -> None:
    assert booked(("10", "100"), ("-10", "100"), fee="1.5").realised == Decimal(-3)


def test_split_keeps_the_cost() -> None:
    split = Entry(NOW + HOUR, Decimal(30), None, is_split=True)

    assert booked(("10", "100")).book(split) == Account(Decimal(40), Decimal(25), Decimal(0))


def test_unknown_price_of_a_sale_makes_the_profit_unknown() -> None:
    assert booked(("10", "100"), ("-5", None)) == Account(Decimal(5), Decimal(100), None)


def test_unknown_price_of_a_purchase_makes_the_average_unknown_and_later_the_profit() -> None:
    assert booked(("10", "100"), ("5", None)) == Account(Decimal(15), None, Decimal(0))
    assert booked(("10", "100"), ("5", None), ("-1", "90")).realised is None


@given(st.lists(st.tuples(st.integers(-99, 99).filter(bool), st.integers(1, 999)), max_size=20))
def test_realised_and_unrealised_profit_come_to_the_money_that_moved(trades: list[tuple[int, int]]) -> None:
    account = booked(*((str(quantity), str(price)) for quantity, price in trades))
    spent = sum(quantity * price for quantity, price in trades)
    worth = account.quantity * (account.average or 0)

    assert account.realised is not None
    assert abs(account.realised - (worth - spent)) < Decimal("1e-9")


def test_split_of_a_position_without_average_price_leaves_it_unknown() -> None:
    split = Entry(NOW + HOUR, Decimal(30), None, is_split=True)

    assert booked(("10", None)).book(split) == Account(Decimal(40), None, Decimal(0))


def test_profit_that_is_unknown_stays_unknown() -> None:
    assert booked(("10", "100"), ("-5", None), ("-5", "90")).realised is None
