"""Where the data lie."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views.widgets.button import Button
from desktop.views.widgets.option import OPTION_PX
from desktop.views.widgets.painted import Painted, card, card_head, tell
from desktop.views.widgets.setting_row import HEAD_PX

_LINE_PX, _MOST_LINES = 22, 5  # of a paragraph


class FolderCard(Painted):
    """Where the data lie, and how another folder is chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("data-folder", parent)
        self.open = Button("open-data-folder", _("Open folder"), self, icon="folder")

    def show_folder(self, folder: Path) -> None:
        """Show a folder."""
        if self.set_face(str(folder)):
            tell(self, _("Data folder"), f"{folder}. {self._how()}")

    def _how(self) -> str:
        return _(
            "To work with another folder, close this window and start Gadong with --data-dir FOLDER. "
            "Each folder keeps its own line, data and settings."
        )

    def wanted_px(self, width: int) -> int:
        """The height for a width: the paragraph takes what it needs."""
        lines = min(len(paint.broken(self._how(), 15, width - 40)), _MOST_LINES)
        return HEAD_PX + 50 + _LINE_PX * lines + 16 + OPTION_PX + 20

    def place(self) -> None:
        """The button at the foot."""
        self.open.setGeometry(20, self.height() - 20 - OPTION_PX, self.open.sizeHint().width(), OPTION_PX)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """The path in a quiet plate, and a paragraph."""
        if not isinstance(self._face, str):
            return
        card(painter, rect, tokens)
        card_head(painter, rect, tokens, _("Data folder"))
        plate = QRectF(20, HEAD_PX, rect.width() - 40, 40)
        paint.box(painter, plate, tokens.panel2, tokens.line, radius=6)
        paint.text(painter, plate.adjusted(12, 0, -12, 0), end_of(self._face, plate.width() - 24), 16, tokens.ink)
        room = QRectF(20, HEAD_PX + 50, rect.width() - 40, _LINE_PX * _MOST_LINES)
        paint.paragraph(painter, room, self._how(), 15, tokens.ink2, most=_MOST_LINES)


def end_of(path: str, room_px: float) -> str:
    """A path, without its beginning where it is too long: its end is what tells folders apart."""
    if paint.width(path, 16) <= room_px:
        return path
    return next((f"… {path[n:]}" for n in range(len(path)) if paint.width(f"… {path[n:]}", 16) <= room_px), "…")
