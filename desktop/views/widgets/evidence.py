"""Behind this figure 이 숫자의 근거: what a figure is made of, down to the intervals and the ids of their events."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from msgspec import Struct
from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QPainter, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop import paint
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views import theme
from desktop.views.widgets.button import Button
from desktop.views.widgets.painted import Painted, card, focus_ring, tell

HEAD_PX = 56
FOOT_PX = 72
PLATE_PX = 15  # size of the formula's letters
_PLATE_TOP = 156
_LINE_PX = 30
_RECORD_PX = 50

_Index = QModelIndex | QPersistentModelIndex


class Kind(StrEnum):
    """What a row of the panel is."""

    LINE = "line"  # a quantity and its figure
    TOTAL = "total"  # the same under a rule, in bold
    NOTE = "note"  # a sentence
    HEAD = "head"  # over what follows
    RECORD = "record"  # an interval or pieces, with the id of its event


class Row(Struct, frozen=True):
    """One row: what and how much; a record besides when, and the id of its event ("" without one)."""

    kind: Kind
    name: str
    figure: str = ""
    when: str = ""
    event: str = ""

    def words(self) -> str:
        """The row as text, its cells with tabs between."""
        cells = (self.when, self.name, self.figure, self.event)
        return "\t".join(cell for cell in cells if cell)


class EvidenceFace(Struct, frozen=True):
    """A figure, of when it is, the formula as the command line prints it, and its rows."""

    name: str
    window: str
    figure: str
    formula: str
    rows: tuple[Row, ...]

    def words(self) -> str:
        """All of it as text."""
        head = [f"{self.name} {self.figure}", self.window, self.formula]
        return "\n".join([*(line for line in head if line), *(row.words() for row in self.rows)])

    @property
    def records(self) -> int:
        """How many intervals and counts there are."""
        return sum(row.kind is Kind.RECORD for row in self.rows)


class RowModel(QAbstractListModel):
    """The rows under a figure."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[Row, ...] = ()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """How many rows."""
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The words of a row, for the eye, the keyboard and a screen reader."""
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.rows[index.row()].words().replace("\t", ", ")
        return self.rows[index.row()] if role == Qt.ItemDataRole.UserRole else None

    def show_rows(self, rows: tuple[Row, ...]) -> bool:
        """Show other rows. Returns whether they are laid out anew; figures that only changed stay in their places."""
        if [row.kind for row in rows] == [row.kind for row in self.rows]:
            self.rows = rows
            if rows:
                self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return False
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()
        return True


