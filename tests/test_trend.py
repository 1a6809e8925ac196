"""Live, reported, kept and explained: one arithmetic over a simulated day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from desktop import simulation, summaries
from desktop.domain import calendar, differences, kpi
from desktop.domain.events import State
from desktop.domain.figures.line import HourRow
from desktop.domain.figures.losses import LossFilter
from desktop.domain.intervals import Category
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
    assert len(shift_sums.rows(day, 3, window, register.version(day))) == 2, "the shift that runs is not kept"
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


def test_the_hours_run_up_to_the_difference_of_the_shift(day: Store) -> None:
    """Of the line and of every machine, at many moments, with what was made in the breaks."""
    now_ms = day.clock.now_ms()
    second, first = (row.shift for row in summaries.shift_figures(day, Span(0, now_ms), now_ms)[1:])
    begun_ms, end_ms = first.span.start_ms, second.span.end_ms - 1
    made_in_a_break = 0
    for at_ms in range(begun_ms + 3_600_000, end_ms, (end_ms - begun_ms) // 11):
        line = summaries.line_now(day, at_ms)
        for one in (line, *line.machines):
            totals = differences.running(one.hours, at_ms)
            assert one.good is not None
            assert one.target is not None
            assert [total for total in totals if total is not None][-1] == one.good - one.target
            made_in_a_break += sum(hour.good or 0 for hour in one.hours if hour.paused)
    assert made_in_a_break, "nothing was made in a break: the test says nothing"


def test_in_its_first_minutes_no_page_says_a_ratio_of_the_shift(day: Store) -> None:
    """Screen, report, list and losses hold the same; the pieces and the coverage are said."""
    now_ms = day.clock.now_ms()
    shift = summaries.shift_figures(day, Span(0, now_ms), now_ms)[1].shift
    for minutes, early in ((7, True), (11, False)):
        at_ms = shift.span.start_ms + minutes * 60_000
        line, report = summaries.line_now(day, at_ms), summaries.shift_report(day, shift, at_ms)
        asked = [LossFilter(period="current"), LossFilter(3, period="current")]
        of_line, of_machine = (summaries.loss_period(day, at_ms, one) for one in asked)
        machine = {m.id: m.kpis for m in line.machines}
        assert machine == {row.id: row.kpis for row in report.machines}
        assert line.line == report.line == of_line.shifts[0].kpis
        assert machine[3] == of_machine.shifts[0].kpis
        for kpis in (line.line, machine[3], of_line.whole, of_machine.whole):
            assert kpis is not None
            assert kpis.coverage is not None
            assert kpis.pieces.total
            told = (kpis.oee, kpis.availability, kpis.performance, kpis.quality, kpis.teep, kpis.capacity_utilisation)
            assert [one is None for one in told] == [early] * 6
        assert [row.iso is None for row in report.machines] == [early] * len(report.machines)
    assert summaries.loss_period(day, at_ms, LossFilter()).whole is not None


def test_shifts_added_up_are_the_day(day: Store) -> None:
    """A day's OEE is made of the seconds and pieces of its shifts, never a mean of their OEE."""
    window = Span(0, day.clock.now_ms())
    kept = shift_sums.rows(day, 3, window, register.version(day))
    whole = kpi.compute(window, kpi.add(row.sums for row in kept.values()))
    assert whole.times.busy_ms == sum(row.sums.times.busy_ms for row in kept.values())
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
        period = summaries.loss_period(day, now_ms, LossFilter(machine))
        assert (len(period.shifts), period.known) == (3, 3)
        assert period.whole is not None
        busy_ms = sum(row.kpis.times.busy_ms for row in period.shifts if row.kpis)
        assert period.whole.times.busy_ms == busy_ms
        lost_ms = sum(step.length_ms for step in period.losses)
        assert lost_ms == pytest.approx(busy_ms - (period.whole.ideal_good_ms or 0), abs=2)
    first = summaries.trend(day, 3, Span(0, now_ms), now_ms)[0]
    assert period.shifts[0].kpis == first.kpis
    name = period.shift_names[0]
    alone = summaries.loss_period(day, now_ms, LossFilter(3, shift_name=name))
    assert {row.shift.name for row in alone.shifts} == {name}
    one = summaries.loss_period(day, now_ms, LossFilter(3, f"{first.shift.business_on}/{first.shift.name}"))
    assert [row.kpis for row in one.shifts] == [first.kpis]
    assert summaries.loss_period(day, now_ms, LossFilter(3, "1999-01-01/Day")).shifts == ()


