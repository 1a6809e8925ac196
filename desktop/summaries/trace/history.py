"""Everything that is known of a scanned code."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from desktop.domain import gs1
from desktop.domain.barcode import clean_code
from desktop.domain.figures.trace import Passage, Trace, TraceFinding, TraceMove, TraceValue
from desktop.domain.identity import identify
from desktop.domain.plant import Plant, Product, Station
from desktop.domain.quality import Quality
from desktop.domain.spans import Span
from desktop.store import journal, people, register, trace, tracks
from desktop.store import orders as plan
from desktop.store import quality as measured
from desktop.store.database import KnownError, Store
from desktop.store.trace import Known, Moved, Value
from desktop.summaries.frame import Register, read_register
from desktop.summaries.trace import passages, paths, places
from desktop.summaries.trace.around import AROUND_MS, Around, neighbour, operators
from desktop.summaries.trace.passages import Visit
from desktop.summaries.trace.places import Orders, product_of
from desktop.text import _

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
        plant, quality = there.plant, measured.quality(store, since_ms=0)
        told = tracks.attributes(store, [thing.id]).get(thing.id, {})
        readings = trace.visits(store, thing.id)
        seen = passages.visits(readings)
        first_ms = readings[0].at_ms if readings else thing.at_ms
        run = Orders(store, Span(first_ms, first_ms)).at(seen[0].machine, first_ms) if seen else None
        run = run if thing.kind == "unit" else None
        product = product_of(plant, thing.kind, thing.code, told, run)
        moved = trace.moves(store, thing.id)
        packs = trace.known(store, {move.holder for move in moved if move.holder != thing.id})
        stations = {station.id: station for station in plant.stations}
        built, now = paths.paths(store, plant, thing)
        rows, loose = self._passages(store, there, thing, product, quality, seen, moved, now_ms)
        where = places.rows(store, plant, [thing.id])[0] if thing.kind == "unit" else None
        lots = [order.lot for order in plan.named(store, {run.order})] if run is not None and run.order else []
        machines = {machine.id: machine.code for machine in plant.machines}
        return Trace(
            thing.id, thing.kind, thing.code, thing.at_ms, trace.scans(store, thing.code), plant.timezone, plant.name,
            plant.line, now_ms, built, now, rows, product.code if product else "",
            product.name if product else "", run.order if run else "", told.get("lot") or "".join(lots),
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
                TraceFinding(each.at_ms, machines[each.machine], each.word, each.detail, each.flag == "refused")
                for each in tracks.findings(store, thing.code, machines.keys())
            ),
            loose, others, journal.chain_at(store, now_ms),
        )  # fmt: skip

    def _passages(
        self, store: Store, there: Register, thing: Known, product: Product | None, quality: Quality,
        seen: Sequence[Visit], moved: Sequence[Moved], now_ms: int,
    ) -> tuple[tuple[Passage, ...], tuple[TraceValue, ...]]:  # fmt: skip
        """The stations, and what was measured at none of them."""
        plant = there.plant
        number = product.id if product is not None else None
        told = trace.values(store, thing.id)
        if thing.kind == "unit" and (entered := trace.entered(store, thing.code)):
            told = sorted((*told, *entered), key=lambda value: value.at_ms)
        by_visit, loose = _by_visit(plant, seen, told)
        valued = {key: passages.values(plant, quality, number, several) for key, several in by_visit.items()}
        route = _route(plant, product) if thing.kind == "unit" else ()
        ways = tracks.ways(store, (reading.event for visit in seen for reading in visit.readings))
        rows = passages.along(plant, route, seen, moved, valued, ways)
        rows = passages.neighbours(store, rows, seen, thing.id) if thing.kind == "unit" else rows
        names = {person.id: person.name for person in people.people(store, since_ms=0)}
        reasons = {reason.id: reason.name for reason in plant.reasons}
        return tuple(self._with_machine(store, there, row, names, reasons, now_ms) for row in rows), passages.values(
            plant, quality, number, loose
        )

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
    """Nothing carries a code; `similar` are known ones that look like it."""

    def __init__(self, code: str, similar: tuple[str, ...]) -> None:
        hint = _(" Similar: {codes}.").format(codes=", ".join(similar)) if similar else ""
        super().__init__(_('Nothing with the code "{code}" was ever scanned.').format(code=code) + hint)
        self.similar = similar


def find(store: Store, code: str, kind: str = "") -> tuple[Known, tuple[str, ...]]:
    """The thing that carries a code, and which other kinds of things do. Raises UnknownCodeError."""
    code = clean_code(code)
    known = trace.find(store, code) or _by_label(store, code)
    wanted = [thing for thing in known if not kind or thing.kind == kind]
    if not wanted:
        near = _similar(store, code)
        raise UnknownCodeError(code, near)
    thing = min(wanted, key=lambda each: KINDS.index(each.kind) if each.kind in KINDS else len(KINDS))
    return thing, tuple(each.kind for each in known if each.id != thing.id)


def _by_label(store: Store, code: str) -> list[Known]:
    """What a GS1 label means that was scanned where nobody takes it apart: the serial, lot or parcel in it."""
    aim = next((sign for sign in gs1.AIM if code.startswith(sign)), "")
    told = identify(code.removeprefix(aim), aim, None, {}, register.plant(store), at_ms=store.clock.now_ms())
    return [thing for thing in trace.find(store, told.code) if told.kind in ("", thing.kind)] if told.code else []


def _similar(store: Store, code: str) -> tuple[str, ...]:
    """Known codes that begin with a code, contain it or, where there are none, begin as it does."""
    for length in range(len(code), max(len(code) // 2, 2), -2):
        if found := tuple(dict.fromkeys(trace.similar(store, code[:length]))):
            return found
    return ()


def _route(plant: Plant, product: Product | None) -> tuple[Station, ...]:
    """The stations that a product passes; all of the line where nobody said by which it goes; none where the line has
    none."""
    stations = {station.id: station for station in plant.stations}
    route = plant.route(product.id) if product is not None else ()
    if route:
        return tuple(stations[number] for number in route if number in stations)
    return tuple(sorted(plant.stations, key=lambda station: station.place))


def _by_visit(plant: Plant, seen: Sequence[Visit], told: Sequence[Value]) -> tuple[dict[int, list[Value]], list[Value]]:
    """Values by the first reading of the visit in which they were measured: the last one at their machine that had
    begun, else the first there; and those of machines where the thing was never read."""
    own = {signal.id: signal.machine for signal in plant.signals}
    found: dict[int, list[Value]] = {}
    loose: list[Value] = []
    for value in told:
        machine = value.machine or own.get(value.signal)
        there = [visit for visit in seen if visit.machine == machine]
        if not there:
            loose.append(value)
            continue
        begun = [visit for visit in there if visit.at_ms <= value.at_ms] or there[:1]
        found.setdefault(begun[-1].readings[0].id, []).append(value)
    return found, loose


def trace_code(store: Store, code: str, now_ms: int, kind: str = "") -> Trace:
    """Everything known of a scanned code, asked once. Raises KnownError where nothing carries it."""
    return Tracing().trace(store, code, now_ms, kind)
