"""The one place where figures are put together: gauge, report cell and command line ask here and agree.

Every function reads one store in short questions and returns frozen values of `desktop.domain.figures`.
Nothing here knows how a figure looks.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from zoneinfo import ZoneInfo

from desktop.domain import calendar, intervals, kpi, losses, targets
from desktop.domain.barcode import clean_code
from desktop.domain.calendar import Shift, ShiftPattern
from desktop.domain.events import Count, CountFlag, Event, EventKind, Role, Scan, State
from desktop.domain.figures import (
    CollectorNow,
    DeviceNow,
    HourRow,
    LineNow,
    LinkGap,
    MachineDay,
    MachineNow,
    MachineRow,
    PlantHead,
    ShiftReport,
    SignalNow,
    StopRow,
    TraceCount,
    TraceLink,
    TraceResult,
    TraceStep,
    Trend,
)
from desktop.domain.intervals import Category, Interval
from desktop.domain.kpi import Kpis, Pieces
from desktop.domain.plant import Device, Machine, Plant, Standard
from desktop.domain.rules import TPM
from desktop.domain.spans import Span, subtract, total_ms, union
from desktop.store import journal, register, trace
from desktop.store.database import KnownError, Store
from desktop.store.locks import COLLECTOR_LOCK, ProcessLock
from desktop.text import _

STALE_MS = 3000  # real milliseconds without a heartbeat after which nothing shown is current
TREND_MS = 2 * 3_600_000
_HOUR_MS = 3_600_000
_REACH_MS = 96 * _HOUR_MS  # so far a standstill is followed over the edges of a window: a long weekend
_UNPLANNED_MS = 8 * _HOUR_MS  # so much is shown where no shift runs
_COUNTING = frozenset({Role.GOOD, Role.REJECT, Role.TOTAL, Role.JUDGE})
_URGENCY = {Category.STOP: 0, Category.NO_DATA: 1, Category.SETUP: 2, Category.WAIT: 3}


@dataclass(frozen=True, slots=True)
class _Frame:
    """What every question needs: the register, the shift, the window and how far it was observed."""

    plant: Plant
    zone: ZoneInfo
    head: PlantHead
    now_ms: int
    collector: CollectorNow
    patterns: tuple[ShiftPattern, ...]
    shift: Shift | None
    window: Span
    reach: Span  # the window with the days around it over which a standstill is followed
    silences: dict[int, tuple[Span, ...]]  # device -> when it did not answer in that reach

    def busy(self, span: Span) -> tuple[Span, ...]:
        """The time of a span in which somebody was to work; all of it where no shifts are set up."""
        if not self.patterns:
            return (span,)
        whole = Span(span.start_ms, -(-span.end_ms // _HOUR_MS) * _HOUR_MS)
        return _within(_busy(self.patterns, whole, self.zone), span)


_busy = lru_cache(maxsize=64)(calendar.busy_between)


@dataclass(frozen=True, slots=True)
class _MachineFacts:
    """One machine in a window."""

    machine: Machine
    standard: Standard | None
    by_count: bool
    intervals: tuple[Interval, ...]
    counts: tuple[Count, ...]
    pieces: Pieces
    kpis: Kpis
    hours: tuple[HourRow, ...]
    target: int | None


# -- the questions --


def line_now(store: Store, now_ms: int) -> LineNow:
    """Everything the Overview shows at `now_ms`."""
    frame = _frame(store, now_ms)
    facts = [_machine_facts(store, frame, machine) for machine in frame.plant.machines]
    machines = _ranked([_machine_now(store, frame, f) for f in facts])
    line, good = _line(frame, facts)
    judge = _constraint(frame.plant, facts)
    hours = _line_hours(frame, facts)
    stops = sorted((s for s in _stops(frame, facts) if s.unlabelled), key=lambda s: -s.length_ms)
    target = judge.target if judge else None
    shift_target = _target(judge, frame.shift, frame.shift.span.end_ms) if judge and frame.shift else None
    return LineNow(
        frame.head,
        now_ms,
        frame.shift,
        frame.collector,
        machines,
        judge.machine.id if judge else None,
        line,
        good,
        target,
        hours,
        tuple(stops),
        _devices(store, frame),
        targets.forecast(good, frame.shift, now_ms),
        shift_target,
        str(TPM),
    )


def machine_day(store: Store, machine_id: int, now_ms: int) -> MachineDay:
    """One machine in the current shift. Raises KeyError for an unknown machine."""
    frame = _frame(store, now_ms)
    facts = _machine_facts(store, frame, frame.plant.machine(machine_id))
    signals = _signals(store, frame.plant, machine_id)
    recent = Span(max(frame.window.start_ms, now_ms - TREND_MS), now_ms)
    devices = {s.device for s in frame.plant.signals_of(machine_id)}
    charted = [s for s in signals if s.role is Role.MEASURE][:3]
    return MachineDay(
        frame.head,
        now_ms,
        frame.shift,
        frame.window,
        _machine_now(store, frame, facts),
        facts.intervals,
        tuple(_stops(frame, [facts])),
        signals,
        tuple(_trend(store, frame, s, recent) for s in charted),
        tuple(d for d in _devices(store, frame) if d.id in devices),
        frame.collector,
        _cycles(facts.counts, frame.window),
        facts.standard.ideal_cycle_ms if facts.standard else None,
        losses.waterfall(facts.kpis, facts.intervals),
    )


def shift_report(store: Store, shift: Shift, now_ms: int) -> ShiftReport:
    """A whole shift, or the part of it until `now_ms` while it runs (provisional)."""
    frame = _frame(store, now_ms, shift)
    facts = [_machine_facts(store, frame, machine) for machine in frame.plant.machines]
    line, good = _line(frame, facts)
    judge = _constraint(frame.plant, facts)
    stops = _stops(frame, facts)
    rows = tuple(
        MachineRow(
            f.machine.id,
            f.machine.code,
            f.machine.name,
            judge is not None and f.machine.id == judge.machine.id,
            f.target,
            f.pieces.good if _observed(f) else None,
            f.pieces.reject if _observed(f) else None,
            f.kpis,
            f.intervals,
            f.by_count,
        )
        for f in facts
    )
    return ShiftReport(
        head=frame.head,
        shift=shift,
        window=frame.window,
        made_at_ms=now_ms,
        provisional=True,
        revision=1,
        number=f"{shift.business_on:%y%m%d}-{shift.name}",
        line=line,
        good=good,
        target=judge.target if judge else None,
        machines=rows,
        constraint=judge.machine.id if judge else None,
        hours=_line_hours(frame, facts),
        stops=tuple(stops),
        short_stops=sum(losses.short_stops(f.intervals) for f in facts),
        pareto=losses.pareto(
            (i for f in facts for i in f.intervals), {reason.id: reason.name for reason in frame.plant.reasons}
        ),
        waterfall=losses.waterfall(judge.kpis, judge.intervals) if judge else (),
        trace=_trace_count(store, frame.window),
        gaps=_gaps(frame, store),
        corrections=register.corrections(store, shift.span),
        rules=str(TPM),
        chain=journal.chain_at(store, frame.window.end_ms),
        business_on=shift.business_on,
    )


def find_shift(store: Store, wanted: str, now_ms: int) -> Shift:
    """The shift that "current", "last" (the last one that ended) or "2026-11-19/Day" names. Raises KnownError.

    The beginning of a name serves where one shift of the day has it; a date alone where the day has one shift.
    """
    patterns, zone = register.shift_patterns(store), register.zone(store)
    if not patterns:
        raise KnownError(_("No shifts are set up yet. Add them to the configuration and import it."))
    if wanted == "current":
        shift = calendar.shift_at(patterns, now_ms, zone)
        if shift is None:
            raise KnownError(_("No shift is running now. Ask for the last one with --shift last."))
        return shift
    if wanted == "last":
        past = [
            s
            for s in calendar.shifts_between(patterns, Span(now_ms - 10 * 86_400_000, now_ms + 1), zone)
            if s.span.end_ms <= now_ms
        ]
        if not past:
            raise KnownError(_("No shift has ended in the last ten days."))
        return past[-1]
    on, _slash, name = wanted.partition("/")
    try:
        day = date.fromisoformat(on)
        if not 1971 <= day.year <= 2100:
            raise ValueError(on)
    except ValueError as error:
        raise KnownError(
            _('"{shift}" names no shift. Write last, current or a date and name such as 2026-11-19/Day.').format(
                shift=wanted
            )
        ) from error
    names = [p.name for p in patterns if day.isoweekday() in p.weekdays]
    named = [own for own in names if own == name] or [own for own in names if own.startswith(name)]
    if not named:
        raise KnownError(
            _("There is no shift {name} on {day}. Shifts of that day: {names}.").format(
                name=name or "?", day=day, names=", ".join(names) or "-"
            )
        )
    if len(named) > 1:
        raise KnownError(
            _("Several shifts of {day} are meant. Write one of: {names}.").format(
                day=day, names=", ".join(f"{day}/{own}" for own in named)
            )
        )
    name = named[0]
    found = calendar.shift_named(patterns, name, day, zone)
    if found is None:  # another shift of that day covers it whole
        raise KnownError(_("The shift {name} on {day} has no time of its own.").format(name=name, day=day))
    return found


def collector_now(store: Store) -> CollectorNow:
    """Whether a collector beats at this moment, by real time; where none does, whether one lives all the same."""
    beat = journal.heartbeat(store)
    lock = ProcessLock(store.folder / COLLECTOR_LOCK)
    if beat is None:
        return CollectorNow(False, None, "", "", 0, 0, lock.held())
    silent_ms = max(0, store.clock.real_ms() - beat.at_real_ms)
    running = beat.note != "stopped" and silent_ms <= STALE_MS
    held = not running and lock.held()  # only then: a look takes the lock for a moment
    return CollectorNow(running, silent_ms, beat.version, beat.note, beat.backlog, beat.lost, held)


# -- what they are made of --


def _frame(store: Store, now_ms: int, shift: Shift | None = None) -> _Frame:
    # A shift that was reported on keeps the machines that it had.
    plant = register.plant(store, since_ms=None if shift is None else shift.span.start_ms)
    zone = ZoneInfo(plant.timezone)
    patterns = register.shift_patterns(store)
    shift = shift or calendar.shift_at(patterns, now_ms, zone)
    start_ms = shift.span.start_ms if shift else _unplanned_from(store, patterns, zone, now_ms)
    end_ms = min(now_ms, shift.span.end_ms) if shift else now_ms
    window = Span(min(start_ms, end_ms), end_ms)
    collector = collector_now(store)
    beat = journal.heartbeat(store)
    seen_until = now_ms if collector.running else (beat.at_ms if beat else window.start_ms)
    product = ", ".join(p.name for p in plant.products) if len(plant.products) == 1 else ""
    head = PlantHead(plant.name, plant.line, plant.timezone, store.demo, store.clock.speed, product)
    # In whole hours, so that the calendar of these days is made once an hour.
    begin_ms, later_ms = window.start_ms - _REACH_MS, min(now_ms, window.end_ms + _REACH_MS)
    reach = Span(begin_ms // _HOUR_MS * _HOUR_MS, max(window.end_ms, later_ms))
    silences = {d.id: _silences(store, d, reach, seen_until) for d in plant.devices}
    return _Frame(plant, zone, head, now_ms, collector, patterns, shift, window, reach, silences)


def _unplanned_from(store: Store, patterns: tuple[ShiftPattern, ...], zone: ZoneInfo, now_ms: int) -> int:
    """Where the window outside any shift begins: with the last shift's end, and never before the first fact."""
    earliest_ms = max(now_ms - _UNPLANNED_MS, min(journal.begun_ms(store), now_ms))
    past = calendar.shifts_between(patterns, Span(earliest_ms, now_ms), zone)
    return max([earliest_ms, *(shift.span.end_ms for shift in past)])


