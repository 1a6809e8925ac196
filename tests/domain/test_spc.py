"""Charts, rules and capability against published figures, and each rule against a slow and obvious one."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain import spc
from desktop.domain.spc import ChartKind, Rule, Warn

PUBLISHED = json.loads((Path(__file__).parents[1] / "data" / "spc" / "published.json").read_text(encoding="utf-8"))
RINGS: list[list[float]] = PUBLISHED["pistonrings"]["subgroups"]
RINGS_SAY: dict[str, Any] = PUBLISHED["pistonrings"]["expected"]
PHASE_1 = RINGS[:25]
FLOW: list[float] = PUBLISHED["nist_flowrate_imr"]["values"]
FLOW_SAYS: dict[str, Any] = PUBLISHED["nist_flowrate_imr"]["expected"]

STRD: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "data" / "spc" / "strd.json").read_text(encoding="utf-8")
)["sets"]

#: ASTM MNL 7, Manual on Presentation of Data and Control Chart Analysis: n, d2, d3, c4, A2, A3, D3, D4, B3, B4
TABLE = """
2 1.128 0.8525 0.7979 1.880 2.659 0     3.267 0     3.267
3 1.693 0.8884 0.8862 1.023 1.954 0     2.575 0     2.568
4 2.059 0.8798 0.9213 0.729 1.628 0     2.282 0     2.266
5 2.326 0.8641 0.9400 0.577 1.427 0     2.114 0     2.089
6 2.534 0.8480 0.9515 0.483 1.287 0     2.004 0.030 1.970
7 2.704 0.8332 0.9594 0.419 1.182 0.076 1.924 0.118 1.882
8 2.847 0.8198 0.9650 0.373 1.099 0.136 1.864 0.185 1.815
9 2.970 0.8078 0.9693 0.337 1.032 0.184 1.816 0.239 1.761
10 3.078 0.7971 0.9727 0.308 0.975 0.223 1.777 0.284 1.716
15 3.472 0.7562 0.9823 0.223 0.789 0.347 1.653 0.428 1.572
20 3.735 0.7287 0.9869 0.180 0.680 0.415 1.585 0.510 1.490
25 3.931 0.7084 0.9896 0.153 0.606 0.459 1.541 0.565 1.435
"""


def to_the_digits(value: float, printed: float) -> bool:
    """Whether a value is what is printed, to the last digit but one in it."""
    return abs(value - printed) < 1.01 * 10 ** -len(str(printed).partition(".")[2])


def singles(values: Sequence[float]) -> list[list[float]]:
    return [[value] for value in values]


# -- constants --


@pytest.mark.parametrize("line", TABLE.strip().splitlines())
def test_constants_are_those_of_the_published_table(line: str) -> None:
    n, *printed = line.split()
    c = spc.constants(int(n))
    own = (c.d2, c.d3, c.c4, c.A2, c.A3, c.D3, c.D4, c.B3, c.B4)
    for value, text in zip(own, printed, strict=True):
        # half a digit of the print; D4(3) is printed 2.575 of 2.5746, and a rounded d2 moves A2 by as much
        assert abs(value - float(text)) <= 0.00061 if len(text) <= 5 else 0.000051, (n, value, text)
    assert pytest.approx(3 / c.d2) == c.E2


def test_constants_that_are_known_exactly() -> None:
    """d2(2) = 2/sqrt(pi), d2(3) = 3/sqrt(pi), d3(2)^2 = 2 - 4/pi; the density of a range integrates to one."""
    assert spc.constants(2).d2 == pytest.approx(2 / math.sqrt(math.pi), rel=1e-12)
    assert spc.constants(3).d2 == pytest.approx(3 / math.sqrt(math.pi), rel=1e-12)
    assert spc.constants(2).d3 == pytest.approx(math.sqrt(2 - 4 / math.pi), rel=1e-11)
    assert pytest.approx(2.658681, abs=5e-7) == spc.constants(2).E2  # tables print 2.660, of a rounded d2
    assert pytest.approx(2.5746, abs=5e-5) == spc.constants(3).D4
    ranges, weights, both, between = spc._pairs()
    for n in range(2, 26):
        whole = float((weights * n * (n - 1) * (both * between ** (n - 2)).sum(axis=1)).sum())
        assert whole == pytest.approx(1, abs=1e-9)
        c = spc.constants(n)
        assert c.c4 == pytest.approx(math.sqrt(2 / (n - 1)) * math.gamma(n / 2) / math.gamma((n - 1) / 2), rel=1e-12)
    assert ranges[-1] > 13.9
    for n in (1, 26):
        with pytest.raises(ValueError):
            spc.constants(n)


@pytest.mark.parametrize(
    ("share", "df", "printed"),
    [
        (0.95, 1, 3.841), (0.975, 1, 5.024), (0.99, 10, 23.209), (0.025, 10, 3.247), (0.005, 100, 67.328),
        (0.975, 24, 39.364), (0.025, 24, 12.401), (0.5, 2, 1.386), (0.01, 1, 0.000157), (0.975, 99, 128.422),
    ],
)  # fmt: skip
def test_chi_square_is_that_of_the_published_table(share: float, df: int, printed: float) -> None:
    """NIST/SEMATECH e-Handbook 1.3.6.7.4."""
    assert to_the_digits(spc.chi2_quantile(share, df), printed)


@given(st.floats(0.001, 0.999), st.integers(1, 40))
def test_chi_square_of_even_degrees_is_a_sum_of_poisson_terms(share: float, half: int) -> None:
    x = spc.chi2_quantile(share, 2 * half) / 2
    below = 1 - sum(math.exp(-x + k * math.log(x) - math.lgamma(k + 1)) for k in range(half))
    assert below == pytest.approx(share, abs=1e-9)


# -- published charts --


def test_mean_and_range_of_piston_rings() -> None:
    """qcc divides by d2 as it is printed, 2.326: with that the digits are those, with the exact d2 they are near."""
    say, say_r = RINGS_SAY["xbar_R_sigma"], RINGS_SAY["R"]
    own = spc.estimate(ChartKind.XBAR_R, PHASE_1)
    assert own is not None
    assert to_the_digits(own.centre, say["center"])
    assert to_the_digits(own.spread, say_r["center"])
    sigma = own.spread / 2.326
    assert to_the_digits(sigma, say["sigma"])
    assert own.sigma == pytest.approx(say["sigma"], rel=4e-5)
    for used, near in ((sigma, 5.1e-10), (own.sigma, 1e-6)):
        of = spc.points(ChartKind.XBAR_R, RINGS, own.centre, used)
        assert of.low[0] == pytest.approx(say["lcl"], abs=near)
        assert of.high[0] == pytest.approx(say["ucl"], abs=near)
        assert of.spread_low[0] == say_r["lcl"]
        assert of.spread_high[0] == pytest.approx(say_r["ucl"], abs=2e-6)
        beyond = [n + 1 for n, mean in enumerate(of.means) if not of.low[n] <= mean <= of.high[n]]
        assert beyond == say["signals_all40"]
        error = used / math.sqrt(5)
        above, below = spc.met(Rule.BEYOND, of.means, own.centre, error, None)
        assert (np.flatnonzero(above | below) + 1).tolist() == say["signals_all40"]
        assert say["signals_phase1"] == [n for n in beyond if n <= 25]


def test_mean_and_standard_deviation_of_piston_rings() -> None:
    own = spc.estimate(ChartKind.XBAR_S, PHASE_1)
    assert own is not None
    of = spc.points(ChartKind.XBAR_S, PHASE_1, own.centre, own.sigma)
    say, say_s = RINGS_SAY["xbar_S_sigma"], RINGS_SAY["S"]
    assert to_the_digits(own.sigma, say_s["sigma"])
    assert to_the_digits(own.centre, say["center"])
    assert to_the_digits(of.low[0], say["lcl"])
    assert to_the_digits(of.high[0], say["ucl"])
    assert to_the_digits(of.spread_centre[0], say_s["center"])
    assert of.spread_low[0] == say_s["lcl"]
    assert to_the_digits(of.spread_high[0], say_s["ucl"])
    means = tuple(sum(group) / 5 for group in PHASE_1)
    assert of.means == pytest.approx(means, abs=1e-12)


def test_sums_and_moving_averages_of_piston_rings() -> None:
    say, near = RINGS_SAY["cusum_k05_h5_standard_error_units"], RINGS_SAY["ewma_lambda02_L3"]
    means, centre, error = [sum(g) / 5 for g in RINGS], 74.001176, 0.00978503869 / math.sqrt(5)
    up, down = spc.cusum(means, centre, error)
    assert int(np.flatnonzero((up > 5) | (down > 5))[0]) + 1 == say["first_signal"]
    assert up[36] > 5  # the upper side
    assert up[36] == pytest.approx(say["pos_at_37"], rel=2e-9)  # of a sigma with nine digits
    smooth, low, high = spc.ewma(means, centre, error)
    assert to_the_digits(low[24], near["lcl_steady"])  # printed of the last point of phase 1
    assert to_the_digits(high[24], near["ucl_steady"])
    assert high[-1] == pytest.approx(centre + error, abs=1e-9)
    assert int(np.flatnonzero((smooth > high) | (smooth < low))[0]) + 1 == near["first_signal"]
    assert spc.shift_began([0.0, 0.0, -3.0, 2.0, 2.0, 2.0], 0.0, 1.0, 1) == 3
    assert spc.shift_began([0.0, 0.0, -3.0, 2.0, 2.0, 2.0], 0.0, 1.0, -1) is None
    assert spc.shift_began([-2.0, -2.0], 0.0, 1.0, -1) == 0
    assert spc.shift_began([], centre, error, 1) is None


def test_capability_of_piston_rings() -> None:
    say = RINGS_SAY["capability_LSL73_95_USL74_05"]
    values = [value for group in PHASE_1 for value in group]
    own = spc.estimate(ChartKind.XBAR_R, PHASE_1)
    assert own is not None
    of = spc.capability(values, own.spread / 2.326, 73.95, 74.05, nominal=74.0)
    assert (of.n, of.outside, of.warnings) == (125, 0, ())
    for index, key in ((of.cp, "Cp"), (of.cpk, "Cpk"), (of.pp, "Pp"), (of.ppk, "Ppk")):
        assert index is not None
        assert to_the_digits(index.value, say[key])
        assert to_the_digits(index.low, say[f"{key}_ci95"][0]), key
        assert to_the_digits(index.high, say[f"{key}_ci95"][1]), key
    assert of.cpm is not None
    assert to_the_digits(of.cpm, say["Cpm_target_mid"])
    upper, lower = (spc.capability(values, own.spread / 2.326, *limits) for limits in ((None, 74.05), (73.95, None)))
    assert upper.cpk is not None
    assert lower.cpk is not None
    assert to_the_digits(upper.cpk.value, say["Cpu"])
    assert to_the_digits(lower.cpk.value, say["Cpl"])
    assert (upper.cp, upper.pp, upper.cpm, upper.warnings) == (None, None, None, (Warn.ONE_SIDED,))


def test_single_values_of_flow_rates() -> None:
    own = spc.estimate(ChartKind.I_MR, singles(FLOW))
    assert own is not None
    assert to_the_digits(own.centre, FLOW_SAYS["center"])
    assert to_the_digits(own.spread, FLOW_SAYS["mrbar"])
    of = spc.points(ChartKind.I_MR, singles(FLOW), own.centre, own.spread / 1.128)
    assert to_the_digits(of.high[0], FLOW_SAYS["ucl"])
    assert to_the_digits(of.low[0], FLOW_SAYS["lcl"])
    assert of.spreads[0] is None
    exact = spc.points(ChartKind.I_MR, singles(FLOW), own.centre, own.sigma)
    assert exact.high[0] == pytest.approx(own.centre + spc.constants(2).E2 * own.spread)
    assert exact.spread_high[0] == pytest.approx(spc.constants(2).D4 * own.spread)


# -- what is no value, and what is too few --


def test_what_is_no_number_is_no_value() -> None:
    assert spc.finite([1.0, None, math.nan, math.inf, -math.inf, 2.0]).tolist() == [1.0, 2.0]
    for bad in ([math.nan], [math.inf, 1.0], []):
        with pytest.raises(ValueError):
            spc.mean_sd(bad)
    for call in (
        lambda: spc.estimate(ChartKind.I_MR, [[1.0], [math.nan]]),
        lambda: spc.estimate(ChartKind.XBAR_R, [[1.0, 2.0], [1.0]]),
        lambda: spc.estimate(ChartKind.XBAR_S, [[1.0, 2.0], [1.0]]),
        lambda: spc.estimate(ChartKind.I_MR, [[1.0, 2.0]]),
        lambda: spc.met(Rule.BEYOND, [1.0, math.nan], 0.0, 1.0, None),
    ):
        with pytest.raises(ValueError):
            call()
    assert spc.mean_sd([3.0]) == (3.0, None)
    assert spc.estimate(ChartKind.I_MR, [[1.0]]) is None
    assert spc.estimate(ChartKind.XBAR_S, []) is None


def test_a_large_value_keeps_a_small_spread() -> None:
    """The sum of squares of one pass has no digit left here: NIST's NumAcc4, mean 10000000.2 and sd 0.1."""
    values = [10_000_000.2] + [10_000_000.1, 10_000_000.3] * 500
    mean, sd = spc.mean_sd(values)
    assert mean == pytest.approx(10_000_000.2, abs=1e-8)
    assert sd == pytest.approx(0.1, rel=1e-7)


