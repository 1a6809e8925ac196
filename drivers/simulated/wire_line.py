"""The wire face of a device that sends lines of text: scanner, scale, gauge, torque tool, tester."""

from __future__ import annotations

from drivers.simulated.port import WirePort


class LineFace:
    """Sends lines over a wire. The wire is the caller's to close."""

    def __init__(
        self, port: WirePort, terminator: bytes = b"\r\n", encoding: str = "utf-8", prefix: bytes = b""
    ) -> None:
        self.port = port
        self._terminator = terminator
        self._encoding = encoding
        self._prefix = prefix
        self._rest = b""
        self._caller = 0

    def send(self, line: str | bytes) -> bool:
        """Send one line with its terminator; return whether somebody took it.

        False means that nobody listens or that the peer has not read for long (its queue is full): the line
        is gone, as it would be on a real wire. A line that fits only in part counts as taken; its rest goes
        out before the next line, so that no line is ever cut in two.
        """
        if self._rest and not self.push():
            return False
        body = line.encode(self._encoding) if isinstance(line, str) else line
        frame = self._prefix + body + self._terminator
        taken = self.port.write(frame)
        if taken == 0:
            return False
        self._rest, self._caller = frame[taken:], self.port.callers
        return True

    def push(self) -> bool:
        """Send what is left of a line that did not fit; return whether nothing is left."""
        if not self.port.listening or self.port.callers != self._caller:
            self._rest = b""  # the peer that had the first half is gone
        if self._rest:
            self._rest = self._rest[self.port.write(self._rest) :]
        return not self._rest
