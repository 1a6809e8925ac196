"""A small part line of eight machines, as pure arithmetic: no wire, no clock, no thread.

    PR-01 > MC-01 > WD-01 > WS-01 > AS-01 > LT-01 > VI-01 > PK-01      (> = a buffer of a few parts)
    press   CNC     weld    wash    assembly leak   vision  packing

Every machine runs, has short stops and breakdowns, is set up, waits for its neighbours (starved,
blocked) and makes a little scrap. The line is driven by the moments at which something happens, not
by the step: `step(0.1)` ten times and `step(1.0)` once give the same happenings at the same times.
All randomness comes from one seed, a stream of its own for each machine.
"""

from __future__ import annotations

import heapq
import math
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from random import Random
from typing import ClassVar, NamedTuple

from msgspec import Struct

RUN = "run"
STOP = "stop"
FAULT = "fault"
SETUP = "setup"
STARVED = "starved"
BLOCKED = "blocked"
IDLE = "idle"
STATES = (RUN, STOP, FAULT, SETUP, STARVED, BLOCKED, IDLE)

GOOD = "good"
REJECT = "reject"
RETEST = "retest"

UNITS_PER_BOX = 12


class Happening(NamedTuple):
    """What one machine did at one moment (`at_ms`, UTC milliseconds of plant time).

    kind     signal      value                       measure
    state    ""          one of STATES               None
    good     ""          good parts so far           None       one more good part
    reject   ""          rejects so far              None       one more reject
    value    its name    number or text              None       a value that the machine shows
    scan     scanner     the code that was read      None
    judge    its name    OK, RE, NG, LO or HI        the measured value

    `part` is the serial of the part in question, "" before it carries one.
    """

    at_ms: int
    machine: str
    kind: str
    signal: str = ""
    value: int | float | str | None = None
    measure: float | None = None
    part: str = ""


class MachinePlan(Struct, frozen=True):
    """How one machine behaves. Times in seconds; "between" counts the machine's own running time only."""

    code: str
    ideal_cycle_s: float
    scrap_ratio: float
    between_stops_s: float
    between_faults_s: float
    between_setups_s: float = math.inf
    buffer_after: int = 10
    stop_s: tuple[float, float] = (20.0, 90.0)
    fault_s: tuple[float, float] = (480.0, 1500.0)
    setup_s: tuple[float, float] = (300.0, 540.0)
    slowness: float = 0.03


class Part(Struct):
    """One piece on its way; `serial` is empty until the press marks it, `tests` counts its leak tests.

    `leaky`: its seal is of a bad lot. `mended`: it was sent back to assembly for another one.
    """

    number: int
    serial: str = ""
    tests: int = 0
    leaky: bool = False
    mended: bool = False


class Story(Struct, frozen=True):
    """What happens beside the line, so that there is something to trace: the seals of the `bad_lot`-th lot leak
    (0: of none), and the first unit that fails for it comes back to assembly after `mend_s` seconds. A box is put into
    stock `stock_s` seconds after it was filled (inf: none is), and every other one is shipped `ship_s` after that. The
    leak tester fails its check when the line has moved for `gauge_s` and is right again after `adjust_s`, which people
    say and no machine does."""

    bad_lot: int = 3
    mend_s: float = 240.0
    stock_s: float = 40.0
    ship_s: float = 300.0
    gauge_s: float = 1500.0
    adjust_s: float = 300.0


