"""What happened: appended by the collector in one transaction a batch, read back by everybody.

The id of a fact is its arrival in microseconds, made strictly rising, so that it is also the exact
"what is new" cursor. Where the clock jumped back, `clock_segments` says by how much ids run ahead.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import repeat
from operator import attrgetter
from typing import Any

from msgspec import Struct, field
from msgspec.structs import astuple, replace

from desktop.domain.barcode import aim_of
from desktop.domain.events import (
    Attribute,
    Count,
    CountFlag,
    Event,
    EventKind,
    Link,
    LinkEnd,
    Measurement,
    Move,
    Result,
    Role,
    Scan,
    State,
    StateChange,
    Step,
    Thing,
)
from desktop.domain.spans import Span
from desktop.store.database import Store
from desktop.store.schema import APPEND_ONLY, HEAD
from desktop.store.tallies import MINUTE_MS, Tallies

EMPTY_CHAIN = bytes(32)
KEPT_BYTES = 8  # of a hash, with a fact; every later hash goes over the whole of it, and the whole last one is kept
_FACTS = ("events", "measurements", "links", "steps", "results", "attributes", "link_ends", "moves")
_EVENTS_AT_ONCE = 2000
_QUALITY_BITS = 30  # the two highest bits of a status tell its quality: good, uncertain, bad
_MOST_THINGS = 20_000  # ids of units that are remembered; older ones are looked up


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


_HEALTH = ", ".join(("device_id", *DeviceHealth.__struct_fields__))


class Batch(Struct):
    """What goes into one transaction."""

    events: list[Event] = field(default_factory=list)
    measurements: list[Measurement] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    attributes: list[Attribute] = field(default_factory=list)
    link_ends: list[LinkEnd] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    live: dict[int, LiveValue] = field(default_factory=dict)
    devices: dict[int, DeviceHealth] = field(default_factory=dict)
    said_until: int = 0  # up to this entry its links tell what people said, 0: they do not

    def __len__(self) -> int:
        return sum(len(rows) for rows in self.rows())

    def rows(self) -> tuple[Sequence[Any], ...]:
        """Its facts, kind by kind, each in the order of their ids."""
        return (
            self.events,
            self.measurements,
            self.links,
            self.steps,
            self.results,
            self.attributes,
            self.link_ends,
            self.moves,
        )

    @property
    def last_id(self) -> int:
        """The id of the newest fact, 0 where there is none."""
        return max((rows[-1].id for rows in self.rows() if rows), default=0)


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


LIVE_US = 1_000_000  # so old the newest values of measured signals in the file may become

# In JSON text a line feed stands between values only, so that one call can write many rows and be cut again.
_as_text = json.JSONEncoder(ensure_ascii=False, separators=(",\n", ":"), check_circular=False, default=bytes.hex).encode


def link_hash(previous: bytes, row: Sequence[object]) -> bytes:
    """SHA-256 over the hash of the row before and the row's columns as JSON (bytes as hex)."""
    return _link_hashes(previous, [row])[0]


def agrees(whole: bytes, kept: object) -> bool:
    """Whether what stands with a row is the hash that it must have: its first bytes, or all of it (of what people say,
    and of facts that an older program wrote)."""
    return kept in (whole, whole[:KEPT_BYTES])


def _link_hashes(previous: bytes, rows: Sequence[Sequence[object]]) -> list[bytes]:
    """The hash of every row, each over the one before."""
    hashes = []
    for text in _as_text(rows)[2:-2].split("],\n["):
        whole = f"[{text}]".replace(",\n", ",")
        previous = hashlib.sha256(previous + whole.encode("utf-8", "surrogatepass")).digest()
        hashes.append(previous)
    return hashes


_EVENT = attrgetter(
    "id",
    "kind.value",
    "at_ms",
    "machine",
    "device",
    "signal",
    "word",
    "detail",
    "pieces",
    "from_ms",
    "reading",
    "flag",
    "raw",
)


class _Head(Struct, frozen=True):
    rows: int
    last_id: int
    hash: bytes


