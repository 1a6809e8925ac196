"""The head of the Overview: OEE = availability x performance x quality, and the two rates that are not OEE."""

from __future__ import annotations

from msgspec import Struct
from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.domain.kpi import Kpis
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views.widgets.figure import Figures
from desktop.views.widgets.painted import Painted, card, tell
from desktop.wording.moments import span_words
from desktop.wording.numbers import (
    UNKNOWN,
    lost_minutes,
    lost_ms,
    observed_whole,
    painted_ratio,
    percent,
    percent_figure,
    pieces,
    whole_minutes,
)

_SIGNS = "=××"  # before the factors
WIDE_PX = 1240


class Factor(Struct, frozen=True):
    """One of A, P and Q: its name, its percentage and the minutes that it costs."""

    name: str
    figure: str
    lost: str


class LineFace(Struct, frozen=True):
    """What the card shows; ratios rounded to what is painted."""

    window: str
    data: str
    oee: float | None
    factors: tuple[Factor, Factor, Factor]
    multiplied: bool  # the factors' product is the OEE
    availability: float | None
    availability_lines: tuple[str, str]
    capacity: float | None
    capacity_lines: tuple[str, str]
    stale: str  # since when the figures are not current, "" while they are
    oee_target: float | None


def target_words(target: float | None) -> str:
    """The target under an OEE, "" without one."""
    return "" if target is None else _("Target {percent}").format(percent=percent_figure(target).removesuffix(".0"))


def factors(kpis: Kpis | None) -> tuple[Factor, Factor, Factor]:
    """A, P and Q as words; dashes where nothing is known."""
    lost = lost_ms(kpis) if kpis is not None else (None, None, None)
    a, p, q = (kpis.availability, kpis.performance, kpis.quality) if kpis is not None else (None, None, None)
    return (
        Factor(_("Availability"), percent_figure(a), lost_minutes(lost[0])),
        Factor(_("Performance"), percent_figure(p), lost_minutes(lost[1])),
        Factor(_("Quality rate"), percent_figure(q), lost_minutes(lost[2])),
    )


def data_words(kpis: Kpis | None) -> str:
    """How much of the window was observed."""
    return _("Data {percent}").format(percent=percent(kpis.coverage if kpis else None))


def window_words(kpis: Kpis | None, timezone: str) -> str:
    """The window of the figures, "08:00–14:32"."""
    return span_words(kpis.window.start_ms, kpis.window.end_ms, timezone) if kpis else UNKNOWN


def line_face(kpis: Kpis | None, timezone: str, note: str, stale: str, oee_target: float | None = None) -> LineFace:
    """The figures of the line. `note` says when OEE will be known, `stale` since when nothing is current."""
    up, busy, made, capacity = (_("no figure yet"), "", _("no figure yet"), "")
    window = window_words(kpis, timezone) if kpis is not None else note or _("no figure yet")
    data = "" if kpis is None else note or data_words(kpis)
    if note:
        kpis = None  # too early in the shift: a ratio of a few minutes says nothing
    if kpis is not None:
        observed_ms = kpis.times.busy_ms - kpis.times.no_data_ms
        up = _("Up {minutes}").format(minutes=whole_minutes(kpis.times.up_ms))
        over = _("÷ observed {minutes}") if kpis.times.no_data_ms else _("÷ busy {minutes}")
        busy = over.format(minutes=whole_minutes(observed_ms))
        made = _("{pieces} made").format(pieces=pieces(kpis.pieces.total))
        if kpis.capacity_utilisation:
            capacity = _("÷ capacity {pieces}").format(
                pieces=pieces(round(kpis.pieces.total / kpis.capacity_utilisation))
            )
    return LineFace(
        window=window,
        data=data,
        oee=painted_ratio(kpis.oee if kpis else None),
        factors=factors(kpis),
        multiplied=kpis is None or observed_whole(kpis),
        availability=painted_ratio(kpis.availability if kpis else None),
        availability_lines=(up, busy),
        capacity=painted_ratio(kpis.capacity_utilisation if kpis else None),
        capacity_lines=(made, capacity),
        stale=stale,
        oee_target=oee_target,
    )


