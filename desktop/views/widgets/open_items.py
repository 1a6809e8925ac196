"""What is left open at a handover: a box to tick, what, who, until when."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.domain.figures.report import OpenItem
from desktop.domain.handing import Handing
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views import theme
from desktop.views.widgets.button import Button
from desktop.views.widgets.list_card import RowsCard
from desktop.views.widgets.painted import Pressable, tell
from desktop.wording.moments import day_clock

ITEM_PX = 60
_BUTTON_PX = 56
_OWNER_PX = 132
_ROOMY_PX = 800
_OLD = 2  # shifts from which on it is told how many


class ItemFace(Struct, frozen=True):
    """One open item as words. `age`: "for 3 shifts", "" for a fresh one; `late`: its date is over."""

    entry: int
    text: str
    owner: str
    due: str
    age: str = ""
    done: bool = False
    late: bool = False


def item_face(item: OpenItem, handing: Handing, now_ms: int, timezone: str) -> ItemFace:
    """The row of an open item."""
    age, done = handing.ages.get(item.entry, 1), item.entry in handing.done
    return ItemFace(
        item.entry,
        f"{item.machine}: {item.text}" if item.machine else item.text,
        item.owner,
        day_clock(item.due_ms, now_ms, timezone) if item.due_ms is not None else "",
        _("shift {count}").format(count=age) if age >= _OLD else "",
        done,
        item.due_ms is not None and item.due_ms < now_ms and not done,
    )


class ItemRow(Pressable):
    """A press ticks it: done."""

    radius = 0.0

    @property
    def shown(self) -> ItemFace | None:
        """What the row shows now."""
        return self._face if isinstance(self._face, ItemFace) else None

    def show_item(self, shown: ItemFace) -> None:
        """Show an item."""
        if self.set_face(shown):
            late = _("overdue") if shown.late else ""
            words = (shown.owner, shown.due, late, shown.age, _("done") if shown.done else _("open"))
            tell(self, shown.text, ", ".join(part for part in words if part))
        self.setEnabled(not shown.done)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Box, words, a mark for what has been open long, owner and date in columns of their own."""
        if (shown := self.shown) is None:
            return
        if self.underMouse() and not shown.done:
            paint.box(painter, rect.adjusted(1, 0, -1, 0), tokens.panel2)
        paint.line(painter, rect.left() + 1, rect.top() + 0.5, rect.right() - 1, rect.top() + 0.5, tokens.line)
        middle = rect.center().y()
        tick = QRectF(rect.left() + 20, middle - 13, 26, 26)
        if shown.done:
            paint.box(painter, tick, tokens.track, radius=4)
            theme.icon(painter, tick.adjusted(3, 3, -3, -3), "check", tokens.ink2)
        else:
            paint.box(painter, tick, tokens.panel, tokens.line_strong, radius=4, pen=2)
        right = self._draw_right(painter, rect, shown, tokens)
        pill_px = paint.width(shown.age, 15) + 24 if shown.age else 0.0
        room = QRectF(tick.right() + 14, rect.top(), right - tick.right() - 28 - pill_px, rect.height())
        lines = paint.broken(shown.text, 17, room.width())
        ink = tokens.ink2 if shown.done else tokens.ink
        if len(lines) > 1:
            paint.paragraph(painter, QRectF(room.left(), middle - 24, room.width(), 48), shown.text, 17, ink, most=2)
            used = room.width()
        else:
            used = paint.text(painter, room, shown.text, 17, ink, least_px=14)
        if shown.age:
            pill = QRectF(room.left() + min(used, room.width()) + 12, middle - 14, pill_px, 28)
            paint.box(painter, pill, tokens.panel2, tokens.line, radius=14)
            paint.text(painter, pill, shown.age, 15, tokens.ink, align=paint.CENTER, least_px=14)

    @staticmethod
    def _draw_right(painter: QPainter, rect: QRectF, shown: ItemFace, tokens: Tokens) -> float:
        """Owner and date beside each other, in a narrow row below each other; returns where they begin."""
        due_px = paint.width("00-00 00:00", 16, True) + 4
        due = QRectF(rect.right() - 20 - due_px, rect.top(), due_px, rect.height())
        owner = QRectF(due.left() - 14 - _OWNER_PX, rect.top(), _OWNER_PX, rect.height())
        if rect.width() < _ROOMY_PX:
            half = rect.height() / 2
            owner = QRectF(due.left(), rect.top() + 6, due_px, half - 6)
            due = QRectF(due.left(), rect.top() + half, due_px, half - 6) if shown.owner else due
        ink = tokens.ink if shown.late else tokens.ink2
        paint.text(painter, due, shown.due, 16, ink, bold=shown.late, align=paint.RIGHT, least_px=14)
        paint.text(painter, owner, shown.owner, 16, tokens.ink2, align=paint.RIGHT, least_px=14)
        return owner.left()


class OpenItems(RowsCard):
    """The open items, what is due first comes first. `ticked`: the entry of one that is done."""

    ticked = Signal(object)  # more than 32 bits
    added = Signal()

    head_px = 64

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("open-items", _("Handover"), ITEM_PX, parent)
        self.rows: list[ItemRow] = []
        self.add = Button("add-item", _("Add"), self, icon="plus")
        tell(self.add, _("Add an open item"))
        self.add.clicked.connect(self.added)

    def in_order(self) -> Sequence[QWidget]:
        """The rows that there are."""
        return self.rows

    def show_items(self, items: Sequence[ItemFace]) -> None:
        """Show what is open."""
        while len(self.rows) < len(items):
            row = ItemRow(f"open-item-{len(self.rows) + 1}", self.ground)
            row.clicked.connect(self._pressed)
            self.rows.append(row)
        for index, row in enumerate(self.rows):
            row.setVisible(index < len(items))
            if index < len(items):
                row.show_item(items[index])
        left = sum(not item.done for item in items)
        self.title = _("Handover · {count} open").format(count=left) if left else _("Handover")
        empty, hint = _("Nothing is left open"), _("What is added comes back at every handover until it is done.")
        self.show_head(len(items), "", empty, hint, strong=False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The button stays at the right."""
        super().resizeEvent(event)
        wide = self.add.sizeHint().width()
        self.add.setGeometry(self.width() - 16 - wide, (self.head_px - _BUTTON_PX) // 2, wide, _BUTTON_PX)

    def _pressed(self) -> None:
        row = self.sender()
        if isinstance(row, ItemRow) and row.shown is not None:
            self.ticked.emit(row.shown.entry)
