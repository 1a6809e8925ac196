"""The first look at every screen of a line with a year behind it: each is answered in a tenth of a second."""

from __future__ import annotations

import random
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from msgspec import Struct

from desktop.domain import calendar
from desktop.domain.events import State
from desktop.domain.figures.losses import WeekHour
from desktop.domain.intervals import Category
from desktop.domain.kpi import Output, Sums, Times
from desktop.domain.losses import UNLABELLED, Cause, Lost, Stood
from desktop.domain.spans import Span
from desktop.store import orders, register, shift_sums
from desktop.store.database import Store
from desktop.store.shift_sums import Kept
from desktop.summaries.frame import read_register
from desktop.views.screens import SCREENS
from tests.bench.test_derive import HOUR, MACHINES, MINUTE, START, STATES, shop
from tests.bench.test_said import DAY, fill

pytestmark = pytest.mark.bench

ROOT = Path(__file__).resolve().parents[2]
NOW = START + 365 * DAY + 8 * HOUR
BUSY_DAYS = 14  # days with every fact of a busy shift; of earlier ones there is one in eight
LOOKS, MOST_LOOKS = 3, 6  # of which the quickest counts: the computer does other things too
LIMIT_MS = 100
MOST_BARE = 20  # loops of 20,000 intervals that an answer may take: 0.12 s where one takes 6 ms
SHOWN = (
    *(entry.key for entry in SCREENS),
    "machine-past",
    "stops-past",
    "losses-365",
)


class Look(Struct, frozen=True):
    """What a first look took, in milliseconds: the page, its answer, its picture, and the yardstick beside it."""

    made_ms: float
    answered_ms: float
    painted_ms: float
    bare_ms: float


def a_shift() -> list[tuple[object, ...]]:
    """The facts of a busy shift of twelve machines, as rows of the journal: 300 states and 700 pieces each."""
    rows: list[tuple[object, ...]] = []
    for machine in range(1, MACHINES + 1):
        rng = random.Random(machine)
        for n, at_ms in enumerate(sorted(rng.sample(range(START, START + 9 * HOUR - 10 * MINUTE, 1000), 300))):
            word = STATES[n % 6].value
            rows.append((at_ms * 1000 + machine, "state", at_ms, machine, None, None, word, None, None))
        for n in range(700):
            at_ms = START + MINUTE + n * 45_000 + rng.randrange(30_000)
            signal = MACHINES + machine
            rows.append(
                (at_ms * 1000 + 500 + machine, "count", at_ms, machine, None, signal, "good", 1, at_ms - 30_000)
            )
    return rows


