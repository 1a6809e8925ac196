"""Master data on screen: a sheet is seen before it is taken over, its faults are listed, and it is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from desktop import configuration
from desktop.configuration.sheets.desk import Desk
from desktop.configuration.staff import Staff
from desktop.domain.calendar import shifts_between
from desktop.domain.entries import Closed
from desktop.domain.people import Person, PersonRole
from desktop.domain.spans import Span
from desktop.store import closed, database, entries, people, register
from desktop.store.database import KnownError
from desktop.store.quality import quality
from desktop.views.master import Master
from desktop.views.widgets.table_panel import TablePanel
from desktop.views.window import Window
from tests.views import example, fakes
from tests.views.test_fit import faults

ROOT = Path(__file__).resolve().parents[2]
SHEET = "품번\t품명\t설비\t이론 C/T\nVH-204\t밸브 하우징\tPR-01\t25\nVH-300\t새 제품\tWD-01\t40\n"


@pytest.fixture
def shop(qtbot: QtBot, tmp_path: Path) -> Iterator[tuple[Window, Master]]:
    """A window over the demo line's register, at its products."""
    store = database.create(tmp_path)
    configuration.apply(store, configuration.read(ROOT / "resources" / "demo_line.toml"))
    store.close()
    ways = fakes.ways(
        open_source=lambda: database.open_reader(tmp_path), tables=lambda: Desk(tmp_path), staff=lambda: Staff(tmp_path)
    )
    window = Window(tmp_path, QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat), ways)
    qtbot.addWidget(window)
    window.setWindowState(Qt.WindowState.WindowNoState)
    window.resize(1366, 768)
    window.show()
    window.begin()
    window.go("master")
    page = window.screens["master"]
    assert isinstance(page, Master)
    page.tabs[1].click()
    qtbot.waitUntil(lambda: page.panel.table.rowCount() == 8 and page.panel.title == "Products")
    yield window, page
    window.close()


def products(folder: Path) -> list[str]:
    store = database.open_reader(folder)
    try:
        return [p.code for p in register.plant(store).products]
    finally:
        store.close()


def test_what_was_pasted_is_seen_applied_and_taken_back(
    shop: tuple[Window, Master], qtbot: QtBot, tmp_path: Path
) -> None:
    window, page = shop
    QGuiApplication.clipboard().setText(SHEET)
    page.paste.click()
    qtbot.waitUntil(lambda: page.difference.isVisible())
    assert page.difference.table.words().splitlines()[1:] == [
        "2\tChanged\tVH-204 · PR-01\tItem name Valve housing VH-204 → 밸브 하우징, Ideal cycle 26 → 25",
        "3\tNew\tVH-300 · WD-01\tItem name 새 제품, Ideal cycle 40, Standard cycle 40, Cavities 1",
    ]
    assert page.bar.apply.isEnabled()
    assert page.bar.retire.text() == "Retire 7 not in the sheet"
    assert products(tmp_path) == ["VH-204"]
    page.bar.retire.click()
    assert page.difference.table.rowCount() == 9
    page.bar.retire.click()
    assert faults(window) == []
    page.bar.apply.click()
    qtbot.waitUntil(lambda: page.panel.isVisible() and page.panel.table.rowCount() == 9)
    assert products(tmp_path) == ["VH-204", "VH-300"]
    qtbot.waitUntil(lambda: window.undo_bar.isVisible())
    window.undo_bar.take_back()
    qtbot.waitUntil(lambda: page.panel.table.rowCount() == 8)
    assert products(tmp_path) == ["VH-204"]


def test_a_closed_shift_asks_who_and_why_before_a_table_changes_it(
    shop: tuple[Window, Master], qtbot: QtBot, tmp_path: Path
) -> None:
    window, page = shop
    with closing(database.open_writer(tmp_path)) as store:
        now_ms = store.clock.now_ms()
        week = Span(now_ms - 8 * 86_400_000, now_ms)
        shift = next(s for s in shifts_between(register.calendar(store), week) if s.span.end_ms < now_ms)
        entries.say(store, [Closed(0, shift.span.end_ms - 1, shift.span.end_ms - 1)], now_ms, "김정호")
    QGuiApplication.clipboard().setText(SHEET)
    page.paste.click()
    qtbot.waitUntil(lambda: page.difference.isVisible())
    page.bar.apply.click()
    tables = window.tables
    qtbot.waitUntil(lambda: tables.closed_bar.isVisible())
    assert products(tmp_path) == ["VH-204"]
    assert tables.step_back()
    assert page.difference.isVisible()
    page.bar.apply.click()
    qtbot.waitUntil(lambda: tables.closed_bar.isVisible())
    tables.closed_bar.whys[0].click()
    tables.closed_bar.name.setText("김정호")
    tables.closed_bar.save.click()
    qtbot.waitUntil(lambda: window.undo_bar.isVisible())
    assert products(tmp_path) == ["VH-204", "VH-300"]
    window.undo_bar.take_back()
    qtbot.waitUntil(lambda: products(tmp_path) == ["VH-204"])
    with closing(database.open_reader(tmp_path)) as store:
        assert closed.revisions(store, shift.span) == (2, True)
        told = store.rows("SELECT who, why FROM audit WHERE action LIKE 'table%' ORDER BY id")
    assert told == [("김정호", "Entered wrongly")] * 2


