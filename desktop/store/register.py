"""What there is: plant, machines, buses, devices, signals, products, reasons, calendar, rules; and what people ask for.

Written by the desktop (window and command line) alone, except `answers` and `raw_tail`, which are the
collector's replies to `requests`. Nothing that facts refer to is ever deleted: it is retired.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from datetime import date
from datetime import time as day_time
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import asdict, replace

from desktop.domain.alarms import STOP_AFTER_MS, Acknowledgement
from desktop.domain.calendar import (
    Break,
    Calendar,
    DayException,
    Kind,
    PlannedStop,
    Rotation,
    ShiftPattern,
    StandardCapacity,
)
from desktop.domain.events import Counter, Role
from desktop.domain.figures.head import AlarmNow
from desktop.domain.line import Constraint, constraint_at
from desktop.domain.making import OpenCavities
from desktop.domain.plant import (
    ASK_AFTER_MS,
    Bus,
    CheckItem,
    Device,
    Machine,
    Plain,
    Plant,
    Product,
    Reason,
    ScrapReason,
    Signal,
    Standard,
    Station,
    Step,
)
from desktop.domain.quality import StationKind, WhenWrong
from desktop.domain.rules import TPM, RuleSet
from desktop.domain.spans import Span
from desktop.store.chain import append
from desktop.store.database import Store
from desktop.store.open_data import put_offsets

DEFAULT_ZONE = "Asia/Seoul"


def settings(store: Store) -> dict[str, str]:
    """The plant's settings by key: plant, line, timezone, day_start, alarm_after_min, ask_after_min, oee_target."""
    return {str(key): str(value) for key, value in store.rows("SELECT key, value FROM settings")}


def version(store: Store) -> int:
    """A number that rises with every change to the register: each leaves a row in the audit.

    An acknowledgement changes no figure and does not count, nor does one that is taken back, nor a change to people, to
    the plan, of what the automatic report is to do, or a label.
    """
    row = store.row(
        "SELECT max(id) FROM (SELECT id FROM audit WHERE action NOT IN"
        " ('acknowledge', 'unacknowledge', 'person', 'people', 'pin', 'automatic report', 'plan', 'labels printed',"
        " 'labels reprinted', 'label settings', 'master data')"
        " ORDER BY id DESC LIMIT 1)"
    )
    return int(row[0] or 0)


def figures_version(store: Store) -> int:
    """The same without changes of the calendar, which say of which times they speak (`calendar_edits`): of all other
    times what is kept still holds. Nor counts from which length on a stop asks: it stood as long before."""
    row = store.row(
        "SELECT max(id) FROM (SELECT id FROM audit WHERE action NOT IN ('acknowledge', 'unacknowledge', 'person',"
        " 'people', 'pin', 'automatic report', 'plan', 'calendar', 'ask after', 'labels printed', 'labels reprinted',"
        " 'label settings', 'master data') ORDER BY id DESC LIMIT 1)"
    )
    return int(row[0] or 0)


def measures(store: Store) -> bool:
    """Whether any characteristic is set up."""
    return store.row("SELECT 1 FROM characteristics WHERE retired_at_ms IS NULL LIMIT 1") is not None


def newest_change(store: Store) -> int:
    """A number that rises with every row of the audit trail, 0 where there is none."""
    return int(store.row("SELECT coalesce(max(id), 0) FROM audit")[0])


