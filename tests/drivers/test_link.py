"""The wire itself: opening, every way it can fail, what is recorded."""

from __future__ import annotations

import errno
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from desktop.clock import REAL
from drivers.base import DriverError
from drivers.link import RING_BYTES, Link, PortInfo, matching, open_fault, ports, resolve
from drivers.simulated.port import WirePort
from drivers.simulated.wire_line import LineFace
from tests.waiting import wait_for

KINDS = ["socket"] if sys.platform == "win32" else ["pty", "socket"]
posix = pytest.mark.skipif(sys.platform == "win32", reason="ptys")


@pytest.fixture(params=KINDS)
def wire(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[WirePort]:
    with WirePort(tmp_path / "scale", request.param) as port:
        yield port


def opened(wire: WirePort, slice_s: float = 0.05) -> Link:
    link = Link(wire.url, {}, REAL, slice_s)
    link.open()
    wait_for(lambda: wire.listening)
    return link


def failure(use: Callable[[], object]) -> DriverError:
    """What `use` ends in; a socket takes the first bytes after the peer has gone."""
    for _ in range(3):
        try:
            use()
        except DriverError as fault:
            return fault
    raise AssertionError("it works")


def received(link: Link, count: int) -> bytes:
    return gathered(lambda: link.receive().data, count)


def gathered(read: Callable[[], bytes], count: int, limit_s: float = 5.0) -> bytes:
    data = bytearray()

    def enough() -> bool:
        data.extend(read())
        return len(data) >= count

    wait_for(enough, limit_s)
    return bytes(data)


def test_bytes_go_both_ways_and_are_recorded(wire: WirePort) -> None:
    link = opened(wire)
    try:
        before = REAL.now_ms()
        assert wire.write(b"ST,GS\r\n") == 7
        assert received(link, 7) == b"ST,GS\r\n"
        link.send(b"Q\r\n")
        assert gathered(wire.read, 3) == b"Q\r\n"
        assert (link.rx_bytes, link.tx_bytes) == (7, 3)
        tail = link.raw_tail()
        assert b"".join(data for _, way, data in tail if way == "rx") == b"ST,GS\r\n"
        assert tail[-1][1:] == ("tx", b"Q\r\n")
        assert all(before <= at_ms <= REAL.now_ms() for at_ms, _, _ in tail)
    finally:
        link.close()


def test_a_flood_arrives_whole_and_the_ring_stays_at_64_kb(wire: WirePort) -> None:
    link = opened(wire)
    try:
        flood = bytes(range(256)) * 1200
        feeder = threading.Thread(target=pour, args=(wire, flood))
        feeder.start()
        assert received(link, len(flood)) == flood
        feeder.join()
        kept = b"".join(data for _, _, data in link.raw_tail())
        assert RING_BYTES - 8192 < len(kept) <= RING_BYTES
        assert flood.endswith(kept)
    finally:
        link.close()


def pour(wire: WirePort, data: bytes) -> None:
    sent = 0
    while sent < len(data):
        taken = wire.write(data[sent:])
        sent += taken
        if not taken:
            time.sleep(0.001)


def test_many_small_pieces_do_not_grow_the_ring() -> None:
    link = Link("loop://", {}, REAL, 0.05)
    link.open()
    try:
        for _ in range(6000):
            link.send(b"x")
            link.receive()
        assert len(link.raw_tail()) <= 4096
    finally:
        link.close()


def test_waiting_ends_with_the_slice(wire: WirePort) -> None:
    link = opened(wire, 0.05)
    try:
        start = time.monotonic()
        assert link.receive().data == b""
        assert 0.04 < time.monotonic() - start < 1.0
    finally:
        link.close()


def test_a_pulled_cable_is_link_lost_and_a_new_link_works(wire: WirePort) -> None:
    link = opened(wire)
    wire.cut()
    for use in (link.receive, partial(link.send, b"x"), link.pending if wire.url.startswith("/") else link.receive):
        fault = failure(use)
        assert fault.kind == "link_lost"
        assert fault.detail["port"] == wire.url
    link.close()
    with pytest.raises(DriverError) as gone:
        Link(wire.url, {}, REAL).open()
    assert gone.value.kind in ("port_missing", "port_refused")
    assert not gone.value.needs_person
    wire.restore()
    again = opened(wire)
    try:
        assert wire.write(b"back\r\n") == 6
        assert received(again, 6) == b"back\r\n"
    finally:
        again.close()


def test_closing_is_quick_silent_and_may_be_repeated(wire: WirePort) -> None:
    link = opened(wire)
    link.send(b"last")
    start = time.monotonic()
    link.close()
    link.close()
    assert time.monotonic() - start < 2.0
    assert link.raw_tail()[-1][2] == b"last"
    with pytest.raises(DriverError, match="link_lost"):
        link.receive()


def test_a_driver_that_hangs_in_close_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drivers.link.CLOSE_LIMIT_S", 0.05)
    release = threading.Event()
    link = Link("loop://", {}, REAL)
    link._port = SimpleNamespace(close=release.wait)
    start = time.monotonic()
    link.close()
    assert time.monotonic() - start < 1.0
    release.set()


@posix
def test_the_same_port_cannot_be_opened_twice(tmp_path: Path) -> None:
    with WirePort(tmp_path / "scale") as wire:
        link = opened(wire)
        try:
            with pytest.raises(DriverError) as busy:
                Link(wire.url, {}, REAL).open()
            assert busy.value.kind == "port_busy"
        finally:
            link.close()


@posix
def test_what_came_before_opening_is_lost_and_nothing_after(tmp_path: Path) -> None:
    """pyserial's open clears the input queue; the simulator's end knows exactly from when on it is heard."""
    with WirePort(tmp_path / "scanner") as wire:
        assert wire.write(b"nobody\r\n") == 0
        os.write(wire._end._master, b"early\r\n")  # type: ignore[union-attr]
        link = opened(wire)
        try:
            wire.write(b"heard\r\n")
            assert received(link, 7) == b"heard\r\n"
        finally:
            link.close()
        wait_for(lambda: not wire.listening)


def test_a_full_peer_refuses_the_rest(wire: WirePort) -> None:
    link = opened(wire)
    try:
        block, total, taken = b"x" * 65536, 0, 1
        while taken:
            taken = wire.write(block)
            total += taken
            assert taken <= len(block)
            assert total < 100_000_000
        assert total > 0
    finally:
        link.close()


def test_lines_are_never_cut_by_a_full_peer(wire: WirePort) -> None:
    link = opened(wire)
    try:
        face = LineFace(wire)
        sent: list[bytes] = []
        while face.send(line := b"%06d " % len(sent) + b"y" * 900):
            sent.append(line)
        assert sent
        whole = b"".join(line + b"\r\n" for line in sent)

        def read() -> bytes:
            face.push()
            return link.receive().data

        assert gathered(read, len(whole), 20) == whole
        assert face.send("next")
        assert received(link, 6) == b"next\r\n"
    finally:
        link.close()


def test_the_rest_of_a_line_is_not_given_to_the_next_listener(wire: WirePort) -> None:
    first = opened(wire)
    face = LineFace(wire)
    while face.send(b"z" * 5000):
        pass
    first.close()
    wait_for(lambda: not wire.listening)
    second = opened(wire)
    try:
        wait_for(lambda: face.send("fresh"))
        assert received(second, 7) == b"fresh\r\n"
    finally:
        second.close()


def test_a_second_caller_of_a_socket_is_turned_away() -> None:
    with WirePort(kind="socket") as wire:
        link = opened(wire)
        try:
            host, port = wire.url.removeprefix("socket://").split(":")
            with socket.create_connection((host, int(port)), 2) as second:
                second.settimeout(2)
                wait_for(lambda: wire.listening)
                assert second.recv(1) == b""
            wire.write(b"mine")
            assert received(link, 4) == b"mine"
        finally:
            link.close()


def test_the_stable_name_survives_and_goes_with_the_wire(tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("ptys")
    path = tmp_path / "scanner-1"
    with WirePort(path) as wire:
        first = os.readlink(path)
        wire.cut()
        assert not path.is_symlink()
        wire.restore()
        assert path.is_symlink()
        assert wire.url == str(path)
        assert first.startswith("/dev/")
    assert not path.is_symlink()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("port", "kind", "person"),
    [
        ("/dev/no-such-port", "port_missing", False),
        ("COM77x", "port_missing", False),
        ("usb:0403:6001:NOSUCH", "port_missing", False),
        ("usb:hello", "bad_address", True),
        ("nonsense://1", "bad_address", True),
        ("socket://127.0.0.1:notaport", "bad_address", True),
        ("/etc/passwd", "bad_address", True),
    ],
)
def test_ports_that_cannot_be_opened(port: str, kind: str, person: bool) -> None:
    with pytest.raises(DriverError) as fault:
        Link(port, {}, REAL).open()
    assert (fault.value.kind, fault.value.needs_person) == (kind, person)
    assert port in fault.value.detail.values()


@pytest.mark.parametrize("scheme", ["socket", "rfc2217"])
def test_a_refused_socket_names_the_port(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(DriverError) as fault:
        Link(f"{scheme}://127.0.0.1:{port}", {}, REAL).open()
    assert fault.value.kind == "port_refused"
    assert str(port) in str(fault.value.detail["port"])


@pytest.mark.parametrize(
    ("settings", "part"),
    [
        ({"frame": "9N1"}, "frame"),
        ({"baud": 0}, "baud"),
        ({"baud": "fast"}, "baud"),
        ({"baud": 9600.5}, "baud"),
        ({"dtr": 1}, "dtr"),
        ({"flow": "maybe"}, "flow"),
    ],
)
def test_wrong_settings_are_named(settings: dict[str, int | str | float], part: str) -> None:
    with pytest.raises(DriverError) as fault:
        Link("loop://", settings, REAL).open()
    assert fault.value.kind == "bad_address"
    assert part in str(fault.value.detail["address"])


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (OSError(errno.ENOENT, "no such file"), "port_missing"),
        (OSError(errno.EACCES, "permission denied"), "port_denied"),
        (OSError(errno.EAGAIN, "Could not exclusively lock port"), "port_busy"),
        (OSError(errno.EBUSY, "busy"), "port_busy"),
        (OSError(errno.EIO, "Input/output error"), "link_lost"),
        # the texts of pyserial 3.5 on Windows, where no number comes along
        (OSError("could not open port 'COM3': FileNotFoundError(2, 'The system ...', None, 2)"), "port_missing"),
        (OSError("could not open port 'COM3': PermissionError(13, 'Access is denied.', None, 5)"), "port_busy"),
        (OSError("could not open port 'COM3': OSError(22, 'A device attached ...', None, 31)"), "link_lost"),
    ],
)
def test_what_a_failed_open_means(error: OSError, kind: str) -> None:
    fault = open_fault("COM3", error)
    assert fault.kind == kind
    assert fault.detail["port"] == "COM3"


