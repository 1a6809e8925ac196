"""The chain of hashes over rows that never change: each goes over the row and the hash before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from desktop.store.schema import HEAD

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


def append(connection: Any, table: str, at_ms: int, *facts: object) -> int:
    """Append a row to what people say (entries) or did (audit), inside the caller's transaction; returns its id.

    It follows what the head says, not the last row that is there: where rows were cut off, it tells of them for good.
    """
    told = connection.execute("SELECT value FROM meta WHERE key = ?", (f"{HEAD}{table}",)).fetchone()
    rows, last_id, previous = (0, 0, EMPTY_CHAIN.hex()) if told is None else json.loads(told[0])
    highest = connection.execute(f"SELECT max(id) FROM {table}").fetchone()[0] or 0
    number = max(last_id + 1, highest + 1, at_ms * 1000)
    row = (number, at_ms, *facts)
    sealed = link_hash(bytes.fromhex(previous), row)
    connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * (len(row) + 1))})", (*row, sealed))
    head = json.dumps([rows + 1, number, sealed.hex()])
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (f"{HEAD}{table}", head))
    return number
