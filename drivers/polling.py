"""What every bus that is asked has in common: who is asked when, what becomes of silence, noise and late answers.

A protocol (modbus_rtu.py, xgt_cnet.py) adds its frames and its addresses to `PolledBus`.

Without a transaction number an answer that comes too late looks like the answer to the next request of the
same length, and two widely used Modbus masters take it for that. Hence the quarantine: after a time-out or a
bad frame nothing is sent while the bus is listened to for one more time-out and until 50 ms of silence,
and a unit's next request repeats the one that failed. Against answers that are later still, the blocks of
a unit get different lengths where `max_gap` allows a spare register; where it does not, a unit that
answers again is left alone for as long as it was silent, and must then answer once more.

A unit counts as dead after three misses in a row, or when it has been silent for three time-outs. It is then
asked after 1, 2, 5, 10 and each 30 s, so that it does not starve the others.
"""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import ClassVar

from msgspec import Struct, field
from msgspec.structs import replace

from drivers.base import (
    BusSpec,
    Clock,
    DeviceSpec,
    Driver,
    DriverError,
    Finding,
    Quality,
    Reading,
    Setting,
    SignalSpec,
    Tally,
    UnfitError,
    Value,
)
from drivers.line_errors import LineErrors
from drivers.link import LINK_SETTINGS, Given, Link, WrongSettingError, wrong_ports
from drivers.registers import Item, Place
from drivers.tally import Record

BIT_AREAS = ("coil", "discrete")
MOST_BITS = 2000
SLICE_S = 0.05
SILENCE_NS = 50_000_000
POLL_NS = 500_000_000
REFUSED_NS = 10_000_000_000  # a block that is refused for good is asked again this much later
BUSY_NS = 300_000_000  # a unit that is busy is left alone at least this long
BACK_OFF_S = (1, 2, 5, 10, 30)
DEAD_AFTER = 3  # misses in a row, or time-outs of silence
DOUBLED_AFTER = 3  # second answers to one request
WARN_LOAD, MOST_LOAD = 0.7, 1.0  # share of the time that the wire is busy

UNLIKELY = "unlikely step"  # more than max_step away from the value before, not yet read twice

POLLED_SETTINGS = (
    *LINK_SETTINGS,
    Setting("timeout_ms", int, 1000, unit="ms", low=50, high=10_000),
    Setting("pause_ms", int, 0, unit="ms", low=0, high=1000),  # before each request, at least 3.5 characters
    Setting("echo", bool, False),  # the adapter hears what it sends
)


class Answer(Struct, frozen=True):
    """What came back: `data` of an answer, or `code` of a refusal, or in `wrong` why it is neither."""

    data: bytes = b""
    code: int = 0
    wrong: str = ""


