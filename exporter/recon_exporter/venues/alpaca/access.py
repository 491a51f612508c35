"""How Alpaca is reached: the key to one account, and how long and how often is asked."""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

MASK = "***"


@dataclass(frozen=True, slots=True)
class Access:
    """The key to one account; ``base_url`` sends every request to another host, which may be a path below it.

    Nothing of it but ``paper`` is ever shown: a URL may hold a password too.
    """

    api_key: str = field(repr=False)
    secret: str = field(repr=False)
    paper: bool
    base_url: str | None = field(default=None, repr=False)

    def redacted(self, text: str) -> str:
        """The text without key, secret and base URL, should an answer have repeated one of them."""
        for hidden in (self.api_key, self.secret, self.base_url):
            if hidden:
                text = text.replace(hidden, MASK)
        return text


@dataclass(frozen=True, slots=True)
class Limits:
    """``deadline`` is for all that one question of ours needs, ``answer`` for one request, begin to end.

    ``spacing`` keeps within Alpaca's 200 requests a minute. ``skew`` is how far its clock may be from ours: beyond that
    its answers are old ones that something in between has kept. Long and short positions must come to ``coverage`` of
    what the account's own totals say, because prices move between two requests.
    """

    deadline: timedelta = timedelta(seconds=60)
    answer: timedelta = timedelta(seconds=10)
    attempts: int = 4
    wait: timedelta = timedelta(seconds=0.5)
    spacing: timedelta = timedelta(milliseconds=333)
    skew: timedelta = timedelta(minutes=2)
    coverage: Decimal = Decimal("0.9")
