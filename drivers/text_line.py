"""Devices that send lines of text: scanners, scales, gauges, torque tools, testers, counters.

    bytes -> Framer -> frames -> Decoder -> fields -> readings

Framer and Decoder are pure: they need no port and no clock. Nothing that arrives is dropped: a frame that
fits no pattern becomes one reading with its raw bytes and the reason, and what comes faster than the device's
rate is counted.

Most such devices speak by themselves. One that must be asked is sent one of the QUERIES again and again, and nothing
else: each of them asks for a value and changes nothing in any of the devices that are known to understand it.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Mapping

from msgspec import Struct

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
from drivers.link import LINK_SETTINGS, Given, Link, WrongSettingError, wrong_ports
from drivers.patterns import SLOW_NS, Watched, compiled, harmless
from drivers.tally import DAMAGED_NOTES, Record
from drivers.text_line_guards import RATE_PER_S, DoubleScan, Guard

#: what a device that must be asked may be sent, by the text of the setting. Kept out on purpose: P (print on Ohaus, but
#: the power key of an A&D balance), S (also "stop" elsewhere), and all that tares, zeroes, resets or switches a mode.
QUERIES: dict[str, bytes] = {
    r"Q\r\n": b"Q\r\n",  # A&D: weight now
    r"SI\r\n": b"SI\r\n",  # A&D and MT-SICS: weight at once
    r"IP\r\n": b"IP\r\n",  # Ohaus: immediate print
    r"?\r": b"?\r",  # Sylvac, Tesa, Mark-10: present value
    r"M?\r": b"M?\r",  # Mahr C1202: measured value
    r"W\r": b"W\r",  # CAS CI-100A and other NCI indicators: weight and status
    **{rf"{channel}\r": b"%d\r" % channel for channel in range(1, 10)},  # Mitutoyo MUX: value of a channel
}
MISSES = 3  # so many questions without an answer: the device does not answer

MOST_SEARCHED = 200  # characters in which a part is looked for that fits

STX, ETX = 0x02, 0x03
STALL_NS = 1_000_000_000  # a line that rests this long in its middle never ends

#: sign, blanks behind it ("+ 12.3", A&D format KF), digits; no exponent: "+9999999E+19" is an overload, not a weight
NUMBER = re.compile(r"\s*([+-]?)\s*([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*", re.ASCII)
#: AIM identifier in front of a scan: "]" code letter, modifier; behind ]Y a digit says how many more follow it
#: (ISO/IEC 15424). Any letter, since the list grows (]J DotCode, ]h Han Xin).
AIM = re.compile(
    rb"\](?:[A-XZa-z][0-9A-Za-z]|Y(?:%s))" % b"|".join(b"%d[0-9A-Za-z]{%d}" % (more, more) for more in range(10))
)


class Frame(Struct, frozen=True):
    """One frame without its terminator; stamped when its first byte was read. `note` as in base.NOTES."""

    body: bytes
    at_ms: int
    mono_ns: int
    note: str = ""


_CUTTERS = {
    "line": re.compile(rb"[\r\n]"),
    "cr": re.compile(rb"\r"),
    "lf": re.compile(rb"\n"),
    "crlf": re.compile(rb"\r\n"),
    "stx-etx": re.compile(rb"[\x02\x03]"),
    "etx": re.compile(rb"\x03"),
}
TERMINATORS = (*_CUTTERS, "silence")


class Framer:
    r"""Cuts a stream of bytes into frames. Pure: any split of the same bytes gives the same frames.

    `terminator`:
    - "line": CR, LF or CR LF, any of them:  body 0D 0A | body 0D | body 0A ; empty lines are nothing
    - "cr": body 0D ; "lf": body 0A ; "crlf": body 0D 0A ; the other byte alone belongs to the body, but is taken off
      its edges, so that a device set to CR LF is read with either
    - "stx-etx": 02 body 03 ; text outside of that becomes a frame noted "unparsed"
    - "etx": body 03 ; line ends inside belong to the body
    - "silence": a frame ends after `silence_ms` without a byte

    A frame passes out early as "overlong" when it exceeds `limit` bytes (the rest up to its end is counted in
    `discarded`, not kept: memory stays flat) and as "incomplete" when it rests for 1 s in its middle.
    """

    def __init__(self, terminator: str = "line", limit: int = 4096, silence_ms: int = 50) -> None:
        self.discarded = 0
        self._limit = limit
        self._silent = terminator == "silence"
        self._rest_ns = silence_ms * 1_000_000 if self._silent else STALL_NS
        self._boxed = terminator == "stx-etx"
        self._cutter = _CUTTERS.get(terminator)
        self._edges = b"\r\n" if terminator in ("cr", "lf") else b""
        self._pair = terminator == "crlf"
        self._held = b""  # a CR at the end of what came: half of a CR LF, or a byte of the body
        self._body = bytearray()
        self._inside = not self._boxed
        self._skipping = False
        self._beyond = b""
        self._at_ms = self._mono_ns = self._last_ns = 0

    @property
    def unfinished(self) -> tuple[bytes, int]:
        """The frame that has not ended, and when its first byte was read (monotonic ns); beyond the limit what came
        last of it."""
        return self._beyond if self._skipping else bytes(self._body), self._mono_ns

    def feed(self, data: bytes, at_ms: int, mono_ns: int) -> list[Frame]:
        """Take bytes that arrived together; return the frames that ended."""
        frames = self.tick(mono_ns)
        self._last_ns = mono_ns
        data, self._held, start = self._held + data, b"", 0
        if self._pair and data.endswith(b"\r"):
            data, self._held = data[:-1], b"\r"
        if self._cutter is not None:
            for found in self._cutter.finditer(data):
                end = found.start()
                if end > start:
                    self._grow(data[start:end], at_ms, mono_ns, frames)
                if self._body or self._skipping or self._boxed:  # else the LF of a CR LF, an empty line
                    self._cut(data[end], frames)
                start = found.end()
        if start < len(data):
            self._grow(data[start:], at_ms, mono_ns, frames)
        return frames

    def tick(self, mono_ns: int) -> list[Frame]:
        """Return the frame that ended because nothing came for long enough, if any."""
        if (self._body or self._skipping or self._held) and mono_ns - self._last_ns >= self._rest_ns:
            return self._end_by_rest()
        return []

    def flush(self) -> list[Frame]:
        """Return the unfinished frame, as when the cable was pulled in its middle."""
        frames: list[Frame] = []
        self._let_go(frames)
        self._emit("incomplete", frames)
        return frames

    def _let_go(self, frames: list[Frame]) -> None:
        """Take a CR that was held back into the frame."""
        held, self._held = self._held, b""
        self._grow(held, self._at_ms, self._last_ns, frames)

    def _end_by_rest(self) -> list[Frame]:
        frames: list[Frame] = []
        self._let_go(frames)
        self._emit("" if self._silent else "incomplete", frames)
        self._inside = not self._boxed
        return frames

    def _grow(self, piece: bytes, at_ms: int, mono_ns: int, frames: list[Frame]) -> None:
        if not piece:
            return
        if self._skipping:
            self.discarded += len(piece)
            self._beyond = piece
            return
        if not self._body:
            self._at_ms, self._mono_ns = at_ms, mono_ns
        room = self._limit - len(self._body)
        self._body += piece[:room]
        if len(piece) > room:
            self._emit("overlong", frames)
            self._skipping, self._beyond = True, piece[room:]
            self.discarded += len(piece) - room

    def _cut(self, mark: int, frames: list[Frame]) -> None:
        if not self._boxed:
            self._emit("", frames)
        elif mark == STX:
            self._emit("incomplete" if self._inside else "unparsed", frames)
            self._inside = True
        else:
            self._emit("" if self._inside else "unparsed", frames)
            self._inside = False

    def _emit(self, note: str, frames: list[Frame]) -> None:
        body, self._body, self._skipping = bytes(self._body), bytearray(), False
        if self._silent:
            body = body.strip(b"\r\n")
        elif self._edges:
            body = body.strip(self._edges)
        elif self._boxed and not self._inside:
            body = body.strip(b"\r\n\x00")  # many devices send CR LF behind ETX
            note = "unparsed" if note == "incomplete" else note
        if body:
            frames.append(Frame(body, self._at_ms, self._mono_ns, note))


def decode_text(data: bytes, encoding: str = "auto") -> str:
    """Return bytes as text, never failing: "auto" is strict UTF-8, else CP949, else ASCII with \\xNN escapes."""
    for codec in ("utf-8", "cp949") if encoding == "auto" else (encoding,):
        try:
            return data.decode(codec)
        except UnicodeDecodeError:
            continue
    return data.decode("ascii" if encoding == "auto" else encoding, "backslashreplace")


def number(text: str, comma: bool = False) -> float | None:
    """Return the number that a field holds, or None when it holds anything else.

    Whole numbers that a float cannot tell from their neighbours are ints, as long as they fit into 64 bits. With
    `comma` the decimal sign is a comma and nothing else: "1.234" may be a thousand there, and is None.
    """
    if comma:
        text = text.replace(".", "?").replace(",", ".")
    found = NUMBER.fullmatch(text)
    if found is None:
        return None
    value = float(found[1] + found[2])
    return int(found[1] + found[2]) if "." not in found[2] and 2**53 <= abs(value) < 2**63 else value


#: what scales send in place of digits beyond their range: ^^^^ over, ____ under, ---- no value (CAS, NCI, Ohaus)
_MARKS = (
    (re.compile(r"\s*\^+\s*"), "overload"),
    (re.compile(r"\s*_+\s*"), "underload"),
    (re.compile(r"\s*-{2,}\s*"), "error"),
)


def mark(text: str) -> str:
    """Return what a field without digits says of its value: overload, underload, error, or "" for anything else."""
    return next((note for pattern, note in _MARKS if pattern.fullmatch(text)), "")


def line_query(text: str) -> bytes:
    r"""Return the bytes of a query by its setting, "?\r". Raises KeyError for anything that is not in QUERIES."""
    return QUERIES[text]


def columns(text: str) -> dict[str, tuple[int, int]]:
    """Return the byte ranges of "torque=29-33,total=73" (columns from 1, both ends included). Raises UnfitError."""
    ranges: dict[str, tuple[int, int]] = {}
    for part in text.split(","):
        found = re.fullmatch(r"\s*([^\W\d]\w*)\s*=\s*([0-9]+)(?:-([0-9]+))?\s*", part)
        if not found:
            raise UnfitError("{text!r} is not written as name=from-to", text=part.strip())
        first, last = int(found[2]), int(found[3] or found[2])
        if not 1 <= first <= last:
            raise UnfitError("{text!r} does not go upwards from 1", text=part.strip())
        if found[1] in ranges:
            raise UnfitError("{name!r} is there twice", name=found[1])
        ranges[found[1]] = (first - 1, last)
    return ranges


class Decoder:
    """Finds named fields in a frame. Pure.

    `columns` cuts by byte position before decoding, so that a two-byte Korean letter or a raw status byte
    (CAS lamp byte, 0x80-0xFF) shifts nothing; padding blanks are taken off. `pattern` is a regular
    expression with named groups that must fit the whole decoded frame: noise in front spoils that frame
    instead of becoming part of a value. With `aim`, a leading AIM identifier is taken off and becomes the field "aim".
    No frame is longer than `limit` bytes.
    """

    def __init__(
        self, pattern: str, encoding: str = "auto", cut: str = "", aim: bool = False, limit: int = 4096
    ) -> None:
        """Raises UnfitError for a pattern or columns that make no sense, and a pattern that may take far too long."""
        self._encoding = encoding
        self._aim = aim
        self._ranges = columns(cut) if cut else {}
        expression = compiled(pattern, re.DOTALL)
        self._pattern = Watched(expression)
        names = set(self._ranges) if cut else set(expression.groupindex)
        self.fields = frozenset(names | {"aim"} if aim else names)
        if not names:
            raise UnfitError("has no named field, which is written {example}", example="(?P<code>.+)")
        if not cut:
            harmless(pattern, re.DOTALL, limit)

    @property
    def off(self) -> bool:
        """Whether the pattern took too long again and again: no frame fits any more."""
        return self._pattern.off

    def fields_of(self, body: bytes) -> dict[str, str] | None:
        """Return the fields of one frame, without those that took no part; None when the frame does not fit."""
        found: dict[str, str] = {}
        if self._aim and (head := AIM.match(body)):
            found["aim"] = head[0].decode("ascii")
            body = body[head.end() :]
        if self._ranges:
            if len(body) < max(end for _, end in self._ranges.values()):
                return None
            for name, (start, end) in self._ranges.items():
                found[name] = decode_text(body[start:end], self._encoding).strip()
            return found
        fit = self._pattern.fullmatch(decode_text(body, self._encoding))
        if not fit:
            return None
        return found | {name: value for name, value in fit.groupdict().items() if value is not None}

    def misfit(self, body: bytes) -> UnfitError | None:
        """Return why a frame does not fit, for the person who wrote columns or pattern; None for one that does."""
        if self.fields_of(body) is not None:
            return None
        if self._aim and (head := AIM.match(body)):
            body = body[head.end() :]
        if self._ranges:
            last = max(end for _, end in self._ranges.values())
            return UnfitError("has {count} bytes, but columns reach to byte {last}", count=len(body), last=last)
        # `harmless` speaks of whole frames: from every place of a long one the same search may take too long
        part = self._pattern.expression.search(decode_text(body, self._encoding)[:MOST_SEARCHED])
        if part is None or not part[0]:
            return UnfitError("does not fit the pattern anywhere")
        return UnfitError("fits the pattern only in its part {part!r}; the pattern must fit all of it", part=part[0])


class StatusWords(Struct, frozen=True):
    """What the texts of a device's status field mean for the numbers beside it: ("ST",), ("US",), ("OL",) ..."""

    stable: tuple[str, ...] = ()
    unstable: tuple[str, ...] = ()
    overload: tuple[str, ...] = ()
    underload: tuple[str, ...] = ()
    error: tuple[str, ...] = ()

    def note(self, text: str) -> str:
        """Return "" (stable), unstable, overload, underload or error; a text that is not known to be stable is not."""
        word = text.strip()
        for note in ("overload", "underload", "error", "unstable"):
            if word in getattr(self, note):
                return note
        return "unstable" if self.stable and word not in self.stable else ""


