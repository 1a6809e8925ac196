"""Trace 이력 조회: everything known of a scanned code, all units of a lot with their place, mock recalls, and what a
machine made before it stopped."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QModelIndex, QRectF, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop import trace_words as words
from desktop.domain.figures.trace import Asked, Found, MadeBefore, Recall, Trace, UnitList, Unknown
from desktop.reports import trace as pages
from desktop.reports.blocks import Section
from desktop.reports.cells import local, visible
from desktop.summaries.trace.answers import Answers
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views.background import Question
from desktop.views.screen import GAP, MARGIN, TOP, OfLine, Screen
from desktop.views.widgets.button import Button
from desktop.views.widgets.code_field import CHIP_PX, FIELD_PX, Chips, CodeField
from desktop.views.widgets.painted import Painted, card, tell
from desktop.views.widgets.table_panel import TablePanel
from desktop.views.widgets.trace_path import PathCard
from desktop.views.widgets.trace_table import NotesPlate, StationsCard

_RECENT = 8
_SIMILAR = 5
_SAY_PX = 150
_BETWEEN = "\t"  # stands in no code


class TraceNow(OfLine, frozen=True):
    """The line, for the header, and what was found; None where nothing was asked. `took_ms`: the time of the answer."""

    asked: Asked
    found: Found | Unknown | None
    took_ms: int = 0


class SayCard(Painted):
    """A sentence in the place of an answer: nothing was asked, or nothing is known."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("trace-say", parent)
        self.say(_("Being read"), "")

    def say(self, head: str, body: str) -> None:
        """Say this."""
        self.set_face((head, body))
        tell(self, head, body)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """A head and what to do."""
        card(painter, rect, tokens)
        if not isinstance(self._face, tuple):
            return
        head, body = self._face
        wide = rect.width() - 48
        used = paint.paragraph(painter, QRectF(24, 22, wide, 60), head, 20, tokens.ink, bold=True, most=2)
        paint.paragraph(painter, QRectF(24, 30 + used, wide, 60), body, 17, tokens.ink2, most=2)


