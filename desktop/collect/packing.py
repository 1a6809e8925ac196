"""Boxes and pallets, stock and shipping: what goes into what, and what is put away."""

from __future__ import annotations

from desktop.collect.floor import Floor, on_hold
from desktop.collect.memory import MOST_UNPACKED
from desktop.collect.past import Packed
from desktop.collect.values import Values
from desktop.domain import verdicts
from desktop.domain.events import Event, Step, Thing
from desktop.domain.plant import Plant, Signal, Station
from desktop.domain.quality import StationKind
from desktop.domain.verdicts import Fault, Wrong
from desktop.store.journal import Batch

#: what is packed into what, by the class of the code that is read last
PACKED = {"box": "unit", "pallet": "box"}
_PACKING = {StationKind.MAKE, StationKind.PACK}


class Packing:
    """Follows what waits for its box, lies in one, or is put away."""

    def __init__(self, floor: Floor, values: Values) -> None:
        self._floor, self._values = floor, values
        self.packers = {outer: packers(floor.plant, outer) for outer in PACKED}
        self._before = {machine: machines_before(floor.plant, machine) for machine in self.packers["box"]}

    def is_elsewhere(self, unit: Thing, machine: int) -> None:
        """What is read at a station before a packing place waits there for no box any more: it was taken back."""
        for packer, waiting in self._floor.memory.unpacked.items():
            if unit in waiting and machine in self._before.get(packer, ()):
                waiting.remove(unit)

    def pack(self, batch: Batch, outer: Thing, signal: Signal, machine: int, event: Event) -> None:
        """What was read since the last one goes into this box or pallet, and lies nowhere else any more; what was held
        since then or is in another one is said, and stays out where the station refuses it."""
        memory, at_ms = self._floor.memory, event.at_ms
        place = self._floor.place_of(machine)
        waiting = memory.unpacked.get(machine, [])
        inner = {thing: self._floor.recent.packed(thing) for thing in waiting if thing.kind == PACKED.get(outer.kind)}
        faults = on_hold(self._floor.recent.past.held(outer, at_ms))
        put_in = any(outer not in (each.outer for each in lies) for lies in inner.values())
        pallet = self._stands_on(outer, machine, put_in=put_in)
        if pallet is not None and (place is None or place.kind in _PACKING):
            code = "" if place is None else place.code
            self._floor.find(batch, Wrong.PACKED.value, pallet.code, outer, signal, event, "refused", code)
            return
        if put_in:
            holds = self._floor.recent.filling(outer, machine).closed
            faults += [Fault(Wrong.USED, str(holds))] if holds else []
        if place is not None and self._floor.say(batch, place, faults, outer, signal, event):
            return
        batch.steps.append(Step(self._floor.next_id(at_ms), outer, machine, at_ms, event.id))
        self._floor.recent.note_read(outer, machine)
        self._floor.recent.note_step(outer, batch.steps[-1].id)
        self._floor.move(batch, outer, self._floor.stations.get(machine), event)
        for thing, lies in inner.items():
            faults = on_hold(self._floor.recent.past.held(thing, at_ms))
            sent_back = bool(lies) and self._floor.recent.mended(thing, at_ms)
            left = [each for each in lies if sent_back or each.outer != outer]
            if left and not sent_back:
                faults.append(Fault(Wrong.PACKED, ", ".join(each.outer.code for each in left)))
            if place is not None and self._floor.say(batch, place, faults, thing, signal, event):
                if thing.kind == "unit":
                    self._floor.leave(machine)
                continue
            self._floor.take_out(batch, left, event)
            if len(left) == len(lies):  # else it was read once more and lies in it already
                self._floor.recent.note_packed(
                    thing, Packed(self._floor.link(batch, "packed", outer, thing, machine, event), outer, machine)
                )
                for other in memory.unpacked.values():  # a unit waits at no other packing place any more
                    if other is not waiting and thing.kind == "unit" and thing in other:
                        other.remove(thing)
        memory.unpacked[machine] = [thing for thing in waiting if thing not in inner]
        if outer.kind == "box" and machine in self.packers["pallet"]:
            self.wait(machine, outer)

    def _stands_on(self, box: Thing, machine: int, *, put_in: bool) -> Thing | None:
        """The pallet of a box that is only read once more: what is to be done with it was done. None where it begins
        anew: it or its pallet went away since, or it was filled since; and where something is to be put in, or
        nobody knows what is in it, another pallet was read there since."""
        lies = self._floor.recent.packed(box)
        if not lies:
            return None
        on, filling = lies[-1], self._floor.recent.filling(box, machine)
        pallet = self._floor.recent.filling(on.outer, on.machine)
        anew = filling.left or pallet.left or filling.filled > on.link
        return on.outer if not anew and (pallet.is_last or (filling.filled and not put_in)) else None

    def place(self, batch: Batch, thing: Thing, signal: Signal, event: Event) -> None:
        """A thing was put into stock or shipped, at a station without a machine."""
        station = self._floor.by_code.get(signal.station)
        if station is None or station.kind not in verdicts.PLACED:
            return
        place, at_ms = self._floor.places[station.id], event.at_ms
        faults = self._not_made(thing, station)
        if thing.kind == "unit" and not faults:
            product = self._floor.product(thing, None, at_ms)
            faults = verdicts.of_unit(
                place,
                self._floor.stations_of(product, thing, place),
                self._floor.passed(thing),
                bad=self._values.bad(thing, product, at_ms),
                unmeasured=self._values.unmeasured(thing, product, at_ms),
            )
        alone: tuple[Packed, ...] = ()
        if place.kind is StationKind.SHIP:
            if self._floor.recent.shipped(thing, at_ms):
                faults.append(Fault(Wrong.SHIPPED))
            elif alone := self._floor.recent.packed(thing):
                faults.append(Fault(Wrong.ALONE, alone[-1].outer.code))
        if self._floor.say(
            batch, place, [*on_hold(self._floor.recent.past.held(thing, at_ms)), *faults], thing, signal, event
        ):
            return
        self._floor.move(batch, thing, station, event)
        self._floor.take_out(batch, alone, event)

    def _not_made(self, thing: Thing, station: Station) -> list[Fault]:
        """That nobody knows a unit, box or pallet which is put away, or that nothing is in it: where such things are
        read at stations before."""
        if thing.kind == "lot" or not self._are_read(thing.kind, thing, station):
            return []
        if self._floor.recent.past.known(thing) is None:
            return []  # that cannot be told now
        if not self._floor.known(thing).machines and not self._floor.recent.made(thing):
            return [Fault(Wrong.NOT_KNOWN)]
        inner = PACKED.get(thing.kind)
        empty = inner is not None and self._are_read(inner, thing, station)
        return [Fault(Wrong.EMPTY)] if empty and not self._floor.recent.filling(thing, 0).holds else []

    def _are_read(self, kind: str, thing: Thing, station: Station) -> bool:
        """Whether what is of a kind is told apart before a station: on the route of a thing, else along the line."""
        place = self._floor.places[station.id]
        route = (
            self._floor.stations_of(self._floor.product(thing, None, 0), thing, place) if thing.kind == "unit" else []
        )
        if route:
            return any(each.tells for each in (route[: route.index(place)] if place in route else route))
        there = (self._floor.stations.get(machine) for machine in self._floor.plant.readers(kind))
        return any(each is None or each.place < station.place for each in there)

    def rejected(self, machine: int | None) -> None:
        """The piece that is at a machine was found bad: it does not go into the box."""
        memory = self._floor.memory
        waiting = memory.unpacked.get(machine or 0, [])
        if waiting and waiting[-1] == memory.parts.get(machine or 0):
            waiting.pop()

    def wait(self, machine: int, thing: Thing) -> None:
        """A thing waits at a machine for what it is packed into."""
        waiting = self._floor.memory.unpacked.setdefault(machine, [])
        if thing not in waiting:
            waiting.append(thing)
        del waiting[:-MOST_UNPACKED]


def packers(plant: Plant, outer: str) -> frozenset[int]:
    """The machines at which boxes or pallets are read: with the reader of what goes into them, or with another one."""
    return frozenset(s.machine for s in plant.signals if s.machine is not None and outer in s.classes)


def machines_before(plant: Plant, machine: int) -> frozenset[int]:
    """The machines to which a piece goes back from another one: those of stations before it in the line, and where is
    mended."""
    own = min((station.place for station in plant.stations if station.machine == machine), default=0)
    before = (each for each in plant.stations if each.place < own or each.kind is StationKind.REWORK)
    return frozenset(each.machine for each in before if each.machine not in (None, machine)) - {None}