def test_moving_ranges_do_not_reach_over_a_gap() -> None:
    begins = [False, False, True, False]
    assert [None if math.isnan(x) else x for x in spc.moving_ranges([1.0, 2.0, 9.0, 8.5], begins)] == [
        None, 1.0, None, 0.5,
    ]  # fmt: skip
    own = spc.estimate(ChartKind.I_MR, singles([1.0, 2.0, 9.0, 8.5]), begins)
    assert own is not None
    assert own.spread == 0.75


def test_subgroups_of_unequal_size_have_limits_each() -> None:
    """Burr's weights, worked by hand for sizes 2 and 5: c4^2 / (1 - c4^2) = 1.7519 and 7.5892."""
    groups = [[1.0, 3.0], [2.0, 3.0, 4.0, 5.0, 6.0]]
    own = spc.estimate(ChartKind.XBAR_S, groups)
    assert own is not None
    first, second = math.sqrt(2) / 0.7978845608, math.sqrt(2.5) / 0.9399856030
    assert own.sigma == pytest.approx((1.75193839 * first + 7.58922 * second) / (1.75193839 + 7.58922), rel=1e-5)
    assert own.centre == pytest.approx(24 / 7)  # by their sizes
    of = spc.points(ChartKind.XBAR_S, groups, own.centre, own.sigma)
    assert of.high[0] - of.low[0] == pytest.approx(6 * own.sigma / math.sqrt(2))
    assert of.high[1] - of.low[1] == pytest.approx(6 * own.sigma / math.sqrt(5))
    assert spc.kind_of(1) is ChartKind.I_MR
    assert [spc.kind_of(n) for n in (2, 10, 11)] == [ChartKind.XBAR_R, ChartKind.XBAR_R, ChartKind.XBAR_S]
    assert spc.kind_of(5, equal=False) is ChartKind.XBAR_S


