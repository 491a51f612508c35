"""What holds however the files grow: in pieces, with restarts, events shuffled and repeated, over midnight."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from recon_exporter.domain.statement import Book, MinuteRow, Unavailable
from support.hbot import (
    BOT,
    FILL_COLUMNS,
    MIDNIGHT,
    MINUTE,
    MINUTE_COLUMNS,
    NOON,
    SECOND,
    WIDE_MINUTE_COLUMNS,
    HbotFleet,
    Row,
    append,
    fill_event,
    fill_row,
    line,
    minute_event,
    minute_row,
    rotate,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

FEW = settings(max_examples=40, deadline=None)
GARBAGE = [
    "\n",
    "torn\n",
    "2026-03-06T11:00:00+00:00,a\n",
    "\0\0\n",
    '{"instance_name": "bot1"\n',
    "{]}\n",
    "x" * 300 + "\n",
]
CYCLES = st.sampled_from(["nothing", "read", "cycle", "cycle and restart"])


@st.composite
def pieces(draw: st.DrawFn, content: str) -> list[str]:
    """The content cut anywhere."""
    cuts = sorted(draw(st.lists(st.integers(0, len(content)), max_size=4)))
    return [content[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(content)], strict=True)]


@st.composite
def minute_lines(draw: st.DrawFn) -> str:
    rows = [
        line(minute_row(NOON - MINUTE * (30 - number), mid=draw(st.sampled_from(["1", "2.5", "NaN", ""]))))
        for number in range(draw(st.integers(0, 25)))
    ]
    for _ in range(draw(st.integers(0, 3))):
        rows.insert(draw(st.integers(0, len(rows))), draw(st.sampled_from(GARBAGE)))
    return line(dict(zip(MINUTE_COLUMNS, MINUTE_COLUMNS, strict=True))) + "".join(rows)


FILLS = st.builds(
    lambda number, seconds, quantity: fill_row(
        NOON - 20 * MINUTE + seconds * SECOND, f"ord-{number}", amount_base=Decimal(quantity)
    ),
    st.integers(0, 4),
    st.integers(0, 1000),
    st.sampled_from(["0.5", "0.50", "2"]),
)


@st.composite
def fill_lines(draw: st.DrawFn, fills: list[Row]) -> str:
    rows = [line(fill, FILL_COLUMNS) for fill in fills]
    rows += draw(st.lists(st.sampled_from(GARBAGE), max_size=2))
    return line(dict(zip(FILL_COLUMNS, FILL_COLUMNS, strict=True)), FILL_COLUMNS) + "".join(draw(st.permutations(rows)))


@st.composite
def event_lines(draw: st.DrawFn, fills: list[Row]) -> str:
    told = st.builds(
        lambda fill, kind, is_ms: fill_event(BOT, fill, event_type=kind, epoch_ms=is_ms),
        st.sampled_from(fills),
        st.sampled_from(["order_filled", "bot_fill"]),
        st.booleans(),
    )
    events = draw(st.lists(told, max_size=10)) if fills else []
    events += [minute_event(BOT, minute_row(NOON - MINUTE * number)) for number in range(3)]
    lines = [json.dumps(event) + "\n" for event in events] + draw(st.lists(st.sampled_from(GARBAGE), max_size=2))
    return "".join(draw(st.permutations(lines)))


def examined(book: Book | None) -> tuple[MinuteRow, ...]:
    return () if book is None else book.rows


def step(fleet: HbotFleet, what: str, now: datetime) -> tuple[MinuteRow, ...]:
    """What a recorded cycle examined, nothing otherwise."""
    if what == "read":
        fleet.read(now)
    if not what.startswith("cycle"):
        return ()
    book = fleet.cycle(now).get(BOT)
    if what.endswith("restart"):
        fleet.restart()
    return examined(book if isinstance(book, Book) else None)


def settled(book: Book) -> Book:
    """The book without what depends on when it was last looked at."""
    return replace(book, rows=(), previous=None)


@FEW
@given(st.data())
def test_any_growth_in_pieces_with_restarts_ends_like_one_cold_reading(data: st.DataObject) -> None:
    fills = data.draw(st.lists(FILLS, max_size=8))
    contents = {
        "minute": data.draw(minute_lines()),
        "fills": data.draw(fill_lines(fills)),
        "store": data.draw(event_lines(fills)),
    }
    with TemporaryDirectory() as folder:
        fleet = HbotFleet(Path(folder))
        fleet.folder().mkdir(parents=True)
        paths = {"minute": fleet.minute(), "fills": fleet.fills(), "store": fleet.store()}
        growth = [(name, piece) for name, content in contents.items() for piece in data.draw(pieces(content))]
        rows: tuple[MinuteRow, ...] = ()
        for name, piece in _in_order(data.draw(st.permutations(growth)), growth):
            append(paths[name], piece)
            rows += step(fleet, data.draw(CYCLES), NOON)
        last = fleet.book()
        cold = fleet.cold().book()

    assert settled(last) == settled(cold)
    assert rows + last.rows == cold.rows


def _in_order(shuffled: list[tuple[str, str]], growth: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The files in the shuffled order, the pieces of each in their own."""
    left = {name: [piece for of, piece in growth if of == name] for name, _ in growth}
    for name, _ in shuffled:
        yield name, left[name].pop(0)


