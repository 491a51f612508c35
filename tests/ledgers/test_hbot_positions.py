"""The position of an hbot bot: that of its newest row, if the row may be believed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from recon_exporter.demo.hbot_writer import FILL_COLUMNS, MINUTE_COLUMNS, HbotFiles, fill_row, minute_row, table_text
from recon_exporter.domain.finding import Reason
from recon_exporter.domain.policy import Freshness
from recon_exporter.domain.positions import Fee, Fill, FillStatement, PositionStatement
from recon_exporter.domain.statement import Position, Unavailable
from recon_exporter.ledgers.hbot.positions import HbotPositions
from recon_exporter.ledgers.unified_names import unified_name

if TYPE_CHECKING:
    from pathlib import Path

MINUTE = timedelta(minutes=1)
NOW = datetime(2026, 3, 6, 12, 0, 5, tzinfo=UTC)
FRESHNESS = Freshness(Decimal(3), 10 * MINUTE, 2 * MINUTE, 60 * MINUTE)
COLUMNS = (*dict.fromkeys((*MINUTE_COLUMNS, "position_base", "avg_entry_price")),)


class Bot:
    """A bot's files and the ledger over them."""

    def __init__(self, root: Path) -> None:
        self.files = HbotFiles(root)
        self.ledger = HbotPositions("bot1", self.files.data, FRESHNESS)

    def minutes(
        self, *rows: dict[str, object], variant: str = "a", tail: str = "", columns: tuple[str, ...] = COLUMNS
    ) -> None:
        folder = self.files.folder("bot1", variant)
        folder.mkdir(parents=True, exist_ok=True)
        text = table_text(rows, columns, header=True)
        (folder / "minute.csv").write_text(text + tail, encoding="utf-8")

    def fills(self, *rows: dict[str, object], variant: str = "a", columns: tuple[str, ...] = FILL_COLUMNS) -> None:
        folder = self.files.folder("bot1", variant)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "fills.csv").write_text(table_text(rows, columns, header=True), encoding="utf-8")

    def statement(self) -> PositionStatement:
        answer = self.ledger.positions(NOW)
        assert isinstance(answer, PositionStatement), answer
        return answer

    def refusal(self) -> Unavailable:
        answer = self.ledger.positions(NOW)
        assert isinstance(answer, Unavailable), answer
        return answer


@pytest.fixture
def bot(tmp_path: Path) -> Bot:
    return Bot(tmp_path)


def row(at: datetime = NOW - MINUTE, **values: object) -> dict[str, object]:
    return minute_row(at, **{"position_base": "-0.25", "avg_entry_price": "64000.5", **values})


def test_newest_row_tells_position_entry_and_mark(bot: Bot) -> None:
    bot.minutes(row(NOW - 2 * MINUTE, position_base="9"), row(mid="64100"))

    found = bot.statement()

    at = NOW - MINUTE
    assert found.positions == (
        Position("BTC-USDT", Decimal("-0.25"), Decimal(64100), "net", Decimal("64000.5"), None, at),
    )
    assert (found.bot, found.source, found.as_of, found.has_write_times) == ("bot1", "hbot", at, True)


def test_flat_bot_has_an_empty_book_with_proof(bot: Bot) -> None:
    bot.minutes(row(position_base="0", avg_entry_price="0"))

    found = bot.statement()

    assert found.positions == ()
    assert "position_base 0" in found.proof


def test_entry_of_zero_is_unknown(bot: Bot) -> None:
    bot.minutes(row(avg_entry_price="0"))

    assert bot.statement().positions[0].average_price is None


@pytest.mark.parametrize("values", [{"position_base": ""}, {"position_base": "  "}, {"trading_pair": ""}])
def test_row_that_leaves_out_what_is_needed_is_no_flat_book(bot: Bot, values: dict[str, object]) -> None:
    bot.minutes(row(NOW - MINUTE, **values))

    assert bot.refusal().reason is Reason.INPUT_MISSING


def test_older_files_without_the_columns_are_named(bot: Bot) -> None:
    bot.minutes(minute_row(NOW - MINUTE), columns=MINUTE_COLUMNS)

    found = bot.refusal()

    assert found.reason is Reason.INPUT_MISSING
    assert "bot1/logs/epp_v24/bot1_a/minute.csv" in found.detail
    assert "position_base" in found.detail


def test_variant_with_the_newest_row_speaks(bot: Bot) -> None:
    bot.minutes(row(NOW - 2 * MINUTE, position_base="1"), variant="a")
    bot.minutes(row(NOW - MINUTE, position_base="2"), variant="b")

    assert bot.statement().positions[0].quantity == Decimal(2)


