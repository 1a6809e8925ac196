"""The shifts of a line one by one: read from what is kept of each, so that a year of them is a list."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from weakref import WeakKeyDictionary

from desktop.domain import calendar, kpi, making
from desktop.domain import entries as spoken
from desktop.domain.calendar import Shift
from desktop.domain.entries import Entry
from desktop.domain.figures.losses import ShiftFigures
from desktop.domain.kpi import Sums
from desktop.domain.line import constraint_at
from desktop.domain.orders import OrderVersion
from desktop.domain.spans import Span
from desktop.store import entries, orders, records, shift_sums
from desktop.store.database import Store
from desktop.store.shift_sums import LINE
from desktop.summaries.frame import REACH_MS, Register, read_register
from desktop.summaries.planned import earlier, planned
from desktop.summaries.station import products_told

_DAY_MS = 86_400_000
_shifts = lru_cache(maxsize=8)(calendar.shifts_between)


def begun_ms(store: Store) -> int:
    """When anything is known for the first time: no shift that ended before is told of."""
    return records.begun_ms(store)


def shifts_begun(store: Store, there: Register, window: Span, now_ms: int) -> tuple[Shift, ...]:
    """The shifts that begin in a window and have begun, from the first of which anything is known; earliest first."""
    first_ms = records.begun_ms(store)
    start_ms = min(max(window.start_ms, first_ms - _DAY_MS), window.end_ms)
    # In whole days, so that the shifts of a year are made once a day.
    whole = Span(start_ms // _DAY_MS * _DAY_MS, -(-window.end_ms // _DAY_MS) * _DAY_MS)
    return tuple(
        shift
        for shift in _shifts(there.calendar, whole)
        if window.holds(shift.span.start_ms) and shift.span.start_ms < now_ms and shift.span.end_ms > first_ms
    )


def kept_sums(store: Store, there: Register, machine: int, window: Span) -> dict[Span, Sums]:
    """What is kept of a machine's shifts that begin in a window, as far as it was made by what holds now."""
    rows = shift_sums.rows(store, machine, window, there.figures_version)
    return {span: row.sums for span, row in rows.items() if row.rules == str(there.rules_at(span.start_ms))}


def shift_figures(store: Store, window: Span, now_ms: int, machine_id: int | None = None) -> tuple[ShiftFigures, ...]:
    """The line, or one machine, in every shift that begins in a window, newest first; of one that is not kept the
    figures are None."""
    there = read_register(store)
    shifts = shifts_begun(store, there, window, now_ms)
    kept = kept_sums(store, there, LINE if machine_id is None else machine_id, window)
    return tuple(reversed(list_of(store, there, shifts, now_ms, machine_id, kept)))


def list_of(
    store: Store,
    there: Register,
    shifts: Sequence[Shift],
    now_ms: int,
    machine_id: int | None,
    sums: Mapping[Span, Sums],
) -> tuple[ShiftFigures, ...]:
    """The line, or one machine, in each of these shifts, from their sums as far as there are any."""
    told = _told_since(store, there, min((shift.span.start_ms for shift in shifts), default=now_ms))
    return tuple(_figures(store, there, shift, now_ms, machine_id, sums.get(shift.span), told) for shift in shifts)


def figures_of(
    store: Store, there: Register, shift: Shift, now_ms: int, machine_id: int | None, sums: Sums | None
) -> ShiftFigures:
    """The line, or one machine, in a shift from its sums, or those of its part till now; None where there are none."""
    told = _told_since(store, there, shift.span.start_ms)
    return _figures(store, there, shift, now_ms, machine_id, sums, told)


