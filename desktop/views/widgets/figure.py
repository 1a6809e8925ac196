"""A figure on a card that can be asked how it came about."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Signal, SignalInstance
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views.widgets.painted import Pressable, tell


class Figure(Pressable):
    """The place of a figure that its card has drawn: a press, or Enter, asks for what it is made of."""

    radius = 6.0
    asked = Signal(str)  # the key of the figure

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(name, parent)
        self._key = ""
        self.clicked.connect(self._pressed)

    def show_figure(self, key: str, name: str, value: str) -> None:
        """Stand for a figure."""
        self._key = key
        tell(self, f"{name} {value}".strip(), _("Press to see what it is made of."))

    def _pressed(self) -> None:
        self.asked.emit(self._key)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Nothing but a frame under the mouse: the card has drawn the figure."""
        if self.underMouse():
            paint.box(painter, rect, None, tokens.accent, radius=self.radius, pen=1)


class Figures:
    """The figures of one card, made when they are first shown."""

    def __init__(self, card: QWidget, asked: SignalInstance) -> None:
        self._card, self._asked = card, asked
        self._made: list[Figure] = []

    def place(self, shown: list[tuple[str, str, str, QRectF]]) -> None:
        """Put a figure at each place: key, name, value and rectangle. What is not named is hidden."""
        while len(self._made) < len(shown):
            figure = Figure(f"{self._card.objectName()}-figure-{len(self._made) + 1}", self._card)
            figure.asked.connect(self._asked)
            self._made.append(figure)
        for index, figure in enumerate(self._made):
            if index < len(shown):
                key, name, value, area = shown[index]
                figure.show_figure(key, name, value)
                figure.setGeometry(area.toAlignedRect())
            figure.setVisible(index < len(shown))