@pytest.mark.parametrize(("age", "reason"), [(3 * MINUTE, None), (4 * MINUTE, Reason.SOURCE_STALE)])
def test_row_that_is_too_old_does_not_speak(bot: Bot, age: timedelta, reason: Reason | None) -> None:
    bot.minutes(row(NOW - age))

    answer = bot.ledger.positions(NOW)

    assert (answer.reason if isinstance(answer, Unavailable) else None) is reason


def test_row_of_the_future_refuses_the_book(bot: Bot) -> None:
    bot.minutes(row(), row(NOW + 3 * MINUTE))

    assert bot.refusal().reason is Reason.TIME_IN_FUTURE


@pytest.mark.parametrize("column", ["position_base", "avg_entry_price"])
@pytest.mark.parametrize("value", ["NaN", "1o", "inf"])
def test_damaged_value_of_today_refuses_the_book_and_is_named(bot: Bot, column: str, value: str) -> None:
    bot.minutes(row(NOW - 2 * MINUTE, **{column: value}), row())

    found = bot.refusal()

    assert found.reason is Reason.SOURCE_MALFORMED
    assert column in found.detail
    assert value in found.detail
    assert "byte" in found.detail


def test_damaged_line_of_today_refuses_the_book(bot: Bot) -> None:
    bot.minutes(row(), tail="half a line\n")

    assert "half a line" in bot.refusal().detail


def test_line_that_is_being_written_is_waited_for(bot: Bot) -> None:
    bot.minutes(row(), tail="2026-03-06T12:0")

    assert bot.statement().positions[0].quantity == Decimal("-0.25")


def test_damage_of_another_column_does_not_matter(bot: Bot) -> None:
    bot.minutes(row(equity_quote="NaN"))

    assert bot.statement().positions


def test_bot_without_logs_is_missing(bot: Bot) -> None:
    bot.files.data.mkdir(parents=True)

    assert bot.refusal().reason is Reason.SOURCE_MISSING
    assert isinstance(bot.ledger.fills(NOW, NOW), Unavailable)
    assert isinstance(bot.ledger.mark(), Unavailable)


def test_data_root_that_is_not_there_is_unavailable(bot: Bot) -> None:
    assert bot.refusal().reason is Reason.SOURCE_UNREADABLE


def test_fills_are_signed_and_without_probe_orders(bot: Bot) -> None:
    columns = (*FILL_COLUMNS, "exchange_trade_id")
    at = NOW - 5 * MINUTE
    bot.fills(
        fill_row(NOW - timedelta(hours=30), "old", exchange_trade_id="t0"),
        fill_row(at, "o1", side="sell", amount_base="0.5", price="64000", fee_quote="0.01", exchange_trade_id="t1"),
        fill_row(at, "probe-ord-1", exchange_trade_id="t2"),
        fill_row(
            at + MINUTE, "o2", side="buy", amount_base="0.25", price="64010", fee_quote="", exchange_trade_id="t3"
        ),
        columns=columns,
    )

    told = bot.ledger.fills(NOW - timedelta(hours=24), NOW)

    assert isinstance(told, FillStatement)
    assert told.fills == (
        Fill("t1", "o1", "o1", "BTC-USDT", Decimal("-0.5"), Decimal(64000), (Fee("USDT", Decimal("0.01")),), at),
        Fill("t3", "o2", "o2", "BTC-USDT", Decimal("0.25"), Decimal(64010), None, at + MINUTE),
    )


def test_fills_of_all_variants_count_and_older_files_give_each_its_own_identifier(bot: Bot) -> None:
    bot.fills(fill_row(NOW - MINUTE, "o2"), variant="a")
    bot.fills(fill_row(NOW - 2 * MINUTE, "o1"), fill_row(NOW - 2 * MINUTE, "o1"), variant="b")

    found = bot.ledger.fills(NOW - 10 * MINUTE, NOW)

    assert isinstance(found, FillStatement)
    assert [fill.order_id for fill in found.fills] == ["o1", "o1", "o2"]
    assert len({fill.fill_id for fill in found.fills}) == 3


@pytest.mark.parametrize("values", [{"side": "hold"}, {"amount_base": "x"}, {"price": ""}])
def test_damaged_fill_refuses_the_fills(bot: Bot, values: dict[str, object]) -> None:
    bot.fills(fill_row(NOW - MINUTE, "o1", **values))

    found = bot.ledger.fills(NOW - 10 * MINUTE, NOW)

    assert isinstance(found, Unavailable)
    assert next(iter(values)) in found.detail


def test_bot_that_never_wrote_fills_has_none_to_tell(bot: Bot) -> None:
    bot.minutes(row())

    found = bot.ledger.fills(NOW, NOW)

    assert isinstance(found, Unavailable)
    assert found.reason is Reason.SOURCE_MISSING


