"""Who may ask: passwords against bcrypt hashes, as slow for an unknown user as for a wrong password.

A hash takes a twentieth of a second or far more, so what was found out is kept, under a digest that says nothing about
the password, and one hash is computed at a time, beside the event loop.
"""

import asyncio
import base64
import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping

import bcrypt

KEPT = 256
"""How many answers are kept of each kind: a flood of wrong passwords must not push out the right ones."""

LONGEST_PASSWORD = 72
"""What bcrypt looks at, in bytes. A longer password is refused: cut off, many others would do as well."""

Check = Callable[[bytes, bytes], bool]


class Authentication:
    """Judges the header Authorization; belongs to one event loop."""

    def __init__(self, check: Check = bcrypt.checkpw) -> None:
        self._check = check
        self._secret = secrets.token_bytes(32)
        self._kept = {True: _Kept(), False: _Kept()}
        self._turn = asyncio.Lock()

    async def admits(self, header: str | None, users: Mapping[str, str]) -> bool:
        """Whether the header names one of the users with the right password; everybody passes where there are none."""
        if not users:
            return True
        named = _credentials(header or "")
        if named is None:
            return False
        user, password = named
        hashed = users.get(user)
        proof = self._digest(user, hashed or "", password)
        admitted = self._known(proof)
        if admitted is None:
            async with self._turn:
                # The same question may have been answered while this one waited.
                admitted = self._known(proof)
                if admitted is None:
                    matches = await asyncio.to_thread(self._matches, password, hashed or self._stand_in(user, users))
                    admitted = matches and hashed is not None
                    self._kept[admitted].keep(proof)
        return admitted

    def _known(self, proof: bytes) -> bool | None:
        return next((answer for answer, kept in self._kept.items() if kept.holds(proof)), None)

    def _matches(self, password: bytes, hashed: str) -> bool:
        try:
            return len(password) <= LONGEST_PASSWORD and self._check(password, hashed.encode())
        except ValueError:
            return False

    def _stand_in(self, user: str, users: Mapping[str, str]) -> str:
        """A hash of somebody else, the same one each time, so that an unknown name costs what a known one may cost."""
        hashes = sorted(users.values())
        return hashes[int.from_bytes(self._digest(user)) % len(hashes)]

    def _digest(self, *parts: str | bytes) -> bytes:
        digest = hmac.new(self._secret, digestmod=hashlib.sha256)
        for part in parts:
            content = part if isinstance(part, bytes) else part.encode()
            digest.update(len(content).to_bytes(8) + content)
        return digest.digest()


class _Kept:
    """The proofs that were asked for last."""

    def __init__(self) -> None:
        self._proofs: OrderedDict[bytes, None] = OrderedDict()

    def holds(self, proof: bytes) -> bool:
        if proof not in self._proofs:
            return False
        self._proofs.move_to_end(proof)
        return True

    def keep(self, proof: bytes) -> None:
        self._proofs[proof] = None
        while len(self._proofs) > KEPT:
            self._proofs.popitem(last=False)


def _credentials(header: str) -> tuple[str, bytes] | None:
    """User and password of a header; None where it says none."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(encoded.strip(), validate=True).partition(b":")
        return (user.decode(), password) if colon else None
    except ValueError:
        return None
