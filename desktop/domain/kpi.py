"""The KPIs of one machine, TPM model: milliseconds and pieces first, then the ratios made of them.

    availability 시간가동률  x  performance 성능가동률  x  quality 양품률  =  OEE 설비종합효율

`Sums` holds what adds up: any time cut in two gives the same sums as the whole, and what is longer (a week, a line of
products) is added up and computed anew, never averaged. Ratios are 0 to 1 or None; None means "not known" and is never
shown as zero. The set of ISO 22400-2 over the same sums: `desktop.domain.iso22400`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence

from msgspec import Struct

from desktop.domain.events import Count, CountFlag, Role
from desktop.domain.intervals import GOING, Category, Interval
from desktop.domain.rules import TPM, RuleSet
from desktop.domain.spans import Span, intersect, subtract, total_ms, union


class Times(Struct, frozen=True):
    """Milliseconds of a window by category; they add up to the window."""

    run_ms: int = 0
    short_stop_ms: int = 0
    rework_ms: int = 0
    stop_ms: int = 0
    setup_ms: int = 0
    wait_ms: int = 0
    no_order_ms: int = 0
    planned_ms: int = 0
    no_data_ms: int = 0
    unscheduled_ms: int = 0

    @property
    def busy_ms(self) -> int:
        """Planned busy time 부하시간: scheduled time without planned stops (run time in a break belongs to it)."""
        return self.up_ms + self.loss_ms + self.no_data_ms

    @property
    def loss_ms(self) -> int:
        """Downtime 비가동: what counts against availability."""
        return self.stop_ms + self.setup_ms + self.wait_ms + self.no_order_ms

    @property
    def up_ms(self) -> int:
        """Operating time 가동시간: observed busy time without downtime; short stops belong to it."""
        return self.run_ms + self.short_stop_ms + self.rework_ms

    @property
    def scheduled_ms(self) -> int:
        """Planned operation time 조업시간: busy time and planned stops."""
        return self.busy_ms + self.planned_ms


class Output(Struct, frozen=True):
    """Pieces of one product made with one ideal cycle (None: no standard is known). First passes outside set-up:
    `good`, `reject`, of which `untimed` were made while nobody listened.

    Outside PQ and GQ are: trial pieces of a set-up (`trial_good` count for the order only), pieces that were worked on
    again (`rework_*`), and what was made outside any shift (`extra_*`, 비조업 생산).
    """

    product: int | None = None
    ideal_cycle_ms: float | None = None
    good: int = 0
    reject: int = 0
    untimed: int = 0
    trial_good: int = 0
    trial_reject: int = 0
    rework_good: int = 0
    rework_reject: int = 0
    extra_good: int = 0
    extra_reject: int = 0

    @property
    def total(self) -> int:
        """All first passes (PQ)."""
        return self.good + self.reject


class Sums(Struct, frozen=True):
    """Everything of a window that adds up.

    `bridged_ms`: silence over which the counters survived, so that no piece of it is missing. `unrated_ms`: observed
    busy time in which a product without a standard was made, `unrated_up_ms` its operating part. `calendar_ms` is all
    time, `capacity_ms` the standard capacity time of the shop's locked calendar.
    """

    times: Times = Times()
    outputs: tuple[Output, ...] = ()
    bridged_ms: int = 0
    unrated_ms: int = 0
    unrated_up_ms: int = 0
    calendar_ms: int = 0
    capacity_ms: int = 0

    def __add__(self, other: Sums) -> Sums:
        return add((self, other))

    @property
    def good(self) -> int:
        """GQ: good first passes."""
        return sum(output.good for output in self.outputs)

    @property
    def reject(self) -> int:
        """Rejected first passes."""
        return sum(output.reject for output in self.outputs)

    def known_by(self, rules: RuleSet) -> bool:
        """Whether of enough of the busy time the pieces are known: it was observed, or a counter survived it."""
        blind_ms = max(self.times.no_data_ms - self.bridged_ms, 0)
        busy_ms = self.times.busy_ms
        return busy_ms > 0 and busy_ms - blind_ms >= rules.least_coverage_ratio * busy_ms

    @property
    def unrated(self) -> bool:
        """Whether pieces were made of which no ideal cycle is known."""
        return any(output.total for output in self.outputs if not output.ideal_cycle_ms)


class Pieces(Struct, frozen=True):
    """What was made in a window (first passes). `untimed` of the total were made while nobody listened."""

    good: int = 0
    reject: int = 0
    untimed: int = 0

    @property
    def total(self) -> int:
        """All pieces, good and rejected."""
        return self.good + self.reject


class Making(Struct, frozen=True):
    """What a machine makes in a span: product and ideal cycle, None where not known. Never another product's cycle."""

    span: Span
    product: int | None = None
    ideal_cycle_ms: float | None = None


