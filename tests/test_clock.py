"""The one clock: real by default, fast in a demo, standing still in a history."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.clock import REAL, PlantClock, starting_at

NOW = 1_763_510_400_000


def test_the_real_clock_is_this_computers() -> None:
    before = time.time_ns() // 1_000_000
    assert before <= REAL.now_ms() <= time.time_ns() // 1_000_000
    assert before <= REAL.real_ms() <= time.time_ns() // 1_000_000
    assert not REAL.scaled


def test_sixty_seconds_at_speed_thirty_are_half_an_hour() -> None:
    clock = PlantClock(NOW, 5000, 30.0)
    assert clock.at_real_ms(5000) == NOW
    assert clock.at_real_ms(65_000) == NOW + 30 * 60_000
    assert clock.scaled


def test_a_clock_starts_where_it_is_told() -> None:
    clock = starting_at(NOW, 2.0)
    assert NOW <= clock.now_ms() < NOW + 2000
    assert clock.scaled
    assert starting_at(NOW, 1.0).scaled


@pytest.mark.parametrize("speed", [0.0, 0.09, 1001.0, -1.0, float("nan"), float("inf")])
def test_a_speed_that_no_demo_has_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="outside"):
        starting_at(NOW, speed)


def test_a_history_stands_still_at_its_last_moment() -> None:
    clock = PlantClock(NOW, 7000, 0.0)
    assert clock.now_ms() == NOW
    assert clock.real_ms() == 7000


def test_watchdogs_stay_on_real_monotonic_time() -> None:
    before = time.monotonic_ns()
    assert before <= PlantClock(NOW, 0, 1000.0).mono_ns() <= time.monotonic_ns()


@given(st.floats(0.1, 1000), st.integers(0, 10**9), st.integers(0, 10**6))
def test_plant_time_never_runs_backwards(speed: float, passed_ms: int, more_ms: int) -> None:
    clock = PlantClock(NOW, 1000, speed)
    assert clock.at_real_ms(1000 + passed_ms) <= clock.at_real_ms(1000 + passed_ms + more_ms)
