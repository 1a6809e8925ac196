"""What the run rules cost, as a ratio within one run."""

from __future__ import annotations

import time

import numpy as np
import pytest

from desktop.domain import spc

pytestmark = pytest.mark.bench

POINTS = 500_000


def test_all_rules_on_half_a_million_points() -> None:
    """All rules on 500,000 points cost less than sorting them forty times, and runs that begin anew at each thousandth
    point cost about as much as one that never does."""
    x = np.random.default_rng(1).normal(size=POINTS)
    begins = np.arange(POINTS) % 1000 == 0

    def least_s(work: object) -> float:
        assert callable(work)
        found = []
        for _n in range(3):
            began = time.process_time()
            work()
            found.append(time.process_time() - began)
        return min(found)

    rules = tuple(spc.Rule)
    sorting = least_s(lambda: np.sort(x))
    whole = least_s(lambda: spc.findings(x, 0.0, 1.0, rules))
    parts = least_s(lambda: spc.findings(x, 0.0, 1.0, rules, begins))  # type: ignore[arg-type]
    print(f"{len(rules)} rules on {POINTS:,} points: {whole * 1e9 / POINTS:.0f} ns a point, sort {sorting:.3f} s")
    assert whole < 40 * sorting
    assert parts < 2.5 * whole
