"""The lists of the page of holds: what is held, what it covers, and gauges with their buttons."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.domain.entries import Disposition
from desktop.domain.events import Thing
from desktop.domain.figures.holds import GaugeRow, HeldThing, HoldRow, HoldsNow
from desktop.domain.holding import OPEN, GaugeState
from desktop.text import N_, _, plural
from desktop.tokens import Tokens
from desktop.views import theme
from desktop.views.widgets.button import Button
from desktop.views.widgets.list_card import RowsCard, fitting
from desktop.views.widgets.painted import Pressable, draw_chosen, tell
from desktop.wording.holds import (
    disposition_word,
    fate_word,
    gauge_word,
    kind_word,
    things_words,
    times_words,
    units_words,
)
from desktop.wording.moments import day, day_clock
from desktop.wording.numbers import minutes

HOLD_PX, THING_PX, GAUGE_PX = 76, 56, 76
MOST_THINGS = 200  # rows; the file holds them all
_BUTTON_PX = 56
_BOLD = 0.9  # so much of a room holds bold words that would fill it otherwise
_ROOMY_PX = 520  # a row of a gauge that is narrower leaves out icons
_CAUSES = {
    "middle": N_("Middle piece not OK"),
    "last": N_("Last piece not OK"),
    "gauge": N_("Gauge failed"),
}


class RowFace(Struct, frozen=True):
    """A row of any of the lists: an icon, what (and its code), and in small what is known of it; at the right a
    figure."""

    number: int
    title: str
    note: str
    figure: str = ""
    icon: str = ""
    strong: bool = False
    chosen: bool = False
    code: str = ""

    @property
    def name(self) -> str:
        """Title and code, as it is read out."""
        return f"{self.title} {self.code}" if self.code else self.title


def cause_words(row: HoldRow) -> str:
    """Why something is held, "" where nobody said."""
    if row.cause:
        return " · ".join(part for part in (_(_CAUSES[row.cause]), row.why) if part)
    return row.hold.said.reason


def hold_face(row: HoldRow, now: HoldsNow) -> RowFace:
    """The row of a hold: what is held, why, how much and for how long."""
    said, zone = row.hold.said, now.head.timezone
    machine = next((name for number, name in now.machines if number == said.machine), "")
    title = things_words(said.things) if said.things else row.gauge or machine
    age = minutes(max(now.now_ms - said.start_ms, 0))
    units = units_words(row.open_units) if row.units else ""
    parts = (times_words(said, now.now_ms, zone), units, cause_words(row) or row.hold.entry.who)
    note = " · ".join(part for part in parts if part)
    return RowFace(row.hold.id, title, note, age, chosen=row.hold.id == now.chosen)


def thing_face(place: int, each: HeldThing, now: HoldsNow, chosen: bool) -> RowFace:
    """The row of something that is held: its code, how it stands, where it was last."""
    machine = next((name for number, name in now.machines if number == each.machine), "")
    seen = day_clock(each.at_ms, now.now_ms, now.head.timezone) if each.at_ms is not None else ""
    kind = kind_word(each.thing.kind) if each.thing.kind != "unit" else ""  # what most are goes without saying
    note = " · ".join(part for part in (kind, machine, seen) if part)
    is_open = each.fate in OPEN
    icon = "" if each.fate is None else "stop" if is_open else "check"
    figure = fate_word(each.fate) if each.fate is not None else ""
    return RowFace(place, each.thing.code, note, figure, icon, is_open, chosen)


def gauge_name(row: GaugeRow) -> str:
    """Name and code: of several alike the code tells which."""
    return f"{row.gauge.name} {row.gauge.code}"


def gauge_face(row: GaugeRow, now: HoldsNow) -> RowFace:
    """The row of a gauge: how it stands, and until when."""
    zone, state = now.head.timezone, row.standing.state
    due_ms = row.standing.due_ms
    due = "" if due_ms is None else _("until {clock}").format(clock=day(due_ms, zone))
    if state is GaugeState.OVERDUE and due_ms is not None:
        due = _("since {clock}").format(clock=day(due_ms, zone))
    strong = state in (GaugeState.OVERDUE, GaugeState.FAILED, GaugeState.UNKNOWN)
    units = units_words(row.units) if row.units else ""
    note = " · ".join(part for part in (gauge_word(state), due, units) if part)
    of = row.gauge
    return RowFace(of.id, of.name, note, "", "ruler", strong, of.id == now.gauge, of.code)


class LineRow(Pressable):
    """Icon, what, a note below it, a figure at the right."""

    radius = 0.0
    roomy = True  # enough for the icon

    def __init__(self, name: str, parent: QWidget | None = None, *, one_line: bool = False) -> None:
        super().__init__(name, parent)
        self._one_line = one_line

    @property
    def shown(self) -> RowFace | None:
        """What the row shows now."""
        return self._face if isinstance(self._face, RowFace) else None

    def show_row(self, shown: RowFace) -> None:
        """Show something."""
        if self.set_face(shown):
            said = (shown.note, shown.figure, _("chosen") if shown.chosen else "")
            tell(self, shown.name, ", ".join(part for part in said if part))

    def right(self) -> float:
        """Where words end."""
        return self.width() - 16.0

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """One row."""
        if (shown := self.shown) is None:
            return
        if shown.chosen:
            draw_chosen(painter, rect, tokens)
        elif self.underMouse():
            paint.box(painter, rect.adjusted(1, 0, -1, 0), tokens.panel2)
        paint.line(painter, rect.left() + 1, rect.top() + 0.5, rect.right() - 1, rect.top() + 0.5, tokens.line)
        middle, left, right = rect.center().y(), rect.left() + 20, self.right()
        if shown.icon and self.roomy:
            ink = tokens.ink if shown.strong else tokens.ink2
            theme.icon(painter, QRectF(left - 2, middle - 11, 22, 22), shown.icon, ink)
            left += 34
        bold = shown.strong or not self._one_line
        figure_px = min(paint.width(shown.figure, 15, shown.strong) + 2, (right - left) / 2) if shown.figure else 0
        top = middle - 14 if self._one_line else middle - 28
        room = QRectF(left, top, right - left - (figure_px + 12 if figure_px else 0), 28)
        if self._one_line:
            used = paint.text(painter, room, shown.title, 17, tokens.ink, bold=bold, least_px=14)
            beside = room.adjusted(min(used + 12, room.width()), 0, 0, 0)
            if beside.width() > 60:
                note = fitting(shown.note, beside.width())
                paint.text(painter, beside, note, 15, tokens.ink2, least_px=14)
        else:
            inks = (tokens.ink, tokens.ink2)
            paint.named(painter, room, shown.title, shown.code, 18, inks, code_px=15, least_px=14)
            below = QRectF(left, middle + 2, right - left, 24)
            ink = tokens.ink if shown.strong else tokens.ink2
            note = fitting(shown.note, below.width() * (_BOLD if shown.strong else 1))
            paint.text(painter, below, note, 15, ink, bold=shown.strong, least_px=14)
        if figure_px:
            place = QRectF(right - figure_px, top, figure_px, 28)
            ink = tokens.ink if shown.strong else tokens.ink2
            paint.text(painter, place, shown.figure, 15, ink, bold=shown.strong, align=paint.RIGHT, least_px=12)


class HoldList(RowsCard):
    """What is held and waits for somebody's word, the oldest first."""

    picked = Signal(int)  # id of the hold

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("open-holds", _("On hold"), HOLD_PX, parent)
        self.rows: list[LineRow] = []

    def in_order(self) -> Sequence[QWidget]:
        """The rows that there are."""
        return self.rows

    def show_holds(self, holds: Sequence[RowFace]) -> None:
        """Show what is held."""
        while len(self.rows) < len(holds):
            row = LineRow(f"hold-{len(self.rows) + 1}", self.ground)
            row.clicked.connect(self._pressed)
            self.rows.append(row)
        for index, row in enumerate(self.rows):
            row.setVisible(index < len(holds))
            if index < len(holds):
                row.show_row(holds[index])
        note = _("{count} open").format(count=len(holds)) if holds else ""
        empty, hint = _("Nothing is on hold"), _("What is put on hold stays here until it is decided.")
        self.show_head(len(holds), note, empty, hint, strong=bool(holds))

    def _pressed(self) -> None:
        row = self.sender()
        if isinstance(row, LineRow) and row.shown is not None:
            self.picked.emit(row.shown.number)