def test_figures_stand_at_the_right_under_their_titles_and_texts_at_the_left(
    shop: tuple[Window, Master], qtbot: QtBot
) -> None:
    _window, page = shop
    right, role = Qt.AlignmentFlag.AlignRight, Qt.ItemDataRole.TextAlignmentRole

    def sides(panel: TablePanel) -> dict[str, bool]:
        model = panel.table
        titles = range(model.columnCount())
        cells = {bool(model.index(0, n).data(role) & right) for n in titles}
        assert cells == {True, False}
        return {
            str(model.headerData(n, Qt.Orientation.Horizontal)): bool(
                model.headerData(n, Qt.Orientation.Horizontal, role) & model.index(0, n).data(role) & right
            )
            for n in titles
        }

    found = sides(page.panel)
    assert [title for title, figures in found.items() if figures] == [
        "Ideal cycle (s)", "Standard cycle (s)", "Cavities", "Cavities of other products",
    ]  # fmt: skip
    QGuiApplication.clipboard().setText(SHEET)
    page.paste.click()
    qtbot.waitUntil(lambda: page.difference.isVisible())
    assert [title for title, figures in sides(page.difference).items() if figures] == ["Sheet line"]


def test_every_fault_is_listed_and_nothing_can_be_applied(shop: tuple[Window, Master], qtbot: QtBot) -> None:
    window, page = shop
    page.look_wanted.emit("products", "품번\t품명\t설비\t이론 C/T\nA\ta\tPR-1\tx\nB\t\t\t\n")
    qtbot.waitUntil(lambda: page.difference.isVisible())
    assert page.difference.title == "What to correct"
    assert page.difference.table.rowCount() == 3
    assert not page.bar.apply.isVisible()
    assert faults(window) == []
    window._back()
    assert page.panel.isVisible()
    assert not page.difference.isVisible()


def test_what_is_no_table_is_said_in_a_banner(shop: tuple[Window, Master], qtbot: QtBot, tmp_path: Path) -> None:
    window, page = shop
    page.look_wanted.emit("products", tmp_path / "nothing.xlsx")
    qtbot.waitUntil(lambda: "master" in window.banners.shown())
    assert page.panel.isVisible()
    page.look_wanted.emit("products", SHEET)
    qtbot.waitUntil(lambda: page.difference.isVisible())
    assert "master" not in window.banners.shown()


def test_a_table_and_a_blank_one_are_saved_under_free_names(
    shop: tuple[Window, Master], qtbot: QtBot, tmp_path: Path
) -> None:
    window, page = shop
    for name in ("products.csv", "products-1.csv"):
        page.panel.csv.click()
        qtbot.waitUntil(lambda name=name: (tmp_path / "reports" / name).exists() and not window.tables.messenger.away)
    page.panel.xlsx.click()
    qtbot.waitUntil(lambda: (tmp_path / "reports" / "products.xlsx").exists() and not window.tables.messenger.away)
    page.template.click()
    blank = tmp_path / "reports" / "products-blank.xlsx"
    qtbot.waitUntil(lambda: blank.exists() and not window.tables.messenger.away)
    assert Desk(tmp_path).preview("products", tmp_path / "reports" / "products.xlsx").difference.changes == ()


def test_the_usual_reasons_can_be_taken_later(shop: tuple[Window, Master], qtbot: QtBot) -> None:
    window, page = shop
    assert not page.usual.isVisible()
    page.tabs[2].click()
    qtbot.waitUntil(lambda: page.panel.title == "Stop reasons" and page.panel.table.rowCount() == 29)
    assert page.usual.isVisible()
    page.usual.click()
    qtbot.waitUntil(lambda: page.difference.isVisible())
    assert page.difference.table.rowCount() == 26
    assert page.difference.table.words().splitlines()[1].startswith("–\tNew\tR01")
    assert faults(window) == []


def test_a_table_without_rows_says_what_to_do(shop: tuple[Window, Master], qtbot: QtBot) -> None:
    window, page = shop
    next(tab for tab in page.tabs if tab.value == "orders").click()
    qtbot.waitUntil(lambda: page.panel.title == "Plan")
    assert page.panel.view.accessibleDescription() == (
        "Nothing is here yet. Paste a table from Excel, import a file, or begin with the blank table."
    )
    assert faults(window) == []


