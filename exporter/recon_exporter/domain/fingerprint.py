"""A short name for a set of facts, by which a change is noticed without keeping the facts."""

from collections.abc import Iterable
from hashlib import sha256


def fingerprint(facts: Iterable[tuple[str, ...]]) -> str:
    """The same text for the same set of facts, whatever their order and however often each is named."""
    lines = sorted({"\x1f".join(fact) for fact in facts})
    return sha256("\x1e".join(lines).encode("utf-8", "surrogatepass")).hexdigest()
