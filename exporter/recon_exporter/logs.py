"""Log lines as logfmt or JSON on standard error, one event a line, times in UTC."""

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from structlog.typing import Processor

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_ORDER = ["timestamp", "level", "event"]


def configure(level: str, form: str) -> None:
    """Send our own lines and those of libraries to standard error; ``form`` is logfmt or json."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=_rendering(form), foreign_pre_chain=shared))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(_LEVELS[level])
    for noisy in ("apscheduler", "aiohttp.access", "urllib3", "markdown_it"):  # what matters of theirs we log ourselves
        logging.getLogger(noisy).setLevel(logging.ERROR)


@contextmanager
def counted(count: Callable[[str], None]) -> Iterator[None]:
    """Meanwhile tell ``count`` the level of every line of warning and error, whoever logs it."""
    handler = _Counting(count)
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)


class _Counting(logging.Handler):
    def __init__(self, count: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._count = count

    def emit(self, record: logging.LogRecord) -> None:
        self._count("error" if record.levelno >= logging.ERROR else "warning")


def keep_off_standard_output() -> None:
    """For use as a library: lines go to standard error, unless the program around us has said where they go."""
    if not structlog.is_configured():
        structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))


def _rendering(form: str) -> list[Processor]:
    strip = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    text = structlog.processors.format_exc_info
    if form == "json":
        return [strip, text, structlog.processors.JSONRenderer()]
    return [strip, text, structlog.processors.LogfmtRenderer(key_order=_ORDER, drop_missing=True, bool_as_flag=False)]
