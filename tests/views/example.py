"""An invented moment of an invented line: 14:32 of a day shift, one machine red, one silent, one in set-up.

Every figure here is made up; the window must show it as it is. `quiet` is a good moment, `early` the first
minutes of a shift, `empty` a line of which nothing is known.
"""

from __future__ import annotations

import json
import math
from datetime import date, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from desktop.configuration.sheets.desk import Shown
from desktop.configuration.sheets.kinds import KINDS
from desktop.configuration.tables import INT, NUMBER
from desktop.domain import scheduling
from desktop.domain.adjust import BookingKind
from desktop.domain.calendar import (
    Break,
    Calendar,
    DayException,
    Kind,
    Pause,
    PlannedStop,
    Shift,
    ShiftPattern,
)
from desktop.domain.entries import OPEN_MS, Booked, Call, Changed, FirstPiece, Labelled, Ordered, OrderEnded, Said
from desktop.domain.events import Role, State
from desktop.domain.figures import trace as looked_up
from desktop.domain.figures.head import CollectorNow, DeviceNow, PlantHead, SeenAlarm
from desktop.domain.figures.line import HourRow, LineNow, MachineNow
from desktop.domain.figures.losses import LossFilter, LossPeriod, ShiftFigures, WeekHour
from desktop.domain.figures.machine import LossStep, MachineDay, SignalNow, Trend, WaitRow
from desktop.domain.figures.report import ShiftReport
from desktop.domain.figures.stops import LabelRow, ParetoRow, ReasonNow, StopRow, StopsNow
from desktop.domain.figures.work import ChangeoverRow, EnteredRow, FromToRow, OrderNow, PastShift, WorkMachine, WorkNow
from desktop.domain.handing import Handing
from desktop.domain.intervals import Category, Interval
from desktop.domain.kpi import Kpis, Output, Sums, Times
from desktop.domain.people import PeopleView, Person, PersonNow, PersonRole
from desktop.domain.plant import Machine, Plant, Reason, ScrapReason
from desktop.domain.quality import Limits
from desktop.domain.spans import Span
from desktop.domain.trail import COMMAND_LINE, Asked, Chain, Change, Cursor
from desktop.domain.week import CalendarWeek, WeekDay, WeekShift
from desktop.summaries.trail import Names, TrailPage
from desktop.views.master import MasterNow
from desktop.views.report_desk import ReportView
from desktop.views.trace import TraceNow
from desktop.views.trail import TrailNow
from tests.reports import example as printed

MINUTE = 60_000
HOUR = 60 * MINUTE
START = 1_795_042_800_000  # 2026-11-19 08:00 in Seoul
NOW = START + 6 * HOUR + 32 * MINUTE + 8_000


def at(hour: int, minute: int = 0, second: int = 0) -> int:
    """A moment of the day in Seoul."""
    return START + (hour - 8) * HOUR + minute * MINUTE + second * 1000


SHIFT = Shift(
    "주간",
    date(2026, 11, 19),
    Span(START, START + 12 * HOUR),
    (
        Pause("휴식", Span(at(10), at(10, 10))),
        Pause("식사", Span(at(12), at(13))),
        Pause("휴식", Span(at(15), at(15, 10))),
        Pause("식사", Span(at(17, 30), at(18))),
    ),
    "A조",
)
HEAD = PlantHead("성진정밀", "A라인", "Asia/Seoul", demo=False, speed=1.0, product="밸브 하우징 VH-204")
COLLECTOR = CollectorNow(True, 1_000, "0.1.0", "", 0, 0)

_TARGETS = (96, 96, 80, 96, 0, 96, 96, 80, 96, 48, 96, 96)
_GOOD = (88, 97, 82, 66, 0, 108, 47)
_LOSSES: dict[int, tuple[Category, State, str, int]] = {
    0: (Category.STOP, State.STOP, "초품 확인", 9),
    1: (Category.STOP, State.STOP, "공구교환", 7),
    3: (Category.STOP, State.FAULT, "고장", 20),
    6: (Category.STOP, State.STOP, "", 6),
}


def hours(offset: int = 0) -> tuple[HourRow, ...]:
    """The hourly rows of a station that makes `offset` pieces more than the constraint in its first hour."""
    rows = []
    for index, target in enumerate(_TARGETS):
        good = _GOOD[index] if index < len(_GOOD) else None
        if index == 0 and good is not None:
            good += offset
        category, state, word, minutes = _LOSSES.get(index, (None, None, "", 0))
        span = Span(START + index * HOUR, START + (index + 1) * HOUR)
        due = 51 if index == 6 else target if good is not None else 0
        rejects = None if good is None else index % 3
        rows.append(HourRow(span, target, due, good, rejects, index == 4, category, state, word, minutes * MINUTE))
    return tuple(rows)


def kpis(oee: float | None = 0.757, coverage: float = 0.998) -> Kpis:
    """The figures of a station so far."""
    return Kpis(
        window=Span(START, NOW),
        sums=Sums(
            Times(
                run_ms=268_920 * 60,
                short_stop_ms=11_600 * 60,
                stop_ms=30_000 * 60,
                setup_ms=6_600 * 60,
                wait_ms=5_000 * 60,
                planned_ms=70_000 * 60,
                no_data_ms=0 if coverage == 1 else 650 * 60,
            ),
            (Output(1, 30_000.0, 488, 13),),
        ),
        ideal_ms=501 * 30_000.0,
        ideal_good_ms=488 * 30_000.0,
        coverage=coverage,
        availability=0.871,
        availability_low=0.869,
        availability_high=0.873,
        performance=0.893,
        quality=0.974,
        oee=oee,
        capacity_utilisation=0.639,
    )


