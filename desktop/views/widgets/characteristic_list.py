"""The characteristics of a line, each with how it stands; a press looks at one."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.text import _
from desktop.tokens import Look, Tokens
from desktop.views import theme
from desktop.views.widgets.chart import draw_diamond
from desktop.views.widgets.list_card import RowsCard, fitting
from desktop.views.widgets.painted import Pressable, draw_chosen, tell

ROW_PX = 72
_LEGEND_LINE_PX, _LEGEND_PAD_PX = 26, 14
_SAMPLE_PX = 26  # more where samples are taken


class RowFace(Struct, frozen=True):
    """One characteristic. `sign`: signal, watch, ok, few or silent. `strong`: its words say what is wrong. `sample`:
    for when its sample is and how far that is, None where none is taken; `asks`: it was missed, or is late."""

    id: int
    name: str
    note: str
    figure: str
    words: str
    sign: str
    strong: bool = False
    chosen: bool = False
    sample: tuple[str, str] | None = None
    asks: bool = False


class CharacteristicRow(Pressable):
    """Sign, name and where it is measured, Cpk and state."""

    radius = 0.0

    def show_row(self, shown: RowFace) -> None:
        """Show a characteristic."""
        if self.set_face(shown):
            told = (shown.words, f"Cpk {shown.figure}", " ".join(shown.sample or ()), shown.note)
            tell(self, shown.name, ", ".join(part for part in told if part))

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Two lines beside a sign, and one of the sample."""
        shown = self._face
        if not isinstance(shown, RowFace):
            return
        if shown.chosen:
            draw_chosen(painter, rect, tokens)
        elif self.underMouse():
            paint.box(painter, rect, tokens.panel2)
        paint.line(painter, rect.left(), rect.bottom() - 0.5, rect.right(), rect.bottom() - 0.5, tokens.line)
        draw_sign(painter, QRectF(rect.left() + 16, rect.center().y() - 11, 22, 22), shown.sign, tokens)
        right = rect.right() - 16
        wide = max(paint.width(shown.figure, 18, True), paint.width(shown.words, 14, shown.strong)) + 2
        wide = min(wide, rect.width() * 0.5)
        upper = QRectF(right - wide, rect.top() + 10, wide, 26)
        paint.text(painter, upper, shown.figure, 18, tokens.ink, bold=True, align=paint.RIGHT)
        ink = tokens.ng if shown.strong else tokens.ink2
        lower = QRectF(right - wide, rect.top() + 38, wide, 22)
        paint.text(painter, lower, shown.words, 14, ink, bold=shown.strong, align=paint.RIGHT)
        room = QRectF(rect.left() + 50, rect.top() + 10, right - wide - rect.left() - 60, 26)
        paint.text(painter, room, shown.name, 18, tokens.ink, bold=True, least_px=14)
        paint.text(painter, room.translated(0, 27), fitting(shown.note, room.width()), 14, tokens.ink2)
        if shown.sample is not None:
            when, how = shown.sample
            line = QRectF(room.left(), rect.top() + 62, right - room.left(), 24)
            how_px = paint.width(how, 14, shown.asks) + 2 if how else 0
            ink = tokens.ink if shown.asks else tokens.ink2
            paint.text(painter, line, how, 14, ink, bold=shown.asks, align=paint.RIGHT)
            line.setWidth(line.width() - how_px - 8)
            paint.text(painter, line, fitting(when, line.width()), 14, tokens.ink2)


def draw_sign(painter: QPainter, box: QRectF, sign: str, tokens: Tokens) -> None:
    """How a characteristic stands, without colour too."""
    if sign == "signal":
        draw_diamond(painter, box, tokens.ng)
    elif sign == "watch":
        draw_diamond(painter, box, tokens.ng)
        draw_diamond(painter, box.adjusted(5, 5, -5, -5), tokens.panel)
    elif sign == "silent":
        paint.state_shape(painter, box, Look.NO_DATA, tokens.ink2)
    else:
        theme.icon(painter, box, {"ok": "check", "few": "more"}.get(sign, "minus"), tokens.ink2)


def _legend() -> tuple[tuple[str, str], ...]:
    """The signs of the list, and what they mean in short."""
    return (
        ("signal", _("signal, out of limits")), ("watch", _("Cpk or gauge too weak")), ("ok", _("stable")),
        ("open", _("not frozen")), ("few", _("too few")), ("silent", _("no value")),
    )  # fmt: skip


class CharacteristicList(RowsCard):
    """`wanted` carries the id of the characteristic that is to be looked at."""

    wanted = Signal(int)
    empty_sign = "ruler"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("characteristics", _("Characteristics"), ROW_PX, parent)
        self.rows: list[CharacteristicRow] = []
        self._sampled: list[bool] = []  # of each row whether it has a line for its sample

    def in_order(self) -> Sequence[QWidget]:
        """The rows that there are."""
        return self.rows

    def px_of(self, place: int) -> int:
        """A row with a sample is higher."""
        return ROW_PX + _SAMPLE_PX * self._sampled[place]

    def show_rows(self, faces: Sequence[RowFace]) -> None:
        """Show the characteristics."""
        for n in range(len(self.rows), len(faces)):
            row = CharacteristicRow(f"characteristic-{n + 1}", self.ground)
            row.clicked.connect(self._pressed)
            row.show()
            self.rows.append(row)
        for n, row in enumerate(self.rows):
            row.setVisible(n < len(faces))
            if n < len(faces):
                row.show_row(faces[n])
        sampled = [face.sample is not None for face in faces]
        again = sampled != self._sampled and len(faces) == self.count
        self._sampled = sampled
        if again:
            self._place()
        words = f"{len(faces)}" if faces else ""
        hint = _("Take them over under Settings, Master data.")
        self.show_head(len(faces), words, _("No characteristic is set up."), hint, strong=False)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """What the signs mean stands under the rows, where they leave room for all of it; each row says it too."""
        super().draw(painter, rect, tokens)
        lines = _legend_lines(rect.width() - 32)
        y = self.area.geometry().bottom() + _LEGEND_PAD_PX
        if not self.count or y + len(lines) * _LEGEND_LINE_PX > rect.bottom() - 8:
            return
        for line in lines:
            for x, sign, words, wide in line:
                draw_sign(painter, QRectF(rect.left() + 16 + x, y + 5, 16, 16), sign, tokens)
                room = QRectF(rect.left() + 16 + x + 22, y, wide, _LEGEND_LINE_PX)
                paint.text(painter, room, words, 14, tokens.ink2)
            y += _LEGEND_LINE_PX

    def _pressed(self) -> None:
        row = self.sender()
        if isinstance(row, CharacteristicRow) and isinstance(row._face, RowFace):
            self.wanted.emit(row._face.id)


def _legend_lines(room: float) -> list[list[tuple[float, str, str, float]]]:
    """The legend in lines of a width: where each sign stands, the sign, its words and how wide they are."""
    lines: list[list[tuple[float, str, str, float]]] = [[]]
    x = 0.0
    for sign, words in _legend():
        wide = paint.width(words, 14) + 2
        if lines[-1] and x + 22 + wide > room:
            lines.append([])
            x = 0.0
        lines[-1].append((x, sign, words, wide))
        x += 22 + wide + 14
    return lines
