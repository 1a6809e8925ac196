"""What is read for a first look: less than everything, and the answer is that of everything."""

from __future__ import annotations

import random
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from desktop import summaries
from desktop.domain import adjust, explain
from desktop.domain import entries as spoken
from desktop.domain.adjust import BookingKind
from desktop.domain.entries import OPEN_MS, Booked, Changed, FirstPiece, Labelled, Ordered, OrderEnded, Said
from desktop.domain.figures.work import EnteredRow
from desktop.domain.orders import OrderVersion
from desktop.domain.spans import Span
from desktop.store import entries, orders, register, trail
from desktop.store.database import Store
from desktop.summaries import lately
from desktop.summaries.now import Live
from desktop.summaries.orders import Board
from desktop.summaries.shifts import _planned
from tests import test_entered
from tests.store.example import COUNTING, MACHINE
from tests.test_entered import Floor, at, halves
from tests.test_live import START

ROOT = Path(__file__).parents[1]
DAY = 86_400_000
WEEKS = 84 * DAY
SECOND = COUNTING
plain = test_entered.shop


@pytest.fixture
def shop(plain: Store) -> Store:
    """Two machines, of which the first makes a piece each half minute for three hours and stands now and then."""
    floor = Floor(plain)
    floor.makes(*halves(0, 60), *halves(75, 120), *halves(126, 180))
    return plain


class Whole(Board):
    """The same board that reads everything of twelve weeks each time."""

    def _all(self, machine: int) -> list[spoken.Entry]:
        told = entries.standing(self._store, Span(self._at.now_ms - WEEKS, OPEN_MS))
        known = entries.known(self._store, told, self._at.now_ms, self._at.now_ms + DAY)
        return [entry for entry in known if entry.said.machine == machine]

    def in_rework(self, machine: int) -> int:
        return adjust.in_rework(spoken.bookings(self._all(machine)))

    def _bookings(self, machine: int, span: Span) -> list[adjust.Booking]:
        return [each for each in spoken.bookings(self._all(machine)) if span.holds(each.made_at_ms)]

    def entered(self, machine: int) -> tuple[EnteredRow, ...]:
        kinds = (Ordered, OrderEnded, Changed, FirstPiece, Booked)
        shown = {row.entry for row in super().entered(machine)}
        wanted = [
            entry.id
            for entry in self._all(machine)
            if entry.at_ms >= self._at.window.start_ms and isinstance(entry.said, kinds)
        ]
        assert shown == set(wanted[-60:])
        return super().entered(machine)


def words(rng: random.Random, now_ms: int) -> Said:
    """Anything that Work shows, of any time of the last hundred days."""
    start_ms = now_ms - rng.choice((rng.randrange(100 * DAY), rng.randrange(6 * DAY), rng.randrange(5_000_000)))
    machine = rng.choice((MACHINE, MACHINE, SECOND))
    kind = rng.randrange(7)
    if kind == 0:
        return Ordered(machine, start_ms, OPEN_MS, rng.choice(("W-1", "W-2", "")), rng.choice((1, 2)), 500)
    if kind == 1:
        return Changed(machine, start_ms, OPEN_MS, rng.choice((1, 2)))
    if kind == 2:
        return FirstPiece(machine, start_ms, start_ms, rng.random() < 0.8)
    if kind == 3:
        return Labelled(
            machine, start_ms, start_ms + 60_000, start_ms, rng.randrange(1, 5), alarm=rng.choice(("", "E1"))
        )
    return Booked(machine, start_ms, start_ms, rng.choice([*BookingKind]), rng.randrange(1, 4))


