"""What a machine should have made by when, and by the plan with which its shift began: the one place that screens, hour
tables, reports, weeks and lists of shifts ask."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from operator import attrgetter

from msgspec import Struct
from msgspec.structs import replace

from desktop.domain import adjust, calendar, course, kpi, making, targets
from desktop.domain import entries as spoken
from desktop.domain.adjust import Booking, BookingKind
from desktop.domain.calendar import Calendar, Shift
from desktop.domain.course import Course
from desktop.domain.events import Count, Role, State
from desktop.domain.intervals import Category, Interval
from desktop.domain.making import Run
from desktop.domain.orders import OrderVersion
from desktop.domain.plant import Machine, Plant
from desktop.domain.spans import Span
from desktop.domain.targets import Plan
from desktop.store import entries, records
from desktop.store.database import Store
from desktop.summaries.frame import Register

_DAY_MS = 86_400_000
_at_ms = attrgetter("at_ms")


class Planned:
    """What is due at a machine in a shift; moments that were asked for are remembered."""

    def __init__(self, course: Course | None, plan: Plan | None) -> None:
        self.course, self.plan = course, plan
        self._dues: dict[int, int | None] = {}
        self._plans: dict[int, int | None] = {}

    def due(self, at_ms: int) -> int | None:
        """What should be good by a moment: hour by hour what was made by its standard cycle, then what is planned."""
        if self.course is None:
            return None
        if at_ms not in self._dues:
            self._dues[at_ms] = self.course.due(at_ms)
        return self._dues[at_ms]

    def target(self, span: Span) -> int | None:
        """The same of a part of the shift."""
        return None if self.course is None else self.course.target(span)

    def planned(self, at_ms: int) -> int | None:
        """What the plan with which the shift began wanted by a moment; None where nothing was planned."""
        if self.plan is None:
            return None
        if at_ms not in self._plans:
            self._plans[at_ms] = targets.due(self.plan, at_ms)
        return self._plans[at_ms]


NOTHING = Planned(None, None)


class Earlier(Struct, frozen=True):
    """What a machine made in the day before a shift began: what it counted, and what people had corrected by then."""

    counts: list[Count]
    told: tuple[Booking, ...] = ()


def planned(
    there: Register,
    machine: Machine,
    shift: Shift,
    runs: Sequence[Run],
    versions: Sequence[OrderVersion],
    now_ms: int,
    earlier: Earlier | None = None,
    told: Sequence[Booking] | None = None,
) -> Planned:
    """What is due at a machine in a shift. `earlier`: what it made on that day before the shift began, where orders of
    the plan may be made in any shift of the day; `told`: what people say of it by now (None: the same). That moves
    neither the plan with which the shift began nor an hour that is over, only what is to come."""
    rules = there.rules_at(shift.span.start_ms)
    off = course.off_of(there.calendar, shift, machine, rules)
    before: dict[int, int] = {}
    by_now: dict[int, int] | None = None
    if earlier is not None:
        good = _good_before(there, machine.id, shift, runs, earlier)
        before = course.made_before(versions, shift, good)
        if told is not None:
            good = _good_before(there, machine.id, shift, runs, replace(earlier, told=tuple(told)))
            by_now = course.made_before(versions, shift, good)
    return Planned(
        course.course(there.plant, machine.id, shift, off, runs, versions, now_ms, before, by_now),
        course.frozen(there.plant, machine, there.calendar, shift, versions, now_ms, before, rules)
        if versions
        else None,
    )


def earlier(store: Store, machine: int, shift: Shift, versions: Sequence[OrderVersion]) -> Earlier | None:
    """What a machine made in the day before a shift began; None where no order may be made in any shift."""
    if not any(v.order.is_planned_in(shift) and not v.order.shift for v in versions):
        return None
    day, begun_ms = Span(shift.span.start_ms - _DAY_MS, shift.span.start_ms), shift.span.start_ms
    said = Span(day.start_ms - _DAY_MS, begun_ms)  # what was keyed in for a time may begin before the day
    told = spoken.bookings(entries.booked_as_of(store, machine, said, begun_ms))
    return Earlier(records.counts(store, machine, day), told)


def _good_before(there: Register, machine: int, shift: Shift, runs: Sequence[Run], earlier: Earlier) -> dict[str, int]:
    """Good pieces of each order before the shift began, with what people corrected of them."""
    found: dict[str, int] = {}
    day = Span(shift.span.start_ms - _DAY_MS, shift.span.start_ms)
    counts, mine = earlier.counts, [run for run in runs if run.machine == machine]
    told = [placed(there.calendar, mine, each) for each in earlier.told]
    for run in runs:
        span = run.span.cut(day) if run.machine == machine and run.order else None
        if span is None:
            continue
        low, high = (bisect_right(counts, edge, key=_at_ms) for edge in (span.start_ms, span.end_ms))
        made = pieces_of(there, machine, list(counts[low:high]), (kpi.Making(span, run.product),))
        whole = (Interval(machine, span, Category.RUN, State.RUN, 0),)
        good = kpi.pieces_of(span, whole, made, (span,), counted_roles(there.plant, machine)).good
        own = [b for b in told if b.kind in adjust.ADDED or b.product in (None, run.product)]
        good = corrected(good, span, _possible(good, span, own))
        found[run.order] = found.get(run.order, 0) + good
    return found


def _possible(good: int, span: Span, told: Iterable[Booking]) -> list[Booking]:
    """What was corrected of the pieces of a time, without what takes off more than there is of them."""
    found = []
    for each in sorted(told, key=lambda each: each.id):
        if each.kind is BookingKind.UNCOUNTED:
            good += each.within(span)
        elif span.holds(each.made_at_ms) and each.kind not in (*adjust.STILL, *adjust.ADDED):
            if each.pieces > good:
                continue
            good -= each.pieces
        found.append(each)
    return found


def placed(shop: Calendar, runs: Iterable[Run], booking: Booking) -> Booking:
    """A booking to a product that was not made at its moment: at the last moment of its shift at which it was. `runs`:
    those of its machine."""
    if booking.product is None or booking.kind in adjust.ADDED:
        return booking
    mine = [r.span for r in runs if r.product == booking.product and r.span.start_ms <= booking.made_at_ms]
    if not mine or any(span.holds(booking.made_at_ms) for span in mine):
        return booking
    moment_ms = max(span.end_ms for span in mine) - 1
    shift = calendar.shift_at(shop, booking.made_at_ms)
    inside = shift is not None and shift.span.holds(moment_ms)
    return replace(booking, made_at_ms=moment_ms) if inside else booking


def corrected(good: int, span: Span, told: Iterable[Booking]) -> int:
    """Good pieces of a time with what people corrected of them: those that no counter saw come on top, what they took
    off goes, and what came good out of rework comes back."""
    own = [each for each in told if span.holds(each.made_at_ms) or each.within(span)]
    good += sum(each.within(span) for each in own if each.kind is BookingKind.UNCOUNTED)
    off = sum(each.pieces for each in own if each.kind not in (*adjust.STILL, *adjust.ADDED))
    again = sum(each.pieces for each in own if each.kind is BookingKind.REWORKED)
    return max(good - off, 0) + max(again, 0)


_COUNTED = frozenset({Role.GOOD, Role.REJECT, Role.TOTAL})


def counted_roles(plant: Plant, machine: int) -> frozenset[Role]:
    """What of its pieces a machine counts."""
    told = frozenset(s.role for s in plant.signals_of(machine))
    return (told & _COUNTED) | ({Role.GOOD, Role.REJECT} if Role.JUDGE in told else frozenset())


def pieces_of(there: Register, machine: int, strokes: list[Count], makings: Sequence[kpi.Making]) -> list[Count]:
    """Counted strokes as pieces: standstill is told by strokes, what was made by the open cavities of each tool."""
    tools = [there.plant.standard(machine, made.product, made.span.start_ms) for made in makings]
    if not any(tool is not None and tool.cavities > 1 for tool in tools):
        return strokes
    found: list[Count] = []
    ends = [made.span.end_ms for made in makings]
    cuts = [0, *(bisect_right(strokes, end_ms, key=_at_ms) for end_ms in ends[:-1]), len(strokes)]
    for tool, first, last in zip(tools, cuts, cuts[1:], strict=False):
        if tool is None or tool.cavities <= 1:
            found += strokes[first:last]
        else:
            opened = there.cavities.get((tool.product, machine), ())
            found += making.pieces_of_strokes(strokes[first:last], tool.cavities, opened)[0] or ()
    return found
