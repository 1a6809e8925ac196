"""Shift reports made by hand: a full day shift with the figures of the design, and the edges of what can happen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from desktop.domain import iso22400, losses, repairs
from desktop.domain.calendar import Pause, Shift
from desktop.domain.daily_rows import CheckRow, CrewReport, CrewRow, PostRow
from desktop.domain.entries import Call
from desktop.domain.events import Count, Role, State
from desktop.domain.figures.head import PlantHead
from desktop.domain.figures.line import HourRow
from desktop.domain.figures.machine import LossStep, WaitRow
from desktop.domain.figures.report import (
    Handover,
    HourSaid,
    LinkGap,
    MachineRow,
    MeasuredRow,
    OpenItem,
    Remark,
    ShiftReport,
    Signature,
    TraceCount,
)
from desktop.domain.figures.stops import ParetoRow, StopRow
from desktop.domain.figures.work import ChangeoverRow, OrderNow, ScrapRow
from desktop.domain.intervals import Category, Interval
from desktop.domain.kpi import Kpis, Output, Sums, times_of
from desktop.domain.spans import Span, subtract

SEOUL = ZoneInfo("Asia/Seoul")
DAY = date(2026, 11, 19)
MINUTE_MS = 60_000


def at(clock: str) -> int:
    """UTC milliseconds of a local time of the example's day: "14:28", "14:28:30"."""
    parts = [int(part) for part in clock.split(":")]
    return round(datetime(DAY.year, DAY.month, DAY.day, *parts, tzinfo=SEOUL).timestamp() * 1000)


def ms(minutes: float) -> int:
    """Minutes as milliseconds."""
    return round(minutes * MINUTE_MS)


PAUSES = (
    Pause("휴식", Span(at("10:00"), at("10:10"))),
    Pause("식사", Span(at("12:00"), at("13:00"))),
    Pause("휴식", Span(at("15:00"), at("15:10"))),
    Pause("식사", Span(at("17:30"), at("18:00"))),
)
SHIFT = Shift("주간", DAY, Span(at("08:00"), at("20:00")), PAUSES, "A조")

# machine -> (code, name, target, good, reject, availability, performance, quality, oee, coverage)
MACHINES = {
    1: ("PR-01", "프레스", 976, 982, 9, 0.861, 0.881, 0.991, 0.751, 1.0),
    2: ("MC-01", "CNC 가공", 976, 961, 13, 0.889, 0.868, 0.987, 0.761, 1.0),
    3: ("WD-01", "용접", 976, 936, 21, 0.898, 0.873, 0.978, 0.767, 1.0),
    4: ("WS-01", "세척", 976, 935, 1, 0.842, 0.881, 0.999, 0.741, 1.0),
    5: ("AS-01", "조립", 976, 931, 4, 0.868, 0.883, 0.996, 0.763, 1.0),
    6: ("LT-01", "기밀시험", 976, 924, 8, 0.853, 0.866, 0.991, 0.732, 1.0),
    7: ("VI-01", "비전검사", 976, 921, 3, 0.860, 0.851, 0.997, 0.730, 0.98),
    8: ("PK-01", "포장", 976, 919, 2, 0.847, 0.862, 0.998, 0.728, 1.0),
}

# machine -> (failures, minutes until it ran again)
FAILURES = {3: (2, 35.0), 4: (1, 5.0)}

# machine -> OEE of the same shift seven days before
WEEK_BEFORE = {1: 0.739, 2: 0.765, 3: 0.795, 4: 0.738, 5: 0.774, 6: 0.726, 7: 0.739, 8: None}

