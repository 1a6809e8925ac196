"""The tile of one machine: state as colour, shape, word and minutes; counts; OEE; the hours of the shift.

`face` turns a machine's figures into finished words, `Tile` paints them in one go and is one button.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPainterPath, QPolygonF
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.domain.calendar import Pause
from desktop.domain.differences import difference
from desktop.domain.events import State
from desktop.domain.figures.line import HourRow, MachineNow
from desktop.domain.intervals import STOPPED, Category
from desktop.domain.kpi import Kpis
from desktop.text import N_, _, plural
from desktop.tokens import Look, Tokens, band, look
from desktop.views import theme
from desktop.views.widgets.painted import HasFace, Painted, Pressable, tell
from desktop.wording.moments import clock
from desktop.wording.numbers import minutes, painted_ratio, percent, pieces, signed
from desktop.wording.states import (
    alarm_words,
    call_words,
    caused_words,
    extra_words,
    state_word,
    unknown_code_words,
    waits_words,
)

FULL = QSize(319, 250)
BAND_PX = 50
LEAST_PX = 152  # lower than that the difference to the target has no room
ENLARGED = 1.15  # a tile that is so much larger than the full one is drawn larger


class TileFace(Struct, frozen=True):
    """Everything a tile shows. `oee` is rounded to what is painted; `delta` None: nothing to compare with.

    `short_note`: the note in fewer words, for where the word of the state stands close above it.
    """

    machine: int
    name: str
    code: str
    shown: Look
    word: str
    minutes: str
    rank: int | None
    note: str
    short_note: str
    alarming: bool
    good: str
    plan: str
    delta: int | None
    oee: float | None
    oee_caption: str
    oee_target: float | None
    hours: tuple[HourRow, ...]
    now_ms: int
    since_ms: int = 0  # of a stop that can be given a reason: when it began; 0 for every other state


def face(
    machine: MachineNow,
    now_ms: int,
    timezone: str,
    *,
    stale_since_ms: int | None = None,
    pauses: Sequence[Pause] = (),
    kpis: Kpis | None = None,
    oee_target: float | None = None,
) -> TileFace:
    """What the tile of a machine shows at a moment.

    `stale_since_ms`: since then nobody collects, so nothing is known of the machine. `pauses` name a planned
    stop and say when it ends. `kpis` are the figures to show if not the machine's own (they change slower).
    """
    category, state, since_ms, rank = machine.category, machine.state, machine.since_ms, machine.rank
    if stale_since_ms is not None:
        category, state, since_ms, rank = Category.NO_DATA, State.UNKNOWN, stale_since_ms, None
    pause = next((p for p in pauses if p.span.holds(now_ms)), None) if category is Category.PLANNED else None
    kpis = kpis or machine.kpis
    shown = machine_look(machine) if stale_since_ms is None else Look.NO_DATA
    note, alarming = _note(machine, shown, timezone, pause, stale_since_ms)
    if machine.call is not None and stale_since_ms is None:  # the band says what the note would
        note = call_words(machine.call, now_ms)
    elif machine.checks and shown is Look.RUN and stale_since_ms is None:
        due = plural(N_("{count} check waiting"), N_("{count} checks waiting"), machine.checks)
        note = due.format(count=machine.checks)
    quiet_since_ms = machine.last_value_at_ms if stale_since_ms is None else stale_since_ms
    delta = difference(machine.good, machine.target, comparable=machine.comparable)
    oee = painted_ratio(kpis.oee) if kpis is not None and machine.oee_known_from_ms is None else None
    known = machine.reason if machine.reason and category in STOPPED else ""
    return TileFace(
        machine=machine.id,
        name=machine.name,
        code=machine.code,
        shown=shown,
        word=(pause.name if pause else "") or known or state_word(category, state, machine.by_count),
        minutes="" if machine.good is None and machine.last_value_at_ms is None else minutes(now_ms - since_ms),
        rank=rank,
        note=note,
        short_note=caused_words(machine.waits_for) if machine.waits_for and shown is Look.WAIT else note,
        alarming=alarming,
        good=pieces(machine.good),
        plan="" if machine.target is None else f"/ {pieces(machine.target)}",
        delta=delta,
        oee=oee,
        oee_caption=_("OEE %") if shown is not Look.NO_DATA or oee is None else clock(quiet_since_ms, timezone),
        oee_target=oee_target,
        hours=tuple(h for h in machine.hours if h.good is not None or h.span.start_ms < now_ms),
        now_ms=now_ms // 60_000 * 60_000,
        since_ms=since_ms if shown in (Look.STOP, Look.REASON) else 0,
    )


def machine_look(machine: MachineNow) -> Look:
    """The look of a machine's present state; a stop that asks for its reason is red whatever the device said, one that
    only follows from another machine's is a wait."""
    if machine.waits_for:
        return Look.WAIT
    if machine.asks_reason and machine.category is Category.STOP:
        return Look.STOP
    return look(machine.category, machine.state, bool(machine.reason))


