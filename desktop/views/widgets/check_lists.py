"""The lists of the page of checks: what is due with its buttons, what was said, and hours to be confirmed."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from desktop import daily_words, paint
from desktop.domain.daily_rows import CheckRow
from desktop.domain.rounds import HourDue
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views import theme
from desktop.views.widgets.button import Button
from desktop.views.widgets.list_card import RowsCard, fitting
from desktop.views.widgets.painted import Pressable, draw_chosen, tell
from desktop.wording.measuring import PIECES
from desktop.wording.moments import clock, span_words
from desktop.wording.numbers import lasted, pieces, signed

DUE_PX, DONE_PX, HOUR_PX = 76, 60, 76
_BUTTON_PX = 56


class DueFace(Struct, frozen=True):
    """A check that waits. `late`: or a sample that was missed."""

    row: CheckRow
    title: str
    machine: str
    note: str
    late: bool
    chosen: bool


def due_face(row: CheckRow, now_ms: int, zone: str, chosen: CheckRow | None) -> DueFace:
    """The row of a check that waits."""
    late = row.state == "late"
    word = _("late by {minutes}").format(minutes=lasted(now_ms - row.late_ms)) if late else ""
    word = daily_words.state_word(row) if row.asks else word
    name = daily_words.occasion_words(row, zone)
    sample = row.kind == "sample"
    begun = sample or row.kind in PIECES
    since = _("since {clock}").format(clock=clock(row.due_ms, zone)) if begun and not row.asks else ""
    told = daily_words.value_words(row) if sample else daily_words.limits_words(row)
    shown = (word, row.machine_name, name if name != row.name else "", told, since)
    same = chosen is not None and (chosen.kind, chosen.item, chosen.machine, chosen.due_ms) == (
        row.kind, row.item, row.machine, row.due_ms)  # fmt: skip
    strong = late or row.asks
    return DueFace(row, row.name, row.machine_name, " · ".join(part for part in shown if part), strong, same)


class DueRow(Pressable):
    """What is to be checked, where, and two buttons; of a value one that asks for it, of a sample one that leads to
    where it is measured."""

    radius = 0.0

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.good = Button(f"{name}-ok", _("Fine"), self, icon="check")
        self.bad = Button(f"{name}-bad", _("Not OK"), self, icon="cross")
        self.value = Button(f"{name}-value", _("Enter the value"), self, icon="ruler")
        self.measure = Button(f"{name}-measure", _("Measure"), self, icon="ruler")

    @property
    def shown(self) -> DueFace | None:
        """What the row shows now."""
        return self._face if isinstance(self._face, DueFace) else None

    def show_due(self, shown: DueFace) -> None:
        """Show a check."""
        if self.set_face(shown):
            name = f"{shown.title}, {shown.machine}"
            tell(self, name, shown.note)
            tell(self.good, _("{check}: fine").format(check=name))
            tell(self.bad, _("{check}: not OK").format(check=name))
            tell(self.value, _("{check}: enter the value").format(check=name))
            self.measure.setText(_("Say why") if shown.row.asks else _("Measure"))
            words = _("{check}: say why") if shown.row.asks else _("{check}: measure")
            tell(self.measure, words.format(check=name))
            measured, sample = shown.row.kind == "value", shown.row.kind == "sample"
            self.good.setVisible(not measured and not sample)
            self.bad.setVisible(not measured and not sample)
            self.value.setVisible(measured)
            self.measure.setVisible(sample)
            self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The row has another width."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        y, x = (self.height() - _BUTTON_PX) // 2, self.width() - 12
        for button in (self.bad, self.good, self.value, self.measure):
            if not button.isHidden():
                wide = button.sizeHint().width()
                x -= wide
                button.setGeometry(x, y, wide, _BUTTON_PX)
                x -= 10

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """What, where, how late."""
        if (shown := self.shown) is None:
            return
        if shown.chosen:
            draw_chosen(painter, rect, tokens)
        paint.line(painter, rect.left() + 1, rect.top() + 0.5, rect.right() - 1, rect.top() + 0.5, tokens.line)
        right = {"value": self.value, "sample": self.measure}.get(shown.row.kind, self.good).x() - 12
        middle, left = rect.center().y(), rect.left() + 54
        theme.icon(
            painter, QRectF(rect.left() + 18, middle - 12, 24, 24), "clock", tokens.ink if shown.late else tokens.ink2
        )
        room = QRectF(left, middle - 28, right - left, 28)
        paint.text(painter, room, shown.title, 18, tokens.ink, bold=True, least_px=14)
        below = QRectF(left, middle + 2, right - left, 24)
        ink = tokens.ink if shown.late else tokens.ink2
        note = fitting(shown.note, below.width(), bold=shown.late)
        paint.text(painter, below, note, 15, ink, bold=shown.late, least_px=14)


class DueList(RowsCard):
    """What waits, the late ones first."""

    good = Signal(object)  # CheckRow
    bad = Signal(object)
    value = Signal(object)
    measure = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("due-checks", _("To be checked"), DUE_PX, parent)
        self.rows: list[DueRow] = []

    def in_order(self) -> Sequence[QWidget]:
        """The rows that there are."""
        return self.rows

    def show_due(self, due: Sequence[DueFace], empty: str, hint: str) -> None:
        """Show what waits; `empty` and `hint` where nothing does."""
        while len(self.rows) < len(due):
            row = DueRow(f"due-{len(self.rows) + 1}", self.ground)
            row.good.clicked.connect(self._good)
            row.bad.clicked.connect(self._bad)
            row.value.clicked.connect(self._value)
            row.measure.clicked.connect(self._pressed)
            row.clicked.connect(self._pressed)
            self.rows.append(row)
        for index, row in enumerate(self.rows):
            row.setVisible(index < len(due))
            if index < len(due):
                row.show_due(due[index])
        missed, late = sum(face.row.asks for face in due), sum(face.row.state == "late" for face in due)
        notes = [_("{count} waiting").format(count=len(due))] if due else []
        notes += [_("{count} late").format(count=late)] if late else []
        notes += [_("{count} missed").format(count=missed)] if missed else []
        self.show_head(len(due), " · ".join(notes), empty, hint, strong=bool(late or missed))

    def _of(self, button: object) -> CheckRow | None:
        row = button.parent() if isinstance(button, Button) else button
        return row.shown.row if isinstance(row, DueRow) and row.shown is not None else None

    def _good(self) -> None:
        if (row := self._of(self.sender())) is not None:
            self.good.emit(row)

    def _bad(self) -> None:
        if (row := self._of(self.sender())) is not None:
            self.bad.emit(row)

    def _value(self) -> None:
        if (row := self._of(self.sender())) is not None:
            self.value.emit(row)

    def _pressed(self) -> None:
        """A press beside the buttons is the careful one: it asks."""
        if (row := self._of(self.sender())) is not None:
            {"value": self.value, "sample": self.measure}.get(row.kind, self.bad).emit(row)


class DoneFace(Struct, frozen=True):
    """A check that was done, or missed (`entry` 0)."""

    row: CheckRow
    title: str
    note: str
    icon: str
    strong: bool


def done_face(row: CheckRow, zone: str) -> DoneFace:
    """The row of a check that somebody did, or nobody."""
    word = daily_words.state_word(row)
    value = daily_words.value_words(row)
    when = clock(row.done_ms, zone) if row.done_ms is not None else ""
    which = daily_words.occasion_words(row, zone) if row.kind == "sample" else ""
    note = (word, daily_words.note_words(row), which, value, row.machine_name, when, row.who)
    icon = {"good": "check", "bad": "cross"}.get(row.state, "clock")
    return DoneFace(row, row.name, " · ".join(part for part in note if part), icon, row.state != "good")


class DoneRow(Pressable):
    """What was checked and what came of it. A press takes it back."""

    radius = 0.0

    @property
    def shown(self) -> DoneFace | None:
        """What the row shows now."""
        return self._face if isinstance(self._face, DoneFace) else None

    def show_done(self, shown: DoneFace) -> None:
        """Show it."""
        self.setEnabled(bool(shown.row.entry))
        if self.set_face(shown):
            words = f"{shown.title}, {shown.note}"
            tell(self, _("Take back: {what}").format(what=shown.title) if shown.row.entry else shown.title, words)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Sign, words, the sign of taking back."""
        if (shown := self.shown) is None:
            return
        if self.underMouse() and self.isEnabled():
            paint.box(painter, rect.adjusted(1, 0, -1, 0), tokens.panel2)
        paint.line(painter, rect.left() + 1, rect.top() + 0.5, rect.right() - 1, rect.top() + 0.5, tokens.line)
        middle = rect.center().y()
        theme.icon(painter, QRectF(rect.left() + 18, middle - 11, 22, 22), shown.icon,
                   tokens.ink if shown.strong else tokens.ink2)  # fmt: skip
        if self.isEnabled():
            theme.icon(painter, QRectF(rect.right() - 38, middle - 11, 22, 22), "undo", tokens.ink2)
        room = QRectF(rect.left() + 54, middle - 24, rect.width() - 54 - 48, 25)
        paint.text(painter, room, shown.title, 17, tokens.ink, bold=True, least_px=14)
        paint.text(painter, room.translated(0, 24), fitting(shown.note, room.width()), 15, tokens.ink2, least_px=14)


