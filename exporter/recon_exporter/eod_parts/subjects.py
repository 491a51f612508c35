"""What an end-of-day run needs of each bot: both books, and how they are compared and judged."""

from datetime import datetime
from functools import partial

from recon_exporter.calling import Calls
from recon_exporter.domain.symbols import Symbols
from recon_exporter.domain.terms import HaltPolicy, Terms, Tolerance
from recon_exporter.eod_parts.owners import Owner, owners
from recon_exporter.eod_parts.sources import Sources, sources_of
from recon_exporter.looking import Subject
from recon_exporter.outgoing_eod import NO_ACTION, PENDING
from recon_exporter.ports import Clock
from recon_exporter.settings.books import FleetAlpacaVenue
from recon_exporter.settings.bots import BotSettings
from recon_exporter.settings.end_of_day import EodSettings, age_limit
from recon_exporter.settings.model import Settings
from recon_exporter.settings.shape import SymbolTolerances

DOLLARS = "USD"


def subjects(settings: Settings, clock: Clock, calls: Calls) -> dict[str, Subject]:
    """The bots that have end-of-day runs, by name; those of fleets as they are on disk now. Nothing is opened."""
    return {
        bot: _subject(settings, sources_of(settings, clock, bot, owner, calls), bot, owner, owner.eod)
        for bot, owner in owners(settings).items()
        if owner.eod is not None
    }


def terms_of(settings: Settings, bot: str) -> Terms:
    """How the books of a bot are compared, by what is built in where it has no ``eod`` section.

    Raises KeyError for a bot that is not known.
    """
    owner = owners(settings)[bot]
    return _terms(settings, owner, owner.eod or EodSettings.model_validate({"at": "00:00"}))


def halt_policy(settings: Settings) -> HaltPolicy:
    """The limits beyond which bots are to stop."""
    return HaltPolicy(settings.policy.halt_exposure_usd, settings.policy.halt_missing_positions)


def _subject(settings: Settings, books: Sources, bot: str, owner: Owner, eod: EodSettings) -> Subject:
    terms = _terms(settings, owner, eod)
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


def _terms(settings: Settings, owner: Owner, eod: EodSettings) -> Terms:
    symbols = Symbols.of(settings.aliases)
    limits = settings.tolerances
    usual = Tolerance(limits.quantity, limits.price_relative, limits.price_absolute)
    return Terms(
        symbols=symbols,
        tolerance=usual,
        tolerance_of={symbols.canonical(name): _tolerance(own, usual) for name, own in limits.symbols.items()},
        stale_after=age_limit(eod.stale_after),
        stale_after_of={symbols.canonical(name): age_limit(age) for name, age in eod.stale_after_symbols.items()},
        halt_quantity_ratio=settings.policy.halt_quantity_ratio,
        dollar_rates={},
        currency=_currency(owner),
        client_id_prefixes=eod.client_id_prefixes,
    )


def _tolerance(own: SymbolTolerances, usual: Tolerance) -> Tolerance:
    return Tolerance(
        usual.quantity if own.quantity is None else own.quantity,
        usual.price_relative if own.price_relative is None else own.price_relative,
        usual.price_absolute if own.price_absolute is None else own.price_absolute,
    )


def _currency(owner: Owner) -> str | None:
    """What prices are in where nothing else tells; at Alpaca everything is in dollars."""
    if isinstance(owner, BotSettings) and owner.ledger.currency is not None:
        return owner.ledger.currency
    return DOLLARS if isinstance(owner.venue, FleetAlpacaVenue) else None