# (machine, from, to, category, state, reason, device's word)
STANDSTILLS = (
    (1, "14:20", "14:42", Category.SETUP, State.SETUP, "금형교체", ""),
    (1, "16:30", "16:34", Category.STOP, State.STOP, "초품 확인", ""),
    (2, "09:10", "09:14", Category.WAIT, State.STARVED, "", ""),
    (2, "15:25", "15:33", Category.SETUP, State.SETUP, "공구교환", ""),
    (3, "08:12", "08:21", Category.STOP, State.STOP, "초품 확인", ""),
    (3, "09:37", "09:43:30", Category.SETUP, State.SETUP, "공구교환", ""),
    (3, "11:18", "11:38", Category.STOP, State.FAULT, "와이어 송급 고장", "E-217"),
    (3, "14:26", "14:41", Category.STOP, State.FAULT, "와이어 송급 고장", "E-217"),
    (3, "16:20", "16:27", Category.WAIT, State.STARVED, "자재대기", ""),
    (3, "19:55:30", "20:00", Category.STOP, State.STOP, "정리", ""),
    (4, "11:24", "11:39", Category.WAIT, State.STARVED, "", ""),
    (4, "13:52", "13:57", Category.STOP, State.FAULT, "설비 고장", "P12"),
    (4, "14:30", "14:42", Category.WAIT, State.STARVED, "", ""),
    (5, "10:41", "10:45", Category.STOP, State.STOP, "", ""),
    (5, "11:27", "11:40", Category.WAIT, State.STARVED, "", ""),
    (5, "14:29", "14:43", Category.WAIT, State.STARVED, "", ""),
    (6, "11:30", "11:41", Category.WAIT, State.STARVED, "", ""),
    (6, "13:21", "13:29", Category.STOP, State.STOP, "O-링 보충", ""),
    (6, "14:32", "14:44", Category.WAIT, State.STARVED, "", ""),
    (7, "08:31", "08:37", Category.STOP, State.STOP, "초점 보정", ""),
    (7, "11:32", "11:42", Category.WAIT, State.STARVED, "", ""),
    (7, "14:28", "14:40", Category.NO_DATA, State.UNKNOWN, "", ""),
    (8, "10:21", "10:28", Category.WAIT, State.BLOCKED, "자재대기", ""),
    (8, "11:34", "11:44", Category.WAIT, State.STARVED, "", ""),
    (8, "14:36", "14:47", Category.WAIT, State.STARVED, "", ""),
)

# hour -> (target, good, reject, category, state, word, minutes)
HOURS = {
    8: (96, 88, 3, Category.STOP, State.STOP, "초품 확인", 9.0),
    9: (96, 97, 1, Category.SETUP, State.SETUP, "공구교환", 6.5),
    10: (80, 82, 2, None, None, "", 0.0),
    11: (96, 66, 4, Category.STOP, State.FAULT, "와이어 송급 고장", 20.0),
    12: (0, 0, 0, None, None, "", 0.0),
    13: (96, 108, 1, None, None, "", 0.0),
    14: (96, 78, 2, Category.STOP, State.FAULT, "와이어 송급 고장", 15.0),
    15: (80, 82, 1, None, None, "", 0.0),
    16: (96, 99, 3, Category.WAIT, State.STARVED, "자재대기", 7.0),
    17: (48, 47, 0, None, None, "", 0.0),
    18: (96, 101, 2, None, None, "", 0.0),
    19: (96, 88, 2, Category.STOP, State.STOP, "정리", 4.5),
}


def intervals(machine: int) -> tuple[Interval, ...]:
    """The whole shift of a machine: what is listed above, breaks, and running for the rest."""
    found = [Interval(machine, pause.span, Category.PLANNED, State.IDLE) for pause in PAUSES]
    for number, (owner, start, end, category, state, reason, code) in enumerate(STANDSTILLS, 100):
        if owner == machine:
            found.append(
                Interval(
                    machine, Span(at(start), at(end)), category, state,
                    0 if category is Category.NO_DATA else number, code, 1 if reason else None,
                )
            )  # fmt: skip
    if machine == 3:
        found += [
            Interval(machine, Span(at(start), at(start) + ms(1)), Category.SHORT_STOP, State.STOP, at(start))
            for start in ("08:50", "10:30", "13:40", "16:50")
        ]
    rest = subtract(SHIFT.span, [one.span for one in found])
    found += [Interval(machine, span, Category.RUN, State.RUN) for span in rest]
    return tuple(sorted(found, key=lambda one: one.span))