def _within(spans: Iterable[Span], window: Span) -> tuple[Span, ...]:
    return tuple(part for span in spans if (part := span.cut(window)))


def _silences(store: Store, device: Device, window: Span, seen_until_ms: int) -> tuple[Span, ...]:
    """When a device did not answer: between offline and online, before its first word, after the collector's last."""
    found: list[Span] = []
    silent_from: int | None = window.start_ms
    for event in journal.device_events(store, device.id, window):
        at_ms = max(event.at_ms, window.start_ms)
        if event.word == "online":
            if silent_from is not None and at_ms > silent_from:
                found.append(Span(silent_from, at_ms))
            silent_from = None
        elif silent_from is None:
            silent_from = at_ms
    if silent_from is None and seen_until_ms < window.end_ms:
        silent_from = max(seen_until_ms, window.start_ms)
    if silent_from is not None and silent_from < window.end_ms:
        found.append(Span(silent_from, window.end_ms))
    return union(found)


def _machine_facts(store: Store, frame: _Frame, machine: Machine) -> _MachineFacts:
    plant, window = frame.plant, frame.window
    standard = plant.standard(machine.id, window.end_ms)
    by_count = not plant.has_state_signal(machine.id)
    roles = _COUNTING if by_count else frozenset({Role.STATE})
    telling = {s.device for s in plant.signals_of(machine.id) if s.role in roles}
    silences = union(span for device in telling for span in frame.silences[device]) if telling else (frame.reach,)
    # What came after the moment that is asked for was not known then.
    counts = tuple(c for c in journal.counts(store, machine.id, window) if c.at_ms <= frame.reach.end_ms)
    pauses = frame.shift.pause_spans if frame.shift else ()
    heard = [] if by_count else journal.state_changes(store, machine.id, window)
    changes = [change for change in heard if change.at_ms <= frame.reach.end_ms]
    parts = intervals.derive(
        machine.id,
        window,
        threshold_ms=max(machine.threshold_ms, round(standard.ideal_cycle_ms / 2) if standard else 0),
        changes=changes,
        counts=counts,
        silences=silences,
        pauses=subtract(frame.reach, frame.busy(frame.reach)) if frame.shift else (),
        stroke_ms=standard.ideal_cycle_ms if standard else None,
        by_count=by_count,
        known_until_ms=frame.reach.end_ms,
    )
    parts = _with_alarms(parts, journal.alarms(store, machine.id, window))
    gaps = [Span(min(c.from_ms, c.at_ms), c.at_ms) for c in counts if c.flag is CountFlag.GAP]
    # The whole of a gap, also where it reaches out of the window, so that its parts add up to it.
    busy = frame.busy(Span(min(gap.start_ms for gap in gaps), max(gap.end_ms for gap in gaps))) if gaps else ()
    pieces = kpi.pieces_of(counts, window, busy)
    capacity_ms = total_ms(subtract(window, pauses))
    kpis = kpi.compute(
        window, parts, pieces, ideal_cycle_ms=standard.ideal_cycle_ms if standard else None, capacity_ms=capacity_ms
    )
    bare = _MachineFacts(machine, standard, by_count, parts, counts, pieces, kpis, (), None)
    return replace(bare, hours=_hours(frame, bare, counts, busy), target=_target(bare, frame.shift, window.end_ms))


