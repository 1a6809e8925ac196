"""A shift as its report tells it, with what was handed over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from msgspec import Struct

from desktop.domain.calendar import Shift
from desktop.domain.daily_rows import CheckRow, CrewReport
from desktop.domain.explain import Derivation
from desktop.domain.figures.head import PlantHead
from desktop.domain.figures.line import HourRow
from desktop.domain.figures.machine import LossStep, WaitRow
from desktop.domain.figures.stops import ParetoRow, StopRow
from desktop.domain.figures.work import ChangeoverRow, OrderNow, ScrapRow
from desktop.domain.intervals import Interval
from desktop.domain.iso22400 import IsoKpis
from desktop.domain.kpi import Kpis
from desktop.domain.repairs import Repairs
from desktop.domain.spans import Span

if TYPE_CHECKING:
    pass


class Reliability(Struct, frozen=True):
    """How long a machine works between failures and how long it takes to restore it. Milliseconds.

    `mtbf_ms` and `mttr_ms` None: there was no failure; then `operating_ms` says for how long there was none.
    """

    failures: int
    operating_ms: int
    restoring_ms: int
    mtbf_ms: float | None
    mttr_ms: float | None


class MachineRow(Struct, frozen=True):
    """A machine's line in the report's scoreboard, with its timeline."""

    id: int
    code: str
    name: str
    is_constraint: bool
    target: int | None
    good: int | None  # None: nothing was observed
    reject: int | None
    kpis: Kpis
    intervals: tuple[Interval, ...]
    by_count: bool
    derivations: tuple[Derivation, ...] = ()  # how each of its figures came about
    iso: IsoKpis | None = None
    late_kpis: Kpis | None = None  # with what was approved only afterwards as planned; None where nothing was
    big_losses: tuple[tuple[str, float], ...] = ()  # milliseconds by node of the loss tree in use
    reliability: Reliability | None = None
    week_before_oee: float | None = None  # of the same shift seven days before, as it is kept
    comparable: bool = True  # its pieces can be held against the target: no hour is unknown
    plan: int | None = None  # due by the plan with which the shift began; None where nothing was planned
    repairs: Repairs = Repairs()
    by_hand: int = 0  # so many of its pieces no counter saw: a person keyed them in


class MeasuredRow(Struct, frozen=True):
    """What was measured of the pieces of a shift, one property. `outside`: how many values broke a limit, None where
    it has none. `cpk` None: too few values, no limits or no spread.
    """

    machine_code: str
    machine_name: str
    name: str
    unit: str
    values: int
    outside: int | None
    low: float
    mean: float
    high: float
    limit_low: float | None
    limit_high: float | None
    cpk: float | None


class RawEvents(Struct, frozen=True):
    """The journal of a window in order of arrival: how many events it holds, and the first of them, read as one goes.

    `rows` holds `shown` of `count`.
    """

    count: int
    shown: int
    rows: Iterator[RawEvent]


class RawEvent(Struct, frozen=True):
    """One row of the journal as it is stored, with names in place of ids."""

    id: int
    at_ms: int
    kind: str
    machine: str  # codes, keys; "" where it is about none
    device: str
    signal: str
    word: str
    detail: str
    pieces: int | None
    reading: int | None
    flag: str


class LinkGap(Struct, frozen=True):
    """A time in which a device did not answer. `end_ms` None: it still does not."""

    device: str
    fault_kind: str
    start_ms: int
    end_ms: int | None


class TraceCount(Struct, frozen=True):
    """Identification in one shift: scans by class, units touched, doubles flagged."""

    scans: int
    units: int
    lots: int
    boxes: int
    doubles: int
    unreadable: int
    first_unit: str
    last_unit: str


class Remark(Struct, frozen=True):
    """A note, a safety entry or a 4M change: `kind` says which, "" for a note. `machine` is a name, "" the line."""

    entry: int
    kind: str
    text: str
    machine: str
    who: str
    at_ms: int


class OpenItem(Struct, frozen=True):
    """What is left open, since when, and who is to do it until when."""

    entry: int
    text: str
    machine: str
    owner: str
    due_ms: int | None
    since_ms: int
    who: str


class Signature(Struct, frozen=True):
    """Who signed as outgoing, incoming or approver, and when."""

    role: str
    who: str
    at_ms: int


class Handover(Struct, frozen=True):
    """What one shift tells the next. `safety` empty: nobody has said anything of it; one of kind none: nothing
    happened."""

    notes: tuple[Remark, ...] = ()
    open: tuple[OpenItem, ...] = ()  # the one that is due first comes first
    safety: tuple[Remark, ...] = ()
    four_m: tuple[Remark, ...] = ()
    signed: tuple[Signature, ...] = ()
    closed_at_ms: int | None = None


class HourSaid(Struct, frozen=True):
    """An hour that somebody confirmed, and why it missed its target, "" where nothing was to be said."""

    start_ms: int
    end_ms: int
    reason: str
    who: str


class ShiftReport(Struct, frozen=True):
    """One shift, ready to be written in any format. `provisional` until somebody closed it; `revision` 1 is the first
    edition, and each that says something else after that is one more."""

    head: PlantHead
    shift: Shift
    window: Span  # shift start to its end, or to now while it runs
    made_at_ms: int
    provisional: bool
    revision: int
    number: str  # report number: line, date and shift
    line: Kpis | None
    good: int | None
    target: int | None
    machines: tuple[MachineRow, ...]
    constraint: int | None
    hours: tuple[HourRow, ...]
    stops: tuple[StopRow, ...]  # of all machines, short stops left out
    short_stops: int
    pareto: tuple[ParetoRow, ...]
    waterfall: tuple[LossStep, ...]  # of the constraint station
    trace: TraceCount
    gaps: tuple[LinkGap, ...]
    corrections: int
    rules: str
    chain: str  # the journal's last hash in the window, as eight hex digits a group
    business_on: date
    waits: tuple[WaitRow, ...] = ()  # of all machines that tell why they wait, longest first
    wip_change: int | None = None  # pieces more between the constraint and the exit at the end than at the beginning
    flags: tuple[tuple[str, str], ...] = ()  # (flag, whom it is about) beside those of the machines' figures
    measured: tuple[MeasuredRow, ...] = ()
    oee_target: float | None = None  # that the plant has set
    comparable: bool = True  # `good` can be held against the target: no hour is unknown
    orders: tuple[OrderNow, ...] = ()
    changeovers: tuple[ChangeoverRow, ...] = ()
    scrap: tuple[ScrapRow, ...] = ()
    late_plan: bool = False  # the plan of the shift came after it had begun
    handover: Handover = Handover()
    plan: int | None = None  # due by the plan with which the shift began; None where nothing was planned
    crew: CrewReport = CrewReport()
    checks: tuple[CheckRow, ...] = ()
    hours_said: tuple[HourSaid, ...] = ()