def plant(store: Store, *, since_ms: int | None = None) -> Plant:
    """Everything the register knows; of retired items those that were still in use after `since_ms`, if given."""
    known = settings(store)
    alive = (
        "retired_at_ms IS NULL" if since_ms is None else f"(retired_at_ms IS NULL OR retired_at_ms > {int(since_ms)})"
    )
    machines = tuple(
        Machine(key, code, name, place, threshold_ms, bool(unattended))
        for key, code, name, place, threshold_ms, unattended in store.rows(
            f"SELECT id, code, name, place, threshold_ms, unattended FROM machines WHERE {alive} ORDER BY place, id"
        )
    )
    declared = constraint_at(constraints(store), store.clock.now_ms())
    constraint = next((m.id for m in machines if declared and m.id == declared.machine), None)
    return Plant(
        name=known.get("plant", ""),
        line=known.get("line", ""),
        timezone=known.get("timezone", DEFAULT_ZONE),
        constraint=constraint,
        machines=machines,
        buses=tuple(
            Bus(key, name, port, driver, json.loads(more))
            for key, name, port, driver, more in store.rows(
                f"SELECT id, key, port, driver, settings FROM buses WHERE {alive} ORDER BY id"
            )
        ),
        devices=tuple(
            Device(key, bus, name, title, json.loads(more))
            for key, bus, name, title, more in store.rows(
                f"SELECT id, bus_id, key, name, settings FROM devices WHERE {alive} ORDER BY id"
            )
        ),
        signals=tuple(_signal(row) for row in store.rows(_SIGNALS.format(alive=alive))),
        products=tuple(
            Product(*row)
            for row in store.rows(f"SELECT id, code, name, unit_pattern, gtin FROM products WHERE {alive} ORDER BY id")
        ),
        standards=tuple(
            Standard(*row)
            for row in store.rows(
                "SELECT product_id, machine_id, ideal_cycle_ms, standard_cycle_ms, valid_from_ms, cavities,"
                " family_cavities FROM standards ORDER BY valid_from_ms"
            )
        ),
        reasons=tuple(
            Reason(key, code, name, kind, bool(failure), *more)
            for key, code, name, kind, failure, *more in store.rows(
                "SELECT id, code, name, kind, failure, loss, group_name, subgroup_name, icon, place FROM"
                f" reasons WHERE {alive} ORDER BY place, id"
            )
        ),
        scrap_reasons=tuple(
            ScrapReason(*row)
            for row in store.rows(
                f"SELECT id, code, name, group_name, icon, place FROM scrap_reasons WHERE {alive} ORDER BY place, id"
            )
        ),
        checks=tuple(
            CheckItem(*row)
            for row in store.rows(
                "SELECT id, code, name, machine_id, product_id, kind, every, low, high, unit, hours, place FROM"
                f" check_items WHERE {alive} ORDER BY place, id"
            )
        ),
        stations=tuple(
            Station(number, code, name, machine, place, StationKind(kind), WhenWrong(when_wrong))
            for number, code, name, machine, place, kind, when_wrong in store.rows(_STATIONS.format(alive=alive))
        ),
        steps=tuple(Step(*row) for row in store.rows(_STEPS)),
    )


_STATIONS = "SELECT id, code, name, machine_id, place, kind, when_wrong FROM stations WHERE {alive} ORDER BY place, id"
_STEPS = (
    "SELECT s.product_id, s.place, s.station_id, r.since_ms FROM route_steps s JOIN route_since r"
    " ON r.product_id = s.product_id AND r.station_id = s.station_id ORDER BY s.product_id, s.place"
)
_SIGNALS = (
    "SELECT id, device_id, key, name, machine_id, role, unit, factor, offset_value, dead_band, modulus,"
    " pieces_per_step,"
    " limit_low, limit_high, per_piece, codes, classes, settings, meaning FROM signals WHERE {alive} ORDER BY id"
)


def _signal(row: Any) -> Signal:
    (
        key,
        device,
        name,
        title,
        machine,
        role,
        unit,
        factor,
        offset,
        band,
        modulus,
        pieces,
        low,
        high,
        per_piece,
        codes,
        classes,
        more,
        meaning,
    ) = row
    return Signal(
        key,
        device,
        name,
        title,
        machine,
        Role(role),
        unit,
        factor,
        offset,
        band,
        modulus,
        pieces,
        low,
        high,
        bool(per_piece),
        json.loads(codes),
        json.loads(classes),
        json.loads(more),
        **_meant(json.loads(meaning)),
    )


