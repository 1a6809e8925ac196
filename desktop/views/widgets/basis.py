"""Behind this figure: the seconds and pieces that a machine's OEE is made of."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from desktop import paint
from desktop.domain.figures import MachineDay
from desktop.domain.kpi import Kpis
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views import theme
from desktop.views.widgets.painted import Painted, card, tell
from desktop.wording import MINUS, UNKNOWN, clock_seconds, minutes_seconds, percent, pieces, stopwatch, value_figure

ROW_PX = 28
_HEAD_PX = 202


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the sum; `total` stands under a rule in bold."""

    name: str
    figure: str
    total: bool = False


@dataclass(frozen=True, slots=True)
class BasisFace:
    """The sum."""

    window: str
    figure: str
    formula: tuple[str, str]
    lines: tuple[Line, ...]
    facts: tuple[Line, ...]


def basis_face(day: MachineDay) -> BasisFace:
    """What the OEE of a machine's day rests on."""
    kpis = day.machine.kpis
    if kpis is None:
        return BasisFace("", UNKNOWN, ("", ""), (), ())
    timezone = day.head.timezone
    window = f"{clock_seconds(kpis.window.start_ms, timezone)}–{clock_seconds(kpis.window.end_ms, timezone)}"
    shown = UNKNOWN if day.machine.oee_known_from_ms is not None else percent(kpis.oee)
    facts = (
        Line(_("Data coverage"), percent(kpis.coverage)),
        Line(_("Good / reject"), f"{pieces(kpis.pieces.good)} / {pieces(kpis.pieces.reject)}"),
        Line(_("Rule set"), kpis.rules),
    )
    return BasisFace(window, shown, _formula(day, kpis), _sum(kpis), facts)


def _formula(day: MachineDay, kpis: Kpis) -> tuple[str, str]:
    if day.ideal_cycle_ms is None:
        return _("No ideal cycle is set for this machine,"), _("so performance and OEE are not known.")
    cycle = value_figure(day.ideal_cycle_ms / 1000)
    top = _("Ideal cycle {seconds} s × {good} good").format(seconds=cycle, good=pieces(kpis.pieces.good))
    whole = not kpis.times.no_data_ms or kpis.pieces.untimed > 0
    length_ms = kpis.times.busy_ms - (0 if whole else kpis.times.no_data_ms)
    words = _("÷ busy time {minutes}") if whole else _("÷ observed busy time {minutes}")
    return top, words.format(minutes=minutes_seconds(length_ms))


def _sum(kpis: Kpis) -> tuple[Line, ...]:
    times = kpis.times

    def minus(name: str, ms: int) -> list[Line]:
        return [Line(name, f"{MINUS} {stopwatch(ms)}")] if ms else []

    return (
        Line(_("Window"), stopwatch(kpis.window.length_ms)),
        *minus(_("Planned stops"), times.planned_ms),
        Line(_("Busy time"), stopwatch(times.busy_ms), total=True),
        *minus(_("Stops"), times.stop_ms),
        *minus(_("Setup"), times.setup_ms),
        *minus(_("Waiting"), times.wait_ms),
        *minus(_("No data"), times.no_data_ms),
        Line(_("Operating time"), stopwatch(times.up_ms), total=True),
        Line(_("of it short stops"), stopwatch(times.short_stop_ms)),
        Line(_("Productive time"), stopwatch(kpis.ideal_good_ms), total=True),
    )


class Basis(Painted):
    """The panel with the accent edge."""

    def show_basis(self, shown: BasisFace) -> None:
        """Show the sum."""
        if self.set_face(shown):
            words = "; ".join(f"{line.name} {line.figure}" for line in (*shown.lines, *shown.facts))
            tell(self, " ".join((_("Behind this figure"), shown.figure)), " ".join((*shown.formula, words)))

    def wanted_px(self) -> int:
        """The height that shows every line."""
        shown = self._face
        lines = len(shown.lines) + len(shown.facts) if isinstance(shown, BasisFace) else 0
        return _HEAD_PX + ROW_PX * lines + 8 + 14

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Head, formula, sum and facts."""
        card(painter, rect, tokens)
        paint.box(painter, QRectF(rect.left(), rect.top() + 6, 4, rect.height() - 12), tokens.accent)
        shown = self._face
        if not isinstance(shown, BasisFace):
            return
        inner = rect.adjusted(24, 0, -20, -12)
        theme.icon(painter, QRectF(inner.left(), rect.top() + 15, 22, 22), "info", tokens.accent)
        head = QRectF(inner.left() + 32, rect.top() + 12, inner.width() - 32, 28)
        paint.text(painter, head, _("Behind this figure"), 18, tokens.ink, bold=True)
        place = QRectF(inner.left(), rect.top() + 48, inner.width(), 22)
        paint.text(
            painter,
            place,
            " · ".join(part for part in (_("Machine OEE"), shown.window) if part),
            15,
            tokens.ink2,
            least_px=14,
        )
        figure = QRectF(inner.left(), rect.top() + 70, inner.width(), 46)
        paint.text(painter, figure, shown.figure, 40, tokens.ink, bold=True)
        plate = QRectF(inner.left(), rect.top() + 124, inner.width(), 68)
        paint.box(painter, plate, tokens.panel2, tokens.line, radius=6)
        for index, words in enumerate(shown.formula):
            line = QRectF(plate.left() + 14, plate.top() + 8 + index * 26, plate.width() - 24, 26)
            paint.text(painter, line, words, 16, tokens.ink, least_px=14)
        y = plate.bottom() + 10
        for entry in shown.lines:
            self._draw_line(painter, QRectF(inner.left(), y, inner.width(), ROW_PX), entry, tokens)
            y += ROW_PX
        y += 8
        for entry in shown.facts:
            self._draw_line(painter, QRectF(inner.left(), y, inner.width(), ROW_PX), entry, tokens)
            y += ROW_PX

    def _draw_line(self, painter: QPainter, row: QRectF, entry: Line, tokens: Tokens) -> None:
        if entry.total:
            paint.line(painter, row.left(), row.top() + 0.5, row.right(), row.top() + 0.5, tokens.line_strong)
        ink = tokens.ink if entry.total else tokens.ink2
        wide = paint.width(entry.figure, 16, entry.total) + 2
        room = row.adjusted(0 if entry.total else 10, 0, -wide - 8, 0)
        paint.text(painter, room, entry.name, 16, ink, bold=entry.total, least_px=14)
        paint.text(painter, row, entry.figure, 16, tokens.ink, bold=entry.total, align=paint.RIGHT, least_px=14)
