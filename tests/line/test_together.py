"""The window, imports of a configuration, and a collector whose late report writes itself: all at once on one file."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from desktop import configuration, control, summaries
from desktop.domain.entries import Entry, Note
from desktop.domain.people import Person
from desktop.domain.spans import Span
from desktop.store import database, entries, people, register, reports_made, upkeep
from desktop.views import application
from desktop.views.entering import Telling
from desktop.views.window import Window
from tests.example import one_scanner
from tests.line.test_automatic_report import DAY, END, HOUR, MINUTE, SHIFTS, collecting, make
from tests.waiting import wait_for

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes as in the report's tests")

NOTES, IMPORTS, PEOPLE, TABLES = 40, 4, 6, 6
REPORT = "[report]\nafter_min = 1\nformats = ['json']\n"


def test_nobody_loses_what_another_one_enters(qtbot: QtBot, tmp_path: Path) -> None:
    """Entries, people and tables of a window, four imports by the command line, somebody who writes slowly, and a
    collector that makes the report of the shift meanwhile: everything stands once, each change has its row in the
    history, no chain is broken, and the report that was made last has all that was said."""
    folder = tmp_path / "line"
    make(folder)
    plan = tmp_path / "line.toml"
    plan.write_text(one_scanner() + SHIFTS + REPORT, encoding="utf-8")
    with closing(database.open_writer(folder)) as store:
        configuration.apply(store, configuration.read(plan))
    ways = replace(application.ways(folder), keep_collecting=lambda: None)
    with collecting(folder), ThreadPoolExecutor(4) as others:
        wait_for(lambda: control.collector_runs(folder) and beats(folder), 40)
        window = Window(folder, QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat), ways)
        qtbot.addWidget(window)
        window.show()
        window.begin()
        window.login.log_in(Person(1, "김정호"))
        imports = others.submit(lambda: [imported(folder, plan, n) for n in range(IMPORTS)])
        staff = others.submit(lambda: [ways.staff().put(Person(0, f"사람 {n}"), "오재민") for n in range(PEOPLE)])
        tables = others.submit(lambda: [scrap_reason(folder, n) for n in range(TABLES)])
        slow = others.submit(write_slowly, folder)
        for n in range(NOTES):
            said = Note(0, DAY + HOUR + n * MINUTE, DAY + HOUR + n * MINUTE, f"전달 {n}")
            window.entering.tell(Telling((said,), 0, f"전달 {n}", frozenset()))
            qtbot.wait(20)
        qtbot.waitUntil(lambda: len(notes(folder)) == NOTES, timeout=30_000)
        qtbot.waitUntil(lambda: all(each.done() for each in (imports, staff, tables, slow)), timeout=60_000)
        assert [done.returncode for done in imports.result()] == [0] * IMPORTS, imports.result()
        assert len(set(staff.result())) == PEOPLE
        assert tables.result() == [1] * TABLES
        assert slow.exception() is None
        wait_for(lambda: told_in_report(folder) == {f"전달 {n}" for n in range(NOTES)}, 60)
        window.close()
    told = notes(folder)
    assert [entry.said.text for entry in told if isinstance(entry.said, Note)] == [f"전달 {n}" for n in range(NOTES)]
    assert {entry.who for entry in told} == {"김정호"}
    with closing(database.open_reader(folder)) as store:
        assert {p.name for p in people.people(store)} == {f"사람 {n}" for n in range(PEOPLE)}
        assert {r.code for r in register.plant(store).scrap_reasons} >= {f"Z{n}" for n in range(TABLES)}
        sql = "SELECT action, who FROM audit WHERE action <> 'master data' ORDER BY id"  # of which no trail tells
        changes = [tuple(row) for row in store.rows(sql)]
        assert upkeep.check(store) == []
    assert changes.count(("config import", "이수민")) == IMPORTS
    assert [who for _action, who in changes].count("오재민") == PEOPLE
    assert [who for _action, who in changes].count("박서준") == TABLES


def imported(folder: Path, plan: Path, number: int) -> subprocess.CompletedProcess[str]:
    """Another process imports the line again, each time with another name of the press."""
    file = plan.with_name(f"line-{number}.toml")
    file.write_text(plan.read_text(encoding="utf-8").replace("Press", f"Press {number}"), encoding="utf-8")
    words = ("config", "import", str(file), "--who", "이수민", "--why", f"{number}")
    return subprocess.run(control.command(folder, *words), capture_output=True, text=True, timeout=60, check=False)


def scrap_reason(folder: Path, number: int) -> int:
    """Somebody at the window takes one more reason for rejects over from a table; how many are new."""
    tables = application.ways(folder).tables()
    shown = tables.preview("scrap_reasons", f"code\tname\nZ{number}\tBurr {number}\n")
    return tables.apply(shown, who="박서준").added


def write_slowly(folder: Path) -> None:
    """Something keeps the file to itself for a third of a second, again and again: all others wait for their turn."""

    def hold() -> None:
        with store.transaction():
            time.sleep(0.3)

    with closing(database.open_writer(folder)) as store:
        for _turn in range(8):
            control.patiently(hold)
            time.sleep(0.2)


def beats(folder: Path) -> bool:
    with closing(database.open_reader(folder)) as store:
        return summaries.collector_now(store).running


def notes(folder: Path) -> list[Entry]:
    with closing(database.open_reader(folder)) as store:
        return list(entries.standing(store, Span(DAY, END), Note))


def told_in_report(folder: Path) -> set[str]:
    """The notes of the report that the collector made last."""
    with closing(database.open_reader(folder)) as store:
        made = [row for row in reports_made.since(store, 0) if row.state == "made"]
    files = [Path(row.folder) / name for row in made for name in row.files if name.endswith(".json")]
    if not files:
        return set()
    words = max(files, key=lambda file: file.stat().st_mtime_ns).read_text(encoding="utf-8")
    return {f"전달 {n}" for n in range(NOTES) if json.dumps(f"전달 {n}", ensure_ascii=False) in words}
