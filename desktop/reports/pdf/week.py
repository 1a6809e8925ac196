"""The weekly page on A4: figures, three sentences, what each reason cost against the weeks before, the shifts."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPdfWriter

from desktop import paint
from desktop.domain.weekly import WeekReport
from desktop.paint import RIGHT
from desktop.reports.blocks import Heading, KeyValues, Kind, Section, Sentences, Table
from desktop.reports.cells import local, shown, visible
from desktop.reports.pdf import file_of
from desktop.reports.pdf.sheet import BOTTOM_EDGE, LEFT_EDGE, PAGE_HEIGHT, PAGE_WIDTH, RIGHT_EDGE, TOP_EDGE, WIDTH, must
from desktop.text import _
from desktop.tokens import LIGHT as T
from desktop.wording.numbers import MINUS

_ROW = 30.0
_MOST_LOSSES, _MOST_SHIFTS = 16, 21


def render(report: WeekReport, sections: Sequence[Section]) -> bytes:
    """The whole file: one page. Needs no display."""

    def draw_on(writer: QPdfWriter) -> None:
        writer.setTitle(f"{sections[0].heading.text} {report.week}")
        painter = QPainter(writer)
        scale = min(writer.width() / PAGE_WIDTH, writer.height() / PAGE_HEIGHT)
        painter.scale(scale, scale)
        draw(painter, report, {section.key: section for section in sections})
        painter.end()

    return file_of(draw_on)


def draw(painter: QPainter, report: WeekReport, sections: dict[str, Section]) -> None:
    """The page on PAGE_WIDTH by PAGE_HEIGHT from the painter's origin."""
    y = _head(painter, report, sections["head"])
    y = _losses(painter, report, sections["losses"], y + 26)
    y = _shifts(painter, report, sections["shifts"], y + 26)
    _actions(painter, report, sections["actions"], y + 26)
    made = _("Printed {at}").format(at=f"{local(report.made_at_ms, report.head.timezone):%Y-%m-%d %H:%M}")
    foot = QRectF(LEFT_EDGE, BOTTOM_EDGE - 20, WIDTH, 20)
    paint.text(painter, foot, f"{_('Gadong')} · {_('Rules')} {report.rules}", 14, T.ink2)
    paint.text(painter, foot, made, 14, T.ink2, align=RIGHT)


def _head(painter: QPainter, report: WeekReport, section: Section) -> float:
    """Title, the plate of a demo line, figures in a row, sentences; the bottom of all."""
    used = paint.text(painter, QRectF(LEFT_EDGE, TOP_EDGE, WIDTH, 48), section.heading.text, 38, T.ink, bold=True)
    if report.head.demo:
        plate = QRectF(LEFT_EDGE + used + 20, TOP_EDGE + 12, paint.width(_("Demo line"), 15, True) + 24, 28)
        paint.box(painter, plate, T.ink, radius=4)
        paint.text(painter, plate, _("Demo line"), 15, T.panel, bold=True, align=paint.CENTER)
    note = visible(section.heading.note)
    paint.text(painter, QRectF(LEFT_EDGE, TOP_EDGE + 54, WIDTH, 28), note, 19, T.ink2, least_px=12)
    y = TOP_EDGE + 96
    paint.line(painter, LEFT_EDGE, y, RIGHT_EDGE, y, T.ink, 2)
    fields = must(section, KeyValues).fields
    step = WIDTH / len(fields)
    for index, field in enumerate(fields):
        x = LEFT_EDGE + index * step
        room = step - 12
        for line, part in enumerate(paint.broken(field.label, 14, room)[:2]):
            paint.text(painter, QRectF(x, y + 10 + 18 * line, room, 20), part, 14, T.ink2, least_px=11)
        value = shown(field.value, field.kind, report.head.timezone)
        unit = {Kind.MINUTES: _("min"), Kind.RATIO: "%", Kind.POINTS: "%p"}.get(field.kind, "")
        words = f"{value} {unit}" if unit and field.value is not None and unit not in value else value
        paint.text(painter, QRectF(x, y + 50, room, 34), words, 26, T.ink, bold=True, least_px=15)
    y += 98
    for item in must(section, Sentences).plain():
        y += paint.paragraph(painter, QRectF(LEFT_EDGE, y, WIDTH, 60), visible(item), 18, T.ink, most=2) + 6
    return y


def _heading(painter: QPainter, heading: Heading, y: float) -> float:
    used = paint.text(painter, QRectF(LEFT_EDGE, y, WIDTH, 24), heading.text, 19, T.ink, bold=True)
    x = LEFT_EDGE + used + 8
    paint.text(painter, QRectF(x, y + 2, RIGHT_EDGE - x, 24), heading.note, 15, T.ink2, least_px=12)
    return y + 34


