"""The collector sees what is due and writes down what becomes of it; the report's process is played here."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from desktop import control, summaries
from desktop.collect import reporting
from desktop.collect.closing import Closing
from desktop.collect.reporting import Child, Reporting
from desktop.configuration.policy import put_policy
from desktop.domain.alarms import AlarmKind
from desktop.domain.automatic import CALM_MS, Made, Policy
from desktop.domain.entries import OPEN_MS, Closed, Labelled, Note, OrderEnded
from desktop.store import database, entries, register, reports_made
from desktop.store.closed import ClosedError
from desktop.store.database import KnownError, Store
from desktop.summaries.automatic import digest
from desktop.summaries.frame import read_register
from tests.store.example import HOUR, MINUTE
from tests.test_live import START, Shop, open_counting
from tests.waiting import wait_for

DAY_END, LATE_END = START + 2 * HOUR, START + 4 * HOUR
DELAY = Policy().delay_ms


class Played:
    """The report's process as a test plays it."""

    def __init__(self, shift: str, language: str) -> None:
        self.shift, self.language = shift, language
        self.lines: list[dict[str, Any]] = []
        self.went_on = self.ended = False
        self.over: tuple[bool, str] | None = None

    def said(self) -> list[dict[str, Any]]:
        found, self.lines = self.lines, []
        return found

    def go_on(self) -> None:
        self.went_on = True

    def result(self) -> tuple[bool, str] | None:
        return self.over

    def end(self) -> None:
        self.ended = True

    def plan(self, revision: int = 1, *, provisional: bool = True) -> None:
        plan = {
            "revision": revision,
            "provisional": provisional,
            "chain": "C",
            "folder": "F",
            "hashes": [f"h{id(self)}"],
        }
        self.lines.append({"plan": plan})


