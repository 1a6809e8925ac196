"""The page of people, the pad for a PIN and the name on the screen: by finger, keyboard and scanner."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import argon2
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop import text
from desktop.clock import PlantClock
from desktop.configuration.staff import Staff
from desktop.domain.people import Person, PersonNow, PersonRole
from desktop.store import database, people
from desktop.store.locks import ProcessLock
from desktop.summaries import people_view
from desktop.views import application, login, staffing
from desktop.views.people import PeoplePage
from desktop.views.window import Window
from tests.views import example, fakes
from tests.views.test_fit import faults
from tests.views.test_screens import show

ADMIN, SUPERVISOR = PersonRole.ADMIN, PersonRole.SUPERVISOR
PIN = "482917"


class Shop:
    """A window over a real file of people; answers are given by hand."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.folder, self.qtbot = folder, qtbot
        self.store = database.create(folder, clock=PlantClock(example.NOW, 0, 0.0))
        settings = QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)
        self.window = Window(folder, settings, fakes.ways(staff=lambda: Staff(folder)))
        qtbot.addWidget(self.window)
        self.window.setWindowState(Qt.WindowState.WindowNoState)
        self.window.resize(1920, 1080)
        self.window.show()
        self.window.go("overview")
        self.look()

    def add(self, name: str, pin: str = "", **more: object) -> int:
        key = people.put(self.store, Person(0, name, **more), 0)  # type: ignore[arg-type]
        if pin:
            people.set_pin(self.store, key, pin, 0)
        return key

    def look(self) -> None:
        """Give the screen in sight its answer."""
        head = replace(example.HEAD, has_people=bool(people.people(self.store)))
        if self.window.screens.current == "people":
            view = people_view(self.store, example.NOW)
            self.window.show_answer(replace(view, head=head, collector=example.COLLECTOR))
        else:
            self.window.show_answer(replace(example.LINE, head=head))

    def open(self) -> PeoplePage:
        self.window.go("people")
        self.look()
        page = self.window.screens["people"]
        assert isinstance(page, PeoplePage)
        return page

    def wait(self) -> None:
        """Until what was begun is done, and the page has looked again."""
        busy = self.window.staffing._writer
        self.qtbot.waitUntil(lambda: not busy.away, timeout=5000)
        self.look()

    def type_pin(self, page: PeoplePage, pin: str) -> None:
        for digit in pin:
            next(key for key in page.pin.pad.keys if key.text() == digit).click()
        page.pin.pad.done.click()

    def audit(self) -> list[tuple[str, str, str]]:
        return [tuple(row) for row in self.store.rows("SELECT who, action, subject FROM audit ORDER BY id")]


