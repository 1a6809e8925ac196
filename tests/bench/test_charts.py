"""What the charts of characteristics cost the Overview, which asks for them again and again."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop.domain.entries import ChartLimits
from desktop.store import entries
from desktop.store.database import Store
from desktop.summaries import Live
from tests.bench.first_look import bare
from tests.measuring_example import BORE, NOW, measure, open_measuring

pytestmark = pytest.mark.bench

EVERY_MS, DAYS = 5_000, 4
MOST_FIRST, MOST_DAY, MOST_MORE = 40, 60, 3  # bare loops that a look may take


def with_values(store: Store) -> None:
    """A bore every five seconds for days, each of a unit of its own, as the rows lie, without their chain."""
    rng, count = random.Random(1), DAYS * 86_400_000 // EVERY_MS
    moments = [NOW - (count - n) * EVERY_MS for n in range(count)]
    with store.transaction() as db:
        db.executemany(
            "INSERT INTO units (id, kind, code, at_ms, event_id, hash) VALUES (?, 'unit', ?, ?, 0, x'')",
            ((at_ms * 1000, f"U{at_ms}", at_ms) for at_ms in moments),
        )
        db.executemany(
            "INSERT INTO results (id, unit_id, signal_id, machine_id, at_ms, value, word, judgement, hash)"
            " VALUES (?, ?, ?, 1, ?, ?, '', '', x'')",
            ((ms * 1000 + 5, ms * 1000, BORE, ms, round(rng.gauss(24.01, 0.003), 4)) for ms in moments),
        )
    said = ChartLimits(1, moments[0], moments[0], BORE, 1, "xbar_r", 24.01, 0.003, 5, 125, 0, moments[0])
    entries.say(store, [said], moments[0], "Kim")


def ms(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


def test_looks_at_the_charts_of_a_busy_line(tmp_path: Path) -> None:
    """The first one, those by which three days are looked at, and one behind a value more, in bare loops."""
    store = open_measuring(tmp_path)
    try:
        with_values(store)
        yard_ms = min(ms(bare) for _turn in range(9))
        first = float("inf")
        for _turn in range(3):
            live = Live()
            live.facts(store, NOW)
            first = min(first, ms(lambda live=live: live.line_now(store, NOW)) / yard_ms)  # type: ignore[misc]
        days = [ms(lambda: live.line_now(store, NOW)) / yard_ms for _turn in range(5)]
        more = []
        for n in range(5):
            measure(store, BORE, [24.01], NOW - 1000 + n)
            more.append(ms(lambda: live.line_now(store, NOW)) / yard_ms)
        print(
            f"\nfirst look {first:.1f}, a day more {max(days):.1f}, all known {min(days):.2f},"
            f" a value more {min(more):.2f} bare loops of {yard_ms:.1f} ms"
        )
        assert first < MOST_FIRST
        assert max(days) < MOST_DAY
        assert min(more) < MOST_MORE
    finally:
        store.close()
