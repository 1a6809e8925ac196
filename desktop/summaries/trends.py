"""A machine over many shifts: read from what is kept of each, derived only where nothing is."""

from __future__ import annotations

from desktop.domain import calendar, kpi
from desktop.domain.calendar import Shift
from desktop.domain.figures import TrendShift
from desktop.domain.kpi import Sums
from desktop.domain.spans import Span
from desktop.store import journal, shift_sums
from desktop.store.database import Store
from desktop.summaries.frame import Frame, frame, read_register
from desktop.summaries.station import Station, stations

_SHIFT_MS = 24 * 3_600_000  # a shift is at most so long: the first may have begun before the first fact


def trend(store: Store, machine_id: int, window: Span, now_ms: int) -> tuple[TrendShift, ...]:
    """The figures of one machine in every shift that begins in a window, from the first of which anything is known.

    Raises KeyError for an unknown machine.
    """
    window = Span(max(window.start_ms, min(journal.begun_ms(store), window.end_ms) - _SHIFT_MS), window.end_ms)
    there = read_register(store)
    kept = {row.span: row for row in shift_sums.rows(store, machine_id, window) if row.version == there.version}
    found = []
    for shift in calendar.shifts_between(there.calendar, window):
        begun = window.holds(shift.span.start_ms) and shift.span.start_ms < now_ms
        if not begun or shift.span.end_ms <= journal.begun_ms(store):
            continue
        row, rules = kept.get(shift.span), there.rules_at(shift.span.start_ms)
        if row is None or row.rules != str(rules):
            at = frame(store, now_ms, shift)
            facts = Station(store, at, at.plant.machine(machine_id)).facts(at)
            found.append(TrendShift(shift, facts.kpis))
        else:
            found.append(TrendShift(shift, kpi.compute(shift.span, row.sums, rules)))
    return tuple(found)


def sums_of_shift(store: Store, shift: Shift, now_ms: int) -> tuple[Frame, dict[int, Sums]]:
    """The sums of all machines in a shift, and the register they were made with."""
    at = frame(store, now_ms, shift)
    return at, {station.machine.id: station.facts(at).kpis.sums for station in stations(store, at)}
