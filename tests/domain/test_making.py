"""Which product with which cycle, and pieces out of strokes."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.events import Count, CountFlag, Role, State
from desktop.domain.intervals import Category, Interval
from desktop.domain.kpi import Making, compute, tally
from desktop.domain.making import (
    OpenCavities,
    Run,
    cycle_per_piece,
    making_flags,
    makings,
    order_spans,
    pieces_of_strokes,
    rework_spans,
    standard,
    together,
)
from desktop.domain.plant import Plant, Standard
from desktop.domain.spans import Span

MINUTE, HOUR = 60_000, 3_600_000
DAY = Span(0, 8 * HOUR)


def plant(*standards: Standard) -> Plant:
    return Plant("P", "L", "Asia/Seoul", None, standards=standards)


ONE = plant(Standard(1, 1, 1000, 1100), Standard(1, 1, 2000, 2200, valid_from_ms=4 * HOUR), Standard(7, 2, 5, 5))
TWO = plant(Standard(1, 1, 1000, 1100), Standard(2, 1, 3000, 3300))


def test_without_orders_it_is_the_one_product_with_a_standard() -> None:
    """A standard that changes within the window cuts it."""
    assert makings(ONE, 1, DAY) == (
        Making(Span(0, 4 * HOUR), 1, 1000),
        Making(Span(4 * HOUR, 8 * HOUR), 1, 2000),
    )
    assert making_flags(ONE, 1, DAY) == ()
    known = [standard(ONE, 1, at_ms) for at_ms in (-1, 0, 4 * HOUR)]
    assert [s.ideal_cycle_ms if s else None for s in known] == [None, 1000, 2000]


def test_with_several_products_and_no_order_it_is_not_known() -> None:
    assert makings(TWO, 1, DAY) == (Making(DAY),)
    assert making_flags(TWO, 1, DAY) == ("no_product",)
    assert makings(TWO, 9, DAY) == (Making(DAY),)
    assert standard(TWO, 1, HOUR) is None


def test_orders_say_which_product() -> None:
    runs = (Run(1, 1, Span(-HOUR, 2 * HOUR), 1), Run(2, 1, Span(3 * HOUR, 9 * HOUR), 2), Run(3, 2, DAY, 1))
    assert makings(TWO, 1, DAY, runs) == (
        Making(Span(0, 2 * HOUR), 1, 1000),
        Making(Span(2 * HOUR, 3 * HOUR)),
        Making(Span(3 * HOUR, 8 * HOUR), 2, 3000),
    )
    assert making_flags(TWO, 1, DAY, runs) == ("no_product",)
    assert order_spans(runs, 1) == (Span(-HOUR, 2 * HOUR), Span(3 * HOUR, 9 * HOUR))
    known = standard(TWO, 1, 5 * HOUR, runs)
    assert known is not None
    assert known.product == 2


def test_an_ordered_product_without_a_standard_borrows_none() -> None:
    runs = (Run(1, 1, Span(0, 4 * HOUR), 5),)
    assert makings(ONE, 1, DAY, runs) == (
        Making(Span(0, 4 * HOUR), 5),
        Making(Span(4 * HOUR, 8 * HOUR)),  # between orders: the 1 that has a standard, or 5 again?
    )
    assert making_flags(ONE, 1, DAY, runs) == ("no_product", "no_standard")
    assert making_flags(ONE, 1, Span(0, HOUR), runs) == ("no_standard",)


def test_between_orders_of_its_only_product_a_machine_makes_that() -> None:
    runs = (Run(1, 1, Span(HOUR, 2 * HOUR), 1),)
    assert makings(ONE, 1, Span(0, 4 * HOUR), runs) == (Making(Span(0, 4 * HOUR), 1, 1000),)


def test_of_overlapping_orders_the_later_holds_and_it_is_flagged() -> None:
    runs = (
        Run(1, 1, Span(0, 4 * HOUR), 1),
        Run(2, 1, Span(2 * HOUR, 3 * HOUR), 2),
        Run(3, 1, Span(4 * HOUR, 8 * HOUR), 1),
    )
    assert [m.product for m in makings(TWO, 1, DAY, runs)] == [1, 2, 1]
    assert making_flags(TWO, 1, DAY, runs) == ("runs_overlap",)
    same = (Run(1, 1, DAY, 1), Run(2, 1, DAY, 2))
    assert makings(TWO, 1, DAY, same) == (Making(DAY, 2, 3000),)


@pytest.mark.parametrize("cycle_ms", [0.0, -1.0, float("nan"), float("inf")])
def test_a_cycle_that_is_none_is_flagged(cycle_ms: float) -> None:
    wrong = plant(Standard(1, 1, cycle_ms, 1000))
    assert makings(wrong, 1, DAY) == (Making(DAY, 1),)
    assert making_flags(wrong, 1, DAY) == ("bad_standard",)


RUNS = st.builds(
    lambda key, start, length, product: Run(key, 1, Span(start, start + length), product),
    st.integers(1, 9),
    st.integers(-50, 120),
    st.integers(0, 80),
    st.none() | st.integers(1, 4),
)


@given(st.lists(RUNS, max_size=4), st.integers(0, 100))
def test_makings_cover_any_window_without_a_hole(runs: list[Run], length: int) -> None:
    there = plant(Standard(1, 1, 10, 10, 20), Standard(1, 1, 12, 12, 60), Standard(2, 1, 30, 30, 40))
    window = Span(0, length)
    found = makings(there, 1, window, runs)
    assert (found[0].span.start_ms, found[-1].span.end_ms) == (0, length)
    assert all(one.span.end_ms == other.span.start_ms for one, other in pairwise(found))
    for made in found:
        for at_ms in {made.span.start_ms, max(made.span.end_ms - 1, made.span.start_ms)}:
            known = standard(there, 1, at_ms, runs)
            assert (known.ideal_cycle_ms if known else None) == made.ideal_cycle_ms


def test_the_standard_cut_reaches_the_kpis() -> None:
    """4 h at 1 s and 4 h at 2 s, both at full speed: performance 100, not 75 or 150."""
    counts = [
        Count(1, 1, 4 * HOUR, Role.GOOD, 14_400, 0),
        Count(2, 1, 8 * HOUR, Role.GOOD, 7_200, 4 * HOUR),
    ]
    run = (Interval(1, DAY, Category.RUN, State.RUN),)
    assert compute(DAY, tally(DAY, run, counts, makings(ONE, 1, DAY))).performance == 1.0


def test_rework_ends_where_a_normal_order_begins() -> None:
    runs = (
        Run(1, 1, Span(0, 10), 1),
        Run(2, 1, Span(10, 40), 1, rework=True),
        Run(3, 1, Span(30, 50), 1),
        Run(4, 1, Span(55, 60), 1, rework=True),
        Run(5, 1, Span(50, 70), 1),
        Run(6, 2, Span(60, 70), 1, rework=True),
    )
    assert rework_spans(runs, 1) == (Span(10, 30), Span(55, 60))


# -- cavities --


def strokes(pieces: int, at_ms: int = HOUR, from_ms: int = 0, flag: CountFlag = CountFlag.PLAIN) -> Count:
    return Count(1, 1, at_ms, Role.GOOD, pieces, from_ms, flag)


def made(counts: tuple[Count, ...] | None) -> int:
    assert counts is not None
    return sum(count.pieces for count in counts)


def test_540_strokes_of_four_cavities_are_2160_pieces() -> None:
    """D18."""
    counts, flags = pieces_of_strokes([strokes(1, n * 1000) for n in range(1, 541)], 4)
    assert (made(counts), flags) == (2160, ())


def test_a_blocked_cavity_makes_no_pieces_from_its_moment_on() -> None:
    counts, flags = pieces_of_strokes(
        [strokes(1, at_ms) for at_ms in (1000, 2000, 2001, 3000, 4001)],
        4,
        [OpenCavities(4000, 4), OpenCavities(2000, 3)],
    )
    assert counts is not None
    # A piece was made in the last millisecond before its count: the second one before the tap.
    assert [count.pieces for count in counts] == [4, 4, 3, 3, 4]
    assert flags == ()


def test_a_blocked_cavity_is_lost_performance() -> None:
    """Shot 20 s, 4 cavities, one blocked all hour: 180 strokes are 540 pieces of 5 s in 60 min: P = 75."""
    hour = Span(0, HOUR)
    counts, _flags = pieces_of_strokes([strokes(180)], 4, [OpenCavities(0, 3)])
    run = (Interval(1, hour, Category.RUN, State.RUN),)
    kpis = compute(hour, tally(hour, run, counts or (), (Making(hour, 1, cycle_per_piece(20_000, 4)),)))
    assert kpis.performance == 0.75


def test_strokes_over_a_gap_are_shared_out_by_working_time() -> None:
    """90 strokes in 3 h of which 1 h was a break; a cavity was blocked after the first: 45 x 4 + 45 x 3."""
    gap = strokes(90, 3 * HOUR, 0, CountFlag.GAP)
    blocked = [OpenCavities(HOUR, 3)]
    counts, _flags = pieces_of_strokes([gap], 4, blocked, (Span(0, HOUR), Span(2 * HOUR, 3 * HOUR)))
    assert counts is not None
    assert [(c.from_ms, c.at_ms, c.pieces, c.flag) for c in counts] == [
        (0, HOUR, 180, CountFlag.GAP),
        (HOUR, 3 * HOUR, 135, CountFlag.GAP),
    ]
    by_the_clock, _flags = pieces_of_strokes([gap], 4, blocked)
    assert made(by_the_clock) == 30 * 4 + 60 * 3


@given(st.integers(0, 1000), st.lists(st.integers(-10, 1010), max_size=5))
def test_words_that_change_nothing_lose_no_piece(pieces: int, moments: list[int]) -> None:
    counts, _flags = pieces_of_strokes(
        [strokes(pieces, 1000, 0, CountFlag.GAP)], 4, [OpenCavities(at_ms, 4) for at_ms in moments]
    )
    assert made(counts) == 4 * pieces


def test_cavities_that_cannot_be_are_flagged() -> None:
    assert pieces_of_strokes([strokes(10)], 0) == (None, ("bad_cavities",))
    counts, flags = pieces_of_strokes([strokes(10)], 4, [OpenCavities(0, 3), OpenCavities(1, -1)])
    assert (made(counts), flags) == (30, ("bad_cavities",))
    counts, flags = pieces_of_strokes([strokes(10)], 4, [OpenCavities(0, 5)])
    assert (made(counts), flags) == (50, ("more_open_than_designed",))
    counts, flags = pieces_of_strokes([strokes(10)], 4, [OpenCavities(0, 0)])
    assert (made(counts), flags) == (0, ())


def test_a_family_tool_credits_its_shot_once() -> None:
    """Shot 40 s makes 2 A and 2 B: 90 shots in the hour are 180 of each, performance 100, busy time one hour."""
    hour = Span(0, HOUR)
    cycle_ms = cycle_per_piece(40_000, 2, 2)
    run = (Interval(1, hour, Category.RUN, State.RUN),)
    parts = []
    for product in (1, 2):
        counts, _flags = pieces_of_strokes([strokes(90)], 2)
        parts.append(tally(hour, run, counts or (), (Making(hour, product, cycle_ms),)))
    kpis = compute(hour, together(parts))
    assert [(o.product, o.good) for o in kpis.sums.outputs] == [(1, 180), (2, 180)]
    assert (kpis.performance, kpis.oee, kpis.times.busy_ms) == (1.0, 1.0, HOUR)
    other = tally(Span(0, 10), (Interval(1, Span(0, 10), Category.RUN, State.RUN),))
    for wrong in ([], [parts[0], other]):
        with pytest.raises(ValueError, match="share its time"):
            together(wrong)


def test_the_cycle_of_a_piece_is_the_shot_by_design_cavities() -> None:
    assert cycle_per_piece(20_000, 4) == 5_000
    wrong = [(20_000, 0), (0, 4), (-1, 4), (float("nan"), 4), (20_000, 5, -1), (20_000,)]
    assert [cycle_per_piece(*each) for each in wrong] == [None] * len(wrong)  # type: ignore[arg-type]
