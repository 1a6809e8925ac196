"""Genealogy at the size of years: a million units and more than five million links."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests import genealogy
from tests.store.example import open_shop

pytestmark = pytest.mark.bench

UNITS, ASKED = 1_000_000, 2000
# What the house asks for on two ordinary cores: ms of a median, and of the slowest of all
BACKWARD_MS, FORWARD_MS, WORST_MS, LINK_BYTES = 1.0, 5.0, 100.0, 100


def test_a_million_units(tmp_path: Path) -> None:
    """Backward in 1 ms, forward in 5 ms, the worst in 100 ms, 100 bytes a link with its chain and indexes."""
    store = open_shop(tmp_path / "years")
    store.connection.execute("PRAGMA synchronous = OFF")  # what is measured is the file, not the disk
    began = time.perf_counter()
    units, links, lots = genealogy.write(store, UNITS)
    print(f"\n{units:,} units, {links:,} links, {len(lots):,} lots written in {time.perf_counter() - began:.0f} s")
    assert links > 5 * units
    found = genealogy.measure(store, units, links, lots, ASKED)
    store.close()
    for holds, (median_ms, worst_ms) in found.back.items():
        look_ups = median_ms / found.look_up_ms
        print(f"{holds}: backward {median_ms:.2f} ms ({look_ups:.1f} look-ups), worst {worst_ms:.1f}", end="; ")
        assert median_ms <= BACKWARD_MS
        assert worst_ms <= WORST_MS
        assert look_ups <= 20  # within one run: five lots and a part, each a link and a thing
        median_ms, worst_ms = found.forth[holds]
        look_ups = median_ms / found.look_up_ms
        print(f"forward {median_ms:.2f} ms ({look_ups:.0f} look-ups), worst {worst_ms:.1f}")
        assert median_ms <= FORWARD_MS
        assert worst_ms <= WORST_MS
        assert look_ups <= 600  # 250 units and their boxes
    print(f"{found.link_bytes:.1f} bytes a link with its chain and indexes; {found.whole_bytes:.1f} with its units")
    assert found.link_bytes <= LINK_BYTES
