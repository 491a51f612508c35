"""PositionReconciler as the runbook's snippets use it, and the command eod, on real files and a real state."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from recon_exporter import PositionReconciler, Unverified
from recon_exporter.commands import eod, halts, once
from recon_exporter.errors import ReconciliationError
from support.eod_files import CONFIGURATION, Place

if TYPE_CHECKING:
    from pathlib import Path


def reconciler(place: Place) -> PositionReconciler:
    return PositionReconciler(environment={}, directory=place.folder, overrides=place.overrides)


def test_snippets_of_the_runbook_read_what_they_expect(tmp_path: Path) -> None:
    place = Place.in_folder(tmp_path)
    place.venue()

    report = reconciler(place).reconcile()

    assert [f"{d['type']}: {d['symbol']}" for d in report["discrepancies"]] == ["MISSING_AT_BROKER: AAPL"]
    assert report["discrepancies"][0]["detail"]
    assert report.get("break_count", 0) == 1


def test_discrepancy_tells_both_sides_and_what_follows(tmp_path: Path) -> None:
    place = Place.in_folder(tmp_path)
    place.venue(AAPL="80")

    (found,) = reconciler(place).reconcile()["discrepancies"]

    told = {
        key: str(found[key]) for key in ("bot", "leg", "ledger_quantity", "venue_quantity", "difference", "exposure")
    }
    assert told == {
        "bot": "swing",
        "leg": "net",
        "ledger_quantity": "100",
        "venue_quantity": "80",
        "difference": "20",
        "exposure": "200",
    }
    assert (found["severity"], found["auto_halt"]) == ("critical", True)


def test_unverified_side_raises_so_that_no_false_zero_can_be_printed(tmp_path: Path) -> None:
    place = Place.in_folder(tmp_path)
    (tmp_path / "venue.csv").write_text("")

    with pytest.raises(Unverified) as failure:
        reconciler(place).reconcile()

    assert (failure.value.bot, failure.value.side) == ("swing", "venue")


def leave(place: Place) -> None:
    """Take the bot out of the configuration, in which another one stays that is clean."""
    (place.folder / "recon.yml").write_text(CONFIGURATION.replace("swing:", "other:"))
    place.venue(AAPL="100")


@pytest.mark.parametrize("record", [True, False])
def test_bot_that_left_the_configuration_with_an_open_break_leaves_no_false_zero(
    tmp_path: Path, *, record: bool
) -> None:
    place = Place.in_folder(tmp_path)
    place.venue()
    reconciler(place).reconcile()
    leave(place)

    with pytest.raises(Unverified, match="swing: both sides are unverified"):
        reconciler(place).reconcile(record=record)
    assert reconciler(place).reconcile("other", record=record)["break_count"] == 0


def test_bot_that_left_the_configuration_without_open_breaks_is_not_missed(tmp_path: Path) -> None:
    place = Place.in_folder(tmp_path)
    reconciler(place).reconcile()
    leave(place)

    assert reconciler(place).reconcile() == {"discrepancies": [], "break_count": 0}


def test_bot_of_a_fleet_whose_folder_is_gone_was_not_found_clean(tmp_path: Path) -> None:
    place = Place.in_folder(tmp_path)
    reconciler(place).reconcile()
    leave(place)
    with (tmp_path / "recon.yml").open("a") as file:
        file.write("fleets: {hbot: {type: hbot, venue: {type: file, positions: '{bot}.csv'}, eod: {at: '00:05'}}}\n")

    with pytest.raises(Unverified, match="its books are not found"):
        reconciler(place).reconcile()


def test_looking_records_nothing(tmp_path: Path) -> None:
    place = Place.in_folder(tmp_path)
    place.venue()

    assert reconciler(place).reconcile(record=False)["break_count"] == 1

    with closing(place.state()) as state:
        assert state.load_eod().breaks == ()
    assert not (tmp_path / "reports").exists()


def test_run_leaves_report_history_and_halt_file(tmp_path: Path) -> None:
    place = Place.in_folder(tmp_path)
    place.venue()

    reconciler(place).reconcile()

    assert json.loads((tmp_path / "reports/eod/latest.json").read_text())["break_count"] == 1
    assert len(json.loads((tmp_path / ".state/eod_recon_breaks.json").read_text())["breaks"]) == 1
    assert json.loads((tmp_path / ".state/halt/swing.json").read_text())["halts"][0]["reason"] == "MISSING_AT_BROKER"


def test_history_keeps_resolved_breaks_with_their_dates(tmp_path: Path) -> None:
    place = Place.in_folder(tmp_path)
    place.venue()
    reconciler(place).reconcile()
    place.venue(AAPL="100")

    assert reconciler(place).reconcile() == {"discrepancies": [], "break_count": 0}

    (one,) = json.loads((tmp_path / ".state/eod_recon_breaks.json").read_text())["breaks"]
    assert one["state"] == "resolved"
    assert one["first_seen"] < one["resolved_at"]


def test_halts_come_from_end_of_day_runs_alone(tmp_path: Path) -> None:
    place = Place.in_folder(tmp_path)
    place.venue()
    reconciler(place).reconcile()
    with closing(place.state()) as state:
        assert halts.clear(state, "swing", "ops", "looked at") == 0

        code = once.run(place.overrides, {}, tmp_path, synthetic=False, send=False, as_json=True)

        assert code == 1, "the cycle still finds the break critical"
        assert state.load_eod().halts == ()
        reconciler(place).reconcile()
        assert [halt.reason for halt in state.load_eod().halts] == ["MISSING_AT_BROKER"]


def test_unknown_bot_is_named_with_those_that_are_known(tmp_path: Path) -> None:
    with pytest.raises(ReconciliationError, match="bot9 has no end-of-day run; configured: swing"):
        reconciler(Place.in_folder(tmp_path)).reconcile("bot9")


class TestCommand:
    """`recon-exporter eod`."""

    def run(self, place: Place, *, as_json: bool = False) -> int:
        return eod.run(place.overrides, {}, place.folder, bot=None, as_json=as_json)

    def test_clean(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert self.run(Place.in_folder(tmp_path)) == 0
        assert capsys.readouterr().out.splitlines()[-1] == "Breaks remaining: 0"

    def test_breaks_and_the_halt_that_stopped_nothing(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        place = Place.in_folder(tmp_path)
        place.venue(TSLA="1")

        assert self.run(place) == 1
        out = capsys.readouterr().out
        assert "MISSING_AT_BROKER: AAPL — " in out
        assert "HALT REQUESTED (MISSING_IN_DB), nothing was stopped" in out
        assert out.splitlines()[-1] == "Breaks remaining: 2"

    def test_three_missing_positions_call_for_a_full_manual_reconciliation(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        place = Place.in_folder(tmp_path)
        place.venue(TSLA="1", GOOG="1")

        assert self.run(place) == 1
        assert "full manual reconciliation" in capsys.readouterr().out

    def test_how_many_missing_positions_call_for_it_is_the_policys_word(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        lenient = Place.in_folder(tmp_path, f"{CONFIGURATION}policy: {{halt_missing_positions: 4}}\n")
        lenient.venue(TSLA="1", GOOG="1")

        assert self.run(lenient) == 1
        assert "full manual reconciliation" not in capsys.readouterr().out

        lenient.venue(TSLA="1", GOOG="1", IBM="1")
        assert self.run(lenient) == 1
        assert "full manual reconciliation: 4 positions are missing" in capsys.readouterr().out

    def test_unverified_side_says_unknown_and_how_many_stand(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        place = Place.in_folder(tmp_path)
        (tmp_path / "ledger.csv").unlink()

        assert self.run(place) == 3
        assert capsys.readouterr().out.splitlines()[-1] == "Breaks remaining: unknown (0 standing)"

    def test_break_of_a_bot_that_left_the_configuration_still_stands(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        place = Place.in_folder(tmp_path)
        place.venue()
        assert self.run(place) == 1
        leave(place)

        assert self.run(place) == 1
        assert "Breaks remaining: unknown (1 standing)" in capsys.readouterr().out

    def test_what_could_not_be_judged_is_said_beside_the_number(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        place = Place.in_folder(tmp_path)
        (tmp_path / "venue.csv").write_text("symbol,quantity,avg_price,currency\nAAPL,100,500,EUR\n")

        assert self.run(place) == 0
        out = capsys.readouterr().out.splitlines()
        assert out == ["swing: not judged: PRICE_MISMATCH of 1, STALE_POSITION of 1", "Breaks remaining: 0"]
        document = json.loads((tmp_path / "reports" / "eod" / "latest.json").read_text())
        assert document["not_judged"] == {"PRICE_MISMATCH": 1, "STALE_POSITION": 1}

    def test_mass_break_is_opened_by_a_persons_word_for_one_bot(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        place = Place.in_folder(tmp_path, CONFIGURATION.replace("settle: 1s", "settle: 1s, mass_breaks: 1"))
        place.ledger(AAPL="100", MSFT="5")
        place.venue()

        assert self.run(place) == 3
        assert "recon-exporter eod --bot swing --open-mass-break" in capsys.readouterr().err
        assert not (tmp_path / ".state/halt").exists()

        opened = eod.run(place.overrides, {}, place.folder, bot="swing", as_json=False, opens_mass_break=True)
        assert opened == 1
        assert capsys.readouterr().out.splitlines()[-1] == "Breaks remaining: 2"
        assert (tmp_path / ".state/halt/swing.json").exists()

    def test_mass_break_is_not_opened_for_every_bot_at_once(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        place = Place.in_folder(tmp_path)

        assert eod.run(place.overrides, {}, place.folder, bot=None, as_json=False, opens_mass_break=True) == 2
        assert "--open-mass-break goes with --bot" in capsys.readouterr().err

    def test_configuration_that_is_refused(self, tmp_path: Path) -> None:
        place = Place.in_folder(tmp_path)
        (tmp_path / "recon.yml").write_text("bots: null\n")

        assert self.run(place) == 2

    def test_json_is_the_report_of_each_bot(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        place = Place.in_folder(tmp_path)

        assert self.run(place, as_json=True) == 0
        (report,) = json.loads(capsys.readouterr().out)
        assert (report["bot"], report["status"], report["break_count"]) == ("swing", "clean", 0)
