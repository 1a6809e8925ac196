"""Where the time went: to the millisecond, and never hiding what nobody explained."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.events import State
from desktop.domain.figures.losses import WeekHour
from desktop.domain.intervals import STOPPED, Category, Interval
from desktop.domain.kpi import Output, Sums, Times, compute
from desktop.domain.losses import UNLABELLED, Cause, Stood, add, biggest, causes, lost, pareto, short_stops, waterfall
from desktop.domain.spans import Span
from tests.domain.example import kpis as kpis_of

MINUTE = 60_000


def interval(
    start: int, end: int, category: Category, state: State, stop_id: int = 0, reason: int | None = None
) -> Interval:
    return Interval(1, Span(start, end), category, state, stop_id, reason=reason)


def test_the_waterfall_of_the_canonical_example() -> None:
    """E1 in seconds: 25,200 = 2,820 + 3,109 + 423 + 18,848."""
    found = (
        interval(0, 373 * MINUTE, Category.RUN, State.RUN),
        interval(373 * MINUTE, 420 * MINUTE, Category.STOP, State.STOP, 1),
    )
    kpis = kpis_of(Span(0, 420 * MINUTE), found, 18_848, 423, 1000)
    steps = {step.kind: step.length_ms / 1000 for step in waterfall(kpis, found)}
    assert steps["busy"] == 25_200
    assert steps["unlabelled"] + steps["stop"] + steps["setup"] + steps["wait"] == 2820
    assert steps["speed"] + steps["short_stop"] == 3109
    assert (steps["reject"], steps["productive"]) == (423, 18_848)


lengths = st.lists(
    st.tuples(st.sampled_from(list(Category)), st.integers(1, 5000), st.sampled_from([None, 7])),
    min_size=1,
    max_size=12,
)


@given(lengths, st.integers(0, 50), st.integers(0, 50), st.none() | st.floats(0.5, 200))
def test_the_waterfall_closes(
    rows: list[tuple[Category, int, int | None]], good: int, reject: int, ideal_ms: float | None
) -> None:
    """D15, also with a standard that is too slow (the speed loss is then negative)."""
    found, at_ms = [], 0
    for category, length_ms, reason in rows:
        found.append(interval(at_ms, at_ms + length_ms, category, State.STOP, 1, reason))
        at_ms += length_ms
    kpis = kpis_of(Span(0, at_ms), found, good, reject, ideal_ms)
    steps = waterfall(kpis, found)
    for step in steps:
        assert step.pieces is None if ideal_ms is None else step.pieces == pytest.approx(step.length_ms / ideal_ms)
    left = 0
    for step in steps:
        if step.kind == "busy":
            left = step.length_ms
        elif step.total:
            assert step.length_ms == left
        else:
            left -= step.length_ms
    assert steps[0].length_ms == kpis.times.busy_ms
    assert steps[-1].kind == ("up" if ideal_ms is None else "productive")
    assert {step.kind for step in steps if step.total} <= {"busy", "up", "productive"}


def test_what_nobody_explained_is_always_there_and_always_last() -> None:
    found = [
        interval(0, 100, Category.STOP, State.FAULT, 1),
        interval(100, 120, Category.STOP, State.STOP, 1),
        interval(120, 150, Category.SETUP, State.SETUP, 2),
        interval(150, 160, Category.WAIT, State.STARVED, 3),
        interval(160, 170, Category.RUN, State.RUN),
        interval(170, 220, Category.STOP, State.STOP, 4, reason=9),
        interval(220, 250, Category.WAIT, State.STARVED, 5),
        interval(250, 260, Category.SHORT_STOP, State.STOP, 6),
    ]
    rows = pareto(causes(found))
    assert [(r.category, r.length_ms, r.count, r.labelled) for r in rows] == [
        (Category.STOP, 100, 1, True),  # a breakdown says so itself
        (Category.STOP, 50, 1, True),
        (Category.WAIT, 40, 2, True),
        (Category.SETUP, 30, 1, True),
        (Category.STOP, 20, 1, False),
    ]
    assert [r.labelled for r in pareto({})] == [False]
    assert short_stops(found) == 1


def test_what_took_most_of_an_hour() -> None:
    found = [interval(0, 30, Category.STOP, State.STOP, 1), interval(40, 90, Category.WAIT, State.BLOCKED, 2)]
    assert biggest(found, Span(10, 70)) == (found[1], 30)
    assert biggest(found, Span(0, 50)) == (found[0], 30)
    assert biggest(found, Span(90, 100)) is None
    # Several of one kind together take more than the longest alone, each by itself shorter than that.
    found += [
        interval(at, at + 20, Category.SHORT_STOP, state, at) for at, state in ((100, State.STOP), (130, State.IDLE))
    ]
    assert biggest(found, Span(80, 150)) == (found[2], 40)
    found += [interval(150, 185, Category.STOP, State.STOP, 7, reason=9), interval(185, 220, Category.STOP, State.STOP)]
    assert biggest(found, Span(80, 220)) == (found[2], 40), "what has a reason is not of one kind with what has none"


@pytest.mark.parametrize("category", list(Category))
def test_time_that_is_no_standstill_is_in_no_pareto(category: Category) -> None:
    rows = pareto(causes([interval(0, 10, category, State.STOP, 1)]))
    assert sum(r.length_ms for r in rows) == (10 if category in STOPPED else 0)


def test_time_becomes_pieces_by_the_mean_cycle_of_what_was_made() -> None:
    """100 pieces of 1 s and 300 of 3 s: one piece is 2.5 s; 50 s of standstill are 20 pieces."""
    times = Times(run_ms=1_000_000, stop_ms=50_000)
    outputs = (Output(1, 1000.0, 100, 0), Output(2, 3000.0, 300, 0))
    steps = {step.kind: step.pieces for step in waterfall(compute(Span(0, 1_050_000), Sums(times, outputs)), ())}
    assert (steps["stop"], steps["productive"]) == (20, 400)
    nothing = (Output(1, 1000.0), Output(2, 3000.0))
    assert waterfall(compute(Span(0, 1_050_000), Sums(times, nothing)), ())[0].pieces is None


HOUR = 3_600_000
MONDAY = 1_761_519_600_000  # 2025-10-27 00:00 in Berlin, the day after the clock went back


def test_a_stop_that_goes_on_is_counted_where_it_began() -> None:
    found = [
        interval(0, 10, Category.STOP, State.STOP, 4),
        interval(10, 20, Category.PLANNED, State.IDLE),
        interval(20, 30, Category.STOP, State.STOP, 4),
        interval(30, 40, Category.STOP, State.FAULT, 4),
        interval(40, 50, Category.STOP, State.STOP, 9),
        interval(50, 60, Category.NO_DATA, State.UNKNOWN),
    ]
    fault = Cause(Category.STOP, State.FAULT)
    silent = Cause(Category.NO_DATA, State.UNKNOWN)
    assert causes(found) == {UNLABELLED: Stood(30, 2), fault: Stood(10, 1), silent: Stood(10, 0)}
    assert causes(found, going_on=4) == {UNLABELLED: Stood(30, 1), fault: Stood(10, 1), silent: Stood(10, 0)}
    halves = add((lost(found[:4], ZoneInfo("UTC")), lost(found[4:], ZoneInfo("UTC"))))
    assert halves == lost(found, ZoneInfo("UTC"))


def test_hours_of_the_week_are_those_of_the_plant_also_where_the_clock_changes() -> None:
    """The night of 26 October 2025 has two hours of 02:00; hours of half-hour zones begin at their own full hour."""
    night = interval(MONDAY - 24 * HOUR, MONDAY - 20 * HOUR, Category.STOP, State.STOP, 1)  # 01:00 to 04:00
    hours = lost([night], ZoneInfo("Europe/Berlin")).hours
    sunday = 6 * 24
    assert {hour - sunday: sums.lost_ms // HOUR for hour, sums in hours.items()} == {1: 1, 2: 2, 3: 1}
    hours = lost([night], ZoneInfo("Australia/Adelaide")).hours  # UTC 23:00 is 09:30 there
    assert {hour - sunday: sums.lost_ms for hour, sums in hours.items()} == {
        9: HOUR // 2, 10: HOUR, 11: HOUR, 12: HOUR, 13: HOUR // 2,
    }  # fmt: skip


def test_an_hour_holds_scheduled_time_its_silence_and_its_downtime() -> None:
    parts = [
        interval(MONDAY, MONDAY + 10 * MINUTE, Category.NO_DATA, State.UNKNOWN),
        interval(MONDAY + 10 * MINUTE, MONDAY + 30 * MINUTE, Category.RUN, State.RUN),
        interval(MONDAY + 30 * MINUTE, MONDAY + 40 * MINUTE, Category.SHORT_STOP, State.STOP, 1),
        interval(MONDAY + 40 * MINUTE, MONDAY + 80 * MINUTE, Category.WAIT, State.STARVED, 2),
        interval(MONDAY + 80 * MINUTE, MONDAY + 100 * MINUTE, Category.PLANNED, State.IDLE),
    ]
    idle = (Span(MONDAY + 25 * MINUTE, MONDAY + 30 * MINUTE), parts[-1].span)  # it ran on into the first break
    hours = lost(parts, ZoneInfo("Europe/Berlin"), idle).hours
    assert hours == {
        0: WeekHour(55 * MINUTE, 10 * MINUTE, 20 * MINUTE),
        1: WeekHour(20 * MINUTE, 0, 20 * MINUTE),
    }
    assert hours[0].lost_ratio == pytest.approx(20 / 45)
    assert WeekHour(5, 5, 0).lost_ratio is None
