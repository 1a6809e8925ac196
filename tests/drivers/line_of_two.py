"""Two machines on wires of their own, from the bus threads to the facts: what a fault of the first does to whom."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from itertools import count

from msgspec import Struct

from desktop.clock import REAL
from desktop.collect.interpret import Health, Interpreter
from desktop.collect.memory import Memory
from desktop.collect.supervise import BusThread, Counted, Inbox, Polled, stop_all
from desktop.domain.events import Event, EventKind, Role
from desktop.domain.plant import Bus, Device, Machine, Plant, Signal
from desktop.wording.devices import fault_sentence
from drivers.base import Reading, Value

Settings = Mapping[str, Value]


class Wire(Struct):
    """How a machine is connected: its port and the settings of the driver's forms for bus, counter and state."""

    port: str
    bus: Settings
    good: Settings
    state: Settings


class LineOfTwo:
    """Machines with the numbers 1 and 2 in the order of `wires`; `step` makes a piece on each of them."""

    def __init__(
        self, driver: str, wires: Mapping[str, Wire], step: Callable[[], None], *,
        device: Settings | None = None, modulus: int | None = None, keys: str = "",
    ) -> None:  # fmt: skip
        self.inbox, ids = Inbox(), count(1)
        self.step = step
        numbered = list(enumerate(wires.items(), 1))
        codes = {"1": "run", "0": "stop"}
        self.plant = Plant(
            "P", "L", "Asia/Seoul", None,
            tuple(Machine(n, key, key, n, 120_000) for n, (key, _wire) in numbered),
            tuple(Bus(n, key, wire.port, driver, dict(wire.bus)) for n, (key, wire) in numbered),
            tuple(Device(n, n, key, key, dict(device or {})) for n, (key, _wire) in numbered),
            tuple(
                signal for n, (_key, wire) in numbered for signal in (
                    Signal(10 * n, n, "good", "good", n, Role.GOOD, modulus=modulus, settings=dict(wire.good)),
                    Signal(10 * n + 1, n, "state", "state", n, Role.STATE, codes=codes, settings=dict(wire.state)),
                )
            ),
        )  # fmt: skip
        self.interpreter = Interpreter(self.plant, Memory(), lambda _at_ms: next(ids))
        self.events: list[Event] = []
        self.health: dict[str, list[Health]] = {key: [] for key in wires}
        self.failed = dict.fromkeys(wires, 0)  # answers of each machine that were damaged or missing
        self.readings: list[Reading] = []
        self.threads = [BusThread(each, self.plant, REAL, self.inbox, keys) for each in self.plant.buses]
        for thread in self.threads:
            thread.start()

    def make(self) -> None:
        """A piece more on each machine, and whatever arrived is interpreted."""
        self.step()
        self.take()
        time.sleep(0.01)

    def take(self) -> None:
        """Interpret what arrived."""
        while (message := self.inbox.get(0)) is not None:
            if isinstance(message, Polled):
                self.readings += message.readings
                self.events += self.interpreter.read(message.readings).events
            elif isinstance(message, Counted):
                self.failed[message.device] += message.more.damaged + message.more.missing
            else:
                self.health[message.device].append(message)
                self.events += self.interpreter.health(message).events

    def until(self, condition: Callable[[], bool], limit_s: float) -> float:
        """Make pieces until a condition holds; how long it took."""
        began = time.monotonic()
        while not condition():
            assert time.monotonic() - began < limit_s, (self.health, self.events[-5:])
            self.make()
        return time.monotonic() - began

    def status(self, key: str) -> str:
        """What was last said of a device, "" before the first word."""
        return self.health[key][-1].status if self.health[key] else ""

    def counts(self, machine: int) -> list[Event]:
        """What was counted on a machine."""
        return [e for e in self.events if e.kind is EventKind.COUNT and e.machine == machine]

    def counted(self, machine: int) -> int:
        """How many pieces that are."""
        return sum(e.pieces or 0 for e in self.counts(machine))

    def states(self, machine: int) -> list[str]:
        """The states that a machine went through."""
        return [e.word for e in self.events if e.kind is EventKind.STATE and e.machine == machine]

    def sentence(self, said: Health) -> str:
        """What a person reads of it."""
        return fault_sentence(said.fault, json.loads(said.detail))

    def close(self) -> None:
        """End the bus threads."""
        stop_all(self.threads)
