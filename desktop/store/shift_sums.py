"""The sums of every machine in every shift that ended: a year is read, not derived. A cache of the collector.

A shift is kept when it is over and dropped when a fact of it comes late (a counter that was read again after an
outage) or when somebody says something of it. `version` is that of the register it was made with: with another one it
is not used.
What the screens add up over many shifts (standstill by cause, hours of the week) lies in tables of its own, so that
SQLite adds it up; all three are written and dropped together.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from desktop.domain.events import State
from desktop.domain.figures.losses import WeekHour
from desktop.domain.intervals import Category
from desktop.domain.kpi import Output, Sums, Times
from desktop.domain.losses import Cause, Lost, Stood
from desktop.domain.spans import Span
from desktop.store import calendar_touched, entries
from desktop.store.database import Store

LINE = 0  # the line as a whole stands beside its machines: its figures, and the losses of all of them
_OF = "WHERE machine_id = ? AND start_ms IN (SELECT value FROM json_each(?))"
_REACH_MS = 96 * 3_600_000  # so far a standstill is followed
TABLES = ("shift_sums", "shift_causes", "shift_hours")


class Kept(Struct, frozen=True):
    """Everything of one machine in one shift that adds up."""

    sums: Sums
    lost: Lost


class Row(Struct, frozen=True):
    """The sums of one machine, or of the line, in one shift, and the rules by which they were made."""

    rules: str
    sums: Sums


def write(store: Store, span: Span, version: int, rules: str, kept: Mapping[int, Kept]) -> None:
    """Keep a shift of these machines and of the line."""
    start_ms = span.start_ms
    with store.transaction() as db:
        for table in TABLES:
            db.executemany(
                f"DELETE FROM {table} WHERE machine_id = ? AND start_ms = ?", [(machine, start_ms) for machine in kept]
            )
        db.executemany(
            "INSERT INTO shift_sums (start_ms, machine_id, end_ms, version, rules, sums) VALUES (?, ?, ?, ?, ?, ?)",
            [
                (start_ms, machine, span.end_ms, version, rules, json.dumps(_plain(each.sums), separators=(",", ":")))
                for machine, each in kept.items()
            ],
        )
        db.executemany(
            "INSERT INTO shift_causes VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (machine, start_ms, c.category, c.state, c.reason or 0, int(c.labelled), stood.length_ms, stood.count)
                for machine, each in kept.items()
                for c, stood in each.lost.causes.items()
            ],
        )
        db.executemany(
            "INSERT INTO shift_hours VALUES (?, ?, ?, ?, ?, ?)",
            [
                (machine, start_ms, hour, sums.busy_ms, sums.no_data_ms, sums.lost_ms)
                for machine, each in kept.items()
                for hour, sums in each.lost.hours.items()
            ],
        )


def rows(store: Store, machine: int, window: Span, version: int) -> dict[Span, Row]:
    """What is kept of a machine's shifts that begin in a window, made with this version of the register and with all
    that was said of them."""
    touched = _touched(store)
    return {
        Span(start_ms, end_ms): Row(rules, _sums(json.loads(text)))
        for start_ms, end_ms, rules, text in store.rows(
            "SELECT start_ms, end_ms, rules, sums FROM shift_sums"
            " WHERE machine_id = ? AND start_ms >= ? AND start_ms < ? AND version = ? ORDER BY start_ms",
            machine,
            window.start_ms,
            window.end_ms,
            version,
        )
        if not _meets(touched, start_ms, end_ms)
    }


def lost(store: Store, machine: int, starts: Collection[int]) -> Lost:
    """What a machine lost in the kept shifts that begin at these moments, added up."""
    hours = {
        hour: WeekHour(*sums)
        for hour, *sums in store.rows(
            f"SELECT hour, sum(busy_ms), sum(no_data_ms), sum(lost_ms) FROM shift_hours {_OF} GROUP BY hour",
            machine,
            json.dumps(sorted(starts)),
        )
    }
    return Lost(causes(store, machine, starts), hours)


def causes(store: Store, machine: int, starts: Collection[int]) -> dict[Cause, Stood]:
    """Why a machine stood in the kept shifts that begin at these moments, added up."""
    return {
        Cause(Category(category), State(state), reason or None, bool(labelled)): Stood(length_ms, count)
        for category, state, reason, labelled, length_ms, count in store.rows(
            "SELECT category, state, reason_id, labelled, sum(length_ms), sum(count) FROM shift_causes"
            f" {_OF} GROUP BY category, state, reason_id, labelled",
            machine,
            json.dumps(sorted(starts)),
        )
    }


def kept(store: Store, version: int) -> set[Span]:
    """The shifts that are kept, made with this version of the register and with all that was said of them."""
    touched = _touched(store)
    return {
        Span(start_ms, end_ms)
        for start_ms, end_ms in store.rows(
            "SELECT DISTINCT start_ms, end_ms FROM shift_sums WHERE version = ?", version
        )
        if not _meets(touched, start_ms, end_ms)
    }


def told(store: Store, span: Span, machines: Collection[int], version: int) -> str:
    """Everything that is kept of these machines in one shift, as one text; "" while nothing is, or something was said
    of it that is not in what is kept."""
    if _meets(_touched(store), span.start_ms, span.end_ms):
        return ""
    named = json.dumps(sorted(machines))
    of = "WHERE machine_id IN (SELECT value FROM json_each(?)) AND start_ms = ?"
    sums = store.rows(
        f"SELECT machine_id, rules, sums FROM shift_sums {of} AND end_ms = ? AND version = ? ORDER BY machine_id",
        named,
        span.start_ms,
        span.end_ms,
        version,
    )
    if not sums:
        return ""
    causes = store.rows(
        f"SELECT * FROM shift_causes {of} ORDER BY machine_id, category, state, reason_id, labelled",
        named,
        span.start_ms,
    )
    return repr((sums, causes))


def drop_from(store: Store, at_ms: int) -> bool:
    """A fact of that moment has come late: what is kept of shifts that ended after it no longer holds. Returns whether
    anything was kept of them."""
    dropped = 0
    with store.transaction() as db:
        for table in reversed(TABLES):
            dropped += db.execute(
                f"DELETE FROM {table} WHERE (machine_id, start_ms) IN"
                " (SELECT machine_id, start_ms FROM shift_sums WHERE end_ms > ?)",
                (at_ms,),
            ).rowcount
    return dropped > 0


def sweep(store: Store) -> None:
    """Drop what is kept of shifts of which something was said since the last time."""
    newest, edited = entries.newest(store), calendar_touched.newest(store)
    if (newest, edited) == _swept(store):
        return
    touched = _touched(store)
    with store.transaction() as db:
        starts = [
            (start_ms,)
            for start_ms, end_ms in db.execute("SELECT DISTINCT start_ms, end_ms FROM shift_sums").fetchall()
            if _meets(touched, start_ms, end_ms)
        ]
        for table in TABLES:
            db.executemany(f"DELETE FROM {table} WHERE start_ms = ?", starts)
        db.execute("INSERT OR REPLACE INTO swept (id, entry, touched) VALUES (1, ?, ?)", (newest, edited))


def _swept(store: Store) -> tuple[int, int]:
    """Up to which entry and which touch of the calendar that was done."""
    row = store.row("SELECT entry, touched FROM swept")
    return (0, 0) if row is None else (int(row[0]), int(row[1]))


def _touched(store: Store) -> list[Span]:
    entry, touch = _swept(store)
    # Into the shifts around it a standstill may go on that is judged as a whole.
    edited = [Span(s.start_ms - _REACH_MS, s.end_ms + _REACH_MS) for s in calendar_touched.since(store, touch)]
    return [*entries.since(store, entry), *edited]


def _meets(touched: Iterable[Span], start_ms: int, end_ms: int) -> bool:
    return any(span.start_ms < end_ms and start_ms < span.end_ms for span in touched)


def _plain(sums: Sums) -> dict[str, Any]:
    """The sums without what is zero."""

    def told(value: Struct) -> dict[str, Any]:
        return {name: number for name, number in asdict(value).items() if number}

    return {**told(sums), "times": told(sums.times), "outputs": [told(output) for output in sums.outputs]}


def _sums(data: dict[str, Any]) -> Sums:
    outputs = tuple(Output(**output) for output in data.pop("outputs"))
    return Sums(Times(**data.pop("times")), outputs, **data)