class Desk:
    """A shop whose shifts are closed, and its reports."""

    def __init__(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        self.store = store
        self.played: list[Played] = []
        self.closing = Closing(store)
        self.mono = 1000.0
        monkeypatch.setattr(reporting.time, "monotonic", lambda: self.mono)
        self.reporting = Reporting(store, self._start)

    def _start(self, shift: str, language: str) -> Played:
        self.played.append(Played(shift, language))
        return self.played[-1]

    def step(self, now_ms: int, after_s: float = 6.0) -> None:
        self.mono += after_s
        while self.closing.step(now_ms):
            pass
        self.reporting.step(now_ms, self.closing.changes)

    def make(self, now_ms: int, revision: int = 1, *, provisional: bool = True) -> Played:
        """Let what is due be made well."""
        self.step(now_ms)
        child = self.played[-1]
        child.plan(revision, provisional=provisional)
        self.step(now_ms)
        assert child.went_on
        child.lines.append({"placed": ["a.pdf"]})
        child.over = (True, "")
        self.step(now_ms)
        assert child.ended
        return child

    def rows(self) -> tuple[Made, ...]:
        return reports_made.since(self.store, 0)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    store = open_counting(tmp_path)
    shop = Shop(store, 1)
    while shop.at_ms < LATE_END + HOUR:
        shop.go_on()
    yield Desk(store, monkeypatch)
    store.close()


def test_newest_first_each_once_and_nothing_placed_before_it_is_written_down(desk: Desk) -> None:
    now_ms = LATE_END + DELAY
    desk.step(now_ms)
    (late,) = desk.played
    assert late.shift == "2025-11-19/Late"
    late.plan()
    assert not late.went_on
    desk.step(now_ms)
    assert late.went_on
    (row,) = desk.rows()
    assert (row.state, len(row.hashes), row.chain) == ("writing", 1, "C")
    late.lines.append({"placed": ["a.pdf", "a.xlsx"]})
    late.over = (True, "")
    desk.step(now_ms)
    day = desk.make(now_ms)
    assert day.shift == "2025-11-19/Day"
    desk.step(now_ms)
    assert len(desk.played) == 2, "each once"
    assert [(r.shift, r.state, r.files, r.provisional) for r in desk.rows()] == [
        ("Day", "made", ("a.pdf",), True),
        ("Late", "made", ("a.pdf", "a.xlsx"), True),
    ]
    assert reports_made.newest(desk.store) is not None


def test_a_closed_shift_is_final_and_what_changes_then_is_a_revision(desk: Desk) -> None:
    now_ms = LATE_END + DELAY
    desk.make(now_ms)
    desk.make(now_ms)
    late = (0, LATE_END - 2 * HOUR, LATE_END)
    entries.say(desk.store, [Closed(*late)], now_ms, "kim")
    assert desk.make(now_ms, provisional=False).shift == "2025-11-19/Late", "at once"
    entries.say(desk.store, [Note(*late, text="The belt slips.")], now_ms + MINUTE, "kim", "told late")
    desk.step(now_ms + MINUTE)
    assert len(desk.played) == 3, "what changed must rest"
    wanted = summaries.find_shift(desk.store, "2025-11-19/Late", now_ms)
    assert desk.make(now_ms + MINUTE + CALM_MS, 2, provisional=False).shift == "2025-11-19/Late"
    report = summaries.shift_report(desk.store, wanted, now_ms + MINUTE + CALM_MS)
    assert (report.revision, report.provisional) == (2, False), "the page says something else"
    now_ms += 30 * MINUTE
    with desk.store.transaction() as db:  # the shift had another standard after all
        db.execute("UPDATE standards SET ideal_cycle_ms = 20000.0, standard_cycle_ms = 20000.0")
        register.audit(db, now_ms, "me", "change", "P", "", "")
    desk.step(now_ms)
    assert len(desk.played) == 4
    report = summaries.shift_report(desk.store, wanted, now_ms + CALM_MS)
    assert (report.revision, report.provisional) == (3, False)
    assert desk.make(now_ms + CALM_MS, 3, provisional=False).shift == "2025-11-19/Late"
    desk.make(now_ms + CALM_MS)
    assert [(r.shift, r.revision, r.provisional) for r in desk.rows()] == [
        ("Day", 1, True),
        ("Late", 1, False),
        ("Late", 2, False),
        ("Late", 3, False),
    ]
    desk.step(now_ms + 3 * CALM_MS)
    assert len(desk.played) == 6


def test_overtime_is_reported_while_it_runs_and_anew_when_it_is_over(desk: Desk) -> None:
    with desk.store.transaction() as db:
        words = {"start": None, "end": "13:00", "name": ""}
        key = {"on_date": "2025-11-19", "kind": "overtime", "shift": "Late", "entered_at_ms": LATE_END - HOUR}
        register.upsert(db, "day_exceptions", key, words)
        register.audit(db, LATE_END - HOUR, "me", "overtime", "Late", "", "")
    desk.make(LATE_END + DELAY)
    assert desk.played[0].shift == "2025-11-19/Late"
    desk.make(LATE_END + DELAY)
    now_ms = LATE_END + HOUR
    for at_ms in range(LATE_END + DELAY, now_ms + DELAY, 10 * MINUTE):
        desk.step(at_ms)
    assert len(desk.played) == 2, "while it runs it is not made each minute"
    desk.make(now_ms + DELAY)
    desk.step(now_ms + DELAY)
    assert [child.shift for child in desk.played[2:]] == ["2025-11-19/Late"]
    assert [(row.shift, row.revision, row.provisional) for row in desk.rows()] == [("Day", 1, True), ("Late", 1, True)]


def test_a_failure_is_an_alarm_and_tried_again_ever_more_seldom(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    now_ms = LATE_END + DELAY

    def fail(sentence: str) -> None:
        desk.played[-1].over = (False, sentence)
        desk.step(now_ms, 1)

    desk.step(now_ms)
    fail("The disk is full.")
    assert "The disk is full." in caplog.text
    assert len(desk.played) == 1
    (alarm,) = [a for a in summaries.line_now(desk.store, now_ms).alarms if a.kind == AlarmKind.REPORT]
    assert (alarm.subject, alarm.detail, alarm.level) == ("2025-11-19/Late", "The disk is full.", 0)
    desk.step(now_ms, 5)
    assert len(desk.played) == 1, "waits ten seconds"
    desk.step(now_ms, 6)
    assert desk.played[-1].shift == "2025-11-19/Day", "what failed lets the others go first"
    fail("The disk is full.")
    desk.step(now_ms, 31)
    assert desk.played[-1].shift == "2025-11-19/Late"
    fail("The disk is full.")
    assert [(r.shift, r.tries) for r in desk.rows()] == [("Day", 1), ("Late", 2)]
    desk.step(now_ms, 61)  # the disk has room again
    child = desk.played[-1]
    child.plan()
    child.over = (True, "")
    desk.step(now_ms)
    desk.step(now_ms)
    child = desk.played[-1]
    child.plan()
    child.over = (True, "")
    desk.step(now_ms)
    assert {(r.state, r.fault, r.tries) for r in desk.rows()} == {("made", "", 0)}
    assert not [a for a in summaries.line_now(desk.store, now_ms).alarms if a.kind == AlarmKind.REPORT]


def test_switched_off_nothing_is_made_except_what_is_asked_for(desk: Desk) -> None:
    put_policy(desk.store, Policy(on=False, language="ko"))
    version = register.version(desk.store)
    desk.step(LATE_END + DELAY)
    assert desk.played == []
    assert desk.reporting.make_now(LATE_END + DELAY) == "2025-11-19 Late"
    desk.step(LATE_END + DELAY, 0)
    assert [(child.shift, child.language) for child in desk.played] == [("2025-11-19/Late", "ko")]
    assert register.version(desk.store) == version, "no figure depends on it"
    with pytest.raises(KnownError, match="No shift has ended yet"):
        desk.reporting.make_now(START + MINUTE)


def test_a_database_that_refuses_keeps_the_files_from_being_placed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.step(LATE_END + DELAY)
    desk.played[-1].plan()
    honest = reports_made.put

    def refuse(*_words: object) -> None:
        raise database.BusyError("busy")

    monkeypatch.setattr(reports_made, "put", refuse)
    with pytest.raises(database.BusyError):
        desk.step(LATE_END + DELAY)
    assert not desk.played[-1].went_on
    monkeypatch.setattr(reports_made, "put", honest)
    desk.step(LATE_END + DELAY)
    assert desk.played[-1].went_on


def test_what_lies_too_far_back_is_no_alarm_any_more(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.step(LATE_END + DELAY)
    desk.played[-1].over = (False, "no")
    desk.step(LATE_END + DELAY)
    assert reports_made.failed(desk.store)
    desk.step(LATE_END + 17 * 24 * HOUR)
    assert not reports_made.failed(desk.store)
    assert "no report of" in caplog.text


def child_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: str) -> Child:
    monkeypatch.setattr(control, "command", lambda *_words, **_more: [sys.executable, "-c", code])
    return Child(tmp_path, "2025-11-19/Day")


def test_a_child_speaks_waits_and_is_heard(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    code = "import sys, os; print('x'); print('{\"plan\": 1}', flush=True); print(sys.stdin.readline() == 'go\\n')\n"
    child = child_of(monkeypatch, tmp_path, code + "print('{\"placed\": []}'); sys.exit('One.\\nNo room.')")
    heard: list[dict[str, Any]] = []
    wait_for(lambda: heard.extend(child.said()) or heard)
    assert heard == [{"plan": 1}]
    assert child.result() is None
    child.go_on()
    results: list[tuple[bool, str]] = []

    def ended() -> bool:
        heard.extend(child.said())
        results.extend([found] if (found := child.result()) else [])
        return bool(results)

    wait_for(ended)
    assert heard == [{"plan": 1}, {"placed": []}]
    assert results == [(False, "No room.")]
    child.end()


def test_a_child_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(reporting, "LONGEST_S", 0.0)
    child = child_of(monkeypatch, tmp_path, "import time; time.sleep(60)")
    results: list[tuple[bool, str]] = []
    wait_for(lambda: results.extend([found] if (found := child.result()) else []) or results)
    assert not results[0][0]
    assert "does not answer" in results[0][1]
    child.end()
    other = child_of(monkeypatch, tmp_path, "import time; time.sleep(60)")
    pid = other._process.pid
    other.end()
    assert other._process.poll() is not None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_the_collector_brings_no_qt() -> None:
    code = "import sys, desktop.collect.collector; print([m for m in sys.modules if m.startswith('PySide6')])"
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=control.MAIN.parent
    )
    assert told.stdout.strip() == "[]"


def test_a_reason_that_holds_in_the_next_shift_too_makes_a_revision_of_both(desk: Desk) -> None:
    """It was given to a stop over the shift's end while that went on, and is taken back when both shifts are closed."""
    now_ms = LATE_END + DELAY
    with desk.store.transaction() as db:
        loss = {"name": "고장", "kind": "unplanned", "failure": 1, "place": 0, "loss": "breakdown"}
        register.upsert(db, "reasons", {"code": "R01"}, loss)
        register.audit(db, START, "", "import", "", "", "")
    day, late = (summaries.find_shift(desk.store, f"2025-11-19/{name}", now_ms) for name in ("Day", "Late"))
    stop = next(s for s in summaries.shift_report(desk.store, day, now_ms).stops if s.end_ms == DAY_END)
    going_on = Labelled(stop.machine, stop.start_ms, OPEN_MS, stop.id, 1)
    [said] = entries.say(desk.store, [going_on], DAY_END - MINUTE)
    entries.say(desk.store, [Closed(0, span.end_ms - 1, span.end_ms - 1) for span in (day.span, late.span)], now_ms)

    def reasons() -> list[str]:
        pages = [summaries.shift_report(desk.store, shift, now_ms) for shift in (day, late)]
        return [next(s.reason for s in page.stops if s.id == stop.id) for page in pages]

    assert reasons() == ["고장", "고장"]
    for _shift in (late, day):
        desk.make(now_ms, provisional=False)
    with pytest.raises(ClosedError):
        entries.take_back(desk.store, [said], now_ms + MINUTE)
    entries.take_back(desk.store, [said], now_ms + MINUTE, "kim", "the wrong stop")
    assert reasons() == ["", ""]
    desk.step(now_ms + MINUTE)
    made = [desk.make(now_ms + MINUTE + CALM_MS, 2, provisional=False).shift for _shift in (late, day)]
    assert made == ["2025-11-19/Late", "2025-11-19/Day"]
    editions = [summaries.shift_report(desk.store, shift, now_ms + MINUTE + CALM_MS) for shift in (day, late)]
    assert [(page.revision, page.provisional) for page in editions] == [(2, False), (2, False)]
    desk.step(now_ms + 3 * CALM_MS)
    assert [(r.shift, r.revision, r.provisional) for r in desk.rows()] == [
        ("Day", 1, False), ("Day", 2, False), ("Late", 1, False), ("Late", 2, False),
    ]  # fmt: skip
    assert len(desk.played) == 4


def test_a_shift_that_is_opened_again_is_provisional_under_the_next_revision(desk: Desk) -> None:
    now_ms = LATE_END + DELAY
    late = (0, LATE_END - 1, LATE_END - 1)
    [closing] = entries.say(desk.store, [Closed(*late)], now_ms, "kim")
    desk.make(now_ms, provisional=False)
    desk.make(now_ms)
    entries.take_back(desk.store, [closing], now_ms + MINUTE, "kim", "a note is missing")
    desk.step(now_ms + MINUTE)
    assert desk.make(now_ms + MINUTE + CALM_MS, 2).shift == "2025-11-19/Late"
    entries.say(desk.store, [Note(*late, text="The belt slips."), Closed(*late)], now_ms + 2 * CALM_MS)
    assert desk.make(now_ms + 2 * CALM_MS, 2, provisional=False).shift == "2025-11-19/Late"
    desk.step(now_ms + 4 * CALM_MS)
    assert [(r.shift, r.revision, r.provisional) for r in desk.rows()] == [
        ("Day", 1, True), ("Late", 1, False), ("Late", 2, False),
    ]  # fmt: skip


def test_figures_that_do_not_hold_what_was_said_yet_come_down_to_nothing(desk: Desk) -> None:
    """Between an entry and the sums that hold it a report would be final, and a revision behind a moment later."""
    now_ms = LATE_END + DELAY
    desk.step(now_ms)
    there, wanted = read_register(desk.store), summaries.find_shift(desk.store, "2025-11-19/Late", now_ms)
    assert digest(desk.store, there, wanted, now_ms)
    entries.say(desk.store, [Closed(0, LATE_END - 2 * HOUR, LATE_END)], now_ms)
    assert digest(desk.store, there, wanted, now_ms), "closing changes no figure"
    entries.say(desk.store, [OrderEnded(1, LATE_END - 2 * HOUR, LATE_END - 2 * HOUR)], now_ms, "kim", "told late")
    assert digest(desk.store, there, wanted, now_ms) == ""
    desk.step(now_ms)
    assert digest(desk.store, there, wanted, now_ms)