class Kpis(Struct, frozen=True):
    """The figures of one machine in one window, each with what it was made of.

    `availability` and `performance` are on observed time; with coverage below 1 the availability lies
    between `availability_low` and `availability_high`. `own_availability` leaves out waiting for others. Performance
    may pass 1 (flag "standard_suspect"). Flags name what a reader must know; `desktop.wording` has the sentences.
    """

    window: Span
    sums: Sums
    coverage: float | None = None
    availability: float | None = None
    availability_low: float | None = None
    availability_high: float | None = None
    own_availability: float | None = None
    performance: float | None = None
    net_operating_rate: float | None = None
    speed_rate: float | None = None
    quality: float | None = None
    oee: float | None = None
    nee: float | None = None
    teep: float | None = None
    ooe: float | None = None
    capacity_utilisation: float | None = None
    ideal_ms: float | None = None  # ideal cycle x all pieces
    ideal_good_ms: float | None = None  # ideal cycle x good pieces
    ideal_timed_ms: float | None = None  # ideal cycle x pieces of known time
    flags: tuple[str, ...] = ()
    rules: str = str(TPM)

    @property
    def times(self) -> Times:
        """Milliseconds by category."""
        return self.sums.times

    @property
    def pieces(self) -> Pieces:
        """Good, reject and untimed first passes of all products."""
        return Pieces(self.sums.good, self.sums.reject, sum(output.untimed for output in self.sums.outputs))


def add(parts: Iterable[Sums]) -> Sums:
    """The sum of several windows or machines; pieces of one product and cycle are one output."""
    times, outputs = dict.fromkeys(_TIMES, 0), dict[tuple[int | None, float | None], Output]()
    rest = dict.fromkeys(_RESTS, 0)
    for part in parts:
        for name in times:
            times[name] += getattr(part.times, name)
        for name in rest:
            rest[name] += getattr(part, name)
        for output in part.outputs:
            key = (output.product, output.ideal_cycle_ms)
            known = outputs.get(key)
            outputs[key] = output if known is None else _merged(known, output)
    return Sums(Times(**times), tuple(sorted(outputs.values(), key=_output_order)), **rest)


