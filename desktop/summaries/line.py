"""The line as a whole: its constraint, its exit, its hours, its standstills and its devices."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from desktop.domain import differences, entries, explain, intervals, kpi, line
from desktop.domain.entries import Entry
from desktop.domain.events import Role, State
from desktop.domain.explain import Derivation, Made
from desktop.domain.figures.head import DeviceNow
from desktop.domain.figures.line import HourRow
from desktop.domain.figures.machine import WaitRow
from desktop.domain.figures.report import LinkGap
from desktop.domain.figures.stops import StopRow
from desktop.domain.intervals import Category, Interval
from desktop.domain.kpi import Kpis
from desktop.domain.spans import Span
from desktop.store import records
from desktop.store.database import Store
from desktop.summaries.frame import Frame, within
from desktop.summaries.station import Facts


def constraint(frame: Frame, facts: Iterable[Facts]) -> Facts | None:
    """The station at which the line is judged, None where nobody declared it."""
    declared = frame.constraint
    return next((f for f in facts if declared is not None and f.machine.id == declared.machine), None)


def figures(frame: Frame, facts: Sequence[Facts]) -> tuple[Kpis | None, int | None]:
    """The line's KPIs and the good pieces at its exit; None where the constraint or the exit is not known."""
    judge = constraint(frame, facts)
    if not facts:
        return None, None
    out = facts[-1]
    good = out.kpis.pieces.good if out.observed else None
    if judge is None or good is None:
        return None, good
    after = [f for f in facts if f.machine.place >= judge.machine.place]
    rejects = sum(f.kpis.pieces.reject for f in after)
    parallel = frame.constraint.parallel if frame.constraint else 1
    sums = line.line_sums(judge.kpis.sums, out.kpis.sums, rejects, parallel)
    return kpi.compute(frame.window, sums, frame.rules, running=frame.running), good


def derivations(frame: Frame, facts: Sequence[Facts], kpis: Kpis) -> tuple[Derivation, ...]:
    """How the line's KPIs came about: time of its constraint, good pieces of its exit, rejects from the former on."""
    judge = constraint(frame, facts)
    if judge is None:
        return ()
    window = frame.window
    made: list[Made] = []
    for f in facts:
        wanted = {Role.REJECT} if f.machine.place >= judge.machine.place else set()
        wanted |= {Role.GOOD, Role.TOTAL} if f is facts[-1] else set()
        made += explain.made_in(window, f.intervals, (count for count in f.counts if count.role in wanted))
    return explain.derived(kpis, judge.intervals, tuple(sorted(made, key=lambda one: one.at_ms)))


def wip_change(frame: Frame, facts: Sequence[Facts]) -> int | None:
    """By how much the pieces between the constraint and the exit grew, None where one of them is not known."""
    judge = constraint(frame, facts)
    if judge is None or not judge.observed or not facts[-1].observed:
        return None
    rejects = sum(f.kpis.pieces.reject for f in facts if f.machine.place > judge.machine.place)
    return line.wip_change(judge.kpis.pieces.good, rejects, facts[-1].kpis.pieces.good)


def waits(facts: Sequence[Facts], waiting: Iterable[Facts]) -> tuple[WaitRow, ...]:
    """Who made those machines wait in the window, and how long; longest first."""
    order = [f.machine.id for f in facts]
    codes = {f.machine.id: f.machine.code for f in facts}
    timelines = {f.machine.id: f.intervals for f in facts}
    lengths: dict[tuple[int, int | None, State], int] = {}
    for one in waiting:
        for charge in line.charged_waits(one.intervals, order, timelines):
            key = (one.machine.id, charge.cause, charge.state)
            lengths[key] = lengths.get(key, 0) + charge.span.length_ms
    rows = [WaitRow(codes[m], codes.get(cause or 0, ""), state, ms) for (m, cause, state), ms in lengths.items()]
    return tuple(sorted(rows, key=lambda row: -row.length_ms))


def stood_before(facts: Sequence[Facts], standing: Facts) -> tuple[tuple[Span, str], ...]:
    """When a machine before it stood while one that only counts did, and the code of that machine."""
    if not standing.by_count:
        return ()
    codes = {f.machine.id: f.machine.code for f in facts}
    charges = line.stood_before(standing.intervals, list(codes), {f.machine.id: f.intervals for f in facts})
    return tuple((charge.span, codes[charge.cause]) for charge in charges if charge.cause is not None)


def waits_for(frame: Frame, facts: Sequence[Facts], waiting: Facts) -> str:
    """Code of the machine for which another one stands now, "" where it waits for none.

    Of a machine that only counts nobody tells why it stands: while one before it stands too it waits, as far as
    anybody can say.
    """
    now = waiting.intervals[-1] if waiting.intervals else None
    if now is None or not (now.category is Category.WAIT or (now.by_count and now.unlabelled)):
        return ""
    if now.category is not Category.WAIT:
        now = replace(now, category=Category.WAIT, state=State.STARVED)
    last = Span(max(now.span.start_ms, frame.window.end_ms - 1), frame.window.end_ms)
    order = [f.machine.id for f in facts]
    found = line.charged_waits([replace(now, span=last)], order, {f.machine.id: f.intervals[-2:] for f in facts})
    cause = found[-1].cause if found else None
    return next((f.machine.code for f in facts if f.machine.id == cause), "")


def hours(frame: Frame, facts: Sequence[Facts]) -> tuple[HourRow, ...]:
    """The line's hours: pieces of its exit, target and losses of its constraint."""
    judge = constraint(frame, facts)
    if not facts or judge is None:
        return facts[-1].hours if facts else ()
    return tuple(
        replace(at, good=out.good, reject=out.reject, sure=out.sure, by_hand=out.by_hand)
        for at, out in zip(judge.hours, facts[-1].hours, strict=True)
    )


