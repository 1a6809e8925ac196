"""Modbus RTU master that only reads: several devices on one bus, one request at a time.

    request   | unit | function | address hi lo | count hi lo | crc lo hi |          8 bytes
    answer    | unit | function | bytes | data ... | crc lo hi |                     5 + bytes
    refusal   | unit | function + 0x80 | code | crc lo hi |                          5 bytes

Source: Modbus over serial line V1.02 and Modbus application protocol V1.1b3 (modbus.org). Silence of 3.5
characters stands between frames; a PC cannot see that gap, so an answer is cut by its expected length.

RTU has no transaction number: an answer that comes too late looks like the answer to the next request of
the same length, and two widely used masters take it for that. Hence the quarantine: after a time-out or a
bad frame nothing is sent while the bus is listened to for one more time-out and until 50 ms of silence,
and a unit's next request repeats the one that failed. Against answers that are later still, the blocks of
a unit get different lengths where `max_gap` allows a spare register; where it does not, a unit that
answers again is left alone for as long as it was silent, and must then answer once more.

There is no way to write in here: function codes 1 to 4 are all that exist.
"""

from __future__ import annotations

import math
import re
import struct
import time
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from msgspec import Struct, field
from msgspec.structs import replace

from drivers.base import BusSpec, Clock, DeviceSpec, Driver, DriverError, Quality, Reading, Setting, SignalSpec, Value
from drivers.link import LINK_SETTINGS, Given, Link

FUNCTIONS = {"coil": 1, "discrete": 2, "holding": 3, "input": 4}
BIT_AREAS = ("coil", "discrete")
AREA_OF_DIGIT = {"0": "coil", "1": "discrete", "3": "input", "4": "holding"}
AREA_OF_NAME = {"hr": "holding", "ir": "input", "co": "coil", "di": "discrete", **{name: name for name in FUNCTIONS}}

#: wire bytes -> value bytes, most significant first; each of them undoes itself
ORDERS = {"ABCD": (0, 1, 2, 3), "CDAB": (2, 3, 0, 1), "BADC": (1, 0, 3, 2), "DCBA": (3, 2, 1, 0)}
SWAPPED = ("BADC", "DCBA")  # these also swap the two bytes of a single register
NUMBERS = {"u16": ">H", "s16": ">h", "u32": ">I", "s32": ">i", "f32": ">f"}

#: hexadecimal only behind a name: a bare "0x10" is coil 16
ADDRESS = re.compile(
    r"(?:(?P<name>[a-z]+)\s*:\s*(?P<named>0x[0-9a-f]+|[0-9]+)|(?:(?P<digit>[0134])x)?(?P<number>[0-9]+))"
    r"(?:\.(?P<bit>[0-9]+))?"
)

EXCEPTIONS = {
    1: "illegal function",
    2: "illegal address",
    3: "illegal value",
    4: "device failure",
    5: "acknowledge",
    6: "busy",
    8: "memory parity",
    10: "gateway path",
    11: "gateway target",
}
CONFIGURATION = (1, 2, 3)  # asking again quickly will not help

MOST_BITS = 2000
SLICE_S = 0.05
SILENCE_NS = 50_000_000
POLL_NS = 500_000_000
REFUSED_NS = 10_000_000_000  # a refused block is asked again this much later
BACK_OFF_S = (1, 2, 5, 10, 30)
DEAD_AFTER = 3


def _crc_table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = (byte >> 1) ^ 0xA001 if byte & 1 else byte >> 1
        table.append(byte)
    return tuple(table)


_CRC = _crc_table()


def crc16(data: bytes) -> bytes:
    """Return the two check bytes as they stand on the wire, low byte first (polynomial 0xA001, start 0xFFFF)."""
    crc = 0xFFFF
    for byte in data:
        crc = (crc >> 8) ^ _CRC[(crc ^ byte) & 0xFF]
    return bytes((crc & 0xFF, crc >> 8))


def read_request(unit: int, function: int, address: int, count: int) -> bytes:
    """Return the 8 bytes that ask a unit (1-247) for registers or bits. Raises ValueError for any other function."""
    if function not in (1, 2, 3, 4):
        raise ValueError(f"function {function} does not read")
    body = struct.pack(">BBHH", unit, function, address, count)
    return body + crc16(body)


class Answer(Struct, frozen=True):
    """What came back: `data` of an answer, or `code` of a refusal, or in `wrong` why it is neither."""

    data: bytes = b""
    code: int = 0
    wrong: str = ""


