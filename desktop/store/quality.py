"""What is measured and with what, and what stations take: read from the register."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from msgspec import convert

from desktop.domain.quality import Assigned, Characteristic, Gauge, Limits, Quality, StationPart
from desktop.store.database import Store
from desktop.store.register import audit

#: columns in the order of the fields of each value
_CHARACTERISTICS = (
    "SELECT id, code, name, product_id, machine_id, signal_id, unit, mark, gauge_id, sampling, per_hour, subgroup,"
    " binding, window_ms, retests, place, retired_at_ms, since_ms FROM characteristics WHERE {alive} ORDER BY place, id"
)
_GAUGES = (
    "SELECT id, code, name, resolution, interval_days, when_due, place FROM gauges WHERE {alive} ORDER BY place, id"
)
_LIMITS = (
    "SELECT characteristic_id, valid_from_ms, nominal, low, high FROM characteristic_limits"
    " ORDER BY characteristic_id, valid_from_ms"
)
_PARTS = (
    "SELECT station_id, material, nullif(product_id, 0), required, around, serial, scanned FROM station_parts"
    " ORDER BY id"
)


_ASSIGNED = (
    "SELECT at_ms, action, iif(action = 'config import', json_extract(old, '$.characteristic'), old),"
    " iif(action = 'config import', json_extract(new, '$.characteristic'), new) FROM audit"
    " WHERE (action = 'config import' AND json_valid(old) AND json_valid(new))"
    " OR (action IN ('table import', 'table undo') AND subject = 'characteristics') ORDER BY id"
)


def quality(store: Store, *, since_ms: int | None = None) -> Quality:
    """All of it; of retired items those that were still in use after `since_ms`, if given, and then which signal was
    assigned to whom."""
    alive = (
        "retired_at_ms IS NULL" if since_ms is None else f"(retired_at_ms IS NULL OR retired_at_ms > {int(since_ms)})"
    )
    return Quality(
        _values(store, Gauge, _GAUGES.format(alive=alive)),
        _values(store, Characteristic, _CHARACTERISTICS.format(alive=alive)),
        _values(store, Limits, _LIMITS),
        _values(store, StationPart, _PARTS),
        () if since_ms is None else _assigned(store),
    )


def _assigned(store: Store) -> tuple[Assigned, ...]:
    """Which characteristics were measured by which signal, as the audit trail tells it; of those alone of which another
    one ever had the signal."""
    signals = dict(store.rows("SELECT d.key || '/' || s.key, s.id FROM signals s JOIN devices d ON d.id = s.device_id"))
    numbers = dict(store.rows("SELECT code, id FROM characteristics"))
    held: dict[str, str] = {}
    found: list[tuple[str, str, int]] = []

    def note(code: str, signal: str, from_ms: int) -> None:
        if held.get(code) != signal:
            held[code] = signal
            found.append((code, signal, from_ms))

    for at_ms, action, *sides in store.rows(_ASSIGNED):
        was, now = (_signals_told(side, whole=action == "config import") for side in sides)
        for code, signal in was.items():
            if code not in held:
                note(code, signal, 0)
        known = {signal for _code, signal, _at_ms in found}
        for code in {*was, *now}:
            signal = now.get(code, "")
            # What a signal measured before it was anybody's is of those that had it first.
            note(code, signal, at_ms if code in held or signal in known else 0)
    by_signal: dict[str, set[str]] = {}
    for code, signal, _at_ms in found:
        by_signal.setdefault(signal, set()).add(code)
    shared = {code for signal, codes in by_signal.items() if signal and len(codes) > 1 for code in codes}
    return tuple(
        Assigned(numbers[code], signals.get(signal), at_ms)
        for code, signal, at_ms in found
        if code in shared and code in numbers
    )


def _signals_told(side: str | None, *, whole: bool) -> dict[str, str]:
    """The signals of characteristics by their codes, as a row of the audit trail has them."""
    told = json.loads(side or "[]")
    if whole:
        return {row["code"]: row.get("signal", "") for row in told}
    return {code: cells["signal"] for code, cells in dict(told).items() if "signal" in cells}


def measured_as(db: Any) -> dict[str, tuple[tuple[int | None, int | None, str], int]]:
    """Of each characteristic in use by its code of what product, by which signal and how often it is measured, and
    since when."""
    sql = "SELECT code, product_id, signal_id, sampling, since_ms FROM characteristics WHERE retired_at_ms IS NULL"
    return {
        code: ((product, signal, often), since) for code, product, signal, often, since in db.execute(sql).fetchall()
    }


def drop_limits(connection: Any, characteristic: int, since_ms: int) -> None:
    """Take away the version of limits that was to begin at a moment: the audit trail holds what it was."""
    sql = "DELETE FROM characteristic_limits WHERE characteristic_id = ? AND valid_from_ms = ?"
    connection.execute(sql, (characteristic, since_ms))


LIMIT = "limit"  # the action of the audit trail by which the limits of a characteristic (its subject) changed
Versions = Mapping[tuple[str, int], Mapping[str, Any]]


def limits_of(db: Any) -> Versions:
    """Every version of every limit by characteristic and the moment from which it holds."""
    sql = (
        "SELECT c.code, l.valid_from_ms, l.nominal, l.low, l.high, c.unit FROM characteristic_limits l"
        " JOIN characteristics c ON c.id = l.characteristic_id ORDER BY c.code, l.valid_from_ms"
    )
    return {
        (code, from_ms): {"valid_from_ms": from_ms, "nominal": nominal, "low": low, "high": high, "unit": unit}
        for code, from_ms, nominal, low, high, unit in db.execute(sql).fetchall()
    }


def note_limits(db: Any, before: Versions, at_ms: int, who: str, why: str) -> None:
    """Write down which limits are others than before, inside the transaction that changed them. Where there were none
    at all the row of the import tells it."""
    if not before:
        return
    after = limits_of(db)
    for key in sorted({*before, *after}):
        old, new = before.get(key), after.get(key)
        if old != new:
            told = [json.dumps(each, ensure_ascii=False) if each else "" for each in (old, new)]
            audit(db, at_ms, who, LIMIT, key[0], told[0], told[1], why)


def _values(store: Store, kind: Any, sql: str) -> tuple[Any, ...]:
    """Rows as values of a kind; words as its enumerations, 0 and 1 as its truths."""
    names = kind.__struct_fields__
    return tuple(convert(dict(zip(names, row, strict=True)), kind, strict=False) for row in store.rows(sql))
