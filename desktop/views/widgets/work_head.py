"""What a machine works on, over its plan: the order, how far it is and when it will be done; the timer of a set-up."""

from __future__ import annotations

from msgspec import Struct
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from desktop import paint
from desktop.domain.figures.work import OrderNow, WorkMachine, WorkNow
from desktop.text import _
from desktop.tokens import Look, Tokens, look
from desktop.views.widgets.painted import Painted, card, tell
from desktop.wording.moments import day_clock
from desktop.wording.numbers import UNKNOWN, lasted, minutes, minutes_seconds, pieces
from desktop.wording.states import order_kind_word, state_word

HIGH_PX, LOW_PX = 184, 168
_BARE_PX = 96  # without an order there is nothing to draw under its line


class HeadFace(Struct, frozen=True):
    """The running order. `share` of its quantity that is made, 0 to 1, None where nobody said how many.

    `facts`: what is left, when it will be done and when it is due, each a caption and its words.
    """

    name: str
    code: str
    shown: Look
    state: str
    order: str
    item: str
    about: str
    made: str
    wanted: str
    share: float | None
    warning: str
    facts: tuple[tuple[str, str], ...]


def head_face(now: WorkNow, machine: WorkMachine) -> HeadFace:
    """The head of a machine's work."""
    shown = look(machine.category, machine.state, labelled=not machine.asks_reason)
    since_ms = now.setup.start_ms if now.setup is not None else machine.since_ms
    state = f"{state_word(machine.category, machine.state)} {minutes(now.now_ms - since_ms)}"
    if now.setup is not None:
        shown = Look.SETUP
        words = _("Changeover {minutes}").format(minutes=minutes_seconds(now.setup.length_ms))
        state = f"{words} → {now.setup.to_name}" if now.setup.to_name else words
    order = now.running
    if order is None:
        return HeadFace(
            machine.name, machine.code, shown, state, _("No order is running"), "",
            _("Start one from the list below."), "", "", None, "", (),
        )  # fmt: skip
    item = " ".join(part for part in (order.product_code, order.product_name) if part)
    about = (
        order.lot and _("lot {lot}").format(lot=order.lot),
        "" if order.kind == "mass" else order_kind_word(order.kind),
        _("{count} of it by hand").format(count=pieces(order.by_hand)) if order.by_hand else "",
    )
    share = None if not order.quantity else min(order.made / order.quantity, 1.0)
    return HeadFace(
        machine.name, machine.code, shown, state, order.code or item, item if order.code else "",
        " · ".join(part for part in about if part), pieces(order.made),
        "" if order.quantity is None else f"/ {pieces(order.quantity)}", share, _warning(order),
        _facts(order, now.now_ms, now.head.timezone),
    )  # fmt: skip


def _warning(order: OrderNow) -> str:
    if order.over:
        return _("{count} too many").format(count=pieces(order.over))
    return _("late by {minutes}").format(minutes=lasted(order.late_ms)) if order.late_ms else ""


def _facts(order: OrderNow, now_ms: int, timezone: str) -> tuple[tuple[str, str], ...]:
    finish = UNKNOWN if order.finish_ms is None else day_clock(order.finish_ms, now_ms, timezone)
    due = UNKNOWN if order.due_ms is None else day_clock(order.due_ms, now_ms, timezone)
    expected = _("Done by the standard") if order.by_standard else _("Done at this pace")
    return ((_("Remaining"), pieces(order.remaining)), (expected, finish), (_("Due by"), due))


