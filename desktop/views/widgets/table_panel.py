"""A table that people take away: as many rows as there are, copy, CSV and Excel."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QRectF, Qt, Signal
from PySide6.QtGui import QGuiApplication, QPainter, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from desktop import paint
from desktop.reports.blocks import Heading, Kind, Section, Table
from desktop.reports.cells import shown as words_of
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views.widgets.button import Button
from desktop.views.widgets.painted import Painted, card, tell

HEAD_PX = 72
ROW_PX = 40

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
        kind = self._table.columns[index.column()].kind
        if role == Qt.ItemDataRole.DisplayRole:
            return words_of(self._table.rows[index.row()][index.column()], kind, self._timezone)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _align(kind)
        return None

    def headerData(self, section: int, way: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The title of a column."""
        if way is not Qt.Orientation.Horizontal:
            return None
        column = self._table.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{column.title} %" if column.kind is Kind.RATIO else column.title
        return _align(column.kind) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def words(self) -> str:
        """Head and rows with tabs between, as spreadsheets paste it."""
        columns = range(self.columnCount())
        lines = [[str(self.headerData(n, Qt.Orientation.Horizontal)) for n in columns]]
        lines += [[str(self.index(row, n).data()) for n in columns] for row in range(self.rowCount())]
        return "\n".join("\t".join(line) for line in lines)


def _align(kind: Kind) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignLeft if kind is Kind.TEXT else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignVCenter


class TablePanel(Painted):
    """Title, how many rows of how many, three buttons, and the table."""

    file_wanted = Signal(object, str)  # the Section, "csv" or "xlsx"

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.table = TableModel(self)
        self._section: Section | None = None
        self.view = QTableView(self)
        self.view.setObjectName(f"{name}-table")
        self.view.setModel(self.table)
        self.view.setFrameShape(QTableView.Shape.NoFrame)
        self.view.setShowGrid(False)
        self.view.setFont(paint.font(16))
        self.view.setTabKeyNavigation(False)
        self.view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.view.verticalHeader().hide()
        self.view.verticalHeader().setDefaultSectionSize(ROW_PX)
        self.view.horizontalHeader().setFont(paint.font(15))
        self.view.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.view.horizontalHeader().setObjectName(f"{name}-head")
        tell(self.view.horizontalHeader(), _("Columns"))
        self.copy = Button(f"{name}-copy", _("Copy"), self)
        self.csv = Button(f"{name}-csv", "CSV", self)
        self.xlsx = Button(f"{name}-xlsx", "Excel", self)
        self.copy.clicked.connect(self._copy)
        self.csv.clicked.connect(self._save)
        self.xlsx.clicked.connect(self._save)

    def show_table(self, title: str, note: str, table: Table, timezone: str) -> None:
        """Show a table. `note`: of when and of how many it speaks."""
        section = Section(self.objectName(), (Heading(title, note), table))
        if section == self._section:
            return
        self._section = section
        self.table.show_table(table, timezone)
        self.set_face((title, note))
        tell(self, title, note)
        tell(self.view, title, note)
        for button in (self.copy, self.csv, self.xlsx):
            button.setEnabled(bool(table.rows))

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
        self.view.setGeometry(8, HEAD_PX, self.width() - 16, self.height() - HEAD_PX - 8)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Ground and head."""
        card(painter, rect, tokens)
        if isinstance(self._face, tuple):
            title, note = self._face
            room = QRectF(rect.left() + 20, rect.top() + 11, self.copy.x() - 32, 26)
            paint.text(painter, room, title, 18, tokens.ink, bold=True, least_px=14)
            paint.text(painter, room.translated(0, 24), note, 15, tokens.ink2, least_px=14)