class SimMachine:
    """One machine: its plan, its state, its counters and the part it works on.

    The line moves it; a subclass says what the machine shows during a cycle (`marks`, `at_mark`) and
    how the part comes out (`judge`).
    """

    #: shares of the cycle (0 to 1, rising) at which `at_mark` is called
    marks: ClassVar[tuple[float, ...]] = ()

    def __init__(self, plan: MachinePlan, line: SimLine, rng: Random) -> None:
        self.plan = plan
        self.line = line
        self.rng = rng
        self.state = IDLE
        self.good = 0
        self.reject = 0
        self.part: Part | None = None
        self.finished = False  # the part is good but cannot leave: the buffer behind is full
        self.run_ms = 0
        self.going_since_ms = 0
        self.cycle_ms = 0
        self.segments: list[int] = []  # what is left of the cycle, from mark to mark, last first
        self.stop_at_run_ms = self._after(plan.between_stops_s)
        self.fault_at_run_ms = self._after(plan.between_faults_s)
        self.setup_at_run_ms = math.inf
        if plan.between_setups_s < math.inf:
            self.setup_at_run_ms = plan.between_setups_s * 1000 * rng.uniform(0.3, 1.0)

    def emit(
        self, kind: str, value: int | float | str | None, *, signal: str = "", measure: float | None = None
    ) -> None:
        serial = self.part.serial if self.part else ""
        self.line.emit(Happening(self.line.at_ms, self.plan.code, kind, signal, value, measure, serial))

    def show(self, signal: str, value: int | float | str) -> None:
        """Show one value on the machine's own controller."""
        self.emit("value", value, signal=signal)

    def enter(self, state: str) -> None:
        """Change the state; the same state again is no event."""
        if state != self.state:
            self.state = state
            self.emit("state", state)

    def load(self, part: Part) -> None:
        """Take the part and lay out its cycle."""
        self.part = part
        factor = max(0.995, self.rng.gauss(1.0 + self.plan.slowness, 0.012))
        self.cycle_ms = round(self.plan.ideal_cycle_s * 1000 * factor)
        edges = [0, *(round(self.cycle_ms * share) for share in self.marks), self.cycle_ms]
        self.segments = [after - before for before, after in pairwise(edges)][::-1]

    def next_trip(self) -> float:
        """Running milliseconds until the machine stops by itself."""
        return min(self.stop_at_run_ms, self.fault_at_run_ms) - self.run_ms

    def trip(self) -> int:
        """Stop in the middle of the cycle. Returns how long it lasts, in ms."""
        if self.fault_at_run_ms <= self.stop_at_run_ms:
            self.fault_at_run_ms = self._after(self.plan.between_faults_s)
            word, span = FAULT, self.plan.fault_s
        else:
            self.stop_at_run_ms = self._after(self.plan.between_stops_s)
            word, span = STOP, self.plan.stop_s
        self.tripped(word)
        self.enter(word)
        return round(self.rng.uniform(*span) * 1000)

    def begin_setup(self) -> int:
        """Set the machine up. Returns how long it takes, in ms."""
        self.setup_at_run_ms = self.run_ms + self.plan.between_setups_s * 1000
        self.enter(SETUP)
        return round(self.rng.uniform(*self.plan.setup_s) * 1000)

    def count(self, verdict: str) -> None:
        if verdict == GOOD:
            self.good += 1
            self.emit(GOOD, self.good)
        else:
            self.reject += 1
            self.emit(REJECT, self.reject)

    # what a kind of machine adds

    def at_mark(self, index: int, part: Part) -> None:
        """Show what the machine shows at `marks[index]`."""

    def judge(self, part: Part) -> str:
        """End the cycle: show its results and return GOOD, REJECT or RETEST."""
        return REJECT if self.rng.random() < self.plan.scrap_ratio else GOOD

    def tripped(self, word: str) -> None:
        """The machine stops by itself (`word` STOP or FAULT), just before the state changes."""

    def restarted(self) -> None:
        """It goes on, just before the state changes."""

    def sample(self, seconds: float) -> None:
        """Show the slow values; called every `sample_s` seconds of plant time."""

    def _after(self, mean_s: float) -> float:
        return self.run_ms + max(1.0, self.rng.expovariate(1.0) * mean_s * 1000)

    def _measured(self, reject: bool, centre: float, sigma: float, low: float, high: float, digits: int) -> float:
        """A measured value that agrees with its verdict: outside low..high for a reject, inside otherwise."""
        if reject:
            beyond = abs(self.rng.gauss(0.0, 1.5 * sigma)) + 10.0**-digits
            return round(high + beyond if self.rng.random() < 0.5 else low - beyond, digits)
        return round(min(high, max(low, self.rng.gauss(centre, sigma))), digits)


