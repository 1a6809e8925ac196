"""Peers for the OPC UA driver: an independent server (asyncua), a wire that can fail, and short words for tests."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncua
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from desktop.clock import REAL
from drivers.base import BusSpec, DeviceSpec, DriverError, Reading, SignalSpec, Value
from drivers.opc_ua import OpcUa

other: Any = asyncua
other_ua: Any = asyncua.ua

OURS = "nsu=urn:gadong:demo;s="
THEIRS = "nsu=urn:plc;s="
QUICK: dict[str, Value] = {"publishing_ms": 20, "keepalive_s": 0.2, "timeout_s": 1.0, "watchdog_s": 1.0}


def bus(
    url: str, nodes: dict[str, str], settings: dict[str, Value] | None = None, keys: str = "", **of_signal: Value
) -> BusSpec:
    signals = tuple(SignalSpec(key, {"node": node, "sampling_ms": 10, **of_signal}) for key, node in nodes.items())
    return BusSpec("cell", url, {**QUICK, **(settings or {})}, (DeviceSpec("plc", {}, signals),), keys)


@contextmanager
def opened(spec: BusSpec) -> Iterator[OpcUa]:
    driver = OpcUa(spec, REAL)
    try:
        driver.open()
        yield driver
    finally:
        driver.close()


def collect(driver: OpcUa, enough: Callable[[list[Reading]], bool], limit_s: float = 5.0) -> list[Reading]:
    """Poll until there is enough; fails after the limit."""
    found: list[Reading] = []
    until = time.monotonic() + limit_s
    while not enough(found):
        assert time.monotonic() < until, f"not enough: {found}"
        found += driver.poll()
    return found


def have(*keys: str) -> Callable[[list[Reading]], bool]:
    return lambda found: set(keys) <= {reading.signal for reading in found}


def arrived(value: Value) -> Callable[[list[Reading]], bool]:
    return lambda found: any(reading.value == value for reading in found)


def last(found: list[Reading], key: str) -> Reading:
    return [reading for reading in found if reading.signal == key][-1]


def error_of(driver: OpcUa, limit_s: float) -> DriverError:
    """Poll until the driver gives up; fails after the limit."""
    until = time.monotonic() + limit_s
    while time.monotonic() < until:
        try:
            driver.poll()
        except DriverError as error:
            return error
    raise AssertionError("the driver noticed nothing")


def refused(spec: BusSpec) -> DriverError:
    driver = OpcUa(spec, REAL)
    try:
        with pytest.raises(DriverError) as caught:
            driver.open()
    finally:
        driver.close()
    return caught.value


class Users:
    """Who may log in, and what was tried."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}
        self.tried: list[tuple[str | None, str | None]] = []

    def get_user(self, iserver: Any, username: Any = None, password: Any = None, certificate: Any = None) -> Any:
        self.tried.append((username, password))
        if self.known.get(username, "") == (password or ""):
            return other.crypto.permission_rules.User(role=other.crypto.permission_rules.UserRole.User)
        return None


class Plc:
    """An independent server in a thread of its own; with a certificate and its key (both DER) a secured one."""

    def __init__(self, certificate: bytes = b"", key: bytes = b"", *policies: str, uri: str = "") -> None:
        self.users = Users()
        self.certificate, self.key, self.uri = certificate, key, uri
        self.policies = [getattr(other_ua.SecurityPolicyType, name) for name in policies]
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.server = other.Server(user_manager=self.users if policies else None)
        self.nodes: dict[str, Any] = {}
        self.do(self._start())
        self.url = f"opc.tcp://127.0.0.1:{self.server.bserver._server.sockets[0].getsockname()[1]}"

    def do(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)

    async def _start(self) -> None:
        await self.server.init()
        self.server.set_endpoint("opc.tcp://127.0.0.1:0")
        if self.policies:
            await self.server.set_application_uri(self.uri)
            self.server.set_security_policy(self.policies)
        if self.certificate:
            await self.server.load_certificate(self.certificate, "der")
            await self.server.load_private_key(self.key, format="der")
        self.index = await self.server.register_namespace("urn:plc")
        await self.server.start()

    def add(self, name: str, value: Any, kind: Any = None) -> None:
        node_id = other_ua.NodeId(name, self.index)
        self.nodes[name] = self.do(self.server.nodes.objects.add_variable(node_id, name, value, kind))

    def set(self, name: str, value: Any, status: int = 0, source: datetime | None = None) -> None:
        data = other_ua.DataValue(
            value if isinstance(value, other_ua.Variant) else other_ua.Variant(value),
            other_ua.StatusCode(status),
            SourceTimestamp=source,
        )
        self.do(self.nodes[name].write_value(data))

    async def _stop(self) -> None:
        await self.server.stop()
        left = asyncio.all_tasks() - {asyncio.current_task()}  # those of sessions whose client is gone
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def close(self) -> None:
        self.do(self._stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)
        self.loop.close()


