"""Which samples of characteristics were due in a shift, and what became of them: for checks, Overview, report and the
screen of measurements."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, timedelta

from msgspec.structs import replace

from desktop.domain import calendar, making, sampling
from desktop.domain import entries as spoken
from desktop.domain.alarms import AlarmKind
from desktop.domain.calendar import Calendar, Shift
from desktop.domain.checks import Periods, Work
from desktop.domain.daily_rows import CheckRow
from desktop.domain.entries import Changed, OrderEnded
from desktop.domain.intervals import Category
from desktop.domain.measuring import moments
from desktop.domain.quality import Characteristic, Sampling
from desktop.domain.spans import Span, subtract
from desktop.store import register
from desktop.store.database import Store
from desktop.summaries.frame import Frame
from desktop.summaries.now import Live
from desktop.summaries.station import Facts
from desktop.summaries.values import known_quality, newest_value, values_of


def sampled(live: Live, store: Store, at: Frame) -> tuple[Characteristic, ...]:
    """The characteristics of which samples are taken, at a machine that is known."""
    machines = {signal.id: signal.machine for signal in at.plant.signals}
    return tuple(
        each if each.machine is not None or each.signal is None else replace(each, machine=machines.get(each.signal))
        for each in known_quality(live, store, at).measured
        if each.sampling is not Sampling.EACH
    )


def samples(live: Live, store: Store, at: Frame, facts: Sequence[Facts], now_ms: int) -> tuple[CheckRow, ...]:
    """The samples of the shift that came due, as rows among the checks."""
    wanted = sampled(live, store, at) if at.shift is not None else ()
    if at.shift is None or not wanted:
        return ()
    own = {fact.machine.id: fact for fact in facts}
    works: dict[int, Work] = {}
    found = []
    for each in wanted:
        if each.machine not in own:
            continue
        fact = own[each.machine]
        if each.machine not in works:
            works[each.machine] = work_of(at, fact)
        work = works[each.machine]
        asked = sampling.samples(each, work, periods_of(at.register.calendar, at.shift))
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
                        start_ms=sample.span.start_ms, code=each.code,
                    )
                )  # fmt: skip
    return _with_acknowledged(store, at, at.shift, found)


def _with_acknowledged(store: Store, at: Frame, shift: Shift, rows: Sequence[CheckRow]) -> tuple[CheckRow, ...]:
    """The rows, each missed one with the moment at which somebody acknowledged that in the shift."""
    if not any(row.state == "missed" for row in rows):
        return tuple(rows)
    seen: dict[str, list[int]] = {}
    for one in register.acknowledgements(store, shift.span):
        if one.kind == AlarmKind.SAMPLE:
            seen.setdefault(one.subject, []).append(one.at_ms)
    found = []
    for row in rows:
        if row.state == "missed":
            at_ms = next((at_ms for at_ms in seen.get(row.code, ()) if at_ms >= row.end_ms), None)
            row = replace(row, done_ms=at_ms, asks=at_ms is None and at.running)
        found.append(row)
    return tuple(found)


def _measured(live: Live, store: Store, at: Frame, characteristic: Characteristic, until_ms: int) -> Sequence[int]:
    """When pieces of the shift were measured up to a moment; read again when anything is measured or said."""
    span = at.window if at.shift is None else at.shift.span
    key = (at.register.version, span.start_ms, at.newest, newest_value(live, store, characteristic.signal))
    known = live.kept.get(("sampled", characteristic.id))
    if not (isinstance(known, tuple) and known[0] == key):
        values = values_of(store, at, known_quality(live, store, at), characteristic, span)
        known = (key, moments(values))
        live.kept["sampled", characteristic.id] = known
    found: tuple[int, ...] = known[1]
    return found[: bisect_right(found, until_ms)]


def work_of(at: Frame, fact: Facts) -> Work:
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


def periods_of(shop: Calendar, shift: Shift) -> Periods:
    """The business day of a shift and its week from Monday on; a shift that reaches beyond is part of both."""
    monday = shift.business_on - timedelta(days=shift.business_on.weekday())

    def span(first: date, days: int) -> Span:
        start_ms = calendar.utc_ms(first, shop.day_start, shop.zone)
        end_ms = calendar.utc_ms(first + timedelta(days=days), shop.day_start, shop.zone)
        return Span(min(start_ms, shift.span.start_ms), max(end_ms, shift.span.end_ms))

    return Periods(shift.span, span(shift.business_on, 1), span(monday, 7))
