"""From scans and part ids to the history of units: who came where, what went into what, and what must not be.

Pure but for its `Past`, which looks things up that this process did not see itself. A unit that is refused has not
come: nothing is linked to it and no value is bound to it, but the scan and what was wrong are kept.
"""

from __future__ import annotations

from collections.abc import Callable

from desktop.collect.components import Components, serials
from desktop.collect.floor import Floor
from desktop.collect.memory import Memory
from desktop.collect.packing import Packing
from desktop.collect.past import Recent
from desktop.collect.values import Values
from desktop.domain import verdicts
from desktop.domain.barcode import GS1, LONGEST_CODE, clean_code
from desktop.domain.commands import Command, key, parse
from desktop.domain.events import COMPONENT, Attribute, Event, EventKind, Role, Step, Thing
from desktop.domain.identity import CONTROL_SIGNS, Identity, identify
from desktop.domain.plant import Plant, Signal
from desktop.domain.quality import Quality, Scanned, StationKind
from desktop.domain.verdicts import Fault, Wrong
from desktop.store.journal import Batch
from drivers.base import Reading

_MENDING = {StationKind.MAKE, StationKind.REWORK, StationKind.INSPECT}


class Tracker:
    """Follows units and lots over the stations of a line, with `values`, `packing` and components on the same floor.
    `next_id(at_ms)` gives the id of a new fact, `speed` is that of the plant's clock."""

    def __init__(
        self,
        plant: Plant,
        quality: Quality,
        memory: Memory,
        next_id: Callable[[int], int],
        recent: Recent,
        speed: float = 1.0,
    ) -> None:
        self._floor = Floor(plant, quality, memory, next_id, recent)
        self.values = Values(self._floor, speed)
        self.packing = Packing(self._floor, self.values)
        self._components = Components(self._floor, self.values)
        self.badges: frozenset[str] = frozenset()  # keys of people's badges: a scan of one is a person, no serial
        self._has_patterns = any(product.unit_pattern or product.gtin for product in plant.products)
        self._counting = counting(plant)

    @property
    def memory(self) -> Memory:
        """What it knows from before."""
        return self._floor.memory

    @memory.setter
    def memory(self, memory: Memory) -> None:
        self._floor.memory = memory

    def scan(self, batch: Batch, signal: Signal, reading: Reading, body: str) -> None:
        """A code was read."""
        memory, code, at_ms = self._floor.memory, clean_code(body), reading.at_ms
        raw = reading.raw or (reading.aim + body).encode("utf-8", "replace")
        told, part = self._components.as_component(self._identify(code, reading.aim, raw, signal, at_ms), signal)
        what = told.kind
        word = self._floor.name(told) if what else code
        if reading.note == "snapshot" and memory.words.get(signal.id) == word:
            return  # the same code as before the link went: shown again, not read again
        flag = "duplicate" if reading.note == "duplicate" else ("cut" if len(body) > LONGEST_CODE else "")
        event = Event(
            self._floor.next_id(at_ms),
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
            self.packing.place(batch, thing, signal, event)
        elif part:
            self._components.component(batch, thing, part, signal, signal.machine, event)
        elif what == "unit":
            self._unit(batch, thing, signal, signal.machine, event)
        elif what == "lot":
            material = told.material or told.attributes.get("gtin", "")
            self._lot(batch, thing, material, signal, signal.machine, event)
        else:
            self.packing.pack(batch, thing, signal, signal.machine, event)

    def _not_known(self, batch: Batch, code: str, signal: Signal, event: Event) -> None:
        """A code that is nothing here: a damaged label, or a part of somebody else's. What is measured from here on
        belongs to nothing, as the piece whose code this may be is not known; the one that was there may come again."""
        if not signal.classes and not self._has_patterns:
            return
        machine = signal.machine
        station = self._floor.by_code.get(signal.station) if machine is None else self._floor.stations.get(machine)
        # A scanner of lots alone says nothing of the piece that is there.
        kind = "unit" if self._has_patterns or "unit" in signal.classes else ""
        fault, thing = [Fault(Wrong.UNKNOWN)], Thing(kind, code)
        if station is not None:
            self._floor.say(batch, self._floor.places[station.id], fault, thing, signal, event)
        elif machine is not None:
            self._floor.find(batch, Wrong.UNKNOWN.value, "", thing, signal, event, "", "")
        if machine is not None and kind:
            self._floor.go(machine)

    def _identify(self, code: str, aim: str, raw: bytes, signal: Signal, at_ms: int) -> Identity:
        """What a scanned code is. A badge of the shop's own is a command.

        A sound command is one whatever the shop's patterns say, or a pattern for everything would make a unit of it; a
        damaged one only where no pattern takes it, so that a shop whose own codes begin as commands do keeps them.
        """
        command = None if aim in GS1 else parse(code)
        if isinstance(command, Command) or (self.badges and aim not in GS1 and key(code) in self.badges):
            return Identity("command", code)
        told = identify(code, aim, raw, signal.classes, self._floor.plant, at_ms=at_ms, separator=signal.separator)
        return Identity("command", code) if command is not None and not told.kind else told

    def _label(self, batch: Batch, thing: Thing, told: Identity, signal: Signal, event: Event) -> None:
        """Keep what a label says besides the code itself, and what is to be remarked of it."""
        known = self._floor.known(thing)
        known.product = told.product if told.product is not None else known.product
        for name, value in told.attributes.items():
            if value in ("", thing.code) or known.told.get(name) == value:
                continue
            known.told[name] = value
            key = self._floor.next_id(event.at_ms)
            batch.attributes.append(Attribute(key, thing, name, value, event.at_ms, event.id))
        station = self._floor.stations.get(signal.machine or 0)
        # What a scanner puts around a code is kept with its bytes.
        wrong = [each for each in told.warnings if each != CONTROL_SIGNS]
        for warning in wrong:
            self._floor.find(batch, warning, "", thing, signal, event, "", station.code if station is not None else "")

    def part(self, batch: Batch, signal: Signal, event: Event) -> None:
        """A machine told which piece is there now; "" for none."""
        if signal.machine is None:
            return
        if event.word:
            self._unit(batch, Thing("unit", event.word), signal, signal.machine, event)
        else:
            self._floor.go(signal.machine)

    def _unit(self, batch: Batch, unit: Thing, signal: Signal, machine: int, event: Event) -> None:
        """A unit came: it takes the lots in use, and waits for its box where boxes are read."""
        memory, at_ms = self._floor.memory, event.at_ms
        place, product = self._floor.place_of(machine), self._floor.product(unit, machine, at_ms)
        parts = self._floor.parts(machine, product)
        in_use = {kind: lot for kind, lot in memory.lots.get(machine, {}).items() if kind not in serials(parts)}
        has, fits = self._components.fitting(unit, parts, machine)
        mending = False
        if place is not None:
            mended = self._floor.recent.mended(unit, at_ms)
            # What was sent back is held, and yet it has to come where it is mended and inspected again; what else
            # holds it holds it there, too.
            mending = mended and place.kind in _MENDING
            faults = verdicts.of_unit(
                place,
                self._floor.stations_of(product, unit, place),
                self._floor.passed(unit),
                here_last=unit in (memory.parts.get(machine), memory.left.get(machine)),
                made=self._is_made(unit, machine),
                mended=mended,
                held=self._floor.recent.past.held(unit, at_ms, mending=mending),
                bad=self.values.bad(unit, product, at_ms),
                unmeasured=self.values.unmeasured(unit, product, at_ms),
            )
            asked = [p.material for p in parts if p.required and p.scanned is Scanned.BEFORE]
            faults += verdicts.of_parts(asked, {*in_use, *has, *fits})
            faults += self._components.unfit(fits.values(), at_ms)
            for material, lot in sorted(in_use.items()):
                wrong = verdicts.of_lot(
                    material,
                    (),
                    self._floor.known(lot).expires_on,
                    self._floor.today(at_ms),
                    self._floor.held_in(lot, at_ms),
                )
                faults += [fault for fault in wrong if fault not in faults]  # what it carries already is said once
            if self._floor.say(batch, place, faults, unit, signal, event):
                self._floor.leave(machine)
                memory.left.pop(machine, None)
                return
            for lot in self._mixed(machine):
                # It may be in the unit, which is held from here on; refused it would be until another lot is put in.
                held = self._floor.held_in(lot, at_ms)
                if held and Fault(Wrong.HELD, held) not in faults:  # what it carries already is said once
                    self._floor.find(batch, Wrong.HELD.value, held, unit, signal, event, "", place.code)
        self._components.fit_waiting(batch, unit, fits, signal, machine, event)
        self._floor.arrive(batch, unit, machine, at_ms, event.id)
        if mending:  # it is no longer where it was packed
            self._floor.take_out(batch, self._floor.recent.packed(unit), event)
        self._floor.decide(batch, unit, product, event)
        self._floor.move(batch, unit, self._floor.stations.get(machine), event)
        for _material, lot in sorted(in_use.items()):
            self._floor.link(batch, "consumed", unit, lot, machine, event)
        for lot in self._mixed(machine):
            self._floor.link(batch, "around", unit, lot, machine, event)
        for material, lots in tuple(memory.mixing.get(machine, {}).items()):
            memory.mixing[machine][material] = [(lot, left - 1) for lot, left in lots if left > 1]
            if not memory.mixing[machine][material]:
                del memory.mixing[machine][material]
        most = max((part.around for part in parts), default=0)
        if most:
            recent = memory.recent.setdefault(machine, [])
            recent[:] = [*(each for each in recent if each != unit), unit][-most:]
        self.packing.is_elsewhere(unit, machine)
        if machine in self.packing.packers["box"]:
            self.packing.wait(machine, unit)

    def _mixed(self, machine: int) -> list[Thing]:
        """The lots that may still be in the hoppers of a machine beside those in use."""
        return [
            lot for _material, lots in sorted(self._floor.memory.mixing.get(machine, {}).items()) for lot, _left in lots
        ]

    def _is_made(self, unit: Thing, machine: int) -> bool:
        """Whether the machine finished a unit that is read there once more: its id went and came again with a piece
        counted between, or it is read again behind two. One piece may be counted before its own code is read."""
        last, pieces = self._floor.memory.made.get(machine, (unit, 0))
        return last == unit and pieces >= (1 if self._floor.memory.parts.get(machine) != unit else 2)

    def _lot(self, batch: Batch, lot: Thing, material: str, signal: Signal, machine: int, event: Event) -> None:
        """A lot was put in: from now on units take it; around the change they may hold what was in the hopper, too."""
        memory, at_ms = self._floor.memory, event.at_ms
        place, parts = self._floor.place_of(machine), self._floor.parts(machine, self._floor.making(machine, at_ms))
        if place is not None:
            taken = {part.material for part in parts}
            faults = verdicts.of_lot(
                material,
                taken,
                self._floor.known(lot).expires_on,
                self._floor.today(at_ms),
                self._floor.recent.past.held(lot, at_ms),
            )
            if self._floor.say(batch, place, faults, lot, signal, event):
                return
        batch.steps.append(Step(self._floor.next_id(at_ms), lot, machine, at_ms, event.id))
        self._floor.move(batch, lot, self._floor.stations.get(machine), event)
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
            self._floor.link(batch, "around", unit, lot, machine, event)

    def counted(self, machine: int | None, role: str, pieces: int) -> None:
        """A machine counted pieces."""
        known = self._floor.memory.made.get(machine or 0)
        if known is not None and role == self._counting.get(machine or 0):
            self._floor.memory.made[machine or 0] = (known[0], known[1] + pieces)


def counting(plant: Plant) -> dict[int, str]:
    """By which count (good, total) each machine tells that it made a piece; a reject may come once more."""
    found: dict[int, str] = {}
    for signal in plant.signals:
        if signal.machine is not None and signal.role in (Role.GOOD, Role.JUDGE, Role.TOTAL):
            role = Role.TOTAL if signal.role is Role.TOTAL else Role.GOOD
            found[signal.machine] = Role.GOOD if found.get(signal.machine) == Role.GOOD else role
    return found
