"""The palette of SEMI E10: every category whatever the state, and what a person's reason makes of it."""

from __future__ import annotations

from itertools import product

import pytest

from desktop.domain.events import State
from desktop.domain.intervals import Category, Interval
from desktop.domain.plant import Reason
from desktop.domain.spans import Span
from desktop.domain.states import Palette, semi_e10

REASONS = {
    1: Reason(1, "B01", "Breakdown", "unplanned", True, "breakdown"),
    2: Reason(2, "W01", "Waiting for material", "unplanned", False),
    3: Reason(3, "P01", "Preventive maintenance", "planned", False),
    4: Reason(4, "E01", "Starved", "external", False),
    5: Reason(5, "P05", "Trial run", "planned", False, "startup"),
    6: Reason(6, "E03", "Power failure", "external", True),
}
PLAIN = {
    Category.RUN: Palette.PRD,
    Category.SHORT_STOP: Palette.PRD,
    Category.REWORK: Palette.PRD,
    Category.STOP: Palette.UDT,
    Category.SETUP: Palette.SDT,
    Category.WAIT: Palette.SBY,
    Category.NO_ORDER: Palette.SBY,
    Category.PLANNED: Palette.SDT,
    Category.NO_DATA: Palette.ND,
    Category.UNSCHEDULED: Palette.NST,
}
#: category -> what the six reasons above make of it, where they change anything
SAID = {
    Category.STOP: [Palette.UDT, Palette.UDT, Palette.SDT, Palette.SBY, Palette.ENG, Palette.UDT],
    Category.WAIT: [Palette.UDT, Palette.SBY, Palette.SDT, Palette.SBY, Palette.ENG, Palette.UDT],
    Category.PLANNED: [Palette.SDT] * 4 + [Palette.ENG, Palette.SDT],
}


def interval(category: Category, state: State, reason: int | None = None) -> Interval:
    return Interval(1, Span(0, 1000), category, state, reason=reason)


@pytest.mark.parametrize(("category", "state"), list(product(Category, State)))
def test_every_category_whatever_the_machine_says(category: Category, state: State) -> None:
    assert semi_e10(interval(category, state)) is PLAIN[category]
    assert semi_e10(interval(category, state, 99), REASONS) is PLAIN[category]  # a reason that nobody knows any more


@pytest.mark.parametrize(("category", "reason"), list(product(Category, REASONS)))
def test_what_a_reason_makes_of_it(category: Category, reason: int) -> None:
    wanted = SAID[category][reason - 1] if category in SAID else PLAIN[category]
    for state in State:
        assert semi_e10(interval(category, state, reason), REASONS) is wanted


def test_all_seven_are_there() -> None:
    assert set(PLAIN.values()) | set(SAID[Category.STOP]) == set(Palette)
