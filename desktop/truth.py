"""The demo's truth log held against its database: what the machines did, and what of it is stored.

Every single thing is compared, by what it says and not by number alone:

    good, reject   pieces of each machine
    scan, judge    the line on the wire, character by character
    value          pushed over OPC UA: node, value and the machine's own time of it
    part, alarm    pushed words; state: pushed codes
    polled         states and values that a Modbus unit handed out

While a link is broken, and until the collector listens again, what is set is lost, but for what stands there then; so
is what had not arrived yet when it broke. And of a polled value only what stood until somebody read it can be known.
None of it is asked for, and none may be invented.
"""

from __future__ import annotations

import json
import struct
from collections import Counter
from pathlib import Path

from msgspec import Struct, field

from desktop.domain import kpi
from desktop.domain.events import EventKind
from desktop.domain.spans import Span
from desktop.store import arrivals, database, records, register
from desktop.store.database import Store

KINDS = ("good", "reject", "scan", "judge", "value", "part", "alarm", "state", "polled")
LATE_MS = 1200  # real milliseconds until a polled state is known: a poll period, and one request that went unanswered
_NODES = {"PartId": "part", "AlarmCode": "alarm", "State": "state"}
_EVENTS = {EventKind.PART: "part", EventKind.ALARM: "alarm", EventKind.STATE: "state"}

_Thing = tuple[object, ...]


class Account(Struct, frozen=True):
    """What was made and what is stored, by kind.

    `missing` and `invented` name each thing that is not stored, or stored without having been. `late_ms`: how many
    real milliseconds after it began a polled state was known, at most.
    """

    produced: dict[str, int]
    stored: dict[str, int]
    missing: tuple[str, ...]
    invented: tuple[str, ...]
    late_ms: int

    @property
    def lost(self) -> int:
        """How many things are not as they were; 0 where the database tells the truth."""
        return len(self.missing) + len(self.invented)


class _Tally(Struct):
    """Things by kind, and the polled series in their order: (machine, signal) -> [(value, at_ms)]."""

    things: dict[str, Counter[_Thing]] = field(default_factory=lambda: {kind: Counter() for kind in KINDS})
    polled: dict[tuple[str, str], list[tuple[float, int]]] = field(default_factory=dict)

    def add(self, kind: str, *thing: object) -> None:
        self.things[kind][thing] += 1

    def poll(self, machine: str, signal: str, value: float, at_ms: int) -> None:
        """A polled value, as the 32 bits that the wire carries; the same again is no news."""
        single = struct.unpack(">f", struct.pack(">f", value))[0]
        series = self.polled.setdefault((machine, signal), [])
        if not series or series[-1][0] != single:
            series.append((single, at_ms))
            self.add("polled", machine, signal, single)


def account(folder: Path, truth: Path, since_ms: int) -> Account:
    """Hold a database against the truth log of its machines, which began to move at `since_ms`."""
    store = database.open_reader(folder)
    try:
        there, speed = _stored(store, since_ms), store.clock.speed or 1.0
    finally:
        store.close()
    made, possible = _produced(truth)
    produced, stored, missing, invented = {}, {}, [], []
    for kind in KINDS:
        must, may, have = made.things[kind], possible.things[kind], there.things[kind]
        produced[kind] = must.total()
        stored[kind] = (have - ((have - must) & may)).total()
        missing += _named(kind, must - have)
        invented += _named(kind, have - must - may)
    late_ms = [
        heard[1] - told[1]
        for series, begun in made.polled.items()
        if series[1] == "state"
        for told, heard in zip(begun, there.polled.get(series, []), strict=False)
        if told[0] == heard[0] and told[1] >= since_ms
    ]
    return Account(produced, stored, tuple(missing), tuple(invented), round(max(late_ms, default=0) / speed))


def _named(kind: str, things: Counter[_Thing]) -> list[str]:
    return [" ".join([kind, *map(str, thing)]) for thing in things.elements()]


def _produced(truth: Path) -> tuple[_Tally, _Tally]:
    """What must be stored, and what may be: what was set while nobody could hear it, or so shortly before its link
    broke that it had not arrived."""
    made, possible = _Tally(), _Tally()
    records = [json.loads(line) for line in truth.read_text(encoding="utf-8").splitlines()]
    unsent = [(each["bus"], each["unsent_since_ms"], each["at_ms"]) for each in records if "unsent_since_ms" in each]
    for record in records:
        stays = any(bus == record.get("bus") and since <= record["at_ms"] <= cut for bus, since, cut in unsent)
        kind, tally = record["kind"], possible if stays or not record.get("linked", True) else made
        if kind in ("good", "reject"):
            made.add(kind, record["machine"])
        elif kind == "read":
            made.poll(record["machine"], record["signal"], record["value"], record["since_ms"])
        elif "line" in record:
            made.add(kind, record["bus"], record["line"])
        elif "node" in record:
            node, shown = record["node"], record["shown"]
            if node in _NODES:
                tally.add(_NODES[node], record["bus"], "" if node == "AlarmCode" and not shown else str(shown))
            else:
                tally.add("value", record["bus"], node, float(shown), record["at_ms"])
    return made, possible


def _stored(store: Store, since_ms: int) -> _Tally:
    """What arrived since a moment; the polled series from their beginning."""
    there = _Tally()
    plant = register.plant(store)
    buses = {bus.id: bus for bus in plant.buses}
    bus_of = {device.id: buses[device.bus] for device in plant.devices}
    signals = {signal.id: signal for signal in plant.signals}
    codes = {machine.id: machine.code for machine in plant.machines}
    always = Span(since_ms, records.ALWAYS.end_ms)
    for machine in plant.machines:
        pieces = kpi.tally(always, (), records.counts(store, machine.id, always))
        there.things["good"][(machine.code,)] = pieces.good
        there.things["reject"][(machine.code,)] = pieces.reject
    for event in arrivals.events(store):
        signal = signals.get(event.signal or 0)
        if signal is None or (event.kind not in _EVENTS and event.kind is not EventKind.SCAN):
            continue
        bus, word = bus_of[signal.device], event.detail if event.kind is EventKind.STATE else event.word
        if bus.driver == "modbus_rtu":
            if word:  # none where the device did not answer
                there.poll(codes[signal.machine or 0], signal.key, float(word), event.at_ms)
        elif event.at_ms >= since_ms and event.kind is EventKind.SCAN:
            there.add("scan", bus.key, bytes(event.raw or b"").decode().strip())
        elif event.at_ms >= since_ms and (word or event.kind is not EventKind.STATE):
            there.add(_EVENTS[event.kind], bus.key, word)
    for result in arrivals.results(store):
        if result.word and result.at_ms >= since_ms:
            there.add("judge", bus_of[signals[result.signal].device].key, bytes(result.raw or b"").decode().strip())
    for at_ms, measured in arrivals.measurements(store):
        signal = signals[measured.signal]
        bus = bus_of[signal.device]
        if bus.driver == "modbus_rtu" and measured.value is not None:
            there.poll(codes[signal.machine or 0], signal.key, measured.value, at_ms)
        elif bus.driver == "opc_ua" and measured.value is not None and measured.source_at_ms is not None:
            node = str(signal.settings["node"]).rpartition("=")[2]
            if measured.source_at_ms >= since_ms:  # what stands there is told again after each reconnect
                there.things["value"][bus.key, node, measured.value, measured.source_at_ms] = 1
    return there