def examine(heard: bytes, request: bytes) -> Answer | None:
    """Return what the bytes heard since the request are, None while they may still become an answer."""
    unit, function, count = request[0], request[1], int.from_bytes(request[4:6], "big")
    data_bytes = 2 * count if function in (3, 4) else (count + 7) // 8
    if heard and heard[0] != unit:
        return Answer(wrong=f"from unit {heard[0]}")
    if len(heard) < 2:
        return None
    refused = heard[1] == function | 0x80
    if heard[1] != function and not refused:
        return Answer(wrong=f"function {heard[1]}")
    expected = 5 if refused else 5 + data_bytes
    if not refused and len(heard) > 2 and heard[2] != data_bytes:
        return Answer(wrong=f"{heard[2]} bytes instead of {data_bytes}")
    if len(heard) < expected:
        return None
    if len(heard) > expected:
        return Answer(wrong="too long")
    if crc16(heard[:-2]) != heard[-2:]:
        return Answer(wrong="checksum")
    return Answer(code=heard[2]) if refused else Answer(data=heard[3:-2])


class Place(Struct, frozen=True):
    """Where a value lies: area, wire address 0-65535, and the bit 0-15 inside a register or None."""

    area: str
    address: int
    bit: int | None = None


def locate(text: str, area: str = "") -> Place:
    """Return where an address text points. Raises ValueError with a hint.

    "hr:100" "holding:0x64" "ir:" "co:" "di:"  area and wire address, counted from 0
    "4x101" "3x" "1x" "0x"                     reference, counted from 1
    "40101" "400101" (5 or 6 digits)           the same reference as most manuals print it
    "100"                                      wire address in `area`, or in the holding registers
    ".9" behind any of them                    one bit of a register
    """
    found = ADDRESS.fullmatch(text.strip().lower())
    if not found:
        raise ValueError(f"{text!r} is no address; examples: 100, hr:100, hr:0x64, 40101, 4x101, hr:100.9")
    name, digit, bit = found["name"], found["digit"], found["bit"]
    digits = found["named"] or found["number"]
    if name is not None and name not in AREA_OF_NAME:
        raise ValueError(f"{name!r} is no area; known: {', '.join(AREA_OF_NAME)}")
    one_based = digit is not None
    if name is None and digit is None and re.fullmatch(r"[0134][0-9]{4,5}", digits):
        digit, digits, one_based = digits[0], digits[1:], True
    own = AREA_OF_NAME[name] if name else AREA_OF_DIGIT[digit] if digit else ""
    if own and area and own != area:
        raise ValueError(f"{text!r} means {own}, not {area}; write {area}:N for wire address N")
    address = int(digits, 0 if digits.startswith("0x") else 10) - (1 if one_based else 0)
    if not 0 <= address <= 0xFFFF:
        raise ValueError(f"{text!r} is wire address {address}, outside 0-65535")
    place = Place(own or area or "holding", address, int(bit) if bit is not None else None)
    if place.bit is not None and (place.area in BIT_AREAS or place.bit > 15):
        raise ValueError(f"{text!r}: a register has bits 0-15, a {place.area} has {'none' if place.bit < 16 else '16'}")
    return place


class Item(Struct, frozen=True):
    """One signal on the wire. `width` counts registers, or bits in a bit area; value = raw x scale + offset."""

    signal: str
    place: Place
    kind: str
    width: int
    order: str = "ABCD"
    scale: float = 1.0
    offset: float = 0.0
    period_ms: int = 1000

    @property
    def end(self) -> int:
        """First wire address behind it."""
        return self.place.address + self.width


