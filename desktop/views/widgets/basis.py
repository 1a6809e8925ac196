"""The figures of a machine's shift that no picture beside shows, each with what it is made of at a press."""

from __future__ import annotations

from msgspec import Struct
from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.domain.explain import Derivation
from desktop.domain.figures.machine import MachineDay
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views import theme
from desktop.views.widgets.derived import figure_of
from desktop.views.widgets.evidence import draw_line
from desktop.views.widgets.figure import Figures
from desktop.views.widgets.painted import Painted, card, card_head, tell
from desktop.wording.kpis import FLAGS, figure_name
from desktop.wording.moments import clock
from desktop.wording.numbers import UNKNOWN, lasted, percent, pieces
from desktop.wording.states import CALLS, call_phase

HEAD_PX = 48
ROW_PX = 40
_NOTE_PX = 20
_NOTES_WIDE_PX = 312.0  # the narrower of the two columns in which the card stands
_MOST_WAITS = 3
_MOST_CALLS = 4
_RATES = ("net_operating_rate", "speed_rate", "own_availability", "coverage")


class Line(Struct, frozen=True):
    """A figure; `key` "" where nothing more can be said of it."""

    key: str
    name: str
    figure: str


class BasisFace(Struct, frozen=True):
    """The figures, and what a reader of them must know."""

    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()


def basis_face(day: MachineDay) -> BasisFace:
    """The figures of a machine's day."""
    kpis, machine = day.machine.kpis, day.machine
    told = {one.kpi: one for one in (*day.derivations, *day.accounts) if isinstance(one, Derivation)}
    lines = [
        Line("good", figure_name("good"), pieces(machine.good)),
        Line("rejected", figure_name("rejected"), pieces(machine.reject)),
        Line("target" if "target" in told else "", figure_name("target"), pieces(machine.target)),
    ]
    if machine.plan is not None:
        lines.append(Line("", _("Plan"), pieces(machine.plan)))
        reached = machine.good / machine.plan if machine.good is not None and machine.plan else None
        lines.append(Line("", _("Achievement"), percent(reached if machine.comparable else None)))
    if kpis is None:
        return BasisFace(tuple(lines))
    lines += [Line(key, figure_name(key), percent(getattr(kpis, key))) for key in _RATES]
    if "mtbf" in told and told["mtbf"].why:
        length = lasted(round(told["mtbf"].above.value))
        lines.append(Line("mtbf", figure_name("mtbf"), _("no failure in {length}").format(length=length)))
    else:
        lines += [Line(key, figure_name(key), figure_of(told[key])) for key in ("mtbf", "mttr") if key in told]
    lines += _calls(day)
    notes = tuple(_(FLAGS[flag]) for flag in kpis.flags if flag in FLAGS)
    return BasisFace((*lines, *_waits(day)), notes)


def _calls(day: MachineDay) -> list[Line]:
    """MTTR by the phases of the calls for maintenance, then the newest calls of the shift."""
    found = day.repairs
    lines: list[Line] = []
    if found.maintenance:
        names = (_("Till repair begins"), _("Repair"), _("Till first good piece"))
        for name, phase in zip(names, (found.arrival, found.repair, found.restart), strict=True):
            known = UNKNOWN if phase.mean_ms is None else lasted(round(phase.mean_ms))
            lines.append(Line("", _("{phase} · {count} calls").format(phase=name, count=phase.count), known))
    for each in reversed(found.calls[-_MOST_CALLS:]):
        call = each.call
        end_ms = min(day.now_ms, day.window.end_ms) if call.over_ms is None else call.over_ms
        words = f"{clock(call.called_ms, day.head.timezone)} {_(CALLS[call.what])} · {call_phase(call)}"
        lines.append(Line("", words, lasted(max(end_ms - call.called_ms, 0))))
    return lines


def _waits(day: MachineDay) -> tuple[Line, ...]:
    """For which machine it waited and how long; what does not fit is added up."""
    lines = [
        Line(
            "wait", _("Waited for {machine}").format(machine=row.cause or _("a slower machine")), lasted(row.length_ms)
        )
        for row in day.waits
    ]
    if len(lines) > _MOST_WAITS:
        rest_ms = sum(row.length_ms for row in day.waits[_MOST_WAITS - 1 :])
        rest = _("Waited for {count} others").format(count=len(lines) - _MOST_WAITS + 1)
        lines[_MOST_WAITS - 1 :] = [Line("wait", rest, lasted(rest_ms))]
    return tuple(lines)


def _notes(shown: object) -> list[list[str]]:
    """The notes, each as its lines."""
    notes = shown.notes if isinstance(shown, BasisFace) else ()
    return [paint.broken(note, 15, _NOTES_WIDE_PX - 32) for note in notes]


class Basis(Painted):
    """A card of figures with notes below; a press on a line asks what the figure is made of."""

    asked = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self._figures = Figures(self, self.asked)

    def show_basis(self, shown: BasisFace) -> None:
        """Show the figures."""
        if self.set_face(shown):
            said = [f"{line.name} {line.figure}" for line in shown.lines]
            tell(self, _("More figures"), "; ".join((*said, *shown.notes)))
            self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        shown = self._face
        if isinstance(shown, BasisFace):
            rows = zip(shown.lines, self._rows(shown), strict=True)
            self._figures.place([(line.key, line.name, line.figure, row) for line, row in rows if line.key])

    def _rows(self, shown: BasisFace) -> list[QRectF]:
        return [QRectF(1, HEAD_PX + n * ROW_PX, self.width() - 2, ROW_PX) for n in range(len(shown.lines))]

    def wanted_px(self) -> int:
        """The height that shows every line."""
        shown = self._face
        lines = len(shown.lines) if isinstance(shown, BasisFace) else 0
        notes = [line for note in _notes(shown) for line in note]
        return HEAD_PX + ROW_PX * lines + (14 + _NOTE_PX * len(notes) if notes else 0) + 8

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Head, figures and notes."""
        card(painter, rect, tokens)
        shown = self._face
        if not isinstance(shown, BasisFace):
            return
        head = QRectF(rect.left(), rect.top() - 2, rect.width(), HEAD_PX)
        card_head(painter, head, tokens, _("More figures"), _("press one to see its basis"))
        y = float(HEAD_PX)
        for line, row in zip(shown.lines, self._rows(shown), strict=True):
            paint.line(painter, row.left(), row.top() + 0.5, row.right(), row.top() + 0.5, tokens.line)
            draw_line(painter, row.adjusted(9, 0, -19, 0), line.name, line.figure, tokens, total=False)
            y = row.bottom()
        y += 8
        for note in _notes(shown):
            theme.icon(painter, QRectF(rect.left() + 20, y + 1, 18, 18), "info", tokens.ink2)
            for words in note:
                place = QRectF(rect.left() + 46, y, rect.width() - 62, _NOTE_PX)
                paint.text(painter, place, words, 15, tokens.ink, least_px=14)
                y += _NOTE_PX
