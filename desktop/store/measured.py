"""Measured values of a characteristic: results of its signal, what people entered by hand, and its frozen limits."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from desktop.domain.entries import Changed, ChartLimits, Entry, Excluded, FirstPiece, Measured, Ordered, OrderEnded
from desktop.domain.spans import Span
from desktop.domain.values import Value
from desktop.store.database import Store
from desktop.store.entry_rows import COLUMNS, FOUND, entry_of, tags

_RESULTS = (
    "SELECT r.id, r.at_ms, r.value, coalesce(u.code, ''), r.machine_id, r.word FROM results r"
    " LEFT JOIN units u ON u.id = r.unit_id WHERE"
)


def newest_result(store: Store) -> int:
    """The id of the result that came last of all, 0 for none."""
    row = store.row("SELECT max(id) FROM results")
    return int(row[0] or 0) if row is not None else 0


def newest_of(store: Store, signal: int, behind: int) -> int:
    """The id of the last result of a signal that came behind another result, whenever it was measured; 0 for none."""
    row = store.row("SELECT max(id) FROM results WHERE id > ? AND +signal_id = ?", behind, signal)
    return int(row[0] or 0) if row is not None else 0


def behind(store: Store, signal: int, result: int) -> list[tuple[int, int]]:
    """The results of a signal that came behind another result, in the order in which they came: ids and moments."""
    sql = "SELECT id, at_ms FROM results WHERE id > ? AND +signal_id = ? ORDER BY id"
    return [(int(number), int(at_ms)) for number, at_ms in store.rows(sql, result, signal)]


def is_touched(store: Store, characteristic: int, machine: int | None, entry: int) -> bool:
    """Whether anything was said or taken back after an entry that the values of a characteristic hang on: of them, of
    the limits of its chart, and of what its machine makes."""
    kind = "json_extract(body, '$.type')"  # what takes an entry back says it once more
    sql = (
        f"SELECT 1 FROM entries WHERE id > ? AND ({kind} IN ({tags(Measured | Excluded | ChartLimits)})"
        " AND json_extract(body, '$.characteristic') = ?"
        f" OR {kind} IN ({tags(Ordered | OrderEnded | Changed | FirstPiece)}) AND machine_id = ?) LIMIT 1"
    )
    return store.row(sql, entry, characteristic, machine) is not None


def of_signal(store: Store, signal: int, span: Span) -> list[Value]:
    """The results of a signal in a span, oldest first."""
    where = "r.signal_id = ? AND r.at_ms >= ? AND r.at_ms < ? ORDER BY r.at_ms, r.id"
    return [_value(row) for row in store.rows(f"{_RESULTS} {where}", signal, span.start_ms, span.end_ms)]


def count_of(store: Store, signal: int, span: Span) -> int:
    """How many results of a signal there are in a span."""
    sql = "SELECT count(*) FROM results WHERE signal_id = ? AND at_ms >= ? AND at_ms < ?"
    row = store.row(sql, signal, span.start_ms, span.end_ms)
    return int(row[0]) if row is not None else 0


def first_of(store: Store, signal: int, span: Span) -> int | None:
    """When the first result of a signal in a span was measured, None for none."""
    sql = "SELECT min(at_ms) FROM results WHERE signal_id = ? AND at_ms >= ? AND at_ms < ?"
    row = store.row(sql, signal, span.start_ms, span.end_ms)
    return None if row is None or row[0] is None else int(row[0])


def last_from(store: Store, signal: int, end_ms: int, count: int) -> int:
    """When the first of the last so many results of a signal before a moment was measured; 0 where there are fewer."""
    sql = "SELECT at_ms FROM results WHERE signal_id = ? AND at_ms < ? ORDER BY at_ms DESC LIMIT 1 OFFSET ?"
    row = store.row(sql, signal, end_ms, count - 1)
    return int(row[0]) if row is not None else 0


def _value(row: Any) -> Value:
    number, at_ms, value, unit, machine, word = row
    return Value(int(number), int(at_ms), value, str(unit), machine, word=str(word))


def beside(store: Store, signal: int, units: Collection[str], span: Span) -> list[Value]:
    """What a signal measured of these units outside of a span, in the order in which that came."""
    marks = json.dumps([*units])
    return [
        _value(row)
        for row in store.rows(
            f"{_RESULTS} +r.signal_id = ? AND (r.at_ms < ? OR r.at_ms >= ?) AND r.unit_id IN"
            " (SELECT id FROM units WHERE kind = 'unit' AND code IN (SELECT value FROM json_each(?)))"
            " ORDER BY r.id",
            signal,
            span.start_ms,
            span.end_ms,
            marks,
        )
    ]


def by_hand(store: Store, characteristic: int, before_ms: int, most: int, since_ms: int = 0) -> list[Value]:
    """The last values of a characteristic that people entered of moments up to one, oldest first."""
    told = _said(store, Measured, characteristic, "e.start_ms >= ? AND e.start_ms <= ?", since_ms, before_ms, most)
    return [_entered(entry) for entry in told]


def _entered(entry: Entry) -> Value:
    said = entry.said
    assert isinstance(said, Measured)
    return Value(entry.id, said.start_ms, said.value, said.unit, said.machine or None, by_hand=True, who=entry.who)


def of_units(store: Store, characteristic: int, units: Collection[str]) -> list[Value]:
    """What people entered by hand of a characteristic of these units and stands, oldest first."""
    sql = (
        f"SELECT {COLUMNS} FROM entries e INDEXED BY entries_measured"
        " WHERE e.kind = 'measured' AND json_extract(e.body, '$.unit') IN (SELECT value FROM json_each(?))"
        " AND json_extract(e.body, '$.characteristic') = ? ORDER BY e.start_ms, e.id"
    )
    told = map(entry_of, store.rows(sql, json.dumps([*units]), characteristic))
    return [_entered(entry) for entry in told if not entry.taken_back]


def of_unit(store: Store, unit: str) -> list[Entry]:
    """What people entered by hand of a unit and stands, oldest first."""
    sql = (
        f"SELECT {COLUMNS} FROM entries e INDEXED BY entries_measured"
        " WHERE e.kind = 'measured' AND json_extract(e.body, '$.unit') = ? ORDER BY e.start_ms, e.id"
    )
    told = map(entry_of, store.rows(sql, unit))
    return [entry for entry in told if not entry.taken_back]


def excluded(store: Store, characteristic: int, since_ms: int, before_ms: int) -> dict[int, Entry]:
    """The values of a time that people left out of a chart, by their ids."""
    told = _said(store, Excluded, characteristic, "e.start_ms >= ? AND e.start_ms <= ?", since_ms, before_ms, 100_000)
    return {entry.said.result: entry for entry in told if isinstance(entry.said, Excluded)}


def versions(store: Store, characteristic: int, before_ms: int) -> tuple[Entry, ...]:
    """The frozen limits of a chart up to a moment, in the order of freezing."""
    return tuple(_said(store, ChartLimits, characteristic, "e.start_ms >= ? AND e.start_ms <= ?", 0, before_ms, 10_000))


def _said(
    store: Store, kind: type, characteristic: int, where: str, since_ms: int, before_ms: int, most: int
) -> list[Entry]:
    sql = (
        f"{FOUND} AND e.kind IN ({tags(kind)}) AND {where} AND json_extract(e.body, '$.characteristic') = ?"
        " AND NOT EXISTS (SELECT 1 FROM entries b WHERE b.takes_back = e.id)"
        " ORDER BY e.start_ms DESC, e.id DESC LIMIT ?"
    )
    return [entry_of(row) for row in reversed(store.rows(sql, since_ms, before_ms, characteristic, most))]


def last_units(store: Store, machine: int, before_ms: int, most: int) -> list[str]:
    """The units that were last at a machine, the newest first, each once."""
    rows = store.rows(
        "SELECT u.code, u.kind FROM steps s JOIN units u ON u.id = s.unit_id WHERE s.machine_id = ? AND s.at_ms <= ?"
        " ORDER BY s.id DESC LIMIT ?",
        machine,
        before_ms,
        most * 4,
    )
    return [*dict.fromkeys(str(code) for code, kind in rows if kind == "unit")][:most]
