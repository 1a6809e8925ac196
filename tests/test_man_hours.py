"""Man-hours of a shift from what people said of who was where."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from desktop import summaries
from desktop.clock import PlantClock
from desktop.domain.attendance import ManHours
from desktop.domain.calendar import Pause, Shift
from desktop.domain.entries import OPEN_MS, Attended, Placed
from desktop.domain.people import Person
from desktop.domain.spans import Span
from desktop.store import database, entries, people
from desktop.store.database import Store

T0 = 1_763_510_400_000
HOUR = 3_600_000
SHIFT = Shift("주간", date(2025, 11, 19), Span(T0, T0 + 8 * HOUR), (Pause("식사", Span(T0 + 4 * HOUR, T0 + 5 * HOUR)),))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = database.create(tmp_path / "shop", clock=PlantClock(T0, 0, 0.0))
    yield made
    made.close()


def test_of_a_shift_without_its_break_and_of_a_running_one_until_now(store: Store) -> None:
    kim = people.put(store, Person(0, "Kim", "A"), T0)
    lee = people.put(store, Person(0, "Lee", "B"), T0)
    told = [
        Attended(0, T0 - HOUR, OPEN_MS, kim),  # came early and is still there
        Placed(1, T0, T0 + 2 * HOUR, kim),
        Placed(2, T0, T0 + 2 * HOUR, kim),  # two machines at once
        Placed(2, T0 + 6 * HOUR, OPEN_MS, lee),
        Placed(3, T0, OPEN_MS, lee),
    ]
    ids = entries.say(store, told, T0)
    entries.take_back(store, ids[-1:], T0)  # Lee was at another machine
    people.retire(store, lee, T0 + 7 * HOUR)
    whole = summaries.man_hours(store, SHIFT, T0 + 24 * HOUR)
    assert whole.by_machine == {1: Fraction(HOUR), 2: Fraction(3 * HOUR), 0: Fraction(5 * HOUR)}
    assert whole.by_crew == {"A": 7 * HOUR, "B": 2 * HOUR}
    assert whole.hours == 9.0
    early = summaries.man_hours(store, SHIFT, T0 + HOUR)
    assert early.by_person == {kim: HOUR}
    assert summaries.man_hours(store, SHIFT, T0 - 1) == ManHours()
