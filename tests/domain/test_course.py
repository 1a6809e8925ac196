"""What is due hour by hour: what was made at that time, then what is planned; the hours of a shift add up to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from desktop.domain import targets
from desktop.domain.calendar import Calendar, PlannedStop, Shift, ShiftPattern, hours_of, shift_at
from desktop.domain.course import Course, course, frozen, made_before, off_of
from desktop.domain.making import Run
from desktop.domain.orders import Order, OrderKind, OrderStatus, OrderVersion
from desktop.domain.plant import Machine, Plant, Product, Standard
from desktop.domain.spans import Span

MINUTE, HOUR = 60_000, 3_600_000
ON = date(2026, 11, 19)
SHOP = Calendar(ZoneInfo("UTC"), (ShiftPattern(1, "Day", time(8), time(16), frozenset(range(1, 8))),))
START = 1_795_075_200_000  # 08:00 of that day
SHIFT = shift_at(SHOP, START) or Shift("", ON, Span(0, 0))
PRESS = Machine(1, "PR-01", "Press", 0)
LATER = START + 3 * HOUR
EVER = 1 << 60
PLANT = Plant(
    "", "", "UTC", 1, (PRESS,), products=(Product(1, "P", "P"), Product(2, "Q", "Q"), Product(3, "R", "R")),
    standards=(
        Standard(1, 1, 50_000.0, MINUTE), Standard(2, 1, 100_000.0, 2 * MINUTE),
        Standard(2, 1, 50_000.0, MINUTE, valid_from_ms=START + 6 * HOUR),
    ),
)  # fmt: skip
FIRST = Order(1, "WO-1", 1, 120, planned_on=ON, place=0)
SECOND = Order(2, "WO-2", 2, 60, planned_on=ON, place=1)
PLANNED = (OrderVersion(START - HOUR, FIRST), OrderVersion(START - HOUR, SECOND))


def at(hour: float) -> int:
    return START + round(hour * HOUR)


def run(number: int, product: int | None, start: float, end: float | None = None, **more: object) -> Run:
    return replace(Run(number, 1, Span(at(start), EVER if end is None else at(end)), product), **more)


def hours(
    runs: Sequence[Run], versions: Sequence[OrderVersion] = (), now: float = 8, off: Sequence[Span] = ()
) -> list[int | None]:
    found = course(PLANT, 1, SHIFT, off, runs, versions, at(now))
    assert found is not None
    return [found.target(span) for span in hours_of(SHIFT)]


def test_each_hour_follows_what_was_made_in_it() -> None:
    made = [run(1, 1, -2, 3), run(2, 2, 3)]
    assert hours(made) == [60, 60, 60, 30, 30, 30, 60, 60], "the standard of the second changed at 14:00"
    assert hours(made[:1], now=2) == [60] * 8, "till something else is said the pace goes on"


def test_another_order_never_moves_the_hours_before_it() -> None:
    before = hours([run(1, 1, 0)], now=3)
    after = hours([run(1, 1, 0, 3), run(2, 2, 3)], now=3)
    assert before[:3] == after[:3]
    assert before[3:] != after[3:]


def test_an_order_whose_product_changes_in_the_plan_never_moves_the_hours_before() -> None:
    changed = (
        *PLANNED,
        OrderVersion(LATER, replace(FIRST, product=2)),
        OrderVersion(LATER, replace(SECOND, quantity=9)),
    )
    for runs in ([], [run(1, 1, 0, order="WO-1")], [run(1, 1, 1, order="WO-1")]):
        for now in (3, 5, 8):
            assert hours(runs, PLANNED, now)[:3] == hours(runs, changed, now)[:3], (runs, now)
    [first, second] = [
        frozen(PLANT, PRESS, SHOP, SHIFT, versions, at(8)) for versions in (PLANNED, changed)
    ]  # fmt: skip
    assert first == second
    assert first is not None
    assert [item.pieces for item in first.items] == [120, 60]


def test_what_is_to_come_follows_the_queue_and_behind_it_nothing_is_due() -> None:
    assert hours([run(1, 1, 0, order="WO-1")], PLANNED, now=1) == [60, 60, 30, 30, 0, 0, 0, 0]
    assert hours([], PLANNED, now=1) == [60, 60, 30, 30, 0, 0, 0, 0], "nobody says what is made: then the plan"
    other_way = [run(1, 2, 0, order="WO-2")]
    assert hours(other_way, PLANNED, now=1) == [30, 30, 60, 60, 0, 0, 0, 0], "what was begun goes first"
    slow = hours([run(1, 1, 0, order="WO-1")], PLANNED, now=3)
    assert slow == [60, 60, 60, 30, 30, 0, 0, 0], "an order that takes longer keeps its pace while it runs"


def test_between_orders_the_pace_goes_on_and_rework_is_no_first_pass() -> None:
    assert hours([run(1, 1, 0, 1), run(2, 2, 2)]) == [60, 60, 30, 30, 30, 30, 60, 60]
    assert hours([run(1, 1, 0, 1), run(2, 1, 1, 2, rework=True), run(3, 1, 2)])[:3] == [60, 0, 60]


def test_an_hour_of_which_nobody_knows_what_was_made_has_no_target() -> None:
    assert hours([run(1, 1, 0, 1), run(2, None, 1, 2), run(3, 1, 2)]) == [60, None, *[60] * 6]
    whole = course(PLANT, 1, SHIFT, (), [run(1, 1, 0, 1), run(2, None, 1, 2), run(3, 1, 2)], (), at(8))
    assert whole is not None
    assert (whole.due(at(1)), whole.due(at(3))) == (60, None)
    assert course(PLANT, 1, SHIFT, (), (), (), at(8)) is None, "several products have a standard and nobody said which"
    assert hours([run(1, 3, 0, 1), run(3, 1, 1)])[0] is None, "no standard: another product's is never borrowed"


def test_breaks_and_planned_stops_of_an_hour_are_taken_off() -> None:
    planned = PlannedStop(Span(at(2.5), at(3.5)), None, approved_at_ms=START - HOUR)
    shop = replace(SHOP, planned=(planned, PlannedStop(Span(at(5), at(6)), None, approved_at_ms=at(5.5))))
    off = off_of(shop, SHIFT, PRESS)
    assert hours([run(1, 1, 0)], off=off) == [60, 60, 30, 30, 60, 60, 60, 60], "approved while it was on: no plan"
    late = replace(SHOP, planned=(replace(planned, approved_at_ms=at(1)),))
    plan = frozen(PLANT, PRESS, late, SHIFT, PLANNED, at(8))
    assert plan is not None
    assert [targets.target(plan, span) for span in hours_of(SHIFT)] == [60, 60, 30, 30, 0, 0, 0, 0], "frozen"
    assert hours([run(1, 1, 0)], off=off_of(late, SHIFT, PRESS))[2:4] == [30, 30], "adjusted"


def test_the_frozen_plan_of_an_order_that_any_shift_may_make_is_what_was_left_of_it() -> None:
    assert made_before(PLANNED, SHIFT, {"WO-1": 50, "other": 7}) == {1: 50}
    bound = [OrderVersion(START - HOUR, replace(FIRST, shift="Day"))]
    assert made_before(bound, SHIFT, {"WO-1": 50}) == {}
    plan = frozen(PLANT, PRESS, SHOP, SHIFT, PLANNED, at(8), {1: 50})
    assert plan is not None
    assert [item.pieces for item in plan.items] == [70, 60]


def test_orders_of_the_line_pass_a_machine_that_has_no_standard_and_rework_takes_time_only() -> None:
    other = OrderVersion(START - HOUR, Order(3, "WO-3", 3, 40, planned_on=ON, place=-1))
    again = OrderVersion(START - HOUR, replace(FIRST, kind=OrderKind.REWORK))
    versions = (other, again, PLANNED[1])
    plan = frozen(PLANT, PRESS, SHOP, SHIFT, versions, at(8))
    assert plan is not None
    assert [targets.target(plan, span) for span in hours_of(SHIFT)] == [0, 0, 30, 30, 0, 0, 0, 0]
    assert hours([], versions) == [0, 0, 30, 30, 0, 0, 0, 0]
    done = (*PLANNED, OrderVersion(LATER, replace(SECOND, status=OrderStatus.DONE)))
    assert hours([run(1, 1, 0, 2, order="WO-1")], done) == [60, 60, 30, 0, 0, 0, 0, 0], "nothing is left of the plan"


RUNS = st.lists(
    st.tuples(st.sampled_from([1, 2]), st.floats(-2, 7), st.floats(0.1, 5), st.sampled_from(["WO-1", "WO-2", ""])),
    max_size=4,
)
PLANS = st.lists(
    st.tuples(st.sampled_from([1, 2]), st.integers(1, 400), st.floats(-1, 7), st.sampled_from([1, 2])), max_size=4
)


def _runs(told: list[tuple[int, float, float, str]]) -> list[Run]:
    return [run(n, p, start, start + length, order=o) for n, (p, start, length, o) in enumerate(told, 1)]


def _versions(told: list[tuple[int, int, float, int]]) -> list[OrderVersion]:
    return [
        OrderVersion(at(entered), Order(number, f"WO-{number}", product, pieces, planned_on=ON, place=number))
        for product, pieces, entered, number in told
    ]


@given(RUNS, PLANS, st.floats(0, 8), st.lists(st.floats(0, 8), max_size=4), st.integers(0, 7))
def test_any_cut_adds_up_to_the_shift(
    runs: list[tuple[int, float, float, str]],
    plan: list[tuple[int, int, float, int]],
    now: float,
    cuts: list[float],
    pause: int,
) -> None:
    off = (Span(at(pause), at(pause + 0.25)),)
    found = course(PLANT, 1, SHIFT, off, _runs(runs), _versions(plan), at(now))
    if found is None:
        return
    edges = sorted({START, SHIFT.span.end_ms, *map(at, cuts)})
    parts = [found.target(Span(low, high)) for low, high in pairwise(edges)]
    whole = found.due(SHIFT.span.end_ms)
    assert (whole is None) == (None in parts)
    if whole is not None:
        assert sum(part or 0 for part in parts) == whole
        assert sum(found.target(span) or 0 for span in hours_of(SHIFT)) == whole
    assert [part.span.start_ms for part in found.parts[1:]] == [part.span.end_ms for part in found.parts[:-1]]


@given(RUNS, PLANS, st.integers(1, 7), PLANS, st.sampled_from([1, 2]))
def test_what_is_said_and_planned_from_an_hour_on_never_moves_the_hours_before(
    runs: list[tuple[int, float, float, str]],
    plan: list[tuple[int, int, float, int]],
    hour: int,
    changes: list[tuple[int, int, float, int]],
    product: int,
) -> None:
    before = [each for each in _runs(runs) if each.span.start_ms < at(hour)]
    versions = [each for each in _versions(plan) if each.entered_at_ms < at(hour)]
    new = [replace(each, entered_at_ms=max(each.entered_at_ms, at(hour))) for each in _versions(changes)]
    cut = [replace(each, span=Span(each.span.start_ms, min(each.span.end_ms, at(hour)))) for each in before]
    then = course(PLANT, 1, SHIFT, (), before, versions, at(hour))
    later = course(PLANT, 1, SHIFT, (), [*cut, run(9, product, hour)], [*versions, *new], at(8))
    if then is None or later is None or None in _till(then, hour):
        return  # of time before the first word nothing was known; what is said first tells what it was
    assert _till(then, hour) == _till(later, hour)


def _till(found: Course, hour: int) -> list[int | None]:
    return [found.target(span) for span in hours_of(SHIFT)[:hour]]
