"""The file ledger: CSV, JSON and Parquet say the same, and a file that is not whole says nothing."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recon_exporter.domain.finding import Reason
from recon_exporter.domain.positions import BalanceStatement, Fill, FillStatement, PositionStatement
from recon_exporter.domain.statement import Balance, Position, Unavailable
from recon_exporter.ledgers.file import FileLedger
from recon_exporter.reading import parquet_statement, whole_file
from recon_exporter.reading.statement_files import StatementFiles
from recon_exporter.reading.time_rules import TimeRules
from support.parquet import write_parquet

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 3, 6, 21, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)
HEADER = "symbol,quantity,avg_price\n"


def answer(path: Path, times: TimeRules | None = None, **columns: str) -> PositionStatement | Unavailable:
    return FileLedger("bot", StatementFiles(path), columns, times or TimeRules()).positions(NOW)


def statement(path: Path, times: TimeRules | None = None, **columns: str) -> PositionStatement:
    found = answer(path, times, **columns)
    assert isinstance(found, PositionStatement), found
    return found


def refusal(path: Path, times: TimeRules | None = None, **columns: str) -> Unavailable:
    found = answer(path, times, **columns)
    assert isinstance(found, Unavailable), found
    return found


def written(path: Path, content: object) -> Path:
    """The file with this text, or with this as JSON."""
    if not isinstance(content, bytes):
        content = (content if isinstance(content, str) else json.dumps(content)).encode()
    path.write_bytes(content)
    return path


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    return tmp_path / "positions.csv"


@pytest.fixture
def parquet(tmp_path: Path) -> Path:
    return tmp_path / "positions.parquet"


# CSV


@pytest.mark.parametrize(
    "content",
    [
        "symbol,quantity\nAAPL,10\n",
        "\ufeffsymbol,quantity\r\nAAPL,10\r\n",
        '"symbol" , "quantity"\n'.replace(" ", "") + '"AAPL","10"\n',
        "# a broker's export\nsymbol,quantity\n\nAAPL,10\n\n",
        'note,quantity,symbol\n"two\nlines, and a comma",10,AAPL\n',
    ],
)
def test_csv_is_read_by_its_header(csv: Path, content: str) -> None:
    found = statement(written(csv, content))

    assert found.positions == (Position("AAPL", Decimal(10), None),)
    assert found.as_of == NOW
    assert not found.has_write_times


def test_header_alone_proves_an_empty_book(csv: Path) -> None:
    found = statement(written(csv, HEADER))

    assert found.positions == ()
    assert "header" in found.proof


def test_file_of_no_bytes_proves_nothing(csv: Path) -> None:
    found = refusal(written(csv, ""))

    assert found.reason is Reason.SOURCE_MALFORMED
    assert str(csv) in found.detail


@pytest.mark.parametrize("content", ["\n", "# as_of: 2026-03-06T21:00Z\n", "\n\n\n"])
def test_file_without_a_header_proves_nothing(csv: Path, content: str) -> None:
    assert "expected a header" in refusal(written(csv, content)).detail


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (HEADER + "AAPL,10\n", "line 2: found 'AAPL,10', expected 3 cells"),
        (HEADER + "AAPL,10,1,2\n", "line 2"),
        (HEADER + 'AAPL,10,"1\n', "line 2"),
        (HEADER + 'MSFT,1,1\nAAPL,10,"1"0\n', "line 3"),
        (HEADER + "AAPL,ten,1\n", "line 2, column quantity: found 'ten'"),
        (HEADER + "MSFT,1,\n\nAAPL,,1\n", "line 4, column quantity: found None"),
        ("# one\n# two\n" + HEADER + "AAPL,10,x\n", "line 4, column avg_price: found 'x'"),
        ("symbol,symbol,quantity\n", "each column once"),
        ("ticker,quantity\n", "no column symbol"),
    ],
)
def test_what_is_wrong_with_csv_is_named_by_line_and_column(csv: Path, content: str, named: str) -> None:
    found = refusal(written(csv, content))

    assert str(csv) in found.detail
    assert named in found.detail


@pytest.mark.parametrize(
    ("content", "place"), [(b"symbol,quantity\n\xff,1\n", "byte 16"), (b"symbol,quantity\nA\0,1\n", "byte 17")]
)
def test_bytes_that_are_no_text_are_named_by_their_place(csv: Path, content: bytes, place: str) -> None:
    assert place in refusal(written(csv, content)).detail


SOUND = HEADER + "AAPL,100,150.25\nMSFT,2000,99.5\n"


@given(st.integers(0, len(SOUND) - 1))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_truncated_csv_never_tells_a_number_that_was_not_there(csv: Path, kept: int) -> None:
    found = answer(written(csv, SOUND[:kept]))

    # Cut between two lines it cannot be told from a shorter book; anywhere else it is no book.
    if SOUND[:kept].endswith("\n"):
        assert isinstance(found, PositionStatement)
        assert {(one.symbol, one.quantity) for one in found.positions} <= {("AAPL", 100), ("MSFT", 2000)}
    else:
        assert isinstance(found, Unavailable)


def test_last_line_without_line_break_is_taken_for_cut_off(csv: Path) -> None:
    found = refusal(written(csv, SOUND[:-1]))

    assert found.reason is Reason.SOURCE_MALFORMED
    assert "line 3" in found.detail
    assert "cut off" in found.detail


# JSON


@pytest.mark.parametrize(
    "content",
    [
        [{"symbol": "AAPL", "quantity": "0.123456789012345678", "avg_price": None}],
        '[{"symbol": "AAPL", "quantity": 0.123456789012345678}]',
        {"positions": [{"symbol": "AAPL", "quantity": "0.123456789012345678"}], "account": {"id": 7}},
    ],
)
def test_json_numbers_never_go_through_float(tmp_path: Path, content: object) -> None:
    found = statement(written(tmp_path / "positions.json", content))

    assert found.positions == (Position("AAPL", Decimal("0.123456789012345678"), None),)


@pytest.mark.parametrize("content", ["[]", {"positions": []}])
def test_list_that_is_there_and_empty_proves_an_empty_book(tmp_path: Path, content: object) -> None:
    assert statement(written(tmp_path / "positions.json", content)).positions == ()


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("null", "a list of objects"),
        ("{}", "no key positions"),
        ({"positions": None}, "positions: found None"),
        ({"positions": {}}, "a list of objects"),
        ("[1]", "[0]: found '1', expected an object"),
        ('[{"symbol": "A", "quantity": 1, "quantity": 2}]', "a key twice"),
        ('[{"symbol": "A", "quantity": NaN}]', "positions[0], column quantity: found 'NaN'"),
        ('[{"symbol": "A", "quantity": true}]', "positions[0], column quantity: found True"),
        ('[{"symbol": "A", "quantity": [1]}]', "positions[0], column quantity"),
        ('[{"symbol": "\\ud800", "quantity": 1}]', "positions[0], column symbol"),
        ('[{"symbol": "A"}]', "no column quantity"),
        ('[{"symbol": "A", "quantity": 1}, {"symbol": "B"}]', "positions[1], column quantity: found None"),
        ("[" * 100_000, "expected JSON"),
        (b'[{"symbol": "\xff"}]', "expected JSON"),
    ],
)
def test_what_is_wrong_with_json_is_named_by_its_place(tmp_path: Path, content: object, named: str) -> None:
    found = refusal(written(tmp_path / "positions.json", content))

    assert str(tmp_path / "positions.json") in found.detail
    assert named in found.detail


@pytest.mark.parametrize(
    ("told", "named"),
    [
        ({"error": "session expired"}, "its error says 'session expired'"),
        ({"errors": [{"code": 40110000, "message": "request is not authorized"}]}, "request is not authorized"),
        ({"error": {"message": "no such account"}, "as_of": "2026-03-06T21:00Z"}, "no such account"),
        ({"error": True}, "its error says 'true'"),
        ({"error": 17}, "its error says '17'"),
    ],
)
@pytest.mark.parametrize("positions", [[], [{"symbol": "AAPL", "quantity": "1"}]])
def test_statement_that_tells_an_error_proves_nothing(
    tmp_path: Path, told: dict[str, object], named: str, positions: list[object]
) -> None:
    found = refusal(written(tmp_path / "positions.json", {"positions": positions, **told}))

    assert found.reason is Reason.SOURCE_MALFORMED
    assert named in found.detail
    assert str(tmp_path / "positions.json") in found.detail


@pytest.mark.parametrize("none", [{"error": None}, {"error": ""}, {"errors": []}, {"error": False}, {"error": 0}])
def test_statement_whose_error_is_empty_tells_none(tmp_path: Path, none: dict[str, object]) -> None:
    assert statement(written(tmp_path / "positions.json", {"positions": [], **none})).positions == ()


@pytest.mark.parametrize(
    "error",
    [
        "GET https://user:hunter2@broker.example/v1?token=hunter2 failed",
        {"headers": {"Authorization": "Bearer hunter2"}, "api_key": "hunter2"},
        "bad key PKhunter2hunter2hunter2",
        "password: hunter2",
    ],
)
def test_error_that_a_statement_tells_is_repeated_without_secrets(tmp_path: Path, error: object) -> None:
    assert "hunter2" not in refusal(written(tmp_path / "positions.json", {"positions": [], "error": error})).detail


def test_error_that_a_statement_tells_is_repeated_on_one_short_line(tmp_path: Path) -> None:
    detail = refusal(written(tmp_path / "p.json", {"positions": [], "error": "a b\n" * 1_000})).detail

    assert detail.isprintable()
    assert len(detail) < len(str(tmp_path)) + 200


@pytest.mark.parametrize("kept", range(1, 60, 7))
def test_truncated_json_is_unavailable(tmp_path: Path, kept: int) -> None:
    whole = json.dumps([{"symbol": "AAPL", "quantity": "100"}, {"symbol": "MSFT", "quantity": "1"}])

    assert refusal(written(tmp_path / "positions.json", whole[:kept])).reason is Reason.SOURCE_MALFORMED


# Parquet


@pytest.mark.parametrize(
    ("type_", "stored", "expected"),
    [
        ("VARCHAR", "0.123456789012345678", "0.123456789012345678"),
        ("DECIMAL(38,18)", "1234567890123.5", "1234567890123.5"),
        ("BIGINT", "9007199254740993", "9007199254740993"),
        ("DOUBLE", "0.1", "0.1"),
        ("FLOAT", "0.1", "0.1"),
    ],
)
def test_parquet_numbers_are_what_their_texts_say(parquet: Path, type_: str, stored: str, expected: str) -> None:
    write_parquet(parquet, {"symbol": "VARCHAR", "quantity": type_, "other": "BLOB"}, [("AAPL", stored, b"\0")])

    assert statement(parquet).positions == (Position("AAPL", Decimal(expected), None),)


@pytest.mark.parametrize(
    ("type_", "stored"),
    [
        ("TIMESTAMPTZ", "2026-03-06 16:00:00-05"),
        ("VARCHAR", "2026-03-06T21:00:00Z"),
        ("BIGINT", "1772830800000"),
    ],
)
def test_parquet_times_are_moments(parquet: Path, type_: str, stored: str) -> None:
    write_parquet(parquet, {"symbol": "VARCHAR", "quantity": "INTEGER", "updated_at": type_}, [("AAPL", 1, stored)])

    assert statement(parquet).positions[0].written_at == datetime(2026, 3, 6, 21, tzinfo=UTC)


@pytest.mark.parametrize("type_", ["TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMP_S"])
def test_parquet_timestamp_without_zone_is_refused_unless_its_zone_is_told(parquet: Path, type_: str) -> None:
    row = ("AAPL", 1, "2026-03-06 16:00:00")
    write_parquet(parquet, {"symbol": "VARCHAR", "quantity": "INTEGER", "updated_at": type_}, [row])

    found = statement(parquet, TimeRules(zone=ZoneInfo("America/New_York")))

    assert "timezone" in refusal(parquet).detail
    assert found.positions[0].written_at == datetime(2026, 3, 6, 21, tzinfo=UTC)


def test_parquet_without_rows_proves_an_empty_book(parquet: Path) -> None:
    write_parquet(parquet, {"symbol": "VARCHAR", "quantity": "INTEGER"}, [])

    assert statement(parquet).positions == ()


@pytest.mark.parametrize("rows", [[], [("AAPL",)]])
def test_parquet_column_that_is_missing_is_named(parquet: Path, rows: list[tuple[str]]) -> None:
    write_parquet(parquet, {"ticker": "VARCHAR"}, rows)

    assert "no column symbol" in refusal(parquet).detail


def test_parquet_null_is_never_zero(parquet: Path) -> None:
    write_parquet(parquet, {"symbol": "VARCHAR", "quantity": "INTEGER"}, [("MSFT", 1), ("AAPL", None)])

    assert "row 2, column quantity: found None" in refusal(parquet).detail


@pytest.mark.parametrize("kept", [0.2, 0.6, 0.99])
def test_truncated_parquet_is_unavailable(parquet: Path, kept: float) -> None:
    write_parquet(parquet, {"symbol": "VARCHAR", "quantity": "INTEGER"}, [("AAPL", 1)] * 50)
    content = parquet.read_bytes()
    parquet.write_bytes(content[: int(len(content) * kept)])

    found = refusal(parquet)

    assert found.reason is Reason.SOURCE_MALFORMED
    assert str(parquet) in found.detail


def test_parquet_file_is_opened_by_itself_and_its_name_is_no_pattern(tmp_path: Path) -> None:
    path = tmp_path / "a[1]*.parquet"
    write_parquet(tmp_path / "a1.parquet", {"symbol": "VARCHAR", "quantity": "INTEGER"}, [("WRONG", 1)])
    write_parquet(tmp_path / "right.parquet", {"symbol": "VARCHAR", "quantity": "INTEGER"}, [("RIGHT", 1)])
    (tmp_path / "right.parquet").rename(path)

    assert [position.symbol for position in statement(path).positions] == ["RIGHT"]


def test_parquet_beyond_the_limit_of_memory_is_unavailable(parquet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_statement, "MEMORY_LIMIT", "1MB")
    rows = [(f"{number}{'A' * 100_000}", 1) for number in range(40)]
    write_parquet(parquet, {"symbol": "VARCHAR", "quantity": "INTEGER"}, rows)

    assert refusal(parquet).reason is Reason.SOURCE_UNREADABLE


def test_without_duckdb_the_extra_is_named(parquet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_parquet(parquet, {"symbol": "VARCHAR", "quantity": "INTEGER"}, [])
    monkeypatch.setitem(sys.modules, "duckdb", None)

    found = refusal(parquet)

    assert found.reason is Reason.SOURCE_UNREADABLE
    assert "recon-exporter[duckdb]" in found.detail


# Any file


def test_file_that_is_not_there_is_missing(csv: Path) -> None:
    assert refusal(csv).reason is Reason.SOURCE_MISSING


def test_name_of_an_unknown_ending_is_refused(tmp_path: Path) -> None:
    found = refusal(written(tmp_path / "positions.xlsx", HEADER))

    assert found.reason is Reason.SOURCE_UNREADABLE
    assert ".csv or .json or .parquet" in found.detail


def test_folder_and_pipe_are_no_statements(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    os.mkfifo(tmp_path / "pipe.csv")

    for name in ("folder.csv", "pipe.csv"):
        assert refusal(tmp_path / name).reason is Reason.SOURCE_UNREADABLE


def test_file_too_large_to_be_a_statement_is_not_read(csv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole_file, "LARGEST", 10)

    assert refusal(written(csv, SOUND)).reason is Reason.SOURCE_UNREADABLE


def test_file_that_is_written_to_while_it_is_read_is_no_statement(csv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(csv, SOUND)
    content = whole_file.WholeFile.content

    def content_while_the_bot_writes(file: whole_file.WholeFile) -> bytes:
        found = content(file)
        with csv.open("a") as stream:
            stream.write("TSLA,1,1\n")
        return found

    monkeypatch.setattr(whole_file.WholeFile, "content", content_while_the_bot_writes)

    assert refusal(csv).reason is Reason.MOVED_WHILE_READ


def test_file_that_is_replaced_while_it_is_read_is_the_one_that_was_opened(
    csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(csv, SOUND)
    content = whole_file.WholeFile.content

    def content_while_the_bot_replaces(file: whole_file.WholeFile) -> bytes:
        written(csv.with_name("new"), HEADER).rename(csv)
        return content(file)

    monkeypatch.setattr(whole_file.WholeFile, "content", content_while_the_bot_replaces)

    assert len(statement(csv).positions) == 2


# Its own time


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "symbol,quantity,as_of\nAAPL,1,2026-03-06T21:05Z\nMSFT,1,2026-03-06T21:00Z\n"),
        ("a.csv", "# as_of: 2026-03-06T21:00:00Z\nsymbol,quantity\n"),
        ("a.json", {"as_of": "2026-03-06T16:00:00-05:00", "positions": []}),
        ("a.json", [{"symbol": "AAPL", "quantity": 1, "as_of": 1772830800}]),
    ],
)
def test_statement_tells_its_own_time(tmp_path: Path, name: str, content: object) -> None:
    assert statement(written(tmp_path / name, content)).as_of == datetime(2026, 3, 6, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "symbol,quantity,told\nAAPL,1,2026-03-06T21:00Z\n"),
        ("a.csv", "# told: 2026-03-06T21:00Z\nsymbol,quantity\n"),
        ("a.json", {"told": "2026-03-06T21:00Z", "positions": []}),
    ],
)
def test_time_of_the_statement_may_have_another_name(tmp_path: Path, name: str, content: object) -> None:
    found = statement(written(tmp_path / name, content), as_of="told")

    assert found.as_of == datetime(2026, 3, 6, 21, tzinfo=UTC)
    assert refusal(tmp_path / name, as_of="tolled").reason is Reason.INPUT_MISSING


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ("2026-03-06T20:15Z", None),
        ("2026-03-06T20:14:59Z", Reason.SOURCE_STALE),
        ("2026-03-06T21:17Z", None),
        ("2026-03-06T21:17:01Z", Reason.TIME_IN_FUTURE),
        ("2026-03-06", Reason.SOURCE_MALFORMED),
        ("", Reason.SOURCE_MALFORMED),
    ],
)
def test_statement_has_to_be_of_now(csv: Path, told: str, reason: Reason | None) -> None:
    written(csv, f"symbol,quantity,as_of\nAAPL,1,{told}\n")

    found = answer(csv, TimeRules(max_age=HOUR))

    assert (found.reason if isinstance(found, Unavailable) else None) is reason


def test_statement_that_tells_no_time_is_refused_where_it_has_to(csv: Path) -> None:
    found = refusal(written(csv, SOUND), TimeRules(max_age=HOUR, needs_time=True))

    assert found.reason is Reason.INPUT_MISSING
    assert "as_of" in found.detail


# Fills and balances


def test_fills_and_balances_have_files_of_their_own(tmp_path: Path) -> None:
    fills = "fill_id,symbol,side,quantity,price,filled_at\nf1,AAPL,sell,2,150,2026-03-06T20:00Z\n"
    files = StatementFiles(
        positions=written(tmp_path / "positions.csv", HEADER),
        fills=written(tmp_path / "fills.csv", fills),
        balances=written(tmp_path / "balances.json", {"balances": [{"asset": "USD", "total": "10.5", "free": 1}]}),
    )
    ledger = FileLedger("bot", files)

    at = datetime(2026, 3, 6, 20, tzinfo=UTC)
    sold = Fill("f1", None, None, "AAPL", Decimal(-2), Decimal(150), None, at)
    assert ledger.fills(at, NOW) == FillStatement("bot", "file", (sold,), at, NOW)
    assert ledger.fills(at + HOUR, NOW) == FillStatement("bot", "file", (), at + HOUR, NOW)
    balances = ledger.balances(NOW)
    assert isinstance(balances, BalanceStatement)
    assert balances.balances == {"USD": Balance(Decimal("10.5"), Decimal(1))}


def test_files_that_are_not_named_tell_nothing(csv: Path) -> None:
    ledger = FileLedger("bot", StatementFiles(written(csv, HEADER)))

    for found in (ledger.fills(NOW, NOW), ledger.balances(NOW)):
        assert isinstance(found, Unavailable)
        assert found.reason is Reason.INPUT_MISSING


def test_mark_is_about_what_is_held_and_not_about_the_file(csv: Path) -> None:
    ledger = FileLedger("bot", StatementFiles(csv))
    written(csv, "symbol,quantity,price,as_of\nAAPL,1,150,2026-03-06T21:00Z\n")
    first = ledger.mark()
    written(csv, "symbol,quantity,price,as_of\nAAPL,1.0,151,2026-03-06T21:05Z\n")

    assert ledger.mark() == first
    written(csv, "symbol,quantity,price,as_of\nAAPL,2,151,2026-03-06T21:05Z\n")
    assert ledger.mark() != first
