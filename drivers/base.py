"""The shapes that every driver speaks: what it is given, what it returns, how it fails.

A driver turns the bytes of one *bus* (a serial port, a device server, an OPC UA endpoint) into
readings. It knows no machine, no database and no window. One driver object serves one bus with one
or more devices on it and is used by one thread only.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from enum import IntEnum
from typing import ClassVar, Protocol

from msgspec import Struct, field

Value = bool | int | float | str | None


class Clock(Protocol):
    """The one injected clock. Wall time may be scaled (demo line); monotonic time never is."""

    def now_ms(self) -> int:
        """Plant time as UTC milliseconds."""

    def mono_ns(self) -> int:
        """Real monotonic nanoseconds, for time-outs and durations of the wire."""


class Quality(IntEnum):
    """How far a value may be trusted; the order is the order of trust."""

    GOOD = 0
    UNCERTAIN = 1
    BAD = 2


class Reading(Struct, frozen=True):
    """One value as it arrived.

    `signal` is the key of the signal within its device, or "" for a frame from which no signal could
    be read (`note` then says why and `raw` holds the bytes). `at_ms` is the arrival in UTC
    milliseconds, stamped once by the thread that read the bytes; `source_at_ms` is the device's own
    time and `server_at_ms` that of the OPC UA server in front of it, both kept but never used for OEE.
    `seq` counts every frame of the device without a gap, so that loss is provable. `status` is the
    32-bit OPC UA status, 0 elsewhere. `aim` is the AIM identifier that a scanner put in front of a code
    ("]d2": GS1 DataMatrix, ISO/IEC 15424) and that was taken off, else "".
    """

    device: str
    signal: str
    value: Value
    quality: Quality
    at_ms: int
    mono_ns: int
    seq: int
    status: int = 0
    source_at_ms: int | None = None
    server_at_ms: int | None = None
    raw: bytes = b""
    note: str = ""
    aim: str = ""


NOTES = (
    "",  # an ordinary value
    "unparsed",  # the frame fits no pattern: raw is kept
    "incomplete",  # the frame never ended
    "overlong",  # the frame passed the limit; what fits is kept
    "duplicate",  # the same body again within the double-scan window
    "snapshot",  # first value after (re)connecting: a state, not an event
    "overflow",  # values were lost before this one (without a signal: `value` tells how many frames)
    "discarded",  # bytes of a frame beyond the limit were not kept (without a signal: `value` tells how many)
    "unstable",  # the device says that the value still moves
    "open_digits",  # the device marks its last digits as not certified
    "unit",  # the value came in another unit than the configured one
    "overload",  # the device says that it is beyond its range: no value
    "underload",  # the device says that it is below its range: no value
    "error",  # the device says that it has no value at the moment
    # a value that is none (quality bad) may say here in words why, for example "sensor open"
)


class Setting(Struct, frozen=True):
    """One field of a driver's form. Numbers carry `low` and `high`; `unit` is for people."""

    key: str
    kind: type
    default: Value
    unit: str = ""
    choices: tuple[Value, ...] = ()
    low: float | None = None
    high: float | None = None
    required: bool = False


class SignalSpec(Struct, frozen=True):
    """A named value of a device and the driver settings that find it.

    `unit` is the unit that the device is expected to send, "" where nothing is expected.
    """

    key: str
    settings: Mapping[str, Value] = field(default_factory=dict)
    unit: str = ""


class DeviceSpec(Struct, frozen=True):
    """A device on a bus with its signals."""

    key: str
    settings: Mapping[str, Value] = field(default_factory=dict)
    signals: tuple[SignalSpec, ...] = ()


class BusSpec(Struct, frozen=True):
    """What one driver object is given. `port` is a port name, a link to one, or a URL.

    `keys` is the folder for certificates and passwords, readable by this user only; "" where there is none. `raw`:
    each value out of registers shall bring its own bytes along, for a person who looks whether they are understood.
    """

    key: str
    port: str
    settings: Mapping[str, Value] = field(default_factory=dict)
    devices: tuple[DeviceSpec, ...] = ()
    keys: str = ""
    raw: bool = False


class UnfitError(ValueError):
    """Why a setting does not fit, so that it can be said in every language: an English template and its values.

    `str` is the finished English. The template is a literal: installer/texts.py collects it for the catalogue.
    """

    def __init__(self, template: str, **values: Value) -> None:
        super().__init__(template, values)
        self.template = template
        self.values = values

    def __str__(self) -> str:
        return self.template.format(**self.values)


class DriverError(Exception):
    """The world's fault, as a kind that every language can say.

    `kind` is one of FAULTS; `detail` holds what the sentence needs (port, address, seconds ...).
    `needs_person` means that trying again quickly is useless (wrong password, bad address). `partial`: the device
    works, only this of it cannot be read.
    """

    def __init__(
        self, kind: str, *, device: str = "", needs_person: bool = False, partial: bool = False, **detail: Value
    ) -> None:
        if kind not in FAULTS:
            raise ValueError(f"unknown fault kind {kind!r}")
        super().__init__(kind, device, detail)
        self.kind = kind
        self.device = device
        self.needs_person = needs_person
        self.partial = partial
        self.detail: dict[str, Value] = detail

    def __str__(self) -> str:
        words = ", ".join(f"{key}={value}" for key, value in self.detail.items())
        return f"{self.kind}({words})"


