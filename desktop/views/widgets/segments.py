"""The pages of Work side by side: what is made, who is there, what is to be checked, labels, and what is held."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace
from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.text import N_, _
from desktop.tokens import Tokens
from desktop.views.widgets.painted import Painted, Pressable, tell

SEGMENT_PX = 56
#: key of the screen, its word
PAGES = (
    ("work", N_("Work")),
    ("crew", N_("Staffing")),
    ("checks", N_("Checks")),
    ("labels", N_("Labels")),
    ("holds", N_("Holds")),
)


_SIZES_PX = (17, 16, 15, 14)  # of the words, all alike
_BESIDE_PX, _LEAST_BESIDE_PX = 20, 8  # around a word, both sides together


class SegmentFace(Struct, frozen=True):
    """A page: its word, whether it is in sight, how many things wait there, how large its word is."""

    words: str
    current: bool
    waiting: int
    size_px: int = _SIZES_PX[0]


class Segment(Pressable):
    """One of the pages; what is in sight has an accent bar and bold words."""

    def __init__(self, key: str, parent: QWidget | None = None) -> None:
        super().__init__(f"segment-{key}", parent)
        self.key = key

    def show_page(self, shown: SegmentFace) -> None:
        """Show the page."""
        if self.set_face(shown):
            said = [_("in sight")] if shown.current else []
            said += [_("{count} waiting").format(count=shown.waiting)] if shown.waiting else []
            tell(self, shown.words, ", ".join(said))

    def wanted_px(self, size_px: int) -> float:
        """The width of word and number at a size of letters, with some room around."""
        shown = self._face
        if not isinstance(shown, SegmentFace):
            return 0
        mark_px = _mark_px(shown.waiting) + 6 if shown.waiting else 0
        return paint.width(shown.words, size_px, True) + _BESIDE_PX + mark_px

    def show_size(self, size_px: int) -> None:
        """Show the word so large."""
        if isinstance(shown := self._face, SegmentFace):
            self.set_face(replace(shown, size_px=size_px))

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Ground, word, number."""
        shown = self._face
        if not isinstance(shown, SegmentFace):
            return
        hover = self.underMouse() and not shown.current
        ground = tokens.accent_soft if shown.current or hover else tokens.panel
        inner = rect.adjusted(2, 2, -2, -2)
        paint.box(painter, inner, ground, tokens.accent if shown.current else None, radius=6, pen=2)
        number = str(shown.waiting) if shown.waiting else ""
        mark_px = _mark_px(shown.waiting) if number else 0
        ink = tokens.ink if shown.current else tokens.ink2
        size_px, least_px = shown.size_px, _SIZES_PX[-1]
        most_px = rect.width() - _LEAST_BESIDE_PX - (mark_px + 6 if mark_px else 0)
        words_px = min(paint.width(shown.words, size_px, True) + 1, most_px)
        left = rect.center().x() - (words_px + (mark_px + 6 if mark_px else 0)) / 2
        room = QRectF(left, rect.top(), words_px, rect.height())
        paint.text(painter, room, shown.words, size_px, ink, bold=True, least_px=least_px)
        if number:
            plate = QRectF(left + words_px + 6, rect.center().y() - 13, mark_px, 26)
            paint.box(painter, plate, tokens.ink, radius=13)
            paint.text(painter, plate, number, 14, tokens.panel, bold=True, align=paint.CENTER)


def _mark_px(waiting: int) -> float:
    return max(paint.width(str(waiting), 14, True) + 14, 26)


class Segments(Painted):
    """The pages in a frame. `chosen` carries the key of the screen that is wanted."""

    chosen = Signal(str)

    def __init__(self, current: str, parent: QWidget | None = None) -> None:
        super().__init__("work-pages", parent)
        self._current = current
        self.pages = [Segment(key, self) for key, _word in PAGES]
        tell(self, _("Pages of Work"))
        for page in self.pages:
            page.clicked.connect(self._pressed)
        self._waiting: dict[str, int] = {}
        self._show()

    def show_waiting(self, checks: int) -> None:
        """Show how many checks are due."""
        self._waiting["checks"] = checks
        self._show()

    def show_held(self, holds: int) -> None:
        """Show how many holds wait for somebody's word."""
        self._waiting["holds"] = holds
        self._show()

    def _show(self) -> None:
        for page, (key, word) in zip(self.pages, PAGES, strict=True):
            page.show_page(SegmentFace(_(word), key == self._current, self._waiting.get(key, 0)))
        self._place()

    def _pressed(self) -> None:
        page = self.sender()
        if isinstance(page, Segment) and page.key != self._current:
            self.chosen.emit(page.key)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        """Each as wide as its words ask for, and all of the width; the words as large as all of them have room."""
        for size_px in _SIZES_PX:
            wanted = [page.wanted_px(size_px) for page in self.pages]
            spare = (self.width() - sum(wanted)) / len(self.pages)
            if spare >= 0:
                break
        for page in self.pages:
            page.show_size(size_px)
        x = 0.0
        for page, own in zip(self.pages, wanted, strict=True):
            wide = own + spare if spare >= _LEAST_BESIDE_PX - _BESIDE_PX else own * self.width() / sum(wanted)
            page.setGeometry(round(x), 0, round(x + wide) - round(x), self.height())
            x += wide

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """The frame."""
        paint.box(painter, rect, tokens.panel, tokens.line_strong, radius=8)