class ThingList(RowsCard):
    """What a hold covers, with what can be decided at its foot: of what is chosen, of all where nothing is."""

    foot_px = 144
    empty_sign = "stop"
    decided = Signal(str)  # one of Disposition
    listed = Signal()  # all of it is wanted as a table
    marked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("held-things", _("What it covers"), THING_PX, parent)
        self.rows: list[LineRow] = []
        self.chosen: set[Thing] = set()
        self._things: tuple[HeldThing, ...] = ()
        self.acts = [
            Button(f"dispose-{what.value}", disposition_word(what), self, main=what is Disposition.RELEASE)
            for what in Disposition
        ]
        self.table = Button("held-table", "Excel", self, icon="document")
        for button, what in zip(self.acts, Disposition, strict=True):
            button.setProperty("what", what.value)
            button.clicked.connect(self._decided)
        self.table.clicked.connect(self.listed)

    def in_order(self) -> Sequence[QWidget]:
        """The rows that there are."""
        return self.rows

    def show_things(self, now: HoldsNow, title: str, empty: str, hint: str) -> None:
        """Show what is covered, or what a gauge measured: of that nothing is decided here."""
        self._things = now.things
        self.chosen &= {each.thing for each in now.things}
        self.title = title
        for button in self.acts:
            button.setVisible(bool(now.chosen))
        self.table.setVisible(bool(now.things))
        shown = now.things[:MOST_THINGS]
        while len(self.rows) < len(shown):
            row = LineRow(f"held-{len(self.rows) + 1}", self.ground, one_line=True)
            row.clicked.connect(self._pressed)
            self.rows.append(row)
        for index, row in enumerate(self.rows):
            row.setVisible(index < len(shown))
            if index < len(shown):
                row.show_row(thing_face(index, shown[index], now, shown[index].thing in self.chosen))
        note = self._note(now)
        for button in self.acts:
            tell(button, button.text(), note)
        self.show_head(len(shown), note, empty, hint, strong=False)
        self._place()

    def _note(self, now: HoldsNow) -> str:
        if self.chosen:
            words = plural(N_("{count} chosen"), N_("{count} chosen"), len(self.chosen))
            return words.format(count=len(self.chosen))
        units = sum(each.thing.kind == "unit" for each in now.things)
        count = units_words(units) if units else ""
        more = len(now.things) - MOST_THINGS
        rest = _("{count} more in the table").format(count=f"{more:,}") if more > 0 else ""
        return " · ".join(part for part in (count, rest) if part)

    def _pressed(self) -> None:
        row = self.sender()
        if isinstance(row, LineRow) and row.shown is not None and row.shown.number < len(self._things):
            self.chosen ^= {self._things[row.shown.number].thing}
            self.marked.emit()

    def _decided(self) -> None:
        self.decided.emit(str(self.sender().property("what")))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another size."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        """The table stands beside what can be decided, or below it where there is no room."""
        shown = [button for button in self.acts if not button.isHidden()]
        wanted = [button.sizeHint().width() for button in shown]
        table_px = 0 if self.table.isHidden() else self.table.sizeHint().width() + 8
        beside = sum(wanted) + 8 * len(shown) + table_px <= self.width() - 16
        lines = 1 if beside else 2
        self.foot_px = (_BUTTON_PX + 8) * lines + 16 if shown or table_px else 0
        super()._place()
        y, right = self.height() - self.foot_px + 8, self.width() - 12 - (table_px if beside and shown else 0)
        if shown:
            x, room = 12.0, right - 12 - 8 * (len(shown) - 1)
            spare = (room - sum(wanted)) / len(shown)
            for button, own in zip(shown, wanted, strict=True):
                wide = own + spare if spare >= 0 else own * room / sum(wanted)
                button.setGeometry(round(x), y, round(x + wide) - round(x), _BUTTON_PX)
                x += wide + 8
            y += 0 if beside else _BUTTON_PX + 8
        left = right + 8 if beside and shown else 12
        self.table.setGeometry(left, y, self.table.sizeHint().width(), _BUTTON_PX)


class GaugeLine(LineRow):
    """A gauge with two buttons: it was checked and is good, or it is not."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.good = Button(f"{name}-ok", _("Passed"), self, icon="check")
        self.bad = Button(f"{name}-bad", _("Failed"), self, icon="cross")

    def right(self) -> float:
        """Before the buttons."""
        return self.good.x() - 12.0

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The row has another width."""
        super().resizeEvent(event)
        self.roomy = self.width() >= _ROOMY_PX
        x = self.width() - 12
        for button, icon in ((self.bad, "cross"), (self.good, "check")):
            button.show_icon(icon if self.roomy else "")
            x -= button.sizeHint().width()
            button.setGeometry(x, (self.height() - _BUTTON_PX) // 2, button.sizeHint().width(), _BUTTON_PX)
            x -= 8


class GaugeList(RowsCard):
    """The gauges, what is overdue or failed first."""

    empty_sign = "ruler"

    good = Signal(int)  # id of the gauge
    bad = Signal(int)
    picked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("gauges", _("Gauges"), GAUGE_PX, parent)
        self.rows: list[GaugeLine] = []

    def in_order(self) -> Sequence[QWidget]:
        """The rows that there are."""
        return self.rows

    def show_gauges(self, gauges: Sequence[RowFace]) -> None:
        """Show the gauges."""
        while len(self.rows) < len(gauges):
            row = GaugeLine(f"gauge-{len(self.rows) + 1}", self.ground)
            row.good.clicked.connect(self._good)
            row.bad.clicked.connect(self._bad)
            row.clicked.connect(self._pressed)
            self.rows.append(row)
        for index, row in enumerate(self.rows):
            row.setVisible(index < len(gauges))
            if index < len(gauges):
                row.show_row(gauges[index])
                tell(row.good, _("{gauge}: passed").format(gauge=gauges[index].name))
                tell(row.bad, _("{gauge}: failed").format(gauge=gauges[index].name))
        asking = sum(face.strong for face in gauges)
        note = _("{count} waiting").format(count=asking) if asking else ""
        empty, hint = _("No gauge is set up"), _("Take them over under Settings, Master data, Gauges.")
        self.show_head(len(gauges), note, empty, hint, strong=bool(asking))

    def _of(self, widget: object) -> int:
        row = widget.parent() if isinstance(widget, Button) else widget
        return row.shown.number if isinstance(row, GaugeLine) and row.shown is not None else 0

    def _good(self) -> None:
        self.good.emit(self._of(self.sender()))

    def _bad(self) -> None:
        self.bad.emit(self._of(self.sender()))

    def _pressed(self) -> None:
        self.picked.emit(self._of(self.sender()))