class Press(SimMachine):
    """PR-01: marks the serial on the part, which a scanner reads with the lot of the blanks when that changes; shows
    the press force (kN) of every stroke."""

    marks = (0.03, 0.06)
    LOW, HIGH = 190.0, 220.0

    def __init__(self, plan: MachinePlan, line: SimLine, rng: Random) -> None:
        super().__init__(plan, line, rng)
        self.lot_number, self.lot_left = 1100, 0

    def at_mark(self, index: int, part: Part) -> None:
        if index == 1:
            part.serial = self.line.next_serial()
            self.emit("scan", part.serial, signal="scanner-0")
            return
        if self.lot_left == 0:
            self.lot_number, self.lot_left = self.lot_number + 1, 75
            code = f"AL26-{self.lot_number}"
            self.line.emit(Happening(self.line.at_ms, self.plan.code, "scan", "scanner-0", code))
        self.lot_left -= 1

    def judge(self, part: Part) -> str:
        verdict = super().judge(part)
        self.show("force", self._measured(verdict == REJECT, 205.0, 2.4, self.LOW, self.HIGH, 1))
        return verdict


class Cnc(SimMachine):
    """MC-01: reads the serial of the part, gauges the bore (mm), then counts. The spindle warms up and drifts."""

    marks = (0.92, 0.96)
    LOW, HIGH = 24.985, 25.015

    def __init__(self, plan: MachinePlan, line: SimLine, rng: Random) -> None:
        super().__init__(plan, line, rng)
        self.spindle_c = 24.0
        self.wear_mm = 0.0
        self.rejecting = False

    def begin_setup(self) -> int:
        self.wear_mm = 0.0  # a new tool
        return super().begin_setup()

    def at_mark(self, index: int, part: Part) -> None:
        if index == 0:
            self.show("part_id", part.serial)
            return
        self.rejecting = self.rng.random() < self.plan.scrap_ratio
        self.wear_mm += 0.00001
        centre = 25.0 - self.wear_mm + 0.00004 * (self.spindle_c - 60.0)
        self.show("bore", self._measured(self.rejecting, centre, 0.0032, self.LOW, self.HIGH, 4))

    def judge(self, part: Part) -> str:
        self.show("cycle", round(self.cycle_ms / 1000, 2))
        return REJECT if self.rejecting else GOOD

    def sample(self, seconds: float) -> None:
        hours = self.line.elapsed_ms / 3_600_000
        target = 62.0 + 0.03 * hours if self.state == RUN else 31.0
        self.spindle_c += (target - self.spindle_c) * (1 - math.exp(-seconds / 900.0))
        self.show("spindle_temp", round(self.spindle_c + self.rng.gauss(0, 0.15), 2))


class Weld(SimMachine):
    """WD-01, the line's constraint: current (kA) of every weld, alarm code, coolant temperature."""

    marks = (0.10,)
    ALARMS: ClassVar[dict[str, tuple[int, ...]]] = {STOP: (101, 102, 117), FAULT: (204, 231, 250)}

    def __init__(self, plan: MachinePlan, line: SimLine, rng: Random) -> None:
        super().__init__(plan, line, rng)
        self.coolant_c = 22.0

    def at_mark(self, index: int, part: Part) -> None:
        self.show("part_id", part.serial)

    def judge(self, part: Part) -> str:
        verdict = super().judge(part)
        self.show("current", self._measured(verdict == REJECT, 9.80, 0.11, 9.30, 10.30, 3))
        return verdict

    def tripped(self, word: str) -> None:
        self.show("alarm", self.rng.choice(self.ALARMS[word]))

    def restarted(self) -> None:
        self.show("alarm", 0)

    def sample(self, seconds: float) -> None:
        day_swing = 1.5 * math.sin(self.line.elapsed_ms / 86_400_000 * 2 * math.pi)
        target = 27.5 + day_swing if self.state == RUN else 22.0
        self.coolant_c += (target - self.coolant_c) * (1 - math.exp(-seconds / 600.0))
        self.show("coolant_temp", round(self.coolant_c + self.rng.gauss(0, 0.1), 2))


