"""The lists of the Work screen: machines with what they work on, the plan of one, and what was entered at it."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.domain.adjust import ADDED, BookingKind
from desktop.domain.entries import Booked, Changed, FirstPiece, Ordered, OrderEnded
from desktop.domain.figures.work import EnteredRow, OrderNow, WorkMachine
from desktop.text import _
from desktop.tokens import Look, Tokens, look
from desktop.views import theme
from desktop.views.widgets.button import Button
from desktop.views.widgets.list_card import RowsCard, fitting
from desktop.views.widgets.painted import Pressable, draw_chosen, tell
from desktop.wording.measuring import PIECES
from desktop.wording.moments import day_clock
from desktop.wording.numbers import lasted, minutes, pieces
from desktop.wording.states import booking_word, order_kind_word, order_status_word

MACHINE_PX, ORDER_PX, ENTERED_PX = 64, 72, 60
_BUTTON_PX = 56
_BEGUN_MS = 2 * 60_000  # an order that began so long before it was said was keyed in from paper
AFTERWARDS_MS = 60 * 60_000  # what is said so long afterwards comes from paper or from memory (수기)


class MachineFace(Struct, frozen=True):
    """A machine in the list."""

    id: int
    name: str
    code: str
    shown: Look
    note: str
    figure: str
    chosen: bool


def machine_face(row: WorkMachine, now_ms: int, chosen: int | None) -> MachineFace:
    """The row of a machine: what it works on, how far that is; in a set-up how long that lasts."""
    shown = look(row.category, row.state, labelled=not row.asks_reason)
    note = " · ".join(part for part in (row.order, row.product_name) if part) or _("No order")
    figure = pieces(row.made) if row.order or row.product_name else ""
    if figure and row.quantity is not None:
        figure = f"{figure}/{pieces(row.quantity)}"
    if shown is Look.SETUP:
        figure = minutes(now_ms - row.since_ms)
    return MachineFace(row.id, row.name, row.code, shown, note, figure, row.id == chosen)


class MachineRow(Pressable):
    """Shape, machine, order, pieces. A press looks at it."""

    radius = 0.0

    @property
    def shown(self) -> MachineFace | None:
        """What the row shows now."""
        return self._face if isinstance(self._face, MachineFace) else None

    def show_machine(self, shown: MachineFace) -> None:
        """Show a machine."""
        if self.set_face(shown):
            state = (shown.note, shown.figure, *((_("looked at"),) if shown.chosen else ()))
            tell(self, f"{shown.name} {shown.code}", ", ".join(part for part in state if part))

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """One row."""
        if (shown := self.shown) is None:
            return
        _ground(painter, rect, tokens, shown.chosen, self.underMouse())
        middle = rect.center().y()
        ink = _shape_ink(shown.shown, tokens)
        paint.state_shape(painter, QRectF(rect.left() + 18, middle - 12, 24, 24), shown.shown, ink)
        wide = paint.width(shown.figure, 17, True) + 2
        place = QRectF(rect.right() - 16 - wide, middle - 26, wide, 28)
        room = QRectF(rect.left() + 56, middle - 26, place.left() - rect.left() - 64, 28)
        paint.named(painter, room, shown.name, shown.code, 19, (tokens.ink, tokens.ink2), code_px=15, least_px=15)
        paint.text(painter, place, shown.figure, 17, tokens.ink, bold=True, align=paint.RIGHT)
        below = QRectF(room.left(), middle + 1, rect.right() - 16 - room.left(), 24)
        paint.text(painter, below, fitting(shown.note, below.width()), 15, tokens.ink2, least_px=14)


def _ground(painter: QPainter, rect: QRectF, tokens: Tokens, chosen: bool, hover: bool) -> None:
    if chosen:
        draw_chosen(painter, rect, tokens)
    elif hover:
        paint.box(painter, rect.adjusted(1, 0, -1, 0), tokens.panel2)
    paint.line(painter, rect.left() + 1, rect.top() + 0.5, rect.right() - 1, rect.top() + 0.5, tokens.line)


def _shape_ink(shown: Look, tokens: Tokens) -> str:
    if shown in (Look.WAIT, Look.REASON, Look.SETUP):
        return tokens.reason
    return tokens.stop if shown is Look.STOP else tokens.ink2


class MachineList(RowsCard):
    """The machines of the line, in its order."""

    picked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("work-machines", _("Machines"), MACHINE_PX, parent)
        self.rows: list[MachineRow] = []
        self._chosen: MachineRow | None = None

    def in_order(self) -> Sequence[QWidget]:
        """The rows that there are."""
        return self.rows

    def show_machines(self, machines: Sequence[MachineFace]) -> None:
        """Show the machines."""
        while len(self.rows) < len(machines):
            row = MachineRow(f"work-machine-{len(self.rows) + 1}", self.ground)
            row.clicked.connect(self._pressed)
            self.rows.append(row)
        for index, row in enumerate(self.rows):
            row.setVisible(index < len(machines))
            if index < len(machines):
                row.show_machine(machines[index])
        empty, hint = _("No machine is set up"), _("Add machines to the configuration and import it.")
        self.show_head(len(machines), "", empty, hint, strong=False)
        chosen = next((row for row, face in zip(self.rows, machines, strict=False) if face.chosen), None)
        if chosen is not self._chosen:
            self._chosen = chosen
            self._seek()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The chosen machine stays in sight."""
        super().resizeEvent(event)
        self._seek()

    def showEvent(self, event: QShowEvent) -> None:
        """What was chosen while the list was not in sight."""
        super().showEvent(event)
        self._seek()

    def _seek(self) -> None:
        if self._chosen is not None:
            self.area.ensureWidgetVisible(self._chosen, 0, 0)

    def _pressed(self) -> None:
        row = self.sender()
        if isinstance(row, MachineRow) and row.shown is not None:
            self.picked.emit(row.shown.id)