def _note(
    machine: MachineNow, shown: Look, timezone: str, pause: Pause | None, stale_since_ms: int | None
) -> tuple[str, bool]:
    """The line under the name, and whether it asks for something."""
    if shown is Look.NO_DATA:
        if machine.unknown_code and stale_since_ms is None:
            return unknown_code_words(machine.unknown_code), False
        if machine.last_value_at_ms is None:
            return _("no value yet"), False
        at_ms = machine.last_value_at_ms if stale_since_ms is None else stale_since_ms
        return _("as of {clock}").format(clock=clock(at_ms, timezone)), False
    if shown is Look.STOP:
        return _("Not labelled"), True
    if machine.waits_for:
        return waits_words(machine.waits_for), False
    if machine.category is Category.UNSCHEDULED:
        return extra_words(machine.good), False
    if pause is not None:
        return _("resumes at {clock}").format(clock=clock(pause.span.end_ms, timezone)), False
    if machine.reason and machine.said_at_ms is not None and machine.category in STOPPED:
        said = clock(machine.said_at_ms, timezone)
        if machine.said_by:
            return _("said by {who}").format(who=f"{machine.said_by} {said}"), False
        return _("entered {clock}").format(clock=said), False
    if machine.category is not Category.RUN and machine.alarm:
        return alarm_words(machine.alarm), False
    if machine.oee_known_from_ms is not None:
        return _("OEE from {clock}").format(clock=clock(machine.oee_known_from_ms, timezone)), False
    return (_("by its count") if machine.by_count else ""), False


def describe(shown: TileFace) -> str:
    """A tile in one sentence for whoever cannot see it."""
    parts = [f"{shown.word} {shown.minutes}"]
    if shown.rank is not None:
        parts.append(_("needs attention, number {rank}").format(rank=shown.rank))
    if shown.note:
        parts.append(shown.note)
    parts.append(_("good {good}").format(good=f"{shown.good} {shown.plan}".strip()))
    parts.append(_("OEE {percent}").format(percent=percent(shown.oee)))
    return ", ".join(parts)


class ShowsMachine(HasFace):
    """What has the face of a tile: the tile of the Overview and that of the andon."""

    @property
    def shown(self) -> TileFace | None:
        """What the tile shows now."""
        return self._face if isinstance(self._face, TileFace) else None

    def show_machine(self: Painted | Pressable, shown: TileFace) -> None:  # type: ignore[misc]
        """Show a machine."""
        if self.set_face(shown):
            tell(self, f"{shown.name} {shown.code}", describe(shown))


