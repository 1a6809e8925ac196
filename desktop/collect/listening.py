"""Finding out at which baud rate a device of a bus sends: while the bus rests its port is listened at, rate by rate."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Mapping

from desktop.collect.interpret import Health
from desktop.collect.supervise import BusThread, Inbox
from desktop.domain.plant import Bus
from drivers import baud_guess
from drivers.base import Clock, DriverError
from drivers.baud_guess import Progress

log = logging.getLogger(__name__)

FAULT = "listening"  # what its devices are said to lack meanwhile
_RESTS_S = 5.0  # the bus lets go of its port by then
_SPARE_S = 30.0  # for opening and closing the port at every rate

Said = tuple[str, dict[str, object]]  # status and result of an answer


class Listening(threading.Thread):
    """Takes the port over from the thread of a bus and listens. `said` is what to answer to its request.

    It never sends. It ends when it has found a rate, at the end of all rates, when it is cancelled and when the port
    fails; whoever started it starts the bus again then.
    """

    def __init__(self, request: int, bus: Bus, before: BusThread | None, clock: Clock, inbox: Inbox) -> None:
        super().__init__(name=f"listening to {bus.key}", daemon=True)
        self.request = request
        self.bus = bus
        self._before = before
        self._clock = clock
        self._inbox = inbox
        self._ending = threading.Event()
        self._at: Progress | None = None
        self._heard: dict[int, int] = {}  # baud rate -> bytes
        self._result: Said | None = None
        self._until = time.monotonic() + _RESTS_S + len(baud_guess.RATES) * baud_guess.SECONDS_EACH + _SPARE_S

    def cancel(self) -> None:
        """Ask it to end without a result."""
        self._ending.set()

    def over(self) -> bool:
        """Whether nothing more will come of it: it has ended, or hangs in the port's driver for good."""
        return not self.is_alive() or time.monotonic() > self._until

    def said(self) -> Said:
        """Where it stands: "working" with baud, place, count and heard_bytes, all 0 at first; "done" with baud, frame
        and sample where a rate fits, with heard_bytes alone where none does, with cancelled; "failed" with the fault of
        a driver or without.
        """
        over = self.over()  # asked first: it may end between the two looks
        if self._result is not None:
            return self._result
        if over:
            return "failed", {}
        at = self._at or Progress(0, 0, len(baud_guess.RATES))
        return "working", {"baud": at.baud, "place": at.place, "count": at.count, "heard_bytes": at.heard_bytes}

    def run(self) -> None:
        """Wait for the bus, listen, keep the result."""
        try:
            self._result = self._listen()
        except DriverError as error:
            self._result = "failed", {"kind": error.kind, "detail": error.detail}
        except Exception:  # our own fault: the bus must be read again all the same
            log.exception("listening to bus %s failed", self.bus.key)
            self._result = "failed", {}

    def _listen(self) -> Said:
        if self._before is not None:
            self._before.join(_RESTS_S)
            if self._before.is_alive():
                raise DriverError("driver_hung", seconds=round(_RESTS_S))
            detail = json.dumps({"port": self.bus.port}, ensure_ascii=False)
            for device in self._before.devices:
                self._inbox.put(Health(device, "offline", self._clock.now_ms(), FAULT, detail))
        settings: Mapping[str, str | int | float | bool | None] = {
            key: value for key, value in self.bus.settings.items() if key in ("dtr", "rts")
        }
        found = baud_guess.listen(
            self.bus.port, settings, self._clock, self._follow, self._ending.is_set, seconds=baud_guess.SECONDS_EACH
        )
        if self._ending.is_set():
            return "done", {"cancelled": True}
        heard: dict[str, object] = {"heard_bytes": sum(self._heard.values())}
        if found is None:
            return "done", heard
        return "done", {**heard, "baud": found.baud, "frame": found.frame, "sample": found.sample}

    def _follow(self, progress: Progress) -> None:
        self._at = progress
        self._heard[progress.baud] = progress.heard_bytes
