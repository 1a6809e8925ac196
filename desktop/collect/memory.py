"""What the interpreter of readings knows from before: rebuilt from the journal at start, see `recall`."""

from __future__ import annotations

from msgspec import Struct, field

from desktop.domain.events import State, Thing

MOST_UNPACKED = 5000  # units that wait for a box; where boxes are never read the oldest are forgotten


class Memory(Struct):
    """Of signals, machines, devices and characteristics by their ids."""

    readings: dict[int, tuple[int, int]] = field(default_factory=dict)  # signal -> (counter reading, at_ms)
    stepped: dict[int, int] = field(default_factory=dict)  # signal -> its counter before a small step back
    states: dict[int, tuple[State, str]] = field(default_factory=dict)  # machine -> state and code
    pending: dict[int, tuple[State, str, int]] = field(default_factory=dict)  # signal -> what may hold soon, since when
    words: dict[int, str] = field(default_factory=dict)  # alarm, part, product or scan signal -> its last word
    texts: dict[int, str] = field(default_factory=dict)  # alarm signal -> text of the alarm that stands
    parts: dict[int, Thing] = field(default_factory=dict)  # machine -> the piece now there
    left: dict[int, Thing] = field(default_factory=dict)  # machine -> the piece that left it, none came since
    made: dict[int, tuple[Thing, int]] = field(default_factory=dict)  # machine -> its last unit, pieces counted since
    came: dict[int, tuple[int, int]] = field(default_factory=dict)  # machine -> event and moment by which it came there
    bound: dict[int, list[int]] = field(default_factory=dict)  # machine -> signals that told of the piece there
    lots: dict[int, dict[str, Thing]] = field(default_factory=dict)  # machine -> kind of lot -> lot in use
    #: machine -> kind of lot -> the lots that may still be in the hopper, oldest first, each for so many units
    mixing: dict[int, dict[str, list[tuple[Thing, int]]]] = field(default_factory=dict)
    waiting: dict[int, dict[str, Thing]] = field(default_factory=dict)  # machine -> material -> part for the next unit
    recent: dict[int, list[Thing]] = field(default_factory=dict)  # machine -> its last units, where hoppers mix
    unpacked: dict[int, list[Thing]] = field(default_factory=dict)  # machine or station -> things since the last box
    offline: dict[int, int] = field(default_factory=dict)  # device -> since when it does not answer
    gaps: dict[int, int] = field(default_factory=dict)  # counter -> since when it was not heard, until it is again
