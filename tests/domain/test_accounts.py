"""The figures beside the KPIs: what their accounts add up or divide is the figure, and names its very facts."""

from __future__ import annotations

import pytest
from hypothesis import given
from msgspec.structs import replace

from desktop.domain import accounts, explain, losses
from desktop.domain.events import Role, State
from desktop.domain.explain import Made
from desktop.domain.figures.line import HourRow
from desktop.domain.figures.report import Reliability
from desktop.domain.intervals import Category, Interval
from desktop.domain.kpi import Sums, Times, compute
from desktop.domain.spans import Span
from tests.domain.test_properties import MANY, WINDOW, World, figures, worlds

KPIS = compute(Span(0, 100), Sums(Times(run_ms=100)))


@MANY
@given(worlds())
def test_every_step_is_the_sum_of_its_terms_and_of_its_intervals(world: World) -> None:
    parts, found = world.intervals(), figures(world)
    waterfall = losses.waterfall(found, parts)
    made = explain.made_in(WINDOW, parts, world.counts)
    told = accounts.steps(waterfall, found, parts, made)
    assert [one.figure for one in told] == [step.kind for step in waterfall]
    for one, step in zip(told, waterfall, strict=True):
        assert sum(term.value for term in one.terms) == pytest.approx(one.value, abs=2), one.figure
        assert one.value == step.length_ms
        lengths = sum(used.span.length_ms for used in one.times)
        if one.figure in ("no_data", "unlabelled", "stop", "setup", "wait", "no_order", "short_stop", "rework"):
            assert lengths == step.length_ms, one.figure


@MANY
@given(worlds())
def test_pieces_are_told_fact_by_fact(world: World) -> None:
    parts, found = world.intervals(), figures(world)
    made = explain.made_in(WINDOW, parts, world.counts)
    for role, pieces in ((Role.GOOD, found.pieces.good), (Role.REJECT, found.pieces.reject)):
        told = accounts.counted(role, pieces, found, made)
        assert sum(term.value for term in told.terms) == told.value == pieces
        assert {fact.event for fact in told.counts} <= {count.id for count in world.counts}


def test_of_a_total_and_rejects_the_good_are_what_is_left() -> None:
    made = (Made(1, 10, 8, Role.TOTAL), Made(2, 20, 3, Role.REJECT))
    told = accounts.counted(Role.GOOD, 5, KPIS, made)
    assert [(term.name, term.value) for term in told.terms] == [("total", 8), ("reject", -3)]
    assert [fact.event for fact in told.counts] == [1, 2]
    shared = accounts.counted(Role.GOOD, 7, KPIS, made)
    assert (shared.terms[-1].name, shared.terms[-1].value) == ("shared", 2)


def test_an_hour_names_its_pieces_and_standstills() -> None:
    row = HourRow(Span(0, 60), 6, 3, 4, 0, False)
    made = tuple(Made(n, at, 2, Role.GOOD) for n, at in enumerate((0, 10, 60, 61), 1))
    kinds = ((Category.RUN, State.RUN), (Category.STOP, State.STOP), (Category.RUN, State.RUN))
    parts = [Interval(1, Span(n * 40, n * 40 + 40), *kind, event=n) for n, kind in enumerate(kinds)]
    told = accounts.hour(row, KPIS, parts, made, now_ms=30)
    assert told is not None
    assert (told.value, told.window) == (1, Span(0, 60)), "while it runs the part of the target that is due"
    assert [fact.event for fact in told.counts] == [2, 3]
    assert [(used.span, used.event) for used in told.times] == [(Span(40, 60), 1)], "only its part of the hour"
    over = accounts.hour(row, KPIS, parts, made, now_ms=60)
    assert over is not None
    assert over.value == -2
    assert accounts.hour(replace(row, target=None), KPIS, (), made, now_ms=60) is None


def test_a_target_is_time_by_the_standard_cycle() -> None:
    told = accounts.target(33, [(30_000.0, 1_000_000)], KPIS)
    assert told.above.value / told.below.value == pytest.approx(told.value, abs=0.5)


def test_without_a_failure_there_is_no_mean_time() -> None:
    mtbf, mttr = accounts.reliability(Reliability(0, 5_000, 0, None, None), KPIS, ())
    assert (mtbf.value, mtbf.why, mttr.value, mttr.why) == (None, "no_failure", None, "no_failure")
    mtbf, mttr = accounts.reliability(Reliability(2, 5_000, 300, 2_500.0, 150.0), KPIS, ())
    for told in (mtbf, mttr):
        assert told.value == told.above.value / told.below.value
        assert not told.why