def with_facts(store: Store) -> None:
    """The journal of a year, as it lies and without its chain, which no question reads."""
    facts = "id, kind, at_ms, machine_id, device_id, signal_id, word, pieces, from_ms"
    with store.transaction() as db:
        for machine in range(1, MACHINES + 1):
            db.execute(
                "INSERT INTO signals (id, device_id, key, name, machine_id, role, unit, factor, offset_value,"
                " dead_band, pieces_per_step, per_piece, codes, classes, settings)"
                " VALUES (?, (SELECT device_id FROM signals WHERE machine_id = ?), 'good', 'good', ?, 'good', '', 1, 0,"
                " 0, 1, 0, '{}', '{}', '{}')",
                (MACHINES + machine, machine, machine),
            )
            device = db.execute("SELECT device_id FROM signals WHERE machine_id = ?", (machine,)).fetchone()[0]
            db.execute(
                "INSERT INTO events (id, kind, at_ms, device_id, word, detail, flag, hash)"
                " VALUES (?, 'device', ?, ?, 'online', '{\"kind\": \"\"}', '', x'')",
                ((START - 1) * 1000 + machine, START - 1, device),
            )
        register.upsert(db, "line_constraints", {"valid_from_ms": 0}, {"machine_id": MACHINES // 2, "parallel": 1})
        db.execute(
            "CREATE TEMP TABLE facts (id INTEGER, kind TEXT, at_ms INTEGER, machine_id INTEGER, device_id INTEGER,"
            " signal_id INTEGER, word TEXT, pieces INTEGER, from_ms INTEGER)"
        )
        db.executemany("INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", a_shift())
        for day in range(366):
            db.execute(
                f"INSERT INTO events ({facts}, detail, flag, hash)"
                " SELECT id + ? * 1000, kind, at_ms + ?, machine_id, device_id, signal_id, word, pieces, from_ms + ?,"
                " '', '', x'00' FROM facts WHERE at_ms + ? < ? AND (? OR rowid % 8 = 0) ORDER BY id",
                (day * DAY, day * DAY, day * DAY, day * DAY, NOW, day > 365 - BUSY_DAYS),
            )
        db.execute("DROP TABLE facts")
        beat = (1, 1, "", 0, store.clock.real_ms() + DAY, NOW, "", 0, 0)  # somebody collects, all the time of the test
        db.execute("INSERT OR REPLACE INTO heartbeat VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", beat)


def with_a_plan(store: Store) -> None:
    """An order a machine and day, whose number is the one that people say."""
    first = date(2025, 11, 19)  # of START, in Seoul
    with store.transaction() as db:
        for day in range(366):
            for machine in range(1, MACHINES + 1):
                start_ms = START + day * DAY
                columns = {
                    "code": f"W-{start_ms}-{machine}", "product_id": 1, "quantity": 900, "lot": "", "due_ms": None,
                    "kind": "mass", "machine_id": machine, "planned_on": (first + timedelta(days=day)).isoformat(),
                    "shift": "Day", "place": machine, "status": "open" if day == 365 else "done",
                }  # fmt: skip
                orders.put(db, columns, start_ms - HOUR)


def with_sums(store: Store) -> None:
    """What the collector keeps of the shifts that ended."""
    there = read_register(store)
    sums = Sums(Times(run_ms=7 * HOUR, stop_ms=HOUR, planned_ms=HOUR), (Output(1, 30_000.0, 900, 12),))
    stood = {Cause(Category.STOP, state): Stood(HOUR // 4, 3) for state in (State.STOP, State.FAULT, State.IDLE)}
    for day, shift in enumerate(calendar.shifts_between(there.calendar, Span(START, NOW))):
        if shift.span.end_ms <= NOW:
            hours = {day % 7 * 24 + hour: WeekHour(HOUR, 0, HOUR // 9) for hour in range(8, 17)}
            kept = Kept(sums, Lost(stood | {UNLABELLED: Stood(HOUR // 4, 9)}, hours))
            rules = str(there.rules_at(shift.span.start_ms))
            shift_sums.write(store, shift.span, there.figures_version, rules, dict.fromkeys(range(MACHINES + 1), kept))


def a_year(folder: Path) -> None:
    """A line with a year behind it, in the last hour of a shift: facts, a plan, what people said, and what is kept."""
    store = shop(folder)
    try:
        with_facts(store)
        with_a_plan(store)
        fill(store, 365, NOW)
        with_sums(store)
    finally:
        store.close()


def look(folder: Path, key: str) -> Look:
    """The quickest of a few first looks, each in a process of its own."""
    found: list[Look] = []
    while len(found) < LOOKS or (len(found) < MOST_LOOKS and min(each.answered_ms for each in found) > LIMIT_MS):
        code = [sys.executable, "-m", "tests.bench.first_look", str(folder), key, str(NOW)]
        said = subprocess.run(code, cwd=ROOT, capture_output=True, check=True, text=True)
        found.append(Look(*map(float, said.stdout.split())))
    return min(found, key=lambda look: look.answered_ms)


def test_the_first_look_at_every_screen_after_a_year(tmp_path: Path) -> None:
    """A tenth of a second each, also into the shift before; and so many times a bare loop, wherever it runs."""
    a_year(tmp_path)
    found = {}
    for key in SHOWN:
        found[key] = look(tmp_path, key)
        print(
            f"\n{key}: answered in {found[key].answered_ms:.0f} ms, {found[key].answered_ms / found[key].bare_ms:.1f}"
            f" times a bare loop; its page was made in {found[key].made_ms:.0f} and painted in"
            f" {found[key].painted_ms:.0f} ms",
            end="",
        )
    slow = {key: each.answered_ms / each.bare_ms for key, each in found.items()}
    assert {key: ratio for key, ratio in slow.items() if ratio > MOST_BARE} == {}
    assert {key: each.answered_ms for key, each in found.items() if each.answered_ms > LIMIT_MS} == {}