NORMAL = np.array([spc.NormalDist().inv_cdf((k + 0.5) / 120) for k in range(120)])


@pytest.mark.parametrize(
    ("values", "low", "high", "warning"),
    [
        (NORMAL[::5], -4, 4, Warn.REFUSED),
        (NORMAL[::4], -4, 4, Warn.FEW),
        (NORMAL[::2], -4, 4, Warn.PPAP),
        (NORMAL, None, None, Warn.NO_LIMITS),
        (NORMAL, 1, 1, Warn.ZERO_RANGE),
        (NORMAL, None, 4, Warn.ONE_SIDED),
        (np.full(120, 2.0), 1, 3, Warn.NO_SPREAD),
        (np.exp(NORMAL), -4, 40, Warn.NOT_NORMAL),
        ([], -4, 4, Warn.REFUSED),
        ([1.0], -4, 4, Warn.REFUSED),
    ],
)
def test_capability_says_what_it_is_worth(
    values: Sequence[float], low: float | None, high: float | None, warning: Warn
) -> None:
    of = spc.capability(values, 1.0, low, high)
    assert of.warnings == (warning,)
    shown = warning in (Warn.FEW, Warn.PPAP, Warn.ONE_SIDED, Warn.NOT_NORMAL)
    assert (of.cpk is not None) is shown
    assert (of.ppk is not None) is shown