def test_the_table_of_people_takes_the_pin_of_an_administrator(
    shop: tuple[Window, Master], qtbot: QtBot, tmp_path: Path
) -> None:
    window, page = shop
    with closing(database.open_writer(tmp_path)) as store:
        boss = people.put(store, Person(0, "이영희", role=PersonRole.ADMIN), 1)
        people.set_pin(store, boss, "135792", 1)
    page.choose("people")
    page.look_wanted.emit("people", "이름\t역할\n박철수\t관리자\n")
    qtbot.waitUntil(lambda: page.difference.isVisible())
    page.bar.apply.click()
    qtbot.waitUntil(lambda: "master" in window.banners.shown())
    assert names(tmp_path) == ["이영희"]
    window.go("people")
    form = window.screens["people"]
    qtbot.waitUntil(lambda: form._people != ())  # type: ignore[attr-defined]
    form.list.excel.click()  # type: ignore[attr-defined]
    form.pin.pad.entered.emit("135792")  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: window.screens.current == "master", timeout=8000)
    assert page.kind == "people"
    page.look_wanted.emit("people", "이름\t역할\n박철수\t관리자\n")
    qtbot.waitUntil(lambda: page.difference.isVisible())
    page.bar.apply.click()
    qtbot.waitUntil(lambda: names(tmp_path) == ["이영희", "박철수"])
    with closing(database.open_reader(tmp_path)) as store:
        assert store.rows("SELECT who FROM audit WHERE action = 'people'") == [("이영희",)]


def names(folder: Path) -> list[str]:
    with closing(database.open_reader(folder)) as store:
        return [person.name for person in people.people(store)]


def test_settings_lead_to_it_and_back(window: Window) -> None:
    window.go("settings")
    window.show_answer(example.LINE)
    window.screens["settings"].tables.ways["products"].click()  # type: ignore[attr-defined]
    assert window.screens.current == "master"
    assert window.screens.entry("master").within == "settings"
    window._back()
    assert window.screens.current == "settings"


def test_without_tables_it_is_said(window: Window, qtbot: QtBot) -> None:
    window.go("master")
    window.screens["master"].look_wanted.emit("products", SHEET)  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: "master" in window.banners.shown())
    with pytest.raises(KnownError):
        window._ways.tables()


def test_a_change_of_limits_takes_a_why_and_a_supervisors_pin(
    shop: tuple[Window, Master], qtbot: QtBot, tmp_path: Path
) -> None:
    window, page = shop
    with closing(database.open_writer(tmp_path)) as store:
        boss = people.put(store, Person(0, "이영희", role=PersonRole.SUPERVISOR), 1)
        people.set_pin(store, boss, "482613", 1)
        people.put(store, Person(0, "박철수"), 1)
        code = quality(store).characteristics[0].code

    def highs() -> list[float | None]:
        with closing(database.open_reader(tmp_path)) as store:
            found = quality(store)
            return [each.high for each in found.limits if each.characteristic == found.characteristics[0].id]

    before = highs()
    window.go("master")
    page.choose("limits")
    page.question_changed.emit()
    qtbot.waitUntil(lambda: page._people != () and page.panel.title == "Limits")
    page.look_wanted.emit("limits", f"특성\t상한\n{code}\t9999\n")
    qtbot.waitUntil(lambda: page.difference.isVisible())
    page.bar.apply.click()
    assert page.why.isVisible()
    assert not page.difference.isVisible()
    page.why.choices[0].click()
    assert [option.text() for option in page.sign.names if option.isVisible()] == ["이영희 · Supervisor"]
    assert faults(window) == []
    page.sign.pad.entered.emit("111111")
    qtbot.waitUntil(lambda: not page.sign._check_pin.func.__self__._writer.away)  # type: ignore[attr-defined]
    assert highs() == before
    page.sign.pad.entered.emit("482613")
    qtbot.waitUntil(lambda: page.panel.isVisible())
    assert highs() == [*before, 9999.0]
    with closing(database.open_reader(tmp_path)) as store:
        row = store.row("SELECT who, why FROM audit WHERE subject = 'limits' ORDER BY id DESC LIMIT 1")
    assert tuple(row) == ("이영희", "Drawing changed")
    qtbot.waitUntil(lambda: window.undo_bar.isVisible())
    window.undo_bar.take_back()
    qtbot.waitUntil(lambda: len(highs()) == len(before) + 2)
    assert highs()[-1] == before[-1]
    page.look_wanted.emit("limits", f"특성\t상한\n{code}\t8888\n")
    qtbot.waitUntil(lambda: page.difference.isVisible())
    page.bar.apply.click()
    assert page.step_back()
    assert page.difference.isVisible()
    assert page.step_back()
    assert page.panel.isVisible()
