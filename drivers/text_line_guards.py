"""What keeps a device that sends lines from doing harm or going unnoticed: double scans, floods, the wrong baud rate.

All of it is pure: time comes as an argument.
"""

from __future__ import annotations

import re

from drivers.base import Clock, DriverError, Quality, Reading
from drivers.line_errors import LineErrors

#: so many frames a second no device of these kinds sends on purpose
RATE_PER_S = 200

#: one character of text as shop devices send it: printable ASCII, tab, line ends, STX ETX EOT, GS RS of GS1; a Hangul
#: syllable or common sign in CP949 (KS X 1001 rows 1-3, 7 and 16-40); a letter in UTF-8
_TEXT = re.compile(
    rb"[\t\n\r\x02\x03\x04\x1d\x1e\x20-\x7e]+|(?:[\xb0-\xc8\xa1-\xa3\xa7][\xa1-\xfe])+"
    rb"|[\xe1-\xef][\x80-\xbf]{2}|[\xc2-\xdf][\x80-\xbf]"
)


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


class _News:
    """What a count has grown by since it was last told; told at most once a second."""

    REPORT_NS = 1_000_000_000

    def __init__(self) -> None:
        self._told = self._told_ns = 0

    def of(self, count: int, mono_ns: int, last: bool) -> int:
        news = count - self._told
        if not news or (mono_ns - self._told_ns < self.REPORT_NS and not last):
            return 0
        self._told, self._told_ns = count, mono_ns
        return news


class RateCap:
    """How many frames a device may bring: `per_s` in the long run, five seconds' worth of them at once.

    A chattering device is cut here, where it enters, so that its frames do not push those of others out of the queue.
    `lost` counts what was cut; `flooding` holds until the device has kept to its rate for 5 s.
    """

    REST_NS = 5_000_000_000

    def __init__(self, per_s: int) -> None:
        self.per_s = per_s
        self.lost = 0
        self._most = self._left = per_s * 5.0
        self._last_ns: int | None = None
        self._lost_ns = 0
        self._news = _News()

    def takes(self, mono_ns: int) -> bool:
        """Return whether this frame is within the rate; count it as lost otherwise."""
        if self._last_ns is not None:
            self._left = min(self._most, self._left + (mono_ns - self._last_ns) * self.per_s / 1e9)
        self._last_ns = mono_ns
        if self._left >= 1:
            self._left -= 1
            return True
        self.lost += 1
        self._lost_ns = mono_ns
        return False

    def flooding(self, mono_ns: int) -> bool:
        """Return whether frames were lost in the last 5 s."""
        return self.lost > 0 and mono_ns - self._lost_ns < self.REST_NS

    def untold(self, mono_ns: int, last: bool = False) -> int:
        """Return how many frames were lost since the last answer but zero; such an answer comes once a second.

        `last`: there will be no other time to tell.
        """
        return self._news.of(self.lost, mono_ns, last)


class Legibility:
    """Whether what arrives is text, or what a port hears that listens at another baud rate than the device sends.

    More than 30 % of the bytes of at least 3 s and at least 32 bytes are no text: illegible. The raw status byte of a
    scale (one in 22) stays far below. A receiver that sees no stop bit hands on a byte all the same (a NUL or a
    wrong one), so framing errors count among them. Fed with frames, not with what one read brought: that may cut a
    Korean letter in two. What has no end at the wrong rate, and so becomes no frame for long, is looked at besides.
    """

    RATIO = 0.3
    LEAST_BYTES = 32

    def __init__(self, window_ms: int = 3000) -> None:
        self.illegible = False
        self._window_ns = window_ms * 1_000_000
        self._since_ns = self._bytes = self._odd = 0

    def feed(self, body: bytes, mono_ns: int) -> None:
        """Take the body of one frame, also of one that never ended."""
        if not self._bytes:
            self._since_ns = mono_ns
        own = odd_bytes(body)
        self._bytes += len(body)
        self._odd += own
        if self._bytes < self.LEAST_BYTES:
            return
        odd = self._odd > self._bytes * self.RATIO
        # a text is never the proof, whatever spark there was on the cable before it
        proof = own > len(body) * self.RATIO and mono_ns - self._since_ns >= self._window_ns
        if odd and not self.illegible and not proof:
            return
        # good news needs no 3 s: the rate was put right
        self.illegible = odd
        self._bytes = self._odd = 0

    def look(self, body: bytes, since_ns: int, mono_ns: int) -> None:
        """Look, when something arrived, at the frame that has not ended since `since_ns`; it is fed when it has."""
        since_ns = self._since_ns if self._bytes else since_ns
        count = self._bytes + len(body)
        if self.illegible or count < self.LEAST_BYTES or mono_ns - since_ns < self._window_ns:
            return
        own = odd_bytes(body)
        self.illegible = self._odd + own > count * self.RATIO and own > len(body) * self.RATIO


