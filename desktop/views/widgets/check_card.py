"""What is to be looked at before a shift is signed: each with a sign, words and what can be done about it."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import QRect, QRectF, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.text import _
from desktop.tokens import Look, Tokens
from desktop.views import theme
from desktop.views.widgets.button import Button
from desktop.views.widgets.cards import HEAD_PX
from desktop.views.widgets.list_card import fitting
from desktop.views.widgets.painted import Painted, card, card_head, tell

CHECK_PX = 62
_BUTTON_PX = 56
_ROOMY_PX = 900


class CheckFace(Struct, frozen=True):
    """One thing to look at. `open`: it wants somebody; `acts`: key and words of each button. `stop`: it is about
    stops, the only thing that is red. `half`: where there is room it shares a row with another such one."""

    head: str
    note: str
    open: bool = False
    acts: tuple[tuple[str, str], ...] = ()
    stop: bool = False
    half: bool = False


class CheckCard(Painted):
    """Rows below each other; `wanted` carries the key of the button that was pressed."""

    wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("checks", parent)
        tell(self, _("Before signing"), _("Being read"))
        self.buttons: list[Button] = []
        self._faces: tuple[CheckFace, ...] = ()

    def show_checks(self, faces: Sequence[CheckFace]) -> None:
        """Show what there is to look at."""
        if not self.set_face(tuple(faces)):
            return
        self._faces = tuple(faces)
        acts = [act for face in self._faces for act in face.acts]
        while len(self.buttons) < len(acts):
            button = Button(f"check-act-{len(self.buttons) + 1}", "", self, height=_BUTTON_PX)
            button.clicked.connect(self._pressed)
            self.buttons.append(button)
        for index, button in enumerate(self.buttons):
            button.setVisible(index < len(acts))
            if index < len(acts):
                button.setProperty("act", acts[index][0])
                button.setText(acts[index][1])
                tell(button, acts[index][1])
        words = [", ".join(part for part in (face.head, face.note) if part) for face in self._faces]
        tell(self, _("Before signing"), "; ".join((self._note(), *words)))
        self._place()

    def wanted_px(self, width: int) -> int:
        """The height of all rows in a width."""
        return max((cell.bottom() for cell in self._cells(width)), default=HEAD_PX) + 3

    def _cells(self, width: int) -> list[QRect]:
        """The place of each row, or half a row."""
        cells: list[QRect] = []
        shares = False  # the last half has room beside it
        for face in self._faces:
            if face.half and shares:
                cells[-1].setWidth(width // 2)
                cells.append(QRect(width // 2, cells[-1].y(), width - width // 2, CHECK_PX))
            else:
                y = cells[-1].y() + CHECK_PX if cells else HEAD_PX
                cells.append(QRect(0, y, width, CHECK_PX))
            shares = face.half and not shares and width >= _ROOMY_PX
        return cells

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The buttons stay at the right."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        buttons = iter(self.buttons)
        for face, cell in zip(self._faces, self._cells(self.width()), strict=True):
            shown = [next(buttons) for _act in face.acts]
            right = cell.right() + 1 - 16
            for button in reversed(shown):
                wide = button.sizeHint().width()
                right -= wide
                button.setGeometry(right, cell.y() + (CHECK_PX - _BUTTON_PX) // 2, wide, _BUTTON_PX)
                right -= 10

    def _note(self) -> str:
        left = sum(face.open for face in self._faces)
        return _("{count} left").format(count=left) if left else _("all looked at") if self._faces else ""

    def _pressed(self) -> None:
        self.wanted.emit(str(self.sender().property("act")))

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Head, then a sign and words a row."""
        card(painter, rect, tokens)
        head = QRectF(rect.left(), rect.top(), rect.width(), HEAD_PX)
        card_head(painter, head, tokens, _("Before signing"), self._note())
        acts = iter(self.buttons)
        for face, place in zip(self._faces, self._cells(self.width()), strict=True):
            cell = QRectF(place)
            lefts = [next(acts).x() for _act in face.acts]
            top, middle = cell.top(), cell.center().y()
            paint.line(painter, cell.left() + 1, top + 0.5, cell.right() - 1, top + 0.5, tokens.line)
            if cell.left() > 0:
                paint.line(painter, cell.left() + 0.5, top, cell.left() + 0.5, cell.bottom() - 1, tokens.line)
            sign = QRectF(cell.left() + 20, middle - 12, 24, 24)
            if face.open and face.stop:
                paint.state_shape(painter, sign, Look.STOP, tokens.stop)
            elif face.open:
                theme.icon(painter, sign, "info", tokens.ink)
            else:
                theme.icon(painter, sign, "check", tokens.ink2)
            room = QRectF(sign.right() + 16, top, min(lefts, default=cell.right()) - sign.right() - 32, CHECK_PX)
            beside = paint.width(face.head, 18, True) + paint.width(face.note, 16) + 18 <= room.width()
            if beside or not face.note:
                used = paint.text(painter, room, face.head, 18, tokens.ink, bold=True, least_px=14)
                paint.text(painter, room.adjusted(used + 18, 1, 0, 1), face.note, 16, tokens.ink2, least_px=14)
                continue
            upper = QRectF(room.left(), middle - 26, room.width(), 26)
            paint.text(painter, upper, face.head, 18, tokens.ink, bold=True, least_px=14)
            words = fitting(face.note, room.width())
            paint.text(painter, upper.translated(0, 26), words, 15, tokens.ink2, least_px=14)