def test_capability_tells_of_the_chart_and_the_gauge() -> None:
    of = spc.capability(NORMAL, 1.0, -1, 4, out_of_control=True, coarse=True)
    assert of.warnings == (Warn.COARSE, Warn.OUT_OF_CONTROL)
    assert of.outside == int((NORMAL < -1).sum())
    assert of.cpk is not None
    assert of.cpk.low < of.cpk.value < of.cpk.high
    off = spc.capability(NORMAL, 1.0, 1, 4).cpk
    assert off is not None
    assert off.low < off.value < 0.0 or off.value < 0 < off.high  # its interval holds it below zero too


def test_a_gauge_that_is_too_coarse() -> None:
    fine = np.round(NORMAL, 2)
    assert not spc.is_coarse(fine, 0.0, 1.0)
    assert spc.is_coarse(np.round(NORMAL / 2) * 2, 0.0, 1.0)  # -2, 0 and 2
    assert not spc.is_coarse(np.round(NORMAL), 0.0, 1.0)  # five and more
    assert spc.is_coarse([5.0, 5.0], 5.0, 0.0)  # no range at all
    noise = np.array([0.1 + 0.2, 0.3, 0.3 + 1e-17] * 10)
    assert spc.is_coarse(noise, 0.3, 1.0)  # one value, in two binary forms


# -- rules --


def slow(rule: Rule, x: Sequence[float], centre: float, error: float, begins: Sequence[bool]) -> list[bool]:
    """Word for word: looks back from each point over what belongs to its run."""
    found = []
    for place in range(len(x)):
        start = max(k for k in range(place + 1) if k == 0 or begins[k])
        run = list(x[start : place + 1])
        found.append(_slow(rule, run, centre, error))
    return found


