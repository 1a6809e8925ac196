"""Cards with a head and rows to press: rows that have their places, and rows below each other that scroll."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from desktop import paint
from desktop.tokens import Look, Tokens
from desktop.views import theme
from desktop.views.widgets.painted import Painted, card, card_head, own_viewport, tell

_HEAD_PX = 52


class ListFace(Struct, frozen=True):
    """Head and empty sentence of a list card; its rows are widgets."""

    title: str
    note: str
    strong: bool
    empty: str
    hint: str
    count: int
    known: bool = True


class ListCard(Painted):
    """A card with a head and pressable rows; empty it says what will appear here."""

    opened = Signal(int)
    head_px = _HEAD_PX
    empty_sign = "check"  # nothing waits; where something has yet to be set up or chosen, what it is

    def _row_pressed(self) -> None:
        machine = self.sender().property("machine")
        self.opened.emit(int(machine))

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Ground and head."""
        card(painter, rect, tokens)
        shown = self._face
        if not isinstance(shown, ListFace):
            return
        head = QRectF(rect.left(), rect.top() + (self.head_px - _HEAD_PX) / 2, rect.width(), _HEAD_PX)
        card_head(painter, head, tokens, shown.title, shown.note, strong=shown.strong)
        if not shown.count:
            y = self.head_px + 0.5
            paint.line(painter, rect.left() + 1, y, rect.right() - 1, y, tokens.line)
            self._draw_empty(painter, rect.adjusted(0, self.head_px, 0, 0), shown, tokens)

    def _draw_empty(self, painter: QPainter, area: QRectF, shown: ListFace, tokens: Tokens) -> None:
        """A sentence of what will appear: beside its sign, or below it where the card is high."""
        high = area.height() >= 150
        middle = area.center().y()
        if high:
            sign = QRectF(area.center().x() - 18, middle - 62, 36, 36)
            room = QRectF(area.left() + 16, middle - 14, area.width() - 32, 28)
            align, size_px = paint.CENTER, 18
        else:
            sign = QRectF(area.left() + 20, middle - 12, 24, 24)
            room = QRectF(area.left() + 56, middle - 26, area.width() - 72, 26)
            align, size_px = paint.LEFT, 16
        if shown.known:
            theme.icon(painter, sign, self.empty_sign, tokens.ink2)
        else:
            paint.state_shape(painter, sign, Look.NO_DATA, tokens.ink2)
        paint.text(painter, room, shown.empty, size_px, tokens.ink, bold=True, align=align, least_px=14)
        below = QRectF(room.left(), room.bottom(), room.width(), 24)
        paint.text(painter, below, shown.hint, 15, tokens.ink2, align=align, least_px=14)


class RowsCard(ListCard):
    """Rows below each other that scroll; a subclass fills them."""

    foot_px = 0  # of what a subclass places under the rows
    empty_px = 76  # of the sentence that stands there without rows
    whole_rows = False  # whether a part of the last row in sight would look cut off

    def __init__(self, name: str, title: str, row_px: int, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.title = title
        self._row_px = row_px
        self.area = QScrollArea(self)
        own_viewport(self.area)
        self.area.setObjectName(f"{name}-rows")
        self.area.setFrameShape(QScrollArea.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.verticalScrollBar().setSingleStep(row_px)
        tell(self.area, title)
        self.ground = QWidget(self.area)
        self.ground.setObjectName(f"{name}-page")
        self.area.setWidget(self.ground)
        self.ground.setAutoFillBackground(False)
        self.count = 0

    def in_order(self) -> Sequence[QWidget]:
        """The rows that there are."""
        raise NotImplementedError

    def px_of(self, _place: int) -> int:
        """The height of a row."""
        return self._row_px

    def wanted_px(self, most: int) -> int:
        """The height that shows so many rows, or what stands there without any."""
        return self.head_px + (self._row_px * min(self.count, most) or self.empty_px) + self.foot_px + 2

    def show_head(self, count: int, note: str, empty: str, hint: str, *, strong: bool) -> None:
        """Title and note; `empty` and `hint` stand where there are no rows."""
        if count != self.count:
            self.count = count
            self._place()
        self.set_face(ListFace(self.title, note, strong, empty, hint, count))
        tell(self, self.title, note or empty)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another height holds another number of rows."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        self.area.setVisible(bool(self.count))
        room = max(self.height() - self.head_px - self.foot_px - 2, self._row_px)
        room -= room % self._row_px if self.whole_rows else 0
        heights = [self.px_of(place) for place in range(self.count)]
        whole = sum(heights)
        self.area.setGeometry(1, self.head_px, self.width() - 2, min(room, whole))
        bar = self.area.verticalScrollBar().sizeHint().width() if whole > room else 0
        self.ground.resize(self.area.width() - bar, whole)
        top = 0
        for row, height in zip(self.in_order(), heights, strict=False):
            row.setGeometry(0, top, self.ground.width(), height)
            top += height


def fitting(note: str, room: float, *, bold: bool = False) -> str:
    """As many parts of a note as have room, from the front."""
    parts = note.split(" · ")
    while len(parts) > 1 and paint.width(" · ".join(parts), 14, bold) > room:
        parts.pop()
    return " · ".join(parts)
