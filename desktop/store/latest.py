"""The newest facts of each kind, by which a collector goes on where the last one ended.

Newest is by id, which holds also where the clock was set back.
"""

from __future__ import annotations

from msgspec import Struct

from desktop.domain.events import CountFlag, EventKind
from desktop.store.database import Store

_PACKED = "e.detail IN ('lot', 'box', 'pallet')"  # by the index of these alone
#: a scan or part id (`e`) that was not refused; what was wrong with it is told at its own moment
PASSED = (
    " NOT EXISTS (SELECT 1 FROM events f INDEXED BY events_machine WHERE f.machine_id = e.machine_id"
    " AND f.kind = 'finding' AND f.at_ms = e.at_ms AND f.flag = 'refused' AND json_extract(f.detail, '$.by') = e.id"
    " AND json_extract(f.detail, '$.code') = e.word)"  # not what a box that was read was closed without
)

#: a scan (`e`) of a box that was closed by it: something went in, or it was new
FILLED = (
    f"e.kind = 'scan' AND e.detail = 'box' AND {_PACKED} AND e.flag <> 'duplicate' AND {PASSED}"
    " AND EXISTS (SELECT 1 FROM units u WHERE u.code = e.word AND u.kind = 'box' AND (EXISTS (SELECT 1 FROM links"
    " WHERE parent_id = u.id AND event_id = e.id) OR NOT EXISTS (SELECT 1 FROM steps WHERE unit_id = u.id"
    " AND event_id < e.id)))"
)


class Word(Struct, frozen=True):
    """The newest event of a kind: its `word` and `detail` as EventKind tells."""

    id: int
    at_ms: int
    word: str
    detail: str


class Heard(Struct, frozen=True):
    """A counter as it was read."""

    id: int
    at_ms: int
    reading: int
    flag: CountFlag


class LotRead(Struct, frozen=True):
    """A lot that was read at a machine. `raw`: all bytes of that scan, None where they are not kept."""

    event: int
    signal: int
    code: str
    at_ms: int
    raw: bytes | None


class Passed(Struct, frozen=True):
    """Something that happened to the units at a machine: a unit or part word, or a reject of a judged piece."""

    id: int
    kind: EventKind
    word: str


def last(store: Store, signal: int, kind: EventKind) -> Word | None:
    """The newest event of a kind that a signal brought about."""
    row = store.row(
        "SELECT id, at_ms, word, detail FROM events WHERE signal_id = ? AND kind = ? ORDER BY id DESC LIMIT 1",
        signal,
        kind.value,
    )
    return None if row is None else Word(*row)


def readings(store: Store, signal: int, machine: int | None, most: int) -> list[Heard]:
    """The last changed readings of a counter at a machine, newest first."""
    return [
        Heard(int(key), int(at_ms), int(reading), CountFlag(flag))
        for key, at_ms, reading, flag in store.rows(
            "SELECT id, at_ms, reading, flag FROM events WHERE signal_id = ? AND kind = 'count' AND reading >= 0"
            " AND machine_id IS ? ORDER BY id DESC LIMIT ?",
            signal,
            machine,
            most,
        )
    ]


def silent_since(store: Store, device: int, after_id: int = 0, from_ms: int = 0) -> int | None:
    """When a device first ceased to answer after a fact and a moment, None if it did not."""
    row = store.row(
        "SELECT at_ms FROM events WHERE device_id = ? AND kind = 'device' AND word <> 'online' AND id > ?"
        " AND at_ms >= ? ORDER BY id LIMIT 1",
        device,
        after_id,
        from_ms,
    )
    return None if row is None else int(row[0])


def last_online(store: Store, device: int) -> int:
    """The id of the last fact that says that a device answers, 0 if it never did."""
    sql = "SELECT max(id) FROM events WHERE device_id = ? AND kind = 'device' AND word = 'online'"
    return int(store.row(sql, device)[0] or 0)


