"""What the file holds of many things with an identity at once, for lists of units; of one thing see `trace`."""

from __future__ import annotations

import json
from collections.abc import Iterable

from msgspec import Struct

from desktop.domain.spans import Span
from desktop.store import ids
from desktop.store.database import Store
from desktop.store.trace import PACKED, Edge, Value

_ASKED = "FROM json_each(?) asked CROSS JOIN"
_HOLDS = "NOT EXISTS (SELECT 1 FROM link_ends e WHERE e.link_id = l.id)"


class Seen(Struct, frozen=True):
    """A thing was read at a machine."""

    machine: int
    at_ms: int


def _list(ids: Iterable[int]) -> str:
    return json.dumps([*ids])


def link_counts(store: Store, ids: Iterable[int], *, ahead: bool) -> dict[int, int]:
    """How many links that hold things have towards their parts, or `ahead` towards the customer; 0 is left out."""
    near = "child_id" if ahead else "parent_id"
    sql = f"SELECT asked.value, count(*) {_ASKED} links l ON l.{near} = asked.value WHERE {_HOLDS} GROUP BY asked.value"
    return {int(thing): int(count) for thing, count in store.rows(sql, _list(ids))}


def takers(store: Store, lot: int) -> int:
    """How many different things took from a lot, without those that may only hold some of it around a change."""
    sql = f"SELECT count(DISTINCT l.parent_id) FROM links l WHERE l.child_id = ? AND l.kind <> 'around' AND {_HOLDS}"
    return int(store.row(sql, lot)[0])


def first_uses(store: Store, thing: int, most: int) -> list[Edge]:
    """The first things into which a thing went and in which it still is, oldest first."""
    sql = (
        "SELECT l.kind, u.code, u.kind, l.machine_id, l.at_ms, 1, l.id, u.id, l.child_id, NULL, l.event_id"
        f" FROM links l CROSS JOIN units u ON u.id = l.parent_id WHERE l.child_id = ? AND {_HOLDS}"
        " ORDER BY l.id LIMIT ?"
    )
    return [Edge(*row) for row in store.rows(sql, thing, most)]


def packed_in(store: Store, ids: Iterable[int]) -> list[tuple[int, int]]:
    """In which boxes things lie, as (thing, box), the newest last."""
    sql = (
        f"SELECT asked.value, l.parent_id {_ASKED} links l ON l.child_id = asked.value"
        f" WHERE l.kind = '{PACKED}' AND {_HOLDS} ORDER BY l.id"
    )
    return [(int(thing), int(box)) for thing, box in store.rows(sql, _list(ids))]


def parts_of(store: Store, ids: Iterable[int]) -> list[tuple[int, int]]:
    """What went into things and still is in them, as (thing, part)."""
    sql = f"SELECT asked.value, l.child_id {_ASKED} links l ON l.parent_id = asked.value WHERE {_HOLDS}"
    return [(int(thing), int(part)) for thing, part in store.rows(sql, _list(ids))]


def attributes(store: Store, ids: Iterable[int]) -> dict[int, dict[str, str]]:
    """What labels say of things: the last word on each key."""
    found: dict[int, dict[str, str]] = {}
    sql = f"SELECT a.unit_id, a.key, a.value {_ASKED} attributes a ON a.unit_id = asked.value ORDER BY a.id"
    for thing, key, value in store.rows(sql, _list(ids)):
        found.setdefault(int(thing), {})[key] = value
    return found


def of_lot(store: Store, lot: str) -> list[int]:
    """The units on whose own label, by the last word on it, a lot stands, and those that have such a one in them. No
    index knows what labels say: every label is read, 20 ms where 50,000 units have three words each."""
    sql = (
        "WITH RECURSIVE reach (id) AS (SELECT a.unit_id FROM attributes a WHERE a.key = 'lot' AND a.value = ?"
        " AND a.id = (SELECT max(id) FROM attributes WHERE unit_id = a.unit_id AND key = 'lot') UNION"
        f" SELECT l.parent_id FROM reach r CROSS JOIN links l ON l.child_id = r.id AND {_HOLDS})"
        " SELECT r.id FROM reach r CROSS JOIN units u ON u.id = r.id WHERE u.kind = 'unit' ORDER BY r.id"
    )
    return [int(row[0]) for row in store.rows(sql, lot)]


def steps_of(store: Store, ids: Iterable[int]) -> dict[int, list[Seen]]:
    """Every reading of each thing that was ever read at a machine, in the order in which they came."""
    found: dict[int, list[Seen]] = {}
    sql = f"SELECT s.unit_id, s.machine_id, s.at_ms {_ASKED} steps s ON s.unit_id = asked.value ORDER BY s.id"
    for thing, machine, at_ms in store.rows(sql, _list(ids)):
        found.setdefault(int(thing), []).append(Seen(int(machine), int(at_ms)))
    return found


