"""Live, reported, kept and explained: one arithmetic over a simulated day."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from desktop import simulation, summaries
from desktop.domain import calendar, kpi
from desktop.domain.figures import HourRow
from desktop.domain.spans import Span
from desktop.store import database, register, shift_sums
from desktop.store.database import Store


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A day and an hour of the demo line: two whole shifts and a part."""
    folder = tmp_path_factory.mktemp("day")
    simulation.simulate(folder, days=25 / 24, seed=5, say=lambda _words: None)
    store = database.open_reader(folder)
    yield store
    store.close()


def test_the_kept_the_reported_and_the_live_figures_are_equal(day: Store) -> None:
    now_ms = day.clock.now_ms()
    window = Span(0, now_ms)
    trends = {m.id: summaries.trend(day, m.id, window, now_ms) for m in register.plant(day).machines}
    shifts = [shift.shift for shift in trends[3]]
    assert len(shifts) == 3
    assert len(shift_sums.rows(day, 3, window)) == 2, "the shift that runs is not kept"
    for place, shift in enumerate(shifts):
        report = summaries.shift_report(day, shift, now_ms)
        ended_ms = min(shift.span.end_ms, now_ms)
        for row in report.machines:
            trend = trends[row.id][place].kpis
            assert trend == row.kpis
            assert {derived.kpi: derived.value for derived in row.derivations} == {
                derived.kpi: getattr(trend, derived.kpi) for derived in row.derivations
            }
            assert sum(hour.good or 0 for hour in _hours(day, row.id, ended_ms)) == row.kpis.pieces.good


def _hours(store: Store, machine: int, at_ms: int) -> tuple[HourRow, ...]:
    found = summaries.line_now(store, at_ms - 1)
    return next(m.hours for m in found.machines if m.id == machine)


def test_live_at_the_end_of_a_shift_is_the_report_of_that_moment(day: Store) -> None:
    shift = calendar.shifts_between(register.calendar(day), Span(0, day.clock.now_ms()))[-2]
    for at_ms in (shift.span.start_ms + 3_600_001, shift.span.end_ms - 1):
        live = {m.id: m.kpis for m in summaries.line_now(day, at_ms).machines}
        report = summaries.shift_report(day, shift, at_ms)
        assert live == {row.id: row.kpis for row in report.machines}
        line = summaries.line_now(day, at_ms)
        assert (line.line, line.good, line.target) == (report.line, report.good, report.target)


def test_shifts_added_up_are_the_day(day: Store) -> None:
    """A day's OEE is made of the seconds and pieces of its shifts, never a mean of their OEE."""
    kept = shift_sums.rows(day, 3, Span(0, day.clock.now_ms()))
    whole = kpi.compute(Span(kept[0].span.start_ms, kept[-1].span.end_ms), kpi.add(row.sums for row in kept))
    assert whole.times.busy_ms == sum(row.sums.times.busy_ms for row in kept)
    assert whole.oee == pytest.approx(30_000 * whole.pieces.good / whole.times.busy_ms)


def test_the_list_of_shifts_is_what_their_reports_say(day: Store) -> None:
    now_ms = day.clock.now_ms()
    running, *over = summaries.shift_figures(day, Span(0, now_ms), now_ms)
    assert (running.over, running.kpis, running.good) == (False, None, None)
    assert len(over) == 2
    for row in over:
        report = summaries.shift_report(day, row.shift, now_ms)
        assert (row.kpis, row.good, row.target) == (report.line, report.good, report.target)


def test_the_losses_of_many_shifts_are_those_of_their_sums(day: Store) -> None:
    now_ms = day.clock.now_ms()
    for machine in (None, 3):
        period = summaries.loss_period(day, Span(0, now_ms), now_ms, machine)
        assert [row.kpis is not None for row in period.shifts] == [True, True, False]
        assert period.whole is not None
        busy_ms = sum(row.kpis.times.busy_ms for row in period.shifts if row.kpis)
        assert period.whole.times.busy_ms == busy_ms
        lost_ms = sum(step.length_ms for step in period.losses)
        assert lost_ms == pytest.approx(busy_ms - (period.whole.ideal_good_ms or 0), abs=2)
    alone = summaries.loss_period(day, Span(0, now_ms), now_ms, 3, period.shift_names[0])
    assert {row.shift.name for row in alone.shifts} == {period.shift_names[0]}
    assert period.shifts[0].kpis == summaries.trend(day, 3, Span(0, now_ms), now_ms)[0].kpis