def _slow(rule: Rule, run: list[float], c: float, s: float) -> bool:
    def last(n: int) -> list[float]:
        return run[-n:] if len(run) >= n else []

    def steps(n: int) -> list[float]:
        pts = last(n)
        return [b - a for a, b in pairwise(pts)]

    match rule:
        case Rule.BEYOND:
            return run[-1] > c + 3 * s or run[-1] < c - 3 * s
        case Rule.SIDE_9 | Rule.SIDE_8 | Rule.SIDE_7:
            pts = last({Rule.SIDE_9: 9, Rule.SIDE_8: 8, Rule.SIDE_7: 7}[rule])
            return bool(pts) and (all(p > c for p in pts) or all(p < c for p in pts))
        case Rule.TREND_6 | Rule.TREND_7:
            found = steps(6 if rule is Rule.TREND_6 else 7)
            return bool(found) and (all(d > 0 for d in found) or all(d < 0 for d in found))
        case Rule.ALTERNATING:
            found = steps(14)
            return bool(found) and all(a * b < 0 for a, b in pairwise(found))
        case Rule.TWO_OF_THREE:
            pts = run[-3:]
            return sum(p > c + 2 * s for p in pts) >= 2 or sum(p < c - 2 * s for p in pts) >= 2
        case Rule.FOUR_OF_FIVE:
            pts = run[-5:]
            return sum(p > c + s for p in pts) >= 4 or sum(p < c - s for p in pts) >= 4
        case Rule.CLOSE:
            pts = last(15)
            return bool(pts) and all(c - s <= p <= c + s for p in pts)
        case Rule.FAR:
            pts = last(8)
            far = all(p > c + s or p < c - s for p in pts)
            return bool(pts) and far and any(p > c for p in pts) and any(p < c for p in pts)


#: halves from -4 to 4: points on the centre line, on the lines of one, two and three sigma, and equal neighbours
COARSE = st.lists(st.tuples(st.integers(-8, 8), st.integers(0, 12)), max_size=60)
CALM = st.lists(st.tuples(st.integers(-2, 3), st.integers(0, 40)), min_size=10, max_size=60)
ZIGZAG = st.lists(st.tuples(st.sampled_from((-6, -3, 3, 6, 5)), st.integers(0, 60)), min_size=12, max_size=60)
RISING = st.lists(st.integers(-1, 3), min_size=6, max_size=40).map(
    lambda steps: [(sum(steps[: n + 1]) - 20, 12) for n in range(len(steps))]
)


@given(st.one_of(COARSE, CALM, ZIGZAG, RISING), st.sampled_from(list(Rule)))
def test_each_rule_is_the_slow_and_obvious_one(drawn: list[tuple[int, int]], rule: Rule) -> None:
    x = [value / 2 for value, _gap in drawn]
    begins = [gap == 0 for _value, gap in drawn]
    above, below = spc.met(rule, x, 0.0, 1.0, begins)
    assert (above | below).tolist() == slow(rule, x, 0.0, 1.0, begins)


@pytest.mark.parametrize(
    ("rule", "values", "at"),
    [
        (Rule.BEYOND, [3.0, 3.1, -3.0, -3.5], [1, 3]),  # on the line is not beyond
        (Rule.SIDE_9, [1.0] * 10, [8, 9]),
        (Rule.SIDE_9, [1.0] * 5 + [0.0] + [1.0] * 8, []),  # the centre line breaks a run
        (Rule.SIDE_8, [-1.0] * 8, [7]),
        (Rule.SIDE_7, [1.0] * 7, [6]),
        (Rule.TREND_6, [0, 1, 2, 3, 4, 5], [5]),
        (Rule.TREND_6, [0, 1, 2, 2, 3, 4, 5, 6], []),  # a tie breaks a trend
        (Rule.TREND_7, [6, 5, 4, 3, 2, 1, 0], [6]),
        (Rule.ALTERNATING, [0, 1] * 7, [13]),
        (Rule.ALTERNATING, [0, 1] * 6 + [0], []),
        (Rule.TWO_OF_THREE, [2.5, 0.0, 2.5], [2]),
        (Rule.TWO_OF_THREE, [2.5, 0.0, -2.5, 2.0], []),  # one side, and strictly beyond
        (Rule.FOUR_OF_FIVE, [1.5, 1.5, 0.0, 1.5, 1.5], [4]),
        (Rule.CLOSE, [1.0, -1.0, 0.0] * 5, [14]),
        (Rule.FAR, [2.0, -2.0] * 4, [7]),
        (Rule.FAR, [2.0] * 8, []),  # both sides
    ],
)
def test_rules_as_they_are_written(rule: Rule, values: list[float], at: list[int]) -> None:
    above, below = spc.met(rule, values, 0.0, 1.0, None)
    assert np.flatnonzero(above | below).tolist() == at


def test_what_decimals_have_on_a_line_is_on_it() -> None:
    """Binary has 0.1 + 3 * 0.08 below 0.34, and the mean of 10.3, 10.3 and 10.0 above 10.2."""
    for centre, sigma in ((c / 10, s / 100) for c in range(1, 200) for s in range(1, 50)):
        points = [round(centre + 3 * sigma, 6), round(centre - 3 * sigma, 6)]
        above, below = spc.met(Rule.BEYOND, points, centre, sigma, None)
        assert not any(above | below), (centre, sigma)
        far = [round(centre + 3 * sigma + 0.001, 6), round(centre - 3 * sigma - 0.001, 6)]
        above, below = spc.met(Rule.BEYOND, far, centre, sigma, None)
        assert all(above | below), (centre, sigma)
    rows = [(10.1, 10.2, 10.3), (10.3, 10.3, 10.0), (10.2, 10.2, 10.2), (10.0, 10.2, 10.4), (10.1, 10.1, 10.4)] * 2
    means = [float(np.mean(row)) for row in rows]
    for rule in (Rule.SIDE_9, Rule.SIDE_7, Rule.TREND_6, Rule.ALTERNATING, Rule.BEYOND):
        assert spc.findings(means, 10.2, 0.0 if rule is Rule.BEYOND else 0.1, (rule,)) == ()
    large = [1e9 + n * 1e-2 for n in (0, 1, 0, 4)]
    assert np.flatnonzero(spc.met(Rule.BEYOND, large, 1e9, 1e-2, None)[0]).tolist() == [3], "a small spread is seen"


