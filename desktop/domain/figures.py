"""The answers that screens, reports and the command line show: plain frozen values, made by `desktop.summaries`.

Times are UTC milliseconds, ratios 0 to 1 or None (not known). Names and codes are the shop's own words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING

from msgspec import Struct

from desktop.domain.calendar import Shift
from desktop.domain.daily_rows import CheckRow, CrewReport
from desktop.domain.entries import Call, Labelled, Said
from desktop.domain.events import Role, State
from desktop.domain.explain import Balance, Derivation
from desktop.domain.intervals import SELF_EXPLAINED, Category, Interval
from desktop.domain.iso22400 import IsoKpis
from desktop.domain.kpi import Kpis
from desktop.domain.plant import ASK_AFTER_MS, ScrapReason
from desktop.domain.repairs import Repairs
from desktop.domain.spans import Span

if TYPE_CHECKING:
    from desktop.domain.scheduling import OvertimeOffer


class PlantHead(Struct, frozen=True):
    """What stands at the top of every screen and page."""

    plant: str
    line: str
    timezone: str
    demo: bool
    speed: float
    product: str = ""  # what the line makes now, "" where nothing is known
    has_shifts: bool = True  # without any shift set up all time counts
    has_people: bool = False  # somebody is set up, so that a person may say who is at the screen


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


class StopRow(Struct, frozen=True):
    """One standstill. `end_ms` None: it goes on. `reason` "": no person has said why. `who` said it, "" where that is
    not known."""

    id: int
    machine: int
    machine_code: str
    machine_name: str
    start_ms: int
    end_ms: int | None
    length_ms: int
    category: Category
    state: State
    reason: str
    word: str  # the alarm that stood, "" without one
    who: str = ""
    behind: str = ""  # name of the machine before it that stood for at least half of it: it waited, as it seems
    brief: bool = False  # shorter than what the shop asks about: whoever wants to may say why

    @property
    def unlabelled(self) -> bool:
        """A stop of which neither a person nor the machine itself has said why."""
        return self.category is Category.STOP and not self.reason and self.state not in SELF_EXPLAINED

    @property
    def silent(self) -> bool:
        """No stop but a time of which nothing is known: a person who was there may say that it stood, by hand."""
        return self.category is Category.NO_DATA

    @property
    def asks(self) -> bool:
        """One for which somebody is to think of a reason: long enough, and none that only waited, as it seems."""
        return self.unlabelled and not self.behind and not self.brief


def by_need(stops: Iterable[StopRow]) -> tuple[StopRow, ...]:
    """Those without a reason: the ones that ask first, the longest first."""
    return tuple(sorted((s for s in stops if s.unlabelled), key=lambda stop: (not stop.asks, -stop.length_ms)))


class ReasonNow(Struct, frozen=True):
    """A reason that can be given. `uses`: how often it was at the stop's machine in the last weeks; `after_alarm`: how
    often after the alarm that stands with the stop, of `alarms` such stops in all."""

    id: int
    code: str
    name: str
    kind: str
    uses: int = 0
    after_alarm: int = 0
    alarms: int = 0
    failure: bool = False
    place: int = 0  # in the shop's own order
    icon: str = ""


class LabelRow(Struct, frozen=True):
    """A reason that somebody gave: `entry` takes it back, `said` is what was said. `end_ms` None: the stop goes on."""

    entry: int
    said: Labelled
    category: Category
    state: State
    machine_code: str
    machine_name: str
    reason: str
    kind: str
    start_ms: int
    end_ms: int | None
    length_ms: int
    who: str
    said_at_ms: int
    note: str = ""


class StopsNow(Struct, frozen=True):
    """The stops of a shift that wait for a reason, longest first, and those that have one, newest first.

    `chosen`: the stop that is looked at, with its `machine`'s intervals and the moments of its pieces around it; None
    where there is none. `splits` are the moments at which stops of its machine were split, with the entries that say
    so. `reasons` are all that can be given, those most likely for it first. `seen` is the newest entry: what is entered
    later meanwhile is told.
    """

    head: PlantHead
    now_ms: int
    shift: Shift | None
    collector: CollectorNow
    open: tuple[StopRow, ...]
    said: tuple[LabelRow, ...]
    reasons: tuple[ReasonNow, ...]
    seen: int
    chosen: StopRow | None = None
    around: Span | None = None
    intervals: tuple[Interval, ...] = ()
    pieces: tuple[int, ...] = ()
    splits: tuple[tuple[int, int], ...] = ()  # (moment, entry)
    calls: tuple[Call, ...] = ()  # of all machines, what is not done
    names: dict[int, str] = {}  # of all machines, by their ids
    looked_at: Shift | None = None  # the shift whose stops they are
    shifts: tuple[Shift | None, Shift | None] = (None, None)  # the one before it and the one after it
    closed: bool = False  # it was closed: what is said of it now needs a why
    ask_after_ms: int = ASK_AFTER_MS  # from this length on a stop asks
    asking: tuple[tuple[int, int], ...] = ()  # (such a length, how many of `open` would ask with it)

    @property
    def waiting(self) -> int | None:
        """How many stops of the shift that runs ask for a reason; None where an earlier one is looked at."""
        return sum(stop.asks for stop in self.open) if self.looked_at == self.shift else None


class OrderNow(Struct, frozen=True):
    """An order as far as it is. `quantity` None: nobody said how many. `code` "": only a product was named.

    `made` counts good pieces of first passes, accepted ones of set-ups and good ones of rework; `in_shift` those of the
    shift. `planned`: what the plan wanted when the shift began, None where the order was not in it. `status`: running
    (on the machine that is asked for), open, done or cancelled. `finish_ms`: when it will be done, `by_standard`: by
    the standard cycle, for want of an hour's pace.
    """

    code: str
    product: int
    product_code: str
    product_name: str
    lot: str
    kind: str
    quantity: int | None
    machine_name: str  # "" for one of the whole line
    due_ms: int | None
    made: int
    in_shift: int
    remaining: int | None
    over: int
    finish_ms: int | None
    late_ms: int | None
    status: str
    started_ms: int | None = None
    planned: int | None = None
    by_standard: bool = False


class ChangeoverRow(Struct, frozen=True):
    """A changeover. `end_ms` None: it goes on; names are "" where nobody said which product it was."""

    machine: int
    machine_code: str
    machine_name: str
    start_ms: int
    end_ms: int | None
    length_ms: int
    from_name: str
    to_name: str
    first_good_ms: int | None
    refused: int
    entry: int


class FromToRow(Struct, frozen=True):
    """How long it took to change from one product to another."""

    from_name: str
    to_name: str
    count: int
    median_ms: int
    best_ms: int


class ScrapRow(Struct, frozen=True):
    """Pieces that people corrected: rejects by reason (`kind` reject), or pieces that were none (empty_stroke,
    master_piece). `reason` "": nobody said one."""

    kind: str
    reason: str
    pieces: int


class WorkMachine(Struct, frozen=True):
    """A machine in the list of the Work screen: what it does and for which order."""

    id: int
    code: str
    name: str
    state: State
    category: Category
    since_ms: int
    order: str
    product_name: str
    made: int
    quantity: int | None
    asks_reason: bool = False


class EnteredRow(Struct, frozen=True):
    """Something that was said at a machine and can be taken back. `product` is a code, `reason` a name or a note."""

    entry: int
    said: Said
    at_ms: int
    who: str
    reason: str = ""
    product: str = ""


class WorkNow(Struct, frozen=True):
    """Everything the Work screen shows of a machine at one moment; `machine` None: there is none.

    `products`: what else it may make, id and name. `counts_rejects`: it counts its rejects itself. `hours`: those of
    the shift that have begun, latest first. `before`: the shift before, to which late rejects may belong.
    """

    head: PlantHead
    now_ms: int
    shift: Shift | None
    collector: CollectorNow
    machines: tuple[WorkMachine, ...]
    machine: int | None = None
    orders: tuple[OrderNow, ...] = ()
    setup: ChangeoverRow | None = None
    products: tuple[tuple[int, str, str], ...] = ()
    scrap_reasons: tuple[ScrapReason, ...] = ()
    counts_rejects: bool = False
    hours: tuple[Span, ...] = ()
    before: Shift | None = None
    entered: tuple[EnteredRow, ...] = ()
    changeovers: tuple[ChangeoverRow, ...] = ()
    matrix: tuple[FromToRow, ...] = ()
    good: int | None = None
    reject: int | None = None
    late_plan: bool = False
    makings: tuple[tuple[Span, int | None], ...] = ()  # what was made when, from the shift before on
    in_rework: int = 0  # pieces that were sent to rework and did not come out of it yet

    def product_at(self, at_ms: int) -> int | None:
        """What was made at a moment; None where that is not known."""
        return next((product for span, product in self.makings if span.holds(at_ms)), None)

    @property
    def running(self) -> OrderNow | None:
        """The order that the machine works on."""
        return next((order for order in self.orders if order.status == "running"), None)


class DeviceNow(Struct, frozen=True):
    """Health of one device. `status`: opening, online, offline or misconfigured.

    `fault_kind` and `fault_detail` make the sentence (`desktop.text` has the words for every kind). Ever counted:
    `frames` that arrived, reconnects, answers that were damaged, missing or refusals, frames that were lost.
    """

    id: int
    key: str
    name: str
    driver: str
    port: str
    status: str
    since_ms: int
    fault_kind: str
    fault_detail: dict[str, object]
    last_value_at_ms: int | None
    machines: tuple[str, ...]  # codes
    frames: int
    reconnects: int
    damaged: int = 0
    missing: int = 0
    refused: int = 0
    lost: int = 0


class Listened(Struct, frozen=True):
    """What listening for a baud rate has come to. `status`: "working" (at `baud`, the `place`-th of `count` rates),
    "fits" (`baud`, `frame` and a line that was heard), "using" (that is being set), "nothing" (no rate fits;
    `heard_bytes` came) or "cancelled"."""

    status: str
    baud: int = 0
    place: int = 0
    count: int = 0
    heard_bytes: int = 0
    frame: str = ""
    sample: str = ""


class CollectorNow(Struct, frozen=True):
    """Whether somebody collects. `silent_ms` real milliseconds since its last heartbeat, None: never beat."""

    running: bool
    silent_ms: int | None
    version: str
    note: str  # "" or what it says of itself: disk_full, locked ...
    backlog: int  # values that wait to be stored
    lost: int  # values that could not be kept since it started
    held: bool = False  # a collector lives though no heartbeat is stored: it starts, or the database refuses


class AlarmNow(Struct, frozen=True):
    """Something that somebody should know of. `kind`: stop, hour, device, collector or report; `subject` is the code of
    a machine, the key of a device or a shift ("2026-11-19/Day"), `name` what people call it, `detail` the sentence that
    says why a report was not made.

    `level` rises as it gets worse; `quiet`: somebody acknowledged it as bad as it is. `hour` and `missing` pieces are
    those of a missed hour.
    """

    kind: str
    subject: str
    name: str
    since_ms: int
    level: int
    quiet: bool = False
    hour: Span | None = None
    missing: int = 0
    detail: str = ""


class SeenAlarm(Struct, frozen=True):
    """An alarm that somebody acknowledged at `at_ms`. `id` takes it back; `subject` and `name` are those of the alarm,
    "" for what has none; `hour` is that of a missed hour, where it is known.
    """

    id: int
    kind: str
    subject: str
    name: str
    at_ms: int
    hour: Span | None = None


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

    @property
    def waiting(self) -> int:
        """How many stops ask for a reason."""
        return sum(stop.asks for stop in self.open_stops)


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


class ParetoRow(Struct, frozen=True):
    """Standstill by reason. `word` is a reason's name or, where nobody said one, "" with its category."""

    word: str
    category: Category
    state: State
    labelled: bool
    length_ms: int
    count: int


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