def _figures(
    store: Store,
    there: Register,
    shift: Shift,
    now_ms: int,
    machine_id: int | None,
    sums: Sums | None,
    told: _Told,
) -> ShiftFigures:
    rules = there.rules_at(shift.span.start_ms)
    end_ms = min(shift.span.end_ms, now_ms)
    over = shift.span.end_ms <= now_ms
    kpis, good = None, None
    if sums is not None:
        kpis = kpi.compute(Span(shift.span.start_ms, end_ms), sums, rules, running=not over)
        good = kpis.pieces.good if kpis.pieces.total or sums.known_by(rules) else None
    declared = constraint_at(there.constraints, end_ms)
    judge = machine_id or (declared.machine if declared is not None else 0)
    asked = judge and (over or sums is not None)
    target, plan = _target(store, there, told, shift, judge, end_ms) if asked else (None, None)
    # Of a line without a constraint only the pieces are known.
    return ShiftFigures(shift, over, kpis if judge else None, good, target, str(rules), plan)


_Dues = dict[object, tuple[int | None, int | None]]  # what was due


class _Told:
    """What people said of orders of times from a moment on, what was planned, and what was made of it; read again when
    anything was said, planned or changed in the register."""

    def __init__(
        self, store: Store, seen: tuple[int, int, int], since_ms: int, later: _Told | None = None
    ) -> None:  # `later`: the same from a later moment on
        self.seen = seen  # the newest entry, the register, the newest version of an order
        self.since_ms = since_ms
        self._said: dict[int, tuple[tuple[Entry, ...], list[int]]] = {}  # machine -> what, and the times of which
        self.planned: dict[date, tuple[OrderVersion, ...]] = _planned(store, since_ms)
        self.known: _Dues = {} if later is None else later.known

    def runs(self, store: Store, machine: int, shift: Shift) -> tuple[making.Run, ...]:
        """What a machine made in a shift by what people said, as `Frame.said` reaches."""
        if machine not in self._said:
            found = entries.orders(store, machine, self.since_ms)
            self._said[machine] = found, [entry.said.start_ms for entry in found]
        said, starts = self._said[machine]
        low, high = (bisect_left(starts, edge) for edge in (shift.span.start_ms - REACH_MS, shift.span.end_ms))
        return spoken.runs(said[low:high], records.ALWAYS.end_ms)


def _planned(store: Store, since_ms: int) -> dict[date, tuple[OrderVersion, ...]]:
    """Every version of the orders that were ever planned for a day, by day, of shifts that begin `REACH_MS` after a
    moment or later: none is booked to a day that is so long before it."""
    since = datetime.fromtimestamp(since_ms / 1000, UTC).date()
    by_order: dict[int, list[OrderVersion]] = {}
    for each in orders.planned_since(store, since):
        by_order.setdefault(each.order.id, []).append(each)
    planned: dict[date, list[OrderVersion]] = {}
    for versions in by_order.values():
        for day in {each.order.planned_on for each in versions if each.order.planned_on is not None}:
            planned.setdefault(day, []).extend(versions)
    return {day: tuple(versions) for day, versions in planned.items()}


_told: WeakKeyDictionary[Store, _Told] = WeakKeyDictionary()


def _told_since(store: Store, there: Register, start_ms: int) -> _Told:
    """What people said of orders for shifts that begin then or later."""
    told, begun_ms = _told.get(store), start_ms - REACH_MS
    seen = (entries.newest(store), there.version, orders.newest(store))
    if told is None or told.seen != seen:
        told = _told[store] = _Told(store, seen, begun_ms)
    elif begun_ms < told.since_ms:
        told = _told[store] = _Told(store, seen, begun_ms, told)
    return told


def _target(
    store: Store, there: Register, told: _Told, shift: Shift, machine: int, at_ms: int
) -> tuple[int | None, int | None]:
    """Pieces due by a moment of a shift at a machine, and those due by the plan with which it began."""
    number = next((m for m in there.plant.machines if m.id == machine), None)
    if number is None:
        return None, None
    products = products_told(store, there.plant, machine, shift.span)
    runs = (*making.told_runs(there.plant, machine, products, records.ALWAYS.end_ms), *told.runs(store, machine, shift))
    versions = told.planned.get(shift.business_on, ())
    key = (shift, machine, at_ms, runs)
    if key not in told.known:
        before = earlier(store, machine, shift, versions)
        due = planned(there, number, shift, runs, versions, at_ms, before)
        told.known[key] = due.due(at_ms), due.planned(at_ms)
    return told.known[key]
