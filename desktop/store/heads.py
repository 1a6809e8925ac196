"""How far each chain has come, beside the file: what is cut off the newest end of the database is told by it.

The log of the last seconds can be cut without a trace in the file: what is left is an older state, sound in itself. So
the collector writes this once a second.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from desktop.store import register
from desktop.store.database import Store
from desktop.store.schema import HEAD

HEADS = "chain-heads.json"
RECORD_CHECKS = "record-checks.txt"  # beside the backups: a line a shift, its end, its name, its record check
Heads = dict[str, tuple[int, int, str]]  # by table: rows, the last id, 16 hex digits of its hash


def note(store: Store) -> None:
    """Write it down. Where what was written down is not there, the record check of that goes into the list beside the
    backups first, so that it is held against the file for good. Raises OSError."""
    file, now, was = store.folder / HEADS, _heads(store), told(store)
    if now == was:
        return
    _rows, last, digits = was.get("events", (0, 0, ""))
    there = store.row("SELECT hash FROM events WHERE id = ?", last)
    if digits and (there is None or bytes(there[0]).hex()[:16] != digits):
        at = datetime.fromtimestamp(store.clock.now_ms() / 1000, register.zone(store)).isoformat(timespec="minutes")
        append(store.folder, at, "missing", "-".join(digits[i : i + 4].upper() for i in range(0, 16, 4)))
    unfinished = file.with_name(file.name + ".part")
    unfinished.write_text(json.dumps({"site": store.meta("site_uuid"), "heads": now}), encoding="utf-8")
    unfinished.replace(file)


def told(store: Store) -> Heads:
    """What was written down last of this file; nothing where it is of another one, or cannot be read."""
    try:
        read = json.loads((store.folder / HEADS).read_text(encoding="utf-8"))
        if read["site"] != store.meta("site_uuid"):
            return {}
        return {
            str(table): (int(rows), int(last), str(digits)) for table, (rows, last, digits) in read["heads"].items()
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def append(folder: Path, at: str, name: str, check: str) -> None:
    """Add a line to the list of record checks, where it has none of that moment and name yet. Raises OSError."""
    file = folder / "backups" / RECORD_CHECKS
    file.parent.mkdir(exist_ok=True)
    known = file.read_text(encoding="utf-8") if file.exists() else ""
    if f"{at}\t{name}\t" not in known:
        with file.open("a", encoding="utf-8") as stream:
            stream.write(f"{at}\t{name}\t{check}\n")


def _heads(store: Store) -> Heads:
    found = {
        str(name): (int(rows), int(last), bytes(digest).hex()[:16])
        for name, rows, last, digest in store.rows("SELECT name, rows, last_id, hash FROM chain_heads")
    }
    for key, value in store.rows("SELECT key, value FROM meta WHERE key LIKE ?", f"{HEAD}%"):
        rows, last, digest = json.loads(value)
        found[str(key).removeprefix(HEAD)] = (int(rows), int(last), str(digest)[:16])
    return found
