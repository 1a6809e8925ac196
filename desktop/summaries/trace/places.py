"""Where units are: at which machine of the line, in stock, shipped or scrapped, and in which box. Many at once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence

from desktop.domain import entries, identity
from desktop.domain.entries import Disposed, Ordered, OrderEnded
from desktop.domain.events import Thing
from desktop.domain.figures.trace import Doubt, DoubtRow, Stage, UnitRow
from desktop.domain.making import Run
from desktop.domain.plant import Plant, Product
from desktop.domain.quality import StationKind
from desktop.domain.spans import Span
from desktop.store import entries as spoken
from desktop.store import holding, refused, trace, tracks
from desktop.store.database import Store
from desktop.store.trace import Known

_ORDER_MS = 30 * 86_400_000  # an order that began before that runs no more
STAGES = {StationKind.STOCK.value: Stage.STOCK, StationKind.SHIP.value: Stage.SHIPPED}


class Orders:
    """Which order ran at a machine, asked for many moments of the same times."""

    def __init__(self, store: Store, window: Span) -> None:
        window = Span(window.start_ms - _ORDER_MS, window.end_ms + 1)
        told = spoken.standing(store, window, Ordered | OrderEnded)
        self._runs: dict[int, tuple[Run, ...]] = {}
        self._starts: dict[int, list[int]] = {}
        for machine in {entry.said.machine for entry in told}:
            self._runs[machine] = entries.runs(entries.of(told, machine), window.end_ms)
            self._starts[machine] = [run.span.start_ms for run in self._runs[machine]]

    def at(self, machine: int, at_ms: int) -> Run | None:
        """What a machine, or the whole line, made for whom at a moment."""
        for asked in (machine, 0):
            place = bisect_right(self._starts.get(asked, ()), at_ms) - 1
            if place >= 0 and self._runs[asked][place].span.holds(at_ms):
                return self._runs[asked][place]
        return None

    def along(self, steps: Iterable[tracks.Seen]) -> tuple[Run, ...]:
        """Under which orders a thing was made: of each the run in which it was read first."""
        found: dict[str, Run] = {}
        for step in steps:
            run = self.at(step.machine, step.at_ms)
            if run is not None:
                found.setdefault(run.order, run)
        return tuple(found.values())

    def all_at(self, at_ms: int) -> list[tuple[int, Run]]:
        """What each machine (0: the whole line) made for whom at a moment."""
        return [(machine, run) for machine, runs in self._runs.items() for run in runs if run.span.holds(at_ms)]

    def of(self, order: str) -> tuple[Run, ...]:
        """Whenever an order ran, at whatever machine."""
        return tuple(run for runs in self._runs.values() for run in runs if run.order == order)


def product_of(plant: Plant, kind: str, code: str, told: Mapping[str, str], run: Run | None) -> Product | None:
    """Which product a thing is: by its label, how its serial looks, what the collector took it for, the order that
    ran where it came first, or there is one alone."""
    products = plant.products
    by_gtin = identity.product_of(told["gtin"], plant) if told.get("gtin") else None
    for found in (
        [by_gtin] if by_gtin is not None else [],
        [p for p in products if p.code == told.get("product")],
        [p for p in products if kind == "unit" and p.id == plant.product_of_serial(code)],
        [p for p in products if run is not None and p.id == run.product],
        products if kind == "unit" and len(products) == 1 else [],
    ):
        if found:
            return found[0]
    return None


def scrap_reason(plant: Plant, said: Disposed) -> str:
    """Why something was thrown away, "" where nobody said."""
    return next((reason.name for reason in plant.scrap_reasons if reason.id == said.reason), "") or said.note


def containers(store: Store, ids: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """What things lie in, innermost first; of several boxes at once the newest."""
    inside: dict[int, int] = {}
    level = list(ids)
    while level:
        found = {thing: box for thing, box in tracks.packed_in(store, level) if thing not in inside}
        inside.update(found)
        level = list(set(found.values()) - set(inside))

    def way(thing: int) -> tuple[int, ...]:
        boxes: list[int] = []
        while thing in inside and inside[thing] not in boxes:
            thing = inside[thing]
            boxes.append(thing)
        return tuple(boxes)

    return {thing: boxes for thing in ids if (boxes := way(thing))}


def rows(store: Store, plant: Plant, ids: Sequence[int], gone: Mapping[Thing, Disposed]) -> tuple[UnitRow, ...]:
    """Units with their place, in the order of `ids`. `gone`: what was thrown away, and by which word."""
    known = trace.known(store, ids)
    steps, last = tracks.steps_of(store, ids), trace.places(store, ids)
    boxes = containers(store, ids)
    packs = trace.known(store, {box for several in boxes.values() for box in several})
    told = tracks.attributes(store, ids)
    moments = [seen.at_ms for several in steps.values() for seen in several]
    orders = Orders(store, Span(min(moments), max(moments))) if moments else None
    machines = {machine.id: f"{machine.name} {machine.code}" for machine in plant.machines}
    stations = {station.id: station.name for station in plant.stations}
    found = []
    for number in ids:
        thing = known[number]
        seen, place = steps.get(number, ()), last[number]
        runs = orders.along(seen) if orders is not None else ()
        product = product_of(plant, thing.kind, thing.code, told.get(number, {}), runs[0] if runs else None)
        move = place.moved
        stage = STAGES.get(move.kind, Stage.LINE) if move is not None else Stage.LINE
        at = stations.get(move.station, "") if move is not None else machines.get(place.machine or 0, "")
        gone_out = stage is Stage.SHIPPED
        scrap = gone.get(Thing(thing.kind, thing.code)) if gone else None
        if scrap is not None:
            stage, at = Stage.SCRAP, scrap_reason(plant, scrap) or at
        begun_ms = seen[0].at_ms if seen else thing.at_ms
        own = boxes.get(number, ())
        under = ", ".join(run.order for run in runs if run.order)
        found.append(
            UnitRow(
                number, thing.code, product.name if product else "", under, begun_ms,
                max(begun_ms, place.at_ms or 0, move.at_ms if move is not None else 0), stage, at,
                packs[own[0]].code if own else "", packs[own[-1]].code if len(own) > 1 else "", gone_out,
                product.id if product else None,
            )
        )  # fmt: skip
    return tuple(found)


def unsaid(store: Store, things: Iterable[Known], now_ms: int) -> list[DoubtRow]:
    """Which boxes among some things, or on pallets among them, may hold more than they say: units that were refused
    while they were filled, that nobody saw since and nobody threw away."""
    boxes = dict[int, str]()
    for thing in things:
        if thing.kind == "box":
            boxes[thing.id] = thing.code
        elif thing.kind == "pallet":
            boxes |= {edge.thing: edge.code for edge in trace.contents(store, thing.id) if edge.what == "box"}
    told = [(code, refused.beside(store, box)) for box, code in boxes.items()]
    gone = holding.scrapped(store, now_ms) if any(codes for _box, codes in told) else {}
    rows = []
    for box, codes in told:
        left = [code for code in codes if Thing("unit", code) not in gone]
        rows += [DoubtRow(Doubt.REFUSED, box, None, len(left), ", ".join(left))] if left else []
    return rows