class _Field(Struct, frozen=True):
    signal: str
    field: str
    number: bool
    unit: str
    decimals: int | None


class LineDevice(Driver):
    """One device, alone on its port, whose answers or messages are frames. `open` sets `_device`, `_link` and `_guard`.

    Whoever inherits sends in `_ask` what is due and makes readings in `_readings`.
    """

    IGNORED = b""  # bytes that belong to no frame

    def __init__(self, bus: BusSpec, clock: Clock) -> None:
        super().__init__(bus, clock)
        self._link: Link | None = None
        self._lost: DriverError | None = None
        self._framer = Framer()
        self._guard = Guard("", 0, "")
        self._record = Record()
        self._device = ""
        self._seq = 0
        self._now_ns = 0

    @classmethod
    def check(cls, bus: BusSpec) -> list[Finding]:
        """Return a wrong port."""
        return wrong_ports(bus)

    @abstractmethod
    def _ask(self, link: Link) -> None:
        """Send what is due."""

    @abstractmethod
    def _readings(self, frame: Frame) -> list[Reading]:
        """Return what one frame brings."""

    def _alone(self, what: str) -> DeviceSpec:
        """Return the only device of the bus. Raises DriverError bad_address where there are others."""
        if len(self.bus.devices) != 1:
            raise DriverError(
                "bad_address", needs_person=True, address=self.bus.port, reason=f"takes exactly one {what}"
            )
        return self.bus.devices[0]

    def _connect(self, slice_s: float, per_s: int = RATE_PER_S, watchdog_s: int = 0) -> None:
        """Open the port and set the guard in front of it. Raises what Link.open raises."""
        bus = Given(self.BUS_SETTINGS, self.bus.settings, self.bus.port)
        self._guard = Guard(self._device, bus.whole("baud"), bus.text("frame"), per_s, watchdog_s)
        link = Link(self.bus.port, self.bus.settings, self.clock, slice_s)
        link.open()
        self._link = link
        self._guard.begin(self.clock.mono_ns())

    def poll(self) -> list[Reading]:
        """Return the readings of the frames that ended, waiting at most 0.2 s (1 s for "silence").

        Raises DriverError link_lost; what had arrived of an unfinished frame is returned first.
        """
        if self._lost is not None:
            raise self._lost
        if self._link is None:
            raise DriverError("link_lost", port=self.bus.port, reason="not open")
        try:
            self._ask(self._link)
            chunk = self._link.receive()
        except DriverError as error:
            frames = self._framer.flush()
            self._lost = error
        else:
            self._now_ns = chunk.mono_ns
            if chunk.data and (errors := self._link.line_errors()) is not None:
                self._guard.damage.look(errors, chunk.mono_ns)
            data = chunk.data.translate(None, self.IGNORED)
            if data:
                frames = self._framer.feed(data, chunk.at_ms, chunk.mono_ns)
            else:
                frames = self._framer.tick(chunk.mono_ns)
        readings = []
        for frame in frames:
            brought = self._readings(frame)
            readings += brought
            if any(reading.note in DAMAGED_NOTES for reading in brought):
                self._record.damaged()
            elif brought:
                self._record.well()
        if self._lost is None and data:
            self._guard.legible.look(*self._framer.unfinished, self._now_ns)
        last = self._lost is not None
        readings += self._guard.losses(self._framer.discarded, self.clock, self._now_ns, self._seq, last)
        if self._lost is not None and not readings:
            raise self._lost
        return readings

    def _with_noise(self, fault: DriverError | None) -> Mapping[str, DriverError]:
        """Return what is wrong with the device: its fault, else that its line is disturbed."""
        if fault is not None:
            self._record.begin()
        fault = fault or self._record.fault()
        return {} if fault is None else {self._device: fault}

    def tallies(self) -> Mapping[str, Tally]:
        return {self._device: self._record.counted}

    def close(self) -> None:
        """Let go of the port. Nothing has to be ended at the device: nothing was begun."""
        if self._link is not None:
            self._link.close()

    def raw_tail(self) -> list[tuple[int, str, bytes]]:
        return self._link.raw_tail() if self._link is not None else []


