"""Scanners that come as a keyboard: told from a person by their speed, on every screen.

What is typed slower than a scanner reaches the screen as ever, at most HOLD_MS later; what a scanner sent reaches no
button and no shortcut. While somebody writes in a text field only commands are taken, and the field gets back what it
held before; a serial number scanned into a field is meant for it.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QMetaObject, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QTextEdit, QWidget

from desktop.domain.barcode import clean_code
from desktop.domain.commands import Command, key, parse
from desktop.domain.keyboard import latin_keys

HOLD_MS = 50  # keys of a scanner come 1 to 30 ms apart, those of a fast typist rarely less than 60
FIELD_MS = 100  # in a field, where only commands count, which nobody hits by chance; an input method takes its time
LEAST_SIGNS = 4
_ENDS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)
_CHORDS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
_KEYS = (QEvent.Type.KeyPress, QEvent.Type.KeyRelease, QEvent.Type.ShortcutOverride)
Field = QLineEdit | QPlainTextEdit | QTextEdit


def _milliseconds() -> int:
    return time.monotonic_ns() // 1_000_000


class ScanKeys(QObject):
    """Listens to the keys of a window before its widgets do."""

    scanned = Signal(str)  # a code, as a line scanner would send it: a command anywhere, any other outside text fields

    def __init__(self, window: QWidget, now_ms: Callable[[], int] = _milliseconds) -> None:
        super().__init__(window)
        self._window = window
        self._now_ms = now_ms
        self._typed = ""  # signs that came one on the heels of the other
        self._last_ms = 0
        self._held: list[QKeyEvent] = []  # kept from the widget in focus until it is known whose they are
        self._watching = False
        self._field: Field | None = None
        self._connection: QMetaObject.Connection | None = None
        self._text = ""  # of the field, after the last change
        self._before = ""  # of the field, when the present run of changes began
        self._changed_ms = 0
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(HOLD_MS)
        self._patience.timeout.connect(self._release)

    def watch(self) -> None:
        """Begin to listen, once the window is on screen; again does nothing more."""
        handle = self._window.windowHandle()
        application = QApplication.instance()
        if handle is None or not isinstance(application, QApplication) or self._watching:
            return
        self._watching = True
        handle.installEventFilter(self)
        application.focusChanged.connect(self._look_at)
        self._look_at(None, application.focusWidget())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys on their way to the widget in focus; True keeps one from it."""
        if event.type() not in _KEYS or not isinstance(event, QKeyEvent):
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            # No sign is a shortcut before it is known to be a person's; when it is given to the widget then, Qt looks
            # for its shortcut once more.
            hasty = bool(self._typed) and self._moment(event) - self._last_ms <= HOLD_MS
            if self._is_sign(event) and (hasty or not self._in_field()):
                event.accept()
                return True
            return False
        if event.type() == QEvent.Type.KeyRelease:
            return self._hold(event) if self._held else False
        return self._pressed(event)

    # -- keys --

    def _pressed(self, event: QKeyEvent) -> bool:
        at_ms = self._moment(event)
        if event.key() in _ENDS or event.text() in ("\r", "\n"):  # a line feed comes as a key of its own or as Ctrl+J
            return self._ended(event, at_ms)
        if event.isAutoRepeat() or (event.modifiers() & _CHORDS and event.text() != "\x1d"):
            self._forget()
            return False
        if not self._is_sign(event):
            if event.text() or event.key() not in (Qt.Key.Key_Shift, Qt.Key.Key_CapsLock):
                self._forget()  # an arrow, Esc, a function key
            return False
        if at_ms - self._last_ms > HOLD_MS:
            self._forget()
        self._typed += event.text()
        self._last_ms = at_ms
        return False if self._in_field() else self._hold(event)

    def _ended(self, event: QKeyEvent, at_ms: int) -> bool:
        """Enter: a scan if all came fast enough."""
        typed = latin_keys(self._typed) if at_ms - self._last_ms <= HOLD_MS else ""
        code = clean_code(typed)
        if self._in_field():
            command = self._command_in_field(code)
            self._typed = ""
            self._before, self._changed_ms = self._text, 0  # what comes now is something new
            if command:
                self.scanned.emit(key(command))
            return bool(command)
        if len(code) < LEAST_SIGNS:
            self._forget()
            return False
        self._typed = ""
        self._held.clear()
        self._patience.stop()
        self.scanned.emit(key(code) if isinstance(parse(code), Command) else code)
        return True

    def _is_sign(self, event: QKeyEvent) -> bool:
        text = event.text()
        if text == "\x1d":  # a scanner sends the separator of GS1 as Ctrl+]
            return True
        return len(text) == 1 and text.isprintable() and not event.modifiers() & _CHORDS

    def _moment(self, event: QKeyEvent) -> int:
        """When the key was pressed; the platform knows, also where this program was busy meanwhile."""
        return event.timestamp() or self._now_ms()

    def _hold(self, event: QKeyEvent) -> bool:
        self._held.append(event.clone())
        if event.type() == QEvent.Type.KeyPress:
            self._patience.start()
        return True

    def _forget(self) -> None:
        self._typed = ""
        self._release()

    def _release(self) -> None:
        """It was a person: give the widget in focus what was kept from it."""
        self._patience.stop()
        held, self._held = self._held, []
        for event in held:
            target = QApplication.focusWidget() or self._window
            QCoreApplication.sendEvent(target, event)

    # -- text fields --

    def _in_field(self) -> bool:
        return self._field is not None and not self._field.isReadOnly()

    def _look_at(self, _old: QWidget | None, now: QWidget | None) -> None:
        """The focus went elsewhere."""
        if self._connection is not None:
            QObject.disconnect(self._connection)  # by its handle: of a field that is being destroyed little is left
            self._connection = None
        self._field = _field_of(now) if now is not None and self._window.isAncestorOf(now) else None
        if self._field is not None:
            self._connection = self._field.textChanged.connect(self._on_text)
            self._text = self._before = _text_of(self._field)

    def _on_text(self) -> None:
        if self._field is None:
            return
        now_ms = self._now_ms()
        if now_ms - self._changed_ms > FIELD_MS:
            self._before = self._text
        self._changed_ms = now_ms
        self._text = _text_of(self._field)

    def _command_in_field(self, typed: str) -> str:
        """The command that was scanned while a field had the focus, "" for none; the field is as it was before.

        With an input method between, the keys do not come by here, and the text of the field has to tell.
        """
        field = self._field
        if field is None:
            return ""
        fresh = self._now_ms() - self._changed_ms <= FIELD_MS
        written = clean_code(latin_keys(_added(self._before, self._text))) if fresh else ""
        command = next((code for code in (typed, written) if isinstance(parse(code), Command)), "")
        if command and fresh:
            _put_text(field, self._before)
        return command


def _field_of(widget: QWidget) -> Field | None:
    """The text field that a widget is or has inside (a box with a number, a list that can be written in)."""
    if isinstance(widget, Field):
        return widget
    return next((line for line in widget.findChildren(QLineEdit) if widget.focusProxy() is line), None) or (
        widget.findChild(QLineEdit) if widget.inherits("QAbstractSpinBox") or widget.inherits("QComboBox") else None
    )


def _text_of(field: Field) -> str:
    return field.text() if isinstance(field, QLineEdit) else field.toPlainText()


def _put_text(field: Field, text: str) -> None:
    if isinstance(field, QLineEdit):
        field.setText(text)
    else:
        field.setPlainText(text)


def _added(before: str, after: str) -> str:
    """What was written into a text, in place of something or not."""
    start = next((at for at, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), None)
    start = min(len(before), len(after)) if start is None else start
    tail = 0
    while tail < min(len(before), len(after)) - start and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    return after[start : len(after) - tail]
