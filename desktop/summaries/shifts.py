"""The shifts of a line one by one: read from what is kept of each, so that a year of them is a list."""

from __future__ import annotations

from collections.abc import Mapping

from desktop.domain import calendar, kpi, line, making, targets
from desktop.domain.calendar import Shift
from desktop.domain.figures import ShiftFigures
from desktop.domain.kpi import Kpis, Sums
from desktop.domain.line import constraint_at
from desktop.domain.rules import RuleSet
from desktop.domain.spans import Span
from desktop.store import journal, shift_sums
from desktop.store.database import Store
from desktop.summaries.frame import Register, read_register
from desktop.summaries.station import plan_of


def shifts_begun(store: Store, there: Register, window: Span, now_ms: int) -> tuple[Shift, ...]:
    """The shifts that begin in a window and have begun, from the first of which anything is known; earliest first."""
    first_ms = journal.begun_ms(store)
    whole = Span(min(max(window.start_ms, first_ms - 24 * 3_600_000), window.end_ms), window.end_ms)
    return tuple(
        shift
        for shift in calendar.shifts_between(there.calendar, whole)
        if window.holds(shift.span.start_ms) and shift.span.start_ms < now_ms and shift.span.end_ms > first_ms
    )


def shift_figures(store: Store, window: Span, now_ms: int, machine_id: int | None = None) -> tuple[ShiftFigures, ...]:
    """The line, or one machine, in every shift that begins in a window, newest first; of one that is not kept the
    figures are None."""
    there = read_register(store)
    shifts = shifts_begun(store, there, window, now_ms)
    kept: dict[Span, dict[int, Sums]] = {}
    rules: dict[Span, str] = {}
    for machine in there.plant.machines:
        if machine_id not in (None, machine.id):
            continue
        for row in shift_sums.rows(store, machine.id, window):
            if row.version == there.version:
                kept.setdefault(row.span, {})[machine.id] = row.sums
                rules[row.span] = row.rules
    found = []
    for shift in reversed(shifts):
        rule_set = there.rules_at(shift.span.start_ms)
        sums = kept.get(shift.span, {}) if rules.get(shift.span) == str(rule_set) else {}
        declared = constraint_at(there.constraints, shift.span.end_ms)
        if machine_id is None:
            judge = declared.machine if declared is not None else None
            kpis, good = line_figures(there, shift, sums, rule_set)
        else:
            judge = machine_id
            kpis = kpi.compute(shift.span, sums[judge], rule_set) if judge in sums else None
            good = kpis.pieces.good if kpis is not None and (kpis.pieces.total or kpis.coverage) else None
        over = shift.span.end_ms <= now_ms
        target = _target(there, shift, judge) if over and judge else None
        found.append(ShiftFigures(shift, over, kpis, good, target, str(rule_set)))
    return tuple(found)


def line_figures(
    there: Register, shift: Shift, sums: Mapping[int, Sums], rules: RuleSet
) -> tuple[Kpis | None, int | None]:
    """The line's KPIs and the good pieces at its exit from the sums of its machines; None where they are not known."""
    machines = [machine for machine in there.plant.machines if machine.id in sums]
    if len(machines) < len(there.plant.machines) or not machines:
        return None, None
    out = kpi.compute(shift.span, sums[machines[-1].id], rules)
    good = out.pieces.good if out.pieces.total or out.coverage else None
    declared = constraint_at(there.constraints, shift.span.end_ms)
    judge = next((m for m in machines if declared is not None and m.id == declared.machine), None)
    if judge is None or declared is None or good is None:
        return None, good
    rejects = sum(sums[m.id].reject for m in machines if m.place >= judge.place)
    whole = line.line_sums(sums[judge.id], sums[machines[-1].id], rejects, declared.parallel)
    return kpi.compute(shift.span, whole, rules), good


def _target(there: Register, shift: Shift, machine: int) -> int | None:
    """Pieces due by the end of a shift at a machine; None without a standard."""
    plan = plan_of(shift, making.standard(there.plant, machine, shift.span.end_ms))
    return None if plan is None else targets.due(plan, shift.span.end_ms)
