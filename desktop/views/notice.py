"""A small window with one sentence, for a start that ends before there is anything else to show."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QKeySequence, QPainter, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop import paint
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views import theme
from desktop.views.widgets.button import Button
from desktop.views.widgets.painted import Painted, tell

WIDE_PX, LINE_PX, SIDE_PX = 640, 28, 28


class _Sentence(Painted):
    """The sentence, whole, over as many lines as it takes."""

    def __init__(self, words: str, parent: QWidget) -> None:
        super().__init__("notice-sentence", parent)
        self.set_face(words)
        tell(self, words)
        self._lines = paint.broken(words, 17, WIDE_PX - 2 * SIDE_PX - 40)
        self.setFixedHeight(len(self._lines) * LINE_PX)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """A sign, and the lines beside it."""
        theme.icon(painter, QRectF(0, 1, 26, 26), "info", tokens.ink)
        for index, line in enumerate(self._lines):
            paint.text(painter, QRectF(40, index * LINE_PX, rect.width() - 40, LINE_PX), line, 17, tokens.ink)


class Notice(QWidget):
    """Why the program does not start. It closes with its button, Esc or Enter, and the program ends with it."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle(_("Gadong"))
        tell(self, _("Gadong"), words)
        self.sentence = _Sentence(words, self)
        self.close_button = Button("notice-close", _("Close"), self, main=True)
        self.close_button.clicked.connect(self.close)
        for key in (Qt.Key.Key_Escape, Qt.Key.Key_Return):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.activated.connect(self.close)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.close_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SIDE_PX, SIDE_PX, SIDE_PX, SIDE_PX)
        layout.setSpacing(SIDE_PX)
        layout.addWidget(self.sentence)
        layout.addLayout(foot)
        self.setFixedSize(QSize(WIDE_PX, layout.sizeHint().height()))
        self.close_button.setFocus()
