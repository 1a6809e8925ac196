"""The shift report: its pages as they will be printed, and beside them the handover of the shift or all shifts."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from msgspec import Struct
from PySide6.QtCore import QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QGuiApplication, QHideEvent, QPainter
from PySide6.QtWidgets import QMenu, QScrollArea, QWidget

from desktop import paint
from desktop.domain.figures.report import ShiftReport
from desktop.domain.figures.stops import OpenShift
from desktop.domain.people import Person
from desktop.domain.spans import Span
from desktop.reports import pdf
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views import theme
from desktop.views.background import Question
from desktop.views.handover import HandoverSide
from desktop.views.report_desk import Desk, ReportView
from desktop.views.screen import GAP, MARGIN, TOP, Screen
from desktop.views.widgets.button import Button
from desktop.views.widgets.painted import Painted, card, own_viewport, tell
from desktop.views.widgets.preview import Preview
from desktop.views.widgets.shift_list import HEAD_PX, ShiftList, Shifts, row_face
from desktop.views.widgets.shift_steps import oldest_of, oldest_words
from desktop.views.widgets.sign_form import CheckPin
from desktop.wording.moments import NO_SHIFTS, day_words, shift_words

ZOOMS_PX = 56  # the buttons under the preview that change its size
TOOLS_PX = 84
FILES_PX = 64
WEEK_PX = 72  # the foot of the list of shifts
_FILES_GAP_PX, _SPARE_PX = 10, 90  # between them; what each takes at most of what a row leaves
SAMPLE = "sample"  # the form that comes with the program
FORMATS = ("pdf", "xlsx", "csv")
RESTED_S = 900.0  # so long a chosen shift stays chosen while another screen is looked at
_PAPER_SHARE = 0.42  # of the width that the pages have


class ToolsFace(Struct, frozen=True):
    """What the preview shows, and a note beside it."""

    title: str
    note: str


class Tools(Painted):
    """Above the preview: which shift it is, and the way to others."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("report-tools", parent)
        self.before = Button("shift-before", "", self, icon="arrow-left")
        self.after = Button("shift-after", "", self, icon="arrow-right")
        self.all = Button("all-shifts", _("Shifts"), self, icon="calendar")
        tell(self.before, _("Shift before"))
        tell(self.after, _("Shift after"))

    def place(self) -> None:
        """The buttons at the right."""
        right = self.width() - 14
        for button in (self.all, self.after, self.before):
            wide = button.sizeHint().width()
            right -= wide
            button.setGeometry(right, (self.height() - 56) // 2, wide, 56)
            right -= 8

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Ground, title and note."""
        card(painter, rect, tokens)
        shown = self._face
        if isinstance(shown, ToolsFace):
            wide = self.before.x() - 32.0
            size_px, titles = paint.heading(shown.title, 20, wide, least_px=15, most=3)
            line_px = 28 if len(titles) == 1 else 22
            most = 3 - len(titles)  # a long name takes the room of the note
            lines = min(len(paint.broken(shown.note, 15, wide)), most) if shown.note else 0
            room = QRectF(rect.left() + 20, rect.center().y() - (line_px * len(titles) + 20 * lines) / 2, wide, line_px)
            for title in titles:
                paint.text(painter, room, title, size_px, tokens.ink, bold=True, least_px=14)
                room.translate(0, line_px)
            if lines:
                paint.paragraph(painter, room, shown.note, 15, tokens.ink2, most=lines)


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
    """The printed pages at the left; at the right the handover, or all shifts to choose from."""

    told = Signal(object)  # Telling
    taken_back = Signal(object)  # TakingBack
    deed_wanted = Signal(object)  # Deed: what is to be done of the shift, and where
    files_wanted = Signal(str, str, str)  # the shift as `find_shift` names it, formats with commas, a form or ""
    week_wanted = Signal()
    folder_wanted = Signal()
    forms_wanted = Signal()  # the folder of the shop's forms
    printers_wanted = Signal()  # answered by `offer_printers`
    print_wanted = Signal(str, str)  # the shift, the name of a printer
    picture_copied = Signal()  # the first page is in the clipboard

    def __init__(self, check_pin: CheckPin, here: Callable[[], Person | None], parent: QWidget | None = None) -> None:
        super().__init__("report", parent)
        tell(self, _("Shift report"))
        self.chosen: Span | None = None
        self._desk = Desk()
        self._report: ShiftReport | None = None
        self._writing = ""
        self._listing = False
        self._left_at = 0.0  # monotonic, when the screen was left
        self._own: tuple[Path, ...] = ()
        self.tools = Tools(self.page)
        self.preview = Preview(self.page)
        self.side = QScrollArea(self.page)  # where the window is low the handover scrolls, and the files stay in sight
        self.side.setObjectName("report-side")
        self.side.setFrameShape(QScrollArea.Shape.NoFrame)
        self.side.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.side.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        own_viewport(self.side)
        tell(self.side, _("Handover"))
        self.handover = HandoverSide(check_pin, here, self.side)
        self.side.setWidget(self.handover)
        self.card = Shifts("shifts", self.page)
        tell(self.card, _("Shifts"))
        self.list = ShiftList(self.card)
        self.week = Button("save-week", _("Page of the last week"), self.card, icon="document")
        tell(self.week, _("Page of the last week"), _("PDF and Excel: what each reason cost, against the weeks before"))
        self.week.clicked.connect(self.week_wanted)
        self._oldest: OpenShift | None = None
        self.oldest = Button("oldest-open", "", self.card, icon="clock")
        self.oldest.clicked.connect(self._go_to_oldest)
        self.oldest.hide()
        self._make_zooms()
        self._make_files()
        self.empty = Empty("preview-empty", self.page)
        self.empty.show_words(_("The shifts are being read."))
        self.list.chosen.connect(self._chosen)
        self.list.activated.connect(partial(self._show_list, False))
        self.tools.before.clicked.connect(partial(self._step, 1))
        self.tools.after.clicked.connect(partial(self._step, -1))
        self.tools.all.clicked.connect(self._toggle_list)
        self.handover.told.connect(self.told)
        self.handover.taken_back.connect(self.taken_back)
        self.handover.deed_wanted.connect(self.deed_wanted)
        self.handover.screen_wanted.connect(self.screen_wanted)
        self.handover.resized.connect(self.arranged)
        self._show_list(False)
        self._show_tools()

    def _make_zooms(self) -> None:
        zooms = (
            ("zoom-out", "", "minus", _("Smaller"), partial(self.preview.step, -1)),
            ("zoom-in", "", "plus", _("Larger"), partial(self.preview.step, 1)),
            ("zoom-width", _("Width"), "", _("As wide as the window"), self.preview.fit_width),
            ("zoom-page", _("Page"), "", _("The whole page"), self.preview.fit_page),
        )
        self.zooms: list[Button] = []
        for name, words, icon, told, act in zooms:
            button = Button(name, words, self.page, icon=icon)
            tell(button, told, words)
            button.clicked.connect(act)
            self.zooms.append(button)

    def _make_files(self) -> None:
        self.save = Button("save-all", _("Save all"), self.page, main=True, icon="document", height=FILES_PX)
        tell(self.save, _("Save all"), _("PDF, Excel and CSV"))
        self.print = Button("print", _("Print"), self.page, icon="print")
        tell(self.print, _("Print"), "Ctrl+P")
        self.printers = _menu(self.print, "printers", _("Printers"))
        names = {"pdf": "PDF", "xlsx": "Excel", "csv": "CSV"}
        self.formats = {key: Button(f"save-{key}", names[key], self.page) for key in FORMATS}
        self.form = Button("save-form", _("Form"), self.page)
        tell(self.form, _("Form"), _("Fill in a form of your shop"))
        self.forms = _menu(self.form, "forms", _("Forms"))
        self.copy = Button("copy-picture", _("Copy picture"), self.page)
        tell(self.copy, _("Copy picture"), _("The first page, to be pasted into a messenger"))
        self.picture = Button("save-picture", _("Save picture"), self.page)
        tell(self.picture, _("Save picture"), _("The first page as a PNG file"))
        self.folder = Button("open-reports", "", self.page, icon="folder")
        tell(self.folder, _("Open folder"))
        self.save.clicked.connect(self._save_all)
        self.folder.clicked.connect(self.folder_wanted)
        self.form.clicked.connect(self._offer_forms)
        self.print.clicked.connect(self.ask_printers)
        self.copy.clicked.connect(self._copy_picture)
        self.picture.clicked.connect(self._save_picture)
        for button in self.formats.values():
            button.clicked.connect(self._save_one)

    def question(self) -> Question:
        """The shifts, and the report of the chosen one."""
        chosen, desk, live = self.chosen, self._desk, self.live

        def ask(store: Any, now_ms: int) -> ReportView:
            return desk.view(store, now_ms, chosen, live)

        return ask

    def present(self, answer: object, stale_since_ms: int | None) -> None:
        """Show the shifts and the page."""
        if not isinstance(answer, ReportView):
            raise TypeError(f"the report page shows a ReportView, not {type(answer).__name__}")
        report = answer.report
        if report is not None and self.chosen is None:
            self.chosen = report.shift.span
        asks, zone = {each.shift.span: each.asks for each in answer.open}, answer.head.timezone
        rows = tuple(row_face(row, zone, report, asks.get(row.shift.span, 0)) for row in answer.shifts)
        self.list.show_rows(rows, self.chosen)
        self._show_oldest(oldest_of(answer.open))
        self._own = answer.forms
        self.card.set_face((len(answer.shifts), answer.more, answer.head.has_shifts))
        tell(self.card, _("Shifts"), self.list.accessibleDescription())
        self.handover.show_view(answer)
        self._fit_side()
        if report is not self._report:
            self._report = report
            self.preview.show_pages(pdf.Pages(report) if report else None)
        if report is None:
            begun = _("No shift has begun yet. Its report appears here when one runs.")
            self.empty.show_words(begun if answer.head.has_shifts else _(NO_SHIFTS))
        self._show_tools()

    def _show_oldest(self, oldest: OpenShift | None) -> None:
        """The way to the oldest shift that is not closed and has stops without a reason."""
        self._oldest = oldest
        words = oldest_words(oldest) if oldest is not None else ""
        if words != self.oldest.text():
            self.oldest.setText(words)
            tell(self.oldest, words, _("The oldest shift that is not closed and has stops that ask for a reason"))
            self.oldest.setVisible(bool(words))
            self.arranged()

    def _go_to_oldest(self) -> None:
        place = next(
            (n for n, row in enumerate(self.list.shifts.rows) if self._oldest and row.span == self._oldest.shift.span),
            None,
        )
        if place is not None:
            self.list.setCurrentIndex(self.list.shifts.index(place))
            self._show_list(False)

    def show_writing(self, done: str) -> None:
        """How much of the files is written, "42 %"; "" while none is. Nothing else can be asked for meanwhile."""
        self._writing = done
        self._show_tools()

    def opened(self) -> None:
        """Whoever comes back after a while wants the shift that is to be handed over now."""
        if time.monotonic() - self._left_at > RESTED_S:
            self.chosen = None

    def hideEvent(self, event: QHideEvent) -> None:
        """Another screen is shown."""
        self._left_at = time.monotonic()
        super().hideEvent(event)

    def subject(self) -> object:
        """The chosen shift."""
        return self.chosen or ""

    def waiting_cards(self) -> list[QWidget]:
        """The page; the list of shifts too while it is not known."""
        return [self.empty] if self._report is not None else [self.tools, self.empty, self.card]

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
        for button in (self.save, *self.formats.values(), self.form, self.print, self.picture, self.copy):
            button.setEnabled(ready and not self._writing)
        self.week.setEnabled(not self._writing)
        self.preview.setVisible(ready)
        for button in self.zooms:
            button.setVisible(ready)
        self.side.setVisible(ready and not self._listing)
        self.empty.setVisible(not ready)
        if self.chosen is not None and not ready:
            self.empty.show_words(_("The report is being put together."))
        place = self._place()
        self.tools.before.setEnabled(place is not None and place + 1 < len(self.list.shifts.rows))
        self.tools.after.setEnabled(bool(place))

    # -- which shift --

    def _place(self) -> int | None:
        """The place of the chosen shift in the list, 0 the newest."""
        return next((n for n, row in enumerate(self.list.shifts.rows) if row.span == self.chosen), None)

    def _step(self, steps: int) -> None:
        """The shift before (1) or after (-1)."""
        place = self._place()
        if place is not None and 0 <= place + steps < len(self.list.shifts.rows):
            self.list.setCurrentIndex(self.list.shifts.index(place + steps))

    def _toggle_list(self) -> None:
        self._show_list(not self._listing)

    def _show_list(self, listing: bool, *_index: object) -> None:
        """All shifts in the place of the handover, or back."""
        self._listing = listing
        self.card.setVisible(listing)
        self.side.setVisible(not listing and self._ready())
        words = _("Handover") if listing else _("Shifts")
        self.tools.all.setText(words)
        tell(self.tools.all, words)
        self.tools.place()
        if listing:
            self.list.setFocus()
        self.arranged()

    def step_back(self) -> bool:
        """Leave a form of the handover, or the list."""
        if self._listing:
            self._show_list(False)
            return True
        return self.handover.step_back()

    def was_entered(self, *_what: object) -> None:
        """What was told is in the file, or was refused: look again."""
        self.question_changed.emit()

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
        """The pages at the left over the whole height; the handover and the files at the right."""
        top = 12 if height < 800 else TOP
        whole = width - 2 * MARGIN - GAP
        left_px = round(whole * _PAPER_SHARE)
        right_px, x = whole - left_px, MARGIN + left_px + GAP
        self.save.fill(self.side.isHidden() or not self.handover.asks)
        files_px = self._flow_files(x, 0, right_px)
        bottom = height - TOP
        self._flow_files(x, bottom - files_px, right_px)
        side = QRect(x, top, right_px, bottom - files_px - GAP - top)
        self.side.setGeometry(side)
        self._fit_side()
        self.card.setGeometry(side)
        self.list.setGeometry(2, HEAD_PX + 1, right_px - 4, side.height() - HEAD_PX - 4 - WEEK_PX)
        foot, oldest_px = right_px - 28, 0
        if not self.oldest.isHidden():
            oldest_px = min(self.oldest.sizeHint().width(), foot * 3 // 5)
            self.oldest.setGeometry(14, side.height() - WEEK_PX + 2, oldest_px, 56)
            oldest_px += 12
        self.week.setGeometry(14 + oldest_px, side.height() - WEEK_PX + 2, foot - oldest_px, 56)
        self.tools.setGeometry(MARGIN, top, left_px, TOOLS_PX)
        self.tools.place()
        y = bottom - ZOOMS_PX
        x = MARGIN
        for button in self.zooms:
            wide = max(button.sizeHint().width(), ZOOMS_PX)
            button.setGeometry(x, y, wide, ZOOMS_PX)
            x += wide + 12
        room = QRect(MARGIN, top + TOOLS_PX + GAP, left_px, y - 12 - top - TOOLS_PX - GAP)
        self.preview.setGeometry(room)
        self.empty.setGeometry(room)
        return height

    def _fit_side(self) -> None:
        """The handover as wide as its room, and as high as its cards want."""
        wide, high = self.side.width(), self.side.height()
        if self.handover.wanted_px(wide) > high:
            wide -= self.side.verticalScrollBar().sizeHint().width() + 6
        self.handover.resize(wide, max(self.handover.wanted_px(wide), high))

    def _flow_files(self, left: int, top: int, wide: int) -> int:
        """Place the buttons that write files in as many rows as they need, from `top` on, each row as wide as the
        rest of the page; returns their height."""
        buttons = (self.save, self.print, *self.formats.values(), self.form, self.copy, self.picture, self.folder)
        wants = {button: max(button.sizeHint().width(), 56) for button in buttons}
        whole = sum(wants.values()) + _FILES_GAP_PX * (len(buttons) - 1)
        most = wide if whole <= wide else max(whole // -(-whole // wide), max(wants.values()))
        rows: list[list[Button]] = [[]]
        for button in buttons:
            taken = sum(wants[each] + _FILES_GAP_PX for each in rows[-1])
            full = taken + wants[button] > wide or (taken >= most and len(rows) < -(-whole // wide))
            if rows[-1] and full:
                rows.append([])
            rows[-1].append(button)
        for line, row in enumerate(rows):
            spare = wide - sum(wants[each] for each in row) - _FILES_GAP_PX * (len(row) - 1)
            x, y = float(left), top + line * (FILES_PX + _FILES_GAP_PX)
            for button in row:
                each = wants[button] + min(spare / len(row), _SPARE_PX)
                button.setGeometry(round(x), y, round(x + each) - round(x), FILES_PX)
                x += each + _FILES_GAP_PX
        return len(rows) * (FILES_PX + _FILES_GAP_PX) - _FILES_GAP_PX