@FEW
@given(st.lists(FILLS, max_size=10), st.data())
def test_events_shuffled_and_repeated_say_the_same(fills: list[Row], data: st.DataObject) -> None:
    events = [fill_event(BOT, fill, event_type=kind) for fill in fills for kind in ("order_filled", "bot_fill")]
    repeated = data.draw(st.permutations(events + data.draw(st.lists(st.sampled_from(events or [{}]), max_size=10))))
    books = []
    for told in (events, [event for event in repeated if event]):
        with TemporaryDirectory() as folder:
            fleet = HbotFleet(Path(folder))
            fleet.live_until(NOON)
            fleet.add_fills(*fills)
            half = data.draw(st.integers(0, len(told)))
            fleet.add_events(*told[:half])
            fleet.cycle()
            fleet.add_events(*told[half:])
            books.append(fleet.book().fills)

    # Of events that are no fills only the last lines are asked for their time.
    assert replace(books[0], newest_event_at=None) == replace(books[1], newest_event_at=None)


@st.composite
def nights(draw: st.DrawFn) -> list[tuple[int, str, Row]]:
    """Rows, fills and events from half past ten to half past one, by the second at which they are written."""
    written: list[tuple[int, str, Row]] = []
    minutes = draw(st.sets(st.integers(-90, 90), max_size=30))
    written += [(60 * minute, "minute", minute_row(MIDNIGHT + minute * MINUTE)) for minute in minutes]
    for number in range(draw(st.integers(0, 12))):
        at = draw(st.integers(-5400, 5400) | st.integers(-200, 200))
        delay = draw(st.sampled_from([0, 1, 200]))
        ahead = draw(st.sampled_from([-1, 0, 1]))
        fill = fill_row(MIDNIGHT + at * SECOND, f"ord-{number}")
        event = fill_event(BOT, fill_row(MIDNIGHT + (at + ahead) * SECOND, f"ord-{number}"))
        sides = draw(st.sampled_from([("fills",), ("store",), ("fills", "store"), ("fills", "store")]))
        written += [(at + delay, side, fill if side == "fills" else event) for side in sides]
    return sorted(written, key=lambda item: item[0])


