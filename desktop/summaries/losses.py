"""Where the time of many shifts went: read from what is kept of each, the one that runs derived till now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from desktop.domain import kpi, losses
from desktop.domain.calendar import Shift
from desktop.domain.figures.losses import LossFilter, LossPeriod, ShiftFigures, WeekHour
from desktop.domain.figures.machine import LossStep
from desktop.domain.intervals import Category
from desktop.domain.kpi import Kpis
from desktop.domain.line import constraint_at
from desktop.domain.losses import UNLABELLED, Cause, Lost, Stood
from desktop.domain.spans import Span
from desktop.store import shift_sums
from desktop.store.database import KnownError, Store
from desktop.store.shift_sums import LINE, Kept
from desktop.summaries.frame import Register, find_shift
from desktop.summaries.now import Live
from desktop.summaries.shifts import kept_sums, list_of, shifts_begun
from desktop.summaries.trends import kept_of, shift_to_keep

_DAY_MS = 86_400_000
_WEEK_HOURS = 7 * 24
#: the steps of the waterfall that are standstill, and what of it they are
_STANDSTILLS = {
    "stop": Category.STOP,
    "setup": Category.SETUP,
    "wait": Category.WAIT,
    "no_order": Category.NO_ORDER,
    "short_stop": Category.SHORT_STOP,
}


def loss_period(store: Store, now_ms: int, asked: LossFilter, live: Live | None = None) -> LossPeriod:
    """The shifts that a filter names: their OEE one by one and their losses together. `live` remembers the shift that
    runs between two looks."""
    live = live or Live()
    at, facts = live.facts(store, now_ms)
    there, machine = at.register, asked.machine or LINE
    window, alone = _window(store, asked.period, now_ms)
    shifts = shifts_begun(store, there, window, now_ms)
    names = tuple(dict.fromkeys(shift.name for shift in shifts))
    chosen = [shift for shift in shifts if asked.shift_name in ("", shift.name)]
    kept = kept_sums(store, there, machine, window)
    derived: dict[Span, Mapping[int, Kept]] = {}
    for shift in chosen:
        if at.shift is not None and shift.span == at.shift.span:
            derived[shift.span] = kept_of(at, live.stations, facts)
        elif alone and shift.span not in kept:
            derived[shift.span] = shift_to_keep(store, shift, now_ms)[1]
    sums = kept | {span: of[machine].sums for span, of in derived.items() if machine in of}
    rows = list_of(store, there, chosen, now_ms, asked.machine, sums)
    known = [shift for shift in chosen if shift.span in sums]
    whole = _whole(rows, there)

    def parts(of: int, some: Iterable[Shift]) -> tuple[list[int], list[Lost]]:
        """Where the kept ones of some shifts begin, and what was lost in the derived ones."""
        spans = {shift.span for shift in some}
        new = [each[of].lost for span, each in derived.items() if span in spans and of in each]
        return [span.start_ms for span in spans if span not in derived], new

    starts, new = parts(machine, known)
    lost = losses.add((shift_sums.lost(store, machine, starts), *new))
    stood = lost.causes
    judges = _by_judge(there, known) if machine == LINE else {}
    if machine == LINE:  # its losses are those of its constraint
        judged: list[Lost] = []
        for judge, some in judges.items():
            starts, new = parts(judge, some)
            judged += [Lost(shift_sums.causes(store, judge, starts)), *new]
        stood = losses.add(judged).causes
    return LossPeriod(
        at.head,
        now_ms,
        at.shift,
        at.collector,
        asked,
        tuple((each.id, each.name, each.code) for each in at.plant.machines),
        names,
        rows,
        len(known),
        len(shifts),
        whole,
        _steps(whole, stood),
        losses.pareto(lost.causes, {reason.id: reason.name for reason in at.plant.reasons}),
        sum(each.length_ms for cause, each in lost.causes.items() if cause.category is Category.NO_DATA),
        tuple(lost.hours.get(hour, WeekHour()) for hour in range(_WEEK_HOURS)),
        losses.mean_cycle_ms(whole.sums) if whole is not None else None,
        tuple(each.name for each in at.plant.machines if each.id in judges),
    )


def _window(store: Store, period: str, now_ms: int) -> tuple[Span, bool]:
    """In which the shifts of a period begin, and whether it is one shift; empty where there is no such shift."""
    if period.isdecimal():
        return Span(now_ms - int(period) * _DAY_MS, now_ms + 1), False
    try:
        start_ms = find_shift(store, period, now_ms).span.start_ms
    except KnownError:
        return Span(now_ms, now_ms), True
    return Span(start_ms, start_ms + 1), True


def _by_judge(there: Register, shifts: Iterable[Shift]) -> dict[int, list[Shift]]:
    """The shifts of a line by the machine at which it was judged."""
    found: dict[int, list[Shift]] = {}
    for shift in shifts:
        declared = constraint_at(there.constraints, shift.span.end_ms)
        if declared is not None and declared.machine:
            found.setdefault(declared.machine, []).append(shift)
    return found


def _whole(rows: Iterable[ShiftFigures], there: Register) -> Kpis | None:
    """All shifts as one, by the rules of the last: sums are added up, never ratios."""
    rows = [row for row in rows if row.kpis is not None]
    known = [row.kpis for row in rows if row.kpis is not None]
    if not known:
        return None
    span = Span(known[0].window.start_ms, known[-1].window.end_ms)
    sums, rules = kpi.add(each.sums for each in known), there.rules_at(known[-1].window.start_ms)
    return kpi.compute(span, sums, rules, running=any(not row.over for row in rows))


def _steps(whole: Kpis | None, stood: Mapping[Cause, Stood]) -> tuple[LossStep, ...]:
    """What cost time, and how many stops that was."""
    if whole is None:
        return ()
    unlabelled = stood.get(UNLABELLED, Stood())
    counts = {"unlabelled": unlabelled.count}
    for kind, category in _STANDSTILLS.items():
        named = (each for cause, each in stood.items() if cause.category is category and cause != UNLABELLED)
        counts[kind] = sum(each.count for each in named)
    return tuple(
        replace(step, count=counts.get(step.kind))
        for step in losses.waterfall_steps(whole, unlabelled.length_ms)
        if not step.total and (step.length_ms > 0 or step.kind == "unlabelled")
    )