_FACTORS = ("availability", "performance", "quality")


class LineCard(Painted):
    """The card; wide it is one row of 1,324 px, narrow the names stand under the gauges. Every figure can be asked
    what it is made of."""

    asked = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self._figures = Figures(self, self.asked)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        shown = self._face
        if not isinstance(shown, LineFace):
            return
        wide, height = float(self.width()), float(self.height())
        gauges, factors = _wide_places(wide, height) if wide >= WIDE_PX else _narrow_places(wide, height)
        keys = ("oee", "availability", "capacity_utilisation")
        names = (_("Line OEE"), _("Availability"), _("Capacity use"))
        values = (shown.oee, shown.availability, shown.capacity)
        places = [(k, n, percent(v), area) for k, n, v, area in zip(keys, names, values, gauges, strict=True)]
        for key, factor, area in zip(_FACTORS, shown.factors, factors, strict=True):
            places.insert(-2, (key, factor.name, f"{factor.figure} %, {factor.lost}", area))
        self._figures.place(places)

    def show_line(self, shown: LineFace) -> None:
        """Show the figures of the line."""
        if self.set_face(shown):
            parts = [f"{factor.name} {factor.figure} %" for factor in shown.factors]
            words = (
                f"{percent(shown.oee)} = {' × '.join(parts)}"
                if shown.multiplied
                else ", ".join((percent(shown.oee), *parts)),
                target_words(shown.oee_target),
                shown.window,
                shown.data,
                " ".join((_("Capacity use"), percent(shown.capacity))),
            )
            tell(self, _("Line OEE"), ", ".join(part for part in words if part))
            self._place()

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Three gauges, each fully named, and the product between them."""
        card(painter, rect, tokens)
        shown = self._face
        if not isinstance(shown, LineFace):
            return
        if rect.width() >= WIDE_PX:
            self._draw_wide(painter, rect, shown, tokens)
        else:
            self._draw_narrow(painter, rect, shown, tokens)

    def _draw_wide(self, painter: QPainter, rect: QRectF, shown: LineFace, tokens: Tokens) -> None:
        middle = rect.center().y()
        unit = rect.width() / 1324

        def gauge(
            x: float, value: float | None, name: str, lines: tuple[str, str], room: float, target: float | None = None
        ) -> None:
            dial = QRectF(x, middle - 50, 124, 100)
            caption = shown.stale or (target_words(shown.oee_target) if target is not None else "%")
            paint.gauge(painter, dial, value, target, caption, tokens, stale=bool(shown.stale))
            self._lines(painter, QRectF(x + 134, middle - 36, room - 138, 72), name, lines, tokens)

        gauge(24, shown.oee, _("Line OEE"), (shown.window, shown.data), 270 * unit, shown.oee_target)
        x = 24 + 270 * unit
        pitch = (726 * unit - x) / 3
        for index, factor in enumerate(shown.factors):
            left = x + index * pitch
            if shown.multiplied:
                place = QRectF(left - 6, middle - 22, 26, 44)
                paint.text(painter, place, _SIGNS[index], 22, tokens.ink2, align=paint.CENTER)
            draw_factor(painter, QRectF(left + 30, middle - 38, pitch - 40, 76), factor, tokens)
        for share in (728, 1018):
            paint.line(painter, share * unit, rect.top() + 20, share * unit, rect.bottom() - 20, tokens.line)
        gauge(748 * unit, shown.availability, _("Availability"), shown.availability_lines, 268 * unit)
        gauge(1038 * unit, shown.capacity, _("Capacity use"), shown.capacity_lines, 282 * unit)

    def _lines(self, painter: QPainter, rect: QRectF, name: str, lines: tuple[str, str], tokens: Tokens) -> None:
        paint.text(
            painter, QRectF(rect.left(), rect.top(), rect.width(), 26), name, 17, tokens.ink, bold=True, least_px=14
        )
        for index, words in enumerate(lines):
            place = QRectF(rect.left(), rect.top() + 27 + 22 * index, rect.width(), 22)
            paint.text(painter, place, words, 15, tokens.ink2, least_px=14)

    def _draw_narrow(self, painter: QPainter, rect: QRectF, shown: LineFace, tokens: Tokens) -> None:
        inner = rect.adjusted(12, 8, -12, -8)
        dial_px = 104.0

        def gauge(left: float, room: float, value: float | None, name: str, target: float | None = None) -> None:
            dial = QRectF(left + (room - dial_px) / 2, inner.top(), dial_px, dial_px * 0.8)
            caption = shown.stale or (target_words(shown.oee_target) if target is not None else "%")
            paint.gauge(painter, dial, value, target, caption, tokens, stale=bool(shown.stale))
            place = QRectF(left, inner.bottom() - 24, room, 24)
            paint.text(painter, place, name, 15, tokens.ink, bold=True, align=paint.CENTER, least_px=14)

        wide = inner.width()
        gauge(inner.left(), wide * 0.16, shown.oee, _("Line OEE"), shown.oee_target)
        x = inner.left() + wide * 0.16
        pitch = wide * 0.165
        for index, factor in enumerate(shown.factors):
            left = x + index * pitch
            if shown.multiplied:
                place = QRectF(left, inner.top() + 20, 24, 40)
                paint.text(painter, place, _SIGNS[index], 20, tokens.ink2, align=paint.CENTER)
            draw_factor(painter, QRectF(left + 28, inner.top() + 2, pitch - 30, 76), factor, tokens)
        place = QRectF(x + 28, inner.bottom() - 24, 3 * pitch - 30, 24)
        said = " · ".join(part for part in (shown.window, shown.data) if part)
        paint.text(painter, place, said, 15, tokens.ink2, least_px=14)
        edge = x + 3 * pitch + 4
        paint.line(painter, edge, rect.top() + 16, edge, rect.bottom() - 16, tokens.line)
        half = (inner.right() - edge) / 2
        gauge(edge, half, shown.availability, _("Availability"))
        gauge(edge + half, half, shown.capacity, _("Capacity use"))


def _wide_places(wide: float, height: float) -> tuple[list[QRectF], list[QRectF]]:
    """Where the three gauges and the three factors stand in one row."""
    unit, inner = wide / 1324, height - 16
    edges = ((10.0, 288 * unit), (736 * unit, 1014 * unit), (1024 * unit, wide - 6))
    gauges = [QRectF(left, 8, right - left, inner) for left, right in edges]
    x, pitch = 294 * unit, 432 * unit / 3
    return gauges, [QRectF(x + n * pitch + 24, 16, pitch - 26, height - 32) for n in range(3)]


def _narrow_places(wide: float, height: float) -> tuple[list[QRectF], list[QRectF]]:
    """The same where the names stand under the gauges."""
    inner = wide - 24
    x, pitch = 12 + inner * 0.16, inner * 0.165
    edge = x + 3 * pitch + 4
    half = (wide - 12 - edge) / 2
    lefts = ((12.0, inner * 0.16), (edge + 2, half - 2), (edge + half, half))
    gauges = [QRectF(left, 4, room, height - 8) for left, room in lefts]
    return gauges, [QRectF(x + n * pitch + 22, 8, pitch - 24, 82) for n in range(3)]


def draw_factor(
    painter: QPainter, rect: QRectF, factor: Factor, tokens: Tokens, *, sign: bool = True, size_px: float = 15
) -> None:
    """One of A, P and Q in 76 px of height: name, percentage, lost minutes. `size_px`: of its two small lines."""
    paint.text(
        painter, QRectF(rect.left(), rect.top(), rect.width(), 22), factor.name, size_px, tokens.ink2, least_px=14
    )
    line = QRectF(rect.left(), rect.top() + 22, rect.width(), 32)
    used = paint.text(painter, line, factor.figure, 26, tokens.ink, bold=True)
    if sign and factor.figure != UNKNOWN:
        percent_px = paint.width("%", 16, True)
        if used + 5 + percent_px <= rect.width():
            place = QRectF(line.left() + used + 5, line.top() + 4, percent_px + 2, 30)
            paint.text(painter, place, "%", 16, tokens.ink, bold=True)
    paint.text(
        painter, QRectF(rect.left(), rect.top() + 54, rect.width(), 22), factor.lost, size_px, tokens.ink2, least_px=14
    )
