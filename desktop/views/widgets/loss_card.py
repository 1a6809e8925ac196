"""A machine's OEE, its three factors, and where the busy time went."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from desktop import paint
from desktop.domain.figures import LossStep, MachineDay
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views.widgets.line_card import Factor, data_words, draw_factor, factors, window_words
from desktop.views.widgets.painted import Painted, card, tell
from desktop.wording import loss_words, minutes_tenths, observed_whole, painted_ratio, percent


@dataclass(frozen=True, slots=True)
class LossFace:
    """OEE with its factors, and the steps of the waterfall in tenths of a minute."""

    oee: float | None
    window: str
    data: str
    factors: tuple[Factor, Factor, Factor]
    multiplied: bool  # the factors' product is the OEE
    steps: tuple[LossStep, ...]
    stale: str  # since when the figures are not current, "" while they are


def loss_face(day: MachineDay, stale: str) -> LossFace:
    """The losses of a machine's day."""
    machine = day.machine
    kpis = machine.kpis
    oee = painted_ratio(kpis.oee) if kpis is not None and machine.oee_known_from_ms is None else None
    steps = tuple(LossStep(s.kind, (s.length_ms + 3000) // 6000 * 6000, s.total) for s in day.waterfall)
    timezone = day.head.timezone
    multiplied = kpis is None or observed_whole(kpis)
    return LossFace(oee, window_words(kpis, timezone), data_words(kpis), factors(kpis), multiplied, steps, stale)


class LossCard(Painted):
    """Gauge and factors at the left, the waterfall at the right."""

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

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Both halves."""
        card(painter, rect, tokens)
        shown = self._face
        if not isinstance(shown, LossFace):
            return
        left_px = 330.0
        left = QRectF(rect.left(), rect.top(), left_px, rect.height())
        dial_px = 168.0
        dial = QRectF(left.left() + 16, left.top() + 20, dial_px, dial_px * 0.8)
        paint.gauge(painter, dial, shown.oee, None, shown.stale or "%", tokens, stale=bool(shown.stale))
        room = QRectF(dial.right() + 8, left.top() + 36, left.right() - dial.right() - 16, 26)
        paint.text(painter, room, _("Machine OEE"), 20, tokens.ink, bold=True, least_px=15)
        paint.text(painter, room.translated(0, 30), shown.window, 15, tokens.ink2, least_px=14)
        paint.text(painter, room.translated(0, 52), shown.data, 15, tokens.ink2, least_px=14)
        pitch = (left_px - 32) / 3
        for index, factor in enumerate(shown.factors):
            place = QRectF(left.left() + 20 + index * pitch, rect.bottom() - 100, pitch - 16, 76)
            if index and shown.multiplied:
                times = QRectF(place.left() - 24, place.top() + 23, 20, 30)
                paint.text(painter, times, "×", 18, tokens.ink2, align=paint.CENTER)
            draw_factor(painter, place, factor, tokens, sign=False)
        paint.line(painter, left.right(), rect.top() + 1, left.right(), rect.bottom() - 1, tokens.line)
        head = QRectF(left.right() + 20, rect.top() + 12, 400, 28)
        used = paint.text(painter, head, _("Where the time went"), 18, tokens.ink, bold=True)
        paint.text(painter, head.adjusted(used + 10, 2, 0, 2), _("in minutes"), 15, tokens.ink2)
        plot = QRectF(left.right() + 20, rect.top() + 46, rect.right() - left.right() - 40, rect.height() - 52)
        if any(step.length_ms for step in shown.steps):
            paint.waterfall(painter, plot, shown.steps, tokens, loss_words())
        else:
            words = _("The losses appear as soon as the shift has busy time.")
            paint.text(painter, plot, words, 16, tokens.ink2, align=paint.CENTER, least_px=14)