class Wash(SimMachine):
    """WS-01: one counter and the conductivity of the bath (uS/cm), which climbs until the bath is changed; the unit
    is scanned as it goes in."""

    marks = (0.10,)

    def __init__(self, plan: MachinePlan, line: SimLine, rng: Random) -> None:
        super().__init__(plan, line, rng)
        self.bath_us_cm = 180.0

    def begin_setup(self) -> int:
        self.bath_us_cm = 180.0
        return super().begin_setup()

    def at_mark(self, index: int, part: Part) -> None:
        self.emit("scan", part.serial, signal="scanner-3")

    def judge(self, part: Part) -> str:
        self.bath_us_cm += 0.12
        return super().judge(part)

    def sample(self, seconds: float) -> None:
        self.show("conductivity", round(self.bath_us_cm + self.rng.gauss(0, 1.2), 1))


class Assembly(SimMachine):
    """AS-01: the unit is scanned, screwed and judged by the torque tool; lots are scanned when they change."""

    marks = (0.3, 0.4, 0.5)
    LOW, HIGH = 11.5, 13.5
    LOTS = ("OR5521", "CV110")

    def __init__(self, plan: MachinePlan, line: SimLine, rng: Random) -> None:
        super().__init__(plan, line, rng)
        self.lot_numbers = [rng.randrange(1000, 5000) for _ in self.LOTS]
        self.lot_left = [0 for _ in self.LOTS]
        self.seals = 0  # lots of seals that were put in

    def at_mark(self, index: int, part: Part) -> None:
        if index == 2:
            self.emit("scan", part.serial, signal="scanner-1")
            part.leaky = self.seals == self.line.story.bad_lot and not part.mended
        elif self.lot_left[index] == 0:
            self.lot_left[index] = self.rng.randint(36, 44)
            self.lot_numbers[index] += 1
            self.seals += index == 0
            code = f"{self.LOTS[index]}-{self.lot_numbers[index]:04d}"
            self.line.emit(Happening(self.line.at_ms, self.plan.code, "scan", "scanner-1", code))

    def judge(self, part: Part) -> str:
        self.lot_left = [left - 1 for left in self.lot_left]
        verdict = super().judge(part)
        torque = self._measured(verdict == REJECT, 12.5, 0.22, self.LOW, self.HIGH, 2)
        self.emit("judge", "OK" if verdict == GOOD else "NG", signal="torque", measure=torque)
        return verdict


class LeakTest(SimMachine):
    """LT-01: leak rate (mL/min). A first NG is tested once more (RE); a second one is final (NG)."""

    marks = (0.5,)
    LIMIT = 0.100
    SECOND_NG_RATIO = 0.35
    LEAKY_RATIO = 0.6

    def at_mark(self, index: int, part: Part) -> None:
        self.emit("scan", part.serial, signal="scanner-4")

    def judge(self, part: Part) -> str:
        part.tests += 1
        first_ng = self.plan.scrap_ratio / self.SECOND_NG_RATIO
        ratio = self.LEAKY_RATIO if part.leaky else first_ng if part.tests == 1 else self.SECOND_NG_RATIO
        failed = self.rng.random() < ratio
        if failed:
            leak = self.LIMIT + 0.001 + self.rng.expovariate(1 / 0.06)
        else:
            leak = min(self.LIMIT, max(0.001, self.rng.gauss(0.042, 0.012)))
        word = "OK" if not failed else "RE" if part.tests == 1 else "NG"
        self.emit("judge", word, signal="leak", measure=round(min(leak, 9.999), 3))
        if word == "NG" and part.leaky:
            self.line.send_back(part)
        return {"OK": GOOD, "RE": RETEST, "NG": REJECT}[word]


class Vision(SimMachine):
    """VI-01: reads the serial, counts and, for a reject, tells the code of what the camera saw (1 scratch, 2 burr,
    3 missing, 4 stain)."""

    marks = (0.10,)

    def at_mark(self, index: int, part: Part) -> None:
        self.show("part_id", part.serial)

    def judge(self, part: Part) -> str:
        verdict = super().judge(part)
        if verdict == REJECT:
            self.show("reject_code", self.rng.choices((1, 2, 3, 4), (5, 3, 1, 2))[0])
        return verdict