def test_a_rule_does_not_run_across_a_beginning() -> None:
    begins = [n == 5 for n in range(12)]
    assert not any(spc.met(Rule.SIDE_9, [1.0] * 12, 0.0, 1.0, begins)[0])
    assert spc.findings([1.0] * 12, 0.0, 1.0, (Rule.SIDE_7,), begins) == (spc.Finding(Rule.SIDE_7, 5, 11, 11, 1),)
    with pytest.raises(ValueError):
        spc.met(Rule.SIDE_9, [1.0] * 12, 0.0, 1.0, [True])


def test_findings_hold_the_points_that_make_them() -> None:
    x = [0.0, 4.0, 0.0, -4.0, *[0.5] * 11, -1.0]
    assert spc.findings(x, 0.0, 1.0) == (
        spc.Finding(Rule.BEYOND, 1, 1, 1, 1),
        spc.Finding(Rule.BEYOND, 3, 3, 3, -1),
        spc.Finding(Rule.SIDE_9, 4, 12, 14, 1),
    )
    began = [False, True, False, False]
    assert spc.findings([2.5, 2.5, 2.5, 0.0], 0.0, 1.0, (Rule.TWO_OF_THREE,), began) == (
        spc.Finding(Rule.TWO_OF_THREE, 1, 2, 2, 1),
    )
    assert spc.findings([0.0, 2.5, 2.5, -2.5], 0.0, 1.0, (Rule.TWO_OF_THREE,)) == (
        spc.Finding(Rule.TWO_OF_THREE, 1, 2, 2, 1),
    ), "a point on the other side is none of it"
    assert spc.findings([0.0, *[1.5] * 4, -3.0], 0.0, 1.0, (Rule.FOUR_OF_FIVE,)) == (
        spc.Finding(Rule.FOUR_OF_FIVE, 1, 4, 4, 1),
    )
    assert spc.findings([], 0.0, 1.0, list(Rule)) == ()


def test_a_stable_process_rings_as_seldom_as_theory_says() -> None:
    """Half a million points: 2 Phi(-3); 2 (3 p^2 (1-p) + p^3) with p = Phi(-2); as much for four of five."""
    x = np.random.default_rng(20).normal(size=500_000)
    for rule, share in ((Rule.BEYOND, 0.0027), (Rule.TWO_OF_THREE, 0.003058), (Rule.FOUR_OF_FIVE, 0.005536)):
        above, below = spc.met(rule, x, 0.0, 1.0, None)
        assert (above | below).mean() == pytest.approx(share, rel=0.06)


# -- large values with a small spread, against exact fractions --

LARGE = st.tuples(
    st.sampled_from((0, 10**7, 10**9, 2_147_000_000, -(10**9))), st.lists(st.integers(-60, 60), min_size=2, max_size=60)
)


def exact(values: Sequence[float]) -> tuple[Fraction, Fraction]:
    """Mean and variance of what binary holds of the values."""
    x = [Fraction(value) for value in values]
    mean = sum(x, Fraction(0)) / len(x)
    return mean, sum(((each - mean) ** 2 for each in x), Fraction(0)) / (len(x) - 1)


@pytest.mark.parametrize("name", list(STRD))
def test_mean_and_deviation_are_those_that_nist_certifies(name: str) -> None:
    """To every digit that is certified, but for what binary cannot hold of the values."""
    of = STRD[name]
    first, again = of["values"], of["values"][1:]
    written = first if of["again"] == 1 else first[:1] + again * of["again"]
    decimals = [Fraction(each) for each in written]
    centre = sum(decimals, Fraction(0)) / len(decimals)
    away = [each - centre for each in decimals]
    lag_1 = sum(a * b for a, b in pairwise(away)) / sum(a * a for a in away)
    assert float(lag_1) == pytest.approx(float(of["lag1"]), rel=1e-14), "these are the values, in their order"
    mean, sd = spc.mean_sd([float(each) for each in written])
    held = float(np.spacing(abs(mean)))
    assert abs(mean - float(of["mean"])) <= 0.51 * digit(of["mean"]) + held
    assert sd is not None
    assert abs(sd - float(of["sd"])) <= 0.51 * digit(of["sd"]) + held