def _meant(meaning: dict[str, Any]) -> dict[str, Any]:
    """Fields of a signal from the column `meaning`."""
    return {**meaning, "counter": Counter(meaning["counter"])} if "counter" in meaning else meaning


def shift_patterns(store: Store) -> tuple[ShiftPattern, ...]:
    """The shop's shifts as written, every version of each, in register order; the id is that of the first version."""
    ids: dict[str, int] = {}
    found = []
    for key, name, start, end, weekdays, breaks, crew, valid_from, business_days, people in store.rows(
        "SELECT id, name, start, end, weekdays, breaks, crew, valid_from, business_days, people FROM shift_patterns"
        " ORDER BY id"
    ):
        pattern = _pattern(ids.setdefault(name, int(key)), name, start, end, weekdays, breaks)
        since = date.fromisoformat(valid_from)
        found.append(replace(pattern, crew=crew, valid_from=since, business_days=business_days, people=people))
    return tuple(sorted(found, key=lambda pattern: (pattern.id, pattern.valid_from)))


def _pattern(key: int, name: str, start: str, end: str, weekdays: str, breaks: str) -> ShiftPattern:
    """A pattern from its texts; days and breaks are JSON."""
    pauses = tuple(
        Break(b["name"], day_time.fromisoformat(b["start"]), day_time.fromisoformat(b["end"]))
        for b in json.loads(breaks)
    )
    days = frozenset(int(day) for day in json.loads(weekdays))
    return ShiftPattern(key, name, day_time.fromisoformat(start), day_time.fromisoformat(end), days, pauses)


def standard_shifts(shifts: str) -> tuple[ShiftPattern, ...]:
    """The shifts of a standard calendar from their JSON."""
    return tuple(
        _pattern(place, s["name"], s["start"], s["end"], json.dumps(s["weekdays"]), json.dumps(s["breaks"]))
        for place, s in enumerate(json.loads(shifts), 1)
    )


def calendar(store: Store) -> Calendar:
    """When the shop works: its shifts in all their versions, crews, exceptions, planned stops, standard capacity."""
    patterns = shift_patterns(store)
    ids = {pattern.name: pattern.id for pattern in patterns}

    def at(text: str | None) -> day_time | None:
        return None if text is None else day_time.fromisoformat(text)

    return Calendar(
        zone(store),
        patterns,
        tuple(
            Rotation(
                # A shift that is not there any more keeps its turn: 0 is no shift.
                tuple(ids.get(name, 0) for name in json.loads(shifts)),
                tuple(json.loads(crews)),
                days,
                date.fromisoformat(anchor),
            )
            for shifts, crews, days, anchor in store.rows(
                "SELECT shifts, crews, days, anchor FROM crew_rotations ORDER BY anchor, id"
            )
        ),
        tuple(
            DayException(
                date.fromisoformat(on),
                Kind(kind),
                ids.get(shift, 0) if shift else None,
                at(start),
                at(end),
                name,
                at_ms,
            )
            for on, kind, shift, start, end, name, at_ms in store.rows(
                "SELECT on_date, kind, shift, start, end, name, entered_at_ms FROM day_exceptions"
                " ORDER BY on_date, entered_at_ms, id"
            )
        ),
        tuple(
            PlannedStop(Span(start_ms, end_ms), machine or None, approved_at_ms, reason, bool(no_order), *told)
            for start_ms, end_ms, machine, approved_at_ms, reason, no_order, *told in store.rows(
                "SELECT start_ms, end_ms, machine_id, approved_at_ms, reason_id, no_order, asked_by, asked_at_ms,"
                " approved_by FROM planned_stops ORDER BY start_ms, end_ms, machine_id"
            )
        ),
        tuple(
            StandardCapacity(
                standard_shifts(shifts),
                frozenset(date.fromisoformat(on) for on in json.loads(holidays)),
                date.fromisoformat(valid_from),
            )
            for shifts, holidays, valid_from in store.rows(
                "SELECT shifts, holidays, valid_from FROM capacity_calendars ORDER BY valid_from"
            )
        ),
        at(settings(store).get("day_start")) or day_time.min,
    )


