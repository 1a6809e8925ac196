"""What every screen is: a question for the reading thread, and a page that shows its answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from desktop import summaries
from desktop.domain.calendar import Shift
from desktop.domain.figures import CollectorNow, PlantHead
from desktop.views.background import Question

MARGIN = 24
TOP = 20
GAP = 16
STALE_MS = 3000
NARROW_PX = 1480  # width of a page whose window has less than 1,600 px


class Shown(Protocol):
    """What every answer carries, for the header."""

    @property
    def head(self) -> PlantHead:
        """Plant and line."""

    @property
    def now_ms(self) -> int:
        """The moment of the answer."""

    @property
    def shift(self) -> Shift | None:
        """The shift of that moment."""

    @property
    def collector(self) -> CollectorNow:
        """Whether somebody collects."""


def stale_since(shown: Shown) -> int | None:
    """Since when nobody collects, so that nothing shown is current; None while somebody does."""
    collector = shown.collector
    if collector.running and (collector.silent_ms or 0) <= STALE_MS:
        return None
    return shown.now_ms - round((collector.silent_ms or 0) * shown.head.speed)


class Screen(QScrollArea):
    """A page that scrolls where the window is too low for it. Subclasses place their widgets on `page`."""

    machine_wanted = Signal(int)
    screen_wanted = Signal(str)
    question_changed = Signal()  # something else was chosen: the question is to be asked anew, at once

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.live = summaries.Live()  # a window gives all its screens one: they ask on the same thread
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.page = QWidget(self)
        self.page.setObjectName(f"{name}-page")
        self.setWidget(self.page)

    def question(self) -> Question:
        """What the reading thread is to answer for this screen, with nothing of the widgets in it."""
        raise NotImplementedError

    def present(self, answer: object, stale_since_ms: int | None) -> None:
        """Show an answer. `stale_since_ms`: since then nobody collects, so nothing shown is current."""
        raise NotImplementedError

    def choices(self) -> dict[str, str]:
        """What is chosen here and holds again after a restart."""
        return {}

    def restore(self, choices: Mapping[str, str]) -> None:
        """Choose what was chosen before; "" where nothing was."""

    def arrange(self, width: int, height: int) -> int:
        """Place the widgets for a page of this size and return the height that they take."""
        raise NotImplementedError

    def step_back(self) -> bool:
        """Close what stands over the screen. Returns False where nothing does."""
        return False

    def title(self) -> str:
        """What stands in the header, "" for the name of the screen."""
        return ""

    def arranged(self) -> None:
        """Place everything again."""
        size: QSize = self.viewport().size()
        height = self.arrange(size.width(), size.height())
        if height > size.height():
            bar = self.verticalScrollBar().sizeHint().width()
            height = self.arrange(size.width() - bar + MARGIN // 2, size.height())
        self.page.resize(size.width(), max(height, size.height()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The window has another size."""
        super().resizeEvent(event)
        self.arranged()
