"""Language, colours and size of text."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from desktop.text import _
from desktop.tokens import Tokens
from desktop.views.widgets.painted import Painted, card, card_head, tell
from desktop.views.widgets.setting_row import HEAD_PX, Setting, SettingRow


class LookCard(Painted):
    """Language, colours and size of text, each with its values."""

    wanted = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("look", parent)
        self.rows: list[SettingRow] = []
        tell(self, _("Screen and language"), _("Changes apply at once and are saved."))

    def show_settings(self, settings: Sequence[Setting]) -> None:
        """Show every setting."""
        for setting in settings[len(self.rows) :]:
            row = SettingRow(setting, self)
            row.wanted.connect(self.wanted)
            self.rows.append(row)
            row.show()  # what is made inside something visible stays hidden by itself
        for row, setting in zip(self.rows, settings, strict=True):
            row.show_setting(setting)

    def place(self, width: int) -> int:
        """Place the rows for this width and return the height."""
        y = HEAD_PX
        for row in self.rows:
            row.resize(width, row.height())
            height = row.place()
            row.setGeometry(0, y, width, height)
            y += height
        return y + 4

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Ground and title."""
        card(painter, rect, tokens)
        card_head(painter, rect, tokens, _("Screen and language"), _("Changes apply at once and are saved."))