class Packing(SimMachine):
    """PK-01: the unit is scanned, then weighed (kg); after twelve good units their box is scanned."""

    marks = (0.30,)
    LOW, HIGH = 1.210, 1.250
    BOX_SCAN_MS = 2500

    def __init__(self, plan: MachinePlan, line: SimLine, rng: Random) -> None:
        super().__init__(plan, line, rng)
        self.in_box = 0

    def at_mark(self, index: int, part: Part) -> None:
        self.emit("scan", part.serial, signal="scanner-2")

    def judge(self, part: Part) -> str:
        verdict = super().judge(part)
        weight = self._measured(verdict == REJECT, 1.230, 0.004, self.LOW, self.HIGH, 3)
        word = "OK" if verdict == GOOD else "LO" if weight < self.LOW else "HI"
        self.emit("judge", word, signal="weight", measure=weight)
        if verdict == GOOD:
            self.in_box += 1
            if self.in_box == UNITS_PER_BOX:
                self.in_box = 0
                self.line.later(self.BOX_SCAN_MS, self.scan_box)
        return verdict

    def scan_box(self) -> None:
        box = self.line.next_box()
        self.line.emit(Happening(self.line.at_ms, self.plan.code, "scan", "scanner-2", box))
        self.line.put_away(box)


#: the demo line: kind of machine and plan, in the order of the flow
PLANS: tuple[tuple[type[SimMachine], MachinePlan], ...] = (
    (Press, MachinePlan("PR-01", 26.0, 0.008, 900, 70_000, 32_000, buffer_after=10)),
    (Cnc, MachinePlan("MC-01", 28.0, 0.012, 1100, 70_000, 20_000, buffer_after=12)),
    (Weld, MachinePlan("WD-01", 30.0, 0.010, 600, 50_000, 20_000, buffer_after=12, slowness=0.05)),
    (Wash, MachinePlan("WS-01", 26.0, 0.000, 1400, 110_000, 60_000, buffer_after=8)),
    (Assembly, MachinePlan("AS-01", 28.0, 0.006, 900, 110_000, buffer_after=8)),
    (LeakTest, MachinePlan("LT-01", 27.0, 0.009, 1200, 90_000, buffer_after=8)),
    (Vision, MachinePlan("VI-01", 27.0, 0.013, 1300, 90_000, buffer_after=12)),
    (Packing, MachinePlan("PK-01", 27.0, 0.005, 900, 110_000)),
)

_MARK, _TRIP, _RESTART, _SETUP_END = range(4)
#: a machine that waits goes on when so many parts lie ready, or so many places are free: not for every single part
_GO_ON_AFTER = 2