def around(store: Store, machine: int, step: int, most: int) -> tuple[list[int], list[int]]:
    """The things that were read at a machine before and behind a reading of another one, nearest first."""
    sql = "SELECT unit_id FROM steps WHERE machine_id = ? AND id {} ? ORDER BY id {} LIMIT ?"
    before = store.rows(sql.format("<", "DESC"), machine, step, most)
    behind = store.rows(sql.format(">", "ASC"), machine, step, most)
    return [int(row[0]) for row in before], [int(row[0]) for row in behind]


def passed(store: Store, machine: int, ids: Iterable[int]) -> dict[int, int]:
    """When things were last read at a machine."""
    sql = (
        f"SELECT s.unit_id, max(s.at_ms) {_ASKED} steps s ON s.unit_id = asked.value"
        " WHERE s.machine_id = ? GROUP BY s.unit_id"
    )
    return {int(thing): int(at_ms) for thing, at_ms in store.rows(sql, _list(ids), machine)}


def values_of(store: Store, ids: Iterable[int]) -> dict[int, list[Value]]:
    """What was ever measured on units, in the order in which it came."""
    found: dict[int, list[Value]] = {}
    sql = (
        f"SELECT r.unit_id, r.machine_id, r.signal_id, r.at_ms, r.value, r.word, r.judgement {_ASKED} results r"
        " ON r.unit_id = asked.value ORDER BY r.id"
    )
    for thing, *value in store.rows(sql, _list(ids)):
        found.setdefault(int(thing), []).append(Value(*value))
    return found


def values_at(store: Store, machine: int, ids: Iterable[int]) -> dict[int, list[Value]]:
    """What was measured on units at a machine, oldest first."""
    found: dict[int, list[Value]] = {}
    sql = (
        f"SELECT r.unit_id, r.machine_id, r.signal_id, r.at_ms, r.value, r.word, r.judgement {_ASKED} results r"
        " ON r.unit_id = asked.value WHERE r.machine_id = ? ORDER BY r.id"
    )
    for thing, *value in store.rows(sql, _list(ids), machine):
        found.setdefault(int(thing), []).append(Value(*value))
    return found


def begun(store: Store, window: Span) -> list[int]:
    """The units that were first known in a window, oldest first."""
    sql = (
        "SELECT DISTINCT s.unit_id FROM steps s CROSS JOIN units u ON u.id = s.unit_id"
        " WHERE s.id BETWEEN ? AND ? AND u.kind = 'unit' AND u.at_ms >= ? AND u.at_ms < ? ORDER BY s.unit_id"
    )
    found = {
        int(row[0])
        for low, high, _ahead_us in ids.id_ranges(store, window)
        for row in store.rows(sql, low, high, window.start_ms, window.end_ms)
    }
    return sorted(found)


def never_built(store: Store, window: Span, kinds: Iterable[str]) -> list[str]:
    """The codes of things that were put into stock or shipped in a window, were never at a machine and have nothing to
    do with any other thing, in the order of moving."""
    sql = (
        "SELECT u.code FROM moves m CROSS JOIN units u ON u.id = m.unit_id WHERE m.id BETWEEN ? AND ?"
        " AND m.at_ms >= ? AND m.at_ms < ? AND u.kind IN (SELECT value FROM json_each(?))"
        " AND NOT EXISTS (SELECT 1 FROM steps WHERE unit_id = u.id)"
        " AND NOT EXISTS (SELECT 1 FROM links WHERE child_id = u.id)"
        " AND NOT EXISTS (SELECT 1 FROM links WHERE parent_id = u.id) ORDER BY m.id"
    )
    told = json.dumps([*kinds])
    return [
        str(code)
        for low, high, _ahead_us in ids.id_ranges(store, window)
        for (code,) in store.rows(sql, low, high, window.start_ms, window.end_ms, told)
    ]


def ways(store: Store, events: Iterable[int]) -> dict[int, str]:
    """By what readings are known: the kind of their event (scan, part)."""
    sql = f"SELECT e.id, e.kind {_ASKED} events e ON e.id = asked.value"
    return {int(event): str(kind) for event, kind in store.rows(sql, _list(events))}


class Wrong(Struct, frozen=True):
    """What was wrong when a code was read at a machine (None: at a station without one, as a dock) or `station`, "" of
    none; `flag`: refused where it did not go on."""

    at_ms: int
    machine: int | None
    word: str
    detail: str
    flag: str
    station: str = ""


def findings(store: Store, kind: str, code: str) -> list[Wrong]:
    """What was wrong whenever a thing was read, oldest first."""
    sql = (
        "SELECT at_ms, machine_id, word, detail, flag, coalesce(json_extract(detail, '$.station'), '')"
        " FROM events INDEXED BY events_finding WHERE kind = 'finding' AND json_valid(detail)"
        " AND json_extract(detail, '$.code') = ? AND json_extract(detail, '$.kind') = ? ORDER BY id"
    )
    return [Wrong(*row) for row in store.rows(sql, code, kind)]
