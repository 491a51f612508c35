"""The runbooks of the bundle as pages, and which of them belongs to a finding."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

from recon_exporter.bundle import PARTS, PUBLIC_RUNBOOK_URL

INDEX = "README"
UNVERIFIED = "ReconciliationCheckUnverified"

BY_CHECK: Mapping[str, str] = {
    "balance": "ReconciliationBalanceBroken",
    "coverage": "ReconciliationBotNotCovered",
    "eod": "ReconciliationBreaks",
    "exchange_snapshot": "ReconciliationExchangeDrift",
    "fill_parity": "ReconciliationFillParityBroken",
    "freshness": "ReconciliationLedgerStale",
    "inventory": "ReconciliationInventoryDrift",
    "positions": "ReconciliationPositionMismatch",
    "venue_balances": "ReconciliationVenueBalanceMismatch",
}
BY_CODE: Mapping[str, str] = {
    "exchange_snapshot_missing": UNVERIFIED,
    "exchange_snapshot_unreadable": UNVERIFIED,
    "fee_rate_out_of_expected_band": "ReconciliationFeeRateOutOfBand",
    "fees_counter_decreased_critical": "ReconciliationFeeCounterDecreased",
    "fees_counter_decreased_warning": "ReconciliationFeeCounterDecreased",
    "fees_paid_negative": "ReconciliationFeesNegative",
    "fill_duplicated": "ReconciliationFillDuplicated",
    "fill_fee_differs": "ReconciliationFillDiffers",
    "fill_foreign": "ReconciliationFillForeign",
    "fill_missing_at_venue": "ReconciliationFillMissing",
    "fill_missing_in_ledger": "ReconciliationFillMissing",
    "fill_price_differs": "ReconciliationFillDiffers",
    "fill_quantity_differs": "ReconciliationFillDiffers",
    "missing_minute_snapshot": UNVERIFIED,
    "probe_status_unexpected": "ReconciliationProbeStatusUnexpected",
    "turnover_without_fee_accrual": "ReconciliationTurnoverWithoutFees",
    "unverified": UNVERIFIED,
}

EOD_UNVERIFIED = "ReconciliationEodUnverified"

_PAGE = re.compile(r"(?P<name>[A-Za-z][\w-]*)\.md(?P<fragment>#.*)?")
_BESIDE = tuple(f"../{part}/" for part in PARTS)
_NOT_IN_AN_ANCHOR = re.compile(r"[^\w\- ]")


@dataclass(frozen=True, slots=True)
class Places:
    """Where links of pages lead: to other pages, and to what else the bundle or the public repository holds."""

    index: str = "./"
    ending: str = ""
    has_bundle: bool = False

    def page(self, name: str) -> str:
        """The address of a page, as other pages link to it."""
        return self.index if name == INDEX else f"{name}{self.ending}"

    def of(self, target: str) -> str:
        """Where a link of the Markdown leads."""
        page = _PAGE.fullmatch(target)
        if page is not None:
            return f"{self.page(page['name'])}{page['fragment'] or ''}"
        if target.startswith("#") or urlsplit(target).scheme:
            return target
        if self.has_bundle and target.startswith(_BESIDE):
            return f"../{target}"
        return urljoin(f"{PUBLIC_RUNBOOK_URL}/", target)


SERVED = Places()
IN_FILES = Places(index="index.html", ending=".html", has_bundle=True)
"""For pages in runbooks/html/ of an exported bundle, whose other folders they find two levels up."""


class Runbooks:
    """The pages of one folder. Their text is ours, and is still not trusted with raw HTML."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._markdown = MarkdownIt("commonmark", {"html": False}).enable("table")

    def names(self) -> tuple[str, ...]:
        """The names of the alerts that have a page, sorted."""
        return tuple(sorted(self._stems() - {INDEX}))

    def html(self, name: str, places: Places = SERVED) -> str | None:
        """A page as HTML, None where there is none; its links lead where ``places`` say."""
        if name not in self._stems():
            return None
        tokens = self._markdown.parse((self._folder / f"{name}.md").read_text(encoding="utf-8"))
        _adapt(tokens, places)
        tokens = list(_with_captions(tokens))
        return str(self._markdown.renderer.render(tokens, self._markdown.options, {}))

    def of_finding(self) -> Callable[[str, str], str | None]:
        """A function from check and code to the name of the page; the folder is read once for all of its calls."""
        there = self._stems()

        def find(check: str, code: str) -> str | None:
            is_eod_unverified = (check, code) == ("eod", "unverified")
            name = EOD_UNVERIFIED if is_eod_unverified else BY_CODE.get(code) or BY_CHECK.get(check)
            return name if name in there else None

        return find

    def _stems(self) -> set[str]:
        return {path.stem for path in self._folder.glob("*.md")}


def _adapt(tokens: Sequence[Token], places: Places) -> None:
    """Give headings anchors, cells classes for styles, and links their place."""
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        if token.type == "heading_open" and following is not None:
            token.attrSet("id", _anchor(following.content))
        if token.type == "th_open":
            token.attrSet("scope", "col")
        if token.type in {"th_open", "td_open"} and token.attrs.pop("style", "") == "text-align:right":
            token.attrSet("class", "number")
        for child in token.children or ():
            if child.type == "link_open":
                child.attrSet("href", places.of(str(child.attrs.get("href", ""))))


def _with_captions(tokens: Sequence[Token]) -> Iterator[Token]:
    """Put each table into a region that the keyboard can scroll, captioned by the heading above it."""
    title = ""
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        if token.type == "heading_open" and following is not None:
            title = "".join(child.content for child in following.children or ())
        if token.type == "table_open":
            attributes: dict[str, str | int | float] = {
                "class": "scroll",
                "role": "region",
                "aria-label": title,
                "tabindex": 0,
            }
            yield Token("region_open", "div", 1, attrs=attributes, block=True)
            yield token
            yield Token("caption_open", "caption", 1, attrs={"class": "unseen"})
            yield Token("text", "", 0, content=title)
            yield Token("caption_close", "caption", -1)
            continue
        yield token
        if token.type == "table_close":
            yield Token("region_close", "div", -1, block=True)


def _anchor(title: str) -> str:
    return _NOT_IN_AN_ANCHOR.sub("", title.lower()).replace(" ", "-")
