"""What people read: short, well-formed and enough on a lock screen, whatever the labels hold, in real amtool."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from alerts.rulebook import ALERTS, CLEARED

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.needs_program("amtool")

TELEGRAM_TAKES = 4096
STARTED = "2026-03-06T12:00:00Z"
AN_HOUR_BEFORE = "from=1772794800000&to=now"
RUNBOOK = "https://recon.example.org:9811/runbooks/ReconciliationInventoryDrift"
DASHBOARD = "https://grafana.example.org/d/recon-bot?var-bot=bot4"
HOSTILE = {
    "tags": "</b><script>alert(1)</script><b>" * 10,
    "ampersands": "&" * 300,
    "quotes": "\"'" * 150,
    "emoji": "🔥" * 300,
    "long": "x" * 300,
    "templates and lines": '{{ template "x" . }}\n\r\t' * 20,
    "entities": "&lt;b&gt;&#x202e;\u202e" * 30,
}


def alert(summary: str = "bot4: inventory drift is 52 %", status: str = "firing", **labels: str) -> dict[str, Any]:
    return {
        "status": status,
        "labels": {"alertname": "ReconciliationInventoryDrift", "severity": "critical", "bot": "bot4", **labels},
        "annotations": {"summary": summary, "runbook_url": RUNBOOK, "dashboard_url": DASHBOARD},
        "startsAt": STARTED,
    }


def hostile(text: str) -> dict[str, Any]:
    """An alert of which everything that can be hostile is."""
    labels = {"alertname": text, "severity": text, "bot": text}
    links = {"runbook_url": f"http://x/{text}", "dashboard_url": f"http://x/d?var-bot={text}"}
    return {"status": "firing", "labels": labels, "annotations": {"summary": text, **links}, "startsAt": STARTED}


def rendered(tmp_path: Path, name: str, alerts: list[dict[str, Any]], external: str = "http://am.example.org") -> str:
    """What Alertmanager makes of one of our templates."""
    data = tmp_path / "data.json"
    data.write_text(json.dumps({"receiver": "chat", "status": "firing", "externalURL": external, "alerts": alerts}))
    result = subprocess.run(
        [
            "amtool",
            "template",
            "render",
            f"--template.glob={ALERTS / 'templates' / '*.tmpl'}",
            f"--template.data={data}",
            f"--template.type={'html' if name in {'html', 'mail'} else 'text'}",
            f'--template.text={{{{ template "recon.{name}" . }}}}',
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    return result.stdout


def tree(html: str) -> ET.Element:
    """The message as XML, which is stricter than any chat."""
    return ET.fromstring(f"<message>{html}</message>")  # noqa: S314  # made by the test


@pytest.mark.parametrize("count", [0, 1, 5, 6, 200])
def test_message_shows_five_alerts_and_counts_the_rest(tmp_path: Path, count: int) -> None:
    html = rendered(tmp_path, "html", [alert(f"bot{number}: drifts") for number in range(count)])

    assert len(html) < TELEGRAM_TAKES
    assert len(tree(html).findall("b")) == min(count, 5)
    assert re.findall(r"\nand (\d+) more$", html) == ([str(count - 5)] if count > 5 else [])
    assert html.startswith("🔴 CRITICAL <b>bot0: drifts</b>\n" if count else "nothing is reported")


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("count", [1, 5, 200])
def test_no_label_makes_a_message_too_long_or_breaks_it(tmp_path: Path, text: str, count: int) -> None:
    html = rendered(tmp_path, "html", [hostile(text)] * count)

    assert len(html) < TELEGRAM_TAKES
    assert {element.tag for element in tree(html).iter()} <= {"message", "b", "a"}
    for link in tree(html).iter("a"):
        assert link.attrib["href"].startswith("http")


def test_the_longest_links_that_are_shown_fit(tmp_path: Path) -> None:
    longest = alert("&" * 300, bot="b" * 40, alertname="A" * 60, status="resolved")
    longest["annotations"]["runbook_url"] = "http://x/" + "r" * 131
    longest["annotations"]["dashboard_url"] = "http://x/" + "d" * 121

    html = rendered(tmp_path, "html", [longest] * 200, "http://" + "e" * 53)

    assert len(tree(html).findall("a")) == 15
    assert len(html) < TELEGRAM_TAKES


def test_links_lead_to_runbook_dashboard_at_bot_and_time_and_silence(tmp_path: Path) -> None:
    links = {link.text: link.attrib["href"] for link in tree(rendered(tmp_path, "html", [alert()])).iter("a")}

    assert links == {
        "runbook": RUNBOOK,
        "dashboard": f"{DASHBOARD}&{AN_HOUR_BEFORE}",
        "silence": "http://am.example.org/#/silences/new?filter="
        "%7Balertname%3D%22ReconciliationInventoryDrift%22%2Cbot%3D%22bot4%22%7D",
    }


def test_a_bot_that_no_link_can_name_has_no_link_that_silences_all(tmp_path: Path) -> None:
    assert "silence" not in rendered(tmp_path, "html", [alert(bot='x"}')])


def test_dashboard_without_a_bot_gets_the_time_all_the_same(tmp_path: Path) -> None:
    sent = alert()
    sent["annotations"]["dashboard_url"] = "http://g/d/recon-fleet"

    assert f"http://g/d/recon-fleet?{AN_HOUR_BEFORE}" in rendered(tmp_path, "slack", [sent]).replace("&amp;", "&")


def test_the_worst_comes_first_and_what_is_no_longer_reported_last(tmp_path: Path) -> None:
    alerts = [
        alert("bot4: over?", status="resolved"),
        alert("bot4: small", severity="warning"),
        alert("bot4: large"),
        alert("bot4: ended on fresh proof", severity="info", alertname=CLEARED),
    ]

    assert rendered(tmp_path, "line", alerts) == "🔴 CRITICAL bot4: large (+3 more)"
    assert [line.partition(" http")[0] for line in rendered(tmp_path, "plain", alerts).splitlines()] == [
        "🔴 CRITICAL bot4: large",
        "🟠 WARNING bot4: small",
        "🟢 ALL CLEAR bot4: ended on fresh proof",
        "⚪ bot4: over?: no longer reported; over only where the link says so",
    ]


@pytest.mark.parametrize("name", ["line", "plain", "html", "slack", "mail"])
def test_what_alertmanager_calls_resolved_is_never_called_so(tmp_path: Path, name: str) -> None:
    text = rendered(tmp_path, name, [alert(status="resolved")])

    assert "no longer reported; over only where the link says so" in text
    assert "resolved" not in text.lower()


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_slack_gets_no_markup_out_of_a_label(tmp_path: Path, text: str) -> None:
    told = rendered(tmp_path, "slack", [hostile(text)])

    assert all(
        re.fullmatch(r"<http[^<>|]*\|(runbook|dashboard|silence)>", link) for link in re.findall("<[^>]*>", told)
    )
    assert re.fullmatch(r"(?:[^&]|&(?:amp|lt|gt);)*", told)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_line_is_one_line_and_short(tmp_path: Path, text: str) -> None:
    line = rendered(tmp_path, "line", [hostile(text)] * 200)

    assert len(line) < 150
    assert line.isprintable()


def test_mail_is_a_whole_document(tmp_path: Path) -> None:
    mail = rendered(tmp_path, "mail", [alert()] * 9)

    assert mail.startswith("<!DOCTYPE html>\n<html lang=")
    assert mail.count("<b>") == 5
    assert "and 4 more</body></html>" in mail
