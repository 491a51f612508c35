"""Reports with breaks of every kind, for the pages that show them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from recon_exporter.domain.attributed import Attribution, Line, Source
from recon_exporter.domain.breaks import BreakState, BreakType, Halt
from recon_exporter.domain.eod_view import NEVER_RUN, EodView
from recon_exporter.domain.finding import Measure, Reason, Severity, Unverified
from recon_exporter.domain.report import Status
from support.eod_views import make_bot
from support.evidence import NOW
from support.positions import make_break, make_discrepancy, make_missing
from support.reports import HOSTILE, make_report, make_result, make_verdict

if TYPE_CHECKING:
    from recon_exporter.domain.breaks import Break
    from recon_exporter.domain.report import BotVerdict, Report

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
EOD_BOT = "swing-us"
CYCLE_BOT = "grid-btc"
HOSTILE_NAMES = (
    "<b>&amp;\"'</b><script>alert(4)</script>",
    "🦊🏴‍☠️" * 20,
    "x" * 300,
    "name with " * 30 + "spaces",
    "\u202ereversed",
    "../../etc/passwd?a=b#c",
)
BREAK_CHECKS = ("fills", "positions", "venue_balances")


def explained_break() -> Break:
    """A position of a cycle of which a part is explained."""
    found = replace(
        make_discrepancy(
            symbol="BTC/USDT",
            bot=CYCLE_BOT,
            ledger="1.2500",
            venue="1.1250",
            difference="0.125",
            exposure="8437.5",
            ledger_price="67500",
            venue_price=None,
        ),
        check="positions",
        severity=Severity.CRITICAL,
        detail="ledger holds 1.25 at 67500, venue holds 1.125: 0.125 (10 %); exposure 8437.50 USD",
    )
    lines = (
        Line(
            Source.MISSING_IN_LEDGER,
            "8123377",
            NOW - 3 * HOUR,
            Decimal("0.12"),
            "the venue executed sell 0.12 at 67480",
        ),
        Line(Source.FEE, "8123378", NOW - 2 * HOUR, Decimal("0.004"), "fee of 0.004 BTC on buy 4"),
    )
    possible = (Line(Source.TRANSFER, "tx-1", NOW - 5 * HOUR, Decimal("-0.5"), "deposit of 0.5 BTC"),)
    told = Attribution(Decimal("0.125"), lines, Decimal("0.001"), possible)
    return replace(
        make_break(found, first_seen=NOW - 2 * HOUR),
        last_seen=NOW,
        times_seen=120,
        found_in_row=120,
        judged_at=NOW,
        explanation=told,
    )


def fill_break(bot: str = CYCLE_BOT, item: str = "8123377") -> Break:
    """A fill that the ledger lacks, seen once."""
    found = replace(
        make_discrepancy(
            BreakType.FILL_MISSING_IN_LEDGER, "BTC/USDT", bot=bot, ledger=None, venue="-0.12", difference="0.12",
            exposure=None, ledger_price=None, venue_price="67480",
        ),
        check="fills",
        item=item,
        happened_at=NOW - 3 * HOUR,
        severity=Severity.CRITICAL,
        detail="the venue executed sell 0.12 at 67480 (order 991, client id x-1); the ledger has none of it",
    )  # fmt: skip
    return make_break(found, first_seen=NOW - timedelta(minutes=1), is_confirmed=False)


def accepted_break() -> Break:
    """A price that a person accepted."""
    found = make_discrepancy(
        BreakType.PRICE_MISMATCH, "MSFT", ledger_price="401.25", venue_price="399", difference="2.25", exposure="22.5"
    )
    return replace(
        make_break(found, first_seen=NOW - 3 * DAY),
        state=BreakState.ACCEPTED,
        accepted_by="ada",
        accepted_until=NOW + 4 * DAY,
        accepted_size=Decimal("22.5"),
        acknowledged_by="bo",
        acknowledged_at=NOW - 2 * DAY,
        for_review=True,
        recurrences=2,
    )


def with_drift(bot: BotVerdict, inventory: str, exchange: str | None = "0.0125") -> BotVerdict:
    """The verdict with these drifts; None where the venue was not seen."""
    measures = {
        "inventory": {Measure.INVENTORY_DRIFT: Decimal(inventory)},
        "exchange_snapshot": {} if exchange is None else {Measure.EXCHANGE_DRIFT: Decimal(exchange)},
    }
    results = tuple(replace(one, measures=measures.get(one.check, one.measures)) for one in bot.results)
    return replace(bot, results=results)


def report_of_breaks(*more: Break) -> Report:
    """A bot of end-of-day runs, one of cycles that compare both sides, one that is blind, one that nothing looks at."""
    halt = Halt(EOD_BOT, "exposure", NOW, "exposure 12000 USD is above 10000 USD", "none configured")
    missing = make_missing("AAPL", first_seen=NOW - 26 * HOUR, exposure="12000")
    eod = make_bot(missing, accepted_break(), completed_at=NOW - HOUR, due_at=NOW - HOUR, halts=(halt,))
    cycle = replace(NEVER_RUN, bot=CYCLE_BOT, has_sides=True, cycle_breaks=(explained_break(), fill_break(), *more))
    hostile = replace(
        NEVER_RUN, bot=HOSTILE, has_sides=True, cycle_breaks=(fill_break(HOSTILE, "<script>alert(3)</script>"),)
    )
    view = EodView({bot.bot: bot for bot in (eod, cycle, hostile)}, 7, 0xABC, audit_is_valid=True)
    report = make_report(
        _verdict(EOD_BOT, "eod"),
        with_drift(_verdict(CYCLE_BOT, *BREAK_CHECKS), "0.02"),
        _verdict(HOSTILE, *BREAK_CHECKS, reason="<img src=x onerror=alert(2)>"),
        make_verdict("bot-of-files", status=Status.OK),
        status=Status.CRITICAL,
    )
    return replace(report, eod=view)


def hostile_breaks() -> tuple[Break, ...]:
    """A fill and a position of each of the names, which stand for symbols and items too."""
    found = (
        (
            fill_break(name, name),
            replace(
                explained_break(),
                identifier=f"{number:032x}",
                discrepancy=replace(explained_break().discrepancy, bot=name, symbol=name, detail=f"{name} differs"),
                acknowledged_by=name,
            ),
        )
        for number, name in enumerate(HOSTILE_NAMES)
    )
    return tuple(one for pair in found for one in pair)


def report_of_hostile_names() -> Report:
    """Bots, symbols, items, persons and reasons of names that no page was made for."""
    bots = {name: replace(NEVER_RUN, bot=name, has_sides=True) for name in HOSTILE_NAMES}
    for one in hostile_breaks():
        bot = bots[one.discrepancy.bot]
        bots[bot.bot] = replace(bot, cycle_breaks=(*bot.cycle_breaks, one))
    halts = tuple(Halt(name, "exposure", NOW, f"{name} is above 1 USD", "none configured") for name in HOSTILE_NAMES)
    bots[HOSTILE_NAMES[0]] = replace(bots[HOSTILE_NAMES[0]], halts=halts)
    verdicts = (_verdict(name, *BREAK_CHECKS, reason=name) for name in HOSTILE_NAMES)
    return replace(make_report(*verdicts, status=Status.UNKNOWN), eod=EodView(bots, 7, 0xABC, audit_is_valid=True))


def clean_report() -> Report:
    """A bot of which every break would have been seen, and none was."""
    view = EodView({CYCLE_BOT: replace(NEVER_RUN, bot=CYCLE_BOT, has_sides=True)}, 0, 0, audit_is_valid=True)
    return replace(make_report(_verdict(CYCLE_BOT, *BREAK_CHECKS)), eod=view)


def _verdict(bot: str, *checks: str, reason: str = "") -> BotVerdict:
    told = Unverified(Reason.VENUE_UNREACHABLE, reason) if reason else None
    verdict = make_verdict(bot, status=Status.UNKNOWN if reason else Status.CRITICAL)
    more = tuple(make_result(check, bot=bot, unverified=told) for check in checks)
    return replace(verdict, results=(*verdict.results, *more))