def value_of(item: Item, data: bytes, first: int) -> Value:
    """Return the item's value from the data of a block that begins at wire address `first`.

    None stands for a float that is no number. Scaling a whole number is exact in decimals: 231 x 0.1 is 23.1.
    """
    at = item.place.address - first
    if item.place.area in BIT_AREAS:
        return bool(data[at // 8] >> (at % 8) & 1)
    raw = data[2 * at : 2 * (at + item.width)]
    if item.kind in ("u32", "s32", "f32"):
        raw = bytes(raw[i] for i in ORDERS[item.order])
    elif item.order in SWAPPED:
        raw = b"".join(raw[i + 1 : i + 2] + raw[i : i + 1] for i in range(0, len(raw), 2))
    if item.kind == "bit":
        return bool(int.from_bytes(raw, "big") >> (item.place.bit or 0) & 1)
    if item.kind.startswith("ascii"):
        return raw[: int(item.kind[6:])].split(b"\0")[0].decode("ascii", "backslashreplace").rstrip()
    number: int | float = struct.unpack(NUMBERS[item.kind], raw)[0]
    if not math.isfinite(number):
        return None
    if item.scale == 1 and item.offset == 0:
        return number
    if isinstance(number, int):
        return float(number * Decimal(repr(item.scale)) + Decimal(repr(item.offset)))
    return number * item.scale + item.offset


class Block(Struct):
    """Neighbouring items that one request reads."""

    area: str
    address: int
    count: int
    period_ns: int
    items: tuple[Item, ...]
    due_ns: int = 0
    refused: int = 0
    spare: int = 0  # of `count`, what nobody wants: it only makes the answer's length its own

    @property
    def data_bytes(self) -> int:
        """How many bytes of data the answer holds."""
        return (self.count + 7) // 8 if self.area in BIT_AREAS else 2 * self.count

    def parts(self) -> list[Block]:
        """Return blocks that ask for less to get the same: without spare, without gaps, item by item; else []."""
        if self.spare:
            return [replace(self, count=self.count - self.spare, spare=0)]
        for split in (plan(self.items, 0), [block_of([item]) for item in self.items]):
            if len(split) > 1:
                return [replace(part, due_ns=self.due_ns) for part in split]
        return []


def block_of(items: Sequence[Item]) -> Block:
    """Return the block that spans items of one area and period."""
    first = min(item.place.address for item in items)
    count = max(item.end for item in items) - first
    return Block(items[0].place.area, first, count, items[0].period_ms * 1_000_000, tuple(items))


def plan(items: Iterable[Item], max_gap: int, max_registers: int = 125) -> list[Block]:
    """Return the fewest blocks for these items, each of one area and period; gaps up to `max_gap` are read along.

    Two blocks of one area get different lengths if up to `max_gap` spare registers behind one can do it. In
    a bit area the limits count 16 bits for a register, and 2000 bits are the most.
    """
    blocks: list[Block] = []
    run: list[Item] = []
    for item in sorted(items, key=lambda item: (item.place.area, item.period_ms, item.place.address, item.end)):
        gap, most = limits(item.place.area, max_gap, max_registers)
        if run:
            together = block_of([*run, item])
            same = (run[0].place.area, run[0].period_ms) == (item.place.area, item.period_ms)
            if not same or together.count > most or item.place.address > max(one.end for one in run) + gap:
                blocks.append(block_of(run))
                run = []
        run.append(item)
    if run:
        blocks.append(block_of(run))
    taken: set[tuple[str, int]] = set()
    for block in blocks:
        gap, most = limits(block.area, max_gap, max_registers)
        step = 8 if block.area in BIT_AREAS else 1
        for spare in range(0, gap + 1, step):
            longer = replace(block, count=block.count + spare)
            fits = spare == 0 or (longer.count <= most and block.address + longer.count <= 0x10000)
            if fits and (block.area, longer.data_bytes) not in taken:
                block.count, block.spare = longer.count, spare
                break
        taken.add((block.area, block.data_bytes))
    return blocks


def limits(area: str, max_gap: int, max_registers: int) -> tuple[int, int]:
    """Return the widest gap and the largest block in the area's own unit, registers or bits."""
    if area in BIT_AREAS:
        return max_gap * 16, min(MOST_BITS, max_registers * 16)
    return max_gap, max_registers


class _Unit(Struct):
    """A device on the bus and how it is doing."""

    key: str
    number: int
    blocks: list[Block]
    heard_ns: int = 0
    seq: int = 0
    misses: int = 0  # in a row
    bad: int = 0  # of these: something came, but no answer
    silent_ns: int = 0  # when that was asked which it missed first; 0: it has answered beyond doubt since
    doubted: bool = False  # it has answered since, but that may have been an old answer
    relapses: int = 0  # how often it missed again while doubted
    back_off: int = 0
    not_before_ns: int = 0
    again: Block | None = None
    fault: DriverError | None = None
    seen: set[str] = field(default_factory=set)

    def mistakable(self, block: Block) -> bool:
        """Return whether another block's late answer would look like this one's."""
        return any(
            other is not block and (other.area, other.data_bytes) == (block.area, block.data_bytes)
            for other in self.blocks
        )


class _Asked(Struct, frozen=True):
    """The request under way."""

    unit: _Unit
    block: Block
    request: bytes
    at_ms: int
    mono_ns: int
    deadline_ns: int


class ModbusRtu(Driver):
    """One RTU bus with its units."""

    BUS_SETTINGS = (
        *LINK_SETTINGS,
        Setting("timeout_ms", int, 1000, unit="ms", low=50, high=10_000),
        Setting("pause_ms", int, 0, unit="ms", low=0, high=1000),  # before each request, at least 3.5 characters
        Setting("echo", bool, False),  # the adapter hears what it sends
    )
    DEVICE_SETTINGS = (
        Setting("unit", int, 1, low=1, high=247, required=True),
        Setting("period_ms", int, 1000, unit="ms", low=10, high=3_600_000),
        Setting("max_gap", int, 8, unit="register", low=0, high=124),
        Setting("max_registers", int, 125, unit="register", low=1, high=125),
    )
    SIGNAL_SETTINGS = (
        Setting("area", str, "", choices=("", *FUNCTIONS)),  # empty: as the address says, else holding
        Setting("address", str, "", required=True),
        Setting("type", str, ""),  # u16 s16 u32 s32 f32 bit ascii:N; empty: u16, in a bit area bit
        Setting("order", str, "ABCD", choices=tuple(ORDERS)),
        Setting("scale", float, 1.0),
        Setting("offset", float, 0.0),
        Setting("period_ms", int, 0, unit="ms", low=0, high=3_600_000),  # 0: the device's
    )

    def __init__(self, bus: BusSpec, clock: Clock) -> None:
        super().__init__(bus, clock)
        self._link: Link | None = None
        self._units: list[_Unit] = []
        self._asked: _Asked | None = None
        self._heard = bytearray()
        self._wire_ns = 0  # last byte on the wire, either way
        self._deaf_until_ns: int | None = None

    def open(self) -> None:
        """Check the settings, plan the blocks, open the port. Raises DriverError bad_address or as Link.open."""
        given = Given(self.BUS_SETTINGS, self.bus.settings, self.bus.key)
        baud, frame = given.whole("baud"), given.text("frame")
        self._char_ns = 1_000_000_000 * (1 + int(frame[0]) + (frame[1] != "N") + int(frame[2])) // baud
        gap_ns = 1_750_000 if baud > 19200 else 7 * self._char_ns // 2
        self._gap_ns = max(gap_ns, given.whole("pause_ms") * 1_000_000)
        self._timeout_ns = given.whole("timeout_ms") * 1_000_000
        self._echo = given.flag("echo")
        self._units = [self._unit(device) for device in self.bus.devices]
        numbers = [unit.number for unit in self._units]
        for unit in self._units:
            if numbers.count(unit.number) > 1:
                reason = f"unit {unit.number} is there twice"
                raise DriverError(
                    "bad_address", device=unit.key, needs_person=True, address=f"{unit.key}: unit", reason=reason
                )
        self._link = Link(self.bus.port, self.bus.settings, self.clock, SLICE_S)
        self._link.open()
        now = self.clock.mono_ns()
        for unit in self._units:
            unit.heard_ns = now
            for block in unit.blocks:
                block.due_ns = now

    def _unit(self, device: DeviceSpec) -> _Unit:
        given = Given(self.DEVICE_SETTINGS, device.settings, device.key)
        period_ms = given.whole("period_ms")
        items = [item_of(device.key, signal, period_ms) for signal in device.signals]
        return _Unit(device.key, given.whole("unit"), plan(items, given.whole("max_gap"), given.whole("max_registers")))

    def poll(self) -> list[Reading]:
        """Return the readings of one answer; [] when none came within 0.5 s. Raises DriverError link_lost.

        A request, its time-out and the quarantine after it go on over several calls.
        """
        if self._link is None:
            raise DriverError("link_lost", port=self.bus.port, reason="not open")
        end_ns = self.clock.mono_ns() + POLL_NS
        while (now := self.clock.mono_ns()) < end_ns:
            readings: list[Reading] = []
            if self._asked is not None:
                readings = self._hear(self._link, self._asked)
            elif self._deaf_until_ns is not None:
                self._discard(self._link, self._deaf_until_ns)
            else:
                ready_ns, unit, block = self._next()
                if unit is not None and block is not None and ready_ns <= now:
                    self._ask(self._link, unit, block)
                else:
                    time.sleep((min(ready_ns, end_ns) - now) / 1e9)
            if readings:
                return readings
        return []

    def close(self) -> None:
        """Let go of the port."""
        if self._link is not None:
            self._link.close()

    def faults(self) -> Mapping[str, DriverError]:
        """Return no_answer or bad_frames after 3 misses in a row, exception while a block is refused."""
        faults: dict[str, DriverError] = {}
        for unit in self._units:
            refused = next((block for block in unit.blocks if block.refused), None)
            if unit.fault is not None:
                faults[unit.key] = unit.fault
            elif refused is not None:
                faults[unit.key] = DriverError(
                    "exception",
                    device=unit.key,
                    needs_person=refused.refused in CONFIGURATION,
                    code=refused.refused,
                    name=EXCEPTIONS.get(refused.refused, "unknown"),
                    address=f"{refused.area}:{refused.address}",
                )
        return faults

    def raw_tail(self) -> list[tuple[int, str, bytes]]:
        return self._link.raw_tail() if self._link is not None else []

    def _next(self) -> tuple[int, _Unit | None, Block | None]:
        """Return when something may be asked and what: the longest due first, a failed one before its unit's others."""
        best: tuple[int, _Unit | None, Block | None] = (1 << 63, None, None)
        for unit in self._units:
            if not unit.blocks:
                continue
            block = unit.again or min(unit.blocks, key=lambda block: block.due_ns)
            ready_ns = max(block.due_ns, unit.not_before_ns)
            if ready_ns < best[0]:
                best = (ready_ns, unit, block)
        return max(best[0], self._wire_ns + self._gap_ns), best[1], best[2]

    def _ask(self, link: Link, unit: _Unit, block: Block) -> None:
        if link.pending():  # nobody was asked: whatever this is, it must not become the answer
            self._deaf_until_ns = self.clock.mono_ns()
            return
        request = read_request(unit.number, FUNCTIONS[block.area], block.address, block.count)
        at_ms, mono_ns = self.clock.now_ms(), self.clock.mono_ns()
        link.send(request)
        self._heard.clear()
        self._wire_ns = mono_ns + len(request) * self._char_ns
        wire_ns = (len(request) + 5 + block.data_bytes) * self._char_ns
        self._asked = _Asked(unit, block, request, at_ms, mono_ns, mono_ns + wire_ns + self._timeout_ns)

    def _hear(self, link: Link, asked: _Asked) -> list[Reading]:
        chunk = link.receive()
        if chunk.data:
            self._heard += chunk.data
            self._wire_ns = self.clock.mono_ns()
        heard = bytes(self._heard)
        if self._echo:
            size = len(asked.request)
            heard = heard[size:] if heard[:size] == asked.request[: len(heard)] else heard
        answer = examine(heard, asked.request)
        if answer is None and self.clock.mono_ns() < asked.deadline_ns:
            return []
        self._asked = None
        if answer is None or answer.wrong:
            self._missed(asked.unit, asked.block, asked.mono_ns, bad=bool(heard))
            return []
        if not self._answered(asked.unit, asked.block, answer):
            return []
        asked.unit.seq += 1
        middle = asked.unit.seq, (asked.at_ms + chunk.at_ms) // 2, (asked.mono_ns + chunk.mono_ns) // 2
        if answer.code:
            return [self._reading(asked.unit, item, None, middle, heard) for item in asked.block.items]
        return [
            self._reading(asked.unit, item, value_of(item, answer.data, asked.block.address), middle, b"")
            for item in asked.block.items
        ]

    def _reading(self, unit: _Unit, item: Item, value: Value, stamp: tuple[int, int, int], raw: bytes) -> Reading:
        seq, at_ms, mono_ns = stamp
        quality, note = (Quality.BAD if value is None else Quality.GOOD), ""
        if value is not None and item.signal not in unit.seen:
            unit.seen.add(item.signal)
            note = "snapshot"
        return Reading(unit.key, item.signal, value, quality, at_ms, mono_ns, seq, raw=raw, note=note)

    def _answered(self, unit: _Unit, block: Block, answer: Answer) -> bool:
        """Note a proper frame and when the block is due again; return False when smaller blocks take its place."""
        now = self.clock.mono_ns()
        unit.heard_ns, unit.not_before_ns, unit.fault, unit.misses, unit.bad = now, 0, None, 0, 0
        block.refused = answer.code
        block.due_ns = max(block.due_ns + block.period_ns, now)
        if unit.silent_ns and not unit.doubted and unit.mistakable(block):
            # this may be the answer to an earlier request, with the newest one's still to come: let it come
            unit.doubted = True
            silent_ns = now - unit.silent_ns + self._timeout_ns
            block.due_ns = unit.not_before_ns = now + min(silent_ns, 4 * self._timeout_ns)
            return True
        unit.silent_ns, unit.doubted, unit.relapses, unit.back_off, unit.again = 0, False, 0, 0, None
        if answer.code in (2, 3) and (parts := block.parts()):
            # one address that is not there, perhaps in a gap only, must not cost the others
            unit.blocks.remove(block)
            unit.blocks += parts
            return False
        if answer.code in CONFIGURATION:
            block.due_ns = now + max(block.period_ns, REFUSED_NS)
        return True

    def _missed(self, unit: _Unit, block: Block, asked_ns: int, bad: bool) -> None:
        """Count a time-out or a bad frame, begin the quarantine, back off from a unit that seems dead."""
        now = self.clock.mono_ns()
        known_dead = unit.fault is not None
        unit.silent_ns = unit.silent_ns or asked_ns
        unit.misses += 1
        unit.bad += bad
        unit.relapses += unit.doubted
        unit.again, unit.doubted = block, False
        if unit.misses >= DEAD_AFTER or unit.relapses >= DEAD_AFTER:
            pause_ns = BACK_OFF_S[min(unit.back_off, len(BACK_OFF_S) - 1)] * 1_000_000_000
            unit.back_off += 1
            unit.not_before_ns = now + max(pause_ns, self._timeout_ns)
            unit.seen.clear()
            if unit.fault is None and unit.bad:
                unit.fault = DriverError("bad_frames", device=unit.key, count=unit.bad)
            elif unit.fault is None:
                unit.fault = DriverError("no_answer", device=unit.key, seconds=round((now - unit.heard_ns) / 1e9))
        # A unit known to be dead shall not cost the others a second time-out: its own pause is its quarantine, and an
        # answer from the grave carries its address, so that it cannot pass for another unit's.
        if bad or not known_dead:
            self._deaf_until_ns = now + self._timeout_ns

    def _discard(self, link: Link, until_ns: int) -> None:
        """Listen until the quarantine is over; a bus that never falls silent counts as a miss of all its units."""
        if link.receive().data:
            self._wire_ns = self.clock.mono_ns()
        now = self.clock.mono_ns()
        if now < until_ns:
            return
        if now - self._wire_ns >= SILENCE_NS:
            self._deaf_until_ns = None
        elif now - until_ns > self._timeout_ns:
            for unit in self._units:
                if unit.blocks:
                    self._missed(unit, unit.again or unit.blocks[0], now, bad=True)


def item_of(device: str, signal: SignalSpec, period_ms: int) -> Item:
    """Return one signal's place on the wire. Raises DriverError bad_address that names the setting."""
    given = Given(ModbusRtu.SIGNAL_SETTINGS, signal.settings, f"{device}.{signal.key}")
    address = given.value("address")
    if isinstance(address, (bool, float)) or address in (None, ""):
        raise given.wrong("address", f"{address!r} is no address")
    try:
        place = locate(str(address), given.text("area"))
    except ValueError as error:
        raise given.wrong("address", str(error)) from error
    bits = place.area in BIT_AREAS
    kind = given.text("type") or ("bit" if bits or place.bit is not None else "u16")
    text = re.fullmatch(r"ascii:([1-9][0-9]{0,2})", kind)
    if kind != "bit" and kind not in NUMBERS and not text:
        raise given.wrong("type", f"{kind!r} is none of {', '.join(NUMBERS)}, bit, ascii:N")
    if bits != (kind == "bit") and not (kind == "bit" and place.bit is not None):
        raise given.wrong("type", f"{kind} does not fit {place.area}; a bit of a register is written hr:100.9")
    if kind != "bit" and place.bit is not None:
        raise given.wrong("type", f"{kind} has no single bit")
    width = (int(text[1]) + 1) // 2 if text else 2 if kind in ("u32", "s32", "f32") else 1
    if width > 125 or place.address + width > 0x10000:
        raise given.wrong("address", f"{width} registers from {place.address} pass the end")
    return Item(
        signal.key,
        place,
        kind,
        width,
        given.text("order"),
        given.number("scale"),
        given.number("offset"),
        given.whole("period_ms") or period_ms,
    )