class OrderFace(Struct, frozen=True):
    """An order of the plan, or a product without one. `start` and `change`: which buttons it has."""

    code: str
    product: int
    title: str
    item: str
    note: str
    figure: str
    word: str
    start: bool
    change: bool
    running: bool = False


def order_face(order: OrderNow, now_ms: int, timezone: str, running: OrderNow | None) -> OrderFace:
    """The row of an order."""
    figure = pieces(order.made) if order.quantity is None else f"{pieces(order.made)} / {pieces(order.quantity)}"
    parts = [order.lot, order_kind_word(order.kind) if order.kind != "mass" else ""]
    if order.late_ms:
        parts.insert(0, _("late by {minutes}").format(minutes=lasted(order.late_ms)))
    if order.over:
        parts.insert(0, _("{count} too many").format(count=pieces(order.over)))
    if order.by_hand:
        parts.insert(0, _("{count} of it by hand").format(count=pieces(order.by_hand)))
    if order.finish_ms is not None and order.remaining:
        parts.append(_("done about {clock}").format(clock=day_clock(order.finish_ms, now_ms, timezone)))
    if order.due_ms is not None:
        parts.append(_("due {clock}").format(clock=day_clock(order.due_ms, now_ms, timezone)))
    open_ = order.status == "open"
    other = running is None or running.product != order.product
    return OrderFace(
        order.code, order.product, order.code or order.product_name, order.product_name if order.code else "",
        " · ".join(part for part in parts if part), figure, "" if open_ else order_status_word(order.status),
        open_, open_ and other, order.status == "running",
    )  # fmt: skip


def product_face(product: tuple[int, str, str]) -> OrderFace:
    """The row of a product that can be made without an order."""
    number, code, name = product
    return OrderFace("", number, name, code, _("without an order"), "", "", True, True)