def test_the_shift_that_runs_is_what_the_overview_says(day: Store) -> None:
    now_ms = day.clock.now_ms()
    live = summaries.Live()
    for _look in range(2):
        (row,) = summaries.loss_period(day, now_ms, LossFilter(period="current"), live).shifts
        line = summaries.line_now(day, now_ms)
        assert not row.over
        assert (row.kpis, row.good, row.target) == (line.line, line.good, line.target)
    (last,) = summaries.loss_period(day, now_ms, LossFilter(period="last")).shifts
    assert last.over
    assert last.shift.span.end_ms == row.shift.span.start_ms


class Naive:
    """Standstill of all shifts told once more from the timelines of their reports: no sums, a loop over each hour."""

    def __init__(self, store: Store, machines: set[int]) -> None:
        now_ms, zone = store.clock.now_ms(), register.zone(store)
        shifts = summaries.shift_figures(store, Span(0, now_ms), now_ms)
        parts = [
            interval
            for row in reversed(shifts)
            for machine in summaries.shift_report(store, row.shift, now_ms).machines
            if machine.id in machines
            for interval in machine.intervals
        ]
        rests = [pause for row in shifts for pause in row.shift.pause_spans]  # what runs in a break is not scheduled
        in_break = [c for p in parts if p.category is Category.RUN for rest in rests if (c := p.span.cut(rest))]
        self.lost_ms: dict[str, int] = {}
        self.stops: dict[str, set[tuple[int, int]]] = {}
        for part in parts:
            if part.category in (Category.STOP, Category.SETUP, Category.WAIT):
                unsaid = part.category is Category.STOP and part.state in (State.STOP, State.IDLE)
                key = "unlabelled" if unsaid else f"{part.category} {part.state}"
                self.lost_ms[key] = self.lost_ms.get(key, 0) + part.span.length_ms
                self.stops.setdefault(key, set()).add((part.machine, part.stop_id))
        self.hours: dict[int, tuple[int, int]] = {}
        at = datetime.fromtimestamp(parts[0].span.start_ms / 1000, zone)
        while (start_ms := round(at.timestamp() * 1000)) < now_ms:
            whole = Span(start_ms, start_ms + 3_600_000)
            cut = [(p.category, c.length_ms) for p in parts if (c := p.span.cut(whole))]
            busy_ms = sum(ms for category, ms in cut if category is not Category.PLANNED)
            busy_ms -= sum(c.length_ms for each in in_break if (c := each.cut(whole)))
            lost_ms = sum(ms for category, ms in cut if category in (Category.STOP, Category.SETUP, Category.WAIT))
            if busy_ms:
                name = at.isoweekday() * 100 + at.hour
                before = self.hours.get(name, (0, 0))
                self.hours[name] = (before[0] + busy_ms, before[1] + lost_ms)
            at += timedelta(hours=1)


@pytest.mark.parametrize("machine", [None, 5])
def test_pareto_and_hours_are_what_a_naive_look_at_the_timelines_finds(day: Store, machine: int | None) -> None:
    period = summaries.loss_period(day, day.clock.now_ms(), LossFilter(machine))
    wanted = Naive(day, {m for m, *_names in period.machines} if machine is None else {machine})
    named = {("unlabelled" if not row.labelled else f"{row.category} {row.state}"): row for row in period.reasons}
    assert {key: row.length_ms for key, row in named.items() if row.length_ms} == wanted.lost_ms
    assert {key: row.count for key, row in named.items() if row.count} == {
        key: len(stops) for key, stops in wanted.stops.items()
    }
    assert period.reasons[-1].labelled is False
    known = [(n, hour) for n, hour in enumerate(period.hours) if hour.busy_ms]
    found = {(n // 24 + 1) * 100 + n % 24: (hour.busy_ms, hour.lost_ms) for n, hour in known}
    assert found == wanted.hours
    assert sum(hour.lost_ms for hour in period.hours) == sum(row.length_ms for row in period.reasons)
