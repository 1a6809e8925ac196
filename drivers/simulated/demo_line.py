"""The demo line on real wires: eight simulated machines wearing the faces of real devices.

    bus         wire                          machines
    press-bus   Modbus RTU, units 1 and 2     press PR-01, wash WS-01
    scanner-0   lines of a scanner            press PR-01 (unit serials and lots of blanks)
    cnc         OPC UA server                 CNC MC-01
    weld        OPC UA server                 weld WD-01
    torque      lines of a torque tool        assembly AS-01
    scanner-1   lines of a scanner            assembly AS-01 (unit serials and component lots)
    scanner-3   lines of a scanner            wash WS-01 (unit serials)
    scanner-4   lines of a scanner            leak test LT-01 (unit serials)
    leak        lines of a leak tester        leak test LT-01
    vision      OPC UA server, drops out      vision VI-01
    scale       lines of a scale              packing PK-01
    scanner-2   lines of a scanner            packing PK-01 (units and boxes)
    scanner-5   lines of a scanner            stock (boxes)
    scanner-6   lines of a scanner            shipping (boxes)

Besides there is a label printer on a network port; nothing of it is read, what it takes is kept (`printer.jobs`).
Whatever the machines do is written to `truth.jsonl` at that moment, one JSON object a line, so that what a
collector stored can be compared with it. The configuration that fits is `resources/demo_line.toml`.
"""

from __future__ import annotations

import json
import logging
import struct
import threading
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, TextIO

from drivers.base import Clock
from drivers.simulated.machine import (
    BLOCKED,
    FAULT,
    IDLE,
    RUN,
    SETUP,
    STARVED,
    STOP,
    Happening,
    SimLine,
    Story,
)
from drivers.simulated.port import WirePort
from drivers.simulated.wire_line import LineFace
from drivers.simulated.wire_modbus import ModbusFace
from drivers.simulated.wire_opc_ua import OpcUaFace, Plain
from drivers.simulated.wire_printer import PrinterFace

logger = logging.getLogger(__name__)

CONFIGURATION = Path(__file__).resolve().parents[2] / "resources" / "demo_line.toml"
UTC_OFFSET_S = 9 * 3600  # Asia/Seoul, without daylight saving time

STEP_S = 0.02
STALL_NS = 2_000_000_000  # longer without a step (a sleeping laptop): the line stood still meanwhile
SLOW_VALUE_NS = 100_000_000
BACK_NS = 5_000_000_000  # so long at the most until a collector listens again to a server whose link is back
WORD = 65_536

SERIAL_BUSES = (
    "press-bus", "torque", "scanner-0", "scanner-1", "scanner-2", "scanner-3", "scanner-4", "scanner-5", "scanner-6",
    "leak", "scale",
)  # fmt: skip

#: what the machines' own controllers say; each maker numbers them in his own way
PRESS_STATES = {STOP: 0, RUN: 1, FAULT: 2, SETUP: 3, STARVED: 4, BLOCKED: 5, IDLE: 6}
CNC_STATES = {IDLE: 0, RUN: 1, STOP: 2, FAULT: 3, SETUP: 4, STARVED: 5, BLOCKED: 6}
WELD_STATES = {RUN: 10, STOP: 20, STARVED: 21, BLOCKED: 22, IDLE: 30, SETUP: 40, FAULT: 90}

#: 16-bit counters that wrap soon, and counters as they stand after some weeks of work
PRESS_GOOD, PRESS_REJECT, WASH_TOTAL = 65_500, 65_534, 65_480
CNC_GOOD, CNC_REJECT = 18_250, 96
WELD_GOOD, WELD_REJECT = 17_990, 88
VISION_GOOD, VISION_REJECT = 16_020, 75

#: minutes and seconds of plant time
DROP_EVERY_S = (480.0, 900.0)
DROP_FOR_S = (20.0, 60.0)