def digit(printed: str) -> float:
    """One in the last digit that is printed; what is exact has none behind it."""
    decimals = len(printed.partition(".")[2])
    return 10.0**-decimals if decimals > 9 else 0.0


@given(LARGE, st.sampled_from((1.0, 0.5, 0.01)))
def test_variance_and_limits_keep_their_digits_at_large_values(drawn: tuple[int, list[int]], step: float) -> None:
    offset, steps = drawn
    values = [offset + n * step for n in steps]
    mean, variance = exact(values)
    own, sd = spc.mean_sd(values)
    assert abs(Fraction(own) - mean) <= Fraction(float(np.spacing(max(abs(own), 1.0))))
    assert sd == pytest.approx(math.sqrt(variance), rel=1e-9, abs=1e-12)
    moving = [abs(Fraction(b) - Fraction(a)) for a, b in pairwise(values)]
    of = spc.estimate(ChartKind.I_MR, singles(values))
    assert of is not None
    assert of.sigma * spc.constants(2).d2 == pytest.approx(float(sum(moving) / len(moving)), rel=1e-12)
    groups = [values[n : n + 3] for n in range(0, len(values) - 2, 3)]
    of = spc.estimate(ChartKind.XBAR_R, groups)
    if of is not None:
        ranges = [Fraction(max(group)) - Fraction(min(group)) for group in groups]
        assert of.spread == pytest.approx(float(sum(ranges) / len(ranges)), rel=1e-12)
        limits = spc.points(ChartKind.XBAR_R, groups, of.centre, of.sigma)
        half = 3 * Fraction(of.sigma) / Fraction(math.sqrt(3))
        room = Fraction(float(2 * np.spacing(max(abs(of.centre), 1.0))))
        assert abs(Fraction(limits.high[0]) - (Fraction(of.centre) + half)) <= room
        assert abs(Fraction(limits.low[0]) - (Fraction(of.centre) - half)) <= room


@given(LARGE, st.sampled_from(list(Rule)), st.sampled_from((1, 10, 1000)))
def test_rules_hold_at_large_values(drawn: tuple[int, list[int]], rule: Rule, parts: int) -> None:
    """Points in steps of a thousandth, lines at whole and half steps: the exact figures are the judge."""
    offset, steps = drawn
    points = [float(Fraction(offset) + Fraction(n, 20 * parts)) for n in steps]
    plain = [Fraction(n, 20 * parts) for n in steps]
    sigma = Fraction(1, parts)
    begins = [False] * len(points)
    above, below = spc.met(rule, points, float(offset), float(sigma), begins)
    scaled = [float(each / sigma * 20) for each in plain]
    assert (above | below).tolist() == slow(rule, scaled, 0.0, 20.0, begins)


@pytest.mark.parametrize("centre", [24.0, 1e6, 2_147_000_000.0, -2_147_000_000.0, 1e12])
@pytest.mark.parametrize("sigma", [0.5, 2.0])
def test_a_gauge_is_not_coarse_for_its_values_are_large(centre: float, sigma: float) -> None:
    drawn = random.Random(2)
    values = [centre + drawn.gauss(0, sigma) for _n in range(100)]
    mean, sd = spc.mean_sd(values)
    assert sd is not None
    assert not spc.is_coarse(values, mean, sd)
    of = spc.histogram(values)
    assert of is not None
    assert 8 <= len(of.counts) <= 24, "bars are as wide as the spread wants them"
    assert sum(of.counts) == 100
    whole = [centre + round(drawn.gauss(0, 2)) for _n in range(100)]
    of = spc.histogram(whole, 1.0)
    assert of is not None
    edges = [of.start + n * of.width for n in range(len(of.counts) + 1)]
    assert list(of.counts) == [sum(low < value < high for value in whole) for low, high in pairwise(edges)]
    assert spc.histogram(whole) == of, "the step that is seen is that of the gauge"
    assert spc.is_coarse([centre, centre + 1.0] * 20, centre + 0.5, 0.5), "two values are two, however large"


def test_what_decimals_have_equal_is_one_value() -> None:
    """0.1 + 0.2 is not 0.3 to binary; close neighbours are no chain that makes one value of many."""
    hair = [0.1 + 0.2, 0.3, 0.4, 0.5, 0.6] * 10
    assert spc.is_coarse(hair, 0.4, 0.2), "four values"
    assert not spc.is_coarse([*hair, 0.7], 0.4, 0.2)
    near = [24.0 + n * 1e-9 for n in range(100)]
    assert not spc.is_coarse(near, 24.0, 1.0)


# -- independent ways to the same figures --


def half_factorial(twice: int) -> float:
    """Gamma(twice / 2) by its recurrence from Gamma(1) and Gamma(1/2)."""
    return (twice - 2) / 2 * half_factorial(twice - 2) if twice > 2 else math.sqrt(math.pi) if twice == 1 else 1.0


