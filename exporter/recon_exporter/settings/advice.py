"""What a valid configuration still has to say to people."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from recon_exporter.settings.documents import Document, Kind
from recon_exporter.settings.entries import duration_text
from recon_exporter.settings.environment import CONFIG_FILE, VARIABLES
from recon_exporter.settings.shape import Effective
from recon_exporter.settings.thresholds import VARIABLES as LIMIT_VARIABLES
from recon_exporter.settings.thresholds import Thresholds
from recon_exporter.settings.urls import is_loopback

SHORT_CYCLE = timedelta(seconds=30)
_WITHOUT: Mapping[Kind, str] = {
    Kind.RECON: "built-in values apply",
    Kind.THRESHOLDS: "built-in thresholds apply",
    Kind.ACCOUNT_MAP: "no bot has an account",
}


def notices(documents: tuple[Document, ...], effective: Effective) -> Iterator[str]:
    """What a person may want to know: the default files that are absent, and bots that nobody reconciles."""
    for document in documents:
        if document.is_absent:
            yield f"{document.path} is absent: {_WITHOUT[document.kind]}"
    for name, bot in sorted(effective.bots.items()):
        if bot.eod is None:
            yield f"bots.{name} has no eod section: its positions are not reconciled"


def warnings(effective: Effective, thresholds: Thresholds, environment: Mapping[str, str]) -> Iterator[str]:
    """What a person should mend, or decide on."""
    if effective.schedule.cycle < SHORT_CYCLE:
        yield f"schedule.cycle is {duration_text(effective.schedule.cycle)}: below 30s is short for what a cycle reads"
    if is_loopback(effective.web.external_url):
        yield f"web.external_url is {effective.web.external_url}: links in pages work on this machine only"
    for name, fleet in sorted(effective.fleets.items()):
        if fleet.eod is not None and fleet.venue is None:
            yield f"fleets.{name} has an eod section and no venue: its end-of-day runs give no verdict"
    yield from thresholds.shadowed()
    known = {CONFIG_FILE, *LIMIT_VARIABLES.values(), *(variable.name for variable in VARIABLES)}
    for name in sorted(environment):
        if name.startswith(("RECON_", "EXCHANGE_SNAPSHOT_")) and name not in known:
            yield f"{name} is no variable of recon-exporter: it does nothing"
