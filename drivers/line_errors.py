"""What a serial port knows besides bytes: characters that the receiver itself found damaged.

A wrong baud rate or frame shows here first, also where the bytes happen to look like text. Not every port tells: ptys
and device servers do not, and some USB adapters leave the counters at zero whatever comes. So zero is no proof.
"""

from __future__ import annotations

import ctypes
import errno
import struct
import sys
from typing import Any

from msgspec import Struct


class LineErrors(Struct, frozen=True):
    """Damaged characters since a port was opened, and among how many they are (`of`).

    `framing`: where a stop bit belongs there was none (a break is such a one); `parity`; `overrun`: lost, because the
    computer did not fetch them in time. Not `exact` (Windows): all characters of an arrival in which something was
    damaged are counted.
    """

    framing: int = 0
    parity: int = 0
    overrun: int = 0
    of: int = 0
    exact: bool = True

    @property
    def damaged(self) -> int:
        """Characters that came, but not as they were sent."""
        return min(self.of, self.framing + self.parity) if self.exact else max(self.framing, self.parity)


class CountedErrors:
    """The counters of a Linux driver, asked by `errors` alone.

        struct serial_icounter_struct, 20 int:
        | cts dsr rng dcd | rx tx | frame overrun parity brk | buf_overrun | reserved (9) |

    They count from the start of the driver and wrap at 32 bits. Source: linux/serial.h; tty_ioctl(4),
    TIOCGICOUNT.
    """

    LAYOUT = struct.Struct("=20i")

    def __init__(self, number: int) -> None:
        """`number` is the port's file descriptor. Raises OSError where the port does not count."""
        self._number = number
        self._first = self._counters()

    def errors(self, of: int) -> LineErrors:
        """Return the errors among the `of` characters since the port was opened. Raises OSError."""
        frame, overrun, parity, broken, buffer = (
            (now - then) & 0xFFFFFFFF for now, then in zip(self._counters(), self._first, strict=True)
        )
        return LineErrors(frame + broken, parity, overrun + buffer, of)

    def _counters(self) -> tuple[int, ...]:
        if sys.platform != "linux":
            raise OSError(errno.ENOTTY, "no counters")
        import fcntl
        import termios

        room = bytearray(self.LAYOUT.size)
        fcntl.ioctl(self._number, termios.TIOCGICOUNT, room, True)
        return self.LAYOUT.unpack(room)[6:11]


class _CommStat(ctypes.Structure):
    """COMSTAT of winbase.h: eight flags in 32 bits, bytes received and not fetched, bytes not sent yet."""

    _fields_ = (("flags", ctypes.c_uint32), ("received", ctypes.c_uint32), ("unsent", ctypes.c_uint32))


class FlaggedErrors:
    """The error flags of a Windows port, which are forgotten once they are asked for.

    pyserial asks for them in `read` and `in_waiting` and throws them away. So `look` has to come before each `read`,
    and takes the place of `in_waiting`; what lies between the two is microseconds.

    Source: ClearCommError, winbase.h (Microsoft Win32 documentation). Written after it, not tried on Windows.
    """

    OVERRUN = 0x0001 | 0x0002  # CE_RXOVER: the input queue was full; CE_OVERRUN: the receiver was
    PARITY = 0x0004  # CE_RXPARITY
    FRAMING = 0x0008 | 0x0010  # CE_FRAME, CE_BREAK

    def __init__(self, kernel: Any, handle: int) -> None:
        """`kernel` has ClearCommError; `handle` is the port's."""
        self._kernel, self._handle = kernel, handle
        self._flags = self._framing = self._parity = self._overrun = 0

    def look(self) -> int:
        """Take the flags; return how many bytes are waiting. Raises OSError when the port is gone."""
        flags, stat = ctypes.c_uint32(), _CommStat()
        if not self._kernel.ClearCommError(ctypes.c_void_p(self._handle), ctypes.byref(flags), ctypes.byref(stat)):
            raise OSError(errno.EIO, "ClearCommError failed")
        self._flags |= flags.value
        return int(stat.received)

    def took(self, count: int) -> None:
        """Charge the flags to an arrival of `count` bytes, the first since they were set."""
        self._framing += count if self._flags & self.FRAMING else 0
        self._parity += count if self._flags & self.PARITY else 0
        self._overrun += bool(self._flags & self.OVERRUN)
        self._flags = 0

    def errors(self, of: int) -> LineErrors:
        """Return the errors among the `of` characters since the port was opened."""
        return LineErrors(self._framing, self._parity, self._overrun, of, exact=False)


def errors_of(port: Any) -> CountedErrors | FlaggedErrors | None:
    """Return what tells the errors of an open pyserial port, None where nothing does."""
    if sys.platform == "win32":
        handle = getattr(port, "_port_handle", None)
        return None if handle is None else FlaggedErrors(ctypes.WinDLL("kernel32"), handle)
    number = getattr(port, "fd", None)  # URL handlers have none
    if not isinstance(number, int):
        return None
    try:
        return CountedErrors(number)
    except OSError:
        return None