class OrderRow(Pressable):
    """An order: what, how far, when. Its buttons start it, or begin the changeover to it."""

    radius = 0.0

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.start = Button(f"{name}-start", _("Start"), self)
        self.change = Button(f"{name}-change", _("Change over"), self, icon="swap")

    @property
    def shown(self) -> OrderFace | None:
        """What the row shows now."""
        return self._face if isinstance(self._face, OrderFace) else None

    def show_order(self, shown: OrderFace) -> None:
        """Show an order."""
        if self.set_face(shown):
            name = f"{shown.title} {shown.item}".strip()
            tell(self, name, ", ".join(part for part in (shown.figure, shown.note, shown.word) if part))
            tell(self.start, _("Start {order}").format(order=name))
            tell(self.change, _("Change over to {order}").format(order=name))
            self.start.setVisible(shown.start)
            self.change.setVisible(shown.change)
            self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The row has another width."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        y = (self.height() - _BUTTON_PX) // 2
        start, change = self.start.sizeHint().width(), self.change.sizeHint().width()
        self.start.setGeometry(self.width() - 12 - start, y, start, _BUTTON_PX)
        self.change.setGeometry(self.width() - 12 - start - 10 - change, y, change, _BUTTON_PX)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """One row."""
        if (shown := self.shown) is None:
            return
        _ground(painter, rect, tokens, shown.running, False)
        middle = rect.center().y()
        if not shown.start and shown.word:
            wide = paint.width(shown.word, 17, True) + 2
            paint.text(painter, QRectF(rect.right() - 16 - wide, rect.top(), wide, rect.height()), shown.word, 17,
                       tokens.ink, bold=True, align=paint.RIGHT)  # fmt: skip
        right = float(self.change.x() - 14)  # whether it is there or not: pieces stand under each other
        left = rect.left() + 22
        wide = min(paint.width(shown.figure, 19, True) + 2, right - left - 80)
        paint.text(painter, QRectF(right - wide, rect.top(), wide, rect.height()), shown.figure, 19, tokens.ink,
                   bold=True, align=paint.RIGHT, least_px=14)  # fmt: skip
        right -= wide + 12
        room = QRectF(left, middle - 28, right - left, 28)
        ink = (tokens.ink, tokens.ink2)
        if shown.item and paint.width(shown.title, 19, True) + 8 + paint.width(shown.item, 16) <= room.width():
            used = paint.text(painter, room, shown.title, 19, ink[0], bold=True)
            paint.text(painter, room.adjusted(used + 8, 2, 0, 0), shown.item, 16, ink[1])
            note = shown.note
        else:
            paint.text(painter, room, shown.title, 19, ink[0], bold=True, least_px=14)
            note = " · ".join(part for part in (shown.item, shown.note) if part)
        below = QRectF(left, middle + 2, right - left, 24)
        paint.text(painter, below, fitting(note, below.width()), 15, ink[1], least_px=14)


