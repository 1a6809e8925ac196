"""What an interpreter must know from before, out of the journal alone: one that was killed goes on as if not.

While facts wait outside of the journal, their record carries the memory (`to_json`, `from_json`).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from itertools import pairwise
from typing import Any

from msgspec.structs import asdict

from desktop.collect.components import material_of, serial_materials
from desktop.collect.memory import MOST_UNPACKED, Memory
from desktop.collect.packing import machines_before, packers
from desktop.collect.tracking import counting
from desktop.domain.barcode import aim_of, classify, clean_code
from desktop.domain.events import CountFlag, EventKind, Role, State, Thing
from desktop.domain.identity import identify
from desktop.domain.plant import Plant, Signal
from desktop.domain.quality import Binding, Quality
from desktop.domain.values import is_taken
from desktop.store import latest, records, seen
from desktop.store.database import Store

_COUNTERS = (Role.GOOD, Role.REJECT, Role.TOTAL)
_KINDS = {
    Role.ALARM: EventKind.ALARM,
    Role.ALARM_TEXT: EventKind.ALARM,
    Role.PART: EventKind.PART,
    Role.PRODUCT: EventKind.PRODUCT,
    Role.SCAN: EventKind.SCAN,
}
_LOTS_BACK = 200  # among so many scans of lots is looked for the last change of one
_STEPS_BACK = 20  # so many in a row are looked through for the reading before them


def recall(store: Store, plant: Plant, quality: Quality | None = None) -> Memory:
    """The memory of the interpreter that wrote the journal."""
    memory = Memory()
    live = records.live(store)
    for signal in plant.signals:
        if signal.role in _COUNTERS:
            _counter(store, signal, live.get(signal.id), memory)
        elif signal.role in _KINDS:
            word = latest.last(store, signal.id, _KINDS[signal.role])
            if word is not None:
                memory.words[signal.id] = word.word
                if signal.role is Role.ALARM and word.word and word.detail:
                    memory.texts[signal.id] = word.detail
    for machine in plant.machines:
        state = _newest(store, plant, machine.id, Role.STATE, EventKind.STATE)
        if state is not None:
            memory.states[machine.id] = (State(state.word), state.detail)
    for machine_id in {s.machine for s in plant.signals if s.role in (Role.SCAN, Role.PART) and s.machine is not None}:
        _things(store, plant, machine_id, memory)
    if quality is not None:
        _bound(store, plant, quality, memory)
        for station in plant.stations:
            around = {p.material: p.around for p in quality.parts if p.station == station.id and p.around}
            if station.machine is not None and around:
                _hopper(store, plant, station.machine, around, memory)
            serial = serial_materials(quality, station.id)
            if station.machine is not None and serial:
                _waiting_parts(store, plant, station.machine, serial, memory)
    for device in plant.devices:
        since_ms = latest.silent_since(store, device.id, latest.last_online(store, device.id))
        if since_ms is not None:
            memory.offline[device.id] = since_ms
    return memory


def to_json(memory: Memory) -> str:
    """The memory as text."""
    pairs = {name: list(known.items()) for name, known in _dicts(memory).items()}
    return json.dumps(pairs, default=lambda thing: (thing.kind, thing.code))


def from_json(text: str) -> Memory:
    """The memory that a text holds."""
    told = json.loads(text)
    memory = Memory(**{name: dict(told.get(name, ())) for name in _dicts(Memory())})
    memory.readings = {signal: (reading, at_ms) for signal, (reading, at_ms) in memory.readings.items()}
    memory.states = {machine: (State(state), code) for machine, (state, code) in told["states"]}
    memory.pending = {signal: (State(state), code, at_ms) for signal, (state, code, at_ms) in told["pending"]}
    memory.parts = {machine: Thing(*thing) for machine, thing in told["parts"]}
    memory.left = {machine: Thing(*thing) for machine, thing in told.get("left", ())}
    memory.lots = {machine: {kind: Thing(*lot) for kind, lot in lots.items()} for machine, lots in told["lots"]}
    memory.made = {machine: (Thing(*unit), pieces) for machine, (unit, pieces) in told.get("made", ())}
    memory.came = {machine: (event, at_ms) for machine, (event, at_ms) in told["came"]}
    memory.mixing = {
        machine: {kind: [(Thing(*lot), left) for lot, left in lots] for kind, lots in kinds.items()}
        for machine, kinds in told["mixing"]
    }
    memory.waiting = {
        machine: {kind: Thing(*part) for kind, part in parts.items()} for machine, parts in told.get("waiting", ())
    }
    memory.recent = {machine: [Thing(*unit) for unit in units] for machine, units in told["recent"]}
    memory.unpacked = {machine: [Thing(*unit) for unit in units] for machine, units in told["unpacked"]}
    return memory


def _dicts(memory: Memory) -> dict[str, dict[int, Any]]:
    return asdict(memory)


def _newest(store: Store, plant: Plant, machine: int, role: Role, kind: EventKind) -> latest.Word | None:
    """The newest event of a kind that the signals of a role at a machine brought about."""
    words = [latest.last(store, signal.id, kind) for signal in plant.signals_of(machine) if signal.role is role]
    return max((word for word in words if word is not None), key=lambda word: word.id, default=None)


def _counter(store: Store, signal: Signal, live: records.LiveValue | None, memory: Memory) -> None:
    """The last reading, what a step back hid, and since when the counter was not heard."""
    heard = latest.readings(store, signal.id, signal.machine, _STEPS_BACK)
    if not heard:
        return
    reading, at_ms = heard[0].reading, heard[0].at_ms
    if live is not None and live.value is not None and live.value >= 0:
        # Heard again and again without a change: facts hold the changes only. The live value is a float.
        reading, at_ms = reading if live.value == float(reading) else round(live.value), live.at_ms
    memory.readings[signal.id] = (reading, at_ms)
    before_step = next((n for n, count in enumerate(heard) if count.flag is not CountFlag.STEP_BACK), len(heard) - 1)
    if before_step and at_ms == heard[0].at_ms:  # read again since then, it is confirmed
        memory.stepped[signal.id] = max(count.reading for count in heard[1 : before_step + 1])
    silent_ms = latest.silent_since(store, signal.device, heard[0].id, at_ms)
    if silent_ms is not None:
        memory.gaps[signal.id] = silent_ms


def _things(store: Store, plant: Plant, machine: int, memory: Memory) -> None:
    """The piece at a machine, the lots in use there, and the units that wait for a box."""
    scanners = {s.id: s for s in plant.signals if s.role is Role.SCAN and s.machine == machine}
    for lot in latest.lots(store, machine):
        if lot.signal in scanners:
            material = _material(store, plant, lot, scanners[lot.signal])
            memory.lots.setdefault(machine, {}).setdefault(material, Thing("lot", lot.code))
    unit, part = latest.last_unit(store, machine), _newest(store, plant, machine, Role.PART, EventKind.PART)
    gone = part is not None and not part.word and unit is not None and part.id > unit[1]
    left = unit is not None and (gone or seen.unknown_after(store, machine, unit[1]))
    if unit is not None and not seen.refused_after(store, machine, unit[1]):
        if left:
            memory.left[machine] = Thing("unit", unit[0])
        else:
            memory.parts[machine], memory.came[machine] = Thing("unit", unit[0]), (unit[1], unit[2])
    if unit is not None:
        counted = latest.made_since(store, machine, unit[0], counting(plant).get(machine, ""))
        memory.made[machine] = (Thing("unit", unit[0]), counted)
    if machine in packers(plant, "box"):
        _waiting(store, plant, machine, memory)


def _bound(store: Store, plant: Plant, quality: Quality, memory: Memory) -> None:
    """Which signals have told a value of the piece that came last."""
    machines = {signal.id: signal.machine for signal in plant.signals}
    for machine, (event, _at_ms) in memory.came.items():
        own = {
            each.signal: each.id
            for each in quality.characteristics
            if each.binding is not Binding.PART and each.signal is not None and machines.get(each.signal) == machine
        }
        memory.bound[machine] = sorted(
            signal
            for signal, what in own.items()
            if any(
                is_taken(value, judgement, quality.limits_at(what, at_ms))
                for at_ms, value, judgement in seen.bound_after(store, signal, event)
            )
        )


def _hopper(store: Store, plant: Plant, machine: int, around: Mapping[str, int], memory: Memory) -> None:
    """The last units at a machine, and the lots that may still be mixed into those to come."""
    most = max(around.values())
    units = seen.last_units(store, machine, most)
    if units:
        memory.recent[machine] = [Thing("unit", code) for _event, code in reversed(units)]
    scanners = {s.id: s for s in plant.signals if s.role is Role.SCAN and s.machine == machine}
    lots = [lot for lot in latest.lots(store, machine, _LOTS_BACK) if lot.signal in scanners]
    kinds = [_material(store, plant, lot, scanners[lot.signal]) for lot in lots]
    for material, count in around.items():
        own = [lot for lot, kind in zip(lots, kinds, strict=True) if kind == material]
        still: list[tuple[Thing, int]] = []
        newer = {own[0].code} if own else set()
        for now, before in pairwise(own):
            if before.code in newer:
                continue
            left = count - seen.units_after(store, machine, now.event, count)
            if left <= 0:
                break
            newer.add(before.code)
            still.insert(0, (Thing("lot", before.code), left))
        if still:
            memory.mixing.setdefault(machine, {})[material] = still


def _waiting_parts(store: Store, plant: Plant, machine: int, serial: Collection[str], memory: Memory) -> None:
    """The parts with a serial of their own that were read since the last unit came, and are in none."""
    unit, _pieces = memory.made.get(machine, (None, 0))
    begun = 0 if unit is None else latest.begun_at(store, machine, unit.code)
    inside = () if unit is None else seen.parts_in(store, unit).values()
    for code in seen.waiting_parts(store, machine, begun):
        part = Thing("unit", code)
        material = material_of(plant, serial, part, None, dict(seen.seen(store, part).attributes))
        if material and part not in inside:
            memory.waiting.setdefault(machine, {})[material] = part


def _material(store: Store, plant: Plant, lot: latest.LotRead, scanner: Signal) -> str:
    """Of which material a lot was taken to be when it was read: by the whole code, of which a fact holds the lot."""
    raw = lot.raw or lot.code.encode()
    aim = aim_of(lot.code, raw)
    body = clean_code(raw[len(aim) :].decode("utf-8", "replace"))
    told = identify(body, aim, raw, scanner.classes, plant, at_ms=lot.at_ms, separator=scanner.separator)
    if told.kind == "lot" and lot.code in (told.code, told.full_code):
        return told.material or told.attributes.get("gtin", "")
    # The bytes are not what was judged, as where a scanner's own pattern takes a part of them.
    kind, material = classify(lot.code, scanner.classes)
    attributes = dict(seen.seen(store, Thing("lot", lot.code)).attributes)
    return (material if kind == "lot" else "") or attributes.get("gtin", "")


def _waiting(store: Store, plant: Plant, machine: int, memory: Memory) -> None:
    """The units read since the last box, without those that were rejected while they stood there or were taken back."""
    packed, before = latest.last_packed(store, machine, "box"), machines_before(plant, machine)
    waiting: list[Thing] = []
    read: dict[Thing, int] = {}  # the fact that says so last
    here: Thing | None = None
    for fact in latest.passed(store, machine, packed, 3 * MOST_UNPACKED):
        if fact.kind is EventKind.COUNT:
            if waiting and waiting[-1] == here:
                waiting.pop()
            continue
        here = Thing("unit", fact.word) if fact.word else None
        if here is not None:
            if here in waiting and seen.gone_since(store, before, {here.code: read[here]}):
                waiting.remove(here)
            read[here] = fact.id
            if here not in waiting:
                waiting.append(here)
    gone = seen.gone_since(store, before, {each.code: read[each] for each in waiting})
    waiting = [each for each in waiting if each.code not in gone]
    boxes: list[Thing] = []
    if machine in packers(plant, "pallet"):
        after = latest.last_packed(store, machine, "pallet")
        boxes = [Thing("box", code) for code in latest.boxes(store, machine, after, MOST_UNPACKED)]
    if boxes or waiting:
        memory.unpacked[machine] = [*boxes, *waiting][-MOST_UNPACKED:]
