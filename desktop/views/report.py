"""The shift report: choose a shift, look at its pages as they will be printed, write its files."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from msgspec import Struct
from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QGuiApplication, QKeyEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QMenu,
    QScrollArea,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from desktop import paint, summaries
from desktop.domain.calendar import Shift
from desktop.domain.figures import CollectorNow, PlantHead, ShiftFigures, ShiftReport
from desktop.domain.spans import Span
from desktop.reports import pdf
from desktop.text import _
from desktop.tokens import LIGHT, Tokens
from desktop.views import theme
from desktop.views.background import Question
from desktop.views.screen import GAP, MARGIN, NARROW_PX, TOP, Screen
from desktop.views.widgets.button import Button
from desktop.views.widgets.painted import Painted, card, card_head, focus_ring, tell
from desktop.wording import NO_SHIFTS, UNKNOWN, day_words, percent, pieces, shift_words, span_words

ROW_PX = 64
HEAD_PX = 52
ZOOMS_PX = 56  # the buttons under the preview that change its size, and the one that prints it
TOOLS_PX = 88
RUNNING_S = 30.0  # so often the page of a shift that still runs is put together anew
OVER_S = 300.0  # and of one that is over: a label or a late count may have changed it
SEASON_MS = 60 * 86_400_000  # so much of the past is read at a look
FORMS_S = 5.0  # so often the folder of forms is looked at
FORMS_FOLDER = "forms"  # in the data folder
SAMPLE = "sample"  # the form that comes with the program
ZOOM_STEP, LEAST_ZOOM, MOST_ZOOM = 1.25, 0.4, 3.0
PAPER_PX = 1240  # the width at which the page has the size of its letters in print
FORMATS = ("pdf", "xlsx", "csv")

_Index = QModelIndex | QPersistentModelIndex


class ReportView(Struct, frozen=True):
    """The shifts that there are, newest first, and the report of the chosen one; None where there is no shift."""

    head: PlantHead
    now_ms: int
    shift: Shift | None
    collector: CollectorNow
    shifts: tuple[ShiftFigures, ...]
    report: ShiftReport | None
    forms: tuple[Path, ...] = ()  # the shop's own, by name
    more: bool = False  # older shifts are still being read


class _Season(Struct):
    """The shifts that begin in a part of the past, newest first, and when they were read."""

    window: Span
    read_at: float
    shifts: tuple[ShiftFigures, ...]


class Desk:
    """What the reading thread remembers between two looks, so that a page at rest costs nothing.

    Years of shifts are read a season at a look, the newest first, so that no look takes long; the list grows meanwhile.
    """

    def __init__(self) -> None:
        self._reports: dict[Span, tuple[float, ShiftReport]] = {}
        self._seasons: list[_Season] = []
        self._version = -1
        self._forms: tuple[float, tuple[Path, ...]] | None = None

    def view(self, store: Any, now_ms: int, chosen: Span | None) -> ReportView:
        """The shifts, and the report of the chosen one, else of the newest."""
        frame = summaries.frame(store, now_ms)
        if frame.register.version != self._version:
            self._seasons, self._version = [], frame.register.version
        more = self._read_season(store, now_ms, frame.shift)
        shifts = tuple(shift for season in self._seasons for shift in season.shifts)
        row = next((row for row in shifts if row.shift.span == chosen), shifts[0] if shifts else None)
        report = self._report(store, row, now_ms) if row else None
        forms = self._own_forms(store)
        return ReportView(frame.head, now_ms, frame.shift, frame.collector, shifts, report, forms, more)

    def _own_forms(self, store: Any) -> tuple[Path, ...]:
        """The forms in the shop's folder, without the locks that Excel puts beside an open file."""
        at = time.monotonic()
        if self._forms is None or at - self._forms[0] > FORMS_S:
            found = (store.folder / FORMS_FOLDER).glob("*.xlsx")
            self._forms = (at, tuple(sorted(file for file in found if not file.name.startswith((".", "~$")))))
        return self._forms[1]

    def _read_season(self, store: Any, now_ms: int, running: Shift | None) -> bool:
        """Read what is most due of the list; whether there is anything older that is not read yet."""
        at, found = time.monotonic(), self._seasons
        begun_ms = summaries.begun_ms(store)
        if not found:
            edge_ms = now_ms - SEASON_MS
            found.append(_Season(Span(edge_ms, now_ms + 1), at, ()))
            due = found[0]
        elif at - found[0].read_at > RUNNING_S or _is_new(running, found[0].shifts, now_ms):
            due = found[0]
            due.window = Span(due.window.start_ms, now_ms + 1)
        elif found[-1].window.start_ms > begun_ms:
            edge_ms = found[-1].window.start_ms
            due = _Season(Span(edge_ms - SEASON_MS, edge_ms), at, ())
            found.append(due)
        else:
            due = min(found, key=lambda season: season.read_at)
            if at - due.read_at <= OVER_S:
                return False
        due.shifts, due.read_at = summaries.shift_figures(store, due.window, now_ms), at
        return found[-1].window.start_ms > begun_ms

    def _report(self, store: Any, row: ShiftFigures, now_ms: int) -> ShiftReport:
        at = time.monotonic()
        made_at, report = self._reports.get(row.shift.span, (0.0, None))
        if report is None or at - made_at > (OVER_S if row.over else RUNNING_S):
            report = summaries.shift_report(store, row.shift, now_ms)
            self._reports = {row.shift.span: (at, report)}
        return report


