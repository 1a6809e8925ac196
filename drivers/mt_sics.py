"""MT-SICS, levels 0 and 1: balances of Mettler Toledo, and of Ohaus (Ranger) after the command PSI.

    query   S CR LF            weight, as soon as it is stable (may take seconds)
            SI CR LF           weight at once
            I4 CR LF           serial number
    answer  S blank S blank value (10, right-aligned) blank unit CR LF       stable
            S blank D blank value (10, right-aligned) blank unit CR LF       dynamic: it still moves
            S blank I | S blank + | S blank - | S blank L CR LF              not now, overload, underload, wrong
            I4 blank A blank "serial number" CR LF
            ES | ET | EL CR LF                                               syntax, transmission, logical error

Nothing but the three queries is ever sent: @ (reset), Z, ZI, T, TI, TA, TAC and the like would take the tare of the
person who is weighing. Answers come in the order of the queries, so what arrives before the answer to I4 is older than
the question: a stream that another program left on (SIR), or the late answer to a query that was given up.

Source: Mettler Toledo MT-SICS reference manual, levels 0 and 1; Ohaus Ranger manual (PSI, POH). Not tried on the real
device.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum

from msgspec import Struct
from msgspec.structs import replace

from drivers.base import BusSpec, Clock, DriverError, Quality, Reading, Setting, SignalSpec, Value
from drivers.link import LINK_SETTINGS, Given, Link
from drivers.text_line import Frame, LineDevice, decode_text, number

QUERIES = {"S": b"S\r\n", "SI": b"SI\r\n", "I4": b"I4\r\n"}
FIELDS = ("weight", "unit", "status", "serial")
FLOW = b"\x11\x13"  # XON and XOFF: factory setting of many balances; never part of an answer
MISSES = 3  # so many queries without an answer, with damaged or with refusing answers: the device does not work
BRIEF_NS = 2_000_000_000  # longest wait for an answer that needs no stable weight
RECHECK_NS = 60_000_000_000  # another balance may be plugged in between two queries
STRAYS = 3  # so many weights that nobody asked for: a stream is on

_WEIGHT = re.compile(r"SI? ([SD]) +([+-]? *[0-9]+(?:[.,][0-9]*)?)(\?*)(?: +(\S+))?")
_REFUSAL = re.compile(r"(S|SI|I4) ([IL+-])")
_SERIAL = re.compile(r'I4 A "([^"]*)"')
_SAID = {"+": "overload", "-": "underload", "I": "unstable", "L": "error"}


class Answer(Struct, frozen=True):
    """One answer. `command` is S or I4, "" for an error that names none; `state` is the letter behind it, or the error.

    `value` and `unit` are those of a weight (states S and D); `text` is the serial number. `open_digits`: the balance
    marks the last digits with "?", because it is not certified for them.
    """

    command: str
    state: str
    value: float | None = None
    unit: str = ""
    text: str = ""
    open_digits: bool = False


def sics_query(name: str) -> bytes:
    """Return the bytes of a query: S, SI or I4. Raises KeyError for any other command."""
    return QUERIES[name]


def parse(line: bytes) -> Answer:
    """Return what one line without its end says. Raises DriverError protocol for anything that is no answer."""
    text = decode_text(line, "latin-1").strip()
    if text in ("ES", "ET", "EL"):
        return Answer("", text)
    if found := _WEIGHT.fullmatch(text):
        value = number(found[2].replace(",", "."))
        if value is not None:
            return Answer("S", found[1], value, found[4] or "", open_digits=bool(found[3]))
    if found := _REFUSAL.fullmatch(text):
        return Answer("I4" if found[1] == "I4" else "S", found[2])
    if found := _SERIAL.fullmatch(text):
        return Answer("I4", "A", text=found[1].strip())
    raise DriverError("protocol", reason=f"no answer of MT-SICS: {text[:40]!r}")


class Phase(Enum):
    """What the driver is about."""

    END = "end what another program left on"
    IDENTIFY = "ask which balance it is"
    WEIGH = "ask for the weight"


class _Signal(Struct, frozen=True):
    key: str
    field: str
    unit: str


class MtSics(LineDevice):
    """One balance, alone on its port, asked again and again."""

    IGNORED = FLOW
    BUS_SETTINGS = LINK_SETTINGS
    DEVICE_SETTINGS = (
        Setting("ask", str, "S", choices=("S", "SI")),
        Setting("period_ms", int, 1000, unit="ms", low=50, high=3_600_000),
        Setting("timeout_ms", int, 8000, unit="ms", low=50, high=60_000),
        Setting("serial", str, ""),  # only this balance is read; empty: any
    )
    SIGNAL_SETTINGS = (
        Setting("field", str, "weight", choices=FIELDS),
        Setting("unit_text", str, ""),  # what the balance calls the unit of the signal; empty: the same
    )

    def __init__(self, bus: BusSpec, clock: Clock) -> None:
        super().__init__(bus, clock)
        self._fault: DriverError | None = None
        self._phase = Phase.END
        self._asked: str | None = None  # the query in flight
        self._asked_ns = self._due_ns = self._known_ns = 0
        self._misses = self._damaged = self._refused = self._strays = 0
        self._refusal = ""

    def open(self) -> None:
        """Check the settings and open the port. Raises DriverError bad_address or what Link.open raises."""
        device = self._alone("balance")
        given = Given(self.DEVICE_SETTINGS, device.settings, device.key)
        self._device, self._command, self._serial = device.key, given.text("ask"), given.text("serial").strip()
        self._period_ns = given.whole("period_ms") * 1_000_000
        self._timeout_ns = given.whole("timeout_ms") * 1_000_000
        self._signals = tuple(self._signal(signal) for signal in device.signals)
        self._connect(0.05)

    def _signal(self, signal: SignalSpec) -> _Signal:
        given = Given(self.SIGNAL_SETTINGS, signal.settings, f"{self._device}.{signal.key}")
        return _Signal(signal.key, given.text("field"), given.text("unit_text") or signal.unit)

    def faults(self) -> Mapping[str, DriverError]:
        """Return why the balance is not read: it floods its port, sends no text, is silent, another one, unreadable or
        refusing."""
        fault = self._guard.fault(self._now_ns)
        if fault is not None:
            return self._with_noise(fault)
        fault = self._fault
        if self._misses >= MISSES:
            fault = DriverError("no_answer", seconds=round(self._wait_ns() * self._misses / 1e9, 1))
        elif fault is None and self._refused >= MISSES:
            fault = DriverError("refused", needs_person=True, request=self._command, answer=self._refusal)
        elif fault is None and self._damaged >= MISSES:
            fault = DriverError("bad_frames", count=self._damaged)
        return self._with_noise(fault)

    # -- asking --

    def _wait_ns(self) -> int:
        """How long the answer to the present query may take."""
        return self._timeout_ns if self._asked == "S" else min(self._timeout_ns, BRIEF_NS)

    def _ask(self, link: Link) -> None:
        """Give up a query that took too long; send the next one when it is due. Never two at a time."""
        now_ns = self.clock.mono_ns()
        if self._asked is not None:
            if now_ns - self._asked_ns < self._wait_ns():
                return
            self._give_up(now_ns)
        if self._phase is Phase.WEIGH and self._serial and now_ns - self._known_ns > RECHECK_NS:
            self._phase = Phase.IDENTIFY
        if now_ns < self._due_ns:
            return
        self._asked = {Phase.END: "SI", Phase.IDENTIFY: "I4", Phase.WEIGH: self._command}[self._phase]
        request = sics_query(self._asked)
        link.send(request)
        self._asked_ns = now_ns
        self._due_ns = now_ns + self._period_ns

    def _give_up(self, now_ns: int) -> None:
        # a balance that answers weights and is silent to I4 is an old one; where none is expected that is no fault
        unnamed = self._phase is Phase.IDENTIFY and not self._serial
        if not unnamed:
            self._misses += 1
            self._record.missing()
        self._begin(Phase.WEIGH if unnamed else Phase.END, now_ns + (0 if unnamed else self._period_ns))

    def _begin(self, phase: Phase, due_ns: int = 0) -> None:
        self._phase, self._asked, self._due_ns, self._strays = phase, None, due_ns, 0

    # -- answers --

    def _readings(self, frame: Frame) -> list[Reading]:
        """Return what a frame brings under a number of its own; one that answers nothing takes none."""
        if not self._guard.takes(frame.body, frame.note, frame.mono_ns):
            self._seq += 1
            return []
        readings = self._heard(frame)
        self._seq += bool(readings)
        return [replace(reading, seq=self._seq) for reading in readings]

    def _heard(self, frame: Frame) -> list[Reading]:
        try:
            if frame.note:
                raise DriverError("protocol", reason=frame.note)
            answer = parse(frame.body)
        except DriverError:
            self._damaged += 1
            if self._asked is not None and frame.note == "incomplete":  # half an answer: the rest will not come
                self._begin(Phase.END, self._due_ns)
            return [self._reading(frame, "", note=frame.note or "unparsed")]
        self._misses = 0
        if answer.state == "ET":
            self._damaged += 1
            self._record.damaged()
            self._asked = None  # the query was spoiled on its way: ask again
            return []
        if self._phase is Phase.END:
            if answer.command != "I4" and self._asked is not None:  # not a stream's: SI has been sent
                self._begin(Phase.IDENTIFY)
            return []
        if self._phase is Phase.IDENTIFY:
            return self._identified(frame, answer)
        return self._weighed(frame, answer)

    def _identified(self, frame: Frame, answer: Answer) -> list[Reading]:
        """Judge the answer to I4; weights before it belong to a stream or to a query of before."""
        if answer.command == "S":
            return []
        if answer.state == "A" and self._serial in ("", answer.text):
            self._fault = None
            self._known_ns = self.clock.mono_ns()
            self._begin(Phase.WEIGH)
            return [self._reading(frame, s.key, answer.text) for s in self._signals if s.field == "serial"]
        if not self._serial:
            self._begin(Phase.WEIGH)  # it does not tell, and nobody wants to know
            return []
        if answer.state == "A":
            self._fault = DriverError(
                "wrong_device", needs_person=True, expected=self._serial, found=answer.text or "-"
            )
        else:
            said = f"{answer.command} {answer.state}".strip()
            self._fault = DriverError("refused", needs_person=True, request="I4", answer=said)
        self._begin(Phase.IDENTIFY, self.clock.mono_ns() + self._period_ns)
        return []

    def _weighed(self, frame: Frame, answer: Answer) -> list[Reading]:
        if self._asked is None or answer.command == "I4":
            self._strays += 1
            if self._strays >= STRAYS:
                self._begin(Phase.END)
            return []
        self._asked = None
        weights = [signal for signal in self._signals if signal.field == "weight"]
        if answer.value is None:
            wrong = answer.state in ("L", "ES", "EL")
            self._refused = self._refused + 1 if wrong else 0
            if wrong:
                self._record.refused()
            self._refusal = f"{answer.command} {answer.state}".strip()
            return [self._reading(frame, s.key, note=_SAID.get(answer.state, "error")) for s in weights]
        self._refused = self._damaged = 0
        said = "unstable" if answer.state == "D" else "open_digits" if answer.open_digits else ""
        readings = []
        for signal in self._signals:
            if signal.field == "weight":
                other = answer.unit and signal.unit and answer.unit.casefold() != signal.unit.casefold()
                readings.append(self._reading(frame, signal.key, answer.value, "unit" if other else said))
            elif signal.field != "serial":
                word = answer.unit if signal.field == "unit" else {"S": "stable", "D": "dynamic"}[answer.state]
                readings.append(self._reading(frame, signal.key, word))
        return readings

    def _reading(self, frame: Frame, signal: str, value: Value = None, note: str = "") -> Reading:
        quality = Quality.BAD if value is None else Quality.UNCERTAIN if note else Quality.GOOD
        return Reading(
            self._device, signal, value, quality, frame.at_ms, frame.mono_ns, self._seq, raw=frame.body, note=note
        )
