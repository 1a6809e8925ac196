"""The simulator's end of a wire: what a device's plug would be, as a pty or a TCP server.

The other end is `WirePort.url`, which the real drivers open like any port. Nothing here blocks. Like a
real device, the simulator's end speaks into the void when nobody has the other end open; unlike one, it
knows: `write` says how many bytes found somebody listening.
"""

from __future__ import annotations

import errno
import os
import select
import socket
import struct
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path

#: a peer that opens without clearing its input queue counts as listening after this time
SETTLE_NS = 250_000_000
READ_BYTES = 65536
NOT_NOW = (errno.EAGAIN, errno.EWOULDBLOCK)


class _End(ABC):
    """One plugged-in cable. Calls come one at a time; `fileno` is -1 while nobody is at the other end.

    `callers` counts who has opened the other end so far.
    """

    callers = 0

    @property
    @abstractmethod
    def url(self) -> str: ...

    @abstractmethod
    def listening(self) -> bool: ...

    @abstractmethod
    def fileno(self) -> int: ...

    @abstractmethod
    def write(self, data: bytes) -> int: ...

    @abstractmethod
    def read(self) -> bytes: ...

    @abstractmethod
    def close(self) -> None: ...


class WirePort:
    """One wire. `url` stays the same over `cut` and `restore`. Methods may be called from several threads.

    `link` is where the port shall be found (a symbolic link to the pty); without it the url is the pty
    itself, which changes its name after `cut`. `kind` is "pty", "socket" (a server on 127.0.0.1) or
    "auto": a pty where the system has them.
    """

    def __init__(self, link: str | os.PathLike[str] | None = None, kind: str = "auto") -> None:
        if kind not in ("auto", "pty", "socket"):
            raise ValueError(f"unknown kind of wire {kind!r}")
        self._lock = threading.RLock()
        self._link = Path(link) if link is not None else None
        self._pty = kind == "pty" or (kind == "auto" and sys.platform != "win32")
        self._tcp_port = 0
        self._callers = 0
        self._closed = False
        self._end: _End | None = self._plug()
        self._url = self._end.url

    @property
    def url(self) -> str:
        """What a driver opens: a path or socket://127.0.0.1:port."""
        return self._url

    @property
    def listening(self) -> bool:
        """Whether somebody has the other end open and ready, so that what is written now arrives."""
        with self._lock:
            return self._end is not None and self._end.listening()

    @property
    def callers(self) -> int:
        """How often the other end has been opened; another number means another peer, which knows nothing of before."""
        with self._lock:
            return self._callers + (0 if self._end is None else self._end.callers)

    def write(self, data: bytes) -> int:
        """Send; return how many bytes were taken: 0 when nobody listens, fewer when the peer does not read."""
        with self._lock:
            if self._end is None or not self._end.listening():
                return 0
            return self._end.write(data)

    def read(self) -> bytes:
        """Return what has arrived, b"" when nothing has."""
        with self._lock:
            return b"" if self._end is None else self._end.read()

    def wait(self, limit_s: float) -> None:
        """Wait until bytes may have arrived, at most `limit_s`."""
        with self._lock:
            if self._end is not None:
                self._end.listening()  # takes in a caller who waits at the door
            number = -1 if self._end is None else self._end.fileno()
        if number < 0:
            time.sleep(min(limit_s, 0.02))
            return
        try:
            select.select([number], [], [], limit_s)
        except (OSError, ValueError):  # cut by another thread meanwhile
            time.sleep(0.001)

    def cut(self) -> None:
        """Pull the cable: the peer's port dies and cannot be opened again until `restore`."""
        with self._lock:
            if self._end is not None:
                self._end.close()
                self._callers += self._end.callers
                self._end = None

    def restore(self) -> None:
        """Plug the cable in again under the same url."""
        with self._lock:
            if self._closed:
                raise ValueError("the wire is closed")
            if self._end is None:
                self._end = self._plug()
                self._url = self._end.url

    def close(self) -> None:
        """Take the wire away."""
        with self._lock:
            self._closed = True
            self.cut()

    def __enter__(self) -> WirePort:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _plug(self) -> _End:
        if self._pty:
            return _PtyEnd(self._link)
        end = _SocketEnd(self._tcp_port)
        self._tcp_port = end.tcp_port
        return end


