"""Sheets that are printed and hung up or written on: command bar codes, badges, the paper form; any number of pages.

The grid is that of the report, 1240 x 1754 on A4, 150 to the inch. A module of a bar code is two of its units, 0.339 mm
(ISO/IEC 15417 asks for 0.25 mm at least in open use; a line scanner at arm's length wants more): at 300, 600 and 1200
dots an inch that is a whole number of dots, so that no bar is rounded. Bars are black on white, in no theme's colour.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from msgspec import Struct
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPagedPaintDevice, QPainter, QPdfWriter

from desktop import paint
from desktop.domain import code128
from desktop.paint import CENTER, LEFT, RIGHT
from desktop.paint.icons import icon
from desktop.reports.cells import visible
from desktop.reports.code_sheets import Badge, Cell, CodeSheet, Group, PaperForm
from desktop.reports.layout import NO_BREAK
from desktop.reports.pdf import file_of, ready_to_draw
from desktop.reports.pdf.sheet import BOTTOM_EDGE, LEFT_EDGE, PAGE_HEIGHT, PAGE_WIDTH, RIGHT_EDGE, TOP_EDGE, WIDTH
from desktop.text import _
from desktop.tokens import LIGHT as T

MODULE = 2.0
BARS_HEIGHT = 72.0  # 12.2 mm
_INK = "#000000"
_GUTTER = 24.0
_CELL_HEIGHT, _ROW_GAP = BARS_HEIGHT + 58, 18.0
_HEAD, _FOOT = 148.0, 30.0
_TITLE = 44.0
_MOST_COLUMNS = 4
_UNBROKEN = 3  # a group of so many rows is kept on one page

Leaf = Callable[[QPainter], None]  # draws one page from the painter's origin


class Leaves(Struct, frozen=True):
    """Pages and what the file is called inside."""

    title: str
    pages: tuple[Leaf, ...]


def render(leaves: Leaves) -> bytes:
    """The pages as a PDF file. Needs no display."""

    def draw(writer: QPdfWriter) -> None:
        writer.setTitle(leaves.title)
        draw_all(leaves, writer)

    return file_of(draw)


def draw_all(leaves: Leaves, device: QPagedPaintDevice) -> bool:
    """Every page on paper of any size and resolution; whether the device took them. On paper smaller than A4 modules
    get smaller too."""
    painter = QPainter()
    if not painter.begin(device):
        return False
    # On A4 by its resolution, not by its number of dots: that is rounded, and every bar would be.
    scale = min(device.logicalDpiX() / 150, device.width() / (PAGE_WIDTH - 1), device.height() / (PAGE_HEIGHT - 1))
    painter.scale(scale, scale)
    for number, draw in enumerate(leaves.pages):
        if number and not device.newPage():
            painter.end()
            return False
        draw(painter)
    return painter.end()


def barcode(painter: QPainter, left: float, top: float, text: str) -> None:
    """The bars of a text from where its first bar begins; `code128.QUIET` modules on either side are to stay white."""
    x = left
    for number, width in enumerate(code128.bars(text)):
        if not number % 2:
            paint.box(painter, QRectF(x, top, width * MODULE, BARS_HEIGHT), _INK)
        x += width * MODULE


# -- bar codes of machines --


def code_sheets(sheets: Sequence[CodeSheet]) -> Leaves:
    """The sheets of machines, each from a page of its own on."""
    ready_to_draw()
    pages: list[Leaf] = []
    for sheet in sheets:
        parts = _paged(sheet)
        pages += [_code_page(sheet, rows, number, len(parts)) for number, rows in enumerate(parts, 1)]
    names = ", ".join(sheet.machine.code for sheet in sheets)
    return Leaves(visible(f"{_('Bar code sheet')} {names}"), tuple(pages))


class _Row(Struct, frozen=True):
    """A row of bar codes or, without columns, the heading of a group or words at its end."""

    group: Group
    height: float
    cells: tuple[Cell, ...] = ()
    columns: int = 0
    words: str = ""


def _columns(cells: Sequence[Cell]) -> int:
    """As many columns as leave the widest bar code its quiet zones, at most four; 0 where one is not enough."""
    widest = max(code128.modules(cell.code) for cell in cells) * MODULE
    fitting = (n for n in range(_MOST_COLUMNS, 0, -1) if widest <= (WIDTH - _GUTTER * (n - 1)) / n)
    return next(fitting, 0)


def _rows(group: Group) -> list[_Row]:
    rows = [_Row(group, _TITLE)]
    if group.cells:
        columns = _columns(group.cells)
        height, starts = _CELL_HEIGHT + _ROW_GAP, range(0, len(group.cells), columns)
        rows += [_Row(group, height, group.cells[at : at + columns], columns) for at in starts]
    if group.left_out:
        lines = paint.broken(visible(group.left_out), 15, WIDTH)
        rows += [_Row(group, 22, words=line) for line in lines]
        rows.append(_Row(group, _ROW_GAP))
    return rows


def _paged(sheet: CodeSheet) -> list[list[_Row]]:
    """Rows page by page; a heading never stands alone at the foot, and comes again where its group goes on. A group of
    few rows is not broken: who scans a number has all digits before the eyes."""
    room = BOTTOM_EDGE - _FOOT - TOP_EDGE - _HEAD
    pages: list[list[_Row]] = [[]]
    for group in sheet.groups:
        title, *rows = _rows(group)
        left = room - sum(one.height for one in pages[-1])
        if pages[-1] and len(rows) <= _UNBROKEN and sum(one.height for one in (title, *rows)) > left:
            pages.append([])
        for number, row in enumerate(rows):
            first = [title] if not number else []
            used = sum(one.height for one in pages[-1])
            if used + sum(one.height for one in (*first, row)) > room and pages[-1]:
                pages.append([])
                first = [title]
            pages[-1] += [*first, row]
    return pages


def _code_page(sheet: CodeSheet, rows: Sequence[_Row], number: int, count: int) -> Leaf:
    def draw(painter: QPainter) -> None:
        _code_head(painter, sheet)
        y = TOP_EDGE + _HEAD
        for row in rows:
            if row.columns:
                width = (WIDTH - _GUTTER * (row.columns - 1)) / row.columns
                for place, cell in enumerate(row.cells):
                    _cell(painter, QRectF(LEFT_EDGE + place * (width + _GUTTER), y, width, _CELL_HEIGHT), cell)
            elif row.words:
                _say(painter, QRectF(LEFT_EDGE, y, WIDTH, row.height), row.words, 15, ink=T.ink2)
            elif row.height == _TITLE:
                _heading(painter, QRectF(LEFT_EDGE, y, WIDTH, row.height), row.group.title, row.group.note)
            y += row.height
        _imprint(painter, sheet.made_on.isoformat(), sheet.version, number, count)

    return draw


def _code_head(painter: QPainter, sheet: CodeSheet) -> None:
    """The machine, its own bar code and undo: on every page, wherever it is torn off."""
    x = RIGHT_EDGE
    for cell in (sheet.undo, sheet.own) if sheet.own else (sheet.undo,):
        width = max(code128.modules(cell.code) * MODULE, 200)
        x -= width
        _cell(painter, QRectF(x, TOP_EDGE, width, _CELL_HEIGHT), cell)
    room = x - LEFT_EDGE - _GUTTER
    _say(painter, QRectF(LEFT_EDGE, TOP_EDGE, room, 46), sheet.machine.name, 36, bold=True, least=20)
    where = " · ".join(part for part in (sheet.machine.code, sheet.line, sheet.plant) if part)
    _say(painter, QRectF(LEFT_EDGE, TOP_EDGE + 46, room, 26), where, 17, ink=T.ink2, least=14)
    words = _("At this machine's own scanner scan what you want to say; at any other scan the machine first.")
    paint.paragraph(painter, QRectF(LEFT_EDGE, TOP_EDGE + 74, room, 60), visible(words), 17, T.ink, most=3)
    paint.line(painter, LEFT_EDGE, TOP_EDGE + _HEAD - 12, RIGHT_EDGE, TOP_EDGE + _HEAD - 12, T.ink, 2)


def _cell(painter: QPainter, rect: QRectF, cell: Cell) -> None:
    """Bars, and below them sign, name and what the bars hold, from where the bars begin."""
    quiet = code128.QUIET * MODULE
    left = rect.left() + quiet
    barcode(painter, left, rect.top(), cell.code)
    y, name_left = rect.top() + BARS_HEIGHT + 4, left
    if cell.icon or cell.look is not None:
        sign = QRectF(left, y + 4, 26, 26)
        if cell.icon:
            icon(painter, sign, cell.icon, T.ink)
        elif cell.look is not None:
            paint.state_shape(painter, sign, cell.look, T.ink)
        name_left += 34
    _say(painter, QRectF(name_left, y, rect.right() - name_left, 34), cell.name, 26, bold=True, least=15)
    below = f"{cell.note}   {cell.code}" if cell.note else cell.code
    _say(painter, QRectF(left, y + 34, rect.right() - left, 18), below, 14, ink=T.ink2, least=9)


# -- badges --

_CARD = QRectF(0, 0, 506, 319)  # ISO/IEC 7810 ID-1, 85.6 x 54 mm
_CARDS_ACROSS, _CARDS_DOWN = 2, 5


def badge_sheets(badges: Sequence[Badge], made_on: date, version: str) -> Leaves:
    """Badges in the size of a bank card, ten on a page, to be cut out."""
    ready_to_draw()
    most = _CARDS_ACROSS * _CARDS_DOWN
    parts = [badges[at : at + most] for at in range(0, len(badges), most)]

    def page(number: int, those: Sequence[Badge]) -> Leaf:
        def draw(painter: QPainter) -> None:
            left = (PAGE_WIDTH - _CARDS_ACROSS * _CARD.width()) / 2
            for place, badge in enumerate(those):
                x = left + place % _CARDS_ACROSS * _CARD.width()
                _badge(painter, _CARD.translated(x, TOP_EDGE + place // _CARDS_ACROSS * _CARD.height()), badge)
            _imprint(painter, made_on.isoformat(), version, number, len(parts))

        return draw

    return Leaves(_("Badges"), tuple(page(number, those) for number, those in enumerate(parts, 1)))


def _badge(painter: QPainter, card: QRectF, badge: Badge) -> None:
    for x1, y1, x2, y2 in (
        (card.left(), card.top(), card.right(), card.top()), (card.left(), card.bottom(), card.right(), card.bottom()),
        (card.left(), card.top(), card.left(), card.bottom()), (card.right(), card.top(), card.right(), card.bottom()),
    ):  # fmt: skip
        paint.line(painter, x1, y1, x2, y2, T.line_strong, 1, 6)
    inner = card.adjusted(30, 24, -30, -22)
    _say(painter, QRectF(inner.left(), inner.top(), inner.width(), 24), badge.plant, 16, ink=T.ink2, least=12)
    name = QRectF(inner.left(), inner.top() + 40, inner.width(), 56)
    _say(painter, name, badge.cell.name, 44, bold=True, least=18)
    wide = (code128.modules(badge.cell.code) - 2 * code128.QUIET) * MODULE
    top = inner.bottom() - 26 - BARS_HEIGHT
    # A long code takes the room of the margins: its quiet zones reach to the edge of the card at most.
    barcode(painter, round(min(inner.left(), card.center().x() - wide / 2)), round(top), badge.cell.code)
    below = QRectF(inner.left(), inner.bottom() - 22, inner.width(), 22)
    _say(painter, below, f"{badge.cell.note}   {badge.cell.code}", 14, ink=T.ink2, least=9)


# -- the paper form --

_LINE = 54.0  # 9.1 mm for the pen
_MOST_LINES, _LEAST_LINES = 22, 12


def paper_form(form: PaperForm) -> Leaves:
    """One page for a shift, to be filled in by hand."""
    ready_to_draw()
    return Leaves(_("Shift form for when the PC is out of order"), (lambda painter: _paper(painter, form),))


def _paper(painter: QPainter, form: PaperForm) -> None:
    title = QRectF(LEFT_EDGE, TOP_EDGE, WIDTH, 40)
    _say(painter, title, _("Shift form for when the PC is out of order"), 30, bold=True, least=20)
    where = " · ".join(part for part in (form.line, form.plant) if part)
    _say(painter, QRectF(LEFT_EDGE, TOP_EDGE + 42, WIDTH, 24), where, 16, ink=T.ink2, least=12)
    y = TOP_EDGE + 76
    fields = ((_("Date"), 3.0), (_("Shift"), 2.5), (_("Written by"), 3.5), (_("PC out of order from – to"), 4.0))
    x, unit = LEFT_EDGE, WIDTH / sum(share for _word, share in fields)
    for label, share in fields:
        paint.box(painter, QRectF(x, y, unit * share, 62), None, T.ink2)
        _say(painter, QRectF(x + 8, y + 3, unit * share - 16, 20), label, 14, ink=T.ink2, least=10)
        x += unit * share
    y += 78
    bottom = BOTTOM_EDGE - 60
    keys = [
        (_("Machines"), [(m.code, m.name) for m in form.machines]),
        (_("Stop reasons"), [(r.code, r.name) for r in form.reasons]),
        (_("Scrap reasons"), [(r.code, r.name) for r in form.scrap_reasons]),
    ]
    px, lines = _room(keys, bottom - y - _TABLE_HEAD - 14)
    y = _table(painter, y, lines) + 14
    for name, known in keys:
        y = _key_of(painter, QRectF(LEFT_EDGE, y, WIDTH, bottom - y), name, known, px)
    words = _("Key this in as soon as the PC works again, marked as written by hand; keep the sheet.")
    _say(painter, QRectF(LEFT_EDGE, BOTTOM_EDGE - 48, WIDTH, 22), words, 15, bold=True, least=11)
    _imprint(painter, form.made_on.isoformat(), form.version, 1, 1, actual=False)


_TABLE_HEAD = 34.0
_Known = Sequence[tuple[str, str]]


def _room(keys: Sequence[tuple[str, _Known]], height: float) -> tuple[int, int]:
    """Size of type for what the codes mean, and how many lines that leaves to write on: type gets small first."""
    for px in range(16, 8, -1):
        told = sum(len(_told(known, px)) * _line_px(px) + 6 for _title, known in keys if known)
        lines = int((height - told) // _LINE)
        if lines >= _MOST_LINES or (px == 9 and lines >= _LEAST_LINES):
            return px, min(lines, _MOST_LINES)
    return 9, _LEAST_LINES


def _line_px(px: int) -> int:
    return round(px * 1.35)


def _told(known: _Known, px: int) -> list[str]:
    """Codes and their names as lines; a code stays with its name."""
    words = "   ".join(f"{code} {name}".replace(" ", NO_BREAK) for code, name in known)
    return paint.broken(visible(words), px, WIDTH - _KEY_LEFT)


_KEY_LEFT = 130.0


def _table(painter: QPainter, top: float, lines: int) -> float:
    """The lines to write on; their bottom."""
    columns = (
        (_("Time"), 1.0), (_("Machine"), 1.2), (_("Work order"), 1.6), (_("Stop from"), 1.0), (_("Stop to"), 1.0),
        (_("Reason code"), 1.1), (_("Good"), 1.0), (_("Reject"), 0.9), (_("Scrap code"), 1.1), (_("Note"), 1.9),
    )  # fmt: skip
    unit = WIDTH / sum(share for _word, share in columns)
    bottom = top + _TABLE_HEAD + lines * _LINE
    paint.box(painter, QRectF(LEFT_EDGE, top, WIDTH, _TABLE_HEAD), T.panel2)
    for line in range(lines + 1):
        y = top + _TABLE_HEAD + line * _LINE
        paint.line(painter, LEFT_EDGE, y, RIGHT_EDGE, y, T.line_strong)
    x = LEFT_EDGE
    for word, share in columns:
        paint.line(painter, x, top, x, bottom, T.line_strong)
        _say(painter, QRectF(x + 4, top, unit * share - 8, _TABLE_HEAD), word, 15, bold=True, align=CENTER, least=10)
        x += unit * share
    paint.box(painter, QRectF(LEFT_EDGE, top, WIDTH, bottom - top), None, T.ink, pen=2)
    return bottom


def _key_of(painter: QPainter, rect: QRectF, title: str, known: _Known, px: int) -> float:
    """What the codes mean; where it ends. What has no room is said to be more."""
    if not known:
        return rect.top()
    lines, most = _told(known, px), max(int(rect.height() // _line_px(px)), 1)
    if len(lines) > most:
        lines = [*lines[: most - 1], "…"]
    _say(painter, QRectF(rect.left(), rect.top(), _KEY_LEFT - 8, _line_px(px)), title, px, bold=True, least=9)
    for number, line in enumerate(lines):
        place = QRectF(rect.left() + _KEY_LEFT, rect.top() + number * _line_px(px), WIDTH - _KEY_LEFT, _line_px(px))
        _say(painter, place, line, px, ink=T.ink2)
    return rect.top() + len(lines) * _line_px(px) + 6


# -- what every page has --


def _heading(painter: QPainter, rect: QRectF, title: str, note: str) -> None:
    used = _say(painter, QRectF(rect.left(), rect.top() + 6, rect.width(), 28), title, 22, bold=True) + 10
    room = QRectF(rect.left() + used, rect.top() + 8, rect.width() - used, 26)
    _say(painter, room, note, 17, ink=T.ink2, least=12)


def _imprint(painter: QPainter, made_on: str, version: str, number: int, count: int, *, actual: bool = True) -> None:
    y = BOTTOM_EDGE - 20
    left = f"{_('Gadong')} {version} · {made_on}"
    if actual:
        left += " · " + _("Print at actual size (100 %), not fitted to the page")
    used = _say(painter, QRectF(LEFT_EDGE, y, WIDTH - 200, 20), left, 14, ink=T.ink2, least=10)
    right = _("page {number} of {count}").format(number=number, count=count)
    _say(painter, QRectF(LEFT_EDGE + used, y, WIDTH - used, 20), right, 14, ink=T.ink2, align=RIGHT)


def _say(
    painter: QPainter, rect: QRectF, words: str, px: float, *, ink: str = T.ink, bold: bool = False,
    align: Qt.AlignmentFlag = LEFT, least: float | None = None,
) -> float:  # fmt: skip
    return paint.text(painter, rect, visible(words), px, ink, bold=bold, align=align, least_px=least)
