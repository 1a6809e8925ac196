"""Which product a machine makes when, and with which cycle."""

from __future__ import annotations

from itertools import pairwise

from desktop.domain.kpi import Making
from desktop.domain.plant import Plant, Standard
from desktop.domain.spans import Span


def standard(plant: Plant, machine: int, at_ms: int) -> Standard | None:
    """The cycle times in force on a machine where it makes one product only; else not known: none is ever borrowed."""
    own = [s for s in plant.standards if s.machine == machine]
    if len({s.product for s in own}) != 1:
        return None
    return max((s for s in own if s.valid_from_ms <= at_ms), key=lambda s: s.valid_from_ms, default=None)


def makings(plant: Plant, machine: int, window: Span) -> tuple[Making, ...]:
    """What a machine makes in a window, cut where its standard changes."""
    edges = {window.start_ms, window.end_ms}
    edges |= {s.valid_from_ms for s in plant.standards if s.machine == machine and window.holds(s.valid_from_ms)}
    ordered = sorted(edges)
    found = []
    for low, high in pairwise(ordered):
        known = standard(plant, machine, low)
        found.append(Making(Span(low, high), known.product, known.ideal_cycle_ms) if known else Making(Span(low, high)))
    return tuple(found) or (Making(window),)
