"""What a window is given instead of a store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from desktop.views.ways import Ways
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


def ways(**changes: Any) -> Ways:
    """A way to a program that does nothing; `changes` are the test's own."""
    plain: dict[str, Any] = {
        "open_source": FakeSource,
        "keep_collecting": lambda: None,
        "report_command": lambda *_words: [],
        "acknowledge": lambda _alarm, _who: 1,
        "unacknowledge": lambda _number, _who: None,
        "make_forms": Path,
    }
    return Ways(**plain | changes)
