"""Time and pieces to calculate with."""

from __future__ import annotations

from collections.abc import Sequence

from desktop.domain.intervals import Interval
from desktop.domain.kpi import Kpis, Output, Sums, compute, times_of
from desktop.domain.spans import Span


def sums(
    found: Sequence[Interval],
    good: int = 0,
    reject: int = 0,
    ideal_ms: float | None = None,
    *,
    untimed: int = 0,
    bridged_ms: int = 0,
    capacity_ms: int = 0,
) -> Sums:
    """One product made in the time of some intervals."""
    times = times_of(found)
    whole_ms = sum(interval.span.length_ms for interval in found)
    unrated_ms, unrated_up_ms = (0, 0) if ideal_ms else (times.busy_ms - times.no_data_ms, times.up_ms)
    output = Output(None, ideal_ms, good, reject, untimed)
    return Sums(times, (output,), bridged_ms, unrated_ms, unrated_up_ms, whole_ms, capacity_ms)


def kpis(
    window: Span, found: Sequence[Interval], good: int = 0, reject: int = 0, ideal_ms: float | None = None, **more: int
) -> Kpis:
    """Their KPIs."""
    return compute(window, sums(found, good, reject, ideal_ms, **more))
