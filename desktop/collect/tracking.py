"""From scans and part ids to the history of units: who came where, what went into what, and what must not be.

Pure but for its `Past`, which looks things up that this process did not see itself. A unit that is refused has not
come: nothing is linked to it and no value is bound to it, but the scan and what was wrong are kept.
"""

from __future__ import annotations

import json
from bisect import insort
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from desktop.collect.memory import MOST_UNPACKED, Memory
from desktop.collect.past import Known, Packed, Recent, Taken
from desktop.domain import verdicts
from desktop.domain.barcode import GS1, LONGEST_CODE, clean_code
from desktop.domain.commands import Command, key, parse
from desktop.domain.entries import OPEN_MS
from desktop.domain.events import (
    COMPONENT,
    Attribute,
    Event,
    EventKind,
    Link,
    LinkEnd,
    LinkKind,
    Move,
    Role,
    Step,
    Thing,
)
from desktop.domain.identity import CONTROL_SIGNS, Identity, identify, product_of
from desktop.domain.measuring import is_taken
from desktop.domain.plant import Plant, Signal, Station
from desktop.domain.quality import Binding, Characteristic, Quality, Scanned, StationKind, StationPart, WhenWrong
from desktop.domain.verdicts import Fault, Place, Tried, Wrong
from desktop.store.journal import Batch
from drivers.base import Reading

_LATE_MS = 500  # where the plant's clock runs faster than the wires a value may come behind the next scan by so much
_MOST_KNOWN = 20_000  # things whose past is remembered; older ones are looked up again
#: what is packed into what, by the class of the code that is read last
PACKED = {"box": "unit", "pallet": "box"}
_PACKING = {StationKind.MAKE, StationKind.PACK}
_BUILDING = {StationKind.MAKE, StationKind.INSPECT}
_MENDING = {StationKind.MAKE, StationKind.REWORK, StationKind.INSPECT}