@given(st.lists(st.lists(st.integers(0, 40), min_size=2, max_size=9), min_size=1, max_size=12))
def test_a_chart_of_unequal_subgroups_is_that_of_plain_sums(drawn: list[list[int]]) -> None:
    """Burr's weights are one by the variance of s / c4, written out."""
    groups = [[24.0 + n / 100 for n in group] for group in drawn]
    own = spc.estimate(ChartKind.XBAR_S, groups)
    assert own is not None
    top = bottom = 0.0
    for group in groups:
        n = len(group)
        c4 = math.sqrt(2 / (n - 1)) * half_factorial(n) / half_factorial(n - 1)
        variance_of_one = 1 / c4**2 - 1  # of s / c4, in variances of a value
        top += math.sqrt(exact(group)[1]) / c4 / variance_of_one
        bottom += 1 / variance_of_one
    assert own.sigma == pytest.approx(top / bottom, rel=1e-9, abs=1e-12)
    every = [Fraction(value) for group in groups for value in group]
    assert own.centre == pytest.approx(float(sum(every) / len(every)), rel=1e-14)
    of = spc.points(ChartKind.XBAR_S, groups, own.centre, own.sigma)
    for place, group in enumerate(groups):
        n = len(group)
        c4 = math.sqrt(2 / (n - 1)) * half_factorial(n) / half_factorial(n - 1)
        spread = own.sigma * (c4 + 3 * math.sqrt(1 - c4**2))
        assert of.spread_high[place] == pytest.approx(spread, rel=1e-9)
        assert of.high[place] - own.centre == pytest.approx(3 * own.sigma / math.sqrt(n), rel=1e-9, abs=1e-12)


def chi2_below(x: float, df: int) -> float:
    """The share of a chi-square distribution below x, its density integrated by Simpson in the root of x."""
    count = 4000
    width = math.sqrt(x) / count
    made = 2 ** (1 - df / 2) / half_factorial(df)

    def density(root: float) -> float:
        return made * float(root ** (df - 1)) * math.exp(-root * root / 2)

    inner = sum((4 if n % 2 else 2) * density(n * width) for n in range(1, count))
    return (density(0.0) + inner + density(count * width)) * width / 3


@pytest.mark.parametrize("n", [25, 30, 50, 125])
def test_the_interval_of_a_capability_holds_95_percent(n: int) -> None:
    """Cp: (n - 1) (Cp / edge)^-2 has 2.5 % below and above; Cpk: Bissell's formula as he wrote it."""
    drawn = random.Random(n)
    values = [24.01 + drawn.gauss(0, 0.004) for _n in range(n)]
    of = spc.capability(values, 0.004, 23.99, 24.03)
    mean, variance = exact(values)
    assert of.cp is not None
    assert of.pp is not None
    assert of.cpk is not None
    assert of.cp.value == pytest.approx(0.04 / 0.024, rel=1e-9)
    assert of.pp.value == pytest.approx(0.04 / (6 * math.sqrt(variance)), rel=1e-9)
    for index in (of.cp, of.pp):
        for edge, share in ((index.low, 0.025), (index.high, 0.975)):
            assert chi2_below((n - 1) * (edge / index.value) ** 2, n - 1) == pytest.approx(share, abs=1e-8)
    cpk = min(24.03 - float(mean), float(mean) - 23.99) / 0.012
    assert of.cpk.value == pytest.approx(cpk, rel=1e-9)
    share = 1.959963984540054 * math.sqrt(1 / (9 * n * cpk**2) + 1 / (2 * (n - 1)))
    assert of.cpk.low == pytest.approx(cpk * (1 - share), rel=1e-9)
    assert of.cpk.high == pytest.approx(cpk * (1 + share), rel=1e-9)


# -- histogram and yield --


@given(st.lists(st.integers(-40, 40), min_size=1, max_size=200), st.sampled_from((0.001, 0.02, 1.0)))
def test_a_histogram_holds_every_value_in_bars_of_whole_steps(steps: list[int], step: float) -> None:
    values = [24.0 + n * step for n in steps]
    of = spc.histogram(values, step)
    assert of is not None
    assert sum(of.counts) == len(values)
    assert len(of.counts) <= 26
    assert of.width / step == pytest.approx(round(of.width / step), abs=1e-6)
    per_bar = round(of.width / step)
    first = min(steps)
    expected = [0] * len(of.counts)
    for n in steps:
        expected[(n - first) // per_bar] += 1
    assert list(of.counts) == expected


def test_a_histogram_without_a_known_resolution() -> None:
    assert spc.histogram([]) is None
    one = spc.histogram([24.0])
    assert one is not None
    assert one.counts == (1,)
    of = spc.histogram(FLOW)
    assert of is not None
    assert sum(of.counts) == len(FLOW)


def test_first_pass_yield_counts_what_was_judged() -> None:
    assert spc.first_pass([True, False, None, True]) == (2, 3)
    assert spc.first_pass([]) == (0, 0)
