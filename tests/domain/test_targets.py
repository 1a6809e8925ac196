"""Targets are cumulative: the hours of a shift add up to it."""

from __future__ import annotations

from datetime import date, datetime, time
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.calendar import (
    Calendar,
    DayException,
    Kind,
    Pause,
    PlannedStop,
    Shift,
    ShiftPattern,
    hours_of,
    shift_at,
)
from desktop.domain.plant import Machine
from desktop.domain.spans import Span
from desktop.domain.targets import (
    Overtime,
    Plan,
    PlanItem,
    PlanVersion,
    achievement,
    due,
    finish,
    forecast,
    overtime,
    pace_ms,
    plan_as_of,
    plan_of,
    target,
)

MINUTE, HOUR = 60_000, 3_600_000


def shift(hours: float, *breaks: Span) -> Shift:
    return Shift("Day", date(2026, 11, 19), Span(0, round(hours * HOUR)), tuple(Pause("b", b) for b in breaks))


def steady(day: Shift, cycle_ms: float) -> Plan:
    return plan_of(day, (PlanItem(1, cycle_ms),))


BREAKS = st.lists(st.builds(lambda a, n: Span(a, a + n), st.integers(0, 8 * HOUR), st.integers(0, HOUR)), max_size=3)
ITEMS = st.lists(
    st.builds(
        PlanItem,
        st.integers(1, 3),
        st.floats(100, 400_000),
        st.none() | st.integers(0, 500),
        st.integers(0, 2 * HOUR),
    ),
    min_size=1,
    max_size=4,
)


@given(st.floats(0.5, 12), BREAKS, BREAKS, ITEMS, st.lists(st.integers(-HOUR, 13 * HOUR), max_size=5))
def test_any_cut_of_a_shift_adds_up_to_it(
    hours: float, breaks: list[Span], stops: list[Span], items: list[PlanItem], cuts: list[int]
) -> None:
    day = shift(hours, *breaks)
    plan = plan_of(day, items, stops)
    rows = [target(plan, hour) or 0 for hour in hours_of(day)]
    assert sum(rows) == due(plan, day.span.end_ms)
    assert all(row >= 0 for row in rows)
    edges = sorted([-HOUR, *cuts, 13 * HOUR])
    parts = [target(plan, Span(low, high)) or 0 for low, high in pairwise(edges)]
    assert sum(parts) == due(plan, day.span.end_ms)
    assert all(part >= 0 for part in parts)
    assert due(plan, -1) == 0


def test_a_break_makes_nothing_due() -> None:
    plan = steady(shift(8, Span(4 * HOUR, 5 * HOUR)), 60_000)
    assert due(plan, 4 * HOUR) == due(plan, 5 * HOUR) == 240
    assert due(plan, 8 * HOUR) == due(plan, 99 * HOUR) == 420
    assert plan.flags == ()


def test_a_machine_that_works_unattended_has_no_breaks() -> None:
    plan = plan_of(shift(8, Span(4 * HOUR, 5 * HOUR)), (PlanItem(1, 60_000),), unattended=True)
    assert due(plan, 8 * HOUR) == 480


def test_half_a_piece_counts_up() -> None:
    assert due(steady(shift(1), 2 * 30_000), 30_000) == 1


def test_hours_of_a_cycle_that_does_not_fit_add_up() -> None:
    """7 min a piece: hours of 9, 8, 9, 8 ... and 69 in 8 h, not 8 x 9."""
    day = shift(8)
    plan = steady(day, 7 * MINUTE)
    assert [target(plan, hour) for hour in hours_of(day)] == [9, 8, 9, 8, 9, 8, 9, 9]
    assert due(plan, 8 * HOUR) == 69


def test_items_follow_each_other_with_their_planned_set_up() -> None:
    """120 of 1 min; then 30 min set-up and 2 min each until the end: 60, 60, 15, 30 and 15 in the half hour."""
    day = shift(4.5)
    plan = plan_of(day, (PlanItem(1, 60_000, 120), PlanItem(2, 120_000, None, 30 * MINUTE)))
    assert [target(plan, hour) for hour in hours_of(day)] == [60, 60, 15, 30, 15]
    assert plan.flags == ()


def test_a_plan_that_is_done_makes_nothing_more_due() -> None:
    day = shift(3)
    plan = plan_of(day, (PlanItem(1, 60_000, 90),))
    assert [target(plan, hour) for hour in hours_of(day)] == [60, 30, 0]


@pytest.mark.parametrize(
    ("item", "flag"),
    [
        (PlanItem(2, None), "no_standard"),
        (PlanItem(2, 0.0), "bad_standard"),
        (PlanItem(2, -5.0), "bad_standard"),
        (PlanItem(2, float("nan")), "bad_standard"),
        (PlanItem(2, float("inf")), "bad_standard"),
        (PlanItem(2, 60_000, -1), "bad_quantity"),
        (PlanItem(2, 60_000, 10, -1), "bad_setup"),
    ],
)
def test_from_an_unknown_item_on_nothing_is_known(item: PlanItem, flag: str) -> None:
    day = shift(3)
    plan = plan_of(day, (PlanItem(1, 60_000, 90), item, PlanItem(3, 60_000)))
    assert [target(plan, hour) for hour in hours_of(day)] == [60, None, None]
    assert due(plan, 90 * MINUTE) == 90
    assert flag in plan.flags


def test_a_plan_says_what_is_wrong_with_it() -> None:
    day = shift(1)
    assert (due(plan_of(day, ()), HOUR), plan_of(day, ()).flags) == (None, ("no_plan",))
    endless = plan_of(day, (PlanItem(1, 60_000), PlanItem(2, 60_000, 5)))
    assert (due(endless, HOUR), endless.flags) == (60, ("after_open_end",))
    much = plan_of(day, (PlanItem(1, 60_000, 60, 1),))
    assert (due(much, HOUR), much.flags) == (60, ("plan_exceeds_shift",))