SCALE = PortInfo("COM3", "USB Serial Port", "FTDI", "usb:0403:6001:A50285BIA")
SCANNER = PortInfo("COM5", "Scanner", "", "usb:05F9:4204@1-1.2")
OTHER = PortInfo("COM6", "Scanner", "", "usb:05F9:4204@1-1.3")


@pytest.mark.parametrize(
    ("identity", "names"),
    [
        ("usb:0403:6001:A50285BI", ["COM3"]),  # FTDI on Windows appends the channel letter
        ("usb:0403:6001:a50285bia", ["COM3"]),
        ("usb:0403:6001", ["COM3"]),
        ("usb:05f9:4204@1-1.2", ["COM5"]),
        ("usb:05f9:4204", ["COM5", "COM6"]),
        ("usb:0403:6001:A5", []),
        ("usb:1a86:7523", []),
    ],
)
def test_ports_by_usb_identity(identity: str, names: list[str]) -> None:
    found = [PortInfo("COM1", "Communications Port", "", ""), SCALE, SCANNER, OTHER]
    assert [info.name for info in matching(identity, found)] == names


def test_a_usb_identity_is_looked_up_when_the_port_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = [
        SimpleNamespace(device="/dev/ttyS0", vid=None, pid=None, serial_number=None, location=None, description=None,
                        manufacturer=None),
        SimpleNamespace(device="/dev/ttyUSB7", vid=0x0403, pid=0x6001, serial_number="A50285BI", location="1-1",
                        description="FT232R", manufacturer="FTDI"),
        SimpleNamespace(device="/dev/ttyACM0", vid=0x05F9, pid=0x4204, serial_number=None, location="1-2",
                        description="Scanner", manufacturer=None),
    ]  # fmt: skip
    monkeypatch.setattr("serial.tools.list_ports.comports", lambda: listed)
    assert [info.identity for info in ports()] == ["", "usb:0403:6001:A50285BI", "usb:05F9:4204@1-2"]
    assert resolve("usb:0403:6001:A50285BI") == "/dev/ttyUSB7"
    listed[1].device = "/dev/ttyUSB8"
    assert resolve("usb:0403:6001:A50285BI") == "/dev/ttyUSB8"
    assert resolve("COM3") == "COM3"
    listed.append(listed[2])
    with pytest.raises(DriverError, match="bad_address"):
        resolve("usb:05F9:4204")


def test_a_failing_port_list_is_a_missing_port(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> list[object]:
        raise OSError("SetupDiGetClassDevs failed")

    monkeypatch.setattr("serial.tools.list_ports.comports", broken)
    with pytest.raises(DriverError) as fault:
        resolve("usb:0403:6001:A50285BI")
    assert fault.value.kind == "port_missing"
    assert "SetupDi" in str(fault.value.detail["reason"])


@pytest.mark.parametrize("port", ["spy:///dev/null?file={file}", "alt:///dev/null", "hwgrep://(", "../x\x00y"])
def test_a_url_that_is_no_port_is_refused(port: str, tmp_path: Path) -> None:
    """pyserial's spy:// would write its protocol over any file."""
    victim = tmp_path / "victim.txt"
    victim.write_text("precious")
    with pytest.raises(DriverError) as fault:
        Link(port.format(file=victim), {}, REAL).open()
    assert fault.value.kind == "bad_address"
    assert fault.value.needs_person
    assert victim.read_text() == "precious"
