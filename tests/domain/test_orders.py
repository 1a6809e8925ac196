"""The plan as it stood, how far an order is, and what changeovers took."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from desktop.domain import orders
from desktop.domain.calendar import Shift
from desktop.domain.orders import Changeover, FromTo, Order, OrderStatus, OrderVersion, Progress
from desktop.domain.spans import Span

MINUTE, HOUR = 60_000, 3_600_000
DAY = date(2026, 11, 19)
START = 1_795_042_800_000
SHIFT = Shift("주간", DAY, Span(START, START + 12 * HOUR))
FIRST = Order(1, "WO-1", 1, 500, planned_on=DAY, place=0)
SECOND = Order(2, "WO-2", 2, 300, planned_on=DAY, place=1)


def test_the_frozen_plan_is_the_one_with_which_the_shift_began() -> None:
    versions = [
        OrderVersion(START - 10 * MINUTE, FIRST),
        OrderVersion(START - 10 * MINUTE, SECOND),
        OrderVersion(START + 3 * HOUR, replace(FIRST, quantity=800, place=2)),
        OrderVersion(START + 3 * HOUR, SECOND, retired=True),
        OrderVersion(START + 3 * HOUR, Order(3, "WO-3", 1, 90, planned_on=DAY, place=0)),
    ]
    at_ten = orders.shift_plan(versions, SHIFT, START + 2 * HOUR)
    assert [o.code for o in at_ten.adjusted] == ["WO-1", "WO-2"]
    found = orders.shift_plan(versions, SHIFT, START + 4 * HOUR)
    assert [(o.code, o.quantity) for o in found.frozen] == [("WO-1", 500), ("WO-2", 300)]
    assert [(o.code, o.quantity) for o in found.adjusted] == [("WO-3", 90), ("WO-1", 800)]
    assert not found.late
    afterwards = [*versions, OrderVersion(START + 20 * HOUR, FIRST, retired=True)]
    assert orders.shift_plan(afterwards, SHIFT, START + 21 * HOUR).adjusted == found.adjusted, "the shift was over"


def test_a_plan_that_comes_too_late_is_the_frozen_one_and_says_so() -> None:
    versions = [
        OrderVersion(START + 20 * MINUTE, FIRST),
        OrderVersion(START + 3 * HOUR, replace(FIRST, quantity=1)),
    ]
    found = orders.shift_plan(versions, SHIFT, START + 4 * HOUR)
    assert ([o.quantity for o in found.frozen], [o.quantity for o in found.adjusted], found.late) == ([500], [1], True)


@pytest.mark.parametrize(
    "order",
    [
        replace(FIRST, shift="야간"),
        replace(FIRST, planned_on=date(2026, 11, 20)),
        replace(FIRST, planned_on=None),
        replace(FIRST, status=OrderStatus.CANCELLED),
    ],
)
def test_what_is_not_of_this_shift_is_not_in_its_plan(order: Order) -> None:
    assert orders.shift_plan([OrderVersion(START - 1, order)], SHIFT, START + HOUR).frozen == ()


def test_an_order_that_is_behind_says_when_it_will_be_done_and_how_late_that_is() -> None:
    busy = [Span(START, START + 2 * HOUR), Span(START + 3 * HOUR, START + 12 * HOUR)]
    found = orders.progress(300, 100, START + HOUR, 30_000, busy, START + 2 * HOUR)
    # 200 pieces at 30 s are 100 minutes: an hour before the break, 40 minutes behind it
    assert found == Progress(100, 200, 0, START + 3 * HOUR + 40 * MINUTE, HOUR + 40 * MINUTE)


def test_over_production_is_a_number_and_the_order_is_done() -> None:
    assert orders.progress(300, 312, START, None, (), START + HOUR) == Progress(312, 0, 12, START, 0)


def test_without_a_pace_nobody_knows_the_end() -> None:
    assert orders.progress(300, 12, START, None, [Span(START, START + HOUR)], START) == Progress(12, 288, 0, None, None)
    assert orders.pace_ms(100, 9 * MINUTE) is None
    assert orders.pace_ms(0, HOUR) is None
    assert orders.pace_ms(100, 50 * MINUTE) == 30_000


@given(st.integers(1, 10**6), st.integers(0, 10**6))
def test_made_remaining_and_over_add_up(quantity: int, made: int) -> None:
    found = orders.progress(quantity, made, START, None, ())
    assert found.made + found.remaining - found.over == quantity
    assert not (found.remaining and found.over)


def test_the_matrix_has_the_median_and_the_best_of_each_way() -> None:
    def changed(minutes: int | None, first: int | None = 1, second: int | None = 2) -> Changeover:
        return Changeover(7, START, None if minutes is None else START + minutes * MINUTE, first, second)

    found = orders.matrix(
        [changed(30), changed(20), changed(50), changed(12, 2, 1), changed(None), changed(9, None), changed(9, 1, None)]
    )
    assert found == (FromTo(1, 2, 3, 30 * MINUTE, 20 * MINUTE), FromTo(2, 1, 1, 12 * MINUTE, 12 * MINUTE))
