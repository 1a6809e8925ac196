"""Every figure with its own derivation, as a value: what was divided by what or added up, and the very intervals and
facts in it.

Screens, reports and the command line print the same `Derivation` or `Balance`; nobody else says how a figure came
about.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from desktop.domain.events import Count, CountFlag, Role
from desktop.domain.intervals import Category, Interval
from desktop.domain.kpi import BESIDE, Kpis
from desktop.domain.spans import Span


class Term(Struct, frozen=True):
    """One quantity of a formula. `unit` is ms or pcs; `of` the categories whose time it is, () for pieces.

    `name` is the term's key: up, busy, observed, ideal, ideal_good, ideal_timed, good, total, calendar, scheduled,
    capacity, judged, short_stop, setup and so on; `desktop.wording` has its words.
    """

    name: str
    value: float
    unit: str
    of: tuple[Category, ...] = ()


class Used(Struct, frozen=True):
    """An interval as it went into a figure: its part in the window and the id of the fact that began it."""

    span: Span
    category: Category
    event: int


class Made(Struct, frozen=True):
    """Pieces as they went into a figure: the id of the fact that counted them, when, how many, and what they are."""

    event: int
    at_ms: int
    pieces: int
    role: Role  # GOOD, REJECT or TOTAL


class Derivation(Struct, frozen=True):
    """How one figure came about: `value` = `above` / `below` (None: it is not known, `why` names the reason).

    A ratio, or pieces where time is divided by a cycle, or milliseconds where time is divided by a number. `times` are
    the intervals of its terms, `counts` the facts whose pieces it holds.
    """

    kpi: str
    window: Span
    value: float | None
    above: Term
    below: Term
    why: str
    times: tuple[Used, ...]
    counts: tuple[Made, ...]
    rules: str


class Balance(Struct, frozen=True):
    """How a time or a number of pieces came about: `value` is the sum of the `terms`, what takes from it is negative.

    `figure` is its key. `times` are the intervals of its terms, `counts` the facts whose pieces it holds.
    """

    figure: str
    window: Span
    value: float
    terms: tuple[Term, ...]
    times: tuple[Used, ...]
    counts: tuple[Made, ...]
    rules: str

    @property
    def unit(self) -> str:
        """Of the value: ms or pcs."""
        return self.terms[0].unit


NAMES = (
    "availability",
    "performance",
    "quality",
    "oee",
    "coverage",
    "net_operating_rate",
    "speed_rate",
    "own_availability",
    "nee",
    "teep",
    "ooe",
    "capacity_utilisation",
)

_UP = (Category.RUN, Category.SHORT_STOP, Category.REWORK)
_LOST = (Category.STOP, Category.SETUP, Category.WAIT, Category.NO_ORDER)
_OBSERVED = (*_UP, *_LOST)
_BUSY = (*_OBSERVED, Category.NO_DATA)
_OWN = (*_UP, Category.WAIT, Category.NO_ORDER)
_PIECES = frozenset({"good", "total", "ideal", "ideal_good", "ideal_timed"})


_Told = dict[frozenset[Category], tuple[Used, ...]]


def derivation(name: str, kpis: Kpis, intervals: Sequence[Interval], counts: Iterable[Count]) -> Derivation:
    """How the KPI of that name came about in the window of `kpis`. Raises KeyError for a name that is none of NAMES."""
    return _derivation(name, kpis, intervals, made_in(kpis.window, intervals, counts))


def derivations(kpis: Kpis, intervals: Sequence[Interval], counts: Iterable[Count]) -> tuple[Derivation, ...]:
    """All of them, in the order of NAMES."""
    return derived(kpis, intervals, made_in(kpis.window, intervals, counts))


def derived(kpis: Kpis, intervals: Sequence[Interval], made: tuple[Made, ...]) -> tuple[Derivation, ...]:
    """The same where it is known already which facts' pieces they hold."""
    told: _Told = {}
    return tuple(_derivation(name, kpis, intervals, made, told) for name in NAMES)


def _derivation(
    name: str, kpis: Kpis, intervals: Sequence[Interval], made: tuple[Made, ...], told: _Told | None = None
) -> Derivation:
    """`told`: which intervals were used for others of the same window, by their categories."""
    above, below = _TERMS[name](kpis)
    value = getattr(kpis, name)
    counted = made if {above.name, below.name} & _PIECES else ()
    told = {} if told is None else told
    of = frozenset((*above.of, *below.of))
    if of not in told:
        told[of] = times(intervals, (above, below))
    used = told[of]
    return Derivation(
        name, kpis.window, value, above, below, _why(value, above, below, kpis), used, counted, kpis.rules
    )


def times(intervals: Iterable[Interval], terms: Iterable[Term]) -> tuple[Used, ...]:
    """The intervals of the terms' categories."""
    of = {category for term in terms for category in term.of}
    return tuple(Used(i.span, i.category, i.event or i.stop_id) for i in intervals if i.category in of)