class _PtyEnd(_End):
    """A pseudo terminal.

    Who is there: no slave is kept open here, so poll() on the master reports POLLHUP exactly while nobody
    has the port open. Who is ready: pyserial throws the input queue away while it opens; the master is in
    packet mode (tty_ioctl(4), TIOCPKT) and hears of it. What is written between open and that moment
    would be lost without a trace, so it counts as "nobody listens" until then.

        read() of a master in packet mode:  [00] data...   or   [status bits] alone, bit 0 = queue thrown away
    """

    def __init__(self, link: Path | None) -> None:
        if sys.platform == "win32":
            raise OSError(errno.ENOSYS, "no pty on Windows")
        import fcntl
        import termios
        import tty

        self._master, slave = os.openpty()
        tty.setraw(slave)
        self._name = os.ttyname(slave)
        fcntl.ioctl(self._master, termios.TIOCPKT, struct.pack("i", 1))
        self._forget: Callable[[int], None] = lambda master: termios.tcflush(master, termios.TCOFLUSH)
        os.set_blocking(self._master, False)
        os.close(slave)  # from here on the master knows who comes and goes
        self._poll = select.poll()
        self._poll.register(self._master, select.POLLHUP)
        self._received = bytearray()
        self._ready = False
        self._since_ns: int | None = None
        self._link = link
        if link is not None:
            fresh = link.with_name(f".{link.name}.{os.getpid()}")
            os.symlink(self._name, fresh)
            os.replace(fresh, link)

    @property
    def url(self) -> str:
        return str(self._link) if self._link is not None else self._name

    def _somebody(self) -> bool:
        if any(event & select.POLLHUP for _, event in self._poll.poll(0)):
            if self._since_ns is not None:
                self._forget(self._master)  # what the last one left unread is not for the next one
            self._ready, self._since_ns = False, None
            return False
        if self._since_ns is None:
            self._since_ns = time.monotonic_ns()
        return True

    def listening(self) -> bool:
        if not self._somebody():
            return False
        if not self._ready:
            self._take()
        if not self._ready and time.monotonic_ns() - (self._since_ns or 0) > SETTLE_NS:
            self._ready = True
            self.callers += 1
        return self._ready

    def fileno(self) -> int:
        return self._master if self._somebody() else -1

    def write(self, data: bytes) -> int:
        sent = 0
        while sent < len(data):
            try:
                sent += os.write(self._master, data[sent:])
            except OSError as error:
                if error.errno in (*NOT_NOW, errno.EIO):
                    break
                raise
        return sent

    def read(self) -> bytes:
        self._take()
        data = bytes(self._received)
        self._received.clear()
        return data

    def _take(self) -> None:
        while len(self._received) < READ_BYTES:
            try:
                packet = os.read(self._master, 4096)
            except OSError as error:
                if error.errno in (*NOT_NOW, errno.EIO):  # EIO: nobody has the other end open
                    return
                raise
            if not packet:
                return
            if packet[0] & 1:  # TIOCPKT_FLUSHREAD
                self._ready = True
                self.callers += 1
            elif packet[0] == 0:
                self._received += packet[1:]

    def close(self) -> None:
        if self._link is not None and self._link.is_symlink() and os.readlink(self._link) == self._name:
            self._link.unlink()
        self._poll.unregister(self._master)
        os.close(self._master)


class _SocketEnd(_End):
    """A TCP server on 127.0.0.1 for one caller at a time; a second one is turned away, as a busy port would do."""

    def __init__(self, tcp_port: int) -> None:
        self._server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            if sys.platform != "win32":  # there it would allow two servers on one port
                self._server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._server.bind(("127.0.0.1", tcp_port))
            self._server.listen(4)
            self._server.setblocking(False)
        except OSError:
            self._server.close()
            raise
        self.tcp_port: int = self._server.getsockname()[1]
        self._peer: socket.socket | None = None
        self._since_ns = 0

    @property
    def url(self) -> str:
        return f"socket://127.0.0.1:{self.tcp_port}"

    def _accept(self) -> socket.socket | None:
        try:
            caller, _ = self._server.accept()
        except OSError as error:
            if error.errno not in (*NOT_NOW, errno.ECONNABORTED):
                raise
            return self._peer
        if self._peer is not None and self._gone():
            self._drop()
        if self._peer is not None:
            caller.close()
        else:
            caller.setblocking(False)
            caller.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            caller.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, READ_BYTES)  # a wire holds little
            self._peer, self._since_ns = caller, time.monotonic_ns()
            self.callers += 1
        return self._peer

    def _gone(self) -> bool:
        """Return whether the caller has hung up with nothing left to read."""
        if self._peer is None:
            return True
        try:
            return self._peer.recv(1, socket.MSG_PEEK) == b""
        except OSError as error:
            return error.errno not in NOT_NOW

    def _drop(self) -> None:
        if self._peer is not None:
            self._peer.close()
            self._peer = None

    def listening(self) -> bool:
        if self._accept() is None:
            return False
        if self._gone():
            self._drop()
            return False
        # pyserial throws away what it finds right after connecting, without a sign of it
        return time.monotonic_ns() - self._since_ns > SETTLE_NS

    def fileno(self) -> int:
        return -1 if self._peer is None else self._peer.fileno()

    def write(self, data: bytes) -> int:
        sent = 0
        while self._peer is not None and sent < len(data):
            try:
                sent += self._peer.send(data[sent:])
            except OSError as error:
                if error.errno not in NOT_NOW:
                    self._drop()
                break
        return sent

    def read(self) -> bytes:
        peer = self._accept()
        if peer is None:
            return b""
        data = bytearray()
        while len(data) < READ_BYTES:
            try:
                piece = peer.recv(4096)
            except OSError as error:
                if error.errno not in NOT_NOW:
                    self._drop()
                break
            if not piece:
                self._drop()
                break
            data += piece
        if data:
            self._since_ns = 0  # it speaks: it has thrown away what it wanted to
        return bytes(data)

    def close(self) -> None:
        self._drop()
        self._server.close()
