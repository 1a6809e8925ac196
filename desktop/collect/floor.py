"""The floor as scans find it: its stations, what is known of things, and the facts that everything writes alike."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from desktop.collect.memory import Memory
from desktop.collect.past import Known, Packed, Recent
from desktop.domain import verdicts
from desktop.domain.entries import OPEN_MS
from desktop.domain.events import Attribute, Event, EventKind, Link, LinkEnd, LinkKind, Move, Role, Step, Thing
from desktop.domain.identity import Identity
from desktop.domain.plant import Plant, Signal, Station
from desktop.domain.quality import Quality, StationKind, StationPart
from desktop.domain.verdicts import Fault, Place, Wrong
from desktop.store.journal import Batch

_MOST_KNOWN = 20_000  # things whose past is remembered; older ones are looked up again


class Floor:
    """Stations and things of a line. `next_id(at_ms)` gives the id of a new fact."""

    def __init__(
        self,
        plant: Plant,
        quality: Quality,
        memory: Memory,
        next_id: Callable[[int], int],
        recent: Recent,
    ) -> None:
        self.memory = memory
        self.plant, self.quality, self.next_id, self.recent = plant, quality, next_id, recent
        self._zone = ZoneInfo(plant.timezone) if plant.timezone else UTC
        self._known: dict[Thing, Known] = {}
        telling = {s.machine for s in plant.signals if s.role is Role.PART or "unit" in s.classes}
        self.places = {
            s.id: Place(s.id, s.code, s.kind, s.when_wrong, s.machine is not None and s.machine in telling)
            for s in plant.stations
        }
        self.stations: dict[int, Station] = {}  # machine -> the first station at it
        for station in plant.stations:
            if station.machine is not None:
                self.stations.setdefault(station.machine, station)
        self.by_code = {station.code: station for station in plant.stations}
        self._codes = {product.code: product.id for product in plant.products}

    # -- what is known --

    def place_of(self, machine: int) -> Place | None:
        """The station at a machine, as it judges."""
        station = self.stations.get(machine)
        return None if station is None else self.places[station.id]

    def stations_of(self, product: int | None, unit: Thing, place: Place) -> list[Place]:
        """The stations that a unit of a product, which is at a place, has to pass, in order."""
        if product is None:
            return []
        passed = {place.id: OPEN_MS, **self.passed(unit)}
        return [self.places[number] for number in self.plant.route(product, passed) if number in self.places]

    def passed(self, unit: Thing) -> dict[int, int]:
        """The stations that a unit passed, each with the moment at which it first came there."""
        return {self.stations[m].id: at for m, at in self.known(unit).machines.items() if m in self.stations}

    def parts(self, machine: int, product: int | None) -> list[StationPart]:
        """What the station at a machine takes for a product."""
        station = self.stations.get(machine)
        if station is None:
            return []
        return [p for p in self.quality.parts if p.station == station.id and p.product in (None, product)]

    def known(self, thing: Thing) -> Known:
        """What is known of a thing, also of what is not in the file yet."""
        known = self._known.pop(thing, None)
        known = self.recent.past.known(thing) if known is None else known
        if known is None:
            return Known({})  # asked for again: of what passed its stations nothing is to be missed later
        self._known[thing] = known
        _shorten(self._known)
        return known

    def name(self, told: Identity) -> str:
        """The code of a thing: its number, which another product's thing may have, too."""
        if not told.full_code:
            return told.code
        return told.code_beside(self.known(Thing(told.kind, told.code)).told.get("gtin", ""))

    def product(self, unit: Thing, machine: int | None, at_ms: int) -> int | None:
        """Of which product a unit is: as its label says, as its serial looks, else what is made where it came first
        (None: at no machine)."""
        known = self.known(unit)
        if known.product is None:
            known.product = self.plant.product_of_serial(unit.code)
        return known.product if known.product is not None or machine is None else self.making(machine, at_ms)

    def decide(self, batch: Batch, unit: Thing, product: int | None, event: Event) -> None:
        """Keep of which product a unit is where neither label nor serial tells: another one may be made soon."""
        known = self.known(unit)
        code = next((each.code for each in self.plant.products if each.id == product), "")
        if known.product is not None or not code:
            return
        known.product = product
        if known.told.get("product") != code:
            known.told["product"] = code
            key = self.next_id(event.at_ms)
            batch.attributes.append(Attribute(key, unit, "product", code, event.at_ms, event.id))

    def making(self, machine: int, at_ms: int) -> int | None:
        """What is made at a machine: as it tells, by its order, else the only product that it has a standard of."""
        for signal in self.plant.product_signals(machine):
            told = self._codes.get(self.memory.words.get(signal.id, ""))
            if told is not None:
                return told
        ordered = self.recent.past.made_at(machine, at_ms)
        return self.plant.only_product(machine, at_ms) if ordered is None else ordered

    def held_in(self, thing: Thing, at_ms: int) -> str:
        """Why a thing that goes into another is on hold, told with its code; "" where it is not."""
        held = self.recent.past.held(thing, at_ms)
        return f"{thing.code} · {held}" if held else ""

    def today(self, at_ms: int) -> str:
        """The ISO date of a moment in plant time."""
        return datetime.fromtimestamp(at_ms / 1000, self._zone).date().isoformat()

    # -- what comes of it --

    def arrive(self, batch: Batch, unit: Thing, machine: int, at_ms: int, event: int) -> None:
        """A unit came to a machine: what is measured next may be of it."""
        memory = self.memory
        if memory.made.get(machine, (None, 0))[0] != unit:
            memory.made[machine] = (unit, 0)
        memory.parts[machine], memory.came[machine], memory.bound[machine] = unit, (event, at_ms), []
        memory.left.pop(machine, None)
        batch.steps.append(Step(self.next_id(at_ms), unit, machine, at_ms, event))
        self.recent.note_step(unit, batch.steps[-1].id)
        self.known(unit).machines.setdefault(machine, at_ms)

    def go(self, machine: int) -> None:
        """The piece that was at a machine is not known to be there any more; it may be read once more."""
        unit = self.memory.parts.get(machine)
        self.leave(machine)
        if unit is not None:
            self.memory.left[machine] = unit

    def leave(self, machine: int) -> None:
        """Nothing is known to be at a machine."""
        for known in (self.memory.parts, self.memory.came, self.memory.bound):
            known.pop(machine, None)

    def link(self, batch: Batch, kind: LinkKind, parent: Thing, child: Thing, machine: int, event: Event) -> int:
        """Store that a thing went into another one; returns the id of the link."""
        link = Link(self.next_id(event.at_ms), kind, parent, child, machine, event.at_ms, event.id)
        batch.links.append(link)
        return link.id

    def take_out(self, batch: Batch, lies: Collection[Packed], event: Event) -> None:
        """A thing is not in these boxes or on these pallets any more."""
        for each in lies:
            batch.link_ends.append(LinkEnd(self.next_id(event.at_ms), each.link, event.at_ms, event.id))
        self.recent.note_ended(lies)

    def move(self, batch: Batch, thing: Thing, station: Station | None, event: Event) -> None:
        """A thing that was not refused is in stock or shipped, where that is what is done at a station."""
        if station is not None and station.kind in verdicts.PLACED:
            key, at_ms = self.next_id(event.at_ms), event.at_ms
            batch.moves.append(Move(key, thing, station.id, station.kind.value, at_ms, event.id))
            self.recent.note_left(thing, key, shipped=station.kind is StationKind.SHIP)

    def say(self, batch: Batch, place: Place, faults: list[Fault], thing: Thing, signal: Signal, event: Event) -> bool:
        """Store what is wrong; whether the thing is refused."""
        held = next((fault for fault in faults if fault.word is Wrong.HELD), None)
        if held is not None and self.recent.past.scrapped(thing, event.at_ms):
            faults = [Fault(Wrong.SCRAPPED, each.about) if each is held else each for each in faults]
        refused = verdicts.refuses(place, faults)
        for fault in faults:
            flag = "refused" if refused and fault.word in verdicts.STOPPING else ""
            self.find(batch, fault.word.value, fault.about, thing, signal, event, flag, place.code)
        return refused

    def find(
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
        """Store what is wrong with a thing, as `word` of `verdicts.Wrong` or of its label says."""
        told = {"kind": thing.kind, "code": thing.code, "station": station, "about": about, "by": event.id}
        detail = json.dumps(told, ensure_ascii=False)
        batch.events.append(
            Event(
                self.next_id(event.at_ms),
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


def on_hold(held: str) -> list[Fault]:
    """That a thing is on hold, with the reason; nothing where it is not."""
    return [Fault(Wrong.HELD, held)] if held else []


def _shorten(known: dict[Any, Any]) -> None:
    """Forget the things that were asked for the longest time ago."""
    while len(known) > _MOST_KNOWN:
        del known[next(iter(known))]