class TrendShift(Struct, frozen=True):
    """One machine in one of many shifts."""

    shift: Shift
    kpis: Kpis


class ShiftFigures(Struct, frozen=True):
    """The line, or one machine, in one of many shifts. `kpis`, `good` and `target` None: the shift is not added up
    yet, or there is no constraint, exit or standard to tell them by. Of one that still runs (not `over`) they are those
    of its part till now, where that was asked for.
    """

    shift: Shift
    over: bool
    kpis: Kpis | None
    good: int | None
    target: int | None
    rules: str
    plan: int | None = None  # due by the plan with which the shift began; None where nothing was planned


class LossFilter(Struct, frozen=True):
    """What is asked of many shifts. `machine` None: the line. `shift_name` "": all shifts.

    `period`: so many days up to now, or one shift: "current", "last", or its date and name, "2026-11-19/Day".
    """

    machine: int | None = None
    period: str = "30"
    shift_name: str = ""


class WeekHour(Struct, frozen=True):
    """One hour of the week in plant time: scheduled time without breaks, what of it nobody observed, downtime.

    Milliseconds; of a line those of all its machines.
    """

    busy_ms: int = 0
    no_data_ms: int = 0
    lost_ms: int = 0

    @property
    def lost_ratio(self) -> float | None:
        """Which part of the observed scheduled time was lost, 0 to 1; None where none was observed."""
        observed_ms = self.busy_ms - self.no_data_ms
        return self.lost_ms / observed_ms if observed_ms > 0 else None

    def __add__(self, other: WeekHour) -> WeekHour:
        return WeekHour(self.busy_ms + other.busy_ms, self.no_data_ms + other.no_data_ms, self.lost_ms + other.lost_ms)


