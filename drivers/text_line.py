"""Devices that send lines of text by themselves: scanners, scales, gauges, torque tools, testers, counters.

    bytes -> Framer -> frames -> Decoder -> fields -> readings

Framer and Decoder are pure: they need no port and no clock. Nothing that arrives is dropped: a frame that
fits no pattern becomes one reading with its raw bytes and the reason.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from drivers.base import BusSpec, Clock, Driver, DriverError, Quality, Reading, Setting, Value
from drivers.link import LINK_SETTINGS, Given, Link

STX, ETX = 0x02, 0x03
STALL_NS = 1_000_000_000  # a line that rests this long in its middle never ends

#: sign, blanks behind it ("+ 12.3", A&D format KF), digits; no exponent: "+9999999E+19" is an overload, not a weight
NUMBER = re.compile(r"\s*([+-]?)\s*([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*", re.ASCII)
#: AIM identifier in front of a scan: "]" code letter, modifier (ISO/IEC 15424)
AIM = re.compile(rb"\][A-Za-z][0-9A-Za-z]")


class Frame(Struct, frozen=True):
    """One frame without its terminator; stamped when its first byte was read. `note` as in base.NOTES."""

    body: bytes
    at_ms: int
    mono_ns: int
    note: str = ""


class Framer:
    r"""Cuts a stream of bytes into frames. Pure: any split of the same bytes gives the same frames.

    `terminator`:
    - "line": CR, LF or CR LF, any of them:  body 0D 0A | body 0D | body 0A ; empty lines are nothing
    - "stx-etx": 02 body 03 ; text outside of that becomes a frame noted "unparsed"
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
        self._cutter = {"line": re.compile(rb"[\r\n]"), "stx-etx": re.compile(rb"[\x02\x03]")}.get(terminator)
        self._body = bytearray()
        self._inside = not self._boxed
        self._skipping = False
        self._at_ms = self._mono_ns = self._last_ns = 0

    def feed(self, data: bytes, at_ms: int, mono_ns: int) -> list[Frame]:
        """Take bytes that arrived together; return the frames that ended."""
        frames = self.tick(mono_ns)
        self._last_ns = mono_ns
        start = 0
        if self._cutter is not None:
            for found in self._cutter.finditer(data):
                self._grow(data[start : found.start()], at_ms, mono_ns, frames)
                self._cut(data[found.start()], frames)
                start = found.end()
        self._grow(data[start:], at_ms, mono_ns, frames)
        return frames

    def tick(self, mono_ns: int) -> list[Frame]:
        """Return the frame that ended because nothing came for long enough, if any."""
        if (self._body or self._skipping) and mono_ns - self._last_ns >= self._rest_ns:
            return self._end_by_rest()
        return []

    def flush(self) -> list[Frame]:
        """Return the unfinished frame, as when the cable was pulled in its middle."""
        frames: list[Frame] = []
        self._emit("incomplete", frames)
        return frames

    def _end_by_rest(self) -> list[Frame]:
        frames: list[Frame] = []
        self._emit("" if self._silent else "incomplete", frames)
        self._inside = not self._boxed
        return frames

    def _grow(self, piece: bytes, at_ms: int, mono_ns: int, frames: list[Frame]) -> None:
        if not piece:
            return
        if self._skipping:
            self.discarded += len(piece)
            return
        if not self._body:
            self._at_ms, self._mono_ns = at_ms, mono_ns
        room = self._limit - len(self._body)
        self._body += piece[:room]
        if len(piece) > room:
            self._emit("overlong", frames)
            self._skipping = True
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


def number(text: str) -> float | None:
    """Return the number that a field holds, or None when it holds anything else.

    Whole numbers that a float cannot tell from their neighbours are ints, as long as they fit into 64 bits.
    """
    found = NUMBER.fullmatch(text)
    if found is None:
        return None
    value = float(found[1] + found[2])
    return int(found[1] + found[2]) if "." not in found[2] and 2**53 <= abs(value) < 2**63 else value


def columns(text: str) -> dict[str, tuple[int, int]]:
    """Return the byte ranges of "torque=29-33,total=73" (columns from 1, both ends included). Raises ValueError."""
    ranges: dict[str, tuple[int, int]] = {}
    for part in text.split(","):
        found = re.fullmatch(r"\s*([^\W\d]\w*)\s*=\s*([0-9]+)(?:-([0-9]+))?\s*", part)
        if not found:
            raise ValueError(f"{part.strip()!r} is not name=from-to")
        first, last = int(found[2]), int(found[3] or found[2])
        if not 1 <= first <= last:
            raise ValueError(f"{part.strip()!r} does not go upwards from 1")
        if found[1] in ranges:
            raise ValueError(f"{found[1]!r} is there twice")
        ranges[found[1]] = (first - 1, last)
    return ranges


class Decoder:
    """Finds named fields in a frame. Pure.

    `columns` cuts by byte position before decoding, so that a two-byte Korean letter or a raw status byte
    (CAS lamp byte, 0x80-0xFF) shifts nothing; padding blanks are taken off. `pattern` is a regular
    expression with named groups that must fit the whole decoded frame: noise in front spoils that frame
    instead of becoming part of a value. With `aim`, a leading AIM identifier is taken off and becomes the field "aim".
    """

    def __init__(self, pattern: str, encoding: str = "auto", cut: str = "", aim: bool = False) -> None:
        """Raises ValueError (re.error is one) for a pattern or columns that make no sense."""
        self._encoding = encoding
        self._aim = aim
        self._ranges = columns(cut) if cut else {}
        try:
            self._pattern = re.compile(pattern, re.DOTALL)
        except re.error as error:
            raise ValueError(str(error)) from error
        names = set(self._ranges) if cut else set(self._pattern.groupindex)
        self.fields = frozenset(names | {"aim"} if aim else names)
        if not names:
            raise ValueError("no named field")

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
        found.update((name, value) for name, value in fit.groupdict().items() if value is not None)
        return found


