"""How far a standstill goes, by single looks at the events: for questions that must not read the days around it."""

from __future__ import annotations

from desktop.domain.entries import OPEN_MS
from desktop.domain.spans import Span
from desktop.store.database import Store

_STATES = "kind = 'state' AND word IN ('run', 'setup', 'unknown', 'no_signal')"
_PIECES = "kind = 'count' AND pieces > 0"


def stood(store: Store, machine: int, at_ms: int) -> Span:
    """The standstill that went on at a moment: from the last state, or piece of a machine that only counts, that ended
    one to the next, or until one of its devices fell silent. The end is OPEN_MS while it goes on."""
    tells = store.row("SELECT 1 FROM events WHERE machine_id = ? AND kind = 'state' LIMIT 1", machine) is not None
    ending = f"FROM events WHERE machine_id = ? AND {_STATES if tells else _PIECES}"
    before = store.row(f"SELECT at_ms {ending} AND at_ms <= ? ORDER BY at_ms DESC LIMIT 1", machine, at_ms)
    behind = store.row(f"SELECT at_ms {ending} AND at_ms > ? ORDER BY at_ms LIMIT 1", machine, at_ms)
    silent = [
        store.row(
            "SELECT min(at_ms) FROM events WHERE device_id = ? AND kind = 'device' AND word <> 'online' AND at_ms > ?",
            device,
            at_ms,
        )[0]
        for (device,) in store.rows("SELECT DISTINCT device_id FROM signals WHERE machine_id = ?", machine)
    ]
    ends = [int(each) for each in (*(behind or ()), *silent) if each is not None]
    return Span(0 if before is None else int(before[0]), min(ends, default=OPEN_MS))
