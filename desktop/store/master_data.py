"""What histories of codes are printed from, held against the audit trail: names, gauges, characteristics, limits.

These tables change in place. With each change a row of the audit, which is chained, keeps the rows that became others,
column by column, so that `check` finds what another program wrote into the file.
"""

from __future__ import annotations

import json
from typing import Any

from msgspec import Struct

from desktop.domain.trail import HELD
from desktop.store import register
from desktop.store.database import Store

#: the columns of each table that stand on a history or decide what stands there
_COLUMNS = {
    "machines": ("code", "name"),
    "products": ("code", "name", "gtin"),
    "stations": ("code", "name", "machine_id", "kind"),
    "route_steps": ("product_id", "place", "station_id"),
    "signals": ("device_id", "key", "name", "machine_id", "unit", "limit_low", "limit_high"),
    "scrap_reasons": ("code", "name"),
    "gauges": ("code", "name", "resolution", "interval_days", "when_due"),
    "characteristics": (
        "code", "name", "product_id", "machine_id", "signal_id", "unit", "mark", "gauge_id", "retests", "retired_at_ms",
    ),
    "characteristic_limits": ("characteristic_id", "valid_from_ms", "nominal", "low", "high"),
}  # fmt: skip
_Row = dict[str, Any]
Tables = dict[str, dict[int, _Row]]  # by table and id


class Altered(Struct, frozen=True):
    """A value that is another one than the audit trail says; `told` and `there` None: there is no such row."""

    table: str
    row: int
    column: str
    told: str | None
    there: str | None


def begin(db: Any) -> None:
    """Write down what is there, in a file of an older program, which wrote nothing."""
    at_ms = db.execute("SELECT max(at_ms) FROM audit").fetchone()[0]
    if at_ms is not None:
        note(db, read(db), int(at_ms), "")


def note(db: Any, before: Tables, at_ms: int, who: str) -> None:
    """Write down what is another than before (`read`), inside the transaction that changed it; where nothing was ever
    written down, all that is there."""
    after = read(db)
    if db.execute("SELECT 1 FROM audit WHERE action = ? LIMIT 1", (HELD,)).fetchone() is None:
        before = {}
    sides: tuple[dict[str, dict[int, _Row | None]], ...] = ({}, {})
    for table, new in after.items():
        old = before.get(table, {})
        for key in sorted({*old, *new}):
            was, now = old.get(key), new.get(key)
            if was != now:
                same = {name for name in was or () if now is not None and now[name] == (was or {})[name]}
                for side, row in zip(sides, (was, now), strict=True):
                    left = None if row is None else {name: row[name] for name in row if name not in same}
                    side.setdefault(table, {})[key] = left
    if sides[0]:
        register.audit(db, at_ms, who, HELD, "", *(json.dumps(side, ensure_ascii=False) for side in sides))


def altered(store: Store) -> list[Altered]:
    """What is another than the audit trail says, of each row the first value; nothing where it tells of none yet."""
    while True:
        newest, found = register.newest_change(store), _altered(store)
        if newest == register.newest_change(store):  # else somebody changed the register meanwhile
            return found


def _altered(store: Store) -> list[Altered]:
    told: Tables = {}
    found: dict[tuple[str, int], Altered] = {}
    for sides in store.rows("SELECT old, new FROM audit WHERE action = ? ORDER BY id", HELD):
        before, after = map(json.loads, sides)
        for table, rows in after.items():
            known = told.setdefault(table, {})
            for number, row in rows.items():
                key = int(number)
                _compare(found, table, key, known.get(key), before[table][number])
                if row is None:
                    known.pop(key, None)
                else:
                    known[key] = known.get(key, {}) | row
    for table, rows in read(store.connection).items() if told else ():
        known = told.get(table, {})
        for key in sorted({*rows, *known}):
            _compare(found, table, key, known.get(key), rows.get(key))
    return list(found.values())


def _compare(
    found: dict[tuple[str, int], Altered], table: str, key: int, told: _Row | None, there: _Row | None
) -> None:
    if told is None or there is None:
        if told is not there:
            present = ["" if row is not None else None for row in (told, there)]
            found.setdefault((table, key), Altered(table, key, "", *present))
        return
    for column in there:
        if column in told and told[column] != there[column]:
            values = (str("" if row[column] is None else row[column]) for row in (told, there))
            found.setdefault((table, key), Altered(table, key, column, *values))
            return


def read(db: Any) -> Tables:
    """What is there."""
    found: Tables = {}
    for table, columns in _COLUMNS.items():
        rows = db.execute(f"SELECT id, {', '.join(columns)} FROM {table}").fetchall()
        found[table] = {int(key): dict(zip(columns, values, strict=True)) for key, *values in rows}
    return found