def _with_alarms(parts: tuple[Interval, ...], alarms: list[Event]) -> tuple[Interval, ...]:
    """Each standstill with the alarm that stood when it began or came up within it, instead of the state's number."""
    found = []
    for part in parts:
        code = ""
        if part.category in intervals.STOPPED:
            for alarm in alarms:
                if alarm.at_ms >= part.span.end_ms or (alarm.at_ms > part.span.start_ms and code):
                    break
                code = alarm.word
        found.append(part if part.code == code else replace(part, code=code))
    return tuple(found)


def _target(facts: _MachineFacts, shift: Shift | None, at_ms: int) -> int | None:
    if shift is None or facts.standard is None:
        return None
    return targets.due(shift, facts.standard.standard_cycle_ms, at_ms)


def _hours(frame: _Frame, facts: _MachineFacts, counts: Sequence[Count], busy: tuple[Span, ...]) -> tuple[HourRow, ...]:
    if frame.shift is None:
        return ()
    rows = []
    plain = [count for count in counts if count.flag is not CountFlag.GAP]
    moments = [count.at_ms for count in plain]
    gaps = [count for count in counts if count.flag is CountFlag.GAP]
    standing = [i for i in facts.intervals if i.category in intervals.STOPPED or i.category is Category.NO_DATA]
    for span in calendar.hours_of(frame.shift):
        begun = span.start_ms < frame.window.end_ms
        made = None
        if begun and _observed(facts):
            part = Span(span.start_ms, min(span.end_ms, frame.window.end_ms))
            in_hour = plain[bisect_left(moments, part.start_ms) : bisect_left(moments, part.end_ms)]
            made = kpi.pieces_of([*in_hour, *gaps], part, busy)
        worst = losses.longest(standing, span)
        target = target_now = None
        if facts.standard:
            cycle_ms = facts.standard.standard_cycle_ms
            due = targets.due(frame.shift, cycle_ms, span.start_ms)
            target = targets.due(frame.shift, cycle_ms, span.end_ms) - due
            target_now = targets.due(frame.shift, cycle_ms, min(span.end_ms, frame.now_ms)) - due if begun else None
        rows.append(
            HourRow(
                span,
                target,
                target_now,
                made.good if made else None,
                made.reject if made else None,
                not subtract(span, frame.shift.pause_spans),
                worst[0].category if worst else None,
                worst[0].state if worst else None,
                worst[0].code if worst else "",
                worst[1] if worst else 0,
            )
        )
    return tuple(rows)


