"""What is below a control chart: what the rules found, or the values of the point that is chosen."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views.widgets.button import Button
from desktop.views.widgets.characteristic_list import draw_sign
from desktop.views.widgets.list_card import RowsCard
from desktop.views.widgets.painted import Painted, tell

ROW_PX = 68
_BUTTON_PX = 56


class FoundFace(Struct, frozen=True):
    """What a rule found: `sign` beyond or run; `point`: the place of the point to which a press leads,
    None where it is not shown any more."""

    title: str
    note: str
    sign: str
    point: int | None


class ValueFace(Struct, frozen=True):
    """A value of the chosen point. `number`: its id; `left_out`: the entry that left it out of the chart, 0: none."""

    figure: str
    note: str
    unit: str
    number: int
    left_out: int
    good: bool | None


class _Row(Painted):
    """Words with at most two buttons at the right."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(name, parent)
        self.first = Button(f"{name}-first", "", self, height=_BUTTON_PX)
        self.second = Button(f"{name}-second", "", self, height=_BUTTON_PX)

    def show_row(self, face: FoundFace | ValueFace, first: str, second: str) -> None:
        """Show words and buttons; "" hides one."""
        for button, words in ((self.first, first), (self.second, second)):
            button.setVisible(bool(words))
            if words:
                button.setText(words)
        if self.set_face(face):
            title = face.title if isinstance(face, FoundFace) else face.figure
            tell(self, title, face.note)
            for button in (self.first, self.second):
                tell(button, button.text() or title, title)
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        right = self.width() - 12
        for button in (self.second, self.first):
            if not button.isHidden():
                wide = button.sizeHint().width()
                button.setGeometry(right - wide, (self.height() - _BUTTON_PX) // 2, wide, _BUTTON_PX)
                right -= wide + 10
        self._free = right

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """A sign and two lines."""
        shown = self._face
        paint.line(painter, rect.left(), rect.top() + 0.5, rect.right(), rect.top() + 0.5, tokens.line)
        left = rect.left() + 52
        room = QRectF(left, rect.top() + 9, self._free - left - 8, 26)
        sign = QRectF(rect.left() + 16, rect.center().y() - 11, 22, 22)
        if isinstance(shown, FoundFace):
            if shown.sign == "beyond":
                draw_sign(painter, sign, "signal", tokens)
            else:
                box = sign.adjusted(3, 3, -3, -3)
                paint.box(painter, box, tokens.panel, tokens.ng, radius=8, pen=3)
            paint.text(painter, room, shown.title, 18, tokens.ink, bold=True, least_px=14)
            paint.text(painter, room.translated(0, 26), shown.note, 15, tokens.ink2, least_px=14)
        elif isinstance(shown, ValueFace):
            state = "few" if shown.good is None else "ok" if shown.good else "signal"
            draw_sign(painter, sign, state, tokens)
            ink = tokens.ng if shown.good is False else tokens.ink
            paint.text(painter, room, shown.figure, 18, ink, bold=True, least_px=14)
            paint.text(painter, room.translated(0, 26), shown.note, 15, tokens.ink2, least_px=14)


class _Rows(RowsCard):
    """Rows of this card, made as they are needed."""

    def __init__(self, name: str, title: str, parent: QWidget | None) -> None:
        super().__init__(name, title, ROW_PX, parent)
        self.rows: list[_Row] = []

    def in_order(self) -> Sequence[QWidget]:
        """The rows that there are."""
        return self.rows

    def _row(self, place: int) -> _Row:
        if place == len(self.rows):
            row = _Row(f"{self.objectName()}-{place + 1}", self.ground)
            row.first.clicked.connect(self._first_pressed)
            row.second.clicked.connect(self._second_pressed)
            row.show()
            self.rows.append(row)
        return self.rows[place]

    def _first_pressed(self) -> None:
        row = self.sender().parent()
        if isinstance(row, _Row):
            self.pressed(row._face, first=True)

    def _second_pressed(self) -> None:
        row = self.sender().parent()
        if isinstance(row, _Row):
            self.pressed(row._face, first=False)

    def pressed(self, face: object, *, first: bool) -> None:
        """A button of a row was pressed."""
        raise NotImplementedError

    def _hide_rest(self, count: int) -> None:
        for n, row in enumerate(self.rows):
            row.setVisible(n < count)


class FoundList(_Rows):
    """What the rules found, with the button by which all of it is acknowledged. `shown` asks for a point."""

    shown = Signal(int)
    head_px = 76

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("found", _("Signals"), parent)
        self.acknowledge = Button("found-seen", _("Acknowledge, enter what was done"), self)

    def show_found(self, faces: Sequence[FoundFace], empty: str, hint: str, *, asks: bool) -> None:
        """Show the findings; `asks`: nobody has acknowledged the newest yet."""
        for n, face in enumerate(faces):
            self._row(n).show_row(face, _("Show point") if face.point is not None else "", "")
        self._hide_rest(len(faces))
        self.acknowledge.setVisible(asks)
        self.show_head(len(faces), "", empty, hint, strong=asks)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The button stays at the right of the title."""
        super().resizeEvent(event)
        wide = min(self.acknowledge.sizeHint().width(), self.width() - 160)
        self.acknowledge.setGeometry(self.width() - 12 - wide, 10, wide, _BUTTON_PX)

    def pressed(self, face: object, *, first: bool) -> None:
        """A button of a row was pressed."""
        if isinstance(face, FoundFace) and first:
            self.shown.emit(face.point)


class PointValues(_Rows):
    """The values of the chosen point. `unit_wanted` carries the code of a unit, `left_out` a ValueFace."""

    unit_wanted = Signal(str)
    left_out = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("point-values", _("Chosen point"), parent)

    def show_values(self, title: str, faces: Sequence[ValueFace]) -> None:
        """Show the values of a point."""
        for n, face in enumerate(faces):
            act = _("Take in again") if face.left_out else _("Leave out")
            self._row(n).show_row(face, _("History") if face.unit else "", act)
        self._hide_rest(len(faces))
        self.show_head(len(faces), title, "", "", strong=False)

    def pressed(self, face: object, *, first: bool) -> None:
        """A button of a row was pressed."""
        if isinstance(face, ValueFace):
            if first:
                self.unit_wanted.emit(face.unit)
            else:
                self.left_out.emit(face)
