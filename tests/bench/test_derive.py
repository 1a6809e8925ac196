"""What the arithmetic costs, as ratios within one run: never an absolute time."""

from __future__ import annotations

import gc
import json
import random
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop import summaries
from desktop.clock import PlantClock
from desktop.domain import calendar
from desktop.domain.calendar import Shift
from desktop.domain.events import Event, EventKind, State, StateChange
from desktop.domain.figures.losses import LossFilter, WeekHour
from desktop.domain.intervals import Category, Interval, derive
from desktop.domain.kpi import Output, Sums, Times
from desktop.domain.losses import UNLABELLED, Cause, Lost, Stood
from desktop.domain.rules import TPM
from desktop.domain.spans import Span
from desktop.store import database, register, shift_sums
from desktop.store.database import Store
from desktop.store.journal import Batch, Journal
from desktop.store.records import Beat
from desktop.store.shift_sums import Kept

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


def least_s(work: Callable[[], object], times: int = 25) -> float:
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
    """At most 7 times a bare loop that makes the same number of values. These are structs, which cost an eighth of what
    frozen dataclasses do: against those it was 4."""
    facts = [changes(machine) for machine in range(MACHINES)]
    made = derived(facts)

    def bare() -> None:
        for n in range(made):
            Interval(1, Span(n, n + 1), Category.RUN, State.RUN, n, "", None, False, False, n)

    ratio = least_s(lambda: derived(facts)) / least_s(bare)
    print(f"\nderive: {made} intervals cost {ratio:.2f} times a bare loop")
    assert ratio <= 7


def test_a_live_refresh_derives_only_what_changed(tmp_path: Path) -> None:
    """All that a refresh makes of twelve machines (time, pieces, hours, KPIs), one of which changed: at most 3/10."""
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
        live = summaries.Live()
        for _ in range(3):
            live.facts(store, now_ms)
        found = []
        for turn in range(1, 121):
            at_ms = now_ms + turn * 1000
            change = Event(book.next_id(at_ms), EventKind.STATE, at_ms, 1, word=STATES[turn % 6].value)
            book.commit(Batch(events=[change]), Beat(1, "", 0, store.clock.real_ms(), at_ms, "", 0, 0))
            began = time.process_time()
            live.facts(store, at_ms)
            found.append(time.process_time() - began)
        refresh_s = min(found)
        facts = [changes(machine) for machine in range(MACHINES)]
        whole_s = least_s(lambda: derived(facts))
        print(f"\nlive refresh: {refresh_s / whole_s:.3f} of deriving the shift")
        assert refresh_s <= whole_s * 0.3
    finally:
        store.close()


def shop(folder: Path) -> Store:
    """Twelve machines that tell their state, each with a device and a standard; one shift."""
    store = database.create(folder, clock=PlantClock(START, 0, 0.0))
    with store.transaction() as db:
        register.put_setting(db, "timezone", "Asia/Seoul")
        breaks = json.dumps([{"name": "Meal", "start": "12:00", "end": "13:00"}])
        words = {"start": "08:00", "end": "17:00", "weekdays": json.dumps([1, 2, 3, 4, 5, 6, 7]), "breaks": breaks}
        register.upsert(db, "shift_patterns", {"name": "Day", "valid_from": "1970-01-01"}, words | {"crew": ""})
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


def a_year(store: Store) -> tuple[tuple[Shift, ...], int]:
    """A year of shifts as they are kept, and the moment after the last one."""
    end_ms = START + 365 * 24 * HOUR
    shifts = calendar.shifts_between(register.calendar(store), Span(START, end_ms))
    output = Output(1, 30_000.0, 900, 12)
    sums = Sums(Times(run_ms=7 * HOUR, stop_ms=HOUR, planned_ms=HOUR), (output,), calendar_ms=9 * HOUR)
    stood = {Cause(Category.STOP, state): Stood(HOUR // 4, 3) for state in (State.STOP, State.FAULT, State.IDLE)}
    version = register.version(store)
    for day, shift in enumerate(shifts):
        hours = {day % 7 * 24 + hour: WeekHour(HOUR, 0, HOUR // 9) for hour in range(8, 17)}
        kept = Kept(sums, Lost(stood | {UNLABELLED: Stood(HOUR // 4, 9)}, hours))
        shift_sums.write(store, shift.span, version, str(TPM), dict.fromkeys(range(MACHINES + 1), kept))
    return shifts, end_ms


def test_a_years_trend_costs_no_more_a_shift_than_a_months(tmp_path: Path) -> None:
    """Read from what is kept of each shift: at most 1.2 times, and no memory that grows with the days."""
    store = shop(tmp_path)
    try:
        shifts, now_ms = a_year(store)

        def asked(days: int) -> Callable[[], object]:
            return lambda: summaries.trend(store, 1, Span(now_ms - days * 24 * HOUR, now_ms), now_ms)

        assert len(asked(365)()) == len(shifts)  # type: ignore[arg-type]
        year_s, month_s = least_s(asked(365)) / 365, least_s(asked(30)) / 30
        print(f"\ntrend: a year's shift costs {year_s / month_s:.2f} of a month's")
        assert year_s <= 1.2 * month_s
        facts = [changes(machine) for machine in range(MACHINES)]
        assert derived(facts)
        tracemalloc.start()
        for _ in range(2):  # what is remembered once for all
            asked(365)()
            derived(facts)
        gc.collect()
        after_one = tracemalloc.get_traced_memory()[0]
        for _ in range(5):
            asked(365)()
            derived(facts)
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - after_one
        tracemalloc.stop()
        print(f"memory: {grown / 1024:.0f} KiB more after five times")
        assert grown < 64 * 1024
    finally:
        store.close()


def test_a_years_losses_are_read_in_a_tenth_of_a_second(tmp_path: Path) -> None:
    """The whole question of the screen: trend, losses, reasons and hours of the week, of the line and of a machine."""
    store = shop(tmp_path)
    try:
        shifts, now_ms = a_year(store)
        live = summaries.Live()
        for machine in (None, 1):
            asked = LossFilter(machine, "365")
            period = summaries.loss_period(store, now_ms, asked, live)
            assert period.known == len(shifts)
            assert period.hours[9].lost_ms
            taken_s = least_s(lambda asked=asked: summaries.loss_period(store, now_ms, asked, live))  # type: ignore[misc]
            print(f"\nlosses of a year: {taken_s * 1000:.0f} ms")
            assert taken_s <= 0.1
    finally:
        store.close()
