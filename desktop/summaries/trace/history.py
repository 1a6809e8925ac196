"""Everything that is known of a scanned code."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from desktop.domain import gs1
from desktop.domain.barcode import clean_code
from desktop.domain.entries import Disposed, Disposition, Entry
from desktop.domain.events import Thing
from desktop.domain.figures.trace import Passage, Trace, TraceFinding, TraceHold, TraceMove, TraceValue
from desktop.domain.holding import Fate
from desktop.domain.identity import PARCELS, identify
from desktop.domain.making import Run
from desktop.domain.plant import Plant, Product, Station
from desktop.domain.spans import Span
from desktop.store import holding, measured, people, records, register, trace, tracks
from desktop.store import orders as plan
from desktop.store.database import KnownError, Store
from desktop.store.trace import Known, Moved, Value
from desktop.summaries.frame import Register, read_register
from desktop.summaries.trace import passages, paths, places
from desktop.summaries.trace.around import AROUND_MS, Around, neighbour, operators
from desktop.summaries.trace.passages import Visit
from desktop.summaries.trace.places import Orders, product_of
from desktop.summaries.trace.values import Measuring
from desktop.text import _, visible

_Told = TypeVar("_Told", Value, Entry)
KINDS = ("unit", "lot", "box", "pallet")


class Tracing:
    """Answers about codes, asked again and again: what the machines did in a shift is derived once."""

    def __init__(self) -> None:
        self._around = Around()
        self._register: Register | None = None

    def register(self, store: Store) -> Register:
        """The register as it stands; with what is retired, for what was made then."""
        if self._register is None or self._register.version != register.version(store):
            self._register = whole_register(store)
        return self._register

    def trace(self, store: Store, code: str, now_ms: int, kind: str = "") -> Trace:
        """Everything known of a scanned code, both directions. `kind`: which, where several things carry it. Raises
        UnknownCodeError where nothing does."""
        there = self.register(store)
        thing, others = find(store, code, kind)
        self._around.look(store, there, now_ms)
        plant, shop = there.plant, Measuring(store, there.plant)
        told = tracks.attributes(store, [thing.id]).get(thing.id, {})
        readings = trace.visits(store, thing.id)
        seen = passages.visits(readings)
        first_ms = readings[0].at_ms if readings else thing.at_ms
        last_ms = max((reading.at_ms for reading in readings), default=first_ms)
        runs: tuple[Run, ...] = ()
        if thing.kind == "unit" and seen:
            runs = Orders(store, Span(first_ms, last_ms)).along(tracks.Seen(r.machine, r.at_ms) for r in readings)
        run = runs[0] if runs else None
        orders = tuple(each.order for each in runs if each.order)
        product = product_of(plant, thing.kind, thing.code, told, run)
        moved = trace.moves(store, thing.id)
        packs = trace.known(store, {move.holder for move in moved if move.holder != thing.id})
        stations = {station.id: station for station in plant.stations}
        built, now = paths.paths(store, plant, thing)
        rows, loose = self._passages(store, there, thing, product, shop, seen, moved, now_ms)
        holds, gone = _holds(store, thing, now_ms)
        where = places.rows(store, plant, [thing.id], gone)[0] if thing.kind == "unit" else None
        lots = dict.fromkeys(each.lot for each in plan.named(store, set(orders)) if each.lot) if orders else ()
        machines = {machine.id: machine.code for machine in plant.machines}
        return Trace(
            thing.id, thing.kind, thing.code, thing.at_ms, trace.scans(store, thing.code), plant.timezone, plant.name,
            plant.line, now_ms, built, now, rows, product.code if product else "",
            product.name if product else "", orders[0] if orders else "", told.get("lot") or ", ".join(lots),
            where.stage if where else None, where.at if where else "", tuple(told.items()),
            tuple(
                TraceMove(
                    move.at_ms, stations[move.station].code if move.station in stations else "",
                    stations[move.station].name if move.station in stations else "", move.kind,
                    packs[move.holder].code if move.holder in packs else "",
                )
                for move in moved
            ),
            tuple(
                TraceFinding(
                    each.at_ms, machines.get(each.machine or 0, each.station), each.word, each.detail,
                    each.flag == "refused",
                )
                for each in tracks.findings(store, thing.kind, thing.code)
            ),
            holds, loose, others, tuple(places.unsaid(store, [thing], now_ms)), records.chain_at(store, now_ms), orders,
        )  # fmt: skip

    def _passages(
        self, store: Store, there: Register, thing: Known, product: Product | None, shop: Measuring,
        seen: Sequence[Visit], moved: Sequence[Moved], now_ms: int,
    ) -> tuple[tuple[Passage, ...], tuple[TraceValue, ...]]:  # fmt: skip
        """The stations, and what was measured at none of them."""
        plant = there.plant
        number = product.id if product is not None else None
        told = trace.values(store, thing.id)
        own = {signal.id: signal.machine for signal in plant.signals}
        by_visit, loose = _by_visit(seen, [(value.machine or own.get(value.signal), value) for value in told])
        hand = measured.of_unit(store, thing.code) if thing.kind == "unit" else []
        said, loosely_said = _by_visit(seen, [(shop.machine(entry), entry) for entry in hand])
        valued = {
            key: shop.values(number, by_visit.get(key, ()), said.get(key, ()))
            for key in (by_visit.keys() | said.keys())
        }
        route = _route(plant, product, seen, moved) if thing.kind == "unit" else ()
        ways = tracks.ways(store, (reading.event for visit in seen for reading in visit.readings))
        rows = passages.along(plant, route, seen, moved, valued, ways)
        if route and thing.kind == "unit":
            rows = passages.unmeasured(plant, shop.quality, number, rows, shop.measured_of(number, told, hand))
        rows = passages.neighbours(store, rows, seen, thing.id) if thing.kind == "unit" else rows
        names = {person.id: person.name for person in people.people(store, since_ms=0)}
        reasons = {reason.id: reason.name for reason in plant.reasons}
        told_rows = tuple(self._with_machine(store, there, row, names, reasons, now_ms) for row in rows)
        return told_rows, shop.values(number, loose, loosely_said)

    def _with_machine(
        self, store: Store, there: Register, row: Passage, names: dict[int, str], reasons: dict[int, str], now_ms: int
    ) -> Passage:
        """What the machine did around it, and who was there."""
        at_ms = row.at_ms if row.at_ms is not None else row.between.start_ms if row.between is not None else None
        if at_ms is None or row.machine is None:
            return row
        window = Span(at_ms - AROUND_MS, at_ms + AROUND_MS)
        parts = self._around.intervals(store, there, row.machine, window, now_ms)
        if row.at_ms is None:
            return replace(row, window=window, intervals=parts)
        return replace(
            row, window=window, intervals=parts, neighbour=neighbour(parts, at_ms, reasons),
            operators=operators(store, there.calendar, row.machine, at_ms, names),
        )  # fmt: skip


def whole_register(store: Store) -> Register:
    """The register with all machines and people that ever were."""
    return replace(read_register(store), plant=register.plant(store, since_ms=0))


class UnknownCodeError(KnownError):
    """Nothing carries a code, as `sentence` says; `similar` are known ones that look like it. `read`: where and when it
    was read all the same."""

    def __init__(self, code: str, similar: tuple[str, ...], read: tuple[str, str] | None) -> None:
        hint = _(" Similar: {codes}.").format(codes=", ".join(similar)) if similar else ""
        self.sentence = _('Nothing with the code "{code}" was ever scanned.').format(code=visible(code))
        if read is not None:
            self.sentence = _('"{code}" was read at {place} on {time}, but it is no unit, lot or box here.').format(
                code=visible(code), place=read[0], time=read[1]
            )
        super().__init__(self.sentence + hint)
        self.similar, self.read = similar, read is not None


def find(store: Store, code: str, kind: str = "") -> tuple[Known, tuple[tuple[str, str], ...]]:
    """The thing that carries a code, and kind and code of the others that do. Raises UnknownCodeError."""
    code = clean_code(code)
    known = carrying(store, code)
    wanted = [thing for thing in known if not kind or thing.kind == kind]
    if not wanted:
        near = _similar(store, code)
        read = trace.last_scan(store, code)
        zone = ZoneInfo(register.plant(store).timezone)
        when = "" if read is None else f"{datetime.fromtimestamp(read[1] / 1000, zone):%Y-%m-%d %H:%M}"
        raise UnknownCodeError(code, near, None if read is None else (read[0], when))
    thing = min(
        wanted, key=lambda each: (each.code != code, KINDS.index(each.kind) if each.kind in KINDS else len(KINDS))
    )
    return thing, tuple((each.kind, each.code) for each in known if each.id != thing.id)


def carrying(store: Store, code: str) -> list[Known]:
    """All things that a clean code may mean, oldest first: those that carry it, else what it says as a label."""
    return trace.find(store, code) or _by_label(store, code)


def _by_label(store: Store, code: str) -> list[Known]:
    """What a GS1 label means that was scanned where nobody takes it apart: the serial, lot or parcel in it."""
    aim = next((sign for sign in gs1.AIM if code.startswith(sign)), "")
    told = identify(code.removeprefix(aim), aim, None, {}, register.plant(store), at_ms=store.clock.now_ms())
    kinds = PARCELS if told.kind in PARCELS else {told.kind}  # no pattern is asked which of the two
    found = (
        [thing for thing in trace.find(store, told.code) if not told.kind or thing.kind in kinds] if told.code else []
    )
    labels = tracks.attributes(store, (thing.id for thing in found))
    gtin = told.attributes.get("gtin", "")
    return [thing for thing in found if not gtin or labels.get(thing.id, {}).get("gtin", gtin) == gtin]


def _similar(store: Store, code: str) -> tuple[str, ...]:
    """Known codes that begin with a code, contain it or, where there are none, begin as it does."""
    for length in range(len(code), max(len(code) // 2, 2), -2):
        if found := tuple(dict.fromkeys(trace.similar(store, code[:length]))):
            return found
    return ()


def _route(plant: Plant, product: Product | None, seen: Sequence[Visit], moved: Sequence[Moved]) -> tuple[Station, ...]:
    """The stations that a unit of a product had to pass; all of the line where nobody said by which it goes; none where
    the line has none."""
    stations = {station.id: station for station in plant.stations}
    moments = {move.station: move.at_ms for move in reversed(moved)}
    first = {visit.machine: visit.at_ms for visit in reversed(seen)}
    moments |= {each.id: first[each.machine] for each in plant.stations if each.machine in first}
    route = plant.route(product.id, moments) if product is not None else ()
    if route:
        return tuple(stations[number] for number in route if number in stations)
    return tuple(sorted(plant.stations, key=lambda station: station.place))


def _by_visit(
    seen: Sequence[Visit], told: Sequence[tuple[int | None, _Told]]
) -> tuple[dict[int, list[_Told]], list[_Told]]:
    """What was measured at machines, by the first reading of the visit in which it was: the last one there that had
    begun, else the first; and what was measured at machines where the thing was never read."""
    found: dict[int, list[_Told]] = {}
    loose: list[_Told] = []
    for machine, value in told:
        at_ms = value.at_ms if isinstance(value, Value) else value.said.start_ms
        there = [visit for visit in seen if visit.machine == machine]
        if not there:
            loose.append(value)
            continue
        begun = [visit for visit in there if visit.at_ms <= at_ms] or there[:1]
        found.setdefault(begun[-1].readings[0].id, []).append(value)
    return found, loose


def _holds(store: Store, thing: Known, now_ms: int) -> tuple[tuple[TraceHold, ...], dict[Thing, Disposed]]:
    """The holds that ever touched a thing; and the word by which it was thrown away, if it was."""
    own = Thing(thing.kind, thing.code)
    found: list[TraceHold] = []
    gone: dict[Thing, Disposed] = {}
    for each in holding.touching(store, own, now_ms):
        hold, route = each.hold, each.route
        words = [said for _n, said in hold.disposals if not said.things or any(part in said.things for part in route)]
        decided = tuple((said.start_ms, said.what.value, said.number, said.note) for said in words)
        of = route[-1].code if route and route[-1] != own else ""
        found.append(TraceHold(hold.said.start_ms, hold.entry.who, hold.said.reason, of, each.fate, decided))
        scrap = [said for said in words if said.what is Disposition.SCRAP]
        if each.fate is Fate.SCRAPPED and scrap:
            gone[own] = scrap[-1]
    return tuple(found), gone


def trace_code(store: Store, code: str, now_ms: int, kind: str = "") -> Trace:
    """Everything known of a scanned code, asked once. Raises KnownError where nothing carries it."""
    return Tracing().trace(store, code, now_ms, kind)
