"""Rows that can be pressed: machines that need somebody, stops without a reason, stops of a shift."""

from __future__ import annotations

from msgspec import Struct
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.domain.figures.stops import StopRow
from desktop.text import _
from desktop.tokens import Look, Tokens, band, look
from desktop.views import theme
from desktop.views.widgets.painted import Pressable, tell
from desktop.views.widgets.tile import TileFace, rank_ring
from desktop.wording.moments import clock, span_words
from desktop.wording.numbers import lasted, minutes
from desktop.wording.states import state_word

_PAUSED_MS = 60_000  # so much less than from start to end is told


class NeedFace(Struct, frozen=True):
    """A machine that needs somebody."""

    machine: int
    rank: int
    shown: Look
    title: str
    code: str
    notes: tuple[str, ...]
    minutes: str


def need_face(tile: TileFace, since_ms: int, timezone: str) -> NeedFace:
    """The row of a machine from what its tile shows. The tile must have a rank."""
    since = _("since {clock}").format(clock=clock(since_ms, timezone))
    notes = tuple(part for part in (tile.word, tile.note, since) if part)
    if tile.shown is Look.NO_DATA:
        notes = (tile.word, tile.note)
    return NeedFace(
        tile.machine,
        tile.rank or 0,
        tile.shown,
        tile.name,
        tile.code,
        notes,
        tile.minutes,
    )


class NeedRow(Pressable):
    """Rank, shape, machine, what and how long; a stop without a reason is filled red. A press opens the machine."""

    radius = 0.0

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self._foot = False

    def show_need(self, shown: NeedFace, *, foot: bool) -> None:
        """Show a machine; at the `foot` of its card the row is as round as the card."""
        if foot != self._foot:
            self._foot = foot
            self.update()
        if self.set_face(shown):
            tell(self, f"{shown.rank}. {shown.title} {shown.code}", ", ".join((shown.minutes, *shown.notes)))

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """One row."""
        shown = self._face
        if not isinstance(shown, NeedFace):
            return
        red = shown.shown is Look.STOP
        ink = tokens.stop_on if red else tokens.ink
        second = tokens.stop_on if red else tokens.ink2
        hover = self.underMouse() and not red
        if red or hover:
            ground = tokens.stop if red else tokens.panel2
            if self._foot:
                paint.box(painter, rect, ground, radius=7)
            paint.box(painter, rect.adjusted(0, 0, 0, -8 if self._foot else 0), ground)
        if not red or shown.rank > 1:
            paint.line(painter, rect.left(), rect.top() + 0.5, rect.right(), rect.top() + 0.5, tokens.line)
        middle = rect.center().y()
        rank_ring(painter, QRectF(rect.left() + 18, middle - 15, 30, 30), shown.rank, ink)
        shape_ink = ink
        if shown.shown in (Look.SETUP, Look.REASON, Look.WAIT):
            shape_ink = tokens.reason
        shape = QRectF(rect.left() + 61, middle - 14, 28, 28)
        paint.state_shape(painter, shape, shown.shown, shape_ink)
        size_px = 30 if red else 21
        minutes_px = paint.width(shown.minutes, size_px, True)
        place = QRectF(rect.right() - 20 - minutes_px - 2, rect.top(), minutes_px + 2, rect.height())
        paint.text(painter, place, shown.minutes, size_px, ink, bold=True, align=paint.RIGHT)
        room = place.left() - rect.left() - 102 - 10
        title = QRectF(rect.left() + 102, middle - 27, room, 28)
        size_px = 21 if red else 19
        paint.named(painter, title, shown.title, shown.code, size_px, (ink, second), code_px=16, least_px=15)
        note = QRectF(rect.left() + 102, middle + 2, room, 24)
        parts = shown.notes
        while len(parts) > 1 and paint.width(" · ".join(parts), 15) > room:
            # The shape already says the first part, the minutes the last one.
            parts = parts[1:] if len(parts) == len(shown.notes) else parts[:-1]
        paint.text(painter, note, " · ".join(parts), 15, second, least_px=14)


class StopFace(Struct, frozen=True):
    """One standstill as a row. `code`: of its machine, "" where that is known from where the row stands."""

    stop: int
    machine: int
    shown: Look
    title: str
    code: str
    span: str
    minutes: str
    word: str
    start_ms: int = 0
    quiet: bool = False  # nobody explained it, and nobody is asked to


def stop_face(row: StopRow, timezone: str, *, by_machine: bool) -> StopFace:
    """The row of a standstill: headed by its machine's name, or by what it was where the machine is known."""
    shown = look(row.category, row.state, bool(row.reason))
    what = row.reason or (_("Not labelled") if shown is Look.STOP else state_word(row.category, row.state))
    title = row.machine_name if by_machine else what
    span = span_words(row.start_ms, row.end_ms, timezone)
    paused = row.end_ms is not None and row.end_ms - row.start_ms - row.length_ms >= _PAUSED_MS
    notes = ((span if by_machine else row.word), row.who if not by_machine else "", _("less break") if paused else "")
    note = " · ".join(words for words in notes if words)
    return StopFace(
        row.id, row.machine, shown, title, row.machine_code if by_machine else "", note if by_machine else span,
        minutes(row.length_ms) if row.end_ms is None else lasted(row.length_ms), "" if by_machine else note,
        row.start_ms, row.unlabelled and not row.asks,
    )  # fmt: skip


