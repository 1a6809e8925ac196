"""Genealogy at the size of years: a million units and more than five million links."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop.store import trace
from desktop.store.database import Store, path_of
from tests import genealogy
from tests.store.example import open_shop

pytestmark = pytest.mark.bench

UNITS = 1_000_000
ASKED = 2000
# What the house asks for on two ordinary cores: ms of a median, and of the slowest of all
BACKWARD_MS, FORWARD_MS, WORST_MS, LINK_BYTES = 1.0, 5.0, 100.0, 100


def timed(ask: Callable[[int], object], keys: list[int]) -> tuple[float, float]:
    """Median and longest time of a question, in ms."""
    took = []
    for key in keys:
        began = time.perf_counter()
        ask(key)
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took), max(took)


def keys(store: Store, codes: list[str]) -> list[int]:
    return [trace.find(store, code)[0].id for code in codes]


def test_a_million_units(tmp_path: Path) -> None:
    """Backward in 1 ms, forward in 5 ms, the worst in 100 ms, 100 bytes a link with its chain and indexes."""
    store = open_shop(tmp_path / "years")
    store.connection.execute("PRAGMA synchronous = OFF")  # what is measured is the file, not the disk
    store.checkpoint()
    began = time.perf_counter()
    units, links, lots = genealogy.write(store, UNITS)
    print(f"\n{units:,} units, {links:,} links, {len(lots):,} lots written in {time.perf_counter() - began:.0f} s")
    assert links > 5 * units
    whole = path_of(store.folder).stat().st_size / links
    chance = random.Random(3)
    mine = keys(store, [genealogy.unit(chance.randrange(units)) for _ in range(ASKED)])
    theirs = keys(store, chance.sample(lots, ASKED // 4))
    worst, bare = 0.0, timed(lambda key: trace.known(store, [key]), mine)[0]
    for holds in trace.Holds:
        back = timed(lambda key, holds=holds: trace.made_of(store, key, holds), mine)  # type: ignore[misc]
        forth = timed(lambda key, holds=holds: trace.went_into(store, key, holds), theirs)  # type: ignore[misc]
        print(f"{holds}: backward {back[0]:.2f} ms ({back[0] / bare:.1f} look-ups), worst {back[1]:.1f};", end="")
        print(f" forward {forth[0]:.2f} ms ({forth[0] / bare:.0f} look-ups), worst {forth[1]:.1f}")
        worst = max(worst, back[1], forth[1])
        assert back[0] <= BACKWARD_MS
        assert forth[0] <= FORWARD_MS
        # Within one run: a unit has five lots, and a lot 250 units and their boxes, each a link and a thing.
        assert back[0] / bare <= 20
        assert forth[0] / bare <= 600
    assert worst <= WORST_MS
    # The pages that only links and their indexes take: those that are free once the table is gone.
    store.connection.execute("PRAGMA foreign_keys = OFF")
    store.connection.execute("DROP TABLE links")
    pages, size = (int(store.row(f"PRAGMA {name}")[0]) for name in ("freelist_count", "page_size"))
    print(
        f"{pages * size / links:.1f} bytes a link with chain and indexes (<= {LINK_BYTES}); {whole:.1f} with its units"
    )
    store.close()
    assert pages * size / links <= LINK_BYTES
