"""What the report of a shift says, and how its figures came about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta

from desktop.domain import adjust, calendar, explain, iso22400, kpi, losses, making, repairs
from desktop.domain import entries as spoken
from desktop.domain.calendar import Shift
from desktop.domain.events import Role, Scan
from desktop.domain.figures.report import MachineRow, MeasuredRow, RawEvent, RawEvents, ShiftReport, TraceCount
from desktop.domain.kpi import Kpis
from desktop.domain.plant import Machine
from desktop.domain.spans import Span
from desktop.store import entries, records, register, trace
from desktop.store.database import Store
from desktop.summaries import automatic, checks, line, orders
from desktop.summaries.crew import crew_report
from desktop.summaries.frame import Frame, frame
from desktop.summaries.handover import handover
from desktop.summaries.now import Live
from desktop.summaries.shifts import kept_sums
from desktop.summaries.station import Facts, Station, products_told, stations

_WEEK = timedelta(days=7)
_LEAST_VALUES = 25  # below these a capability says nothing
_MOST_EVENTS = 100_000  # what a sheet of them can hold and still be opened on an ordinary PC

Progress = Callable[[float], None]  # called with how much is done, 0 to 1


def shift_report(
    store: Store,
    shift: Shift,
    now_ms: int,
    progress: Progress = lambda _done: None,
    live: Live | None = None,
) -> ShiftReport:
    """A whole shift, or the part of it until `now_ms` while it runs (provisional).

    `live`: what the thread that asks knows of the shift that runs; it is not derived a second time for a report.
    """
    known = _known(live, store, shift, now_ms)
    if known is not None:
        at, facts = known
    else:
        at = frame(store, now_ms, shift)
        there, facts = stations(store, at), []
        for number, station in enumerate(there, 1):
            facts.append(station.facts(at))
            progress(number / (len(there) + 1))
    kpis, good = line.figures(at, facts)
    judge = line.constraint(at, facts)
    reasons = {reason.id: reason for reason in at.plant.reasons}
    week_before = _week_before(store, at, shift)
    failures = frozenset(reason.id for reason in at.plant.reasons if reason.failure)
    calls = spoken.calls(at.said)
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
            None
            if kpi.too_early(f.kpis.sums, at.rules, running=at.running)
            else iso22400.compute(
                iso22400.elements_of(f.kpis.sums),
                iso22400.quantities_of(f.kpis.sums, sum(b.pieces for b in f.booked if b.kind in adjust.SENT)),
            ),
            _late(store, at, f.machine),
            tuple(losses.big_losses(f.kpis, f.intervals, reasons, at.rules.loss_tree).items()),
            losses.reliability(f.intervals, failures, at.window, at.rules),
            week_before.get(f.machine.id),
            f.comparable,
            f.plan,
            repairs.repairs(calls, f.machine.id, at.window, f.intervals, f.counts),
            f.by_hand,
        )
        for f in facts
    )
    hours = line.hours(at, facts)
    ordered, changeovers, scrap, late_plan = orders.of_report(store, at, facts, live)
    told = handover(store, at.plant, shift.span)
    checked, hours_said = checks.of_report(store, at, facts)
    edition = automatic.edition(store, at.register, shift, now_ms)
    return ShiftReport(
        head=at.head,
        shift=shift,
        window=at.window,
        made_at_ms=at.now_ms,
        provisional=edition.provisional,
        revision=edition.revision,
        number=f"{shift.business_on:%y%m%d}-{shift.name}",
        line=kpis,
        good=good,
        target=judge.target if judge else None,
        machines=rows,
        constraint=judge.machine.id if judge else None,
        hours=hours,
        stops=tuple(line.stops(at, facts)),
        short_stops=sum(losses.short_stops(f.intervals) for f in facts),
        pareto=losses.pareto(
            losses.causes(i for f in facts for i in f.intervals),
            {reason.id: reason.name for reason in at.plant.reasons},
        ),
        waterfall=losses.waterfall(judge.kpis, judge.intervals) if judge else (),
        trace=_trace_count(store, at.window),
        gaps=line.gaps(store, at),
        corrections=entries.late(store, shift.span),
        rules=str(at.rules),
        chain=records.chain_at(store, at.window.end_ms),
        business_on=shift.business_on,
        waits=line.waits(facts, facts),
        wip_change=line.wip_change(at, facts),
        flags=_flags(store, at, shift, facts),
        measured=tuple(_measured(store, at)),
        oee_target=at.register.oee_target,
        comparable=line.comparable(at, facts, hours),
        orders=ordered,
        changeovers=changeovers,
        scrap=scrap,
        late_plan=late_plan,
        handover=told,
        plan=judge.plan if judge else None,
        crew=crew_report(store, at, facts),
        checks=checked,
        hours_said=hours_said,
    )


def _known(live: Live | None, store: Store, shift: Shift, now_ms: int) -> tuple[Frame, list[Facts]] | None:
    """The shift that runs as all screens show it; None for another one, and where a machine that is of the shift is
    retired since then: a report keeps it, the screens do not."""
    if live is None or not shift.span.holds(now_ms):
        return None
    at, facts = live.facts(store, now_ms)
    same = at.shift == shift and at.plant == register.plant(store, since_ms=shift.span.start_ms)
    return (at, facts) if same else None


def shift_events(store: Store, window: Span, most: int = _MOST_EVENTS) -> RawEvents:
    """The journal of a window as it is stored, at most `most` of it; read while one goes through it."""
    plant = register.plant(store, since_ms=0)
    machines = {machine.id: machine.code for machine in plant.machines}
    devices = {device.id: device.key for device in plant.devices}
    signals = {signal.id: signal.key for signal in plant.signals}
    count = records.event_count(store, window)
    rows = (
        RawEvent(
            event.id,
            event.at_ms,
            event.kind.value,
            machines.get(event.machine or 0, ""),
            devices.get(event.device or 0, ""),
            signals.get(event.signal or 0, ""),
            event.word,
            event.detail,
            event.pieces,
            event.reading,
            event.flag,
        )
        for event in records.events(store, window, most)
    )
    return RawEvents(count, min(count, most), rows)


def _week_before(store: Store, at: Frame, shift: Shift) -> Mapping[int, float]:
    """OEE by machine in the shift of the same name seven days before, of those of which it is kept and known."""
    before = calendar.shift_named(at.register.calendar, shift.name, shift.business_on - _WEEK)
    if before is None:
        return {}
    start = Span(before.span.start_ms, before.span.start_ms + 1)
    rules = at.register.rules_at(before.span.start_ms)
    found = {}
    for machine in at.plant.machines:
        sums = kept_sums(store, at.register, machine.id, start).get(before.span)
        oee = None if sums is None else kpi.compute(before.span, sums, rules).oee
        if oee is not None:
            found[machine.id] = oee
    return found


def _measured(store: Store, at: Frame) -> Iterator[MeasuredRow]:
    """How the results of every signal that tells of pieces lie, in the order of the line."""
    machines = {machine.id: machine for machine in at.plant.machines}
    told = [signal for signal in at.plant.signals if signal.role is Role.MEASURE and signal.machine in machines]
    for signal in sorted(told, key=lambda signal: (machines[signal.machine or 0].place, signal.id)):
        found = trace.spread(store, signal.id, at.window)
        if found is None:
            continue
        machine, limits = machines[signal.machine or 0], (signal.limit_low, signal.limit_high)
        able = iso22400.capability(found.mean, found.sigma, *limits)
        yield MeasuredRow(
            machine.code,
            machine.name,
            signal.name,
            signal.unit,
            found.values,
            found.outside if found.judged else None,
            found.low,
            found.mean,
            found.high,
            *limits,
            able.centred if found.values >= _LEAST_VALUES else None,
        )


def _late(store: Store, at: Frame, machine: Machine) -> Kpis | None:
    """The figures of a machine as they would be if what was approved only afterwards had been planned."""
    if at.idle(machine, late=True) == at.idle(machine):
        return None
    return Station(store, at, machine).facts(at, late=True).kpis


def _flags(store: Store, at: Frame, shift: Shift, facts: list[Facts]) -> tuple[tuple[str, str], ...]:
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
        told = products_told(store, at.plant, fact.machine.id, at.window)
        runs = making.told_runs(at.plant, fact.machine.id, told, at.window.end_ms)
        made = making.making_flags(at.plant, fact.machine.id, at.window, runs) if fact.machine.id in rated else ()
        found += making.product_flags(at.plant, told)
        found += [(flag, f"{fact.machine.name} ({pieces})") for flag, pieces in adjust.findings(fact.refused)]
        flags = (*made, *adjust.count_flags(at.window, fact.counts))
        found += [(flag, fact.machine.name) for flag in flags if flag not in fact.kpis.flags]
    return tuple(dict.fromkeys(found))


def _trace_count(store: Store, window: Span) -> TraceCount:
    scans: list[Scan] = [scan for scan in records.scans(store, window) if scan.what != "command"]
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
