"""What one machine does now, in one line over its page."""

from __future__ import annotations

from msgspec import Struct
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from desktop import paint
from desktop.domain.calendar import Shift
from desktop.domain.events import State
from desktop.domain.figures.line import MachineNow
from desktop.domain.intervals import STOPPED, Category
from desktop.text import _
from desktop.tokens import Look, Tokens, band
from desktop.views.widgets.painted import Painted, tell
from desktop.views.widgets.tile import machine_look
from desktop.wording.moments import clock, day_words, shift_words, span_words
from desktop.wording.numbers import minutes_seconds
from desktop.wording.states import state_word, waits_words

_NOTE_PX, _ALARM_PX = 18, 17


class StateFace(Struct, frozen=True):
    """State in words, and what is known of it."""

    shown: Look
    head: str
    note: str
    alarm: str


def state_face(machine: MachineNow, now_ms: int, timezone: str, stale_since_ms: int | None) -> StateFace:
    """The bar of a machine at a moment."""
    category, state, since_ms, shown = machine.category, machine.state, machine.since_ms, machine_look(machine)
    if stale_since_ms is not None:
        category, state, since_ms, shown = Category.NO_DATA, State.UNKNOWN, stale_since_ms, Look.NO_DATA
    word = machine.reason or state_word(category, state, machine.by_count)
    if category not in STOPPED and category is not Category.SHORT_STOP:
        word = state_word(category, state, machine.by_count)
    parts = [_("since {clock}").format(clock=clock(since_ms, timezone))]
    if shown is Look.STOP:
        parts.append(_("Not labelled"))
    elif shown is Look.NO_DATA:
        at_ms = machine.last_value_at_ms
        parts = [_("last value {clock}").format(clock=clock(at_ms, timezone)) if at_ms else _("no value yet")]
    elif machine.waits_for:
        parts.append(waits_words(machine.waits_for))
    elif machine.reason and machine.said_by and category in STOPPED:
        parts.append(_("said by {who}").format(who=machine.said_by))
    elif machine.by_count:
        parts.append(_("by its count"))
    alarm = ""
    if machine.alarm and stale_since_ms is None and category is not Category.RUN:
        alarm = _("Last alarm: {alarm}").format(alarm=machine.alarm)
    return StateFace(shown, f"{word} {minutes_seconds(now_ms - since_ms)}", " · ".join(parts), alarm)


def past_face(shift: Shift, timezone: str) -> StateFace:
    """The bar while a shift that is over is looked at."""
    span = span_words(shift.span.start_ms, shift.span.end_ms, timezone)
    return StateFace(Look.PLANNED, f"{day_words(shift.business_on)} · {shift_words(shift)}", span, "")


class StateBar(Painted):
    """Shape, word, time, and the machine's own alarm at the right."""

    def show_state(self, shown: StateFace) -> None:
        """Show a state."""
        if self.set_face(shown):
            tell(self, shown.head, ", ".join(part for part in (shown.note, shown.alarm) if part))

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """The bar in the colours of the state."""
        shown = self._face
        if not isinstance(shown, StateFace):
            paint.box(painter, rect, tokens.panel, tokens.line, radius=8)
            return
        ground, ink = band(shown.shown, tokens)
        silent = shown.shown is Look.NO_DATA
        edge = tokens.reason if shown.shown is Look.WAIT else tokens.line if shown.shown is Look.PLANNED else None
        paint.box(painter, rect, ground, edge, radius=8, pen=2 if shown.shown is Look.WAIT else 1)
        if silent:
            ink = tokens.ink
            strip = QRectF(
                rect.right() - rect.width() * 0.28, rect.top() + 1, rect.width() * 0.28 - 8, rect.height() - 2
            )
            paint.hatch(painter, strip, tokens)
        sign = QRectF(rect.left() + 20, rect.center().y() - 17, 34, 34)
        shape_ink = tokens.reason if shown.shown is Look.WAIT and tokens.name != "light" else ink
        paint.state_shape(painter, sign, shown.shown, shape_ink)
        room = QRectF(rect.left() + 70, rect.top(), rect.width() * 0.45, rect.height())
        used = paint.text(painter, room, shown.head, 26, ink, bold=True, least_px=20)
        left = room.left() + used + 18
        wanted_px = paint.width(shown.note, _NOTE_PX) + 16 + paint.width(shown.alarm, _ALARM_PX)
        if shown.alarm and left + wanted_px > rect.right() - 24:  # one below the other
            upper = QRectF(left, rect.center().y() - 25, rect.right() - 16 - left, 25)
            paint.text(painter, upper, shown.note, 16, ink, least_px=14)
            paint.text(painter, upper.translated(0, 24), shown.alarm, 16, ink, least_px=14)
            return
        alarm_px = min(paint.width(shown.alarm, _ALARM_PX), rect.width() * 0.4) if shown.alarm else 0.0
        note = QRectF(left, rect.top() + 2, rect.right() - 24 - alarm_px - 16 - left, rect.height())
        paint.text(painter, note, shown.note, _NOTE_PX, ink, least_px=15)
        if shown.alarm:
            place = QRectF(rect.right() - 24 - alarm_px - 2, rect.top() + 2, alarm_px + 2, rect.height())
            paint.text(painter, place, shown.alarm, _ALARM_PX, ink, align=paint.RIGHT, least_px=14)
