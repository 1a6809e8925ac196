"""The wire face of Modbus RTU devices: several units that answer on one wire.

    request  | unit | function 1-4 | address hi lo | count hi lo | crc lo hi |     8 bytes

Written apart from the driver on purpose, checksum included, so that the two cannot share a mistake.
Source: Modbus application protocol V1.1b3, clauses 6.1-6.4 and 7.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from drivers.simulated.port import WirePort
from drivers.simulated.wire_face import AnsweringFace

#: what a unit says to (area, address, count): that many registers 0-65535 or bits 0/1; LookupError = no such address
Registers = Callable[[str, int, int], list[int]]
#: what becomes of an answer on its way: (unit, answer) -> bytes for the wire, None for silence; may sleep
Tamper = Callable[[int, bytes], bytes | None]

AREAS = {1: "coil", 2: "discrete", 3: "holding", 4: "input"}
LIMITS = {1: 2000, 2: 2000, 3: 125, 4: 125}
STALE_S = 0.1


def checksum(data: bytes) -> bytes:
    """Return CRC-16/MODBUS of the data, low byte first, computed bit by bit."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc.to_bytes(2, "little")


class ModbusFace(AnsweringFace):
    """Answers read requests from a thread of its own, from construction to `close`. The wire is the caller's to close.

    `units` may change at any time; a unit that is not in it does not answer. Whoever sends anything but a
    read gets exception 01 and is recorded in `writes_seen` as (unit, frame).
    """

    def __init__(self, port: WirePort, units: Mapping[int, Registers], tamper: Tamper | None = None) -> None:
        self.units = units
        self.tamper = tamper
        self.functions_seen: set[int] = set()
        self.requests_seen: list[tuple[int, str, int, int]] = []  # unit, area, address, count; the last 1000
        self.writes_seen: list[tuple[int, bytes]] = []
        self._heard_at = 0.0
        super().__init__(port)

    def _turn(self) -> None:
        self.port.wait(0.05)
        data = self.port.read()
        now = time.monotonic()
        if self._heard and now - self._heard_at > STALE_S:
            self._heard = b""  # a request that never became whole
        if data:
            self._heard += data
            self._heard_at = now
            self._answer_heard()

    def _answer_heard(self) -> None:
        while len(self._heard) >= 8:
            size = 8
            if self._heard[1] in (15, 16) and len(self._heard) > 6:
                size = 9 + self._heard[6]
            elif self._heard[1] == 23 and len(self._heard) > 10:
                size = 13 + self._heard[10]
            if len(self._heard) < size:
                return
            frame = self._heard[:size]
            if checksum(frame[:-2]) != frame[-2:]:
                self._heard = b""  # noise: wait for the next request
                return
            self._heard = self._heard[size:]
            self._reply(frame)

    def _reply(self, frame: bytes) -> None:
        unit, function = frame[0], frame[1]
        self.functions_seen.add(function)
        if function not in AREAS:
            self.writes_seen.append((unit, frame))
        registers = self.units.get(unit)
        if registers is None:
            return
        body = self._body(
            registers, unit, function, int.from_bytes(frame[2:4], "big"), int.from_bytes(frame[4:6], "big")
        )
        answer = body + checksum(body)
        spoken = answer if self.tamper is None else self.tamper(unit, answer)
        if spoken:
            self.port.write(spoken)

    def _body(self, registers: Registers, unit: int, function: int, address: int, count: int) -> bytes:
        if function not in AREAS:
            return bytes((unit, function | 0x80, 1))
        self.requests_seen.append((unit, AREAS[function], address, count))
        del self.requests_seen[:-1000]
        if not 1 <= count <= LIMITS[function]:
            return bytes((unit, function | 0x80, 3))
        try:
            values = registers(AREAS[function], address, count)
        except LookupError:
            return bytes((unit, function | 0x80, 2))
        if len(values) != count:
            raise ValueError(f"unit {unit} gave {len(values)} values for {count}")
        if function in (3, 4):
            data = b"".join(value.to_bytes(2, "big") for value in values)
        else:
            packed = sum(bool(value) << at for at, value in enumerate(values))
            data = packed.to_bytes((count + 7) // 8, "little")
        return bytes((unit, function, len(data))) + data