def test_ids_are_the_venues_exactly_where_every_fill_has_one(bot: Bot) -> None:
    columns = (*FILL_COLUMNS, "exchange_trade_id")
    bot.fills(fill_row(NOW - MINUTE, "o1", exchange_trade_id="t1"), columns=columns)
    found = bot.ledger.fills(NOW - 10 * MINUTE, NOW)
    assert isinstance(found, FillStatement)
    assert found.has_venue_ids

    bot.fills(fill_row(NOW - 2 * MINUTE, "o2", exchange_trade_id=""), variant="b", columns=columns)
    found = bot.ledger.fills(NOW - 10 * MINUTE, NOW)
    assert isinstance(found, FillStatement)
    assert not found.has_venue_ids


def test_unified_names_are_told_where_they_are_asked_for(bot: Bot) -> None:
    bot.minutes(row(exchange="bitget_perpetual"))
    bot.fills(fill_row(NOW - MINUTE, "o1", exchange="bitget_perpetual"))
    ledger = HbotPositions("bot1", bot.files.data, FRESHNESS, unified_name)

    statement, found = ledger.positions(NOW), ledger.fills(NOW - 10 * MINUTE, NOW)

    assert isinstance(statement, PositionStatement)
    assert isinstance(found, FillStatement)
    assert [one.symbol for one in statement.positions] == ["BTC/USDT:USDT"]
    assert [one.symbol for one in found.fills] == ["BTC/USDT:USDT"]
    assert [one.symbol for one in bot.statement().positions] == ["BTC-USDT"]


def test_unified_name_that_nothing_tells_is_refused(bot: Bot) -> None:
    bot.fills(fill_row(NOW - MINUTE, "o1", exchange=""))
    ledger = HbotPositions("bot1", bot.files.data, FRESHNESS, unified_name)

    found = ledger.fills(NOW - 10 * MINUTE, NOW)

    assert isinstance(found, Unavailable)
    assert "BTC-USDT" in found.detail


@pytest.mark.parametrize(
    ("counted", "written", "expected"),
    [
        (2, (9, 5), None),
        (1, (9, 5), None),
        (3, (9, 5), 5),
        (3, (3000, 5), 5),
        ("", (9, 5), None),
        ("?", (9, 5), None),
    ],
)
def test_fills_that_are_counted_and_not_written_are_told_of_the_last_row_on(
    bot: Bot, counted: object, written: tuple[int, ...], expected: int | None
) -> None:
    bot.minutes(row(fills_count_today=counted))
    bot.fills(*(fill_row(NOW - minutes * MINUTE, f"o{minutes}") for minutes in written))

    found = bot.ledger.fills(NOW - MINUTE, NOW)

    assert isinstance(found, FillStatement)
    assert found.unwritten_since == (None if expected is None else NOW - expected * MINUTE - timedelta(seconds=1))


MIDNIGHT = NOW.replace(hour=0, minute=0, second=0)


@pytest.mark.parametrize(
    ("closed", "counted", "written", "is_behind"),
    [
        (3, 0, (-9, -5), True),
        (2, 0, (-9, -5), False),
        (2, 2, (-9, -5), False),
        (2, 3, (-9, -5), True),
        (2, 3, (-9, -5, 4), False),
        (3, 1, (-9, -5, 4), False),
        (3, 2, (-9, -5, 4), True),
    ],
)
def test_day_that_began_with_the_counters_of_the_day_before_holds_nothing_back(
    bot: Bot, closed: int, counted: int, written: tuple[int, ...], *, is_behind: bool
) -> None:
    now = MIDNIGHT + 10 * MINUTE
    closing = minute_row(MIDNIGHT - MINUTE, fills_count_today=closed)
    bot.minutes(closing, minute_row(now - MINUTE, fills_count_today=counted))
    bot.fills(*(fill_row(MIDNIGHT + minutes * MINUTE, f"o{minutes}") for minutes in written))

    found = bot.ledger.fills(now - MINUTE, now)

    assert isinstance(found, FillStatement)
    assert (found.unwritten_since is not None) is is_behind


def test_rows_read_once_are_read_no_more(bot: Bot) -> None:
    bot.minutes(*(minute_row(NOW - minutes * MINUTE, position_base=1) for minutes in range(60, 0, -1)))
    first = bot.statement()
    file = bot.files.folder("bot1") / "minute.csv"
    text = file.read_text()
    file.write_text(text.replace("running", "RUNNING"))
    with file.open("a") as stream:
        stream.write(table_text([minute_row(NOW, position_base=2)], COLUMNS, header=False))

    second = bot.statement()

    assert [one.quantity for one in (*first.positions, *second.positions)] == [Decimal(1), Decimal(2)]
