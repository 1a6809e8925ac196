"""How the window looks: Fusion with our own palette, icons tinted from the tokens, one theme at a time.

The platform's own dark mode is not asked: without a platform theme it has no effect, and a shop-floor
screen must look the same everywhere.
"""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from desktop import paint
from desktop.paint.icons import forget_icons as forget_icons
from desktop.paint.icons import icon as icon
from desktop.text import N_
from desktop.tokens import GREEN, LIGHT, THEMES, Tokens

BAR_PX = 14  # a scroll bar with its handle of 12
LEAST_WINDOW = (1366, 768)  # at a text size of 100 %
TEXT_SIZES = (100, 112, 125)  # percent
NAMES = {"light": N_("Light"), "dark": N_("Dark"), "contrast": N_("High contrast")}
_current: Tokens = LIGHT
_green = False


def tokens() -> Tokens:
    """The colours in use."""
    return _current


def green() -> bool:
    """Whether running machines are to be green."""
    return _green


def use(application: QApplication, name: str, green_running: bool = False) -> None:
    """Show the whole application in a theme: "light", "dark" or "contrast". Raises KeyError for another.

    `green_running`: running machines are green instead of grey, where the theme has a green for them.
    """
    global _current, _green
    _current, _green = THEMES[name], green_running
    if green_running and name in GREEN:
        run, tint = GREEN[name]
        _current = replace(_current, run=run, run_tint=tint)
    worn = f"{name} {green_running}"
    if application.property("theme") == worn:
        return  # laying the same style sheet again styles every widget anew
    application.setProperty("theme", worn)
    application.setPalette(palette(_current))
    application.setFont(paint.font(16))
    application.setStyleSheet(scroll_bars(_current))


def scroll_bars(colours: Tokens) -> str:
    """Every scroll bar: a quiet handle on the ground it lies on, without arrows."""
    quiet = "{ border: none; background: none; width: 0; height: 0; }"
    return f"""
        QScrollBar {{ border: none; background: transparent; }}
        QScrollBar:vertical {{ width: {BAR_PX}px; }}
        QScrollBar:horizontal {{ height: {BAR_PX}px; }}
        QScrollBar::handle {{ background: {colours.line_strong}; border-radius: 6px; margin: 1px; }}
        QScrollBar::handle:vertical {{ min-height: 48px; }}
        QScrollBar::handle:horizontal {{ min-width: 48px; }}
        QScrollBar::handle:hover {{ background: {colours.ink3}; }}
        QScrollBar::handle:pressed {{ background: {colours.accent}; }}
        QScrollBar::add-line, QScrollBar::sub-line {quiet}
        QScrollBar::add-page, QScrollBar::sub-page {quiet}
        QAbstractScrollArea::corner {{ border: none; background: transparent; }}
    """


def palette(colours: Tokens) -> QPalette:
    """The palette of the standard widgets."""
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    made = QPalette()
    for which, ink in {
        role.Window: colours.bg,
        role.WindowText: colours.ink,
        role.Base: colours.panel,
        role.AlternateBase: colours.panel2,
        role.Text: colours.ink,
        role.PlaceholderText: colours.ink3,
        role.Button: colours.panel,
        role.ButtonText: colours.ink,
        role.BrightText: colours.ink,
        role.Highlight: colours.accent,
        role.HighlightedText: colours.accent_on,
        role.Link: colours.accent,
        role.ToolTipBase: colours.panel,
        role.ToolTipText: colours.ink,
        role.Light: colours.panel,
        role.Midlight: colours.panel2,
        role.Mid: colours.line,
        role.Dark: colours.line_strong,
        role.Shadow: colours.line_strong,
    }.items():
        made.setColor(which, QColor(ink))
    for which in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(group.Disabled, which, QColor(colours.ink3))
    return made
