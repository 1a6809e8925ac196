"""A job arrives byte for byte, or one fault says what is known."""

from __future__ import annotations

import os
import socket
import struct
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from desktop.clock import REAL
from drivers import printer
from drivers.base import DriverError, UnfitError
from drivers.printer import check_printer, send
from drivers.simulated.port import WirePort
from drivers.simulated.wire_printer import PrinterFace

JOB = b"^XA^FO8,8^GFA,1,1,1,FF^FS^PQ1^XZ\r\n" + bytes(range(256)) * 300


@contextmanager
def network(read: bool = True) -> Iterator[tuple[str, list[bytes]]]:
    """A printer on the network; one that does not `read` lets nobody past the first bytes."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)
        done = threading.Event()

        def serve() -> None:
            connection, _peer = server.accept()
            with connection:
                while read and (data := connection.recv(65536)):
                    heard.append(data)
                done.wait(0 if read else 10)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"socket://127.0.0.1:{server.getsockname()[1]}", heard
        finally:
            done.set()
            thread.join()


def test_over_the_network() -> None:
    with network() as (port, heard):
        send(port, JOB, REAL)
    assert b"".join(heard) == JOB


def test_the_simulated_printer_takes_jobs_beside_whoever_holds_a_connection() -> None:
    heard: list[bytes] = []
    face = PrinterFace(heard.append)
    try:
        address = ("127.0.0.1", int(face.url.rpartition(":")[2]))
        with socket.create_connection(address) as silent, socket.create_connection(address) as slow:
            slow.sendall(b"^XA")
            socket.create_connection(address).close()  # somebody who only looks whether it is there
            send(face.url, JOB, REAL)
            assert heard == list(face.jobs) == [JOB]
            slow.sendall(b"^XZ")
            slow.shutdown(socket.SHUT_WR)
            assert slow.recv(1) == b"", "it hangs up when it has the whole job"
            assert heard == [JOB, b"^XA^XZ"]
            broken = socket.create_connection(address)
            broken.sendall(b"^XA")
            broken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            broken.close()  # it broke off
            send(face.url, JOB, REAL)
            assert heard == [JOB, b"^XA^XZ", JOB]
            silent.settimeout(5)
            face.close()
            assert silent.recv(1) == b""
    finally:
        face.close()


def test_a_printer_that_takes_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printer, "STALL_S", 0.2)
    with network(read=False) as (port, _heard), pytest.raises(DriverError) as fault:
        send(port, bytes(40_000_000), REAL)
    assert fault.value.kind == "not_taken"
    assert 0 < int(str(fault.value.detail["sent"])) < 40_000_000


def test_nobody_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = f"socket://127.0.0.1:{server.getsockname()[1]}"
    with pytest.raises(DriverError) as fault:
        send(port, JOB, REAL)
    assert fault.value.kind == "port_refused"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pty")
def test_over_a_serial_line(tmp_path: Path) -> None:
    with WirePort(tmp_path / "bus", "pty") as wire:
        heard = bytearray()
        done = threading.Event()

        def listen() -> None:
            while len(heard) < len(JOB) and not done.is_set():
                heard.extend(wire.read())

        thread = threading.Thread(target=listen)
        thread.start()
        try:
            send(os.path.realpath(wire.url), JOB, REAL, {"baud": 115200})
            thread.join(10)
        finally:
            done.set()
            thread.join()
        assert bytes(heard) == JOB


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pty")
def test_a_serial_line_that_is_held_up(monkeypatch: pytest.MonkeyPatch) -> None:
    import pty
    import tty

    monkeypatch.setattr(printer, "STALL_S", 0.2)
    near, far = pty.openpty()
    try:
        tty.setraw(far)
        with pytest.raises(DriverError) as fault:
            send(os.ttyname(far), bytes(1_000_000), REAL)  # nobody reads
    finally:
        os.close(near)
        os.close(far)
    assert fault.value.kind == "not_taken"


@pytest.mark.skipif(sys.platform == "win32", reason="no device files")
def test_a_device_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    send("/dev/null", JOB, REAL)
    file = tmp_path / "somebodys.txt"
    file.write_text("kept")
    for port in (str(file), f"/dev/../{file}"):
        with pytest.raises(DriverError) as fault:
            send(port, JOB, REAL)
        assert fault.value.kind == "bad_address"
    assert file.read_text() == "kept"
    with pytest.raises(DriverError) as missing:
        send("/dev/usb/lp77", JOB, REAL)
    assert missing.value.kind == "port_missing"
    with pytest.raises(DriverError) as full:
        send("/dev/full", JOB, REAL)
    assert full.value.kind == "link_lost"


@pytest.mark.parametrize(
    "port",
    ["socket://10.0.0.5:9100", "COM5", "com12", "/dev/ttyUSB0", "/dev/usb/lp0", "LPT1", r"\\.\LPT1",
     r"\\office\Zebra ZD421", "usb:0a5f:0166:D4J", "rfc2217://10.0.0.5:4001"],
)  # fmt: skip
def test_ways_to_a_printer(port: str) -> None:
    check_printer(port)


@pytest.mark.parametrize(
    "port",
    ["", "printer", "http://10.0.0.5", "10.0.0.5:9100", r"C:\Users\me\report.xlsx", "/home/me/file", "socket://10.0.0.5",
     "loop://", "spy://COM5?file=x", r"\\office", "opc.tcp://10.0.0.5:4840", "socket://h:70000"],
)  # fmt: skip
def test_what_is_no_way_to_a_printer(port: str) -> None:
    with pytest.raises(UnfitError):
        check_printer(port)
    with pytest.raises(DriverError) as fault:
        send(port, JOB, REAL)
    assert fault.value.kind == "bad_address"
