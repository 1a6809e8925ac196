"""What happened: the facts that the collector commits and that nothing ever changes.

Every fact carries the id under which it lies in the journal. Ids rise with the order of arrival;
`at_ms` is when it happened (UTC milliseconds). A machine is named by its register id.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from msgspec import Struct


class State(StrEnum):
    """What a machine does, in the words of the time model; the device's own codes map onto these."""

    RUN = "run"
    STOP = "stop"  # stands still, nobody knows why
    FAULT = "fault"  # breakdown
    SETUP = "setup"
    STARVED = "starved"  # waits for the machine before it
    BLOCKED = "blocked"  # waits for the machine after it
    IDLE = "idle"  # ready, nothing to do
    MAINTENANCE = "maintenance"
    UNKNOWN = "unknown"  # its device does not answer: neither running nor stopped
    NO_SIGNAL = "no_signal"  # it has no device: what it does is known from people only
    ENTERING = "entering"  # on the way into the state that follows (PackML: stopping, holding, aborting ...)
    LEAVING = "leaving"  # on the way out of the state before, which it still belongs to (resetting, starting ...)


class Role(StrEnum):
    """What a signal means for its machine."""

    STATE = "state"
    GOOD = "good"  # cumulative counter of good pieces
    REJECT = "reject"  # cumulative counter of rejected pieces
    TOTAL = "total"  # cumulative counter of all pieces
    CYCLE = "cycle"  # cycle time of the last piece, s
    MEASURE = "measure"
    SCAN = "scan"
    PRODUCT = "product"  # code of the product that is made from then on
    ALARM = "alarm"
    ALARM_TEXT = "alarm_text"  # what the alarm code beside it says, in the machine's words
    JUDGE = "judge"  # a word per piece: good, reject or retest follows
    PART = "part"  # identity of the piece now at the machine


class Counter(StrEnum):
    """How a signal of good, rejected or all pieces counts."""

    CUMULATIVE = "cumulative"  # goes on for ever, or wraps at its modulus
    RESETTABLE = "resettable"  # somebody sets it to zero: what is less than before was made since then
    PULSE = "pulse"  # a contact: each change from off to on is one step
    EACH = "each"  # each message is one step
    CYCLE = "cycle"  # tells machine cycles: a contact as a pulse, a number as a cumulative counter


class CountFlag(StrEnum):
    """Why a count is not the plain difference of two readings."""

    PLAIN = ""
    FIRST = "first"  # baseline: no reading was stored before
    ROLLOVER = "rollover"  # the counter wrapped at its modulus
    RESET = "reset"  # the counter began again
    STEP_BACK = "step_back"  # a small step back: no pieces, a fault to look at
    IMPLAUSIBLE = "implausible"  # more pieces than the time allows: none counted
    GAP = "gap"  # made while nobody listened: how many is known, when is not


class StateChange(Struct, frozen=True):
    """From `at_ms` on the machine is in `state`. `code` is the device's own word, `note` says who changed it."""

    id: int
    machine: int
    at_ms: int
    state: State
    code: str = ""
    note: str = ""


class Count(Struct, frozen=True):
    """Pieces (0 or more) made in (from_ms, at_ms]; with flag GAP only the whole of that time is known."""

    id: int
    machine: int
    at_ms: int
    role: Role
    pieces: int
    from_ms: int
    flag: CountFlag = CountFlag.PLAIN
    reading: int | None = None


class Measurement(Struct, frozen=True):
    """One value of a signal. `value` is None where the device said that it is bad; `quality` 0 good, 1, 2 bad.

    `source_at_ms` is the device's own time of it and `server_at_ms` that of the OPC UA server in front of the device,
    None where none is told. `status` is the 32-bit OPC UA status (part 4, 7.39), 0 where there is none.
    """

    id: int
    signal: int
    value: float | None
    text: str | None = None
    quality: int = 0
    source_at_ms: int | None = None
    status: int = 0
    server_at_ms: int | None = None


class Scan(Struct, frozen=True):
    """A code that was read at a machine. `what` is unit, lot, box, command or "" for a code of no known class.

    `aim` is the AIM identifier by which the scanner said what kind of code it is, "" where it did not: barcode.GS1.
    """

    id: int
    machine: int
    at_ms: int
    code: str
    what: str = ""
    flag: str = ""
    aim: str = ""


