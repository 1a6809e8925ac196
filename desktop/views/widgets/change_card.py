"""The changeovers of a machine: those of the shift, and from what to what they went in twelve weeks."""

from __future__ import annotations

from msgspec import Struct
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.domain.figures.work import WorkNow
from desktop.text import N_, _, plural
from desktop.tokens import Tokens
from desktop.views.widgets.titled_card import TitledCard
from desktop.wording.moments import clock
from desktop.wording.numbers import lasted, minutes

_ROW_PX = 52


class ChangeFace(Struct, frozen=True):
    """Rows of two lines with a figure; `shift` those of the shift, `ways` those of the weeks."""

    note: str
    empty: str
    shift: tuple[tuple[str, str, str], ...]
    ways: tuple[tuple[str, str, str], ...]


def change_face(now: WorkNow) -> ChangeFace:
    """The changeovers of a machine."""
    zone = now.head.timezone
    shift = []
    for row in now.changeovers:
        first = _("first piece {clock}").format(clock=clock(row.first_good_ms, zone)) if row.first_good_ms else ""
        refused = _("{count} × not OK").format(count=row.refused) if row.refused else ""
        about = " · ".join(part for part in (clock(row.start_ms, zone), first, refused) if part)
        length = minutes(row.length_ms) if row.end_ms is None else lasted(row.length_ms)
        shift.append((f"{row.from_name or '?'} → {row.to_name or '?'}", about, length))
    ways = tuple(
        (
            f"{row.from_name} → {row.to_name}",
            plural(N_("once · {minutes}"), N_("{count} times · best {minutes}"), row.count).format(
                count=row.count, minutes=lasted(row.best_ms)
            ),
            lasted(row.median_ms),
        )
        for row in now.matrix
    )
    empty = "" if shift or ways else _("No changeover yet. Each one appears here with its minutes.")
    note = _("{count} in this shift").format(count=len(shift)) if shift else ""
    return ChangeFace(note, empty, tuple(shift), ways)


class ChangeCard(TitledCard):
    """The changeovers of the shift, below them the median and the best of each way."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("changeovers", _("Changeovers"), parent)

    def show_changes(self, shown: ChangeFace) -> None:
        """Show changeovers."""
        rows = [", ".join(row) for row in (*shown.shift, *shown.ways)]
        self.show_face(shown, "; ".join(rows))

    def draw_body(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """As many rows as have room."""
        shown = self.shown
        if not isinstance(shown, ChangeFace):
            return
        y = rect.top()
        ways_px = 40 + _ROW_PX * min(len(shown.ways), 3) if shown.ways else 0
        for row in shown.shift[: max(int((rect.height() - ways_px) // _ROW_PX), 1)]:
            self._draw_row(painter, QRectF(rect.left(), y, rect.width(), _ROW_PX), row, tokens)
            y += _ROW_PX
        if shown.ways and y + 40 + _ROW_PX <= rect.bottom():
            title = QRectF(rect.left(), y + 8, rect.width(), 28)
            used = paint.text(painter, title, _("Twelve weeks"), 16, tokens.ink, bold=True)
            note = title.adjusted(used + 10, 0, 0, 0)
            paint.text(painter, note, _("median"), 15, tokens.ink2, align=paint.RIGHT, least_px=14)
            y += 40
            for row in shown.ways[: int((rect.bottom() - y) // _ROW_PX)]:
                self._draw_row(painter, QRectF(rect.left(), y, rect.width(), _ROW_PX), row, tokens)
                y += _ROW_PX

    @staticmethod
    def _draw_row(painter: QPainter, rect: QRectF, row: tuple[str, str, str], tokens: Tokens) -> None:
        way, about, length = row
        paint.line(painter, rect.left(), rect.top() + 0.5, rect.right(), rect.top() + 0.5, tokens.line)
        wide = paint.width(length, 17, True) + 2
        place = QRectF(rect.right() - wide, rect.top() + 3, wide, 25)
        paint.text(painter, place, length, 17, tokens.ink, bold=True, align=paint.RIGHT)
        room = QRectF(rect.left(), rect.top() + 3, place.left() - rect.left() - 10, 25)
        paint.text(painter, room, way, 16, tokens.ink, bold=True, least_px=14)
        paint.text(painter, QRectF(rect.left(), rect.top() + 27, rect.width(), 22), about, 15, tokens.ink2, least_px=14)
