"""A scanner that comes as a keyboard, and a person at the same keys."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QInputMethodEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop.domain.commands import Command, Kind, write
from desktop.views.scan_keys import FIELD_MS, HOLD_MS, ScanKeys

TOOL = write(Command(Kind.REASON, "B01"))
SERIAL = "VH204-261130-0412"


class Pad(QPushButton):
    """Takes the focus and remembers the keys that reach it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("pad", parent)
        self.keys: list[str] = []

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.text():  # Shift alone says nothing
            self.keys.append(event.text() if event.key() != Qt.Key.Key_Return else "⏎")


class Desk:
    """A window with something to press and something to write in, and a keyboard before it."""

    def __init__(self, qtbot: QtBot) -> None:
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.pad, self.line, self.note = Pad(self.window), QLineEdit(self.window), QPlainTextEdit(self.window)
        layout = QVBoxLayout(self.window)
        for widget in (self.pad, self.line, self.note):
            layout.addWidget(widget)
        self.shortcut: list[str] = []
        for key in "RS1":
            QShortcut(QKeySequence(key), self.window).activated.connect(lambda key=key: self.shortcut.append(key))
        self.at_ms = 1_000_000
        self.filter = ScanKeys(self.window, lambda: self.at_ms)
        self.scanned: list[str] = []
        self.filter.scanned.connect(self.scanned.append)
        self.window.show()
        qtbot.waitExposed(self.window)
        self.window.activateWindow()
        self.filter.watch()
        self.filter.watch()  # once more changes nothing
        self.pad.setFocus()

    def press(self, text: str, gap_ms: int, key: Qt.Key = Qt.Key.Key_unknown) -> None:
        """A key by the way that the platform takes: into the window, not into a widget."""
        self.at_ms += gap_ms
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, text)
            event.setTimestamp(self.at_ms)
            QCoreApplication.sendEvent(self.window.windowHandle(), event)

    def send(self, code: str, gap_ms: int = 5, end: Qt.Key | None = Qt.Key.Key_Return) -> None:
        for place, sign in enumerate(code):
            if sign.isupper():
                self.press("", 0 if place else 500, Qt.Key.Key_Shift)
            self.press(
                sign, gap_ms if place else 500, Qt.Key(ord(sign.upper())) if sign.isascii() else Qt.Key.Key_unknown
            )
        if end is not None:
            self.press("\r", gap_ms, end)

    def compose(self, text: str, gap_ms: int = 5) -> None:
        """An input method puts signs into the field in focus; no key passes the window."""
        for sign in text:
            self.at_ms += gap_ms
            event = QInputMethodEvent()
            event.setCommitString(sign)
            QCoreApplication.sendEvent(self.line, event)


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    made = Desk(qtbot)
    yield made
    made.window.close()


@pytest.mark.parametrize("code", [TOOL, SERIAL, "0107032069804988\x1d10AB", "ab c1"])
def test_a_scan_is_told_and_reaches_no_button(desk: Desk, code: str) -> None:
    desk.send(code)
    assert desk.scanned == [code]
    assert desk.pad.keys == []
    desk.send(code, end=Qt.Key.Key_Tab)
    assert desk.scanned == [code, code]


def test_slow_keys_are_a_person_and_all_arrive_in_order(desk: Desk, qtbot: QtBot) -> None:
    desk.send(SERIAL, gap_ms=HOLD_MS + 1)
    assert desk.scanned == []
    shown = SERIAL.replace("1", "")  # which is a shortcut here
    assert ("".join(desk.pad.keys), desk.shortcut) == (shown + "⏎", ["1", "1", "1"])
    desk.pad.keys.clear()
    desk.press("x", 500)
    assert desk.pad.keys == []  # it could still be a scanner
    qtbot.waitUntil(lambda: desk.pad.keys == ["x"], timeout=2000)


def test_a_hasty_word_is_no_scan(desk: Desk) -> None:
    desk.send("abc")
    desk.press("", 5, Qt.Key.Key_Left)
    desk.send("abcdef", end=None)
    desk.press("\r", HOLD_MS + 1, Qt.Key.Key_Return)
    assert desk.scanned == []
    assert "".join(desk.pad.keys) == "abc⏎abcdef⏎"


