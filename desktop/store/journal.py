"""What happened, appended by the collector: one transaction a batch, each row in its chain. `records` reads it back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from msgspec import Struct, field
from msgspec.structs import astuple, replace

from desktop.domain.events import (
    Attribute,
    Event,
    EventKind,
    Link,
    LinkEnd,
    Measurement,
    Move,
    Result,
    Step,
    Thing,
)
from desktop.store.chain import EMPTY_CHAIN, KEPT_BYTES, link_hashes
from desktop.store.database import Store
from desktop.store.ids import arrival_ms, ranges_of, segments
from desktop.store.records import HEALTH_COLUMNS, QUALITY_BITS, Beat, DeviceHealth, LiveValue, quality_of
from desktop.store.schema import APPEND_ONLY, HEAD
from desktop.store.tallies import MINUTE_MS, Tallies

_FACTS = ("events", "measurements", "links", "steps", "results", "attributes", "link_ends", "moves")
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
_MOST_THINGS = 20_000  # ids of units that are remembered; older ones are looked up


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


LIVE_US = 1_000_000  # so old the newest values of measured signals in the file may become


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
        self._jumps = segments(store)
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
        return arrival_ms(self._jumps, key)

    def _row(self, measured: Measurement) -> tuple[int, int, int | None, float | None, int, int | None]:
        """A value as its table holds it, see `migrations.wire_details`."""
        status, source_ms, server_ms = measured.status, measured.source_at_ms, measured.server_at_ms
        if quality_of(status) != measured.quality:  # the wire has no status, or we trust the value less than it
            status = measured.quality << QUALITY_BITS
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
                f"INSERT OR REPLACE INTO device_status ({HEALTH_COLUMNS}) VALUES ({', '.join('?' * 12)})",
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
            hashes = link_hashes(heads[name].hash, rows)
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
        return self._tallies.write(connection, minutes, last_ms, lambda span: ranges_of(jumps, span))

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