@FEW
@given(nights(), st.data())
def test_readings_over_midnight_end_like_one_cold_reading(
    written: list[tuple[int, str, Row]], data: st.DataObject
) -> None:
    end = MIDNIGHT + timedelta(minutes=100)
    with TemporaryDirectory() as folder:
        fleet = HbotFleet(Path(folder))
        rows: tuple[MinuteRow, ...] = ()
        for second, side, row in written:
            at = MIDNIGHT + second * SECOND
            if side == "minute":
                fleet.add_rows(row)
            elif side == "fills":
                fleet.add_fills(row)
            else:
                fleet.add_events(row, arrived=at)
            rows += step(fleet, data.draw(CYCLES), at)
        fleet.live_until(end, rows=1)
        last = fleet.book(end)
        cold = fleet.cold().book(end)

    assert settled(last) == settled(cold)
    assert [row for row in rows + last.rows if row.at >= MIDNIGHT] == list(cold.rows)


@FEW
@given(st.lists(st.integers(1, 4), min_size=1, max_size=6), st.data())
def test_rotations_anywhere_lose_and_repeat_no_row(lengths: list[int], data: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        fleet = HbotFleet(Path(folder))
        rows: tuple[MinuteRow, ...] = ()
        at = NOON - timedelta(hours=1)
        for number, length in enumerate(lengths):
            if number:
                rotate(fleet.minute(), f"20260306T11{number:02}00Z")
            for _ in range(length):
                at += MINUTE
                fleet.add_rows(minute_row(at), columns=(MINUTE_COLUMNS, WIDE_MINUTE_COLUMNS)[number % 2])
                rows += step(fleet, data.draw(CYCLES), at)
        last = fleet.book(at)
        cold = fleet.cold().book(at)

    assert rows + last.rows == cold.rows
    assert settled(last) == settled(cold)


@st.composite
def violations(draw: st.DrawFn, contents: dict[str, str]) -> list[tuple[str, str, str]]:
    """What may befall a file: the file, what is done to it, and the content it has then."""
    done = []
    for _ in range(draw(st.integers(1, 8))):
        name = draw(st.sampled_from(sorted(contents)))
        # Of a store that is gone the fills stay as they were: it is unavailable, and nothing is compared with it.
        what = draw(st.sampled_from(["append", "rewrite", "replace", *([] if name == "store" else ["delete"])]))
        content = contents[name]
        begin, end = sorted(draw(st.tuples(st.integers(0, len(content)), st.integers(0, len(content)))))
        done.append((name, what, content[begin:end] if what == "append" else content[:end]))
    return done


def violate(path: Path, what: str, content: str, moment: int) -> None:
    if what == "append":
        append(path, content)
    elif what == "delete":
        path.unlink(missing_ok=True)
    elif what == "replace":
        other = path.with_name("other")
        other.write_text(content)
        other.replace(path)
    else:
        path.write_text(content)
    if path.exists():  # the clock of a file system is coarse, that of the test is not
        os.utime(path, ns=(0, moment))


@FEW
@given(st.data())
def test_whatever_befalls_the_files_the_next_reading_tells_them_as_they_are(data: st.DataObject) -> None:
    fills = data.draw(st.lists(FILLS, max_size=5))
    contents = {
        "minute": data.draw(minute_lines()),
        "fills": data.draw(fill_lines(fills)),
        "store": data.draw(event_lines(fills)),
    }
    with TemporaryDirectory() as folder:
        fleet = HbotFleet(Path(folder))
        fleet.live_until(NOON - MINUTE)
        paths = {"minute": fleet.minute(), "fills": fleet.fills(), "store": fleet.store()}
        for number, (name, what, content) in enumerate(data.draw(violations(contents))):
            violate(paths[name], what, content, 10**18 + number)
            step(fleet, data.draw(CYCLES), NOON)
        last, cold = fleet.cycle(), fleet.cold().cycle()

    assert {bot: as_read_once(book) for bot, book in last.items()} == {
        bot: as_read_once(book) for bot, book in cold.items()
    }


def as_read_once(book: Book | Unavailable) -> Book | Unavailable:
    """The book without what remembers files that are gone: counters, rows examined, how alive the store has been."""
    if isinstance(book, Unavailable):
        return book
    fills = replace(book.fills, newest_event_at=None, events=None)
    return replace(settled(book), bad_lines={}, health=(), fills=fills)