class Registers:
    """Holding registers of one unit, safe to read from another thread.

    What was set with a `note` is told to `read(note)`, in the reader's thread, when it is first handed out.
    """

    def __init__(self, count: int, read: Callable[[Happening], None] | None = None) -> None:
        self._words = [0] * count
        self._lock = threading.Lock()
        self._fresh: dict[int, Happening | None] = {}
        self._read = read

    def __call__(self, area: str, address: int, count: int) -> list[int]:
        """Return `count` registers. Raises LookupError for what the unit does not have."""
        with self._lock:
            if area != "holding" or address + count > len(self._words):
                raise LookupError(f"{area}:{address}")
            for place in range(address, address + count):
                note = self._fresh.pop(place, None)
                if note is not None and self._read is not None:
                    self._read(note)
            return self._words[address : address + count]

    def set_u16(self, address: int, value: int, note: Happening | None = None) -> None:
        with self._lock:
            self._words[address] = value % WORD
            self._fresh[address] = note

    def set_f32(self, address: int, value: float, note: Happening | None = None) -> None:
        """Two registers, high word first (ABCD)."""
        with self._lock:
            self._words[address : address + 2] = struct.unpack(">HH", struct.pack(">f", value))
            self._fresh[address] = note


class DemoLine:
    """The line, its wires and the truth about it.

    `open` puts the wires there, `start` sets the machines going (call it when the collector is connected),
    `pause` lets them stand with all links up, `close` takes everything away. `tcp` uses socket:// instead
    of a pty. With `breaks` the people of the line take the breaks of the configuration. `story`: what there is to
    trace.
    """

    def __init__(
        self, folder: Path, clock: Clock, seed: int, tcp: bool = False, breaks: bool = True, story: Story | None = None
    ) -> None:
        self.truth = folder / "truth.jsonl"
        self.line = SimLine(seed, utc_offset_s=UTC_OFFSET_S, story=story or Story())
        self._folder = folder
        self._clock = clock
        self._kind = "socket" if tcp else "auto"
        self._breaks = _breaks_of(CONFIGURATION) if breaks else []
        self._rng = Random(f"{seed}:links")
        self._wires: dict[str, WirePort] = {}
        self._lines: dict[str, LineFace] = {}
        self._servers: dict[str, OpcUaFace] = {}
        self._modbus: ModbusFace | None = None
        self._printer: PrinterFace | None = None
        self._press, self._wash = Registers(5, self._handed_out), Registers(3, self._handed_out)
        self._log: TextIO | None = None
        self._log_lock = threading.Lock()
        self._produced: Counter[str] = Counter()
        self._pushed = {"torque": 0, "leak": 0}
        self._restored_ns = 0  # when the link to vision was back
        self._shown_ns: dict[tuple[str, str], int] = {}
        self._elapsed_s = 0.0  # plant time on which the line moved
        self._drop_at_s = self._rng.uniform(*DROP_EVERY_S)
        self._moving = threading.Event()
        self._step = threading.Lock()  # held while the line moves
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._failure: Exception | None = None
        self._show: dict[tuple[str, str], Callable[[Happening], dict[str, Any]]] = self._faces()

    # life

    def open(self) -> None:
        """Put the wires there, with the machines standing idle. Raises OSError (no free port, no such folder)."""
        wires = self._folder / "wires"
        wires.mkdir(parents=True, exist_ok=True)
        self._log = self.truth.open("w", encoding="utf-8", buffering=1)
        try:
            self._printer = PrinterFace(self._label)
            for key in SERIAL_BUSES:
                self._wires[key] = WirePort(wires / key, self._kind)
            for key in SERIAL_BUSES[1:]:
                self._lines[key] = LineFace(self._wires[key])
            self._modbus = ModbusFace(self._wires["press-bus"], {1: self._press, 2: self._wash})
            now_ms = self._clock.now_ms()
            self._press.set_u16(0, PRESS_STATES[IDLE], Happening(now_ms, "PR-01", "state", value=IDLE))
            self._press.set_f32(3, 0.0, Happening(now_ms, "PR-01", "value", "force", 0.0))
            self._wash.set_f32(1, 0.0, Happening(now_ms, "WS-01", "value", "conductivity", 0.0))
            self._press.set_u16(1, PRESS_GOOD)
            self._press.set_u16(2, PRESS_REJECT)
            self._wash.set_u16(0, WASH_TOTAL)
            for key, variables in _variables().items():
                self._servers[key] = OpcUaFace(variables)
                for name, value in variables.items():  # the machines' clocks show plant time from the first value on
                    self._servers[key].set(name, value, self._clock.now_ms())
        except Exception:
            self.close()
            raise
        self._thread = threading.Thread(target=self._run, name="demo line", daemon=True)
        self._thread.start()

    def ports(self) -> dict[str, str]:
        """What a driver opens, by bus key."""
        wires = {key: wire.url for key, wire in self._wires.items()}
        return wires | {key: server.url for key, server in self._servers.items()}

    @property
    def printer(self) -> PrinterFace:
        """The label printer. Raises RuntimeError before `open`."""
        if self._printer is None:
            raise RuntimeError("no printer before open")
        return self._printer

    def start(self) -> None:
        """Set the line going, or going again."""
        if self._thread is None:
            raise RuntimeError("start before open")
        self._raise_failure()
        self._moving.set()

    def pause(self) -> None:
        """Let the line stand as it is, with every link up, so that a collector can read the last of it."""
        self._moving.clear()
        with self._step:
            vision = self._servers.get("vision")
            if vision is not None and vision.is_cut:
                self._change_vision_link(self._clock.now_ms())
        self._raise_failure()

    def stop(self) -> None:
        """End the movement for good; the wires stay. Raises what went wrong in the line's own thread, if anything."""
        try:
            if not self._stopping.is_set():
                self.pause()
        finally:
            self._stopping.set()
            if self._thread is not None:
                self._thread.join(5.0)

    def close(self) -> None:
        """Take wires, servers, threads and links away."""
        try:
            self.stop()
        finally:
            if self._modbus is not None:
                self._modbus.close()
            for server in self._servers.values():
                server.close()
            for wire in self._wires.values():
                wire.close()
            if self._printer is not None:
                self._printer.close()
            if self._log is not None:
                self._log.close()

    # what was made

    @property
    def gauge_good(self) -> bool | None:
        """How the check of a gauge came out last in the story of the line, None before it was checked."""
        story = self.line.story
        if self._elapsed_s < story.gauge_s:
            return None
        return self._elapsed_s >= story.gauge_s + story.adjust_s

    @property
    def sent_back(self) -> str:
        """The serial of the unit that comes to assembly once more since its seal leaks, "" before there is one."""
        part = self.line.sent_back
        return "" if part is None else part.serial

    def stick(self, codes: Iterable[str]) -> None:
        """Lay printed labels beside the packing machine, for the boxes to come."""
        with self._step:
            self.line.box_labels.extend(codes)

    def labels_left(self) -> int:
        """How many labels lie there."""
        return len(self.line.box_labels)

    def produced(self) -> dict[str, int]:
        """How much of each kind there was: state (where a machine tells it), good, reject, value, scan, judge.

        Of these, "untaken" lines found nobody at the other end, "unlinked" values were set while the link was cut.
        """
        return dict(self._produced)

    def counts(self) -> dict[str, tuple[int, int]]:
        """Good parts and rejects of each machine."""
        return {machine.plan.code: (machine.good, machine.reject) for machine in self.line.machines}

    @property
    def writes_seen(self) -> list[str]:
        """Every attempt to write to one of the machines."""
        found = [f"{key}: {write}" for key, server in self._servers.items() for write in server.writes_seen]
        if self._modbus is not None:
            found += [f"press-bus: {unit} {frame.hex()}" for unit, frame in self._modbus.writes_seen]
        return found

    # the line's own thread

    def _run(self) -> None:
        last_ms, last_ns = 0, 0
        try:
            while not self._stopping.wait(STEP_S):
                with self._step:
                    if not self._moving.is_set():
                        last_ns = 0
                        continue
                    now_ms, now_ns = self._clock.now_ms(), self._clock.mono_ns()
                    if last_ns and now_ns - last_ns <= STALL_NS and now_ms > last_ms:
                        self._advance((now_ms - last_ms) / 1000, now_ms)
                    last_ms, last_ns = now_ms, now_ns
        except Exception as error:
            logger.exception("the demo line has failed")
            self._failure = error

    def _advance(self, dt_s: float, now_ms: int) -> None:
        self.line.attended(not self._in_break(now_ms))
        for happening in self.line.step(dt_s, now_ms):
            self._drive(happening)
        self._elapsed_s += dt_s
        if self._elapsed_s >= self._drop_at_s:
            self._change_vision_link(now_ms)

    def _drive(self, happening: Happening) -> None:
        """Let the machine's face show what happened, and write it down."""
        show = self._show.get((happening.machine, happening.signal or happening.kind))
        if show is None:  # a machine that does not say this, such as the washing machine's state
            self._note(happening, {})
            return
        if happening.signal in ("spindle_temp", "coolant_temp", "conductivity"):
            now_ns = self._clock.mono_ns()
            key = (happening.machine, happening.signal)
            if now_ns - self._shown_ns.get(key, 0) < SLOW_VALUE_NS:
                return
            self._shown_ns[key] = now_ns
        self._note(happening, show(happening))

    def _note(self, happening: Happening, where: Mapping[str, Any]) -> None:
        if where or happening.kind != "state":
            self._produced[happening.kind] += 1
        if where.get("taken") is False:
            self._produced["untaken"] += 1
        if where.get("linked") is False:
            self._produced["unlinked"] += 1
        self._write(
            {
                "at_ms": happening.at_ms,
                "machine": happening.machine,
                "kind": happening.kind,
                **({"signal": happening.signal} if happening.signal else {}),
                "value": happening.value,
                **({} if happening.measure is None else {"measure": happening.measure}),
                **({"part": happening.part} if happening.part else {}),
                **where,
            }
        )

    def _write(self, record: Mapping[str, Any]) -> None:
        with self._log_lock:
            if self._log is not None:
                self._log.write(json.dumps(record, ensure_ascii=False) + "\n")

    def _label(self, job: bytes) -> None:
        """Write down that the printer took a job."""
        self._write({"at_ms": self._clock.now_ms(), "machine": "", "kind": "label", "value": len(job)})

    def _handed_out(self, happening: Happening) -> None:
        """Write down that a state or value was read for the first time: from now on the other end knows it.

        One that is set anew before anybody reads it is never seen on such a wire; a counter's next reading holds
        all that was made.
        """
        if happening.kind not in ("state", "value"):
            return
        value = PRESS_STATES[str(happening.value)] if happening.kind == "state" else happening.value
        self._write(
            {
                "at_ms": self._clock.now_ms(),
                "machine": happening.machine,
                "kind": "read",
                "signal": happening.signal or happening.kind,
                "value": value,
                "since_ms": happening.at_ms,
            }
        )

    def _raise_failure(self) -> None:
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure

    # faces: what each happening looks like on its wire

    def _faces(self) -> dict[tuple[str, str], Callable[[Happening], dict[str, Any]]]:
        press, wash = self._press, self._wash
        u16, f32, opc, push = self._in_word, self._in_float, self._in_variable, self._push
        return {
            ("PR-01", "state"): u16(press, 0, lambda h: PRESS_STATES[str(h.value)]),
            ("PR-01", "good"): u16(press, 1, lambda h: PRESS_GOOD + _whole(h)),
            ("PR-01", "reject"): u16(press, 2, lambda h: PRESS_REJECT + _whole(h)),
            ("PR-01", "force"): f32(press, 3),
            ("WS-01", "good"): u16(wash, 0, lambda h: WASH_TOTAL + _whole(h)),
            ("WS-01", "conductivity"): f32(wash, 1),
            ("MC-01", "state"): opc("cnc", "State", lambda h: CNC_STATES[str(h.value)]),
            ("MC-01", "good"): opc("cnc", "Good", lambda h: CNC_GOOD + _whole(h)),
            ("MC-01", "reject"): opc("cnc", "Reject", lambda h: CNC_REJECT + _whole(h)),
            ("MC-01", "cycle"): opc("cnc", "CycleTime"),
            ("MC-01", "spindle_temp"): opc("cnc", "SpindleTemp"),
            ("MC-01", "bore"): opc("cnc", "BoreDiameter"),
            ("MC-01", "part_id"): opc("cnc", "PartId"),
            ("WD-01", "state"): opc("weld", "State", lambda h: WELD_STATES[str(h.value)]),
            ("WD-01", "alarm"): opc("weld", "AlarmCode"),
            ("WD-01", "good"): opc("weld", "Good", lambda h: WELD_GOOD + _whole(h)),
            ("WD-01", "reject"): opc("weld", "Reject", lambda h: WELD_REJECT + _whole(h)),
            ("WD-01", "part_id"): opc("weld", "PartId"),
            ("WD-01", "current"): opc("weld", "Current"),
            ("WD-01", "coolant_temp"): opc("weld", "CoolantTemp"),
            ("VI-01", "part_id"): opc("vision", "PartId"),
            ("VI-01", "good"): opc("vision", "Good", lambda h: VISION_GOOD + _whole(h)),
            ("VI-01", "reject"): opc("vision", "Reject", lambda h: VISION_REJECT + _whole(h)),
            ("VI-01", "reject_code"): opc("vision", "RejectCode"),
            ("PR-01", "scanner-0"): push("scanner-0", lambda h: str(h.value)),
            ("WS-01", "scanner-3"): push("scanner-3", lambda h: str(h.value)),
            ("LT-01", "scanner-4"): push("scanner-4", lambda h: str(h.value)),
            ("AS-01", "scanner-1"): push("scanner-1", lambda h: str(h.value)),
            ("AS-01", "torque"): push("torque", self._torque_line),
            ("LT-01", "leak"): push("leak", self._leak_line),
            ("STOCK", "scanner-5"): push("scanner-5", lambda h: str(h.value)),
            ("SHIP", "scanner-6"): push("scanner-6", lambda h: str(h.value)),
            ("PK-01", "scanner-2"): push("scanner-2", lambda h: str(h.value)),
            ("PK-01", "weight"): push("scale", lambda h: f"ST,{h.value},{h.measure:+09.3f} kg"),
        }

    def _in_word(
        self, unit: Registers, address: int, word: Callable[[Happening], int]
    ) -> Callable[[Happening], dict[str, Any]]:
        def show(happening: Happening) -> dict[str, Any]:
            value = word(happening) % WORD
            unit.set_u16(address, value, happening)
            return {"bus": "press-bus", "register": address, "shown": value}

        return show

    def _in_float(self, unit: Registers, address: int) -> Callable[[Happening], dict[str, Any]]:
        def show(happening: Happening) -> dict[str, Any]:
            unit.set_f32(address, float(happening.value or 0.0), happening)
            return {"bus": "press-bus", "register": address}

        return show

    def _in_variable(
        self, bus: str, name: str, code: Callable[[Happening], Plain] | None = None
    ) -> Callable[[Happening], dict[str, Any]]:
        def show(happening: Happening) -> dict[str, Any]:
            value = code(happening) if code is not None else happening.value
            if value is None:
                raise ValueError(f"{bus} {name} without a value")
            server = self._servers[bus]
            back = bus == "vision" and self._clock.mono_ns() - self._restored_ns < BACK_NS
            away = server.is_cut or (back and not server.is_watched(name))
            server.set(name, value, happening.at_ms)
            return {"bus": bus, "node": name, "shown": value, **({"linked": False} if away else {})}

        return show

    def _push(self, bus: str, text: Callable[[Happening], str]) -> Callable[[Happening], dict[str, Any]]:
        def show(happening: Happening) -> dict[str, Any]:
            line = text(happening)
            return {"bus": bus, "line": line, "taken": self._lines[bus].send(line)}

        return show

    def _torque_line(self, happening: Happening) -> str:
        """TQ,0123,+12.34,Nm,OK: running number, torque, unit, judgement."""
        return f"TQ,{self._next('torque'):04d},{happening.measure:+06.2f},Nm,{happening.value}"

    def _leak_line(self, happening: Happening) -> str:
        """LT,0123,+0.042,mL/min,OK: running number, leak rate, unit, judgement (RE: tested once more)."""
        return f"LT,{self._next('leak'):04d},{happening.measure:+06.3f},mL/min,{happening.value}"

    def _next(self, bus: str) -> int:
        self._pushed[bus] = self._pushed[bus] % 9999 + 1
        return self._pushed[bus]

    # the vision system's link

    def _change_vision_link(self, now_ms: int) -> None:
        vision = self._servers["vision"]
        if vision.is_cut:
            self._drop_at_s = self._elapsed_s + self._rng.uniform(*DROP_EVERY_S)
            self._restore_vision(vision, now_ms)
        else:
            self._drop_at_s = self._elapsed_s + self._rng.uniform(*DROP_FOR_S)
            unsent_ms = vision.unacknowledged_ms()
            vision.cut()
            since_ms = now_ms + 1 if unsent_ms is None else unsent_ms
            cut = {"at_ms": now_ms, "machine": "VI-01", "kind": "link", "value": "cut", "bus": "vision"}
            self._write({**cut, "unsent_since_ms": since_ms})

    def _restore_vision(self, vision: OpcUaFace, now_ms: int) -> None:
        vision.restore()
        self._restored_ns = self._clock.mono_ns()
        self._write({"at_ms": now_ms, "machine": "VI-01", "kind": "link", "value": "restored", "bus": "vision"})

    def _in_break(self, now_ms: int) -> bool:
        local = datetime.fromtimestamp(now_ms / 1000, UTC) + timedelta(seconds=UTC_OFFSET_S)
        minute = local.strftime("%H:%M")
        return any(start <= minute < end for start, end in self._breaks)


