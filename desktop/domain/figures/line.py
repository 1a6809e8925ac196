"""The line at this moment, with its machines and hours, as the Overview shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from desktop.domain.calendar import Shift
from desktop.domain.entries import Call
from desktop.domain.events import State
from desktop.domain.explain import Derivation
from desktop.domain.figures.head import AlarmNow, CollectorNow, DeviceNow, PlantHead, SeenAlarm
from desktop.domain.figures.stops import ParetoRow, StopRow
from desktop.domain.intervals import Category
from desktop.domain.kpi import Kpis
from desktop.domain.spans import Span

if TYPE_CHECKING:
    from desktop.domain.scheduling import OvertimeOffer


class HourRow(Struct, frozen=True):
    """One hour of a shift. `target` follows the standard cycle of what was made in it, net of breaks and planned
    stops; of what is to come the plan. None without a standard.

    `good` None: the hour lies in the future, or too little of it is known. `sure`: enough of it is known to hold its
    pieces against the target. `target_now` is the part of the target due by now.
    `loss_...`: what took most of the hour, all standstills of one kind together, short stops among them: its category,
    state, reason or device word, and length.
    """

    span: Span
    target: int | None
    target_now: int | None
    good: int | None
    reject: int | None
    paused: bool  # the whole hour is planned standstill
    loss_category: Category | None = None
    loss_state: State | None = None
    loss_word: str = ""
    loss_ms: int = 0
    sure: bool = True
    by_hand: int = 0  # so many of its pieces no counter saw: a person keyed them in


class MachineNow(Struct, frozen=True):
    """One tile. `state` UNKNOWN with `last_value_at_ms` says since when its device is silent.

    `rank` 1, 2, 3 ...: the order in which machines need somebody; None where nobody is needed.
    `asks_reason`: it stands in a stop long enough to ask and nobody has said why.
    `by_count`: its state is derived from its counts. `target` is what should be good by now.
    """

    id: int
    code: str
    name: str
    state: State
    category: Category
    since_ms: int
    reason: str
    alarm: str
    asks_reason: bool
    rank: int | None
    by_count: bool
    good: int | None
    reject: int | None
    target: int | None
    kpis: Kpis | None
    oee_known_from_ms: int | None  # when a live OEE will be shown, None if it is shown
    last_value_at_ms: int | None
    hours: tuple[HourRow, ...] = ()
    waits_for: str = ""  # code of the machine that makes it wait, "" where it does not wait or nobody stands
    comparable: bool = True  # its pieces can be held against the target: no hour till now is unknown
    unknown_code: str = ""  # what it says of its state where the register knows no such code
    said_by: str = ""  # who gave the reason for which it stands, "" for nobody or nobody known
    said_at_ms: int | None = None  # when somebody gave it
    call: Call | None = None  # help that was called for and is not done, the oldest
    plan: int | None = None  # due by now by the plan with which the shift began; None where nothing was planned
    checks: int = 0  # so many checks wait there


class HoldsBrief(Struct, frozen=True):
    """How many holds wait for somebody's word, since when the oldest does, and how many units they hold."""

    count: int
    since_ms: int
    units: int


class LineNow(Struct, frozen=True):
    """Everything the Overview shows at one moment."""

    head: PlantHead
    now_ms: int
    shift: Shift | None
    collector: CollectorNow
    machines: tuple[MachineNow, ...]
    constraint: int | None  # machine id
    line: Kpis | None  # of the constraint station, in pieces of the line's exit
    good: int | None  # of the line, at its exit
    target: int | None
    hours: tuple[HourRow, ...]
    open_stops: tuple[StopRow, ...]  # without a reason, longest first
    devices: tuple[DeviceNow, ...]
    forecast: int | None  # good pieces at shift end at the present pace
    shift_target: int | None
    rules: str
    alarms: tuple[AlarmNow, ...] = ()
    seen: tuple[SeenAlarm, ...] = ()  # acknowledged in this shift, the latest first
    downtime: tuple[ParetoRow, ...] = ()  # of all machines in this shift by cause; without waits, unlabelled last
    oee_target: float | None = None  # that the plant has set
    derivations: tuple[Derivation, ...] = ()  # how the line's figures came about, where that was asked for
    comparable: bool = True  # `good` can be held against the target: no hour till now is unknown
    plan: int | None = None  # due by now by the plan with which the shift began; None where nothing was planned
    shift_plan: int | None = None  # the same of the whole shift
    overtime: OvertimeOffer | None = None  # a shift that may go on, where something is left to be made
    checks: int = 0  # so many checks wait, with hours that missed their target and nobody has explained
    holds: HoldsBrief | None = None  # what is held and waits for somebody's word

    @property
    def waiting(self) -> int:
        """How many stops ask for a reason."""
        return sum(stop.asks for stop in self.open_stops)
