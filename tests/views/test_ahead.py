"""What is read while nobody waits, and what comes of it."""

from __future__ import annotations

import gc

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from desktop.views import ahead


def test_a_collection_passes_over_what_was_read_ahead(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the garbage of a question sets off a look through all that the program is made of, and somebody waits."""
    monkeypatch.setattr(ahead, "MODULES", ("desktop.text",))
    monkeypatch.setattr(ahead, "GAP_MS", 0)
    frozen, parent = gc.get_freeze_count(), QObject()
    try:
        reader = ahead.Ahead(parent)
        qtbot.waitUntil(lambda: gc.get_freeze_count() > frozen + 10_000)
        assert not any(each is reader for each in gc.get_objects())
    finally:
        gc.unfreeze()
