"""Units, lots and boxes: what each was made of and what it went into, any number of levels deep, where it was and where
it is now. Every question goes by an index, however much the file holds (`tests/store/test_trace.py`)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from msgspec import Struct

from desktop.domain.spans import Span
from desktop.store import ids
from desktop.store.database import Store

PACKED = "packed"  # the kind of a link of what lies in a box or on a pallet
_NEWEST = 20_000  # among so many of the newest codes is looked for a part of one


class Holds(StrEnum):
    """Which links count.

    EVER   all that were ever made, also those that hold no more (`Edge.ended_ms`)
    BUILT  as a thing was when it first left the line, packed or moved into stock or out of the house: what was changed
           behind that is not in it. Of lots, and of what has not left, as it is now
    NOW    those that were not ended
    """

    EVER = "ever"
    BUILT = "built"
    NOW = "now"


class Known(Struct, frozen=True):
    """A unit, lot or box in the file."""

    id: int
    kind: str
    code: str
    at_ms: int


class Edge(Struct, frozen=True):
    """One link as seen from an asked thing: the thing at its other end and how far away it is (1: direct).

    `near` is the thing on this side of it, so that edges make a path. `ended_ms`: from then on it holds no more.
    """

    kind: str
    code: str
    what: str
    machine: int | None
    at_ms: int
    depth: int
    id: int = 0
    thing: int = 0
    near: int = 0
    ended_ms: int | None = None
    event: int = 0


class Visit(Struct, frozen=True):
    """A thing at a machine from `at_ms` on. `until_ms`: at the latest then it was no longer there, since the next unit
    came or it was seen elsewhere; None while neither happened, and of lots, which lie there until they are empty."""

    machine: int
    at_ms: int
    result: str
    until_ms: int | None = None
    id: int = 0
    event: int = 0


class Told(Struct, frozen=True):
    """What was said of a thing at a moment: `key` gtin, lot, expiry (ISO date), product, quantity."""

    key: str
    value: str
    at_ms: int
    event: int


class Moved(Struct, frozen=True):
    """A thing was put somewhere, alone or in what it lay in (`holder`): `kind` stock, ship or what is done there."""

    kind: str
    station: int
    at_ms: int
    event: int
    holder: int
    id: int = 0


class Place(Struct, frozen=True):
    """Where a thing was seen last: at a machine in the line (`moved` None), or where it was moved to afterwards."""

    machine: int | None = None
    at_ms: int | None = None
    moved: Moved | None = None


class Shared(Struct, frozen=True):
    """A lot that is in a unit, and how many units besides have it too."""

    lot: Known
    others: int


class Value(Struct, frozen=True):
    """A measured result of a unit."""

    machine: int | None
    signal: int
    at_ms: int
    value: float | None
    word: str
    judgement: str


class Spread(Struct, frozen=True):
    """The values of one signal in a window: how many, how many were judged, how many of these are out, how they lie.

    `sigma` is the standard deviation of the values themselves, 0 of a single one.
    """

    values: int
    judged: int
    outside: int
    low: float
    mean: float
    high: float
    sigma: float


def find(store: Store, code: str) -> list[Known]:
    """Everything that carries exactly this code, oldest first: a unit and a lot may share one, and so may things of two
    GTINs, of which the later one's code has its GTIN before the number (`Identity.full_code`)."""
    sql = (
        "SELECT id, kind, code, at_ms FROM units WHERE code = ?1 UNION ALL"
        " SELECT id, kind, code, at_ms FROM units WHERE code > '(01)' AND code < '(01)~'"
        " AND substr(code, 19) IN ('(21)' || ?1, '(10)' || ?1) ORDER BY at_ms, id"
    )
    return [Known(*row) for row in store.rows(sql, code)]


def similar(store: Store, code: str, most: int = 5) -> list[str]:
    """Known codes that begin with `code`, then the newest that contain it."""
    begin = store.rows(
        "SELECT code FROM units WHERE code >= ? AND code < ? ORDER BY code LIMIT ?", code, f"{code}\U0010ffff", most
    )
    within = store.rows(
        "SELECT code FROM (SELECT code FROM units ORDER BY id DESC LIMIT ?) WHERE instr(code, ?) > 1 LIMIT ?",
        _NEWEST, code, most,
    )  # fmt: skip
    return [str(found) for (found,) in [*begin, *within][:most]]


