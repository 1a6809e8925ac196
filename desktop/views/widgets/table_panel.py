"""A table that people take away: as many rows as there are, copy, CSV and Excel."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QGuiApplication, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from desktop import paint
from desktop.reports.blocks import Column, Heading, Kind, Section, Table
from desktop.reports.cells import shown as words_of
from desktop.reports.cells import unit_title
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views import theme
from desktop.views.widgets.button import Button
from desktop.views.widgets.painted import Painted, card, draw_chosen, focus_ring, tell

HEAD_PX = 72
COLUMNS_PX = 36
ROW_PX = 44
_TEXT_PX, _TITLE_PX, _PAD_PX = 17, 15, 10
_MEASURED = 200  # rows by which the columns get their widths

_Index = QModelIndex | QPersistentModelIndex


class TableModel(QAbstractTableModel):
    """A table of a report in words."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._table = Table((), ())
        self._timezone = "UTC"

    def show_table(self, table: Table, timezone: str) -> None:
        """Show another table."""
        self.beginResetModel()
        self._table, self._timezone = table, timezone
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """How many rows."""
        return 0 if parent.isValid() else len(self._table.rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """How many columns."""
        return 0 if parent.isValid() else len(self._table.columns)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A value as a page shows it; figures stand at the right."""
        column = self._table.columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return words_of(self._table.rows[index.row()][index.column()], column.kind, self._timezone)
        return _align(column) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def strong(self, column: int) -> bool:
        """Whether the figures of a column are the ones to look at."""
        return self._table.columns[column].strong

    def wide(self, column: int) -> float:
        """How wide a column is by its title and its first rows."""
        title = paint.width(str(self.headerData(column, Qt.Orientation.Horizontal)), _TITLE_PX)
        rows = range(min(self.rowCount(), _MEASURED))
        bold = self.strong(column)
        return max([title, *(paint.width(str(self.index(row, column).data()), _TEXT_PX, bold) for row in rows)])

    def headerData(self, section: int, way: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The title of a column."""
        if way is not Qt.Orientation.Horizontal:
            return None
        column = self._table.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return unit_title(column.title, column.kind)
        return _align(column) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def words(self) -> str:
        """Head and rows with tabs between, as spreadsheets paste it."""
        columns = range(self.columnCount())
        lines = [[str(self.headerData(n, Qt.Orientation.Horizontal)) for n in columns]]
        lines += [[str(self.index(row, n).data()) for n in columns] for row in range(self.rowCount())]
        return "\n".join("\t".join(line) for line in lines)


def _align(column: Column) -> Qt.AlignmentFlag:
    left = column.kind is Kind.TEXT and not column.figures
    side = Qt.AlignmentFlag.AlignLeft if left else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignVCenter


class _Columns(QHeaderView):
    """The titles of the columns over one line."""

    def __init__(self, name: str, parent: QTableView) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setObjectName(name)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setFixedHeight(COLUMNS_PX)
        tell(self, _("Columns"))

    def sizeHint(self) -> QSize:
        """The height of the line of titles."""
        return QSize(super().sizeHint().width(), COLUMNS_PX)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        """Qt asks for one title."""
        tokens, area = theme.tokens(), QRectF(rect)
        model = self.model()
        painter.save()
        paint.box(painter, area, tokens.panel)
        paint.line(painter, area.left(), area.bottom() - 0.5, area.right(), area.bottom() - 0.5, tokens.line_strong)
        words = str(model.headerData(section, self.orientation()))
        align = model.headerData(section, self.orientation(), Qt.ItemDataRole.TextAlignmentRole)
        room = area.adjusted(_PAD_PX, 0, -_PAD_PX, 0)
        paint.text(painter, room, words, _TITLE_PX, tokens.ink3, align=align, least_px=14)
        painter.restore()


class _Cells(QStyledItemDelegate):
    """A cell over a divider; figures right, the row that is meant with an accent bar."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Qt asks for one cell."""
        tokens, model = theme.tokens(), index.model()
        area, state = QRectF(option.rect), option.state
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        if state & QStyle.StateFlag.State_Selected:
            paint.box(painter, area, tokens.accent_soft)
            if index.column() == 0:
                draw_chosen(painter, area, tokens)
        paint.line(painter, area.left(), area.bottom() - 0.5, area.right(), area.bottom() - 0.5, tokens.line)
        strong = isinstance(model, TableModel) and model.strong(index.column())
        room = area.adjusted(_PAD_PX, 0, -_PAD_PX, 0)
        align = index.data(Qt.ItemDataRole.TextAlignmentRole)
        paint.text(painter, room, str(index.data()), _TEXT_PX, tokens.ink, bold=strong, align=align, least_px=14)
        if state & QStyle.StateFlag.State_HasFocus:
            focus_ring(painter, area, tokens, 2)
        painter.restore()


class _Empty(Painted):
    """What stands in the place of rows where there are none."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(name, parent)
        self.hide()

    def say(self, words: str) -> None:
        """Say this."""
        if self.set_face(words):
            tell(self, words)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """The sentence."""
        paint.paragraph(painter, rect, str(self._face or ""), _TEXT_PX, tokens.ink2, most=2)


class TablePanel(Painted):
    """Title, how many rows of how many, three buttons, and the table."""

    file_wanted = Signal(object, str)  # the Section, "csv" or "xlsx"
    row_wanted = Signal(int)  # Enter or a double click on a row

    def __init__(self, name: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.title = title
        self.table = TableModel(self)
        self._section: Section | None = None
        self.view = QTableView(self)
        self.view.setObjectName(f"{name}-table")
        self.view.setModel(self.table)
        self.view.setFrameShape(QTableView.Shape.NoFrame)
        self.view.setShowGrid(False)
        self.view.setHorizontalHeader(_Columns(f"{name}-head", self.view))
        self.view.setItemDelegate(_Cells(self.view))
        self.view.setTabKeyNavigation(False)
        self.view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.view.verticalHeader().hide()
        self.view.verticalHeader().setDefaultSectionSize(ROW_PX)
        self.view.viewport().installEventFilter(self)
        self._empty = _Empty(f"{name}-empty", self)
        self.view.activated.connect(self._activated)
        self.copy = Button(f"{name}-copy", _("Copy"), self)
        self.csv = Button(f"{name}-csv", "CSV", self)
        self.xlsx = Button(f"{name}-xlsx", "Excel", self)
        self.copy.clicked.connect(self._copy)
        self.csv.clicked.connect(self._save)
        self.xlsx.clicked.connect(self._save)
        for button in (self.copy, self.csv, self.xlsx):
            tell(button, f"{title}: {button.text()}")
            button.setEnabled(False)
        tell(self, title, _("Being read"))
        tell(self.view, title, _("Being read"))

    def show_table(self, note: str, table: Table, timezone: str, empty: str = "") -> None:
        """Show a table. `note`: of when and of how many it speaks; `empty` stands where there are no rows."""
        section = Section(self.objectName(), (Heading(self.title, note), table))
        if section == self._section:
            return
        self._section = section
        self.table.show_table(table, timezone)
        self._fit()
        self._empty.setVisible(bool(empty) and not table.rows)
        self._empty.say(empty)
        self.set_face(note)
        tell(self, self.title, note)
        tell(self.view, self.title, note if table.rows or not empty else f"{note} {empty}")
        for button in (self.copy, self.csv, self.xlsx):
            button.setEnabled(bool(table.rows))

    def _fit(self) -> None:
        """Columns as wide as they need, and the room that is left shared out among them."""
        wide = [self.table.wide(n) + 2 * _PAD_PX + 2 for n in range(self.table.columnCount())]
        if wide:
            more = max(self.view.viewport().width() - sum(wide), 0) / len(wide)
            edges = [round(sum(wide[:n]) + n * more) for n in range(len(wide) + 1)]
            for n in range(len(wide)):
                self.view.setColumnWidth(n, edges[n + 1] - edges[n])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Another room for the columns: the panel's, or one that a scroll bar takes or leaves."""
        if event.type() is QEvent.Type.Resize and watched is self.view.viewport():
            self._fit()
        return super().eventFilter(watched, event)

    def _activated(self, index: QModelIndex) -> None:
        self.row_wanted.emit(index.row())

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.table.words())

    def _save(self) -> None:
        if self._section is not None:
            self.file_wanted.emit(self._section, "csv" if self.sender() is self.csv else "xlsx")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Buttons at the right of the head, the table below it."""
        super().resizeEvent(event)
        right = self.width() - 10
        for button in (self.xlsx, self.csv, self.copy):
            wide = button.sizeHint().width()
            right -= wide
            button.setGeometry(right, 8, wide, button.sizeHint().height())
            right -= 8
        room = self.height() - HEAD_PX - 8
        rows = max((room - COLUMNS_PX) // ROW_PX, 1)  # part of a row would look cut off
        self.view.setGeometry(10, HEAD_PX, self.width() - 20, min(room, COLUMNS_PX + rows * ROW_PX))
        self._empty.setGeometry(20, HEAD_PX + COLUMNS_PX + 16, self.width() - 40, 56)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Ground and head."""
        card(painter, rect, tokens)
        room = QRectF(rect.left() + 20, rect.top() + 11, self.copy.x() - 32, 26)
        paint.text(painter, room, self.title, 18, tokens.ink, bold=True, least_px=14)
        if isinstance(self._face, str):
            paint.text(painter, room.translated(0, 24), self._face, 15, tokens.ink2, least_px=14)