class StopButton(Pressable):
    """One standstill in a list. A press asks for it."""

    radius = 0.0

    def __init__(self, name: str, parent: QWidget | None = None, *, chevron: bool = True) -> None:
        super().__init__(name, parent)
        self._chevron = chevron

    @property
    def shown(self) -> StopFace | None:
        """What the row shows now."""
        return self._face if isinstance(self._face, StopFace) else None

    def show_stop(self, shown: StopFace) -> None:
        """Show a standstill."""
        if self.set_face(shown):
            words = ", ".join(part for part in (shown.span, shown.minutes, shown.word) if part)
            tell(self, f"{shown.title} {shown.code}".strip(), words)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """One row; where it names a machine the time stands below, so that the name has room."""
        shown = self._face
        if not isinstance(shown, StopFace):
            return
        if self.underMouse():
            paint.box(painter, rect.adjusted(1, 0, -1, 0), tokens.panel2)
        paint.line(painter, rect.left() + 1, rect.top() + 0.5, rect.right() - 1, rect.top() + 0.5, tokens.line)
        middle = rect.center().y()
        ink = tokens.stop if shown.shown is Look.STOP else band(shown.shown, tokens)[0]
        if shown.shown is Look.WAIT:
            ink = tokens.reason
        elif shown.quiet:
            ink = tokens.ink2
        shape = QRectF(rect.left() + 20, middle - 9, 18, 18)
        paint.state_shape(painter, shape, shown.shown, ink)
        right = rect.right() - (20 if not self._chevron else 42)
        if self._chevron:
            theme.icon(painter, QRectF(rect.right() - 38, middle - 10, 20, 20), "arrow-right", tokens.ink2)
        # One column of lengths for the whole list, so that the times before them stand in one column too.
        minutes_px = max(paint.width(shown.minutes, 17, True), paint.width(minutes(59 * 60_000), 17, True)) + 2
        place = QRectF(right - minutes_px, rect.top(), minutes_px, rect.height())
        paint.text(painter, place, shown.minutes, 17, tokens.ink, bold=True, align=paint.RIGHT)
        if shown.code:
            room = QRectF(rect.left() + 50, rect.top() + 4, place.left() - rect.left() - 60, 24)
            inks = (tokens.ink, tokens.ink2)
            paint.named(painter, room, shown.title, shown.code, 17, inks, code_px=15, least_px=15)
            paint.text(painter, room.translated(0, 20), shown.span, 15, tokens.ink2, least_px=14)
            return
        span_px = max(paint.width(shown.span, 15), paint.width("00:00–00:00", 15)) + 2
        span = QRectF(place.left() - span_px - 12, rect.top(), span_px, rect.height())
        paint.text(painter, span, shown.span, 15, tokens.ink2, least_px=14)
        room = QRectF(rect.left() + 50, rect.top(), span.left() - rect.left() - 60, rect.height())
        used = paint.text(painter, room, shown.title, 17, tokens.ink, bold=True, least_px=14)
        rest = room.adjusted(used + 10, 0, 0, 0)
        if shown.word and rest.width() >= paint.width(shown.word, 14):
            paint.text(painter, rest, shown.word, 15, tokens.ink2, least_px=14)


class SeenFace(Struct, frozen=True):
    """An alarm that was acknowledged, and the number that takes that back."""

    number: int
    head: str
    note: str


class SeenRow(Pressable):
    """What was acknowledged and when. A press takes it back."""

    radius = 0.0

    @property
    def shown(self) -> SeenFace | None:
        """What the row shows now."""
        return self._face if isinstance(self._face, SeenFace) else None

    def show_seen(self, shown: SeenFace) -> None:
        """Show an acknowledgement."""
        if self.set_face(shown):
            tell(self, _("Undo: {alarm}").format(alarm=shown.head), shown.note)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """A tick, what it was over when it was seen, and the word that takes it back."""
        if (shown := self.shown) is None:
            return
        if self.underMouse():
            paint.box(painter, rect.adjusted(1, 0, -1, 0), tokens.panel2)
        paint.line(painter, rect.left() + 1, rect.top() + 0.5, rect.right() - 1, rect.top() + 0.5, tokens.line)
        theme.icon(painter, QRectF(rect.left() + 19, rect.center().y() - 11, 22, 22), "check", tokens.ink2)
        undo = _("Undo")
        undo_px = paint.width(undo, 16, True) + 2
        place = QRectF(rect.right() - 20 - undo_px, rect.top(), undo_px, rect.height())
        paint.text(painter, place, undo, 16, tokens.accent, bold=True, align=paint.RIGHT)
        room = QRectF(rect.left() + 54, rect.top() + 5, place.left() - rect.left() - 68, 24)
        paint.text(painter, room, shown.head, 16, tokens.ink, bold=True, least_px=14)
        paint.text(painter, room.translated(0, 22), shown.note, 15, tokens.ink2, least_px=14)
