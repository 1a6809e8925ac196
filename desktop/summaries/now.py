"""What the screens show at this moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from desktop.domain import accounts, alarms, calendar, entries, explain, kpi, losses, repairs, targets
from desktop.domain.alarms import AlarmKind
from desktop.domain.calendar import Shift
from desktop.domain.entries import Call, Entry
from desktop.domain.events import Count, EventKind, Role, State
from desktop.domain.explain import Balance, Derivation
from desktop.domain.figures.head import AlarmNow, DeviceNow, SeenAlarm
from desktop.domain.figures.line import HourRow, LineNow, MachineNow
from desktop.domain.figures.machine import MachineDay, SignalNow, Trend
from desktop.domain.figures.stops import ParetoRow, by_need
from desktop.domain.intervals import GOING, STOPPED, Category
from desktop.domain.plant import Plant
from desktop.domain.spans import Span
from desktop.store import entries as spoken
from desktop.store import holding, orders, records, register
from desktop.store.database import Store
from desktop.store.records import DeviceHealth
from desktop.summaries import line
from desktop.summaries.frame import Frame, collector_now, frame
from desktop.summaries.station import Facts, Station, alarm_shown, stations

TREND_MS = 2 * 3_600_000
KEPT_MS = 1000
_ENDS_MS = 1_800_000  # so long before its end it is asked whether a shift goes on
_SILENT = frozenset({State.UNKNOWN, State.NO_SIGNAL})
_URGENCY = {Category.STOP: 0, Category.NO_DATA: 1, Category.SETUP: 2, Category.WAIT: 3}


class Live:
    """The answers of the present moment, asked again and again: what did not change is not derived again.

    One for each thread that asks. Whatever it remembers is dropped when the register or the shift changes.
    """

    def __init__(self) -> None:
        self._frame: Frame | None = None
        self._stations: list[Station] = []
        self._last_id = 0
        self.kept: dict[object, object] = {}  # what other questions remember of times that are over
        self.lately: dict[object, tuple[Span, int, tuple[Entry, ...]]] = {}  # what people said (`lately.py`)
        self._past: Shift | None = None  # the shift that was asked for, None: the one that runs
        self._facts: list[Facts] = []
        self._at_edge = True  # a device may have fallen silent in the very millisecond of the last look

    def aside(self) -> Live:
        """For a question about another time: it knows what people said lately, and nothing else of this one."""
        other = Live()
        other.lately = self.lately
        return other

    def line_now(self, store: Store, now_ms: int, *, explained: bool = False) -> LineNow:
        """Everything the Overview shows; `explained`: and how the line's figures came about."""
        first = self._frame is None
        at, facts = self.facts(store, now_ms)
        found = _line_now(store, at, facts, explained)
        if _may_go_on(at, facts):
            from desktop.summaries import overtime  # only then: the first picture does without

            found = replace(found, overtime=overtime.offer(self, store, at, facts))
        if not first and register.measures(store):  # the first picture does without
            from desktop.summaries import measuring

            found = measuring.with_findings(self, store, at, found)
        if not first and (at.plant.checks or register.measures(store)):
            from desktop.summaries import checks

            found = checks.with_waiting(self, store, at, facts, found)
        if not first and holding.standing_holds(store):
            from desktop.summaries import holds

            found = replace(found, holds=holds.brief(self, store, at.now_ms))
        return found

    def machine_day(
        self,
        store: Store,
        machine_id: int,
        now_ms: int,
        *,
        past: Shift | None = None,
        charted: Span | None = None,
    ) -> MachineDay:
        """One machine in the current shift, or in a `past` one; its curves over the last two hours of `charted` (None:
        of the shift so far). Raises KeyError for an unknown machine."""
        at, facts = self.facts(store, now_ms, past)
        at.plant.machine(machine_id)
        return _machine_day(store, at, facts, next(f for f in facts if f.machine.id == machine_id), charted)

    def facts(self, store: Store, now_ms: int, past: Shift | None = None) -> tuple[Frame, list[Facts]]:
        """Every machine at this moment (or in a past shift), and the frame that they stand in.

        While somebody collects and nothing happens they stand for a second: only the clock moves on.
        """
        if past != self._past:
            self._frame, self._past = None, past
        before, last_id = self._frame, records.last_event_id(store)
        if before is not None and last_id == self._last_id and 0 <= now_ms - before.now_ms < KEPT_MS:
            known = (before.register.version, before.newest, before.plan)
            changed = known != (register.version(store), spoken.newest(store), orders.newest(store))
            if not changed and before.collector.running and collector_now(store).running:
                return before, self._facts
        news = records.news(store, self._last_id) if before is not None and last_id > self._last_id else []
        health = [event for event in news if event.kind is EventKind.DEVICE]
        health_changed = bool(health) or self._at_edge
        at = frame(store, now_ms, past, None if health_changed else before)
        if (
            before is None
            or before.register.version != at.register.version
            or before.plan != at.plan
            or before.window.start_ms != at.window.start_ms
            or before.now_ms > now_ms
        ):
            self._stations = stations(store, at)
            news = []
        for event in news:
            for station in self._stations:
                told = event.kind is EventKind.PRODUCT and event.signal in station.product_signals
                if (
                    told
                    if event.kind is EventKind.PRODUCT
                    else event.machine == station.machine.id
                    or (event.kind is EventKind.DEVICE and event.device in station.devices)
                ):
                    station.hear(event)
        self._at_edge = before is None or any(event.at_ms >= at.reach.end_ms for event in health)
        self._frame, self._last_id = at, last_id
        self._facts = [station.facts(at) for station in self._stations]
        return at, self._facts

    def waiting(self, store: Store, now_ms: int) -> int:
        """How many stops of the shift that runs ask for a reason."""
        at, facts = self.facts(store, now_ms)
        return sum(row.asks for row in line.stops(at, facts))

    @property
    def stations(self) -> tuple[Station, ...]:
        """The machines of the last look."""
        return tuple(self._stations)


