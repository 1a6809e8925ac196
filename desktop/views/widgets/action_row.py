"""What can be done at a machine, as a row of large buttons: each leads to its page with the machine chosen already."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.domain.entries import HELP
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views import theme
from desktop.views.widgets.button import Button
from desktop.views.widgets.call_bar import CallBar, CallFace
from desktop.views.widgets.painted import Pressable, tell

ROW_PX = 64
GAP_PX = 8
_WORDS_PX, _ROOMY_WORDS_PX = 14, 16
_LEAST_PX = 72  # narrower ones are hard to hit with gloves
_AROUND_PX = 20  # beside the word
_LEAST_CALL_PX = 256


class ActionFace(Struct, frozen=True):
    """A button: its `key`, icon, word and what a press does. `main`: it is what is to be done now; `ready`: it can be
    pressed, else `hint` says why not; `count`: how many things go on there, as a number at its corner."""

    key: str
    icon: str
    words: str
    hint: str
    main: bool = False
    ready: bool = True
    count: int = 0


class ActionButton(Pressable):
    """An icon over a word, which is larger where all of the row have room for that."""

    words_px = _WORDS_PX

    @property
    def shown(self) -> ActionFace | None:
        """What the button shows now."""
        return self._face if isinstance(self._face, ActionFace) else None

    def show_action(self, shown: ActionFace) -> None:
        """Show an action."""
        if self.set_face(shown):
            number = _("{count} open").format(count=shown.count) if shown.count else ""
            tell(self, shown.words, " · ".join(part for part in (shown.hint, number) if part))
            self.setToolTip(shown.hint)
            self.setEnabled(shown.ready)

    def sizeHint(self) -> QSize:
        """Wide enough for its word."""
        words = self.shown.words if self.shown is not None else ""
        return QSize(max(round(paint.width(words, _WORDS_PX, True)) + _AROUND_PX, _LEAST_PX), ROW_PX)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Ground, icon, word, number."""
        if (shown := self.shown) is None:
            return
        hover = self.isDown() or self.underMouse()
        ground, edge, ink = tokens.accent_soft if hover else tokens.panel, tokens.line_strong, tokens.ink
        if not shown.ready:
            ground, edge, ink = tokens.panel2, tokens.line, tokens.ink2
        elif shown.main:
            ground, edge, ink = tokens.accent, tokens.accent, tokens.accent_on
        strong = shown.ready and shown.count > 0
        paint.box(painter, rect, ground, tokens.ink if strong else edge, radius=8, pen=2 if strong else 1)
        middle = rect.center().x()
        theme.icon(painter, QRectF(middle - 12, rect.top() + 9, 24, 24), shown.icon, ink)
        place = QRectF(rect.left() + 4, rect.bottom() - 28, rect.width() - 8, 22)
        paint.text(painter, place, shown.words, self.words_px, ink, bold=True, align=paint.CENTER)
        if shown.count:
            plate = QRectF(middle + 14, rect.top() + 6, 22, 22)
            paint.box(painter, plate, tokens.ink, radius=11)
            paint.text(painter, plate, str(shown.count), 14, tokens.panel, bold=True, align=paint.CENTER)


class ActionRow(QWidget):
    """The actions side by side; where help is called for, the three kinds of help in their place until that is left.

    `pressed` carries the key of an action, `called` a CallFace, `turned` says that the other side is in sight.
    """

    pressed = Signal(str)
    called = Signal(object)
    turned = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        tell(self, _("What can be done at this machine"))
        self.buttons: list[ActionButton] = []
        self.calls = CallBar(self)
        self.leave = Button("actions-leave", "", self, icon="cross", height=ROW_PX)
        tell(self.leave, _("Close"), "Esc")
        self.leave.clicked.connect(self.close_calls)
        self.calls.pressed.connect(self.called)
        self.calls.hide()
        self.leave.hide()

    @property
    def calling(self) -> bool:
        """Whether the kinds of help are in sight."""
        return not self.calls.isHidden()

    def button(self, key: str) -> ActionButton | None:
        """The button of an action, None where it is not shown."""
        shown = (b for b in self.buttons if b.shown is not None and b.shown.key == key and not b.isHidden())
        return next(shown, None)

    def show_actions(self, faces: Sequence[ActionFace]) -> bool:
        """Show actions; returns whether they take another room than before."""
        before = self.wanted_px()
        while len(self.buttons) < len(faces):
            button = ActionButton(f"action-{len(self.buttons) + 1}", self)
            button.clicked.connect(self._pressed)
            self.buttons.append(button)
        for place, button in enumerate(self.buttons):
            if place < len(faces):
                button.show_action(faces[place])
            elif button.shown is not None:
                button.set_face(None)
        self._show_side()
        return before != self.wanted_px()

    def show_calls(self, faces: Sequence[CallFace]) -> None:
        """Show the kinds of help at the machine, and calls that are open there."""
        self.calls.show_calls(faces)

    def open_calls(self) -> None:
        """The kinds of help take the place of the actions."""
        self._turn(True)
        self.calls.buttons[0].setFocus()

    def close_calls(self) -> bool:
        """Back to the actions; False where they are in sight."""
        if not self.calling:
            return False
        held = self.isAncestorOf(self.focusWidget()) if self.focusWidget() is not None else False
        self._turn(False)
        if held and (button := self.button("call")) is not None:
            button.setFocus()
        return True

    def _turn(self, calling: bool) -> None:
        self.calls.setVisible(calling)
        self.leave.setVisible(calling)
        self._show_side()
        self.turned.emit()

    def _show_side(self) -> None:
        for button in self.buttons:
            if self.calling or button.shown is None:
                button.hide()
        self._place()

    def wanted_px(self) -> int:
        """The width that shows every word."""
        wide = [button.sizeHint().width() for button in self.buttons if button.shown is not None]
        row_px = sum(wide) + GAP_PX * max(len(wide) - 1, 0)
        count = self.calls.shown_count()
        if self.calling and count > len(HELP):  # one more than there are words for in the same room
            return max(row_px, count * (_LEAST_CALL_PX + 12) + ROW_PX)
        return row_px

    def _pressed(self) -> None:
        button = self.sender()
        if isinstance(button, ActionButton) and button.shown is not None:
            self.pressed.emit(button.shown.key)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The row has another width."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        """Each as wide as its word, and what is left over shared alike."""
        self.leave.setGeometry(self.width() - ROW_PX, 0, ROW_PX, ROW_PX)
        self.calls.setGeometry(0, 0, self.width() - ROW_PX - 12, ROW_PX)
        shown = [button for button in self.buttons if button.shown is not None]
        if not shown or self.calling:
            return
        while len(shown) > 1 and sum(b.sizeHint().width() + GAP_PX for b in shown) - GAP_PX > self.width():
            shown.pop()  # what is needed least often goes first where there is no room
        wants = [button.sizeHint().width() for button in shown]
        spare = max(self.width() - sum(wants) - GAP_PX * (len(shown) - 1), 0) / len(shown)
        roomy = all(
            paint.width(button.shown.words, _ROOMY_WORDS_PX, True) + _AROUND_PX <= want + spare
            for button, want in zip(shown, wants, strict=True)
            if button.shown is not None
        )
        for button in self.buttons:
            button.setVisible(button in shown)
        x = 0.0
        for button, want in zip(shown, wants, strict=True):
            button.setGeometry(round(x), 0, round(x + want + spare) - round(x), ROW_PX)
            if button.words_px != (words_px := _ROOMY_WORDS_PX if roomy else _WORDS_PX):
                button.words_px = words_px
                button.update()
            x += want + spare + GAP_PX