def constraints(store: Store) -> tuple[Constraint, ...]:
    """The line's constraint as it was declared, oldest first; machine 0: from then on no machine is."""
    return tuple(
        Constraint(*row)
        for row in store.rows("SELECT machine_id, valid_from_ms, parallel FROM line_constraints ORDER BY valid_from_ms")
    )


def rules(store: Store) -> tuple[tuple[int, RuleSet], ...]:
    """Every rule set with the moment from which it holds, oldest first; the first holds from 0."""
    known = RuleSet.__struct_fields__
    found = tuple(
        (int(at_ms), RuleSet(**{key: value for key, value in json.loads(values).items() if key in known}))
        for at_ms, values in store.rows("SELECT valid_from_ms, fields FROM rule_sets ORDER BY version")
    )
    return found if found and found[0][0] == 0 else ((0, TPM), *found)


def open_cavities(store: Store) -> dict[tuple[int, int], tuple[OpenCavities, ...]]:
    """How many cavities of a tool were open since when, oldest first, by product and machine."""
    found: dict[tuple[int, int], tuple[OpenCavities, ...]] = {}
    for product, machine, at_ms, opened in store.rows(
        "SELECT product_id, machine_id, valid_from_ms, open FROM open_cavities ORDER BY valid_from_ms"
    ):
        found[product, machine] = (*found.get((product, machine), ()), OpenCavities(at_ms, opened))
    return found


def standards_of_retired(store: Store) -> set[int]:
    """Ids of cycle times of products or machines that are retired: the past is judged by them."""
    alive = "(SELECT id FROM {} WHERE retired_at_ms IS NULL)".format
    sql = (
        f"SELECT id FROM standards WHERE product_id NOT IN {alive('products')} OR machine_id NOT IN {alive('machines')}"
    )
    return {int(key) for (key,) in store.rows(sql)}


def ever_had(store: Store, table: str) -> bool:
    """Whether a table of the register holds anything, retired or not."""
    return store.row(f"SELECT 1 FROM {table} LIMIT 1") is not None


def alarm_after_ms(store: Store) -> int:
    """So long a stop is an alarm."""
    minutes = settings(store).get("alarm_after_min")
    return STOP_AFTER_MS if minutes is None else int(minutes) * 60_000


def ask_after_ms(store: Store) -> int:
    """So long a stop asks for its reason; one between the threshold of its machine and this waits without asking."""
    minutes = settings(store).get("ask_after_min")
    return ASK_AFTER_MS if minutes is None else int(minutes) * 60_000


def oee_target(store: Store) -> float | None:
    """The OEE that the plant wants, 0 to 1; None where it named none."""
    target = settings(store).get("oee_target")
    return float(target) if target else None


def acknowledgements(store: Store, window: Span) -> list[Acknowledgement]:
    """What was acknowledged in a window, in that order."""
    return [
        Acknowledgement(*row)
        for row in store.rows(
            "SELECT kind, subject, at_ms, level, id FROM acknowledgements WHERE at_ms >= ? AND at_ms < ? ORDER BY id",
            window.start_ms,
            window.end_ms,
        )
    ]


def any_people(store: Store) -> bool:
    """Whether anybody is set up: where nobody is, nobody is asked who he is."""
    return store.row("SELECT 1 FROM people WHERE retired_at_ms IS NULL LIMIT 1") is not None


def zone(store: Store) -> ZoneInfo:
    """The plant's time zone."""
    return ZoneInfo(settings(store).get("timezone", DEFAULT_ZONE))


# -- writing: the desktop's own connection --


def audit(connection: Any, at_ms: int, who: str, action: str, subject: str, old: str, new: str, why: str = "") -> int:
    """Append a row to the audit trail inside the caller's transaction; returns its id."""
    return append(connection, "audit", at_ms, who, action, subject, old, new, why)


