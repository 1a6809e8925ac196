"""Which product a machine makes when, with which cycle, and how many pieces its strokes are.

A product follows from the orders that ran. Where none is kept it is the one product that has a standard on the
machine; with several it is not known, and then neither is the ideal cycle: another product's is never borrowed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isfinite

from msgspec import Struct
from msgspec.structs import replace

from desktop.domain.events import Count, CountFlag, Event
from desktop.domain.intervals import Stroke
from desktop.domain.kpi import Making, Sums
from desktop.domain.plant import Plant, Standard
from desktop.domain.spans import Span, shared_ms, subtract, total_ms, union


class Run(Struct, frozen=True):
    """An order on a machine: from its start (a scan) until its end, or until now. `rework`: its pieces passed before.

    `id` rises with the time of saying.
    """

    id: int
    machine: int
    span: Span
    product: int | None
    order: str = ""
    rework: bool = False


def makings(plant: Plant, machine: int, window: Span, runs: Iterable[Run] = ()) -> tuple[Making, ...]:
    """What a machine makes in a window, cut where the product or its standard changes; it covers the window whole.

    Where runs overlap the one that began later holds. An ideal cycle that is none (0 or less) counts as not known.
    """
    mine, told = _runs_of(machine, window, runs)
    valid_from = (s.valid_from_ms for s in plant.standards if s.machine == machine)
    edges = {at_ms for run in mine for at_ms in (run.span.start_ms, run.span.end_ms)} | set(valid_from)
    inner = sorted(at_ms for at_ms in edges if window.start_ms < at_ms < window.end_ms)
    found: list[Making] = []
    for start_ms, end_ms in zip([window.start_ms, *inner], [*inner, window.end_ms], strict=True):
        product = _product(plant, machine, mine, told, start_ms)
        known = plant.standard(machine, product, start_ms)
        cycle_ms = known.ideal_cycle_ms if known and _is_cycle(known.ideal_cycle_ms) else None
        if found and (found[-1].product, found[-1].ideal_cycle_ms) == (product, cycle_ms):
            found[-1] = replace(found[-1], span=Span(found[-1].span.start_ms, end_ms))
        else:
            found.append(Making(Span(start_ms, end_ms), product, cycle_ms))
    return tuple(found)


def standard(plant: Plant, machine: int, at_ms: int, runs: Iterable[Run] = ()) -> Standard | None:
    """The cycle times in force for what a machine makes at a moment; None where the product or they are not known."""
    return plant.standard(machine, product_at(plant, machine, at_ms, runs), at_ms)


def product_at(plant: Plant, machine: int, at_ms: int, runs: Iterable[Run] = ()) -> int | None:
    """What a machine makes at a moment, None where that is not known."""
    mine, told = _runs_of(machine, Span(at_ms, at_ms + 1), runs)
    return _product(plant, machine, mine, told, at_ms)


def strokes(plant: Plant, machine: int, span: Span, runs: Iterable[Run] = ()) -> tuple[Stroke, ...]:
    """The ideal stroke of what a machine makes in a span, from each moment on from which it is another one."""
    mine, told = _runs_of(machine, span, runs)
    valid_from = (s.valid_from_ms for s in plant.standards if s.machine == machine)
    edges = {at_ms for run in mine for at_ms in (run.span.start_ms, run.span.end_ms)} | set(valid_from)
    found: list[Stroke] = []
    for at_ms in [span.start_ms, *sorted(at_ms for at_ms in edges if span.holds(at_ms) and at_ms > span.start_ms)]:
        known = plant.standard(machine, _product(plant, machine, mine, told, at_ms), at_ms)
        stroke_ms = known.stroke_ms if known and _is_cycle(known.ideal_cycle_ms) else None
        if not found or found[-1].stroke_ms != stroke_ms:
            found.append(Stroke(at_ms, stroke_ms))
    return tuple(found)


def making_flags(plant: Plant, machine: int, window: Span, runs: Iterable[Run] = ()) -> tuple[str, ...]:
    """What a reader of the makings must know: runs_overlap; no_product and no_standard (not known for some of the
    time); bad_standard (an ideal cycle that is none).
    """
    mine, _told = _runs_of(machine, window, runs)
    flags = set()
    if sum(run.span.length_ms for run in mine) > total_ms(run.span for run in mine):
        flags.add("runs_overlap")
    for made in makings(plant, machine, window, mine):
        if made.product is None:
            flags.add("no_product")
        elif made.ideal_cycle_ms is None:
            known = plant.standard(machine, made.product, made.span.start_ms)
            flags.add("bad_standard" if known else "no_standard")
    return tuple(sorted(flags))


def told_runs(plant: Plant, machine: int, told: Iterable[Event], until_ms: int) -> tuple[Run, ...]:
    """What a machine makes by the product codes that a device told: each holds until the next one, the last until
    `until_ms`. A code that no product of the register has, and an empty one, is a run of no known product.
    """
    codes = {product.code: product.id for product in plant.products}
    events = sorted(told, key=lambda event: (event.at_ms, event.id))
    ends = [*(event.at_ms for event in events[1:]), until_ms]
    return tuple(
        Run(event.id, machine, Span(event.at_ms, end_ms), codes.get(event.word))
        for event, end_ms in zip(events, ends, strict=False)  # without events there is no end either
        if end_ms > event.at_ms
    )


def product_flags(plant: Plant, told: Iterable[Event]) -> list[tuple[str, str]]:
    """Codes that devices told and that are no product of the register: unregistered_product, with the code."""
    codes = {product.code for product in plant.products}
    return [("unregistered_product", event.word) for event in told if event.word and event.word not in codes]


def order_spans(runs: Iterable[Run], machine: int) -> tuple[Span, ...]:
    """When a machine had an order."""
    return union(run.span for run in runs if run.machine == machine)


def rework_spans(runs: Iterable[Run], machine: int) -> tuple[Span, ...]:
    """When a machine worked on pieces that had passed before (재작업); a normal run that began later ends it."""
    mine = [run for run in runs if run.machine == machine]
    found: list[Span] = []
    for run in (run for run in mine if run.rework):
        over = (each.span for each in mine if not each.rework and _begun(each) > _begun(run))
        found += subtract(run.span, over)
    return union(found)


class OpenCavities(Struct, frozen=True):
    """How many cavities of a tool make pieces from a moment on: one tap blocks one."""

    valid_from_ms: int
    open: int


def pieces_of_strokes(
    strokes: Iterable[Count], cavities: int, opened: Iterable[OpenCavities] = (), busy: Sequence[Span] = ()
) -> tuple[tuple[Count, ...] | None, tuple[str, ...]]:
    """Counts of strokes as counts of pieces, by the cavities that were open when each was made.

    Before the first word on it all `cavities` that the tool was designed with are open. Strokes of unknown time (flag
    GAP) over a change are shared out by `busy` time, where none is in it by the clock. Standstills are derived from
    the strokes, not from these. Flags: bad_cavities (a word of less than none is passed over; a tool of none makes
    nothing that could be told: None) and more_open_than_designed.
    """
    if cavities <= 0:
        return None, ("bad_cavities",)
    flags = []
    said = sorted(opened, key=lambda each: each.valid_from_ms)
    if any(each.open < 0 for each in said):
        flags.append("bad_cavities")
        said = [each for each in said if each.open >= 0]
    if any(each.open > cavities for each in said):
        flags.append("more_open_than_designed")

    def open_at(at_ms: int) -> int:
        return next((each.open for each in reversed(said) if each.valid_from_ms <= at_ms), cavities)

    found: list[Count] = []
    for count in strokes:
        at_ms, from_ms = count.at_ms, min(count.from_ms, count.at_ms)
        cuts = [each.valid_from_ms for each in said if from_ms < each.valid_from_ms < at_ms]
        if count.flag is not CountFlag.GAP or not cuts:
            found.append(replace(count, pieces=count.pieces * open_at(at_ms - 1)))
            continue
        whole = Span(from_ms, at_ms)
        working = busy if shared_ms(whole, busy) else (whole,)
        length_ms, before, begin_ms = shared_ms(whole, working), 0, from_ms
        for end_ms in [*cuts, at_ms]:
            until = round(count.pieces * shared_ms(Span(from_ms, end_ms), working) / length_ms)
            pieces = (until - before) * open_at(end_ms - 1)
            found.append(replace(count, from_ms=begin_ms, at_ms=end_ms, pieces=pieces))
            before, begin_ms = until, end_ms
    return tuple(found), tuple(flags)


def cycle_per_piece(shot_ms: float, *cavities: int) -> float | None:
    """Ideal (or standard) cycle of a piece: shot time / design cavities, of a family tool those of all its products."""
    pieces = sum(cavities)
    if not _is_cycle(shot_ms) or pieces <= 0 or min(cavities) < 0:
        return None
    return shot_ms / pieces


def together(parts: Sequence[Sums]) -> Sums:
    """The sums of the products of a family tool, each tallied over the same intervals: their time counts once.

    Raises ValueError where they are not of the same time.
    """
    if not parts or any(part.times != parts[0].times for part in parts):
        raise ValueError("the products of one tool share its time")
    return replace(parts[0], outputs=tuple(output for part in parts for output in part.outputs))


def _begun(run: Run) -> tuple[int, int]:
    return run.span.start_ms, run.id


def _runs_of(machine: int, window: Span, runs: Iterable[Run]) -> tuple[list[Run], list[Run]]:
    """The runs of a machine in a window, and all that it has."""
    own = [run for run in runs if run.machine == machine]
    return [run for run in own if run.span.cut(window)], own


def _product(plant: Plant, machine: int, runs: list[Run], told: list[Run], at_ms: int) -> int | None:
    """By the order that runs; between orders the only product, as far as orders named no other by then."""
    running = [run for run in runs if run.span.holds(at_ms)]
    if running:
        return max(running, key=_begun).product
    only = plant.only_product(machine, at_ms)
    return None if any(run.product != only and run.span.start_ms <= at_ms for run in told) else only


def _is_cycle(cycle_ms: float) -> bool:
    return isfinite(cycle_ms) and cycle_ms > 0
