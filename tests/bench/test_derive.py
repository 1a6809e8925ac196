"""What the arithmetic costs, as ratios within one run: never an absolute time."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop.clock import PlantClock
from desktop.domain.events import Event, EventKind, State, StateChange
from desktop.domain.intervals import Category, Interval, derive
from desktop.domain.spans import Span
from desktop.store import database, register
from desktop.store.database import Store
from desktop.store.journal import Batch, Beat, Journal
from desktop.summaries.frame import frame
from desktop.summaries.station import Station, stations

pytestmark = pytest.mark.bench

MACHINES, CHANGES = 12, 300
HOUR, MINUTE = 3_600_000, 60_000
START = 1_763_506_800_000  # 08:00 in Seoul
SHIFT = Span(START, START + 9 * HOUR)
STATES = (State.RUN, State.STOP, State.RUN, State.STARVED, State.RUN, State.FAULT)


def changes(machine: int) -> list[StateChange]:
    """The states of a busy shift."""
    rng = random.Random(machine)
    moments = sorted(rng.sample(range(SHIFT.start_ms, SHIFT.end_ms - 10 * MINUTE, 1000), CHANGES))
    return [StateChange(n, machine, at_ms, STATES[n % 6]) for n, at_ms in enumerate(moments, 1)]


def least_s(work: Callable[[], object], times: int = 9) -> float:
    """The least CPU seconds of several runs."""
    found = []
    for _ in range(times):
        began = time.process_time()
        work()
        found.append(time.process_time() - began)
    return min(found)


PAUSES = (Span(START + 2 * HOUR, START + 2 * HOUR + 10 * MINUTE), Span(START + 4 * HOUR, START + 5 * HOUR))


def derived(facts: list[list[StateChange]]) -> int:
    """Derive every machine; returns how many intervals that made."""
    return sum(len(derive(1, SHIFT, threshold_ms=2 * MINUTE, changes=told, pauses=PAUSES)) for told in facts)


def test_a_shift_of_twelve_machines() -> None:
    """At most 4 times a bare loop that makes the same number of frozen values."""
    facts = [changes(machine) for machine in range(MACHINES)]
    made = derived(facts)

    def bare() -> None:
        for n in range(made):
            Interval(1, Span(n, n + 1), Category.RUN, State.RUN, n, "", None, False, False, n)

    ratio = least_s(lambda: derived(facts)) / least_s(bare)
    print(f"\nderive: {made} intervals cost {ratio:.2f} times a bare loop")
    assert ratio <= 4


def test_a_live_refresh_derives_only_what_changed(tmp_path: Path) -> None:
    """All that a refresh makes of twelve machines (time, pieces, hours, KPIs), one of which changed: at most 1/5."""
    store = shop(tmp_path)
    try:
        book = Journal(store)
        history = [
            Event(book.next_id(c.at_ms), EventKind.STATE, c.at_ms, m + 1, word=c.state.value)
            for c, m in sorted(((c, m) for m in range(MACHINES) for c in changes(m)), key=lambda row: row[0].at_ms)
        ]
        online = [
            Event(1 + m, EventKind.DEVICE, START - 1, device=m + 1, word="online", detail='{"kind": ""}')
            for m in range(MACHINES)
        ]
        now_ms = SHIFT.end_ms - 5 * MINUTE
        book.commit(Batch(events=[*online, *history]), Beat(1, "", 0, store.clock.real_ms(), now_ms, "", 0, 0))
        at = frame(store, now_ms)
        line: list[Station] = stations(store, at)
        for _ in range(3):
            [station.facts(at) for station in line]
        moment = [now_ms]

        def refresh() -> None:
            moment[0] += 1000
            change = Event(book.following_id(), EventKind.STATE, moment[0], 1, word=STATES[moment[0] // 1000 % 6].value)
            line[0].hear(change)
            then = frame(store, moment[0], known=at.register)
            for station in line:
                station.facts(then)

        refresh_s = least_s(refresh, 40)
        facts = [changes(machine) for machine in range(MACHINES)]
        whole_s = least_s(lambda: derived(facts))
        print(f"\nlive refresh: {refresh_s / whole_s:.3f} of deriving the shift")
        assert refresh_s <= whole_s / 5
    finally:
        store.close()


def shop(folder: Path) -> Store:
    """Twelve machines that tell their state, each with a device and a standard; one shift."""
    store = database.create(folder, clock=PlantClock(START, 0, 0.0))
    with store.transaction() as db:
        register.put_setting(db, "timezone", "Asia/Seoul")
        breaks = json.dumps([{"name": "Meal", "start": "12:00", "end": "13:00"}])
        words = {"start": "08:00", "end": "17:00", "weekdays": json.dumps([1, 2, 3, 4, 5, 6, 7]), "breaks": breaks}
        register.upsert(db, "shift_patterns", {"name": "Day"}, words | {"crew": ""})
        product = register.upsert(db, "products", {"code": "P"}, {"name": "P"})
        for number in range(1, MACHINES + 1):
            code = f"M-{number}"
            machine = register.upsert(
                db, "machines", {"code": code}, {"name": code, "place": number, "threshold_ms": 2 * MINUTE}
            )
            key = {"product_id": product, "machine_id": machine, "valid_from_ms": 0}
            register.upsert(db, "standards", key, {"ideal_cycle_ms": 30_000.0, "standard_cycle_ms": 30_000.0})
            bus = register.upsert(db, "buses", {"key": code}, {"port": "x", "driver": "text_line", "settings": "{}"})
            device = register.upsert(db, "devices", {"key": code}, {"bus_id": bus, "name": code, "settings": "{}"})
            db.execute(
                "INSERT INTO signals (device_id, key, name, machine_id, role, unit, factor, offset_value, dead_band,"
                " pieces_per_step, per_piece, codes, classes, settings)"
                " VALUES (?, 'state', 'state', ?, 'state', '', 1, 0, 0, 1, 0, '{}', '{}', '{}')",
                (device, machine),
            )
    return store