def test_achievement_is_by_the_frozen_plan() -> None:
    assert achievement(300, 400) == 0.75
    assert [achievement(None, 400), achievement(300, None), achievement(300, 0)] == [None, None, None]


# -- frozen and adjusted --

SEOUL = ZoneInfo("Asia/Seoul")
PATTERN = ShiftPattern(1, "Day", time(8), time(18), frozenset(range(1, 8)))


def at(local: str) -> int:
    return round(datetime.fromisoformat(f"2026-11-19T{local}").replace(tzinfo=SEOUL).timestamp() * 1000)


def test_the_frozen_plan_is_the_one_of_the_start_whatever_changes() -> None:
    calendar = Calendar(
        SEOUL,
        (PATTERN,),
        exceptions=(DayException(date(2026, 11, 19), Kind.OVERTIME, 1, end=time(20), entered_at_ms=at("12:00")),),
        planned=(
            PlannedStop(Span(at("09:00"), at("10:00")), None, at("07:00")),
            PlannedStop(Span(at("14:00"), at("15:00")), None, at("11:00")),  # in time, but after the shift began
            PlannedStop(Span(at("16:00"), at("16:30")), 2, at("07:00")),
        ),
    )
    day = shift_at(calendar, at("10:00"))
    assert day is not None
    versions = (
        PlanVersion(at("10:30"), (PlanItem(1, 30_000),)),
        PlanVersion(at("07:00"), (PlanItem(1, 60_000),)),
    )
    frozen = plan_as_of(calendar, day, versions, day.span.start_ms)
    adjusted = plan_as_of(calendar, day, versions, at("13:00"))
    assert frozen is not None
    assert adjusted is not None
    assert (frozen.span.end_ms, adjusted.span.end_ms) == (at("18:00"), at("20:00"))
    assert due(frozen, at("20:00")) == 9 * 60
    assert due(adjusted, at("20:00")) == 10 * 120
    second = plan_as_of(calendar, day, versions, day.span.start_ms, Machine(2, "M", "M", 0))
    assert second is not None
    assert due(second, at("20:00")) == 510


def test_without_a_plan_or_a_shift_at_the_start_there_is_no_frozen_plan() -> None:
    extra = DayException(date(2026, 11, 19), Kind.EXTRA, 1, entered_at_ms=at("09:00"))
    off = Calendar(SEOUL, (ShiftPattern(1, "Day", time(8), time(18), frozenset()),), exceptions=(extra,))
    day = shift_at(off, at("10:00"))
    assert day is not None
    versions = (PlanVersion(at("07:00"), (PlanItem(1, 60_000),)),)
    assert plan_as_of(off, day, versions, day.span.start_ms) is None
    assert plan_as_of(off, day, versions, at("10:00")) is not None
    assert plan_as_of(off, day, (PlanVersion(at("11:00"), ()),), at("10:00")) is None


# -- what is to come --


def test_the_forecast_waits_for_ten_minutes_of_work() -> None:
    day = shift(8, Span(4 * HOUR, 5 * HOUR))
    assert forecast(10, day, 599_999) is None
    assert forecast(10, day, 600_000) == 420
    assert forecast(240, day, 5 * HOUR) == 420
    assert forecast(300, day, 8 * HOUR) == 300
    assert forecast(None, day, HOUR) is None
    assert forecast(7, None, HOUR) == 7
    assert forecast(0, day, -HOUR) is None
    assert forecast(10, day, 600_000, [Span(5 * HOUR, 6 * HOUR)]) == 360


def test_the_pace_is_net_time_per_good_piece() -> None:
    plan = steady(shift(8, Span(HOUR, 2 * HOUR)), 60_000)
    assert pace_ms(120, plan, 3 * HOUR) == 60_000
    assert [pace_ms(good, plan, 3 * HOUR) for good in (None, 0, -3)] == [None, None, None]
    assert pace_ms(5, plan, 5 * MINUTE) is None


def test_what_is_left_is_done_in_planned_busy_time() -> None:
    busy = (Span(0, 4 * HOUR), Span(5 * HOUR, 8 * HOUR))
    assert finish(120, 60_000, HOUR, busy) == 3 * HOUR
    assert finish(180, 60_000, HOUR, busy) == 4 * HOUR
    assert finish(181, 60_000, HOUR, busy) == 5 * HOUR + MINUTE
    assert finish(60, 60_000, 4 * HOUR + MINUTE, busy) == 6 * HOUR
    assert finish(0, None, HOUR, busy) == HOUR
    assert finish(400, 60_000, HOUR, busy) is None
    assert [finish(1, cycle, HOUR, busy) for cycle in (None, 0.0, float("nan"))] == [None, None, None]


def test_overtime_is_what_the_shift_does_not_hold() -> None:
    plan = steady(shift(8, Span(4 * HOUR, 5 * HOUR)), 60_000)
    assert overtime(100, 60_000, 7 * HOUR, plan) == Overtime(8 * HOUR + 40 * MINUTE, 40 * MINUTE)
    assert overtime(60, 60_000, 7 * HOUR, plan) == Overtime(8 * HOUR, 0)
    assert overtime(100, 60_000, 7 * HOUR, plan, 8 * HOUR).flags == ("reaches_next_shift",)
    assert overtime(100, None, 7 * HOUR, plan) == Overtime(None, None, ("no_pace",))
    assert overtime(10, 60_000, 9 * HOUR, plan) == Overtime(9 * HOUR + 10 * MINUTE, 70 * MINUTE)
    assert overtime(0, 60_000, 9 * HOUR, plan).extra_ms == 0
