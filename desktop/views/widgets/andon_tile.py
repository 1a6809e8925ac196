"""The tile of one machine on the andon: filled with its state, readable from five metres. Nothing is under 30 px."""

from __future__ import annotations

import re

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from desktop import paint
from desktop.text import _
from desktop.tokens import Look, Tokens, band
from desktop.views.widgets.painted import Painted
from desktop.views.widgets.tile import ShowsMachine, TileFace, draw_delta
from desktop.wording.numbers import percent_figure, signed

WIDE_PX, HIGH_PX = 450.0, 366.0
LEAST_PX = 30.0  # the smallest letter that is read from five metres
INSET_PX = 32.0
_CALM = frozenset({Look.RUN, Look.SHORT_STOP, Look.REWORK})


class AndonTile(ShowsMachine, Painted):
    """One machine, painted for a tile of 450 x 366 and scaled to the one it has."""

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Ground, name, state with its minutes, counts, OEE as a bar."""
        if (shown := self.shown) is None:
            return
        scale = min(rect.width() / WIDE_PX, rect.height() / HIGH_PX)
        painter.scale(scale, scale)
        rect = QRectF(0, 0, rect.width() / scale, rect.height() / scale)
        ink, ink2 = self._ground(painter, rect, shown.shown, tokens)
        # A tile that is higher than its figures need spreads them.
        more = (rect.height() - HIGH_PX) / 4
        room = rect.adjusted(INSET_PX, 24 + more / 2, -INSET_PX, -26 - more / 2)
        self._draw_name(painter, room, shown, ink, tokens)
        self._draw_state(painter, QRectF(room.left(), room.top() + 62 + more, room.width(), 86), shown, ink, ink2)
        y = room.top() + 152 + more
        paint.line(painter, room.left(), y, room.right(), y, tokens.line if shown.shown in _CALM else ink, 2)
        self._draw_count(painter, QRectF(room.left(), y + 8 + more, room.width(), 66), shown, ink, ink2)
        self._draw_oee(painter, QRectF(room.left(), room.bottom() - 74, room.width(), 74), shown, (ink, ink2), tokens)

    def _ground(self, painter: QPainter, rect: QRectF, shown: Look, tokens: Tokens) -> tuple[str, str]:
        """Fill the tile with the colour of the state and return first and second ink on it."""
        ground, ink = band(shown, tokens)
        if shown in _CALM:
            paint.box(painter, rect, tokens.panel, tokens.line, radius=8, pen=2)
            return tokens.ink, tokens.ink2
        if shown is Look.NO_DATA:
            paint.hatch(painter, rect, tokens, 5, 13)
            paint.box(painter, rect.adjusted(16, 16, -16, -16), tokens.no_data)
            return tokens.ink, tokens.ink2
        if shown in (Look.WAIT, Look.NO_ORDER):
            paint.box(painter, rect, ground, tokens.reason, radius=8, pen=4)
        elif shown in (Look.STOP, Look.REASON, Look.SETUP):
            paint.box(painter, rect, ground, radius=8)
        else:
            paint.box(painter, rect, ground, tokens.line_strong, radius=8, pen=2)
        if shown is Look.STOP:
            paint.box(painter, rect.adjusted(8, 8, -8, -8), None, ink, radius=4, pen=5)
        return ink, ink

    def _draw_name(self, painter: QPainter, room: QRectF, shown: TileFace, ink: str, tokens: Tokens) -> None:
        sign = QRectF(room.right() - 50, room.top() + 4, 48, 48)
        sign_ink = tokens.run if shown.shown in _CALM else ink
        if shown.shown is Look.WAIT and tokens.name != "light":
            sign_ink = tokens.reason
        paint.state_shape(painter, sign, shown.shown, sign_ink)
        place = QRectF(room.left(), room.top(), room.width() - 66, 58)
        ink2 = tokens.ink2 if shown.shown in _CALM else ink
        paint.named(painter, place, shown.name, shown.code, 48, (ink, ink2), code_px=LEAST_PX, least_px=LEAST_PX)

    def _draw_state(self, painter: QPainter, row: QRectF, shown: TileFace, ink: str, ink2: str) -> None:
        """The word of the state at the left, its minutes at the right: large where somebody must look."""
        calm = shown.shown in _CALM
        figure_px, unit_px, ink_right = (46.0, 38.0, ink2) if calm else (76.0, 40.0, ink)
        parts = [(part, part.isdigit()) for part in re.findall(r"\d+|[^\d\s]+", shown.minutes)]
        if len(parts) > 2:
            figure_px, unit_px = (46.0, 34.0) if calm else (54.0, 34.0)
        wide = sum(paint.width(part, figure_px if big else unit_px, True) + (4 if big else 10) for part, big in parts)
        x = row.right() - wide + 10
        left = x
        for part, big in parts:
            size_px = figure_px if big else unit_px
            used = paint.width(part, size_px, True)
            # Centred letters of two sizes stand on one line when the smaller box is moved down by their difference.
            down = 8 + (76 - size_px) * 0.34
            place = QRectF(x, row.top() + down, used + 1, row.height() - 8)
            paint.text(painter, place, part, size_px, ink_right, bold=True)
            x += used + (4 if big else 10)
        place = QRectF(row.left(), row.top() + 8 + (76 - 44) * 0.34, left - 14 - row.left(), row.height() - 8)
        paint.text(painter, place, shown.word, 44, ink, bold=True, least_px=LEAST_PX)

    def _draw_count(self, painter: QPainter, row: QRectF, shown: TileFace, ink: str, ink2: str) -> None:
        figure_px, plan_px, delta_px = 60.0, 34.0, 46.0

        def wide() -> float:
            delta = 0.0 if shown.delta is None else paint.width(signed(shown.delta), delta_px, True) + delta_px * 0.62
            plan = paint.width(shown.plan, plan_px) + 12 if shown.plan else 0
            return paint.width(shown.good, figure_px, True) + plan + delta + 24

        while wide() > row.width() and figure_px > LEAST_PX:
            figure_px -= 2
            plan_px, delta_px = max(plan_px - 1, LEAST_PX), max(delta_px - 2, LEAST_PX)
        used = paint.text(painter, row, shown.good, figure_px, ink, bold=True)
        if shown.plan:
            place = row.adjusted(used + 12, (figure_px - plan_px) * 0.34, 0, (figure_px - plan_px) * 0.34)
            place.setWidth(paint.width(shown.plan, plan_px) + 1)
            paint.text(painter, place, shown.plan, plan_px, ink2)
        if shown.delta is not None:
            drop = (figure_px - delta_px) * 0.34
            draw_delta(painter, row.adjusted(0, drop, 0, drop), shown.delta, delta_px, ink, right=True)

    def _draw_oee(self, painter: QPainter, box: QRectF, shown: TileFace, inks: tuple[str, str], tokens: Tokens) -> None:
        ink, ink2 = inks
        row = QRectF(box.left(), box.top(), box.width(), 46)
        x = row.left()
        for part, bold in ((_("OEE"), False), (percent_figure(shown.oee), True), ("%", False)):
            size_px = 32.0 if bold else LEAST_PX
            used = paint.width(part, size_px, bold)
            place = QRectF(x, row.top(), used + 1, row.height())
            paint.text(painter, place, part, size_px, ink if bold else ink2, bold=bold)
            x += used + 9
        place = QRectF(x + 12, row.top(), row.right() - x - 12, row.height())
        notes = () if shown.shown in _CALM else (shown.note, shown.short_note)
        note = next((note for note in notes if paint.width(note, LEAST_PX, True) <= place.width()), "")
        paint.text(painter, place, note, LEAST_PX, ink, bold=True, align=paint.RIGHT)
        bar = QRectF(box.left(), box.bottom() - 20, box.width(), 16)
        silent = shown.shown is Look.NO_DATA
        calm = shown.shown in _CALM
        if calm or silent:
            paint.box(painter, bar, tokens.track if calm else tokens.panel)
        else:
            paint.box(painter, bar, None, ink, pen=2)
        if shown.oee:
            value = QRectF(bar.left(), bar.top(), bar.width() * min(shown.oee, 1.0), bar.height())
            paint.box(painter, value, tokens.value if calm else tokens.hatch if silent else ink)
        if shown.oee_target is not None:
            x = bar.left() + bar.width() * min(shown.oee_target, 1.0)
            halo, _ink = band(shown.shown, tokens)
            tick = QRectF(x - 2, bar.top() - 6, 4, bar.height() + 12)
            paint.box(painter, tick.adjusted(-4, 0, 4, 0), tokens.panel if calm else halo)
            paint.box(painter, tick, tokens.tick if calm or silent else ink)
