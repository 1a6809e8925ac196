"""Serial device servers for tests: a TCP port in front of a serial one, plain (socket://) or with RFC 2217."""

from __future__ import annotations

import logging
import socket
import threading
import time

import serial
from serial.rfc2217 import PortManager


class _Line(serial.Serial):
    """A pty, which has no lines beside its two."""

    cts = dsr = ri = cd = property(lambda self: False)

    def _update_dtr_state(self) -> None:
        pass

    def _update_rts_state(self) -> None:
        pass

    def _update_break_state(self) -> None:
        pass


class DeviceServer:
    """Passes a caller on to the serial port at `path`. `cut` hangs up and refuses, `restore` serves again."""

    def __init__(self, path: str, scheme: str) -> None:
        self.scheme = scheme
        self._path = path
        self._tcp_port = 0
        self._stop = threading.Event()
        self.rates: list[int] = []  # baud rates that callers asked for
        self.restore()

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self._tcp_port}"

    def restore(self) -> None:
        self._stop.clear()
        self._server = socket.create_server(("127.0.0.1", self._tcp_port), backlog=1)
        self._server.settimeout(0.05)
        self._tcp_port = self._server.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def cut(self) -> None:
        self._stop.set()
        self._thread.join(5)
        assert not self._thread.is_alive()

    def __enter__(self) -> DeviceServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()

    def _serve(self) -> None:
        with self._server:
            while not self._stop.is_set():
                try:
                    caller, _ = self._server.accept()
                except TimeoutError:
                    continue
                with caller, _Line(self._path, timeout=0) as port:
                    self._pass(caller, port)

    def _pass(self, caller: socket.socket, port: serial.Serial) -> None:
        caller.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        caller.settimeout(0.002)
        manager = None
        if self.scheme == "rfc2217":
            manager = PortManager(port, _Caller(caller), logging.getLogger("device server"))
        while not self._stop.is_set():
            try:
                heard = caller.recv(4096)
                if not heard:
                    return
                port.write(b"".join(manager.filter(heard)) if manager else heard)
            except TimeoutError:
                pass
            except OSError:
                return
            if not self.rates or self.rates[-1] != port.baudrate:
                self.rates.append(port.baudrate)
            if said := port.read(4096):
                caller.sendall(b"".join(manager.escape(said)) if manager else said)
            time.sleep(0)


class _Caller:
    """What PortManager answers through."""

    def __init__(self, caller: socket.socket) -> None:
        self._caller = caller

    def write(self, data: bytes) -> None:
        self._caller.sendall(data)