@pytest.mark.parametrize("seed", range(6))
def test_work_tells_the_same_as_where_everything_is_read(
    shop: Store, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Orders with pieces of weeks, rework, and what was entered, look after look with things said and taken back."""
    rng, live = random.Random(seed), Live()
    for turn in range(8):
        now_ms = at(200 + 10 * turn)
        for number in range(40 if not turn else 4):
            said_ms = now_ms - rng.choice((0, 0, 3 * DAY)) + number if not turn else now_ms
            entries.say(shop, [words(rng, now_ms)], said_ms)
        if turn and rng.random() < 0.7:
            entries.take_back(shop, [rng.choice(entries.standing(shop, Span(0, OPEN_MS))).id], now_ms)
        quick = [summaries.work_now(live, shop, now_ms, machine) for machine in (MACHINE, SECOND)]
        with monkeypatch.context() as patch:
            patch.setattr("desktop.summaries.orders.Board", Whole)
            slow = [summaries.work_now(Live(), shop, now_ms, machine) for machine in (MACHINE, SECOND)]
        assert quick == slow


def test_what_was_said_of_one_machine_is_what_was_said_of_all_and_is_of_it(shop: Store) -> None:
    rng, live = random.Random(3), Live()
    for turn in range(6):
        now_ms = at(200 + turn)
        entries.say(shop, [words(rng, now_ms) for _n in range(60)], now_ms)
        if turn:
            entries.take_back(shop, [rng.choice(entries.standing(shop, Span(0, OPEN_MS))).id], now_ms)
        frame = summaries.frame(shop, now_ms)
        whole = lately.said_lately(Live(), shop, frame, 28 * DAY, Labelled)
        assert whole
        own = lately.said_lately(live, shop, frame, 28 * DAY, Labelled, MACHINE)
        assert own == tuple(entry for entry in whole if entry.said.machine == MACHINE)


def test_the_report_of_the_shift_that_runs_takes_it_as_the_screens_know_it(shop: Store) -> None:
    """Equal to the one that derives it anew; and where a machine of the shift is retired since then it still has it."""
    rng, live = random.Random(5), Live()
    for minute in (60, 130, 131):
        entries.say(shop, [words(rng, at(minute)) for _n in range(12)], at(minute))
        live.line_now(shop, at(minute))
        shift = summaries.find_shift(shop, "current", at(minute))
        known = summaries.shift_report(shop, shift, at(minute), live=live)
        assert known == summaries.shift_report(shop, shift, at(minute))
    with shop.transaction() as db:
        db.execute("UPDATE machines SET retired_at_ms = ? WHERE id = ?", (at(132), SECOND))
        register.audit(db, at(132), "", "import", "", "", "")
    shift = summaries.find_shift(shop, "current", at(140))
    assert SECOND not in [machine.id for machine in live.line_now(shop, at(140)).machines]
    known = summaries.shift_report(shop, shift, at(140), live=live)
    assert SECOND in [row.id for row in known.machines]
    assert known == summaries.shift_report(shop, shift, at(140))


def test_the_derivations_of_a_report_are_those_of_each_figure(shop: Store) -> None:
    shift = summaries.find_shift(shop, "current", at(140))
    for row in summaries.shift_report(shop, shift, at(140)).machines:
        live = next(f for f in Live().facts(shop, at(140))[1] if f.machine.id == row.id)
        single = [explain.derivation(name, live.kpis, live.intervals, live.counts) for name in explain.NAMES]
        assert list(row.derivations) == single


def test_everybody_who_changed_anything_is_found_from_name_to_name(shop: Store) -> None:
    names = ["", "Kim", "Lee", "kim", "김영희", "Kim", "~"]
    for place, who in enumerate(names):
        entries.say(shop, [Booked(MACHINE, START, START, BookingKind.LATE_REJECT, 1)], START + place, who)
    rows = shop.rows("SELECT who FROM audit UNION SELECT who FROM entries ORDER BY 1")
    assert trail.names(shop) == tuple(who for (who,) in rows)
    assert {*names} <= {*trail.names(shop)}


def test_targets_of_a_season_are_those_of_a_list_read_whole(shop: Store) -> None:
    """Shift by shift from the newest back, and all at once."""
    rng = random.Random(8)
    entries.say(shop, [words(rng, at(200)) for _n in range(60)], at(200))
    window = Span(at(200) - 10 * DAY, at(200))
    whole = summaries.shift_figures(shop, window, at(200), MACHINE)
    assert whole
    entries.say(shop, [words(rng, at(200))], at(200))
    whole = summaries.shift_figures(shop, window, at(200), MACHINE)
    entries.say(shop, [Labelled(MACHINE, START, START + 1, START, 1)], at(200))  # so that all is read again
    days = [Span(window.end_ms - (n + 1) * DAY, window.end_ms - n * DAY) for n in range(10)]
    assert tuple(row for day in days for row in summaries.shift_figures(shop, day, at(200), MACHINE)) == whole


def test_no_screen_waits_for_a_module_once_they_were_read_ahead() -> None:
    """Every screen is opened in a process that has read what `ahead` lists: none reads one more of ours."""
    code = """
import sys
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from importlib import import_module
from PySide6.QtCore import QSettings
from desktop.views import ahead, application
from desktop.views.window import Window
from desktop.views.screens import SCREENS
from tests.views import fakes
app = application.set_up("en")
window = Window(Path("."), QSettings("/dev/null", QSettings.Format.IniFormat), fakes.ways())
for name in ahead.MODULES:
    import_module(name)
before = set(sys.modules)
for entry in SCREENS:
    window.screens[entry.key].question()
    window.screens[entry.key].resize(1200, 700)
    window.screens[entry.key].grab()
print(*sorted(name for name in set(sys.modules) - before if name.startswith("desktop")))
print("pyqtgraph" in before)
import os
sys.stdout.flush()
os._exit(0)
"""
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, text=True)
    late, charts = said.stdout.splitlines()
    assert late == ""
    assert charts == "False", "charts are large and few look at them: they are read when they are shown"


def test_the_plan_of_a_season_is_that_of_all_orders(shop: Store) -> None:
    """Also where an order was moved to another day since then, or taken out."""
    rng, first = random.Random(4), date(2025, 11, 19)
    with shop.transaction() as db:
        for turn in range(60):
            columns: dict[str, object] = {
                "code": f"WO-{rng.randrange(20)}", "product_id": 1, "quantity": rng.randrange(1, 90), "lot": "",
                "due_ms": None, "kind": "mass", "machine_id": MACHINE, "shift": "Day", "place": 1, "status": "open",
                "planned_on": None if turn % 9 == 8 else (first - timedelta(days=rng.randrange(40))).isoformat(),
            }  # fmt: skip
            number, _how = orders.put(db, columns, START + turn)
            if turn % 7 == 6:
                orders.retire(db, number, START + turn)
    by_order: dict[int, list[OrderVersion]] = {}
    for each in orders.versions(shop, date.min):
        by_order.setdefault(each.order.id, []).append(each)
    for since in (first - timedelta(days=days) for days in (0, 3, 10, 39)):
        found = _planned(shop, round(datetime.combine(since, time(), UTC).timestamp() * 1000))
        for day in (since + timedelta(days=n) for n in range((first - since).days + 1)):
            wanted = [v for versions in by_order.values() for v in versions
                      if any(other.order.planned_on == day for other in versions)]  # fmt: skip
            assert sorted(found.get(day, ()), key=str) == sorted(wanted, key=str)
