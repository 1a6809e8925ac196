"""The hours of one machine as a table: target, made, difference, running difference, biggest loss."""

from __future__ import annotations

from msgspec import Struct
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from desktop import paint
from desktop.domain.differences import hour_difference
from desktop.domain.differences import running as running_differences
from desktop.domain.figures.line import HourRow
from desktop.domain.figures.machine import MachineDay
from desktop.domain.spans import Span
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views.widgets.painted import Painted, Pressable, card, tell
from desktop.wording.moments import hour
from desktop.wording.numbers import UNKNOWN, pieces, signed
from desktop.wording.states import hour_loss

HEAD_PX = 40
ROW_PX = 40


class Cells(Struct, frozen=True):
    """One hour as words; `looked_at`: it lies in the part of the shift that the timeline shows."""

    key: str
    name: str
    target: str
    good: str
    difference: str
    running: str
    loss: str
    unlabelled: bool
    current: bool
    worst: bool
    looked_at: bool = False


class TableFace(Struct, frozen=True):
    """The hours that have begun."""

    rows: tuple[Cells, ...]


def table_face(day: MachineDay, looked_at: Span | None = None) -> TableFace:
    """The hours of a machine's shift up to now; those in the part that is `looked_at` are marked."""
    rows: list[Cells] = []
    begun = [row for row in day.machine.hours if row.good is not None or row.span.start_ms < day.window.end_ms]
    known = [d for row in begun if (d := hour_difference(row, day.now_ms)) is not None]
    for row, running in zip(begun, running_differences(begun, day.now_ms), strict=True):
        difference = hour_difference(row, day.now_ms)
        rows.append(_cells(row, day, difference, running, min(known, default=0), looked_at))
    return TableFace(tuple(rows))


def _cells(
    row: HourRow, day: MachineDay, difference: int | None, running: int | None, worst: int, looked_at: Span | None
) -> Cells:
    current = row.span.holds(day.now_ms)
    target = row.target_now if current else row.target
    loss, unlabelled = hour_loss(row)
    if row.paused:
        pauses = day.looked_at.pauses if day.looked_at else ()
        loss = loss or next((pause.name for pause in pauses if pause.span.cut(row.span)), "")
    idle = row.paused and not row.good
    return Cells(
        f"hour-{row.span.start_ms}",
        hour(row.span.start_ms, day.head.timezone),
        UNKNOWN if idle else pieces(target),
        UNKNOWN if idle else pieces(row.good),
        UNKNOWN if idle else signed(difference),
        signed(running),
        loss, unlabelled, current, difference is not None and difference < 0 and difference == worst,
        looked_at is not None and row.span.cut(looked_at) is not None,
    )  # fmt: skip


_EDGES = (0.0, 0.135, 0.245, 0.355, 0.53, 0.675, 1.0)
_PADS = (8.0, 1.0, 6.0, 1.0, 9.0, 14.0)  # before what stands in a column
_LAST_PAD = 8.0  # behind the last one


def _cell(row: QRectF, index: int) -> QRectF:
    """The place of a column in a row."""
    pad = _PADS[index]
    left, right = (row.left() + row.width() * _EDGES[n] for n in (index, index + 1))
    behind = _LAST_PAD if index == len(_PADS) - 1 else 0.0
    return QRectF(left + pad, row.top(), right - left - pad - behind, row.height())


class HourRowButton(Pressable):
    """One hour. A press asks what its difference is made of."""

    radius = 0.0
    asked = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.clicked.connect(self._pressed)

    def show_hour(self, shown: Cells) -> None:
        """Show an hour."""
        if self.set_face(shown):
            words = (f"{shown.good} / {shown.target}", shown.difference, shown.loss)
            tell(self, shown.name, ", ".join(word for word in words if word))

    def _pressed(self) -> None:
        if isinstance(self._face, Cells):
            self.asked.emit(self._face.key)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """One row."""
        cells = self._face
        if not isinstance(cells, Cells):
            return
        ground = tokens.stop_tint if cells.unlabelled else tokens.panel2 if cells.current or self.underMouse() else None
        if ground:
            paint.box(painter, rect.adjusted(0, 0, 0, -1), ground)
        if cells.looked_at:
            paint.box(painter, QRectF(rect.left(), rect.top(), 4, rect.height() - 1), tokens.accent)
        paint.line(painter, rect.left(), rect.bottom() - 0.5, rect.right(), rect.bottom() - 0.5, tokens.line)
        words = (cells.name, cells.target, cells.good, cells.difference, cells.running, cells.loss)
        for index, figure in enumerate(words):
            strong = index in (0, 2) or (index == 3 and cells.worst) or (index == 5 and cells.unlabelled)
            ink = (
                tokens.stop_text if index == 5 and cells.unlabelled else tokens.ink2 if index in (4, 5) else tokens.ink
            )
            align = paint.RIGHT if 1 <= index <= 4 else paint.LEFT
            size_px = 16 if index == 5 else 17
            paint.text(painter, _cell(rect, index), figure, size_px, ink, bold=strong, align=align, least_px=14)