class _RowPainter(QStyledItemDelegate):
    """A quantity in one line, a record in two: when and how long, what and the id of its event."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """As high as what stands in it."""
        row: Row = index.data(Qt.ItemDataRole.UserRole)
        if row.kind is Kind.RECORD:
            return QSize(100, _RECORD_PX)
        if row.kind is Kind.NOTE:
            return QSize(100, 22 * len(self._note_lines(row)) + 8)
        if row.kind is Kind.LINE:
            return QSize(100, _LINE_PX + 22 * (len(line_parts(row.name, row.figure, self._wide())) - 1))
        return QSize(100, _LINE_PX + (14 if row.kind is Kind.HEAD else 0))

    def _wide(self) -> float:
        view = self.parent()
        return (view.viewport().width() if isinstance(view, QListView) else 300) - 36.0

    def _note_lines(self, row: Row) -> list[str]:
        return paint.broken(row.name, 15, self._wide() - 26)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """One row."""
        row: Row = index.data(Qt.ItemDataRole.UserRole)
        tokens, area = theme.tokens(), QRectF(option.rect)
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        inner = area.adjusted(20, 0, -16, 0)
        if row.kind is Kind.RECORD:
            _draw_record(painter, inner, row, tokens)
        elif row.kind is Kind.NOTE:
            theme.icon(painter, QRectF(inner.left(), inner.top() + 4, 18, 18), "info", tokens.ink2)
            for n, words in enumerate(self._note_lines(row)):
                place = QRectF(inner.left() + 26, inner.top() + 2 + 22 * n, inner.width() - 26, 22)
                paint.text(painter, place, words, 15, tokens.ink, least_px=14)
        elif row.kind is Kind.HEAD:
            place = inner.adjusted(0, 12, 0, 0)
            paint.text(painter, place, row.name, 15, tokens.ink, bold=True, least_px=14)
            paint.line(painter, inner.left(), area.bottom() - 0.5, inner.right(), area.bottom() - 0.5, tokens.line)
        else:
            draw_line(painter, inner, row.name, row.figure, tokens, total=row.kind is Kind.TOTAL)
        if option.state & QStyle.StateFlag.State_HasFocus:
            focus_ring(painter, area.adjusted(4, 0, -4, 0), tokens, 4)
        painter.restore()


def draw_line(painter: QPainter, row: QRectF, name: str, figure: str, tokens: Tokens, *, total: bool) -> None:
    """A quantity at the left and its figure at the right; a total stands under a rule."""
    if total:
        paint.line(painter, row.left(), row.top() + 0.5, row.right(), row.top() + 0.5, tokens.line_strong)
        room = row.adjusted(0, 0, -paint.width(figure, 16, True) - 10, 0)
        paint.text(painter, room, name, 16, tokens.ink, bold=True, least_px=14)
        paint.text(painter, row, figure, 16, tokens.ink, bold=True, align=paint.RIGHT, least_px=14)
        return
    parts = line_parts(name, figure, row.width())
    top = row.center().y() - 11 * len(parts)
    for n, words in enumerate(parts):
        place = QRectF(row.left() + 10, top + 22 * n, row.width() - 10, 22)
        paint.text(painter, place, words, 16, tokens.ink2, least_px=14)
    place = QRectF(row.left(), top + 22 * (len(parts) - 1), row.width(), 22)
    paint.text(painter, place, figure, 16, tokens.ink, align=paint.RIGHT, least_px=14)


def line_parts(name: str, figure: str, width_px: float) -> list[str]:
    """The name of a quantity in as many lines as it needs beside its figure."""
    return paint.broken(name, 16, width_px - paint.width(figure, 16) - 20)


def _draw_record(painter: QPainter, inner: QRectF, row: Row, tokens: Tokens) -> None:
    upper = QRectF(inner.left(), inner.top() + 4, inner.width(), 22)
    lower = upper.translated(0, 20)
    wide = paint.width(row.figure, 15, True) + 2
    paint.text(painter, upper.adjusted(0, 0, -wide - 8, 0), row.when, 15, tokens.ink, least_px=14)
    paint.text(painter, upper, row.figure, 15, tokens.ink, bold=True, align=paint.RIGHT, least_px=14)
    wide = paint.width(row.event, 14) + 2 if row.event else 0.0
    paint.text(painter, lower.adjusted(0, 0, -wide - 8, 0), row.name, 14, tokens.ink2)
    if row.event:
        paint.text(painter, lower, row.event, 14, tokens.ink2, align=paint.RIGHT)
    paint.line(painter, inner.left(), inner.bottom() - 0.5, inner.right(), inner.bottom() - 0.5, tokens.line)


class RowList(QListView):
    """The rows; arrow keys and Page Up and Down go through them."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.evidence = RowModel(self)
        self.setModel(self.evidence)
        self.setItemDelegate(_RowPainter(self))
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def show_rows(self, rows: tuple[Row, ...]) -> None:
        """Show the rows; who reads further down stays there."""
        place, row = self.verticalScrollBar().value(), self.currentIndex().row()
        if self.evidence.show_rows(rows):
            self.doItemsLayout()
            if 0 <= row < len(rows):
                self.setCurrentIndex(self.evidence.index(row))
            self.verticalScrollBar().setValue(place)

    def seen(self) -> int:
        """How many records lie above the lower edge."""
        last = self.indexAt(self.viewport().rect().bottomLeft())
        end = last.row() + 1 if last.isValid() else len(self.evidence.rows)
        return sum(row.kind is Kind.RECORD for row in self.evidence.rows[:end])


