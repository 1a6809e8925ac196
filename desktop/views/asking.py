"""From which length on a stop asks for its reason: the window's part between the Stops screen and the register."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal

from desktop.text import _
from desktop.views.background import Messenger
from desktop.views.ways import Ways
from desktop.views.widgets.banner import BannerFace, Banners
from desktop.views.widgets.undo_bar import UndoBar
from desktop.wording.states import asked_from


class Asking(QObject):
    """Writes what a person chose; that can be taken back."""

    changed = Signal()  # the answer of the screen is another now

    def __init__(
        self, ways: Ways, who: Callable[[], str], banners: Banners, undo_bar: UndoBar, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._ways = ways
        self._who = who  # the name of who is at the screen, "" where nobody said so
        self._banners = banners
        self._undo_bar = undo_bar
        self.writer = Messenger(self)

    def want(self, minutes: int, words: str | None = None) -> None:
        """Ask from so many minutes on; `words` are what can be taken back, "" for nothing."""
        said = asked_from(minutes * 60_000) if words is None else words
        work = partial(self._ways.set_ask_after, minutes, self._who())
        self.writer.send(work, partial(self._written, said), self._refused)

    def _written(self, words: str, before: object) -> None:
        self._banners.hide_banner("asking")
        if words and isinstance(before, int):
            self._undo_bar.offer(words, partial(self.want, before, ""))
        self.changed.emit()

    def _refused(self, sentence: str) -> None:
        self._banners.show_banner("asking", BannerFace("trouble", _("Not changed"), sentence))
        self.changed.emit()
