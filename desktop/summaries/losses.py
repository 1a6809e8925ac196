"""Where the time of many shifts went, from what is kept of each shift."""

from __future__ import annotations

from desktop.domain import kpi, losses
from desktop.domain.figures import LossPeriod, LossStep, ShiftFigures
from desktop.domain.kpi import Kpis
from desktop.domain.spans import Span
from desktop.store.database import Store
from desktop.summaries.frame import Register, frame
from desktop.summaries.shifts import shift_figures

_LAST = "no_data"  # not a loss of anybody, but never left out


def loss_period(
    store: Store, window: Span, now_ms: int, machine_id: int | None = None, shift_name: str = ""
) -> LossPeriod:
    """The shifts that begin in a window, all or those of a name: their OEE one by one and their losses together."""
    at = frame(store, now_ms)
    found = shift_figures(store, window, now_ms, machine_id)
    names = tuple(dict.fromkeys(row.shift.name for row in reversed(found)))
    rows = tuple(row for row in reversed(found) if shift_name in ("", row.shift.name))
    whole = _whole(rows, at.register)
    machines = tuple((machine.id, machine.name) for machine in at.plant.machines)
    return LossPeriod(
        at.head, now_ms, at.shift, at.collector, machine_id, window, machines, names, rows, whole, _losses(whole)
    )


def _whole(rows: tuple[ShiftFigures, ...], there: Register) -> Kpis | None:
    """All shifts as one, by the rules of the last: sums are added up, never ratios."""
    kept = [row for row in rows if row.kpis is not None]
    if not kept:
        return None
    span = Span(kept[0].shift.span.start_ms, kept[-1].shift.span.end_ms)
    sums = kpi.add(row.kpis.sums for row in kept if row.kpis is not None)
    return kpi.compute(span, sums, there.rules_at(kept[-1].shift.span.start_ms))


def _losses(whole: Kpis | None) -> tuple[LossStep, ...]:
    """What cost time. Reasons are not among the kept sums: a stop is a stop here, with a reason or without."""
    if whole is None:
        return ()
    steps = [step for step in losses.waterfall(whole, ()) if not step.total and step.length_ms > 0]
    return tuple(sorted(steps, key=lambda step: (step.kind == _LAST, -step.length_ms)))
