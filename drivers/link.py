"""The one module that touches pyserial: a byte pipe to a port name, a link to one, a USB identity or a URL.

Everything pyserial can raise is turned into `DriverError` here, so that no driver needs to know that a
pulled cable is a SerialException in `read`, a plain OSError in `in_waiting` and a termios.error (no
OSError at all) in `flush`. pyserial itself is imported when a port is opened: the catalogue and the
settings form load without it.
"""

from __future__ import annotations

import errno
import logging
import os
import re
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from drivers.base import BusSpec, Clock, DriverError, Finding, Setting, UnfitError, Value, setting
from drivers.line_errors import CountedErrors, FlaggedErrors, LineErrors, errors_of

log = logging.getLogger(__name__)

#: all that pyserial 3.5 raises when a port dies; SerialException is an OSError, TypeError comes from a closed handle
WIRE_ERRORS: tuple[type[Exception], ...] = (OSError, TypeError, ValueError)
if sys.platform != "win32":
    import termios

    WIRE_ERRORS += (termios.error,)

SCHEMES = ("socket", "rfc2217", "loop")  # URLs that are ports
USB = re.compile(r"usb:[0-9a-f]{4}:[0-9a-f]{4}([:@].+)?", re.IGNORECASE)
HOST_AND_NUMBER = re.compile(r"(?:[^\s:/\\]+|\[[0-9a-fA-F:.]+\]):[0-9]+")
FRAMES = ("8N1", "8E1", "8O1", "8N2", "8E2", "8O2", "7E1", "7O1", "7N1", "7E2", "7O2", "7N2")

#: bus settings of everything that hangs on a serial line; a socket:// port ignores them
LINK_SETTINGS = (
    Setting("baud", int, 9600, unit="Bd", low=50, high=4_000_000),
    Setting("frame", str, "8N1", choices=FRAMES),
    Setting("flow", str, "none", choices=("none", "xonxoff", "rtscts")),
    Setting("dtr", bool, True),
    Setting("rts", bool, True),
)

RING_BYTES = 65536
RING_ENTRIES = 4096
WINDOWS_QUEUE_BYTES = 65536  # pyserial asks Windows for 4096: 0.36 s at 115200 Bd
WRITE_LIMIT_S = 0.4
CLOSE_LIMIT_S = 1.5  # CloseHandle may hang after an unplug
ERRORS_NS = 1_000_000_000  # how old the port's error counters may be


class WrongSettingError(DriverError):
    """A DriverError bad_address that knows which setting is wrong (`key`), and why in every language."""

    def __init__(self, where: str, key: str, why: UnfitError) -> None:
        super().__init__("bad_address", needs_person=True, address=f"{where}: {key}", reason=str(why))
        self.key = key
        self.why = why

    def finding(self, device: str = "", signal: str = "") -> Finding:
        """Return it as what `Driver.check` finds."""
        return Finding("wrong", device, signal, self.key, detail={"reason": self.why})


class Given:
    """The settings of one form as typed values; the defaults apply. A wrong one is raised as WrongSettingError."""

    __slots__ = ("_given", "_specs", "_where")

    def __init__(self, specs: tuple[Setting, ...], given: Mapping[str, Value], where: str) -> None:
        self._specs = {spec.key: spec for spec in specs}
        self._given = given
        self._where = where

    def wrong(self, key: str, why: UnfitError) -> WrongSettingError:
        """Return the fault that names this setting."""
        return WrongSettingError(self._where, key, why)

    def has(self, key: str) -> bool:
        """Return whether the setting was given (and not left to its default)."""
        return self._given.get(key) is not None

    def value(self, key: str) -> Value:
        """Return the setting as it is, one of its choices where it has any."""
        spec = self._specs[key]
        value = setting((spec,), self._given, key)
        if spec.choices and value not in spec.choices:
            raise self.wrong(
                key, UnfitError("{value!r} is none of {names}", value=value, names=", ".join(map(str, spec.choices)))
            )
        return value

    def text(self, key: str) -> str:
        """Return a text setting."""
        value = self.value(key)
        if not isinstance(value, str):
            raise self.wrong(key, UnfitError("{value!r} is no text", value=value))
        return value

    def flag(self, key: str) -> bool:
        """Return a yes/no setting."""
        value = self.value(key)
        if not isinstance(value, bool):
            raise self.wrong(key, UnfitError("{value!r} is not true or false", value=value))
        return value

    def number(self, key: str) -> float:
        """Return a number inside the setting's range, in the setting's unit."""
        spec, value = self._specs[key], self.value(key)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.wrong(key, UnfitError("{value!r} is no number", value=value))
        if (spec.low is not None and value < spec.low) or (spec.high is not None and value > spec.high):
            raise self.wrong(
                key, UnfitError("{value} is outside {low}..{high}", value=value, low=spec.low, high=spec.high)
            )
        return value

    def whole(self, key: str) -> int:
        """Return a whole number inside the setting's range, in the setting's unit."""
        value = self.number(key)
        if value != int(value):
            raise self.wrong(key, UnfitError("{value} is no whole number", value=value))
        return int(value)


