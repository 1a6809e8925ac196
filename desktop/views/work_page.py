"""What the pages of Work share: the way from one to the other, what is told, and the column at the left."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop.domain.entries import Said
from desktop.views.entering import Telling
from desktop.views.screen import GAP, MARGIN, NARROW_PX, TOP, Screen
from desktop.views.widgets.painted import tell
from desktop.views.widgets.segments import SEGMENT_PX, Segments

LEFT_PX, NARROW_LEFT_PX = 400, 336


class Room(Struct, frozen=True):
    """Where things go on a page: `y` is below the pages in the left column, which is `left_px` wide; the rest begins at
    `x` and `top` and is `right_px` wide. `bottom` is the foot of both."""

    top: int
    gap: int
    left_px: int
    y: int
    x: int
    right_px: int
    bottom: int


class WorkPage(Screen):
    """One of the pages of Work. Nothing is written on it: `told` and `taken_back` carry what is to be."""

    told = Signal(object)  # Telling
    taken_back = Signal(object)  # TakingBack

    def __init__(self, name: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self._title = title
        tell(self, title)
        self.pages = Segments(name, self.page)
        self.pages.chosen.connect(self.screen_wanted)

    def title(self) -> str:
        """What the page is for."""
        return self._title

    def was_entered(self, *_what: object) -> None:
        """What was told is in the file, or was refused: look again."""
        self.question_changed.emit()

    def _tell(self, told: Sequence[Said], words: str, why: str = "") -> None:
        self.told.emit(Telling(tuple(told), 0, words, frozenset(), why))

    def _room(self, width: int, height: int) -> Room:
        """Place the pages, and say where the rest goes."""
        top, gap = (12, 12) if height < 800 else (TOP, GAP)
        left_px = NARROW_LEFT_PX if width < NARROW_PX else LEFT_PX
        self.pages.setGeometry(MARGIN, top, left_px, SEGMENT_PX)
        x = MARGIN + left_px + GAP
        return Room(top, gap, left_px, top + SEGMENT_PX + gap, x, width - MARGIN - x, height - TOP)