FAULTS = (
    "port_missing",  # port=
    "port_busy",  # port=
    "port_denied",  # port=
    "port_refused",  # port= (a socket or endpoint that nobody answers)
    "link_lost",  # port=, reason=
    "not_taken",  # port=, sent=, size= (a printer takes nothing more of a job)
    "no_answer",  # seconds=, problem= (server: of an OPC UA server; network: behind a device server)
    "bad_frames",  # count=, problem= (framing: the port finds characters damaged)
    "noisy",  # percent= (some answers are damaged or missing, the others are good)
    "exception",  # code=, name=, address= (for good: the settings ask for what the device does not have)
    "busy",  # code=, name=, address= (the device has no time at the moment)
    "device_trouble",  # code=, name=, address= (the device says that it is not well)
    "echo",  # (the adapter sends back what it is told, and the settings do not say so)
    "same_address",  # unit= (two devices seem to have one number)
    "bad_address",  # address=, reason=
    "silent",  # seconds= (a connection that should speak and does not)
    "untrusted",  # reason=, problem= (what is wrong with which certificate), fingerprint=
    "refused_login",  # reason=, problem= (what is wrong with the password)
    "overrun",  # count= (values lost in the device's own queue)
    "driver_hung",  # seconds=
    "protocol",  # reason= (bytes or service results that make no sense)
    "wrong_baud",  # baud=, frame=, problem= (none: most of what arrives is no text; framing, parity: the port says so)
    "flood",  # rate=, count= (more frames a second than a device of its kind sends; count= were not kept)
    "wrong_device",  # expected=, found= (another device than the configured one is connected)
    "slow_pattern",  # most= (ms; the device's pattern took longer again and again, and is off)
    "refused",  # request=, answer= (the device does not carry out what it is asked for)
)


class Finding(Struct, frozen=True):
    """What is wrong with a bus or one setting of it, beyond what a single Setting says.

    `kind` is one of FINDINGS; `device`, `signal` and `setting` say where ("" for the bus). It `refuses` the bus
    or only warns.
    """

    kind: str
    device: str = ""
    signal: str = ""
    setting: str = ""
    refuses: bool = True
    detail: Mapping[str, Value | UnfitError] = field(default_factory=dict)


FINDINGS = (
    "wrong",  # reason= (an UnfitError)
    "same_unit",  # number=, other= (the device that has it)
    "overload",  # percent=, baud=
    "busy_wire",  # percent=, baud= (a warning)
    "alike",  # first=, second= (addresses of two requests whose answers have the same length; a warning)
)


class Tally(Struct):
    """How many answers or messages of a device were damaged, missing or refusals since its port was opened."""

    damaged: int = 0
    missing: int = 0
    refused: int = 0


class Driver(ABC):
    """One bus. Life: construct, `open`, `poll` again and again, `close`; after an error a new object is made."""

    #: settings of the bus (`BusSpec.settings`), of a device and of a signal; their defaults apply
    BUS_SETTINGS: ClassVar[tuple[Setting, ...]] = ()
    DEVICE_SETTINGS: ClassVar[tuple[Setting, ...]] = ()
    SIGNAL_SETTINGS: ClassVar[tuple[Setting, ...]] = ()
    #: a device that speaks only when it has something to say: its silence is normal, an open port is all there is
    PUSHES: bool = False

    def __init__(self, bus: BusSpec, clock: Clock) -> None:
        self.bus = bus
        self.clock = clock

    @classmethod
    def check(cls, bus: BusSpec) -> list[Finding]:
        """Return what is wrong with a bus whose settings are each of the right kind. Opens nothing."""
        return []

    @abstractmethod
    def open(self) -> None:
        """Connect. Raises DriverError; may be called once per object."""

    @abstractmethod
    def poll(self) -> list[Reading]:
        """Return what has arrived, waiting at most 1 s. Raises DriverError when the whole bus is lost."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the port or session. Never raises, also on a dead link, and never blocks longer than 2 s."""

    def faults(self) -> Mapping[str, DriverError]:
        """Devices of this bus that do not work at the moment, by device key; the others do."""
        return {}

    def tallies(self) -> Mapping[str, Tally]:
        """What became of the answers of each device, by device key; nothing of those whose driver does not count."""
        return {}

    def raw_tail(self) -> list[tuple[int, str, bytes]]:
        """The last bytes on the wire as (at_ms, "rx" or "tx", bytes), oldest first; empty where there are none."""
        return []


def setting(specs: tuple[Setting, ...], given: Mapping[str, Value], key: str) -> Value:
    """Return the value of one setting: the given one or the default. Raises KeyError for an unknown key."""
    for spec in specs:
        if spec.key == key:
            return given.get(key, spec.default)
    raise KeyError(key)
