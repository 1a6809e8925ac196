"""The one injected clock of simulator, collector, window and command line.

Real time by default. A demo line carries an origin and a speed, so that 60 s at speed 30 are 30
minutes of shift; a simulated history stands still (speed 0) at its last moment. Time-outs and
watchdogs stay on real monotonic time (`mono_ns`).
"""

from __future__ import annotations

import time

from msgspec import Struct


class PlantClock(Struct, frozen=True):
    """Plant time = `plant_origin_ms` + (real time - `real_origin_ms`) x `speed`, all UTC milliseconds."""

    plant_origin_ms: int = 0
    real_origin_ms: int = 0
    speed: float = 1.0

    def now_ms(self) -> int:
        """Plant time as UTC milliseconds."""
        return self.at_real_ms(time.time_ns() // 1_000_000)

    def at_real_ms(self, real_ms: int) -> int:
        """Plant time at a moment of the computer's own clock (UTC milliseconds)."""
        return self.plant_origin_ms + round((real_ms - self.real_origin_ms) * self.speed)

    def real_ms(self) -> int:
        """The computer's own time as UTC milliseconds; for a file that stands still, its last moment."""
        return self.real_origin_ms if self.speed == 0 else time.time_ns() // 1_000_000

    def mono_ns(self) -> int:
        """Real monotonic nanoseconds."""
        return time.monotonic_ns()

    @property
    def scaled(self) -> bool:
        """True where plant time is not the computer's own time."""
        return self.speed != 1.0 or self.plant_origin_ms != self.real_origin_ms


REAL = PlantClock()


def starting_at(plant_ms: int, speed: float) -> PlantClock:
    """A clock that reads `plant_ms` now and runs `speed` times as fast as real time (0.1 to 1000)."""
    if not 0.1 <= speed <= 1000:
        raise ValueError(f"speed {speed} is outside 0.1 to 1000")
    return PlantClock(plant_ms, time.time_ns() // 1_000_000, speed)
