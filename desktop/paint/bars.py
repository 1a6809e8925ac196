"""Hour by hour: bars against their target, and what they came short by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from desktop.domain.differences import hour_difference
from desktop.domain.figures.line import HourRow
from desktop.paint.lettering import CENTER, metrics, text, width
from desktop.paint.strokes import box, hatch, line
from desktop.text import _
from desktop.tokens import Tokens
from desktop.wording.moments import hour
from desktop.wording.numbers import lasted, pieces, signed
from desktop.wording.states import hour_loss, hour_loss_word

_NAME_PX = 20.0  # the height of the name of a planned hour


def hour_bars(
    painter: QPainter,
    rect: QRectF,
    hours: Sequence[HourRow],
    tokens: Tokens,
    *,
    now_ms: int | None = None,
    figures: bool = True,
    timezone: str = "UTC",
    stale: bool = False,
    pause_names: Mapping[int, str] | None = None,
) -> None:
    """Good pieces hour by hour against the target tick; the hour that holds `now_ms` in the value colour.

    With `figures` the numbers stand above, the axis and the hours below (32 px), and hours to come show their
    target dashed. `pause_names` names planned hours by their start.
    """
    if not hours:
        return
    plot = rect.adjusted(0, 30, 0, -33) if figures else rect
    foot, high = plot.bottom(), plot.height() / max([1, *(max(h.good or 0, h.target or 0) for h in hours)])
    step = rect.width() / len(hours)
    bar_px, tick_px = (step * 0.72, 3) if figures else (step * 0.8, 2)
    half = step * (0.44 if figures else 0.47)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for index, row in enumerate(hours):
        x = plot.left() + (index + 0.5) * step
        current = now_ms is not None and row.span.holds(now_ms)
        target = row.target_now if current and row.target_now is not None else row.target
        y_target = foot - high * (target or 0)
        slot = QRectF(x - step / 2, plot.top(), step, plot.height()) if figures else None
        if slot and row.paused:
            figure_y = _figure_y(slot, foot - high * row.good) if row.good else None
            _paused_hour(painter, slot, bar_px, (pause_names or {}).get(row.span.start_ms, ""), figure_y, tokens)
        if row.paused and not row.good:
            if not figures:
                box(painter, QRectF(x - bar_px / 2, foot - 2, bar_px, 2), tokens.track)
        elif row.good is None and now_ms is not None and row.span.start_ms < now_ms:
            unknown = QRectF(x - bar_px / 2, y_target, bar_px, foot - y_target)
            hatch(painter, unknown, tokens)
        elif row.good is None:
            if figures and row.target:
                line(painter, x - step * 0.43, y_target, x + step * 0.43, y_target, tokens.line_strong, 2, 4)
                label = QRectF(x - step / 2, y_target - 22, step, 20)
                text(painter, label, pieces(row.target), 14, tokens.ink3, align=CENTER)
        else:
            made_px = high * row.good
            ink = tokens.hatch if stale and current else tokens.value if current else tokens.run
            box(painter, QRectF(x - bar_px / 2, foot - made_px, bar_px, made_px), ink)
            if target is not None and not row.paused:
                box(painter, QRectF(x - half, y_target - tick_px / 2, 2 * half, tick_px), tokens.tick)
            if slot:
                plan = None if row.paused else target
                _hour_figure(painter, slot, min(foot - made_px, y_target), row.good, plan, tokens)
        if figures:
            label = QRectF(x - step / 2, foot + 5, step, 26)
            ink = tokens.ink if current else tokens.ink2
            text(painter, label, hour(row.span.start_ms, timezone), 15, ink, bold=current, align=CENTER, least_px=14)
    if figures:
        line(painter, rect.left(), plot.bottom() + 0.5, rect.right(), plot.bottom() + 0.5, tokens.line_strong)
    painter.restore()


def _paused_hour(
    painter: QPainter, slot: QRectF, bar_px: float, name: str, figure_y: float | None, tokens: Tokens
) -> None:
    """A frame with its name. Pieces that were made all the same have their figure at `figure_y`: the name stands above
    it, or above the whole frame where the bar is high."""
    frame = QRectF(slot.center().x() - bar_px * 0.64, slot.top() - 12, bar_px * 1.28, slot.height() + 12)
    box(painter, frame, tokens.planned, tokens.line)
    place = frame.adjusted(3, 0, -3, 0)
    if figure_y is not None:
        place.setHeight(_NAME_PX)
        place.moveBottom(min(frame.top() + _NAME_PX, figure_y))
    text(painter, place, name or _("Break"), 14, tokens.ink3, align=CENTER, least_px=14)


def _figure_y(slot: QRectF, top: float) -> float:
    """Where the box of a figure begins that stands above a bar."""
    return max(top - 28, slot.top() - 30)


def _hour_figure(painter: QPainter, slot: QRectF, top: float, good: int, target: int | None, tokens: Tokens) -> None:
    """The figure 88 /96 centred above a bar; without room only the pieces."""
    figure, rest = pieces(good), "" if target is None else f" /{pieces(target)}"
    wide = width(figure, 19, True) + width(rest, 14)
    if wide > slot.width():
        rest, wide = "", width(figure, 19, True)
    left = slot.center().x() - wide / 2
    y = _figure_y(slot, top)
    used = text(painter, QRectF(left, y, slot.right() - left + 20, 26), figure, 19, tokens.ink, bold=True)
    if rest:
        text(painter, QRectF(left + used, y + 2, slot.right() - left, 26), rest, 14, tokens.ink2)


def hour_table(
    painter: QPainter,
    rect: QRectF,
    hours: Sequence[HourRow],
    totals: Sequence[int | None],
    tokens: Tokens,
    *,
    now_ms: int | None = None,
) -> None:
    """Under `hour_bars` of the same width: difference, running difference (`totals`) and biggest loss of each hour.

    The last of the three may need 10 px more than its third of the height, for a loss in two lines.
    """
    step = rect.width() / max(len(hours), 1)
    row_px = rect.height() / 3
    known = [d for row in hours if (d := hour_difference(row, now_ms)) is not None]
    worst = min(known, default=0)
    losses = [hour_loss(row) for row in hours]
    # A long word may reach into its neighbours as far as theirs leave room.
    rooms = [_loss_room(losses, index, step) for index in range(len(hours))]
    one_line = all(width(words, 14, True) <= room for (words, _red), room in zip(losses, rooms, strict=True))
    for index, row in enumerate(hours):
        x = rect.left() + index * step
        cells = [QRectF(x + 2, rect.top() + n * row_px, step - 4, row_px) for n in range(3)]
        difference = hour_difference(row, now_ms)
        if difference is not None:
            bold = difference < 0 and difference == worst
            text(painter, cells[0], signed(difference), 17, tokens.ink, bold=bold, align=CENTER)
            text(painter, cells[1], signed(totals[index]), 17, tokens.ink2, align=CENTER)
        words, unlabelled = losses[index]
        if words:
            place = QRectF(x + (step - rooms[index]) / 2, cells[2].top(), rooms[index], row_px)
            ink = tokens.stop_text if unlabelled else tokens.ink2
            top = place.center().y() - _LOSS_LINE_PX / 2
            for number, said in enumerate([words] if one_line else _two_lines(row, place.width())):
                line_rect = QRectF(place.left(), top + number * _LOSS_LINE_PX, place.width(), _LOSS_LINE_PX)
                text(painter, line_rect, said, 14, ink, bold=unlabelled, align=CENTER)


_LOSS_LINE_PX = 16


def _loss_room(losses: Sequence[tuple[str, bool]], index: int, step: float) -> float:
    """How wide the words of an hour's loss may be."""
    beside = [losses[n][0] for n in (index - 1, index + 1) if 0 <= n < len(losses)]
    return 2 * min([step * 0.95, *(step - 6 - min(width(other, 14, True), step) / 2 for other in beside)])


def _two_lines(row: HourRow, width_px: float) -> list[str]:
    """The minutes of a loss under its name: the name may give way, the minutes never do."""
    name, _unlabelled = hour_loss_word(row)
    return [metrics(14, True).elidedText(name, Qt.TextElideMode.ElideRight, width_px), lasted(row.loss_ms)]