class WorkHead(Painted):
    """Machine, state, order, pieces and a bar."""

    def wanted_px(self, low: bool) -> int:
        """Its height; `low`: of a low window."""
        if isinstance(self._face, HeadFace) and not self._face.made:
            return _BARE_PX
        return LOW_PX if low else HIGH_PX

    def show_head(self, shown: HeadFace) -> None:
        """Show a machine's work."""
        if self.set_face(shown):
            facts = [f"{caption} {words}" for caption, words in shown.facts]
            parts = (shown.state, shown.order, shown.item, shown.about, f"{shown.made} {shown.wanted}".strip(),
                     shown.warning, *facts)  # fmt: skip
            tell(self, f"{shown.name} {shown.code}", ", ".join(part for part in parts if part))

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Three lines and the bar."""
        card(painter, rect, tokens)
        shown = self._face
        if not isinstance(shown, HeadFace):
            return
        left, right, top = rect.left() + 22, rect.right() - 22, rect.top() + (8 if rect.height() == LOW_PX else 12)
        ink = tokens.reason if shown.shown in (Look.SETUP, Look.REASON, Look.WAIT) else tokens.ink2
        ink = tokens.stop if shown.shown is Look.STOP else ink
        paint.state_shape(painter, QRectF(left, top + 3, 28, 28), shown.shown, ink)
        wide = min(paint.width(shown.state, 20, True) + 2, (right - left) * 0.6)
        state = QRectF(right - wide, top, wide, 34)
        paint.text(painter, state, shown.state, 20, tokens.ink, bold=True, align=paint.RIGHT, least_px=14)
        room = QRectF(left + 42, top, state.left() - left - 56, 34)
        paint.named(painter, room, shown.name, shown.code, 23, (tokens.ink, tokens.ink2), code_px=15, least_px=15)
        y = top + 42
        about = " · ".join(part for part in (shown.item, shown.about) if part)
        line = QRectF(left, y, right - left, 28)
        order_px = min(paint.width(shown.order, 20, True) + 2, line.width() * 0.55)
        paint.text(painter, line.adjusted(0, 0, order_px - line.width(), 0), shown.order, 20, tokens.ink, bold=True,
                   least_px=14)  # fmt: skip
        paint.text(painter, line.adjusted(order_px + 12, 1, 0, 0), about, 16, tokens.ink2, least_px=14)
        if not shown.made:
            return
        y += 36
        bar = QRectF(left, y, right - left, 14)
        paint.box(painter, bar, tokens.track)
        if shown.share is not None:
            paint.box(painter, QRectF(bar.left(), bar.top(), bar.width() * shown.share, bar.height()), tokens.value)
        y += 18
        self._draw_figures(painter, QRectF(left, y, right - left, rect.bottom() - y - 8), shown, tokens)

    @staticmethod
    def _draw_figures(painter: QPainter, rect: QRectF, shown: HeadFace, tokens: Tokens) -> None:
        figure = QRectF(rect.left(), rect.top() + 4, rect.width() * 0.36, 46)
        used = paint.text(painter, figure, shown.made, 34, tokens.ink, bold=True, least_px=20)
        wanted = figure.adjusted(used + 8, 8, 0, 0)
        used += 8 + paint.text(painter, wanted, shown.wanted, 18, tokens.ink2, least_px=14)
        x = max(rect.left() + used + 28, rect.left() + rect.width() * 0.22)
        step = (rect.right() - x) / (len(shown.facts) + bool(shown.warning)) if shown.facts else 0
        columns = [*((("", shown.warning),) if shown.warning else ()), *shown.facts]
        for caption, words in columns:
            place = QRectF(x, rect.top() + 2, step - 8, 22)
            if caption:
                paint.text(painter, place, caption, 15, tokens.ink2, least_px=14)
                paint.text(painter, place.translated(0, 23), words, 18, tokens.ink, bold=True, least_px=14)
            else:
                plate = QRectF(x, rect.top() + 8, min(paint.width(words, 16, True) + 20, step - 8), 32)
                paint.box(painter, plate, None, tokens.ink, radius=4, pen=2)
                paint.text(painter, plate.adjusted(8, 0, -8, 0), words, 16, tokens.ink, bold=True, least_px=14,
                           align=paint.CENTER)  # fmt: skip
            x += step
