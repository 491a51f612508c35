"""How often one account may ask, and who has asked what."""

import threading
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

REMEMBERED = 1000


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests of one account in any such span; more are refused."""

    requests: int
    span: timedelta


class Limiter:
    """Keeps one limit for each account apart."""

    def __init__(self, limit: Limit | None) -> None:
        self._limit = limit
        self._served: dict[str, deque[float]] = {}

    def admits(self, account: str, now: float) -> bool:
        """Whether this request is within the limit, at this monotonic time; what is refused does not count."""
        if self._limit is None:
            return True
        served = self._served.setdefault(account, deque())
        while served and served[0] <= now - self._limit.span.total_seconds():
            served.popleft()
        if len(served) >= self._limit.requests:
            return False
        served.append(now)
        return True


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that came; ``account`` is the name of the one whose key it bore."""

    method: str
    path: str
    parameters: Mapping[str, str]
    account: str | None = None


class Journal:
    """The latest requests, how many came in all, and every attempt to change something; safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latest: deque[Asked] = deque(maxlen=REMEMBERED)
        self._writes: list[Asked] = []
        self._counts: Counter[tuple[str | None, str]] = Counter()

    def note(self, asked: Asked, *, writes: bool) -> None:
        """A request came."""
        with self._lock:
            self._latest.append(asked)
            self._counts[asked.account, asked.path] += 1
            if writes:
                self._writes.append(asked)

    @property
    def latest(self) -> tuple[Asked, ...]:
        """The last thousand, oldest first."""
        with self._lock:
            return tuple(self._latest)

    @property
    def writes(self) -> tuple[Asked, ...]:
        """Every request that was not a reading; none of them was obeyed."""
        with self._lock:
            return tuple(self._writes)

    def count(self, account: str | None = None, path: str = "/") -> int:
        """How many came, of one account or of all, for paths that begin so."""
        with self._lock:
            return sum(
                number
                for (name, asked), number in self._counts.items()
                if asked.startswith(path) and account in {None, name}
            )
