"""What the report of a shift says, and how its figures came about."""

from __future__ import annotations

from desktop.domain import adjust, calendar, explain, iso22400, losses, making
from desktop.domain.calendar import Shift
from desktop.domain.events import Scan
from desktop.domain.figures import MachineRow, ShiftReport, TraceCount
from desktop.domain.kpi import Kpis
from desktop.domain.plant import Machine
from desktop.domain.spans import Span
from desktop.store import journal, register
from desktop.store.database import Store
from desktop.summaries import line
from desktop.summaries.frame import Frame, frame
from desktop.summaries.station import Facts, Station, stations


def shift_report(store: Store, shift: Shift, now_ms: int) -> ShiftReport:
    """A whole shift, or the part of it until `now_ms` while it runs (provisional)."""
    at = frame(store, now_ms, shift)
    facts = [station.facts(at) for station in stations(store, at)]
    kpis, good = line.figures(at, facts)
    judge = line.constraint(at, facts)
    reasons = {reason.id: reason for reason in at.plant.reasons}
    failures = frozenset(reason.id for reason in at.plant.reasons if reason.failure)
    rows = tuple(
        MachineRow(
            f.machine.id,
            f.machine.code,
            f.machine.name,
            judge is not None and f.machine.id == judge.machine.id,
            f.target,
            f.kpis.pieces.good if f.observed else None,
            f.kpis.pieces.reject if f.observed else None,
            f.kpis,
            f.intervals,
            f.by_count,
            explain.derivations(f.kpis, f.intervals, f.counts),
            iso22400.compute(iso22400.elements_of(f.kpis.sums), iso22400.quantities_of(f.kpis.sums)),
            _late(store, at, f.machine),
            tuple(losses.big_losses(f.kpis, f.intervals, reasons, at.rules.loss_tree).items()),
            losses.reliability(f.intervals, failures, at.window, at.rules),
        )
        for f in facts
    )
    return ShiftReport(
        head=at.head,
        shift=shift,
        window=at.window,
        made_at_ms=now_ms,
        provisional=True,
        revision=1,
        number=f"{shift.business_on:%y%m%d}-{shift.name}",
        line=kpis,
        good=good,
        target=judge.target if judge else None,
        machines=rows,
        constraint=judge.machine.id if judge else None,
        hours=line.hours(at, facts),
        stops=tuple(line.stops(at, facts)),
        short_stops=sum(losses.short_stops(f.intervals) for f in facts),
        pareto=losses.pareto(
            losses.causes(i for f in facts for i in f.intervals),
            {reason.id: reason.name for reason in at.plant.reasons},
        ),
        waterfall=losses.waterfall(judge.kpis, judge.intervals) if judge else (),
        trace=_trace_count(store, at.window),
        gaps=line.gaps(store, at),
        corrections=register.corrections(store, shift.span),
        rules=str(at.rules),
        chain=journal.chain_at(store, at.window.end_ms),
        business_on=shift.business_on,
        waits=line.waits(facts, facts),
        wip_change=line.wip_change(at, facts),
        flags=_flags(at, shift, facts),
    )


def _late(store: Store, at: Frame, machine: Machine) -> Kpis | None:
    """The figures of a machine as they would be if what was approved only afterwards had been planned."""
    if at.idle(machine, late=True) == at.idle(machine):
        return None
    return Station(store, at, machine).facts(at, late=True).kpis


def _flags(at: Frame, shift: Shift, facts: list[Facts]) -> tuple[tuple[str, str], ...]:
    """What in the calendar, the products and the counts of the shift cannot be meant so, and whom it is about.

    That no standard calendar is set is left out: a report shows no figure that rests on it.
    """
    found = [
        (fault.flag, fault.name or str(fault.on))
        for fault in calendar.faults(at.register.calendar, shift.span)
        if fault.flag != "no_standard_calendar"
    ]
    rated = {standard.machine for standard in at.plant.standards}
    for fact in facts:
        # Where no standard is set at all that is what its figures say already.
        made = making.making_flags(at.plant, fact.machine.id, at.window) if fact.machine.id in rated else ()
        flags = (*made, *adjust.count_flags(at.window, fact.counts))
        found += [(flag, fact.machine.name) for flag in flags if flag not in fact.kpis.flags]
    return tuple(dict.fromkeys(found))


def _trace_count(store: Store, window: Span) -> TraceCount:
    scans: list[Scan] = journal.scans(store, window)
    units = [s.code for s in scans if s.what == "unit" and s.flag != "duplicate"]
    return TraceCount(
        len(scans),
        len(set(units)),
        len({s.code for s in scans if s.what == "lot"}),
        len({s.code for s in scans if s.what == "box"}),
        sum(s.flag == "duplicate" for s in scans),
        sum(not s.what for s in scans),
        min(units, default=""),
        max(units, default=""),
    )