def line_now(store: Store, now_ms: int) -> LineNow:
    """Everything the Overview shows at `now_ms`."""
    return Live().line_now(store, now_ms)


def machine_day(store: Store, machine_id: int, now_ms: int) -> MachineDay:
    """One machine in the shift of `now_ms`. Raises KeyError for an unknown machine."""
    return Live().machine_day(store, machine_id, now_ms)


def _may_go_on(at: Frame, facts: Iterable[Facts]) -> bool:
    """Whether it is to be asked for overtime: in the last half hour of a shift, and where somebody works behind one."""
    if at.shift is not None:
        return 0 < at.shift.span.end_ms - at.now_ms <= _ENDS_MS
    outputs = (output for fact in facts for output in fact.kpis.sums.outputs)
    return bool(at.register.calendar.patterns) and any(o.extra_good or o.extra_reject for o in outputs)


def _line_now(store: Store, at: Frame, facts: list[Facts], explained: bool) -> LineNow:
    health = records.health(store)
    calls = entries.calls(at.said)
    machines = _ranked([_machine_now(store, at, health, f, facts, calls) for f in facts])
    kpis, good = line.figures(at, facts)
    judge = line.constraint(at, facts)
    stops = by_need(line.stops(at, facts))
    shift_target = judge.planned.due(at.shift.span.end_ms) if judge and at.shift else None
    shift_plan = judge.planned.planned(at.shift.span.end_ms) if judge and at.shift else None
    hours, devices = line.hours(at, facts), line.devices(store, at)
    comparable = line.comparable(at, facts, hours)
    rung = alarms.derive(at.now_ms, machines, hours, devices, at.collector, at.head.speed, at.register.alarm_after_ms)
    if records.report_failed(store):
        from desktop.summaries import automatic  # only then: the first picture does without

        rung = (*rung, *automatic.troubles(store, at.now_ms))
    return LineNow(
        at.head,
        at.now_ms,
        at.shift,
        at.collector,
        machines,
        judge.machine.id if judge else None,
        kpis,
        good,
        judge.target if judge else None,
        hours,
        stops,
        devices,
        targets.forecast(good if comparable else None, at.shift, at.now_ms),
        shift_target,
        str(at.rules),
        _with_quiet(store, at.now_ms, rung),
        _seen(store, at, machines, devices, hours),
        _downtime(at, facts),
        at.register.oee_target,
        line.derivations(at, facts, kpis) if explained and kpis is not None else (),
        comparable,
        judge.plan if judge else None,
        shift_plan,
    )


def _with_quiet(store: Store, now_ms: int, rung: tuple[AlarmNow, ...]) -> tuple[AlarmNow, ...]:
    """The alarms, and which of them somebody has acknowledged."""
    if not rung:
        return ()
    since = Span(min(alarm.since_ms for alarm in rung), now_ms + 1)
    seen = register.acknowledgements(store, since)
    return tuple(replace(alarm, quiet=alarms.is_quiet(alarm, seen)) for alarm in rung)