def _constraint(plant: Plant, facts: Iterable[_MachineFacts]) -> _MachineFacts | None:
    return next((f for f in facts if f.machine.id == plant.constraint), None)


def _line(frame: _Frame, facts: Sequence[_MachineFacts]) -> tuple[Kpis | None, int | None]:
    """The line judged at its constraint: its time, the good pieces of the line's exit, rejects at or after it."""
    judge = _constraint(frame.plant, facts)
    if not facts:
        return None, None
    good = facts[-1].pieces.good if _observed(facts[-1]) else None
    if judge is None or good is None:
        return None, good
    after = [f for f in facts if f.machine.place >= judge.machine.place]
    pieces = Pieces(good, sum(f.pieces.reject for f in after), judge.pieces.untimed, judge.pieces.gap_ms)
    capacity_ms = total_ms(subtract(frame.window, frame.shift.pause_spans if frame.shift else ()))
    ideal_ms = judge.standard.ideal_cycle_ms if judge.standard else None
    return kpi.compute(frame.window, judge.intervals, pieces, ideal_cycle_ms=ideal_ms, capacity_ms=capacity_ms), good


def _line_hours(frame: _Frame, facts: Sequence[_MachineFacts]) -> tuple[HourRow, ...]:
    """The line's hours: pieces of its exit, target and losses of its constraint."""
    judge = _constraint(frame.plant, facts)
    if not facts or judge is None:
        return facts[-1].hours if facts else ()
    return tuple(
        replace(at, good=out.good, reject=out.reject) for at, out in zip(judge.hours, facts[-1].hours, strict=True)
    )


