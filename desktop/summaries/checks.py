"""What is to be checked in a shift, and which hours are to be confirmed: for the page, the Overview and the report."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from msgspec.structs import replace

from desktop.domain import calendar, checks, differences, making, sampling
from desktop.domain import entries as spoken
from desktop.domain.calendar import Calendar, Shift
from desktop.domain.checks import Periods, Work
from desktop.domain.daily_rows import CheckRow
from desktop.domain.entries import OPEN_MS, Action, Changed, Checked, Entry, FirstPiece, HourConfirmed, OrderEnded
from desktop.domain.figures.line import HourRow, LineNow
from desktop.domain.figures.report import HourSaid
from desktop.domain.intervals import Category
from desktop.domain.measuring import moments
from desktop.domain.quality import Characteristic, Sampling
from desktop.domain.rounds import ChecksNow, HourDue
from desktop.domain.spans import Span, subtract
from desktop.store import entries, measured
from desktop.store.database import Store
from desktop.summaries import line
from desktop.summaries.frame import Frame
from desktop.summaries.measuring import known_quality, values_of
from desktop.summaries.now import Live
from desktop.summaries.station import Facts

_DAY_MS = 86_400_000
_MOST_CAUSES = 4


def checks_now(live: Live, store: Store, now_ms: int, past: Shift | None = None) -> ChecksNow:
    """What the page of checks shows, of the shift that runs or of a `past` one."""
    at, facts = live.facts(store, now_ms, past)
    samples = _samples(live, store, at, facts, at.now_ms)
    rows = (*_rows(at, facts, _told(live, store, at), at.now_ms), *samples)
    machines = tuple((f.machine.id, f.machine.name, f.machine.code) for f in facts)
    hours = tuple(reversed(_hours(at, facts)))
    shift = at.shift if past is None else calendar.shift_at(at.register.calendar, now_ms)
    has_items = bool(at.plant.checks) or any(each.sampling is not Sampling.EACH for each in _sampled(live, store, at))
    return ChecksNow(at.head, at.now_ms, shift, at.collector, rows, machines, hours, has_items)


def with_waiting(live: Live, store: Store, at: Frame, facts: Sequence[Facts], now: LineNow) -> LineNow:
    """The Overview with how many checks wait at each machine, and how many of them and of hours that missed their
    target wait in all."""
    found: dict[int, int] = {}
    samples = _samples(live, store, at, facts, at.now_ms)
    for row in (*_rows(at, facts, _told(live, store, at), at.now_ms), *samples):
        if row.state in ("due", "late"):
            found[row.machine] = found.get(row.machine, 0) + 1
    hours = sum(hour.asks and not hour.entry for hour in _hours(at, facts)) if at.plant.checks else 0
    machines = tuple(replace(m, checks=found[m.id]) if m.id in found else m for m in now.machines)
    return replace(now, machines=machines, checks=sum(found.values()) + hours)


def of_report(store: Store, at: Frame, facts: Sequence[Facts]) -> tuple[tuple[CheckRow, ...], tuple[HourSaid, ...]]:
    """The checks of a shift with what came of them, and what was said of its hours."""
    live = Live()
    samples = _samples(live, store, at, facts, at.window.end_ms)
    rows = (*_rows(at, facts, _told(live, store, at), at.window.end_ms), *_in_one(samples))
    hours = tuple(
        HourSaid(e.said.start_ms, e.said.end_ms, e.said.reason, e.who) for e in _confirmed(at).values()
        if isinstance(e.said, HourConfirmed)
    )  # fmt: skip
    return rows, tuple(sorted(hours, key=lambda hour: hour.start_ms))


def _told(live: Live, store: Store, at: Frame) -> tuple[Entry, ...]:
    """What was checked since the week of the shift began; read again when anything is said."""
    if at.shift is None or not at.plant.checks:
        return ()
    known = live.kept.get("checked")  # of the week of the shift that was looked at last
    key = (at.newest, at.shift.business_on)
    if not (isinstance(known, tuple) and known[0] == key):
        week = _periods(at.register.calendar, at.shift).week
        kinds = Checked | FirstPiece | Action
        known = (key, entries.standing(store, Span(week.start_ms, OPEN_MS), kinds))
        live.kept["checked"] = known
    return entries.known(store, known[1], at.now_ms, at.now_ms + _DAY_MS)


def _rows(at: Frame, facts: Sequence[Facts], told: Iterable[Entry], now_ms: int) -> tuple[CheckRow, ...]:
    if at.shift is None or not at.plant.checks:
        return ()
    by_machine: dict[int, list[Entry]] = {}
    actions = set[int]()
    for entry in told:
        if isinstance(entry.said, Action):
            actions.add(entry.id)
        by_machine.setdefault(entry.said.machine, []).append(entry)
    machines = {f.machine.id: f.machine for f in facts}
    work = [_work(at, fact) for fact in facts]
    found = []
    for slot in checks.slots(at.plant.checks, work, _periods(at.register.calendar, at.shift)):
        answered = checks.answer(slot, by_machine.get(slot.machine, ()))
        if checks.state(slot, answered, now_ms):
            machine = machines[slot.machine]
            row = checks.row(slot, answered, now_ms, machine.code, machine.name)
            # What is said together has ids that follow each other.
            made = row.entry + 1 if row.state == "bad" and row.entry + 1 in actions else 0
            found.append(replace(row, also=made) if made else row)
    return tuple(found)


def _sampled(live: Live, store: Store, at: Frame) -> tuple[Characteristic, ...]:
    """The characteristics of which samples are taken, at a machine that is known."""
    machines = {signal.id: signal.machine for signal in at.plant.signals}
    return tuple(
        each if each.machine is not None or each.signal is None else replace(each, machine=machines.get(each.signal))
        for each in known_quality(live, store, at).measured
        if each.sampling is not Sampling.EACH
    )


def _samples(live: Live, store: Store, at: Frame, facts: Sequence[Facts], now_ms: int) -> tuple[CheckRow, ...]:
    """The samples of the shift that came due, as rows among the checks."""
    sampled = _sampled(live, store, at) if at.shift is not None else ()
    if at.shift is None or not sampled:
        return ()
    own = {fact.machine.id: fact for fact in facts}
    works: dict[int, Work] = {}
    found = []
    for each in sampled:
        if each.machine not in own:
            continue
        fact = own[each.machine]
        if each.machine not in works:
            works[each.machine] = _work(at, fact)
        work = works[each.machine]
        asked = sampling.samples(each, work, _periods(at.register.calendar, at.shift))
        taken = _measured(live, store, at, each, now_ms) if asked else ()
        for sample in asked:
            inside = [at_ms for at_ms in taken if sample.span.holds(at_ms)][: sample.wanted]
            how = sampling.state(sample, len(inside), now_ms)
            if how:
                found.append(
                    CheckRow(
                        each.id, each.machine, fact.machine.code, fact.machine.name, each.name, "sample", sample.which,
                        how, sample.due_ms, sample.late_ms, sample.span.end_ms,
                        done_ms=inside[-1] if how == "good" else None, taken=len(inside), wanted=sample.wanted,
                    )
                )  # fmt: skip
    return tuple(found)


def _measured(live: Live, store: Store, at: Frame, characteristic: Characteristic, until_ms: int) -> Sequence[int]:
    """When pieces of the shift were measured up to a moment; read again when anything is measured or said."""
    signal, span = characteristic.signal, at.window if at.shift is None else at.shift.span
    newest = measured.newest_result(store, signal) if signal is not None else 0
    key = (at.register.version, span.start_ms, at.newest, newest)
    known = live.kept.get(("sampled", characteristic.id))
    if not (isinstance(known, tuple) and known[0] == key):
        values = values_of(store, at, known_quality(live, store, at), characteristic, span)
        known = (key, moments(values))
        live.kept["sampled", characteristic.id] = known
    found: tuple[int, ...] = known[1]
    return found[: bisect_right(found, until_ms)]


def _in_one(samples: Sequence[CheckRow]) -> list[CheckRow]:
    """The samples of each characteristic as one row of a report: how many there were of how many were asked for."""
    by_item: dict[int, list[CheckRow]] = {}
    for row in samples:
        by_item.setdefault(row.item, []).append(row)
    found = []
    for rows in by_item.values():
        whole = [row for row in rows if row.state == "good"]
        worst = next((how for how in ("missed", "late", "due") if any(row.state == how for row in rows)), "good")
        every = rows[0].every if rows[0].every == "hour" else "pieces"
        row = replace(rows[0], every=every, state=worst, done_ms=None, taken=len(whole), wanted=len(rows))
        found.append(row)
    return found


def _work(at: Frame, fact: Facts) -> Work:
    """What a machine did, as far as checks ask for it."""
    number, end_ms = fact.machine.id, at.window.end_ms
    said = spoken.of(at.said, number)
    runs = (*spoken.set_up_for(said, fact.runs, number, end_ms), *fact.runs)

    def product_at(at_ms: int) -> int | None:
        return making.product_at(at.plant, number, at_ms, runs)

    changes = [e.said.start_ms for e in said if isinstance(e.said, Changed)]
    start_ms = at.window.start_ms
    earlier = [run for run in runs if run.span.start_ms < start_ms and run.product is not None]
    before = max(earlier, key=lambda run: run.span.start_ms).product if earlier else None
    for at_ms in sorted({run.span.start_ms for run in runs if at.window.holds(run.span.start_ms)}):
        # Another product without a changeover that somebody told is one all the same.
        product = product_at(at_ms)
        near = any(abs(told_ms - at_ms) < 60_000 for told_ms in changes)
        if before is not None and product not in (None, before) and not near:
            changes.append(at_ms)
        before = before if product is None else product
    ends = tuple(e.said.start_ms for e in said if isinstance(e.said, OrderEnded))
    ran = tuple(each.span for each in fact.intervals if each.category is Category.RUN)
    return Work(number, ran, tuple(changes), ends, product_at, _is_idle(at, number))


def _is_idle(at: Frame, machine: int) -> bool:
    """Whether planned stops take the whole of the shift, beside its breaks."""
    if at.shift is None:
        return False
    stops = calendar.planned_stops(at.register.calendar, at.shift.span, machine, at.rules)
    return bool(stops) and not subtract(at.shift.span, (*at.shift.pause_spans, *stops))


def _periods(shop: Calendar, shift: Shift) -> Periods:
    """The business day of a shift and its week from Monday on; a shift that reaches beyond is part of both."""
    monday = shift.business_on - timedelta(days=shift.business_on.weekday())

    def span(first: date, days: int) -> Span:
        start_ms = calendar.utc_ms(first, shop.day_start, shop.zone)
        end_ms = calendar.utc_ms(first + timedelta(days=days), shop.day_start, shop.zone)
        return Span(min(start_ms, shift.span.start_ms), max(end_ms, shift.span.end_ms))

    return Periods(shift.span, span(shift.business_on, 1), span(monday, 7))


# -- hours --


def _confirmed(at: Frame) -> Mapping[int, Entry]:
    """What was said of the hours of the shift, by their beginning; the later word counts."""
    return {
        e.said.start_ms: e for e in at.said if isinstance(e.said, HourConfirmed) and at.window.holds(e.said.start_ms)
    }


def _hours(at: Frame, facts: Sequence[Facts]) -> list[HourDue]:
    """The hours of the shift that are over and in which something was to be made."""
    if at.shift is None:
        return []
    told, found = _confirmed(at), []
    for row in line.hours(at, facts):
        if row.span.end_ms > at.now_ms or row.paused or not row.target:
            continue
        entry = told.get(row.span.start_ms)
        said = entry.said if entry is not None else None
        found.append(
            HourDue(
                row, differences.hour_difference(row, at.now_ms), _causes(at, facts, row),
                entry.id if entry else 0, said.reason if isinstance(said, HourConfirmed) else "",
                entry.who if entry else "",
            )
        )  # fmt: skip
    return found


def _causes(at: Frame, facts: Sequence[Facts], row: HourRow) -> tuple[str, ...]:
    """What the line's constraint stood for in an hour and somebody has named, the longest first."""
    judge = line.constraint(at, facts)
    names = {reason.id: reason.name for reason in at.plant.reasons}
    lengths: dict[str, int] = {}
    for fact in facts if judge is None else (judge,):
        for each in fact.intervals:
            part = each.span.cut(row.span)
            if part is not None and each.reason in names:
                name = names[each.reason]
                lengths[name] = lengths.get(name, 0) + part.length_ms
    return tuple(sorted(lengths, key=lambda name: -lengths[name])[:_MOST_CAUSES])
