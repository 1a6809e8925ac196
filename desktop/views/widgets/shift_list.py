"""The shifts to choose a report from, newest first."""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop import paint
from desktop.domain.figures.losses import ShiftFigures
from desktop.domain.figures.report import ShiftReport
from desktop.domain.spans import Span
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views import theme
from desktop.views.widgets.painted import Painted, card, card_head, focus_ring, tell
from desktop.views.widgets.shift_steps import asking_words
from desktop.wording.moments import day_words, shift_words, span_words
from desktop.wording.numbers import UNKNOWN, percent, pieces

ROW_PX = 64
HEAD_PX = 52

_Index = QModelIndex | QPersistentModelIndex


class RowFace(Struct, frozen=True):
    """One shift of the list as words."""

    span: Span
    date: str
    day: str
    name: str
    hours: str
    oee: str
    made: str
    asks: str = ""  # how many of its stops ask for a reason, where it is not closed

    def words(self) -> str:
        """All of it, the date first: typing a date goes there."""
        oee = f"OEE {self.oee}" if self.made else self.oee
        said = (self.date, self.day, self.name, self.hours, self.asks, oee, self.made)
        return ", ".join(part for part in said if part)


def row_face(row: ShiftFigures, timezone: str, report: ShiftReport | None = None, asks: int = 0) -> RowFace:
    """A shift: business date, name and crew, hours, OEE, good pieces of the target, how many of its stops ask. Of the
    one that runs they are those of the page that stands beside it (`report`), else only that it runs."""
    hours = span_words(row.shift.span.start_ms, row.shift.span.end_ms, timezone)
    if not row.over and report is not None and report.shift.span == row.shift.span:
        hours = f"{hours} · " + _("running")
        oee = percent(report.line.oee if report.line else None)
        made = f"{pieces(report.good)} / {pieces(report.target)}"
    elif not row.over:
        oee, made = _("running"), ""
    elif row.good is None:
        oee, made = UNKNOWN, _("not added up yet")
    else:
        oee, made = percent(row.kpis.oee if row.kpis else None), f"{pieces(row.good)} / {pieces(row.target)}"
    on = row.shift.business_on
    waits = asking_words(asks) if asks else ""
    return RowFace(row.shift.span, on.isoformat(), day_words(on), shift_words(row.shift), hours, oee, made, waits)


class ShiftModel(QAbstractListModel):
    """The shifts, newest first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[RowFace, ...] = ()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """How many shifts."""
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The words of a shift, for the eye, the keyboard and a screen reader."""
        if not index.isValid():
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.rows[index.row()].words()
        return self.rows[index.row()] if role == Qt.ItemDataRole.UserRole else None

    def show_rows(self, rows: tuple[RowFace, ...]) -> bool:
        """Show other shifts. Where older ones have only come behind those that are there, or the same have other
        figures, False: nothing has moved."""
        before = len(self.rows)
        if before == len(rows) and [row.span for row in rows] == [row.span for row in self.rows]:
            changed = [n for n, (old, new) in enumerate(zip(self.rows, rows, strict=True)) if old != new]
            self.rows = rows
            for n in changed:
                self.dataChanged.emit(self.index(n), self.index(n))
            return False
        if before and rows[:before] == self.rows:
            self.beginInsertRows(QModelIndex(), before, len(rows) - 1)
            self.rows = rows
            self.endInsertRows()
            return False
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()
        return True


class _RowPainter(QStyledItemDelegate):
    """Two lines a shift: when and who at the left, how it went at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Every row is as high as a finger."""
        return QSize(200, ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """One row."""
        row: RowFace = index.data(Qt.ItemDataRole.UserRole)
        tokens = theme.tokens()
        area = QRectF(option.rect)
        state = option.state
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        if state & QStyle.StateFlag.State_Selected:
            paint.box(painter, area, tokens.accent_soft)
            paint.box(painter, QRectF(area.left(), area.top(), 5, area.height()), tokens.accent)
        paint.line(painter, area.left(), area.bottom() - 0.5, area.right(), area.bottom() - 0.5, tokens.line)
        right_px = 112.0
        left = QRectF(area.left() + 18, area.top() + 8, area.width() - right_px - 34, 26)
        right = QRectF(area.right() - right_px - 14, area.top() + 8, right_px, 26)
        paint.text(painter, left, f"{row.day} · {row.name}", 17, tokens.ink, bold=True, least_px=14)
        below = left.translated(0, 25)
        paint.text(painter, below, row.hours, 15, tokens.ink2, least_px=14)
        if row.asks:
            below.setLeft(below.left() + paint.width(row.hours, 15) + 18)
            below.setWidth(area.right() - right_px - 24 - below.left())
            paint.box(painter, QRectF(below.left(), below.center().y() - 5, 10, 10), tokens.stop)
            below.setLeft(below.left() + 18)
            paint.text(painter, below, row.asks, 15, tokens.ink, bold=True, least_px=14)
        paint.text(painter, right, row.oee, 17, tokens.ink, bold=True, align=paint.RIGHT, least_px=14)
        paint.text(painter, right.translated(0, 25), row.made, 15, tokens.ink2, align=paint.RIGHT, least_px=14)
        if state & QStyle.StateFlag.State_HasFocus:
            focus_ring(painter, area, tokens, 2)
        painter.restore()


class ShiftList(QListView):
    """The shifts to choose from: arrow keys, Page Up and Down, or the beginning of a date."""

    chosen = Signal(object)  # the Span of the shift

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("shift-list")
        tell(self, _("Shifts"), "")
        self.shifts = ShiftModel(self)
        self.setModel(self.shifts)
        self.setItemDelegate(_RowPainter(self))
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.selectionModel().currentChanged.connect(self._moved)

    def show_rows(self, rows: tuple[RowFace, ...], chosen: Span | None) -> None:
        """Show the shifts and mark the chosen one; where nothing changed the list stays as it is."""
        if rows == self.shifts.rows:
            return
        self.selectionModel().blockSignals(True)
        moved = self.shifts.show_rows(rows)
        place = next((n for n, row in enumerate(rows) if row.span == chosen), 0)
        self.selectionModel().blockSignals(False)
        if rows and moved:
            self.setCurrentIndex(self.shifts.index(place))
        tell(self, _("Shifts"), _("{count} shifts").format(count=len(rows)))

    def _moved(self, current: QModelIndex, _before: QModelIndex) -> None:
        if current.isValid():
            self.chosen.emit(self.shifts.rows[current.row()].span)


class Shifts(Painted):
    """The card of the list."""

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Ground and head."""
        card(painter, rect, tokens)
        count, more, set_up = self._face if isinstance(self._face, tuple) else (0, False, True)
        note = (_("{count}, older ones follow") if more else "{count}").format(count=pieces(count)) if count else ""
        head = QRectF(rect.left(), rect.top(), rect.width(), HEAD_PX)
        card_head(painter, head, tokens, _("Shifts"), note)
        paint.line(painter, rect.left() + 1, HEAD_PX + 0.5, rect.right() - 1, HEAD_PX + 0.5, tokens.line)
        if not count:
            room = QRectF(rect.left() + 20, rect.top() + HEAD_PX + 16, rect.width() - 40, 80)
            words = _("No shift yet. The first appears here when it begins.") if set_up else _("No shifts set up")
            paint.paragraph(painter, room, words, 16, tokens.ink2, most=3)
