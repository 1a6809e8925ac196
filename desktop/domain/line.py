"""The line's own figures: a serial line is judged at its constraint, never by a mean of its machines.

PBT, run   of the constraint station b (its waiting is a stop of b, charged to the machine that caused it)
G          first-time good pieces at the line's exit        C   ideal cycle of b per exit piece
R          rejects at b or after it, in exit pieces

OEE = sum(C x G) / PBT      A = run / PBT      P = sum(C x (G + R)) / run      Q = sum(C x G) / sum(C x (G + R))
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from msgspec import Struct
from msgspec.structs import replace

from desktop.domain.events import State
from desktop.domain.intervals import RUNNING, Category, Interval
from desktop.domain.kpi import Output, Sums, add
from desktop.domain.spans import Span


class Constraint(Struct, frozen=True):
    """The constraint station as a person declared it, from a moment on. `parallel`: how many equal machines it is."""

    machine: int
    valid_from_ms: int = 0
    parallel: int = 1


def constraint_at(declared: Iterable[Constraint], at_ms: int) -> Constraint | None:
    """The declaration in force at a moment, None before the first."""
    past = [constraint for constraint in declared if constraint.valid_from_ms <= at_ms]
    return max(past, key=lambda constraint: constraint.valid_from_ms, default=None)


def line_sums(judge: Sums, exit_sums: Sums, rejects_from_judge: int, parallel: int = 1) -> Sums:
    """The sums of the line: time of its constraint, pieces of its exit, rejects of the constraint and all after it.

    Pieces carry the constraint's ideal cycle of their product, divided by the number of parallel machines; where the
    exit does not know its product, that of the only one the constraint made. Rejects are booked to the product of
    which most was made.
    """
    products = {output.product for output in judge.outputs}
    outputs = []
    for output in exit_sums.outputs or (Output(),):
        alone = output.product is None and len(products) == 1
        made = [own for own in judge.outputs if alone or own.product == output.product]
        untimed = min(sum(own.untimed for own in made), output.good)
        outputs.append(Output(output.product, _cycle_ms(made, parallel), output.good, 0, untimed))
    most = max(range(len(outputs)), key=lambda place: outputs[place].good)
    outputs[most] = replace(outputs[most], reject=rejects_from_judge)
    return add((replace(judge, outputs=tuple(outputs)),))


def _cycle_ms(made: Sequence[Output], parallel: int) -> float | None:
    """The constraint's ideal cycle per exit piece; where its standard changed, the mean by what was made with each."""
    rated = [(output.ideal_cycle_ms, output.total) for output in made if output.ideal_cycle_ms]
    if not rated or len(rated) < len([output for output in made if output.total]):
        return None
    pieces = sum(total for _cycle, total in rated)
    cycles = sum(cycle * (total if pieces else 1) for cycle, total in rated)
    return cycles / (pieces or len(rated)) / parallel


def wip_change(judge_good: int, rejects_after_judge: int, exit_good: int) -> int:
    """By how much the pieces between the constraint and the exit grew."""
    return judge_good - rejects_after_judge - exit_good


class Charge(Struct, frozen=True):
    """A part of a wait and the machine that caused it; None where no other machine stood: it was only slower."""

    span: Span
    waiting: int
    cause: int | None
    state: State


def charged_waits(
    waits: Iterable[Interval], order: Sequence[int], others: Mapping[int, Sequence[Interval]]
) -> tuple[Charge, ...]:
    """Who made a machine wait, moment by moment.

    Starved: the nearest machine before it that stands for a reason of its own; blocked: the nearest behind it. A
    machine that waits in the same direction is passed over: what it waits for is the cause. Where the one that
    stood runs again and its pieces are still on the way, the charge stays with it; where nobody stood, the neighbour
    was only too slow. `order` is the machines along the line, `others` the intervals of each.
    """
    found: list[Charge] = []
    for wait in waits:
        if wait.category is not Category.WAIT or wait.state not in (State.STARVED, State.BLOCKED):
            continue
        place = order.index(wait.machine)
        way = order[place - 1 :: -1] if wait.state is State.STARVED and place else ()
        if wait.state is State.BLOCKED:
            way = order[place + 1 :]
        cause: int | None = None
        near = {machine: _near(wait.span, others.get(machine, ())) for machine in way}
        for part in _parts(wait.span, near.values()):
            cause = _standing(part, wait.state, way, near) or cause
            last = found[-1] if found else None
            if last and (last.span.end_ms, last.waiting, last.cause) == (part.start_ms, wait.machine, cause):
                found[-1] = replace(last, span=Span(last.span.start_ms, part.end_ms))
            else:
                found.append(Charge(part, wait.machine, cause, wait.state))
    return tuple(found)


def stood_before(
    stops: Iterable[Interval], order: Sequence[int], others: Mapping[int, Sequence[Interval]]
) -> tuple[Charge, ...]:
    """The parts of standstills that nobody explained, of machines that only count, in which a machine before them stood
    too. They stay stops that ask for a reason: nobody can tell whether they only waited.
    """
    found = []
    for stop in stops:
        if not (stop.by_count and stop.unlabelled):
            continue
        place = order.index(stop.machine)
        way = order[place - 1 :: -1] if place else ()
        near = {machine: _near(stop.span, others.get(machine, ())) for machine in way}
        for part in _parts(stop.span, near.values()):
            cause = _standing(part, State.STARVED, way, near)
            if cause is not None:
                found.append(Charge(part, stop.machine, cause, State.STARVED))
    return tuple(found)


def charged_ms(charges: Iterable[Charge]) -> dict[int | None, int]:
    """Milliseconds of waiting by the machine that caused it."""
    sums: dict[int | None, int] = {}
    for charge in charges:
        sums[charge.cause] = sums.get(charge.cause, 0) + charge.span.length_ms
    return sums


def _near(span: Span, timeline: Sequence[Interval]) -> Sequence[Interval]:
    """The intervals of a timeline that meet a span."""
    first = bisect_right(timeline, span.start_ms, key=lambda interval: interval.span.end_ms)
    behind = bisect_left(timeline, span.end_ms, lo=first, key=lambda interval: interval.span.start_ms)
    return timeline[first:behind]


def _parts(span: Span, timelines: Iterable[Sequence[Interval]]) -> list[Span]:
    """The span cut wherever one of the machines changes."""
    edges = {span.start_ms, span.end_ms}
    for timeline in timelines:
        edges.update(i.span.start_ms for i in timeline if span.start_ms < i.span.start_ms < span.end_ms)
    ordered = sorted(edges)
    return [Span(low, high) for low, high in pairwise(ordered)]


def _standing(part: Span, waits_as: State, way: Sequence[int], others: Mapping[int, Sequence[Interval]]) -> int | None:
    """The nearest machine of a way that stands for a reason of its own in a part of time."""
    nearest: int | None = None
    for machine in way:
        now = next((i for i in others.get(machine, ()) if i.span.holds(part.start_ms)), None)
        if now is None or now.category in _GOING:
            break
        if now.category is Category.STOP and now.by_count and now.reason is None:
            nearest = nearest or machine  # it only counts: whether it waits itself nobody tells
        elif not (now.category in _WAITING and now.state is waits_as):
            return machine
    return nearest


_WAITING = frozenset({Category.WAIT, Category.SHORT_STOP})
_GOING = RUNNING | {Category.PLANNED, Category.NO_DATA, Category.UNSCHEDULED}