def kpis_of(
    parts: Sequence[Interval],
    window: Span,
    good: int,
    reject: int,
    ratios: tuple[float | None, float | None, float | None, float | None, float | None],
    flags: tuple[str, ...] = (),
) -> Kpis:
    """KPIs with given ratios: availability, performance, quality, OEE, coverage."""
    availability, performance, quality, oee, coverage = ratios
    unseen = 1 - (coverage or 0)
    low = None if availability is None else availability * (1 - unseen)
    high = None if low is None else low + unseen
    return Kpis(
        window,
        Sums(times_of(parts), (Output(1, 30_000.0, good, reject),)),
        coverage,
        availability,
        low,
        high,
        performance=performance,
        quality=quality,
        oee=oee,
        ideal_ms=30_000.0 * (good + reject),
        ideal_good_ms=30_000.0 * good,
        flags=flags,
    )


def machine_row(machine: int) -> MachineRow:
    """One line of the scoreboard."""
    code, name, target, good, reject, *ratios = MACHINES[machine]
    parts = intervals(machine)
    kpis = kpis_of(parts, SHIFT.span, good, reject, tuple(ratios))  # type: ignore[arg-type]
    iso = iso22400.compute(iso22400.elements_of(kpis.sums), iso22400.quantities_of(kpis.sums))
    failed = FAILURES.get(machine, (0, 0.0))
    reliability = losses.mean_times(failed[0], ms(540), ms(failed[1]))
    return MachineRow(
        machine, code, name, machine == 3, target, good, reject, kpis, parts, machine == 4, iso=iso,
        reliability=reliability, week_before_oee=WEEK_BEFORE[machine],
    )  # fmt: skip


def stop_rows() -> tuple[StopRow, ...]:
    """Every standstill as a row of the list."""
    return tuple(
        StopRow(
            number, machine, MACHINES[machine][0], MACHINES[machine][1], at(start),
            at(end), at(end) - at(start), category, state, reason, code,
        )
        for number, (machine, start, end, category, state, reason, code) in enumerate(STANDSTILLS, 100)
        if category is not Category.NO_DATA
    )  # fmt: skip


def hour_rows() -> tuple[HourRow, ...]:
    """The twelve hours of the shift."""
    return tuple(
        HourRow(
            Span(at(f"{hour}:00"), at(f"{hour}:00") + ms(60)), target, target, good, reject, target == 0,
            category, state, word, ms(lost),
        )
        for hour, (target, good, reject, category, state, word, lost) in HOURS.items()
    )  # fmt: skip


PARETO = (
    ParetoRow("", Category.WAIT, State.STARVED, True, ms(95), 11),
    ParetoRow("와이어 송급 고장", Category.STOP, State.FAULT, True, ms(35), 2),
    ParetoRow("금형교체", Category.SETUP, State.SETUP, True, ms(22), 1),
    ParetoRow("자재대기", Category.WAIT, State.STARVED, True, ms(18), 3),
    ParetoRow("공구교환", Category.SETUP, State.SETUP, True, ms(14.5), 2),
    ParetoRow("초품 확인", Category.STOP, State.STOP, True, ms(13), 2),
    ParetoRow("O-링 보충", Category.STOP, State.STOP, True, ms(8), 1),
    ParetoRow("초점 보정", Category.STOP, State.STOP, True, ms(6), 1),
    ParetoRow("설비 고장", Category.STOP, State.FAULT, True, ms(5), 1),
    ParetoRow("정리", Category.STOP, State.STOP, True, ms(4.5), 1),
    ParetoRow("", Category.STOP, State.STOP, False, ms(4), 1),
)

WATERFALL = (
    LossStep("busy", ms(610), True),
    LossStep("stop", ms(48.5), False),
    LossStep("unlabelled", 0, False),
    LossStep("setup", ms(6.5), False),
    LossStep("wait", ms(7), False),
    LossStep("no_data", 0, False),
    LossStep("up", ms(548), True),
    LossStep("speed", ms(43.3), False),
    LossStep("short_stop", ms(26.2), False),
    LossStep("reject", ms(10.5), False),
    LossStep("productive", ms(468), True),
)


