"""What the collector asks of the file at every scan and value: small questions, each answered by an index."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence

from msgspec import Struct

from desktop.domain.entries import Measured, Ordered
from desktop.domain.events import COMPONENT, Thing
from desktop.domain.quality import StationKind
from desktop.domain.values import Taken, as_they_came
from desktop.domain.verdicts import STOPPING, Wrong
from desktop.store.database import Store
from desktop.store.entry_rows import reader
from desktop.store.latest import PASSED, last_packed
from desktop.store.measured import of_unit
from desktop.store.trace import moves

_HOLDS = "NOT EXISTS (SELECT 1 FROM link_ends e WHERE e.link_id = l.id)"  # a link (`l`) that nothing ended
_NOT_BACK = "NOT EXISTS (SELECT 1 FROM entries b WHERE b.takes_back = e.id)"


class Seen(Struct, frozen=True):
    """What the file holds of a thing: its id, the machines that it passed, each with the moment at which it was first
    there, and what its label says; id 0: nothing."""

    id: int = 0
    machines: tuple[tuple[int, int], ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()


def seen(store: Store, thing: Thing) -> Seen:
    """What the file holds of a thing."""
    row = store.row("SELECT id FROM units WHERE code = ? AND kind = ?", thing.code, thing.kind)
    if row is None:
        return Seen()
    number = int(row[0])
    machines = store.rows("SELECT machine_id, min(at_ms) FROM steps WHERE unit_id = ? GROUP BY machine_id", number)
    told = store.rows("SELECT key, value FROM attributes WHERE unit_id = ? ORDER BY id", number)
    return Seen(number, tuple((int(m), int(at_ms)) for m, at_ms in machines), tuple((str(k), str(v)) for k, v in told))


def values(store: Store, thing: Thing, menders: Sequence[int]) -> list[Taken]:
    """The values of a unit in the order in which they came, since it was last at one of these machines."""
    row = store.row("SELECT id FROM units WHERE code = ? AND kind = ?", thing.code, thing.kind)
    number = 0 if row is None else int(row[0])
    since, since_ms = 0, -1
    if menders:
        mended = store.row(
            f"SELECT id, at_ms FROM steps WHERE unit_id = ? AND +machine_id IN ({', '.join('?' * len(menders))})"
            " ORDER BY id DESC LIMIT 1",
            number,
            *menders,
        )
        since, since_ms = (0, -1) if mended is None else (int(mended[0]), int(mended[1]))
    rows = store.rows(
        "SELECT id, at_ms, value, signal_id, judgement FROM results WHERE unit_id = ? AND id > ?", number, since
    )
    told = [Taken(*row) for row in rows]
    for entry in of_unit(store, thing.code):
        said = entry.said
        if isinstance(said, Measured) and said.start_ms > since_ms:
            told.append(Taken(0, said.start_ms, said.value, 0, entry=entry.id, characteristic=said.characteristic))
    return as_they_came(sorted(told, key=lambda each: (each.at_ms, each.id)))


def packed(store: Store, thing: Thing) -> list[tuple[int, Thing, int]]:
    """The boxes or pallets in which a thing lies, the newest last, each with the id of the link that says so and the
    machine at which it was packed (0: none)."""
    return _holders(store, thing, "l.kind = 'packed'")


def units_with(store: Store, part: Thing) -> list[tuple[int, Thing, int]]:
    """The units in which a part is, the newest last, each as in `packed`."""
    return _holders(store, part, "l.kind <> 'packed' AND p.kind = 'unit'")


def _holders(store: Store, thing: Thing, which: str) -> list[tuple[int, Thing, int]]:
    rows = store.rows(
        "SELECT l.id, l.machine_id, p.kind, p.code"
        " FROM units u JOIN links l ON l.child_id = u.id JOIN units p ON p.id = l.parent_id"
        f" WHERE u.code = ? AND u.kind = ? AND {which} AND {_HOLDS} ORDER BY l.id",
        thing.code,
        thing.kind,
    )
    return [(int(link), Thing(*outer), int(machine or 0)) for link, machine, *outer in rows]


def parts_in(store: Store, unit: Thing) -> dict[int, Thing]:
    """The parts with a serial of their own that are in a unit, by the links that say so and nothing ended."""
    rows = store.rows(
        "SELECT l.id, c.kind, c.code FROM units u JOIN links l ON l.parent_id = u.id JOIN units c ON c.id = l.child_id"
        f" WHERE u.code = ? AND u.kind = ? AND c.kind = 'unit' AND {_HOLDS} ORDER BY l.id",
        unit.code,
        unit.kind,
    )
    return {int(link): Thing(*part) for link, *part in rows}


def waiting_parts(store: Store, machine: int, after: int) -> list[str]:
    """Codes of the parts with a serial of their own that were read at a machine after a fact, were not refused and went
    into no unit since, oldest first."""
    rows = store.rows(
        "SELECT e.word FROM events e INDEXED BY events_machine WHERE e.machine_id = ? AND e.id > ? AND e.kind = 'scan'"
        f" AND e.detail = ? AND e.flag <> 'duplicate' AND {PASSED} AND NOT EXISTS (SELECT 1 FROM units u JOIN links l"
        " ON l.child_id = u.id JOIN events b ON b.id = l.event_id WHERE u.code = e.word AND u.kind = 'unit'"
        " AND l.kind = 'consumed' AND l.id > e.id) ORDER BY e.id",
        machine,
        after,
        COMPONENT,
    )
    return [str(code) for (code,) in rows]


def filling(store: Store, outer: Thing, machine: int) -> tuple[int, bool, bool, int]:
    """How many things lie in a box or on a pallet, whether it was the last one that was read, at this machine,
    whether it was put into stock or shipped after it was filled, and the newest link of what lies in it (0: none)."""
    row = store.row("SELECT id FROM units WHERE code = ? AND kind = ?", outer.code, outer.kind)
    number = 0 if row is None else int(row[0])
    held, filled = store.row(
        "SELECT count(DISTINCT l.child_id), max(l.id) FROM links l WHERE l.parent_id = ? AND l.kind = 'packed'"
        " AND NOT EXISTS (SELECT 1 FROM link_ends e WHERE e.link_id = l.id)",
        number,
    )
    if not held:
        return 0, False, False, 0
    read = store.row("SELECT event_id FROM steps WHERE unit_id = ? ORDER BY id DESC LIMIT 1", number)
    is_last = read is not None and int(read[0]) == last_packed(store, machine, outer.kind)
    return int(held), is_last, any(move.id > filled for move in moves(store, number)), int(filled)


def made(store: Store, thing: Thing) -> bool:
    """Whether a thing was ever at a machine, or went into another one or another one into it."""
    sql = (
        "SELECT 1 FROM units u WHERE u.code = ? AND u.kind = ? AND (EXISTS (SELECT 1 FROM steps WHERE unit_id = u.id)"
        " OR EXISTS (SELECT 1 FROM links WHERE child_id = u.id) OR EXISTS (SELECT 1 FROM links WHERE parent_id = u.id))"
    )
    return store.row(sql, thing.code, thing.kind) is not None


def last(store: Store, thing: Thing) -> tuple[int, bool]:
    """The newest step or move of a thing itself (0: none), and whether that one shipped it."""
    row = store.row(
        "SELECT max((SELECT coalesce(max(id), 0) FROM steps WHERE unit_id = u.id), coalesce(m.id, 0)), m.id, m.kind"
        " FROM units u LEFT JOIN moves m ON m.id = (SELECT max(id) FROM moves WHERE unit_id = u.id)"
        " WHERE u.code = ? AND u.kind = ?",
        thing.code,
        thing.kind,
    )
    return (0, False) if row is None else (int(row[0]), row[0] == row[1] and row[2] == StationKind.SHIP)


def product_made(store: Store, machine: int, at_ms: int) -> int | None:
    """Which product the order makes that runs at a machine; None where none does, or nobody said which it is."""
    row = store.row(
        f"SELECT e.body FROM entries e WHERE e.kind IN ('order', 'order_end') AND e.start_ms <= ? AND e.machine_id = ?"
        f" AND {_NOT_BACK} ORDER BY e.start_ms DESC, e.id DESC LIMIT 1",
        at_ms,
        machine,
    )
    said = None if row is None else reader().decode(row[0])
    return said.product if isinstance(said, Ordered) and said.end_ms > at_ms else None


def bound_after(store: Store, signal: int, event: int) -> list[tuple[int, float | None, str]]:
    """What a signal told of a unit after an event: moments, values and how they were judged."""
    sql = (
        "SELECT at_ms, value, judgement FROM results INDEXED BY results_signal WHERE signal_id = ? AND id > ?"
        " AND unit_id IS NOT NULL"
    )
    return [(int(at_ms), value, str(judgement)) for at_ms, value, judgement in store.rows(sql, signal, event)]


_STEPS = (
    "SELECT s.event_id, u.code FROM steps s JOIN units u ON u.id = s.unit_id"
    " WHERE s.machine_id = ? AND u.kind = ? AND s.event_id > ? ORDER BY s.id DESC LIMIT ?"
)


def last_units(store: Store, machine: int, most: int) -> list[tuple[int, str]]:
    """The last different units at a machine as (event, code), newest first."""
    found = dict[str, int]()
    for event, code in store.rows(_STEPS, machine, "unit", 0, 4 * most):
        found.setdefault(str(code), int(event))
    return [(event, code) for code, event in list(found.items())[:most]]


def units_after(store: Store, machine: int, event: int, most: int) -> int:
    """How often a unit came to a machine after an event, at most so often."""
    return len(store.rows(_STEPS, machine, "unit", event, most))


def gone_since(store: Store, machines: Collection[int], since: Mapping[str, int]) -> set[str]:
    """The units, by their codes, that came to one of these machines after a fact, or went into something."""
    sql = (
        "SELECT 1 FROM units u WHERE u.code = ? AND u.kind = 'unit' AND (EXISTS (SELECT 1 FROM steps s"
        f" WHERE s.unit_id = u.id AND s.event_id > ? AND +s.machine_id IN ({', '.join(map(str, machines))}))"
        " OR EXISTS (SELECT 1 FROM links l WHERE l.child_id = u.id AND l.kind IN ('packed', 'consumed')"
        " AND l.event_id > ?))"
    )
    return {code for code, event in since.items() if store.row(sql, code, event, event)}


def unknown_after(store: Store, machine: int, event: int) -> bool:
    """Whether a code that may be a unit's and is not known was read at a machine after an event."""
    sql = (
        "SELECT 1 FROM events INDEXED BY events_machine WHERE machine_id = ? AND id > ? AND kind = 'finding'"
        " AND word = ? AND json_extract(detail, '$.kind') = 'unit' LIMIT 1"
    )
    return store.row(sql, machine, event, Wrong.UNKNOWN.value) is not None


def refused_after(store: Store, machine: int, event: int) -> bool:
    """Whether a unit was refused at a machine after an event; one of whose values or parts was refused is still
    there."""
    sql = (
        "SELECT 1 FROM events f INDEXED BY events_machine WHERE machine_id = ? AND id > ? AND kind = 'finding'"
        " AND flag = 'refused' AND json_extract(detail, '$.kind') = 'unit'"
        " AND word IN (SELECT value FROM json_each(?)) AND NOT EXISTS (SELECT 1 FROM events s"
        " WHERE s.id = json_extract(f.detail, '$.by') AND s.detail = ?) LIMIT 1"
    )
    return store.row(sql, machine, event, json.dumps(sorted(STOPPING - {Wrong.UNKNOWN})), COMPONENT) is not None
