"""Buses behind serial device servers, plain and RFC 2217, and a port whose own driver hangs."""

from __future__ import annotations

import sys
import threading
import time
from typing import Any

import pytest
import serial

from desktop.clock import REAL
from desktop.collect import supervise
from desktop.collect.interpret import Health
from desktop.collect.supervise import BusThread, Inbox, stop_all
from desktop.domain.events import Role
from desktop.domain.plant import Bus, Device, Plant, Signal
from drivers.base import DriverError
from drivers.modbus_rtu import ModbusRtu
from drivers.simulated.port import WirePort
from drivers.simulated.wire_modbus import ModbusFace
from drivers.simulated.wire_xgt_cnet import CnetFace
from drivers.xgt_cnet import XgtCnet
from tests.drivers.buses import DeviceGiven, bus_of, mirror, polled, running, wrong
from tests.drivers.device_server import DeviceServer
from tests.waiting import wait_for

#: pyserial 3.5 names and marks its threads as Python did before 3.10
pytestmark = pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning:serial")

ONE: dict[str, DeviceGiven] = {"dev": ({"unit": 1, "period_ms": 20}, {"7": {"address": "7"}, "90": {"address": "90"}})}


def until_lost(driver: ModbusRtu) -> DriverError:
    end = time.monotonic() + 5
    while time.monotonic() < end:
        try:
            driver.poll()
        except DriverError as lost:
            return lost
    raise AssertionError("nobody noticed")


@pytest.mark.skipif(sys.platform == "win32", reason="the server opens a pty")
@pytest.mark.parametrize("scheme", ["socket", "rfc2217"])
def test_a_bus_behind_a_device_server_is_read_and_comes_back(wire: WirePort, scheme: str) -> None:
    with DeviceServer(wire.url, scheme) as server, ModbusFace(wire, {1: mirror}):
        bus = bus_of(server.url, ONE, baud=19200, timeout_ms=300)
        with running(bus) as driver:
            readings = polled(driver, lambda found: len({r.signal for r in found}) == 2)
            assert wrong(readings) == []
            server.cut()
            started = time.monotonic()
            lost = until_lost(driver)
            assert (lost.kind, lost.detail["port"]) == ("link_lost", server.url)
            assert time.monotonic() - started < 2
        with pytest.raises(DriverError) as refused:
            ModbusRtu(bus, REAL).open()
        assert refused.value.kind == "port_refused"
        server.restore()
        with running(bus) as driver:
            again = polled(driver, lambda found: len({r.signal for r in found}) == 2)
            assert wrong(again) == []
            assert {r.note for r in again[:1]} == {"snapshot"}
        assert (19200 in server.rates) is (scheme == "rfc2217")  # only there the speed goes along


@pytest.mark.skipif(sys.platform == "win32", reason="the server opens a pty")
@pytest.mark.parametrize("scheme", ["socket", "rfc2217"])
def test_bytes_that_telnet_would_swallow_pass(wire: WirePort, scheme: str) -> None:
    """FF is a command there, and the check characters of Cnet are text beside it."""
    devices: dict[str, DeviceGiven] = {
        "dev": ({"unit": 1}, {"65535": {"address": "65535"}, "65280": {"address": "65280"}})
    }
    with DeviceServer(wire.url, scheme) as server:
        with ModbusFace(wire, {1: mirror}), running(bus_of(server.url, devices)) as driver:
            assert wrong(polled(driver, lambda found: len({r.signal for r in found}) == 2)) == []
        words: dict[str, DeviceGiven] = {"plc": ({"station": 1}, {"65535": {"address": "D65535"}})}
        with (
            CnetFace(wire, {1: lambda name, count: [int(name[3:])] * count}),
            running(bus_of(server.url, words), kind=XgtCnet) as plc,
        ):
            assert wrong(polled(plc, len)) == []


class HangingPort:
    """A pyserial port whose driver does not come back from reading, as a USB adapter's may after sleeping."""

    in_waiting = 0
    is_open = False

    def __init__(self, hang: threading.Event) -> None:
        self._hang = hang

    def open(self) -> None:
        self.is_open = True

    def write(self, data: bytes) -> int:
        return len(data)

    def read(self, _size: int = 1) -> bytes:
        self._hang.wait(20)
        return b""

    def close(self) -> None:
        self.is_open = False


def test_a_hanging_port_is_said_within_the_watchdog_and_disturbs_nobody(
    wire: WirePort, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(supervise, "HUNG_S", 0.3)
    hang = threading.Event()
    real = serial.serial_for_url

    def opened(name: str, **options: Any) -> Any:
        return HangingPort(hang) if name == "COM9" else real(name, **options)

    monkeypatch.setattr(serial, "serial_for_url", opened)
    settings = {"baud": 115200, "timeout_ms": 100}
    plant = Plant(
        "P", "L", "UTC", None,
        buses=(Bus(1, "hung", "COM9", "modbus_rtu", settings), Bus(2, "well", wire.url, "modbus_rtu", settings)),
        devices=(Device(1, 1, "a", "A", {"unit": 1}), Device(2, 2, "b", "B", {"unit": 1, "period_ms": 20})),
        signals=tuple(Signal(at, at, "7", "s", None, Role.MEASURE, settings={"address": "7"}) for at in (1, 2)),
    )  # fmt: skip
    inbox = Inbox()
    threads = [BusThread(bus, plant, REAL, inbox) for bus in plant.buses]
    everyone = list(threads)  # those that took over besides
    said: list[Health] = []
    values = [0]

    def watched() -> bool:
        threads[:] = [thread.watch() for thread in threads]
        everyone.extend(thread for thread in threads if thread not in everyone)
        while (message := inbox.get(0)) is not None:
            if isinstance(message, Health):
                said.append(message)
            else:
                values[0] += len(message.readings)
        return any(health.fault == "driver_hung" for health in said)

    with ModbusFace(wire, {1: mirror}):
        started = time.monotonic()
        for thread in threads:
            thread.start()
        wait_for(watched)
        assert time.monotonic() - started < 0.3 + 2
        assert [(health.device, health.status) for health in said if health.fault] == [("a", "offline")]
        before = values[0]
        wait_for(lambda: watched() and values[0] > before + 5)
        assert ("b", "online") in {(health.device, health.status) for health in said}
        hang.set()
        stop_all(everyone)
    assert not any(thread.is_alive() for thread in everyone)
    assert "hangs" in caplog.text
