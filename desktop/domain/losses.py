"""Where the time went: standstill by cause and by hour of the week, and the waterfall from busy to productive time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct, field

from desktop.domain.events import State
from desktop.domain.figures.losses import WeekHour
from desktop.domain.figures.machine import LossStep
from desktop.domain.figures.report import Reliability
from desktop.domain.figures.stops import ParetoRow
from desktop.domain.intervals import RUNNING, STOPPED, Category, Interval
from desktop.domain.kpi import Kpis, Sums
from desktop.domain.plant import Reason
from desktop.domain.rules import TPM, RuleSet
from desktop.domain.spans import Span, subtract

_HOUR_MS = 3_600_000


class Cause(Struct, frozen=True):
    """Why a machine stood: `labelled` where a person, an alarm table or the machine itself said why."""

    category: Category
    state: State
    reason: int | None = None
    labelled: bool = True


UNLABELLED = Cause(Category.STOP, State.STOP, None, False)
#: what has a cause: downtime, short stops, and silence, which is no loss of anybody
_CAUSED = STOPPED | {Category.SHORT_STOP, Category.NO_DATA}


class Stood(Struct, frozen=True):
    """How long and how often."""

    length_ms: int = 0
    count: int = 0

    def __add__(self, other: Stood) -> Stood:
        return Stood(self.length_ms + other.length_ms, self.count + other.count)


class Lost(Struct, frozen=True):
    """What of a machine's time adds up beside its `Sums`: standstill by cause, and hours of the week by their number,
    0 Monday 00:00 to 167 Sunday 23:00 in plant time. The downtime of both is that of the `Sums`, to the millisecond.
    """

    causes: Mapping[Cause, Stood] = field(default_factory=dict)
    hours: Mapping[int, WeekHour] = field(default_factory=dict)


def lost(intervals: Sequence[Interval], zone: ZoneInfo, idle: Sequence[Span] = (), going_on: int = 0) -> Lost:
    """What was lost in a window. `idle`: its breaks and planned stops; `going_on`: the stop that an earlier shift has
    counted already, 0 for none."""
    return Lost(causes(intervals, going_on), _hours(intervals, zone, idle))


def add(parts: Iterable[Lost]) -> Lost:
    """The sum of several windows or machines."""
    whole: dict[Cause, Stood] = {}
    hours: dict[int, WeekHour] = {}
    for part in parts:
        for cause, stood in part.causes.items():
            whole[cause] = whole.get(cause, Stood()) + stood
        for hour, sums in part.hours.items():
            hours[hour] = hours.get(hour, WeekHour()) + sums
    return Lost(whole, hours)


def causes(intervals: Iterable[Interval], going_on: int = 0) -> dict[Cause, Stood]:
    """Standstill and silence by cause. A stop counts once for each of its causes; silence is not counted."""
    lengths: dict[Cause, int] = {}
    stops: dict[Cause, set[tuple[int, int]]] = {}
    before: Cause | None = None  # with which the stop goes on that was counted before
    for interval in intervals:
        if interval.category not in _CAUSED:
            continue
        named = Cause(interval.category, interval.state, interval.reason)
        cause = UNLABELLED if interval.unlabelled else named
        lengths[cause] = lengths.get(cause, 0) + interval.span.length_ms
        counted = stops.setdefault(cause, set())
        if going_on and interval.stop_id == going_on:
            before = before or cause
        if interval.category is not Category.NO_DATA and not (interval.stop_id == going_on and cause == before):
            counted.add((interval.machine, interval.stop_id))
    return {cause: Stood(length, len(stops[cause])) for cause, length in lengths.items()}


def _hours(intervals: Iterable[Interval], zone: ZoneInfo, idle: Sequence[Span]) -> dict[int, WeekHour]:
    """Scheduled time by hour of the week: what a machine runs in a break makes no hour of it. An hour that the clock
    change repeats is one hour more of its name."""
    found: dict[int, list[int]] = {}
    end_ms, cell = 0, [0, 0, 0]
    for interval in intervals:
        category = interval.category
        if category in (Category.PLANNED, Category.UNSCHEDULED):
            continue
        spans = subtract(interval.span, idle) if category in RUNNING else (interval.span,)
        for at_ms, last_ms in ((span.start_ms, span.end_ms) for span in spans):
            while at_ms < last_ms:
                if at_ms >= end_ms:
                    local = datetime.fromtimestamp(at_ms / 1000, zone)
                    into_ms = (local.minute * 60 + local.second) * 1000 + local.microsecond // 1000
                    end_ms = at_ms - into_ms + _HOUR_MS
                    cell = found.setdefault(local.weekday() * 24 + local.hour, [0, 0, 0])
                part_ms = min(last_ms, end_ms) - at_ms
                cell[0] += part_ms
                if category is Category.NO_DATA:
                    cell[1] += part_ms
                elif category in STOPPED:
                    cell[2] += part_ms
                at_ms += part_ms
    return {hour: WeekHour(*sums) for hour, sums in found.items()}


def pareto(stood: Mapping[Cause, Stood], reasons: Mapping[int, str] | None = None) -> tuple[ParetoRow, ...]:
    """Standstill by cause, longest first; what nobody explained is always there and always last.

    `reasons` are the names of reasons by their id.
    """
    rows = [
        ParetoRow((reasons or {}).get(cause.reason or 0, ""), cause.category, cause.state, True, each.length_ms,
                  each.count)
        for cause, each in stood.items()
        if cause.category in STOPPED and cause != UNLABELLED
    ]  # fmt: skip
    rows.sort(key=lambda row: -row.length_ms)
    rest = stood.get(UNLABELLED, Stood())
    return (*rows, ParetoRow("", UNLABELLED.category, UNLABELLED.state, False, rest.length_ms, rest.count))


def waterfall(kpis: Kpis, intervals: Iterable[Interval]) -> tuple[LossStep, ...]:
    """From busy to fully productive time in milliseconds and in pieces; the steps close to the millisecond.

    Without a standard the speed loss is not known and the steps end at the operating time. In pieces a time is what
    the ideal cycle, of several products the mean by their pieces, would have made in it.
    """
    return waterfall_steps(kpis, sum(i.span.length_ms for i in intervals if i.unlabelled))


def waterfall_steps(kpis: Kpis, unlabelled_ms: int) -> tuple[LossStep, ...]:
    """The waterfall where of the standstill no more is known than how much of it nobody explained."""
    times = kpis.times
    steps = [
        ("busy", times.busy_ms, True),
        ("no_data", times.no_data_ms, False),
        ("unlabelled", unlabelled_ms, False),
        ("stop", times.stop_ms - unlabelled_ms, False),
        ("setup", times.setup_ms, False),
        ("wait", times.wait_ms, False),
        *([("no_order", times.no_order_ms, False)] if times.no_order_ms else []),
        ("up", times.up_ms, True),
    ]
    if kpis.ideal_ms is not None and kpis.ideal_good_ms is not None and "no_standard" not in kpis.flags:
        ideal, productive = round(kpis.ideal_ms), round(kpis.ideal_good_ms)
        steps += [
            ("short_stop", times.short_stop_ms, False),
            *([("rework", times.rework_ms, False)] if times.rework_ms else []),
            ("speed", times.run_ms - ideal, False),
            ("reject", ideal - productive, False),
            ("productive", productive, True),
        ]
    cycle_ms = mean_cycle_ms(kpis.sums)
    return tuple(LossStep(*step, None if cycle_ms is None else step[1] / cycle_ms) for step in steps)


def mean_cycle_ms(sums: Sums) -> float | None:
    """The ideal cycle by which time becomes pieces: of several products the mean by what was made of each."""
    rated = [(output.ideal_cycle_ms, output.total) for output in sums.outputs if output.ideal_cycle_ms]
    made = sum(pieces for _cycle_ms, pieces in rated)
    if made:
        return sum(cycle_ms * pieces for cycle_ms, pieces in rated) / made
    return rated[0][0] if len(rated) == 1 else None


class Loss(Struct, frozen=True):
    """A node of a loss tree: `factor` is the part of OEE that it lowers, availability, performance or quality."""

    key: str
    factor: str


#: the six big losses, and the seven of machining shops, which keep the change of tools apart (절삭기구 로스)
TREES: Mapping[str, tuple[Loss, ...]] = {
    "six": (
        Loss("breakdown", "availability"),
        Loss("setup", "availability"),
        Loss("minor_stop", "performance"),
        Loss("speed", "performance"),
        Loss("defect", "quality"),
        Loss("startup", "quality"),
    ),
    "seven": (
        Loss("breakdown", "availability"),
        Loss("setup", "availability"),
        Loss("tool_change", "availability"),
        Loss("minor_stop", "performance"),
        Loss("speed", "performance"),
        Loss("defect", "quality"),
        Loss("startup", "quality"),
    ),
}
#: what no tree of equipment losses holds: it lies with the organisation, with nobody's word, or is not known
OUTSIDE = (Loss("waiting", "availability"), Loss("other", "availability"), Loss("unlabelled", "availability"))


def big_losses(
    kpis: Kpis, intervals: Iterable[Interval], reasons: Mapping[int, Reason], tree: str = "six"
) -> dict[str, float]:
    """Milliseconds by node of the tree, and of what lies outside it; together they are all of busy time that was
    observed and not productive. Speed loss and defects are missing where no standard is known."""
    nodes = [*TREES[tree], *OUTSIDE]
    lost = dict.fromkeys((node.key for node in nodes), 0.0)
    for interval in intervals:
        key = _node(interval, reasons)
        if key is not None:
            lost[key if key in lost else _PARENT[key]] += interval.span.length_ms
    if kpis.ideal_ms is not None and kpis.ideal_good_ms is not None and "no_standard" not in kpis.flags:
        lost["speed"] = kpis.times.run_ms + kpis.times.rework_ms - kpis.ideal_ms
        lost["defect"] = kpis.ideal_ms - kpis.ideal_good_ms
    else:
        del lost["speed"], lost["defect"]
    return lost


_PARENT = {"tool_change": "setup"}
_OF_CATEGORY = {
    Category.SETUP: "setup",
    Category.SHORT_STOP: "minor_stop",
    Category.WAIT: "waiting",
    Category.NO_ORDER: "waiting",
}


def _node(interval: Interval, reasons: Mapping[int, Reason]) -> str | None:
    if interval.category in _OF_CATEGORY and not (interval.reason and interval.category is not Category.SHORT_STOP):
        return _OF_CATEGORY[interval.category]
    if interval.category not in STOPPED:
        return None
    reason = reasons.get(interval.reason or 0)
    if reason is not None and (reason.loss in _NODES or reason.failure):
        return reason.loss if reason.loss in _NODES else "breakdown"
    if interval.reason is None and interval.category is Category.STOP:
        return "unlabelled" if interval.unlabelled else "breakdown"
    return _OF_CATEGORY.get(interval.category, "other")


#: where a reason may put a standstill; speed loss and defects follow from the pieces
_NODES = frozenset(node.key for tree in TREES.values() for node in tree) - {"speed", "defect"}


def reliability(
    intervals: Sequence[Interval], failures: frozenset[int], window: Span, rules: RuleSet = TPM
) -> Reliability:
    """MTBF 평균고장간격 = operating time / failures, MTTR 평균수리시간 = time to restore / failures, of one machine.

    A failure is a stop with one of the reasons `failures`, or a breakdown that the machine tells itself and to which
    nobody gave another reason. One that began before the window is restored in it but counts where it began.
    Operating time is run, short stops and set-up, without longer delays (after ISO 22400-2). `intervals` may reach
    over the window.
    """
    lengths: dict[int, int] = {}
    begun: dict[int, int] = {}
    operating_ms = 0
    for interval in intervals:
        part = interval.span.cut(window)
        if part is None:
            continue
        if interval.category in _OPERATING:
            operating_ms += part.length_ms
        elif interval.category in STOPPED and _failed(interval, failures):
            lengths[interval.stop_id] = lengths.get(interval.stop_id, 0) + part.length_ms
    for interval in intervals:
        if interval.stop_id in lengths:
            begun[interval.stop_id] = min(begun.get(interval.stop_id, interval.span.start_ms), interval.span.start_ms)
    counted = [stop for stop, length_ms in lengths.items() if length_ms >= rules.least_failure_ms]
    number = sum(window.holds(begun[stop]) for stop in counted)
    restoring_ms = sum(lengths[stop] for stop in counted)
    return mean_times(number, operating_ms, restoring_ms, rules)


def failed(intervals: Iterable[Interval], failures: frozenset[int]) -> tuple[Interval, ...]:
    """The standstills that are failures, as `reliability` counts them."""
    return tuple(i for i in intervals if i.category in STOPPED and _failed(i, failures))


def mean_times(failures: int, operating_ms: int, restoring_ms: int, rules: RuleSet = TPM) -> Reliability:
    """MTBF and MTTR from their sums, also over several windows."""
    divisor = failures + rules.mtbf_adds_one
    return Reliability(
        failures,
        operating_ms,
        restoring_ms,
        operating_ms / divisor if failures else None,
        restoring_ms / failures if failures else None,
    )


_OPERATING = frozenset({Category.RUN, Category.SHORT_STOP, Category.REWORK, Category.SETUP})


def _failed(interval: Interval, failures: frozenset[int]) -> bool:
    return interval.reason in failures if interval.reason is not None else interval.state is State.FAULT


def biggest(intervals: Iterable[Interval], span: Span) -> tuple[Interval, int] | None:
    """What takes most of a span, all standstills of one kind and name together: the first of them and how many
    milliseconds of the span they take; None where there is none."""
    sums: dict[object, int] = {}
    first: dict[object, Interval] = {}
    for interval in intervals:
        length_ms = min(interval.span.end_ms, span.end_ms) - max(interval.span.start_ms, span.start_ms)
        if length_ms > 0:
            kind: object = interval.category  # a short stop is one whatever the machine said
            if kind is not Category.SHORT_STOP:
                kind = (kind, interval.state, interval.code, interval.reason)
            first.setdefault(kind, interval)
            sums[kind] = sums.get(kind, 0) + length_ms
    if not sums:
        return None
    kind = max(sums, key=sums.__getitem__)
    return first[kind], sums[kind]


def short_stops(intervals: Iterable[Interval]) -> int:
    """How many short stops."""
    return sum(i.category is Category.SHORT_STOP for i in intervals)
