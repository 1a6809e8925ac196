"""Keeps the display on while a screen is shown that nobody touches."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from typing import Any

from desktop.text import _

_CONTINUOUS, _SYSTEM, _DISPLAY = 0x8000_0000, 0x1, 0x2  # SetThreadExecutionState
_GET_SAVER, _SET_SAVER = 0x0010, 0x0011  # SystemParametersInfo: SPI_GET- and SPI_SETSCREENSAVEACTIVE
_SERVICE, _PATH = "org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"
_CONNECTION = "gadong-awake"
_ANSWERS_MS = 1000


class Awake:
    """Asks the operating system for a display that stays on: Windows itself, `caffeinate` on macOS, the desktop's
    screen saver service elsewhere."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._on_bus = False
        self._saver = False

    def hold(self) -> bool:
        """From now on the display stays on; False where nobody takes the wish."""
        if sys.platform == "win32":
            self._saver = self._screen_saver(False)
            return self._windows(_CONTINUOUS | _SYSTEM | _DISPLAY)
        if sys.platform == "darwin":
            try:
                self._child = subprocess.Popen(["/usr/bin/caffeinate", "-d", "-i", "-w", str(os.getpid())])
            except OSError:
                return False
            return True
        return self._ask_service()

    def release(self) -> None:
        """The display may go off again. Harmless where nothing is held."""
        if sys.platform == "win32":
            self._windows(_CONTINUOUS)
            if self._saver:
                self._saver = False
                self._screen_saver(True)
        if self._child is not None:
            self._child.terminate()
            self._child.wait()
            self._child = None
        if self._on_bus:
            _dbus().QDBusConnection.disconnectFromBus(_CONNECTION)
            self._on_bus = False

    def _windows(self, wish: int) -> bool:
        """The thread's wish; the call answers 0 where it failed, else the wish before."""
        import ctypes

        call = getattr(ctypes, "windll").kernel32.SetThreadExecutionState  # noqa: B009
        call.argtypes, call.restype = [ctypes.c_uint32], ctypes.c_uint32
        return bool(call(wish))

    def _screen_saver(self, on: bool) -> bool:
        """Switch the screen saver of Windows for this session; nothing is written to the user's profile. The wish above
        holds the display, but does not stop a screen saver. Returns whether it was on."""
        import ctypes

        call = getattr(ctypes, "windll").user32.SystemParametersInfoW  # noqa: B009
        was = ctypes.c_int(0)
        call(_GET_SAVER, 0, ctypes.byref(was), 0)
        if bool(was.value) is not on:
            call(_SET_SAVER, int(on), None, 0)
        return bool(was.value)

    def _ask_service(self) -> bool:
        """Ask on a connection of its own: the service drops the wish when that one leaves the bus."""
        bus_of = _dbus()
        if bus_of is None:
            return False
        bus = bus_of.QDBusConnection.connectToBus(bus_of.QDBusConnection.BusType.SessionBus, _CONNECTION)
        self._on_bus = True
        if bus.isConnected():
            message = bus_of.QDBusMessage.createMethodCall(_SERVICE, _PATH, _SERVICE, "Inhibit")
            message.setArguments([_("Gadong"), _("Andon")])
            if bus.call(message, timeout=_ANSWERS_MS).type() is bus_of.QDBusMessage.MessageType.ReplyMessage:
                return True
        self.release()
        return False


def _dbus() -> Any:
    """Qt's module of the message bus; None where it is not installed: only Linux has it with the program."""
    try:
        return importlib.import_module("PySide6.QtDBus")
    except ImportError:
        return None