def tally(
    window: Span,
    intervals: Sequence[Interval],
    counts: Iterable[Count] = (),
    makings: Sequence[Making] = (),
    *,
    busy_spans: Sequence[Span] = (),
    capacity_ms: int = 0,
    counters: Collection[Role] = (),
) -> Sums:
    """The sums of a window from its intervals and the counts of its machine.

    A piece was made in [from_ms, at_ms) and belongs to the last millisecond before `at_ms`; so does its category and
    its product. Pieces of unknown time (flag GAP) are shared out by the planned busy time of the whole gap, with
    cumulative rounding, so that any cut adds up to the whole: for that `busy_spans` must hold that time also where it
    reaches out of the window; where they share no time with a gap it is shared out by the clock. `makings` lie one
    after the other; where there is none the product is not known. `capacity_ms` is the standard capacity time.
    `counters` are what the machine counts, also where it counted nothing: of a total and one part the other follows.
    """
    if unknown := subtract(window, [making.span for making in makings]):
        makings = sorted((*makings, *map(Making, unknown)), key=_begin)
    made, gaps = _counted(window, intervals, counts, makings, busy_spans)
    outputs = [
        _output(making, made, place, counters)
        for place, making in enumerate(makings)
        if making.span.cut(window) or any(key[0] == place for key in made)
    ]
    unrated_ms = unrated_up_ms = 0
    if not all(making.ideal_cycle_ms for making in makings):
        unrated = subtract(window, [making.span for making in makings if making.ideal_cycle_ms])
        unrated_ms = total_ms(intersect((i.span for i in intervals if i.category in _OBSERVED), unrated))
        unrated_up_ms = total_ms(intersect((i.span for i in intervals if i.category in GOING), unrated))
    found = Sums(
        times_of(intervals),
        tuple(outputs),
        bridged_ms=_bridged_ms(intervals, gaps) if gaps else 0,
        unrated_ms=unrated_ms,
        unrated_up_ms=unrated_up_ms,
        calendar_ms=window.length_ms,
        capacity_ms=capacity_ms,
    )
    return found if len(outputs) < 2 else add((found,))


def pieces_of(
    window: Span,
    intervals: Sequence[Interval],
    counts: Iterable[Count],
    busy_spans: Sequence[Span] = (),
    counters: Collection[Role] = (),
) -> Pieces:
    """The first passes of a window, counted as `tally` does, whatever product they are."""
    whole = Making(window)
    made, _gaps = _counted(window, intervals, counts, (whole,), busy_spans)
    output = _output(whole, made, 0, counters)
    return Pieces(output.good, output.reject, output.untimed)


def times_of(intervals: Iterable[Interval]) -> Times:
    """Milliseconds by category."""
    sums = dict.fromkeys(_TIMES, 0)
    for interval in intervals:
        sums[_TIME_OF[interval.category]] += interval.span.length_ms
    return Times(**sums)


def too_early(sums: Sums, rules: RuleSet = TPM, *, running: bool) -> bool:
    """Whether a window that still grows holds too little busy time for its ratios to say anything."""
    return running and sums.times.busy_ms < rules.live_after_ms