def lots(store: Store, machine: int, most: int = 2000) -> list[LotRead]:
    """The last lots scanned at a machine, newest first."""
    return [
        LotRead(*row)
        for row in store.rows(
            "SELECT e.id, e.signal_id, e.word, e.at_ms, e.raw FROM events e WHERE e.machine_id = ? AND e.kind = 'scan' "
            f" AND e.detail = 'lot' AND {_PACKED} AND e.flag <> 'duplicate' AND {PASSED} ORDER BY e.id DESC LIMIT ?",
            machine,
            most,
        )
    ]


def last_packed(store: Store, machine: int, kind: str) -> int:
    """The id of the last scan of a box or pallet at a machine, 0 if there was none."""
    row = store.row(
        "SELECT max(e.id) FROM events e WHERE e.machine_id = ? AND e.kind = 'scan' AND e.detail = ?"
        f" AND {_PACKED} AND e.flag <> 'duplicate' AND {PASSED}",
        machine,
        kind,
    )
    return int(row[0] or 0)


def boxes(store: Store, machine: int, after_id: int, most: int) -> list[str]:
    """Codes of the different boxes that were read at a machine after a fact, oldest first; of the newest `most`."""
    rows = store.rows(
        "SELECT e.word FROM events e WHERE e.machine_id = ? AND e.kind = 'scan' AND e.detail = 'box' AND e.id > ?"
        f" AND {_PACKED} AND e.flag <> 'duplicate' AND {PASSED} ORDER BY e.id DESC LIMIT ?",
        machine,
        after_id,
        most,
    )
    return list(dict.fromkeys(str(code) for (code,) in reversed(rows)))


def last_unit(store: Store, machine: int) -> tuple[str, int, int] | None:
    """Code of the last unit at a machine, and the id and moment of the fact that says so."""
    row = store.row(
        "SELECT u.code, s.event_id, s.at_ms FROM steps s JOIN units u ON u.id = s.unit_id"
        " WHERE s.machine_id = ? AND u.kind = 'unit' ORDER BY s.id DESC LIMIT 1",
        machine,
    )
    return None if row is None else (row[0], int(row[1]), int(row[2]))


def begun_at(store: Store, machine: int, code: str) -> int:
    """The fact by which the unit that was read at a machine last came first, without another between."""
    row = store.row(
        "SELECT min(s.event_id) FROM steps s JOIN units v ON v.id = s.unit_id"
        " WHERE s.machine_id = ? AND v.kind = 'unit' AND v.code = ? AND s.id >"
        " coalesce((SELECT o.id FROM steps o JOIN units u ON u.id = o.unit_id"
        " WHERE o.machine_id = ? AND u.kind = 'unit' AND u.code <> ? ORDER BY o.id DESC LIMIT 1), 0)",
        *(machine, code) * 2,
    )
    return int(row[0] or 0)


def made_since(store: Store, machine: int, code: str, role: str) -> int:
    """How many pieces a machine counted since the unit that was read there last came first, without another between."""
    begun = begun_at(store, machine, code)
    sql = (
        "SELECT coalesce(sum(pieces), 0) FROM events INDEXED BY events_machine WHERE machine_id = ? AND id > ?"
        " AND kind = 'count' AND word = ? AND flag = ''"
    )
    return int(store.row(sql, machine, begun, role)[0])


def passed(store: Store, machine: int, after_id: int, most: int) -> list[Passed]:
    """What happened to the units at a machine after a fact, oldest first; of the newest `most`."""
    rows = store.rows(
        "SELECT e.id, e.kind, e.word FROM events e INDEXED BY events_machine"
        " WHERE e.machine_id = ? AND e.kind IN ('scan', 'part', 'count') AND e.id > ? AND e.flag <> 'duplicate'"
        " AND (e.kind = 'scan' AND e.detail = 'unit' OR e.kind = 'part'"
        f" OR e.kind = 'count' AND e.word = 'reject' AND e.reading IS NULL AND e.pieces > 0) AND {PASSED}"
        " ORDER BY e.id DESC LIMIT ?",
        machine,
        after_id,
        most,
    )
    return [Passed(int(number), EventKind(kind), word) for number, kind, word in reversed(rows)]