def _losses(painter: QPainter, report: WeekReport, section: Section, y: float) -> float:
    """A row a reason: this week as a bar over the mark of before, and the figures."""
    y = _heading(painter, section.heading, y)
    table = must(section, Table)
    name_px, bar_px = 280.0, 300.0
    figures_x = LEFT_EDGE + name_px + bar_px + 24
    step = (RIGHT_EDGE - figures_x) / (len(table.columns) - 1)
    for index, column in enumerate(table.columns[1:]):
        title = f"{column.title} {_('min')}" if column.kind is Kind.MINUTES else column.title
        room = QRectF(figures_x + index * step, y, step - 6, 20)
        paint.text(painter, room, title, 14, T.ink2, align=RIGHT, least_px=10)
    y += 22
    kept = [*range(len(table.rows))][: _MOST_LOSSES - 1] + [len(table.rows) - 1] * (len(table.rows) >= _MOST_LOSSES)
    longest = max([*(loss.length_ms for loss in report.losses), *(loss.before_ms or 0 for loss in report.losses), 1])
    for row in kept:
        loss, cells = report.losses[row], table.rows[row]
        paint.line(painter, LEFT_EDGE, y, RIGHT_EDGE, y, T.line)
        name = QRectF(LEFT_EDGE, y, name_px - 12, _ROW)
        paint.text(painter, name, visible(str(cells[0])), 16, T.ink, bold=not loss.labelled, least_px=11)
        left = LEFT_EDGE + name_px
        ink = T.reason if loss.labelled else T.stop
        if loss.length_ms:
            paint.box(painter, QRectF(left, y + 8, max(bar_px * loss.length_ms / longest, 2), _ROW - 16), ink)
        if loss.before_ms:
            at = left + bar_px * loss.before_ms / longest
            paint.line(painter, at, y + 4, at, y + _ROW - 4, T.ink, 3)
        for index, column in enumerate(table.columns[1:]):
            room = QRectF(figures_x + index * step, y, step - 6, _ROW)
            value = cells[index + 1]
            words = shown(value, column.kind, report.head.timezone)
            if column.kind is Kind.MINUTES and isinstance(value, int) and value < 0:
                words = MINUS + shown(-value, column.kind, report.head.timezone)
            paint.text(painter, room, words, 16, T.ink, bold=column.strong, align=RIGHT, least_px=11)
        y += _ROW
    paint.line(painter, LEFT_EDGE, y, RIGHT_EDGE, y, T.line)
    words = _("Bar: this week. Mark: before.")
    if len(kept) < len(table.rows):
        words += " " + _("{count} shorter ones are in the Excel file.").format(count=len(table.rows) - len(kept))
    paint.text(painter, QRectF(LEFT_EDGE, y + 4, WIDTH, 20), words, 14, T.ink2)
    return y + 26


def _shifts(painter: QPainter, report: WeekReport, section: Section, y: float) -> float:
    """A row a shift, the last ones where there are more than have room."""
    y = _heading(painter, section.heading, y)
    table = must(section, Table)
    widths = (0.2, 0.28, 0.13, 0.13, 0.13, 0.13)
    rows = table.rows[-_MOST_SHIFTS:]
    row_px = min(_ROW, (BOTTOM_EDGE - 40 - y - 24) / max(len(rows), 1))
    for number, cells in enumerate((None, *rows)):
        x = LEFT_EDGE
        for index, column in enumerate(table.columns):
            wide = WIDTH * widths[index]
            room = QRectF(x, y, wide - 10, row_px if cells else 22)
            align = RIGHT if index > 1 else paint.LEFT
            if cells is None:
                title = f"{column.title} %" if column.kind is Kind.RATIO else column.title
                paint.text(painter, room, title, 14, T.ink2, align=align)
            else:
                words = shown(cells[index], column.kind, report.head.timezone)
                paint.text(painter, room, words, 15, T.ink, bold=column.strong, align=align, least_px=10)
            x += wide
        y += row_px if number else 22
        paint.line(painter, LEFT_EDGE, y, RIGHT_EDGE, y, T.line)
    return y


def _actions(painter: QPainter, report: WeekReport, section: Section, y: float) -> None:
    """A row an item, those that are open first; what is left of the page is ruled for the pen."""
    if y > BOTTOM_EDGE - 160:
        return
    y = _heading(painter, section.heading, y)
    table = must(section, Table)
    widths = (0.52, 0.16, 0.16, 0.16)
    room_for = int((BOTTOM_EDGE - 30 - y - 22) // _ROW) - 2  # two lines are always left for the pen
    for number, cells in enumerate((None, *table.rows[: max(room_for, 0)])):
        x = LEFT_EDGE
        for index, column in enumerate(table.columns):
            wide = WIDTH * widths[index]
            room = QRectF(x, y, wide - 10, _ROW if cells else 22)
            if cells is None:
                paint.text(painter, room, column.title, 14, T.ink2)
            else:
                words = visible(shown(cells[index], column.kind, report.head.timezone))
                bold = index == 0 or (index == 2 and number - 1 in table.marked)
                paint.text(painter, room, words, 15, T.ink, bold=bold, least_px=10)
            x += wide
        y += _ROW if number else 22
        paint.line(painter, LEFT_EDGE, y, RIGHT_EDGE, y, T.line)
    while y + 34 < BOTTOM_EDGE - 30:
        y += 34
        paint.line(painter, LEFT_EDGE, y, RIGHT_EDGE, y, T.line)