class TraceScreen(Screen):
    """The box for the code and what can be taken away, the codes of before, and below them what is known."""

    export_wanted = Signal(object, str)  # what was found, "pdf", "xlsx" or "csv"
    hold_wanted = Signal(str, str)  # code and kind of what is to be held, or is

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("trace", parent)
        tell(self, _("Trace"))
        self._answers = Answers()
        self._asked = Asked()
        self._before: list[Asked] = []  # what was looked at before, for the way back
        self._recent: list[str] = []
        self._now: TraceNow | None = None
        self._built = False
        self.field = CodeField("trace-code", self.page)
        self.when = Button("trace-when", "", self.page, icon="clock")
        self.pdf = Button("trace-pdf", _("History PDF"), self.page, main=True, icon="document")
        self.xlsx = Button("trace-xlsx", "XLSX", self.page)
        self.csv = Button("trace-csv", "CSV", self.page)
        self.recent = Chips("trace-recent", _RECENT, _("Look at this code again"), self.page)
        self.similar = Chips("trace-similar", _SIMILAR, _("Look at this code"), self.page)
        self.units = Button("trace-units", _("All units"), self.page, icon="box", height=CHIP_PX)
        self.order = Button("trace-order", "", self.page, icon="truck", height=CHIP_PX)
        self.day = Button("trace-day", "", self.page, icon="calendar", height=CHIP_PX)
        self.hold = Button("trace-hold", _("Hold"), self.page, icon="stop", height=CHIP_PX)
        self.back = Button("trace-back", _("Back"), self.page, icon="arrow-left", height=CHIP_PX)
        self.say = SayCard(self.page)
        self.path = PathCard(self.page)
        self.notes = NotesPlate(self.page)
        self.stations = StationsCard(self.page)
        self.panel = TablePanel("trace-list", _("Units"), self.page)
        self.field.returnPressed.connect(self._typed)
        self.recent.chosen.connect(self.look_at)
        self.similar.chosen.connect(self.look_at)
        self.path.chosen.connect(self.look_at)
        self.path.all_wanted.connect(self._show_all)
        self.when.clicked.connect(self._turn)
        self.units.clicked.connect(self._ask_units)
        self.order.clicked.connect(self._ask_order)
        self.day.clicked.connect(self._ask_day)
        self.hold.clicked.connect(self._hold)
        self.back.clicked.connect(self.step_back)
        for button, ending in ((self.pdf, "pdf"), (self.xlsx, "xlsx"), (self.csv, "csv")):
            button.clicked.connect(lambda _checked=False, ending=ending: self._export(ending))
        self.panel.file_wanted.connect(self._export_list)
        self.panel.row_wanted.connect(self._open_row)
        self.panel.view.clicked.connect(self._row_clicked)
        tell(self.when, _("As built or as it is now"))
        self._show_answer()

    # -- what is asked --

    def look_at(self, code: str, kind: str = "") -> None:
        """Look up a code, however it came here."""
        if code:
            self._ask(Asked("code", code, kind))

    def show_before(self, machine: int, at_ms: int) -> None:
        """Show what a machine made before the stop of a moment."""
        self._ask(Asked("before", "", "", machine, at_ms))

    def _ask(self, asked: Asked) -> None:
        if asked == self._asked:
            return
        if self._asked.what:
            self._before.append(self._asked)
            del self._before[:-20]
        self._go_to(asked)

    def _go_to(self, asked: Asked) -> None:
        self._asked = asked
        self._built = False
        self.verticalScrollBar().setValue(0)
        if self.field.text() != asked.code:
            self.field.setText(asked.code)
        if self.field.hasFocus():
            self.field.selectAll()
        self.question_changed.emit()

    def _typed(self) -> None:
        self.look_at(self.field.text().strip())

    def _ask_units(self) -> None:
        found = self._found()
        if isinstance(found, Trace):
            self._ask(Asked("units", found.code, found.kind))

    def _ask_order(self) -> None:
        found = self._found()
        if isinstance(found, Trace) and found.order:
            self._ask(Asked("order", found.order))

    def _ask_day(self) -> None:
        found = self._found()
        if isinstance(found, Trace):
            self._ask(Asked("day", f"{local(found.at_ms, found.timezone):%Y-%m-%d}"))

    def _hold(self) -> None:
        found = self._found()
        if isinstance(found, Trace):
            self.hold_wanted.emit(found.code, found.kind)

    def step_back(self) -> bool:
        """What was looked at before. Returns False where nothing was."""
        if not self._before:
            return False
        self._go_to(self._before.pop())
        return True

    def question(self) -> Question:
        """What is known of it."""
        live, answers, asked = self.live, self._answers, self._asked

        def ask(store: Any, now_ms: int) -> TraceNow:
            begun = time.monotonic()
            found = answers.of(store, asked, now_ms)
            took_ms = round((time.monotonic() - begun) * 1000)
            return TraceNow(live.line_now(store, now_ms), asked, found, took_ms)

        return ask

    def subject(self) -> object:
        """What is asked."""
        return self._asked

    # -- what is shown --

    def present(self, answer: object, stale_since_ms: int | None) -> None:
        """Show what was found."""
        if not isinstance(answer, TraceNow):
            raise TypeError(f"the trace screen shows a TraceNow, not {type(answer).__name__}")
        if answer.asked != self._asked:
            return
        fresh = self._now is None or self._now.found is not answer.found or self._now.asked != answer.asked
        if fresh:
            self._now = answer
            self._remember(answer)
            self._show_answer()

    def _found(self) -> Found | Unknown | None:
        return self._now.found if self._now is not None and self._now.asked == self._asked else None

    def _remember(self, answer: TraceNow) -> None:
        code = answer.asked.code
        if code and answer.found is not None and not isinstance(answer.found, Unknown):
            self._recent = [code, *(each for each in self._recent if each != code)][: _RECENT + 1]

    def _show_answer(self) -> None:
        found = self._found()
        trace = found if isinstance(found, Trace) else None
        listed = found if isinstance(found, UnitList | Recall | MadeBefore) else None
        others = [code for code in self._recent if code != self._asked.code][:_RECENT]
        lead = _("{ms} ms · recent:").format(ms=self._now.took_ms) if trace and self._now else _("Recent:")
        self.recent.show_codes(lead if others else "", others)
        unknown = found if isinstance(found, Unknown) else None
        same = trace.others if trace is not None else ()
        if same:
            self.similar.show_codes(_("The same number:"), [code for _k, code in same], [kind for kind, _c in same])
        else:
            similar = unknown.similar if unknown is not None else ()
            self.similar.show_codes(_("Similar:") if similar else "", similar)
        self.similar.setVisible(bool(same or (unknown and unknown.similar)))
        for widget, there in (
            (self.path, trace is not None), (self.notes, trace is not None),
            (self.stations, trace is not None and bool(trace.passages or trace.kind == "unit")),
            (self.panel, listed is not None), (self.say, trace is None and listed is None),
            (self.when, trace is not None), (self.pdf, trace is not None), (self.xlsx, trace is not None),
            (self.csv, trace is not None),
            (self.units, trace is not None and trace.kind != "unit"),
            (self.order, trace is not None and bool(trace.order)),
            (self.day, trace is not None and trace.kind == "unit"), (self.back, bool(self._before)),
            (self.hold, trace is not None),
        ):  # fmt: skip
            widget.setVisible(there)
        if trace is not None:
            self._show_trace(trace)
        elif listed is not None:
            self._show_list(listed)
        elif unknown is not None:
            never = _("Was it scanned at a machine of this line? A code that was never read is not kept.")
            other = _("Is the label damaged, or its pattern not set up with the scanner?")
            self.say.say(unknown.sentence, other if unknown.read else never)
        else:
            self.say.say(
                _("Scan a serial number, lot, box or pallet."),
                _("Everything known of it appears here. A work order or a day shows where all its units are."),
            )
        self.arranged()

    def _show_trace(self, found: Trace) -> None:
        same = found.built == found.now
        self._built = self._built and not same
        self.path.show_path(found, found.built if self._built else found.now)
        self.notes.show_notes(found)
        self.stations.show_stations(found)
        self.when.setText(_("As built") if self._built else _("As it is now"))
        self.when.setEnabled(not same)
        self.when.setToolTip(_("Nothing was changed since it left the line") if same else _("As built or as it is now"))
        self.order.setText(_("Order {code}").format(code=visible(found.order)))
        self.day.setText(_("All of {day}").format(day=f"{local(found.at_ms, found.timezone):%m-%d}"))
        tell(self.order, _("Where is everything of work order {code}?").format(code=visible(found.order)))
        tell(self.day, _("Where is everything that was built on that day?"))
        tell(self.units, _("All units with it, and where each is"))

    def _show_list(self, found: UnitList | Recall | MadeBefore) -> None:
        if isinstance(found, MadeBefore):
            self.panel.title = words.before_title(found)
            note, table = words.before_note(found), pages.before_table(found)
            empty = _("No piece with a number was read there in those 20 minutes.")
        elif isinstance(found, Recall):
            self.panel.title = words.recall_title(found)
            doubts = " ".join(words.doubt_words(row) for row in found.doubts) or _("Nothing is left open.")
            note, table = f"{words.balance_words(found)} · {doubts}", pages.units_table(found.units)
            empty = _("No unit was built of it.")
        else:
            self.panel.title = pages.units_title(found)
            note, table = words.counted_words(found), pages.units_table(found)
            empty = _("No unit is in it.")
        self.panel.show_table(note, table, pages.zone(found), empty)

    # -- what is pressed --

    def _turn(self) -> None:
        self._built = not self._built
        self._show_answer()

    def _show_all(self) -> None:
        self.path.whole = True
        self.path.lay_out()
        self.arranged()

    def _export(self, ending: str) -> None:
        found = self._found()
        if found is not None and not isinstance(found, Unknown):
            self.export_wanted.emit(found, ending)

    def _export_list(self, _section: Section, ending: str) -> None:
        self._export(ending)

    def _row_clicked(self, index: QModelIndex) -> None:
        self._open_row(index.row())

    def _open_row(self, row: int) -> None:
        found = self._found()
        if isinstance(found, MadeBefore):
            codes = [each.code for each in found.rows]
        elif isinstance(found, Recall):
            codes = [each.code for each in found.units.units]
        elif isinstance(found, UnitList):
            codes = [each.code for each in found.units]
        else:
            codes = []
        if 0 <= row < len(codes):
            self.look_at(codes[row], "unit")

    def opened(self) -> None:
        """What is typed or scanned next is a code."""
        self.field.setFocus()
        self.field.selectAll()

    def choices(self) -> dict[str, str]:
        """The codes that were looked at last."""
        return {"recent": _BETWEEN.join(self._recent)}

    def restore(self, choices: Mapping[str, str]) -> None:
        """Offer them again."""
        self._recent = [code for code in choices.get("recent", "").split(_BETWEEN) if code][: _RECENT + 1]
        self._show_answer()

    def title(self) -> str:
        """What the screen is for."""
        return _("Trace")

    # -- places --

    def arrange(self, width: int, height: int) -> int:
        """Field and buttons in a line, recent codes below it, then path, notes and stations, or a list."""
        top = 12 if height < 800 else TOP
        gap = 10 if height < 800 else GAP
        room = width - 2 * MARGIN
        right = width - MARGIN
        y = top
        for button in (self.csv, self.xlsx, self.pdf, self.when):
            if not button.isHidden():
                wide = button.sizeHint().width()
                right -= wide
                button.setGeometry(right, y, wide, FIELD_PX)
                right -= 12
        self.field.setGeometry(MARGIN, y, right - MARGIN, FIELD_PX)
        y += FIELD_PX + 8
        right = width - MARGIN
        lower = (self.back, self.hold, self.day, self.order, self.units)
        for button in lower:
            if not button.isHidden():
                wide = button.sizeHint().width()
                right -= wide
                button.setGeometry(right, y, wide, CHIP_PX)
                right -= 8
        self.recent.setGeometry(MARGIN, y, max(right - MARGIN, 0), CHIP_PX)
        used = any(not each.isHidden() for each in (*lower, *self.recent.chips))
        y += CHIP_PX + 8 if used else 8
        if not self.say.isHidden():
            self.say.setGeometry(MARGIN, y, room, _SAY_PX)
            y += _SAY_PX + gap
            self.similar.setGeometry(MARGIN, y, room, CHIP_PX)
            return y + CHIP_PX
        if not self.panel.isHidden():
            self.panel.setGeometry(MARGIN, y, room, max(height - y - top, 320))
            return max(height - top, y + 320)
        if not self.similar.isHidden():
            self.similar.setGeometry(MARGIN, y, room, CHIP_PX)
            y += CHIP_PX + gap
        self.path.resize(room, self.path.height())
        self.path.lay_out()
        high = self.path.wanted_px()
        self.path.setGeometry(MARGIN, y, room, high)
        y += high + gap
        notes = self.notes.wanted_px(room)
        self.notes.setGeometry(MARGIN, y, room, notes)
        y += notes + gap if notes else 0
        high = self.stations.wanted_px(room) if not self.stations.isHidden() else 0
        self.stations.setGeometry(MARGIN, y, room, high)
        return y + high + top

    def waiting_cards(self) -> list[QWidget]:
        """What shows figures: a search shows none before its answer."""
        cards = (self.path, self.notes, self.stations, self.panel, self.say)
        return [each for each in cards if not each.isHidden() and each.height() > 0]
