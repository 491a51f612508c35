"""Log lines: one event a line on standard error, in words that can be read and searched."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

import pytest
import structlog

from recon_exporter import logs

if TYPE_CHECKING:
    from collections.abc import Iterator

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_line_of_logfmt_begins_with_time_level_and_event_and_names_every_value(capsys: Capture) -> None:
    logs.configure("info", "logfmt")

    structlog.get_logger("a").info("end-of-day run", bot="swing-us", late=True, again=False)

    out, err = capsys.readouterr()
    assert out == ""
    time, _, rest = err.partition(" ")
    assert time.startswith("timestamp=2")
    assert rest == 'level=info event="end-of-day run" bot=swing-us late=true again=false\n'


def test_line_of_json_is_one_object(capsys: Capture) -> None:
    logs.configure("info", "json")

    structlog.get_logger("a").warning("delivery failed", sink="halt", late=True)

    line = json.loads(capsys.readouterr().err)
    assert {key: line[key] for key in ("level", "event", "sink", "late")} == {
        "level": "warning",
        "event": "delivery failed",
        "sink": "halt",
        "late": True,
    }


@pytest.mark.parametrize("library", ["apscheduler", "aiohttp.access", "urllib3", "markdown_it"])
def test_what_libraries_tell_of_every_step_is_left_out_of_debug(library: str, capsys: Capture) -> None:
    logs.configure("debug", "logfmt")

    logging.getLogger(f"{library}.inner").debug("a step")
    logging.getLogger(f"{library}.inner").error("a failure")

    err = capsys.readouterr().err
    assert "a step" not in err
    assert 'event="a failure"' in err


def test_lines_of_warning_and_error_are_counted_whoever_logs_them() -> None:
    levels: list[str] = []
    logs.configure("info", "logfmt")

    with logs.counted(levels.append):
        structlog.get_logger("a").info("cycle")
        structlog.get_logger("a").warning("delivery failed")
        logging.getLogger("ccxt").critical("a failure")
        structlog.get_logger("a").exception("cycle failed")
    structlog.get_logger("a").error("afterwards")

    assert levels == ["warning", "error", "error"]
