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
from desktop.wording import (
    FLAGS,
    MINUS,
    UNKNOWN,
    availability_words,
    clock_seconds,
    loss_words,
    minutes,
    observed_whole,
    percent,
    pieces,
    stopwatch,
    value_figure,
)

ROW_PX = 28
_HEAD_PX = 202
_NOTE_PX = 20
_NOTES_WIDE_PX = 312.0  # the narrower of the two columns in which the panel stands
_MOST_WAITS = 3


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
    notes: tuple[str, ...] = ()  # what a reader of the figure must know


def basis_face(day: MachineDay) -> BasisFace:
    """What the OEE of a machine's day rests on."""
    kpis = day.machine.kpis
    if kpis is None:
        return BasisFace("", UNKNOWN, ("", ""), (), ())
    timezone = day.head.timezone
    window = f"{clock_seconds(kpis.window.start_ms, timezone)}–{clock_seconds(kpis.window.end_ms, timezone)}"
    early = day.machine.oee_known_from_ms is not None
    shown = UNKNOWN if early else percent(kpis.oee)
    bounds = () if observed_whole(kpis) else (Line(_("Availability"), availability_words(kpis)),)
    facts = (
        Line(_("Data coverage"), percent(kpis.coverage)),
        *bounds,
        Line(_("Availability by its own stops"), UNKNOWN if early else percent(kpis.own_availability)),
        *_waits(day),
        Line(_("Good / reject"), f"{pieces(kpis.pieces.good)} / {pieces(kpis.pieces.reject)}"),
        Line(_("Rule set"), kpis.rules),
    )
    notes = tuple(_(FLAGS[flag]) for flag in kpis.flags if flag in FLAGS)
    return BasisFace(window, shown, _formula(day, kpis), _sum(day, kpis), facts, notes)


def _waits(day: MachineDay) -> tuple[Line, ...]:
    """For which machine it waited and how long; what does not fit is added up."""
    lines = [
        Line(_("Waited for {machine}").format(machine=row.cause or _("a slower machine")), minutes(row.length_ms))
        for row in day.waits
    ]
    if len(lines) > _MOST_WAITS:
        rest_ms = sum(row.length_ms for row in day.waits[_MOST_WAITS - 1 :])
        rest = _("Waited for {count} others").format(count=len(lines) - _MOST_WAITS + 1)
        lines[_MOST_WAITS - 1 :] = [Line(rest, minutes(rest_ms))]
    return tuple(lines)


def _formula(day: MachineDay, kpis: Kpis) -> tuple[str, str]:
    if day.ideal_cycle_ms is None:
        return _("No ideal cycle is set for this machine,"), _("so performance and OEE are not known.")
    if kpis.oee is None and not observed_whole(kpis):
        return _("Too little of the time was observed,"), _("so the OEE is not known.")
    cycle = value_figure(day.ideal_cycle_ms / 1000)
    top = _("Ideal cycle {seconds} s × {good} good").format(seconds=cycle, good=pieces(kpis.pieces.good))
    whole = not kpis.times.no_data_ms or kpis.pieces.untimed > 0
    length_ms = kpis.times.busy_ms - (0 if whole else kpis.times.no_data_ms)
    words = _("÷ busy time {minutes}") if whole else _("÷ observed busy time {minutes}")
    return top, words.format(minutes=stopwatch(length_ms))


def _sum(day: MachineDay, kpis: Kpis) -> tuple[Line, ...]:
    """From the window to the productive time. Each level is rounded by itself and a loss is what lies between two
    levels, so that the lines add up as they stand."""
    names = _loss_names(day, kpis)
    level_ms = kpis.window.length_ms
    lines = [Line(_("Window"), _figure(level_ms))]
    apart = (("unscheduled", kpis.times.unscheduled_ms), ("planned", kpis.times.planned_ms))
    for kind, length_ms in (*apart, *((s.kind, s.length_ms) for s in day.waterfall)):
        if kind in _TOTALS:
            lines.append(Line(names[kind], _figure(level_ms), total=True))
            continue
        lost_s = _seconds(level_ms) - _seconds(level_ms - length_ms)
        level_ms -= length_ms
        if lost_s:
            lines.append(Line(names[kind], f"{MINUS if lost_s > 0 else '+'} {stopwatch(abs(lost_s) * 1000)}"))
    if kpis.ideal_good_ms is None:
        unknown = [Line(names[kind], UNKNOWN) for kind in ("short_stop", "speed", "reject")]
        lines += [*unknown, Line(names["productive"], UNKNOWN, total=True)]
    return tuple(lines)


_TOTALS = ("busy", "up", "productive")


def _seconds(ms: int) -> int:
    return (ms + 500) // 1000


def _figure(ms: int) -> str:
    return stopwatch(_seconds(ms) * 1000)


def _loss_names(day: MachineDay, kpis: Kpis) -> dict[str, str]:
    names = loss_words() | {"planned": _("Planned stops"), "unscheduled": _("No shift")}
    if kpis.pieces.reject and day.ideal_cycle_ms is not None:
        seconds = value_figure(day.ideal_cycle_ms / 1000)
        names["reject"] = _("Rejects {count} × {seconds} s").format(count=pieces(kpis.pieces.reject), seconds=seconds)
    return names


def _notes(shown: object) -> list[list[str]]:
    """The notes, each as its lines."""
    notes = shown.notes if isinstance(shown, BasisFace) else ()
    return [paint.broken(note, 15, _NOTES_WIDE_PX - 32) for note in notes]


class Basis(Painted):
    """The panel with the accent edge."""

    def show_basis(self, shown: BasisFace) -> None:
        """Show the sum."""
        if self.set_face(shown):
            said = [f"{line.name} {line.figure}" for line in (*shown.lines, *shown.facts)]
            words = "; ".join((*said, *shown.notes))
            tell(self, " ".join((_("Behind this figure"), shown.figure)), " ".join((*shown.formula, words)))

    def wanted_px(self) -> int:
        """The height that shows every line."""
        shown = self._face
        lines = len(shown.lines) + len(shown.facts) if isinstance(shown, BasisFace) else 0
        notes = [line for note in _notes(shown) for line in note]
        return _HEAD_PX + ROW_PX * lines + 8 + (8 + _NOTE_PX * len(notes) if notes else 0) + 14

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
        y += 8
        for note in _notes(shown):
            theme.icon(painter, QRectF(inner.left() + 8, y + 1, 18, 18), "info", tokens.ink2)
            for words in note:
                place = QRectF(inner.left() + 32, y, inner.width() - 32, _NOTE_PX)
                paint.text(painter, place, words, 15, tokens.ink, least_px=14)
                y += _NOTE_PX

    def _draw_line(self, painter: QPainter, row: QRectF, entry: Line, tokens: Tokens) -> None:
        if entry.total:
            paint.line(painter, row.left(), row.top() + 0.5, row.right(), row.top() + 0.5, tokens.line_strong)
        ink = tokens.ink if entry.total else tokens.ink2
        wide = paint.width(entry.figure, 16, entry.total) + 2
        room = row.adjusted(0 if entry.total else 10, 0, -wide - 8, 0)
        paint.text(painter, room, entry.name, 16, ink, bold=entry.total, least_px=14)
        paint.text(painter, row, entry.figure, 16, tokens.ink, bold=entry.total, align=paint.RIGHT, least_px=14)