class Block(Struct):
    """Neighbouring items that one request reads; `scattered` ones are named one by one instead."""

    area: str
    address: int
    count: int
    period_ns: int
    items: tuple[Item, ...]
    due_ns: int = 0
    refused: int = 0
    spare: int = 0  # of `count`, what nobody wants: it only makes the answer's length its own
    scattered: bool = False

    @property
    def data_bytes(self) -> int:
        """How many bytes of data the answer holds."""
        return (self.count + 7) // 8 if self.area in BIT_AREAS else 2 * self.count

    def parts(self) -> list[Block]:
        """Return blocks that ask for less to get the same: without spare, without gaps, item by item; else []."""
        if self.spare:
            return [replace(self, count=self.count - self.spare, spare=0)]
        single = [replace(block_of([item]), scattered=self.scattered) for item in self.items]
        for split in (single,) if self.scattered else (plan(self.items, 0), single):
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
    a bit area the limits count 16 bits for a register, and 2000 bits are the most. What others need to be
    understood (a number of decimals) comes first.
    """
    return apart(runs(items, max_gap, max_registers), max_gap, max_registers)


def runs(items: Iterable[Item], max_gap: int, max_registers: int) -> list[Block]:
    """Return the fewest blocks for these items, whatever their lengths."""
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
    return sorted(blocks, key=lambda block: all(item.signal for item in block.items))


def by_area(block: Block) -> object:
    """Return what tells answers apart that carry their area."""
    return block.area, block.data_bytes


def apart(
    blocks: list[Block], max_gap: int, max_registers: int, looks: Callable[[Block], object] = by_area
) -> list[Block]:
    """Return the blocks with answers of looks of their own, as far as spare registers can do it."""
    taken: set[object] = set()
    for block in blocks:
        gap, most = limits(block.area, max_gap, max_registers)
        step = 8 if block.area in BIT_AREAS else 1
        for spare in range(0, gap + 1, step):
            longer = replace(block, count=block.count + spare)
            fits = spare == 0 or (longer.count <= most and block.address + longer.count <= 0x10000)
            if fits and looks(longer) not in taken:
                block.count, block.spare = longer.count, spare
                break
        taken.add(looks(block))
    return blocks


def limits(area: str, max_gap: int, max_registers: int) -> tuple[int, int]:
    """Return the widest gap and the largest block in the area's own unit, registers or bits."""
    if area in BIT_AREAS:
        return max_gap * 16, min(MOST_BITS, max_registers * 16)
    return max_gap, max_registers


class Unit(Struct):
    """A device on the bus and how it is doing."""

    key: str
    number: int
    blocks: list[Block]
    heard_ns: int = 0
    seq: int = 0
    misses: int = 0  # in a row
    bad: int = 0  # of these: something came, but no answer
    echoes: int = 0  # of these: the request itself came back first
    damaged: int = 0  # of these: it began as the unit's own answer
    doubled: int = 0  # second answers to one request, less what was answered once
    silent_ns: int = 0  # when that was asked which it missed first; 0: it has answered beyond doubt since
    doubted: bool = False  # it has answered since, but that may have been an old answer
    relapses: int = 0  # how often it missed again while doubted
    back_off: int = 0
    not_before_ns: int = 0
    again: Block | None = None
    fault: DriverError | None = None
    record: Record = field(default_factory=Record)
    seen: set[str] = field(default_factory=set)
    decimals: dict[Place, int] = field(default_factory=dict)
    believed: dict[str, float] = field(default_factory=dict)  # last value of a signal with max_step
    unlikely: dict[str, float] = field(default_factory=dict)  # what came instead and must come again

    def forget(self) -> None:
        """Forget what a device that went away may have changed meanwhile."""
        self.seen.clear()
        self.decimals.clear()
        self.believed.clear()
        self.unlikely.clear()


class Asked(Struct, frozen=True):
    """The request under way."""

    unit: Unit
    block: Block
    request: bytes
    at_ms: int
    mono_ns: int
    deadline_ns: int


