"""One thread a bus: open, poll, and when the world fails say so, wait and try again for ever.

A failing bus never disturbs another. Readings and changes of health go onto one bounded queue; what does
not fit is counted, never waited for.
"""

from __future__ import annotations

import json
import logging
import queue
import random
import threading
import time
from collections.abc import Mapping
from copy import copy

from msgspec import Struct

from desktop.collect.interpret import Health
from desktop.domain.plant import Bus, Plant, Signal
from drivers import catalog
from drivers.base import BusSpec, Clock, DeviceSpec, Driver, DriverError, Reading, SignalSpec, Tally

log = logging.getLogger(__name__)

FIRST_WAIT_S = 0.25
LONGEST_WAIT_S, LONGEST_SERIAL_WAIT_S = 30.0, 5.0  # a server is left in peace longer than a port
HUNG_S = 15.0  # a poll waits 1 s at most; a bus of many silent devices takes longer
OPENING_S = 60.0  # a server may answer every step of opening late
MOST_LEFT = 3  # threads of one bus that were left behind and still hang; then the last one is waited for
COUNTED_S = 1.0  # between two looks at what a driver counted
_CLOSE_S = 3.0
_NOT_HEARD = frozenset({"incomplete", "overflow", "discarded"})  # what such a reading tells is no word of the device


class Polled(Struct, frozen=True):
    """What one poll of a bus brought."""

    readings: tuple[Reading, ...]


class Counted(Struct, frozen=True):
    """What became of more answers of a device."""

    device: str
    more: Tally


Message = Polled | Counted | Health


def _places(message: Message) -> int:
    return max(1, len(message.readings)) if isinstance(message, Polled) else 1


class Inbox:
    """The one queue from all buses to the writer. It holds `size` readings, however many polls brought them; what does
    not fit is counted. A change of health takes the place of one reading."""

    def __init__(self, size: int = 50_000) -> None:
        self._queue: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._size = size
        self._held = self._lost = 0
        self._lock = threading.Lock()

    def put(self, message: Message) -> bool:
        """Add a message at once, or count its readings as lost; never blocks. A change of health is said again."""
        with self._lock:
            # A poll that is larger than the whole queue passes where nothing waits: else it would never be stored.
            if self._held and self._held + _places(message) > self._size:
                if isinstance(message, Polled):
                    self._lost += len(message.readings)
                return False
            self._held += _places(message)
            self._queue.put(message)
        return True

    def lose(self, count: int) -> None:
        """Count readings that nobody will store."""
        with self._lock:
            self._lost += count

    def get(self, timeout_s: float) -> Message | None:
        """The next message, None after `timeout_s` seconds without one."""
        try:
            message = self._queue.get(timeout=timeout_s) if timeout_s > 0 else self._queue.get_nowait()
        except queue.Empty:
            return None
        with self._lock:
            self._held -= _places(message)
        return message

    def take_lost(self) -> int:
        """How many readings were lost since the last call."""
        with self._lock:
            lost, self._lost = self._lost, 0
        return lost

    def waiting(self) -> int:
        """Messages that nobody has taken yet."""
        return self._queue.qsize()


def bus_spec(bus: Bus, plant: Plant, keys: str = "", raw: bool = False) -> BusSpec:
    """What the driver of a bus is given, from the register. `keys` and `raw` as a BusSpec has them."""
    return BusSpec(
        bus.key,
        bus.port,
        bus.settings,
        tuple(
            DeviceSpec(
                d.key,
                d.settings,
                tuple(SignalSpec(s.key, s.settings, _wire_unit(s)) for s in plant.signals if s.device == d.id),
            )
            for d in plant.devices
            if d.bus == bus.id
        ),
        keys,
        raw,
    )


def _wire_unit(signal: Signal) -> str:
    """The unit that a signal's device is expected to send; not known where the register converts its values."""
    return signal.unit if signal.factor == 1 and signal.offset == 0 else ""


