"""A unit at the stations of its route: when, how it was known, what was measured, and where a record is missing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from desktop.domain.events import Role
from desktop.domain.figures.trace import Missing, Passage, TraceValue
from desktop.domain.plant import Machine, Plant, Station
from desktop.domain.quality import Quality, StationKind
from desktop.domain.spans import Span
from desktop.store import tracks
from desktop.store.database import Store
from desktop.store.trace import Moved
from desktop.store.trace import Visit as Reading

_NEAR = 40  # pieces before and behind that are looked at for those of the same lot


class Visit(Struct, frozen=True):
    """Readings at one machine until the thing was read elsewhere."""

    machine: int
    readings: tuple[Reading, ...]
    again: bool

    @property
    def at_ms(self) -> int:
        """Its first reading."""
        return self.readings[0].at_ms


def visits(readings: Iterable[Reading]) -> list[Visit]:
    """Readings of a thing, oldest first, as visits: several at one machine without another between are one."""
    found: list[Visit] = []
    for reading in readings:
        if found and found[-1].machine == reading.machine:
            found[-1] = replace(found[-1], readings=(*found[-1].readings, reading))
        else:
            again = any(visit.machine == reading.machine for visit in found)
            found.append(Visit(reading.machine, (reading,), again))
    return found


def reads(plant: Plant, machine: int) -> bool:
    """Whether something at a machine tells which piece it is."""
    return any(signal.role in (Role.SCAN, Role.PART) for signal in plant.signals_of(machine))


def along(
    plant: Plant,
    route: Sequence[Station],
    seen: Sequence[Visit],
    moved: Sequence[Moved],
    told: Mapping[int, tuple[TraceValue, ...]],
    ways: Mapping[int, str],
) -> tuple[Passage, ...]:
    """The stations of a route with the visits that belong to them, and other machines where the thing was besides.

    Of a machine with several stations each takes a visit in turn, the last one all that are left.
    """
    machines = {machine.id: machine for machine in plant.machines}
    left = list(seen)
    rows: list[Passage] = []
    for place, station in enumerate(route):
        behind = sum(other.machine == station.machine for other in route[place + 1 :])
        mine = [visit for visit in left if station.machine is not None and visit.machine == station.machine]
        mine = mine[: max(len(mine) - behind, 0)] if behind == 0 else mine[:1]
        left = [visit for visit in left if visit not in mine]
        machine = machines.get(station.machine or 0)
        bare = Passage(
            10 * (place + 1), station.code, station.name, station.machine, machine.code if machine else "",
            machine.name if machine else "",
        )  # fmt: skip
        if mine:
            rows += [_visited(bare, visit, told, ways) for visit in mine]
        elif own := [move for move in moved if move.station == station.id]:
            rows.append(replace(bare, at_ms=own[0].at_ms, last_ms=own[-1].at_ms, visits=1, ways=("scan",)))
        else:
            rows.append(replace(bare, missing=_why(plant, station)))
    for visit in left:
        machine = machines.get(visit.machine)
        rows.append(_visited(_besides(visit, machine), visit, told, ways))
    return _gaps(_in_order(rows))


def _besides(visit: Visit, machine: Machine | None) -> Passage:
    code, name = (machine.code, machine.name) if machine else ("", "")
    return Passage(None, code, name, visit.machine, code, name)


def _visited(
    bare: Passage, visit: Visit, told: Mapping[int, tuple[TraceValue, ...]], ways: Mapping[int, str]
) -> Passage:
    readings = visit.readings
    known = tuple(dict.fromkeys(ways[reading.event] for reading in readings if reading.event in ways))
    results = [reading.result for reading in readings if reading.result]
    return replace(
        bare, at_ms=readings[0].at_ms, last_ms=readings[-1].at_ms, visits=len(readings), again=visit.again, ways=known,
        result=results[-1] if results else "", values=told.get(readings[0].id, ()),
    )  # fmt: skip


def _why(plant: Plant, station: Station) -> Missing:
    if station.kind in (StationKind.STOCK, StationKind.SHIP):
        return Missing.NOT_YET
    if station.machine is None or not reads(plant, station.machine):
        return Missing.NO_READER
    return Missing.NOT_YET


def _in_order(rows: Sequence[Passage]) -> list[Passage]:
    """The route in its order; what was besides it comes before the first later one that was not passed again."""
    found = [row for row in rows if row.place is not None and not row.again]
    for row in rows:
        if row.place is None or row.again:
            at_ms = row.at_ms or 0
            place = next((n for n, each in enumerate(found) if (each.at_ms or 0) > at_ms), len(found))
            if place == len(found):  # behind the last one that was passed, before those that come
                passed = [n for n, each in enumerate(found) if each.at_ms is not None]
                place = passed[-1] + 1 if passed else 0
            found.insert(place, row)
    return found


def _gaps(rows: Sequence[Passage]) -> tuple[Passage, ...]:
    """A station before one that was passed is no "not yet"."""
    passed = [place for place, row in enumerate(rows) if row.at_ms is not None]
    last = passed[-1] if passed else -1
    return tuple(
        replace(row, missing=Missing.GAP if row.machine else Missing.LEFT_OUT)
        if row.missing is Missing.NOT_YET and place < last
        else row
        for place, row in enumerate(rows)
    )


def unmeasured(
    plant: Plant, quality: Quality, product: int | None, rows: Sequence[Passage], measured: Collection[int]
) -> tuple[Passage, ...]:
    """The same with what was to be measured where a unit of a product came first to a machine of its route, and is not
    among the characteristics that were ever measured of it. Where it was seen last it may be at work."""
    found, done = list(rows), set[int]()
    last = max((place for place, row in enumerate(rows) if row.at_ms is not None), default=0)
    for place, row in enumerate(rows[:last]):
        if row.machine is None or row.at_ms is None or row.place is None or row.machine in done:
            continue
        done.add(row.machine)
        wanted = [quality.asked(signal.id, product, row.at_ms) for signal in plant.signals_of(row.machine)]
        names = [what.name for what in wanted if what is not None and what.id not in measured]
        found[place] = replace(row, unmeasured=tuple(names))
    return tuple(found)


def neighbours(store: Store, rows: Sequence[Passage], seen: Sequence[Visit], thing: int) -> tuple[Passage, ...]:
    """The gaps with the time in which the pieces before and behind it passed, of the same lot where it has one."""
    if not any(row.missing is Missing.GAP for row in rows):
        return tuple(rows)
    lots = {part for _unit, part in tracks.parts_of(store, [thing])}
    found = list(rows)
    for place, row in enumerate(rows):
        if row.missing is not Missing.GAP or row.machine is None:
            continue
        near = sorted(
            (visit for visit in seen),
            key=lambda visit: min(abs(place - n) for n, each in enumerate(rows) if each.machine == visit.machine)
            if any(each.machine == visit.machine for each in rows) else len(rows),
        )  # fmt: skip
        if not near:
            continue
        before, behind = tracks.around(store, near[0].machine, near[0].readings[0].id, _NEAR)
        others = {number for number in (*before, *behind) if number != thing}
        same = others
        if lots:
            same = {unit for unit, part in tracks.parts_of(store, others) if part in lots}
        at = tracks.passed(store, row.machine, same)
        moments = [next((at[number] for number in side if number in at), None) for side in (before, behind)]
        told = [moment for moment in moments if moment is not None]
        if told:
            found[place] = replace(row, between=Span(min(told), max(told)), same_lot=bool(lots))
    return tuple(found)
