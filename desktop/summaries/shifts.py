"""The shifts of a line one by one: read from what is kept of each, so that a year of them is a list."""

from __future__ import annotations

from functools import lru_cache

from desktop.domain import calendar, kpi, making, targets
from desktop.domain.calendar import Shift
from desktop.domain.figures import ShiftFigures
from desktop.domain.kpi import Sums
from desktop.domain.line import constraint_at
from desktop.domain.plant import Standard
from desktop.domain.spans import Span
from desktop.store import journal, shift_sums
from desktop.store.database import Store
from desktop.store.shift_sums import LINE
from desktop.summaries.frame import Register, read_register
from desktop.summaries.station import plan_of, products_told

_DAY_MS = 86_400_000
_shifts = lru_cache(maxsize=8)(calendar.shifts_between)


def begun_ms(store: Store) -> int:
    """When anything is known for the first time: no shift that ended before is told of."""
    return journal.begun_ms(store)


def shifts_begun(store: Store, there: Register, window: Span, now_ms: int) -> tuple[Shift, ...]:
    """The shifts that begin in a window and have begun, from the first of which anything is known; earliest first."""
    first_ms = journal.begun_ms(store)
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
    shifts = reversed(shifts_begun(store, there, window, now_ms))
    kept = kept_sums(store, there, LINE if machine_id is None else machine_id, window)
    return tuple(figures_of(store, there, shift, now_ms, machine_id, kept.get(shift.span)) for shift in shifts)


def figures_of(
    store: Store, there: Register, shift: Shift, now_ms: int, machine_id: int | None, sums: Sums | None
) -> ShiftFigures:
    """The line, or one machine, in a shift from its sums, or those of its part till now; None where there are none."""
    rules = there.rules_at(shift.span.start_ms)
    end_ms = min(shift.span.end_ms, now_ms)
    over = shift.span.end_ms <= now_ms
    kpis, good = None, None
    if sums is not None:
        kpis = kpi.compute(Span(shift.span.start_ms, end_ms), sums, rules, running=not over)
        good = kpis.pieces.good if kpis.pieces.total or sums.known_by(rules) else None
    declared = constraint_at(there.constraints, end_ms)
    judge = machine_id or (declared.machine if declared is not None else 0)
    target = _target(store, there, shift, judge, end_ms) if judge and (over or sums is not None) else None
    # Of a line without a constraint only the pieces are known.
    return ShiftFigures(shift, over, kpis if judge else None, good, target, str(rules))


def _target(store: Store, there: Register, shift: Shift, machine: int, at_ms: int) -> int | None:
    """Pieces due by a moment of a shift at a machine; None without a standard."""
    last = Span(shift.span.end_ms, shift.span.end_ms + 1)
    told = products_told(store, there.plant, machine, last)
    runs = making.told_runs(there.plant, machine, told, last.end_ms)
    standard = making.standard(there.plant, machine, last.start_ms, runs)
    return None if standard is None else _due(shift, standard, at_ms)


@lru_cache(maxsize=2048)
def _due(shift: Shift, standard: Standard, at_ms: int) -> int | None:
    plan = plan_of(shift, standard)
    return None if plan is None else targets.due(plan, at_ms)