@pytest.fixture
def shop(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    cheap = argon2.PasswordHasher(1, 8, 1)
    monkeypatch.setattr(people, "_hasher", lambda: cheap)
    made = Shop(qtbot, tmp_path)
    yield made
    made.window.close()
    made.store.close()


# -- the name on the screen --


def test_without_people_nothing_asks(shop: Shop) -> None:
    assert shop.window.header.who is None
    assert shop.window._login is None
    page = shop.open()
    assert "nobody is asked" in page.list.accessibleDescription()
    assert not page.person.isVisible()


def test_a_tap_on_the_name_and_a_tap_on_ones_own(shop: Shop, qtbot: QtBot) -> None:
    shop.add("김정호")
    shop.add("이영희")
    shop.look()
    who = shop.window.header.who
    assert who is not None
    assert who.text() == "Log in"
    who.click()
    qtbot.waitUntil(lambda: shop.window.login._panel is not None, timeout=5000)
    panel = shop.window.login._panel
    assert panel is not None
    assert panel.badge.hasFocus()
    panel.options[1].click()
    assert (who.text(), shop.window.login.name, panel.isVisible()) == ("이영희", "이영희", False)
    who.click()
    qtbot.waitUntil(panel.isVisible, timeout=5000)
    assert [option.isChecked() for option in panel.options] == [False, True]
    shop.window._back()
    assert not panel.isVisible()
    who.click()
    qtbot.waitUntil(panel.isVisible, timeout=5000)
    panel.out.click()
    assert (who.text(), shop.window.login.person, panel.isVisible()) == ("Log in", None, False)


def test_a_scanned_badge(shop: Shop, qtbot: QtBot) -> None:
    shop.add("이영희", badge="GD-0003")
    shop.look()
    shop.window.login.open()
    qtbot.waitUntil(lambda: shop.window.login._panel is not None, timeout=5000)
    panel = shop.window.login._panel
    assert panel is not None
    qtbot.keyClicks(panel.badge, "gd-9")
    qtbot.keyClick(panel.badge, Qt.Key.Key_Return)
    assert "gd-9 is nobody's badge" in panel.accessibleDescription()
    assert panel.badge.text() == ""
    qtbot.keyClicks(panel.badge, "gd-0003")
    qtbot.keyClick(panel.badge, Qt.Key.Key_Return)
    assert shop.window.login.name == "이영희"


def test_a_badge_on_any_screen(shop: Shop, qtbot: QtBot) -> None:
    shop.add("이영희", badge="GD-0003")
    shop.look()
    unknown: list[str] = []
    shop.window.login.scan("SN-1", unknown.append)
    qtbot.waitUntil(lambda: unknown == ["SN-1"], timeout=5000)
    with qtbot.waitSignal(shop.window.login.changed, timeout=5000):
        shop.window.login.scan("GD-0003\r")
    assert shop.window.header.who is not None
    assert shop.window.header.who.text() == "이영희"


def test_the_name_goes_after_a_rest_that_is_set(shop: Shop, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.add("이영희")
    page = shop.open()
    me = shop.window.login
    assert me.rest_min == 15
    page.rest.options[0].click()
    assert (me.rest_min, page.rest.options[0].isChecked()) == (5, True)
    me.log_in(Person(1, "이영희"))
    assert me._rest.interval() == 5 * 60_000
    me._rest.start(30)  # what is left of it
    with qtbot.waitSignal(me.changed, timeout=5000):
        pass
    assert me.person is None
    page.rest.options[-1].click()
    me.log_in(Person(1, "이영희"))
    assert not me._rest.isActive()
    kept = QSettings(str(shop.folder / "window.ini"), QSettings.Format.IniFormat)
    assert login.log_out_min(kept) == 0
    kept.setValue(login.LOG_OUT, "x")
    assert login.log_out_min(kept) == 15


def test_every_touch_begins_the_rest_anew(shop: Shop) -> None:
    me = shop.window.login
    me.log_in(Person(1, "이영희"))
    surface = shop.window.windowHandle()
    assert surface is not None
    for act in (
        lambda: QTest.mouseClick(surface, Qt.MouseButton.LeftButton),
        lambda: QTest.keyClick(surface, Qt.Key.Key_Shift),
    ):
        me._rest.start(60_000)
        act()
        assert me._rest.interval() == 15 * 60_000


# -- the page --


def test_somebody_is_added_changed_removed_and_brought_back(shop: Shop) -> None:
    page = shop.open()
    page.list.add.click()
    page.form.name.setText("이영희")
    page.form.crew.setText("A조")
    page.form.roles[1].click()
    QTest.keyClicks(page.form.badge, "GD-3")
    QTest.keyClick(page.form.badge, Qt.Key.Key_Return)  # of the scanner
    assert page.form.isVisible()
    page.form.save.click()
    shop.wait()
    assert people.people(shop.store) == (Person(1, "이영희", "A조", SUPERVISOR, "GD-3"),)
    assert page.person.isVisible()
    page.person.change.click()
    page.form.crew.setText("B조")
    page.form.save.click()
    shop.wait()
    assert people.people(shop.store)[0].crew == "B조"
    shop.window.undo_bar.take_back()
    shop.wait()
    assert people.people(shop.store)[0].crew == "A조"
    page.person.retire.click()
    shop.wait()
    assert people.people(shop.store) == ()
    page.list.add.click()
    assert page.form.left.currentText() == "이영희"
    page.form.back.click()
    shop.wait()
    assert people.people(shop.store)[0].badge == "GD-3"


def test_what_cannot_be_saved_is_said_in_the_form_and_nothing_typed_is_lost(shop: Shop) -> None:
    shop.add("Kim", badge="GD-1")
    page = shop.open()
    page.list.add.click()
    page.form.name.setText("Lee")
    page.form.badge.setText("gd-1")
    page.form.save.click()
    shop.wait()
    assert page.form.isVisible()
    assert "is Kim's" in page.form.accessibleDescription()
    assert page.form.name.text() == "Lee"
    shop.window._back()
    assert page.person.isVisible()
    assert shop.window.screens.current == "people"
    shop.window._back()
    assert shop.window.screens.current == "overview"


def test_a_pin_is_set_by_typing_it_twice(shop: Shop) -> None:
    key = shop.add("Kim", role=ADMIN)
    page = shop.open()
    page.person.pin.click()
    shop.type_pin(page, "482917")
    shop.type_pin(page, "482918")
    assert "not the same" in page.pin.pad.accessibleDescription()
    for _time in range(2):
        QTest.keyClicks(page.pin.pad, PIN)
        QTest.keyClick(page.pin.pad, Qt.Key.Key_Backspace)
        QTest.keyClicks(page.pin.pad, PIN[-1])
        QTest.keyClick(page.pin.pad, Qt.Key.Key_Return)
    shop.wait()
    assert people.check_pin(shop.store, key, PIN, 0, 0).right
    assert page.person.isVisible()


def test_a_pin_that_is_not_fit_is_said_on_the_pad(shop: Shop) -> None:
    shop.add("Kim", role=ADMIN)
    page = shop.open()
    page.person.pin.click()
    for _time in range(2):
        shop.type_pin(page, "1234")
    shop.wait()
    assert "too short" in page.pin.pad.accessibleDescription()
    for _time in range(2):
        shop.type_pin(page, PIN)
    shop.wait()
    assert people.people_now(shop.store, 0)[0].has_pin


def test_where_an_administrator_has_a_pin_changes_take_it_once(shop: Shop) -> None:
    shop.add("Kim", PIN, role=ADMIN)
    shop.add("Lee")
    page = shop.open()
    page.rows[1].click()
    page.person.change.click()
    assert not page.form.isVisible()
    shop.type_pin(page, "000000")
    shop.wait()
    assert "4 tries left" in page.pin.pad.accessibleDescription()
    shop.type_pin(page, PIN)
    shop.wait()
    assert page.form.isVisible()
    page.form.crew.setText("B")
    page.form.save.click()
    shop.wait()
    assert shop.audit()[-1] == ("Kim", "person", "Lee")
    page.person.retire.click()  # no second time
    shop.wait()
    assert len(people.people(shop.store)) == 1
    shop.window.go("overview")
    page = shop.open()
    page.list.add.click()
    assert page.pin.isVisible()  # anew once the page was left


def test_five_wrong_ones_are_said_with_the_time_and_an_administrator_unlocks(shop: Shop) -> None:
    shop.add("Kim", PIN, role=ADMIN)
    lee = shop.add("Lee", "593804", role=SUPERVISOR)
    page = shop.open()
    page.rows[1].click()
    page.person.pin.click()
    assert page.pin.who.isVisible()  # Lee's own or Kim's
    for _n in range(5):
        shop.type_pin(page, "000000")
        shop.wait()
    assert "Wait 60 s" in page.pin.pad.accessibleDescription() or "Wait 1 min" in page.pin.pad.accessibleDescription()
    shop.window._back()
    shop.look()
    assert "locked" in page.rows[1].accessibleDescription()
    page.person.unlock.click()
    shop.type_pin(page, PIN)
    shop.wait()
    shop.wait()
    assert people.check_pin(shop.store, lee, "593804", 10**15, 0).right
    assert ("Kim", "pin", "Lee") in shop.audit()


def test_ones_own_pin_is_changed_with_it(shop: Shop) -> None:
    shop.add("Kim", PIN, role=ADMIN)
    lee = shop.add("Lee", "4829")
    page = shop.open()
    page.rows[1].click()
    page.person.pin.click()
    shop.type_pin(page, "4829")
    shop.wait()
    for _time in range(2):
        shop.type_pin(page, "5938")
    shop.wait()
    assert people.check_pin(shop.store, lee, "5938", 0, 0).right
    page.person.retire.click()
    assert page.pin.isVisible(), "one's own PIN is no administrator's"


def test_the_window_goes_on_while_a_pin_is_looked_at(shop: Shop, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.add("Kim", PIN, role=ADMIN)
    page = shop.open()
    looking, go_on = threading.Event(), threading.Event()

    def slow(_sealed: str, _pin: str) -> bool:
        looking.set()
        return go_on.wait(10)

    monkeypatch.setattr(people, "_matches", slow)
    page.list.add.click()
    shop.type_pin(page, PIN)
    assert looking.wait(5)
    assert not page.pin.pad.isEnabled()
    shop.look()
    shop.window._back()  # somebody leaves meanwhile: the form does not come after all
    go_on.set()
    shop.wait()
    assert page.person.isVisible()


def test_digits_are_told_as_a_number_and_never_as_themselves(shop: Shop) -> None:
    shop.add("Kim", role=ADMIN)
    page = shop.open()
    page.person.pin.click()
    for digit in "4829":
        next(key for key in page.pin.pad.keys if key.text() == digit).click()
    assert "4 digits" in page.pin.pad.accessibleDescription()
    assert "4829" not in page.pin.pad.accessibleDescription()
    page.pin.pad.back.click()
    assert "3 digits" in page.pin.pad.accessibleDescription()
    page.pin.pad.leave.click()
    assert page.person.isVisible()


def test_the_settings_lead_there_and_stay_marked(window: Window) -> None:
    show(window, "settings")
    window.screens["settings"].ways.ways["people"].click()  # type: ignore[attr-defined]
    assert window.screens.current == "people"
    marked = [b.objectName() for b in window.rail._foot if b.isChecked()]
    assert marked == ["rail-settings"]
    window._back()
    assert window.screens.current == "settings"


def test_the_name_on_the_screen_follows_the_list(shop: Shop) -> None:
    key = shop.add("Kim")
    page = shop.open()
    shop.window.login.log_in(Person(key, "Kim"))
    page.person.change.click()
    page.form.name.setText("Kim Minsu")
    page.form.save.click()
    shop.wait()
    assert shop.window.login.name == "Kim Minsu"
    assert shop.audit()[-1] == ("Kim", "person", "Kim Minsu")
    page.person.retire.click()
    shop.wait()
    assert shop.window.login.person is None


def test_an_administrators_pin_is_good_for_a_while_only(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.add("Kim", PIN, role=ADMIN)
    page = shop.open()
    page.person.change.click()
    shop.type_pin(page, PIN)
    shop.wait()
    assert page.form.isVisible()
    page.form.cancel.click()
    later = staffing.time.monotonic() + staffing.APPROVED_S
    monkeypatch.setattr(staffing.time, "monotonic", lambda: later)
    page.person.change.click()
    assert page.pin.isVisible()


def test_other_colours_are_no_other_person(shop: Shop, qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> None:
    shop.add("Kim")
    place = ProcessLock(shop.folder / application.WINDOW_LOCK)
    desk = application.Desk(qapp, shop.folder, None, None, place)
    try:
        desk.open()
        first = desk.window
        assert isinstance(first, Window)
        first.login.log_in(Person(1, "Kim"))
        desk._change("theme", "dark")
        second = desk.window
        assert isinstance(second, Window)
        assert second is not first
        assert (second.person, second.login.name) == (Person(1, "Kim"), "Kim")
        surface = second.windowHandle()
        assert surface is not None
        second.login._rest.start(1_000_000)
        QTest.keyClick(surface, Qt.Key.Key_Shift)
        assert second.login._rest.interval() == 15 * 60_000
        second.close()
        second.deleteLater()
    finally:
        desk.end()
        place.release()


# -- how it looks --

PLACES = ("person", "locked", "form", "fault", "pin", "own", "empty", "many")
LONG = "Nguyen Van Minh 남궁민수정 제2공장 조립반 " * 2


def stand(window: Window, place: str) -> None:
    """The page of people in one of its states."""
    people_there = example.people_view().people
    if place == "many":
        people_there = tuple(PersonNow(Person(n, LONG[:60], LONG[:60], ADMIN, "X" * 40)) for n in range(1, 41))
    head = replace(example.HEAD, has_people=True)
    window.go("overview")
    window.show_answer(replace(example.LINE, head=head))
    window.login.log_in(Person(5, LONG[:60] if place == "many" else "Nguyen Van Minh"))
    window.go("people")
    window.show_answer(replace(example.people_view(), people=() if place == "empty" else people_there, head=head))
    page = window.screens["people"]
    assert isinstance(page, PeoplePage)
    if place in ("locked", "own"):
        page.rows[1].click()
    if place in ("form", "fault"):
        page._add()
    if place == "fault":
        page._failed(text._("The badge {badge} is {name}'s. Each person needs their own.").format(badge="X", name=LONG))
    if place == "pin":
        page.list.add.click()
        page.pin.pad._type("1")
    if place == "own":
        page.person.pin.click()
    QApplication.processEvents()


@pytest.mark.parametrize("size", [(1920, 1080), (1366, 768)])
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_nothing_is_cut_or_overlaps(window: Window, lang: str, place: str, size: tuple[int, int]) -> None:
    text.use(lang)
    window.resize(*size)
    stand(window, place)
    page = window.screens["people"]
    cut = [fault for fault in faults(page) if place != "many" or ("Nguyen" not in fault and "XX" not in fault)]
    assert cut == []
    header = [fault for fault in faults(window.header) if "who" not in fault.split(" ")[0]]
    assert header == []
    assert window.header.who is not None
    assert window.header.who.width() <= 210


@pytest.mark.parametrize("count", [1, 6, 60])
def test_the_panel_of_names_stays_in_the_window_and_scrolls(window: Window, count: int) -> None:
    window.resize(1366, 768)
    show(window, "overview")
    window.login._show(tuple(Person(n, f"Person {n}") for n in range(1, count + 1)))
    panel = window.login._panel
    assert panel is not None
    QApplication.processEvents()
    assert window.rect().contains(panel.geometry())
    assert panel.area.height() >= 56
    assert faults(panel) == []
    window.resize(1920, 1080)
    QApplication.processEvents()
    assert panel.geometry().right() == 1920 - 24 - 1
