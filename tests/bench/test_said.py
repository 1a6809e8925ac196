"""What a screen costs over everything that people said in a year: a tap is answered as if it were the first week."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from desktop import summaries
from desktop.domain.adjust import BookingKind
from desktop.domain.entries import (
    OPEN_MS,
    Attended,
    Booked,
    Changed,
    FirstPiece,
    HourConfirmed,
    Labelled,
    Ordered,
    Placed,
    Said,
)
from desktop.domain.people import Person
from desktop.domain.spans import Span
from desktop.store import entries, people, shift_sums
from desktop.store.database import Store
from desktop.views.report_desk import Desk
from tests.bench.test_derive import HOUR, MACHINES, MINUTE, START, shop

pytestmark = pytest.mark.bench

DAY = 24 * HOUR


def a_day(start_ms: int) -> list[Said]:
    """What is said in a shift of twelve machines: some 500 entries."""
    told: list[Said] = []
    for machine in range(1, MACHINES + 1):
        told += [Attended(0, start_ms, OPEN_MS, machine), Placed(machine, start_ms, OPEN_MS, machine)]
        told += [Ordered(machine, start_ms, OPEN_MS, f"W-{start_ms}-{machine}", 1, 900)]
        told += [Changed(machine, start_ms + 4 * HOUR, OPEN_MS, 1)]
        told += [FirstPiece(machine, start_ms + 4 * HOUR + 9 * MINUTE, start_ms + 4 * HOUR + 9 * MINUTE, True)]
        for hour in range(9):
            at_ms = start_ms + hour * HOUR
            told += [HourConfirmed(machine, at_ms, at_ms + HOUR)]
            told += [Booked(machine, at_ms, at_ms, BookingKind.LATE_REJECT, 1)]
            told += [
                Labelled(machine, at_ms, at_ms + 5 * MINUTE, at_ms * 1000, 1 + hour),
            ]
            told += [Labelled(machine, at_ms + HOUR // 2, at_ms + HOUR // 2 + MINUTE, at_ms * 1000 + 1, 1)]
    return told


def fill(store: Store, days: int, now_ms: int) -> None:
    """So many days that end today; rows as they lie, without the chain, which no question reads."""
    rows = []
    for day in range(days):
        for place, said in enumerate(a_day(now_ms - (now_ms - START) % DAY - day * DAY)):
            at_ms = said.start_ms + MINUTE
            body = msgspec.json.encode(said).decode()
            kind = said.__struct_config__.tag
            number = at_ms * 1000 + place
            rows.append((number, at_ms, kind, said.machine, said.start_ms, said.end_ms, body, "Kim", "", 0, b""))
    for number in range(1, MACHINES + 1):
        people.put(store, Person(0, f"P-{number}"), START)
    with store.transaction() as db:
        db.executemany("INSERT OR IGNORE INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    shift_sums.sweep(store)  # as the collector does all the time


def cost_s(store: Store, now_ms: int) -> dict[str, float]:
    """The least time of each screen's look after somebody has entered something."""
    live, desk = summaries.Live(), Desk()
    asked: dict[str, Callable[[], object]] = {
        "overview": lambda: live.line_now(store, now_ms),
        "stops": lambda: summaries.stops_now(live, store, now_ms, None),
        "work": lambda: summaries.work_now(live, store, now_ms, None),
        "crew": lambda: summaries.crew_now(live, store, now_ms),
        "report": lambda: desk.view(store, now_ms, None),
    }
    least = dict.fromkeys(asked, 9.0)
    for turn in range(4):
        entries.say(store, [Booked(1, now_ms - turn, now_ms - turn, BookingKind.LATE_REJECT, 1)], now_ms)
        for screen, ask in asked.items():
            gc.collect()
            begun = time.perf_counter()
            ask()
            if turn:  # first looks are measured in test_first_looks.py
                least[screen] = min(least[screen], time.perf_counter() - begun)
    return least


def test_a_tap_after_a_year_of_entries(tmp_path: Path) -> None:
    """At most 2.5 times what it is after two weeks, and a tenth of a second."""
    found = {}
    for days in (14, 365):
        store = shop(tmp_path / str(days))
        try:
            now_ms = START + 365 * DAY + 8 * HOUR
            fill(store, days, now_ms)
            assert len(entries.standing(store, Span(now_ms - 9 * HOUR, now_ms + 1), Labelled)) > 8 * MACHINES
            found[days] = cost_s(store, now_ms)
        finally:
            store.close()
    for screen, year_s in found[365].items():
        print(f"\n{screen}: {found[14][screen] * 1000:.0f} ms after two weeks, {year_s * 1000:.0f} ms after a year")
    for screen, year_s in found[365].items():
        assert year_s <= max(2.5 * found[14][screen], 0.05), screen
        assert year_s <= 0.1, screen
