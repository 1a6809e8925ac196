"""The hours of the shift under the tiles: bars against targets, difference, running difference, biggest loss."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from desktop import paint
from desktop.domain.calendar import Pause
from desktop.domain.differences import hour_difference
from desktop.domain.differences import running as running_differences
from desktop.domain.figures.line import HourRow
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views.widgets.painted import Painted, card, tell
from desktop.wording.moments import hour
from desktop.wording.numbers import pieces, signed

_LABEL_PX = 121


class HoursFace(Struct, frozen=True):
    """What the strip shows. `now_ms` is cut to the minute, so that it repaints once a minute at most."""

    station: str
    hours: tuple[HourRow, ...]
    now_ms: int
    timezone: str
    names: tuple[tuple[int, str], ...]
    stale: bool


def hours_face(
    station: str, hours: Sequence[HourRow], now_ms: int, timezone: str, pauses: Sequence[Pause], stale: bool
) -> HoursFace:
    """The hours of a station; a planned hour takes the name of the break that fills it."""
    names = tuple(
        (row.span.start_ms, pause.name) for row in hours if row.paused for pause in pauses if pause.span.cut(row.span)
    )
    return HoursFace(station, tuple(hours), now_ms // 60_000 * 60_000, timezone, names, stale)


class HourStrip(Painted):
    """The strip. With less than 1,240 px it keeps the last eight hours."""

    def show_hours(self, shown: HoursFace) -> None:
        """Show the hours of the shift."""
        if self.set_face(shown):
            known = [
                f"{hour(row.span.start_ms, shown.timezone)} {pieces(row.good)} ({signed(difference)})"
                for row in shown.hours
                if (difference := hour_difference(row, shown.now_ms)) is not None
            ]
            tell(self, _("Hour by hour"), ", ".join(known) or _("Nothing was counted yet"))

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Labels at the left, bars and the table of three lines beside them."""
        card(painter, rect, tokens)
        shown = self._face
        if not isinstance(shown, HoursFace):
            return
        left = rect.left() + 20
        room = _LABEL_PX - 4
        title = QRectF(left, rect.top() + 14, room + 200, 26)
        paint.text(painter, title, _("Hour by hour"), 17, tokens.ink, bold=True)
        paint.text(painter, QRectF(left, rect.top() + 42, room, 22), shown.station, 15, tokens.ink2, least_px=14)
        if not shown.hours:
            words = _("The first hour appears here as soon as a shift is on and something was counted.")
            paint.text(painter, rect.adjusted(20, 40, -20, -20), words, 16, tokens.ink2, align=paint.CENTER)
            return
        y = rect.top() + 76
        paint.box(painter, QRectF(left, y + 5, 20, 14), tokens.run)
        paint.text(painter, QRectF(left + 27, y, room - 27, 24), _("Actual"), 15, tokens.ink2)
        paint.box(painter, QRectF(left - 1, y + 36, 22, 3), tokens.tick)
        paint.text(painter, QRectF(left + 27, y + 25, room - 27, 24), _("Target"), 15, tokens.ink2)
        hours = self._kept(shown, rect.width())
        table_px = 84.0
        area = QRectF(left + _LABEL_PX, rect.top() + 38, rect.right() - 22 - left - _LABEL_PX, 0)
        bars = QRectF(area.left(), area.top(), area.width(), rect.height() - 38 - table_px - 34)
        names = dict(shown.names)
        paint.hour_bars(
            painter, bars, hours, tokens, now_ms=shown.now_ms, timezone=shown.timezone, stale=shown.stale,
            pause_names=names,
        )  # fmt: skip
        edge = bars.bottom() + 4
        paint.line(painter, area.left(), edge, area.right(), edge, tokens.line)
        table = QRectF(area.left(), edge + 6, area.width(), table_px)
        totals = running_differences(shown.hours, shown.now_ms)
        first = shown.hours.index(hours[0])
        paint.hour_table(painter, table, hours, totals[first:], tokens, now_ms=shown.now_ms)
        for index, words in enumerate((_("Difference"), _("Cumulative"), _("Biggest loss"))):
            place = QRectF(left, table.top() + index * table_px / 3, room, table_px / 3)
            paint.text(painter, place, words, 15, tokens.ink2, least_px=14)

    def _kept(self, shown: HoursFace, width_px: float) -> tuple[HourRow, ...]:
        if width_px >= 1240 or len(shown.hours) <= 8:
            return shown.hours
        current = sum(1 for row in shown.hours if row.span.start_ms <= shown.now_ms)
        end = max(8, min(current, len(shown.hours)))
        return shown.hours[end - 8 : end]
