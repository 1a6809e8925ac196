"""What a window is given instead of a store."""

from __future__ import annotations

from tests.views import example


class FakeClock:
    """Stands still at the moment of the example."""

    def now_ms(self) -> int:
        return example.NOW


class FakeSource:
    """A store of which only the version, the clock and the end matter."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.version = 1
        self.closed = False

    def data_version(self) -> int:
        return self.version

    def close(self) -> None:
        self.closed = True
