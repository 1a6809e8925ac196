"""Change history 변경 이력: who changed what, when, from what, to what and why; the exact values below the table."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace
from PySide6.QtCore import QModelIndex, QRectF, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from desktop import paint, trail_words
from desktop.domain.figures.line import LineNow
from desktop.domain.trail import Asked, Change, Cursor, Group
from desktop.reports import trail as tables
from desktop.reports.blocks import Section
from desktop.summaries.trail import Names, Trail, TrailPage
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views.background import Question
from desktop.views.screen import GAP, MARGIN, NARROW_PX, TOP, OfLine, Screen
from desktop.views.widgets.button import Button
from desktop.views.widgets.choice import ChoiceField
from desktop.views.widgets.painted import Painted, card, tell
from desktop.views.widgets.table_panel import TablePanel
from desktop.views.widgets.text_field import TextField
from desktop.wording.moments import clock_seconds, today

FIELD_PX = 56
EXACT_PX, _NOTHING_PX = 188, 50
_WIDE, _NARROW = 46, 24  # Latin letters of a text in the table; below it stands whole
_DAY_MS = 86_400_000
_EVERYBODY = "*"


class TrailNow(OfLine, frozen=True):
    """The line, for the header, and a page of the trail. `asked`: of which it is."""

    page: TrailPage
    asked: Asked


class ExactCard(Painted):
    """One change whole: the words that the table cuts, and the values as the file holds them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("exact", parent)
        self.show_change(None, None)

    def show_change(self, change: Change | None, names: Names | None) -> None:
        """Show a change; None: nothing is chosen."""
        if change is None or names is None:
            face = (_("Press a row to see it whole"), "", "", "", "")
        else:
            told = trail_words.told(change, names)
            head = " · ".join(part for part in (told.what, told.where, told.note) if part)
            at = f"{today(change.at_ms, names.timezone)} {clock_seconds(change.at_ms, names.timezone)}"
            said = [at, trail_words.who(change.who)]
            said += [_("why: {words}").format(words=change.why)] if change.why else []
            moved = " → ".join(part for part in (told.old, told.new) if part)
            exact = " → ".join(part for part in (change.old or change.before, change.new) if part)
            face = (head, " · ".join(said), moved, exact, f"{change.action} {change.id}")
        self.set_face(face)
        tell(self, face[0], " ".join(part for part in face[1:] if part))

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Head, when and who, the words, and in small what the file holds."""
        card(painter, rect, tokens)
        if not isinstance(self._face, tuple):
            return
        head, said, moved, exact, number = self._face
        wide = rect.width() - 40
        paint.text(painter, QRectF(20, 12, wide, 26), head, 18, tokens.ink, bold=True, least_px=14)
        paint.text(painter, QRectF(20, 38, wide, 22), said, 15, tokens.ink2, least_px=14)
        paint.paragraph(painter, QRectF(20, 64, wide, 46), moved, 17, tokens.ink, most=2)
        paint.paragraph(painter, QRectF(20, 112, wide, 40), exact, 14, tokens.ink2, most=2)
        paint.text(painter, QRectF(20, 156, wide, 20), number, 14, tokens.ink2, least_px=14)


class TrailScreen(Screen):
    """Fields that narrow it down, the table of one page, and what a row is exactly."""

    export_wanted = Signal(object, str)  # Asked, "csv" or "xlsx"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("trail", parent)
        tell(self, _("Change history"))
        self._trail = Trail()
        self._asked = Asked()
        self._period = ""
        self._pages: list[Cursor] = [Cursor()]  # where the pages up to this one begin
        self._now: TrailNow | None = None
        self._chosen: Change | None = None
        self.when = ChoiceField("trail-when", _("When"), self.page)
        self.who = ChoiceField("trail-who", _("Changed by"), self.page)
        self.kind = ChoiceField("trail-kind", _("What"), self.page)
        self.machine = ChoiceField("trail-machine", _("Machine"), self.page)
        self.words = TextField("trail-words", _("Search"), self.page)
        self.newer = Button("trail-newer", _("Newer"), self.page, icon="arrow-left")
        self.older = Button("trail-older", _("Older"), self.page, icon="arrow-right", icon_after=True)
        self.panel = TablePanel("trail-table", _("Change history"), self.page)
        self.exact = ExactCard(self.page)
        self.when.offer(
            [
                (_("All"), ""), (_("This shift"), "shift"), (_("The shift before"), "before"), (_("24 hours"), "1"),
                (_("7 days"), "7"), (_("30 days"), "30"),
            ]
        )  # fmt: skip
        self.who.offer([(_("Everybody"), _EVERYBODY)])
        self.kind.offer(
            [(_("Everything"), ""), *((_(words), group.value) for group, words in trail_words.GROUPS.items())]
        )
        self.machine.offer([(_("All machines"), 0)])
        for field in (self.when, self.who, self.kind, self.machine):
            field.currentIndexChanged.connect(self._narrowed)
        self.words.editingFinished.connect(self._narrowed)
        self.older.clicked.connect(self._go_older)
        self.newer.clicked.connect(self._go_newer)
        self.panel.file_wanted.connect(self._export)
        self.panel.view.clicked.connect(self._clicked)
        self.panel.row_wanted.connect(self._show_row)

    # -- what is shown --

    def question(self) -> Question:
        """A page of the trail."""
        live, trail, asked, period = self.live, self._trail, replace(self._asked, before=self._pages[-1]), self._period

        def ask(store: Any, now_ms: int) -> TrailNow:
            line = live.line_now(store, now_ms)
            wanted = _within(asked, period, line)
            return TrailNow(line, trail.page(store, wanted, trail_words.named(wanted.words)), asked)

        return ask

    def subject(self) -> object:
        """What is asked, and of which page."""
        return self._asked, self._period, self._pages[-1]

    def present(self, answer: object, stale_since_ms: int | None) -> None:
        """Show a page."""
        if not isinstance(answer, TrailNow):
            raise TypeError(f"the change history shows a TrailNow, not {type(answer).__name__}")
        page, names = answer.page, answer.page.names
        self._now = answer
        before = [field.sizeHint() for field in (self.who, self.machine)]
        people = [(trail_words.who(name), name) for name in page.who]
        self.who.offer([(_("Everybody"), _EVERYBODY), *people])
        machines = [(machine.name, machine.id) for machine in names.plant.machines]
        self.machine.offer([(_("All machines"), 0), *machines])
        if before != [field.sizeHint() for field in (self.who, self.machine)]:
            self.arranged()  # other names ask for other room
        note = trail_words.chain_words(page.chain)
        wide = _NARROW if self.page.width() < NARROW_PX else _WIDE
        table = tables.table(page.changes, names, wide=wide)
        self.panel.show_table(note, table, names.timezone, _("Nothing was changed that fits this."))
        self.newer.setEnabled(len(self._pages) > 1)
        self.older.setEnabled(page.behind is not None)
        if self._chosen is not None and all(change.id != self._chosen.id for change in page.changes):
            self._chosen = None
        self._show_exact(names)

    # -- what is pressed --

    def _narrowed(self, *_what: object) -> None:
        who, kind, machine = self.who.currentData(), self.kind.currentData(), self.machine.currentData()
        asked = Asked(
            None if who == _EVERYBODY else str(who),
            Group(kind) if kind else None,
            int(machine) if machine else None,
            words=self.words.text().strip(),
        )
        period = str(self.when.currentData() or "")
        if (asked, period) != (self._asked, self._period):
            self._asked, self._period = asked, period
            self._turn([Cursor()])

    def _go_older(self) -> None:
        behind = self._now.page.behind if self._now is not None else None
        if behind is not None and self._now is not None and self._now.asked.before == self._pages[-1]:
            self._turn([*self._pages, behind])

    def _go_newer(self) -> None:
        if len(self._pages) > 1:
            self._turn(self._pages[:-1])

    def _turn(self, pages: list[Cursor]) -> None:
        self._pages = pages
        self._chosen = None
        self.question_changed.emit()

    def _clicked(self, index: QModelIndex) -> None:
        self._show_row(index.row())

    def _show_row(self, row: int) -> None:
        now = self._now
        if now is not None and 0 <= row < len(now.page.changes):
            self._chosen = now.page.changes[row]
            self._show_exact(now.page.names)

    def _show_exact(self, names: Names) -> None:
        """The chosen change; where none is, its card leaves its room to the table."""
        self.exact.show_change(self._chosen, names)
        if (self.exact.height() == EXACT_PX) != (self._chosen is not None):
            self.arranged()

    def _export(self, _section: Section, ending: str) -> None:
        """All that fits, not only this page."""
        if self._now is not None:
            self.export_wanted.emit(_within(self._asked, self._period, self._now.line), ending)

    def title(self) -> str:
        """What the screen is for."""
        return _("Change history")

    # -- places --

    def arrange(self, width: int, height: int) -> int:
        """Fields in one line, or in two; the table; one change below it."""
        top = 12 if height < 800 else TOP
        y, room = top, width - 2 * MARGIN
        fields = (self.when, self.who, self.kind, self.machine)
        pages = (self.newer, self.older)
        taken = sum(max(field.sizeHint().width(), 150) + 12 for field in fields)
        taken += sum(button.sizeHint().width() + 12 for button in pages)
        x = MARGIN
        for field in fields:
            wide = max(field.sizeHint().width(), 150)
            field.setGeometry(x, y, wide, FIELD_PX)
            x += wide + 12
        two = taken + 200 > room
        if two:
            x, y = MARGIN, y + FIELD_PX + 12
        right = width - MARGIN
        for button in reversed(pages):
            wide = button.sizeHint().width()
            right -= wide
            button.setGeometry(right, y, wide, FIELD_PX)
            right -= 12
        self.words.setGeometry(x, y, max(right - x, 160), FIELD_PX)
        y += FIELD_PX + GAP
        bottom = height - top
        exact_px = EXACT_PX if self._chosen is not None else _NOTHING_PX
        table_px = max(bottom - y - GAP - exact_px, 300)
        self.panel.setGeometry(MARGIN, y, room, table_px)
        y += table_px + GAP
        self.exact.setGeometry(MARGIN, y, room, exact_px)
        lowest = y + exact_px
        return lowest + (TOP if lowest + top > height else 0)


def _within(asked: Asked, period: str, line: LineNow) -> Asked:
    """With the time that is meant: it moves along with the clock."""
    shift = line.shift
    if period == "shift":
        return replace(asked, since_ms=shift.span.start_ms if shift is not None else _minute(line) - _DAY_MS // 2)
    if period == "before":
        end_ms = shift.span.start_ms if shift is not None else _minute(line)
        length_ms = shift.span.length_ms if shift is not None else _DAY_MS // 2
        return replace(asked, since_ms=end_ms - length_ms, until_ms=end_ms)
    return replace(asked, since_ms=_minute(line) - int(period) * _DAY_MS) if period else asked


def _minute(line: LineNow) -> int:
    """The present minute: by it a page stays the same for a while."""
    return line.now_ms // 60_000 * 60_000
