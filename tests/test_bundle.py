"""The bundle: found wherever the package lies, written out with links that fit the place."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

import pytest

from recon_exporter import bundle

if TYPE_CHECKING:
    from pathlib import Path

OWN = b"runbook_url: http://127.0.0.1:9811/runbooks/ReconciliationBreaks\n"
PUBLIC = (
    b"runbook_url: https://github.com/recon-exporter/recon-exporter/blob/main/runbooks/ReconciliationExporterDown.md\n"
)
DASHBOARD = b"dashboard_url: http://127.0.0.1:3000/d/recon-bot?var-bot={{ $labels.bot }}\n"


def test_every_part_is_found_in_a_checkout(request: pytest.FixtureRequest) -> None:
    assert [bundle.part(name) for name in bundle.PARTS] == [request.config.rootpath / name for name in bundle.PARTS]


def test_unknown_part_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="no part 'rules'; it has alerts, config, grafana, runbooks"):
        bundle.part("rules")


def test_links_stay_without_addresses() -> None:
    assert bundle.relink(OWN + PUBLIC + DASHBOARD) == OWN + PUBLIC + DASHBOARD


def test_all_runbook_links_lead_to_the_address_given() -> None:
    moved = bundle.relink(OWN + PUBLIC + DASHBOARD, runbook_url="https://wiki.example/recon/")

    assert moved == (
        b"runbook_url: https://wiki.example/recon/ReconciliationBreaks\n"
        b"runbook_url: https://wiki.example/recon/ReconciliationExporterDown\n" + DASHBOARD
    )


def test_alert_stands_where_the_address_wants_it() -> None:
    moved = bundle.relink(OWN, runbook_url="https://git.example/runbooks/{alert}.md?plain=1")

    assert moved == b"runbook_url: https://git.example/runbooks/ReconciliationBreaks.md?plain=1\n"


def test_dashboard_link_keeps_what_follows_the_dashboard() -> None:
    moved = bundle.relink(OWN + DASHBOARD, dashboard_url="https://grafana.example/d")

    assert moved == OWN + b"dashboard_url: https://grafana.example/d/recon-bot?var-bot={{ $labels.bot }}\n"


@pytest.mark.parametrize(
    "content",
    [
        b"curl http://127.0.0.1:9811/metrics",
        b"http://127.0.0.1:9811/runbooks/",
        b"http://127.0.0.1:3000/dashboards",
        b"\x89PNG\xff\x00",
    ],
)
def test_nothing_but_links_to_pages_is_touched(content: bytes) -> None:
    assert (
        bundle.relink(content, runbook_url="https://wiki.example", dashboard_url="https://grafana.example") == content
    )


def test_links_of_a_dashboard_lead_to_the_addresses_given() -> None:
    alert = b"${__data.fields.alertname}"
    own, public = (
        b"http://127.0.0.1:9811/runbooks/" + alert,
        PUBLIC.split()[1].rpartition(b"/")[0] + b"/" + alert + b".md",
    )
    content = b" ".join(
        (own, public, b"http://127.0.0.1:9811/runs", b"http://127.0.0.1:9811/breaks?bot=x", b"/d/recon-bot")
    )

    moved = bundle.relink(content, "https://wiki.example", "https://grafana.example/d", "https://recon.example/")

    wiki = b"https://wiki.example/" + alert
    pages = b"https://recon.example/runs https://recon.example/breaks?bot=x /d/recon-bot"
    assert moved == b" ".join((wiki, wiki, pages))


def test_export_refuses_an_exporter_that_is_no_address(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is no http:// or https:// address"):
        bundle.export(tmp_path, exporter_url="recon.example")
    assert list(tmp_path.iterdir()) == []


def test_exported_dashboards_have_no_link_to_this_machine(tmp_path: Path) -> None:
    bundle.export(tmp_path, "https://wiki.example", "https://grafana.example/d", "https://recon.example")

    dashboards = sorted((tmp_path / "grafana" / "dashboards").glob("*.json"))
    assert len(dashboards) == 4
    assert [path.name for path in dashboards if "127.0.0.1" in path.read_text()] == []


def test_export_returns_what_it_wrote(tmp_path: Path) -> None:
    written = bundle.export(tmp_path)

    assert set(written) == {path for path in tmp_path.rglob("*") if path.is_file()}
    assert {path.relative_to(tmp_path).parts[0] for path in written} == set(bundle.PARTS)


def test_no_default_link_is_left_over_in_any_file(tmp_path: Path) -> None:
    written = bundle.export(tmp_path, "https://wiki.example", "https://grafana.example/d", "https://recon.example")

    assert {path: bundle.links_of(path.read_bytes()) for path in written if bundle.links_of(path.read_bytes())} == {}
    assert sum(len(bundle.links_of(path.read_bytes())) for path in bundle.export(tmp_path)) > 200


def test_every_kind_of_default_link_is_found() -> None:
    content = OWN + PUBLIC + DASHBOARD + b'"url": "http://127.0.0.1:9811/runs"'

    assert [link.removeprefix("http://127.0.0.1:") for link in bundle.links_of(content)] == [
        "9811/runbooks/ReconciliationBreaks",
        PUBLIC.split()[1].decode(),
        "3000/d/recon-bot",
        "9811",
    ]


@pytest.mark.parametrize(
    ("runbook_url", "exporter"),
    [
        ("https://recon.example/runbooks", "https://recon.example"),
        ("https://host.example/recon/runbooks/", "https://host.example/recon"),
        ("https://wiki.example/recon", None),
        ("https://git.example/runbooks/{alert}.md", None),
        (None, None),
    ],
)
def test_exporter_that_serves_the_runbooks_is_known_by_their_address(
    runbook_url: str | None, exporter: str | None
) -> None:
    assert bundle.exporter_of(runbook_url) == exporter


def test_export_leaves_no_link_to_this_machine(tmp_path: Path) -> None:
    written = bundle.export(tmp_path, runbook_url="https://wiki.example", dashboard_url="https://grafana.example/d")

    texts = [path.read_text() for path in written if path.suffix == ".yml"]
    assert [text for text in texts if "_url: http://127.0.0.1" in text] == []
    assert any("runbook_url: https://wiki.example/Reconciliation" in text for text in texts)


@pytest.mark.parametrize("address", ["wiki.example", "ftp://wiki.example", "https://", "http:///runbooks", ""])
def test_export_refuses_what_is_no_address_and_writes_nothing(tmp_path: Path, address: str) -> None:
    with pytest.raises(ValueError, match="is no http:// or https:// address"):
        bundle.export(tmp_path, dashboard_url=address)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "address",
    [
        "https://wiki.example/our runbooks",
        "https://wiki.example/x\ny: z",
        'https://wiki.example/"><script>',
        "https://wiki.example/{{ $labels.bot }}",
        "https://?page",
        "https://#page",
    ],
)
def test_address_that_would_break_the_files_it_stands_in_is_refused(address: str) -> None:
    for option in ("runbook_url", "dashboard_url", "exporter_url"):
        with pytest.raises(ValueError, match="is no http:// or https:// address"):
            bundle.relink(OWN, **{option: address})


@pytest.mark.parametrize(
    ("option", "address"),
    [
        ("runbook_url", "https://wiki.example/page?space=recon"),
        ("runbook_url", "https://wiki.example/page#recon"),
        ("dashboard_url", "https://grafana.example/d?orgId=2"),
        ("dashboard_url", "https://grafana.example/d/{uid}#recon"),
        ("exporter_url", "https://recon.example/?token=1"),
    ],
)
def test_address_to_which_nothing_can_be_appended_is_refused(option: str, address: str) -> None:
    with pytest.raises(ValueError, match="ends in a query or a fragment"):
        bundle.relink(OWN, **{option: address})


def test_query_of_a_dashboard_joins_that_of_the_address() -> None:
    moved = bundle.relink(DASHBOARD, dashboard_url="https://grafana.example/d/{uid}?orgId=2")

    assert moved == b"dashboard_url: https://grafana.example/d/recon-bot?orgId=2&var-bot={{ $labels.bot }}\n"


def test_address_of_version_six_is_one() -> None:
    assert b"http://[::1]:9811/runbooks/ReconciliationBreaks" in bundle.relink(OWN, "http://[::1]:9811/runbooks")


def test_older_file_stays_whole_where_the_new_one_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path: path.read_bytes() for path in bundle.export(tmp_path)}
    monkeypatch.setattr("pathlib.Path.write_bytes", half_written)

    with pytest.raises(OSError, match="No space left"):
        bundle.export(tmp_path, runbook_url="https://wiki.example")

    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def half_written(path: Path, content: bytes) -> int:
    with path.open("wb") as file:
        file.write(content[: len(content) // 2])
    raise OSError(errno.ENOSPC, "No space left on device")


def test_export_leaves_other_files_alone(tmp_path: Path) -> None:
    own = tmp_path / "alerts" / "own.yml"
    own.parent.mkdir()
    own.write_text("groups: []\n")

    bundle.export(tmp_path)

    assert own.read_text() == "groups: []\n"


def test_keys_beside_the_files_of_a_checkout_are_not_handed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("config/env/.env", "config/env/secrets/key", "config/env/.env.example"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    monkeypatch.setattr(bundle, "_PACKAGE", tmp_path / "exporter" / "recon_exporter")

    written = bundle.export(tmp_path / "exported")

    assert [path.name for path in written] == [".env.example"]


@pytest.mark.parametrize("name", [".env", "secrets"])
def test_bundle_is_whole_wherever_the_package_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Virtual environments are often called .env."""
    package = tmp_path / name / "lib" / "recon_exporter"
    (package / "bundled" / "alerts").mkdir(parents=True)
    (package / "bundled" / "alerts" / "recon.rules.yml").write_text("groups: []")
    monkeypatch.setattr(bundle, "_INSTALLED", package / "bundled")

    written = bundle.export(tmp_path / "exported")

    assert [path.name for path in written] == ["recon.rules.yml"]
