"""What an end-of-day run needs of each bot: both books, and how they are compared and judged."""

from datetime import datetime
from functools import partial

from recon_exporter.domain.terms import HaltPolicy, Terms
from recon_exporter.looking import Subject
from recon_exporter.outgoing_eod import NO_ACTION, PENDING
from recon_exporter.settings.end_of_day import EodSettings
from recon_exporter.settings.model import Settings
from recon_exporter.sources import Connections, Owner, owners, sources_of, terms_for

DOLLARS = "USD"


def subjects(settings: Settings, connections: Connections) -> dict[str, Subject]:
    """The bots that have end-of-day runs, by name; those of fleets as they are on disk now. Nothing is opened."""
    return {
        bot: _subject(settings, connections, bot, owner, owner.eod)
        for bot, owner in owners(settings).items()
        if owner.eod is not None
    }


def terms_of(settings: Settings, bot: str) -> Terms:
    """How the books of a bot are compared, by what is built in where it has no ``eod`` section.

    Raises KeyError for a bot that is not known.
    """
    owner = owners(settings)[bot]
    return terms_for(settings, owner)


def halt_policy(settings: Settings) -> HaltPolicy:
    """The limits beyond which bots are to stop."""
    return HaltPolicy(settings.policy.halt_exposure_usd, settings.policy.halt_missing_positions)


def _subject(settings: Settings, connections: Connections, bot: str, owner: Owner, eod: EodSettings) -> Subject:
    books = sources_of(settings, connections, bot, owner)
    terms = terms_for(settings, owner)
    return Subject(
        bot=bot,
        ledger=books.ledger,
        venue=books.venue,
        terms=terms,
        policy=halt_policy(settings),
        settle=eod.settle,
        mass_limit=eod.mass_breaks,
        halt_action=NO_ACTION if settings.policy.halt_action is None else PENDING,
        canaries=partial(_missed_canaries, terms),
    )


def _missed_canaries(terms: Terms, now: datetime) -> tuple[str, ...]:
    from recon_exporter.eod_parts.canaries import missed  # noqa: PLC0415  # readers are loaded when something is read

    return missed(terms, now)