def comparable(frame: Frame, facts: Sequence[Facts], rows: Sequence[HourRow]) -> bool:
    """Whether the line's pieces can be held against its target: those of its exit are known in all its hours."""
    return bool(facts) and facts[-1].sure and differences.comparable(rows, frame.window.end_ms)


def stops(frame: Frame, facts: Sequence[Facts]) -> list[StopRow]:
    """Standstills of all given machines in order of their start; parts of one stop are one row as long as they have one
    reason and nobody split them. Behind which machine one only waited is said where that is among those given."""
    rows: dict[tuple[int, int, int | None, int], StopRow] = {}
    reasons = {reason.id: reason.name for reason in frame.plant.reasons}
    split = entries.splits(frame.said)
    for fact in facts:
        cuts = split.get(fact.machine.id, ())
        stood = (interval for interval in fact.intervals if interval.category in intervals.STOPPED)
        for interval in (part for whole in stood for part in intervals.cut_at(whole, cuts)):
            part = bisect_right(cuts, interval.span.start_ms)
            key = (fact.machine.id, interval.stop_id, interval.reason, part)
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
                label.who if (label := label_of(frame, interval)) else "",
            )
    ask_after_ms = frame.register.ask_after_ms
    found = [
        replace(row, brief=True) if row.unlabelled and row.length_ms < ask_after_ms else row
        for row in sorted(rows.values(), key=lambda row: (row.start_ms, row.machine))
    ]
    return _with_behind(found, facts)


def silences(frame: Frame, facts: Sequence[Facts], begun_ms: int) -> list[StopRow]:
    """The times that are over and of which nothing is known, as long as a stop is at least, in order of their start.
    What lies before `begun_ms`, when the first fact of all came, is none: nobody had set anything up."""
    found: list[StopRow] = []
    for fact in facts:
        machine = fact.machine
        spans: list[Span] = []
        for interval in fact.intervals:
            if interval.category is Category.NO_DATA and interval.state is State.UNKNOWN:
                if spans and spans[-1].end_ms == interval.span.start_ms:
                    spans[-1] = Span(spans[-1].start_ms, interval.span.end_ms)
                else:
                    spans.append(interval.span)
        found += [
            StopRow(
                span.start_ms, machine.id, machine.code, machine.name, span.start_ms, span.end_ms, span.length_ms,
                Category.NO_DATA, State.UNKNOWN, "", "",
            )
            for span in spans
            if begun_ms <= span.start_ms and span.end_ms < frame.window.end_ms
            and span.length_ms >= machine.threshold_ms
        ]  # fmt: skip
    return sorted(found, key=lambda row: (row.start_ms, row.machine))


def _with_behind(rows: list[StopRow], facts: Sequence[Facts]) -> list[StopRow]:
    """Name the machine before it at those stops of a machine that only counts, of which it stood at least half."""
    names = {f.machine.id: f.machine.name for f in facts}
    timelines = {f.machine.id: f.intervals for f in facts}
    charges = {f.machine.id: line.stood_before(f.intervals, list(names), timelines) for f in facts if f.by_count}
    found = []
    for row in rows:
        behind: Counter[int] = Counter()
        for charge in charges.get(row.machine, ()) if row.unlabelled else ():
            end_ms = row.start_ms + row.length_ms if row.end_ms is None else row.end_ms
            shared = charge.span.cut(Span(row.start_ms, max(end_ms, row.start_ms + 1)))
            behind[charge.cause or 0] += shared.length_ms if shared else 0
        if 2 * behind.total() >= row.length_ms > 0:
            row = replace(row, behind=names.get(behind.most_common(1)[0][0], ""))
        found.append(row)
    return found


def label_of(frame: Frame, interval: Interval) -> Entry | None:
    """What somebody said that gave an interval its reason; None where nobody did."""
    if interval.reason is None:
        return None
    return next((entry for entry in reversed(frame.said) if entries.holds(entry, interval)), None)


def devices(store: Store, frame: Frame) -> tuple[DeviceNow, ...]:
    health = records.health(store)
    buses = {bus.id: bus for bus in frame.plant.buses}
    codes = {m.id: m.code for m in frame.plant.machines}
    found = []
    for device in frame.plant.devices:
        h = health.get(device.id)
        bound = {codes[s.machine] for s in frame.plant.signals if s.device == device.id and s.machine in codes}
        reads = {s.station for s in frame.plant.signals if s.device == device.id and s.machine is None}
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
                h.damaged if h else 0,
                h.missing if h else 0,
                h.refused if h else 0,
                h.lost if h else 0,
                tuple(station.name for station in frame.plant.stations if station.code in reads),
            )
        )
    return tuple(found)


def gaps(store: Store, frame: Frame) -> tuple[LinkGap, ...]:
    """Times without an answer, of every device; one that reaches to the window's end goes on."""
    found = []
    for device in frame.plant.devices:
        faults = [
            (e.at_ms, json.loads(e.detail).get("kind", ""))
            for e in records.device_events(store, device.id, frame.window)
            if e.word != "online"
        ]
        for span in within(frame.silences[device.id], frame.window):
            kind = next((k for at_ms, k in reversed(faults) if at_ms <= span.end_ms and at_ms >= span.start_ms - 1), "")
            open_end = span.end_ms >= frame.window.end_ms
            found.append(LinkGap(device.name, kind, span.start_ms, None if open_end else span.end_ms))
    return tuple(sorted(found, key=lambda gap: gap.start_ms))
