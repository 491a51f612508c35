"""What a source says went wrong with its own answer: that there is such a word, and how it may be repeated."""

import json
import re
from collections.abc import Mapping

KEYS = ("error", "errors")
MOST = 120
MASK = "***"

_NAMED_SECRET = re.compile(
    r"(?i)((?:key|secret|token|signature|passw\w*|passphrase|authorization)\\?[\"']?\s*[:=]\s*\\?[\"']?"
    r"(?:bearer\s+|basic\s+)?)[^\s\"',;&}\\]+"
)
_USER_OF_ADDRESS = re.compile(r"(?<=://)[^\s/]+@")
_TOKEN = re.compile(r"\b(?=[\w+-]*\d)[\w+-]{16,}")


def complaint_of(document: Mapping[str, object]) -> tuple[str, str] | None:
    """The key under which the document says that something is wrong, and what it says; None where nothing is."""
    for key in KEYS:
        value = document.get(key)
        # A number arrives as its text, and an error of number 0 is none.
        if value and value != "0":
            return key, repeatable(value)
    return None


def repeatable(value: object) -> str:
    """The words of somebody else on one line, cut short, without what looks like a secret."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = _NAMED_SECRET.sub(rf"\g<1>{MASK}", text)
    text = _TOKEN.sub(MASK, _USER_OF_ADDRESS.sub(f"{MASK}@", text))
    return ascii(text if len(text) <= MOST else f"{text[:MOST]}…")