def _machine_now(store: Store, frame: _Frame, facts: _MachineFacts) -> MachineNow:
    last = facts.intervals[-1] if facts.intervals else None
    since_ms = last.span.start_ms if last else frame.window.start_ms
    if last is not None and last.category is Category.RUN:
        for interval in reversed(facts.intervals):
            if interval.category not in (Category.RUN, Category.SHORT_STOP):
                break
            since_ms = interval.span.start_ms
    category = last.category if last else Category.NO_DATA
    state = last.state if last else State.UNKNOWN
    busy_ms = facts.kpis.times.busy_ms
    early = frame.shift is not None and frame.now_ms < frame.shift.span.end_ms and busy_ms < TPM.live_after_ms
    kpis = facts.kpis if not early else replace(facts.kpis, oee=None, availability=None, performance=None, quality=None)
    health = journal.health(store)
    devices = {s.device for s in frame.plant.signals_of(facts.machine.id)}
    heard = [h.last_at_ms for d, h in health.items() if d in devices and h.last_at_ms is not None]
    alarm = journal.last_event(store, facts.machine.id, EventKind.ALARM, frame.now_ms)
    known = _observed(facts)
    return MachineNow(
        facts.machine.id,
        facts.machine.code,
        facts.machine.name,
        state,
        category,
        since_ms,
        "",
        alarm.word if alarm and category is not Category.RUN else "",
        last is not None and last.unlabelled,
        None,
        facts.by_count,
        facts.pieces.good if known else None,
        facts.pieces.reject if known else None,
        facts.target,
        kpis,
        frame.now_ms + TPM.live_after_ms - busy_ms if early else None,
        max(heard, default=None),
        facts.hours,
    )