WAITS = (
    WaitRow("WS-01", "WD-01", State.STARVED, ms(27)),
    WaitRow("AS-01", "WD-01", State.STARVED, ms(27)),
    WaitRow("LT-01", "AS-01", State.STARVED, ms(23)),
    WaitRow("WD-01", "MC-01", State.STARVED, ms(7)),
    WaitRow("PK-01", "", State.BLOCKED, ms(0.7)),
)


MEASURED = (
    MeasuredRow("MC-01", "CNC 가공", "내경 Ø24", "mm", 974, 7, 24.9733, 24.99614, 25.0234, 24.985, 25.015, 0.897),
    MeasuredRow("AS-01", "조립", "체결 토크", "Nm", 935, 0, 11.63, 12.50648, 13.4, 11.5, 13.5, 1.341),
    MeasuredRow("LT-01", "기밀시험", "누설량", "mL/min", 932, 8, 0.006, 0.04619, 0.225, None, 0.1, 0.725),
    MeasuredRow("PK-01", "포장", "중량", "kg", 12, None, 1.202, 1.22998, 1.258, None, None, None),
)


ORDERS = (
    OrderNow("WO-261113", 1, "VH-204", "밸브 하우징 VH-204", "LOT 261119-A", "mass", 900, "용접", at("17:30"), 912, 612,
             0, 12, None, None, "done", at("08:00"), 900),
    OrderNow("WO-261114", 2, "VH-208", "밸브 하우징 VH-208", "", "trial", 240, "", at("19:30"), 24, 24, 216, 0,
             at("21:10"), 100 * MINUTE_MS, "running", at("18:40"), None),
)  # fmt: skip
CHANGEOVERS = (
    ChangeoverRow(3, "WD-01", "용접", at("18:20"), at("18:44"), 24 * MINUTE_MS, "밸브 하우징 VH-204",
                  "밸브 하우징 VH-208", at("18:44"), 1, 5),
)  # fmt: skip
SCRAP = (
    ScrapRow("reject", "외관 불량", 14),
    ScrapRow("reject", "", 6),
    ScrapRow("master_piece", "근무 중 확인", 2),
)  # fmt: skip
HANDOVER = Handover(
    notes=(Remark(9, "", "CNC 내경 Ø24 관리상한 신호. 공구 교환 후 5개 측정", "CNC 가공", "김정호", at("19:40")),),
    open=(
        OpenItem(
            1, "용접 와이어 송급 롤러 마모. 교체 후 초품 3개 확인", "용접", "이상훈", at("20:00"), at("11:30"), "김정호"
        ),
        OpenItem(2, "O-링 OR-5521 잔량 320개. 자재 요청함", "", "정하늘", at("19:00"), at("16:10"), "김정호"),
        OpenItem(3, "비전 PLC 스위치 3번 포트 교체", "비전 검사", "전산", None, at("14:45"), "오재민"),
    ),
    safety=(Remark(4, "near_miss", "지게차 통로에 자재", "", "김정호", at("10:05")),),
    four_m=(Remark(5, "man", "최은지 → 한도윤", "조립", "김정호", at("13:00")),),
    signed=(Signature("outgoing", "김정호", at("20:02")), Signature("incoming", "박민수", at("20:05"))),
)


