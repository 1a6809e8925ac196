"""Who changes a closed shift, and why: asked over the foot of the screen, so that nothing on it moves or is lost."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.text import N_, _
from desktop.tokens import Tokens
from desktop.views.screen import MARGIN
from desktop.views.widgets.button import Button
from desktop.views.widgets.painted import Painted, card, tell
from desktop.views.widgets.rail import RAIL_PX
from desktop.views.widgets.text_field import HEIGHT_PX, TextField
from desktop.views.widgets.undo_bar import BAR_PX

LONGEST_WHY, LONGEST_NAME = 200, 60
#: what it mostly is: one press instead of typing
WHYS = (N_("Entered wrongly"), N_("Not entered then"), N_("Found at inspection"), N_("Sent back"), N_("Counted again"))
_HEAD_PX, _PAD, _GAP = 92, 20, 12
_NAME_PX, _WIDEST_PX = 240, 1240
_FOOT_PX = MARGIN + BAR_PX + _GAP  # the undo bar has its place below


class ClosedBar(Painted):
    """`given` carries the reason and the name, "" where who is at the screen is known; `left`: it stays as it was."""

    given = Signal(str, str)
    left = Signal()
    name_wanted = Signal()  # the list of people is to be shown

    def __init__(self, parent: QWidget) -> None:
        super().__init__("closed-bar", parent)
        self._over = parent
        self.why = TextField("closed-why", _("Why is it changed?"), self, most=LONGEST_WHY)
        self.name = TextField("closed-name", _("Your name"), self, most=LONGEST_NAME)
        self.choose = Button("closed-choose", _("Log in"), self, icon="user", height=HEIGHT_PX)
        self.save = Button("closed-save", _("Save"), self, main=True, height=HEIGHT_PX)
        self.cancel = Button("closed-cancel", _("Cancel"), self, height=HEIGHT_PX)
        self.whys = [Button(f"closed-why-{n + 1}", _(words), self) for n, words in enumerate(WHYS)]
        for button in self.whys:
            tell(button, button.text(), _("Why is it changed?"))
            button.clicked.connect(self._why_pressed)
        self.choose.clicked.connect(self.name_wanted)
        self.save.clicked.connect(self._save)
        self.cancel.clicked.connect(self.leave)
        self.why.returnPressed.connect(self._save)
        self.name.returnPressed.connect(self._save)
        parent.installEventFilter(self)
        self.hide()

    def ask(self, shift: str, what: str, why: str, who: str) -> None:
        """Ask about a change of a closed shift: `what` was to be entered, "" where it has no words; `why` as far as it
        was said; `who` is at the screen, "" where nobody said so."""
        self.set_face((_("{shift} is closed").format(shift=shift), what, "", who))
        self.why.setText(why)
        self.name.clear()
        self._show()
        (self.name if why and not who else self.why).setFocus()

    def show_who(self, who: str) -> None:
        """Somebody has logged in while it was asked."""
        if isinstance(self._face, tuple) and not self.isHidden():
            head, what, _fault, _who = self._face
            self.set_face((head, what, "", who))
            self._show()

    def leave(self) -> bool:
        """Let it be as it was. Returns False where nothing is asked."""
        if self.isHidden():
            return False
        self.hide()
        self.left.emit()
        return True

    def _why_pressed(self) -> None:
        button = self.sender()
        if isinstance(button, Button):
            self.why.setText(button.text())
            if not self.name.isHidden():
                self.name.setFocus()

    def _save(self) -> None:
        if not isinstance(self._face, tuple) or self.isHidden():
            return
        head, what, _fault, who = self._face
        why, name = self.why.text().strip(), "" if who else self.name.text().strip()
        fault = "" if why else _("Write in a few words why.")
        if why and not who and not name:
            fault = _("Log in or write your name.")
        if fault:
            self.set_face((head, what, fault, who))
            self._tell()
            (self.name if why else self.why).setFocus()
            return
        self.hide()
        self.given.emit(why, name)

    def _show(self) -> None:
        self._tell()
        known = isinstance(self._face, tuple) and bool(self._face[3])
        self.name.setVisible(not known)
        self.choose.setVisible(not known)
        self._place()
        self.show()
        self.raise_()

    def _tell(self) -> None:
        if isinstance(self._face, tuple):
            head, what, fault, who = self._face
            tell(self, head, " · ".join(part for part in (fault or what, who) if part))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The window has another size."""
        if event.type() is QEvent.Type.Resize and not self.isHidden():
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        """Ready reasons over one row, and the reason in a row of its own where the window is narrow."""
        room = self._over.width() - RAIL_PX - 2 * MARGIN
        wide = min(room, _WIDEST_PX)
        x, y = _PAD, _HEAD_PX
        for way in self.whys:
            if x + way.sizeHint().width() > wide - _PAD:
                x, y = _PAD, y + HEIGHT_PX + _GAP
            way.setGeometry(x, y, way.sizeHint().width(), HEIGHT_PX)
            x += way.width() + _GAP
        y += HEIGHT_PX + _GAP
        x, buttons = wide - _PAD, [self.cancel, self.save]
        named = not self.name.isHidden()
        if named:
            buttons.append(self.choose)
        taken = sum(each.sizeHint().width() + _GAP for each in buttons) + named * (_NAME_PX + _GAP)
        two = wide - 2 * _PAD - taken < 320
        why_y, y = y, y + two * (HEIGHT_PX + _GAP)
        for button in buttons:
            x -= button.sizeHint().width()
            button.setGeometry(x, y, button.sizeHint().width(), HEIGHT_PX)
            x -= _GAP
        if named:
            left = _PAD if two else x - _NAME_PX
            self.name.setGeometry(left, y, x - left, HEIGHT_PX)
            x = left - _GAP
        self.why.setGeometry(_PAD, why_y, (wide - _PAD if two else x) - _PAD, HEIGHT_PX)
        high = y + HEIGHT_PX + _PAD
        self.setGeometry(RAIL_PX + MARGIN + (room - wide) // 2, self._over.height() - high - _FOOT_PX, wide, high)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Ground, what is asked, and what is missing."""
        card(painter, rect, tokens)
        paint.box(painter, rect.adjusted(1, 1, -1, -1), None, tokens.ink, radius=8)
        if not isinstance(self._face, tuple):
            return
        head, what, fault, who = self._face
        room = QRectF(rect.left() + _PAD, rect.top() + 10, rect.width() - 2 * _PAD, 28)
        paint.text(painter, room, head, 20, tokens.ink, bold=True, least_px=15)
        # Lines of their own: a long shift or machine takes no room from who it is and what comes of it.
        then = _("With this it is saved as the next revision of the report.")
        lines = (fault or what, " · ".join(part for part in (who, then) if part))
        for place, words in enumerate(line for line in lines if line):
            below = room.translated(0, 28 + 24 * place)
            below.setHeight(24)
            bold = bool(fault) and place == 0
            paint.text(painter, below, words, 16, tokens.ink, bold=bold, least_px=14)
