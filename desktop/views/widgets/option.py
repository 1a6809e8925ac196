"""One of several values that stand side by side; the one that holds is marked."""

from __future__ import annotations

from msgspec import Struct
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views import theme
from desktop.views.widgets.painted import Pressable, tell

OPTION_PX = 56


class Choice(Struct, frozen=True):
    """One value of a setting. `patch`: ground and ink of the sample before its word."""

    value: str
    words: str
    patch: tuple[str, str] | None = None
    possible: bool = True


class Option(Pressable):
    """One value of a setting; the one that holds has a tick, an edge and bold words."""

    def __init__(self, name: str, value: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.value = value
        self.setCheckable(True)

    def show_choice(self, choice: Choice, title: str, chosen: bool) -> None:
        """Show a value of the setting `title`."""
        self.setText(choice.words)
        self.setChecked(chosen)
        self.setEnabled(choice.possible)
        if self.set_face((choice, chosen)):
            tell(self, choice.words, f"{title}, {_('chosen')}" if chosen else title)

    def nextCheckState(self) -> None:
        """A press asks for the value; what holds is shown by who keeps it."""

    def sizeHint(self) -> QSize:
        """Wide enough for tick, sample and word."""
        patch = 32 if isinstance(self._face, tuple) and self._face[0].patch else 0
        return QSize(max(round(paint.width(self.text(), 17, True)) + 72 + patch, 120), OPTION_PX)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Tick, sample, word."""
        if not isinstance(self._face, tuple):
            return
        choice, chosen = self._face
        if not choice.possible:
            ground, edge, ink = None if tokens.name == "contrast" else tokens.track, None, tokens.ink3
        elif chosen:
            ground, edge, ink = tokens.accent_soft, tokens.accent, tokens.ink
        else:
            ground, edge, ink = (
                tokens.accent_soft if self.underMouse() else tokens.panel,
                tokens.line_strong,
                tokens.ink,
            )
        paint.box(painter, rect, ground, edge, radius=8, pen=2 if chosen else 1)
        patch_px = 32.0 if choice.patch else 0.0
        sign_px = 32.0 if chosen else 0.0
        whole = sign_px + patch_px + paint.width(choice.words, 17, chosen)
        left = max(rect.center().x() - whole / 2, rect.left() + 8)
        if chosen:
            theme.icon(painter, QRectF(left, rect.center().y() - 11, 22, 22), "check", tokens.accent)
        left += sign_px
        if choice.patch and choice.possible:
            patch = QRectF(left, rect.center().y() - 11, 22, 22)
            paint.box(painter, patch, choice.patch[0], tokens.line_strong, radius=4)
            if choice.patch[0] != choice.patch[1]:
                paint.box(painter, patch.adjusted(6, 6, -6, -6), choice.patch[1], radius=2)
        left += patch_px
        room = QRectF(left, rect.top(), rect.right() - 6 - left, rect.height())
        paint.text(painter, room, choice.words, 17, ink, bold=chosen, least_px=14)
