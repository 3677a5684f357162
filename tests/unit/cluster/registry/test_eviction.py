"""Which bytes go first."""

from __future__ import annotations

import pytest

from cluster.registry.blobs import BlobUse
from cluster.registry.eviction import choose

USES = [BlobUse("c", 30, 3.0), BlobUse("a", 10, 1.0), BlobUse("b", 20, 1.0), BlobUse("d", 40, 9.0)]


@pytest.mark.parametrize(
    ("limit_bytes", "evictable", "expected"),
    [
        (100, "abcd", ""),
        (99, "abcd", "a"),
        (90, "abcd", "a"),
        (89, "abcd", "ab"),
        (89, "bc", "b"),
        (0, "abcd", "abc"),
        (0, "", ""),
    ],
)
def test_choose_takes_the_oldest_evictable_until_the_limit_holds(limit_bytes, evictable, expected):
    chosen = choose(USES, set(evictable), limit_bytes, used_before_s=9.0)
    assert "".join(use.content_hash for use in chosen) == expected