SERVE = """
import json, sys
from drivers.simulated.wire_opc_ua import OpcUaFace
first, port = json.loads(sys.argv[1])
face = OpcUaFace(first, port)
print(face.url, flush=True)
for line in sys.stdin:
    face.set(*json.loads(line))
"""


class Child:
    """Our face in a process of its own, which can be killed, started again on the same port, and frozen."""

    def __init__(self, first: dict[str, bool | int | float | str]) -> None:
        self.url = ""
        self.process: subprocess.Popen[str] | None = None
        self.start(first)

    def start(self, first: dict[str, bool | int | float | str]) -> None:
        port = int(self.url.rpartition(":")[2] or 0)
        words = [sys.executable, "-c", SERVE, json.dumps([first, port])]
        self.process = subprocess.Popen(
            words, cwd=Path(__file__).parents[2], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()
        assert self.url

    def set(self, name: str, value: Any) -> None:
        """Set a variable; while the process is frozen what is set waits, while it is dead nothing happens."""
        if self.process is not None:
            assert self.process.stdin is not None
            self.process.stdin.write(json.dumps([name, value]) + "\n")

    def signal(self, number: int) -> None:
        assert self.process is not None
        os.kill(self.process.pid, number)

    def kill(self) -> None:
        process, self.process = self.process, None
        if process is not None:
            process.kill()
            with suppress(BrokenPipeError):
                process.communicate(timeout=10)

    close = kill


def certificate(uri: str, days: tuple[int, int] = (-1, 3650), bits: int = 2048) -> tuple[bytes, bytes]:
    """A machine's certificate and key (DER), valid from and to so many days from now."""
    key = rsa.generate_private_key(65537, bits)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "PLC")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .add_extension(x509.SubjectAlternativeName([x509.UniformResourceIdentifier(uri)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    der, pkcs8 = serialization.Encoding.DER, serialization.PrivateFormat.PKCS8
    return made.public_bytes(der), key.private_bytes(der, pkcs8, serialization.NoEncryption())


class Proxy:
    """A wire between driver and server that can fail in many ways.

    `stalled`: it is dead without a word, what is sent is lost. `held`: what is sent comes later, all of it. `delay_s`:
    so long everything takes. `lose`: so many answers of the server are lost. `spoil`: a byte of the next one is wrong.
    """

    def __init__(self, url: str) -> None:
        self.held = threading.Event()
        self.delay_s = 0.0
        self.lose = 0
        self.spoil = False
        self.target = int(url.rsplit(":", 1)[1])
        self.stalled = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.sockets: list[socket.socket] = [self.listener]
        self.url = f"opc.tcp://127.0.0.1:{self.listener.getsockname()[1]}"
        self.threads = [threading.Thread(target=self._accept, daemon=True)]
        self.threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                caller, _ = self.listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.target))
            except OSError:  # as a machine that is off: the caller finds nobody
                caller.close()
                continue
            self.sockets += [caller, server]
            for source, sink in ((caller, server), (server, caller)):
                thread = threading.Thread(target=self._pass_on, args=(source, sink), daemon=True)
                self.threads.append(thread)
                thread.start()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        answers = source.getpeername()[1] == self.target
        try:
            while data := source.recv(65536):
                while self.held.is_set():
                    time.sleep(0.01)
                if self.delay_s:
                    time.sleep(self.delay_s)
                if answers and self.lose:
                    self.lose -= 1
                    continue
                if answers and self.spoil:
                    self.spoil, data = False, data[:-1] + bytes([data[-1] ^ 1])
                if not self.stalled.is_set():
                    sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:  # what one end does the other sees
            with suppress(OSError):
                sink.shutdown(socket.SHUT_RDWR)

    def reset(self) -> None:
        """Drop the driver's connection as a router does that has forgotten it (RST)."""
        for each in self.sockets[1:]:
            with suppress(OSError):
                each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                each.shutdown(socket.SHUT_RD)
                each.close()

    def close(self) -> None:
        for each in self.sockets:
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                each.close()
            each.close()
        for thread in self.threads:
            thread.join(2)


@contextmanager
def rogue(behave: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that greets like OPC UA or not at all and then misbehaves."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        caller, _ = listener.accept()
        with caller:
            try:
                behave(caller)
            except OSError:  # the driver hung up, as it should
                return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"opc.tcp://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.close()
        thread.join(5)
