"""The wire face of LS Electric PLCs: several stations that answer the Cnet dedicated protocol on one wire.

    request  | 05 | st st | r S S or r S B | ... | 04 | b b |

Written apart from the driver on purpose, check characters included, so that the two cannot share a mistake.
Source: LS Electric XBL-C41A manual, chapter 7.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from drivers.simulated.port import WirePort
from drivers.simulated.wire_face import AnsweringFace

#: what a station says to (name, count): that many words from the name on, or one bit; LookupError = no such area
Words = Callable[[str, int], list[int]]
#: what becomes of an answer on its way: (station, answer) -> bytes for the wire, None for silence; may sleep
Tamper = Callable[[int, bytes], bytes | None]


def bcc(frame: bytes) -> bytes:
    """Return the check characters of a frame."""
    total = 0
    for byte in frame:
        total = (total + byte) % 256
    return format(total, "02X").encode()


class CnetFace(AnsweringFace):
    """Answers reads from a thread of its own, from construction to `close`. The wire is the caller's to close.

    A station that is not in `stations` does not answer. `counted` puts the number of blocks into continuous
    answers, as one reading of the manual has it. Whatever is no read is recorded in `writes_seen` and refused.
    """

    def __init__(
        self, port: WirePort, stations: Mapping[int, Words], tamper: Tamper | None = None, counted: bool = True
    ) -> None:
        self.stations = stations
        self.tamper = tamper
        self.counted = counted
        self.requests_seen: list[bytes] = []  # the last 1000
        self.writes_seen: list[bytes] = []
        super().__init__(port)

    def _turn(self) -> None:
        self.port.wait(0.05)
        self._heard += self.port.read()
        while (found := re.search(rb"\x05[^\x05]*?\x04(..)", self._heard, re.DOTALL)) is not None:
            self._heard = self._heard[found.end() :]
            frame = found[0]
            if bcc(frame[:-2]) == found[1]:
                self._reply(frame)

    def _reply(self, frame: bytes) -> None:
        self.requests_seen.append(frame)
        del self.requests_seen[:-1000]
        station = int(frame[1:3], 16)
        words = self.stations.get(station)
        if words is None:
            return
        command = frame[3:6]
        try:
            if command not in (b"rSS", b"rSB"):
                self.writes_seen.append(frame)
                raise LookupError(0x0007)
            body = b"\x06" + frame[1:6] + self._data(words, command, frame[6:-3].decode("ascii"))
        except LookupError as error:
            code = error.args[0] if error.args and isinstance(error.args[0], int) else 0x7132
            body = b"\x15" + frame[1:6] + format(code, "04X").encode()
        answer = body + b"\x03"
        answer += bcc(answer)
        spoken = answer if self.tamper is None else self.tamper(station, answer)
        if spoken:
            self.port.write(spoken)

    def _data(self, words: Words, command: bytes, asked: str) -> bytes:
        if command == b"rSB":
            length = int(asked[:2], 16)
            name, count = asked[2 : 2 + length], int(asked[2 + length :], 16)
            if not 1 <= count <= 60:
                raise LookupError(0x1232)
            text = "".join(format(word, "04X") for word in words(name, count))
            return (("01" if self.counted else "") + format(2 * count, "02X") + text).encode()
        blocks, rest, text = int(asked[:2], 16), asked[2:], asked[:2]
        if blocks > 16:
            raise LookupError(0x0003)
        for _ in range(blocks):
            length = int(rest[:2], 16)
            name, rest = rest[2 : 2 + length], rest[2 + length :]
            value = words(name, 1)[0]
            text += self._block(name, value)
        return text.encode()

    @staticmethod
    def _block(name: str, value: int) -> str:
        return "01" + format(value, "02X") if name[2] == "X" else "02" + format(value, "04X")