def _is_new(running: Shift | None, listed: tuple[ShiftFigures, ...], now_ms: int) -> bool:
    """Whether a shift has begun since the list was read."""
    return running is not None and running.span.start_ms < now_ms and running not in [row.shift for row in listed[:1]]


class RowFace(Struct, frozen=True):
    """One shift of the list as words."""

    span: Span
    date: str
    day: str
    name: str
    hours: str
    oee: str
    made: str

    def words(self) -> str:
        """All of it, the date first: typing a date goes there."""
        oee = f"OEE {self.oee}" if self.made else self.oee
        return ", ".join(part for part in (self.date, self.day, self.name, self.hours, oee, self.made) if part)


def row_face(row: ShiftFigures, timezone: str, report: ShiftReport | None = None) -> RowFace:
    """A shift: business date, name and crew, hours, OEE, good pieces of the target. Of the one that runs they are those
    of the page that stands beside it (`report`), else only that it runs."""
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
    return RowFace(row.shift.span, on.isoformat(), day_words(on), shift_words(row.shift), hours, oee, made)


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
        paint.text(painter, left.translated(0, 25), row.hours, 15, tokens.ink2, least_px=14)
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


class ToolsFace(Struct, frozen=True):
    """What the preview shows, and a note beside it."""

    title: str
    note: str


class Tools(Painted):
    """Above the preview: which report it is, and the buttons that write it."""

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Ground, title and note; the buttons stand at the right."""
        card(painter, rect, tokens)
        shown = self._face
        if isinstance(shown, ToolsFace):
            wide = self.words_px() - 20
            lines = min(len(paint.broken(shown.note, 15, wide)), 2) if shown.note else 0
            top = rect.center().y() - (30 + 20 * lines) / 2
            room = QRectF(rect.left() + 20, top, wide, 30)
            paint.text(painter, room, shown.title, 20, tokens.ink, bold=True, least_px=14)
            below = QRectF(room.left(), room.bottom(), room.width(), 40)
            paint.paragraph(painter, below, shown.note, 15, tokens.ink2, most=2)

    def words_px(self) -> float:
        """How far the words may reach."""
        lefts = [button.x() for button in self.findChildren(Button)]
        return min(lefts, default=self.width()) - 12.0


class Paper(QWidget):
    """One page of the report, drawn by the hand that draws the PDF."""

    def __init__(self, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"paper-{number}")
        self._number = number
        self._pages: pdf.Pages | None = None
        self._drawn: tuple[tuple[int, float], QPixmap] | None = None

    def show_page(self, pages: pdf.Pages) -> None:
        """Show the page of another report."""
        self._pages, self._drawn = pages, None
        words = _("Page {number} of {count}").format(number=self._number, count=pages.count)
        tell(self, words, pages.title)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The page, drawn once for a size and kept."""
        if self._pages is None:
            return
        ratio = self.devicePixelRatioF()
        key = (self.width(), ratio)
        if self._drawn is None or self._drawn[0] != key:
            self._drawn = (key, self._draw(self._pages, ratio))
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._drawn[1])
        painter.end()

    def _draw(self, pages: pdf.Pages, ratio: float) -> QPixmap:
        page = QPixmap(self.size() * ratio)
        page.setDevicePixelRatio(ratio)
        page.fill(paint.color(LIGHT.panel))
        painter = QPainter(page)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        scale = self.width() / pages.WIDTH
        painter.scale(scale, scale)
        pages.draw(painter, self._number)
        painter.end()
        return page


