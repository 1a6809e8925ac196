"""Many units at once: all of a lot or a box, a mock recall (모의 회수), and what a machine made before it stopped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, time, timedelta

from desktop.domain import calendar
from desktop.domain.entries import OPEN_MS
from desktop.domain.events import Count, Role, Thing
from desktop.domain.figures.trace import (
    Doubt,
    DoubtRow,
    MadeBefore,
    MadeRow,
    Passage,
    Recall,
    Stage,
    UnitList,
    UnitRow,
)
from desktop.domain.intervals import STOPPED, Interval
from desktop.domain.plant import Plant
from desktop.domain.quality import StationKind
from desktop.domain.spans import Span
from desktop.store import holding, measured, records, refused, register, trace, tracks
from desktop.store import orders as plan
from desktop.store.database import KnownError, Store
from desktop.store.trace import Holds, Known
from desktop.summaries.frame import Register
from desktop.summaries.planned import counted_roles
from desktop.summaries.trace import passages, paths, places
from desktop.summaries.trace.around import Around
from desktop.summaries.trace.history import find, whole_register
from desktop.summaries.trace.places import Orders, product_of
from desktop.summaries.trace.values import Measuring
from desktop.text import _

BEFORE_MS = 1_200_000  # so long before a stop its pieces are looked at
SHIFTS_BACK = 6  # in so many shifts a stop is looked for
_DAY_MS = 86_400_000


def units_of(store: Store, code: str, now_ms: int, kind: str = "") -> UnitList:
    """All units of a lot, or in a box, in the order of their making, each with its place. A part of another unit is
    told with that one. Raises KnownError where nothing carries the code."""
    thing, _others = find(store, code, kind)
    plant = register.plant(store, since_ms=0)
    told = tracks.attributes(store, [thing.id]).get(thing.id, {})
    quantity = told.get("quantity", "")
    rows = places.rows(store, plant, _units(store, thing), holding.scrapped(store, now_ms))
    number = int(quantity) if quantity.isdecimal() and len(quantity) < 10 else None
    doubts = tuple(places.unsaid(store, [thing], now_ms))
    return UnitList(thing.kind, thing.code, paths.what_of(told, plant), rows, plant.timezone, now_ms, number, doubts)


def _units(store: Store, thing: Known) -> list[int]:
    """The units that have a thing in them or lie in it, without those that are in another unit themselves."""
    if thing.kind in ("box", "pallet"):
        edges, found = trace.contents(store, thing.id), set[int]()
    else:
        edges = trace.went_into(store, thing.id, Holds.NOW)
        found = {thing.id} if thing.kind == "unit" else set()
    found |= {edge.thing for edge in edges if edge.what == "unit"}
    if thing.kind not in ("box", "pallet"):
        found -= {edge.near for edge in edges if edge.what == "unit"}
    return sorted(found)


def recall(store: Store, asked: str, subject: str, now_ms: int) -> Recall:
    """Where everything is that was built of a "lot", for an "order" or on a "day" (its ISO date, a business day), and
    what does not reconcile. Raises KnownError: it is not known."""
    plant = register.plant(store, since_ms=0)
    if asked == "lot":
        ids, doubts = _of_lot(store, subject)
    elif asked == "order":
        ids, doubts = _of_order(store, [subject]), []
    else:
        window = _day(store, subject)
        ids, doubts = tracks.begun(store, window), list(_counted(store, window))
        kinds = [kind for kind in ("unit", *holding.PACKS) if plant.readers(kind)]
        strange = dict.fromkeys(tracks.never_built(store, window, kinds))
        doubts += [DoubtRow(Doubt.NOT_BUILT, code) for code in strange]
    inside = {part for _unit, part in tracks.parts_of(store, ids)}
    ids = [number for number in ids if number not in inside]
    rows = places.rows(store, plant, ids, holding.scrapped(store, now_ms))
    doubts += _unsaid(store, rows, now_ms)
    doubts += [DoubtRow(Doubt.SCRAPPED_AND_SHIPPED, row.code) for row in rows if row.stage is Stage.SCRAP and row.gone]
    doubts += _shipped(store, plant, [row for row in rows if row.gone], now_ms)
    units = UnitList(asked, subject, "", rows, plant.timezone, now_ms)
    return Recall(asked, subject, units, (*doubts, *_packing(store, ids)))


def _unsaid(store: Store, rows: Sequence[UnitRow], now_ms: int) -> list[DoubtRow]:
    """The boxes that units lie in, or in which they may lie although they were refused."""
    inside = {box for _unit, box in tracks.packed_in(store, (row.id for row in rows))}
    loose = refused.boxes(store, (row.code for row in rows))  # one may be out of the box in which it lies by the file
    return places.unsaid(store, trace.known(store, sorted(inside.union(loose))).values(), now_ms)


def _shipped(store: Store, plant: Plant, rows: Sequence[UnitRow], now_ms: int) -> Iterable[DoubtRow]:
    """What was shipped although it was found bad last, since it was mended and where nobody decided of it, or was never
    measured where it should have been."""
    shop, ids = Measuring(store, plant), [row.id for row in rows]
    told, steps = tracks.values_of(store, ids), tracks.steps_of(store, ids)
    menders = {station.machine for station in plant.stations if station.kind is StationKind.REWORK}
    on_route = {product.id: set(plant.route(product.id)) for product in plant.products}
    for row in rows:
        values, by_hand = told.get(row.id, []), measured.of_unit(store, row.code)
        mended_ms = max((step.at_ms for step in steps.get(row.id, ()) if step.machine in menders), default=0)
        since = [value for value in values if value.at_ms >= mended_ms]
        said = [entry for entry in by_hand if entry.said.start_ms >= mended_ms]
        if said or any(value.judgement == "reject" for value in since):
            last = Passage(None, "", "", None, "", "", values=shop.values(row.product_id, since, said)).judgement
            if last == "reject" and holding.settled(store, Thing("unit", row.code), now_ms) == (0, 0):
                yield DoubtRow(Doubt.REJECTED_AND_SHIPPED, row.code)
        own = on_route.get(row.product_id or 0, ())
        first = {step.machine: step.at_ms for step in reversed(steps.get(row.id, ()))}
        asked = [
            shop.quality.asked(signal.id, row.product_id, first[station.machine])
            for station in plant.stations
            if station.id in own and station.machine in first
            for signal in plant.signals_of(station.machine)
        ]
        if any(asked):
            has = shop.measured_of(row.product_id, values, by_hand)
            lacks = [what.name for what in asked if what is not None and what.id not in has]
            if lacks:
                yield DoubtRow(Doubt.UNMEASURED_AND_SHIPPED, row.code, detail=", ".join(dict.fromkeys(lacks)))


def _of_lot(store: Store, code: str) -> tuple[list[int], list[DoubtRow]]:
    """All that a lot is about: a lot of material that was read, the lot on the labels of units themselves, and the one
    under which orders made their pieces."""
    lots = [thing for thing in trace.find(store, code) if thing.kind == "lot"]
    known = [thing for thing in lots if thing.code == code]
    doubts = [DoubtRow(Doubt.SAME_NUMBER, code, detail=thing.code) for thing in lots if thing not in known]
    own = {*tracks.of_lot(store, code)}
    orders = [order.code for order in plan.orders(store) if order.lot == code]
    if orders:
        try:
            own.update(_of_order(store, orders))
        except KnownError:  # planned, and never ran
            if not known and not own:
                raise
    if not known:
        if not own and not orders:
            find(store, code, "lot")
        return sorted(own), []
    ids = sorted(own.union(_units(store, known[0])))
    told = tracks.attributes(store, [known[0].id]).get(known[0].id, {}).get("quantity", "")
    used = tracks.takers(store, known[0].id)
    if told.isdecimal() and len(told) < 10 and used > int(told):
        doubts.append(DoubtRow(Doubt.LOT_COUNT, code, int(told), used))
    return ids, doubts


def _of_order(store: Store, codes: Sequence[str]) -> list[int]:
    """The units that were read at a machine while an order ran there, at whichever station of theirs that was."""
    told = Orders(store, Span(0, OPEN_MS - 1))
    runs = [run for code in codes for run in told.of(code)]
    if not runs:
        raise KnownError(_('The order "{order}" never ran.').format(order=codes[0]))
    found: set[int] = set()
    machines = [machine.id for machine in register.plant(store, since_ms=0).machines]
    for run in runs:
        for machine in (run.machine,) if run.machine else machines:
            read = trace.units_at(store, machine, run.span)
            found |= {thing.id for thing, visit in read if told.at(machine, visit.at_ms) == run}
    return sorted(found)


def _day(store: Store, subject: str) -> Span:
    """The shifts of a business day; of a shop without shifts the day itself."""
    try:
        on = date.fromisoformat(subject)
    except ValueError as error:
        words = _('"{day}" is no date. Write it as 2026-11-19.')
        raise KnownError(words.format(day=subject)) from error
    shop = register.calendar(store)
    midnight = calendar.utc_ms(on, time(0), shop.zone)
    following = calendar.utc_ms(on + timedelta(days=1), time(0), shop.zone)
    near = calendar.shifts_between(shop, Span(midnight - _DAY_MS, following + _DAY_MS))
    own = [shift.span for shift in near if shift.business_on == on]
    if not own:
        return Span(midnight, following)
    return Span(min(span.start_ms for span in own), max(span.end_ms for span in own))


def _counted(store: Store, window: Span) -> Iterable[DoubtRow]:
    """Where the last machine that reads its pieces counted others than it read. A piece is read before it is counted:
    one that is still at work at the end is not missed, nor is one too many that was read before the beginning."""
    plant = register.plant(store)
    reading = [machine for machine in plant.machines if passages.reads(plant, machine.id)]
    if not reading:
        return
    last = max(reading, key=lambda machine: machine.place)
    told = _pieces(store, plant, last.id, window)
    units = trace.units_at(store, last.id, window)
    if told is None:
        return
    counted, read = sum(each.pieces for each in told), len({thing.id for thing, _visit in units})
    at_work = bool(units and told) and units[-1][1].at_ms > max(each.at_ms for each in told)
    before = bool(units and told) and units[0][1].at_ms > min(each.at_ms for each in told)
    if counted != read - at_work + before:
        yield DoubtRow(Doubt.COUNTED, last.code, counted, read, last.name)


def _pieces(store: Store, plant: Plant, machine: int, window: Span) -> list[Count] | None:
    """What a machine counted in a window, good and bad; None where it counts none."""
    roles = counted_roles(plant, machine)
    if roles >= {Role.GOOD, Role.REJECT}:
        roles -= {Role.TOTAL}
    elif Role.TOTAL in roles:
        roles = frozenset({Role.TOTAL})
    if not roles:
        return None
    told = records.counts(store, machine, window)
    return [each for each in told if each.role in roles and each.pieces and window.holds(each.at_ms)]


def _packing(store: Store, ids: Sequence[int]) -> Iterable[DoubtRow]:
    """Units that lie in two boxes, and boxes that say another number than they hold."""
    boxes: dict[int, set[int]] = {}
    for unit, box in tracks.packed_in(store, ids):
        boxes.setdefault(unit, set()).add(box)
    holders = {box for several in boxes.values() for box in several}
    names = trace.known(store, [*holders, *(unit for unit, several in boxes.items() if len(several) > 1)])
    for unit, several in boxes.items():
        if len(several) > 1:
            yield DoubtRow(
                Doubt.TWICE_PACKED, names[unit].code, None, len(several),
                ", ".join(sorted(names[box].code for box in several)),
            )  # fmt: skip
    held = tracks.link_counts(store, holders, ahead=False)
    for box, told in sorted(tracks.attributes(store, holders).items()):
        said = told.get("quantity", "")
        if said.isdecimal() and len(said) < 10 and int(said) != held.get(box, 0):
            yield DoubtRow(Doubt.BOX_COUNT, names[box].code, int(said), held.get(box, 0))


def made_before(store: Store, machine: int, at_ms: int, now_ms: int) -> MadeBefore:
    """What a machine made in the twenty minutes before the stop that went on at a moment, or began last before it, and
    what was measured there. Raises KnownError: it did not stop in that shift or those before it."""
    there = whole_register(store)
    plant, shop = there.plant, Measuring(store, there.plant)
    own = plant.machine(machine)
    parts, stops = _stops_until(store, there, machine, at_ms, now_ms)
    if not stops:
        raise KnownError(_("{machine} did not stop in the shifts before then.").format(machine=own.name))
    stop = _whole(parts, stops[-1])
    window = Span(stop[0].span.start_ms - BEFORE_MS, stop[0].span.start_ms)
    read = trace.units_at(store, machine, window)
    told = tracks.values_at(store, machine, {thing.id for thing, _visit in read})
    labels = tracks.attributes(store, sorted({thing.id for thing, _visit in read}))
    orders = Orders(store, window)
    rows = []
    for thing, visit in reversed(read):
        product = product_of(plant, "unit", thing.code, labels.get(thing.id, {}), orders.at(machine, visit.at_ms))
        values = shop.values(product.id if product else None, told.get(thing.id, ()))
        judgement = Passage(None, "", "", machine, "", "", result=visit.result, values=values).judgement
        rows.append(MadeRow(thing.code, visit.at_ms, window.end_ms - visit.at_ms, values, judgement))
    counted = sum(each.pieces for each in _pieces(store, plant, machine, window) or ())
    reasons = {reason.id: reason.name for reason in plant.reasons}
    named = next((reasons[part.reason] for part in stop if part.reason in reasons), "")
    return MadeBefore(
        machine, own.code, own.name, window.end_ms, stop[-1].span.end_ms - window.end_ms, named, stop[0], tuple(rows),
        max(counted - len({thing.id for thing, _visit in read}), 0), plant.timezone, now_ms,
    )  # fmt: skip


def _stops_until(
    store: Store, there: Register, machine: int, at_ms: int, now_ms: int
) -> tuple[Sequence[Interval], list[Interval]]:
    """What a machine did in the shift of a moment, and its stops until then; of the shift before where it had none."""
    around, moment = Around(), at_ms
    for _back in range(SHIFTS_BACK):
        parts = around.intervals(store, there, machine, Span(moment - 1, moment + 1), now_ms, whole=True)
        stops = [part for part in parts if part.category in STOPPED and part.span.start_ms <= at_ms]
        if stops:
            return parts, stops
        before = calendar.shifts_between(there.calendar, Span(moment - _DAY_MS, moment))
        ended = [shift.span.end_ms for shift in before if shift.span.end_ms < moment]
        if not ended:
            break
        moment = max(ended) - 1
    return (), []


def _whole(parts: Sequence[Interval], stop: Interval) -> list[Interval]:
    """All intervals of one standstill."""
    same = [part for part in parts if part.stop_id == stop.stop_id and part.category in STOPPED] if stop.stop_id else []
    return same or [stop]
