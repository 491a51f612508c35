"""What can be made to go wrong between Alpaca and who asks it."""

from enum import StrEnum


class Fault(StrEnum):
    """Each as it has been seen in front of some broker.

    slow: the answer drips, a byte at a time; rate_limited: 429; unavailable: 503; refused: 401; forbidden: 403;
    redirected: 302 to elsewhere; html: a page instead of JSON, with 200; truncated: half of the JSON; dropped: the
    connection is closed without an answer; empty: a list without anything in it; first_page_only: every page, and every
    day, is the first page; half_book: a list without its last half; frozen: all answers are of the moment at which
    this began, the clock's too.
    """

    SLOW = "slow"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"
    REFUSED = "refused"
    FORBIDDEN = "forbidden"
    REDIRECTED = "redirected"
    HTML = "html"
    TRUNCATED = "truncated"
    DROPPED = "dropped"
    EMPTY = "empty"
    FIRST_PAGE_ONLY = "first_page_only"
    HALF_BOOK = "half_book"
    FROZEN = "frozen"