class Preview(QScrollArea):
    """The pages of the report below each other, as wide as the room at first. Ctrl and the wheel, + and - change their
    size, 0 makes them as wide as the room, 9 shows a whole page."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("preview")
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        tell(self, _("Preview"))
        self.zoom = 1.0  # of the width of the room
        self.sheet = QWidget(self)
        self.sheet.setObjectName("preview-sheet")
        tell(self.sheet, _("Preview"))
        self.setWidget(self.sheet)
        self.papers: list[Paper] = []
        self._shown = 0

    def show_pages(self, pages: pdf.Pages | None) -> None:
        """Show a report; None: nothing."""
        self._shown = pages.count if pages else 0
        while len(self.papers) < self._shown:
            self.papers.append(Paper(len(self.papers) + 1, self.sheet))
        for number, paper in enumerate(self.papers):
            paper.setVisible(number < self._shown)
            if pages is not None and number < self._shown:
                paper.show_page(pages)
        tell(self, _("Preview"), pages.title if pages else "")
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width is another size of the paper."""
        super().resizeEvent(event)
        self._place()

    def fit_width(self) -> None:
        """As wide as the room."""
        self.set_zoom(1.0)

    def fit_page(self) -> None:
        """A whole page in the room."""
        self.set_zoom(self.viewport().height() * pdf.Pages.WIDTH / pdf.Pages.HEIGHT / self._fitting())

    def step(self, steps: int) -> None:
        """A fourth larger or smaller, so many times."""
        self.set_zoom(self.zoom * ZOOM_STEP**steps)

    def set_zoom(self, zoom: float) -> None:
        """So many widths of the room; what is in the middle stays there."""
        zoom = min(max(zoom, LEAST_ZOOM), MOST_ZOOM)
        if zoom == self.zoom:
            return
        self.zoom = zoom
        bars = (self.verticalScrollBar(), self.horizontalScrollBar())
        places = [(bar.value() + bar.pageStep() / 2) / max(bar.maximum() + bar.pageStep(), 1) for bar in bars]
        self._place()
        for bar, place in zip(bars, places, strict=True):
            bar.setValue(round(place * (bar.maximum() + bar.pageStep()) - bar.pageStep() / 2))

    def _fitting(self) -> int:
        return max(min(PAPER_PX, self.viewport().width() - 8), 1)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """With Ctrl the wheel changes the size."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.step(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
            return
        super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Plus and minus, 0 for the width, 9 for the page; arrows and pages scroll."""
        acts: dict[str, Callable[[], None]] = {
            "+": partial(self.step, 1), "=": partial(self.step, 1), "-": partial(self.step, -1),
            "0": self.fit_width, "9": self.fit_page,
        }  # fmt: skip
        act = acts.get(event.text())
        if act is None:
            super().keyPressEvent(event)
        else:
            act()

    def _place(self) -> None:
        room = self.viewport().width()
        wide = round(self._fitting() * self.zoom)
        high = round(wide * pdf.Pages.HEIGHT / pdf.Pages.WIDTH)
        for number, paper in enumerate(self.papers[: self._shown]):
            paper.setGeometry(QRect(max((room - wide) // 2, 0), number * (high + GAP), wide, high))
        self.sheet.resize(max(room, wide), max(self._shown * (high + GAP) - GAP, 0))


class Empty(Painted):
    """A sentence in place of the preview, with grey bars while a page is put together."""

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Ground and sentence."""
        card(painter, rect, tokens)
        room = QRectF(rect.left() + 24, rect.top() + 40, rect.width() - 48, 30)
        for line in paint.broken(str(self._face or ""), 18, room.width(), bold=True):
            paint.text(painter, room, line, 18, tokens.ink, bold=True, align=paint.CENTER)
            room.translate(0, 30)

    def show_words(self, words: str) -> None:
        """Show a sentence."""
        if self.set_face(words):
            tell(self, words)


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


def _menu(button: Button, name: str, words: str) -> QMenu:
    menu = QMenu(button)
    menu.setObjectName(name)
    menu.setFont(paint.font(17))
    tell(menu, words)
    return menu


def _dress(menu: QMenu) -> None:
    """A menu in the colours of the theme."""
    tokens = theme.tokens()
    menu.setStyleSheet(
        f"QMenu {{ background: {tokens.panel}; color: {tokens.ink}; border: 1px solid {tokens.line_strong}; }}"
        f"QMenu::item {{ padding: 14px 28px; }}"
        f"QMenu::item:selected {{ background: {tokens.accent}; color: {tokens.accent_on}; }}"
    )


class ReportPage(Screen):
    """The shifts at the left, the printed page at the right."""

    files_wanted = Signal(str, str, str)  # the shift as `find_shift` names it, formats with commas, a form or ""
    folder_wanted = Signal()
    forms_wanted = Signal()  # the folder of the shop's forms
    printers_wanted = Signal()  # answered by `offer_printers`
    print_wanted = Signal(str, str)  # the shift, the name of a printer
    picture_copied = Signal()  # the first page is in the clipboard

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("report", parent)
        tell(self, _("Shift report"))
        self.chosen: Span | None = None
        self._desk = Desk()
        self._report: ShiftReport | None = None
        self._writing = ""
        self.card = Shifts("shifts", self.page)
        tell(self.card, _("Shifts"))
        self.list = ShiftList(self.card)
        self.tools = Tools("report-tools", self.page)
        self.save = Button("save-all", _("Save all"), self.tools, main=True, icon="document")
        tell(self.save, _("Save all"), _("PDF, Excel and CSV"))
        names = {"pdf": "PDF", "xlsx": "Excel", "csv": "CSV"}
        self.formats = {key: Button(f"save-{key}", names[key], self.tools) for key in FORMATS}
        self.form = Button("save-form", _("Form"), self.tools)
        tell(self.form, _("Form"), _("Fill in a form of your shop"))
        self.forms = _menu(self.form, "forms", _("Forms"))
        self._own: tuple[Path, ...] = ()
        self.folder = Button("open-reports", _("Open folder"), self.tools, icon="folder")
        self.preview = Preview(self.page)
        zooms = (
            ("zoom-out", "−", _("Smaller"), partial(self.preview.step, -1)),
            ("zoom-in", "+", _("Larger"), partial(self.preview.step, 1)),
            ("zoom-width", _("Width"), _("As wide as the window"), self.preview.fit_width),
            ("zoom-page", _("Page"), _("The whole page"), self.preview.fit_page),
        )
        self.zooms: list[Button] = []
        for name, words, told, act in zooms:
            button = Button(name, words, self.page)
            tell(button, told, words)
            button.clicked.connect(act)
            self.zooms.append(button)
        self.copy = Button("copy-picture", _("Copy picture"), self.page)
        tell(self.copy, _("Copy picture"), _("The first page, to be pasted into a messenger"))
        self.picture = Button("save-picture", _("Save picture"), self.page)
        tell(self.picture, _("Save picture"), _("The first page as a PNG file"))
        self.print = Button("print", _("Print"), self.page, icon="print")
        tell(self.print, _("Print"), "Ctrl+P")
        self.printers = _menu(self.print, "printers", _("Printers"))
        self.empty = Empty("preview-empty", self.page)
        self.empty.show_words(_("The shifts are being read."))
        self.list.chosen.connect(self._chosen)
        self.save.clicked.connect(self._save_all)
        self.folder.clicked.connect(self.folder_wanted)
        self.form.clicked.connect(self._offer_forms)
        self.print.clicked.connect(self.ask_printers)
        self.copy.clicked.connect(self._copy_picture)
        self.picture.clicked.connect(self._save_picture)
        for button in self.formats.values():
            button.clicked.connect(self._save_one)
        self._show_tools()

    def question(self) -> Question:
        """The shifts, and the report of the chosen one."""
        chosen, desk = self.chosen, self._desk

        def ask(store: Any, now_ms: int) -> ReportView:
            return desk.view(store, now_ms, chosen)

        return ask

    def present(self, answer: object, stale_since_ms: int | None) -> None:
        """Show the shifts and the page."""
        if not isinstance(answer, ReportView):
            raise TypeError(f"the report page shows a ReportView, not {type(answer).__name__}")
        report = answer.report
        if report is not None and self.chosen is None:
            self.chosen = report.shift.span
        self.list.show_rows(tuple(row_face(row, answer.head.timezone, report) for row in answer.shifts), self.chosen)
        self._own = answer.forms
        self.card.set_face((len(answer.shifts), answer.more, answer.head.has_shifts))
        tell(self.card, _("Shifts"), self.list.accessibleDescription())
        if report is not self._report:
            self._report = report
            self.preview.show_pages(pdf.Pages(report) if report else None)
        if report is None:
            begun = _("No shift has begun yet. Its report appears here when one runs.")
            self.empty.show_words(begun if answer.head.has_shifts else _(NO_SHIFTS))
        self._show_tools()

    def show_writing(self, done: str) -> None:
        """How much of the files is written, "42 %"; "" while none is. Nothing else can be asked for meanwhile."""
        self._writing = done
        self._show_tools()

    def subject(self) -> object:
        """The chosen shift."""
        return self.chosen or ""

    def waiting_cards(self) -> list[QWidget]:
        """The page; the list of shifts too while it is not known."""
        return [self.empty] if self._report is not None else [self.card, self.tools, self.empty]

    def _ready(self) -> bool:
        return self._report is not None and self._report.shift.span == self.chosen

    def _show_tools(self) -> None:
        ready, report = self._ready(), self._report
        title, note = _("Shift report"), ""
        if ready and report is not None:
            title = f"{day_words(report.business_on)} · {shift_words(report.shift)}"
            note = _("This page is the PDF, as it will be printed.")
            if report.window.end_ms < report.shift.span.end_ms:
                note = _("Shift in progress: the figures so far.")
        if self._writing:
            note = _("The files are being written: {done}").format(done=self._writing)
        if self.tools.set_face(ToolsFace(title, note)):
            tell(self.tools, title, note)
        for button in (self.save, *self.formats.values(), self.form, self.print, self.picture):
            button.setEnabled(ready and not self._writing)
        self.preview.setVisible(ready)
        for button in (*self.zooms, self.copy, self.picture, self.print):
            button.setVisible(ready)
        self.empty.setVisible(not ready)
        if self.chosen is not None and not ready:
            self.empty.show_words(_("The report is being put together."))

    def _chosen(self, span: object) -> None:
        if isinstance(span, Span) and span != self.chosen:
            self.chosen = span
            self._show_tools()
            self.question_changed.emit()

    def _save_all(self) -> None:
        self._write(",".join(FORMATS))

    def _save_one(self) -> None:
        self._write(next(key for key, button in self.formats.items() if button is self.sender()))

    def _write(self, formats: str, form: str = "") -> None:
        if self._ready() and self._report is not None:
            shift = self._report.shift
            self.files_wanted.emit(f"{shift.business_on}/{shift.name}", formats, form)

    def _save_picture(self) -> None:
        self._write("png")

    def _copy_picture(self) -> None:
        """The first page into the clipboard."""
        if self._ready() and self._report is not None:
            from desktop.reports.pdf import picture

            QGuiApplication.clipboard().setImage(picture.draw(self._report))
            self.picture_copied.emit()

    def _offer_forms(self) -> None:
        """The shop's forms, else the one that comes with the program, and where they lie."""
        _dress(self.forms)
        self.forms.clear()
        if not self._own:
            self.forms.addAction(_("Sample form"), partial(self._write, "", SAMPLE))
        for file in self._own:
            name = file.stem.replace("&", "&&")
            self.forms.addAction(name, partial(self._write, "", str(file)))
        self.forms.addSeparator()
        self.forms.addAction(_("Folder of the forms"), self.forms_wanted.emit)
        self.forms.popup(self.form.mapToGlobal(QPoint(0, self.form.height())))

    def ask_printers(self) -> None:
        """Ask for the printers, where there is a page to print."""
        if self._ready() and not self._writing:
            self.printers_wanted.emit()

    def print_out(self) -> None:
        """Ctrl+P: on which printer is asked first."""
        self.ask_printers()

    def offer_printers(self, names: Sequence[str]) -> None:
        """The printers to choose from above the button, the first one marked: Enter prints. Not where another screen
        was opened meanwhile."""
        if not self._ready() or not self.isVisible():
            return
        _dress(self.printers)
        self.printers.clear()
        for name in names:
            self.printers.addAction(name.replace("&", "&&"), partial(self._print_on, name))
        self.printers.setActiveAction(self.printers.actions()[0])
        corner = self.print.mapToGlobal(QPoint(self.print.width(), 0))
        size = self.printers.sizeHint()
        self.printers.popup(corner - QPoint(size.width(), size.height()))

    def _print_on(self, printer: str) -> None:
        if self._ready() and self._report is not None:
            shift = self._report.shift
            self.print_wanted.emit(f"{shift.business_on}/{shift.name}", printer)

    def arrange(self, width: int, height: int) -> int:
        """The list at the left over the whole height, the page fills the rest."""
        left_px = 360 if width < NARROW_PX else 412
        top = 12 if height < 800 else TOP
        self.card.setGeometry(MARGIN, top, left_px, height - top - TOP)
        self.list.setGeometry(2, HEAD_PX + 1, left_px - 4, self.card.height() - HEAD_PX - 4)
        x = MARGIN + left_px + GAP
        right_px = width - x - MARGIN
        self.tools.setGeometry(x, top, right_px, TOOLS_PX)
        right = right_px - 16
        self.folder.setText("" if width < NARROW_PX else _("Open folder"))
        for button in (self.save, self.form, *reversed(self.formats.values()), self.folder):
            wide = button.sizeHint().width()
            right -= wide
            button.setGeometry(right, (TOOLS_PX - 56) // 2, wide, 56)
            right -= 12
        room = QRect(x, top + TOOLS_PX + GAP, right_px, height - top - TOOLS_PX - GAP - TOP)
        y = room.bottom() + 1 - ZOOMS_PX
        for button in self.zooms:
            wide = max(button.sizeHint().width(), ZOOMS_PX)
            button.setGeometry(x, y, wide, ZOOMS_PX)
            x += wide + 12
        right = room.right() + 1
        for button in (self.print, self.picture, self.copy):
            wide = button.sizeHint().width()
            right -= wide
            button.setGeometry(right, y, wide, ZOOMS_PX)
            right -= 12
        self.preview.setGeometry(room.adjusted(0, 0, 0, -ZOOMS_PX - 12))
        self.empty.setGeometry(room)
        return height
