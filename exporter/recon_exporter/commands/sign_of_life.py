"""When somebody is to be told that signs of life stay away, and that they are back: pure, and remembered in a file."""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from recon_exporter.reading.files import replace_file

GRACE = timedelta(minutes=2)
"""What a watch that was itself away gives the next sign, so that its own restart alarms nobody."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What survives a restart.

    ``waiting_since`` is the first start after the latest sign, so that crashing again and again prolongs nothing;
    ``told`` says whether people believe that signs stay away.
    """

    last_seen: datetime | None
    waiting_since: datetime
    told: bool = False

    def started(self, now: datetime) -> "Memory":
        """The memory of a watch that begins now."""
        if self.last_seen is not None and self.last_seen >= self.waiting_since:
            return replace(self, waiting_since=now)
        return self

    def set_right(self, now: datetime) -> "Memory":
        """Without times in the future, as a clock that was set back leaves them: they would be waited for."""
        seen = None if self.last_seen is None else min(self.last_seen, now)
        return replace(self, last_seen=seen, waiting_since=min(self.waiting_since, now))

    def is_missing(self, after: timedelta, now: datetime) -> bool:
        """Whether there has been no sign for so long; once that was told, only a sign says otherwise, no restart."""
        if self.last_seen is None:
            return self.told or now >= self.waiting_since + after
        grace_ends = self.last_seen if self.told else self.waiting_since + min(after, GRACE)
        return now >= max(self.last_seen + after, grace_ends)

    def text(self, now: datetime, *, missing: bool) -> str:
        """What people are told; enough on a lock screen."""
        since = self.last_seen or self.waiting_since
        if not missing:
            return f"The Watchdog is back ({_time(since)}): alerts of recon-exporter reach people again."
        what = "last one" if self.last_seen else "watching since"
        return (
            f"NO WATCHDOG for {_span(now - since)} ({what} {_time(since)}): Prometheus, Alertmanager or the way from"
            " there is down, and NOBODY IS TOLD of anything. First, on their machine:"
            " curl -fsS http://127.0.0.1:9090/-/healthy and http://127.0.0.1:9093/-/healthy"
        )


def remembered(path: Path, now: datetime) -> Memory:
    """What the file holds, or a new memory where there is none. Raises ValueError for what cannot be understood."""
    try:
        found = json.loads(path.read_text())
        seen = found["last_seen"]
        last_seen = None if seen is None else _aware(seen)
        return Memory(last_seen, _aware(found["waiting_since"]), bool(found["told"]))
    except FileNotFoundError:
        return Memory(None, now)
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} holds no memory of a watch ({type(error).__name__}): take it away") from None


def remember(path: Path, memory: Memory) -> None:
    """Replace the file. Raises OSError."""
    document = {
        "last_seen": memory.last_seen.isoformat() if memory.last_seen else None,
        "waiting_since": memory.waiting_since.isoformat(),
        "told": memory.told,
    }
    replace_file(path, json.dumps(document) + "\n")


def _aware(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError("a time without zone")
    return time


def _time(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S} UTC"


def _span(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"  # noqa: PLR2004  # two minutes