class Chunk(Struct, frozen=True):
    """Bytes that arrived together; the stamps are those of the moment their first byte was read."""

    data: bytes
    at_ms: int
    mono_ns: int


class PortInfo(Struct, frozen=True):
    """A port of this computer. `identity` survives renaming: "usb:VID:PID:SERIAL", "usb:VID:PID@LOCATION" or ""."""

    name: str
    description: str
    manufacturer: str
    identity: str


def ports() -> list[PortInfo]:
    """Return the ports of this computer. Takes 15 ms, on Windows with Bluetooth seconds. Raises WIRE_ERRORS."""
    from serial.tools import list_ports

    found = []
    for info in list_ports.comports():
        identity = ""
        if info.vid is not None and info.pid is not None:
            identity = f"usb:{info.vid:04X}:{info.pid:04X}"
            if info.serial_number:
                identity += f":{info.serial_number}"
            elif info.location:
                identity += f"@{info.location}"
        found.append(PortInfo(info.device, info.description or "", info.manufacturer or "", identity))
    return found


def matching(identity: str, found: Sequence[PortInfo]) -> list[PortInfo]:
    """Return the ports with this USB identity; "usb:VID:PID" alone matches every such port.

    Case does not count, nor does the channel letter that FTDI's Windows driver appends to the serial
    number ("A50285BI" there is "A50285BIA").
    """
    wanted = identity.lower()
    bare = re.fullmatch(r"usb:[0-9a-f]{4}:[0-9a-f]{4}", wanted) is not None
    hits = []
    for info in found:
        have = info.identity.lower()
        if not have:
            continue
        same = have == wanted or have == wanted + "a" or have + "a" == wanted
        if same or (bare and have.startswith(wanted)):
            hits.append(info)
    exact = [info for info in hits if info.identity.lower() == wanted]
    return exact or hits


def resolve(port: str) -> str:
    """Return what pyserial can open: the present name of a "usb:" identity, anything else unchanged.

    Raises DriverError port_missing (not plugged in, or the list of ports cannot be read) or bad_address.
    """
    if not port.lower().startswith("usb:"):
        return port
    _check(port)
    try:
        found = matching(port, ports())
    except WIRE_ERRORS as error:
        raise DriverError("port_missing", port=port, reason=_words(error)) from error
    if not found:
        raise DriverError("port_missing", port=port)
    if len(found) > 1:
        names = ", ".join(info.name for info in found)
        raise DriverError("bad_address", needs_person=True, address=port, reason=f"fits {names}")
    return found[0].name


def _words(error: BaseException) -> str:
    """Return the error as one short line."""
    return " ".join(str(error).split())[:200] or type(error).__name__


