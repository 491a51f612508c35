"""What a valid configuration still has to say to people."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import combinations

from recon_exporter.settings.documents import Document, Kind
from recon_exporter.settings.entries import duration_text
from recon_exporter.settings.environment import CONFIG_FILE, VARIABLES
from recon_exporter.settings.ledgers import HummingbotLedger
from recon_exporter.settings.shape import Bot, Effective
from recon_exporter.settings.thresholds import VARIABLES as LIMIT_VARIABLES
from recon_exporter.settings.thresholds import Thresholds
from recon_exporter.settings.urls import is_loopback
from recon_exporter.settings.venues import AccountType, CcxtVenue, Ownership

SHORT_CYCLE = timedelta(seconds=30)
_WITHOUT: Mapping[Kind, str] = {
    Kind.RECON: "built-in values apply",
    Kind.THRESHOLDS: "built-in thresholds apply",
    Kind.ACCOUNT_MAP: "no bot has an account",
}

_WITHOUT_EOD: Mapping[bool, str] = {
    True: "its books are compared in every cycle, and not at the end of a day",
    False: "its positions are not reconciled",
}


def notices(documents: tuple[Document, ...], effective: Effective) -> Iterator[str]:
    """What a person may want to know: the default files that are absent, and bots that nobody reconciles."""
    for document in documents:
        if document.is_absent:
            yield f"{document.path} is absent: {_WITHOUT[document.kind]}"
    for name, bot in sorted(effective.bots.items()):
        if bot.eod is None:
            yield f"bots.{name} has no eod section: {_WITHOUT_EOD[_is_compared(bot)]}"


def warnings(effective: Effective, thresholds: Thresholds, environment: Mapping[str, str]) -> Iterator[str]:
    """What a person should mend, or decide on."""
    if effective.schedule.cycle < SHORT_CYCLE:
        yield f"schedule.cycle is {duration_text(effective.schedule.cycle)}: below 30s is short for what a cycle reads"
    if is_loopback(effective.web.external_url):
        yield f"web.external_url is {effective.web.external_url}: links in pages work on this machine only"
    for name, fleet in sorted(effective.fleets.items()):
        if fleet.eod is not None and fleet.venue is None:
            yield f"fleets.{name} has an eod section and no venue: its end-of-day runs give no verdict"
    yield from _unowned(effective.bots)
    yield from thresholds.shadowed()
    known = {CONFIG_FILE, *LIMIT_VARIABLES.values(), *(variable.name for variable in VARIABLES)}
    for name in sorted(environment):
        if name.startswith(("RECON_", "EXCHANGE_SNAPSHOT_")) and name not in known:
            yield f"{name} is no variable of recon-exporter: it does nothing"


def _is_compared(bot: Bot) -> bool:
    """Whether cycles compare its books."""
    return isinstance(bot.venue, CcxtVenue) if bot.intraday is None else bot.intraday


def _unowned(bots: Mapping[str, Bot]) -> Iterator[str]:
    """Accounts of which the configuration does not say well enough what on them is whose."""
    venues = {name: bot.venue for name, bot in sorted(bots.items()) if isinstance(bot.venue, CcxtVenue)}
    for name, venue in venues.items():
        ledger = bots[name].ledger
        is_alone_on_spot = venue.ownership is Ownership.EXCLUSIVE and AccountType.SPOT in _parts(venue)
        if isinstance(ledger, HummingbotLedger) and not ledger.baseline and is_alone_on_spot:
            told = "ownership is exclusive and the ledger has no baseline"
            yield f"bots.{name}: {told}: coins from before are differences"
    for one, other in combinations(venues, 2):
        if _meet(venues[one], venues[other]):
            account = f"{venues[one].credential_prefix} at {venues[one].exchange}"
            yield f"bots.{one} and bots.{other} share the account {account}: write ownership: shared for both"


def _meet(one: CcxtVenue, other: CcxtVenue) -> bool:
    """Whether each would take the other's fills for its own: on the same part of one account, which is not shared."""
    is_one_account = _place(one) == _place(other)
    is_shared = one.ownership is other.ownership is Ownership.SHARED
    return is_one_account and not is_shared and bool(_parts(one) & _parts(other))


def _place(venue: CcxtVenue) -> tuple[object, ...]:
    return venue.exchange, venue.credential_prefix, venue.base_url, venue.sandbox


def _parts(venue: CcxtVenue) -> frozenset[AccountType]:
    """What is asked for; without a word of it spot and swap are."""
    return frozenset(venue.account_types or (AccountType.SPOT, AccountType.SWAP))