def _seen(
    store: Store, at: Frame, machines: Iterable[MachineNow], devices: Iterable[DeviceNow], hours: Sequence[HourRow]
) -> tuple[SeenAlarm, ...]:
    """What was acknowledged in this window, the latest first."""
    names = {m.code: m.name for m in machines} | {d.key: d.name for d in devices}
    found = []
    for one in reversed(register.acknowledgements(store, Span(at.window.start_ms, at.now_ms + 1))):
        missed = [row.span for row in hours if row.span.end_ms <= one.at_ms and row.target and not row.paused]
        hour = missed[-1] if missed and one.kind == AlarmKind.HOUR else None
        found.append(SeenAlarm(one.id, one.kind, one.subject, names.get(one.subject, one.subject), one.at_ms, hour))
    return tuple(found)


def _downtime(at: Frame, facts: Iterable[Facts]) -> tuple[ParetoRow, ...]:
    """Standstill of all machines by cause. A wait follows from another machine's stop, which is counted itself."""
    stood = (i for fact in facts for i in fact.intervals if i.category is not Category.WAIT)
    return losses.pareto(losses.causes(stood), {reason.id: reason.name for reason in at.plant.reasons})


def _machine_day(
    store: Store, at: Frame, all_facts: list[Facts], facts: Facts, charted_span: Span | None
) -> MachineDay:
    machine_id, now_ms = facts.machine.id, at.now_ms
    signals = _signals(store, at.plant, machine_id)
    recent = _recent(at.window, charted_span)
    waterfall = losses.waterfall(facts.kpis, facts.intervals)
    made = explain.made_in(at.window, facts.intervals, facts.counts)
    failures = frozenset(reason.id for reason in at.plant.reasons if reason.failure)
    reliability = losses.reliability(facts.intervals, failures, at.window, at.rules)
    devices = {s.device for s in at.plant.signals_of(machine_id)}
    charted = [s for s in signals if s.role is Role.MEASURE][:3]
    calls = entries.calls(at.said)
    return MachineDay(
        at.head,
        now_ms,
        at.shift
        if at.shift is None or at.shift.span.holds(now_ms)
        else calendar.shift_at(at.register.calendar, now_ms),
        at.window,
        _machine_now(store, at, records.health(store), facts, all_facts, calls),
        facts.intervals,
        tuple(line.stops(at, [facts])),
        signals,
        tuple(_trend(store, at, s, recent) for s in charted),
        tuple(d for d in line.devices(store, at) if d.id in devices),
        at.collector,
        _cycles(facts.counts, at.window),
        facts.standard.ideal_cycle_ms if facts.standard else None,
        waterfall,
        explain.derived(facts.kpis, facts.intervals, made),
        line.waits(all_facts, [facts]),
        at.shift,
        neighbours(store, at),
        (
            *accounts.steps(waterfall, facts.kpis, facts.intervals, made),
            *_piece_accounts(at, facts, made),
            *accounts.reliability(reliability, facts.kpis, losses.failed(facts.intervals, failures)),
        ),
        recent,
        at.register.oee_target,
        line.stood_before(all_facts, facts),
        sum(row.asks for row in line.stops(at, all_facts)) if at.window.end_ms >= now_ms else None,
        repairs.repairs(calls, machine_id, at.window, facts.intervals, facts.counts),
        tuple(call for call in calls if call.machine == machine_id and call.over_ms is None),
    )


def _recent(window: Span, charted: Span | None) -> Span:
    """What the curves are shown for: the end of what is looked at, as far as it has come."""
    end_ms = window.end_ms if charted is None else min(charted.end_ms, window.end_ms)
    start_ms = window.start_ms if charted is None else max(charted.start_ms, window.start_ms)
    return Span(min(max(start_ms, end_ms - TREND_MS), end_ms), end_ms)


def _piece_accounts(at: Frame, facts: Facts, made: tuple[explain.Made, ...]) -> Iterable[Derivation | Balance]:
    """Good, rejects, target, and every hour that has begun."""
    good, reject = facts.kpis.pieces.good, facts.kpis.pieces.reject
    yield accounts.counted(Role.GOOD, good, facts.kpis, made)
    yield accounts.counted(Role.REJECT, reject, facts.kpis, made)
    course = facts.planned.course
    if course is not None and facts.target is not None:
        yield accounts.target(facts.target, course.terms(at.window.end_ms), facts.kpis)
    for row in facts.hours:
        told = accounts.hour(row, facts.kpis, facts.intervals, made, at.now_ms)
        if told is not None:
            yield told


#: so far a shift before is looked for: over a long weekend, and where there is none, over weeks in which nobody worked
BACK_DAYS = (4, 40)


