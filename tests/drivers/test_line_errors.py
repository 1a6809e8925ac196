"""What a port tells of damaged characters: counters of Linux, flags of Windows, and when they mean a wrong rate."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.clock import REAL
from desktop.wording.devices import fault_sentence
from drivers import link, polling
from drivers.line_errors import FlaggedErrors, LineErrors
from drivers.link import Link
from drivers.simulated.port import WirePort
from drivers.simulated.wire_modbus import ModbusFace
from drivers.text_line_guards import Damage
from tests.drivers.buses import DeviceGiven, bus_of, mirror, polled, running
from tests.waiting import wait_for

S = 1_000_000_000
posix = pytest.mark.skipif(sys.platform != "linux", reason="counters of a Linux driver")


class Counters(ctypes.Structure):
    """struct serial_icounter_struct as linux/serial.h has it; written apart from the driver's layout."""

    NAMES = ("cts", "dsr", "rng", "dcd", "rx", "tx", "frame", "overrun", "parity", "brk", "buf_overrun")
    _fields_ = (*((name, ctypes.c_int) for name in NAMES), ("reserved", ctypes.c_int * 9))


@pytest.fixture
def counters(monkeypatch: pytest.MonkeyPatch) -> Counters:
    """Counters behind every port that is opened; `rx` says how often they were asked."""
    import fcntl
    import termios

    told, real = Counters(), fcntl.ioctl

    def ioctl(number: int, request: int, *rest: Any) -> Any:
        if request != termios.TIOCGICOUNT:
            return real(number, request, *rest)
        told.rx += 1
        rest[0][:] = bytes(told)
        return 0

    monkeypatch.setattr(fcntl, "ioctl", ioctl)
    return told


class Watch:
    """A clock that stands until it is moved."""

    at_ns = 5 * S

    def now_ms(self) -> int:
        return self.at_ns // 1_000_000

    def mono_ns(self) -> int:
        return self.at_ns


def fetched(port: Link, wire: WirePort, data: bytes) -> None:
    wait_for(lambda: wire.listening)
    wire.write(data)
    before = port.rx_bytes
    wait_for(lambda: port.receive() and port.rx_bytes - before == len(data))


def test_a_port_that_does_not_count_says_nothing(tmp_path: Path) -> None:
    kinds = ["socket"] if sys.platform == "win32" else ["socket", "pty"]
    for kind in kinds:
        with WirePort(tmp_path / kind, kind) as wire:
            port = Link(wire.url, {}, REAL, 0.05)
            port.open()
            assert port.line_errors() is None
            port.close()
    port = Link("loop://", {}, REAL, 0.05)
    assert port.line_errors() is None  # not open either
    port.open()
    assert port.line_errors() is None
    port.close()


@posix
def test_counters_of_linux_count_since_the_port_was_opened_and_are_asked_once_a_second(
    tmp_path: Path, counters: Counters
) -> None:
    watch = Watch()
    counters.frame, counters.parity, counters.brk, counters.buf_overrun = 2**31 - 2, 7, 4, 1  # of earlier users
    with WirePort(tmp_path / "scale", "pty") as wire:
        port = Link(wire.url, {}, watch, 0.05)
        port.open()
        assert port.line_errors() == LineErrors()
        fetched(port, wire, b"ST,GS\r\n")
        counters.frame, counters.overrun, counters.parity, counters.brk = -(2**31) + 1, 2, 8, 5  # one wraps
        asked = counters.rx
        watch.at_ns += S - 1
        assert port.line_errors() == LineErrors()
        watch.at_ns += 1
        for _ in range(3):
            assert port.line_errors() == LineErrors(framing=4, parity=1, overrun=2, of=7)
        assert counters.rx == asked + 1
        port.close()
        watch.at_ns += 5 * S
        assert port.line_errors() == LineErrors(framing=4, parity=1, overrun=2, of=7)


class WindowsPort:
    """As pyserial's on Windows: whatever asks for the flags, `read` and `in_waiting` included, forgets them."""

    def __init__(self) -> None:
        self.flags = 0
        self.queue = b""
        self.is_open = False
        self.coming: list[tuple[int, bytes]] = []  # what arrives while `read` waits
        self.here = True

    def open(self) -> None:
        self.is_open = True

    def close(self) -> None:
        self.is_open = False

    def clear(self) -> int:
        flags, self.flags = self.flags, 0
        return flags

    def read(self, count: int) -> bytes:
        if not count:
            return b""
        self.clear()
        if not self.queue and self.coming:
            self.flags, self.queue = self.coming.pop(0)
        data, self.queue = self.queue[:count], self.queue[count:]
        return data

    @property
    def in_waiting(self) -> int:
        self.clear()
        return len(self.queue)

    def ClearCommError(self, handle: ctypes.c_void_p, flags: Any, stat: Any) -> int:
        assert handle.value == 42
        assert ctypes.sizeof(stat._obj) == 12  # COMSTAT: three DWORDs
        flags._obj.value = self.clear()
        stat._obj.received = len(self.queue)
        return int(self.here)


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> WindowsPort:
    import serial

    port = WindowsPort()
    monkeypatch.setattr(serial, "serial_for_url", lambda *_name, **_options: port)
    monkeypatch.setattr(link, "errors_of", lambda opened: FlaggedErrors(opened, 42))
    return port


