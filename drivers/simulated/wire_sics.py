"""The wire face of a balance that speaks MT-SICS, levels 0 and 1.

Written apart from the driver on purpose. Source: Mettler Toledo MT-SICS reference manual, levels 0 and 1.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from drivers.simulated.port import WirePort
from drivers.simulated.wire_face import AnsweringFace

#: commands that change something in a balance: reset, zero, tare, keys, display, streams
CHANGING = ("@", "Z", "ZI", "T", "TI", "TA", "TAC", "K", "D", "DW", "SR", "SIR")
STREAM_S = 0.02

#: what becomes of an answer on its way: (command, answer) -> bytes for the wire, None for silence
Tamper = Callable[[str, bytes], bytes | None]


def shown(weight: float, unit: str = "g", stable: bool = True) -> bytes:
    """Return a weight as a balance shows it: 10 characters right-aligned, blank, unit."""
    return f"S {'S' if stable else 'D'} {weight:10.2f} {unit}\r\n".encode("ascii")


class SicsFace(AnsweringFace):
    """Answers S, SI and I4 from a thread of its own, from construction to `close`. The wire is the caller's to close.

    `weight` and `serial` may change at any time. While `streaming`, weights go out by themselves until S or SI comes,
    as after SIR. Whoever sends a command that changes something is recorded in `changes_seen`.
    """

    def __init__(self, port: WirePort, serial: str = "B123456789", tamper: Tamper | None = None) -> None:
        self.serial = serial
        self.weight = 100.0
        self.stable = True
        self.streaming = False
        self.tamper = tamper
        self.commands_seen: list[str] = []
        self.changes_seen: list[str] = []
        self._streamed = 0.0
        super().__init__(port)

    def _turn(self) -> None:
        self.port.wait(STREAM_S if self.streaming else 0.05)
        *lines, self._heard = (self._heard + self.port.read()).split(b"\r\n")
        for line in lines:
            self._answer(line.decode("ascii", "replace"))
        if self.streaming and self.port.listening and time.monotonic() - self._streamed >= STREAM_S:
            self._streamed = time.monotonic()
            self.port.write(shown(self.weight + 1000, stable=False))

    def _answer(self, command: str) -> None:
        self.commands_seen.append(command)
        if command in CHANGING:
            self.changes_seen.append(command)
        if command in ("S", "SI"):
            self.streaming = False
            answer = shown(self.weight, stable=self.stable or command == "S")
        elif command == "I4":
            answer = f'I4 A "{self.serial}"\r\n'.encode("ascii")
        else:
            answer = b"ES\r\n"
        spoken = answer if self.tamper is None else self.tamper(command, answer)
        if spoken:
            self.port.write(spoken)
