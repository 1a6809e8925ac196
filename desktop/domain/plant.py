"""What there is: the line, its machines, their devices, signals, products and standards."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct, field

from desktop.domain.events import Counter, Role
from desktop.domain.quality import StationKind, WhenWrong

Plain = bool | int | float | str | None

ASK_AFTER_MS = 300_000  # so long a stop lasts before anybody is asked why, where the plant says nothing else


class Machine(Struct, frozen=True):
    """Makes parts. `threshold_ms`: a standstill of at least this is a stop, below it a short stop. One that works
    `unattended` has no breaks.
    """

    id: int
    code: str
    name: str
    place: int  # order along the line, from 0
    threshold_ms: int = 120_000
    unattended: bool = False


class Signal(Struct, frozen=True):
    """A named value of a device and what it means for a machine.

    `pieces_per_step`: pieces for one step of a counter. `modulus`: a counter that wraps, None for one that
    never does. `codes`: the device's words -> State, good/reject/retest, or code of a product. `classes`: unit, lot,
    box or pallet -> pattern (a group in it names the kind of lot). `per_piece`: each value belongs to the piece now
    at the machine.

    `counter`: how it counts. `inverted`: a contact that is closed while nothing is. A state may come from a number
    instead of codes: run above `run_above`, stopped below `stop_below`, between the two it stays. A new state holds
    once it has lasted `settle_ms`. `texts`: alarm code -> text, `reasons`: alarm code -> code of the reason for which
    the machine then stands. `station`: code of the station at which a scanner without a machine reads. `separator`:
    what a scanner sends for the group separator of GS1 labels, where it is none of `gs1.SUBSTITUTES`.
    """

    id: int
    device: int
    key: str
    name: str
    machine: int | None
    role: Role
    unit: str = ""
    factor: float = 1.0
    offset: float = 0.0
    dead_band: float = 0.0
    modulus: int | None = None
    pieces_per_step: int = 1
    limit_low: float | None = None
    limit_high: float | None = None
    per_piece: bool = False
    codes: Mapping[str, str] = field(default_factory=dict)
    classes: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Plain] = field(default_factory=dict)
    counter: Counter = Counter.CUMULATIVE
    inverted: bool = False
    run_above: float | None = None
    stop_below: float | None = None
    settle_ms: int = 0
    texts: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    station: str = ""
    separator: str = ""


class Device(Struct, frozen=True):
    """Has a plug. Several devices may share one bus (one port, one driver object)."""

    id: int
    bus: int
    key: str
    name: str
    settings: Mapping[str, Plain] = field(default_factory=dict)


class Bus(Struct, frozen=True):
    """One port or endpoint and the driver that speaks on it."""

    id: int
    key: str
    port: str
    driver: str
    settings: Mapping[str, Plain] = field(default_factory=dict)


class Product(Struct, frozen=True):
    """What is made: item number (품번) and name (품명). `unit_pattern`: how its plain serials look (a regular
    expression of all of a serial, with ^ and $ or without), `gtin`: its number in GS1 codes, 14 digits; "" where
    nobody said."""

    id: int
    code: str
    name: str
    unit_pattern: str = ""
    gtin: str = ""


class Standard(Struct, frozen=True):
    """Cycle times of one product on one machine, in milliseconds per piece, valid from a moment on.

    `ideal_cycle_ms` (이론 C/T) is for OEE, `standard_cycle_ms` (표준 C/T) for targets and man-hours. One stroke of the
    tool is designed to make `cavities` pieces of it, and in a family tool `family_cavities` pieces of other products.
    """

    product: int
    machine: int
    ideal_cycle_ms: float
    standard_cycle_ms: float
    valid_from_ms: int = 0
    cavities: int = 1
    family_cavities: int = 0

    @property
    def stroke_ms(self) -> float:
        """Ideal time of one stroke (shot): what a standstill is measured by."""
        return self.ideal_cycle_ms * (self.cavities + self.family_cavities)


class Reason(Struct, frozen=True):
    """Why a machine stood still. `kind`: unplanned, planned or external; `failure` counts for MTBF.

    `loss` is the node of the loss tree that its time belongs to ("" by its kind), see `desktop.domain.losses`.
    For people who look for it: `group` and, below that, `subgroup` ("": none), the key of an `icon`, and its `place`
    among the buttons.
    """

    id: int
    code: str
    name: str
    kind: str
    failure: bool
    loss: str = ""
    group: str = ""
    subgroup: str = ""
    icon: str = ""
    place: int = 0


class ScrapReason(Struct, frozen=True):
    """What is wrong with a piece that is no good (불량 유형)."""

    id: int
    code: str
    name: str
    group: str = ""
    icon: str = ""
    place: int = 0


#: kinds of checks: right or wrong, a value with limits, and pieces that are looked at; how often the first two come
CHECK_KINDS = ("ok", "value", "first", "middle", "last")
CHECK_EVERY = ("shift", "day", "week")


class CheckItem(Struct, frozen=True):
    """Something that is to be checked. `machine` None: at every one; `product` None: whatever is made.

    `kind`: right or wrong (ok), a `value` with limits in a unit, or a piece. `every` shift, day or week counts for the
    first two; of a piece in the middle every `hours` one, 0: one in the middle of the shift.
    """

    id: int
    code: str
    name: str
    machine: int | None = None
    product: int | None = None
    kind: str = "ok"
    every: str = "shift"
    low: float | None = None
    high: float | None = None
    unit: str = ""
    hours: float = 0.0
    place: int = 0

    def judges(self, value: float) -> bool:
        """Whether a value is right: between the limits, which are allowed themselves."""
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


class Station(Struct, frozen=True):
    """A step of the work (공정) at a machine (None: by hand, at none); `place`: its order along the line, from 0.
    `when_wrong`: what becomes of a unit or part that must not be there."""

    id: int
    code: str
    name: str
    machine: int | None = None
    place: int = 0
    kind: StationKind = StationKind.MAKE
    when_wrong: WhenWrong = WhenWrong.FLAG


class Step(Struct, frozen=True):
    """A product passes a station; `place`: its order on the product's route, from 0. `since_ms`: since when it does, 0:
    since ever."""

    product: int
    place: int
    station: int
    since_ms: int = 0


class Plant(Struct, frozen=True):
    """Everything the register knows of one line, as one value."""

    name: str
    line: str
    timezone: str
    constraint: int | None  # machine id of the line's constraint station
    machines: tuple[Machine, ...] = ()
    buses: tuple[Bus, ...] = ()
    devices: tuple[Device, ...] = ()
    signals: tuple[Signal, ...] = ()
    products: tuple[Product, ...] = ()
    standards: tuple[Standard, ...] = ()
    reasons: tuple[Reason, ...] = ()
    scrap_reasons: tuple[ScrapReason, ...] = ()
    checks: tuple[CheckItem, ...] = ()
    stations: tuple[Station, ...] = ()
    steps: tuple[Step, ...] = ()  # of the products' routes, by product and place

    def route(self, product: int, passed: Mapping[int, int] | None = None) -> tuple[int, ...]:
        """The stations that a product passes, in that order; empty where nobody said. `passed`: when a unit first came
        to which stations: one that was put on the route when it had passed a later one already is none of its own."""
        steps, seen = [step for step in self.steps if step.product == product], passed or {}
        return tuple(
            step.station
            for place, step in enumerate(steps)
            if step.station in seen
            or all(seen.get(later.station, step.since_ms) >= step.since_ms for later in steps[place + 1 :])
        )

    def product_of_serial(self, code: str) -> int | None:
        """The product whose plain serials look like this one; None where none or several do."""
        found = self.products_of_serial(code)
        return found[0] if len(found) == 1 else None

    def products_of_serial(self, code: str) -> tuple[int, ...]:
        """Each product whose plain serials look like this one. All of the code must: a longer one is another code."""
        return tuple(p.id for p in self.products if p.unit_pattern and re.fullmatch(p.unit_pattern, code))

    def readers(self, kind: str) -> set[int]:
        """The machines at which things are told apart that are a unit, lot, box or pallet."""
        return {
            signal.machine
            for signal in self.signals
            if signal.machine is not None and (kind in signal.classes or (kind == "unit" and signal.role is Role.PART))
        }

    def machine(self, machine_id: int) -> Machine:
        """The machine of that id. Raises KeyError."""
        for machine in self.machines:
            if machine.id == machine_id:
                return machine
        raise KeyError(machine_id)

    def signals_of(self, machine_id: int) -> tuple[Signal, ...]:
        """The signals bound to a machine, in register order."""
        return tuple(signal for signal in self.signals if signal.machine == machine_id)

    def has_state_signal(self, machine_id: int) -> bool:
        """Whether a device tells this machine's state; otherwise it is derived from its counts."""
        return any(signal.role is Role.STATE for signal in self.signals_of(machine_id))

    def product_signals(self, machine_id: int) -> tuple[Signal, ...]:
        """The signals that tell what a machine makes: its own, else those of the whole line (bound to no machine)."""
        told = [signal for signal in self.signals if signal.role is Role.PRODUCT]
        own = tuple(signal for signal in told if signal.machine == machine_id)
        return own or tuple(signal for signal in told if signal.machine is None)

    def standard(self, machine_id: int, product_id: int | None, at_ms: int) -> Standard | None:
        """The cycle times of a product in force on a machine, or None: another product's cycle is never borrowed."""
        found = [
            s
            for s in self.standards
            if s.machine == machine_id and s.product == product_id and s.valid_from_ms <= at_ms
        ]
        return max(found, key=lambda s: s.valid_from_ms, default=None)

    def only_product(self, machine_id: int, at_ms: int) -> int | None:
        """The one product that has a standard on a machine at a moment; None where there is none or several."""
        found = {s.product for s in self.standards if s.machine == machine_id and s.valid_from_ms <= at_ms}
        return found.pop() if len(found) == 1 else None