CALLS = repairs.repairs(
    [
        Call(1, 3, "maintenance", "김정호", at("09:12"), at("09:14"), at("09:20"), at("09:41")),
        Call(2, 3, "maintenance", "", at("15:30"), None, at("15:33")),
    ],
    3,
    SHIFT.span,
    [],
    [Count(1, 3, at("09:44:30"), Role.GOOD, 1, at("09:43"))],
)
CREW = CrewReport(
    (
        CrewRow("김정호", "A조", at("08:00"), at("20:00"), ms(630), ("프레스", "CNC 가공")),
        CrewRow("Nguyen Van Minh", "A조", at("08:00"), at("15:30"), ms(390), ("용접",)),
        CrewRow("강하늘", "", at("13:00"), None, ms(370)),
    ),
    (PostRow("프레스", "PR-01", ms(315), 0), PostRow("용접", "WD-01", ms(390), ms(240))),
    ms(1390), ms(1390) / 936, ("오세훈",),
)  # fmt: skip
CHECKS = (
    CheckRow(1, 1, "PR-01", "프레스", "비상정지 작동", "ok", "shift", "good", at("08:00"), at("09:00"), at("20:00"),
             who="김정호", done_ms=at("08:10"), entry=1),
    CheckRow(3, 1, "PR-01", "프레스", "공압", "value", "shift", "bad", at("08:00"), at("09:00"), at("20:00"), "MPa",
             0.4, 0.6, 0.71, "0.71, 기준 벗어남", "김정호", at("08:12"), 3, 4),
    CheckRow(13, 3, "WD-01", "용접", "중물", "middle", "shift", "missed", at("14:00"),
             at("15:00"), at("20:00")),
    CheckRow(9, 3, "WD-01", "용접", "칩 제거", "ok", "day", "due", at("08:00"), at("19:00"),
             at("23:59")),
)  # fmt: skip


def full() -> ShiftReport:
    """A whole day shift of eight machines with the figures of the design."""
    machines = tuple(machine_row(machine) for machine in MACHINES)
    machines = tuple(replace(row, repairs=CALLS) if row.id == 3 else row for row in machines)
    return ShiftReport(
        head=PlantHead("성진정밀", "A라인", "Asia/Seoul", demo=False, speed=1.0, product="밸브 하우징 VH-204"),
        shift=SHIFT,
        window=SHIFT.span,
        made_at_ms=at("20:02"),
        provisional=True,
        revision=1,
        number="D-261119-A",
        line=machines[2].kpis,
        good=936,
        target=976,
        machines=machines,
        constraint=3,
        hours=hour_rows(),
        stops=stop_rows(),
        short_stops=4,
        pareto=PARETO,
        waterfall=WATERFALL,
        trace=TraceCount(2811, 936, 14, 47, 2, 1, "VH204-261119-0001", "VH204-261119-0936"),
        gaps=(LinkGap("비전 PLC", "no_answer", at("14:28"), at("14:40")),),
        corrections=1,
        rules="TPM 1 (8e8a7d0b)",
        chain="7f3a91c2 0e5d44b8",
        business_on=DAY,
        waits=WAITS,
        wip_change=12,
        measured=MEASURED,
        orders=ORDERS,
        changeovers=CHANGEOVERS,
        scrap=SCRAP,
        handover=HANDOVER,
        crew=CREW,
        checks=CHECKS,
        hours_said=(
            HourSaid(at("09:00"), at("10:00"), "금형 교체", "김정호"),
            HourSaid(at("10:00"), at("11:00"), "", ""),
        ),
    )


def tiny() -> ShiftReport:
    """The first thirty minutes of the demo line: few rows, no stop, one hour that still runs."""
    window = Span(at("08:00"), at("08:30"))
    whole = full()
    machines = []
    for row in whole.machines:
        parts = (Interval(row.id, window, Category.RUN, State.RUN),)
        kpis = kpis_of(parts, window, 44, 1, (1.0, 0.75, 44 / 45, 0.7333, 1.0))
        calm = losses.mean_times(0, window.length_ms, 0)
        machines.append(
            replace(
                row, target=48, good=44, reject=1, kpis=kpis, intervals=parts, reliability=calm, week_before_oee=None
            )
        )
    ahead = tuple(
        replace(row, good=None, reject=None, loss_category=None, loss_word="", loss_ms=0) for row in whole.hours[1:]
    )
    first = replace(whole.hours[0], good=44, reject=1, target_now=48, loss_category=None, loss_word="", loss_ms=0)
    return replace(
        whole,
        head=replace(whole.head, demo=True, speed=30.0),
        window=window,
        made_at_ms=window.end_ms,
        line=machines[2].kpis,
        good=44,
        target=48,
        machines=tuple(machines),
        hours=(first, *ahead),
        stops=(),
        short_stops=0,
        pareto=(),
        waterfall=(
            LossStep("busy", ms(30), True),
            LossStep("up", ms(30), True),
            LossStep("speed", ms(7.5), False),
            LossStep("reject", ms(0.5), False),
            LossStep("productive", ms(22), True),
        ),
        trace=TraceCount(0, 0, 0, 0, 0, 0, "", ""),
        gaps=(),
        corrections=0,
        waits=(),
        orders=(),
        changeovers=(),
        scrap=(),
        crew=CrewReport(),
        checks=(),
        hours_said=(),
        wip_change=0,
        measured=(),
    )


