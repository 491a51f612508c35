"""A set of 64-bit digests that stays small: eight bytes for each, sorted, in 256 buckets by the first byte."""

from array import array
from bisect import bisect_left, insort
from collections.abc import Iterable
from hashlib import blake2b
from itertools import groupby

DIGEST_BYTES = 8
DIGESTS = 1 << 64
BUCKET_SHIFT = 56
FEW = 16


def digest(text: str) -> int:
    """64 bits of BLAKE2b; raises UnicodeEncodeError for a text that is no Unicode (a lone surrogate)."""
    return int.from_bytes(blake2b(text.encode(), digest_size=DIGEST_BYTES).digest())


class DigestSet:
    """Exact membership of digests; two texts share a digest once in some 10^19 pairs."""

    def __init__(self) -> None:
        self._buckets = [array("Q") for _ in range(256)]

    def __contains__(self, value: int) -> bool:
        bucket = self._buckets[value >> BUCKET_SHIFT]
        at = bisect_left(bucket, value)
        return at < len(bucket) and bucket[at] == value

    def __len__(self) -> int:
        return sum(map(len, self._buckets))

    def update(self, values: Iterable[int]) -> None:
        """Add digests that are not in the set yet."""
        for number, group in groupby(sorted(values), key=lambda value: value >> BUCKET_SHIFT):
            new, bucket = list(group), self._buckets[number]
            if len(new) > FEW:
                self._buckets[number] = array("Q", sorted([*bucket, *new]))
                continue
            for value in new:
                insort(bucket, value)
