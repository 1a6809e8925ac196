"""The two lists of the Stops screen: stops that wait for a reason, and the reasons that were given in this shift."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.domain.figures.stops import LabelRow, StopRow
from desktop.text import N_, _, plural
from desktop.tokens import Look, Tokens, band, look
from desktop.views import theme
from desktop.views.widgets.button import Button
from desktop.views.widgets.list_card import RowsCard, fitting
from desktop.views.widgets.option import OPTION_PX, Choice, Option
from desktop.views.widgets.painted import Pressable, draw_chosen, tell
from desktop.wording.moments import clock, span_words
from desktop.wording.numbers import lasted, minutes
from desktop.wording.states import asked_from

WAIT_PX = 64
SAID_PX = 60
TICK_PX = 56
_FOOT_BUTTON_PX = 56

Key = tuple[int, int]  # of a stop: its machine and its start


class WaitFace(Struct, frozen=True):
    """A stop that waits for a reason. `chosen`: it is looked at; `ticked`: the next reason is for it too."""

    machine: int
    start_ms: int
    name: str
    code: str
    note: str
    length: str
    chosen: bool = False
    ticked: bool = False
    silent: bool = False  # nothing is known of it
    asks: bool = True  # a reason is wanted; else whoever wants to may give one

    @property
    def key(self) -> Key:
        """By which it is known."""
        return self.machine, self.start_ms


def wait_face(row: StopRow, timezone: str, chosen: Key | None, ticked: frozenset[Key]) -> WaitFace:
    """The row of a stop that waits."""
    key = (row.machine, row.start_ms)
    behind = _("behind {machine}").format(machine=row.behind) if row.behind else ""
    silent = _("no data, by hand") if row.silent else ""
    parts = (span_words(row.start_ms, row.end_ms, timezone), row.word, behind, silent)
    note = " · ".join(part for part in parts if part)
    length = minutes(row.length_ms) if row.end_ms is None else lasted(row.length_ms)
    return WaitFace(
        *key, row.machine_name, row.machine_code, note, length, key == chosen, key in ticked, row.silent, row.asks
    )


class Tick(Pressable):
    """Takes a stop along: the next reason is for all that are ticked."""

    radius = 6.0

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.setCheckable(True)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """A box, ticked or not."""
        box = QRectF(rect.center().x() - 12, rect.center().y() - 12, 24, 24)
        if self.isChecked():
            paint.box(painter, box, tokens.accent, radius=4)
            theme.icon(painter, box.adjusted(3, 3, -3, -3), "check", tokens.accent_on)
        else:
            hover = self.underMouse()
            paint.box(painter, box, tokens.accent_soft if hover else tokens.panel, tokens.line_strong, radius=4, pen=2)


class WaitRow(Pressable):
    """One stop; a press looks at it, a press on the box at its left takes it along."""

    radius = 0.0

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.tick = Tick(f"{name}-tick", self)

    @property
    def shown(self) -> WaitFace | None:
        """What the row shows now."""
        return self._face if isinstance(self._face, WaitFace) else None

    def show_stop(self, shown: WaitFace) -> None:
        """Show a stop."""
        if self.set_face(shown):
            self.tick.setChecked(shown.ticked)
            state = (shown.length, shown.note, *((_("looked at"),) if shown.chosen else ()))
            tell(self, f"{shown.name} {shown.code}", ", ".join(state))
            words = _("One reason for several: {machine}").format(machine=f"{shown.name} {shown.code}")
            tell(self.tick, words, _("ticked") if shown.ticked else _("not ticked"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The row has another width."""
        super().resizeEvent(event)
        self.tick.setGeometry(6, (self.height() - TICK_PX) // 2, TICK_PX, TICK_PX)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Box, machine, when, how long."""
        if (shown := self.shown) is None:
            return
        if shown.chosen:
            draw_chosen(painter, rect, tokens)
        elif self.underMouse():
            paint.box(painter, rect.adjusted(1, 0, -1, 0), tokens.panel2)
        paint.line(painter, rect.left() + 1, rect.top() + 0.5, rect.right() - 1, rect.top() + 0.5, tokens.line)
        middle = rect.center().y()
        shape = QRectF(rect.left() + 64, middle - 12, 24, 24)
        look_of = Look.NO_DATA if shown.silent else Look.STOP
        ink = tokens.stop if shown.asks and not shown.silent else tokens.ink2
        paint.state_shape(painter, shape, look_of, ink)
        wide = paint.width(shown.length, 23, True) + 2
        place = QRectF(rect.right() - 18 - wide, rect.top(), wide, rect.height())
        paint.text(painter, place, shown.length, 23, tokens.ink, bold=True, align=paint.RIGHT)
        room = QRectF(shape.right() + 12, middle - 26, place.left() - shape.right() - 22, 28)
        paint.named(painter, room, shown.name, shown.code, 19, (tokens.ink, tokens.ink2), code_px=15, least_px=15)
        paint.text(painter, room.translated(0, 26), fitting(shown.note, room.width()), 15, tokens.ink2, least_px=14)


class AskedFrom(QWidget):
    """From which length on a stop asks. A press on it opens what there is to choose, with how many would ask then."""

    wanted = Signal(int)  # minutes
    opened = Signal()  # its height is another one

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("asked-from")
        tell(self, _("Which stops ask"))
        self.open = Button("asked-from-open", "", self, icon="gear")
        self.open.clicked.connect(self.turn)
        self.options: list[Option] = []
        self.unfolded = False

    def show_lengths(self, chosen_ms: int, lengths: Sequence[tuple[int, int]]) -> None:
        """Show what holds, and each (length, how many ask with it)."""
        self.open.setText(asked_from(chosen_ms))
        tell(self.open, asked_from(chosen_ms), _("Shorter stops are listed too, but nobody is asked about them."))
        while len(self.options) < len(lengths):
            option = Option(f"asked-from-{len(self.options)}", "", self)
            option.clicked.connect(self._pressed)
            self.options.append(option)
        for option, (length_ms, count) in zip(self.options, lengths, strict=True):
            option.value = str(length_ms // 60_000)
            words = _("{minutes} min · {count}").format(minutes=option.value, count=count)
            words = words if length_ms else _("all · {count}").format(count=count)
            option.show_choice(Choice(option.value, words), asked_from(length_ms), length_ms == chosen_ms)
            option.setVisible(self.unfolded)
        self._place()

    def turn(self) -> None:
        """Open it, or close it again."""
        self.unfolded = not self.unfolded
        for option in self.options:
            option.setVisible(self.unfolded)
        self.opened.emit()

    def wanted_px(self) -> int:
        """Its height."""
        return _FOOT_BUTTON_PX + (2 * (8 + OPTION_PX) if self.unfolded else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        self.open.setGeometry(0, 0, self.width(), _FOOT_BUTTON_PX)
        wide = (self.width() - 8) // 2
        for index, option in enumerate(self.options):
            line, column = divmod(index, 2)
            y = _FOOT_BUTTON_PX + 8 + line * (OPTION_PX + 8)
            option.setGeometry(column * (wide + 8), y, wide, OPTION_PX)

    def _pressed(self) -> None:
        option = self.sender()
        if isinstance(option, Option):
            self.turn()
            self.wanted.emit(int(option.value))


class WaitingList(RowsCard):
    """Stops that nobody has explained: those that ask first, the longest first. At its foot what may go along in one
    press, and from which length on a stop asks."""

    picked = Signal(object)  # Key
    ticked = Signal(object)  # Key
    behind_wanted = Signal()  # all that only waited, as it seems: one reason for them
    brief_wanted = Signal()  # all that are too short to ask
    resized = Signal()  # it wants another height

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("waiting-stops", _("Stops not labelled"), WAIT_PX, parent)
        self.rows: list[WaitRow] = []
        self.all_behind = Button("tick-behind", "", self, icon="check")
        self.all_behind.clicked.connect(self.behind_wanted)
        self.all_brief = Button("tick-brief", "", self, icon="check")
        self.all_brief.clicked.connect(self.brief_wanted)
        self.asked_from = AskedFrom(self)
        self.asked_from.opened.connect(self.refit)
        for button in (self.all_behind, self.all_brief):
            button.hide()

    def in_order(self) -> Sequence[QWidget]:
        """The rows that there are."""
        return self.rows

    def show_stops(self, stops: Sequence[WaitFace], length_ms: int, behind: int, brief: int) -> None:
        """Show the stops that wait; `length_ms` is what they add up to, `behind` how many only waited, as it seems,
        `brief` how many others are too short to ask."""
        self._show_alike(behind, brief)
        while len(self.rows) < len(stops):
            row = WaitRow(f"waiting-{len(self.rows) + 1}", self.ground)
            row.clicked.connect(self._pressed)
            row.tick.clicked.connect(self._ticked)
            self.rows.append(row)
        for index, row in enumerate(self.rows):
            row.setVisible(index < len(stops))
            if index < len(stops):
                row.show_stop(stops[index])
        count = sum(not stop.silent for stop in stops)
        total = plural(N_("{count} stop · {minutes}"), N_("{count} stops · {minutes}"), count)
        note = total.format(count=count, minutes=lasted(length_ms)) if count else ""
        empty, hint = _("Every stop has a reason"), _("Stops that nobody has explained appear here.")
        self.show_head(len(stops), note, empty, hint, strong=True)

    def _show_alike(self, behind: int, brief: int) -> None:
        words = _("{count} that waited").format(count=behind)
        self.all_behind.setText(words)
        tell(self.all_behind, words, _("Tick them all: the machine before them stood as well."))
        words = _("{count} short ones").format(count=brief)
        self.all_brief.setText(words)
        tell(self.all_brief, words, _("Tick them all: nobody is asked about them, they are too short."))
        for button, there in ((self.all_behind, behind >= 2), (self.all_brief, brief >= 2)):
            if button.isHidden() == there:
                button.setVisible(there)
                self._place()
        self.refit()

    def refit(self) -> None:
        """What stands at the foot is another now."""
        alike = not (self.all_behind.isHidden() and self.all_brief.isHidden())
        foot_px = 6 + alike * (_FOOT_BUTTON_PX + 8) + self.asked_from.wanted_px() + 10
        if foot_px != self.foot_px:
            self.foot_px = foot_px
            self._place()
            self.resized.emit()

    def _place(self) -> None:
        super()._place()
        y, wide = self.height() - self.foot_px + 6, self.width() - 24
        alike = [button for button in (self.all_behind, self.all_brief) if not button.isHidden()]
        for place, button in enumerate(alike):
            part = (wide - 8 * (len(alike) - 1)) // len(alike)
            button.setGeometry(12 + place * (part + 8), y, part, _FOOT_BUTTON_PX)
        y += bool(alike) * (_FOOT_BUTTON_PX + 8)
        self.asked_from.setGeometry(12, y, wide, self.asked_from.wanted_px())

    def _pressed(self) -> None:
        row = self.sender()
        if isinstance(row, WaitRow) and row.shown is not None:
            self.picked.emit(row.shown.key)

    def _ticked(self) -> None:
        row = self.sender().parent()
        if isinstance(row, WaitRow) and row.shown is not None:
            row.tick.setChecked(row.shown.ticked)  # what is ticked is said by the next face
            self.ticked.emit(row.shown.key)


class SaidFace(Struct, frozen=True):
    """A reason that was given."""

    entry: int
    shown: Look
    reason: str
    note: str
    length: str
    chosen: bool = False
    short: str = ""  # the note with the machine's code alone, for a long name


def said_face(row: LabelRow, timezone: str, chosen: int) -> SaidFace:
    """The row of a reason that was given. `chosen` is the entry that is looked at."""
    length = minutes(row.length_ms) if row.end_ms is None else lasted(row.length_ms)
    at = clock(row.start_ms, timezone)
    note, short = (
        " · ".join(part for part in (at, machine, row.who, row.note) if part)
        for machine in (f"{row.machine_name} {row.machine_code}", row.machine_code)
    )
    shape = look(row.category, row.state, labelled=True)
    return SaidFace(row.entry, shape, row.reason, note, length, row.entry == chosen, short)


class SaidRow(Pressable):
    """When, which machine, why, how long. A press opens it, to say something else or to take it back."""

    radius = 0.0

    @property
    def shown(self) -> SaidFace | None:
        """What the row shows now."""
        return self._face if isinstance(self._face, SaidFace) else None

    def show_said(self, shown: SaidFace) -> None:
        """Show a reason."""
        if self.set_face(shown):
            tell(self, f"{shown.reason}, {shown.note}", shown.length)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Shape, reason and length, below them when, which machine and who."""
        if (shown := self.shown) is None:
            return
        if shown.chosen:
            draw_chosen(painter, rect, tokens)
        elif self.underMouse():
            paint.box(painter, rect.adjusted(1, 0, -1, 0), tokens.panel2)
        paint.line(painter, rect.left() + 1, rect.top() + 0.5, rect.right() - 1, rect.top() + 0.5, tokens.line)
        middle = rect.center().y()
        ink = tokens.reason if shown.shown in (Look.WAIT, Look.REASON, Look.SETUP) else band(shown.shown, tokens)[0]
        paint.state_shape(painter, QRectF(rect.left() + 22, middle - 10, 20, 20), shown.shown, ink)
        wide = paint.width(shown.length, 17, True) + 2
        place = QRectF(rect.right() - 18 - wide, rect.top(), wide, rect.height())
        paint.text(painter, place, shown.length, 17, tokens.ink, bold=True, align=paint.RIGHT)
        room = QRectF(rect.left() + 58, middle - 24, place.left() - rect.left() - 68, 25)
        paint.text(painter, room, shown.reason, 17, tokens.ink, bold=True, least_px=14)
        note = fitting(shown.note, room.width())
        if " · " not in note:  # the machine's name has no room
            note = fitting(shown.short, room.width())
        paint.text(painter, room.translated(0, 24), note, 15, tokens.ink2, least_px=14)


class SaidList(RowsCard):
    """The reasons that were given in this shift, the newest first."""

    picked = Signal(object)  # entry: it has more than 32 bits

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("said-reasons", _("Reasons given"), SAID_PX, parent)
        self.rows: list[SaidRow] = []

    def in_order(self) -> Sequence[QWidget]:
        """The rows that there are."""
        return self.rows

    def show_said(self, said: Sequence[SaidFace]) -> None:
        """Show what was said."""
        while len(self.rows) < len(said):
            row = SaidRow(f"said-{len(self.rows) + 1}", self.ground)
            row.clicked.connect(self._pressed)
            self.rows.append(row)
        for index, row in enumerate(self.rows):
            row.setVisible(index < len(said))
            if index < len(said):
                row.show_said(said[index])
        note = _("{count} entered").format(count=len(said)) if said else ""
        empty, hint = _("No reason yet"), _("Press one to change it or take it back.")
        self.show_head(len(said), note, empty, hint, strong=False)

    def _pressed(self) -> None:
        row = self.sender()
        if isinstance(row, SaidRow) and row.shown is not None:
            self.picked.emit(row.shown.entry)