def acknowledge(store: Store, alarm: AlarmNow, at_ms: int, who: str = "") -> int:
    """Somebody (`who`, "" where nobody said) has seen an alarm as bad as it is. Returns the id that takes it back."""
    with store.transaction() as connection:
        row = connection.execute(
            "INSERT INTO acknowledgements (at_ms, kind, subject, level) VALUES (?, ?, ?, ?)",
            (at_ms, alarm.kind, alarm.subject, alarm.level),
        )
        told = f"{alarm.kind} {alarm.subject}".strip()
        audit(connection, at_ms, who, "acknowledge", told, str(alarm.since_ms), str(alarm.level))
        return int(row.lastrowid)


def acknowledged_by(store: Store, kind: str, subject: str, at_ms: int) -> str:
    """Who acknowledged an alarm at a moment, "" where nobody said."""
    sql = "SELECT who FROM audit WHERE action = 'acknowledge' AND subject = ? AND at_ms = ? ORDER BY id DESC LIMIT 1"
    row = store.row(sql, f"{kind} {subject}".strip(), at_ms)
    return "" if row is None else str(row[0])


def unacknowledge(store: Store, number: int, at_ms: int, who: str = "") -> None:
    """Take an acknowledgement back: its alarm is loud again where it still stands. Harmless if it is gone already."""
    with store.transaction() as connection:
        row = connection.execute("SELECT kind, subject, at_ms FROM acknowledgements WHERE id = ?", (number,)).fetchone()
        if row is not None:
            connection.execute("DELETE FROM acknowledgements WHERE id = ?", (number,))
            audit(connection, at_ms, who, "unacknowledge", f"{row[0]} {row[1]}".strip(), str(row[2]), "")


def upsert(connection: Any, table: str, key: Mapping[str, object], columns: Mapping[str, object]) -> int:
    """Insert or change the row of `table` that `key` names; returns its id. Brings a retired row back."""
    row = {**key, **columns}
    names, marks = ", ".join(row), ", ".join("?" * len(row))
    change = ", ".join(f"{name} = excluded.{name}" for name in columns)
    connection.execute(
        f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT ({', '.join(key)}) DO UPDATE SET {change}",
        tuple(row.values()),
    )
    where = " AND ".join(f"{name} = ?" for name in key)
    return int(connection.execute(f"SELECT id FROM {table} WHERE {where}", tuple(key.values())).fetchone()[0])


def put_setting(connection: Any, key: str, value: str) -> None:
    """Write one of the plant's settings."""
    connection.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (key, value))
    if key == "timezone":
        put_offsets(connection, value)


def drop_others(connection: Any, table: str, keep: set[int]) -> None:
    """Delete every row whose id is not in `keep`, where no fact refers to one: the audit trail holds what it was."""
    for (key,) in connection.execute(f"SELECT id FROM {table}").fetchall():
        if key not in keep:
            connection.execute(f"DELETE FROM {table} WHERE id = ?", (key,))


def steps_of_others(connection: Any, products: set[int]) -> set[int]:
    """Ids of the steps of routes of all products but these."""
    rows = connection.execute("SELECT id, product_id FROM route_steps").fetchall()
    return {int(key) for key, product in rows if product not in products}


def routed(connection: Any) -> set[int]:
    """The products that ever had a route."""
    return {int(product) for (product,) in connection.execute("SELECT DISTINCT product_id FROM route_since").fetchall()}


def put_step(connection: Any, product: int, place: int, station: int, since_ms: int) -> int:
    """Let a product pass a station, from a moment on where that never stood on its route; the id of the step."""
    connection.execute("INSERT OR IGNORE INTO route_since VALUES (?, ?, ?)", (product, station, since_ms))
    return upsert(connection, "route_steps", {"product_id": product, "place": place}, {"station_id": station})


def put_rules(connection: Any, wanted: RuleSet, valid_from_ms: int) -> None:
    """From a moment on Gadong counts by these rules."""
    connection.execute(
        "INSERT INTO rule_sets VALUES (?, ?, ?)",
        (wanted.version, valid_from_ms, json.dumps(asdict(wanted), ensure_ascii=False)),
    )


