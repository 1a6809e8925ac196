"""Tells whether this process stood still: a suspended PC, SIGSTOP, a machine that starves it.

A thread that does nothing but wake. Work of the collector does not hold it up (a slow disk, a long backup: the buses
are heard meanwhile); only what holds up every thread does. Where the system knows it, time asleep counts too.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

STALL_S = 5.0  # a wake takes a fraction of a second
_EVERY_S = 0.25


class Pulse:
    """A pulse that can be asked whether it stopped; `end` it when nobody asks any more."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self._stalled_ms: int | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="pulse", daemon=True)
        self._thread.start()

    def take_stall(self) -> int | None:
        """The last moment before the process stood still since the last call (by `now_ms`), None if it did not."""
        stalled_ms, self._stalled_ms = self._stalled_ms, None
        return stalled_ms

    def end(self) -> None:
        """Let the thread go."""
        self._ended.set()
        self._thread.join()

    def _beat(self) -> None:
        before, before_ms = _now_s(), self._now_ms()
        while not self._ended.wait(_EVERY_S):
            now, now_ms = _now_s(), self._now_ms()
            if now - before > STALL_S:
                self._stalled_ms = before_ms
            before, before_ms = now, now_ms


def _now_s() -> float:
    """Seconds that also pass while the PC sleeps, on Linux by a clock of their own."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)
