"""Finding the baud rate of a line device: the offer, where listening stands, and what was found."""

from __future__ import annotations

from msgspec import Struct
from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.domain.figures.head import DeviceNow, Listened
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views.widgets.button import Button
from desktop.views.widgets.painted import Painted, tell
from desktop.wording.devices import listening_words

BUTTON_PX = 56
PLATE_PX = 44
HEAD_SIZE, WORDS_SIZE, SAMPLE_SIZE = 18, 16, 16
_HEAD_LINE, _WORDS_LINE = round(HEAD_SIZE * 1.45), round(WORDS_SIZE * 1.45)
_MOST = 6

_SENDS_LINES = frozenset({"text_line", "mt_sics"})  # drivers whose devices send lines that can be read
_UNREADABLE = frozenset({"wrong_baud", "bad_frames"})
_UNHEARD = frozenset({"", "silent", "no_answer"})


class SpeedFace(Struct, frozen=True):
    """What the card says, and the words of its buttons ("": there is none). `sample`: a line as it was heard."""

    head: str = ""
    words: str = ""
    sample: str = ""
    first: str = ""
    second: str = ""


def helps(device: DeviceNow) -> bool:
    """Whether listening for the baud rate may help: what a serial line device sends cannot be read, or nothing of it
    was ever heard."""
    serial = "://" not in device.port or device.port.lower().startswith("rfc2217://")
    unheard = device.last_value_at_ms is None and device.fault_kind in _UNHEARD and device.status != "opening"
    return serial and device.driver in _SENDS_LINES and (device.fault_kind in _UNREADABLE or unheard)


def offer(device: DeviceNow) -> SpeedFace:
    """The card of a device for which listening may help."""
    words = _("Listens at one baud rate after the other. Nothing is sent to the device.")
    if device.fault_kind not in _UNREADABLE:
        words = _("If the device does send, its baud rate may be another one.") + " " + words
    return SpeedFace(words=words, first=_("Listen and guess"))


def speed_face(now: Listened | str) -> SpeedFace:
    """The card of a device that is or was listened to; a sentence says why it could not be."""
    again, leave = _("Try again"), _("Leave")
    if isinstance(now, str):
        return SpeedFace(_("The baud rate was not found"), now, "", again, leave)
    head, words = listening_words(now)
    if now.status == "working":
        return SpeedFace(head, words, "", "", _("Cancel"))
    if now.status == "using":
        return SpeedFace(head, words)
    if now.status == "fits":
        return SpeedFace(head, words, now.sample, _("Use it"), leave)
    return SpeedFace(head, words, "", again, leave)


class SpeedCard(Painted):
    """One step of finding a baud rate, with its buttons. What goes on is the first, what ends it the second: a press
    meant for Cancel never accepts what was found meanwhile."""

    first_pressed = Signal()
    second_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("line-speed", parent)
        self.first = Button("line-speed-first", "", self)
        self.second = Button("line-speed-second", "", self)
        self.first.clicked.connect(self.first_pressed)
        self.second.clicked.connect(self.second_pressed)

    def show_speed(self, shown: SpeedFace) -> bool:
        """Show a step. Returns whether anything changed."""
        held = self.first.hasFocus()
        if not self.set_face(shown):
            return False
        tell(self, shown.head or shown.first, " ".join(part for part in (shown.words, shown.sample) if part))
        for button, words in ((self.second, shown.second), (self.first, shown.first)):
            button.setVisible(bool(words))
            if words:
                button.setText(words)
                tell(button, words, shown.head)
                button.update()
        if held and not shown.first and shown.second:
            self.second.setFocus()
        return True

    def wanted_px(self, width: int) -> int:
        """The height for a width; the buttons are placed."""
        shown = self._face
        if not isinstance(shown, SpeedFace):
            return 0
        y = len(self._lines(shown.head, HEAD_SIZE, width, bold=True)) * _HEAD_LINE
        y += len(self._lines(shown.words, WORDS_SIZE, width)) * _WORDS_LINE
        y += PLATE_PX + 8 if shown.sample else 0
        if shown.first or shown.second:
            y += 12
            both = bool(shown.first and shown.second)
            wide = (width - 12) // 2 if both else width
            self.first.setGeometry(0, y, wide, BUTTON_PX)
            self.second.setGeometry(wide + 12 if both else 0, y, wide, BUTTON_PX)
            y += BUTTON_PX
        return y

    @staticmethod
    def _lines(words: str, size_px: int, width: float, *, bold: bool = False) -> list[str]:
        return paint.broken(words, size_px, width, bold=bold)[:_MOST] if words else []

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Head, words, and the line that was heard in a quiet plate."""
        shown = self._face
        if not isinstance(shown, SpeedFace):
            return
        y = rect.top()
        for words, size, bold in ((shown.head, HEAD_SIZE, True), (shown.words, WORDS_SIZE, False)):
            if words:
                place = QRectF(rect.left(), y, rect.width(), rect.height())
                y += paint.paragraph(painter, place, words, size, tokens.ink, bold=bold, most=_MOST)
        if shown.sample:
            plate = QRectF(rect.left(), y + 8, rect.width(), PLATE_PX)
            paint.box(painter, plate, tokens.panel2, tokens.line, radius=6)
            inner = plate.adjusted(12, 0, -12, 0)
            paint.text(painter, inner, shown.sample, SAMPLE_SIZE, tokens.ink, least_px=14)