class DoneList(RowsCard):
    """What was checked in this shift, what was missed or not right first."""

    picked = Signal(object)  # CheckRow

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("done-checks", _("Checked"), DONE_PX, parent)
        self.rows: list[DoneRow] = []

    def in_order(self) -> Sequence[QWidget]:
        """The rows that there are."""
        return self.rows

    def show_done(self, done: Sequence[DoneFace], note: str) -> None:
        """Show it."""
        while len(self.rows) < len(done):
            row = DoneRow(f"done-{len(self.rows) + 1}", self.ground)
            row.clicked.connect(self._pressed)
            self.rows.append(row)
        for index, row in enumerate(self.rows):
            row.setVisible(index < len(done))
            if index < len(done):
                row.show_done(done[index])
        empty, hint = _("Nothing checked yet"), _("A press on an entry takes it back.")
        self.show_head(len(done), note, empty, hint, strong=False)

    def _pressed(self) -> None:
        row = self.sender()
        if isinstance(row, DoneRow) and row.shown is not None:
            self.picked.emit(row.shown.row)


class HourFace(Struct, frozen=True):
    """An hour that is over."""

    hour: HourDue
    title: str
    figure: str
    note: str
    chosen: bool


def hour_face(hour: HourDue, zone: str, chosen: int | None) -> HourFace:
    """The row of an hour: its pieces against its target, and why it missed it."""
    row = hour.row
    title = span_words(row.span.start_ms, row.span.end_ms, zone)
    made = pieces(row.good)
    target = "" if row.target is None else f" / {pieces(row.target)}"
    apart = "" if hour.apart is None else signed(hour.apart)
    if hour.entry:
        note = " · ".join(part for part in (hour.reason or _("confirmed"), hour.who) if part)
    else:
        note = _("Why was the target missed?") if hour.asks else _("waits to be confirmed")
    return HourFace(hour, title, f"{made}{target}   {apart}".strip(), note, row.span.start_ms == chosen)


