"""Calls for help: one press calls, the next ones say that somebody answered, began and is done."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.domain.entries import HELP, PHASES, Call
from desktop.text import N_, _
from desktop.tokens import Tokens
from desktop.views import theme
from desktop.views.widgets.painted import Pressable, tell
from desktop.wording.states import call_phase, call_words

CALL_PX = 56
_GAP = 12
_ICONS = {"maintenance": "tool", "material": "box", "quality": "check", "leader": "user"}
_CALL = {"maintenance": N_("Call maintenance"), "material": N_("Call for material"), "quality": N_("Call quality")}
_NEXT = {
    "seen": N_("press: answered"),
    "begun": N_("press: work begins"),
    "over": N_("press: done"),
}


class CallFace(Struct, frozen=True):
    """A button: what a press does (`what` of a call, or the next phase of `call`), and what stands on it."""

    machine: int
    what: str
    icon: str
    words: str
    notes: tuple[str, ...] = ()
    call: Call | None = None
    elsewhere: bool = False  # the first note is the name of its machine


def next_phase(call: Call) -> str:
    """What is told next of a call."""
    return PHASES[PHASES.index(call.phase) + 1] if call.phase else PHASES[0]


def call_faces(calls: Sequence[Call], machine: int | None, names: dict[int, str], now_ms: int) -> tuple[CallFace, ...]:
    """The three kinds of help at a machine, each with its open call; without a machine the open calls of the line."""
    if machine is None:
        return tuple(_open(call, now_ms, names.get(call.machine, "")) for call in calls[: len(HELP)])
    own = {call.what: call for call in calls if call.machine == machine}
    faces = [
        _open(own[what], now_ms) if what in own else CallFace(machine, what, _ICONS[what], _(_CALL[what]))
        for what in HELP
    ]
    # who can be called by a scan alone is seen here all the same
    return (*faces, *(_open(call, now_ms) for what, call in own.items() if what not in HELP))


def _open(call: Call, now_ms: int, name: str = "") -> CallFace:
    """An open call. `name`: of its machine, "" where that is known from where the button stands."""
    notes = (name or call_phase(call), _(_NEXT[next_phase(call)]))
    return CallFace(call.machine, call.what, _ICONS[call.what], call_words(call, now_ms), notes, call, bool(name))


class CallButton(Pressable):
    """One kind of help."""

    @property
    def shown(self) -> CallFace | None:
        """What the button shows now."""
        return self._face if isinstance(self._face, CallFace) else None

    def show_call(self, shown: CallFace) -> None:
        """Show a kind of help, or a call that is open."""
        if self.set_face(shown):
            tell(self, shown.words, " · ".join(shown.notes))

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Sign and words; an open call has a strong edge and says what a press does."""
        if (shown := self.shown) is None:
            return
        hover = self.isDown() or self.underMouse()
        ground = tokens.accent_soft if hover else tokens.panel
        paint.box(
            painter,
            rect,
            ground,
            tokens.ink if shown.call else tokens.line_strong,
            radius=8,
            pen=2 if shown.call else 1,
        )
        theme.icon(painter, QRectF(rect.left() + 14, rect.center().y() - 12, 24, 24), shown.icon, tokens.ink)
        room = QRectF(rect.left() + 48, rect.top(), rect.width() - 58, rect.height())
        if not shown.notes:
            paint.text(painter, room, shown.words, 17, tokens.ink, bold=True, least_px=14)
            return
        upper = QRectF(room.left(), rect.top() + 6, room.width(), 23)
        paint.text(painter, upper, shown.words, 16, tokens.ink, bold=True, least_px=14)
        note = " · ".join(shown.notes)
        if paint.width(note, 14) > room.width():
            note = shown.notes[0 if shown.elsewhere else -1]
        paint.text(painter, upper.translated(0, 21), note, 14, tokens.ink2)


class CallBar(QWidget):
    """The buttons beside each other."""

    pressed = Signal(object)  # CallFace

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("call-page")
        tell(self, _("Calls for help"))
        self.buttons: list[CallButton] = []
        self._want(len(HELP))

    def _want(self, count: int) -> None:
        """See to it that there are so many buttons."""
        for n in range(len(self.buttons), count):
            button = CallButton(f"call-{n + 1}", self)
            button.clicked.connect(self._pressed)
            self.buttons.append(button)

    def show_calls(self, faces: Sequence[CallFace]) -> None:
        """Show kinds of help, or open calls."""
        self._want(len(faces))
        for index, button in enumerate(self.buttons):
            button.setVisible(index < len(faces))
            if index < len(faces):
                button.show_call(faces[index])
        self._place()

    def shown_count(self) -> int:
        """How many buttons there are."""
        return sum(not button.isHidden() for button in self.buttons)

    def _pressed(self) -> None:
        button = self.sender()
        if isinstance(button, CallButton) and button.shown is not None:
            self.pressed.emit(button.shown)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The bar has another width."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        count = max(len(HELP), self.shown_count())
        wide = (self.width() - _GAP * (count - 1)) / count
        for index, button in enumerate(self.buttons):
            button.setGeometry(round(index * (wide + _GAP)), 0, round(wide), self.height())
