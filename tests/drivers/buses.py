"""Buses that are polled: what their tests share."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from pymodbus.framer import FramerType
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import SimDevice

from desktop.clock import REAL
from drivers.base import BusSpec, Clock, DeviceSpec, Reading, SignalSpec, Value
from drivers.modbus_rtu import ModbusRtu
from drivers.polling import PolledBus
from drivers.simulated.port import WirePort
from tests.waiting import wait_for

Settings = dict[str, Value]
Bus = TypeVar("Bus", bound=PolledBus)


def mirror(area: str, address: int, count: int) -> list[int]:
    """A unit whose every register holds its own address: a value of another register gives itself away."""
    if area in ("coil", "discrete"):
        return [at % 2 for at in range(address, address + count)]
    return list(range(address, address + count))


DeviceGiven = tuple[Settings, dict[str, Settings]]


def bus_of(url: str, devices: Mapping[str, DeviceGiven], **bus: Value) -> BusSpec:
    specs = tuple(
        DeviceSpec(key, given, tuple(SignalSpec(signal, its) for signal, its in signals.items()))
        for key, (given, signals) in devices.items()
    )
    return BusSpec("bus-1", url, {"baud": 115200, "timeout_ms": 100, **bus}, specs)


@contextmanager
def running(bus: BusSpec, clock: Clock = REAL, kind: type[Bus] = ModbusRtu) -> Iterator[Bus]:
    driver = kind(bus, clock)
    driver.open()
    try:
        yield driver
    finally:
        driver.close()


def polled(driver: PolledBus, enough: Callable[[list[Reading]], object], limit_s: float = 8.0) -> list[Reading]:
    readings: list[Reading] = []

    def done() -> object:
        readings.extend(driver.poll())
        return enough(readings)

    wait_for(done, limit_s)
    return readings


def for_s(driver: PolledBus, seconds: float) -> list[Reading]:
    end = time.monotonic() + seconds
    return polled(driver, lambda _: time.monotonic() > end)


class Script(threading.Thread):
    """A peer that hears the bytes it expects and says the bytes it is told."""

    def __init__(self, wire: WirePort, exchanges: list[tuple[bytes, bytes]]) -> None:
        super().__init__(daemon=True)
        self.wire = wire
        self.exchanges = exchanges
        self.heard: list[bytes] = []

    def run(self) -> None:
        for expected, answer in self.exchanges:
            heard = b""
            end = time.monotonic() + 5
            while len(heard) < len(expected) and time.monotonic() < end:
                self.wire.wait(0.05)
                heard += self.wire.read()
            self.heard.append(heard)
            self.wire.write(answer)


def requests(driver: PolledBus, unit: int) -> int:
    """How many frames on the wire went to a unit."""
    return sum(data[0] == unit for _, way, data in driver.raw_tail() if way == "tx")


def wrong(readings: list[Reading]) -> list[Reading]:
    """Values that are not those of their own register."""
    return [reading for reading in readings if reading.value != int(reading.signal)]


@contextmanager
def pymodbus_server(device: SimDevice) -> Iterator[int]:
    """An independent peer that speaks RTU frames over TCP, as a device server would pass them on."""
    ready = threading.Event()
    found: dict[str, Any] = {}

    async def serve() -> None:
        server: Any = ModbusTcpServer([device], framer=FramerType.RTU, address=("127.0.0.1", 0))
        await server.serve_forever(background=True)
        found["port"] = server.transport.sockets[0].getsockname()[1]
        found["loop"], found["stop"] = asyncio.get_running_loop(), asyncio.Event()
        ready.set()
        await found["stop"].wait()
        await server.shutdown()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield found["port"]
    finally:
        found["loop"].call_soon_threadsafe(found["stop"].set)
        thread.join(10)
