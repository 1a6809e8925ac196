"""Statistical process control: constants, control charts, run rules, capability with its uncertainty, histogram. Pure.

Formulas: D. C. Montgomery, Introduction to Statistical Quality Control; NIST/SEMATECH e-Handbook 6.3.2 and 7.1.6. A
value that is not a finite number is no value: whoever asks leaves it out (`finite`) and lets a new run begin behind it.
numpy is imported with this module, which takes 0.1 s: nothing that the window's first picture needs imports it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import cache
from statistics import NormalDist

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

LARGEST_SUBGROUP = 25
REFUSED_BELOW, FEW_BELOW, PPAP_BELOW = 25, 50, 100  # values for a capability: none, rough, less than a PPAP asks for
LEAST_DISTINCT = 5  # different values inside the control limits: with fewer the gauge is too coarse for a chart
_NORMAL_LIMIT = 0.752  # A*2 above it is not normal at 5 % (D'Agostino and Stephens 1986, table 4.7, case 3)
_MOST_BARS = 24
_ROUNDED = 8 * float(np.finfo(np.float64).eps)  # of a value: no more are figures off that decimals would have equal
_SEEN_SHARE = 1e-6  # of the spread: what is farther apart than that is seen, however large the values are


# -- constants --


class Constants(Struct, frozen=True):
    """What a subgroup of `n` normal values is like: `d2` and `d3` are mean and standard deviation of its range, `c4`
    the mean of its standard deviation, all in standard deviations of a value. The factors of charts follow from them.
    """

    n: int
    d2: float
    d3: float
    c4: float

    @property
    def A2(self) -> float:
        """Limits of a mean, in mean ranges."""
        return 3 / (self.d2 * math.sqrt(self.n))

    @property
    def A3(self) -> float:
        """Limits of a mean, in mean standard deviations."""
        return 3 / (self.c4 * math.sqrt(self.n))

    @property
    def D3(self) -> float:
        """Lower limit of a range, in mean ranges."""
        return max(1 - 3 * self.d3 / self.d2, 0.0)

    @property
    def D4(self) -> float:
        """Upper limit of a range, in mean ranges."""
        return 1 + 3 * self.d3 / self.d2

    @property
    def B3(self) -> float:
        """Lower limit of a standard deviation, in mean standard deviations."""
        return max(1 - 3 * math.sqrt(1 - self.c4**2) / self.c4, 0.0)

    @property
    def B4(self) -> float:
        """Upper limit of a standard deviation, in mean standard deviations."""
        return 1 + 3 * math.sqrt(1 - self.c4**2) / self.c4

    @property
    def E2(self) -> float:
        """Limits of a single value, in mean ranges."""
        return 3 / self.d2


@cache
def constants(n: int) -> Constants:
    """The constants of a subgroup of `n` values, 2 to 25, from their definitions. Raises ValueError for other sizes.

    d2 and d3 are moments of the density of a range, n (n-1) int phi(x) phi(x+r) (Phi(x+r) - Phi(x))^(n-2) dx, which is
    integrated to 1e-9; c4 = sqrt(2/(n-1)) Gamma(n/2) / Gamma((n-1)/2).
    """
    if not 2 <= n <= LARGEST_SUBGROUP:
        raise ValueError(f"a subgroup has 2 to {LARGEST_SUBGROUP} values, not {n}")
    ranges, weights, both, between = _pairs()
    density = n * (n - 1) * (both * between ** (n - 2)).sum(axis=1)
    d2 = float((weights * density * ranges).sum())
    d3 = math.sqrt(float((weights * density * (ranges - d2) ** 2).sum()))
    c4 = math.sqrt(2 / (n - 1)) * math.exp(math.lgamma(n / 2) - math.lgamma((n - 1) / 2))
    return Constants(n, d2, d3, c4)


@cache
def _pairs() -> tuple[Floats, Floats, Floats, Floats]:
    """Ranges up to 14 with their Gauss weights; of pairs that far apart, a row a range: density and what lies between.

    The pairs lie evenly about zero, where the trapezoidal rule is exact to the last digits.
    """
    nodes, weights = np.polynomial.legendre.leggauss(120)
    ranges = 7.0 * (nodes + 1.0)
    step = 0.0625
    middle = np.arange(-9.0, 9.0 + step / 2, step)
    low, high = middle - ranges[:, None] / 2, middle + ranges[:, None] / 2
    both = np.exp(-(low**2 + high**2) / 2) / (2 * math.pi) * step
    return ranges, 7.0 * weights, both, normal_cdf(high) - normal_cdf(low)


_erfc = np.frompyfunc(math.erfc, 1, 1)


def normal_cdf(x: Floats) -> Floats:
    """The share of a standard normal distribution below x."""
    return np.asarray(_erfc(-x / math.sqrt(2)), dtype=np.float64) / 2


def chi2_quantile(share: float, df: float) -> float:
    """Below this value lies `share` (0 to 1, both excluded) of a chi-square distribution with `df` degrees of freedom.

    Bisection of the regularised incomplete gamma function from the approximation of Wilson and Hilferty (1931).
    Raises ValueError outside these ranges.
    """
    if not (0 < share < 1 and df > 0):
        raise ValueError(f"no chi-square quantile of {share} with {df} degrees of freedom")
    z = NormalDist().inv_cdf(share)
    near = df * max(1 - 2 / (9 * df) + z * math.sqrt(2 / (9 * df)), 0.0) ** 3
    low, high = near * 0.5, near * 2 + 1e-300
    while _gamma_p(df / 2, low / 2) > share and low > 1e-300:
        low /= 2
    while _gamma_p(df / 2, high / 2) < share:
        high *= 2
    for _n in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if _gamma_p(df / 2, middle / 2) < share:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _gamma_p(a: float, x: float) -> float:
    """The regularised lower incomplete gamma function (Abramowitz and Stegun 6.5.29 and 6.5.31)."""
    if x <= 0:
        return 0.0
    scale = math.exp(a * math.log(x) - x - math.lgamma(a))
    if x < a + 1:
        term = total = 1 / a
        n = a
        while abs(term) > abs(total) * 1e-16:
            n += 1
            term *= x / n
            total += term
        return min(total * scale, 1.0)
    tiny = 1e-300  # Lentz's continued fraction
    b = x + 1 - a
    c, d = 1 / tiny, 1 / b
    h = d
    for i in range(1, 10_000):
        factor = -i * (i - a)
        b += 2
        d = 1 / (factor * d + b or tiny)
        c = b + factor / c or tiny
        h *= d * c
        if abs(d * c - 1) < 1e-16:
            break
    return 1 - scale * h


# -- charts --


class ChartKind(StrEnum):
    """Single values with moving ranges, means with ranges, means with standard deviations."""

    I_MR = "i_mr"
    XBAR_R = "xbar_r"
    XBAR_S = "xbar_s"


def kind_of(subgroup: int, *, equal: bool = True) -> ChartKind:
    """The chart for subgroups of this size: ranges up to ten values of equal number, else standard deviations."""
    if subgroup < 2:
        return ChartKind.I_MR
    return ChartKind.XBAR_R if subgroup <= 10 and equal else ChartKind.XBAR_S


def finite(values: Iterable[float | None]) -> Floats:
    """What of that is a number: neither None nor NaN nor infinite."""
    found = np.array([math.nan if value is None else value for value in values], dtype=np.float64)
    return found[np.isfinite(found)]


def mean_sd(values: Sequence[float] | Floats) -> tuple[float, float | None]:
    """Mean and standard deviation (n - 1) in two passes, so that large values with a small spread keep it; the second
    is None of less than two values. Raises ValueError for none at all and for what is not finite."""
    x = np.asarray(values, dtype=np.float64)
    if not x.size or not np.isfinite(x).all():
        raise ValueError("a mean needs finite values")
    mean = float(x.mean())
    mean += float((x - mean).mean())  # the first pass rounds where the sum is large
    if x.size < 2:
        return mean, None
    away = x - mean
    squares = float((away**2).sum()) - float(away.sum()) ** 2 / x.size
    return mean, math.sqrt(max(squares, 0.0) / (x.size - 1))


class Estimate(Struct, frozen=True):
    """What the points of a baseline say of a process that is stable: `centre` and `sigma` (of single values, within
    subgroups). `spread` is the mean moving range, range or standard deviation; `n` the size of a subgroup (1 for
    I-MR, the largest where they differ), of `points` subgroups with `values` values."""

    kind: ChartKind
    centre: float
    sigma: float
    spread: float
    n: int
    points: int
    values: int


def estimate(
    kind: ChartKind, groups: Sequence[Sequence[float]], begins: Sequence[bool] | None = None
) -> Estimate | None:
    """Centre and sigma from the subgroups of a baseline (each one value for I-MR); None where they are too few.

    `begins`: where a run begins anew, so that no moving range reaches over a gap. Of subgroups of unequal size the mean
    is weighted by their sizes and sigma is the minimum-variance mean of s/c4 (Burr 1969). Raises ValueError where a
    subgroup does not fit the chart or a value is not finite.
    """
    if not groups:
        return None
    sizes = np.array([len(group) for group in groups])
    flat = np.array([value for group in groups for value in group], dtype=np.float64)
    if not np.isfinite(flat).all():
        raise ValueError("a chart needs finite values")
    if kind is ChartKind.I_MR:
        if (sizes != 1).any():
            raise ValueError("a chart of single values has one value a point")
        moving = moving_ranges(flat, begins)
        moving = moving[np.isfinite(moving)]
        if not moving.size:
            return None
        spread = float(moving.mean())
        return Estimate(kind, mean_sd(flat)[0], spread / constants(2).d2, spread, 1, len(groups), flat.size)
    if (sizes < 2).any() or (sizes > LARGEST_SUBGROUP).any():
        raise ValueError(f"a subgroup has 2 to {LARGEST_SUBGROUP} values")
    centre = mean_sd(flat)[0]
    n = int(sizes.max())
    if kind is ChartKind.XBAR_R:
        if (sizes != n).any():
            raise ValueError("subgroups of unequal size take a chart of standard deviations")
        spread = float(np.mean([max(group) - min(group) for group in groups]))
        return Estimate(kind, centre, spread / constants(n).d2, spread, n, len(groups), flat.size)
    deviations = np.array([mean_sd(group)[1] for group in groups])
    c4 = np.array([constants(int(size)).c4 for size in sizes])
    weights = c4**2 / (1 - c4**2)
    sigma = float((weights * deviations / c4).sum() / weights.sum())
    return Estimate(kind, centre, sigma, float(deviations.mean()), n, len(groups), flat.size)


def moving_ranges(values: Sequence[float] | Floats, begins: Sequence[bool] | None = None) -> Floats:
    """The distance of each value from the one before it; NaN for the first and where a run begins anew."""
    x = np.asarray(values, dtype=np.float64)
    found = np.full(x.size, math.nan)
    found[1:] = np.abs(np.diff(x))
    if begins is not None:
        found[np.asarray(begins, dtype=bool)] = math.nan
    return found


class Points(Struct, frozen=True):
    """What a chart shows of subgroups: their means (or single values) and their spreads, with the limits of each point.

    A spread is None where there is none: the first of a run of single values. Lower limits of spreads are 0 at least.
    """

    means: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    spreads: tuple[float | None, ...]
    spread_centre: tuple[float, ...]
    spread_low: tuple[float, ...]
    spread_high: tuple[float, ...]


def points(
    kind: ChartKind,
    groups: Sequence[Sequence[float]],
    centre: float,
    sigma: float,
    begins: Sequence[bool] | None = None,
) -> Points:
    """The points of a chart with limits of three standard deviations from a centre and the sigma of single values."""
    means: list[float] = []
    spreads: list[float | None] = []
    low, high, middle, spread_low, spread_high = [], [], [], [], []
    moving = moving_ranges([group[0] for group in groups], begins) if kind is ChartKind.I_MR else None
    for place, group in enumerate(groups):
        if moving is not None:
            means.append(group[0])
            spreads.append(None if math.isnan(moving[place]) else float(moving[place]))
        elif kind is ChartKind.XBAR_R:
            means.append(mean_sd(group)[0])
            spreads.append(max(group) - min(group))
        else:
            mean, deviation = mean_sd(group)
            means.append(mean)
            spreads.append(deviation)
        error = sigma / math.sqrt(len(group))
        low.append(centre - 3 * error)
        high.append(centre + 3 * error)
        at, beneath, above = _spread_limits(kind, len(group), sigma)
        middle.append(at)
        spread_low.append(beneath)
        spread_high.append(above)
    return Points(
        tuple(means), tuple(low), tuple(high), tuple(spreads), tuple(middle), tuple(spread_low), tuple(spread_high)
    )


def _spread_limits(kind: ChartKind, n: int, sigma: float) -> tuple[float, float, float]:
    """Centre and limits of the spread of a subgroup of `n` values."""
    if kind is ChartKind.XBAR_S:
        of = constants(n)
        return of.c4 * sigma, of.B3 * of.c4 * sigma, of.B4 * of.c4 * sigma
    of = constants(2 if kind is ChartKind.I_MR else n)
    return of.d2 * sigma, of.D3 * of.d2 * sigma, of.D4 * of.d2 * sigma


# -- run rules --


class Rule(StrEnum):
    """A pattern that hardly comes by chance; s is the standard deviation of what the chart shows.

    Nelson (1984) 1 to 8; Western Electric (1956) 1 to 4, of which 1, 2 and 3 are Nelson's 1, 5 and 6; the variants with
    seven points that many customers ask for.
    """

    BEYOND = "n1"  # a point beyond 3 s
    SIDE_9 = "n2"  # nine in a row on one side
    TREND_6 = "n3"  # six steadily up or down
    ALTERNATING = "n4"  # fourteen up and down in turn
    TWO_OF_THREE = "n5"  # two of three beyond 2 s on one side
    FOUR_OF_FIVE = "n6"  # four of five beyond 1 s on one side
    CLOSE = "n7"  # fifteen within 1 s
    FAR = "n8"  # eight beyond 1 s, on both sides
    SIDE_8 = "we4"  # eight in a row on one side
    SIDE_7 = "run7"  # seven in a row on one side
    TREND_7 = "trend7"  # seven steadily up or down


NELSON = tuple(Rule(f"n{number}") for number in range(1, 9))
WESTERN_ELECTRIC = (Rule.BEYOND, Rule.TWO_OF_THREE, Rule.FOUR_OF_FIVE, Rule.SIDE_8)
SEVEN = (Rule.BEYOND, Rule.SIDE_7, Rule.TREND_7)
USUAL = (Rule.BEYOND, Rule.SIDE_9)

#: so many points a pattern has
LENGTHS = {
    Rule.BEYOND: 1, Rule.SIDE_9: 9, Rule.TREND_6: 6, Rule.ALTERNATING: 14, Rule.TWO_OF_THREE: 3,
    Rule.FOUR_OF_FIVE: 5, Rule.CLOSE: 15, Rule.FAR: 8, Rule.SIDE_8: 8, Rule.SIDE_7: 7, Rule.TREND_7: 7,
}  # fmt: skip


_SHARES = {Rule.TWO_OF_THREE: 2.0, Rule.FOUR_OF_FIVE: 1.0}  # by so many s most of their points are beyond


class Finding(Struct, frozen=True):
    """A rule is met: `first` and `last` are the places of the points that make the pattern, `met` that of the point at
    which it was first complete. `side`: 1 above or rising, -1 below or falling, 0 both. `of_spread`: it is of ranges or
    standard deviations, not of means."""

    rule: Rule
    first: int
    met: int
    last: int
    side: int
    of_spread: bool = False


def met(
    rule: Rule,
    values: Sequence[float] | Floats,
    centre: float,
    error: float | Sequence[float] | Floats,
    begins: Sequence[bool] | None,
) -> tuple[Bools, Bools]:
    """At which points a pattern is complete: above (or rising), and below (or falling); of patterns that know no side
    both are the same.

    `error` is the standard deviation of what is plotted, one or one a point. `begins` (None: nowhere) tells where a run
    begins anew: behind a gap, a change of product or of limits, or an excluded point, which is left out of `values`.
    Beyond is strictly beyond: a point on a line is not, also where binary has it a hair off. A point on the centre line
    breaks a run, equal neighbours break a trend. Two of three is met by the second of two, whatever comes next.
    """
    x, error = np.asarray(values, dtype=np.float64), np.asarray(error, dtype=np.float64)
    if not np.isfinite(x).all():
        raise ValueError("rules need finite values")
    run = _Runs(x.size, begins)
    up, down = _above(x, centre), _above(centre, x)
    if rule is Rule.BEYOND:
        return _beyond(x, centre, 3 * error)
    if rule in (Rule.SIDE_9, Rule.SIDE_8, Rule.SIDE_7):
        return run.length(up) >= LENGTHS[rule], run.length(down) >= LENGTHS[rule]
    if rule is Rule.TWO_OF_THREE:
        above, below = _beyond(x, centre, 2 * error)
        return run.count(above, 3) >= 2, run.count(below, 3) >= 2
    if rule is Rule.FOUR_OF_FIVE:
        above, below = _beyond(x, centre, error)
        return run.count(above, 5) >= 4, run.count(below, 5) >= 4
    if rule in (Rule.CLOSE, Rule.FAR):
        far_up, far_down = _beyond(x, centre, error)
        if rule is Rule.CLOSE:
            found = run.length(~(far_up | far_down)) >= 15
        else:
            found = run.length(far_up | far_down) >= 8
            found &= (run.count(far_up, 8) > 0) & (run.count(far_down, 8) > 0)
        return found, found
    rising, falling = np.zeros(x.size, dtype=bool), np.zeros(x.size, dtype=bool)
    rising[1:], falling[1:] = _above(x[1:], x[:-1]), _above(x[:-1], x[1:])
    rising[run.first == run.place] = falling[run.first == run.place] = False
    if rule is Rule.ALTERNATING:
        turns = np.zeros(x.size, dtype=bool)
        turns[1:] = (rising[1:] & falling[:-1]) | (falling[1:] & rising[:-1])
        found = run.length(turns) >= 12
        return found, found
    steps = LENGTHS[rule] - 1
    return run.length(rising) >= steps, run.length(falling) >= steps


def _above(x: Floats | float, line: Floats | float) -> Bools:
    """Where `x` lies above a line by more than binary rounds."""
    found: Bools = np.asarray(x - line > _ROUNDED * np.maximum(np.abs(x), np.abs(line)))
    return found


def _beyond(x: Floats, centre: float, width: Floats) -> tuple[Bools, Bools]:
    """Where `x` lies above and below a band, by more than binary rounds what its edges are made of."""
    rounded = _ROUNDED * np.maximum(np.abs(x), np.abs(centre) + width)
    return x - (centre + width) > rounded, (centre - width) - x > rounded


class _Runs:
    """Counts that never reach back over the beginning of a run."""

    def __init__(self, size: int, begins: Sequence[bool] | None) -> None:
        self.place = np.arange(size)
        begun = np.zeros(size, dtype=bool) if begins is None else np.asarray(begins, dtype=bool)
        if begun.size != size:
            raise ValueError("there is one beginning a value")
        self.first = np.maximum.accumulate(np.where(begun, self.place, 0)) if size else self.place

    def length(self, there: Bools) -> NDArray[np.int64]:
        """How many in a row there are up to each point."""
        if not there.size:
            return self.place
        gone = np.maximum.accumulate(np.where(there, -1, self.place))
        return self.place - np.maximum(gone, self.first - 1)

    def count(self, there: Bools, most: int) -> NDArray[np.int64]:
        """How many there are among the last `most` points up to each."""
        total = np.concatenate(([0], np.cumsum(there)))
        return total[self.place + 1] - total[np.maximum(self.place + 1 - most, self.first)]


def findings(
    values: Sequence[float] | Floats,
    centre: float,
    error: float | Sequence[float] | Floats,
    rules: Iterable[Rule] = USUAL,
    begins: Sequence[bool] | None = None,
) -> tuple[Finding, ...]:
    """Every pattern by these rules, in the order in which they were first complete; points that go on with one belong
    to it, of two of three and four of five from the first to the last point that is beyond. Of a process without any
    spread (`error` 0) only what lies off the centre is beyond. See `met`."""
    found = []
    x, s = np.asarray(values, dtype=np.float64), np.asarray(error, dtype=np.float64)
    for rule in rules:
        above, below = met(rule, x, centre, error, begins)
        sides = ((above, 0),) if rule in (Rule.CLOSE, Rule.FAR, Rule.ALTERNATING) else ((above, 1), (below, -1))
        out = _beyond(x, centre, _SHARES[rule] * s) if rule in _SHARES else None
        for there, side in sides:
            for first, last in _spans(there, begins):
                begin, end = max(first - LENGTHS[rule] + 1, 0), last
                if out is not None:
                    begin = _run_start(begins, first, begin)
                    beyond = np.flatnonzero(out[side < 0][begin : last + 1])
                    begin, end = begin + int(beyond[0]), begin + int(beyond[-1])
                found.append(Finding(rule, begin, first, end, side))
    return tuple(sorted(found, key=lambda each: (each.met, each.rule)))


def _run_start(begins: Sequence[bool] | None, place: int, earliest: int) -> int:
    """From `earliest` on, but not before the run of this point began."""
    while begins is not None and place > max(earliest, 0) and not begins[place]:
        place -= 1
    return max(earliest, 0) if begins is None else place


def _spans(there: Bools, begins: Sequence[bool] | None) -> list[tuple[int, int]]:
    """First and last place of each stretch, which ends where a run begins anew."""
    places = np.flatnonzero(there)
    if not places.size:
        return []
    apart = np.diff(places) > 1
    if begins is not None:
        apart |= np.asarray(begins, dtype=bool)[places[1:]]
    cuts = np.flatnonzero(apart)
    firsts = places[np.concatenate(([0], cuts + 1))]
    lasts = places[np.concatenate((cuts, [places.size - 1]))]
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))


# -- small shifts --


def ewma(
    values: Sequence[float] | Floats, centre: float, error: float, weight: float = 0.2, width: float = 3.0
) -> tuple[Floats, Floats, Floats]:
    """The exponentially weighted moving averages of points with their lower and upper limits: z = weight x + (1 -
    weight) z before; centre +- width error sqrt(weight / (2 - weight) (1 - (1 - weight)^2i)) at the i-th point, which
    widens to a steady value (NIST/SEMATECH 6.3.2.4)."""
    x = np.asarray(values, dtype=np.float64)
    found = np.empty(x.size)
    before = centre
    for place, value in enumerate(x.tolist()):
        before = found[place] = weight * value + (1 - weight) * before
    settled = 1 - (1 - weight) ** (2 * np.arange(1, x.size + 1))
    half = width * error * np.sqrt(weight / (2 - weight) * settled)
    return found, centre - half, centre + half


def cusum(values: Sequence[float] | Floats, centre: float, error: float, slack: float = 0.5) -> tuple[Floats, Floats]:
    """Upper and lower cumulative sums of what points lie more than `slack` errors off the centre, in errors and never
    below zero; more than 4 to 5 is a shift (NIST/SEMATECH 6.3.2.3)."""
    z = (np.asarray(values, dtype=np.float64) - centre) / error
    up, down = np.empty(z.size), np.empty(z.size)
    high = low = 0.0
    for place, value in enumerate(z.tolist()):
        high = up[place] = max(0.0, high + value - slack)
        low = down[place] = max(0.0, low - value - slack)
    return up, down


def shift_began(values: Sequence[float] | Floats, centre: float, error: float, side: int) -> int | None:
    """The place at which the shift that lasts to the end of these points probably began: the one behind the last zero
    of the cumulative sum on that side (1 above, -1 below). None where that sum is zero, or there is no spread."""
    if error <= 0 or not len(values):
        return None
    up, down = cusum(values, centre, error)
    sums = up if side > 0 else down
    if not sums[-1]:
        return None
    zero = np.flatnonzero(sums == 0)
    return int(zero[-1]) + 1 if zero.size else 0


# -- capability --


class Warn(StrEnum):
    """Why a capability is not to be relied on."""

    NO_LIMITS = "no_limits"  # nothing is specified
    ZERO_RANGE = "zero_range"  # both limits are the same
    REFUSED = "refused"  # fewer than 25 values: no figure
    FEW = "few"  # fewer than 50
    PPAP = "ppap"  # fewer than the 100 that a PPAP asks for
    NO_SPREAD = "no_spread"  # every value is the same
    COARSE = "coarse"  # the resolution of the gauge is too coarse
    OUT_OF_CONTROL = "out_of_control"
    NOT_NORMAL = "not_normal"
    ONE_SIDED = "one_sided"  # Cp and Pp are not defined


class Index(Struct, frozen=True):
    """A capability index and its 95 % interval."""

    value: float
    low: float
    high: float


class Capability(Struct, frozen=True):
    """How the values lie in their specification. `sigma` within subgroups makes Cp and Cpk, `sd` of all values Pp and
    Ppk; an index is None where it is not defined or refused. `cpm` counts the distance from the nominal value too.
    `outside`: so many of the `n` values are out."""

    n: int
    mean: float | None = None
    sigma: float | None = None
    sd: float | None = None
    cp: Index | None = None
    cpk: Index | None = None
    pp: Index | None = None
    ppk: Index | None = None
    cpm: float | None = None
    outside: int = 0
    warnings: tuple[Warn, ...] = ()


def capability(
    values: Sequence[float] | Floats,
    sigma: float | None,
    low: float | None,
    high: float | None,
    *,
    nominal: float | None = None,
    out_of_control: bool = False,
    coarse: bool = False,
) -> Capability:
    """The capability of finite values with the sigma within their subgroups (None: not known).

    Cp's interval is that of chi-square with n - 1 degrees of freedom, Cpk's is Bissell's (1990) normal approximation.
    """
    x = np.asarray(values, dtype=np.float64)
    n = int(x.size)
    warnings = []
    if low is None and high is None:
        warnings.append(Warn.NO_LIMITS)
    elif low is None or high is None:
        warnings.append(Warn.ONE_SIDED)
    elif low >= high:
        warnings.append(Warn.ZERO_RANGE)
    few = ((REFUSED_BELOW, Warn.REFUSED), (FEW_BELOW, Warn.FEW), (PPAP_BELOW, Warn.PPAP))
    warnings += [word for least, word in few if n < least][:1]
    if not n:
        return Capability(0, warnings=tuple(warnings))
    mean, sd = mean_sd(x)
    outside = int(((x < low) if low is not None else np.zeros(n, bool)).sum())
    outside += int(((x > high) if high is not None else np.zeros(n, bool)).sum())
    flat = n > 1 and float(x.min()) == float(x.max())
    warnings += [Warn.NO_SPREAD] * flat + [Warn.COARSE] * (coarse and not flat)
    warnings += [Warn.OUT_OF_CONTROL] * out_of_control
    if n >= REFUSED_BELOW and not flat and not coarse and not is_normal(x):
        warnings.append(Warn.NOT_NORMAL)
    known = Capability(n, mean, sigma, sd, outside=outside, warnings=tuple(warnings))
    if {Warn.NO_LIMITS, Warn.ZERO_RANGE, Warn.REFUSED, Warn.NO_SPREAD} & set(warnings):
        return known
    cp, cpk = _indices(n, mean, sigma, low, high)
    pp, ppk = _indices(n, mean, sd, low, high)
    cpm = None
    if cp is not None and nominal is not None and sigma:
        cpm = cp.value / math.sqrt(1 + ((mean - nominal) / sigma) ** 2)
    return Capability(n, mean, sigma, sd, cp, cpk, pp, ppk, cpm, outside, tuple(warnings))


def _indices(
    n: int, mean: float, sigma: float | None, low: float | None, high: float | None
) -> tuple[Index | None, Index | None]:
    """Cp and Cpk, or Pp and Ppk, of a sigma."""
    if not sigma:
        return None, None
    df = n - 1
    cp = None
    if low is not None and high is not None:
        value = (high - low) / (6 * sigma)
        edges = (math.sqrt(chi2_quantile(share, df) / df) for share in (0.025, 0.975))
        cp = Index(value, *(value * edge for edge in edges))
    sides = [(high - mean) / (3 * sigma)] if high is not None else []
    sides += [(mean - low) / (3 * sigma)] if low is not None else []
    value = min(sides)
    # Bissell's Cpk (1 +- z sqrt(1/(9 n Cpk^2) + 1/(2 v))), written so that it holds at and below zero too
    half = NormalDist().inv_cdf(0.975) * math.sqrt(1 / (9 * n) + value**2 / (2 * df))
    return cp, Index(value, value - half, value + half)


def is_normal(values: Sequence[float] | Floats) -> bool:
    """Whether nothing speaks against a normal distribution at 5 % (Anderson and Darling, mean and sd estimated)."""
    x = np.sort(np.asarray(values, dtype=np.float64))
    mean, sd = mean_sd(x)
    if not sd or x.size < 8:
        return True
    z = (x - mean) / sd
    below, above = np.maximum(normal_cdf(z), 1e-300), np.maximum(normal_cdf(-z), 1e-300)
    n = x.size
    odd = 2 * np.arange(1, n + 1) - 1
    squared = -n - float((odd * (np.log(below) + np.log(above[::-1]))).sum()) / n
    return bool(squared * (1 + 0.75 / n + 2.25 / n**2) <= _NORMAL_LIMIT)


def is_coarse(values: Sequence[float] | Floats, centre: float, sigma: float) -> bool:
    """Whether a gauge is too coarse for a chart: fewer than five different single values inside the limits of single
    values, or none that moves. Of fewer than 25 values nothing is said but the last."""
    x = np.asarray(values, dtype=np.float64)
    if sigma <= 0:
        return x.size > 1
    inside = x[(x >= centre - 3 * sigma) & (x <= centre + 3 * sigma)]
    return x.size >= REFUSED_BELOW and _distinct(inside).size < LEAST_DISTINCT


def _distinct(values: Floats) -> Floats:
    """The different values, rising; what differs by the rounding of binary fractions is the same."""
    each = np.unique(values)
    if each.size < 2:
        return each
    apart = np.diff(each) > min(_rounded(each), float(each[-1] - each[0]) * _SEEN_SHARE)
    kept: Floats = each[np.concatenate(([True], apart))]
    return kept


def _rounded(values: Floats) -> float:
    """By how much the rounding of binary may move the largest of some values."""
    return float(np.abs(values).max()) * _ROUNDED


class Histogram(Struct, frozen=True):
    """How many values lie in bars of equal width: bar k from `start` + k `width` on."""

    start: float
    width: float
    counts: tuple[int, ...]


def histogram(values: Sequence[float] | Floats, resolution: float | None = None) -> Histogram | None:
    """A histogram of finite values, None of none. Its bars are as wide as whole steps of the gauge (None: the smallest
    difference that is seen), so that no bar holds more steps than its neighbour; at most 24 unless the steps are few.
    """
    x = np.asarray(values, dtype=np.float64)
    if not x.size:
        return None
    low, high = float(x.min()), float(x.max())
    each = _distinct(x)
    step = resolution or (float(np.diff(each).min()) if each.size > 1 else abs(low) / 1000 or 1.0)
    wanted = (high - low) / min(max(math.ceil(2 * x.size ** (1 / 3)), 5), _MOST_BARS)
    width = step * max(math.ceil(wanted / step - 1e-6), 1)
    seen = max(1e-6, _rounded(x) / step)  # of a step: by so much a value may lie below the one that it is
    start = (math.floor(low / step + seen) - 0.5) * step if resolution else low - step / 2
    bars = max(math.ceil((high - start) / width + 1e-9), 1)
    places = np.clip(np.floor((x - start) / width + 1e-9).astype(int), 0, bars - 1)
    return Histogram(start, width, tuple(np.bincount(places, minlength=bars).tolist()))


def first_pass(first: Iterable[bool | None]) -> tuple[int, int]:
    """Of the first judgement of each unit (None: nothing was specified) how many are good, and how many there are: the
    first-pass yield (직행률) is one by the other."""
    known = [good for good in first if good is not None]
    return sum(known), len(known)
