"""The hours of one machine as a table: target, made, difference, running difference, biggest loss."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from desktop import paint
from desktop.domain.figures import HourRow, MachineDay
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views.widgets.painted import Painted, card, tell
from desktop.wording import UNKNOWN, hour, hour_difference, hour_loss, pieces, signed

HEAD_PX = 40
ROW_PX = 48


@dataclass(frozen=True, slots=True)
class Cells:
    """One hour as words."""

    name: str
    target: str
    good: str
    difference: str
    running: str
    loss: str
    unlabelled: bool
    current: bool
    worst: bool


@dataclass(frozen=True, slots=True)
class TableFace:
    """The hours that have begun."""

    rows: tuple[Cells, ...]


def table_face(day: MachineDay) -> TableFace:
    """The hours of a machine's shift up to now."""
    rows: list[Cells] = []
    running = 0
    begun = [row for row in day.machine.hours if row.good is not None]
    known = [d for row in begun if (d := hour_difference(row, day.now_ms)) is not None]
    for row in begun:
        difference = hour_difference(row, day.now_ms)
        running += difference or 0
        rows.append(_cells(row, day, difference, running, min(known, default=0)))
    return TableFace(tuple(rows))


def _cells(row: HourRow, day: MachineDay, difference: int | None, running: int, worst: int) -> Cells:
    current = row.span.holds(day.now_ms)
    target = row.target_now if current else row.target
    loss, unlabelled = hour_loss(row)
    if row.paused:
        pauses = day.shift.pauses if day.shift else ()
        loss = loss or next((pause.name for pause in pauses if pause.span.cut(row.span)), "")
    idle = row.paused and not row.good
    return Cells(
        hour(row.span.start_ms, day.head.timezone),
        UNKNOWN if idle else pieces(target),
        UNKNOWN if idle else pieces(row.good),
        UNKNOWN if idle else signed(difference),
        signed(running) if difference is not None or row.paused else UNKNOWN,
        loss, unlabelled, current, difference is not None and difference < 0 and difference == worst,
    )  # fmt: skip


class HourTable(Painted):
    """The table; where it is too low the last hours stay."""

    def show_hours(self, shown: TableFace) -> None:
        """Show the hours."""
        if self.set_face(shown):
            words = "; ".join(f"{c.name}: {c.good} / {c.target}, {c.difference}, {c.loss}" for c in shown.rows)
            tell(self, _("Hour by hour"), words or _("Nothing was counted yet"))

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Header and rows."""
        card(painter, rect, tokens)
        shown = self._face
        if not isinstance(shown, TableFace):
            return
        inner = rect.adjusted(10, 6, -10, -6)
        edges = [0.0, 0.135, 0.245, 0.35, 0.525, 0.645, 1.0]
        lefts = [inner.left() + inner.width() * share for share in edges]
        titles = (_("Hour"), _("Target"), _("Made"), _("Difference"), _("Sum"), _("Biggest loss"))
        for index, words in enumerate(titles):
            align = paint.RIGHT if 1 <= index <= 4 else paint.LEFT
            pad = 14 if index == 5 else 8 if index == 0 else 0
            place = QRectF(lefts[index] + pad, inner.top(), lefts[index + 1] - lefts[index] - pad, HEAD_PX)
            paint.text(painter, place, words, 15, tokens.ink2, align=align, least_px=14)
        y = inner.top() + HEAD_PX
        paint.line(painter, inner.left(), y - 0.5, inner.right(), y - 0.5, tokens.line_strong)
        if not shown.rows:
            place = QRectF(inner.left(), y, inner.width(), 60)
            words = _("The first hour appears when something was counted.")
            paint.text(painter, place, words, 16, tokens.ink2, align=paint.CENTER, least_px=14)
            return
        fitting = max(int((inner.bottom() - y) // ROW_PX), 1)
        row_px = min((inner.bottom() - y) / min(fitting, len(shown.rows)), 54.0)
        for cells in shown.rows[-fitting:]:
            self._draw_row(painter, QRectF(inner.left(), y, inner.width(), row_px), cells, lefts, tokens)
            y += row_px

    def _draw_row(self, painter: QPainter, row: QRectF, cells: Cells, lefts: list[float], tokens: Tokens) -> None:
        if cells.unlabelled or cells.current:
            paint.box(painter, row.adjusted(0, 0, 0, -1), tokens.stop_tint if cells.unlabelled else tokens.panel2)
        paint.line(painter, row.left(), row.bottom() - 0.5, row.right(), row.bottom() - 0.5, tokens.line)
        words = (cells.name, cells.target, cells.good, cells.difference, cells.running, cells.loss)
        for index, figure in enumerate(words):
            strong = index in (0, 2) or (index == 3 and cells.worst) or (index == 5 and cells.unlabelled)
            ink = (
                tokens.stop_text if index == 5 and cells.unlabelled else tokens.ink2 if index in (4, 5) else tokens.ink
            )
            pad = 14 if index == 5 else 8 if index == 0 else 0
            place = QRectF(lefts[index] + pad, row.top(), lefts[index + 1] - lefts[index] - pad, row.height())
            align = paint.RIGHT if 1 <= index <= 4 else paint.LEFT
            paint.text(painter, place, figure, 16 if index == 5 else 17, ink, bold=strong, align=align, least_px=14)