def _observed(facts: _MachineFacts) -> bool:
    """Whether anything is known of a machine in the window: pieces, or a time in which its device answered."""
    return bool(facts.pieces.total or facts.kpis.coverage)


def _ranked(machines: list[MachineNow]) -> tuple[MachineNow, ...]:
    """Who needs somebody, most urgent first: stops without a reason, silence, set-up, waiting; the longer first."""
    needy = sorted((m for m in machines if m.category in _URGENCY), key=lambda m: (_URGENCY[m.category], m.since_ms))
    ranks = {m.id: rank for rank, m in enumerate(needy, 1)}
    return tuple(replace(m, rank=ranks.get(m.id)) for m in machines)


def _stops(frame: _Frame, facts: Iterable[_MachineFacts]) -> list[StopRow]:
    """Standstills of all given machines in order of their start; parts of one stop are one row."""
    rows: dict[tuple[int, int], StopRow] = {}
    reasons = {reason.id: reason.name for reason in frame.plant.reasons}
    for fact in facts:
        for interval in fact.intervals:
            if interval.category not in intervals.STOPPED:
                continue
            key = (fact.machine.id, interval.stop_id)
            going_on = interval.span.end_ms >= frame.window.end_ms and frame.window.end_ms >= frame.now_ms
            known = rows.get(key)
            rows[key] = StopRow(
                interval.stop_id,
                fact.machine.id,
                fact.machine.code,
                fact.machine.name,
                known.start_ms if known else interval.span.start_ms,
                None if going_on else interval.span.end_ms,
                (known.length_ms if known else 0) + interval.span.length_ms,
                interval.category,
                interval.state,
                reasons.get(interval.reason or 0, ""),
                interval.code,
            )
    return sorted(rows.values(), key=lambda row: (row.start_ms, row.machine))


def _devices(store: Store, frame: _Frame) -> tuple[DeviceNow, ...]:
    health = journal.health(store)
    buses = {bus.id: bus for bus in frame.plant.buses}
    codes = {m.id: m.code for m in frame.plant.machines}
    found = []
    for device in frame.plant.devices:
        h = health.get(device.id)
        bound = {codes[s.machine] for s in frame.plant.signals if s.device == device.id and s.machine in codes}
        bus = buses[device.bus]
        status = h.status if h else "opening"
        found.append(
            DeviceNow(
                device.id,
                device.key,
                device.name,
                bus.driver,
                bus.port,
                status if frame.collector.running or status != "online" else "offline",
                h.since_ms if h else frame.now_ms,
                h.fault if h and frame.collector.running else ("collector_off" if not frame.collector.running else ""),
                json.loads(h.detail) if h else {},
                h.last_at_ms if h else None,
                tuple(m.code for m in frame.plant.machines if m.code in bound),
                h.frames if h else 0,
                h.reconnects if h else 0,
            )
        )
    return tuple(found)


