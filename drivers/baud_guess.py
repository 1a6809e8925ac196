"""Which baud rate and frame a device sends at, found by listening alone: nothing is ever sent.

The first half is pure: bytes that were heard go in, a guess comes out. `listen` brings them from a port, one rate after
the other, as a person makes the device send.

Only the rate has to be tried. A port that listens as 8N1 hears a device of 7 bits with parity too: its parity bit
stands where the eighth bit is read.

    8N1 sent   start d0 d1 d2 d3 d4 d5 d6 d7 stop          heard: d7 d6 d5 d4 d3 d2 d1 d0
    7E1, 7O1   start d0 d1 d2 d3 d4 d5 d6 par stop         heard: par d6 d5 d4 d3 d2 d1 d0
                                                           7E1: the ones of each byte are even; 7O1: odd

Two stop bits are heard as one; 8E1, 8O1 and 7N1 cannot be told this way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from drivers.base import Clock, Value
from drivers.link import Link

#: in the order of likelihood on a shop floor
RATES = (9600, 115200, 19200, 38400, 2400, 4800, 57600, 1200)
SECONDS_EACH = 8.0  # time to reach for the trigger again
REST_S = 0.3  # a message is over when nothing comes for so long
MOST_BYTES = 256  # of a device that never rests
LEAST_BYTES = 8  # what is shorter tells nothing: noise looks like it too often

_FITS = 0.75  # least score of a rate that is named at all
_SHORT_BYTES, _SHORT_FITS = 14, 0.95  # noise of few bytes looks like a text easily
_CONVINCES, _CONVINCING_BYTES, _CONVINCING_SIGNS = 0.85, 12, 4  # that ends the search
_PARITY_SHARE = 0.98
_UNENDED = 0.8  # factor of a text without the end of a line
_SAMPLE = 60

_ENDS = re.compile(rb"[\r\n\x03]")
_COMMON = frozenset(" .,+-:/=;%()\r\n\t\x02\x03\x04\x1d\x1e")
_RARE = frozenset("`~{}|\\")
_NONE = "\N{REPLACEMENT CHARACTER}"


class Heard(Struct, frozen=True):
    """What came at one rate, listened to as 8N1."""

    baud: int
    data: bytes


class Guess(Struct, frozen=True):
    """A baud rate and a frame that fit. `score` 0..1: how much of it is ordinary text; `sample`: a line of it."""

    baud: int
    frame: str
    score: float
    sample: str


class Progress(Struct, frozen=True):
    """Where a search stands: the rate that is listened at, the `place`-th of `count`, and how much came at it."""

    baud: int
    place: int
    count: int
    heard_bytes: int = 0


def guess(heard: Iterable[Heard]) -> Guess | None:
    """Return the rate and frame that fit best, None where nothing that came is a text."""
    fitting = []
    for one in heard:
        found = _judged(one)
        if found is not None and found[0].score >= (_FITS if len(one.data) >= _SHORT_BYTES else _SHORT_FITS):
            fitting.append(found)
    return max(fitting, key=lambda found: found[1])[0] if fitting else None


def convincing(heard: Heard) -> bool:
    """Return whether what came at this rate leaves no doubt, so that the other rates need not be tried."""
    found = _judged(heard)
    if found is None or found[0].score < _CONVINCES:
        return False
    body = heard.data if found[0].frame == "8N1" else _seven(heard.data)
    signs = set(body) - set(b"\r\n\x02\x03 ")
    return len(body) >= _CONVINCING_BYTES and len(signs) >= _CONVINCING_SIGNS and _ENDS.search(body) is not None


def _judged(heard: Heard) -> tuple[Guess, float] | None:
    """The best frame at this rate, and its score weighted by how much was heard."""
    if len(heard.data) < LEAST_BYTES:
        return None
    best: Guess | None = None
    for frame, body in _readings_of(heard.data):
        score, text = _best_text(body)
        if best is None or score >= best.score:
            best = Guess(heard.baud, frame, score, _sample(text))
    assert best is not None
    return best, best.score * len(heard.data) / (len(heard.data) + 3)


def _readings_of(data: bytes) -> list[tuple[str, bytes]]:
    """As what the bytes may have been sent: always eight bits; seven where the eighth is a parity bit."""
    found = [("8N1", data)]
    if max(data) >= 0x80:  # else a parity bit would never have been set
        odd = sum(byte.bit_count() & 1 for byte in data)
        if len(data) - odd > _PARITY_SHARE * len(data):
            found.append(("7E1", _seven(data)))
        elif odd > _PARITY_SHARE * len(data):
            found.append(("7O1", _seven(data)))
    return found


def _seven(data: bytes) -> bytes:
    return bytes(byte & 0x7F for byte in data)


def _best_text(body: bytes) -> tuple[float, str]:
    """Score 0..1 and text. Whoever opens a port in the middle of a message hears half a line first: it may be left
    out where another follows."""
    best = _scored(body)
    first = _ENDS.search(body)
    rest = b"" if first is None else body[first.end() :].lstrip(b"\r\n")
    if len(rest) >= max(_SHORT_BYTES, len(body) / 2) and _ENDS.search(rest):
        best = max(best, _scored(rest))
    return best


def _scored(body: bytes) -> tuple[float, str]:
    """Score 0..1 and the text. A byte that is none (the lamp byte of a CAS scale) costs twice its share."""
    try:
        text, codec = body.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        text, codec = body.decode("cp949", "replace"), "cp949"
    score = sum(-1 if sign == _NONE else _weight(sign) * len(sign.encode(codec)) for sign in text) / len(body)
    return max(score, 0.0) * (1.0 if _ENDS.search(body) else _UNENDED), text


def _weight(sign: str) -> float:
    """How ordinary a character is in what shop devices send: 1 an everyday one, 0 a stranger, below what none sends."""
    if sign in _COMMON or (sign.isascii() and sign.isalnum()):
        return 1.0
    if sign in _RARE:
        return 0.1
    if sign == "^":  # how scales say that they are overloaded
        return 0.8
    if sign.isascii():
        return 0.5 if sign.isprintable() else -2.0
    try:
        first, _second = sign.encode("euc-kr")
    except (UnicodeEncodeError, ValueError):  # a syllable that no word has, or a sign that takes another length
        return 0.3 if sign in "µ°²³" else 0.0
    if "가" <= sign <= "힣":
        return 1.0
    return 0.5 if first <= 0xA8 else 0.1  # signs and units of KS X 1001 (rows 1 to 8); Chinese characters


def _sample(text: str) -> str:
    """The longest line; of several as long the last."""
    lines = [line.strip("\x02\x04 ") for line in re.split(r"[\r\n\x03]+", text)]
    line = max(reversed(lines), key=len, default="")
    return "".join(sign if sign.isprintable() else " " for sign in line)[:_SAMPLE].strip()


def listen(
    port: str,
    settings: Mapping[str, Value],
    clock: Clock,
    said: Callable[[Progress], None],
    ended: Callable[[], bool],
    *,
    seconds: float = SECONDS_EACH,
    opening: Callable[[str, Mapping[str, Value], Clock, float], Link] = Link,
) -> Guess | None:
    """Listen at one rate after the other for a message, or `seconds`; return what fits, None where nothing does.

    `settings` of the bus; its flow control is left out, so that not even that sends anything. `said` is told where the
    search stands, each time that changes. `ended` asks whether somebody wants no more of it: then None. Raises what
    Link.open raises, and DriverError link_lost.
    """
    found: list[Heard] = []
    for place, baud in enumerate(RATES, 1):
        if ended():
            return None
        said(Progress(baud, place, len(RATES)))
        link = opening(port, {**settings, "baud": baud, "frame": "8N1", "flow": "none"}, clock, 0.1)
        link.open()
        try:
            heard = _message(link, Progress(baud, place, len(RATES)), said, ended, seconds)
        finally:
            link.close()
        found.append(heard)
        if convincing(heard):
            return guess([heard])
    return None if ended() else guess(found)


def _message(
    link: Link, at: Progress, said: Callable[[Progress], None], ended: Callable[[], bool], seconds: float
) -> Heard:
    """What comes until the device rests, has sent enough, or the time is over."""
    data = b""
    began_ns = last_ns = link.clock.mono_ns()
    while not ended() and len(data) < MOST_BYTES:
        chunk = link.receive()
        now_ns = link.clock.mono_ns()
        if chunk.data:
            data, last_ns = data + chunk.data, now_ns
            said(replace(at, heard_bytes=len(data)))
        elif len(data) >= LEAST_BYTES and now_ns - last_ns >= REST_S * 1e9:
            break
        if now_ns - began_ns >= seconds * 1e9:
            break
    return Heard(at.baud, data[:MOST_BYTES])


def hears_rates(port: str) -> bool:
    """Return whether a baud rate means anything on this port: a device server's socket:// has its own."""
    return "://" not in port or port.lower().startswith("rfc2217://")
