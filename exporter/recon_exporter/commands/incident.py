"""`recon-exporter incident`: the log that a person on call writes, with owner and time of remedy.

Each line is an entry of the audit log too; where the state cannot be written the incident log stands alone.
"""

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import typer

from recon_exporter.clock import SystemClock
from recon_exporter.commands.incident_audit import Audit, audited, unaudited
from recon_exporter.domain.document import to_json
from recon_exporter.domain.incident import HEADER, Action, Entry, Incident, entries_of, incidents_of, line_of
from recon_exporter.domain.words import one_line
from recon_exporter.errors import ConfigurationError
from recon_exporter.settings.loading import load
from recon_exporter.settings.model import Settings
from recon_exporter.settings.overrides import Overrides
from recon_exporter.settings.scalars import read_duration

UNUSABLE = 2

Make = Callable[[tuple[Entry, ...]], Entry]


@dataclass(frozen=True, slots=True)
class Told:
    """What a person said; ``eta`` is a time with zone or a span from now, such as 4h."""

    text: str
    owner: str | None = None
    eta: str | None = None
    bot: str | None = None
    evidence: str | None = None


def run_open(overrides: Overrides, environment: Mapping[str, str], directory: Path, told: Told) -> int:
    """0, or 2 where the configuration, the log or what was told is unusable."""

    def work(settings: Settings, now: datetime) -> int:
        return open_incident(settings.incidents.path, now, told, audited(settings, now))

    return _with_log(overrides, environment, directory, work)


def run_update(
    overrides: Overrides, environment: Mapping[str, str], directory: Path, number: str, told: Told, *, close: bool
) -> int:
    """0, or 2 as above, also where there is no such incident or it is closed."""

    def work(settings: Settings, now: datetime) -> int:
        path = settings.incidents.path
        return update_incident(path, now, number, told, close=close, audit=audited(settings, now))

    return _with_log(overrides, environment, directory, work)


def run_list(
    overrides: Overrides, environment: Mapping[str, str], directory: Path, *, closed: bool, as_json: bool
) -> int:
    """0, or 2 where the configuration or the log is unusable; no log yet means no incident."""

    def work(settings: Settings, now: datetime) -> int:
        return list_incidents(settings.incidents.path, now, closed=closed, as_json=as_json)

    return _with_log(overrides, environment, directory, work)


def open_incident(path: Path, now: datetime, told: Told, audit: Audit = unaudited) -> int:
    """Append a new incident; it must have an owner and a time by which it is to be remedied."""
    if not told.owner or not told.eta:
        return _refuse("an incident needs --owner and --eta")
    return _append(path, lambda entries: _entry(now, _next_number(entries), Action.OPEN, told), audit)


def update_incident(
    path: Path, now: datetime, number: str, told: Told, *, close: bool, audit: Audit = unaudited
) -> int:
    """Append to an open incident; what is not told stays as it was."""
    action = Action.CLOSE if close else Action.UPDATE
    return _append(path, lambda entries: _entry(now, _open_number(entries, number), action, told), audit)


def list_incidents(path: Path, now: datetime, *, closed: bool, as_json: bool) -> int:
    """Print the open incidents, with ``closed`` all of them, one a line or as a JSON list."""
    try:
        incidents = incidents_of(entries_of(path.read_text(encoding="utf-8"))).values()
    except FileNotFoundError:
        incidents = {}.values()
    except (OSError, ValueError) as error:
        return _refuse(f"{path}: {error}")
    shown = [incident for incident in incidents if closed or incident.is_open]
    if as_json:
        typer.echo(to_json([_document(incident) for incident in shown]))
        return 0
    for incident in shown:
        typer.echo(_line(incident, now))
    if not shown:
        typer.echo(f"no {'' if closed else 'open '}incident in {path}")
    return 0


def _with_log(
    overrides: Overrides, environment: Mapping[str, str], directory: Path, work: Callable[[Settings, datetime], int]
) -> int:
    try:
        settings = load(overrides, environment, directory, opens_venues=False)
    except ConfigurationError as error:
        return _refuse(str(error))
    return work(settings, SystemClock().now())


def _refuse(why: str) -> int:
    typer.echo(f"incident: {why}", err=True)
    return UNUSABLE


def _append(path: Path, make: Make, audit: Audit) -> int:
    try:
        with _locked(path) as descriptor:
            text = _content(descriptor)
            entries = tuple(entries_of(text))
            entry = make(entries)
            # A line that was left unterminated keeps what it says and ends here.
            start = "" if text.endswith("\n") else "\n"
            line = f"{line_of(entry)}\n"
            os.write(descriptor, ((start if text else HEADER) + line).encode())
            os.fsync(descriptor)
    except (OSError, ValueError) as error:
        return _refuse(f"{path}: {error}")
    typer.echo(f"{path}: {line}", nl=False)
    audit(entry, incidents_of((*entries, entry))[entry.number])
    return 0


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    """The log opened for appending, held against other writers until the end of the block."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def _content(descriptor: int) -> str:
    with os.fdopen(os.dup(descriptor), "rb") as file:
        return file.read().decode()


def _entry(now: datetime, number: int, action: Action, told: Told) -> Entry:
    if not told.text.strip():
        raise ValueError("there is no text")
    fields = {name: (getattr(told, name) or "").strip() or None for name in ("owner", "bot", "evidence")}
    return Entry(now, number, action, told.text.strip(), eta=_eta(told.eta, now), **fields)


def _eta(text: str | None, now: datetime) -> datetime | None:
    """Raises ValueError for what is no time in the future."""
    if text is None:
        return None
    try:
        at = now + read_duration(text)
    except ValueError:
        at = _time(text)
    if at <= now:
        raise ValueError(f"--eta {text} is not in the future")
    return at


def _time(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise ValueError(f"--eta {text!r}: expected a span such as 4h or a time with zone such as 2026-03-06T16:00Z")
    return at.astimezone(UTC)


def _next_number(entries: tuple[Entry, ...]) -> int:
    return max((entry.number for entry in entries), default=0) + 1


def _open_number(entries: tuple[Entry, ...], text: str) -> int:
    digits = text.upper().removeprefix("INC-")
    incident = incidents_of(entries).get(int(digits)) if digits.isdecimal() else None
    if incident is None:
        raise ValueError(f"there is no incident {text}")
    if not incident.is_open:
        raise ValueError(f"INC-{incident.number} is closed: open a new one")
    return incident.number


def _line(incident: Incident, now: datetime) -> str:
    late = " (overdue)" if incident.is_open and incident.eta and incident.eta < now else ""
    return "  ".join(
        (
            f"INC-{incident.number}",
            "open" if incident.is_open else "closed",
            f"{incident.opened_at:%Y-%m-%d %H:%M}",
            f"owner={one_line(incident.owner or 'none')}",
            f"eta={incident.eta:%Y-%m-%d %H:%M}{late}" if incident.eta else "eta=none",
            f"bot={one_line(incident.bot or 'none')}",
            repr(incident.summary),
            f"latest={incident.latest!r}",
        )
    )


def _document(incident: Incident) -> Mapping[str, object]:
    return {
        "id": f"INC-{incident.number}",
        "is_open": incident.is_open,
        "opened_at": incident.opened_at,
        "changed_at": incident.changed_at,
        "summary": incident.summary,
        "latest": incident.latest,
        "owner": incident.owner,
        "eta": incident.eta,
        "bot": incident.bot,
        "evidence": incident.evidence,
    }