class TextLine(LineDevice):
    """One device that sends lines, alone on its port.

    Two fields have a meaning of their own where pattern or columns find them. `status` tells of all numbers of its
    frame whether they hold, by the words of the settings `stable` ... `error`: the header wins over the number, because
    an overload like "+9999999E+19" looks like one. `unit` must be that of the signal: a value in another one is kept
    and marked.
    """

    BUS_SETTINGS = LINK_SETTINGS
    DEVICE_SETTINGS = (
        Setting("terminator", str, "line", choices=TERMINATORS),
        Setting("silence_ms", int, 50, unit="ms", low=5, high=1000),
        Setting("encoding", str, "auto", choices=("auto", "utf-8", "cp949", "ascii", "latin-1")),
        Setting("pattern", str, "(?P<code>.+)"),
        Setting("columns", str, ""),
        Setting("limit", int, 4096, unit="byte", low=16, high=65536),
        Setting("double_scan_ms", int, 300, unit="ms", low=0, high=60_000),
        Setting("aim", bool, False),
        Setting("decimal", str, "point", choices=("point", "comma")),
        # texts of the field `status`, separated by commas
        Setting("stable", str, ""),
        Setting("unstable", str, ""),
        Setting("overload", str, ""),
        Setting("underload", str, ""),
        Setting("error", str, ""),
        # the query of a device that must be asked, how often, and how long it may take
        Setting("request", str, "", choices=("", *QUERIES)),
        Setting("period_ms", int, 1000, unit="ms", low=50, high=3_600_000),
        Setting("answer_ms", int, 2000, unit="ms", low=50, high=60_000),
        Setting("rate_per_s", int, RATE_PER_S, unit="1/s", low=1, high=10_000),
        # so long without a frame the device is silent, as one that should stream; 0: it may be silent for ever
        Setting("watchdog_s", int, 0, unit="s", low=0, high=604_800),
    )
    PUSHES = True
    SIGNAL_SETTINGS = (
        Setting("field", str, ""),  # name of the group or column; empty: the signal's own key
        Setting("number", bool, False),
        Setting("unit_text", str, ""),  # what the device calls the unit of the signal; empty: the same
        # digits behind the decimal sign: a gauge that was switched from mm to inch shows it by nothing else
        Setting("decimals", int, None, low=0, high=9),
    )

    def __init__(self, bus: BusSpec, clock: Clock) -> None:
        super().__init__(bus, clock)
        self._due_ns = 0
        self._asked_ns: int | None = None  # a query in flight
        self._misses = 0
        self._decoder = Decoder("(?P<code>.+)")

    def open(self) -> None:
        """Check the settings and open the port. Raises DriverError bad_address or what Link.open raises."""
        device = self._alone("device that sends lines")
        given = Given(self.DEVICE_SETTINGS, device.settings, device.key)
        terminator, silence_ms = given.text("terminator"), given.whole("silence_ms")
        self._framer = Framer(terminator, given.whole("limit"), silence_ms)
        self._double = DoubleScan(given.whole("double_scan_ms"))
        self._comma = given.text("decimal") == "comma"
        self._words = StatusWords(
            *(_words(given.text(key)) for key in ("stable", "unstable", "overload", "underload", "error"))
        )
        self._query = given.text("request")
        self._period_ns = given.whole("period_ms") * 1_000_000
        self._answer_ns = given.whole("answer_ms") * 1_000_000
        self.PUSHES = not self._query
        part, self._decoder = self._decoding(given)
        self._device = device.key
        self._aim = given.flag("aim")
        self._fields = tuple(self._field(device.key, signal, part, self._decoder) for signal in device.signals)
        slice_s = silence_ms / 1000 if terminator == "silence" else 0.2
        self._connect(
            min(slice_s, 0.05) if self._query else slice_s, given.whole("rate_per_s"), given.whole("watchdog_s")
        )

    @classmethod
    def check(cls, bus: BusSpec) -> list[Finding]:
        """Return a wrong port, a pattern or columns that make no sense, and signals whose field is none of theirs."""
        found = super().check(bus)
        for device in bus.devices:
            try:
                part, decoder = cls._decoding(Given(cls.DEVICE_SETTINGS, device.settings, device.key))
            except WrongSettingError as error:
                found.append(error.finding(device.key))
                continue
            for signal in device.signals:
                try:
                    cls._field(device.key, signal, part, decoder)
                except WrongSettingError as error:
                    found.append(error.finding(device.key, signal.key))
        return found

    @classmethod
    def decoder_of(cls, device: DeviceSpec) -> tuple[str, Decoder]:
        """Return the setting that finds a device's fields ("columns" or "pattern"), and what finds them.

        Raises DriverError bad_address.
        """
        return cls._decoding(Given(cls.DEVICE_SETTINGS, device.settings, device.key))

    @classmethod
    def _decoding(cls, given: Given) -> tuple[str, Decoder]:
        """Return the setting that finds the fields ("columns" or "pattern"), and what finds them."""
        part = "columns" if given.text("columns") else "pattern"
        if part == "columns" and given.has("pattern"):
            both = UnfitError(
                'there are columns too, and only one of both can hold: leave one out (columns = "" for a preset\'s)'
            )
            raise given.wrong("pattern", both)
        try:
            return part, Decoder(
                given.text("pattern"),
                given.text("encoding"),
                given.text("columns"),
                given.flag("aim"),
                given.whole("limit"),
            )
        except UnfitError as why:
            raise given.wrong(part, why) from why

    @classmethod
    def _field(cls, device: str, signal: SignalSpec, part: str, decoder: Decoder) -> _Field:
        given = Given(cls.SIGNAL_SETTINGS, signal.settings, f"{device}.{signal.key}")
        name = given.text("field") or signal.key
        if name not in decoder.fields:
            known = ", ".join(sorted(decoder.fields))
            raise given.wrong(
                "field", UnfitError("{name!r} is no field of {part}; known: {known}", name=name, part=part, known=known)
            )
        decimals = given.whole("decimals") if given.has("decimals") else None
        return _Field(signal.key, name, given.flag("number"), given.text("unit_text") or signal.unit, decimals)

    def faults(self) -> Mapping[str, DriverError]:
        """Return why the device does not work: a flood, no text, no answer, a pattern that takes too long, silence."""
        fault = self._guard.fault(self._now_ns)
        if fault is None and self._misses >= MISSES:
            fault = DriverError("no_answer", seconds=round(self._misses * self._answer_ns / 1e9, 1))
        if fault is None and self._decoder.off:
            fault = DriverError("slow_pattern", needs_person=True, most=SLOW_NS // 1_000_000)
        return self._with_noise(fault or self._guard.silence(self._now_ns))

    def _ask(self, link: Link) -> None:
        """Send the query when it is due and none is in flight.

        A late answer is a value like any other, because all queries ask for the same.
        """
        if not self._query:
            return
        now_ns = self.clock.mono_ns()
        if self._asked_ns is not None:
            if now_ns - self._asked_ns < self._answer_ns:
                return
            self._asked_ns = None
            self._misses += 1
            self._record.missing()
        if now_ns >= self._due_ns:
            request = line_query(self._query)
            link.send(request)
            self._asked_ns, self._due_ns = now_ns, now_ns + self._period_ns

    def _readings(self, frame: Frame) -> list[Reading]:
        self._seq += 1
        if frame.note != "incomplete":
            self._asked_ns, self._misses = None, 0
        if not self._guard.takes(frame.body, frame.note, frame.mono_ns):
            return []
        if frame.note:
            return [self._reading(frame, note=frame.note)]
        fields = self._decoder.fields_of(frame.body)
        if fields is None:
            return [self._reading(frame, note="unparsed")]
        said = self._words.note(fields["status"]) if "status" in fields else ""
        dead = said in ("overload", "underload", "error")  # then there may be no number at all
        wanted = [field for field in self._fields if field.field in fields or (dead and field.number)]
        if not wanted:
            return [self._reading(frame, note="unparsed")]
        again = "duplicate" if self._double.again(frame.body, frame.mono_ns) else ""
        aim = fields.get("aim", "") if self._aim else ""
        readings = []
        for field in wanted:
            if not field.number:
                found: tuple[Value, Quality, str] = fields[field.field], Quality.GOOD, again
            elif dead:
                found = None, Quality.BAD, said
            else:
                found = self._number(field, fields, said or again)
            readings.append(self._reading(frame, field.signal, *found, aim))
        return readings

    def _reading(
        self, frame: Frame, signal: str = "", value: Value = None, quality: Quality = Quality.BAD, note: str = "",
        aim: str = "",
    ) -> Reading:  # fmt: skip
        return Reading(
            self._device, signal, value, quality, frame.at_ms, frame.mono_ns, self._seq, raw=frame.body, note=note,
            aim=aim,
        )  # fmt: skip

    def _number(self, field: _Field, fields: Mapping[str, str], note: str) -> tuple[Value, Quality, str]:
        """Return the number in one field, how far the other fields let it be trusted, and the note that says so."""
        text = fields[field.field]
        value = number(text, self._comma)
        if value is None:  # only this field is no number: a sign for overload, a blank
            return None, Quality.BAD, mark(text) or "unparsed"
        unit = fields.get("unit", "").strip()
        other = unit and field.unit and unit.casefold() != field.unit.casefold()
        digits = len(text.strip().partition("," if self._comma else ".")[2])
        if other or (field.decimals is not None and field.decimals != digits):
            note = "unit"  # weighs more than "unstable": the number means something else
        quality = Quality.GOOD if note in ("", "duplicate") else Quality.UNCERTAIN
        return value, quality, note


def _words(text: str) -> tuple[str, ...]:
    """The words of a setting that lists them."""
    return tuple(word.strip() for word in text.split(",") if word.strip())
