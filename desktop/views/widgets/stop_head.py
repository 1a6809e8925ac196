"""The stop that is asked about: which machine, when, how long, what happened around it, and where it is to be split."""

from __future__ import annotations

from msgspec import Struct
from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.domain.intervals import Interval
from desktop.domain.spans import Span
from desktop.text import _
from desktop.tokens import Look, Tokens, band
from desktop.views import theme
from desktop.views.widgets.button import Button
from desktop.views.widgets.painted import Painted, card, focus_ring, tell
from desktop.wording.moments import clock, clock_seconds
from desktop.wording.numbers import minutes

LOW_PX, HIGH_PX = 226, 262
_STEP_MS = 10_000  # a split lies on ten seconds where the stop is long enough
_GRIP = (30.0, 44.0)


class StripFace(Struct, frozen=True):
    """The time around a stop. `stop` is the stop itself, `marked` all that gets the next reason, `split_ms` where it is
    to be split, None where it is not. `window` None: not known yet."""

    window: Span | None
    stop: Span
    intervals: tuple[Interval, ...]
    pieces: tuple[int, ...]
    marked: tuple[Span, ...]
    split_ms: int | None
    now_ms: int
    timezone: str


def snapped(at_ms: float, stop: Span) -> int:
    """The moment nearest to one at which a stop can be split: on ten seconds, else on the second, never at its edges.
    A stop of less than two seconds has its middle."""
    for step_ms in (_STEP_MS, 1_000):
        first = (stop.start_ms // step_ms + 1) * step_ms
        last = -(-stop.end_ms // step_ms) * step_ms - step_ms
        if first <= last:
            return int(min(max(round(at_ms / step_ms) * step_ms, first), last))
    return (stop.start_ms + stop.end_ms) // 2


class StopStrip(Painted):
    """Intervals, a mark for each piece, the frame of the stop, and the handle that splits it.

    While it is split: drag the handle, or Left and Right (with Shift by a minute).
    """

    moved = Signal(object)  # where the handle stands, in milliseconds

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self._held = False
        tell(self, _("The time around the stop"), _("Being read"))

    @property
    def shown(self) -> StripFace | None:
        """What the strip shows now."""
        return self._face if isinstance(self._face, StripFace) else None

    def show_strip(self, shown: StripFace | None) -> None:
        """Show the time around a stop, None: there is none."""
        if self.set_face(shown) and shown is not None:
            words = " – ".join(clock_seconds(at, shown.timezone) for at in (shown.stop.start_ms, shown.stop.end_ms))
            if shown.split_ms is not None:
                words = _("Split at {clock}").format(clock=clock_seconds(shown.split_ms, shown.timezone))
            tell(self, _("The time around the stop"), words)
            splitting = shown.split_ms is not None
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if splitting else Qt.FocusPolicy.NoFocus)
            self.setCursor(Qt.CursorShape.SplitHCursor if splitting else Qt.CursorShape.ArrowCursor)

    # -- the handle --

    def _move_to(self, at_ms: float) -> None:
        shown = self.shown
        if shown is not None and shown.split_ms is not None:
            found = snapped(at_ms, shown.stop)
            if found != shown.split_ms:
                self.moved.emit(found)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the handle, wherever the stop is touched."""
        self._held = event.button() is Qt.MouseButton.LeftButton
        self.mouseMoveEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move it along."""
        shown = self.shown
        if self._held and shown is not None and shown.window is not None:
            place = self.band()
            share = (event.position().x() - place.left()) / max(place.width(), 1)
            self._move_to(shown.window.start_ms + share * shown.window.length_ms)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._held = False

    def event(self, event: QEvent) -> bool:
        """Left and Right move the handle and lead to no other machine meanwhile."""
        if (
            event.type() is QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right)
            and self.shown is not None
            and self.shown.split_ms is not None
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ten seconds to the left or right, with Shift a minute."""
        shown = self.shown
        if shown is None or shown.split_ms is None or event.key() not in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            super().keyPressEvent(event)
            return
        step_ms = 60_000 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else _STEP_MS
        if shown.stop.length_ms < 3 * _STEP_MS:
            step_ms = 1_000
        self._move_to(shown.split_ms + (step_ms if event.key() == Qt.Key.Key_Right else -step_ms))

    # -- the picture --

    def band(self) -> QRectF:
        """Where the intervals lie."""
        return QRectF(18, 32, self.width() - 36, self.height() - 32 - 44)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Caption, band, frame, pieces, time."""
        shown = self.shown
        if shown is None or shown.window is None:
            return
        place = self.band()
        paint.timeline(painter, place, shown.intervals, shown.window, tokens, now_ms=shown.now_ms)
        for span in shown.marked:
            self._frame(painter, place, span, shown.window, tokens)
        row = QRectF(place.left(), place.bottom() + 8, place.width(), 10)
        for at_ms in shown.pieces:
            x = round(paint.x_of(at_ms, place, shown.window))
            paint.line(painter, x, row.top(), x, row.bottom(), tokens.value, 2)
        axis = QRectF(place.left(), row.bottom() + 4, place.width(), 20)
        paint.time_axis(painter, axis, shown.window, tokens, shown.timezone, origin_ms=0)
        flag_left = rect.right()
        if shown.split_ms is not None:
            flag_left = self._handle(painter, place, shown, tokens)
        caption = _("each mark below = one piece")
        if place.left() + paint.width(caption, 14) + 12 < flag_left:
            paint.text(painter, QRectF(place.left(), 2, place.width(), 22), caption, 14, tokens.ink2)
        if self.hasFocus():
            focus_ring(painter, rect, tokens)

    @staticmethod
    def _frame(painter: QPainter, place: QRectF, span: Span, window: Span, tokens: Tokens) -> None:
        part = span.cut(window)
        if part is None:
            return
        left, right = (paint.x_of(at, place, window) for at in (part.start_ms, part.end_ms))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(paint.color(tokens.accent), 3))
        painter.drawRect(QRectF(left - 3, place.top() - 5, max(right - left, 2) + 6, place.height() + 10))

    @staticmethod
    def _handle(painter: QPainter, place: QRectF, shown: StripFace, tokens: Tokens) -> float:
        """The line that splits, its grip, the flag above it, how long both parts are; returns the flag's left edge."""
        assert shown.split_ms is not None
        assert shown.window is not None
        x = paint.x_of(shown.split_ms, place, shown.window)
        edges = [paint.x_of(at, place, shown.window) for at in (shown.stop.start_ms, shown.stop.end_ms)]
        halves = (
            (edges[0], x, shown.split_ms - shown.stop.start_ms),
            (x, edges[1], shown.stop.end_ms - shown.split_ms),
        )
        for left, right, length_ms in halves:
            words = minutes(length_ms)
            room = QRectF(left + 4, place.top(), right - left - 8, place.height())
            inside = room.adjusted(*((0, 0, -_GRIP[0] / 2, 0) if right == x else (_GRIP[0] / 2, 0, 0, 0)))
            if inside.width() >= paint.width(words, 15, True) + 8:
                plate = QRectF(0, 0, paint.width(words, 15, True) + 10, 22)
                plate.moveCenter(inside.center())
                paint.box(painter, plate, tokens.panel, radius=3)
                paint.text(painter, plate, words, 15, tokens.ink, bold=True, align=paint.CENTER)
        paint.line(painter, x, place.top() - 8, x, place.bottom() + 8, tokens.accent_on, 4)
        paint.line(painter, x, place.top() - 8, x, place.bottom() + 8, tokens.accent, 2)
        grip = QRectF(0, 0, *_GRIP)
        grip.moveCenter(place.center())
        grip.moveLeft(x - _GRIP[0] / 2)
        paint.box(painter, grip, tokens.panel, tokens.accent, radius=4, pen=3)
        for off in (-4, 4):
            paint.line(painter, x + off, grip.top() + 12, x + off, grip.bottom() - 12, tokens.accent, 2)
        words = _("Split at {clock}").format(clock=clock_seconds(shown.split_ms, shown.timezone))
        wide = paint.width(words, 15, True) + 24
        flag = QRectF(min(max(x - wide / 2, place.left()), place.right() - wide), 0, wide, 24)
        paint.box(painter, flag, tokens.accent, radius=3)
        paint.text(painter, flag, words, 15, tokens.accent_on, bold=True, align=paint.CENTER)
        return flag.left()


