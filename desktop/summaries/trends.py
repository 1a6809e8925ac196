"""A machine over many shifts: read from what is kept of each, derived only where nothing is."""

from __future__ import annotations

from collections.abc import Sequence

from desktop.domain import kpi, losses
from desktop.domain.calendar import Shift
from desktop.domain.figures.losses import TrendShift
from desktop.domain.kpi import Output, Sums
from desktop.domain.spans import Span
from desktop.store.database import Store
from desktop.store.shift_sums import LINE, Kept
from desktop.summaries import line
from desktop.summaries.frame import Frame, frame, read_register
from desktop.summaries.shifts import kept_sums, shifts_begun
from desktop.summaries.station import Facts, Station, stations


def trend(store: Store, machine_id: int, window: Span, now_ms: int) -> tuple[TrendShift, ...]:
    """The figures of one machine in every shift that begins in a window, from the first of which anything is known.

    Raises KeyError for an unknown machine.
    """
    there = read_register(store)
    shifts = shifts_begun(store, there, window, now_ms)
    kept = kept_sums(store, there, machine_id, window)
    found = []
    for shift in shifts:
        sums = kept.get(shift.span)
        if sums is None:
            at = frame(store, now_ms, shift)
            facts = Station(store, at, at.plant.machine(machine_id)).facts(at)
            found.append(TrendShift(shift, facts.kpis))
        else:
            found.append(TrendShift(shift, kpi.compute(shift.span, sums, there.rules_at(shift.span.start_ms))))
    return tuple(found)


def shift_to_keep(store: Store, shift: Shift, now_ms: int) -> tuple[Frame, dict[int, Kept]]:
    """Everything of a shift that adds up, of every machine and of the line, and the frame that it was made with."""
    at = frame(store, now_ms, shift)
    made = stations(store, at)
    return at, kept_of(at, made, [station.facts(at) for station in made])


def kept_of(at: Frame, made: Sequence[Station], facts: Sequence[Facts]) -> dict[int, Kept]:
    """What adds up of the frame's window. Of a line without a constraint that is the pieces of its exit."""
    kept = {station.machine.id: station.kept(at, fact) for station, fact in zip(made, facts, strict=True)}
    kpis, good = line.figures(at, facts)
    sums = kpis.sums if kpis is not None else Sums(outputs=() if good is None else (Output(good=good),))
    return kept | {LINE: Kept(sums, losses.add(each.lost for each in kept.values()))}
