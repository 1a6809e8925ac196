"""Who is at the screen: the name in the header, and the panel in which another one is chosen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QScrollArea, QWidget

from desktop import paint
from desktop.domain.people import LONGEST_BADGE, Person
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views import theme
from desktop.views.widgets.button import Button
from desktop.views.widgets.option import OPTION_PX, Choice, Option
from desktop.views.widgets.painted import Painted, Pressable, card, card_head, own_viewport, tell
from desktop.views.widgets.text_field import HEIGHT_PX, TextField

PANEL_PX = 460
_HEAD_PX, _PAD_PX, _GAP_PX = 52, 20, 12
_WORDS_PX = 30
_WIDEST_NAME_PX = 150.0


class WhoButton(Pressable):
    """The name of the person at the screen, with a sign of one; without a name a press says who it is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("who", parent)
        self.show_name("")

    def show_name(self, name: str) -> None:
        """Show a name, "" for nobody's."""
        words = name or _("Log in")
        self.setText(words)
        if self.set_face((words, bool(name))):
            tell(self, words, _("Person at the screen") if name else _("Nobody has said who is at the screen"))

    def wanted_px(self, most_px: float = _WIDEST_NAME_PX) -> int:
        """How wide it is with its words, which take `most_px` at most."""
        return round(min(paint.width(self.text(), 17, True), most_px)) + 54

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Sign and name; an edge where it is to be pressed first."""
        if not isinstance(self._face, tuple):
            return
        words, known = self._face
        hover = self.underMouse() or self.isDown()
        paint.box(painter, rect, tokens.accent_soft if hover else None, None if known else tokens.line_strong, radius=8)
        ink = tokens.ink if known else tokens.accent
        theme.icon(painter, QRectF(rect.left() + 10, rect.center().y() - 12, 24, 24), "user", ink)
        room = QRectF(rect.left() + 42, rect.top(), rect.width() - 50, rect.height())
        paint.text(painter, room, words, 17, ink, bold=True, least_px=14)


class WhoPanel(Painted):
    """Under the header, over the screen: a field for a scanned badge, a button for each person, and the way out."""

    chosen = Signal(int)  # id of the person
    scanned = Signal(str)
    left = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__("who-panel", parent)
        self.badge = TextField("who-badge", _("Scan your badge"), self, most=LONGEST_BADGE, codes=True)
        self.badge.returnPressed.connect(self._scanned)
        self.area = QScrollArea(self)
        own_viewport(self.area)
        self.area.setObjectName("who-list")
        self.area.setFrameShape(QScrollArea.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        tell(self.area, _("People"))
        self.ground = QWidget(self.area)
        self.ground.setObjectName("who-list-page")
        self.area.setWidget(self.ground)
        self.ground.setAutoFillBackground(False)  # the card lies below
        self.options: list[Option] = []
        self.out = Button("who-out", _("Log out"), self)
        self.close_button = Button("who-close", _("Close"), self)
        self.out.clicked.connect(self.left)
        self.close_button.clicked.connect(self.closed)
        self.hide()

    def show_people(self, people: Sequence[Person], current: int | None, words: str = "") -> None:
        """Show everybody, the one at the screen marked. `words`: what is to be said, "" for what to do."""
        for n in range(len(self.options), len(people)):
            option = Option(f"who-{n + 1}", "", self.ground)
            option.clicked.connect(self._pressed)
            self.options.append(option)
        for n, option in enumerate(self.options):
            option.setVisible(n < len(people))
            if n < len(people):
                option.value = str(people[n].id)
                option.show_choice(Choice(option.value, people[n].name), _("People"), people[n].id == current)
        self.out.setVisible(current is not None)
        words = words or _("Scan a badge or choose your name.")
        if self.set_face((len(people), current is not None, words)):
            tell(self, _("Who is at the screen?"), words)

    def place(self, right: int, top: int, most_px: int) -> None:
        """Hang below the header, its right edge at `right`; what does not fit into the height scrolls."""
        count = self._face[0] if isinstance(self._face, tuple) else 0
        inner = PANEL_PX - 2 * _PAD_PX
        wide = (inner - _GAP_PX) // 2
        rows = -(-count // 2)
        list_px = rows * (OPTION_PX + _GAP_PX)
        y = _HEAD_PX + _WORDS_PX + 8
        self.badge.setGeometry(_PAD_PX, y, inner, HEIGHT_PX)
        y += HEIGHT_PX + 16
        rest = OPTION_PX + _PAD_PX + 8
        shown_px = max(min(list_px, most_px - y - rest), OPTION_PX)
        self.area.setGeometry(_PAD_PX, y, inner + 14, shown_px)
        if list_px > shown_px:
            wide = (inner - _GAP_PX - 6) // 2
        self.ground.resize(inner, max(list_px, 1))
        for n, option in enumerate(self.options[:count]):
            option.setGeometry(n % 2 * (wide + _GAP_PX), n // 2 * (OPTION_PX + _GAP_PX), wide, OPTION_PX)
        y += shown_px + 8
        half = (inner - _GAP_PX) // 2
        self.out.setGeometry(_PAD_PX, y, half, OPTION_PX)
        left = _PAD_PX if self.out.isHidden() else _PAD_PX + half + _GAP_PX
        self.close_button.setGeometry(left, y, _PAD_PX + inner - left, OPTION_PX)
        height = y + OPTION_PX + _PAD_PX
        self.setGeometry(right - PANEL_PX, top, PANEL_PX, height)

    def _pressed(self) -> None:
        option = self.sender()
        if isinstance(option, Option):
            self.chosen.emit(int(option.value))

    def _scanned(self) -> None:
        code = self.badge.text()
        self.badge.clear()
        if code.strip():
            self.scanned.emit(code)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes it."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Ground, the question and what to do."""
        card(painter, rect, tokens)
        paint.box(painter, rect, None, tokens.line_strong, radius=8, pen=2)
        card_head(painter, rect, tokens, _("Who is at the screen?"))
        if isinstance(self._face, tuple):
            place = QRectF(_PAD_PX, _HEAD_PX, rect.width() - 2 * _PAD_PX, _WORDS_PX)
            paint.text(painter, place, self._face[2], 16, tokens.ink2, least_px=14)
