"""The keys of a window: what each does and what the help says of it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget


class Keys:
    """Keys that hold everywhere in a window."""

    def __init__(self, window: QWidget) -> None:
        self._window = window
        self._listed: list[tuple[str, str]] = []

    def add(self, sequence: str, act: Callable[[], object], word: str = "", cap: str = "") -> None:
        """From now on a key does something. `word` is what the help says of it, "" for nothing; `cap` is what stands
        on the key where that is not how Qt names it."""
        QShortcut(QKeySequence(sequence), self._window).activated.connect(act)
        if word:
            self._listed.append((cap or sequence, word))

    def listed(self) -> tuple[tuple[str, str], ...]:
        """(key, what it does) for the help, in the order in which they were added."""
        return tuple(self._listed)
