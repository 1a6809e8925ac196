"""The KPIs of one machine in one window: seconds and pieces first, then the ratios made of them.

TPM model (시간가동률 x 성능가동률 x 양품률 = 설비종합효율). Ratios are 0 to 1 or None; None means "not known" and
is never shown as zero. Sums of milliseconds and pieces are kept, so that longer spans are recomputed
from them and never averaged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

from desktop.domain.events import Count, CountFlag, Role
from desktop.domain.intervals import Category, Interval
from desktop.domain.rules import TPM, RuleSet
from desktop.domain.spans import Span, total_ms


@dataclass(frozen=True, slots=True)
class Pieces:
    """What was made in a window. `untimed` of the total were made while nobody listened.

    `gap_ms`: milliseconds of silence over which the counters survived, so that no piece of them is missing.
    """

    good: int = 0
    reject: int = 0
    untimed: int = 0
    gap_ms: int = 0

    @property
    def total(self) -> int:
        """All pieces, good and rejected."""
        return self.good + self.reject


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds of a window by category; they add up to the window."""

    run_ms: int = 0
    short_stop_ms: int = 0
    stop_ms: int = 0
    setup_ms: int = 0
    wait_ms: int = 0
    planned_ms: int = 0
    no_data_ms: int = 0

    @property
    def busy_ms(self) -> int:
        """Planned busy time 부하시간: the window without planned stops (run time in a break belongs to it)."""
        return self.run_ms + self.short_stop_ms + self.stop_ms + self.setup_ms + self.wait_ms + self.no_data_ms

    @property
    def loss_ms(self) -> int:
        """Downtime 비가동: what counts against availability."""
        return self.stop_ms + self.setup_ms + self.wait_ms

    @property
    def up_ms(self) -> int:
        """Operating time 가동시간: observed busy time without downtime; short stops belong to it."""
        return self.run_ms + self.short_stop_ms


@dataclass(frozen=True, slots=True)
class Kpis:
    """The figures of one machine in one window, each with what it was made of.

    `availability` and `performance` are on observed time; with coverage below 1 the availability lies
    between `availability_low` and `availability_high`. Units: `_ms` milliseconds, ratios 0 to 1
    (performance may pass 1: flag "standard_suspect").
    """

    window: Span
    times: Times
    pieces: Pieces
    ideal_ms: float | None  # ideal cycle x all pieces
    ideal_good_ms: float | None  # ideal cycle x good pieces
    coverage: float | None
    availability: float | None
    availability_low: float | None
    availability_high: float | None
    performance: float | None
    quality: float | None
    oee: float | None
    capacity_utilisation: float | None
    flags: tuple[str, ...] = ()
    rules: str = str(TPM)


def times_of(intervals: Iterable[Interval]) -> Times:
    """Milliseconds by category."""
    sums = {f"{category.value}_ms": 0 for category in Category}
    for interval in intervals:
        sums[f"{interval.category.value}_ms"] += interval.span.length_ms
    return Times(**sums)


def pieces_of(counts: Iterable[Count], window: Span, busy_spans: tuple[Span, ...] = ()) -> Pieces:
    """Pieces of a window. A count belongs to the moment it was made; one over a gap is split by busy time.

    Splitting uses cumulative rounding, so that any cut of the time adds up to the whole. For that `busy_spans`
    must hold the planned busy time of the whole gap, also where it reaches out of the window; where they share
    no time with it, and without them, it is split by the clock.
    """
    every: dict[Role, int] = {}
    timed: dict[Role, int] = {}
    gaps: dict[Role, list[Span]] = {}
    for count in counts:
        if count.flag is CountFlag.GAP:
            known, made = 0, _share(count, window, busy_spans)
            if part := Span(min(count.from_ms, count.at_ms), count.at_ms).cut(window):
                asked = [busy for span in busy_spans if (busy := span.cut(part))] if busy_spans else [part]
                gaps.setdefault(count.role, []).extend(asked)
        else:
            known = made = count.pieces if window.holds(count.at_ms) else 0
        every[count.role] = every.get(count.role, 0) + made
        timed[count.role] = timed.get(count.role, 0) + known
    good, reject = _good_and_reject(every)
    gap_ms = min((total_ms(spans) for spans in gaps.values()), default=0)
    return Pieces(good, reject, max(good + reject - sum(_good_and_reject(timed)), 0), gap_ms)


