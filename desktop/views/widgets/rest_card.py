"""After how long a rest the window forgets who is at it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views.widgets.option import OPTION_PX, Choice, Option
from desktop.views.widgets.painted import Painted, card, tell

_GAP_PX = 12
_REST_WORDS_PX = 76


class RestCard(Painted):
    """After how long a rest the window forgets who is at it."""

    chosen = Signal(int)

    def __init__(self, choices: Sequence[int], parent: QWidget | None = None) -> None:
        """`choices`: minutes, 0 for never."""
        super().__init__("log-out-after", parent)
        self.options = [Option(f"log-out-{minutes}", str(minutes), self) for minutes in choices]
        for option in self.options:
            option.clicked.connect(self._pressed)

    def show_minutes(self, chosen: int) -> None:
        """Show what holds."""
        for option in self.options:
            minutes = int(option.value)
            words = _("{count} min").format(count=minutes) if minutes else _("Never")
            option.show_choice(Choice(option.value, words), _("Log out by itself"), minutes == chosen)
        if self.set_face(chosen):
            tell(self, _("Log out by itself"), self._words())

    @staticmethod
    def _words() -> str:
        return _("After so long without a touch nobody is at this screen any more.")

    def _pressed(self) -> None:
        option = self.sender()
        if isinstance(option, Option):
            self.chosen.emit(int(option.value))

    def wanted_px(self, width: int) -> int:
        """The height for a width; the options are placed."""
        wide = (width - 40 - 3 * _GAP_PX) // 4
        for n, option in enumerate(self.options):
            option.setGeometry(20 + n * (wide + _GAP_PX), _REST_WORDS_PX, wide, OPTION_PX)
        return _REST_WORDS_PX + OPTION_PX + 20

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Title and words over the options."""
        card(painter, rect, tokens)
        place = QRectF(20, 12, rect.width() - 40, 28)
        paint.text(painter, place, _("Log out by itself"), 18, tokens.ink, bold=True)
        paint.text(painter, place.translated(0, 29), self._words(), 15, tokens.ink2, least_px=14)