def no_data() -> ShiftReport:
    """A shift in which no device ever answered: nothing is known, nothing is zero."""
    whole = full()
    machines = []
    for row in whole.machines:
        parts = (Interval(row.id, SHIFT.span, Category.NO_DATA, State.UNKNOWN),)
        kpis = kpis_of(parts, SHIFT.span, 0, 0, (None, None, None, None, 0.0), ("no_standard",))
        iso = iso22400.compute(iso22400.elements_of(kpis.sums), iso22400.quantities_of(kpis.sums))
        unknown = losses.mean_times(0, 0, 0)
        machines.append(
            replace(
                row,
                target=None,
                good=0,
                reject=0,
                kpis=kpis,
                intervals=parts,
                iso=iso,
                reliability=unknown,
                week_before_oee=None,
                repairs=repairs.Repairs(),
            )
        )
    return replace(
        whole,
        waits=(),
        orders=(),
        changeovers=(),
        scrap=(),
        crew=CrewReport(),
        checks=(),
        hours_said=(),
        wip_change=None,
        measured=(),
        head=replace(whole.head, product=""),
        line=machines[2].kpis,
        good=None,
        target=None,
        machines=tuple(machines),
        hours=tuple(
            replace(row, target=None, target_now=None, good=0, reject=0, loss_category=None, loss_word="", loss_ms=0)
            for row in whole.hours
        ),
        stops=(),
        short_stops=0,
        pareto=(),
        waterfall=(),
        trace=TraceCount(0, 0, 0, 0, 0, 0, "", ""),
        gaps=tuple(LinkGap(f"{row.name} 장치", "port_missing", SHIFT.span.start_ms, None) for row in whole.machines),
        corrections=0,
    )


HOSTILE_NAMES = (
    "=cmd|' /C calc'!A0",
    "<img src=x onerror=alert(1)><b>굵게</b>",
    "Left-hand front suspension knuckle robot welding cell no. 0012",
    "+82-10-1234-5678",
    "@SUM(1+1)*cmd|'/c'!A1",
    "-5",
    "tab\tand\r\nline {end} {machine}",
    "아주 긴 설비 이름을 가진 자동차 조향장치 하우징 전용 다축 복합 가공기 제삼호기 좌측",
    "**not bold**",
    "=1+1",
    'Quote " comma, semicolon; pipe |',
    "ㅎㅎ 뷁 쀍 ﷽ 🚨",
)