def compute(window: Span, sums: Sums, rules: RuleSet = TPM, *, running: bool = False) -> Kpis:
    """The KPIs of a window; of one that still grows (`running`) no ratios but the coverage while it is `too_early`.

    availability = (observed busy - downtime) / observed busy; performance = ideal x timed pieces / up time;
    quality = ideal x good / ideal x all; OEE = ideal x good / busy, less the time of which neither states nor pieces
    are known or whose product has no standard (below `rules.least_coverage_ratio` OEE is not known then).
    capacity utilisation 생산능력 가동률 = ideal x all / standard capacity time.
    """
    times, flags = sums.times, []
    busy_ms, up_ms = times.busy_ms, times.up_ms
    observed_ms = busy_ms - times.no_data_ms
    rated = [output for output in sums.outputs if output.ideal_cycle_ms]
    unrated = sums.unrated
    # More good pieces than pieces in all: which of the counters errs nobody knows.
    negative = any(min(output.good, output.reject) < 0 for output in sums.outputs)
    ideal_ms = ideal_good_ms = ideal_timed_ms = None
    if (rated or not unrated) and not negative:
        ideal_ms = _ideal(rated, "total")
        ideal_good_ms = _ideal(rated, "good")
        ideal_timed_ms = ideal_ms - _ideal(rated, "untimed")
    total, timed = sums.good + sums.reject, sums.good + sums.reject - sum(output.untimed for output in sums.outputs)

    performance = None
    rated_up_ms = up_ms - sums.unrated_up_ms if unrated else up_ms
    if ideal_timed_ms is not None and up_ms and (rated or not total) and rated_up_ms > 0:
        performance = ideal_timed_ms / rated_up_ms
    if performance is not None and performance > 1:
        flags.append("standard_suspect")
    if timed and not up_ms:
        flags.append("pieces_without_run")
    if unrated or (not rated and not total):
        flags.append("no_standard")
    if negative:
        flags.append("negative_pieces")
    quality = None
    if total and busy_ms and not negative:
        quality = (
            ideal_good_ms / ideal_ms if ideal_ms and ideal_good_ms is not None and not unrated else sums.good / total
        )
    oee = None
    if ideal_good_ms is not None and busy_ms:
        # Where neither states nor pieces are known, only the rest of the time can be judged.
        blind_ms = max(times.no_data_ms - sums.bridged_ms, 0)
        judged_ms = busy_ms - blind_ms - (sums.unrated_ms if unrated else 0)
        if judged_ms > 0 and judged_ms / busy_ms >= rules.least_coverage_ratio:
            oee = ideal_good_ms / judged_ms
    coverage = _ratio(observed_ms, busy_ms)
    if too_early(sums, rules, running=running):
        return Kpis(
            window,
            sums,
            coverage,
            ideal_ms=ideal_ms,
            ideal_good_ms=ideal_good_ms,
            ideal_timed_ms=ideal_timed_ms,
            flags=(*flags, "too_early"),
            rules=str(rules),
        )
    net = (up_ms - times.short_stop_ms) / up_ms if up_ms else None
    return Kpis(
        window,
        sums,
        coverage,
        availability=_ratio(up_ms, observed_ms),
        availability_low=_ratio(up_ms, busy_ms),
        availability_high=_ratio(up_ms + times.no_data_ms, busy_ms),
        own_availability=_ratio(observed_ms - times.stop_ms - times.setup_ms, observed_ms),
        performance=performance,
        net_operating_rate=net,
        speed_rate=performance / net if performance is not None and net else None,
        quality=quality,
        oee=oee,
        nee=_product(_ratio(up_ms + times.setup_ms, observed_ms), performance, quality),
        teep=oee * busy_ms / sums.calendar_ms if oee is not None and sums.calendar_ms else None,
        ooe=oee * busy_ms / times.scheduled_ms if oee is not None and times.scheduled_ms else None,
        capacity_utilisation=ideal_ms / sums.capacity_ms if ideal_ms is not None and sums.capacity_ms else None,
        ideal_ms=ideal_ms,
        ideal_good_ms=ideal_good_ms,
        ideal_timed_ms=ideal_timed_ms,
        flags=tuple(flags),
        rules=str(rules),
    )


# -- what they are made of --

_TIMES = Times.__struct_fields__
_TIME_OF = {category: f"{category.value}_ms" for category in Category}
_OBSERVED = frozenset(Category) - {Category.NO_DATA, Category.PLANNED, Category.UNSCHEDULED}
_RESTS = Sums.__struct_fields__[2:]
_Made = dict[tuple[int, str, Role], int]  # making, bucket, role -> pieces
#: pieces made in such time are no first passes
BESIDE = {Category.SETUP: "trial", Category.REWORK: "rework", Category.UNSCHEDULED: "extra"}
_PIECES = Output.__struct_fields__[2:]


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _product(*ratios: float | None) -> float | None:
    product = 1.0
    for ratio in ratios:
        if ratio is None:
            return None
        product *= ratio
    return product


def _ideal(outputs: Iterable[Output], pieces: str) -> float:
    return sum(((output.ideal_cycle_ms or 0.0) * int(getattr(output, pieces)) for output in outputs), 0.0)


def _merged(one: Output, other: Output) -> Output:
    return Output(
        one.product, one.ideal_cycle_ms, **{name: getattr(one, name) + getattr(other, name) for name in _PIECES}
    )