def retire_others(connection: Any, table: str, keep: set[int], at_ms: int) -> None:
    """Retire every row of `table` whose id is not in `keep`."""
    for (key,) in connection.execute(f"SELECT id FROM {table} WHERE retired_at_ms IS NULL").fetchall():
        if key not in keep:
            connection.execute(f"UPDATE {table} SET retired_at_ms = ? WHERE id = ?", (at_ms, key))


# -- window -> collector --


class Request(Struct, frozen=True):
    """Something that only the collector may do: stop, reload, backup, raw ..."""

    id: int
    kind: str
    params: dict[str, Plain]


class Answer(Struct, frozen=True):
    """What the collector said: `status` working, done or failed, and a result."""

    request: int
    status: str
    result: dict[str, Any]


def ask(store: Store, kind: str, params: Mapping[str, Plain] | None = None, *, expires_s: float = 30) -> int:
    """Leave a request for the collector; returns its id. It is ignored after `expires_s` real seconds."""
    now = time.time_ns() // 1_000_000
    with store.transaction() as connection:
        connection.execute(
            "INSERT INTO requests (at_real_ms, kind, params, expires_real_ms) VALUES (?, ?, ?, ?)",
            (now, kind, json.dumps(dict(params or {}), ensure_ascii=False), now + round(expires_s * 1000)),
        )
        return int(connection.execute("SELECT last_insert_rowid()").fetchone()[0])


def cancel(store: Store, request: int) -> None:
    """Take a request back."""
    with store.transaction() as connection:
        connection.execute("UPDATE requests SET cancelled = 1 WHERE id = ?", (request,))


def cancelled(store: Store, request: int) -> bool:
    """Whether a request was taken back."""
    row = store.row("SELECT cancelled FROM requests WHERE id = ?", request)
    return row is not None and bool(row[0])


def fail_unfinished(store: Store) -> None:
    """Let requests at which a collector worked that has gone be answered as failed."""
    if store.row("SELECT 1 FROM answers WHERE status = 'working' LIMIT 1") is not None:
        with store.transaction() as connection:
            connection.execute("UPDATE answers SET status = 'failed', result = '{}' WHERE status = 'working'")


def open_requests(store: Store) -> list[Request]:
    """Requests that nobody has answered, cancelled or let expire, oldest first."""
    now = time.time_ns() // 1_000_000
    return [
        Request(int(key), kind, json.loads(params))
        for key, kind, params in store.rows(
            "SELECT r.id, r.kind, r.params FROM requests r LEFT JOIN answers a ON a.request_id = r.id"
            " WHERE a.id IS NULL AND r.cancelled = 0 AND r.expires_real_ms > ? ORDER BY r.id",
            now,
        )
    ]


def answer(store: Store, request: int, status: str, result: Mapping[str, object] | None = None) -> None:
    """The collector's reply, which replaces an earlier "working"."""
    with store.transaction() as connection:
        connection.execute(
            "INSERT INTO answers (request_id, at_real_ms, status, result) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (request_id) DO UPDATE"
            " SET at_real_ms = excluded.at_real_ms, status = excluded.status, result = excluded.result",
            (request, time.time_ns() // 1_000_000, status, json.dumps(dict(result or {}), ensure_ascii=False)),
        )


def put_raw_tail(store: Store, rows: Sequence[tuple[int, int, str, bytes]]) -> None:
    """Put the last bytes of a wire as (bus, at_ms, "rx" or "tx", bytes) in the place of the last ones asked for."""
    with store.transaction() as connection:
        connection.execute("DELETE FROM raw_tail")
        connection.executemany("INSERT INTO raw_tail (bus_id, at_ms, way, bytes) VALUES (?, ?, ?, ?)", rows)


def answer_to(store: Store, request: int) -> Answer | None:
    """The collector's reply to a request, None while there is none."""
    row = store.row("SELECT request_id, status, result FROM answers WHERE request_id = ?", request)
    return None if row is None else Answer(int(row[0]), row[1], json.loads(row[2]))
