"""What keeps a device that sends lines from doing harm or going unnoticed: double scans, floods, the wrong baud rate.

All of it is pure: time comes as an argument.
"""

from __future__ import annotations

import re

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


class RateCap:
    """How many frames a device may bring: `per_s` in the long run, five seconds' worth of them at once.

    A chattering device is cut here, where it enters, so that its frames do not push those of others out of the queue.
    `lost` counts what was cut; `flooding` holds until the device has kept to its rate for 5 s.
    """

    REST_NS = 5_000_000_000
    REPORT_NS = 1_000_000_000

    def __init__(self, per_s: int) -> None:
        self.per_s = per_s
        self.lost = 0
        self._most = self._left = per_s * 5.0
        self._last_ns: int | None = None
        self._lost_ns = self._told_ns = 0
        self._told = 0

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
        count = self.lost - self._told
        if not count or (mono_ns - self._told_ns < self.REPORT_NS and not last):
            return 0
        self._told, self._told_ns = self.lost, mono_ns
        return count


class Legibility:
    """Whether what arrives is text, or what a port hears that listens at another baud rate than the device sends.

    More than 30 % of the bytes of at least 3 s and at least 32 bytes are no text: illegible. The raw status byte of a
    scale (one in 22) stays far below. A receiver that sees no stop bit hands on a byte all the same (a NUL or a
    wrong one), so framing errors count among them. Fed with frames, not with what one read brought: that may cut a
    Korean letter in two.
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
        self._bytes += len(body)
        self._odd += odd_bytes(body)
        if self._bytes < self.LEAST_BYTES:
            return
        odd = self._odd > self._bytes * self.RATIO
        if odd and not self.illegible and mono_ns - self._since_ns < self._window_ns:
            return
        # good news needs no 3 s: the rate was put right
        self.illegible = odd
        self._bytes = self._odd = 0


def odd_bytes(body: bytes) -> int:
    """Return how many bytes are no part of a text."""
    return len(_TEXT.sub(b"", body))
