"""Thousands of made-up shifts, told twice: by the program, and millisecond by millisecond (`tests.domain.world`)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from desktop.domain.kpi import compute
from desktop.domain.spans import Span
from tests.domain.world import LENGTH, World, categories, made_by, ratios, worlds

WINDOW = Span(0, LENGTH)


def hold_against(world: World) -> None:
    """Everything that both tellings say of a shift."""
    parts = world.intervals()
    told = {at: part.category for part in parts for at in range(part.span.start_ms, part.span.end_ms)}
    expected = categories(world)
    assert told == expected
    sums = world.sums()
    for name in type(sums.times).__struct_fields__:
        assert getattr(sums.times, name) == sum(category.value == name[:-3] for category in expected.values())
    made = {
        (o.product, o.ideal_cycle_ms): (
            o.good, o.reject, o.untimed,
            [o.trial_good, o.trial_reject], [o.rework_good, o.rework_reject], [o.extra_good, o.extra_reject],
        )
        for o in sums.outputs
    }  # fmt: skip
    assert made == {
        key: (m.good, m.reject, m.untimed, m.beside["trial"], m.beside["rework"], m.beside["extra"])
        for key, m in made_by(world, expected).items()
    }
    found = compute(WINDOW, sums, world.rules)
    for name, value in ratios(world).items():
        mine = getattr(found, name)
        assert (mine is None) == (value is None), name
        if value is not None:
            assert mine == pytest.approx(float(value), rel=1e-12, abs=1e-12), name


@settings(max_examples=1500)
@given(worlds("states"))
def test_machines_that_tell_their_state(world: World) -> None:
    hold_against(world)


@settings(max_examples=1500)
@given(worlds("counts"))
def test_machines_that_only_count(world: World) -> None:
    hold_against(world)


@settings(max_examples=800)
@given(worlds("people"))
def test_machines_without_a_signal(world: World) -> None:
    hold_against(world)


@pytest.mark.long
@settings(max_examples=50_000, derandomize=False)
@given(worlds())
def test_any_machine_for_long(world: World) -> None:
    hold_against(world)