class Finding(Struct, frozen=True):
    """Something that a person should know: `kind` names the sentence, `detail` fills it."""

    id: int
    machine: int
    at_ms: int
    kind: str
    detail: str = ""


#: what a scan tells of a unit that was read to be built into another one, as a part with a serial of its own
COMPONENT = "component"


class EventKind(StrEnum):
    """What a journal row tells; `word` and `detail` mean what the comment says."""

    STATE = "state"  # word: State, detail: the device's code
    COUNT = "count"  # word: Role, pieces, from_ms, reading
    #: word: the code, detail: unit, lot, box, pallet, command (commands.py), COMPONENT or "", raw: the bytes, AIM
    #: identifier first (barcode.aim_of)
    SCAN = "scan"
    ALARM = "alarm"  # word: the alarm code, "" when it went away, detail: its text as far as it is known
    PRODUCT = "product"  # word: code of the product, flag: unknown where the register has none of it
    PART = "part"  # word: identity of the piece now at the machine
    DEVICE = "device"  # word: online, offline or misconfigured, detail: the fault as JSON
    UNPARSED = "unparsed"  # word: why, raw: the bytes
    #: pieces: how many values were lost, detail: why (sequence: frames of the device that never came); for bytes of a
    #: frame without an end that were not kept no pieces, detail: "bytes" and their number
    LOSS = "loss"
    CLOCK = "clock"  # detail: by how many milliseconds the clock jumped
    #: word: what is wrong (`verdicts`), detail: the code and more as JSON, flag: refused where it did not go on
    FINDING = "finding"
    #: once an hour, detail: how far the chain of every other table had come, as JSON (table -> rows, last id, first 16
    #: hex digits of its hash), so that the last hash of the events vouches for all of them
    SEAL = "seal"


class Event(Struct, frozen=True):
    """One row of the journal, whatever its kind: see EventKind for `word` and `detail`."""

    id: int
    kind: EventKind
    at_ms: int
    machine: int | None = None
    device: int | None = None
    signal: int | None = None
    word: str = ""
    detail: str = ""
    pieces: int | None = None
    from_ms: int | None = None
    reading: int | None = None
    flag: str = ""
    raw: bytes | None = None


ThingKind = Literal["unit", "lot", "box", "pallet"]
LinkKind = Literal["consumed", "around", "packed", "joined", "parted"]
AttributeKey = Literal["gtin", "lot", "serial", "expiry", "made", "quantity", "product"]


class Thing(Struct, frozen=True):
    """Something with an identity: `kind` (one of `ThingKind`) and its code."""

    kind: str
    code: str


class Step(Struct, frozen=True):
    """A thing was at a machine. `event` is the journal id of the scan or part id that says so."""

    id: int
    thing: Thing
    machine: int
    at_ms: int
    event: int
    result: str = ""


class Link(Struct, frozen=True):
    """`child` went into `parent`: a lot or part into a unit (consumed, or around: a hopper held two lots, and it may be
    in there), a unit into a box and a box onto a pallet (packed), a lot into one that it was merged with (joined) or
    that was split off (parted). `machine` None: by hand, away from machines."""

    id: int
    kind: LinkKind
    parent: Thing
    child: Thing
    machine: int | None
    at_ms: int
    event: int


class LinkEnd(Struct, frozen=True):
    """From a moment on a link holds no more: the part was replaced. `link` is its id."""

    id: int
    link: int
    at_ms: int
    event: int


class Attribute(Struct, frozen=True):
    """Something that a label says of a thing, dates as ISO dates, or of which product it was when it was first read."""

    id: int
    thing: Thing
    key: AttributeKey
    value: str
    at_ms: int
    event: int


class Move(Struct, frozen=True):
    """A thing was put into stock or shipped (`kind`) at a station."""

    id: int
    thing: Thing
    station: int
    kind: str
    at_ms: int
    event: int


class Result(Struct, frozen=True):
    """A measured value that belongs to a piece. `unit` None: it could not be bound to one."""

    id: int
    unit: Thing | None
    signal: int
    machine: int | None
    at_ms: int
    value: float | None
    word: str
    judgement: str
    raw: bytes | None = None