class SimLine:
    """The eight machines and the buffers between them.

    `step` moves the line; between steps its figures may be read. `attended(False)` lets every machine
    finish its part and stand (a break), `attended(True)` starts them again; both act from the end of the
    last step on. `sample_s` is the period of the slow values (0: none, for long simulations).
    """

    def __init__(
        self,
        seed: int,
        *,
        plans: Sequence[tuple[type[SimMachine], MachinePlan]] = PLANS,
        product: str = "VH204",
        utc_offset_s: int = 9 * 3600,
        sample_s: float = 5.0,
        story: Story | None = None,
    ) -> None:
        self.product = product
        self.story = Story(bad_lot=0, stock_s=math.inf) if story is None else story
        self.sent_back: Part | None = None
        self.box_labels: deque[str] = deque()  # printed ahead for the boxes to come; without any the line numbers them
        self.boxes = 0  # that were put away
        self.zone = timezone(timedelta(seconds=utc_offset_s))
        self.sample_ms = round(sample_s * 1000)
        self.at_ms = 0  # plant time of the happening that is being worked out
        self.elapsed_ms = 0  # the same since the first step
        self.started = 0  # parts that entered the line
        self.machines = [kind(plan, self, Random(f"{seed}:{plan.code}")) for kind, plan in plans]
        self.by_code = {machine.plan.code: machine for machine in self.machines}
        self.buffers: list[deque[Part]] = [deque() for _ in self.machines[1:]]
        self._events: list[tuple[int, int, int | Callable[[], None], int]] = []  # when, order, machine or call, what
        self._order = 0
        self._horizon_us = 0
        self._offset_ms = 0
        self._attended = False  # nobody is there before the first step
        self._attended_wanted = True
        self._out: list[Happening] = []
        self._numbers: dict[str, tuple[str, int]] = {}

    def step(self, dt_s: float, now_ms: int) -> list[Happening]:
        """Move on by `dt_s` seconds of plant time, ending at `now_ms` (UTC ms). Returns what happened, in order."""
        first = self._order == 0
        before_ms = self._horizon_us // 1000
        self._horizon_us += round(dt_s * 1_000_000)
        horizon_ms = self._horizon_us // 1000
        self._offset_ms = now_ms - horizon_ms
        if self._attended != self._attended_wanted:
            self._set_time(before_ms)
            self._change_attendance()
        if first and self.sample_ms:
            self.later(self.sample_ms, self._sample)
        events = self._events
        while events and events[0][0] <= horizon_ms:
            at_ms, _, target, what = heapq.heappop(events)
            self._set_time(at_ms)
            if isinstance(target, int):
                self._happen(target, what)
            else:
                target()
        out, self._out = self._out, []
        return out

    def attended(self, present: bool) -> None:
        """Say whether people are at the machines."""
        self._attended_wanted = present

    def in_process(self) -> int:
        """Parts in buffers and on machines."""
        return sum(len(buffer) for buffer in self.buffers) + sum(m.part is not None for m in self.machines)

    # for the machines

    def emit(self, happening: Happening) -> None:
        self._out.append(happening)

    def later(self, delay_ms: int, call: Callable[[], None]) -> None:
        """Call `call` after `delay_ms` of plant time."""
        self._order += 1
        heapq.heappush(self._events, (self.elapsed_ms + delay_ms, self._order, call, 0))

    def send_back(self, part: Part) -> None:
        """Let the first unit that fails for its seal come to assembly again."""
        if self.sent_back is None and "AS-01" in self.by_code:
            self.sent_back = part
            self.later(round(self.story.mend_s * 1000), self._mend)

    def _mend(self) -> None:
        part, index = self.sent_back, self.machines.index(self.by_code["AS-01"])
        assert part is not None
        part.mended, part.leaky, part.tests = True, False, 0
        self.buffers[index - 1].appendleft(part)

    def next_serial(self) -> str:
        """The next direct part mark, e.g. VH204-251123-0001; the running number starts anew every day."""
        day, number = self._next_number("serial")
        return f"{self.product}-{day}-{number:04d}"

    def next_box(self) -> str:
        """The label that lies on top, else the number behind the last one."""
        if self.box_labels:
            code = self.box_labels.popleft()
            _box, day, number = code.split("-")
            self._numbers["box"] = (day, int(number))
            return code
        day, n = self._next_number("box")
        return f"BOX-{day}-{n:03d}"

    def put_away(self, box: str) -> None:
        """A full box goes into stock, and every other one to the customer; people scan it there."""
        if self.story.stock_s == math.inf:
            return
        self.boxes += 1
        stock_ms = round(self.story.stock_s * 1000)
        self.later(stock_ms, lambda: self.emit(Happening(self.at_ms, "STOCK", "scan", "scanner-5", box)))
        if self.boxes % 2:
            ship_ms = stock_ms + round(self.story.ship_s * 1000)
            self.later(ship_ms, lambda: self.emit(Happening(self.at_ms, "SHIP", "scan", "scanner-6", box)))

    # how it moves

    def _next_number(self, name: str) -> tuple[str, int]:
        day = datetime.fromtimestamp(self.at_ms / 1000, self.zone).strftime("%y%m%d")
        last_day, last = self._numbers.get(name, ("", 0))
        number = last + 1 if day == last_day else 1
        self._numbers[name] = (day, number)
        return day, number

    def _set_time(self, elapsed_ms: int) -> None:
        self.elapsed_ms = elapsed_ms
        self.at_ms = elapsed_ms + self._offset_ms

    def _schedule(self, index: int, delay_ms: float, what: int) -> None:
        self._order += 1
        heapq.heappush(self._events, (self.elapsed_ms + round(delay_ms), self._order, index, what))

    def _happen(self, index: int, what: int) -> None:
        machine = self.machines[index]
        if what == _MARK:
            self._account(machine)
            machine.segments.pop()
            if machine.segments:
                assert machine.part is not None
                machine.at_mark(len(machine.marks) - len(machine.segments), machine.part)
                self._go(index)
            else:
                self._finish(index)
        elif what == _TRIP:
            self._account(machine)
            self._schedule(index, machine.trip(), _RESTART)
        elif what == _RESTART:
            machine.restarted()
            machine.enter(RUN)
            self._go(index)
        else:
            self._next(index)

    def _account(self, machine: SimMachine) -> None:
        """Book the running time since the machine last went on."""
        ran_ms = self.elapsed_ms - machine.going_since_ms
        machine.run_ms += ran_ms
        machine.segments[-1] -= ran_ms

    def _go(self, index: int) -> None:
        """Work on until the next mark, or until the machine stops by itself."""
        machine = self.machines[index]
        machine.going_since_ms = self.elapsed_ms
        left_ms, trip_ms = machine.segments[-1], max(0, math.ceil(machine.next_trip()))
        if trip_ms < left_ms:
            self._schedule(index, trip_ms, _TRIP)
        else:
            self._schedule(index, left_ms, _MARK)

    def _finish(self, index: int) -> None:
        machine = self.machines[index]
        assert machine.part is not None
        verdict = machine.judge(machine.part)
        if verdict == RETEST:
            machine.load(machine.part)
            self._go(index)
            return
        machine.count(verdict)
        if verdict == GOOD:
            self._release(index)
        else:
            machine.part = None
            self._next(index)

    def _release(self, index: int) -> None:
        """Pass the good part on, or hold it while the buffer is full."""
        machine = self.machines[index]
        assert machine.part is not None
        last = index == len(self.buffers)
        if not last and len(self.buffers[index]) >= machine.plan.buffer_after:
            machine.finished = True
            machine.enter(BLOCKED if self._attended else IDLE)
            return
        part, machine.part, machine.finished = machine.part, None, False
        if not last:
            self.buffers[index].append(part)
            if self.machines[index + 1].state == STARVED and len(self.buffers[index]) >= _GO_ON_AFTER:
                self._next(index + 1)
        self._next(index)

    def _next(self, index: int) -> None:
        """The machine is empty: set up, take the next part, or wait."""
        machine = self.machines[index]
        if not self._attended:
            machine.enter(IDLE)
        elif machine.run_ms >= machine.setup_at_run_ms:
            self._schedule(index, machine.begin_setup(), _SETUP_END)
        elif index > 0 and not self.buffers[index - 1]:
            machine.enter(STARVED)
        else:
            machine.load(self._take(index))
            machine.enter(RUN)
            self._go(index)
            if index > 0 and self.machines[index - 1].state == BLOCKED:
                before = self.machines[index - 1]
                if before.plan.buffer_after - len(self.buffers[index - 1]) >= _GO_ON_AFTER:
                    self._release(index - 1)

    def _take(self, index: int) -> Part:
        if index > 0:
            return self.buffers[index - 1].popleft()
        self.started += 1
        return Part(self.started)

    def _change_attendance(self) -> None:
        self._attended = self._attended_wanted
        for index in reversed(range(len(self.machines))):
            machine = self.machines[index]
            if not self._attended:
                if machine.state in (STARVED, BLOCKED):
                    machine.enter(IDLE)
            elif machine.state == IDLE:
                if machine.finished:
                    self._release(index)
                else:
                    self._next(index)

    def _sample(self) -> None:
        for machine in self.machines:
            machine.sample(self.sample_ms / 1000)
        self.later(self.sample_ms, self._sample)
