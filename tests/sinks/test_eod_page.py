"""What end-of-day runs establish, as metrics."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import timedelta

import pytest

from recon_exporter.domain.breaks import EOD_TYPES, BreakState, Halt
from recon_exporter.domain.eod_view import BotEod, eod_result
from recon_exporter.domain.finding import CheckStatus
from recon_exporter.sinks.page import PageSink
from recon_exporter.telemetry import Format
from support.eod_views import BOT, DOWN, make_bot, make_view, report
from support.exposition import parse_openmetrics, read_exposition
from support.positions import DAY, NOW, make_break, make_missing


def lines(bot: BotEod) -> list[str]:
    sink = PageSink()
    sink.show(report(bot))
    return sink.page.body(Format.TEXT).decode().splitlines()


def of(name: str, bot: BotEod) -> list[str]:
    return [line.removeprefix(name) for line in lines(bot) if line.startswith((f"{name}{{", f"{name} "))]


def test_clean_bot_shows_a_zero_for_each_of_the_five_types() -> None:
    shown = of("wsb_eod_reconciliation_breaks_total", make_bot())

    assert shown == [f'{{bot="{BOT}",break_type="{kind}"}} 0.0' for kind in EOD_TYPES]


def test_nothing_is_said_of_breaks_before_the_first_completed_run() -> None:
    assert of("wsb_eod_reconciliation_breaks_total", make_bot(completed_at=None, served_due_at=None)) == []


def test_breaks_are_counted_by_type_and_accepted_ones_are_not() -> None:
    accepted = replace(make_missing("MSFT"), state=BreakState.ACCEPTED, accepted_until=NOW + DAY)
    bot = make_bot(make_missing("AAPL"), accepted)

    assert f'{{bot="{BOT}",break_type="MISSING_AT_BROKER"}} 1.0' in of("wsb_eod_reconciliation_breaks_total", bot)
    states = " ".join(of("recon_breaks_open", bot))
    assert 'state="accepted"} 1.0' in states


def test_acceptance_that_has_ended_counts_again() -> None:
    ended = replace(make_missing("MSFT"), state=BreakState.ACCEPTED, accepted_until=NOW)

    shown = of("wsb_eod_reconciliation_breaks_total", make_bot(ended))

    assert f'{{bot="{BOT}",break_type="MISSING_AT_BROKER"}} 1.0' in shown
    (state,) = of("recon_breaks_open", make_bot(ended))
    assert 'state="confirmed"} 1.0' in state


def test_unknown_exposure_has_no_series_and_is_never_zero() -> None:
    assert of("recon_break_exposure_usd", make_bot(make_missing("AAPL", exposure=None))) == []
    assert of("recon_break_exposure_usd", make_bot(make_missing("AAPL", exposure="100"))) == [
        f'{{bot="{BOT}",break_type="MISSING_AT_BROKER"}} 100.0'
    ]


def test_halts_due_times_history_and_audit_chain_are_shown() -> None:
    bot = make_bot(halts=(Halt(BOT, "exposure", NOW, "too much", "none configured"),))

    assert of("recon_halt_active", bot) == [f'{{bot="{BOT}",reason="exposure"}} 1.0']
    assert len(of("recon_eod_due_timestamp_seconds", bot)) == 1
    assert f'{{bot="{BOT}",break_type="MISSING_AT_BROKER"}} 3.0' in of("recon_breaks_opened_total", bot)
    assert f'{{bot="{BOT}",break_type="MISSING_AT_BROKER"}} 2.0' in of("recon_breaks_resolved_total", bot)
    assert of("recon_audit_sequence", bot) == [" 7.0"]
    assert float(of("recon_audit_head", bot)[0]) == 0xABCDEF012345
    assert of("recon_audit_chain_valid", bot) == [" 1.0"]


@pytest.mark.parametrize(
    ("bot", "status"),
    [
        (make_bot(), CheckStatus.OK),
        (make_bot(make_missing("AAPL")), CheckStatus.CRITICAL),
        (make_bot(unverified=DOWN), CheckStatus.UNVERIFIED),
        (make_bot(completed_at=None, served_due_at=None), CheckStatus.UNVERIFIED),
        (make_bot(due_at=NOW - timedelta(minutes=30)), CheckStatus.OK),
        (
            make_bot(due_at=NOW - timedelta(minutes=61), completed_at=NOW - DAY, served_due_at=NOW - DAY),
            CheckStatus.UNVERIFIED,
        ),
    ],
)
def test_check_is_ok_only_on_a_completed_verified_and_timely_run(bot: BotEod, status: CheckStatus) -> None:
    assert eod_result(BOT, make_view(bot), NOW).status is status


def test_bot_without_end_of_day_run_has_the_check_off() -> None:
    assert eod_result("other", make_view(make_bot()), NOW).status is CheckStatus.DISABLED


@pytest.mark.needs_program("promtool")
@pytest.mark.parametrize("bot", [make_bot(), make_bot(make_missing("AAPL"), unverified=DOWN)])
def test_page_is_sound_in_both_formats(bot: BotEod) -> None:
    sink = PageSink()
    sink.show(report(bot))
    text = sink.page.body(Format.TEXT)

    read_exposition(text.decode())
    parse_openmetrics(sink.page.body(Format.OPENMETRICS) + b"# EOF\n")
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


def test_break_of_one_type_is_one_series_whatever_its_number() -> None:
    bot = make_bot(make_missing("AAPL"), make_missing("MSFT"), make_break())

    assert len(of("recon_finding", bot)) == len(set(of("recon_finding", bot)))
