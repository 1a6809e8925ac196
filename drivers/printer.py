"""The one module that writes to a device: bytes to a label printer, and nothing back.

Everything else in this package reads machines and cannot write to one (tests/drivers/test_read_only.py names this
module as the one exception). It is imported by what prints labels alone, never by the collector.

    socket://192.168.0.60:9100   a printer on the network (raw port)
    COM5, /dev/ttyUSB0, usb:...  a serial port, opened as every other (`link`)
    /dev/usb/lp0                 the device file of a USB printer
    LPT1, \\\\computer\\printer  a Windows printer port or shared printer, by its path

A printer that takes bytes says nothing of paper, ribbon or an open head; known is only that it took them all.
"""

from __future__ import annotations

import os
import re
import select
import socket
import stat
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from drivers.base import Clock, DriverError, UnfitError, Value
from drivers.link import Link, PortInfo, check_port, open_fault, port_number, resolve

OPEN_S = 5.0  # to be let in by a printer on the network
STALL_S = 10.0  # so long a printer may take nothing: it feeds, cuts or warms up; then it is off, empty or paused
CHUNK = 512  # bytes; a slow line takes so many well within the time-out
_SERIAL = re.compile(r"(?i)COM\d+|/dev/(tty|cu\.|serial/|pts/).*|usb:.*|rfc2217://.*")
_WINDOWS = re.compile(r"(?i)(\\\\\.\\)?LPT\d|\\\\[^\\/:*?\"<>|]+\\[^\\/:*?\"<>|]+")


#: keys of an IEEE 1284 identity, short and long
_IDENTITY = (("MFG", "MANUFACTURER"), ("MDL", "MODEL"))


def check_printer(port: str) -> None:
    """Raise UnfitError for a text that names no way to a printer."""
    if port.lower().startswith("socket://"):
        check_port(port)
    elif _SERIAL.fullmatch(port):
        if port.lower().startswith("usb:"):
            check_port(port)
    elif "://" in port or not (_WINDOWS.fullmatch(port) or port.startswith("/dev/")):
        forms = "socket://192.168.0.60:9100, COM5, /dev/usb/lp0, LPT1"
        raise UnfitError("{value!r} is no printer port; known: {forms}", value=port, forms=forms)


def usb_printers(devices: Path = Path("/dev/usb"), told: Path = Path("/sys/class/usbmisc")) -> list[PortInfo]:
    """The USB printers that have a device file, by the maker and model of their IEEE 1284 identity,
    "MFG:Zebra;MDL:ZD421;". None on Windows, where an installed printer is one of the system's."""
    found = []
    for device in sorted(devices.glob("lp*")):
        try:
            identity = (told / device.name / "device" / "ieee1284_id").read_text("ascii", "replace")
        except OSError:
            identity = ""
        said = {
            key.strip(): value.strip() for key, _colon, value in (part.partition(":") for part in identity.split(";"))
        }
        maker, model = (said.get(short) or said.get(long, "") for short, long in _IDENTITY)
        found.append(PortInfo(str(device), model, maker, ""))
    return found


def send(port: str, data: bytes, clock: Clock, settings: Mapping[str, Value] | None = None) -> None:
    """Send a job to a printer, all of it. `settings`: those of a serial line (`link.LINK_SETTINGS`).

    Raises DriverError bad_address, port_missing, port_busy, port_denied, port_refused; `not_taken` where the printer
    took only a part (`sent` of `size` bytes) and nothing for ten seconds; link_lost where the connection broke.
    """
    try:
        check_printer(port)
    except UnfitError as why:
        raise DriverError("bad_address", needs_person=True, address=port, reason=str(why)) from why
    if port.lower().startswith("socket://"):
        _to_network(port, data)
    elif _SERIAL.fullmatch(port):
        _to_line(port, data, clock, settings or {})
    else:
        _to_file(port, data)


def _to_network(port: str, data: bytes) -> None:
    host = port[len("socket://") :].rpartition(":")[0].strip("[]")
    try:
        connection = socket.create_connection((host, port_number(port) or 9100), OPEN_S)
    except OSError as error:
        raise DriverError("port_refused", port=port, reason=str(error)) from error
    with connection:
        connection.settimeout(STALL_S)
        sent = 0
        try:
            while sent < len(data):
                sent += connection.send(data[sent : sent + 8192])
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(1.0)
            while connection.recv(4096):  # until it has let go: closed with bytes unread, the rest of a job is dropped
                pass
        except TimeoutError as error:
            if sent < len(data):
                raise _not_taken(port, sent, len(data)) from error
        except OSError as error:
            if sent < len(data):
                raise DriverError("link_lost", port=port, reason=str(error)) from error


def _to_line(port: str, data: bytes, clock: Clock, settings: Mapping[str, Value]) -> None:
    link = Link(port, settings, clock, slice_s=0.05, send_limit_s=STALL_S)
    link.open()
    try:
        for at in range(0, len(data), CHUNK):
            try:
                link.send(data[at : at + CHUNK])
            except DriverError as error:
                if "timeout" in str(error.detail.get("reason", "")).lower():
                    raise _not_taken(port, at, len(data)) from error
                raise
        left = link.unsent(STALL_S)
        if left:
            raise _not_taken(port, len(data) - left, len(data))
    finally:
        link.close()


def _to_file(port: str, data: bytes) -> None:
    """Into a device file. One that is no device is refused: a job must not write over somebody's file."""
    flags = os.O_WRONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        if sys.platform != "win32" and not stat.S_ISCHR(os.stat(resolve(port)).st_mode):
            raise DriverError("bad_address", needs_person=True, address=port, reason="no device")
        handle = os.open(port, flags)
    except OSError as error:
        raise open_fault(port, error) from error
    sent, until = 0, time.monotonic() + STALL_S
    try:
        while sent < len(data):
            if sys.platform != "win32":
                if not select.select([], [handle], [], max(until - time.monotonic(), 0))[1]:
                    raise _not_taken(port, sent, len(data))
            try:
                taken = os.write(handle, data[sent : sent + CHUNK])
            except BlockingIOError:
                taken = 0
            if taken:
                sent, until = sent + taken, time.monotonic() + STALL_S
    except OSError as error:
        raise DriverError("link_lost", port=port, reason=str(error)) from error
    finally:
        os.close(handle)


def _not_taken(port: str, sent: int, size: int) -> DriverError:
    return DriverError("not_taken", port=port, sent=sent, size=size)
