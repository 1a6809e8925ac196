"""What can be set of a window: its words, its colours, the size of its text."""

from __future__ import annotations

from PySide6.QtCore import QSize

from desktop import text
from desktop.text import _
from desktop.tokens import GREEN, THEMES
from desktop.views import sound, theme
from desktop.views.theme import LEAST_WINDOW, TEXT_SIZES
from desktop.views.widgets.option import Choice
from desktop.views.widgets.setting_row import Setting


def settings_of(text_percent: int, room: QSize) -> tuple[Setting, ...]:
    """Every setting at this moment. `room`: the screen in pixels at 100 %; it must hold the smallest window."""
    patches = {name: (tokens.panel, tokens.ink) for name, tokens in THEMES.items()}
    calm, colours = THEMES[theme.tokens().name], theme.tokens().name
    wide, high = LEAST_WINDOW
    fitting = {
        percent: percent == 100 or (wide * percent <= 100 * room.width() and high * percent <= 100 * room.height())
        for percent in TEXT_SIZES
    }
    size_note = _("Everything grows with it; the line may then have to be scrolled.")
    if not all(fitting.values()):
        size_note = _("This screen is too small for the larger ones.")
    run_note = _("Their colour. With grey, only machines that need attention have one.")
    if colours not in GREEN:
        run_note = _("High contrast has its own colour for running machines.")
    return (
        Setting(
            "language", _("Language"), _("For screens, reports and messages."),
            (Choice("ko", "한국어"), Choice("en", "English")), text.language(),
        ),
        Setting(
            "theme", _("Brightness"), _("Dark for a dim hall, high contrast for bright sun or weak eyes."),
            tuple(Choice(name, _(words), patches[name]) for name, words in theme.NAMES.items()), colours,
        ),
        Setting(
            "running", _("Running machines"), run_note,
            (
                Choice("grey", _("Grey"), (calm.run, calm.run)),
                Choice("green", _("Green"), GREEN.get(colours, (calm.run, calm.run))[:1] * 2, colours in GREEN),
            ),
            "green" if theme.green() and colours in GREEN else "grey",
        ),
        Setting(
            "text_size", _("Text size"), size_note,
            tuple(Choice(str(percent), f"{percent} %", None, fitting[percent]) for percent in TEXT_SIZES),
            str(text_percent),
        ),
        Setting(
            "sound", _("Sound"), _("For a piece that is not let through at a scan."),
            (Choice("off", _("Off")), Choice("on", _("On"))), "on" if sound.is_on() else "off",
        ),
    )  # fmt: skip
