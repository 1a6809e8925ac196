"""What a machine is to make when in a shift: what was made there, then what is planned.

    past        the product that was made at that time, by the standard cycle that held then
    no order    what the plan, as it stood then, still wanted; without a plan the pace goes on
    to come     what the plan wants now, the order that runs first; behind it nothing is to be made

So a new order, another standard or a changed plan never moves the target of the hours before. The plan with which the
shift began (`frozen`) stays the measure beside it: 달성률 = good / what was due by that plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import inf, isfinite

from msgspec import Struct

from desktop.domain import calendar as calendars
from desktop.domain import orders, targets
from desktop.domain.calendar import Calendar, Shift
from desktop.domain.making import Run
from desktop.domain.orders import Order, OrderKind, OrderStatus, OrderVersion
from desktop.domain.plant import Machine, Plant
from desktop.domain.rules import TPM, RuleSet
from desktop.domain.spans import Span, subtract, union
from desktop.domain.targets import Plan, PlanItem

_LEAST = 1e-6  # of a piece: what binary fractions leave over is nothing


class Part(Struct, frozen=True):
    """What is to be made in a span. `cycle_ms` a piece; None: not known, infinite: nothing."""

    span: Span
    product: int | None
    cycle_ms: float | None


class Course(Struct, frozen=True):
    """A shift in parts that touch, and when in it nobody works (`off`: breaks and planned stops, sorted and apart)."""

    span: Span
    off: tuple[Span, ...]
    parts: tuple[Part, ...]

    def target(self, span: Span) -> int | None:
        """Pieces to be made in a part of the shift, which add up to the whole; None where what was made in it, or its
        standard cycle, is not known."""
        inside = [(part, own) for part in self.parts if (own := part.span.cut(span)) is not None]
        if any(part.cycle_ms is None and self._net_ms(own) for part, own in inside):
            return None
        return int(self._reached(span.end_ms) + 0.5) - int(self._reached(span.start_ms) + 0.5)

    def due(self, at_ms: int) -> int | None:
        """Pieces due by a moment of the shift."""
        return self.target(Span(self.span.start_ms, min(max(at_ms, self.span.start_ms), self.span.end_ms)))

    def terms(self, at_ms: int) -> tuple[tuple[float, int], ...]:
        """The standard cycles by which was due what is due by a moment, each with the time to work in."""
        found: dict[float, int] = {}
        for part in self.parts:
            own = part.span.cut(Span(self.span.start_ms, max(at_ms, self.span.start_ms)))
            if own is not None and part.cycle_ms is not None and isfinite(part.cycle_ms):
                found[part.cycle_ms] = found.get(part.cycle_ms, 0) + self._net_ms(own)
        return tuple((cycle_ms, net_ms) for cycle_ms, net_ms in found.items() if net_ms)

    def _reached(self, at_ms: int) -> float:
        made = 0.0
        for part in self.parts:
            own = part.span.cut(Span(self.span.start_ms, max(at_ms, self.span.start_ms)))
            if own is not None and part.cycle_ms is not None:
                made += self._net_ms(own) / part.cycle_ms
        return made

    def _net_ms(self, span: Span) -> int:
        start_ms, end_ms = span.start_ms, span.end_ms
        return span.length_ms - sum(
            min(off.end_ms, end_ms) - max(off.start_ms, start_ms)
            for off in self.off
            if off.start_ms < end_ms and off.end_ms > start_ms
        )


def course(
    plant: Plant,
    machine: int,
    shift: Shift,
    off: Sequence[Span],
    runs: Iterable[Run],
    versions: Sequence[OrderVersion],
    now_ms: int,
    before: Mapping[int, int] | None = None,
    corrected: Mapping[int, int] | None = None,
) -> Course | None:
    """What a machine is to make when in a shift; None where nothing at all is known of that.

    `off`: its breaks and planned stops. `runs`: what it made, as orders and devices told. `versions`: the plan as it
    was entered and changed. `before`: pieces of an order (by its id) that were made before the shift began, as far as
    that was known then; `corrected`: as it is known now, for what is to come (None: the same).
    """
    mine = sorted((run for run in runs if run.machine == machine), key=lambda run: (run.span.start_ms, run.id))
    told = [version for version in versions if version.entered_at_ms <= now_ms]
    line = _Line(
        plant,
        machine,
        shift,
        tuple(off),
        mine,
        told,
        min(max(now_ms, shift.span.start_ms), shift.span.end_ms),
        before or {},
        before or {} if corrected is None else corrected,
    )
    parts = line.parts()
    return Course(shift.span, union(off), parts) if any(part.cycle_ms is not None for part in parts) else None


def wanted(versions: Sequence[OrderVersion], shift: Shift, machine: int, at_ms: int) -> tuple[Order, ...]:
    """The orders of a shift that a machine is to work on, as the plan stood at a moment, in sequence."""
    return tuple(o for o in orders.as_of(versions, at_ms) if o.is_planned_in(shift) and o.is_for(machine))


def frozen(
    plant: Plant,
    machine: Machine,
    shop: Calendar,
    shift: Shift,
    versions: Sequence[OrderVersion],
    now_ms: int,
    before: Mapping[int, int] | None = None,
    rules: RuleSet = TPM,
) -> Plan | None:
    """The plan of a machine as plan and calendar stood when the shift began; None where nothing was planned for it. The
    first plan of a shift that had none when it began counts as that."""
    begun_ms = shift.span.start_ms
    planned = orders.shift_plan(versions, shift, now_ms).frozen if versions else ()
    items = []
    for order in planned:
        if not order.is_for(machine.id):
            continue
        cycle_ms = _cycle(plant, machine.id, order.product, begun_ms)
        if cycle_ms is None and order.machine is None:
            continue  # an order of the line goes past a machine that has no standard for it
        pieces = max(order.quantity - (before or {}).get(order.id, 0), 0)
        if order.kind is OrderKind.REWORK:  # it takes time, and its pieces passed before
            items.append(PlanItem(order.product, cycle_ms, 0, round(pieces * (cycle_ms or 0))))
        else:
            items.append(PlanItem(order.product, cycle_ms, pieces))
    if not items:
        return None
    then = shop.as_of(begun_ms)
    stood = calendars.shift_named(then, shift.name, shift.business_on) or shift
    stops = calendars.planned_stops(then, stood.span, machine.id, rules)
    return targets.plan_of(stood, items, stops, unattended=machine.unattended)


def off_of(shop: Calendar, shift: Shift, machine: Machine, rules: RuleSet = TPM) -> tuple[Span, ...]:
    """When a machine is not to work in a shift: its breaks and what was approved beforehand."""
    stops = calendars.planned_stops(shop, shift.span, machine.id, rules)
    return targets.plan_of(shift, (), stops, unattended=machine.unattended).off


def made_before(versions: Sequence[OrderVersion], shift: Shift, good: Mapping[str, int]) -> dict[int, int]:
    """Pieces of orders that may be made in any shift of the day, by id: those that were `good` (by the order's number)
    before this shift began."""
    asked = {v.order.id: v.order.code for v in versions if v.order.is_planned_in(shift) and not v.order.shift}
    return {number: good[code] for number, code in asked.items() if good.get(code)}


def _cycle(plant: Plant, machine: int, product: int | None, at_ms: int) -> float | None:
    known = plant.standard(machine, product, at_ms)
    cycle_ms = known.standard_cycle_ms if known else None
    return cycle_ms if cycle_ms is not None and isfinite(cycle_ms) and cycle_ms > 0 else None


class _Line:
    """A course while it is made, from the beginning of the shift on."""

    def __init__(
        self,
        plant: Plant,
        machine: int,
        shift: Shift,
        off: tuple[Span, ...],
        runs: Sequence[Run],
        versions: Sequence[OrderVersion],
        now_ms: int,
        before: Mapping[int, int],
        corrected: Mapping[int, int],
    ) -> None:
        self._plant, self._machine, self._shift, self._off = plant, machine, shift, off
        self._runs, self._versions, self._now_ms, self._before = runs, versions, now_ms, before
        self._corrected = corrected
        self._due: dict[int | None, float] = {}  # pieces that were due so far, by product
        self._found: list[Part] = []

    def parts(self) -> tuple[Part, ...]:
        span = self._shift.span
        edges = {at_ms for run in self._runs for at_ms in (run.span.start_ms, run.span.end_ms) if at_ms <= self._now_ms}
        edges |= {s.valid_from_ms for s in self._plant.standards if s.machine == self._machine}
        if self._versions:
            edges |= {self._now_ms, *(version.entered_at_ms for version in self._versions)}
        inner = sorted(at_ms for at_ms in edges if span.start_ms < at_ms < span.end_ms)
        for start_ms, end_ms in zip([span.start_ms, *inner], [*inner, span.end_ms], strict=True):
            self._cell(Span(start_ms, end_ms))
        return tuple(self._found)

    def _cell(self, cell: Span) -> None:
        """A span in which neither what is made nor the plan changes."""
        at_ms = cell.start_ms
        planned = wanted(self._versions, self._shift, self._machine, at_ms) if self._versions else ()
        run = next((run for run in reversed(self._runs) if run.span.holds(at_ms)), None)
        if run is not None and (at_ms < self._now_ms or not planned):
            self._add(cell, run.product, inf if run.rework else _cycle(self._plant, self._machine, run.product, at_ms))
        elif planned:
            self._follow(cell, planned)
        else:
            product = self._between(at_ms)
            known = any(run.span.start_ms <= at_ms for run in self._runs)  # what comes first uses up no plan of then
            self._add(cell, product, _cycle(self._plant, self._machine, product, at_ms), uses=known)

    def _between(self, at_ms: int) -> int | None:
        """What is to be made where no order runs and none is planned: what was made last, else what comes first."""
        before = [run for run in self._runs if run.span.start_ms <= at_ms and not run.rework]
        last = before[-1] if before else next((run for run in self._runs if not run.rework), None)
        return last.product if last is not None else self._plant.only_product(self._machine, at_ms)

    def _follow(self, cell: Span, planned: Sequence[Order]) -> None:
        """What the plan still wants, one order after the other, the one that was begun last first."""
        begun = [run for run in self._runs if run.span.start_ms <= cell.start_ms]
        codes, due, left = {run.order for run in begun}, dict(self._due), []
        before = self._before if cell.start_ms < self._now_ms else self._corrected
        for order in planned:
            pieces = max(order.quantity - before.get(order.id, 0), 0.0)
            if order.kind is OrderKind.REWORK:
                pieces = 0.0 if order.code in codes else pieces
            else:
                made = min(due.get(order.product, 0.0), pieces)
                due[order.product] = due.get(order.product, 0.0) - made
                pieces -= made
            if pieces > _LEAST and order.status is OrderStatus.OPEN:
                left.append((order, pieces))
        if begun:
            last = begun[-1]
            left.sort(key=lambda each: (each[0].code != last.order, each[0].product != last.product))
        at_ms = cell.start_ms
        for order, pieces in left:
            cycle_ms = _cycle(self._plant, self._machine, order.product, at_ms)
            if cycle_ms is None and order.machine is None:
                continue
            end_ms = cell.end_ms if cycle_ms is None else self._after(at_ms, pieces * cycle_ms, cell.end_ms)
            rework = order.kind is OrderKind.REWORK
            self._add(Span(at_ms, end_ms), order.product, inf if rework else cycle_ms)
            at_ms = end_ms
            if at_ms >= cell.end_ms:
                return
        self._add(Span(at_ms, cell.end_ms), None, inf)

    def _after(self, at_ms: int, net_ms: float, last_ms: int) -> int:
        """When so much time to work in has passed, at most `last_ms`."""
        for span in subtract(Span(at_ms, last_ms), self._off):
            if net_ms <= span.length_ms:
                return span.start_ms + round(net_ms)
            net_ms -= span.length_ms
        return last_ms

    def _add(self, span: Span, product: int | None, cycle_ms: float | None, *, uses: bool = True) -> None:
        if not span.length_ms:
            return
        if uses and cycle_ms is not None and isfinite(cycle_ms):
            net_ms = sum(part.length_ms for part in subtract(span, self._off))
            self._due[product] = self._due.get(product, 0.0) + net_ms / cycle_ms
        last = self._found[-1] if self._found else None
        if last is not None and (last.product, last.cycle_ms) == (product, cycle_ms):
            self._found[-1] = Part(Span(last.span.start_ms, span.end_ms), product, cycle_ms)
        else:
            self._found.append(Part(span, product, cycle_ms))