def open_fault(port: str, error: BaseException) -> DriverError:
    """Return what a failed open means, for POSIX (errno), Windows (only a text) and URLs (a hidden cause)."""
    text = _words(error)
    if "://" in port:
        if "RFC2217" in text or "option" in text:
            return DriverError("protocol", port=port, reason=text)
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, OSError) and not type(cause).__module__.startswith("serial"):
                return DriverError("port_refused", port=port, reason=_words(cause))
            cause = cause.__context__
        return DriverError("bad_address", needs_person=True, address=port, reason=text)
    number = getattr(error, "errno", None)
    if number in (errno.ENOENT, errno.ENODEV, errno.ENXIO) or "FileNotFoundError" in text:
        return DriverError("port_missing", port=port)
    # Windows says "access denied" for a port that another program holds; it knows no permissions on ports
    if number in (errno.EAGAIN, errno.EBUSY) or "PermissionError(13" in text:
        return DriverError("port_busy", port=port)
    if number in (errno.EACCES, errno.EPERM):
        return DriverError("port_denied", needs_person=True, port=port)
    if number == errno.EIO or "OSError(22" in text:  # half-dead adapter: "a device ... is not functioning"
        return DriverError("link_lost", port=port, reason=text)
    return DriverError("bad_address", needs_person=True, address=port, reason=text)


def refuse_foreign(name: str) -> None:
    """Raise DriverError bad_address for a URL that is no port: pyserial's spy:// would write over any file."""
    _check(name)
    if any(ord(letter) < 32 for letter in name):
        shown = name.encode("unicode_escape").decode("ascii")
        raise DriverError("bad_address", needs_person=True, address=shown, reason="no port, socket:// or rfc2217://")


def check_port(port: str) -> None:
    """Raise UnfitError for a text that can be no port: an unknown kind of URL, a bare host, a number that is none."""
    scheme, found, rest = port.partition("://")
    if not found:
        if port.lower().startswith("usb:"):
            if not USB.fullmatch(port):
                raise UnfitError(
                    "an adapter is named by {form}", form="usb:0403:6001:A50285BI, usb:0403:6001@1-2.3, usb:0403:6001"
                )
        elif HOST_AND_NUMBER.fullmatch(port):
            raise bare_host(f"socket://{port}")
    elif scheme.lower() == "opc.tcp":
        raise UnfitError("{scheme} goes only with {setting}", scheme="opc.tcp://", setting='driver = "opc_ua"')
    elif scheme.lower() not in SCHEMES:
        if HOST_AND_NUMBER.fullmatch(rest):
            port_number(port)
            raise UnfitError(
                "{scheme} is no connection that Gadong knows; did you mean {meant}?",
                scheme=f"{scheme}://", meant=f"socket://{rest}",
            )  # fmt: skip
        known = "socket://192.168.0.50:4001, rfc2217://192.168.0.50:4001, COM3, /dev/ttyUSB0"
        raise UnfitError(
            "{scheme} is no connection that Gadong knows; known: {known}", scheme=f"{scheme}://", known=known
        )
    elif scheme.lower() != "loop":
        number, parts = port_number(port), urlsplit(port)
        if not parts.hostname:
            raise UnfitError("the host is missing; written {form}", form=f"{scheme}://192.168.0.50:4001")
        if number is None:
            form = f"{scheme}://{parts.netloc.rstrip(':')}:4001"
            raise UnfitError("the port number behind the host is missing; written {form}", form=form)


def port_number(url: str) -> int | None:
    """Return the number behind the host of a URL, None where none is. Raises UnfitError for one that is no port."""
    try:
        number = urlsplit(url).port
    except ValueError:  # beyond 65535, or no number at all
        number = 0
    if number == 0:
        raise UnfitError("the port number behind the host must be a whole number from 1 to 65535")
    return number


def bare_host(meant: str) -> UnfitError:
    """Return why a host and a number alone are no port. Raises UnfitError where the number is none either."""
    port_number(meant)
    return UnfitError("the kind of connection is missing before the host; did you mean {meant}?", meant=meant)


def wrong_ports(bus: BusSpec) -> list[Finding]:
    """Return what is wrong with the port of a bus on a serial line, as far as its text tells."""
    try:
        check_port(bus.port)
    except UnfitError as why:
        return [WrongSettingError(bus.key, "port", why).finding()]
    return []