def scans(store: Store, code: str) -> int:
    """How often a code was scanned."""
    return int(store.row("SELECT count(*) FROM events WHERE kind = 'scan' AND word = ?", code)[0])


def last_scan(store: Store, code: str) -> tuple[str, int] | None:
    """Where a code was read last (the name of the machine, else of the device) and when, whatever it is."""
    row = store.row(
        "SELECT coalesce(m.name, d.name, ''), e.at_ms FROM events e LEFT JOIN machines m ON m.id = e.machine_id"
        " LEFT JOIN devices d ON d.id = e.device_id WHERE e.kind = 'scan' AND e.word = ? ORDER BY e.id DESC LIMIT 1",
        code,
    )
    return None if row is None else (str(row[0]), int(row[1]))


def known(store: Store, things: Iterable[int]) -> dict[int, Known]:
    """Things by their ids."""
    sql = "SELECT u.id, u.kind, u.code, u.at_ms FROM json_each(?) asked CROSS JOIN units u ON u.id = asked.value"
    return {int(row[0]): Known(*row) for row in store.rows(sql, json.dumps([*things]))}


def visits(store: Store, thing: int) -> list[Visit]:
    """Where a thing was, oldest first."""
    rows = store.rows(
        "SELECT s.machine_id, s.at_ms, s.result, CASE WHEN u.kind <> 'lot' THEN"
        " (SELECT n.at_ms FROM steps n WHERE n.machine_id = s.machine_id AND n.id > s.id"
        "  AND (SELECT kind FROM units WHERE id = n.unit_id) = u.kind ORDER BY n.id LIMIT 1) END, s.id, s.event_id,"
        " u.kind"
        " FROM steps s JOIN units u ON u.id = s.unit_id WHERE s.unit_id = ? ORDER BY s.at_ms, s.id",
        thing,
    )
    found = []
    for place, (machine, at_ms, result, next_ms, key, event, kind) in enumerate(rows):
        own_ms = rows[place + 1][1] if kind != "lot" and place + 1 < len(rows) else None
        ends = [moment for moment in (next_ms, own_ms) if moment is not None]
        found.append(Visit(machine, at_ms, result, min(ends, default=None), key, event))
    return found


def units_at(store: Store, machine: int, window: Span) -> list[tuple[Known, Visit]]:
    """The units that came to a machine in a window, oldest first."""
    sql = (
        "SELECT u.id, u.kind, u.code, u.at_ms, s.machine_id, s.at_ms, s.result, s.id, s.event_id"
        " FROM steps s CROSS JOIN units u ON u.id = s.unit_id"
        " WHERE s.machine_id = ? AND s.id BETWEEN ? AND ? AND u.kind = 'unit' ORDER BY s.id"
    )
    return [
        (Known(*row[:4]), Visit(row[4], row[5], row[6], None, row[7], row[8]))
        for low, high, _ahead_us in ids.id_ranges(store, window)
        for row in store.rows(sql, machine, low, high)
    ]


def attributes(store: Store, thing: int) -> list[Told]:
    """What was ever said of a thing, oldest first."""
    sql = "SELECT key, value, at_ms, event_id FROM attributes WHERE unit_id = ? ORDER BY at_ms, id"
    return [Told(*row) for row in store.rows(sql, thing)]


def values(store: Store, thing: int) -> list[Value]:
    """What was measured on a unit, in the order in which it came."""
    return [
        Value(*row)
        for row in store.rows(
            "SELECT machine_id, signal_id, at_ms, value, word, judgement FROM results WHERE unit_id = ? ORDER BY id",
            thing,
        )
    ]