def machine(
    number: int,
    code: str,
    name: str,
    good: int,
    oee: float | None,
    *,
    state: State = State.RUN,
    category: Category = Category.RUN,
    minutes: int = 52,
    **changes: object,
) -> MachineNow:
    """One machine of the line."""
    made = MachineNow(
        number, code, name, state, category, NOW - minutes * MINUTE - 8_000, "", "", False, None, False,
        good, 3, 515, kpis(oee), None, NOW - 1_000, hours(good - 488),
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


MACHINES = (
    machine(1, "PR-01", "프레스", 538, 0.779, state=State.SETUP, category=Category.SETUP, minutes=11,
            reason="금형교체", rank=3),
    machine(2, "MC-01", "CNC 가공", 512, 0.768),
    machine(3, "WD-01", "용접", 488, 0.757, state=State.STOP, category=Category.STOP, minutes=6,
            asks_reason=True, rank=1, alarm="와이어 송급 이상 (E-217)"),
    machine(4, "WS-01", "세척", 487, 0.731, minutes=8, by_count=True),
    machine(5, "AS-01", "조립", 481, 0.747, state=State.STARVED, category=Category.WAIT, minutes=3, rank=4),
    machine(6, "LT-01", "기밀시험", 478, 0.717, minutes=63),
    machine(7, "VI-01", "비전검사", 474, 0.711, state=State.UNKNOWN, category=Category.NO_DATA, minutes=4,
            rank=2, last_value_at_ms=at(14, 28)),
    machine(8, "PK-01", "포장", 470, 0.705, minutes=21),
)  # fmt: skip

STOPS = (
    StopRow(11, 6, "LT-01", "기밀시험", at(13, 21), at(13, 29), 8 * MINUTE, Category.STOP, State.STOP, "", ""),
    StopRow(12, 3, "WD-01", "용접", at(14, 26), None, 6 * MINUTE, Category.STOP, State.STOP, "", ""),
    StopRow(13, 5, "AS-01", "조립", at(10, 41), at(10, 45), 4 * MINUTE, Category.STOP, State.STOP, "", ""),
)


def _device(number: int, name: str, driver: str, port: str, codes: tuple[str, ...], quiet_ms: int) -> DeviceNow:
    return DeviceNow(
        number,
        f"d{number}",
        name,
        driver,
        port,
        "online",
        START,
        "",
        {},
        NOW - quiet_ms,
        codes,
        23_000 + number * 77,
        0,
    )


DEVICES = (
    replace(
        _device(1, "비전 PLC", "opc_ua", "opc.tcp://192.168.0.17:4840", ("VI-01",), 4 * MINUTE + 12_000),
        status="offline", since_ms=NOW - 4 * MINUTE - 12_000, fault_kind="silent",
        fault_detail={"seconds": 252}, reconnects=3,
    ),
    _device(2, "용접 PLC", "opc_ua", "opc.tcp://192.168.0.13:4840", ("WD-01",), 400),
    _device(3, "CNC 컨트롤러", "opc_ua", "opc.tcp://192.168.0.12:4840", ("MC-01",), 600),
    _device(4, "프레스 카운터", "modbus_rtu", "COM7", ("PR-01",), 800),
    _device(5, "세척 카운터", "modbus_rtu", "COM7", ("WS-01",), 1_000),
    _device(6, "기밀시험기", "text_line", "COM4", ("LT-01",), 31_000),
    _device(7, "토크 드라이버", "text_line", "COM6", ("AS-01",), 34_000),
    _device(8, "스캐너 1", "text_line", "COM10", ("AS-01",), 2 * MINUTE),
    _device(9, "포장 저울", "text_line", "COM5", ("PK-01",), 2_000),
    _device(10, "스캐너 2", "text_line", "COM3", ("PK-01",), 38_000),
    _device(11, "에어마이크로", "text_line", "COM9", ("MC-01",), 19 * MINUTE),
    replace(_device(12, "수분계", "text_line", "COM11", (), 0), status="opening", last_value_at_ms=None, frames=0),
)  # fmt: skip

SEEN = (
    SeenAlarm(2, "stop", "WD-01", "용접", at(14, 5)),
    SeenAlarm(1, "hour", "", "", at(12, 1), Span(at(11), at(12))),
)
DOWNTIME = (
    ParetoRow("고장", Category.STOP, State.FAULT, True, 20 * MINUTE, 1),
    ParetoRow("금형교체", Category.SETUP, State.SETUP, True, 11 * MINUTE, 1),
    ParetoRow("초품 확인", Category.STOP, State.STOP, True, 9 * MINUTE, 1),
    ParetoRow("", Category.STOP, State.STOP, False, 18 * MINUTE, 3),
)

LINE = LineNow(
    HEAD,
    NOW,
    SHIFT,
    COLLECTOR,
    MACHINES,
    3,
    kpis(),
    488,
    515,
    hours(),
    STOPS,
    DEVICES,
    924,
    976,
    "TPM 1 (1a2b3c4d)",
    downtime=DOWNTIME,
    oee_target=0.8,
)


_REASONS = (
    ("R01", "설비 고장", "unplanned", True), ("R02", "자재대기", "external", False),
    ("R03", "준비교체", "unplanned", False), ("R04", "공구·치구 교환", "unplanned", False),
    ("R05", "품질 확인", "unplanned", False), ("R06", "Hydraulic or pneumatic fault", "unplanned", True),
    ("R07", "청소·점검", "planned", False), ("R08", "전공정 대기", "external", False),
    ("R09", "정전", "external", False), ("R10", "회의·교육", "planned", False),
)  # fmt: skip


def reasons(alarm: bool = True) -> tuple[ReasonNow, ...]:
    """The reasons of a shop, the likely one for a stop after an alarm first."""
    found = [ReasonNow(n, *words[:3], 0, 0, 0, words[3], n) for n, words in enumerate(_REASONS, 1)]
    first = replace(found[3], uses=9, after_alarm=7 if alarm else 0, alarms=8 if alarm else 0)
    return (first, *found[:3], *found[4:])


def label(number: int, stop: StopRow, reason: int, who: str = "김정호", note: str = "") -> LabelRow:
    """A reason that was given to a stop."""
    said = Labelled(stop.machine, stop.start_ms, stop.end_ms or OPEN_MS, stop.id, reason, "", note)
    _code, name, kind, _failure = _REASONS[reason - 1]
    return LabelRow(
        number, said, stop.category, stop.state, stop.machine_code, stop.machine_name, name, kind, stop.start_ms,
        stop.end_ms, stop.length_ms, who, at(14, 24), note,
    )  # fmt: skip


_PAST = tuple(
    StopRow(
        20 + n, m, MACHINES[m - 1].code, MACHINES[m - 1].name, at(*begun), at(*begun) + minutes * MINUTE,
        minutes * MINUTE, category, State.STOP, "", "",
    )
    for n, (m, begun, minutes, category) in enumerate((
        (1, (14, 21), 11, Category.SETUP), (4, (13, 52), 5, Category.STOP), (3, (11, 18), 20, Category.STOP),
        (8, (10, 22), 7, Category.WAIT), (2, (9, 10), 4, Category.WAIT), (7, (8, 31), 6, Category.STOP),
    ))
)  # fmt: skip


def stops_now() -> StopsNow:
    """Three stops that wait, the first looked at after an alarm, and six reasons that were given."""
    first = replace(STOPS[0], word="E-104 시험압 저하", start_ms=at(13, 21, 12), end_ms=at(13, 29, 16))
    marks = (at(13, 5), first.start_ms, first.end_ms or 0, at(13, 45))
    kinds = ((Category.RUN, State.RUN), (Category.STOP, State.STOP), (Category.RUN, State.RUN))
    parts = tuple(
        Interval(6, Span(marks[n], marks[n + 1]), category, state, 11 if category is Category.STOP else 0)
        for n, (category, state) in enumerate(kinds)
    )
    pieces = tuple(ms for ms in range(marks[0], marks[3], 32_000) if not parts[1].span.holds(ms))
    given = zip((3, 5, 1, 2, 8, 7), _PAST, ("김정호", "이수민", "", "김정호", "", "박"), strict=True)
    said = tuple(label(100 + n, stop, reason, who) for n, (reason, stop, who) in enumerate(given))
    return StopsNow(
        HEAD, NOW, SHIFT, COLLECTOR, (first, *STOPS[1:]), said, reasons(), 200, first, Span(marks[0], marks[3]),
        parts, pieces, (), (Call(300, 6, "maintenance", "김정호", at(14, 20)),), {m.id: m.name for m in MACHINES},
        SHIFT, (replace(SHIFT, name="야간", crew="B조", span=Span(START - 12 * HOUR, START)), None),
    )  # fmt: skip


def quiet() -> LineNow:
    """Everything runs, nothing is open."""
    calm = tuple(
        replace(
            m, state=State.RUN, category=Category.RUN, rank=None, reason="", alarm="", asks_reason=False,
            last_value_at_ms=NOW - 500,
        )
        for m in MACHINES
    )  # fmt: skip
    devices = tuple(replace(d, status="online", fault_kind="", last_value_at_ms=NOW - 500) for d in DEVICES)
    return replace(LINE, machines=calm, open_stops=(), devices=devices)


def early() -> LineNow:
    """Six minutes into the shift: counts, but no OEE yet."""
    now = START + 6 * MINUTE
    first = tuple(
        replace(
            m, state=State.RUN, category=Category.RUN, rank=None, reason="", alarm="", asks_reason=False, good=11,
            target=10, kpis=None, oee_known_from_ms=at(8, 10), hours=(), since_ms=START, last_value_at_ms=now,
        )
        for m in MACHINES
    )  # fmt: skip
    rows = tuple(
        replace(row, good=11 if i == 0 else None, target_now=10 if i == 0 else 0, loss_category=None, loss_ms=0)
        for i, row in enumerate(hours())
    )
    return replace(
        LINE, now_ms=now, machines=first, line=None, good=11, target=10, hours=rows, open_stops=(), forecast=None
    )


def off() -> LineNow:
    """Half past two at night: no shift, some machines make pieces all the same."""
    window = Span(NOW - HOUR, NOW)
    made = Kpis(window, Sums(Times(unscheduled_ms=HOUR), (Output(1, 30_000.0, extra_good=1_219),), calendar_ms=HOUR))
    machines = tuple(
        replace(
            m, state=State.RUN if n % 2 else State.UNKNOWN, category=Category.UNSCHEDULED, rank=None, reason="",
            alarm="", asks_reason=False, good=1_212 + n, reject=0, target=None, kpis=made, hours=(),
        )
        for n, m in enumerate(MACHINES)
    )  # fmt: skip
    return replace(
        LINE, shift=None, machines=machines, line=made, good=None, target=None, hours=(), open_stops=(),
        forecast=None, shift_target=None,
    )  # fmt: skip


def behind() -> LineNow:
    """The weld stands, everything behind it only counts and waits for it."""
    machines = tuple(
        replace(
            m, state=State.STOP, category=Category.STOP, by_count=True, waits_for="WD-01", rank=m.id - 2, alarm="",
            asks_reason=False, last_value_at_ms=NOW - 500,
        )
        if m.id > 3
        else m
        for m in MACHINES
    )  # fmt: skip
    return replace(LINE, machines=machines, open_stops=STOPS[:2])


def rare_day() -> MachineDay:
    """Everything that is seldom on a timeline, and every note under the figure."""
    kinds = (
        (Category.REWORK, State.RUN, False), (Category.NO_ORDER, State.IDLE, False),
        (Category.UNSCHEDULED, State.RUN, False), (Category.NO_DATA, State.NO_SIGNAL, False),
        (Category.STOP, State.STOP, True),
    )  # fmt: skip
    parts = tuple(
        Interval(3, Span(at(8 + n), at(9 + n)), category, state, n + 1, "", 1 if hand else None, by_hand=hand)
        for n, (category, state, hand) in enumerate(kinds)
    )
    figures = replace(kpis(), own_availability=0.931, flags=("standard_suspect", "pieces_without_run"))
    return replace(DAY, intervals=parts, machine=replace(DAY.machine, waits_for="MC-01", kpis=figures))


def empty() -> LineNow:
    """Nothing was ever collected: no shift, no collector, no figure."""
    unknown = tuple(
        replace(
            m, state=State.UNKNOWN, category=Category.NO_DATA, rank=None, reason="", alarm="", asks_reason=False,
            good=None, reject=None, target=None, kpis=None, last_value_at_ms=None, hours=(),
        )
        for m in MACHINES
    )  # fmt: skip
    return replace(
        LINE, shift=None, collector=CollectorNow(False, None, "", "", 0, 0), machines=unknown, line=None,
        good=None, target=None, hours=(), open_stops=(), devices=(), forecast=None, shift_target=None,
    )  # fmt: skip


def _intervals() -> tuple[Interval, ...]:
    """The states of the welding station from 08:00 to now."""
    marks: list[tuple[int, Category, State, str]] = [
        (at(8), Category.RUN, State.RUN, ""),
        (at(8, 12), Category.STOP, State.STOP, "first piece"),
        (at(8, 21), Category.RUN, State.RUN, ""),
        (at(8, 35), Category.SHORT_STOP, State.STOP, ""),
        (at(8, 36), Category.RUN, State.RUN, ""),
        (at(9, 8), Category.SHORT_STOP, State.STOP, ""),
        (at(9, 9), Category.RUN, State.RUN, ""),
        (at(9, 36), Category.SETUP, State.SETUP, ""),
        (at(9, 43), Category.RUN, State.RUN, ""),
        (at(10), Category.PLANNED, State.IDLE, ""),
        (at(10, 10), Category.RUN, State.RUN, ""),
        (at(11, 18), Category.STOP, State.FAULT, "E-104"),
        (at(11, 38), Category.RUN, State.RUN, ""),
        (at(12), Category.PLANNED, State.IDLE, ""),
        (at(13), Category.RUN, State.RUN, ""),
        (at(13, 15), Category.SHORT_STOP, State.STOP, ""),
        (at(13, 16), Category.RUN, State.RUN, ""),
        (at(13, 40), Category.WAIT, State.STARVED, ""),
        (at(13, 45), Category.NO_DATA, State.UNKNOWN, ""),
        (at(13, 49), Category.RUN, State.RUN, ""),
        (at(14, 26), Category.STOP, State.STOP, ""),
    ]
    ends = [mark[0] for mark in marks[1:]] + [NOW]
    return tuple(
        Interval(3, Span(start, end), category, state, index, code, reason=1 if code == "first piece" else None)
        for index, ((start, category, state, code), end) in enumerate(zip(marks, ends, strict=True))
    )


def _signal(number: int, key: str, name: str, unit: str, value: float, high: float) -> SignalNow:
    return SignalNow(number, key, name, Role.MEASURE, unit, value, None, 0, NOW - 400, None, high)


def _points(
    start: int, base: float, swing: float, drift: float, hole: tuple[int, int] | None
) -> tuple[tuple[int, float | None], ...]:
    points: list[tuple[int, float | None]] = []
    for index, moment in enumerate(range(start, NOW, 15_000)):
        value: float | None = base + swing * math.sin(index / 7) + swing * 0.6 * math.sin(index / 2.3) + drift * index
        if hole and hole[0] <= moment < hole[1]:
            value = None
        points.append((moment, value))
    return tuple(points)


_CURRENT = _signal(31, "current", "용접 전류", "A", 201.4, 230.0)
_COOLANT = _signal(32, "coolant", "냉각수 온도", "°C", 31.8, 35.0)
_WINDOW = Span(NOW - 2 * HOUR, NOW)

DAY = MachineDay(
    head=HEAD,
    now_ms=NOW,
    shift=SHIFT,
    window=Span(START, NOW),
    machine=MACHINES[2],
    intervals=_intervals(),
    stops=(
        StopRow(12, 3, "WD-01", "용접", at(14, 26), None, 6 * MINUTE + 8_000, Category.STOP, State.STOP, "", ""),
        StopRow(9, 3, "WD-01", "용접", at(13, 40), at(13, 45), 5 * MINUTE, Category.WAIT, State.STARVED, "", ""),
        StopRow(7, 3, "WD-01", "용접", at(11, 18), at(11, 38), 20 * MINUTE, Category.STOP, State.FAULT,
                "와이어 송급 고장", "E-104"),
        StopRow(5, 3, "WD-01", "용접", at(9, 36), at(9, 43), 7 * MINUTE, Category.SETUP, State.SETUP, "공구교환", ""),
        StopRow(3, 3, "WD-01", "용접", at(8, 12), at(8, 21), 9 * MINUTE, Category.STOP, State.STOP, "초품 확인", ""),
    ),
    signals=(_CURRENT, _COOLANT),
    trends=(
        Trend(_CURRENT, _WINDOW, _points(_WINDOW.start_ms, 201.0, 5.0, 0.0, None)),
        Trend(_COOLANT, _WINDOW, _points(_WINDOW.start_ms, 25.5, 0.8, 0.012, (at(13, 45), at(13, 49)))),
    ),
    devices=(DEVICES[1],),
    collector=COLLECTOR,
    waits=(WaitRow("WD-01", "MC-01", State.STARVED, 4 * MINUTE), WaitRow("WD-01", "", State.STARVED, MINUTE)),
    cycles=tuple(
        (moment, 32.4 + math.sin(index) * 0.9 + (8 if index % 61 == 17 else 0))
        for index, moment in enumerate(range(_WINDOW.start_ms, at(14, 26), 33_000))
    ),
    ideal_cycle_ms=30_000.0,
    waterfall=(
        LossStep("busy", 322_100 * 60, True),
        LossStep("no_data", 0, False),
        LossStep("unlabelled", 6_000 * 60, False),
        LossStep("stop", 24_000 * 60, False),
        LossStep("setup", 6_600 * 60, False),
        LossStep("wait", 5_000 * 60, False),
        LossStep("up", 280_500 * 60, True),
        LossStep("short_stop", 11_600 * 60, False),
        LossStep("speed", 18_400 * 60, False),
        LossStep("reject", 6_500 * 60, False),
        LossStep("productive", 244_000 * 60, True),
    ),
    looked_at=SHIFT,
    charted=_WINDOW,
)  # fmt: skip


def report_view() -> ReportView:
    """Three shifts: one that runs, the one of the report, and one that is not added up yet."""
    report = printed.full()
    names = (("주간", "A조", 1), ("주간", "A조", 0), ("야간", "B조", -1))
    shifts = []
    for name, crew, days in names:
        span = report.shift.span if days == 0 else Span(START + days * 24 * HOUR, START + days * 24 * HOUR + 12 * HOUR)
        shift = Shift(name, report.business_on + timedelta(days=days), span, (), crew)
        known = days == 0
        shifts.append(ShiftFigures(shift, days < 1, kpis() if known else None, 488 if known else None,
                                   515 if known else None, LINE.rules))  # fmt: skip
    shift = shifts[1].shift
    return ReportView(
        HEAD, NOW, SHIFT, COLLECTOR, tuple(shifts), replace(report, shift=shift), handing=handing(shift.span, report)
    )


def handing(span: Span, report: ShiftReport) -> Handing:
    """The handover of the shift of the report, with people who have PINs and one item that was done since."""
    people = (
        PersonNow(Person(1, "김정호", "A조", PersonRole.SUPERVISOR), has_pin=True),
        PersonNow(Person(2, "오재민", "B조", PersonRole.SUPERVISOR), has_pin=True),
        PersonNow(Person(3, "이상훈", "A조")),
    )
    items = report.handover.open
    return Handing(
        span, report.handover, 7, frozenset(item.entry for item in items[1:2]),
        {item.entry: 3 for item in items[:1]}, people, tuple((m.id, m.name) for m in report.machines),
    )  # fmt: skip


def master_data(line: LineNow) -> MasterNow:
    """Products on their machines, in the language in use."""
    titles = tuple(column.heading() for column in KINDS["products"].columns)
    rows = [
        (
            *("VH-204", "밸브 하우징 VH-204", m.code, "26", "28.5", "1", "0", "2026-01-31" if m.id % 2 else ""),
            r"^VH204-\d{4}-\d{5}$",
            "08801234567893",
        )
        for m in MACHINES
    ]
    figures = tuple(column.field.kind in (INT, NUMBER) for column in KINDS["products"].columns)
    return MasterNow(line, Shown("products", titles, tuple(rows), figures))


def trail_now(line: LineNow) -> TrailNow:
    """A page of the trail: a reason that was changed, one that was taken back, a plan, people, an alarm, an import."""

    def label(reason: int) -> str:
        return json.dumps({"type": "label", "machine": 3, "start_ms": at(13), "end_ms": at(13, 9), "stop": 7,
                           "reason": reason, "note": "용접 팁 교체 후 재가동"})  # fmt: skip

    def entry(number: int, at_ms: int, who: str, **more: Any) -> Change:
        return Change(number, at_ms, who, more.pop("why", ""), more.pop("action", "label"), entry=True, machine=3,
                      start_ms=at(13), end_ms=at(13, 9), **more)  # fmt: skip

    rows = (
        entry(9, at(14, 20), "김정호 반장", new=label(2), before=label(1), why="마감 후 정정"),
        entry(8, at(14, 10), "이영희", old=label(1), takes_back=5),
        entry(5, at(13, 12), "이영희", new=label(1), taken_back=8, taken_back_who="이영희"),
        Change(4, at(11), "김정호 반장", "", "plan", "orders", '{"WO-261113": {"quantity": 600}}',
               '{"WO-261113": {"quantity": 540}, "WO-261120": {"product": "VH-204", "quantity": 120, "lot": "A-7"}}'),
        Change(3, at(10), "", "", "acknowledge", "stop WD-01", str(at(9, 50)), "1"),
        Change(2, at(8), COMMAND_LINE, "", "person", "박철수", "", '{"name": "박철수", "role": "operator"}'),
    )  # fmt: skip
    reasons = (Reason(1, "R01", "설비 고장", "unplanned", True), Reason(2, "R07", "용접 팁 교체", "unplanned", False))
    machines = tuple(Machine(m.id, m.code, m.name, n) for n, m in enumerate(MACHINES))
    names = Names(Plant("P", "L", HEAD.timezone, None, machines, reasons=reasons), {})
    page = TrailPage(rows, Cursor(2, 2), names, ("", "김정호 반장", "이영희", COMMAND_LINE), Chain(1204, 1204))
    return TrailNow(line, page, Asked())


def loss_period() -> LossPeriod:
    """Five shifts, of which the second is not known and the last one runs; from the third on by other rules."""
    shifts = []
    for day, (known, rules) in enumerate(
        [(True, "TPM 1"), (False, "TPM 1"), (True, "TPM 2"), (True, "TPM 2"), (True, "TPM 2")], -4
    ):
        span = Span(START + day * 24 * HOUR, START + day * 24 * HOUR + 12 * HOUR)
        shift = Shift("주간", SHIFT.business_on + timedelta(days=day), span, (), "A조")
        shifts.append(ShiftFigures(shift, day < 0, kpis() if known else None, 488 if known else None, 515, rules))
    losses = (
        LossStep("no_data", 10 * MINUTE, False, 20.0), LossStep("unlabelled", 5 * MINUTE, False, 10.0, 1),
        LossStep("wait", 30 * MINUTE, False, 60.0, 12), LossStep("short_stop", 60 * MINUTE, False, 120.0, 9),
        LossStep("reject", 5 * MINUTE, False, 10.0),
    )  # fmt: skip
    reasons = (
        ParetoRow("와이어 송급 고장", Category.STOP, State.FAULT, True, 40 * MINUTE, 2),
        ParetoRow("", Category.WAIT, State.STARVED, True, 30 * MINUTE, 12),
        ParetoRow("", Category.SETUP, State.SETUP, True, 12 * MINUTE, 1),
        ParetoRow("", Category.STOP, State.STOP, False, 35 * MINUTE, 7),
    )
    hours = [WeekHour()] * 168
    for day in range(5):
        for hour in range(8, 20):
            lost_ms = (day * 7 + hour * 5) % 31 * MINUTE
            hours[day * 24 + hour] = WeekHour(60 * MINUTE, 0, lost_ms)
    hours[2 * 24 + 9] = WeekHour(60 * MINUTE, 60 * MINUTE, 0)
    hours[2 * 24 + 10] = WeekHour(60 * MINUTE, 20 * MINUTE, 10 * MINUTE)
    hours[1 * 24 + 14] = WeekHour(60 * MINUTE, 0, 60 * MINUTE)
    machines = tuple((m.id, m.name, m.code) for m in MACHINES)
    return LossPeriod(
        HEAD, NOW, SHIFT, COLLECTOR, LossFilter(), machines, ("주간", "야간"), tuple(shifts), 4, 9, kpis(), losses,
        reasons, 20 * MINUTE, tuple(hours), 30_000.0, ("용접",),
    )  # fmt: skip


def _order(
    code: str, product: int, quantity: int | None, made: int, status: str = "open", **changes: object
) -> OrderNow:
    names = {1: ("VH-204", "밸브 하우징 VH-204"), 2: ("VH-208", "밸브 하우징 VH-208"), 3: ("VC-11", "밸브 커버")}
    remaining = None if quantity is None else max(quantity - made, 0)
    plain = OrderNow(
        code, product, *names[product], "LOT 261119-A", "mass", quantity, "용접", at(17, 30), made, made, remaining,
        max(made - (quantity or made), 0), None, None, status, planned=quantity,
    )  # fmt: skip
    return replace(plain, **changes)  # type: ignore[arg-type]


SCRAP_REASONS = tuple(
    ScrapReason(n, f"S{n:02d}", name)
    for n, name in enumerate(
        (
            "외관 불량",
            "치수 불량",
            "기공·크랙",
            "용접 비드 불량",
            "소재 불량",
            "조립 불량",
            "누설",
            "이물·오염",
            "기타",
        ),
        1,
    )
)


def work(*, setup: bool = False) -> WorkNow:
    """The weld works on an order that will be late; `setup`: it is being changed over to the next."""
    machines = tuple(
        WorkMachine(m.id, m.code, m.name, m.state, m.category, m.since_ms, f"WO-26111{m.id}" if m.id != 4 else "",
                    "밸브 하우징 VH-204" if m.id != 4 else "", m.good or 0, 900, m.asks_reason)
        for m in MACHINES
    )  # fmt: skip
    orders = (
        _order("WO-261113", 1, 600, 488, "running", started_ms=at(8), finish_ms=at(18, 20), late_ms=50 * MINUTE),
        _order("WO-261114", 2, 240, 0, finish_ms=at(19, 40), due_ms=None, by_standard=True, planned=None),
        _order("WO-261115", 3, 12, 0, kind="trial", lot="", finish_ms=at(19, 55), by_standard=True),
        _order("RW-0031", 1, 20, 0, kind="rework", lot="", due_ms=None),
        _order("WO-261112", 1, 300, 312, "done"),
    )
    row = ChangeoverRow(
        3, "WD-01", "용접", at(9, 36), at(9, 43), 7 * MINUTE, "밸브 커버", "밸브 하우징 VH-204", at(9, 43), 1, 5
    )
    going = replace(row, start_ms=NOW - 12 * MINUTE, end_ms=None, length_ms=12 * MINUTE, from_name=row.to_name,
                    to_name="밸브 하우징 VH-208", first_good_ms=None, refused=0, entry=9)  # fmt: skip
    said: tuple[tuple[Said, str, str], ...] = (
        (Booked(3, at(13, 59), at(13, 59), BookingKind.LATE_REJECT, 3, 1, 1), "외관 불량", ""),
        (Booked(3, at(13, 10), at(13, 10), BookingKind.MASTER_PIECE, 2, None, 1, "근무 중 확인"), "근무 중 확인", ""),
        (FirstPiece(3, at(9, 43), at(9, 43), True), "", ""),
        (FirstPiece(3, at(9, 40), at(9, 40), False), "", ""),
        (Ordered(3, at(9, 36), 1 << 52, "WO-261113", 1, 600), "", "VH-204"),
        (Changed(3, at(9, 36), 1 << 52, 1), "", "VH-204"),
        (OrderEnded(3, at(9, 35), at(9, 35), "WO-261112"), "", ""),
    )
    entered = tuple(
        EnteredRow(100 - n, one, one.start_ms, "김정호 반장", reason, product)
        for n, (one, reason, product) in enumerate(said)
    )
    if setup:
        state = replace(
            machines[2], state=State.SETUP, category=Category.SETUP, since_ms=going.start_ms, asks_reason=False
        )
        machines = (*machines[:2], state, *machines[3:])
        orders = (
            replace(orders[1], status="running", started_ms=going.start_ms),
            replace(orders[0], status="open"),
            *orders[2:],
        )
    night = Shift("야간", date(2026, 11, 18), Span(START - 12 * HOUR, START), (), "B조")
    return WorkNow(
        HEAD, NOW, SHIFT, COLLECTOR, machines, 3, orders, going if setup else None,
        tuple((o.product, o.product_code, o.product_name) for o in orders[:3]), SCRAP_REASONS, True,
        tuple(row.span for row in reversed(hours()[:7])),
        (PastShift(night),), entered,
        (going, row) if setup else (row,),
        (FromToRow("밸브 커버", "밸브 하우징 VH-204", 14, 11 * MINUTE, 7 * MINUTE),
         FromToRow("밸브 하우징 VH-204", "밸브 하우징 VH-208", 9, 24 * MINUTE, 15 * MINUTE)),
        488, 13, False, ((Span(START - 12 * HOUR, NOW + 1), 1),), before=night,
    )  # fmt: skip


def calendar_week() -> CalendarWeek:
    """The week of the example: two shifts, an extra one on Saturday with overtime, two planned stops, one holiday."""
    seoul = ZoneInfo("Asia/Seoul")
    workdays = frozenset(range(1, 6))

    def pause(name: str, start: str, end: str) -> Break:
        return Break(name, time.fromisoformat(start), time.fromisoformat(end))

    day = ShiftPattern(
        1, "주간", time(8), time(20), workdays,
        (pause("휴식", "10:00", "10:10"), pause("식사", "12:00", "13:00"), pause("휴식", "15:00", "15:10"),
         pause("석식", "17:30", "18:00")), "A조", people=6,
    )  # fmt: skip
    night = ShiftPattern(2, "야간", time(20), time(8), workdays, (pause("식사", "00:00", "01:00"),), "B조", people=5)
    monday = date(2026, 11, 16)
    saturday, friday = monday + timedelta(days=5), monday + timedelta(days=4)
    exceptions = (
        DayException(saturday, Kind.EXTRA, 1, time(8), time(12, 30)),
        DayException(saturday, Kind.OVERTIME, 1, end=time(14)),
        DayException(friday, Kind.CANCELLED, 2),
        DayException(monday + timedelta(days=6), Kind.HOLIDAY, name="창립기념일"),
    )
    tuesday = START - 48 * HOUR
    planned = (
        PlannedStop(Span(tuesday + 5 * HOUR, tuesday + 6 * HOUR + 30 * MINUTE), None, tuesday, 9, False, "이지호",
                    tuesday - HOUR, "김정호 반장"),
        PlannedStop(Span(START + 30 * HOUR, START + 31 * HOUR), 3, None, 9, False, "이지호", NOW - HOUR),
    )  # fmt: skip
    shop = Calendar(seoul, (day, night), (), exceptions, planned)
    dates = [monday + timedelta(days=n) for n in range(7)]
    shifts = tuple(
        WeekShift(shift, on, day if shift.pattern == 1 else night, on == saturday, on == saturday)
        for on in dates
        for shift in scheduling.started_on(shop, on)
    )
    return CalendarWeek(
        HEAD, NOW, SHIFT, COLLECTOR, shop,
        tuple(WeekDay(on, tuple(e for e in exceptions if e.on == on)) for on in dates),
        shifts, planned, planned[1:], {1: friday, 2: dates[3]}, tuple((m.id, m.name) for m in MACHINES),
        ((9, "예방정비"), (10, "청소")), ("A조", "B조"),
    )  # fmt: skip


def people_view() -> PeopleView:
    """Six people: one of them with a PIN that is locked, one without anything but a name."""
    people = (
        PersonNow(Person(1, "김정호", "A조", PersonRole.ADMIN, "GD-0001"), has_pin=True),
        PersonNow(Person(2, "박서연", "A조", PersonRole.SUPERVISOR, "GD-0002"), has_pin=True, locked_ms=4 * MINUTE),
        PersonNow(Person(3, "이영희", "A조", badge="GD-0003")),
        PersonNow(Person(4, "최민수", "B조", badge="GD-0004")),
        PersonNow(Person(5, "Nguyen Van Minh", "B조", badge="20210045")),
        PersonNow(Person(6, "강하늘")),
    )
    return PeopleView(HEAD, NOW, SHIFT, COLLECTOR, people, ("정우진",))


def trace_now(line: LineNow, *, unknown: bool = False) -> TraceNow:
    """A unit of the invented line: three lots, a box, one station without a scan, one test that failed at first."""
    if unknown:
        asked = looked_up.Asked("code", "VH204-261119-9999")
        return TraceNow(line, asked, looked_up.Unknown(asked, "", ("VH204-261119-0412", "VH204-261119-0413")), 4)

    def node(number: int, kind: str, code: str, via: int, depth: int, what: str, count: int) -> looked_up.Node:
        link = "packed" if kind in ("box", "pallet") else "consumed"
        return looked_up.Node(number, kind, code, via, link, depth, "WD-01", "용접", at(9, 14), None, what, count)

    path = looked_up.Path(
        (node(2, "lot", "AL-26-1107", 1, 1, "알루미늄 소재", 251), node(3, "lot", "OR-5521", 1, 1, "O-링", 604)),
        (node(4, "box", "BOX-0047", 1, 1, "", 24), node(5, "pallet", "PLT-118", 4, 2, "", 12)),
    )
    value = looked_up.TraceValue(
        "누설",
        "cc/min",
        (0.8, 0.3),
        ("", ""),
        ("reject", "good"),
        (at(9, 58), at(9, 59)),
        Limits(1, 0, None, None, 0.5),
    )
    window = Span(at(9, 48), at(10, 8))
    run = (Interval(6, window, Category.RUN, State.RUN),)
    rows = (
        looked_up.Passage(
            10, "OP10", "프레스", 1, "PR-01", "프레스", at(8, 41), at(8, 41), 1, ways=("part",), operators=("이민수",),
            window=Span(at(8, 31), at(8, 51)), intervals=run,
        ),
        looked_up.Passage(
            40, "OP40", "세척", 4, "WS-01", "세척", missing=looked_up.Missing.GAP, between=Span(at(9, 29), at(9, 31)),
            same_lot=True,
        ),
        looked_up.Passage(
            60, "OP60", "기밀시험", 6, "LT-01", "기밀시험", at(9, 58), at(9, 59), 2, ways=("scan",),
            operators=("최은지",), values=(value,), window=window, intervals=run,
        ),
    )  # fmt: skip
    found = looked_up.Trace(
        1, "unit", "VH204-261119-0412", at(8, 41), 3, HEAD.timezone, HEAD.plant, HEAD.line, line.now_ms, path, path,
        rows, "VH-204", "밸브 하우징", "WO-2611-038", "261119-A", looked_up.Stage.LINE, "기밀시험 LT-01",
        orders=("WO-2611-038",),
    )  # fmt: skip
    return TraceNow(line, looked_up.Asked("code", found.code), found, 12)