class Damage:
    """Whether the receiver itself finds most characters damaged, as at a wrong baud rate, whatever they look like.

    More than 30 % of at least 32 characters in at least 3 s, and of what came last; nearly all where the port tells of
    whole arrivals only. `of` names it: "framing", "parity", or "" where all is well.
    """

    RATIO, ROUGH_RATIO = 0.3, 0.9
    LEAST_CHARS = 32

    def __init__(self, window_ms: int = 3000) -> None:
        self.of = ""
        self._window_ns = window_ms * 1_000_000
        self._last = self._first = LineErrors()
        self._since_ns = 0

    def look(self, errors: LineErrors, mono_ns: int) -> None:
        """Take the counts of a port since it was opened."""
        before, self._last = self._last, errors
        if errors.of == before.of:
            return
        if self._first.damaged == errors.damaged and not self.of:
            self._first = errors  # nothing is wrong, and nothing was
            return
        if self._first.damaged == before.damaged:
            self._since_ns = mono_ns
        count, damaged = errors.of - self._first.of, errors.damaged - self._first.damaged
        if count < self.LEAST_CHARS:
            return
        ratio = self.RATIO if errors.exact else self.ROUGH_RATIO
        bad = damaged > count * ratio
        # as with texts: what came well is never the proof
        proof = errors.damaged - before.damaged > (errors.of - before.of) * ratio
        if bad and not self.of and not (proof and mono_ns - self._since_ns >= self._window_ns):
            return
        parity, framing = errors.parity - self._first.parity, errors.framing - self._first.framing
        self.of = "" if not bad else "parity" if parity > framing else "framing"
        self._first = errors


class Guard:
    """Stands in front of all that one device brings: cuts what is too fast, says what is wrong and what was lost.

    `baud` and `frame` are what the port listens at. After `watchdog_s` seconds without a frame the device is silent;
    0: it may be silent for ever.
    """

    def __init__(self, device: str, baud: int, frame: str, per_s: int = RATE_PER_S, watchdog_s: int = 0) -> None:
        self.cap, self.legible, self.damage = RateCap(per_s), Legibility(), Damage()
        self._device, self._baud, self._frame = device, baud, frame
        self._watchdog_ns = watchdog_s * 1_000_000_000
        self._heard_ns: int | None = None
        self._discarded = _News()

    def begin(self, mono_ns: int) -> None:
        """Count the silence from now on: the port is open."""
        self._heard_ns = mono_ns

    def takes(self, body: bytes, note: str, mono_ns: int) -> bool:
        """Return whether this frame is within the rate; judge its bytes in any case."""
        self.legible.feed(body, mono_ns)
        if note != "incomplete":  # a spark on the cable is no sign of life
            self._heard_ns = mono_ns
        return self.cap.takes(mono_ns)

    def losses(self, discarded: int, clock: Clock, mono_ns: int, seq: int, last: bool = False) -> list[Reading]:
        """Return what was lost since it was last told, at most once a second: frames ("overflow") that were cut here,
        bytes ("discarded") that fitted no frame, of which there were `discarded` so far.

        `last`: there will be no other time to tell.
        """
        if not (discarded or self.cap.lost):
            return []  # as nearly always
        at_ms = clock.now_ms()
        found = {
            "overflow": self.cap.untold(mono_ns, last),
            "discarded": self._discarded.of(discarded, mono_ns, last),
        }
        return [
            Reading(self._device, "", count, Quality.BAD, at_ms, mono_ns, seq, note=note)
            for note, count in found.items()
            if count
        ]

    def fault(self, mono_ns: int) -> DriverError | None:
        """Return the flood or the wrong baud rate, which explain whatever else seems to be wrong."""
        if self.cap.flooding(mono_ns):
            return DriverError("flood", rate=self.cap.per_s, count=self.cap.lost)
        if self.legible.illegible:
            return self._wrong_baud("")
        if self.damage.of:
            return self._wrong_baud(self.damage.of)
        return None

    def _wrong_baud(self, problem: str) -> DriverError:
        return DriverError("wrong_baud", needs_person=True, baud=self._baud, frame=self._frame, problem=problem)

    def silence(self, mono_ns: int) -> DriverError | None:
        """Return that no frame came for longer than the watchdog allows."""
        if not self._watchdog_ns or self._heard_ns is None or mono_ns - self._heard_ns < self._watchdog_ns:
            return None
        return DriverError("silent", seconds=round((mono_ns - self._heard_ns) / 1e9))


def odd_bytes(body: bytes) -> int:
    """Return how many bytes are no part of a text."""
    return len(_TEXT.sub(b"", body))