def spread(store: Store, signal: int, window: Span) -> Spread | None:
    """How the results of a signal in a window lie; None where there is no value."""
    where = "FROM results WHERE signal_id = ? AND at_ms >= ? AND at_ms < ? AND value IS NOT NULL"
    values, judged, outside, low, mean, high = store.row(
        "SELECT count(*), count(nullif(judgement, '')), count(nullif(judgement <> 'reject', 1)),"
        f" min(value), avg(value), max(value) {where}",
        signal,
        window.start_ms,
        window.end_ms,
    )
    if not values:
        return None
    squares = store.row(
        f"SELECT sum((value - ?) * (value - ?)) {where}", mean, mean, signal, window.start_ms, window.end_ms
    )[0]
    sigma = (squares / (values - 1)) ** 0.5 if values > 1 else 0.0
    return Spread(values, judged, outside, low, mean, high, sigma)


def made_of(store: Store, thing: int, holds: Holds = Holds.EVER) -> list[Edge]:
    """Towards its parts: what went into it, and into those. Each thing once, the nearest first; a loop ends."""
    return _walk(store, thing, "parent_id", "child_id", holds)


def went_into(store: Store, thing: int, holds: Holds = Holds.EVER) -> list[Edge]:
    """Towards the customer: what it went into, and what those went into. Each thing once, the nearest first."""
    return _walk(store, thing, "child_id", "parent_id", holds)


def contents(store: Store, box: int) -> list[Edge]:
    """What lies now in a box, in the boxes on a pallet, and so on down."""
    return _walk(store, box, "parent_id", "child_id", Holds.NOW, PACKED)


def holders(store: Store, thing: int) -> list[Edge]:
    """In which box a thing lies now, on which pallet that stands, and so on up."""
    return _walk(store, thing, "child_id", "parent_id", Holds.NOW, PACKED)


def parts(store: Store, thing: int) -> list[Edge]:
    """Every link into a thing itself, the oldest first: also a second one of the same thing, and those that ended."""
    return _direct(store, thing, "parent_id", "child_id")


def uses(store: Store, thing: int) -> list[Edge]:
    """Every link of a thing itself into others, the oldest first, also those that ended."""
    return _direct(store, thing, "child_id", "parent_id")


def shared(store: Store, unit: int, holds: Holds = Holds.EVER) -> list[Shared]:
    """Which lots are in a unit, directly or in its parts, and how many other units have each of them."""
    lots = known(store, (edge.thing for edge in made_of(store, unit, holds) if edge.what == "lot"))
    return [
        Shared(lot, sum(e.what == "unit" and e.thing != unit for e in went_into(store, lot.id, holds)))
        for lot in lots.values()
    ]


def moves(store: Store, thing: int) -> list[Moved]:
    """Where a thing was put, alone or in a box while it lay in that, oldest first."""
    return _moves(store, [thing], ever=True).get(thing, [])


def places(store: Store, things: Iterable[int]) -> dict[int, Place]:
    """Where each thing was seen last: by the order in which that was told, which a clock set back does not turn."""
    asked = [*things]
    moved = _moves(store, asked)
    seen = {
        int(thing): (machine, at_ms, step)
        for thing, machine, at_ms, step in store.rows(
            "SELECT asked.value, s.machine_id, s.at_ms, s.id FROM json_each(?) asked CROSS JOIN steps s"
            " ON s.id = (SELECT max(id) FROM steps WHERE unit_id = asked.value)",
            json.dumps(asked),
        )
    }
    found = {}
    for thing in asked:
        machine, at_ms, step = seen.get(thing, (None, None, 0))
        last = moved[thing][-1] if thing in moved else None
        # What goes back to a machine is in the line again.
        found[thing] = Place(machine, at_ms, None if last and last.id < step else last)
    return found


_NEVER = (1 << 63) - 1  # behind every id
_ENDED = "(SELECT min(e.at_ms) FROM link_ends e WHERE e.link_id = l.id)"
#: when the parent of a link first left the line
_LEFT = (
    "ifnull((SELECT min(at_ms) FROM ("
    "SELECT at_ms FROM moves WHERE unit_id = l.parent_id AND kind IN ('stock', 'ship')"
    " UNION ALL SELECT at_ms FROM links WHERE child_id = l.parent_id AND kind = 'packed')), 9e15)"
)
_HOLDS = {
    Holds.EVER: "",
    Holds.NOW: " AND NOT EXISTS (SELECT 1 FROM link_ends e WHERE e.link_id = l.id)",
    Holds.BUILT: (
        f" AND CASE WHEN (SELECT kind FROM units WHERE id = l.parent_id) = 'lot' THEN {_ENDED} IS NULL"
        f" ELSE l.at_ms <= {_LEFT} AND ifnull({_ENDED}, 9.1e15) > {_LEFT} END"
    ),
}