class LossPeriod(Struct, frozen=True):
    """Where the time of many shifts went, from what is kept of each, and of the one that runs till now.

    `whole`: the sums of all shifts that are known, None where none is; of a line those of its constraint.
    `begun`: how many shifts of any name there are in the period, `shift_names` their names. `losses`: the steps that
    cost time, as in the waterfall.
    `reasons`: standstill by reason, of a line that of all its machines; what nobody explained is last. `no_data_ms` is
    what of the same time nobody observed. `hours`: the week from Monday 00:00 on, 168 of them.
    `cycle_ms`: by which time becomes pieces, None without a standard. `judges`: names of the machines that the line was
    judged at, its constraints; () where one machine is asked for.
    """

    head: PlantHead
    now_ms: int
    shift: Shift | None
    collector: CollectorNow
    asked: LossFilter
    machines: tuple[tuple[int, str, str], ...]  # id, name, code
    shift_names: tuple[str, ...]
    shifts: tuple[ShiftFigures, ...]  # earliest first
    known: int  # how many of them are kept or derived
    begun: int
    whole: Kpis | None
    losses: tuple[LossStep, ...]
    reasons: tuple[ParetoRow, ...]
    no_data_ms: int
    hours: tuple[WeekHour, ...]
    cycle_ms: float | None = None
    judges: tuple[str, ...] = ()


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


class WaitRow(Struct, frozen=True):
    """Waiting of one machine charged to its cause. `cause` "": no other machine stood, one was only slower."""

    waiting: str  # codes
    cause: str
    state: State  # STARVED or BLOCKED
    length_ms: int


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


class TraceStep(Struct, frozen=True):
    """A unit at a machine: when, with which result, what was measured and what was consumed there."""

    machine_code: str
    machine_name: str
    at_ms: int
    result: str
    values: tuple[tuple[str, float | None, str, str], ...]  # (name, value, unit, judgement)


class TraceLink(Struct, frozen=True):
    """One edge of the family tree as seen from the asked code."""

    kind: str  # consumed, packed
    code: str
    what: str  # unit, lot, box
    machine_code: str
    at_ms: int
    depth: int  # 1 direct


class TraceResult(Struct, frozen=True):
    """Everything known of one code. `made_of`: towards its parts; `went_into`: towards the customer."""

    code: str
    what: str
    first_at_ms: int
    steps: tuple[TraceStep, ...]
    made_of: tuple[TraceLink, ...]
    went_into: tuple[TraceLink, ...]
    scans: int
    timezone: str = "UTC"