class BusThread(threading.Thread):
    """Keeps one bus alive. `stop()` asks it to end; it closes its driver itself.

    `before`: the thread that it takes over from, which hangs in its driver and may hold the port.
    """

    def __init__(
        self, bus: Bus, plant: Plant, clock: Clock, inbox: Inbox, keys: str = "", before: BusThread | None = None,
        *, raw: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(name=f"bus {bus.key}", daemon=True)
        self.bus = bus
        self.reconnects: int = 0 if before is None else before.reconnects + 1
        self.last_turn = time.monotonic()
        self._before = before
        self._plant = plant
        self._left = False  # another thread serves the bus now
        self._spec = bus_spec(bus, plant, keys, raw)
        self._clock = clock
        self._inbox = inbox
        self._ending = threading.Event()
        self._said: dict[str, str] = {} if before is None else dict(before._said)  # device -> what was last said of it
        self._driver: Driver | None = None
        self._told: dict[str, Tally] = {}  # device -> what was told of what the present driver object counted
        self._heard = False  # whether the present driver object has brought anything
        self._hung = False
        self._inside = ""  # what it does with its driver: opening, polling or closing

    @property
    def devices(self) -> tuple[str, ...]:
        """The keys of the devices on this bus."""
        return tuple(device.key for device in self._spec.devices)

    def serves(self, bus: Bus, plant: Plant) -> bool:
        """Whether this thread already does what the register wants of the bus."""
        return (
            self.is_alive() and self.bus == bus and self._spec == bus_spec(bus, plant, self._spec.keys, self._spec.raw)
        )

    def stop(self) -> None:
        """Ask the thread to end."""
        self._ending.set()

    def watch(self) -> BusThread:
        """The thread that serves the bus from now on: this one, or where its driver has not come back for long a new
        one, already started.

        Called by another thread. There is no way to end a thread that hangs in a system call: it is left behind, what
        it may still bring is counted as lost, and its devices are said not to answer until the new one hears them.
        """
        silent_s = time.monotonic() - self.last_turn
        longest_s = OPENING_S if self._inside == "opening" else HUNG_S
        if not self._inside or silent_s < longest_s or self._ending.is_set():
            return self
        if not self._hung:
            self._hung = True
            log.error("driver %s of bus %s hangs", self.bus.driver, self.bus.key)
            for device in self._spec.devices:
                self._say(device.key, "offline", DriverError("driver_hung", seconds=round(silent_s)))
        if self._hanging() >= MOST_LEFT:
            return self
        self._left = True
        self.stop()
        spec = self._spec
        successor = BusThread(self.bus, self._plant, self._clock, self._inbox, spec.keys, before=self, raw=spec.raw)
        successor.start()
        return successor

    def _hanging(self) -> int:
        """How many threads before this one still hang; those that came back are forgotten."""
        while self._before is not None and not self._before.is_alive():
            self._before = self._before._before
        return 0 if self._before is None else 1 + self._before._hanging()

    def raw_tail(self) -> list[tuple[int, str, bytes]]:
        """The last bytes on this bus's wire."""
        driver = self._driver
        return [] if driver is None else driver.raw_tail()

    def run(self) -> None:
        """Open, poll, fail, wait, again."""
        wait_s = FIRST_WAIT_S
        while not self._ending.is_set():
            began = time.monotonic()
            fault = self._session()
            if fault is None or self._ending.is_set():
                return
            if fault.kind == "port_busy" and self._hanging():  # busy with our own thread that does not come back
                fault = DriverError("driver_hung", seconds=round(HUNG_S))
            for device in self._spec.devices:
                self._say(device.key, "misconfigured" if fault.needs_person else "offline", fault)
            if self._heard and time.monotonic() - began > 2 * wait_s:
                wait_s = FIRST_WAIT_S  # it worked: try again quickly
            pause_s = LONGEST_WAIT_S if fault.needs_person else wait_s * random.uniform(0.8, 1.2)
            self._ending.wait(pause_s)
            longest_s = LONGEST_WAIT_S if self._spec.port.startswith("opc.tcp:") else LONGEST_SERIAL_WAIT_S
            wait_s = min(wait_s * 2, longest_s)
            self.reconnects += 1

    def _session(self) -> DriverError | None:
        """One life of a driver object: None when asked to end, otherwise why it failed."""
        driver: Driver | None = None
        counted_at = 0.0
        self._heard, self._told = False, {}
        try:
            driver = catalog.load(self.bus.driver)(self._spec, self._clock)
            self._enter("opening")
            driver.open()
            self._enter("polling")
            self._driver = driver
            # A device that speaks only when it has something to say is well as long as its port is open.
            well = {device.key for device in self._spec.devices} if driver.PUSHES else set()
            self._say_faults(driver.faults(), well)
            while not self._ending.is_set():
                readings = driver.poll()
                if self._left:
                    self._inbox.lose(len(readings))
                    return None
                self.last_turn = time.monotonic()
                self._hung = False
                self._heard = self._heard or bool(readings)
                self._say_faults(driver.faults(), well or {r.device for r in readings if r.note not in _NOT_HEARD})
                if readings:
                    self._inbox.put(Polled(tuple(readings)))
                if self.last_turn >= counted_at:
                    self._tell_counts(driver)
                    counted_at = self.last_turn + COUNTED_S
            return None
        except DriverError as error:
            return error
        except Exception:  # our own fault: it must be loud, and must not take the other buses along
            log.exception("driver %s of bus %s failed", self.bus.driver, self.bus.key)
            return DriverError("protocol", reason="internal error, see the log")
        finally:
            self._driver = None
            if driver is not None:
                self._tell_counts(driver)
                self._enter("closing")
                self._close(driver)
            self._enter("")
            self._hung = False

    def _tell_counts(self, driver: Driver) -> None:
        """Report what became of more answers; what the queue does not take now is told the next time."""
        for device, tally in driver.tallies().items():
            told = self._told.get(device, Tally())
            more = Tally(tally.damaged - told.damaged, tally.missing - told.missing, tally.refused - told.refused)
            if not self._left and more != Tally() and self._inbox.put(Counted(device, more)):
                self._told[device] = copy(tally)

    def _enter(self, what: str) -> None:
        self.last_turn = time.monotonic()
        self._inside = what

    def _close(self, driver: Driver) -> None:
        try:
            driver.close()
        except Exception:  # a driver promises not to raise here; if it does, its bus must still be tried again
            log.exception("driver %s of bus %s failed to close", self.bus.driver, self.bus.key)

    def _say_faults(self, faults: Mapping[str, DriverError], heard: set[str]) -> None:
        """Report each device that changed: faulty ones, and those heard again without a fault."""
        for device, fault in faults.items():
            if fault.partial:
                if device in heard:
                    self._say(device, "online", fault)
            else:
                self._say(device, "misconfigured" if fault.needs_person else "offline", fault)
        for device in heard - set(faults):
            self._say(device, "online", None)

    def _say(self, device: str, status: str, fault: DriverError | None) -> None:
        words = status if fault is None else f"{status} {fault.kind} {fault.detail.get('address', '')}"
        if self._left or self._said.get(device) == words:
            return
        detail = "{}" if fault is None else json.dumps(fault.detail, ensure_ascii=False, default=str)
        health = Health(device, status, self._clock.now_ms(), "" if fault is None else fault.kind, detail)
        if self._inbox.put(health):
            self._said[device] = words


def stop_all(threads: list[BusThread]) -> None:
    """Ask all buses to end and give them a few seconds; a hung driver is left behind (its thread is a daemon)."""
    for thread in threads:
        thread.stop()
    deadline = time.monotonic() + _CLOSE_S
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
        if thread.is_alive():
            log.warning("bus %s did not end in time", thread.bus.key)
