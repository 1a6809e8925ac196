"""Drivers that do what a test tells them: a plug for each device of the example line."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from drivers import catalog
from drivers.base import BusSpec, Clock, Driver, DriverError, Reading, Tally
from tests.waiting import wait_for as wait_for


class Plug:
    """One end of a wire: what the driver of a bus finds there. Set by the test, read by the driver's thread."""

    def __init__(self) -> None:
        self.frames: list[list[dict[str, Any]]] = []
        self.opening: BaseException | None = None
        self.polling: BaseException | None = None
        self.closing: BaseException | None = None
        self.faults: dict[str, DriverError] = {}
        self.tallies: dict[str, Tally] = {}
        self.hang = threading.Event()  # set: poll does not come back before it is cleared
        self.hangs_opening = False  # nor does open
        self.late: list[dict[str, Any]] | None = None  # what the one poll brings that hangs
        self.hung_once = False  # only that one hangs
        self.pushes = True
        self.opened = self.closed = self.polled = 0
        self.opened_at: list[float] = []
        self.lock = threading.Lock()

    def hang_once(self, *late: dict[str, Any]) -> None:
        """Let the next poll hang, and no other, until `hang` is cleared; it then brings this."""
        with self.lock:
            self.late, self.hung_once = list(late), True

    def send(self, *readings: dict[str, Any]) -> None:
        """The next frame that the driver reads."""
        with self.lock:
            self.frames.append(list(readings))


class Plugs(dict[str, Plug]):
    """Plugs by bus key."""

    def __missing__(self, key: str) -> Plug:
        self[key] = Plug()
        return self[key]


def install(monkeypatch: pytest.MonkeyPatch) -> Plugs:
    """Let the catalogue give a driver whose wire ends in the plugs that are returned."""
    plugs = Plugs()

    class FakeDriver(Driver):
        def __init__(self, bus: BusSpec, clock: Clock) -> None:
            super().__init__(bus, clock)
            self.plug = plugs[bus.key]
            self.PUSHES = self.plug.pushes  # type: ignore[misc]
            self.seq = 0

        def open(self) -> None:
            self.plug.opened += 1
            self.plug.opened_at.append(time.monotonic())
            if self.plug.opening is not None:
                raise self.plug.opening
            while self.plug.hangs_opening and self.plug.hang.is_set():
                time.sleep(0.005)

        def poll(self) -> list[Reading]:
            self.plug.polled += 1
            if self.plug.polling is not None:
                fault, self.plug.polling = self.plug.polling, None
                raise fault
            with self.plug.lock:
                late, self.plug.late = self.plug.late, None
                if late is not None:
                    self.plug.hang.set()
            while self.plug.hang.is_set() and (late is not None or not self.plug.hung_once):
                time.sleep(0.005)
            with self.plug.lock:
                frame = late or (self.plug.frames.pop(0) if self.plug.frames else None)
            if frame is None:
                time.sleep(0.005)
                return []
            self.seq += 1
            now_ms = self.clock.now_ms()
            return [
                Reading(**{"quality": 0, "at_ms": now_ms, "mono_ns": 0, "seq": self.seq, **words}) for words in frame
            ]

        def close(self) -> None:
            self.plug.closed += 1
            if self.plug.closing is not None:
                raise self.plug.closing

        def faults(self) -> Mapping[str, DriverError]:
            return dict(self.plug.faults)

        def tallies(self) -> Mapping[str, Tally]:
            return dict(self.plug.tallies)

        def raw_tail(self) -> list[tuple[int, str, bytes]]:
            return [(1, "rx", b"\x01\x02"), (2, "tx", b"\x03")]

    monkeypatch.setattr(catalog, "load", lambda _name: FakeDriver)
    return plugs


@contextmanager
def running(work: Callable[[], object], stop: Callable[[], object]) -> Iterator[threading.Thread]:
    """Work in a thread, stopped and joined in the end; what it raises is raised here."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 raised again below, in the thread of the test
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield thread
    finally:
        stop()
        thread.join(20)
        assert not thread.is_alive()
    if raised:
        raise raised[0]
