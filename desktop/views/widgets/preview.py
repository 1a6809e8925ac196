"""The pages of a report on screen, drawn by the hand that draws the PDF."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from desktop import paint
from desktop.reports import pdf
from desktop.text import _
from desktop.tokens import LIGHT
from desktop.views.screen import GAP
from desktop.views.widgets.painted import tell

ZOOM_STEP, LEAST_ZOOM, MOST_ZOOM = 1.25, 0.4, 3.0
PAPER_PX = 1240  # the width at which the page has the size of its letters in print


class Paper(QWidget):
    """One page of the report, drawn by the hand that draws the PDF."""

    def __init__(self, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"paper-{number}")
        self._number = number
        self._pages: pdf.Pages | None = None
        self._drawn: tuple[tuple[int, float], QPixmap] | None = None

    def show_page(self, pages: pdf.Pages) -> None:
        """Show the page of another report."""
        self._pages, self._drawn = pages, None
        words = _("Page {number} of {count}").format(number=self._number, count=pages.count)
        tell(self, words, pages.title)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The page, drawn once for a size and kept."""
        if self._pages is None:
            return
        ratio = self.devicePixelRatioF()
        key = (self.width(), ratio)
        if self._drawn is None or self._drawn[0] != key:
            self._drawn = (key, self._draw(self._pages, ratio))
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._drawn[1])
        painter.end()

    def _draw(self, pages: pdf.Pages, ratio: float) -> QPixmap:
        page = QPixmap(self.size() * ratio)
        page.setDevicePixelRatio(ratio)
        page.fill(paint.color(LIGHT.panel))
        painter = QPainter(page)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        scale = self.width() / pages.WIDTH
        painter.scale(scale, scale)
        pages.draw(painter, self._number)
        painter.end()
        return page


class Preview(QScrollArea):
    """The pages of the report below each other, as wide as the room at first. Ctrl and the wheel, + and - change their
    size, 0 makes them as wide as the room, 9 shows a whole page."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("preview")
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        tell(self, _("Preview"))
        self.zoom = 1.0  # of the width of the room
        self.sheet = QWidget(self)
        self.sheet.setObjectName("preview-sheet")
        tell(self.sheet, _("Preview"))
        self.setWidget(self.sheet)
        self.papers: list[Paper] = []
        self._shown = 0

    def show_pages(self, pages: pdf.Pages | None) -> None:
        """Show a report; None: nothing."""
        self._shown = pages.count if pages else 0
        while len(self.papers) < self._shown:
            self.papers.append(Paper(len(self.papers) + 1, self.sheet))
        for number, paper in enumerate(self.papers):
            paper.setVisible(number < self._shown)
            if pages is not None and number < self._shown:
                paper.show_page(pages)
        tell(self, _("Preview"), pages.title if pages else "")
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width is another size of the paper."""
        super().resizeEvent(event)
        self._place()

    def fit_width(self) -> None:
        """As wide as the room."""
        self.set_zoom(1.0)

    def fit_page(self) -> None:
        """A whole page in the room."""
        self.set_zoom(self.viewport().height() * pdf.Pages.WIDTH / pdf.Pages.HEIGHT / self._fitting())

    def step(self, steps: int) -> None:
        """A fourth larger or smaller, so many times."""
        self.set_zoom(self.zoom * ZOOM_STEP**steps)

    def set_zoom(self, zoom: float) -> None:
        """So many widths of the room; what is in the middle stays there."""
        zoom = min(max(zoom, LEAST_ZOOM), MOST_ZOOM)
        if zoom == self.zoom:
            return
        self.zoom = zoom
        bars = (self.verticalScrollBar(), self.horizontalScrollBar())
        places = [(bar.value() + bar.pageStep() / 2) / max(bar.maximum() + bar.pageStep(), 1) for bar in bars]
        self._place()
        for bar, place in zip(bars, places, strict=True):
            bar.setValue(round(place * (bar.maximum() + bar.pageStep()) - bar.pageStep() / 2))

    def _fitting(self) -> int:
        return max(min(PAPER_PX, self.viewport().width() - 8), 1)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """With Ctrl the wheel changes the size."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.step(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
            return
        super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Plus and minus, 0 for the width, 9 for the page; arrows and pages scroll."""
        acts: dict[str, Callable[[], None]] = {
            "+": partial(self.step, 1), "=": partial(self.step, 1), "-": partial(self.step, -1),
            "0": self.fit_width, "9": self.fit_page,
        }  # fmt: skip
        act = acts.get(event.text())
        if act is None:
            super().keyPressEvent(event)
        else:
            act()

    def _place(self) -> None:
        room = self.viewport().width()
        wide = round(self._fitting() * self.zoom)
        high = round(wide * pdf.Pages.HEIGHT / pdf.Pages.WIDTH)
        for number, paper in enumerate(self.papers[: self._shown]):
            paper.setGeometry(QRect(max((room - wide) // 2, 0), number * (high + GAP), wide, high))
        self.sheet.resize(max(room, wide), max(self._shown * (high + GAP) - GAP, 0))
