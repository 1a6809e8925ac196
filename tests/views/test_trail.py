"""The change history on screen: narrowed down, paged, a row whole, written to Excel with all that fits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import QSettings, Qt
from pytestqt.qtbot import QtBot

from desktop import configuration
from desktop.clock import PlantClock
from desktop.domain.alarms import AlarmKind
from desktop.domain.entries import Note
from desktop.domain.figures.head import AlarmNow
from desktop.store import database, entries, register
from desktop.views import application
from desktop.views.trail import TrailScreen
from desktop.views.window import Window
from tests.test_trail import NOW, label
from tests.views import example, fakes
from tests.views.test_fit import faults

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def shop(qtbot: QtBot, tmp_path: Path) -> Iterator[tuple[Window, TrailScreen]]:
    """A window over a line at which a hundred and fifty things were said."""
    with closing(database.create(tmp_path, clock=PlantClock(NOW + 60_000, 0, 0.0))) as store:
        configuration.apply(store, configuration.read(ROOT / "resources" / "demo_line.toml"), who="설치자")
        entries.say(store, [Note(0, NOW, NOW, f"note {n}") for n in range(150)], NOW + 60_001, "Kim")
        entries.say(store, [label(1)], NOW + 60_002, "Lee", "after closing")
    real = application.ways(tmp_path)
    ways = fakes.ways(
        open_source=lambda: database.open_reader(tmp_path), trail=real.trail, acknowledge=real.acknowledge
    )
    window = Window(tmp_path, QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat), ways)
    qtbot.addWidget(window)
    window.setWindowState(Qt.WindowState.WindowNoState)
    window.resize(1366, 768)
    window.show()
    window.begin()
    window.go("trail")
    page = cast(TrailScreen, window.screens["trail"])
    qtbot.waitUntil(lambda: page.panel.table.rowCount() == 100)
    yield window, page
    window.close()


def column(page: TrailScreen, place: int) -> list[str]:
    return [line.split("\t")[place] for line in page.panel.table.words().splitlines()[1:]]


def test_pages_are_turned_and_a_row_is_shown_whole(shop: tuple[Window, TrailScreen], qtbot: QtBot) -> None:
    window, page = shop
    assert column(page, 2)[:2] == ["Stop reason", "Shift note"]
    assert not page.newer.isEnabled()
    assert faults(window) == []
    page.panel.view.clicked.emit(page.panel.table.index(0, 0))
    assert page.exact.accessibleName().startswith("Stop reason · Press · ")
    assert "why: after closing" in page.exact.accessibleDescription()
    assert '"reason":1' in page.exact.accessibleDescription()
    assert faults(window) == []
    page.older.click()
    qtbot.waitUntil(lambda: page.panel.table.rowCount() == 52)
    assert not page.older.isEnabled()
    assert column(page, 2)[-1] == "Configuration imported"
    assert page.exact.accessibleName() == "Press a row to see it whole"
    page.newer.click()
    qtbot.waitUntil(lambda: page.panel.table.rowCount() == 100)


def test_fields_narrow_it_down(shop: tuple[Window, TrailScreen], qtbot: QtBot, tmp_path: Path) -> None:
    window, page = shop
    assert page.who.choose("Lee")
    qtbot.waitUntil(lambda: column(page, 1) == ["Lee"])
    page.words.setText("nothing like that")
    page.words.editingFinished.emit()
    qtbot.waitUntil(lambda: page.panel.table.rowCount() == 0)
    assert "Nothing was changed that fits this." in page.panel.view.accessibleDescription()
    assert faults(window) == []
    page.words.setText("note 14")
    page.who.choose("*")
    page.words.editingFinished.emit()
    qtbot.waitUntil(lambda: page.panel.table.rowCount() == 11)
    page.panel.csv.click()
    qtbot.waitUntil(lambda: (tmp_path / "reports" / "changes.csv").exists())
    assert len((tmp_path / "reports" / "changes.csv").read_text(encoding="utf-8-sig").strip().splitlines()) >= 12
    page.words.clear()
    page.kind.choose("stops")
    qtbot.waitUntil(lambda: column(page, 1) == ["Lee"])
    page.kind.choose("")
    page.machine.choose(1)
    page.when.choose("before")
    qtbot.waitUntil(lambda: page.panel.table.rowCount() == 0)
    page.when.choose("shift")
    qtbot.waitUntil(lambda: column(page, 1) == ["Lee"])


def test_an_alarm_that_is_acknowledged_on_screen_is_there_with_the_name(
    shop: tuple[Window, TrailScreen], qtbot: QtBot, tmp_path: Path
) -> None:
    from desktop.domain.people import Person

    window, page = shop
    window.login.log_in(Person(1, "김반장"))
    window.alarms.acknowledge(AlarmNow(AlarmKind.STOP, "PR-01", "Press", NOW, 1), example.LINE)
    page.kind.choose("alarms")
    qtbot.waitUntil(lambda: column(page, 1) == ["김반장"], timeout=5000)
    with closing(database.open_reader(tmp_path)) as store:
        [seen] = register.acknowledgements(store, example.SHIFT.span)
    assert (seen.subject, seen.at_ms) == ("PR-01", example.LINE.now_ms), "as it was when it was looked at"


def test_settings_lead_to_it(window: Window) -> None:
    window.go("settings")
    window.show_answer(example.LINE)
    window.screens["settings"].ways.ways["trail"].click()  # type: ignore[attr-defined]
    assert window.screens.current == "trail"
    assert window.screens.entry("trail").within == "settings"