def test_flags_of_windows_are_taken_before_pyserial_forgets_them(windows: WindowsPort) -> None:
    watch = Watch()
    port = Link("COM3", {}, watch, 0.05)
    port.open()
    windows.coming = [(0, b"ST,GS"), (0x8, b"\x98\xf8\r"), (0x4, b"S"), (0x2 | 0x10, b"ab"), (0, b"")]
    assert [port.receive().data for _ in range(3)] == [b"ST,GS", b"\x98\xf8\r", b"S"]
    windows.flags = 0x1  # between two reads: the queue was full
    assert [port.receive().data for _ in range(2)] == [b"ab", b""]
    watch.at_ns += S
    assert port.line_errors() == LineErrors(framing=5, parity=1, overrun=1, of=11, exact=False)
    windows.here = False
    with pytest.raises(link.DriverError, match="link_lost"):
        port.receive()
    port.close()


def grown(looks: list[tuple[int, int, int]], exact: bool = True) -> Damage:
    """A judge after looks: seconds later, characters, of them damaged."""
    damage, errors, at_s = Damage(), LineErrors(exact=exact), 0
    for after_s, chars, framing in looks:
        at_s += after_s
        errors = LineErrors(errors.framing + framing, 0, 0, errors.of + chars, exact)
        damage.look(errors, at_s * S)
    return damage


@pytest.mark.parametrize(
    ("looks", "of"),
    [
        ([(1, 40, 20)] * 3, ""),  # not yet 3 s
        ([(1, 40, 20)] * 4, "framing"),
        ([(1, 40, 13)] * 9, "framing"),
        ([(1, 40, 11)] * 9, ""),  # a bad cable, no wrong rate
        ([(3600, 20, 0), (3600, 20, 20)], ""),  # one burst, however long nothing came before it
        ([(3600, 20, 20), (3600, 20, 20)], "framing"),  # two scans of a scanner
        ([(1, 40, 40)] * 4 + [(1, 40, 0)], ""),  # put right
        ([(1, 5, 5)] * 5, ""),  # too few characters to say so
        ([(1, 400, 399), (5, 100, 0)], ""),  # what came well is no proof
    ],
)
def test_what_dominates_for_three_seconds_is_a_wrong_rate(looks: list[tuple[int, int, int]], of: str) -> None:
    assert grown(looks).of == of


def test_where_whole_arrivals_are_counted_nearly_all_must_be_damaged() -> None:
    assert grown([(1, 40, 30)] * 9, exact=False).of == ""
    assert grown([(1, 40, 40)] * 9, exact=False).of == "framing"


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 200), st.floats(0, 0.3)), max_size=50))
def test_less_than_a_third_of_damage_is_never_a_wrong_rate(looks: list[tuple[int, int, float]]) -> None:
    assert grown([(after, chars, int(chars * share)) for after, chars, share in looks]).of == ""


@posix
def test_damaged_answers_with_damaged_characters_name_the_baud_rate(
    tmp_path: Path, counters: Counters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "ERRORS_NS", 0)
    monkeypatch.setattr(polling, "BACK_OFF_S", (0.2,))
    for framing, problem in ((3, "framing"), (0, "")):

        def spoil(_unit: int, answer: bytes, framing: int = framing) -> bytes:
            counters.frame += framing
            return answer[:-1] + b"\0"

        devices: dict[str, DeviceGiven] = {"dev": ({"unit": 1, "period_ms": 10}, {"7": {"address": "7"}})}
        with (
            WirePort(tmp_path / "bus", "pty") as wire,
            ModbusFace(wire, {1: mirror}, spoil),
            running(bus_of(wire.url, devices)) as driver,
        ):
            polled(driver, lambda _, driver=driver: driver.faults())
            fault = driver.faults()["dev"]
        assert (fault.kind, fault.detail["problem"]) == ("bad_frames", problem)
        assert ("itself" in fault_sentence(fault.kind, fault.detail)) == bool(problem)


def test_a_port_without_a_handle_or_number_has_no_teller() -> None:
    from drivers.line_errors import errors_of

    assert errors_of(SimpleNamespace()) is None