def made_in(window: Span, intervals: Sequence[Interval], counts: Iterable[Count]) -> tuple[Made, ...]:
    """The facts whose first passes belong to a window, in their order."""
    starts = [interval.span.start_ms for interval in intervals]
    return tuple(
        Made(count.id, count.at_ms, count.pieces, count.role)
        for count in counts
        if count.pieces and _used(count, window, intervals, starts)
    )


def _used(count: Count, window: Span, intervals: Sequence[Interval], starts: Sequence[int]) -> bool:
    """Whether first passes of a count belong to the window: one over a gap as soon as the gap reaches into it."""
    if count.flag is CountFlag.GAP:
        return count.from_ms < window.end_ms and count.at_ms > window.start_ms
    at_ms = count.at_ms - 1
    place = bisect_right(starts, at_ms) - 1
    return window.holds(at_ms) and not (place >= 0 and intervals[place].category in BESIDE)


def _why(value: float | None, above: Term, below: Term, kpis: Kpis) -> str:
    """Why a figure is not known: too_early, negative_pieces, no_standard, no_data (too little was observed) or
    nothing_below."""
    if value is not None:
        return ""
    if "too_early" in kpis.flags and below.value:
        return "too_early"
    if "negative_pieces" in kpis.flags and {above.name, below.name} & {*_PIECES, "oee_busy", "nee_good"}:
        return "negative_pieces"
    if "no_standard" in kpis.flags and (above.name.startswith("ideal") or below.name.startswith("ideal")):
        return "no_standard"
    return "nothing_below" if not below.value else "no_data"


def _ms(name: str, value: float | None, *of: Category) -> Term:
    return Term(name, value or 0.0, "ms", of)


def _observed(kpis: Kpis) -> Term:
    return _ms("observed", kpis.times.busy_ms - kpis.times.no_data_ms, *_OBSERVED)


def _rated_up(kpis: Kpis) -> Term:
    unrated_ms = kpis.sums.unrated_up_ms if kpis.sums.unrated else 0
    return _ms("up", kpis.times.up_ms - unrated_ms, *_UP)


def _judged(kpis: Kpis) -> Term:
    blind_ms = max(kpis.times.no_data_ms - kpis.sums.bridged_ms, 0)
    unrated_ms = kpis.sums.unrated_ms if kpis.sums.unrated else 0
    return _ms("judged" if blind_ms or unrated_ms else "busy", kpis.times.busy_ms - blind_ms - unrated_ms, *_BUSY)


def _quality(kpis: Kpis) -> tuple[Term, Term]:
    if kpis.ideal_ms and not kpis.sums.unrated:
        return _ms("ideal_good", kpis.ideal_good_ms), _ms("ideal", kpis.ideal_ms)
    return Term("good", kpis.pieces.good, "pcs"), Term("total", kpis.pieces.total, "pcs")


def _speed(kpis: Kpis) -> tuple[Term, Term]:
    up = _rated_up(kpis)
    running_ms = up.value * (kpis.net_operating_rate or 0.0)
    return _ms("ideal_timed", kpis.ideal_timed_ms), _ms("run", running_ms, Category.RUN, Category.REWORK)


def _scaled(kpis: Kpis, whole: str, whole_ms: float) -> tuple[Term, Term]:
    """OEE x busy / whole: the ideal time of the good pieces, as far as it could be judged, over a longer time."""
    return _ms("oee_busy", (kpis.oee or 0.0) * kpis.times.busy_ms, *_BUSY), _ms(whole, whole_ms)


_TERMS: dict[str, Callable[[Kpis], tuple[Term, Term]]] = {
    "availability": lambda k: (_ms("up", k.times.up_ms, *_UP), _observed(k)),
    "performance": lambda k: (_ms("ideal_timed", k.ideal_timed_ms), _rated_up(k)),
    "quality": _quality,
    "oee": lambda k: (_ms("ideal_good", k.ideal_good_ms), _judged(k)),
    "coverage": lambda k: (_observed(k), _ms("busy", k.times.busy_ms, *_BUSY)),
    "net_operating_rate": lambda k: (
        _ms("run", k.times.up_ms - k.times.short_stop_ms, Category.RUN, Category.REWORK),
        _ms("up", k.times.up_ms, *_UP),
    ),
    "speed_rate": _speed,
    "own_availability": lambda k: (
        _ms("own", k.times.busy_ms - k.times.no_data_ms - k.times.stop_ms - k.times.setup_ms, *_OWN),
        _observed(k),
    ),
    "nee": lambda k: (
        _ms("nee_good", (k.nee or 0.0) * (k.times.busy_ms - k.times.no_data_ms), *_UP, Category.SETUP),
        _observed(k),
    ),
    "teep": lambda k: _scaled(k, "calendar", k.sums.calendar_ms),
    "ooe": lambda k: _scaled(k, "scheduled", k.times.scheduled_ms),
    "capacity_utilisation": lambda k: (_ms("ideal", k.ideal_ms), _ms("capacity", k.sums.capacity_ms)),
}
