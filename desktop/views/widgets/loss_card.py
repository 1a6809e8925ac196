"""A machine's OEE, its three factors, and where the busy time went."""

from __future__ import annotations

from msgspec import Struct
from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.domain.figures.machine import LossStep, MachineDay
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views.widgets.figure import Figures
from desktop.views.widgets.line_card import Factor, data_words, draw_factor, factors, target_words, window_words
from desktop.views.widgets.painted import Painted, card, tell
from desktop.wording.kpis import loss_words
from desktop.wording.numbers import minutes_tenths, observed_whole, painted_ratio, percent


class LossFace(Struct, frozen=True):
    """OEE with its factors, and the steps of the waterfall in tenths of a minute."""

    oee: float | None
    window: str
    data: str
    factors: tuple[Factor, Factor, Factor]
    multiplied: bool  # the factors' product is the OEE
    steps: tuple[LossStep, ...]
    stale: str  # since when the figures are not current, "" while they are
    target: float | None = None


def loss_face(day: MachineDay, stale: str) -> LossFace:
    """The losses of a machine's day."""
    machine = day.machine
    kpis = machine.kpis
    oee = painted_ratio(kpis.oee) if kpis is not None and machine.oee_known_from_ms is None else None
    steps = tuple(LossStep(s.kind, (s.length_ms + 3000) // 6000 * 6000, s.total) for s in day.waterfall)
    timezone = day.head.timezone
    multiplied = kpis is None or observed_whole(kpis)
    return LossFace(
        oee, window_words(kpis, timezone), data_words(kpis), factors(kpis), multiplied, steps, stale, day.oee_target
    )


_LEFT_PX = 330.0
_DIAL_PX = 160.0
_CLOSE_PX = 1000  # a narrower card has its factors under a smaller gauge, or the waterfall alone
_CLOSE_LEFT_PX = 160.0
_LEAST_STEP_PX = 78


class LossCard(Painted):
    """Gauge and factors at the left, the waterfall at the right. Every figure can be asked what it is made of."""

    asked = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self._figures = Figures(self, self.asked)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width."""
        super().resizeEvent(event)
        self._place()

    def _close(self) -> bool:
        return self.width() < _CLOSE_PX

    def _left_px(self) -> float:
        """The width of gauge and factors; 0 where the steps need all of it."""
        if not self._close():
            return _LEFT_PX
        steps = paint.shown_steps(self._face.steps) if isinstance(self._face, LossFace) else []
        return _CLOSE_LEFT_PX if self.width() - _CLOSE_LEFT_PX - 40 >= _LEAST_STEP_PX * len(steps) else 0.0

    def _factor(self, index: int) -> QRectF:
        if self._close():
            return QRectF(16, 146 + index * 36, _CLOSE_LEFT_PX - 32, 28)
        pitch = (_LEFT_PX - 32) / 3
        return QRectF(20 + index * pitch, self.height() - 96, pitch - 16, 76)

    def _plot(self) -> QRectF:
        left = self._left_px()
        return QRectF(left + 20, 46, self.width() - left - 40, self.height() - 52)

    def _place(self) -> None:
        shown = self._face
        if not isinstance(shown, LossFace):
            return
        left = self._left_px()
        whole = QRectF(10, 10, left - 20, (146 if self._close() else self.height() - 102) - 10)
        places = [("oee", _("Machine OEE"), percent(shown.oee), whole)] if left else []
        keys = ("availability", "performance", "quality") if left else ()
        for index, (key, factor) in enumerate(zip(keys, shown.factors, strict=False)):
            value = ", ".join((f"{factor.figure} %", factor.lost))
            places.append((key, factor.name, value, self._factor(index).adjusted(-8, -4, 4, 4)))
        steps, names, plot = paint.shown_steps(shown.steps), loss_words(), self._plot()
        pitch = plot.width() / max(len(steps), 1)
        if any(step.length_ms for step in steps):
            for index, step in enumerate(steps):
                place = QRectF(plot.left() + index * pitch + 1, plot.top() - 2, pitch - 2, plot.height())
                places.append(
                    (
                        step.kind,
                        names[step.kind],
                        _("{minutes} min").format(minutes=minutes_tenths(step.length_ms)),
                        place,
                    )
                )
        self._figures.place(places)

    def show_losses(self, shown: LossFace) -> None:
        """Show the losses."""
        if self.set_face(shown):
            words = ", ".join(f"{f.name} {f.figure} % ({f.lost})" for f in shown.factors)
            names = loss_words()
            steps = ", ".join(f"{names[s.kind]} {minutes_tenths(s.length_ms)}" for s in shown.steps if s.length_ms)
            tell(
                self,
                " ".join((_("Machine OEE"), percent(shown.oee))),
                f"{shown.window}, {shown.data}, {words}; {steps}",
            )
            self._place()

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Both halves."""
        card(painter, rect, tokens)
        shown = self._face
        if not isinstance(shown, LossFace):
            return
        left = QRectF(rect.left(), rect.top(), self._left_px(), rect.height())
        if left.width():
            self._draw_gauge(painter, left, shown, tokens)
            paint.line(painter, left.right(), rect.top() + 1, left.right(), rect.bottom() - 1, tokens.line)
        head = QRectF(left.right() + 20, rect.top() + 12, 400, 28)
        used = paint.text(painter, head, _("Where the time went"), 18, tokens.ink, bold=True)
        paint.text(painter, head.adjusted(used + 10, 2, 0, 2), _("in minutes"), 15, tokens.ink2)
        plot = self._plot()
        if any(step.length_ms for step in shown.steps):
            paint.waterfall(painter, plot, shown.steps, tokens, loss_words())
        else:
            words = _("The losses appear as soon as the shift has busy time.")
            paint.text(painter, plot, words, 16, tokens.ink2, align=paint.CENTER, least_px=14)

    def _draw_gauge(self, painter: QPainter, left: QRectF, shown: LossFace, tokens: Tokens) -> None:
        """Gauge and factors; the factors below each other where there is little room."""
        close = self._close()
        size = 128 if close else _DIAL_PX
        dial = QRectF(left.left() + 16, left.top() + 18, size, size * 0.8)
        caption = shown.stale or target_words(shown.target) or "%"
        paint.gauge(painter, dial, shown.oee, shown.target, caption, tokens, stale=bool(shown.stale))
        if close:
            for index, factor in enumerate(shown.factors):
                place = self._factor(index)
                figure_px = paint.width(factor.figure, 16, True) + 2
                paint.text(painter, place, factor.figure, 16, tokens.ink, bold=True, align=paint.RIGHT)
                paint.text(painter, place.adjusted(0, 0, -figure_px - 4, 0), factor.name, 15, tokens.ink2, least_px=14)
            return
        room = QRectF(dial.right() + 8, left.top() + 36, left.right() - dial.right() - 16, 26)
        paint.text(painter, room, _("Machine OEE"), 20, tokens.ink, bold=True, least_px=15)
        paint.text(painter, room.translated(0, 30), shown.window, 15, tokens.ink2, least_px=14)
        paint.text(painter, room.translated(0, 52), shown.data, 15, tokens.ink2, least_px=14)
        for index, factor in enumerate(shown.factors):
            place = self._factor(index)
            if index and shown.multiplied:
                times = QRectF(place.left() - 24, place.top() + 23, 20, 30)
                paint.text(painter, times, "×", 18, tokens.ink2, align=paint.CENTER)
            draw_factor(painter, place, factor, tokens, sign=False, size_px=14)
