"""The number at Stops in the rail, on every screen: how many stops of the running shift wait for a reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from desktop import summaries
from desktop.domain.figures.line import LineNow
from desktop.domain.figures.machine import MachineDay
from desktop.domain.figures.stops import StopsNow
from desktop.summaries.now import Live
from desktop.views.background import Beside


class StopsBadge:
    """Counts the stops beside a screen that does not tell them; `count` None: nobody can."""

    def __init__(self, count: Callable[[Live, Any, int], int] | None) -> None:
        self._count = count
        self._apart: Live | None = None

    def beside(self, live: Live) -> Beside | None:
        """What asks for the number, once the screen was answered from what `live` remembers."""
        count = self._count
        if count is None:
            return None

        def ask(store: Any, now_ms: int, value: object) -> int | None:
            if not isinstance(value, LineNow | MachineDay | StopsNow):
                return count(live, store, now_ms)
            if value.waiting is not None:
                return None  # the screen tells it itself
            # A screen that looks back keeps its shift; the one that runs is remembered apart from it.
            self._apart = self._apart or summaries.Live()
            return count(self._apart, store, now_ms)

        return ask