def _walk(store: Store, thing: int, near: str, far: str, holds: Holds, kind: str = "") -> list[Edge]:
    """All things that links lead to, in one question: UNION on the id alone, so that a deliberate loop ends."""
    only = _HOLDS[holds] + (f" AND l.kind = '{kind}'" if kind else "")
    rows = store.rows(
        f"WITH RECURSIVE reach (id) AS (VALUES (?) UNION SELECT l.{far} FROM reach r CROSS JOIN links l"
        f" ON l.{near} = r.id{only})"
        f" SELECT l.{near}, l.{far}, l.kind, u.code, u.kind, l.machine_id, l.at_ms, l.id, {_ENDED}, l.event_id"
        f" FROM reach r CROSS JOIN links l ON l.{near} = r.id{only} CROSS JOIN units u ON u.id = l.{far}"
        " ORDER BY l.at_ms, l.id",
        thing,
    )
    beyond: dict[int, list[Any]] = {}
    for row in rows:
        beyond.setdefault(row[0], []).append(row)
    found: list[Edge] = []
    seen, level, depth = {thing}, [thing], 1
    while level:
        following: list[int] = []
        for row in sorted((row for each in level for row in beyond.get(each, ())), key=_in_order):
            if row[1] not in seen:
                seen.add(row[1])
                following.append(row[1])
                found.append(_edge(row, depth))
        level, depth = following, depth + 1
    return found


def _direct(store: Store, thing: int, near: str, far: str) -> list[Edge]:
    rows = store.rows(
        f"SELECT l.{near}, l.{far}, l.kind, u.code, u.kind, l.machine_id, l.at_ms, l.id, {_ENDED}, l.event_id"
        f" FROM links l CROSS JOIN units u ON u.id = l.{far} WHERE l.{near} = ? ORDER BY l.at_ms, l.id",
        thing,
    )
    return [_edge(row, 1) for row in rows]


def _in_order(row: Any) -> tuple[int, int]:
    return row[6], row[7]


def _edge(row: Any, depth: int) -> Edge:
    near, thing, kind, code, what, machine, at_ms, key, ended_ms, event = row
    return Edge(kind, code, what, machine, at_ms, depth, key, thing, near, ended_ms, event)


def _moves(store: Store, things: list[int], *, ever: bool = False) -> dict[int, list[Moved]]:
    """Of each thing where it was put, itself or what it lies in, but not before it lay in it; in the order of telling,
    which a clock set back does not turn. A unit also lies in the one into which it was built. Of a link that was said
    later (by hand, at no machine) the moment counts. `ever`: also what it lay in and was taken out of, until then."""
    rows = store.rows(
        "WITH RECURSIVE up (thing, id, behind, since, until) AS"
        f" (SELECT value, value, 0, 0, {_NEVER} FROM json_each(?) UNION"
        " SELECT up.thing, l.parent_id, max(up.behind, iif(l.machine_id IS NULL, 0, l.id)),"
        " max(up.since, iif(l.machine_id IS NULL, l.at_ms, 0)),"
        f" min(up.until, ifnull((SELECT min(id) FROM link_ends WHERE link_id = l.id), {_NEVER}))"
        f" FROM up CROSS JOIN links l ON l.child_id = up.id WHERE (l.kind = '{PACKED}'"
        " OR (SELECT kind FROM units WHERE id = l.child_id) = 'unit')"
        f"{'' if ever else _HOLDS[Holds.NOW]})"
        " SELECT DISTINCT up.thing, m.kind, m.station_id, m.at_ms, m.event_id, up.id, m.id FROM up CROSS JOIN moves m"
        " ON m.unit_id = up.id WHERE m.id > up.behind AND m.id < up.until AND m.at_ms >= up.since ORDER BY m.id",
        json.dumps(things),
    )
    found: dict[int, list[Moved]] = {}
    for thing, *row in rows:
        found.setdefault(int(thing), []).append(Moved(*row))
    return found
