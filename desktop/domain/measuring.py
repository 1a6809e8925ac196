"""Measured values of a characteristic: what counts, what is no value, and the points of its chart. Pure.

The first value of a unit counts, for the chart and the first-pass yield; a retest until it is good would hide what the
process does. Everything is kept and shown.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from statistics import median

from msgspec import Struct
from msgspec.structs import replace

from desktop.domain import spc
from desktop.domain.entries import ChartLimits, Entry
from desktop.domain.quality import Characteristic, Limits, Sampling, limits_at
from desktop.domain.spans import Span
from desktop.domain.spc import Capability, ChartKind, Estimate, Finding, Rule, Warn
from desktop.domain.values import Value, as_they_came, is_no_value

GAP_MS = 30 * 60_000  # so long without a value may be a gap
_PAUSE_MS = 60_000  # so long without a value may end a subgroup of some pieces an hour
MANY = 10  # a distance of so many usual ones is one
LAST_POINTS = 60  # of a chart
BASE_POINTS = 25  # by which limits are frozen
SHOWN_POINTS = LAST_POINTS + BASE_POINTS
CAPABLE = 125  # values, by which the capability is judged at least where there are so many
CONTEXT = max(spc.LENGTHS.values()) + 1  # by so many points before it is known whether a rule is met anew by a point
ENOUGH_CPK = 1.33


class Use(StrEnum):
    """What becomes of a value."""

    COUNTS = ""
    RETEST = "retest"  # a later value of a unit that has one
    EXCLUDED = "excluded"  # somebody left it out, and said why
    NO_VALUE = "no_value"  # not a number, or one by which a gauge says that it has none


class Judged(Struct, frozen=True):
    """A value, what becomes of it, and how it lies in the limits that were valid then (None: nothing was specified).
    `attempt`: the so many-th value of its unit, 0 where it is bound to none. `excluded`: the entry that left it out.
    """

    value: Value
    use: Use
    good: bool | None
    limits: Limits | None
    attempt: int = 0
    excluded: Entry | None = None


def came_before(one: Value, other: Value) -> bool:
    """Whether a value came before another one: see `as_they_came`."""
    if one.by_hand == other.by_hand:
        return one.id < other.id if not one.by_hand else (one.at_ms, one.id) < (other.at_ms, other.id)
    return one.at_ms < other.at_ms


def judged(
    values: Iterable[Value], limits: Sequence[Limits], excluded: Mapping[int, Entry], before: Mapping[str, int]
) -> tuple[Judged, ...]:
    """What becomes of each of these values (oldest first), in the order in which they came. `before`: how many values a
    unit had earlier already; `excluded`: by the id of the value."""
    tried = dict(before)
    found = []
    for each in as_they_came([*values]):
        valid = limits_at(limits, each.at_ms)
        entry = excluded.get(each.id)
        if is_no_value(each.value, valid):
            found.append(Judged(each, Use.NO_VALUE, None, valid))
            continue
        assert each.value is not None
        attempt = 0
        if each.unit:
            attempt = tried[each.unit] = tried.get(each.unit, 0) + 1
        use = Use.RETEST if attempt > 1 else Use.EXCLUDED if entry is not None else Use.COUNTS
        good = None if valid is None else valid.judge(each.value)
        found.append(Judged(each, use, good, valid, attempt, entry))
    return tuple(found)


class Group(Struct, frozen=True):
    """One point of a chart: its values, of one product. `begins`: a new run begins with it; `limits`: what was
    specified of them."""

    values: tuple[Value, ...]
    begins: bool
    limits: Limits | None = None

    @property
    def figures(self) -> tuple[float, ...]:
        """The values as numbers."""
        return tuple(each.value for each in self.values if each.value is not None)

    @property
    def at_ms(self) -> int:
        """When its last value was measured."""
        return self.values[-1].at_ms


def usual_ms(told: Sequence[Judged], subgroup: int) -> float | None:
    """How far apart points usually are; None of too few values."""
    return _usual_ms([each.value.at_ms for each in told if each.use in (Use.COUNTS, Use.EXCLUDED)], subgroup)


def _usual_ms(times: Sequence[int], apart: int) -> float | None:
    """The usual distance of moments that are so many places apart."""
    found = [later - earlier for earlier, later in zip(times, times[apart:], strict=False)]
    return median(found) if found else None


class Cutting:
    """The points of a chart from values as they came, one after the other. What fills no subgroup is no point.

    A run begins anew behind a gap (ten usual distances and half an hour), where the values of a point were left out so
    that it is none, where another product is made, where limits of the chart changed (`changes_ms`) and where others
    are specified. A subgroup begins with a run, behind a full one, and with a production day (`day_at`: the one that
    holds a moment), so that it is known without what was measured before that day. A value that is left out keeps its
    place in it. Where some pieces an hour are measured a longer pause ends a subgroup, which then has fewer values; one
    alone is no subgroup. What is usual is told by the values before: a point that is finished stays as it is whatever
    comes.
    """

    def __init__(
        self,
        characteristic: Characteristic,
        changes_ms: Sequence[int] = (),
        day_at: Callable[[int], Span] | None = None,
    ) -> None:
        self.made: list[Group] = []
        self._size = characteristic.subgroup
        self._bursts = self._size > 1 and characteristic.sampling is not Sampling.EACH
        self._changes, self._day_at = sorted(changes_ms), day_at
        self._times: deque[int] = deque(maxlen=looks_back(characteristic))
        self._day: Span | None = None
        self._open: list[Judged] = []  # the subgroup that is not finished
        self._begun = True  # whether it begins a run
        self._last: Judged | None = None

    def take(self, each: Judged) -> None:
        """One more value."""
        if each.use not in (Use.COUNTS, Use.EXCLUDED):
            return
        value, last = each.value, self._last
        if last is not None:
            begins = value.product != last.value.product or each.limits != last.limits
            begins = begins or any(last.value.at_ms < at_ms <= value.at_ms for at_ms in self._changes)
            begins = begins or self._is_gap(value.at_ms)
            if begins or (self._open and (self._is_pause(value.at_ms) or not self._is_of_day(value.at_ms))):
                self._close()
            self._begun = self._begun or begins
        if self._day_at is not None and not (self._day and self._day.holds(value.at_ms)):
            self._day = self._day_at(value.at_ms)
        self._open.append(each)
        self._times.append(value.at_ms)
        self._last = each
        if len(self._open) == self._size:
            self._close()

    def _close(self) -> None:
        """Make a point of the values since the last one."""
        counts = tuple(each.value for each in self._open if each.use is Use.COUNTS)
        if len(self._open) == self._size or self._bursts:
            if len(counts) >= min(self._size, 2):
                self.made.append(Group(counts, self._begun, self._open[-1].limits))
                self._begun = False
            elif len(counts) < len(self._open):
                self._begun = True
        self._open.clear()

    def _is_of_day(self, at_ms: int) -> bool:
        return self._day is None or self._day.holds(at_ms)

    def _is_gap(self, at_ms: int) -> bool:
        if at_ms - self._times[-1] <= GAP_MS:
            return False
        return at_ms - self._times[-1] > MANY * (_usual_ms((*self._times, at_ms), self._size) or 0)

    def _is_pause(self, at_ms: int) -> bool:
        if not self._bursts or at_ms - self._times[-1] <= _PAUSE_MS:
            return False
        return at_ms - self._times[-1] > MANY * (_usual_ms((*self._times, at_ms), 1) or 0)


def looks_back(characteristic: Characteristic) -> int:
    """So many values tell what distances are usual."""
    return BASE_POINTS * characteristic.subgroup


def last_values(characteristic: Characteristic) -> int:
    """So many values are shown and read at least, of which a chart and a capability are made though some do not
    count."""
    return 2 * max(SHOWN_POINTS * characteristic.subgroup, CAPABLE)


def kept_points(characteristic: Characteristic) -> int:
    """Of so many points a chart and a capability are made."""
    return last_values(characteristic) // characteristic.subgroup


def groups(told: Iterable[Judged], characteristic: Characteristic, changes_ms: Sequence[int] = ()) -> tuple[Group, ...]:
    """The points of a chart from these values as they came."""
    cutting = Cutting(characteristic, changes_ms)
    for each in told:
        cutting.take(each)
    return tuple(cutting.made)


def alike(every: Sequence[Group], told: Sequence[Judged]) -> tuple[Group, ...]:
    """The groups of what is made now: with the limits of the newest value and its product (where that is not known
    the last one that is). Others speak of another process; a gap does not part them."""
    counts = [each for each in reversed(told) if each.use is Use.COUNTS]
    if not counts:
        return ()
    products = (None, next((each.value.product for each in counts if each.value.product is not None), None))
    return tuple(each for each in every if each.limits == counts[0].limits and each.values[-1].product in products)


def version_at(versions: Iterable[Entry], at_ms: int) -> Entry | None:
    """The limits of a chart that held at a moment; the later word counts."""
    found = [each for each in versions if each.said.start_ms <= at_ms]
    return max(found, key=lambda each: (each.said.start_ms, each.id), default=None)


class Analysis(Struct, frozen=True):
    """A characteristic as its chart shows it.

    `told` are the values that were read, oldest first, `points` the groups of the chart; `fresh`: the place of the
    first point behind the freezing, None where nothing is frozen. `frozen` is the entry of the limits in force. `own`
    are the limits that the last 25 points of what is made now would give (`alike`). `findings` are by places of points,
    in new points alone where limits are frozen, else in those of what is made now. `capable` are the values, of what is
    made now too, of which `capability` speaks. `first_pass`: good ones and all first values of units. `unbound`: values
    without a unit.
    """

    told: tuple[Judged, ...]
    points: tuple[Group, ...]
    kind: ChartKind
    frozen: Entry | None
    own: Estimate | None
    centre: float | None
    sigma: float | None
    findings: tuple[Finding, ...]
    capability: Capability
    capable: tuple[float, ...] = ()
    alike: tuple[Group, ...] = ()
    fresh: int | None = None
    coarse: bool = False
    usual_ms: float | None = None
    first_pass: tuple[int, int] = (0, 0)
    unbound: int = 0
    retests: int = 0
    too_often: int = 0  # units that were measured again more often than allowed

    @property
    def chart_limits(self) -> ChartLimits | None:
        """What is frozen."""
        said = None if self.frozen is None else self.frozen.said
        return said if isinstance(said, ChartLimits) else None

    @property
    def last(self) -> Value | None:
        """The newest value that is one."""
        return next((each.value for each in reversed(self.told) if each.use is not Use.NO_VALUE), None)


def moments(values: Iterable[Value]) -> tuple[int, ...]:
    """When pieces were measured, each piece once, by the first of these values; what no unit is known of counts by
    itself, as does what was entered by hand without one. A value that is none does not count."""
    first: dict[str | tuple[bool, int], int] = {}
    for value in sorted(values, key=lambda each: each.at_ms):
        if value.value is not None:
            first.setdefault(value.unit or (value.by_hand, value.id), value.at_ms)
    return tuple(sorted(first.values()))


def analyse(
    told: Sequence[Judged],
    characteristic: Characteristic,
    versions: Sequence[Entry],
    limits: Limits | None,
    every: Sequence[Group] | None = None,
) -> Analysis:
    """What the chart of a characteristic shows of these values; `versions` are its frozen limits, `limits` what is
    specified now. `every`: its points, where more is known than these values (None) of how they are cut."""
    frozen = max(versions, key=lambda each: (each.said.start_ms, each.id), default=None)
    said = frozen.said if frozen is not None else None
    if every is None:
        every = groups(told, characteristic, [each.said.start_ms for each in versions])
    every = tuple(every[-kept_points(characteristic) :])
    made = every[-SHOWN_POINTS:]
    now = alike(every, told)
    own, kind = _own(made, now, characteristic)
    centre = sigma = None
    rules: Sequence[Rule] = spc.USUAL
    begin = len(every) - len(made)  # the place of the first point that is shown
    fresh = None
    own_ids = {each.values[0].id for each in now}
    held = [n for n, each in enumerate(every) if each.values[0].id in own_ids]
    if isinstance(said, ChartLimits):
        kind = kind_by(said, made)
        centre, sigma = said.centre, said.sigma
        rules = rules_of(said)
        new = next((n for n, each in enumerate(every) if each.at_ms >= said.start_ms), len(every))
        held = [*range(new, len(every))]
        fresh = max(new - begin, 0)
    elif own is not None:
        centre, sigma = own.centre, own.sigma
    places = [n for n in held if n >= begin - CONTEXT]
    found = _findings(every, places, centre, sigma, rules, kind)
    findings = tuple(
        replace(each, first=max(each.first - begin, 0), met=max(each.met - begin, 0), last=each.last - begin)
        for each in found
        if each.last >= begin
    )
    most = max(CAPABLE, BASE_POINTS * characteristic.subgroup)
    counts = tuple(value for group in now for value in group.figures)[-most:]
    coarse = own is not None and spc.is_coarse(counts, own.centre, own.sigma)
    low, high = (None, None) if limits is None else (limits.low, limits.high)
    capability = spc.capability(
        counts,
        None if own is None else own.sigma,
        low,
        high,
        nominal=None if limits is None else limits.nominal,
        out_of_control=bool(findings),
        coarse=coarse,
    )
    used = [each for each in told if each.use in (Use.COUNTS, Use.EXCLUDED)]
    often: dict[str, int] = {}
    for each in told:
        if each.attempt > 1 + characteristic.retests:
            often[each.value.unit] = each.attempt
    return Analysis(
        tuple(told), made, kind, frozen, own, centre, sigma, findings, capability, counts, now, fresh, coarse,
        usual_ms(told, characteristic.subgroup),
        spc.first_pass(each.good for each in used if each.value.unit),
        sum(not each.value.unit for each in used),
        sum(each.use is Use.RETEST for each in told),
        len(often),
    )  # fmt: skip


def _own(
    made: Sequence[Group], now: Sequence[Group], characteristic: Characteristic
) -> tuple[Estimate | None, ChartKind]:
    """The limits that the last points of what is made `now` would give, and the kind of chart that these take."""
    last = now[-BASE_POINTS:]
    kind = _kind(last or made) if made else spc.kind_of(characteristic.subgroup)
    if any(len(each.values) > spc.LARGEST_SUBGROUP for each in made):
        return None, kind
    return spc.estimate(kind, [each.figures for each in last], [each.begins for each in last]), kind


def _kind(made: Sequence[Group]) -> ChartKind:
    """The kind of chart that points take by their sizes."""
    sizes = {len(each.values) for each in made}
    return spc.kind_of(max(sizes), equal=len(sizes) == 1)


def rules_of(said: ChartLimits) -> list[Rule]:
    """The rules that were frozen, as far as they are known."""
    known = {rule.value for rule in Rule}
    return [Rule(rule) for rule in said.rules if rule in known]


def kind_by(said: ChartLimits, made: Sequence[Group]) -> ChartKind:
    """The kind of chart for points that frozen limits judge: theirs, whatever was left out of a subgroup since, unless
    subgroups are larger now, or single values, and were not then."""
    known = next((kind for kind in ChartKind if kind == said.chart), None)
    most = max((len(each.values) for each in made), default=said.n)
    fits = known is not None and (known is ChartKind.I_MR) == (most == 1) and most <= max(said.n, 1)
    return known if known is not None and fits else _kind(made)


def _findings(
    made: Sequence[Group],
    places: Sequence[int],
    centre: float | None,
    sigma: float | None,
    rules: Sequence[Rule],
    kind: ChartKind,
) -> tuple[Finding, ...]:
    """What the rules find in the points at some places; a gauge without any spread is told of otherwise."""
    new = [made[place] for place in places]
    if centre is None or not sigma or not new:
        return ()
    of = spc.points(kind, [each.figures for each in new], centre, sigma)
    error = [sigma / math.sqrt(len(each.values)) for each in new]
    found = spc.findings(of.means, centre, error, rules, [each.begins for each in new])
    # The one rule that is for spreads too, but not for moving ranges: they ring for what single values tell already.
    if Rule.BEYOND in rules and kind is not ChartKind.I_MR:
        wide = zip(of.spreads, of.spread_high, strict=True)
        beyond = [n for n, (spread, high) in enumerate(wide) if spread is not None and spread > high]
        found = (*found, *(Finding(Rule.BEYOND, n, n, n, 1, of_spread=True) for n in beyond))
    moved = (
        Finding(each.rule, places[each.first], places[each.met], places[each.last], each.side, each.of_spread)
        for each in found
    )
    return tuple(sorted(moved, key=lambda each: each.met))


class Signal(Struct, frozen=True):
    """What frozen limits found, by itself: which rule was met by the point of which moment, and on which side (as a
    `Finding` has it)."""

    rule: Rule
    side: int
    met_ms: int
    of_spread: bool = False


def signals(made: Sequence[Group], since: int, said: ChartLimits) -> list[Signal]:
    """What frozen limits find in the points from a place on, oldest first; what was met before it goes on."""
    begin = max(since - CONTEXT, 0)
    held = [n for n in range(begin, len(made)) if made[n].at_ms >= said.start_ms]
    if not held or held[-1] < since:
        return []
    kind = kind_by(said, [made[n] for n in held])
    found = _findings(made, held, said.centre, said.sigma, rules_of(said), kind)
    return [Signal(each.rule, each.side, made[each.met].at_ms, each.of_spread) for each in found if each.met >= since]


def base_findings(analysis: Analysis, rules: Sequence[Rule]) -> tuple[Finding, ...]:
    """What the rules find, by the limits that the last points of what is made now would give (`Analysis.own`), in these
    points themselves, by places among them: limits of a process that is not stable are those of none."""
    own = analysis.own
    if own is None:
        return ()
    base = analysis.alike[-own.points :]
    return _findings(base, range(len(base)), own.centre, own.sigma, rules, own.kind)


class State(StrEnum):
    """How a characteristic stands, the most urgent first."""

    SIGNAL = "signal"  # a rule is met and nobody has acknowledged it
    OUTSIDE = "outside"  # the last value is out of its limits
    NO_VALUES = "no_values"  # none for long
    CAPABILITY = "capability"  # Cpk below 1.33
    COARSE = "coarse"  # the gauge
    FEW = "few"  # too few values for limits
    OPEN = "open"  # there are values enough, and no limits are frozen
    STABLE = "stable"


def urgency(state: State, sample: str) -> tuple[int, int]:
    """How urgent a characteristic is, the most urgent is the least: what is out of limits, then what waits to be
    sampled (`sample`: missed, late or due), then everything else."""
    place = [*State].index(state)
    if place > [*State].index(State.OUTSIDE) and sample in _WAITING:
        return 1, _WAITING.index(sample)
    return (0 if place <= [*State].index(State.OUTSIDE) else 2), place


_WAITING = ("missed", "late", "due")


def silent_ms(analysis: Analysis, characteristic: Characteristic, now_ms: int) -> int | None:
    """For how long there was no value, where that is unusually long; by hand nobody expects one."""
    last = analysis.told[-1].value if analysis.told else None
    if characteristic.signal is None or last is None or analysis.usual_ms is None:
        return None
    length = now_ms - last.at_ms
    return length if length > max(MANY * analysis.usual_ms, 5 * 60_000) else None


def state(analysis: Analysis, characteristic: Characteristic, open_findings: int, now_ms: int) -> State:
    """How a characteristic stands."""
    last = next((each for each in reversed(analysis.told) if each.use is Use.COUNTS), None)
    cpk = analysis.capability.cpk or analysis.capability.ppk
    if open_findings:
        return State.SIGNAL
    if last is not None and last.good is False:
        return State.OUTSIDE
    if silent_ms(analysis, characteristic, now_ms) is not None:
        return State.NO_VALUES
    if analysis.coarse or Warn.NO_SPREAD in analysis.capability.warnings:
        return State.COARSE
    if analysis.frozen is None and len(analysis.alike) < BASE_POINTS:
        return State.FEW
    if cpk is not None and cpk.value < ENOUGH_CPK:
        return State.CAPABILITY
    return State.OPEN if analysis.frozen is None else State.STABLE
