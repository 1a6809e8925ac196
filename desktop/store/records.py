"""What happened, read back by everybody. `journal` writes it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat

from msgspec import Struct

from desktop.domain.barcode import aim_of
from desktop.domain.events import (
    Count,
    CountFlag,
    Event,
    EventKind,
    Role,
    Scan,
    State,
    StateChange,
)
from desktop.domain.spans import Span
from desktop.store.database import Store
from desktop.store.ids import arrival_ms, id_ranges, segments

_EVENTS_AT_ONCE = 2000
QUALITY_BITS = 30  # the two highest bits of a status tell its quality: good, uncertain, bad


class LiveValue(Struct, frozen=True):
    """The newest value of a signal."""

    at_ms: int
    value: float | None
    text: str | None
    quality: int


class DeviceHealth(Struct, frozen=True):
    """How a device is: `status` online, offline or misconfigured; `fault` and `detail` (JSON) make the sentence.

    Ever counted: `frames` that arrived, reconnects, answers that were damaged, missing or refusals, and frames that
    were lost.
    """

    status: str
    since_ms: int
    fault: str = ""
    detail: str = "{}"
    last_at_ms: int | None = None
    frames: int = 0
    reconnects: int = 0
    damaged: int = 0
    missing: int = 0
    refused: int = 0
    lost: int = 0


HEALTH_COLUMNS = ", ".join(("device_id", *DeviceHealth.__struct_fields__))


class Beat(Struct, frozen=True):
    """One heartbeat of the collector."""

    pid: int
    version: str
    started_real_ms: int
    at_real_ms: int
    at_ms: int
    note: str
    backlog: int
    lost: int


ALWAYS = Span(0, 1 << 52)
#: changes that end every standstill and set-up; one that another change of the same millisecond followed took no time
_ENDING = (
    "SELECT at_ms FROM events e WHERE machine_id = ? AND kind = 'state' AND word IN ('run', 'unknown')"
    " AND NOT EXISTS (SELECT 1 FROM events WHERE machine_id = e.machine_id AND kind = 'state' AND at_ms = e.at_ms"
    " AND id > e.id)"
)


def state_changes(store: Store, machine: int, window: Span) -> list[StateChange]:
    """State changes in the window, with the whole of a standstill that reaches over its edges, oldest first."""
    before = store.row(f"{_ENDING} AND at_ms <= ? ORDER BY at_ms DESC LIMIT 1", machine, window.start_ms)
    behind = store.row(f"{_ENDING} AND at_ms >= ? ORDER BY at_ms LIMIT 1", machine, window.end_ms)
    return [
        StateChange(int(key), machine, int(at_ms), _STATES[word], detail, flag)
        for key, at_ms, word, detail, flag in store.rows(
            "SELECT id, at_ms, word, detail, flag FROM events"
            " WHERE machine_id = ? AND kind = 'state' AND at_ms BETWEEN ? AND ? ORDER BY at_ms, id",
            machine,
            _FIRST_MS if before is None else before[0],
            _LAST_MS if behind is None else behind[0],
        )
    ]


def counts(store: Store, machine: int, window: Span) -> list[Count]:
    """Counts of the window, the last pieces before it and the first behind it, and gaps that reach into it."""
    before = store.row(
        "SELECT max(at_ms) FROM events WHERE machine_id = ? AND kind = 'count' AND at_ms < ? AND pieces > 0",
        machine,
        window.start_ms,
    )[0]
    behind = store.row(
        "SELECT min(at_ms) FROM events WHERE machine_id = ? AND kind = 'count' AND at_ms >= ? AND pieces > 0",
        machine,
        window.end_ms,
    )[0]
    until_ms = window.end_ms - 1 if behind is None else int(behind)
    rows = store.rows(
        f"{_COUNTS} WHERE machine_id = ? AND kind = 'count' AND at_ms BETWEEN ? AND ? ORDER BY at_ms, id",
        machine,
        window.start_ms if before is None else before,
        until_ms,
    )
    rows += store.rows(
        f"{_COUNTS} WHERE machine_id = ? AND flag = 'gap' AND at_ms > ? AND from_ms < ? ORDER BY at_ms, id",
        machine,
        until_ms,
        window.end_ms,
    )
    if not rows:
        return []
    # A shift of a quick machine has thousands: column by column they take a third of the time.
    ids, moments, words, pieces, begins, flags, readings = zip(*rows, strict=True)
    roles, marks = map(_ROLES.__getitem__, words), map(_FLAGS.__getitem__, flags)
    return list(map(Count, ids, repeat(machine), moments, roles, pieces, begins, marks, readings))


def last_event_id(store: Store) -> int:
    """The id of the newest event, 0 in an empty journal."""
    return int(store.row("SELECT max(id) FROM events")[0] or 0)


def news(store: Store, after_id: int) -> list[Event]:
    """What arrived after an event that changes the time or the pieces of a machine: states, counts, alarms, products,
    health."""
    return [
        Event(row[0], EventKind(row[1]), *row[2:])
        for row in store.rows(
            "SELECT id, kind, at_ms, machine_id, device_id, signal_id, word, detail, pieces, from_ms, reading, flag"
            " FROM events WHERE id > ? AND kind IN ('state', 'count', 'alarm', 'product', 'device')"
            " ORDER BY id",
            after_id,
        )
    ]


def as_change(event: Event) -> StateChange:
    """A state event as what it says."""
    return StateChange(event.id, event.machine or 0, event.at_ms, State(event.word), event.detail, event.flag)


def as_count(event: Event) -> Count:
    """A count event as what it says."""
    return Count(
        event.id,
        event.machine or 0,
        event.at_ms,
        Role(event.word),
        event.pieces or 0,
        event.at_ms if event.from_ms is None else event.from_ms,
        CountFlag(event.flag),
        event.reading,
    )


_COUNTS = "SELECT id, at_ms, word, ifnull(pieces, 0), ifnull(from_ms, at_ms), flag, reading FROM events"
_STATES = {str(state): state for state in State}
_ROLES, _FLAGS = {str(role): role for role in Role}, {str(flag): flag for flag in CountFlag}
_FIRST_MS, _LAST_MS = -(1 << 62), 1 << 62


def device_events(store: Store, device: int, window: Span) -> list[Event]:
    """Health changes of a device in the window and the last one before it, oldest first."""
    before = store.rows(
        "SELECT id, at_ms, word, detail, flag FROM events"
        " WHERE device_id = ? AND kind = 'device' AND at_ms < ? ORDER BY at_ms DESC, id DESC LIMIT 1",
        device,
        window.start_ms,
    )
    inside = store.rows(
        "SELECT id, at_ms, word, detail, flag FROM events"
        " WHERE device_id = ? AND kind = 'device' AND at_ms >= ? AND at_ms < ? ORDER BY at_ms, id",
        device,
        window.start_ms,
        window.end_ms,
    )
    return [
        Event(int(key), EventKind.DEVICE, int(at_ms), device=device, word=word, detail=detail, flag=flag)
        for key, at_ms, word, detail, flag in [*before, *inside]
    ]


def scans(store: Store, window: Span) -> list[Scan]:
    """Scans of all machines in the window, oldest first."""
    return [
        Scan(int(key), int(machine or 0), int(at_ms), word, detail, flag, aim_of(word, raw))
        for key, machine, at_ms, word, detail, flag, raw in store.rows(
            "SELECT id, machine_id, at_ms, word, detail, flag, raw FROM events"
            " WHERE kind = 'scan' AND at_ms >= ? AND at_ms < ? ORDER BY at_ms, id",
            window.start_ms,
            window.end_ms,
        )
    ]


def alarms(store: Store, machine: int, window: Span) -> list[Event]:
    """Alarm words of a machine in the window and the last one before it, oldest first; "" where an alarm went away."""
    before = last_event(store, machine, EventKind.ALARM, window.start_ms)
    inside = store.rows(
        "SELECT id, at_ms, word, detail FROM events WHERE machine_id = ? AND kind = 'alarm' AND at_ms > ? AND at_ms < ?"
        " ORDER BY at_ms, id",
        machine,
        window.start_ms,
        window.end_ms,
    )
    found = [
        Event(int(key), EventKind.ALARM, int(at_ms), machine, word=word, detail=detail)
        for key, at_ms, word, detail in inside
    ]
    return found if before is None else [before, *found]


def products(store: Store, signal: int, window: Span) -> list[Event]:
    """The products that a signal told in the window, and the last one before it, oldest first."""
    sql = "SELECT id, at_ms, machine_id, word, flag FROM events WHERE signal_id = ? AND kind = 'product'"
    before = store.rows(f"{sql} AND at_ms < ? ORDER BY at_ms DESC, id DESC LIMIT 1", signal, window.start_ms)
    inside = store.rows(
        f"{sql} AND at_ms >= ? AND at_ms < ? ORDER BY at_ms, id", signal, window.start_ms, window.end_ms
    )
    return [
        Event(int(key), EventKind.PRODUCT, int(at_ms), machine, signal=signal, word=word, flag=flag)
        for key, at_ms, machine, word, flag in [*before, *inside]
    ]


def last_event(store: Store, machine: int, kind: EventKind, before_ms: int) -> Event | None:
    """The newest event of a kind at a machine before a moment."""
    row = store.row(
        "SELECT id, at_ms, device_id, signal_id, word, detail, flag FROM events"
        " WHERE machine_id = ? AND kind = ? AND at_ms <= ? ORDER BY at_ms DESC, id DESC LIMIT 1",
        machine,
        kind.value,
        before_ms,
    )
    return (
        None
        if row is None
        else Event(int(row[0]), kind, int(row[1]), machine, row[2], row[3], row[4], row[5], flag=row[6])
    )


def values(store: Store, signal: int, window: Span) -> list[tuple[int, float | None]]:
    """Values of one signal as (at_ms, value or None for a bad one), oldest first."""
    return [
        ((int(key) - ahead_us) // 1000, value if quality_of(status) < 2 else None)
        for low, high, ahead_us in id_ranges(store, window)
        for key, value, status in store.rows(
            "SELECT id, value, status FROM measurements WHERE id BETWEEN ? AND ? AND signal_id = ? ORDER BY id",
            low,
            high,
            signal,
        )
    ]


def quality_of(status: int) -> int:
    """What a stored status says of its value: 0 good, 1 uncertain, 2 bad."""
    return min(status >> QUALITY_BITS, 2)


def event_count(store: Store, window: Span) -> int:
    """How many events arrived in a window."""
    return sum(
        int(store.row("SELECT count(*) FROM events WHERE id BETWEEN ? AND ?", low, high)[0])
        for low, high, _ahead_us in id_ranges(store, window)
    )


def events(store: Store, window: Span, most: int) -> Iterator[Event]:
    """The first `most` events that arrived in a window, in order of arrival; few are in memory at a time."""
    left = most
    for low, high, _ahead_us in id_ranges(store, window):
        after = low - 1
        while left > 0:
            rows = store.rows(
                "SELECT id, kind, at_ms, machine_id, device_id, signal_id, word, detail, pieces, from_ms, reading, flag"
                " FROM events WHERE id > ? AND id <= ? ORDER BY id LIMIT ?",
                after,
                high,
                min(left, _EVENTS_AT_ONCE),
            )
            yield from (Event(row[0], EventKind(row[1]), *row[2:]) for row in rows)
            left -= len(rows)
            if len(rows) < _EVENTS_AT_ONCE:
                break
            after = rows[-1][0]


def live(store: Store) -> dict[int, LiveValue]:
    """The newest value of every signal."""
    return {
        int(signal): LiveValue(int(at_ms), value, text, int(quality))
        for signal, at_ms, value, text, quality in store.rows("SELECT signal_id, at_ms, value, text, quality FROM live")
    }


def newest_values(store: Store) -> list[tuple[int, int, float | None, str | None, int]]:
    """The rows of `live` as the facts tell them: measured values, readings of counters, words of the rest."""
    jumps = segments(store)
    found = {
        int(signal): (int(signal), arrival_ms(jumps, int(key)), value, text, quality_of(status))
        for signal, key, value, status, text in store.rows(
            "SELECT m.signal_id, max(m.id), m.value, m.status, t.text"
            " FROM measurements m LEFT JOIN measurement_texts t ON t.id = m.id GROUP BY m.signal_id"
        )
    }
    for _key, signal, at_ms, word, code, reading, kind in store.rows(
        "SELECT max(id), signal_id, at_ms, word, detail, reading, kind FROM events"
        " WHERE signal_id IS NOT NULL AND kind IN ('count', 'state', 'alarm', 'product', 'part', 'scan')"
        " GROUP BY signal_id"
    ):
        if kind == EventKind.COUNT:
            found[int(signal)] = (int(signal), int(at_ms), None if reading is None else float(reading), None, 0)
        else:
            found[int(signal)] = (int(signal), int(at_ms), None, code if kind == EventKind.STATE else word, 0)
    return list(found.values())


def health(store: Store) -> dict[int, DeviceHealth]:
    """How every device is."""
    return {int(row[0]): DeviceHealth(*row[1:]) for row in store.rows(f"SELECT {HEALTH_COLUMNS} FROM device_status")}


def made_any(store: Store, machine: int, window: Span) -> bool:
    """Whether a machine counted any piece in a window."""
    sql = "SELECT 1 FROM events WHERE machine_id = ? AND kind = 'count' AND at_ms >= ? AND at_ms < ? AND pieces > 0"
    return store.row(f"{sql} LIMIT 1", machine, window.start_ms, window.end_ms) is not None


def begun_ms(store: Store) -> int:
    """When the first fact happened; where there is none, when the file was made."""
    row = store.row("SELECT at_ms FROM events ORDER BY id LIMIT 1")
    return int(store.meta("created_at_ms") or 0) if row is None else int(row[0])


def report_failed(store: Store) -> bool:
    """Whether an automatic report could not be made; `reports_made` tells which. Here, since every look asks it."""
    return store.row("SELECT 1 FROM reports_made WHERE state = 'failed' LIMIT 1") is not None


def heartbeat(store: Store) -> Beat | None:
    """The collector's last heartbeat, None if it never beat."""
    row = store.row(
        "SELECT pid, version, started_real_ms, at_real_ms, at_ms, note, backlog, lost FROM heartbeat WHERE id = 1"
    )
    return None if row is None else Beat(*row)


def chain_at(store: Store, at_ms: int) -> str:
    """The hash of the last event that arrived before a moment, 16 hex digits in groups of four; "" for none.

    It vouches for all events up to there and, by the seals among them, for the other tables up to the last full hour.
    """
    last = max((high for _low, high, _ahead_us in id_ranges(store, Span(0, at_ms))), default=0)
    row = store.row("SELECT hash FROM events WHERE id <= ? ORDER BY id DESC LIMIT 1", last)
    if row is None:
        return ""
    digits = bytes(row[0]).hex()[:16].upper()
    return "-".join(digits[i : i + 4] for i in range(0, 16, 4))