def _check(port: str) -> None:
    try:
        check_port(port)
    except UnfitError as why:
        shown = port.encode("unicode_escape").decode("ascii")
        raise DriverError("bad_address", needs_person=True, address=shown, reason=str(why)) from why


class Link:
    """One open port. Used by one thread only; every method raises nothing but DriverError. `send_limit_s`: how long
    flow control may hold up what is sent.

    `slice_s` is how long `receive` waits for a first byte. It is fixed for the life of the port: on
    Windows and on rfc2217:// each change of a pyserial time-out configures the whole port again.

    What a device sent before the port was opened is lost: pyserial's open throws the input queue away on
    every platform. For a device that pushes, that equals a cable plugged in late.
    """

    def __init__(
        self,
        port: str,
        settings: Mapping[str, Value],
        clock: Clock,
        slice_s: float = 0.2,
        send_limit_s: float = WRITE_LIMIT_S,
    ) -> None:
        self.port = port
        self.clock = clock
        self.rx_bytes = 0
        self.tx_bytes = 0
        self._settings = Given(LINK_SETTINGS, settings, port)
        self._slice_s = slice_s
        self._send_limit_s = send_limit_s
        self._timed = False
        self._port: Any = None  # a pyserial object: serial.Serial or one of its URL handlers
        self._ring: deque[tuple[int, str, bytes]] = deque()
        self._ring_bytes = 0
        self._teller: CountedErrors | FlaggedErrors | None = None
        self._flags: FlaggedErrors | None = None
        self._errors: LineErrors | None = None
        self._errors_ns = 0

    def open(self) -> None:
        """Open the port for this program alone.

        Raises DriverError port_missing, port_busy, port_denied, port_refused, bad_address, protocol or
        link_lost. A URL may take 5 s to be refused.
        """
        name = resolve(self.port)
        refuse_foreign(name)
        # A pty has no parity and no stop bits. Asked for them a second time with nothing else to change, it
        # answers EINVAL; the bytes that pass are the same.
        frame = "8N1" if os.path.realpath(name).startswith("/dev/pts/") else self._settings.text("frame")
        flow = self._settings.text("flow")
        options: dict[str, Any] = {
            "baudrate": self._settings.whole("baud"),
            "bytesize": int(frame[0]),
            "parity": frame[1],
            "stopbits": int(frame[2]),
            "xonxoff": flow == "xonxoff",
            "rtscts": flow == "rtscts",
            "timeout": self._slice_s,
            "exclusive": True,
        }
        dtr, rts = self._settings.flag("dtr"), self._settings.flag("rts")
        if not name.lower().startswith("rfc2217:"):  # which refuses a write time-out
            options["write_timeout"] = self._send_limit_s
        port = None
        try:
            import serial

            port = serial.serial_for_url(name, do_not_open=True, **options)
            port.dtr, port.rts = dtr, rts
            port.open()
            if hasattr(port, "set_buffer_size"):
                port.set_buffer_size(rx_size=WINDOWS_QUEUE_BYTES)
        except WIRE_ERRORS as error:
            if port is not None and port.is_open:
                _let_go(port)
            raise open_fault(self.port, error) from error
        self._timed = name.lower().startswith("socket:")
        self._teller = errors_of(port)
        self._flags = self._teller if isinstance(self._teller, FlaggedErrors) else None
        self._errors, self._errors_ns = None, self.clock.mono_ns() - ERRORS_NS
        self._port = port

    def receive(self) -> Chunk:
        """Return what has arrived, waiting up to `slice_s` for a first byte; empty data when none came.

        Raises DriverError link_lost.
        """
        port = self._open_port()
        try:
            if self._flags is not None:
                self._flags.look()
            data: bytes = port.read(1)
        except WIRE_ERRORS as error:
            raise self._lost(error) from error
        at_ms, mono_ns = self.clock.now_ms(), self.clock.mono_ns()
        if data:
            data += self._waiting(port)
            self.rx_bytes += len(data)
            if self._flags is not None:
                self._flags.took(len(data))
            self._record(at_ms, "rx", data)
        return Chunk(data, at_ms, mono_ns)

    def pending(self) -> bool:
        """Return whether bytes are waiting to be received. Raises DriverError link_lost."""
        port = self._open_port()
        try:
            return bool(port.in_waiting)
        except WIRE_ERRORS as error:
            raise self._lost(error) from error

    def line_errors(self) -> LineErrors | None:
        """Return the damaged characters since the port was opened; None: the port does not tell.

        The port is asked once a second at most, so the answer may be so old. A port that is dead keeps its last one:
        `receive` says what happened.
        """
        now_ns = self.clock.mono_ns()
        if self._teller is not None and self._port is not None and now_ns - self._errors_ns >= ERRORS_NS:
            self._errors_ns = now_ns
            try:
                self._errors = self._teller.errors(self.rx_bytes)
            except OSError as error:
                log.debug("%s: no counters of errors: %s", self.port, error)
        return self._errors

    def send(self, data: bytes) -> None:
        """Send all bytes. Raises DriverError link_lost, also when flow control holds the line longer than the limit."""
        port = self._open_port()
        try:
            port.write(data)
        except WIRE_ERRORS as error:
            raise self._lost(error) from error
        self.tx_bytes += len(data)
        self._record(self.clock.now_ms(), "tx", data)

    def unsent(self, limit_s: float) -> int:
        """Wait until what was sent has left this computer, at most `limit_s`; returns how many bytes have not. A port
        that does not tell, such as one on the network, has sent all. Raises DriverError link_lost."""
        port, until = self._open_port(), time.monotonic() + limit_s
        try:
            while (left := int(getattr(port, "out_waiting", 0))) and time.monotonic() < until:
                time.sleep(0.02)
        except WIRE_ERRORS as error:
            raise self._lost(error) from error
        return left

    def close(self) -> None:
        """Let go of the port. Never raises; a driver that hangs in its close is left behind after 1.5 s."""
        port, self._port = self._port, None
        if port is None:
            return
        closer = threading.Thread(target=_let_go, args=(port,), name=f"close {self.port}", daemon=True)
        closer.start()
        closer.join(CLOSE_LIMIT_S)
        if closer.is_alive():
            log.warning("%s: the port's driver does not come back from closing", self.port)

    def raw_tail(self) -> list[tuple[int, str, bytes]]:
        """Return the last 64 KB on the wire as (at_ms, "rx" or "tx", bytes), oldest first; also after `close`."""
        return list(self._ring)

    def _open_port(self) -> Any:
        if self._port is None:
            raise DriverError("link_lost", port=self.port, reason="not open")
        return self._port

    def _waiting(self, port: Any) -> bytes:
        """Return the bytes behind the first one. A port that dies here says so again on the next read."""
        try:
            if not self._timed:
                return bytes(port.read(port.in_waiting if self._flags is None else self._flags.look()))
            # in_waiting of socket:// is 0 or 1, not a count; there a time-out of 0 is a plain variable
            port.timeout = 0
            try:
                return bytes(port.read(4096))
            finally:
                port.timeout = self._slice_s
        except WIRE_ERRORS as error:
            log.debug("%s: lost after the first byte: %s", self.port, error)
            return b""

    def _lost(self, error: Exception) -> DriverError:
        return DriverError("link_lost", port=self.port, reason=_words(error))

    def _record(self, at_ms: int, direction: str, data: bytes) -> None:
        ring = self._ring
        ring.append((at_ms, direction, data[-RING_BYTES:]))
        self._ring_bytes += len(ring[-1][2])
        while self._ring_bytes > RING_BYTES or len(ring) > RING_ENTRIES:
            self._ring_bytes -= len(ring.popleft()[2])


def _let_go(port: Any) -> None:
    """Close a pyserial object for good."""
    # after the peer has gone, socket:// fails in shutdown() and then forgets the socket without closing it
    inner = getattr(port, "_socket", None)
    try:
        port.close()
    except WIRE_ERRORS as error:
        log.debug("closing: %s", error)
    if isinstance(inner, socket.socket):
        inner.close()