class HeadFace(Struct, frozen=True):
    """The words over the strip. `several`: the next reason is for more than one stop."""

    shown: Look
    name: str
    code: str
    length: str
    note: str
    several: bool = False


class StopHead(Painted):
    """Which stop it is, with what can be done with it besides giving a reason."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("stop-head", parent)
        self.strip = StopStrip("stop-strip", self)
        self.split = Button("stop-split", _("Split"), self, icon="split")
        self.here = Button("stop-here", _("Split here"), self, main=True, icon="split")
        self.merge = Button("stop-merge", _("Merge"), self, icon="merge")
        self.back = Button("stop-back", _("Take back"), self, icon="undo")
        self.cancel = Button("stop-cancel", _("Cancel"), self)
        self.timeline = Button("stop-timeline", "", self, icon="machine")
        self.before = Button("stop-before", "", self, icon="trace")
        tell(self.before, _("Pieces made in the 20 minutes before it, and what they measured"))
        tell(self.split, _("Split"), "S")
        tell(self.here, _("Split here"), "S")
        tell(self.merge, _("One reason for it and the stops before and after it"), "M")
        tell(self.back, _("Take this reason back"))
        tell(self.cancel, _("Cancel"), "Esc")
        tell(self.timeline, _("Show it on the timeline of its machine"))
        for button in self._buttons():
            button.setToolTip(button.accessibleName())
        tell(self, _("Stop"), _("Being read"))

    def _buttons(self) -> tuple[Button, ...]:
        """From right to left."""
        return self.timeline, self.before, self.merge, self.split, self.cancel, self.here, self.back

    def show_head(self, shown: HeadFace | None, buttons: frozenset[str]) -> None:
        """Show which stop it is and what can be done with it (`buttons` by their names without "stop-")."""
        for button in self._buttons():
            button.setVisible(button.objectName().removeprefix("stop-") in buttons)
        if self.set_face((shown, buttons)) and shown is not None:
            tell(self, " ".join(part for part in (shown.name, shown.code) if part), f"{shown.length}, {shown.note}")
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The card has another size."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        x = self.width() - 16
        for button in self._buttons():
            if button.isVisibleTo(self):
                wide = button.sizeHint().width()
                x -= wide
                button.setGeometry(x, 12, wide, 56)
                x -= 10
        self._words_end = x
        self.strip.setGeometry(6, 76, self.width() - 12, self.height() - 76 - 6)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Shape, machine, length; below them when, and what is known of it."""
        card(painter, rect, tokens)
        face = self._face
        shown = face[0] if isinstance(face, tuple) else None
        if not isinstance(shown, HeadFace):
            return
        ink = tokens.stop if shown.shown is Look.STOP else band(shown.shown, tokens)[0]
        sign = QRectF(rect.left() + 22, rect.top() + 16, 30, 30)
        if shown.several:
            theme.icon(painter, sign, "check", tokens.accent)
        else:
            paint.state_shape(painter, sign, shown.shown, tokens.reason if shown.shown is Look.WAIT else ink)
        end = self._words_end
        wide = paint.width(shown.length, 20, True) + 2
        room = QRectF(rect.left() + 66, rect.top() + 12, end - rect.left() - 66 - wide - 12, 32)
        code_px = 8 + paint.width(shown.code, 16) if shown.code else 0
        used = min(paint.width(shown.name, 23, True) + code_px, room.width())
        paint.named(painter, room, shown.name, shown.code, 23, (tokens.ink, tokens.ink2), code_px=16, least_px=17)
        place = QRectF(room.left() + used + 14, room.top() + 1, wide, 32)
        paint.text(painter, place, shown.length, 20, tokens.ink, bold=True)
        below = QRectF(room.left(), rect.top() + 46, end - room.left(), 24)
        parts = shown.note.split(" · ")
        while len(parts) > 1 and paint.width(" · ".join(parts), 14) > below.width():
            parts.pop()
        paint.text(painter, below, " · ".join(parts), 16, tokens.ink2, least_px=14)


def span_to_second(start_ms: int, end_ms: int | None, timezone: str) -> str:
    """A stop's time as 13:21:12–13:29:16; an open end says that it goes on."""
    end = _("ongoing") if end_ms is None else clock_seconds(end_ms, timezone)
    return f"{clock_seconds(start_ms, timezone)}–{end}"


def said_words(who: str, at_ms: int, timezone: str) -> str:
    """Who said something, and when: "김정호 14:24"."""
    return " ".join(part for part in (who, clock(at_ms, timezone)) if part)
