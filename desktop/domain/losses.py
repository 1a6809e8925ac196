"""Where the time went: standstill by cause and the waterfall from busy time to fully productive time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from desktop.domain.events import State
from desktop.domain.figures import LossStep, ParetoRow
from desktop.domain.intervals import STOPPED, Category, Interval
from desktop.domain.kpi import Kpis
from desktop.domain.spans import Span

_Cause = tuple[Category, State, int | None, bool]  # category, state, reason, whether anybody or anything named it


def pareto(intervals: Iterable[Interval], reasons: Mapping[int, str] | None = None) -> tuple[ParetoRow, ...]:
    """Standstill by cause, longest first; what nobody explained is always there and always last.

    `reasons` are the names of reasons by their id.
    """
    lengths: dict[_Cause, int] = {}
    stops: dict[_Cause, set[tuple[int, int]]] = {}
    unlabelled: _Cause = (Category.STOP, State.STOP, None, False)
    for interval in intervals:
        if interval.category not in STOPPED:
            continue
        named = (interval.category, interval.state, interval.reason, True)
        cause = unlabelled if interval.unlabelled else named
        lengths[cause] = lengths.get(cause, 0) + interval.span.length_ms
        stops.setdefault(cause, set()).add((interval.machine, interval.stop_id))
    rows = [
        ParetoRow((reasons or {}).get(reason or 0, ""), category, state, True, length, len(stops[cause]))
        for cause, length in lengths.items()
        if cause != unlabelled
        for category, state, reason, _named in [cause]
    ]
    rows.sort(key=lambda row: -row.length_ms)
    last = ParetoRow("", *unlabelled[:2], False, lengths.get(unlabelled, 0), len(stops.get(unlabelled, ())))
    return (*rows, last)


def waterfall(kpis: Kpis, intervals: Iterable[Interval]) -> tuple[LossStep, ...]:
    """From busy to fully productive time in milliseconds; the steps close to the millisecond.

    Without a standard the speed loss is not known and the steps end at the operating time.
    """
    times = kpis.times
    unlabelled = sum(i.span.length_ms for i in intervals if i.unlabelled)
    steps = [
        LossStep("busy", times.busy_ms, True),
        LossStep("no_data", times.no_data_ms, False),
        LossStep("unlabelled", unlabelled, False),
        LossStep("stop", times.stop_ms - unlabelled, False),
        LossStep("setup", times.setup_ms, False),
        LossStep("wait", times.wait_ms, False),
        LossStep("up", times.up_ms, True),
    ]
    if kpis.ideal_ms is not None and kpis.ideal_good_ms is not None:
        ideal, productive = round(kpis.ideal_ms), round(kpis.ideal_good_ms)
        steps += [
            LossStep("short_stop", times.short_stop_ms, False),
            LossStep("speed", times.run_ms - ideal, False),
            LossStep("reject", ideal - productive, False),
            LossStep("productive", productive, True),
        ]
    return tuple(steps)


def longest(intervals: Sequence[Interval], span: Span) -> tuple[Interval, int] | None:
    """The standstill that takes most of a span, and how many milliseconds of it; None where there is none."""
    shares = [(i, part.length_ms) for i in intervals if (part := i.span.cut(span))]
    return max(shares, key=lambda share: share[1], default=None)


def short_stops(intervals: Iterable[Interval]) -> int:
    """How many short stops."""
    return sum(i.category is Category.SHORT_STOP for i in intervals)