class HourRow(Pressable):
    """An hour. Its button confirms it, or asks why it missed its target; a press on a confirmed one takes that back."""

    radius = 0.0

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.confirm = Button(f"{name}-confirm", _("Say why"), self, icon="check")
        self._confirm_px = self.confirm.sizeHint().width()
        self.confirm.setText(_("Confirm"))
        self._confirm_px = max(self._confirm_px, self.confirm.sizeHint().width())

    @property
    def shown(self) -> HourFace | None:
        """What the row shows now."""
        return self._face if isinstance(self._face, HourFace) else None

    def show_hour(self, shown: HourFace) -> None:
        """Show an hour."""
        if self.set_face(shown):
            done, asks = bool(shown.hour.entry), shown.hour.asks
            self.confirm.setVisible(not done)
            words = _("Say why") if asks else _("Confirm")
            self.confirm.setText(words)
            tell(self.confirm, f"{words} {shown.title}")
            name = _("Take back: {what}").format(what=shown.title) if done else shown.title
            tell(self, name, f"{shown.figure}, {shown.note}")
            self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The row has another width."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        wide = self._confirm_px
        self.confirm.setGeometry(self.width() - 12 - wide, (self.height() - _BUTTON_PX) // 2, wide, _BUTTON_PX)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """The hour, its figures, what is said of it."""
        if (shown := self.shown) is None:
            return
        if shown.chosen:
            draw_chosen(painter, rect, tokens)
        elif self.underMouse() and shown.hour.entry:
            paint.box(painter, rect.adjusted(1, 0, -1, 0), tokens.panel2)
        paint.line(painter, rect.left() + 1, rect.top() + 0.5, rect.right() - 1, rect.top() + 0.5, tokens.line)
        middle, left = rect.center().y(), rect.left() + 20
        right = self.confirm.x() - 12  # of a confirmed one, too: pieces stand under each other
        if shown.hour.entry:
            theme.icon(painter, QRectF(rect.right() - 38, middle - 11, 22, 22), "undo", tokens.ink2)
        title = QRectF(left, middle - 28, right - left, 28)
        used = paint.text(painter, title, shown.title, 17, tokens.ink, bold=True, least_px=14)
        figure = title.adjusted(used + 12, 0, 0, 0)
        paint.text(painter, figure, shown.figure, 17, tokens.ink, align=paint.RIGHT, least_px=14)
        strong = shown.hour.asks and not shown.hour.entry
        below = QRectF(left, middle + 2, right - left, 24)
        note = fitting(shown.note, below.width(), bold=strong)
        paint.text(painter, below, note, 15, tokens.ink if strong else tokens.ink2, bold=strong, least_px=14)


class HourList(RowsCard):
    """The hours that are over, the latest first."""

    wanted = Signal(object)  # HourDue: its button was pressed
    picked = Signal(object)  # HourDue: a confirmed one was pressed

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("hours-due", _("Hour by hour"), HOUR_PX, parent)
        self.rows: list[HourRow] = []

    def in_order(self) -> Sequence[QWidget]:
        """The rows that there are."""
        return self.rows

    def show_hours(self, hours: Sequence[HourFace]) -> None:
        """Show the hours."""
        while len(self.rows) < len(hours):
            row = HourRow(f"hour-{len(self.rows) + 1}", self.ground)
            row.confirm.clicked.connect(self._confirm)
            row.clicked.connect(self._pressed)
            self.rows.append(row)
        for index, row in enumerate(self.rows):
            row.setVisible(index < len(hours))
            if index < len(hours):
                row.show_hour(hours[index])
        waiting = sum(not face.hour.entry for face in hours)
        note = _("{count} waiting").format(count=waiting) if waiting else ""
        empty, hint = _("No hour is over yet"), _("Each hour of the shift that is over appears here with its target.")
        self.show_head(len(hours), note, empty, hint, strong=False)

    def _confirm(self) -> None:
        row = self.sender().parent()
        if isinstance(row, HourRow) and row.shown is not None:
            self.wanted.emit(row.shown.hour)

    def _pressed(self) -> None:
        row = self.sender()
        if isinstance(row, HourRow) and row.shown is not None:
            (self.picked if row.shown.hour.entry else self.wanted).emit(row.shown.hour)
