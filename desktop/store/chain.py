"""The chain of hashes over rows that never change: each goes over the row and the hash before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

EMPTY_CHAIN = bytes(32)
KEPT_BYTES = 8  # of a hash, with a fact; every later hash goes over the whole of it, and the whole last one is kept
# In JSON text a line feed stands between values only, so that one call can write many rows and be cut again.
_as_text = json.JSONEncoder(ensure_ascii=False, separators=(",\n", ":"), check_circular=False, default=bytes.hex).encode


def link_hash(previous: bytes, row: Sequence[object]) -> bytes:
    """SHA-256 over the hash of the row before and the row's columns as JSON (bytes as hex)."""
    return link_hashes(previous, [row])[0]


def agrees(whole: bytes, kept: object) -> bool:
    """Whether what stands with a row is the hash that it must have: its first bytes, or all of it (of what people say,
    and of facts that an older program wrote)."""
    return kept in (whole, whole[:KEPT_BYTES])


def link_hashes(previous: bytes, rows: Sequence[Sequence[object]]) -> list[bytes]:
    """The hash of every row, each over the one before."""
    hashes = []
    for text in _as_text(rows)[2:-2].split("],\n["):
        whole = f"[{text}]".replace(",\n", ",")
        previous = hashlib.sha256(previous + whole.encode("utf-8", "surrogatepass")).digest()
        hashes.append(previous)
    return hashes
