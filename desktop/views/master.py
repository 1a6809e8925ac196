"""Master data 기준정보: the tables that a shop edits in Excel, and what a sheet would change of them before it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop.configuration.sheets.desk import Look, Shown, signers
from desktop.configuration.sheets.difference import Preview
from desktop.configuration.sheets.kinds import KINDS
from desktop.domain.people import Act, Person, PersonNow
from desktop.reports.blocks import Column, Section, Table
from desktop.text import N_, _, plural
from desktop.views.background import Question
from desktop.views.screen import GAP, MARGIN, TOP, OfLine, Screen
from desktop.views.sheet_preview import SheetPreview
from desktop.views.widgets.button import Button
from desktop.views.widgets.option import OPTION_PX, Choice, Option
from desktop.views.widgets.painted import Painted, tell
from desktop.views.widgets.sign_form import CheckPin, SignForm
from desktop.views.widgets.table_panel import TablePanel
from desktop.views.widgets.why_panel import WhyPanel

LEAST_TABLE_PX = 360
_ASKED_PX = 900  # the width of a question


#: why limits are changed, mostly
WHYS = (N_("Drawing changed"), N_("Customer asked for it"), N_("Process was improved"), N_("Entered wrongly"))


class MasterNow(OfLine, frozen=True):
    """The line, for the header, the table that is looked at, and who may sign for a change of it."""

    table: Shown
    people: tuple[PersonNow, ...] = ()


class Master(Screen):
    """Tabs of tables; the table that is chosen, or what a sheet would change of it."""

    look_wanted = Signal(str, object)  # kind, a Path or the text of the clipboard
    usual_wanted = Signal(str)
    apply_wanted = Signal(object, bool, str, str)  # a Preview, whether what it does not name is retired, who, why
    export_wanted = Signal(str, str, str)  # kind, "csv" or "xlsx", name of the file
    template_wanted = Signal(str, str)
    list_wanted = Signal(object, str, str, str)  # Section, ending, time zone, name: the list that is shown

    def __init__(self, check_pin: CheckPin, here: Callable[[], Person | None], parent: QWidget | None = None) -> None:
        super().__init__("master", parent)
        self._here = here
        self._people: tuple[PersonNow, ...] = ()
        self._signing: tuple[Preview, bool, str] | None = None  # what waits for who signs, with its why
        tell(self, _("Master data"))
        self.kind = next(iter(KINDS))
        self._timezone = "UTC"
        self.tabs = [Option(f"table-{key}", key, self.page) for key in KINDS]
        for tab in self.tabs:
            tab.clicked.connect(self._tab_pressed)
        self.take = Button("import-file", _("Import file"), self.page, icon="folder")
        self.paste = Button("paste", _("Paste"), self.page, icon="document")
        self.template = Button("template", _("Blank table"), self.page)
        self.usual = Button("usual-list", _("Usual list"), self.page)
        self.usual.clicked.connect(self._usual)
        self.take.clicked.connect(self._take)
        self.paste.clicked.connect(self._paste)
        self.template.clicked.connect(self._template)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Paste), self, self._paste,
                  context=Qt.ShortcutContext.WidgetWithChildrenShortcut)  # fmt: skip
        self.panel = TablePanel("master-table", _("Master data"), self.page)
        self.panel.file_wanted.connect(self._export)
        self.preview = SheetPreview(self.page)
        self.bar, self.difference = self.preview.bar, self.preview.table
        self.preview.turned.connect(self._turned)
        self.preview.apply_wanted.connect(self._apply)
        self.why = WhyPanel(self.page)
        self.sign = SignForm(check_pin, self.page, name="limits", act=Act.LIMITS)
        self.why.hide()
        self.sign.hide()
        self.why.chosen.connect(self._ask_who)
        self.why.left.connect(self._leave)
        self.sign.signed.connect(self._signed)
        self.sign.cancelled.connect(self._leave)
        self.sign.people_wanted.connect(lambda: self.screen_wanted.emit("people"))
        self.preview.list_wanted.connect(self._save_list)
        self._show_tabs()

    # -- what is shown --

    def question(self) -> Question:
        """The line and the table that is chosen, read anew only when the register changed."""
        live, look = self.live, Look(self.kind)

        def asked(store: Any, now_ms: int) -> MasterNow:
            return MasterNow(live.line_now(store, now_ms), look(store), signers(store))

        return asked

    def subject(self) -> object:
        """The table."""
        return self.kind

    def present(self, answer: object, stale_since_ms: int | None) -> None:
        """Show the table."""
        if not isinstance(answer, MasterNow):
            raise TypeError(f"the tables are asked with a MasterNow, not {type(answer).__name__}")
        self._timezone = self.preview.timezone = answer.head.timezone
        self._people = answer.people
        shown = answer.table
        figures = shown.figures or (False,) * len(shown.titles)
        columns = (
            Column(title, strong=n == 0, figures=right)
            for n, (title, right) in enumerate(zip(shown.titles, figures, strict=True))
        )
        table = Table(tuple(columns), shown.rows)
        note = plural(
            N_("{count} row. Copy or export, edit in Excel, then paste or import."),
            N_("{count} rows. Copy or export, edit in Excel, then paste or import."),
            len(shown.rows),
        ).format(count=f"{len(shown.rows):,}")
        self.panel.title = _(KINDS[shown.kind].title)
        if not shown.rows:
            note = _("Nothing is here yet.")
        hint = _("Paste a table from Excel, import a file, or begin with the blank table.")
        self.panel.show_table(note, table, self._timezone, hint)

    def show_preview(self, shown: object) -> None:
        """Show what a sheet would change, or its faults."""
        if isinstance(shown, Preview) and shown.kind == self.kind:
            self.preview.open(shown)

    def close_preview(self) -> None:
        """Back to the table; nothing was written."""
        self.preview.close()

    def step_back(self) -> bool:
        """Leave the question, or close the preview."""
        if self._asks():
            self._leave()
            return True
        return self.preview.close()

    # -- who changes limits, and why --

    def _asks(self) -> bool:
        return not (self.why.isHidden() and self.sign.isHidden())

    def _apply(self, shown: Preview, retire: bool) -> None:
        """A change of limits takes a why, and a supervisor's PIN where one is set up."""
        if not KINDS[shown.kind].signed:
            self.apply_wanted.emit(shown, retire, "", "")
            return
        self._signing = (shown, retire, "")
        self.why.ask(_(KINDS[shown.kind].title), _("Why are they changed?"), [_(words) for words in WHYS])
        self._ask(self.why)

    def _ask_who(self, why: str) -> None:
        if self._signing is not None:
            shown, retire, _before = self._signing
            self._signing = (shown, retire, why)
            here = self._here()
            title = f"{_(KINDS[shown.kind].title)} · {why}"
            self.sign.open_form(shown.kind, title, self._people, here.id if here is not None else 0)
            self._ask(self.sign)

    def _signed(self, _kind: str, who: str) -> None:
        if self._signing is not None:
            shown, retire, why = self._signing
            self._leave()
            self.apply_wanted.emit(shown, retire, who, why)

    def _ask(self, panel: Painted) -> None:
        for each in (self.why, self.sign):
            each.setVisible(each is panel)
        panel.raise_()
        self.arranged()

    def _leave(self) -> None:
        self._signing = None
        self.why.hide()
        self.sign.hide()
        self.arranged()

    def _turned(self) -> None:
        if self.preview.shown is None and self._asks():
            self._leave()
        self.panel.setVisible(self.preview.shown is None)
        self.arranged()

    def _show_tabs(self) -> None:
        for tab in self.tabs:
            tab.show_choice(Choice(tab.value, _(KINDS[tab.value].title)), _("Master data"), tab.value == self.kind)
        self.usual.setVisible(KINDS[self.kind].usual is not None)

    # -- what is pressed --

    def _tab_pressed(self) -> None:
        tab = self.sender()
        if isinstance(tab, Option) and tab.value != self.kind:
            self.choose(tab.value)
            self.question_changed.emit()

    def _take(self) -> None:
        kinds = "Excel, CSV (*.xlsx *.xlsm *.csv *.tsv *.txt)"
        name, _kind = QFileDialog.getOpenFileName(self, _("Choose the table"), "", kinds)
        if name:
            self.look_wanted.emit(self.kind, Path(name))

    def _paste(self) -> None:
        self.look_wanted.emit(self.kind, QGuiApplication.clipboard().text())

    def _usual(self) -> None:
        self.usual_wanted.emit(self.kind)

    def _template(self) -> None:
        self.template_wanted.emit(self.kind, f"{self.kind}-blank")

    def _export(self, _section: Section, ending: str) -> None:
        """The whole table as it can be taken back, not only what is seen of it."""
        self.export_wanted.emit(self.kind, ending, self.kind)

    def _save_list(self, section: Section, ending: str, name: str) -> None:
        self.list_wanted.emit(section, ending, self._timezone, name)

    def applied(self) -> None:
        """The register is another one: the table is asked for anew."""
        self.close_preview()
        self.question_changed.emit()

    # -- places --

    def choices(self) -> dict[str, str]:
        """The table that is chosen."""
        return {"kind": self.kind}

    def restore(self, choices: Mapping[str, str]) -> None:
        """The table that was chosen before."""
        if choices["kind"] in KINDS:
            self.choose(choices["kind"])

    def choose(self, kind: str) -> None:
        """Look at this table from now on."""
        self.kind = kind
        self._show_tabs()
        self.preview.close()
        self.arranged()

    def arrange(self, width: int, height: int) -> int:
        """Tabs and buttons in one line where there is room for it, else in two; the table in the rest."""
        top = 12 if height < 800 else TOP
        x, y = MARGIN, top
        for tab in self.tabs:
            wide = tab.sizeHint().width()
            if x > MARGIN and x + wide > width - MARGIN:
                x, y = MARGIN, y + OPTION_PX + 12
            tab.setGeometry(x, y, wide, OPTION_PX)
            x += wide + 12
        buttons = [b for b in (self.take, self.paste, self.template, self.usual) if b.isVisibleTo(self.page)]
        wide = sum(button.sizeHint().width() + 12 for button in buttons) - 12
        if x + GAP + wide > width - MARGIN:
            y += OPTION_PX + 12
        x = width - MARGIN - wide
        for button in buttons:
            button.setGeometry(x, y, button.sizeHint().width(), OPTION_PX)
            x += button.width() + 12
        y += OPTION_PX + GAP
        room = max(height - TOP - y, LEAST_TABLE_PX)
        self.panel.setGeometry(MARGIN, y, width - 2 * MARGIN, room)
        bottom = y + room
        if self.preview.shown is not None:
            bottom = self.preview.place(MARGIN, y, width - 2 * MARGIN, height - TOP, LEAST_TABLE_PX)
            self.difference.setVisible(not self._asks())
            if self._asks():
                panel = self.why if self.sign.isHidden() else self.sign
                below = self.difference.y()
                panel.setGeometry(MARGIN, below, min(width - 2 * MARGIN, _ASKED_PX), 100)
                high = self.why.wanted_px() if panel is self.why else self.sign.wanted_px(panel.width())
                panel.resize(panel.width(), high)
                bottom = max(bottom, below + high)
        return bottom + (TOP if bottom + TOP > height else 0)