def _good_and_reject(by_role: Mapping[Role, int]) -> tuple[int, int]:
    """Of a total and one of its parts the other part follows."""
    good, reject = by_role.get(Role.GOOD, 0), by_role.get(Role.REJECT, 0)
    if Role.TOTAL in by_role:
        if Role.GOOD in by_role:
            reject = max(by_role[Role.TOTAL] - good, 0)
        else:
            good = max(by_role[Role.TOTAL] - reject, 0)
    return good, reject


def _share(count: Count, window: Span, busy_spans: tuple[Span, ...]) -> int:
    """The pieces of a gap count that fall to `window`, by busy time where it is known, else by the clock."""
    whole = Span(count.from_ms, count.at_ms)
    parts = [part for span in busy_spans if (part := span.cut(whole))] or [whole]
    length_ms = sum(part.length_ms for part in parts)
    if not length_ms:
        return count.pieces if window.holds(count.at_ms) else 0

    def made_by(at_ms: int) -> int:
        passed_ms = sum(max(0, min(part.end_ms, at_ms) - part.start_ms) for part in parts)
        return round(count.pieces * passed_ms / length_ms)

    return made_by(window.end_ms) - made_by(window.start_ms)


def compute(
    window: Span,
    intervals: Iterable[Interval],
    pieces: Pieces,
    *,
    ideal_cycle_ms: float | None,
    capacity_ms: int | None = None,
    rules: RuleSet = TPM,
) -> Kpis:
    """The KPIs of a window. `ideal_cycle_ms` None: no standard, so performance and OEE are not known.

    availability = (observed busy - downtime) / observed busy; performance = ideal x timed pieces / up time;
    quality = good / all; OEE = ideal x good / busy, less the time of which neither states nor pieces are known
    (below `rules.least_coverage_ratio` OEE is not known then). `capacity_ms` is the standard capacity time of the
    window: capacity utilisation 생산능력 가동률 = ideal x all pieces / capacity.
    """
    times = times_of(intervals)
    busy_ms = times.busy_ms
    observed_ms = busy_ms - times.no_data_ms
    coverage = observed_ms / busy_ms if busy_ms else None
    ideal_ms = ideal_cycle_ms * pieces.total if ideal_cycle_ms else None
    ideal_good_ms = ideal_cycle_ms * pieces.good if ideal_cycle_ms else None
    flags = []

    availability = times.up_ms / observed_ms if observed_ms else None
    low = times.up_ms / busy_ms if busy_ms else None
    high = (times.up_ms + times.no_data_ms) / busy_ms if busy_ms else None
    performance = None
    if ideal_cycle_ms and times.up_ms:
        performance = ideal_cycle_ms * (pieces.total - pieces.untimed) / times.up_ms
        if performance > 1:
            flags.append("standard_suspect")
    elif pieces.total > pieces.untimed and not times.up_ms:
        flags.append("pieces_without_run")
    quality = pieces.good / pieces.total if pieces.total else None
    oee = None
    if busy_ms and ideal_good_ms is not None:
        # Where neither states nor pieces are known, only the rest of the time can be judged.
        blind_ms = max(times.no_data_ms - pieces.gap_ms, 0)
        judged_ms = busy_ms - blind_ms
        if judged_ms and judged_ms / busy_ms >= rules.least_coverage_ratio:
            oee = ideal_good_ms / judged_ms
    if not ideal_cycle_ms:
        flags.append("no_standard")
    utilisation = ideal_ms / capacity_ms if capacity_ms and ideal_ms is not None else None
    return Kpis(
        window,
        times,
        pieces,
        ideal_ms,
        ideal_good_ms,
        coverage,
        availability,
        low,
        high,
        performance,
        quality,
        oee,
        utilisation,
        tuple(flags),
        str(rules),
    )


def add_times(parts: Iterable[Times]) -> Times:
    """The sum of several windows' times."""
    sums = {field.name: 0 for field in fields(Times)}
    for part in parts:
        for name in sums:
            sums[name] += getattr(part, name)
    return Times(**sums)