class Tracker:
    """Follows units, lots and boxes over the stations of a line. `next_id(at_ms)` gives the id of a new fact."""

    def __init__(
        self,
        plant: Plant,
        quality: Quality,
        memory: Memory,
        next_id: Callable[[int], int],
        recent: Recent,
        speed: float = 1.0,
    ) -> None:
        self.memory = memory
        self._plant, self._quality, self._next_id, self._recent = plant, quality, next_id, recent
        self._zone = ZoneInfo(plant.timezone) if plant.timezone else UTC
        self._late_ms = round(_LATE_MS * (speed - 1))
        self.badges: frozenset[str] = frozenset()  # keys of people's badges: a scan of one is a person, no serial
        self._known: dict[Thing, Known] = {}
        telling = {s.machine for s in plant.signals if s.role is Role.PART or "unit" in s.classes}
        self._places = {
            s.id: Place(s.id, s.code, s.kind, s.when_wrong, s.machine is not None and s.machine in telling)
            for s in plant.stations
        }
        self._stations: dict[int, Station] = {}  # machine -> the first station at it
        for station in plant.stations:
            if station.machine is not None:
                self._stations.setdefault(station.machine, station)
        self._has_patterns = any(product.unit_pattern or product.gtin for product in plant.products)
        self._by_code = {station.code: station for station in plant.stations}
        self._codes = {product.code: product.id for product in plant.products}
        self._counting = counting(plant)
        self._packers = {outer: packers(plant, outer) for outer in PACKED}
        self._before = {machine: machines_before(plant, machine) for machine in self._packers["box"]}
        self._gauges = {gauge.id: gauge for gauge in quality.gauges}
        self._measured = {c.signal for c in quality.characteristics if c.signal is not None}
        #: machine -> the materials that come there piece by piece
        self._serial = {machine: serial_materials(quality, each.id) for machine, each in self._stations.items()}

    # -- scans --

    def scan(self, batch: Batch, signal: Signal, reading: Reading, body: str) -> None:
        """A code was read."""
        memory, code, at_ms = self.memory, clean_code(body), reading.at_ms
        raw = reading.raw or (reading.aim + body).encode("utf-8", "replace")
        told, part = self._as_component(self._identify(code, reading.aim, raw, signal, at_ms), signal)
        what = told.kind
        word = self._name(told) if what else code
        if reading.note == "snapshot" and memory.words.get(signal.id) == word:
            return  # the same code as before the link went: shown again, not read again
        flag = "duplicate" if reading.note == "duplicate" else ("cut" if len(body) > LONGEST_CODE else "")
        event = Event(
            self._next_id(at_ms),
            EventKind.SCAN,
            at_ms,
            signal.machine,
            signal.device,
            signal.id,
            word,
            COMPONENT if part else what,
            flag=flag,
            raw=raw,
        )
        batch.events.append(event)
        memory.words[signal.id] = word
        if flag == "duplicate" or not code or what == "command":
            return
        if not what:
            self._not_known(batch, word, signal, event)
            return
        thing = Thing(what, word)
        self._label(batch, thing, told, signal, event)
        if signal.machine is None:
            self._place(batch, thing, signal, event)
        elif part:
            self._component(batch, thing, part, signal, signal.machine, event)
        elif what == "unit":
            self._unit(batch, thing, signal, signal.machine, event)
        elif what == "lot":
            material = told.material or told.attributes.get("gtin", "")
            self._lot(batch, thing, material, signal, signal.machine, event)
        else:
            self._pack(batch, thing, signal, signal.machine, event)

    def _not_known(self, batch: Batch, code: str, signal: Signal, event: Event) -> None:
        """A code that is nothing here: a damaged label, or a part of somebody else's. What is measured from here on
        belongs to nothing, as the piece whose code this may be is not known; the one that was there may come again."""
        if not signal.classes and not self._has_patterns:
            return
        machine = signal.machine
        station = self._by_code.get(signal.station) if machine is None else self._stations.get(machine)
        # A scanner of lots alone says nothing of the piece that is there.
        kind = "unit" if self._has_patterns or "unit" in signal.classes else ""
        fault, thing = [Fault(Wrong.UNKNOWN)], Thing(kind, code)
        if station is not None:
            self._say(batch, self._places[station.id], fault, thing, signal, event)
        elif machine is not None:
            self._find(batch, Wrong.UNKNOWN.value, "", thing, signal, event, "", "")
        if machine is not None and kind:
            self._go(machine)

    def _identify(self, code: str, aim: str, raw: bytes, signal: Signal, at_ms: int) -> Identity:
        """What a scanned code is. A badge of the shop's own is a command.

        A sound command is one whatever the shop's patterns say, or a pattern for everything would make a unit of it; a
        damaged one only where no pattern takes it, so that a shop whose own codes begin as commands do keeps them.
        """
        command = None if aim in GS1 else parse(code)
        if isinstance(command, Command) or (self.badges and aim not in GS1 and key(code) in self.badges):
            return Identity("command", code)
        told = identify(code, aim, raw, signal.classes, self._plant, at_ms=at_ms, separator=signal.separator)
        return Identity("command", code) if command is not None and not told.kind else told

    def _name(self, told: Identity) -> str:
        """The code of a thing: its number, which another product's thing may have, too."""
        if not told.full_code:
            return told.code
        return told.code_beside(self.known(Thing(told.kind, told.code)).told.get("gtin", ""))

    def _label(self, batch: Batch, thing: Thing, told: Identity, signal: Signal, event: Event) -> None:
        """Keep what a label says besides the code itself, and what is to be remarked of it."""
        known = self.known(thing)
        known.product = told.product if told.product is not None else known.product
        for name, value in told.attributes.items():
            if value in ("", thing.code) or known.told.get(name) == value:
                continue
            known.told[name] = value
            key = self._next_id(event.at_ms)
            batch.attributes.append(Attribute(key, thing, name, value, event.at_ms, event.id))
        station = self._stations.get(signal.machine or 0)
        # What a scanner puts around a code is kept with its bytes.
        wrong = [each for each in told.warnings if each != CONTROL_SIGNS]
        for warning in wrong:
            self._find(batch, warning, "", thing, signal, event, "", station.code if station is not None else "")

    def part(self, batch: Batch, signal: Signal, event: Event) -> None:
        """A machine told which piece is there now; "" for none."""
        if signal.machine is None:
            return
        if event.word:
            self._unit(batch, Thing("unit", event.word), signal, signal.machine, event)
        else:
            self._go(signal.machine)

    def _go(self, machine: int) -> None:
        """The piece that was at a machine is not known to be there any more; it may be read once more."""
        unit = self.memory.parts.get(machine)
        self._leave(machine)
        if unit is not None:
            self.memory.left[machine] = unit

    def _unit(self, batch: Batch, unit: Thing, signal: Signal, machine: int, event: Event) -> None:
        """A unit came: it takes the lots in use, and waits for its box where boxes are read."""
        memory, at_ms = self.memory, event.at_ms
        place, product = self._place_of(machine), self._product(unit, machine, at_ms)
        parts = self._parts(machine, product)
        in_use = {kind: lot for kind, lot in memory.lots.get(machine, {}).items() if kind not in _serials(parts)}
        has, fits = self._fitting(unit, parts, machine)
        mending = False
        if place is not None:
            mended = self._recent.mended(unit, at_ms)
            # What was sent back is held, and yet it has to come where it is mended and inspected again; what else
            # holds it holds it there, too.
            mending = mended and place.kind in _MENDING
            faults = verdicts.of_unit(
                place,
                self._stations_of(product, unit, place),
                self._passed(unit),
                here_last=unit in (memory.parts.get(machine), memory.left.get(machine)),
                made=self._is_made(unit, machine),
                mended=mended,
                held=self._recent.past.held(unit, at_ms, mending=mending),
                bad=self._bad(unit, product, at_ms),
                unmeasured=self._unmeasured(unit, product, at_ms),
            )
            asked = [p.material for p in parts if p.required and p.scanned is Scanned.BEFORE]
            faults += verdicts.of_parts(asked, {*in_use, *has, *fits})
            faults += self._unfit(fits.values(), at_ms)
            for material, lot in sorted(in_use.items()):
                wrong = verdicts.of_lot(
                    material, (), self.known(lot).expires_on, self._today(at_ms), self._held_in(lot, at_ms)
                )
                faults += [fault for fault in wrong if fault not in faults]  # what it carries already is said once
            if self._say(batch, place, faults, unit, signal, event):
                self._leave(machine)
                memory.left.pop(machine, None)
                return
            for lot in self._mixed(machine):
                # It may be in the unit, which is held from here on; refused it would be until another lot is put in.
                held = self._held_in(lot, at_ms)
                if held and Fault(Wrong.HELD, held) not in faults:  # what it carries already is said once
                    self._find(batch, Wrong.HELD.value, held, unit, signal, event, "", place.code)
        self._fit_waiting(batch, unit, fits, signal, machine, event)
        self._arrive(batch, unit, machine, at_ms, event.id)
        if mending:  # it is no longer where it was packed
            self._take_out(batch, self._recent.packed(unit), event)
        self._decide(batch, unit, product, event)
        self._move(batch, unit, self._stations.get(machine), event)
        for _material, lot in sorted(in_use.items()):
            self._link(batch, "consumed", unit, lot, machine, event)
        for lot in self._mixed(machine):
            self._link(batch, "around", unit, lot, machine, event)
        for material, lots in tuple(memory.mixing.get(machine, {}).items()):
            memory.mixing[machine][material] = [(lot, left - 1) for lot, left in lots if left > 1]
            if not memory.mixing[machine][material]:
                del memory.mixing[machine][material]
        most = max((part.around for part in parts), default=0)
        if most:
            recent = memory.recent.setdefault(machine, [])
            recent[:] = [*(each for each in recent if each != unit), unit][-most:]
        self._is_elsewhere(unit, machine)
        if machine in self._packers["box"]:
            self._wait(machine, unit)

    def _mixed(self, machine: int) -> list[Thing]:
        """The lots that may still be in the hoppers of a machine beside those in use."""
        return [lot for _material, lots in sorted(self.memory.mixing.get(machine, {}).items()) for lot, _left in lots]

    def _is_elsewhere(self, unit: Thing, machine: int) -> None:
        """What is read at a station before a packing place waits there for no box any more: it was taken back."""
        for packer, waiting in self.memory.unpacked.items():
            if unit in waiting and machine in self._before.get(packer, ()):
                waiting.remove(unit)

    def _is_made(self, unit: Thing, machine: int) -> bool:
        """Whether the machine finished a unit that is read there once more: its id went and came again with a piece
        counted between, or it is read again behind two. One piece may be counted before its own code is read."""
        last, pieces = self.memory.made.get(machine, (unit, 0))
        return last == unit and pieces >= (1 if self.memory.parts.get(machine) != unit else 2)

    def _held_in(self, thing: Thing, at_ms: int) -> str:
        """Why a thing that goes into another is on hold, told with its code; "" where it is not."""
        held = self._recent.past.held(thing, at_ms)
        return f"{thing.code} · {held}" if held else ""

    def _lot(self, batch: Batch, lot: Thing, material: str, signal: Signal, machine: int, event: Event) -> None:
        """A lot was put in: from now on units take it; around the change they may hold what was in the hopper, too."""
        memory, at_ms = self.memory, event.at_ms
        place, parts = self._place_of(machine), self._parts(machine, self._making(machine, at_ms))
        if place is not None:
            taken = {part.material for part in parts}
            faults = verdicts.of_lot(
                material, taken, self.known(lot).expires_on, self._today(at_ms), self._recent.past.held(lot, at_ms)
            )
            if self._say(batch, place, faults, lot, signal, event):
                return
        batch.steps.append(Step(self._next_id(at_ms), lot, machine, at_ms, event.id))
        self._move(batch, lot, self._stations.get(machine), event)
        before = memory.lots.setdefault(machine, {}).get(material)
        memory.lots[machine][material] = lot
        around = next((part.around for part in parts if part.material == material), 0)
        if before is None or before == lot or not around:
            return
        mixing = memory.mixing.setdefault(machine, {})
        # What was there before the last one may be there yet, also where no piece was made of that.
        still = [each for each in mixing.get(material, ()) if each[0] not in (before, lot)]
        mixing[material] = [*still, (before, around)]
        for unit in memory.recent.get(machine, [])[-around:]:
            self._link(batch, "around", unit, lot, machine, event)

    # -- parts with a serial of their own --

    def _as_component(self, told: Identity, signal: Signal) -> tuple[Identity, str]:
        """What was read, and of which material, where it is a part with a serial of its own that its station takes ("":
        it is none): by the group of the scanner's pattern, the product or the GTIN that the material names. Where a
        label tells a lot, or no more than a product, it tells no serial."""
        asked = self._serial.get(signal.machine or 0)
        if not asked or told.kind not in ("unit", "lot") or (told.kind == "lot" and told.full_code):
            return told, ""
        if product_of(told.code, self._plant) is not None:
            return told, ""
        piece = replace(told, kind="unit")
        thing = Thing("unit", self._name(piece))
        product = self.known(thing).product if told.product is None else told.product
        said = dict([*self.known(thing).told.items(), *told.attributes.items()])
        material = material_of(self._plant, asked, thing, product, said, told.material)
        return (piece, material) if material else (told, "")

    def _component(self, batch: Batch, part: Thing, material: str, signal: Signal, machine: int, event: Event) -> None:
        """A part with a serial of its own goes into the unit that is there, if that has none of its material yet; else
        it waits for the next one, and the one that was read last does."""
        memory, at_ms, known, place = self.memory, event.at_ms, self.known(part), self._place_of(machine)
        if not material_of(self._plant, {material}, part, known.product, known.told):
            known.told["product"] = material  # nothing else tells it later
            key = self._next_id(at_ms)
            batch.attributes.append(Attribute(key, part, "product", material, at_ms, event.id))
        inside = self._recent.units_with(part)
        last, _pieces = memory.made.get(machine, (None, 0))
        if last in [each.outer for each in inside] or place is None:
            return  # read once more
        product = self._plant.product_of_serial(part.code) if known.product is None else known.product
        making = self._making(machine, at_ms)
        faults = verdicts.of_lot(
            material,
            () if making is None else {each.material for each in self._parts(machine, making)},
            known.expires_on,
            self._today(at_ms),
            self._recent.past.held(part, at_ms),
        )
        faults += verdicts.of_component(
            [e for e in self._stations_of(product, part, place) if e != place and e.kind in _BUILDING],
            self._passed(part),
            bad=self._bad(part, product, at_ms),
            units=[each.outer.code for each in inside],
        )
        if self._say(batch, place, faults, part, signal, event):
            return
        unit = memory.parts.get(machine)
        if unit is not None:
            parts = self._parts(machine, self._product(unit, machine, at_ms))
            if material in _serials(parts) and material not in self._fitting(unit, parts, machine)[0]:
                self._fit(batch, unit, part, machine, event)
                return
        memory.waiting.setdefault(machine, {})[material] = part

    def _fitting(self, unit: Thing, parts: list[StationPart], machine: int) -> tuple[set[str], dict[str, Thing]]:
        """The materials of which a unit has a part with a serial of its own, and the parts that wait for it."""
        asked = _serials(parts)
        if not asked:
            return set(), {}
        has = set()
        for part in self._recent.parts_in(unit):
            known = self.known(part)
            has.add(material_of(self._plant, asked, part, known.product, known.told))
        waiting = self.memory.waiting.get(machine, {})
        return has, {material: waiting[material] for material in sorted(asked - has) if material in waiting}

    def _unfit(self, parts: Collection[Thing], at_ms: int) -> list[Fault]:
        """What has become wrong of parts since they were read: held, or built in by hand."""
        held = [Fault(Wrong.HELD, why) for part in parts if (why := self._held_in(part, at_ms))]
        units = {part: ", ".join(each.outer.code for each in self._recent.units_with(part)) for part in parts}
        return held + [Fault(Wrong.USED_PART, f"{part.code} · {codes}") for part, codes in units.items() if codes]

    def _fit_waiting(
        self, batch: Batch, unit: Thing, fits: dict[str, Thing], signal: Signal, machine: int, event: Event
    ) -> None:
        """A unit takes the parts that wait for it. Unless it was only read once more, what it does not take is not kept
        for a later one, and the unit before it is told that went without a part that is read after it."""
        for part in fits.values():
            self._fit(batch, unit, part, machine, event)
        before, _pieces = self.memory.made.get(machine, (unit, 0))
        if before == unit:
            return
        self.memory.waiting.pop(machine, None)
        place, parts = self._place_of(machine), self._parts(machine, self._product(before, machine, event.at_ms))
        asked = [part.material for part in parts if part.required and part.scanned is Scanned.AFTER]
        if place is not None and asked:
            missing = verdicts.of_parts(asked, self._fitting(before, parts, machine)[0])
            self._say(batch, place, missing, before, signal, event)

    def _fit(self, batch: Batch, unit: Thing, part: Thing, machine: int, event: Event) -> None:
        """A part goes into a unit, and is nowhere else any more."""
        self._take_out(batch, [*self._recent.units_with(part), *self._recent.packed(part)], event)
        link = self._link(batch, "consumed", unit, part, machine, event)
        self._recent.note_fitted(part, Packed(link, unit, machine))
        for waiting in self.memory.waiting.values():
            for material in [material for material, each in waiting.items() if each == part]:
                del waiting[material]
        for unpacked in self.memory.unpacked.values():
            if part in unpacked:
                unpacked.remove(part)

    def _pack(self, batch: Batch, outer: Thing, signal: Signal, machine: int, event: Event) -> None:
        """What was read since the last one goes into this box or pallet, and lies nowhere else any more; what was held
        since then or is in another one is said, and stays out where the station refuses it."""
        memory, at_ms = self.memory, event.at_ms
        place = self._place_of(machine)
        waiting = memory.unpacked.get(machine, [])
        inner = {thing: self._recent.packed(thing) for thing in waiting if thing.kind == PACKED.get(outer.kind)}
        faults = _on_hold(self._recent.past.held(outer, at_ms))
        put_in = any(outer not in (each.outer for each in lies) for lies in inner.values())
        pallet = self._stands_on(outer, machine, put_in=put_in)
        if pallet is not None and (place is None or place.kind in _PACKING):
            code = "" if place is None else place.code
            self._find(batch, Wrong.PACKED.value, pallet.code, outer, signal, event, "refused", code)
            return
        if put_in:
            holds = self._recent.filling(outer, machine).closed
            faults += [Fault(Wrong.USED, str(holds))] if holds else []
        if place is not None and self._say(batch, place, faults, outer, signal, event):
            return
        batch.steps.append(Step(self._next_id(at_ms), outer, machine, at_ms, event.id))
        self._recent.note_read(outer, machine)
        self._recent.note_step(outer, batch.steps[-1].id)
        self._move(batch, outer, self._stations.get(machine), event)
        for thing, lies in inner.items():
            faults = _on_hold(self._recent.past.held(thing, at_ms))
            sent_back = bool(lies) and self._recent.mended(thing, at_ms)
            left = [each for each in lies if sent_back or each.outer != outer]
            if left and not sent_back:
                faults.append(Fault(Wrong.PACKED, ", ".join(each.outer.code for each in left)))
            if place is not None and self._say(batch, place, faults, thing, signal, event):
                if thing.kind == "unit":
                    self._leave(machine)
                continue
            self._take_out(batch, left, event)
            if len(left) == len(lies):  # else it was read once more and lies in it already
                self._recent.note_packed(
                    thing, Packed(self._link(batch, "packed", outer, thing, machine, event), outer, machine)
                )
                for other in memory.unpacked.values():  # a unit waits at no other packing place any more
                    if other is not waiting and thing.kind == "unit" and thing in other:
                        other.remove(thing)
        memory.unpacked[machine] = [thing for thing in waiting if thing not in inner]
        if outer.kind == "box" and machine in self._packers["pallet"]:
            self._wait(machine, outer)

    def _stands_on(self, box: Thing, machine: int, *, put_in: bool) -> Thing | None:
        """The pallet of a box that is only read once more: what is to be done with it was done. None where it begins
        anew: it or its pallet went away since, or it was filled since; and where something is to be put in, or
        nobody knows what is in it, another pallet was read there since."""
        lies = self._recent.packed(box)
        if not lies:
            return None
        on, filling = lies[-1], self._recent.filling(box, machine)
        pallet = self._recent.filling(on.outer, on.machine)
        anew = filling.left or pallet.left or filling.filled > on.link
        return on.outer if not anew and (pallet.is_last or (filling.filled and not put_in)) else None

    def _place(self, batch: Batch, thing: Thing, signal: Signal, event: Event) -> None:
        """A thing was put into stock or shipped, at a station without a machine."""
        station = self._by_code.get(signal.station)
        if station is None or station.kind not in verdicts.PLACED:
            return
        place, at_ms = self._places[station.id], event.at_ms
        faults = self._not_made(thing, station)
        if thing.kind == "unit" and not faults:
            product = self._product(thing, None, at_ms)
            faults = verdicts.of_unit(
                place,
                self._stations_of(product, thing, place),
                self._passed(thing),
                bad=self._bad(thing, product, at_ms),
                unmeasured=self._unmeasured(thing, product, at_ms),
            )
        alone: tuple[Packed, ...] = ()
        if place.kind is StationKind.SHIP:
            if self._recent.shipped(thing, at_ms):
                faults.append(Fault(Wrong.SHIPPED))
            elif alone := self._recent.packed(thing):
                faults.append(Fault(Wrong.ALONE, alone[-1].outer.code))
        if self._say(batch, place, [*_on_hold(self._recent.past.held(thing, at_ms)), *faults], thing, signal, event):
            return
        self._move(batch, thing, station, event)
        self._take_out(batch, alone, event)

    def _not_made(self, thing: Thing, station: Station) -> list[Fault]:
        """That nobody knows a unit, box or pallet which is put away, or that nothing is in it: where such things are
        read at stations before."""
        if thing.kind == "lot" or not self._are_read(thing.kind, thing, station):
            return []
        if self._recent.past.known(thing) is None:
            return []  # that cannot be told now
        if not self.known(thing).machines and not self._recent.made(thing):
            return [Fault(Wrong.NOT_KNOWN)]
        inner = PACKED.get(thing.kind)
        empty = inner is not None and self._are_read(inner, thing, station)
        return [Fault(Wrong.EMPTY)] if empty and not self._recent.filling(thing, 0).holds else []

    def _are_read(self, kind: str, thing: Thing, station: Station) -> bool:
        """Whether what is of a kind is told apart before a station: on the route of a thing, else along the line."""
        place = self._places[station.id]
        route = self._stations_of(self._product(thing, None, 0), thing, place) if thing.kind == "unit" else []
        if route:
            return any(each.tells for each in (route[: route.index(place)] if place in route else route))
        there = (self._stations.get(machine) for machine in self._plant.readers(kind))
        return any(each is None or each.place < station.place for each in there)

    def _move(self, batch: Batch, thing: Thing, station: Station | None, event: Event) -> None:
        """A thing that was not refused is in stock or shipped, where that is what is done at a station."""
        if station is not None and station.kind in verdicts.PLACED:
            key, at_ms = self._next_id(event.at_ms), event.at_ms
            batch.moves.append(Move(key, thing, station.id, station.kind.value, at_ms, event.id))
            self._recent.note_left(thing, key, shipped=station.kind is StationKind.SHIP)

    def _say(self, batch: Batch, place: Place, faults: list[Fault], thing: Thing, signal: Signal, event: Event) -> bool:
        """Store what is wrong; whether the thing is refused."""
        held = next((fault for fault in faults if fault.word is Wrong.HELD), None)
        if held is not None and self._recent.past.scrapped(thing, event.at_ms):
            faults = [Fault(Wrong.SCRAPPED, each.about) if each is held else each for each in faults]
        refused = verdicts.refuses(place, faults)
        for fault in faults:
            flag = "refused" if refused and fault.word in verdicts.STOPPING else ""
            self._find(batch, fault.word.value, fault.about, thing, signal, event, flag, place.code)
        return refused

    def _find(
        self,
        batch: Batch,
        word: str,
        about: str,
        thing: Thing,
        signal: Signal,
        event: Event,
        flag: str,
        station: str,
    ) -> None:
        told = {"kind": thing.kind, "code": thing.code, "station": station, "about": about, "by": event.id}
        detail = json.dumps(told, ensure_ascii=False)
        batch.events.append(
            Event(
                self._next_id(event.at_ms),
                EventKind.FINDING,
                event.at_ms,
                signal.machine,
                signal.device,
                signal.id,
                word,
                detail,
                flag=flag,
            )
        )

    # -- values --

    def characteristic(self, signal: Signal, at_ms: int) -> Characteristic | None:
        """What a signal measures of the piece that is at its machine."""
        if signal.id not in self._measured:
            return None
        unit = None if signal.machine is None else self.memory.parts.get(signal.machine)
        if unit is not None:
            product = self._product(unit, signal.machine or 0, at_ms)
        else:
            product = None if signal.machine is None else self._making(signal.machine, at_ms)
        return self._quality.of_signal(signal.id, product, at_ms)

    def owner(self, signal: Signal, what: Characteristic | None, at_ms: int, *, is_value: bool = True) -> Thing | None:
        """To which unit a value belongs that a signal just told; None where it cannot be bound to one. What is no value
        stays with the unit, too, and leaves the place of one for the value to come."""
        machine = signal.machine
        memory = self.memory
        unit = None if machine is None else memory.parts.get(machine)
        if machine is None or unit is None or what is None or what.binding is Binding.PART:
            return unit
        _event, came_ms = memory.came.get(machine, (0, at_ms))
        bound = memory.bound.setdefault(machine, [])
        if signal.id in bound:
            return None  # one scan binds one value
        if what.binding is Binding.WINDOW and not 0 <= at_ms - came_ms <= what.window_ms:
            return None
        if is_value:
            insort(bound, signal.id)
        return unit

    def measured(
        self,
        batch: Batch,
        signal: Signal,
        what: Characteristic | None,
        unit: Thing | None,
        at_ms: int,
        taken: Taken,
    ) -> None:
        """Say what is wrong with a value that was just taken: it is stored all the same."""
        if unit is not None:
            self._recent.note_taken(unit, taken)
        if what is None or (taken.value is None and not taken.judgement):
            return
        said = Event(taken.id, EventKind.FINDING, at_ms)
        station = self._stations.get(signal.machine or 0)
        code = station.code if station is not None else ""
        if unit is not None:
            tries = sum(each.what == what.id for each in self._tried(unit, what.product, at_ms))
            if tries > 1 + what.retests:
                refuses = station is not None and station.when_wrong is WhenWrong.REFUSE
                flag = "refused" if refuses else ""
                self._find(batch, Wrong.RETESTS.value, str(tries), unit, signal, said, flag, code)
        gauge = self._gauges.get(what.gauge or 0)
        fault = None if gauge is None else self._recent.past.gauge_wrong(gauge, at_ms)
        if fault is not None and gauge is not None and unit is not None:
            flag = "refused" if gauge.when_due is WhenWrong.REFUSE else ""
            self._find(batch, fault.word.value, fault.about, unit, signal, said, flag, code)

    def is_refused(self, what: Characteristic | None, at_ms: int) -> bool:
        """Whether what is measured of a characteristic counts for nothing, because of its gauge."""
        gauge = None if what is None else self._gauges.get(what.gauge or 0)
        refuses = gauge is not None and gauge.when_due is WhenWrong.REFUSE
        return gauge is not None and refuses and self._recent.past.gauge_wrong(gauge, at_ms) is not None

    def _tried(self, unit: Thing, product: int | None, at_ms: int, *, ever: bool = False) -> list[Tried]:
        """The values of a unit that are values, by what they are of, in the order in which they came."""
        found = []
        for each in self._recent.taken(unit, at_ms, ever=ever):
            if each.by_hand:
                what = next((c for c in self._quality.characteristics if c.id == each.characteristic), None)
            else:
                what = self._quality.of_signal(each.signal, product, each.at_ms)
            limits = None if what is None else self._quality.limits_at(what.id, each.at_ms)
            good = limits.judge(each.value) if each.by_hand and limits is not None and each.value is not None else None
            good = good if each.by_hand else {"good": True, "reject": False}.get(each.judgement)
            judged = each.judgement if not each.by_hand or good is None else "by hand"
            if what is not None and is_taken(each.value, judged, limits):
                station = self._stations.get(what.machine or 0)
                found.append(Tried(what.id, None if station is None else station.id, 1 + what.retests, good))
        return found

    def _bad(self, unit: Thing, product: int | None, at_ms: int) -> list[Place]:
        """The stations at which a unit was found bad, and not good again by as many values as it may have."""
        return [self._places[each] for each in sorted(verdicts.found_bad(self._tried(unit, product, at_ms)))]

    def _unmeasured(self, unit: Thing, product: int | None, at_ms: int) -> list[tuple[Place, str]]:
        """What was to be measured of a unit at the machines that it passed, and never was: by its name."""
        passed = self.known(unit).machines
        asked = [
            (self._stations[signal.machine], what)
            for signal in self._plant.signals
            if signal.id in self._measured and signal.machine in passed and signal.machine in self._stations
            and passed[signal.machine] + self._late_ms <= at_ms
            and (what := self._quality.asked(signal.id, product, passed[signal.machine])) is not None
        ]  # fmt: skip
        if not asked:
            return []
        told = {each.what for each in self._tried(unit, product, at_ms, ever=True)}
        return [(self._places[station.id], what.name) for station, what in asked if what.id not in told]

    def counted(self, machine: int | None, role: str, pieces: int) -> None:
        """A machine counted pieces."""
        known = self.memory.made.get(machine or 0)
        if known is not None and role == self._counting.get(machine or 0):
            self.memory.made[machine or 0] = (known[0], known[1] + pieces)

    def rejected(self, machine: int | None) -> None:
        """The piece that is at a machine was found bad: it does not go into the box."""
        memory = self.memory
        waiting = memory.unpacked.get(machine or 0, [])
        if waiting and waiting[-1] == memory.parts.get(machine or 0):
            waiting.pop()

    # -- what is known --

    def known(self, thing: Thing) -> Known:
        """What is known of a thing, also of what is not in the file yet."""
        known = self._known.pop(thing, None)
        known = self._recent.past.known(thing) if known is None else known
        if known is None:
            return Known({})  # asked for again: of what passed its stations nothing is to be missed later
        self._known[thing] = known
        _shorten(self._known)
        return known

    def _arrive(self, batch: Batch, unit: Thing, machine: int, at_ms: int, event: int) -> None:
        memory = self.memory
        if memory.made.get(machine, (None, 0))[0] != unit:
            memory.made[machine] = (unit, 0)
        memory.parts[machine], memory.came[machine], memory.bound[machine] = unit, (event, at_ms), []
        memory.left.pop(machine, None)
        batch.steps.append(Step(self._next_id(at_ms), unit, machine, at_ms, event))
        self._recent.note_step(unit, batch.steps[-1].id)
        self.known(unit).machines.setdefault(machine, at_ms)

    def _leave(self, machine: int) -> None:
        for known in (self.memory.parts, self.memory.came, self.memory.bound):
            known.pop(machine, None)

    def _wait(self, machine: int, thing: Thing) -> None:
        waiting = self.memory.unpacked.setdefault(machine, [])
        if thing not in waiting:
            waiting.append(thing)
        del waiting[:-MOST_UNPACKED]

    def _take_out(self, batch: Batch, lies: Collection[Packed], event: Event) -> None:
        """A thing is not in these boxes or on these pallets any more."""
        for each in lies:
            batch.link_ends.append(LinkEnd(self._next_id(event.at_ms), each.link, event.at_ms, event.id))
        self._recent.note_ended(lies)

    def _link(self, batch: Batch, kind: LinkKind, parent: Thing, child: Thing, machine: int, event: Event) -> int:
        link = Link(self._next_id(event.at_ms), kind, parent, child, machine, event.at_ms, event.id)
        batch.links.append(link)
        return link.id

    def _place_of(self, machine: int) -> Place | None:
        station = self._stations.get(machine)
        return None if station is None else self._places[station.id]

    def _parts(self, machine: int, product: int | None) -> list[StationPart]:
        station = self._stations.get(machine)
        if station is None:
            return []
        return [p for p in self._quality.parts if p.station == station.id and p.product in (None, product)]

    def _stations_of(self, product: int | None, unit: Thing, place: Place) -> list[Place]:
        """The stations that a unit of a product, which is at a place, has to pass, in order."""
        if product is None:
            return []
        passed = {place.id: OPEN_MS, **self._passed(unit)}
        return [self._places[number] for number in self._plant.route(product, passed) if number in self._places]

    def _passed(self, unit: Thing) -> dict[int, int]:
        """The stations that a unit passed, each with the moment at which it first came there."""
        return {self._stations[m].id: at for m, at in self.known(unit).machines.items() if m in self._stations}

    def _product(self, unit: Thing, machine: int | None, at_ms: int) -> int | None:
        """Of which product a unit is: as its label says, as its serial looks, else what is made where it came first
        (None: at no machine)."""
        known = self.known(unit)
        if known.product is None:
            known.product = self._plant.product_of_serial(unit.code)
        return known.product if known.product is not None or machine is None else self._making(machine, at_ms)

    def _decide(self, batch: Batch, unit: Thing, product: int | None, event: Event) -> None:
        """Keep of which product a unit is where neither label nor serial tells: another one may be made soon."""
        known = self.known(unit)
        code = next((each.code for each in self._plant.products if each.id == product), "")
        if known.product is not None or not code:
            return
        known.product = product
        if known.told.get("product") != code:
            known.told["product"] = code
            key = self._next_id(event.at_ms)
            batch.attributes.append(Attribute(key, unit, "product", code, event.at_ms, event.id))

    def _making(self, machine: int, at_ms: int) -> int | None:
        """What is made at a machine: as it tells, by its order, else the only product that it has a standard of."""
        for signal in self._plant.product_signals(machine):
            told = self._codes.get(self.memory.words.get(signal.id, ""))
            if told is not None:
                return told
        ordered = self._recent.past.made_at(machine, at_ms)
        return self._plant.only_product(machine, at_ms) if ordered is None else ordered

    def _today(self, at_ms: int) -> str:
        return datetime.fromtimestamp(at_ms / 1000, self._zone).date().isoformat()


