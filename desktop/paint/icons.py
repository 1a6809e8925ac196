"""The icons of resources/icons, in any colour."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtSvg import QSvgRenderer

_ICONS = Path(__file__).resolve().parents[2] / "resources" / "icons"


@lru_cache(maxsize=128)
def _renderer(name: str, ink: str) -> QSvgRenderer:
    drawing = (_ICONS / f"{name}.svg").read_text(encoding="utf-8").replace("currentColor", ink)
    return QSvgRenderer(QByteArray(drawing.encode()))


def forget_icons() -> None:
    """Before the application ends and another begins: Qt takes the drawings with it."""
    _renderer.cache_clear()


def icon(painter: QPainter, rect: QRectF, name: str, ink: str) -> None:
    """Draw an icon in a colour of the tokens."""
    _renderer(name, ink).render(painter, rect)