def neighbours(store: Store, at: Frame) -> tuple[Shift | None, Shift | None]:
    """The shift before the one that is looked at, from the first fact on, and the one after it that has begun."""
    edge = at.shift.span if at.shift else Span(at.window.start_ms, at.now_ms)
    begun_ms, shop = records.begun_ms(store), at.register.calendar
    before, after = list[Shift](), list[Shift]()
    for days in BACK_DAYS:
        reach_ms = days * 86_400_000
        if not before:
            first_ms = min(edge.start_ms, max(edge.start_ms - reach_ms, begun_ms))
            earlier = calendar.shifts_between(shop, Span(first_ms, edge.start_ms))
            before = [shift for shift in earlier if shift.span.end_ms <= edge.start_ms]
        if not after and edge.end_ms <= at.now_ms:
            later = calendar.shifts_between(shop, Span(edge.end_ms, min(edge.end_ms + reach_ms, at.now_ms + 1)))
            after = [shift for shift in later if edge.end_ms <= shift.span.start_ms <= at.now_ms]
    return (before[-1] if before else None, after[0] if after else None)


def _machine_now(
    store: Store,
    at: Frame,
    health: Mapping[int, DeviceHealth],
    facts: Facts,
    line_facts: list[Facts],
    calls: Iterable[Call],
) -> MachineNow:
    last = facts.intervals[-1] if facts.intervals else None
    since_ms = last.span.start_ms if last else at.window.start_ms
    if last is not None and last.category is Category.RUN:
        for interval in reversed(facts.intervals):
            if interval.category not in GOING:
                break
            since_ms = interval.span.start_ms
    category = last.category if last else Category.NO_DATA
    state = last.state if last else State.UNKNOWN
    busy_ms = facts.kpis.times.busy_ms
    early = kpi.too_early(facts.kpis.sums, at.rules, running=at.running)
    devices = {s.device for s in at.plant.signals_of(facts.machine.id)}
    heard = [h.last_at_ms for d, h in health.items() if d in devices and h.last_at_ms is not None]
    alarm = records.last_event(store, facts.machine.id, EventKind.ALARM, at.now_ms)
    cause = line.waits_for(at, line_facts, facts)
    good, reject = _made(at, facts)
    reason = last.reason if last is not None and last.category in STOPPED else None
    label = line.label_of(at, last) if last is not None and reason is not None else None
    return MachineNow(
        facts.machine.id,
        facts.machine.code,
        facts.machine.name,
        state,
        category,
        since_ms,
        next((known.name for known in at.plant.reasons if known.id == reason), ""),
        alarm_shown(alarm) if alarm and category is not Category.RUN else "",
        last is not None and last.unlabelled and not cause,
        None,
        facts.by_count,
        good,
        reject,
        facts.target,
        facts.kpis,
        at.now_ms + at.rules.live_after_ms - busy_ms if early else None,
        max(heard, default=None),
        facts.hours,
        cause,
        facts.comparable,
        last.code if last is not None and last.state is State.UNKNOWN else "",
        label.who if label else "",
        label.at_ms if label else None,
        next((c for c in calls if c.machine == facts.machine.id and c.over_ms is None), None),
        facts.plan,
    )


def _made(at: Frame, facts: Facts) -> tuple[int | None, int | None]:
    """Good and rejected pieces: of the shift, or outside any shift those that are no part of OEE (비조업 생산)."""
    if at.shift is not None or not at.register.calendar.patterns:
        return (facts.kpis.pieces.good, facts.kpis.pieces.reject) if facts.observed else (None, None)
    outputs = facts.kpis.sums.outputs
    good, reject = sum(output.extra_good for output in outputs), sum(output.extra_reject for output in outputs)
    heard = any(interval.state not in _SILENT for interval in facts.intervals)
    return (good, reject) if heard or good or reject else (None, None)


def _ranked(machines: list[MachineNow]) -> tuple[MachineNow, ...]:
    """Who needs somebody, most urgent first: stops, silence, set-up, waiting; the longer first.

    Whoever waits for another machine comes after it. Where there is no device silence needs nobody.
    """
    needy = [m for m in machines if m.category in _URGENCY and m.state is not State.NO_SIGNAL]
    needy.sort(key=lambda m: (_URGENCY[Category.WAIT if m.waits_for else m.category], m.since_ms))
    ranks = {m.id: rank for rank, m in enumerate(needy, 1)}
    return tuple(replace(m, rank=ranks.get(m.id)) for m in machines)


def _signals(store: Store, plant: Plant, machine_id: int) -> tuple[SignalNow, ...]:
    live = records.live(store)
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


def _trend(store: Store, at: Frame, signal: SignalNow, window: Span) -> Trend:
    """Values with a hole wherever the device did not answer."""
    points = records.values(store, signal.id, window)
    device = next(s.device for s in at.plant.signals if s.id == signal.id)
    holes = [(part.start_ms, None) for span in at.silences[device] if (part := span.cut(window))]
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