def _signals(store: Store, plant: Plant, machine_id: int) -> tuple[SignalNow, ...]:
    live = journal.live(store)
    return tuple(
        SignalNow(
            s.id,
            s.key,
            s.name,
            s.role,
            s.unit,
            v.value if v else None,
            v.text if v else None,
            v.quality if v else 0,
            v.at_ms if v else None,
            s.limit_low,
            s.limit_high,
        )
        for s in plant.signals_of(machine_id)
        for v in [live.get(s.id)]
    )


def _trend(store: Store, frame: _Frame, signal: SignalNow, window: Span) -> Trend:
    """Values with a hole wherever the device did not answer."""
    points = journal.values(store, signal.id, window)
    device = next(s.device for s in frame.plant.signals if s.id == signal.id)
    holes = [(part.start_ms, None) for span in frame.silences[device] if (part := span.cut(window))]
    return Trend(signal, window, tuple(sorted([*points, *holes], key=lambda point: point[0])))


def _cycles(counts: Iterable[Count], window: Span) -> tuple[tuple[int, float], ...]:
    """Seconds per piece between consecutive counts of known time."""
    found = []
    before: int | None = None
    for count in counts:
        if not count.pieces or count.flag:
            before = None if count.flag else before
            continue
        if before is not None and window.holds(count.at_ms) and count.at_ms > before:
            found.append((count.at_ms, (count.at_ms - before) / 1000 / count.pieces))
        before = count.at_ms
    return tuple(found)


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


def _gaps(frame: _Frame, store: Store) -> tuple[LinkGap, ...]:
    """Times without an answer, of every device; one that reaches to the window's end goes on."""
    found = []
    for device in frame.plant.devices:
        faults = [
            (e.at_ms, json.loads(e.detail).get("kind", ""))
            for e in journal.device_events(store, device.id, frame.window)
            if e.word != "online"
        ]
        for span in _within(frame.silences[device.id], frame.window):
            kind = next((k for at_ms, k in reversed(faults) if at_ms <= span.end_ms and at_ms >= span.start_ms - 1), "")
            open_end = span.end_ms >= frame.window.end_ms
            found.append(LinkGap(device.name, kind, span.start_ms, None if open_end else span.end_ms))
    return tuple(sorted(found, key=lambda gap: gap.start_ms))


def trace_code(store: Store, code: str) -> TraceResult:
    """Everything known of a scanned code, both directions. Raises KnownError where nothing carries it."""
    code = clean_code(code)
    known = trace.find(store, code)
    if not known:
        near = trace.similar(store, code) if code else []
        hint = _(" Similar: {codes}.").format(codes=", ".join(near)) if near else ""
        raise KnownError(_('Nothing with the code "{code}" was ever scanned.').format(code=code) + hint)
    thing = known[0]
    plant = register.plant(store)
    machines = {m.id: m for m in plant.machines}
    signals = {s.id: s for s in plant.signals}
    steps: list[TraceStep] = []
    values = trace.values(store, thing.id)
    for visit in trace.visits(store, thing.id):
        machine = machines.get(visit.machine)
        own = tuple(
            (
                signals[v.signal].name if v.signal in signals else "",
                v.value,
                signals[v.signal].unit if v.signal in signals else "",
                v.judgement,
            )
            for v in values
            if v.machine == visit.machine
        )
        steps.append(
            TraceStep(machine.code if machine else "", machine.name if machine else "", visit.at_ms, visit.result, own)
        )

    def links(edges: list[trace.Edge]) -> tuple[TraceLink, ...]:
        return tuple(
            TraceLink(
                e.kind, e.code, e.what, machines[e.machine].code if e.machine in machines else "", e.at_ms, e.depth
            )
            for e in edges
        )

    return TraceResult(
        thing.code,
        thing.kind,
        thing.at_ms,
        tuple(steps),
        links(trace.made_of(store, thing.id)),
        links(trace.went_into(store, thing.id)),
        trace.scans(store, code),
        plant.timezone,
    )