def test_a_key_held_down_is_no_scan(desk: Desk) -> None:
    for _ in range(9):
        event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_A, Qt.KeyboardModifier.NoModifier, "a", True)
        event.setTimestamp(desk.at_ms)
        QCoreApplication.sendEvent(desk.window.windowHandle(), event)
    desk.press("\r", 5, Qt.Key.Key_Return)
    assert desk.scanned == []
    assert desk.pad.keys == [*"a" * 9, "⏎"]


def test_no_key_of_a_scan_is_a_shortcut_and_a_persons_key_still_is(desk: Desk, qtbot: QtBot) -> None:
    """The keys R, S and 1 do something on screens; by the way of shortcuts, as the platform asks for them."""
    handle = desk.window.windowHandle()
    QTest.keyClick(handle, Qt.Key.Key_S)
    qtbot.waitUntil(lambda: desk.shortcut == ["S"], timeout=2000)
    for sign in TOOL:
        QTest.keyClick(handle, sign)
    QTest.keyClick(handle, Qt.Key.Key_Return)
    assert desk.shortcut == ["S"]
    assert desk.scanned == [TOOL]


@pytest.mark.parametrize("shown", ["ㅎ.ㄲㅠ01ㅕ6", "ㅎ.꾸01u6"])
def test_the_korean_input_method_is_on(desk: Desk, shown: str) -> None:
    """Without a field its letters come as keys do; what is no command is taken as it is."""
    desk.send(shown)
    assert desk.scanned == ([TOOL] if "ㅠ" in shown else ["g.Rn01u6"])


def test_a_command_is_taken_out_of_the_field_that_has_the_focus(desk: Desk) -> None:
    desk.line.setFocus()
    desk.line.setText("burr at the edge")
    desk.line.setCursorPosition(4)
    desk.send(TOOL)
    assert desk.scanned == [TOOL]
    assert desk.line.text() == "burr at the edge"
    desk.note.setFocus()
    desk.note.setPlainText("two\nlines")
    desk.send(TOOL)
    assert (desk.scanned, desk.note.toPlainText()) == ([TOOL, TOOL], "two\nlines")


def test_what_was_selected_comes_back_too(desk: Desk) -> None:
    desk.line.setFocus()
    desk.line.setText("burr")
    desk.line.selectAll()
    desk.send(TOOL)
    assert (desk.scanned, desk.line.text()) == ([TOOL], "burr")


def test_a_scan_right_behind_what_was_entered_takes_nothing_of_it_along(desk: Desk) -> None:
    desk.line.setFocus()
    desk.send("ab")
    desk.at_ms -= 490  # the next key comes 10 ms behind
    desk.send(TOOL)
    assert (desk.scanned, desk.line.text()) == ([TOOL], "ab")


def test_a_serial_scanned_into_a_field_is_meant_for_it(desk: Desk) -> None:
    entered = []
    desk.line.returnPressed.connect(lambda: entered.append(desk.line.text()))
    desk.line.setFocus()
    desk.send(SERIAL)
    assert (desk.scanned, entered) == ([], [SERIAL])


def test_a_field_that_cannot_be_written_in_is_no_field(desk: Desk) -> None:
    desk.line.setReadOnly(True)
    desk.line.setFocus()
    desk.send(SERIAL)
    assert desk.scanned == [SERIAL]


def test_the_korean_input_method_is_on_in_a_field(desk: Desk) -> None:
    desk.line.setFocus()
    desk.line.setText("가")
    desk.at_ms += 1000
    desk.compose("ㅎ.ㄲㅠ01ㅕ6")
    desk.press("\r", 5, Qt.Key.Key_Return)
    assert (desk.scanned, desk.line.text()) == ([TOOL], "가")


def test_what_a_person_writes_in_korean_stays(desk: Desk) -> None:
    desk.line.setFocus()
    desk.compose("금형 교체", gap_ms=FIELD_MS + 1)
    desk.press("\r", 5, Qt.Key.Key_Return)
    desk.compose("ㅎ.ㄲㅠ01ㅕ6", gap_ms=FIELD_MS + 1)
    desk.press("\r", 5, Qt.Key.Key_Return)
    assert (desk.scanned, desk.line.text()) == ([], "금형 교체ㅎ.ㄲㅠ01ㅕ6")


def test_a_field_that_goes_away_while_it_has_the_focus(desk: Desk) -> None:
    desk.line.setFocus()
    desk.send("G.RB", end=None)
    desk.line.deleteLater()
    QCoreApplication.sendPostedEvents(desk.line, QEvent.Type.DeferredDelete)
    desk.pad.setFocus()
    desk.send(TOOL)
    assert desk.scanned == [TOOL]