class Tile(ShowsMachine, Pressable):
    """One machine. A press opens it; where it stands, one on its name and the line of its reason asks for that."""

    reason_pressed = Signal()

    def reason_place(self) -> QRectF:
        """Where a press asks for the reason: name and note, high enough for a finger; nowhere while it runs."""
        if self.shown is None or not self.shown.since_ms:
            return QRectF()
        roomy = self.height() >= 212
        return QRectF(0, BAND_PX if roomy else 42, self.width() - (130 if roomy else 110), 62 if roomy else 56)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A press on the reason's line asks for it; any other opens the machine."""
        place = self.reason_place()
        if self.isDown() and place.contains(event.position()) and self.rect().contains(event.position().toPoint()):
            self.setDown(False)
            self.reason_pressed.emit()
            return
        super().mouseReleaseEvent(event)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.setMinimumSize(240, LEAST_PX)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Band, name, count, gauge and hours."""
        if (shown := self.shown) is None:
            paint.box(painter, rect, tokens.panel, tokens.line, radius=8)
            return
        scale = min(rect.width() / FULL.width(), rect.height() / FULL.height())
        if scale >= ENLARGED:
            painter.scale(scale, scale)
            rect = QRectF(0, 0, rect.width() / scale, rect.height() / scale)
        roomy = rect.height() >= 212
        wide = roomy and rect.width() >= 300
        silent = shown.shown is Look.NO_DATA
        alarmed = shown.shown is Look.STOP
        ground = tokens.stop_tint if alarmed else tokens.panel2 if silent else tokens.panel
        band_px = float(BAND_PX if roomy else 42)
        paint.box(painter, rect, ground, radius=self.radius)
        draw_band(painter, QRectF(rect.left(), rect.top(), rect.width(), band_px), shown, tokens, self.radius)
        edge, edge_px = (tokens.stop, 3.0) if alarmed else (tokens.line, 1.0)
        paint.box(painter, rect, None, edge, radius=8, pen=edge_px)
        body = rect.adjusted(14, band_px + (12 if roomy else 6), -14, -(14 if roomy else 8))
        gauge_px = 116.0 if wide else 104.0 if roomy else 92.0
        dial = QRectF(body.right() - gauge_px + 2, body.top() + (2 if roomy else 0), gauge_px, gauge_px * 0.8)
        paint.gauge(painter, dial, shown.oee, shown.oee_target, shown.oee_caption, tokens, stale=silent, ground=ground)
        room = QRectF(body.left(), body.top(), dial.left() - body.left() - 2, body.height())
        self._draw_names(painter, room, body, shown, tokens, roomy)
        self._draw_count(painter, room, body, shown, tokens, roomy)
        bars_px = min(64.0, rect.bottom() - 22 - dial.bottom() - 3)
        if wide and shown.hours and bars_px >= 36:
            bars = QRectF(rect.right() - 18 - 176, rect.bottom() - 22 - bars_px, 176, bars_px)
            paint.hour_bars(painter, bars, shown.hours[-9:], tokens, now_ms=shown.now_ms, figures=False, stale=silent)

    def _draw_names(
        self, painter: QPainter, room: QRectF, body: QRectF, shown: TileFace, tokens: Tokens, roomy: bool
    ) -> None:
        name_px = 23 if roomy else 20
        line = QRectF(room.left(), room.top(), room.width(), 28 if roomy else 26)
        ink = tokens.ink2 if shown.shown is Look.NO_DATA else tokens.ink
        note = QRectF(room.left(), line.bottom() - 1, room.width() + 4, 22)
        code_px = paint.width(shown.code, 15)
        below_px = code_px + (8 + paint.width(shown.note, 15, shown.alarming) if shown.note else 0)
        beside = paint.fits_named(shown.name, shown.code, name_px, 15, line.width() + 4)
        if beside or below_px > note.width():
            place = line.adjusted(0, 0, 4, 0)
            paint.named(painter, place, shown.name, shown.code, name_px, (ink, tokens.ink2), code_px=15, least_px=17)
        else:  # the code stands before the note, so that more of a long name is read
            paint.text(painter, line, shown.name, name_px, ink, bold=True, least_px=17)
            paint.text(painter, note, shown.code, 15, tokens.ink2)
            note.setLeft(note.left() + code_px + 8)
        if shown.note:
            ink = tokens.stop_text if shown.alarming else tokens.ink2
            used = paint.text(painter, note, shown.note, 15, ink, bold=shown.alarming, least_px=14)
            if shown.alarming and used + 20 <= note.width():  # a press here asks for the reason
                theme.icon(painter, QRectF(note.left() + used + 3, note.center().y() - 8, 16, 16), "arrow-right", ink)

    def _draw_count(
        self, painter: QPainter, room: QRectF, body: QRectF, shown: TileFace, tokens: Tokens, roomy: bool
    ) -> None:
        figure_px, plan_px = (40.0, 18.0) if roomy else (30.0, 16.0)

        def wide() -> float:
            return paint.width(shown.good, figure_px, True) + (
                8 + paint.width(shown.plan, plan_px) if shown.plan else 0
            )

        while wide() > room.width() and figure_px > 24:
            figure_px -= 2
            plan_px = max(plan_px - 1, 14.0)
        ink = tokens.ink2 if shown.shown is Look.NO_DATA else tokens.ink
        top = room.top() + (52 if roomy else 50)
        line_px = 50.0 if roomy else 40.0
        used = paint.text(
            painter, QRectF(room.left(), top, room.width(), line_px), shown.good, figure_px, ink, bold=True
        )
        if shown.plan:
            place = QRectF(
                room.left() + used + 8, top, room.right() - room.left() - used - 8, line_px + figure_px * 0.3
            )
            paint.text(painter, place, shown.plan, plan_px, tokens.ink2)
        if shown.delta is not None:
            size_px, high = (26, 32) if roomy else (20, 22)
            line = QRectF(room.left(), room.bottom() - high - (2 if roomy else 0), room.width(), high)
            if not roomy:  # below the gauge, where there is more room than below the count
                line.setRight(body.right())
            draw_delta(painter, line, shown.delta, size_px, ink, right=not roomy)


def draw_band(painter: QPainter, rect: QRectF, shown: TileFace, tokens: Tokens, radius: float) -> None:
    """The band of a tile: shape, word, minutes and rank; the word gives way before the minutes do.

    `radius` rounds its upper corners.
    """
    ground, ink = band(shown.shown, tokens)
    silent = shown.shown is Look.NO_DATA
    painter.save()
    whole = rect.adjusted(0, 0, 0, radius)
    if silent:
        frame = QPainterPath()
        frame.addRoundedRect(whole, radius, radius)
        painter.setClipPath(frame)
        paint.hatch(painter, rect, tokens)
        ink = tokens.ink
    else:
        painter.setClipRect(rect)  # clipping by a path would cost as much as all else in the tile
        paint.box(painter, whole, ground, radius=radius)
    painter.restore()
    if shown.shown is Look.WAIT:
        paint.box(painter, QRectF(rect.left(), rect.bottom() - 3, rect.width(), 3), tokens.reason)
    elif shown.shown is Look.PLANNED:
        paint.box(painter, QRectF(rect.left(), rect.bottom() - 1, rect.width(), 1), tokens.line)
    narrow = rect.width() < 300
    edge, size_px, least_px, minutes_size_px = (10.0, 20.0, 15.0, 18.0) if narrow else (14.0, 22.0, 18.0, 22.0)
    ring_px = edge + 26.0 if shown.rank is not None else 0.0
    minutes_px = paint.width(shown.minutes, minutes_size_px, True)
    left = rect.left() + edge + 26 + edge - 4
    room = rect.right() - edge - ring_px - minutes_px - 10 - left
    while paint.width(shown.word, size_px, True) > room and size_px > least_px:
        size_px -= 1
    word_px = min(paint.width(shown.word, size_px, True), room)
    if silent:
        plate = QRectF(left - 6, rect.center().y() - 15, word_px + minutes_px + 10 + 12, 30)
        paint.box(painter, plate, tokens.no_data)
        paint.box(painter, QRectF(rect.left() + edge - 3, rect.center().y() - 16, 32, 32), tokens.no_data, radius=16)
    shape_ink = tokens.reason if shown.shown is Look.WAIT and tokens.name != "light" else ink
    shape = QRectF(rect.left() + edge, rect.center().y() - 13, 26, 26)
    paint.state_shape(painter, shape, shown.shown, shape_ink)
    paint.text(painter, QRectF(left, rect.top(), word_px, rect.height()), shown.word, size_px, ink, bold=True)
    place = QRectF(left + word_px + 10, rect.top(), minutes_px + 2, rect.height())
    paint.text(painter, place, shown.minutes, minutes_size_px, ink, bold=True)
    if shown.rank is not None:
        ring = QRectF(rect.right() - edge - 26, rect.center().y() - 13, 26, 26)
        if silent:
            paint.box(painter, ring.adjusted(-2, -2, 2, 2), tokens.no_data, radius=15)
        rank_ring(painter, ring, shown.rank, ink)


def rank_ring(painter: QPainter, ring: QRectF, rank: int, ink: str) -> None:
    """The number in which a machine needs somebody."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(paint.outline(ink, 2))
    painter.drawEllipse(ring.adjusted(1, 1, -1, -1))
    paint.text(painter, ring, str(rank), 15, ink, bold=True, align=paint.CENTER)


def draw_delta(painter: QPainter, rect: QRectF, delta: int, size_px: float, ink: str, *, right: bool = False) -> None:
    """A difference with its triangle; never coloured, the sign and the triangle say it."""
    words = signed(delta)
    words_px = paint.width(words, size_px, True)
    side, gap = (size_px * 0.62, 8) if delta else (0.0, 0)
    left = rect.right() - words_px - side - gap if right else rect.left()
    if delta:
        y = rect.center().y() + (1 if delta > 0 else 0)
        top, foot = (y - side * 0.4, y + side * 0.4) if delta > 0 else (y + side * 0.4, y - side * 0.4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(paint.color(ink))
        painter.drawPolygon(QPolygonF([QPointF(left, foot), QPointF(left + side, foot), QPointF(left + side / 2, top)]))
    place = QRectF(left + side + gap, rect.top(), rect.right() - left - side - gap + 1, rect.height())
    paint.text(painter, place, words, size_px, ink, bold=True, least_px=14)
