"""A sound for a piece that is not let through, where somebody wants one: a hall is loud, an office is not."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication

_on = [False]


def use(on: bool) -> None:
    """Make the sound from now on, or none."""
    _on[0] = on


def is_on() -> bool:
    """Whether the sound is made."""
    return _on[0]


def refuse() -> None:
    """Say that something is not let through."""
    if is_on():
        QApplication.beep()
