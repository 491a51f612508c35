"""The pages of breaks: what is open, what cannot be seen, and all that a person needs about one of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from recon_exporter.checks import CHECKS
from recon_exporter.domain.attributed import Attribution, Line, Source
from recon_exporter.domain.breaks import EOD, EOD_TYPES, BreakType
from recon_exporter.domain.finding import Reason, Unverified
from recon_exporter.web.break_list import BREAK_CHECKS, break_list, told_breaks
from recon_exporter.web.break_page import break_page, found_breaks
from recon_exporter.web.marks import LISTED_AT_MOST
from support.break_reports import (
    CYCLE_BOT,
    EOD_BOT,
    accepted_break,
    clean_report,
    explained_break,
    fill_break,
    report_of_breaks,
)
from support.eod_views import make_bot
from support.eod_views import report as eod_report_of
from support.evidence import NOW
from support.html_document import Document
from support.positions import make_break, make_discrepancy, make_missing
from support.reports import HOSTILE, healthy_report

if TYPE_CHECKING:
    from recon_exporter.domain.breaks import Break
    from recon_exporter.domain.report import Report
    from recon_exporter.web.break_list import BreakList
    from recon_exporter.web.break_page import BreakPage
    from support.serving import Served

MINUTE = timedelta(minutes=1)
AFTER = NOW + timedelta(seconds=42)


def listed(report: Report, chosen: str | None = None) -> BreakList:
    return break_list(report, AFTER, MINUTE, lambda check, code: f"{check}/{code}", chosen)


def page_of(one: Break, report: Report | None = None) -> BreakPage:
    return break_page(one, report or report_of_breaks(), AFTER, lambda check, code: f"{check}/{code}")


def text_of(served: Served, path: str) -> str:
    return Document(served.ask(path).text).words


def test_gravest_come_first_unknown_exposure_before_known_within_a_state_and_accepted_last() -> None:
    rows = listed(report_of_breaks()).rows

    assert [(row.type, row.state, row.exposure) for row in rows] == [
        ("MISSING_AT_BROKER", "confirmed", "12000"),
        ("QUANTITY_MISMATCH", "confirmed", "8437.5"),
        ("FILL_MISSING_IN_LEDGER", "open", "unknown"),
        ("FILL_MISSING_IN_LEDGER", "open", "unknown"),
        ("PRICE_MISMATCH", "accepted", "22.5"),
    ]


def test_flags_tell_what_persons_decided() -> None:
    (row,) = (row for row in listed(report_of_breaks()).rows if row.type == "PRICE_MISMATCH")

    assert row.flags == ("acknowledged by bo", "for review", "accepted until 2026-03-10 12:00")
    ended = replace(accepted_break(), accepted_until=NOW)
    assert "accepted until 2026-03-06 12:00, which is over" in page_of(ended).row.flags


def test_one_bot_can_be_chosen() -> None:
    chosen = listed(report_of_breaks(), CYCLE_BOT)

    assert {row.bot for row in chosen.rows} == {CYCLE_BOT}
    assert (chosen.confirmed, chosen.open, chosen.accepted, chosen.all_open) == (1, 1, 0, 5)
    assert chosen.is_proven
    assert not listed(report_of_breaks(), "nobody").is_known


def test_break_that_is_not_listed_is_only_gone_where_every_bot_was_seen() -> None:
    assert listed(clean_report()).is_proven
    assert not listed(report_of_breaks()).is_proven
    assert not listed(healthy_report()).is_proven
    assert not break_list(clean_report(), NOW + timedelta(hours=1), MINUTE, lambda *_: None, None).is_proven


@pytest.mark.parametrize(
    ("report", "after", "told"),
    [
        (clean_report(), timedelta(), "0"),
        (clean_report(), timedelta(hours=1), "UNKNOWN"),
        (report_of_breaks(), timedelta(), "5 known"),
        (healthy_report(), timedelta(), "not looked for"),
        (replace(clean_report(), eod=None), timedelta(), "UNKNOWN"),
    ],
    ids=["clean", "stale", "some are blind", "nothing looks", "no memory of breaks"],
)
def test_number_of_breaks_says_how_far_it_is_known(report: Report, after: timedelta, told: str) -> None:
    assert told_breaks(report, NOW + after, MINUTE) == told


def test_ten_thousand_breaks_make_a_bounded_page(served: Served) -> None:
    served.sink.show(report_of_breaks(*(fill_break(item=f"{number}") for number in range(10_000))))
    answer = served.ask("/breaks")

    assert f"{10_005 - LISTED_AT_MOST} more are not listed here" in Document(answer.text).text
    assert answer.text.count("<tr") < LISTED_AT_MOST + 20
    assert len(answer.body) < 500_000


def test_page_says_plainly_that_there_is_no_break(served: Served) -> None:
    served.sink.show(clean_report())

    text = text_of(served, "/breaks")
    assert "No break is open: every bot has been looked at, and both sides agree." in text
    assert "cannot be seen" not in text


def test_page_without_proof_never_says_that_there_is_none(served: Served) -> None:
    down = replace(clean_report().bots[0].results[-1], unverified=Unverified(Reason.VENUE_UNREACHABLE, "no answer"))
    bot = replace(clean_report().bots[0], results=(down,))
    served.sink.show(replace(clean_report(), bots=(bot,)))
    text = text_of(served, "/breaks")

    assert "No break is known, which proves nothing" in text
    assert "Where breaks cannot be seen" in text
    assert "venue_unreachable" in text
    assert "No break is open" not in text


def test_before_the_first_cycle_breaks_are_unknown(served: Served) -> None:
    text = text_of(served, "/breaks")

    assert "UNKNOWN: nothing is known about any break yet" in text
    assert "the first cycle has not ended" in text
    assert served.ask("/breaks/0000").status == 404


def test_old_report_is_no_proof_of_breaks(served: Served) -> None:
    served.sink.show(clean_report())
    served.clock.step(3600)

    assert "cycles have stopped" in text_of(served, "/breaks")
    assert "No break is open" not in text_of(served, "/breaks")


def test_unknown_bot_is_not_a_bot_without_breaks(served: Served) -> None:
    served.sink.show(clean_report())
    text = text_of(served, "/breaks?bot=%3Cscript%3E")

    assert "UNKNOWN: there is no bot of the name <script>" in text
    assert "No break is open" not in text


def test_hostile_bot_is_shown_and_chosen_as_text(served: Served) -> None:
    served.sink.show(report_of_breaks())
    link = f"breaks?bot={quote(HOSTILE, safe='')}"
    answer = served.ask("/breaks")

    assert "<script>" not in answer.text
    assert link in Document(answer.text).links
    assert " ".join(f"Open breaks of {HOSTILE}".split()) in text_of(served, f"/{link}")


def test_break_is_found_by_its_id_and_by_a_unique_beginning(served: Served) -> None:
    served.sink.show(report_of_breaks())
    name = explained_break().identifier

    for path in (name, name[:5], quote(name)):
        assert served.ask(f"/breaks/{path}").status == 200
    for path in ("", name[:3], f"{name}0", "zzzz", "..%2f..%2fetc%2fpasswd", "%3Cscript%3E"):
        answer = served.ask(f"/breaks/{path}")
        assert (answer.status, "<script>" in answer.text) == (404, False)


def test_beginning_that_fits_several_names_them() -> None:
    first, second = (replace(fill_break(item=name), identifier=f"abcdef{name}") for name in "12")
    report = report_of_breaks(first, second)

    assert found_breaks(report, "abcdef") == [first, second]
    assert found_breaks(report, "abcdef1") == [first]


def test_page_of_a_break_tells_both_sides_and_the_exact_difference(served: Served) -> None:
    served.sink.show(report_of_breaks())
    text = text_of(served, f"/breaks/{explained_break().identifier}")

    for words in ("Ledger 1.25 67500", "Venue 1.125 –", "Difference 0.125 –", "QUANTITY_MISMATCH: BTC/USDT", "8437.5"):
        assert words in text


def test_explanation_tells_every_line_and_what_remains(served: Served) -> None:
    served.sink.show(report_of_breaks())
    text = text_of(served, f"/breaks/{explained_break().identifier}")

    assert "0.001 of the difference remains unexplained" in text
    assert "missing in ledger 0.12 the venue executed sell 0.12 at 67480 2026-03-06 09:00:00 UTC 8123377" in text
    assert "transfer -0.5 deposit of 0.5 BTC" in text


def test_whole_explanation_says_so_and_a_long_one_is_cut(served: Served) -> None:
    lines = tuple(
        Line(Source.FUNDING, f"f{number}", None, Decimal("0.001"), "<b>funding</b>") for number in range(1000)
    )
    one = replace(explained_break(), explanation=Attribution(Decimal(1), lines, Decimal(0), ()))
    served.sink.show(report_of_breaks(replace(one, identifier="feedfeed")))
    answer = served.ask("/breaks/feedfeed")
    text = Document(answer.text).text

    assert "account for the whole difference" in text
    assert "800 more: recon-exporter breaks explain feedfeed" in text
    assert "<b>funding" not in answer.text


def test_break_that_nobody_explained_names_the_command(served: Served) -> None:
    served.sink.show(report_of_breaks())
    name = fill_break().identifier

    text = text_of(served, f"/breaks/{name}")
    assert "No cause was worked out when this break was found." in text
    assert f"run recon-exporter breaks explain {name}" in text


@pytest.mark.parametrize("kind", EOD_TYPES)
def test_break_of_an_end_of_day_run_has_the_steps_of_its_usual_causes(kind: BreakType) -> None:
    one = make_break(make_discrepancy(kind))
    page = page_of(one)

    assert page.causes
    assert all(f"recon-exporter eod --bot {EOD_BOT}" in " ".join(steps) for _, steps in page.causes)
    assert page.runbook == f"eod/{kind}"


@pytest.mark.parametrize("kind", [kind for kind in BreakType if kind.startswith(("FILL", "BALANCE"))])
def test_break_of_a_cycle_has_advice_and_is_looked_at_again_by_a_cycle(kind: BreakType) -> None:
    page = page_of(make_break(replace(make_discrepancy(kind), check="fills")))

    assert page.advice
    assert page.causes == ()
    assert "recon-exporter once" in [command for _, command in page.commands]


def test_commands_are_quoted_for_a_shell() -> None:
    commands = [command for _, command in page_of(fill_break("a b; rm -rf $HOME")).commands]

    assert "recon-exporter venue fills --bot 'a b; rm -rf $HOME' --after DATE" in commands


def test_history_is_told_in_the_order_of_time_with_what_persons_decided() -> None:
    history = page_of(accepted_break()).history

    assert [at for at, _ in history if at] == sorted(at for at, _ in history if at)
    words = [words for _, words in history]
    assert "acknowledged by bo" in words
    assert "accepted by ada until 2026-03-10 12:00 UTC, up to a size of 22.5" in words
    assert "it was there and resolved before: 2" in words


def test_proposed_acceptance_waits_for_a_second_person() -> None:
    proposed = replace(accepted_break(), proposed_by="cy", proposed_until=NOW + timedelta(days=1))

    assert (None, "acceptance proposed by cy until 2026-03-07 12:00 UTC; a second person has to agree") in page_of(
        proposed
    ).history


def test_break_of_a_check_that_cannot_see_says_so() -> None:
    assert page_of(fill_break(HOSTILE)).blind == "venue_unreachable: <img src=x onerror=alert(2)>"
    assert page_of(fill_break()).blind == ""
    assert page_of(fill_break("gone")).blind == "its check is not made any more"


def test_halts_of_the_bot_stand_on_the_page_of_its_breaks() -> None:
    missing = make_missing("AAPL")
    (halt,) = page_of(missing).halts

    assert halt == "HALT REQUESTED (exposure), nothing was stopped: exposure 12000 USD is above 10000 USD"
    assert page_of(missing, eod_report_of(make_bot(missing))).halts == ()


def test_every_check_that_compares_both_sides_is_one_that_finds_breaks() -> None:
    assert {name for name, check in CHECKS.items() if check.compares_sides} | {EOD} == BREAK_CHECKS
