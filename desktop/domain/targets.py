"""What should have been made by when: cumulative, so that hours add up to the shift.

    target of an hour = round(C(end)) - round(C(start))

C counts what the plan makes in the time net of breaks and planned stops, item after item: first its planned standard
set-up, then a piece per standard cycle. What was not planned (a breakdown, a changeover) never lowers it. The plan as
it stood when the shift began stays the measure (달성률 = good / that plan), whatever is changed during the shift.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isfinite

from msgspec import Struct

from desktop.domain.calendar import Calendar, Shift, planned_stops, shift_named
from desktop.domain.plant import Machine
from desktop.domain.rules import TPM, RuleSet
from desktop.domain.spans import Span, subtract, union

_FORECAST_AFTER_MS = 600_000


class PlanItem(Struct, frozen=True):
    """So many pieces of a product (None: until the shift ends), after a planned standard set-up. `standard_cycle_ms`
    None: no standard is known.
    """

    product: int | None
    standard_cycle_ms: float | None
    pieces: int | None = None
    setup_ms: int = 0

    @property
    def flags(self) -> tuple[str, ...]:
        """What makes its pieces unknown: no_standard, bad_standard, bad_quantity, bad_setup."""
        found = []
        if self.standard_cycle_ms is None:
            found.append("no_standard")
        elif not (isfinite(self.standard_cycle_ms) and self.standard_cycle_ms > 0):
            found.append("bad_standard")
        if self.pieces is not None and self.pieces < 0:
            found.append("bad_quantity")
        if self.setup_ms < 0:
            found.append("bad_setup")
        return tuple(found)


class Plan(Struct, frozen=True):
    """What is to be made in a shift, in order, outside its breaks and planned stops (`off`)."""

    span: Span
    off: tuple[Span, ...] = ()
    items: tuple[PlanItem, ...] = ()

    @property
    def flags(self) -> tuple[str, ...]:
        """What a reader of it must know: besides those of its items no_plan, after_open_end (items behind one without
        a quantity are never reached) and plan_exceeds_shift (it needs more time than there is).
        """
        found = [flag for item in self.items for flag in item.flags]
        if not self.items:
            found.append("no_plan")
        if any(item.pieces is None for item in self.items[:-1]):
            found.append("after_open_end")
        if not found:
            needed_ms = sum(item.setup_ms + (item.pieces or 0) * (item.standard_cycle_ms or 0) for item in self.items)
            if needed_ms > self.net_ms(self.span.end_ms):
                found.append("plan_exceeds_shift")
        return tuple(dict.fromkeys(found))

    def net_ms(self, at_ms: int) -> int:
        """The time to work in that has passed by a moment."""
        at_ms = min(max(at_ms, self.span.start_ms), self.span.end_ms)
        return sum(part.length_ms for part in subtract(Span(self.span.start_ms, at_ms), self.off))


class PlanVersion(Struct, frozen=True):
    """The items of a plan as somebody entered them at a moment."""

    entered_at_ms: int
    items: tuple[PlanItem, ...]


def plan_of(shift: Shift, items: Iterable[PlanItem], stops: Iterable[Span] = (), *, unattended: bool = False) -> Plan:
    """The plan of a shift: without its breaks (an unattended machine has none) and without planned stops."""
    pauses = () if unattended else shift.pause_spans
    off = union(part for span in (*pauses, *stops) if (part := span.cut(shift.span)))
    return Plan(shift.span, off, tuple(items))


def plan_as_of(
    calendar: Calendar,
    shift: Shift,
    versions: Sequence[PlanVersion],
    at_ms: int,
    machine: Machine | None = None,
    rules: RuleSet = TPM,
) -> Plan | None:
    """The plan of a shift as calendar and plan stood at a moment: when the shift began it is the frozen plan, now it
    is the adjusted one. None where there was neither the shift nor a plan for it yet.
    """
    then = calendar.as_of(at_ms)
    stood = shift_named(then, shift.name, shift.business_on)
    entered = [version for version in versions if version.entered_at_ms <= at_ms]
    if stood is None or not entered:
        return None
    last = max(entered, key=lambda version: version.entered_at_ms)
    stops = planned_stops(then, stood.span, machine.id if machine else None, rules)
    return plan_of(stood, last.items, stops, unattended=machine is not None and machine.unattended)


def cumulated(plan: Plan, at_ms: int) -> float | None:
    """C: pieces that the plan has made by a moment; None from an item on of which that cannot be said."""
    left_ms = float(plan.net_ms(at_ms))
    made = 0.0
    if not plan.items:
        return None
    for item in plan.items:
        cycle_ms = item.standard_cycle_ms
        if item.flags or cycle_ms is None:
            return made if left_ms <= 0 else None
        left_ms -= item.setup_ms
        if left_ms <= 0:
            return made
        pieces = left_ms / cycle_ms
        if item.pieces is None or pieces < item.pieces:
            return made + pieces
        made += item.pieces
        left_ms -= item.pieces * cycle_ms
    return made


def due(plan: Plan, at_ms: int) -> int | None:
    """Pieces due by a moment of the shift, rounded half up once on the whole."""
    made = cumulated(plan, at_ms)
    return None if made is None else int(made + 0.5)


def target(plan: Plan, span: Span) -> int | None:
    """Pieces to be made in a part of the shift: parts add up to the whole."""
    before, after = due(plan, span.start_ms), due(plan, span.end_ms)
    return None if before is None or after is None else after - before


def achievement(good: int | None, frozen: int | None) -> float | None:
    """달성률: good pieces / pieces due by the frozen plan; None where nothing was due or is known."""
    return good / frozen if good is not None and frozen else None


def forecast(good: int | None, shift: Shift | None, now_ms: int, stops: Iterable[Span] = ()) -> int | None:
    """Good pieces at shift end at the shift's average pace; None before ten minutes of work."""
    if good is None or shift is None or now_ms >= shift.span.end_ms:
        return good
    plan = plan_of(shift, (), stops)
    passed_ms = plan.net_ms(now_ms)
    return None if passed_ms < _FORECAST_AFTER_MS else round(good * plan.net_ms(shift.span.end_ms) / passed_ms)