def _whole(happening: Happening) -> int:
    if not isinstance(happening.value, int):
        raise TypeError(f"{happening} carries no count")
    return happening.value


def _variables() -> dict[str, dict[str, Plain]]:
    """The variables of the three OPC UA servers with their first values."""
    return {
        "cnc": {
            "State": CNC_STATES[IDLE],
            "Good": CNC_GOOD,
            "Reject": CNC_REJECT,
            "CycleTime": 0.0,
            "SpindleTemp": 24.0,
            "BoreDiameter": 0.0,
            "PartId": "",
        },
        "weld": {
            "State": WELD_STATES[IDLE],
            "AlarmCode": 0,
            "PartId": "",
            "Good": WELD_GOOD,
            "Reject": WELD_REJECT,
            "Current": 0.0,
            "CoolantTemp": 22.0,
        },
        "vision": {"Good": VISION_GOOD, "Reject": VISION_REJECT, "RejectCode": 0, "PartId": ""},
    }


def _breaks_of(configuration: Path) -> list[tuple[str, str]]:
    """The breaks of all shifts as (start, end), "HH:MM" of plant time; none of them spans midnight."""
    with configuration.open("rb") as file:
        shifts = tomllib.load(file)["shift"]
    return [(pause["start"], pause["end"]) for shift in shifts for pause in shift["breaks"]]
