"""Parts that come piece by piece with serials of their own, and go into one unit each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from msgspec.structs import replace

from desktop.collect.floor import Floor
from desktop.collect.past import Packed
from desktop.collect.values import Values
from desktop.domain import verdicts
from desktop.domain.events import Attribute, Event, Thing
from desktop.domain.identity import Identity, product_of
from desktop.domain.plant import Plant, Signal
from desktop.domain.quality import Quality, Scanned, StationKind, StationPart
from desktop.domain.verdicts import Fault, Wrong
from desktop.store.journal import Batch

_BUILDING = {StationKind.MAKE, StationKind.INSPECT}


class Components:
    """Builds parts into the unit at their station, or lets them wait for the next one."""

    def __init__(self, floor: Floor, values: Values) -> None:
        self._floor, self._values = floor, values
        #: machine -> the materials that come there piece by piece
        self._serial = {machine: serial_materials(floor.quality, each.id) for machine, each in floor.stations.items()}

    def as_component(self, told: Identity, signal: Signal) -> tuple[Identity, str]:
        """What was read, and of which material, where it is a part with a serial of its own that its station takes ("":
        it is none): by the group of the scanner's pattern, the product or the GTIN that the material names. Where a
        label tells a lot, or no more than a product, it tells no serial."""
        asked = self._serial.get(signal.machine or 0)
        if not asked or told.kind not in ("unit", "lot") or (told.kind == "lot" and told.full_code):
            return told, ""
        if product_of(told.code, self._floor.plant) is not None:
            return told, ""
        piece = replace(told, kind="unit")
        thing = Thing("unit", self._floor.name(piece))
        product = self._floor.known(thing).product if told.product is None else told.product
        said = dict([*self._floor.known(thing).told.items(), *told.attributes.items()])
        material = material_of(self._floor.plant, asked, thing, product, said, told.material)
        return (piece, material) if material else (told, "")

    def component(self, batch: Batch, part: Thing, material: str, signal: Signal, machine: int, event: Event) -> None:
        """A part with a serial of its own goes into the unit that is there, if that has none of its material yet; else
        it waits for the next one, and the one that was read last does."""
        memory, at_ms, known, place = (
            self._floor.memory,
            event.at_ms,
            self._floor.known(part),
            self._floor.place_of(machine),
        )
        if not material_of(self._floor.plant, {material}, part, known.product, known.told):
            known.told["product"] = material  # nothing else tells it later
            key = self._floor.next_id(at_ms)
            batch.attributes.append(Attribute(key, part, "product", material, at_ms, event.id))
        inside = self._floor.recent.units_with(part)
        last, _pieces = memory.made.get(machine, (None, 0))
        if last in [each.outer for each in inside] or place is None:
            return  # read once more
        product = self._floor.plant.product_of_serial(part.code) if known.product is None else known.product
        making = self._floor.making(machine, at_ms)
        faults = verdicts.of_lot(
            material,
            () if making is None else {each.material for each in self._floor.parts(machine, making)},
            known.expires_on,
            self._floor.today(at_ms),
            self._floor.recent.past.held(part, at_ms),
        )
        faults += verdicts.of_component(
            [e for e in self._floor.stations_of(product, part, place) if e != place and e.kind in _BUILDING],
            self._floor.passed(part),
            bad=self._values.bad(part, product, at_ms),
            units=[each.outer.code for each in inside],
        )
        if self._floor.say(batch, place, faults, part, signal, event):
            return
        unit = memory.parts.get(machine)
        if unit is not None:
            parts = self._floor.parts(machine, self._floor.product(unit, machine, at_ms))
            if material in serials(parts) and material not in self.fitting(unit, parts, machine)[0]:
                self._fit(batch, unit, part, machine, event)
                return
        memory.waiting.setdefault(machine, {})[material] = part

    def fitting(self, unit: Thing, parts: list[StationPart], machine: int) -> tuple[set[str], dict[str, Thing]]:
        """The materials of which a unit has a part with a serial of its own, and the parts that wait for it."""
        asked = serials(parts)
        if not asked:
            return set(), {}
        has = set()
        for part in self._floor.recent.parts_in(unit):
            known = self._floor.known(part)
            has.add(material_of(self._floor.plant, asked, part, known.product, known.told))
        waiting = self._floor.memory.waiting.get(machine, {})
        return has, {material: waiting[material] for material in sorted(asked - has) if material in waiting}

    def unfit(self, parts: Collection[Thing], at_ms: int) -> list[Fault]:
        """What has become wrong of parts since they were read: held, or built in by hand."""
        held = [Fault(Wrong.HELD, why) for part in parts if (why := self._floor.held_in(part, at_ms))]
        units = {part: ", ".join(each.outer.code for each in self._floor.recent.units_with(part)) for part in parts}
        return held + [Fault(Wrong.USED_PART, f"{part.code} · {codes}") for part, codes in units.items() if codes]

    def fit_waiting(
        self, batch: Batch, unit: Thing, fits: dict[str, Thing], signal: Signal, machine: int, event: Event
    ) -> None:
        """A unit takes the parts that wait for it. Unless it was only read once more, what it does not take is not kept
        for a later one, and the unit before it is told that went without a part that is read after it."""
        for part in fits.values():
            self._fit(batch, unit, part, machine, event)
        before, _pieces = self._floor.memory.made.get(machine, (unit, 0))
        if before == unit:
            return
        self._floor.memory.waiting.pop(machine, None)
        place, parts = (
            self._floor.place_of(machine),
            self._floor.parts(machine, self._floor.product(before, machine, event.at_ms)),
        )
        asked = [part.material for part in parts if part.required and part.scanned is Scanned.AFTER]
        if place is not None and asked:
            missing = verdicts.of_parts(asked, self.fitting(before, parts, machine)[0])
            self._floor.say(batch, place, missing, before, signal, event)

    def _fit(self, batch: Batch, unit: Thing, part: Thing, machine: int, event: Event) -> None:
        """A part goes into a unit, and is nowhere else any more."""
        self._floor.take_out(batch, [*self._floor.recent.units_with(part), *self._floor.recent.packed(part)], event)
        link = self._floor.link(batch, "consumed", unit, part, machine, event)
        self._floor.recent.note_fitted(part, Packed(link, unit, machine))
        for waiting in self._floor.memory.waiting.values():
            for material in [material for material, each in waiting.items() if each == part]:
                del waiting[material]
        for unpacked in self._floor.memory.unpacked.values():
            if part in unpacked:
                unpacked.remove(part)


def serial_materials(quality: Quality, station: int) -> frozenset[str]:
    """The materials that come to a station piece by piece."""
    return serials(part for part in quality.parts if part.station == station)


def serials(parts: Iterable[StationPart]) -> frozenset[str]:
    """The materials of these that come piece by piece."""
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