def serial_materials(quality: Quality, station: int) -> frozenset[str]:
    """The materials that come to a station piece by piece."""
    return _serials(part for part in quality.parts if part.station == station)


def _serials(parts: Iterable[StationPart]) -> frozenset[str]:
    return frozenset(part.material for part in parts if part.serial)


def material_of(
    plant: Plant,
    asked: Collection[str],
    part: Thing,
    product: int | None,
    told: Mapping[str, str],
    group: str = "",
) -> str:
    """Of which of some materials a part with a serial of its own is, "" for none: by what its scanner's pattern named,
    by its product (None: as its serial looks), by what was said of it before or by its GTIN."""
    if product is None:
        labelled = product_of(told.get("gtin", ""), plant)
        product = plant.product_of_serial(part.code) if labelled is None else labelled.id
    code = next((each.code for each in plant.products if each.id == product), "")
    names = (group, code, told.get("product", ""), told.get("gtin", ""))
    return next((name for name in names if name in asked), "")


def counting(plant: Plant) -> dict[int, str]:
    """By which count (good, total) each machine tells that it made a piece; a reject may come once more."""
    found: dict[int, str] = {}
    for signal in plant.signals:
        if signal.machine is not None and signal.role in (Role.GOOD, Role.JUDGE, Role.TOTAL):
            role = Role.TOTAL if signal.role is Role.TOTAL else Role.GOOD
            found[signal.machine] = Role.GOOD if found.get(signal.machine) == Role.GOOD else role
    return found


def packers(plant: Plant, outer: str) -> frozenset[int]:
    """The machines at which boxes or pallets are read: with the reader of what goes into them, or with another one."""
    return frozenset(s.machine for s in plant.signals if s.machine is not None and outer in s.classes)


def machines_before(plant: Plant, machine: int) -> frozenset[int]:
    """The machines to which a piece goes back from another one: those of stations before it in the line, and where is
    mended."""
    own = min((station.place for station in plant.stations if station.machine == machine), default=0)
    before = (each for each in plant.stations if each.place < own or each.kind is StationKind.REWORK)
    return frozenset(each.machine for each in before if each.machine not in (None, machine)) - {None}


def _on_hold(held: str) -> list[Fault]:
    return [Fault(Wrong.HELD, held)] if held else []


def _shorten(known: dict[Any, Any]) -> None:
    """Forget the things that were asked for the longest time ago."""
    while len(known) > _MOST_KNOWN:
        del known[next(iter(known))]