class PolledBus(Driver):
    """One bus with its units, one request at a time. What is left open here are the protocol's frames and addresses."""

    BUS_SETTINGS = POLLED_SETTINGS
    #: the device setting that holds its number on the bus
    NUMBER: ClassVar[str] = "unit"
    #: codes of refusals: by name; those that asking again will not cure; those that a smaller request may cure
    REFUSALS: ClassVar[Mapping[int, str]] = {}
    LASTING: ClassVar[tuple[int, ...]] = ()
    DIVISIBLE: ClassVar[tuple[int, ...]] = ()
    #: codes that say "later"
    BUSY: ClassVar[tuple[int, ...]] = ()

    def __init__(self, bus: BusSpec, clock: Clock) -> None:
        super().__init__(bus, clock)
        self._link: Link | None = None
        self._units: list[Unit] = []
        self._asked: Asked | None = None
        self._heard = bytearray()
        self._last: Asked | None = None  # what was asked before, while something may still come of it
        self._last_answered = False
        self._last_clear = False  # nothing older was still to come
        self._wire_ns = 0  # last byte on the wire, either way
        self._deaf_until_ns: int | None = None
        self._news = False  # a device got a fault since the last poll
        self._line_before: LineErrors | None = None  # what the port had counted when a unit missed first

    # -- the protocol --

    @classmethod
    @abstractmethod
    def items_of(cls, device: str, signal: SignalSpec, period_ms: int) -> list[Item]:
        """Return a signal's item, before it what it needs to be understood. Raises DriverError bad_address."""

    @classmethod
    @abstractmethod
    def blocks_of(cls, given: Given, items: Sequence[Item]) -> list[Block]:
        """Return the requests that read a device's items; `given` are the device's settings."""

    @classmethod
    @abstractmethod
    def chars(cls, block: Block) -> tuple[int, int]:
        """Return how many characters a request and its answer take on the wire."""

    @classmethod
    @abstractmethod
    def looks(cls, block: Block) -> object:
        """Return what tells this block's answer from another's: answers of equal looks may be mistaken."""

    @classmethod
    @abstractmethod
    def where(cls, block: Block) -> str:
        """Return how people call the block's first address."""

    @abstractmethod
    def ask(self, link: Link, unit: Unit, block: Block) -> bytes:
        """Send the request for a block and return it. Raises DriverError link_lost."""

    @abstractmethod
    def examine(self, heard: bytes, unit: Unit, block: Block, request: bytes) -> Answer | None:
        """Return what the bytes heard since the request are, None while they may still become an answer."""

    @abstractmethod
    def value(self, block: Block, item: Item, data: bytes, decimals: int | None) -> tuple[Value, str]:
        """Return an item's value from the data of its block's answer, or None and why there is none."""

    # -- settings --

    @classmethod
    def unit_of(cls, device: DeviceSpec) -> Unit:
        """Return a device with its blocks planned. Raises DriverError bad_address."""
        given = Given(cls.DEVICE_SETTINGS, device.settings, device.key)
        number, period_ms = given.whole(cls.NUMBER), given.whole("period_ms")
        items = [item for signal in device.signals for item in cls.items_of(device.key, signal, period_ms)]
        return Unit(device.key, number, cls.blocks_of(given, once(items)))

    @classmethod
    def check(cls, bus: BusSpec) -> list[Finding]:
        """Return a wrong port or signal, two devices of one number, a wire without time, answers that look alike."""
        found = wrong_ports(bus)
        units: list[Unit] = []
        numbers: dict[int, str] = {}
        for device in bus.devices:
            wrong = len(found)
            for signal in device.signals:
                try:
                    cls.items_of(device.key, signal, 1000)
                except WrongSettingError as error:
                    found.append(error.finding(device.key, signal.key))
            if wrong == len(found):
                unit = cls.unit_of(device)
                units.append(unit)
                if unit.number in numbers:
                    detail: dict[str, Value | UnfitError] = {"number": unit.number, "other": numbers[unit.number]}
                    found.append(Finding("same_unit", device.key, setting=cls.NUMBER, detail=detail))
                numbers.setdefault(unit.number, device.key)
                found += cls._lookalikes(unit)
        return found if len(units) < len(bus.devices) else found + cls._too_busy(bus, units)

    @classmethod
    def _lookalikes(cls, unit: Unit) -> list[Finding]:
        seen: dict[object, Block] = {}
        for block in unit.blocks:
            other = seen.setdefault(cls.looks(block), block)
            if other is not block:
                detail: dict[str, Value | UnfitError] = {"first": cls.where(other), "second": cls.where(block)}
                return [Finding("alike", unit.key, setting="max_gap", refuses=False, detail=detail)]
        return []

    @classmethod
    def _too_busy(cls, bus: BusSpec, units: Iterable[Unit]) -> list[Finding]:
        if "://" in bus.port and "baud" not in bus.settings:
            return []  # the speed behind a device server is set in the server
        load = cls.load(bus, units)
        if load <= WARN_LOAD:
            return []
        detail: dict[str, Value | UnfitError] = {"percent": round(load * 100), "baud": Timing.of(bus).baud}
        return [Finding("overload" if load > MOST_LOAD else "busy_wire", refuses=load > MOST_LOAD, detail=detail)]

    @classmethod
    def load(cls, bus: BusSpec, units: Iterable[Unit]) -> float:
        """Return the share of the time that the wire is busy: (request + answer + 7 characters) each period."""
        timing = Timing.of(bus)
        return sum(
            (sum(cls.chars(block)) * timing.char_ns + 7 * timing.char_ns // 2 + timing.gap_ns) / block.period_ns
            for unit in units
            for block in unit.blocks
        )

    # -- life --

    def open(self) -> None:
        """Check the settings, plan the blocks, open the port. Raises DriverError bad_address or as Link.open."""
        given = Given(self.BUS_SETTINGS, self.bus.settings, self.bus.key)
        self._timing = Timing.of(self.bus)
        self._timeout_ns = given.whole("timeout_ms") * 1_000_000
        self._echo = given.flag("echo")
        self._units = [self.unit_of(device) for device in self.bus.devices]
        numbers = [unit.number for unit in self._units]
        for unit in self._units:
            if numbers.count(unit.number) > 1:
                raise DriverError(
                    "bad_address",
                    device=unit.key,
                    needs_person=True,
                    address=f"{unit.key}: {self.NUMBER}",
                    reason=f"{self.NUMBER} {unit.number} is there twice",
                )
        self._link = Link(self.bus.port, self.bus.settings, self.clock, SLICE_S)
        self._link.open()
        now = self.clock.mono_ns()
        for unit in self._units:
            unit.heard_ns = now
            for block in unit.blocks:
                block.due_ns = now

    def poll(self) -> list[Reading]:
        """Return the readings of one answer; [] when none came within 0.5 s or a device got a fault.

        Raises DriverError link_lost. A request, its time-out and the quarantine after it go on over several calls.
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
            if readings or self._news:
                self._news = False
                return readings
        return []

    def close(self) -> None:
        """Let go of the port."""
        if self._link is not None:
            self._link.close()

    def faults(self) -> Mapping[str, DriverError]:
        """Return what keeps a device from being read: silence, damage, an echo, two of one number, a refusal."""
        faults: dict[str, DriverError] = {}
        for unit in self._units:
            refused = next((block for block in unit.blocks if block.refused), None)
            if unit.fault is not None:
                faults[unit.key] = unit.fault
            elif unit.doubled >= DOUBLED_AFTER:
                faults[unit.key] = DriverError("same_address", device=unit.key, unit=unit.number)
            elif refused is not None:
                faults[unit.key] = self._refusal(unit, refused)
            elif (noise := unit.record.fault()) is not None:
                faults[unit.key] = noise
        return faults

    def tallies(self) -> Mapping[str, Tally]:
        return {unit.key: unit.record.counted for unit in self._units}

    def raw_tail(self) -> list[tuple[int, str, bytes]]:
        return self._link.raw_tail() if self._link is not None else []

    def _refusal(self, unit: Unit, block: Block) -> DriverError:
        code = block.refused
        kind = "busy" if code in self.BUSY else "exception" if code in self.LASTING else "device_trouble"
        return DriverError(
            kind,
            device=unit.key,
            needs_person=code in self.LASTING,
            partial=any(not other.refused for other in unit.blocks if any(item.signal for item in other.items)),
            code=self.code_text(code),
            name=self.REFUSALS.get(code, "unknown"),
            address=self.where(block),
        )

    @classmethod
    def code_text(cls, code: int) -> Value:
        """Return a refusal's code as the device's manual prints it."""
        return code

    # -- asking and hearing --

    def _next(self) -> tuple[int, Unit | None, Block | None]:
        """Return when something may be asked and what: the longest due first, a failed one before its unit's others."""
        best: tuple[int, Unit | None, Block | None] = (1 << 63, None, None)
        for unit in self._units:
            if not unit.blocks:
                continue
            block = unit.again or min(unit.blocks, key=lambda block: block.due_ns)
            ready_ns = max(block.due_ns, unit.not_before_ns)
            if ready_ns < best[0]:
                best = (ready_ns, unit, block)
        return max(best[0], self._wire_ns + self._timing.gap_ns), best[1], best[2]

    def _ask(self, link: Link, unit: Unit, block: Block) -> None:
        if link.pending():  # nobody was asked: whatever this is, it must not become the answer
            self._heard.clear()
            self._deaf_until_ns = self.clock.mono_ns()
            return
        if self._last is not None and self._last_answered:
            self._last.unit.doubled = max(0, self._last.unit.doubled - 1)
        at_ms, mono_ns = self.clock.now_ms(), self.clock.mono_ns()
        request = self.ask(link, unit, block)
        self._heard.clear()
        asking, answering = (chars * self._timing.char_ns for chars in self.chars(block))
        self._wire_ns = mono_ns + asking
        self._asked = Asked(unit, block, request, at_ms, mono_ns, mono_ns + asking + answering + self._timeout_ns)
        self._last = None

    def _hear(self, link: Link, asked: Asked) -> list[Reading]:
        chunk = link.receive()
        if chunk.data:
            self._heard += chunk.data
            self._wire_ns = self.clock.mono_ns()
        heard = bytes(self._heard)
        if self._echo:
            size = len(asked.request)
            heard = heard[size:] if heard[:size] == asked.request[: len(heard)] else heard
        unit, block = asked.unit, asked.block
        answer = self.examine(heard, unit, block, asked.request)
        if answer is None and self.clock.mono_ns() < asked.deadline_ns:
            return []
        self._asked, self._last = None, asked
        self._last_answered = answer is not None and not answer.wrong
        self._last_clear = not unit.silent_ns
        if answer is None or answer.wrong:
            self._missed(unit, block, asked.mono_ns, bad=bool(heard))
            return []
        self._heard.clear()
        if answer.code:
            unit.record.refused()
        else:
            unit.record.well()
        if not self._answered(unit, block, answer):
            return []
        if unit.doubled >= DOUBLED_AFTER:
            unit.record.begin()
            return []  # nobody knows which of two devices speaks
        unit.seq += any(item.signal for item in block.items)  # a frame that brings no value leaves no gap
        middle = unit.seq, (asked.at_ms + chunk.at_ms) // 2, (asked.mono_ns + chunk.mono_ns) // 2
        if answer.code:
            return [self._reading(unit, item, None, "", middle, heard) for item in block.items if item.signal]
        return self._readings(unit, block, answer.data, middle)

    def _readings(self, unit: Unit, block: Block, data: bytes, stamp: tuple[int, int, int]) -> list[Reading]:
        for item in block.items:
            if not item.signal:
                number, _why = self.value(block, item, data, None)
                unit.decimals[item.place] = number if isinstance(number, int) else -1
        readings = []
        for item in block.items:
            if item.signal:
                decimals = None if item.decimals is None else unit.decimals.get(item.decimals)
                value, why = self.value(block, item, data, decimals)
                if item.max_step is not None and isinstance(value, (int, float)):
                    again = item.signal not in unit.unlikely
                    if not likely(unit, item, value):
                        value, why = None, UNLIKELY
                        block.due_ns = self.clock.mono_ns() if again else block.due_ns
                readings.append(self._reading(unit, item, value, why, stamp, data if value is None else b""))
        return readings

    @staticmethod
    def _reading(unit: Unit, item: Item, value: Value, why: str, stamp: tuple[int, int, int], raw: bytes) -> Reading:
        seq, at_ms, mono_ns = stamp
        quality, note = (Quality.BAD if value is None else Quality.GOOD), why
        if value is not None and item.signal not in unit.seen:
            unit.seen.add(item.signal)
            note = "snapshot"
        return Reading(unit.key, item.signal, value, quality, at_ms, mono_ns, seq, raw=raw, note=note)

    def _mistakable(self, unit: Unit, block: Block) -> bool:
        """Return whether another block's late answer would look like this one's."""
        return any(other is not block and self.looks(other) == self.looks(block) for other in unit.blocks)

    def _answered(self, unit: Unit, block: Block, answer: Answer) -> bool:
        """Note a proper frame and when the block is due again; return False when smaller blocks take its place."""
        now = self.clock.mono_ns()
        unit.heard_ns, unit.not_before_ns, unit.fault = now, 0, None
        unit.misses, unit.bad, unit.echoes, unit.damaged = 0, 0, 0, 0
        block.refused = answer.code
        block.due_ns = max(block.due_ns + block.period_ns, now)
        if unit.silent_ns and not unit.doubted and self._mistakable(unit, block):
            # this may be the answer to an earlier request, with the newest one's still to come: let it come
            unit.doubted = True
            silent_ns = now - unit.silent_ns + self._timeout_ns
            block.due_ns = unit.not_before_ns = now + min(silent_ns, 4 * self._timeout_ns)
            return True
        unit.silent_ns, unit.doubted, unit.relapses, unit.back_off, unit.again = 0, False, 0, 0, None
        if answer.code in self.DIVISIBLE and (parts := block.parts()):
            # one address that is not there, perhaps in a gap only, must not cost the others
            unit.blocks.remove(block)
            unit.blocks += parts
            return False
        if answer.code in self.LASTING:
            block.due_ns = now + max(block.period_ns, REFUSED_NS)
        elif answer.code in self.BUSY:
            block.due_ns = now + max(block.period_ns, BUSY_NS)
        return True

    def _missed(self, unit: Unit, block: Block, asked_ns: int, bad: bool) -> None:
        """Count a time-out or a bad frame, begin the quarantine, back off from a unit that seems dead."""
        now = self.clock.mono_ns()
        known_dead = unit.fault is not None
        unit.silent_ns = unit.silent_ns or asked_ns
        unit.misses += 1
        unit.bad += bad
        if bad and unit.bad == 1 and self._link is not None:
            self._line_before = self._link.line_errors()
        unit.relapses += unit.doubted
        unit.again, unit.doubted = block, False
        if bad:
            unit.record.damaged()
        else:
            unit.record.missing()
        silent = unit.misses > 1 and not unit.bad and now - unit.silent_ns >= DEAD_AFTER * self._timeout_ns
        if silent or unit.misses >= DEAD_AFTER or unit.relapses >= DEAD_AFTER:
            pause_ns = BACK_OFF_S[min(unit.back_off, len(BACK_OFF_S) - 1)] * 1_000_000_000
            unit.back_off += 1
            unit.not_before_ns = now + max(int(pause_ns), self._timeout_ns)
            unit.forget()
            unit.record.begin()
            if unit.fault is None:
                unit.fault, self._news = self._trouble(unit, now), True
        # A unit known to be dead shall not cost the others a second time-out: its own pause is its quarantine, and an
        # answer from the grave carries its address, so that it cannot pass for another unit's.
        if bad or not known_dead:
            self._deaf_until_ns = now + self._timeout_ns

    def _trouble(self, unit: Unit, now: int) -> DriverError:
        """Return what seems to be wrong with a unit that missed again and again."""
        if not unit.bad:
            problem = "network" if "://" in self.bus.port else ""
            return DriverError(
                "no_answer", device=unit.key, seconds=round((now - unit.heard_ns) / 1e9), problem=problem
            )
        if unit.echoes > 1:
            return DriverError("echo", device=unit.key, needs_person=True)
        others = [other for other in self._units if other is not unit and other.blocks]
        well = any(other.seq and not other.misses for other in others) and not any(other.bad for other in others)
        if unit.doubled > 1 or (unit.damaged > 1 and well):
            return DriverError("same_address", device=unit.key, unit=unit.number)
        problem = "framing" if self._line_damaged() else ""
        return DriverError("bad_frames", device=unit.key, count=unit.bad, problem=problem)

    def _line_damaged(self) -> bool:
        """Return whether the port itself found several characters damaged since a unit's first bad frame."""
        before, now = self._line_before, None if self._link is None else self._link.line_errors()
        return before is not None and now is not None and now.damaged - before.damaged > 1

    def _discard(self, link: Link, until_ns: int) -> None:
        """Listen until the quarantine is over; a bus that never falls silent counts as a miss of all its units."""
        if data := link.receive().data:
            self._wire_ns = self.clock.mono_ns()
            if len(self._heard) < 4096:
                self._heard += data
        now = self.clock.mono_ns()
        if now < until_ns:
            return
        if now - self._wire_ns >= SILENCE_NS:
            self._deaf_until_ns = None
            self._learn(bytes(self._heard))
        elif now - until_ns > self._timeout_ns:
            self._last = None
            for unit in self._units:
                if unit.blocks:
                    self._missed(unit, unit.again or unit.blocks[0], now, bad=True)

    def _learn(self, heard: bytes) -> None:
        """Note what the bytes around a quarantine tell: an echo, a second answer, an answer that is damaged."""
        asked, self._last = self._last, None
        if asked is None or not heard:
            return
        unit, size = asked.unit, len(asked.request)
        if heard.startswith(asked.request) and not self._last_answered:
            unit.echoes += not self._echo
            heard = heard[size:]
        whole = 0
        while heard:
            length = next((n for n in range(1, len(heard) + 1) if self._is_answer(heard[:n], asked)), 0)
            whole += length > 0
            if not length:
                unit.damaged += self.examine(heard[:2], unit, asked.block, asked.request) is None
                break
            heard = heard[length:]
        if self._last_clear and whole > (0 if self._last_answered else 1):
            unit.doubled = min(unit.doubled + 2, 2 * DOUBLED_AFTER)

    def _is_answer(self, heard: bytes, asked: Asked) -> bool:
        answer = self.examine(heard, asked.unit, asked.block, asked.request)
        return answer is not None and not answer.wrong


class Timing(Struct, frozen=True):
    """What a bus's settings mean in time: nanoseconds a character, and of silence before a request."""

    baud: int
    char_ns: int
    gap_ns: int

    @classmethod
    def of(cls, bus: BusSpec) -> Timing:
        """Return the timing of a bus. Raises DriverError bad_address.

        3.5 characters of silence, 1.75 ms above 19200 Bd (Modbus over serial line V1.02, clause 2.5.1.1), or the
        setting pause_ms.
        """
        given = Given(POLLED_SETTINGS, bus.settings, bus.key)
        baud, frame = given.whole("baud"), given.text("frame")
        char_ns = 1_000_000_000 * (1 + int(frame[0]) + (frame[1] != "N") + int(frame[2])) // baud
        gap_ns = 1_750_000 if baud > 19200 else 7 * char_ns // 2
        return cls(baud, char_ns, max(gap_ns, given.whole("pause_ms") * 1_000_000))


def once(items: Iterable[Item]) -> list[Item]:
    """Return the items without a second one of those that are read for others only."""
    found: list[Item] = []
    helping: set[tuple[Place, int]] = set()
    for item in items:
        if item.signal or (item.place, item.period_ms) not in helping:
            found.append(item)
        if not item.signal:
            helping.add((item.place, item.period_ms))
    return found


def likely(unit: Unit, item: Item, value: float) -> bool:
    """Return whether a value lies within max_step of the one before, or came twice; remember it."""
    before, doubted, step = unit.believed.get(item.signal), unit.unlikely.pop(item.signal, None), item.max_step or 0
    if before is None or abs(value - before) <= step or (doubted is not None and abs(value - doubted) <= step):
        unit.believed[item.signal] = value
        return True
    unit.unlikely[item.signal] = value
    return False