class Journal:
    """The writing end, for the one collector of a database. Not thread-safe."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._heads = {name: self._head(name) for name in APPEND_ONLY if name not in ("entries", "audit")}
        self._things: dict[Thing, int] = {}
        self.last_id = max(self.newest_fact(), self._heads["units"].last_id)
        self._jumps = _segments(store)
        self._offset_us = self._jumps[-1][1]
        self._segments: list[tuple[int, int]] = []  # of `_jumps` those that are not in the file yet
        self._disorder_us = round(2_000_000 * max(1.0, store.clock.speed))
        self._tallies = Tallies(self._last_number_ms())
        self._late_live: dict[int, LiveValue] = {}  # of measured values: not in the file yet
        self._live_until_us = 0  # up to which id `live` was last written whole

    def next_id(self, at_ms: int) -> int:
        """A fresh id for a fact that arrived at `at_ms`: its microseconds, moved on so that ids always rise.

        Where the clock stands more than 2 real seconds behind the last id, a segment is opened that records the
        offset. Less is the ordinary disorder of stamps that several threads took.
        """
        wanted = at_ms * 1000
        if wanted > self.last_id and not self._offset_us:
            self.last_id = wanted  # as nearly always
            return wanted
        if wanted + self._offset_us < self.last_id - self._disorder_us:
            self._open_segment(self.last_id + 1, self.last_id + 1 - wanted)
        elif self._offset_us and wanted > self.last_id:
            self._open_segment(wanted, 0)
        self.last_id = max(self.last_id + 1, wanted + self._offset_us)
        return self.last_id

    def following_id(self) -> int:
        """A fresh id that follows the last one: for a fact whose id need not tell when it arrived."""
        self.last_id += 1
        return self.last_id

    def segments(self, last_id: int) -> list[tuple[int, int]]:
        """The clock jumps that ids up to this one need and that are not in the file yet, in order."""
        return [jump for jump in self._segments if jump[0] <= last_id]

    def newest_fact(self) -> int:
        """The highest id of the facts in the file, which go in in their order."""
        return self._highest_id(_FACTS)

    def holds(self, key: int) -> bool:
        """Whether the file holds a fact of that id."""
        return any(self.store.row(f"SELECT 1 FROM {table} WHERE id = ?", key) for table in _FACTS)

    def go_on_after(self, last_id: int, segments: Sequence[tuple[int, int]]) -> None:
        """Give ids that follow facts which are not in the file yet, with the clock jumps that they need."""
        self.last_id = max(self.last_id, last_id)
        for first_id, offset_us in segments:
            if first_id > self._jumps[-1][0]:
                self._open_segment(first_id, offset_us)

    def _open_segment(self, first_id: int, offset_us: int) -> None:
        self._offset_us = offset_us
        self._segments.append((first_id, offset_us))
        self._jumps.append((first_id, offset_us))

    def _arrived_ms(self, key: int) -> int:
        return _arrival_ms(self._jumps, key)

    def _row(self, measured: Measurement) -> tuple[int, int, int | None, float | None, int, int | None]:
        """A value as its table holds it, see `migrations.wire_details`."""
        status, source_ms, server_ms = measured.status, measured.source_at_ms, measured.server_at_ms
        if quality_of(status) != measured.quality:  # the wire has no status, or we trust the value less than it
            status = measured.quality << _QUALITY_BITS
        if source_ms is None and server_ms is None:
            return measured.id, measured.signal, None, measured.value, status, None
        arrived_ms = self._arrived_ms(measured.id)
        age_ms = None if source_ms is None else arrived_ms - source_ms
        told_ms = arrived_ms if source_ms is None else source_ms
        lag_ms = None if server_ms is None else server_ms - told_ms
        return measured.id, measured.signal, age_ms, measured.value, status, lag_ms

    def commit(self, batch: Batch, beat: Beat | None = None) -> None:
        """Write a batch in one transaction; nothing of it is in the file when this raises KnownError."""
        heads = dict(self._heads)
        things: dict[Thing, int] = {}
        segments = self.segments(batch.last_id)
        live, late = self._live(batch)
        with self.store.transaction() as connection:
            self._write_facts(connection, batch, heads, things)
            connection.executemany(
                "INSERT INTO measurements VALUES (?, ?, ?, ?, ?, ?)", [self._row(m) for m in batch.measurements]
            )
            connection.executemany(
                "INSERT INTO measurement_texts VALUES (?, ?)",
                [(m.id, m.text) for m in batch.measurements if m.text is not None],
            )
            connection.executemany(
                "INSERT OR REPLACE INTO live VALUES (?, ?, ?, ?, ?)",
                [(signal, v.at_ms, v.value, v.text, v.quality) for signal, v in live.items()],
            )
            connection.executemany(
                f"INSERT OR REPLACE INTO device_status ({_HEALTH}) VALUES ({', '.join('?' * 12)})",
                [(device, *astuple(health)) for device, health in batch.devices.items()],
            )
            connection.executemany("INSERT INTO clock_segments (first_id, offset_us) VALUES (?, ?)", segments)
            changed = [
                (head.rows, head.last_id, head.hash, name)
                for name, head in heads.items()
                if head is not self._heads[name]
            ]
            connection.executemany(
                "INSERT OR REPLACE INTO chain_heads (rows, last_id, hash, name) VALUES (?, ?, ?, ?)", changed
            )
            if batch.said_until:
                connection.execute("INSERT OR REPLACE INTO links_said VALUES (1, ?)", (batch.said_until,))
            minute = self._write_tallies(connection, batch)
            if beat is not None:
                connection.execute(
                    "INSERT OR REPLACE INTO heartbeat VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        beat.pid,
                        beat.version,
                        beat.started_real_ms,
                        beat.at_real_ms,
                        beat.at_ms,
                        beat.note,
                        beat.backlog,
                        beat.lost,
                    ),
                )
        self._heads = heads
        self._things.update(things)
        while len(self._things) > _MOST_THINGS:
            del self._things[next(iter(self._things))]
        del self._segments[: len(segments)]
        if minute is not None:
            self._tallies.keep(minute)
        self._late_live = late
        if not late and batch.last_id:
            self._live_until_us = batch.last_id

    def _write_facts(self, connection: Any, batch: Batch, heads: dict[str, _Head], things: dict[Thing, int]) -> None:
        """Events, units, steps, links and results with their chains; a thing is entered when a fact first names it."""

        def seal(name: str, rows: Sequence[tuple[object, ...]]) -> None:
            if not rows:
                return
            hashes = _link_hashes(heads[name].hash, rows)
            sealed = [(*row, digest[:KEPT_BYTES]) for row, digest in zip(rows, hashes, strict=True)]
            marks = ", ".join("?" * len(sealed[0]))
            connection.executemany(f"INSERT INTO {name} VALUES ({marks})", sealed)
            heads[name] = _Head(heads[name].rows + len(rows), int(str(rows[-1][0])), hashes[-1])

        seal("events", [_EVENT(self._sealing(connection, event)) for event in batch.events])
        units: list[tuple[object, ...]] = []

        def thing_id(thing: Thing, at_ms: int, event: int) -> int:
            known = self._things.get(thing) or things.get(thing)
            if known is None:
                row = connection.execute(
                    "SELECT id FROM units WHERE code = ? AND kind = ?", (thing.code, thing.kind)
                ).fetchone()
                if row is None:
                    # Numbered one by one, not by their time: a link names two, and its indexes again.
                    known = int(str(units[-1][0])) + 1 if units else heads["units"].last_id + 1
                    units.append((known, thing.kind, thing.code, at_ms, event))
                else:
                    known = int(row[0])
                things[thing] = known
            return known

        steps = [
            (s.id, thing_id(s.thing, s.at_ms, s.event), s.machine, s.at_ms, s.result, s.event) for s in batch.steps
        ]
        links = [
            (
                k.id,
                k.kind,
                thing_id(k.parent, k.at_ms, k.event),
                thing_id(k.child, k.at_ms, k.event),
                k.machine,
                k.at_ms,
                k.event,
            )
            for k in batch.links
        ]
        results = [
            (
                r.id,
                None if r.unit is None else thing_id(r.unit, r.at_ms, r.id),
                r.signal,
                r.machine,
                r.at_ms,
                None if r.value is None else float(r.value) + 0.0,  # as it will be read: no -0.0
                r.word,
                r.judgement,
                r.raw,
            )
            for r in batch.results
        ]
        attributes = [
            (a.id, thing_id(a.thing, a.at_ms, a.event), a.key, a.value, a.at_ms, a.event) for a in batch.attributes
        ]
        moves = [(m.id, thing_id(m.thing, m.at_ms, m.event), m.station, m.kind, m.at_ms, m.event) for m in batch.moves]
        seal("units", units)
        seal("steps", steps)
        seal("links", links)
        seal("results", results)
        seal("attributes", attributes)
        seal("link_ends", [(e.id, e.link, e.at_ms, e.event) for e in batch.link_ends])
        seal("moves", moves)

    def _sealing(self, connection: Any, event: Event) -> Event:
        """An event as it is written: a seal says how far the other chains have come."""
        if event.kind is not EventKind.SEAL or event.detail:
            return event
        heads = {name: [head.rows, head.last_id, head.hash.hex()[:16]] for name, head in self._heads.items()}
        del heads["events"]
        for key, value in connection.execute("SELECT key, value FROM meta WHERE key LIKE ?", (f"{HEAD}%",)).fetchall():
            rows, last_id, digest = json.loads(value)
            heads[key.removeprefix(HEAD)] = [rows, last_id, digest[:16]]
        detail = json.dumps({name: head for name, head in heads.items() if head[0]}, separators=(",", ":"))
        return replace(event, detail=detail)

    def _live(self, batch: Batch) -> tuple[dict[int, LiveValue], dict[int, LiveValue]]:
        """Which newest values to write now, and which later.

        That of a measured value stands in its own row too: two hundred of them a quarter of a second would fill the
        log with as many bytes as the values themselves. Once a second is enough, and at once where nothing is measured.
        """
        known = {**self._late_live, **batch.live}
        measured = {m.signal for m in batch.measurements}
        if not measured or batch.last_id - self._live_until_us >= LIVE_US or batch.last_id < self._live_until_us:
            return known, {}
        now = {signal: value for signal, value in batch.live.items() if signal not in measured}
        return now, {signal: value for signal, value in known.items() if signal not in now}

    def _write_tallies(self, connection: Any, batch: Batch) -> int | None:
        """Let the numbers of a batch close minutes and hours; the minute that stays open, None without a number."""
        ids = [m.id for m in batch.measurements if m.value is not None]
        counts = [
            (e.id, e.at_ms) for e in batch.events if e.kind is EventKind.COUNT and e.pieces and e.signal is not None
        ]
        if not ids and not counts:
            return None
        if len(self._jumps) == 1:
            minutes = {key // (MINUTE_MS * 1000) for key in ids}
        else:
            minutes = {self._arrived_ms(key) // MINUTE_MS for key in ids}
        minutes |= {at_ms // MINUTE_MS for _key, at_ms in counts}
        _last, last_ms = max(([(ids[-1], self._arrived_ms(ids[-1]))] if ids else []) + counts[-1:])
        jumps = self._jumps
        return self._tallies.write(connection, minutes, last_ms, lambda span: _id_ranges(jumps, span))

    def _last_number_ms(self) -> int | None:
        """When the last number in the file arrived or was counted, None without one."""
        value = self.store.row("SELECT max(id) FROM measurements WHERE value IS NOT NULL")[0]
        count = self.store.row(
            "SELECT id, at_ms FROM events NOT INDEXED WHERE kind = 'count' AND pieces > 0 ORDER BY id DESC LIMIT 1"
        )
        if count is not None and (value is None or count[0] > value):
            return int(count[1])
        return None if value is None else self._arrived_ms(int(value))

    def _head(self, name: str) -> _Head:
        head = self.store.row("SELECT rows, last_id, hash FROM chain_heads WHERE name = ?", name)
        if head is None:  # the first of its table, or somebody took the head out: `check` will say so
            return _Head(0, self._highest_id((name,)), EMPTY_CHAIN)
        return _Head(int(head[0]), max(int(head[1]), self._highest_id((name,))), bytes(head[2]))

    def _highest_id(self, tables: Sequence[str]) -> int:
        return max(int(self.store.row(f"SELECT max(id) FROM {table}")[0] or 0) for table in tables)


# -- reading --

ALWAYS = Span(0, 1 << 52)


def id_ranges(store: Store, window: Span) -> list[tuple[int, int, int]]:
    """The ranges of ids (first, last, offset_us) whose facts arrived in `window`, by the recorded clock jumps.

    The arrival of an id is (id - offset_us) microseconds.
    """
    return _id_ranges(_segments(store), window)


def said_behind(store: Store, entry: int, at_ms: int) -> int:
    """The id up to which facts were there when an entry was said at a moment, and behind which they came later.

    Where the clock was set back the moment came twice: a seal between the two tells whether the entry was there by
    then. Where none does, it is taken to be the later one.
    """
    segments = _segments(store)
    ends = [first for first, _offset in segments[1:]] + [1 << 62]
    told = [(at_ms * 1000 + ahead, end) for (first, ahead), end in zip(segments, ends, strict=True)
            if at_ms * 1000 + ahead >= first]  # fmt: skip
    found = [key for key, end in told if key < end] or [max(end for _key, end in told) - 1]
    if len(found) > 1:
        seals = store.rows(
            "SELECT id, coalesce(json_extract(detail, '$.entries[1]'), 0) FROM events WHERE machine_id IS NULL"
            " AND kind = 'seal' AND id BETWEEN ? AND ? ORDER BY id",
            *(found[0], found[-1]),
        )
        behind = max((int(seal) for seal, newest in seals if newest < entry), default=0)
        before = min((int(seal) for seal, newest in seals if newest >= entry), default=ends[-1])
        found = [key for key in found if behind <= key <= before] or found
    return found[-1]


def _id_ranges(segments: list[tuple[int, int]], window: Span) -> list[tuple[int, int, int]]:
    found = []
    for index, (first, offset) in enumerate(segments):
        end = segments[index + 1][0] if index + 1 < len(segments) else None
        low = max(first, window.start_ms * 1000 + offset)
        high = window.end_ms * 1000 + offset - 1
        if end is not None:
            high = min(high, end - 1)
        if low <= high:
            found.append((low, high, offset))
    return found


def _segments(store: Store) -> list[tuple[int, int]]:
    """From which id on ids run ahead of the clock by how many microseconds, in order."""
    rows = store.rows("SELECT first_id, offset_us FROM clock_segments ORDER BY id")
    return [(0, 0), *((int(first), int(offset)) for first, offset in rows)]


def _arrival_ms(segments: list[tuple[int, int]], key: int) -> int:
    """When the fact of an id arrived."""
    return (key - _offset_us(segments, key)) // 1000


def _offset_us(segments: list[tuple[int, int]], key: int) -> int:
    """By how much an id runs ahead of the clock."""
    return 0 if len(segments) == 1 else segments[bisect_right(segments, (key, 1 << 62)) - 1][1]


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
        ((int(key) - offset_us) // 1000, value if quality_of(status) < 2 else None)
        for low, high, offset_us in id_ranges(store, window)
        for key, value, status in store.rows(
            "SELECT id, value, status FROM measurements WHERE id BETWEEN ? AND ? AND signal_id = ? ORDER BY id",
            low,
            high,
            signal,
        )
    ]


def quality_of(status: int) -> int:
    """What a stored status says of its value: 0 good, 1 uncertain, 2 bad."""
    return min(status >> _QUALITY_BITS, 2)


def event_count(store: Store, window: Span) -> int:
    """How many events arrived in a window."""
    return sum(
        int(store.row("SELECT count(*) FROM events WHERE id BETWEEN ? AND ?", low, high)[0])
        for low, high, _offset_us in id_ranges(store, window)
    )


def events(store: Store, window: Span, most: int) -> Iterator[Event]:
    """The first `most` events that arrived in a window, in order of arrival; few are in memory at a time."""
    left = most
    for low, high, _offset_us in id_ranges(store, window):
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
    jumps = _segments(store)
    found = {
        int(signal): (int(signal), _arrival_ms(jumps, int(key)), value, text, quality_of(status))
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
    return {int(row[0]): DeviceHealth(*row[1:]) for row in store.rows(f"SELECT {_HEALTH} FROM device_status")}


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
