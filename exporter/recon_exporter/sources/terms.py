"""How both books of a bot are compared, as persons decided it."""

from dataclasses import replace

from recon_exporter.domain.symbols import Symbols
from recon_exporter.domain.terms import Terms, Tolerance
from recon_exporter.settings.bots import BotSettings
from recon_exporter.settings.end_of_day import EodSettings, age_limit
from recon_exporter.settings.ledgers import FileLedger, SqlLedger
from recon_exporter.settings.model import Settings
from recon_exporter.settings.tolerances import SymbolTolerances
from recon_exporter.settings.venues import FleetAlpacaVenue, FleetCcxtVenue
from recon_exporter.sources.owners import Owner
from recon_exporter.sources.scope import scope_of

DOLLARS = "USD"


def terms_for(settings: Settings, owner: Owner) -> Terms:
    """How both books of the bot are compared, by what is built in where it has no ``eod`` section."""
    eod = owner.eod or EodSettings.model_validate({"at": "00:00"})
    symbols = Symbols.of(settings.aliases)
    limits = settings.tolerances
    usual = Tolerance(
        quantity=limits.quantity,
        price_relative=limits.price_relative,
        price_absolute=limits.price_absolute,
        quantity_relative=limits.quantity_relative,
        steps=limits.quantity_steps,
        dust_usd=limits.dust_usd,
    )
    return Terms(
        symbols=symbols,
        tolerance=usual,
        tolerance_of={symbols.canonical(name): _tolerance(own, usual) for name, own in limits.symbols.items()},
        stale_after=age_limit(eod.stale_after),
        stale_after_of={symbols.canonical(name): age_limit(age) for name, age in eod.stale_after_symbols.items()},
        halt_quantity_ratio=settings.policy.halt_quantity_ratio,
        dollar_rates={},
        currency=_currency(owner),
        client_id_prefixes=(*eod.client_id_prefixes, *_prefixes(owner)),
        scope=scope_of(settings, owner),
    )


def _tolerance(own: SymbolTolerances, usual: Tolerance) -> Tolerance:
    written = {
        name: getattr(own, name) for name in ("quantity", "quantity_relative", "price_relative", "price_absolute")
    }
    return replace(usual, **{name: value for name, value in written.items() if value is not None})


def _prefixes(owner: Owner) -> tuple[str, ...]:
    return owner.venue.client_id_prefixes if isinstance(owner.venue, FleetCcxtVenue) else ()


def _currency(owner: Owner) -> str | None:
    """What prices are in where nothing else tells; at Alpaca everything is in dollars."""
    ledger = owner.ledger if isinstance(owner, BotSettings) else None
    if isinstance(ledger, SqlLedger | FileLedger) and ledger.currency is not None:
        return ledger.currency
    return DOLLARS if isinstance(owner.venue, FleetAlpacaVenue) else None
