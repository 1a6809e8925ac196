"""What a sheet would change, before it does: a bar that says how much and takes it over, and the rows below it."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRectF, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.configuration.sheets.desk import in_words, said
from desktop.configuration.sheets.difference import Preview
from desktop.configuration.sheets.kinds import KINDS
from desktop.reports.blocks import Column, Section, Table
from desktop.text import N_, _, plural
from desktop.tokens import Tokens
from desktop.views import theme
from desktop.views.screen import GAP
from desktop.views.widgets.button import Button
from desktop.views.widgets.option import Choice, Option
from desktop.views.widgets.painted import Painted, begin, card, tell
from desktop.views.widgets.table_panel import TablePanel

ACT_PX = 72
BAR_PX = ACT_PX + 24


class PreviewBar(Painted):
    """What a sheet would do in one sentence, and what can be done about it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("preview-bar", parent)
        self.apply = Button("apply", _("Apply"), self, main=True, icon="check", height=ACT_PX)
        self.cancel = Button("cancel-preview", _("Cancel"), self, height=ACT_PX)
        self.retire = Option("retire-missing", "retire", self)
        self._right = 0
        self.hide()

    def show_preview(self, shown: Preview, retire: bool) -> None:
        """Show what would happen."""
        missing = len(shown.difference.missing)
        if shown.faults:
            count = len(shown.faults) + shown.beyond
            head = plural(N_("{name}: {count} fault"), N_("{name}: {count} faults"), count).format(
                name=shown.name, count=count
            )
            note = _("Nothing is taken over until all of them are corrected. Correct the sheet and take it again.")
        else:
            head = f"{shown.name} · {said(shown.difference, missing if retire else 0)}"
            note = " · ".join(shown.notes) or _("Nothing is written before you apply it.")
        ask = _("Retire {count} not in the sheet")
        if shown.kind == "orders":
            ask = _("Take {count} not in the sheet out of the plan")
        self.retire.show_choice(Choice("retire", ask.format(count=missing)), _("Not in the sheet"), retire)
        self.retire.setVisible(bool(missing) and not shown.faults)
        self.apply.setEnabled(not shown.faults and bool(shown.difference.changes or (retire and missing)))
        self.apply.setVisible(not shown.faults)
        self.set_face((head, note))
        tell(self, head, note)
        self.place()

    def place(self) -> None:
        """Buttons at the right."""
        right = self.width() - 12
        for button in (self.apply, self.cancel, self.retire):
            if not button.isVisibleTo(self):
                continue
            size = button.sizeHint()
            right -= size.width()
            button.setGeometry(right, (self.height() - size.height()) // 2, size.width(), size.height())
            right -= 12
        self._right = right

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """The sentence and a note below it."""
        card(painter, rect, tokens)
        if not isinstance(self._face, tuple):
            return
        head, note = self._face
        wide = self._right - 20
        paint.text(painter, QRectF(20, 12, wide, 28), head, 18, tokens.ink, bold=True, least_px=14)
        paint.paragraph(painter, QRectF(20, 42, wide, 44), note, 15, tokens.ink2, most=2)


class SheetPreview(QObject):
    """Bar and rows of one sheet on a page. The page places them and hides what they take the place of."""

    turned = Signal()  # it was opened or closed, or shows other rows: the page is to be arranged
    apply_wanted = Signal(object, bool)  # a Preview, whether what it does not name is retired
    list_wanted = Signal(object, str, str)  # Section, ending, name: the list that is shown

    def __init__(self, page: QWidget) -> None:
        super().__init__(page)
        self.shown: Preview | None = None
        self.timezone = "UTC"
        self._retire = False
        self.bar = PreviewBar(page)
        self.bar.apply.clicked.connect(self._apply)
        self.bar.cancel.clicked.connect(self.close)
        self.bar.retire.clicked.connect(self._toggle_retire)
        self.table = TablePanel("difference", _("What would change"), page)
        self.table.file_wanted.connect(self._save_list)
        self.table.hide()

    def open(self, shown: Preview) -> None:
        """Show what a sheet would change, or its faults."""
        self.shown, self._retire = shown, False
        self._show()

    def close(self) -> bool:
        """Nothing was written. Returns False where nothing is shown."""
        if self.shown is None:
            return False
        self.shown = None
        self.bar.hide()
        self.table.hide()
        self.turned.emit()
        return True

    def place(self, x: int, y: int, width: int, bottom: int, least_px: int) -> int:
        """Bar and rows from `y` on; returns where they end."""
        self.bar.setGeometry(x, y, width, BAR_PX)
        self.bar.place()
        y += BAR_PX + GAP
        self.table.setGeometry(x, y, width, max(bottom - y, least_px))
        return y + self.table.height()

    def _show(self) -> None:
        shown = self.shown
        if shown is None:
            return
        if shown.faults:
            self.table.title = _("What to correct")
            columns: tuple[Column, ...] = (Column(_("Line, column and what to write")),)
            rows: list[tuple[str, ...]] = [(fault,) for fault in shown.faults]
            note = _("... and {count} more").format(count=shown.beyond) if shown.beyond else shown.name
        else:
            kind = KINDS[shown.kind]
            self.table.title = _("What would change")
            columns = (
                Column(_("Sheet line"), figures=True),
                Column(_("What")),
                Column(_("Row"), strong=True),
                Column(_("Old → new")),
            )
            changes = (*shown.difference.changes, *(shown.difference.missing if self._retire else ()))
            rows = [(str(change.line or "–"), *in_words(kind, change)) for change in changes]
            note = shown.name
        self.bar.show()
        self.bar.show_preview(shown, self._retire)
        empty = _("Nothing would change: all of it is there already.")
        self.table.show_table(note, Table(columns, tuple(rows)), self.timezone, empty)
        self.table.show()
        self.turned.emit()

    def _toggle_retire(self) -> None:
        self._retire = not self._retire
        self._show()

    def _apply(self) -> None:
        if self.shown is not None:
            self.apply_wanted.emit(self.shown, self._retire)

    def _save_list(self, section: Section, ending: str) -> None:
        if self.shown is not None:
            self.list_wanted.emit(section, ending, f"{self.shown.kind}-difference")


class PlanSheet(QWidget):
    """A sheet of the plan over a whole page, whose own things lie under it meanwhile."""

    def __init__(self, page: QWidget) -> None:
        super().__init__(page)
        self.setObjectName("plan-sheet")
        self.preview = SheetPreview(self)
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt asks for the picture: the ground alone."""
        painter = begin(self)
        paint.box(painter, QRectF(self.rect()), theme.tokens().bg)
        painter.end()
