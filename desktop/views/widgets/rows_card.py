"""A card whose rows stand below each other and scroll; subclasses make and fill the rows."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from desktop import paint
from desktop.views.widgets.cards import ListCard, ListFace
from desktop.views.widgets.painted import own_viewport, tell


class RowsCard(ListCard):
    """Rows below each other that scroll; a subclass fills them."""

    foot_px = 0  # of what a subclass places under the rows

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

    def wanted_px(self, most: int) -> int:
        """The height that shows so many rows, or what stands there without any."""
        return self.head_px + (self._row_px * min(self.count, most) or 76) + self.foot_px + 2

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
        whole = self._row_px * self.count
        self.area.setGeometry(1, self.head_px, self.width() - 2, min(room, whole))
        bar = self.area.verticalScrollBar().sizeHint().width() if whole > room else 0
        self.ground.resize(self.area.width() - bar, whole)
        for index, row in enumerate(self.in_order()[: self.count]):
            row.setGeometry(0, index * self._row_px, self.ground.width(), self._row_px)


def fitting(note: str, room: float) -> str:
    """As many parts of a note as have room, from the front."""
    parts = note.split(" · ")
    while len(parts) > 1 and paint.width(" · ".join(parts), 14) > room:
        parts.pop()
    return " · ".join(parts)
