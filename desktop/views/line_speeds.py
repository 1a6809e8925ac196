"""Finding the baud rate of a device and using it: the window's part between the Devices screen and the collector."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import QObject, Signal

from desktop.domain.plant import Plain
from desktop.views.background import Messenger
from desktop.views.ways import Ways
from desktop.views.widgets.undo_bar import UndoBar


class LineSpeeds(QObject):
    """Has one device listened to at a time, and writes what a person accepts; that can be taken back."""

    progressed = Signal(int, object)  # device and where that stands: a Listened, a sentence of why not, None: over

    def __init__(self, ways: Ways, who: Callable[[], str], undo_bar: UndoBar, parent: QObject) -> None:
        super().__init__(parent)
        self._ways = ways
        self._who = who  # the name of who is at the screen, "" where nobody said so
        self._undo_bar = undo_bar
        self._ending = threading.Event()
        self._listener = Messenger(self)
        self.writer = Messenger(self)

    def listen(self, device: int) -> None:
        """Let the collector find the baud rate of a device."""
        if self._listener.away:
            return
        self._ending = ending = threading.Event()
        say = partial(self.progressed.emit, device)
        self._listener.send(lambda: self._ways.listen(device, say, ending.is_set), say, say)

    def end(self) -> None:
        """Give up."""
        self._ending.set()

    def use(self, device: int, baud: int, frame: str, words: str) -> None:
        """Let a device have this baud rate and frame; `words` are what can be taken back afterwards."""
        self._set(device, {"baud": baud, "frame": frame}, words)

    def _set(self, device: int, wanted: Mapping[str, Plain], words: str) -> None:
        say = partial(self.progressed.emit, device)
        work = partial(self._ways.use_line, device, wanted, self._who())
        self.writer.send(work, partial(self._was_set, device, words), say)

    def _was_set(self, device: int, words: str, before: object) -> None:
        self.progressed.emit(device, None)
        if words and isinstance(before, Mapping):
            self._undo_bar.offer(words, partial(self._set, device, before, ""))