def pace_ms(good: int | None, plan: Plan, now_ms: int) -> float | None:
    """Net working time per good piece so far; None before ten minutes of work and where nothing good was made."""
    passed_ms = plan.net_ms(now_ms)
    return passed_ms / good if good is not None and good > 0 and passed_ms >= _FORECAST_AFTER_MS else None


def finish(left: int, cycle_ms: float | None, now_ms: int, busy: Iterable[Span]) -> int | None:
    """When so many pieces more will be done, at a pace, in planned busy time from now on; None where it does not
    suffice or the pace is not known. Nothing left: now.
    """
    if left <= 0:
        return now_ms
    if cycle_ms is None or not (isfinite(cycle_ms) and cycle_ms > 0):
        return None
    needed_ms = round(left * cycle_ms)
    for span in union(busy):
        start_ms = max(span.start_ms, now_ms)
        if span.end_ms - start_ms >= needed_ms:
            return start_ms + needed_ms
        needed_ms -= max(span.end_ms - start_ms, 0)
    return None


class Overtime(Struct, frozen=True):
    """What a shift would have to go on for (잔업): until when and for how long. None: the pace is not known.

    Flags: no_pace; reaches_next_shift, where it would end after the next shift begins.
    """

    end_ms: int | None
    extra_ms: int | None
    flags: tuple[str, ...] = ()


def overtime(left: int, cycle_ms: float | None, now_ms: int, plan: Plan, next_start_ms: int | None = None) -> Overtime:
    """When what is left of a plan would be done if the shift went on without a break behind its end."""
    in_shift = subtract(plan.span, plan.off)
    end_ms = finish(left, cycle_ms, now_ms, (*in_shift, Span(plan.span.end_ms, 1 << 62)))
    if end_ms is None:
        return Overtime(None, None, ("no_pace",))
    extra_ms = max(0, end_ms - plan.span.end_ms) if left > 0 else 0
    late = extra_ms > 0 and next_start_ms is not None and end_ms > next_start_ms
    return Overtime(end_ms, extra_ms, ("reaches_next_shift",) if late else ())