class PlanList(RowsCard):
    """The orders of a machine in sequence, and what it can make without one. `wanted`: row, whether to change over."""

    wanted = Signal(object, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("work-plan", _("Orders"), ORDER_PX, parent)
        self.rows: list[OrderRow] = []

    def in_order(self) -> Sequence[QWidget]:
        """The rows that there are."""
        return self.rows

    def show_orders(self, orders: Sequence[OrderFace], note: str) -> None:
        """Show the plan."""
        while len(self.rows) < len(orders):
            row = OrderRow(f"order-{len(self.rows) + 1}", self.ground)
            row.start.clicked.connect(self._started)
            row.change.clicked.connect(self._changed)
            self.rows.append(row)
        for index, row in enumerate(self.rows):
            row.setVisible(index < len(orders))
            if index < len(orders):
                row.show_order(orders[index])
        empty, hint = _("No order is planned for this machine"), _("Import the day's plan: orders appear here.")
        self.show_head(len(orders), note, empty, hint, strong=False)

    def _started(self) -> None:
        self._ask(changing=False)

    def _changed(self) -> None:
        self._ask(changing=True)

    def _ask(self, *, changing: bool) -> None:
        row = self.sender().parent()
        if isinstance(row, OrderRow) and row.shown is not None:
            self.wanted.emit(row.shown, changing)


class EnteredFace(Struct, frozen=True):
    """Something that was said at a machine."""

    entry: int
    title: str
    note: str
    icon: str


def entered_face(row: EnteredRow, timezone: str) -> EnteredFace:
    """The row of something that was said."""
    said = row.said
    title, icon = "", "note"
    if isinstance(said, Ordered):
        title, icon = _("Started {order}").format(order=said.order or row.product), "box"
    elif isinstance(said, OrderEnded):
        title, icon = _("Ended {order}").format(order=said.order), "check"
    elif isinstance(said, Changed):
        title, icon = _("Changeover to {product}").format(product=row.product or "?"), "swap"
    elif isinstance(said, FirstPiece):
        icon = "check" if said.good else "cross"
        if said.which == "first":
            title = _("First piece OK") if said.good else _("First piece not OK")
        else:
            title = f"{_(PIECES[said.which])} {_('Fine') if said.good else _('Not OK')}"
    elif isinstance(said, Booked):
        title, icon = f"{booking_word(said.kind)} {pieces(said.pieces)}", "minus"
        if said.kind in ADDED:
            icon = "plus"
        elif said.kind is BookingKind.REWORK:
            icon = "swap"
        elif said.kind in (BookingKind.LATE_REJECT, BookingKind.REJECT_REASON) and row.reason:
            title = f"{row.reason} {pieces(said.pieces)}"
    when = day_clock(said.start_ms, row.at_ms, timezone)
    reason = row.reason if row.reason and not title.startswith(row.reason) else ""
    after_ms = row.at_ms - said.start_ms
    keyed = isinstance(said, Booked) and said.kind in ADDED
    keyed = keyed or after_ms > (_BEGUN_MS if isinstance(said, Ordered) else AFTERWARDS_MS)
    late = _("keyed in later by hand") if keyed else ""
    return EnteredFace(row.entry, title, " · ".join(part for part in (when, reason, late, row.who) if part), icon)


class EnteredEntry(Pressable):
    """What was said and when. A press takes it back."""

    radius = 0.0

    @property
    def shown(self) -> EnteredFace | None:
        """What the row shows now."""
        return self._face if isinstance(self._face, EnteredFace) else None

    def show_entered(self, shown: EnteredFace) -> None:
        """Show it."""
        if self.set_face(shown):
            tell(self, _("Take back: {what}").format(what=shown.title), f"{shown.title}, {shown.note}")

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Sign, words, time, the sign of taking back."""
        if (shown := self.shown) is None:
            return
        _ground(painter, rect, tokens, False, self.underMouse())
        middle = rect.center().y()
        theme.icon(painter, QRectF(rect.left() + 18, middle - 11, 22, 22), shown.icon, tokens.ink2)
        theme.icon(painter, QRectF(rect.right() - 38, middle - 11, 22, 22), "undo", tokens.ink2)
        room = QRectF(rect.left() + 54, middle - 24, rect.width() - 54 - 48, 25)
        paint.text(painter, room, shown.title, 17, tokens.ink, bold=True, least_px=14)
        paint.text(painter, room.translated(0, 24), fitting(shown.note, room.width()), 15, tokens.ink2, least_px=14)


class EnteredList(RowsCard):
    """What was said at a machine since the shift began, the latest first."""

    picked = Signal(object)  # entry: it has more than 32 bits

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("work-entered", _("Entered in this shift"), ENTERED_PX, parent)
        self.rows: list[EnteredEntry] = []

    def in_order(self) -> Sequence[QWidget]:
        """The rows that there are."""
        return self.rows

    def show_entered(self, entered: Sequence[EnteredFace]) -> None:
        """Show it."""
        while len(self.rows) < len(entered):
            row = EnteredEntry(f"entered-{len(self.rows) + 1}", self.ground)
            row.clicked.connect(self._pressed)
            self.rows.append(row)
        for index, row in enumerate(self.rows):
            row.setVisible(index < len(entered))
            if index < len(entered):
                row.show_entered(entered[index])
        empty, hint = _("Nothing entered yet"), _("A press on an entry takes it back.")
        self.show_head(len(entered), "", empty, hint, strong=False)

    def _pressed(self) -> None:
        row = self.sender()
        if isinstance(row, EnteredEntry) and row.shown is not None:
            self.picked.emit(row.shown.entry)
