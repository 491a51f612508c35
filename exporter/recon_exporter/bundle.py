"""What ships beside the code: alert rules, runbooks, dashboards and the example configuration.

In a checkout the four folders lie at the root of the repository; in a wheel they lie inside the package. Both hold
the same files. Their links lead to the exporter and to Grafana at their default addresses, so that they work as they
are on one machine; ``export`` writes the files out with links that fit another place.
"""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

PARTS = ("alerts", "config", "grafana", "runbooks")

EXPORTER_URL = "http://127.0.0.1:9811"
RUNBOOK_URL = f"{EXPORTER_URL}/runbooks"
DASHBOARD_URL = "http://127.0.0.1:3000/d"
# Alerts about the exporter must not link to the exporter, which may be what is down.
PUBLIC_RUNBOOK_URL = "https://github.com/recon-exporter/recon-exporter/blob/main/runbooks"

NOTHING: Mapping[str, bytes] = MappingProxyType({})

# What people and programs put beside the files of a checkout: keys of exchanges are not handed on.
_PRIVATE = frozenset({"__pycache__", ".env", "secrets"})

_PACKAGE = Path(__file__).parent
_INSTALLED = _PACKAGE / "bundled"

# Dashboards link to the runbook of whatever alert is clicked; Grafana puts its name in.
_ALERT = r"[A-Z]\w*|\$\{__data\.fields\.alertname\}"
_RUNBOOK_LINK = re.compile(
    rf"{re.escape(RUNBOOK_URL)}/(?P<own>{_ALERT})|{re.escape(PUBLIC_RUNBOOK_URL)}/(?P<public>{_ALERT})\.md"
)
_EXPORTER_LINK = re.compile(rf"{re.escape(EXPORTER_URL)}(?=/(?:runs|breaks)\b)")
_DASHBOARD_LINK = re.compile(rf"{re.escape(DASHBOARD_URL)}/(?P<uid>[a-z][a-z0-9-]*)")
_DASHBOARD_LINK_WITH_QUERY = re.compile(rf"{_DASHBOARD_LINK.pattern}(?P<query>\?(?=\w))?")
# No character that ends a link, or means something else, in one of the formats in which links stand.
_ADDRESS = re.compile(r"https?://[-\w.~:\[\]%@]+(?:[/?#][-\w.~:/?#=%+,@&!;]*)?", re.ASCII)


def part(name: str) -> Path:
    """Return the folder of one part, of the installed package or of the checkout."""
    if name not in PARTS:
        raise ValueError(f"the bundle has no part {name!r}; it has {', '.join(PARTS)}")
    root = _INSTALLED if _INSTALLED.is_dir() else _PACKAGE.parent.parent
    return root / name


def export(
    directory: Path,
    runbook_url: str | None = None,
    dashboard_url: str | None = None,
    exporter_url: str | None = None,
    more: Mapping[str, bytes] = NOTHING,
) -> tuple[Path, ...]:
    """Write the four folders into ``directory``, their links as ``relink`` says, and return what was written.

    ``more`` are files by their paths that the folders do not hold, because they are made of those. Files of
    other names in ``directory`` are left alone. Raises ValueError, and writes nothing, for a URL that is none.
    """
    held = {
        f"{name}/{file.relative_to(part(name))}": file.read_bytes() for name in PARTS for file in _files(part(name))
    }
    contents = {
        directory / path: relink(content, runbook_url, dashboard_url, exporter_url)
        for path, content in {**held, **more}.items()
    }
    for target, content in contents.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        _replace(target, content)
    return tuple(contents)


def relink(
    content: bytes,
    runbook_url: str | None = None,
    dashboard_url: str | None = None,
    exporter_url: str | None = None,
) -> bytes:
    """Return the content of a file with links to runbooks, dashboards and the exporter that begin with the given URLs.

    The name of the alert, or the uid of the dashboard, is appended to the URL, or put in the place of ``{alert}`` or
    ``{uid}`` where it has one. Links to the exporter are those to its lists of runs and breaks, which dashboards have.
    Without a URL those links stay as they are. Raises ValueError for a URL that is none, or to which nothing can be
    appended.
    """
    text = content.decode(errors="surrogateescape")
    if runbook_url is not None:
        page = _page(runbook_url, "{alert}")
        text = _RUNBOOK_LINK.sub(lambda link: page.replace("{alert}", link["own"] or link["public"]), text)
    if dashboard_url is not None:
        board = _page(dashboard_url, "{uid}")
        if "#" in board:
            raise ValueError(f"{dashboard_url!r} ends in a query or a fragment, and links append a query")
        more = "&" if "?" in board else "?"
        text = _DASHBOARD_LINK_WITH_QUERY.sub(
            lambda link: board.replace("{uid}", link["uid"]) + (more if link["query"] else ""), text
        )
    if exporter_url is not None:
        root = _root(exporter_url, "nothing can stand behind that")
        text = _EXPORTER_LINK.sub(lambda _: root, text)
    return text.encode(errors="surrogateescape")


def links_of(content: bytes) -> tuple[str, ...]:
    """The links of a file that lead to default addresses: of the exporter, of Grafana, of the public runbooks."""
    text = content.decode(errors="surrogateescape")
    patterns = (_RUNBOOK_LINK, _DASHBOARD_LINK, _EXPORTER_LINK)
    return tuple(link[0] for pattern in patterns for link in pattern.finditer(text))


def exporter_of(runbook_url: str | None) -> str | None:
    """The address of the exporter where it serves the runbooks itself, which their address tells; None elsewhere."""
    root, page, rest = (runbook_url or "").rstrip("/").partition("/runbooks")
    return root if page and not rest else None


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and _PRIVATE.isdisjoint(path.relative_to(folder).parts):
            yield path


def _replace(target: Path, content: bytes) -> None:
    """Write the file whole or not at all: Prometheus and Alertmanager may be reading the older one."""
    fresh = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        fresh.write_bytes(content)
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)


def _page(url: str, placeholder: str) -> str:
    if placeholder not in url:
        return f"{_root(url, f'say with {placeholder} where the name belongs')}/{placeholder}"
    if not _ADDRESS.fullmatch(url.replace(placeholder, "name")):
        raise ValueError(f"{url!r} is no http:// or https:// address")
    return url


def _root(url: str, remedy: str) -> str:
    """The address without a slash at its end, so that a path can be appended."""
    if not _ADDRESS.fullmatch(url):
        raise ValueError(f"{url!r} is no http:// or https:// address")
    if "?" in url or "#" in url:
        raise ValueError(f"{url!r} ends in a query or a fragment: {remedy}")
    return url.rstrip("/")
