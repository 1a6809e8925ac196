"""A serial line bit by bit: what a device sends at one rate and frame, and what a port hears that listens as 8N1."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterable
from types import TracebackType
from typing import Literal

Level = tuple[float, int]  # seconds, 1 (rest) or 0


def sent(data: bytes, baud: int, frame: str, pause_s: float = 0.0) -> list[Level]:
    """The levels of a line that carries these bytes, with a pause between two of them."""
    bits, parity, stop = int(frame[0]), frame[1], int(frame[2])
    levels: list[Level] = []
    for byte in data:
        ones = [byte >> place & 1 for place in range(bits)]
        if parity != "N":
            ones.append(sum(ones) % 2 ^ (parity == "O"))
        levels += [(1 / baud, level) for level in (0, *ones)]
        levels.append((stop / baud + pause_s, 1))
    return levels


def heard(levels: Iterable[Level], baud: int, broken: Literal["as it is", "nul"] = "as it is") -> bytes:
    """What a UART at `baud`, 8N1, makes of it: it waits for a falling edge, looks at the middle of each bit, and hands
    on a byte without a stop bit as it is or as NUL, by the driver; then it waits for the line to rest."""
    line: list[Level] = [(10 / baud, 1)]
    for seconds, level in levels:
        if line[-1][1] == level:
            line[-1] = (line[-1][0] + seconds, level)
        else:
            line.append((seconds, level))
    line.append((20 / baud, 1))
    ends, at = [], 0.0
    for seconds, _level in line:
        at += seconds
        ends.append(at)
    bit = 1 / baud
    out = bytearray()
    place = 0

    def level(moment: float) -> int:
        nonlocal place
        while place < len(ends) - 1 and ends[place] <= moment:
            place += 1
        return line[place][1]

    edge = 0
    while True:
        while edge < len(line) and line[edge][1]:
            edge += 1
        if edge >= len(line):
            return bytes(out)
        start = ends[edge - 1]
        place = max(edge - 1, 0)
        if level(start + bit / 2):  # a spike, no start bit
            edge += 1
            continue
        byte = sum(level(start + bit * (1.5 + number)) << number for number in range(8))
        stop = level(start + bit * 9.5)
        out.append(byte if stop or broken == "as it is" else 0)
        edge = place
        if not stop:  # the line must rest before the next start
            while edge < len(line) and not line[edge][1]:
                edge += 1


class Sender:
    """A device on a pty that sends a message when somebody begins to listen at another rate, and again and again.

    A pty carries bytes and no bits: what passes is what a port at the rate that the listener asked for would hear.
    """

    AGAIN_S = 0.6

    def __init__(self, message: bytes, baud: int, frame: str) -> None:
        assert sys.platform != "win32"
        import tty

        self._levels = sent(message, baud, frame)
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.url = os.ttyname(self._slave)
        self.resting = threading.Event()  # set: it sends nothing
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"sender {self.url}")

    def _speed(self) -> int:
        import termios

        speeds = {getattr(termios, f"B{baud}"): baud for baud in (1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200)}
        return speeds[termios.tcgetattr(self._slave)[4]]

    def _run(self) -> None:
        before, waited_s = 0, 0.0
        while not self._ending.wait(0.01):
            speed = self._speed()
            waited_s += 0.01
            if speed != before:
                before, waited_s = speed, self.AGAIN_S - 0.06  # the listener throws away what came while it opened
            elif waited_s >= self.AGAIN_S and not self.resting.is_set():
                waited_s = 0.0
                with contextlib.suppress(BlockingIOError):  # nobody has read for long
                    os.write(self._master, heard(self._levels, speed))

    def received(self) -> bytes:
        """What was sent to it."""
        try:
            return os.read(self._master, 4096)
        except BlockingIOError:
            return b""

    def __enter__(self) -> Sender:
        self._thread.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._ending.set()
        self._thread.join()
        os.close(self._master)
        os.close(self._slave)
