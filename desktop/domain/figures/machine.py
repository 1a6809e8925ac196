"""One machine in a shift, with its signals and where its time went."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from desktop.domain.calendar import Shift
from desktop.domain.entries import Call
from desktop.domain.events import Role, State
from desktop.domain.explain import Balance, Derivation
from desktop.domain.figures.head import CollectorNow, DeviceNow, PlantHead
from desktop.domain.figures.line import MachineNow
from desktop.domain.figures.stops import StopRow
from desktop.domain.intervals import Interval
from desktop.domain.repairs import Repairs
from desktop.domain.spans import Span

if TYPE_CHECKING:
    pass


class SignalNow(Struct, frozen=True):
    """The last value of a signal. `value` None: none yet, or bad."""

    id: int
    key: str
    name: str
    role: Role
    unit: str
    value: float | None
    text: str | None
    quality: int
    at_ms: int | None
    limit_low: float | None
    limit_high: float | None


class Trend(Struct, frozen=True):
    """Values of one signal in a window as (at_ms, value); value None is a hole: do not join across it."""

    signal: SignalNow
    window: Span
    points: tuple[tuple[int, float | None], ...]


class LossStep(Struct, frozen=True):
    """One step of the loss waterfall in milliseconds: `kind` is busy, stop, unlabelled, setup, wait, no_order, up,
    speed, short_stop, rework, no_data, reject or productive; totals are busy, up and productive.

    `pieces` is the same in pieces that the ideal cycle would have made, None where no standard is known; `count` how
    many stops it was, None where it is no standstill or nobody asked.
    """

    kind: str
    length_ms: int
    total: bool
    pieces: float | None = None
    count: int | None = None


class MachineDay(Struct, frozen=True):
    """One machine in one shift, for its detail screen.

    `shift` is the one that runs, `looked_at` the one that is shown, None outside any. `accounts` say how the figures
    beside the KPIs came about: steps of the waterfall, pieces, target, hours, MTBF and MTTR.
    """

    head: PlantHead
    now_ms: int
    shift: Shift | None
    window: Span  # from shift start to now (or shift end)
    machine: MachineNow
    intervals: tuple[Interval, ...]
    stops: tuple[StopRow, ...]
    signals: tuple[SignalNow, ...]
    trends: tuple[Trend, ...]
    devices: tuple[DeviceNow, ...]
    collector: CollectorNow
    cycles: tuple[tuple[int, float], ...] = ()  # (at_ms, seconds per piece)
    ideal_cycle_ms: float | None = None
    waterfall: tuple[LossStep, ...] = ()
    derivations: tuple[Derivation, ...] = ()
    waits: tuple[WaitRow, ...] = ()  # its own, longest first
    looked_at: Shift | None = None
    shifts: tuple[Shift | None, Shift | None] = (None, None)  # the one before it and the one after it
    accounts: tuple[Derivation | Balance, ...] = ()
    charted: Span | None = None  # what the curves and the cycle times are shown for, None: the window
    oee_target: float | None = None  # that the plant has set
    stood_before: tuple[tuple[Span, str], ...] = ()  # of one that only counts: when one before it stood too, its code
    waiting: int | None = 0  # stops of the whole line that ask for a reason; None of a shift that is over
    repairs: Repairs = Repairs()
    calls: tuple[Call, ...] = ()  # for help at it, that are not over


class WaitRow(Struct, frozen=True):
    """Waiting of one machine charged to its cause. `cause` "": no other machine stood, one was only slower."""

    waiting: str  # codes
    cause: str
    state: State  # STARVED or BLOCKED
    length_ms: int