def hostile() -> ShiftReport:
    """Twelve machines, names out of nightmares, more stops, reasons and silent devices than a page can list."""
    whole = full()
    machines = []
    for index, name in enumerate(HOSTILE_NAMES):
        row = whole.machines[index % 8]
        parts = tuple(replace(part, machine=index + 1) for part in row.intervals)
        kpis = replace(row.kpis, flags=("standard_suspect", "from_the_future"), performance=1.234)
        machines.append(
            replace(
                row, id=index + 1, name=name, code=f"=X{index}-0123456789", target=1_234_567, good=1_230_000 + index,
                reject=98_765, kpis=kpis, intervals=parts, by_count=True,
            )
        )  # fmt: skip
    stops = tuple(
        StopRow(
            1000 + n, n % 12 + 1, machines[n % 12].code, machines[n % 12].name, at("08:00") + ms(7 * n),
            None if n == 99 else at("08:00") + ms(7 * n + n % 13 + 2), ms(n % 13 + 2), Category.STOP, State.STOP,
            HOSTILE_NAMES[n % 12] if n % 3 else "", HOSTILE_NAMES[(n + 5) % 12],
        )
        for n in range(100)
    )  # fmt: skip
    pareto = tuple(
        ParetoRow(f"{name} {n}", Category.STOP, State.FAULT, True, ms(100 - n), n + 1)
        for n, name in enumerate(HOSTILE_NAMES * 2)
    )
    return replace(
        whole,
        head=PlantHead(
            HOSTILE_NAMES[7], HOSTILE_NAMES[2], "Asia/Seoul", demo=True, speed=30.0, product=HOSTILE_NAMES[1]
        ),
        shift=replace(SHIFT, name=HOSTILE_NAMES[0], crew=HOSTILE_NAMES[4]),
        number="=" + "N" * 60,
        good=1_230_002,
        target=1_234_567,
        machines=tuple(machines),
        hours=tuple(
            replace(row, target=12_345, target_now=12_345, good=12_000 + n, loss_word=HOSTILE_NAMES[n % 12])
            for n, row in enumerate(whole.hours)
        ),
        stops=stops,
        short_stops=12_345,
        pareto=(*pareto, ParetoRow("", Category.STOP, State.STOP, False, ms(4), 1)),
        trace=TraceCount(99_999, 9_999, 999, 99, 9, 1, "=" + "U" * 60, "@" + "V" * 60),
        gaps=tuple(
            LinkGap(HOSTILE_NAMES[n % 12], "from_the_future", at("09:00") + ms(n), None if n > 15 else at("10:00"))
            for n in range(20)
        ),
        corrections=77,
        waits=tuple(
            WaitRow(f"=X{n % 12}-0123456789", HOSTILE_NAMES[n % 12] if n % 5 else "", State.BLOCKED, ms(200 - n))
            for n in range(60)
        ),
        wip_change=-1_234_567,
        measured=tuple(
            MeasuredRow(
                f"=X{n % 12}-0123456789",
                HOSTILE_NAMES[n % 12],
                HOSTILE_NAMES[(n + 3) % 12],
                HOSTILE_NAMES[(n + 5) % 12],
                1_234_567,
                765_432,
                -1_234_567.8,
                1e-9,
                1e12,
                -1e12,
                1e12,
                -3.3333,
            )
            for n in range(40)
        ),
        rules=HOSTILE_NAMES[0],
    )


def twelve() -> ShiftReport:
    """A line of twelve machines with names as people give them."""
    whole = full()
    more = ("레이저 마킹 2호기", "Robot welding cell, left", "열처리로", "Final inspection and packing")
    machines = [
        *whole.machines,
        *(
            replace(row, id=9 + n, code=f"XX-{n:02d}", name=name, is_constraint=False)
            for n, (name, row) in enumerate(zip(more, whole.machines, strict=False))
        ),
    ]
    return replace(whole, machines=tuple(machines))


def lonely() -> ShiftReport:
    """One machine, around the clock, in a shift over midnight."""
    whole = full()
    window = Span(at("20:00"), at("20:00") + ms(24 * 60))
    hours = tuple(
        HourRow(Span(start, start + ms(60)), 1_096, 1_096, 1_000 + n, 1, False)
        for n, start in enumerate(range(window.start_ms, window.end_ms, ms(60)))
    )
    parts = (Interval(3, window, Category.RUN, State.RUN),)
    row = whole.machines[2]
    row = replace(
        row, intervals=parts, kpis=replace(row.kpis, window=window, sums=replace(row.kpis.sums, times=times_of(parts)))
    )
    shift = Shift("24시간", DAY, window)
    return replace(whole, shift=shift, window=window, hours=hours, machines=(row,), stops=(), gaps=())


REPORTS = {"full": full, "tiny": tiny, "no_data": no_data, "hostile": hostile, "twelve": twelve, "lonely": lonely}
