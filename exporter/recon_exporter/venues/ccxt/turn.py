"""Whose turn it is at one account: all that asks with one key asks one after another, and at a distance."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext


class Turn:
    """Shared by all who ask with one key, be their parts of the account the same or not.

    It is held for a whole reading; ``due_at``, which only its holder touches, is when the next may be asked.
    ``waiting`` is what is entered while somebody else holds it.
    """

    def __init__(self, waiting: Callable[[], AbstractContextManager[object]] = nullcontext) -> None:
        self.due_at = float("-inf")
        self._lock = threading.Lock()
        self._waiting = waiting

    def take(self, seconds: float) -> bool:
        """Whether it came within so long."""
        if self._lock.acquire(blocking=False):
            return True
        with self._waiting():
            return self._lock.acquire(timeout=seconds)

    def give(self) -> None:
        """Let the next one ask."""
        self._lock.release()