class HourTable(Painted):
    """The table; where it is too low it scrolls, and the last hours are in sight."""

    asked = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.area = QScrollArea(self)
        self.area.setObjectName(f"{name}-rows")
        self.area.setFrameShape(QScrollArea.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        # Qt works a new range out when the table is seen: to its end then, not now.
        bar = self.area.verticalScrollBar()
        bar.rangeChanged.connect(lambda _least, most: bar.setValue(most))
        self.ground = QWidget(self.area)
        self.ground.setObjectName(f"{name}-page")
        self.area.setWidget(self.ground)
        tell(self.area, _("Hour by hour"))
        # The ground of the card shows through: the palette's own would be the page's.
        self.area.viewport().setAutoFillBackground(False)
        self.ground.setAutoFillBackground(False)
        self.rows: list[HourRowButton] = []

    def show_hours(self, shown: TableFace) -> None:
        """Show the hours."""
        before = len(self._face.rows) if isinstance(self._face, TableFace) else 0
        if not self.set_face(shown):
            return
        words = "; ".join(f"{c.name}: {c.good} / {c.target}, {c.difference}, {c.loss}" for c in shown.rows)
        tell(self, _("Hour by hour"), words or _("Nothing was counted yet"))
        while len(self.rows) < len(shown.rows):
            row = HourRowButton(f"{self.objectName()}-hour-{len(self.rows) + 1}", self.ground)
            row.asked.connect(self.asked)
            self.rows.append(row)
        for index, row in enumerate(self.rows):
            row.setVisible(index < len(shown.rows))
            if index < len(shown.rows):
                row.show_hour(shown.rows[index])
        if before != len(shown.rows):
            self._place()

    def wanted_px(self) -> int:
        """The height that shows every hour."""
        count = len(self._face.rows) if isinstance(self._face, TableFace) else 0
        return HEAD_PX + 12 + ROW_PX * count

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another height holds another number of rows."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        """The rows share the height while it suffices; else they scroll."""
        count = len(self._face.rows) if isinstance(self._face, TableFace) else 0
        self.area.setVisible(bool(count))
        if not count:
            return
        room = max(self.height() - HEAD_PX - 12, ROW_PX)
        # Whole rows fill the card: a strip of one would look cut off.
        row_px = min(room // min(count, room // ROW_PX), 54)
        self.area.setGeometry(10, 6 + HEAD_PX, self.width() - 20, room // row_px * row_px)
        bar = self.area.verticalScrollBar().sizeHint().width() if row_px * count > room else 0
        self.ground.resize(self.area.width() - bar, row_px * count)
        for index, row in enumerate(self.rows[:count]):
            row.setGeometry(0, index * row_px, self.ground.width(), row_px)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Ground and header; the rows are widgets."""
        card(painter, rect, tokens)
        shown = self._face
        if not isinstance(shown, TableFace):
            return
        inner = rect.adjusted(10, 6, -10, -6)
        head = QRectF(inner.left(), inner.top(), float(self.ground.width()) if shown.rows else inner.width(), HEAD_PX)
        titles = (_("Hour"), _("Target"), _("Actual"), _("Difference"), _("Cum."), _("Biggest loss"))
        for index, words in enumerate(titles):
            align = paint.RIGHT if 1 <= index <= 4 else paint.LEFT
            paint.text(painter, _cell(head, index), words, 15, tokens.ink2, align=align, least_px=14)
        y = inner.top() + HEAD_PX
        paint.line(painter, inner.left(), y - 0.5, inner.right(), y - 0.5, tokens.line_strong)
        if not shown.rows:
            place = QRectF(inner.left(), y, inner.width(), 60)
            words = _("The first hour appears when something was counted.")
            paint.text(painter, place, words, 16, tokens.ink2, align=paint.CENTER, least_px=14)