class Evidence(Painted):
    """The panel over the right column: head, figure, formula, rows, and how many of how many records are in sight."""

    closed = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.close_button = Button(f"{name}-close", "", self, icon="cross")
        tell(self.close_button, _("Close"), "Esc")
        self.copy = Button(f"{name}-copy", _("Copy"), self)
        tell(self.copy, _("Copy"), _("Everything in this panel as text"))
        self.before = Button(f"{name}-before", "", self, icon="trace")  # of a stop, where a screen leads on from it
        tell(self.before, _("Pieces made in the 20 minutes before it, and what they measured"))
        self.before.setToolTip(self.before.accessibleName())
        self.before.hide()
        self.rows = RowList(f"{name}-rows", self)
        self.rows.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.close_button.clicked.connect(self.closed)
        self.copy.clicked.connect(self._copy)
        self.words = ""

    def show_evidence(self, shown: EvidenceFace) -> None:
        """Show what a figure is made of."""
        other = not isinstance(self._face, EvidenceFace) or self._face.name != shown.name
        if self.set_face(shown):
            self.words = shown.words()
            tell(self, " ".join((_("Behind this figure"), shown.name, shown.figure)), shown.formula or shown.window)
            tell(self.rows, shown.name, self.words)
            self.rows.show_rows(shown.rows)
            if other:
                self.rows.scrollToTop()
            self._place()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.words)

    def _scrolled(self) -> None:
        self.update()

    def _plate(self) -> list[str]:
        shown = self._face
        words = shown.formula if isinstance(shown, EvidenceFace) else ""
        return paint.broken(words, PLATE_PX, self.width() - 64) if words else []

    def _rows_top(self) -> int:
        lines = len(self._plate())
        return _PLATE_TOP + (lines * 22 + 26 if lines else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another height holds another number of rows."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        self.close_button.setGeometry(self.width() - 64, 6, 56, 56)
        top = self._rows_top()
        self.rows.setGeometry(6, top, self.width() - 8, max(self.height() - top - FOOT_PX, 0))
        wide = self.copy.sizeHint().width()
        self.copy.setGeometry(self.width() - wide - 8, self.height() - 64, wide, 56)
        self.before.setGeometry(self.copy.x() - 64, self.height() - 64, 56, 56)
        self.update()

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Ground, head, figure, formula and foot; the rows are a list of their own."""
        card(painter, rect, tokens)
        paint.box(painter, QRectF(rect.left(), rect.top() + 6, 4, rect.height() - 12), tokens.accent)
        shown = self._face
        if not isinstance(shown, EvidenceFace):
            return
        inner = rect.adjusted(24, 0, -20, 0)
        theme.icon(painter, QRectF(inner.left(), rect.top() + 19, 22, 22), "info", tokens.accent)
        head = QRectF(inner.left() + 32, rect.top() + 16, inner.width() - 32 - 56, 28)
        paint.text(painter, head, _("Behind this figure"), 18, tokens.ink, bold=True, least_px=14)
        name = QRectF(inner.left(), 54, inner.width() - 48, 24)
        paint.text(painter, name, shown.name, 16, tokens.ink, bold=True, least_px=14)
        figure = QRectF(inner.left(), 80, inner.width(), 46)
        paint.text(painter, figure, shown.figure, 40, tokens.ink, bold=True, least_px=24)
        paint.text(painter, QRectF(inner.left(), 126, inner.width(), 22), shown.window, 15, tokens.ink2, least_px=14)
        lines = self._plate()
        if lines:
            plate = QRectF(inner.left(), _PLATE_TOP, inner.width(), len(lines) * 22 + 16)
            paint.box(painter, plate, tokens.panel2, tokens.line, radius=6)
            for n, words in enumerate(lines):
                place = QRectF(plate.left() + 10, plate.top() + 8 + n * 22, plate.width() - 20, 22)
                paint.text(painter, place, words, PLATE_PX, tokens.ink, least_px=14)
        foot = rect.bottom() - FOOT_PX + 0.5
        paint.line(painter, rect.left() + 5, foot, rect.right() - 1, foot, tokens.line)
        if shown.records:
            words = _("{seen} of {count} records").format(seen=f"{self.rows.seen():,}", count=f"{shown.records:,}")
            last = self.copy if self.before.isHidden() else self.before
            room = QRectF(inner.left(), foot + 8, last.x() - inner.left() - 8, 56)
            paint.text(painter, room, words, 15, tokens.ink2, least_px=14)


def note_rows(notes: Sequence[str]) -> tuple[Row, ...]:
    """Sentences that a reader of a figure must know."""
    return tuple(Row(Kind.NOTE, note) for note in notes)