def _output_order(output: Output) -> tuple[int, float]:
    return output.product or 0, output.ideal_cycle_ms or 0.0


def _begin(making: Making) -> int:
    return making.span.start_ms


def _counted(
    window: Span,
    intervals: Sequence[Interval],
    counts: Iterable[Count],
    makings: Sequence[Making],
    busy_spans: Sequence[Span],
) -> tuple[_Made, dict[Role, list[Span]]]:
    """Pieces by making, bucket and role; and the gaps over which each role survived."""
    low_ms, high_ms = window.start_ms, window.end_ms
    starts = [interval.span.start_ms for interval in intervals]
    buckets = [*(BESIDE.get(interval.category, "main") for interval in intervals), "main"]  # the last: before them all
    begins = [making.span.start_ms for making in makings]
    several = len(begins) > 1
    made: _Made = {}
    gaps: dict[Role, list[Span]] = {}
    for count in counts:
        if count.flag is CountFlag.GAP:
            whole = Span(min(count.from_ms, count.at_ms), count.at_ms)
            gaps.setdefault(count.role, []).append(whole)
            for place, making in enumerate(makings):
                if part := making.span.cut(window):
                    key = (place, "gap", count.role)
                    made[key] = made.get(key, 0) + _share(count.pieces, whole, part, busy_spans)
            continue
        at_ms = count.at_ms - 1
        if count.pieces and low_ms <= at_ms < high_ms:
            bucket = buckets[bisect_right(starts, at_ms) - 1]
            key = (bisect_right(begins, at_ms) - 1 if several and at_ms >= begins[0] else 0, bucket, count.role)
            made[key] = made.get(key, 0) + count.pieces
    return made, gaps


def _output(making: Making, made: _Made, place: int, counters: Collection[Role]) -> Output:
    """The pieces of one making; of a total and one of its parts the other part follows, also where it is below 0:
    then the counters contradict each other, and the whole still is the sum of its parts."""
    roles = counters or {key[2] for key in made}

    def parts(*buckets: str) -> tuple[int, int]:
        good = sum(made.get((place, bucket, Role.GOOD), 0) for bucket in buckets)
        reject = sum(made.get((place, bucket, Role.REJECT), 0) for bucket in buckets)
        if Role.TOTAL in roles:
            total = sum(made.get((place, bucket, Role.TOTAL), 0) for bucket in buckets)
            if Role.GOOD in roles:
                reject = total - good
            else:
                good = total - reject
        return good, reject

    good, reject = parts("main", "gap")
    untimed = good + reject - sum(parts("main")) if any(key[1] == "gap" for key in made) else 0
    rest = [parts(bucket) if any(key[1] == bucket for key in made) else (0, 0) for bucket in BESIDE.values()]
    return Output(making.product, making.ideal_cycle_ms, good, reject, untimed, *rest[0], *rest[1], *rest[2])


def _bridged_ms(intervals: Iterable[Interval], gaps: dict[Role, list[Span]]) -> int:
    """Silence that every counter survived: what each of them knows the pieces of."""
    found: Sequence[Span] = [interval.span for interval in intervals if interval.category is Category.NO_DATA]
    for spans in gaps.values():
        found = intersect(found, union(spans))
    return total_ms(found)


def _share(pieces: int, whole: Span, part: Span, busy_spans: Sequence[Span]) -> int:
    """The pieces of a gap that fall to a part of the time, by busy time where it is known, else by the clock."""
    parts = [busy for span in busy_spans if (busy := span.cut(whole))] or [whole]
    length_ms = sum(each.length_ms for each in parts)
    if not length_ms:
        return pieces if part.holds(whole.end_ms - 1) else 0

    def made_by(at_ms: int) -> int:
        passed_ms = sum(max(0, min(each.end_ms, at_ms) - each.start_ms) for each in parts)
        return round(pieces * passed_ms / length_ms)

    return made_by(part.end_ms) - made_by(part.start_ms)
