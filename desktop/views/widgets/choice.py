"""A field in which one of several is chosen, as the design has fields: what it is in small, what holds in bold."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRectF, QSignalBlocker, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox, QListView, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop import paint
from desktop.views import theme
from desktop.views.widgets.painted import begin, draw_chosen, focus_ring, tell

HEIGHT_PX = 56
ROW_PX = 52
_CAPTION_PX, _VALUE_PX, _PAD_PX = 14, 17, 14
_MOST_SHOWN = 12  # rows of the open list


class _Row(QStyledItemDelegate):
    """A line of the open list: the one that holds has a tick, the one that is meant an accent bar."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Qt asks for the picture."""
        tokens = theme.tokens()
        rect = QRectF(option.rect)
        field = self.parent()
        holds = isinstance(field, QComboBox) and field.currentIndex() == index.row()
        meant = bool(option.state & option.state.State_Selected)
        paint.box(painter, rect, tokens.panel)
        if meant:
            draw_chosen(painter, rect, tokens)
        if index.row():
            paint.line(painter, rect.left(), rect.top() + 0.5, rect.right(), rect.top() + 0.5, tokens.line)
        if holds:
            theme.icon(painter, QRectF(rect.left() + 14, rect.center().y() - 10, 20, 20), "check", tokens.accent)
        room = rect.adjusted(42, 0, -_PAD_PX, 0)
        paint.text(painter, room, str(index.data()), _VALUE_PX, tokens.ink, bold=holds, least_px=14)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """High enough for a finger."""
        return QSize(round(paint.width(str(index.data()), _VALUE_PX, True)) + 42 + 2 * _PAD_PX, ROW_PX)


class ChoiceField(QComboBox):
    """One of several, by mouse, touch, keyboard and screen reader."""

    def __init__(self, name: str, caption: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._caption = caption
        tell(self, caption, caption)  # on Linux Qt reads the value out as the name
        self.setMaxVisibleItems(_MOST_SHOWN)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # the wheel belongs to the page
        self.setStyleSheet("QComboBox { combobox-popup: 0; }")  # the list below the field, not over it
        rows = QListView(self)
        rows.setObjectName(f"{name}-list")
        rows.setFrameShape(QListView.Shape.NoFrame)
        rows.setItemDelegate(_Row(self))
        tell(rows, caption)
        self.setView(rows)

    def offer(self, items: Sequence[tuple[str, object]]) -> None:
        """Offer these choices (words, value) and keep the one that holds, without a signal; else the first holds."""
        if [(self.itemText(n), self.itemData(n)) for n in range(self.count())] == list(items):
            return
        with QSignalBlocker(self):
            held = self.currentData()
            self.clear()
            for words, value in items:
                self.addItem(words, value)
            self.setCurrentIndex(max(self.findData(held), 0))
        self.update()

    def choose(self, value: object) -> bool:
        """Let a value hold that is offered. Returns whether it is."""
        place = self.findData(value)
        if place >= 0:
            self.setCurrentIndex(place)
        return place >= 0

    def sizeHint(self) -> QSize:
        """Wide enough for its longest choice."""
        words = (self.itemText(n) for n in range(self.count()))
        widest = max([paint.width(self._caption, _CAPTION_PX), *(paint.width(each, _VALUE_PX, True) for each in words)])
        return QSize(round(widest) + 2 * _PAD_PX + 34, HEIGHT_PX)

    def minimumSizeHint(self) -> QSize:
        """As `sizeHint`."""
        return self.sizeHint()

    def showPopup(self) -> None:
        """Open the list, as wide as its longest row."""
        wide = max(self.view().sizeHintForColumn(0), self.width())
        self.view().setMinimumWidth(wide)
        super().showPopup()

    def event(self, event: QEvent) -> bool:
        """The mouse comes and goes."""
        if event.type() in (QEvent.Type.HoverEnter, QEvent.Type.HoverLeave):
            self.update()
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Caption, value and an arrow."""
        painter = begin(self)
        tokens = theme.tokens()
        rect = QRectF(self.rect())
        ground = tokens.accent_soft if self.underMouse() else tokens.panel
        paint.box(painter, rect, ground, tokens.line_strong, radius=6)
        room = QRectF(_PAD_PX, 6, rect.width() - 2 * _PAD_PX - 26, 20)
        paint.text(painter, room, self._caption, _CAPTION_PX, tokens.ink2, least_px=14)
        value = QRectF(room.left(), 26, room.width(), 24)
        paint.text(painter, value, self.currentText(), _VALUE_PX, tokens.ink, bold=True, least_px=14)
        theme.icon(painter, QRectF(rect.right() - 34, rect.center().y() - 10, 20, 20), "arrow-down", tokens.ink2)
        if self.hasFocus():
            focus_ring(painter, rect, tokens, 6)
        painter.end()
