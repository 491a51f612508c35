"""Whose turn it is at one account: all that asks with one key asks one after another, and at a distance."""

import threading


class Turn:
    """Shared by all who ask with one key, be their parts of the account the same or not.

    ``lock`` is held for a whole reading; ``asked_at``, which only its holder touches, is when the last request was due.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.asked_at = float("-inf")