class DoubleScan:
    """Tells a second trigger of the same scan: the same body again within the window after its last time."""

    def __init__(self, window_ms: int) -> None:
        self._window_ns = window_ms * 1_000_000
        self._seen: dict[bytes, int] = {}

    def again(self, body: bytes, mono_ns: int) -> bool:
        """Return whether this body came within the window before; remember it."""
        if not self._window_ns:
            return False
        last = self._seen.pop(body, None)
        for old in list(self._seen):  # oldest first
            if mono_ns - self._seen[old] < self._window_ns:
                break
            del self._seen[old]
        self._seen[body] = mono_ns
        return last is not None and mono_ns - last < self._window_ns


class _Field(Struct, frozen=True):
    signal: str
    field: str
    number: bool


class TextLine(Driver):
    """One device that sends lines, alone on its port."""

    BUS_SETTINGS = LINK_SETTINGS
    DEVICE_SETTINGS = (
        Setting("terminator", str, "line", choices=("line", "stx-etx", "silence")),
        Setting("silence_ms", int, 50, unit="ms", low=5, high=1000),
        Setting("encoding", str, "auto", choices=("auto", "utf-8", "cp949", "latin-1")),
        Setting("pattern", str, "(?P<code>.+)"),
        Setting("columns", str, ""),
        Setting("limit", int, 4096, unit="byte", low=16, high=65536),
        Setting("double_scan_ms", int, 300, unit="ms", low=0, high=60_000),
        Setting("aim", bool, False),
    )
    PUSHES = True
    SIGNAL_SETTINGS = (
        Setting("field", str, ""),  # name of the group or column; empty: the signal's own key
        Setting("number", bool, False),
    )

    def __init__(self, bus: BusSpec, clock: Clock) -> None:
        super().__init__(bus, clock)
        self._link: Link | None = None
        self._lost: DriverError | None = None
        self._seq = 0

    def open(self) -> None:
        """Check the settings and open the port. Raises DriverError bad_address or what Link.open raises."""
        if len(self.bus.devices) != 1:
            raise DriverError(
                "bad_address",
                needs_person=True,
                address=self.bus.port,
                reason="takes exactly one device that sends lines",
            )
        device = self.bus.devices[0]
        given = Given(self.DEVICE_SETTINGS, device.settings, device.key)
        terminator, silence_ms = given.text("terminator"), given.whole("silence_ms")
        self._framer = Framer(terminator, given.whole("limit"), silence_ms)
        self._double = DoubleScan(given.whole("double_scan_ms"))
        part = "columns" if given.text("columns") else "pattern"
        try:
            self._decoder = Decoder(
                given.text("pattern"), given.text("encoding"), given.text("columns"), given.flag("aim")
            )
        except ValueError as error:
            raise given.wrong(part, str(error)) from error
        self._device = device.key
        self._fields = tuple(self._field(signal.key, signal.settings, part) for signal in device.signals)
        slice_s = silence_ms / 1000 if terminator == "silence" else 0.2
        self._link = Link(self.bus.port, self.bus.settings, self.clock, slice_s)
        self._link.open()

    def _field(self, signal: str, settings: Mapping[str, Value], part: str) -> _Field:
        given = Given(self.SIGNAL_SETTINGS, settings, f"{self._device}.{signal}")
        name = given.text("field") or signal
        if name not in self._decoder.fields:
            known = ", ".join(sorted(self._decoder.fields))
            raise given.wrong("field", f"{name!r} is none of the {part}'s fields {known}")
        return _Field(signal, name, given.flag("number"))

    def poll(self) -> list[Reading]:
        """Return the readings of the frames that ended, waiting at most 0.2 s (1 s for "silence").

        Raises DriverError link_lost; what had arrived of an unfinished frame is returned first.
        """
        if self._lost is not None:
            raise self._lost
        if self._link is None:
            raise DriverError("link_lost", port=self.bus.port, reason="not open")
        try:
            chunk = self._link.receive()
        except DriverError as error:
            frames = self._framer.flush()
            if not frames:
                raise
            self._lost = error
        else:
            if chunk.data:
                frames = self._framer.feed(chunk.data, chunk.at_ms, chunk.mono_ns)
            else:
                frames = self._framer.tick(chunk.mono_ns)
        return [reading for frame in frames for reading in self._readings(frame)]

    def close(self) -> None:
        """Let go of the port."""
        if self._link is not None:
            self._link.close()

    def raw_tail(self) -> list[tuple[int, str, bytes]]:
        return self._link.raw_tail() if self._link is not None else []

    def _readings(self, frame: Frame) -> list[Reading]:
        self._seq += 1
        plain = Reading(
            self._device, "", None, Quality.BAD, frame.at_ms, frame.mono_ns, self._seq, raw=frame.body, note=frame.note
        )
        if frame.note:
            return [plain]
        fields = self._decoder.fields_of(frame.body)
        wanted = [field for field in self._fields if fields is not None and field.field in fields]
        if fields is None or not wanted:
            return [replace(plain, note="unparsed")]
        note = "duplicate" if self._double.again(frame.body, frame.mono_ns) else ""
        readings = []
        for field in wanted:
            text = fields[field.field]
            value = number(text) if field.number else text
            if value is None:  # only this field is no number: an overload sign, a blank
                readings.append(replace(plain, signal=field.signal, note="unparsed"))
            else:
                readings.append(replace(plain, signal=field.signal, value=value, quality=Quality.GOOD, note=note))
        return readings
