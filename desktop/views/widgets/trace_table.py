"""The stations of a unit as rows with what their machines did then; and what is missing, in words."""

from __future__ import annotations

from msgspec import Struct
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop import trace_words as words
from desktop.domain.figures.trace import Missing, Passage, Trace, TraceValue
from desktop.reports.cells import visible
from desktop.text import N_, _, plural
from desktop.tokens import Look, Tokens
from desktop.views.widgets.painted import Painted, card, tell
from desktop.views.widgets.trace_path import judged_sign
from desktop.wording.moments import clock_seconds, today
from desktop.wording.numbers import UNKNOWN

HEAD_PX = 44
ROW_PX = 52
_LINE_PX, _SMALL_PX = 24, 18
_NOTE_PX = 30
NARROW_PX = 1480
_PX = 17

#: name -> share of the width, in a wide window and in a narrow one
_WIDE = {
    "number": 0.04, "machine": 0.14, "time": 0.075, "operator": 0.09, "how": 0.10, "values": 0.20, "limits": 0.10,
    "judgement": 0.125, "strip": 0.13,
}  # fmt: skip
_NARROW = {
    "number": 0.04, "machine": 0.15, "time": 0.075, "operator": 0.075, "how": 0.095, "values": 0.21, "limits": 0.10,
    "judgement": 0.125, "strip": 0.13,
}  # fmt: skip


class _Place(Struct, frozen=True):
    """Where the columns of a row lie."""

    top: float
    columns: dict[str, tuple[float, float]]

    def __call__(self, key: str, below: float = 0, high: float = ROW_PX) -> QRectF:
        """A part of a column, so far below the top of the row."""
        left, wide = self.columns[key]
        return QRectF(left, self.top + below, wide, high)


class NotesFace(Struct, frozen=True):
    """What is missing, and what else is to be told."""

    gaps: tuple[str, ...]
    notes: tuple[str, ...]


class NotesPlate(Painted):
    """A dashed plate with the records that are missing; below them findings, exchanged parts and moves."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("trace-notes", parent)
        tell(self, _("Gaps, holds, findings and moves"), _("Being read"))

    def show_notes(self, found: Trace) -> None:
        """Show what there is to tell of a thing."""
        zone = found.timezone
        gaps = tuple(words.gap_words(row, zone) for row in found.gaps)
        notes = [words.doubt_words(row) for row in found.doubts]
        notes += [words.hold_words(each, zone) for each in found.holds]
        notes += [words.finding_words(each, zone) for each in found.findings]
        notes += [words.off_words(node, zone) for node in found.now.off]
        notes += [words.move_words(move, zone) for move in found.moves]
        notes += [words.values_words(value) + f" ({_('at no station')})" for value in found.unplaced]
        self.set_face(NotesFace(gaps, tuple(notes)))
        tell(self, _("Gaps, holds, findings and moves"), " ".join((*gaps, *notes)))

    def _lines(self, width: float) -> tuple[list[str], list[str]]:
        face = self._face
        if not isinstance(face, NotesFace):
            return [], []
        lead = paint.width(self._lead(face), 17, True) + 74
        gaps = [line for gap in face.gaps for line in paint.broken(gap, 16, width - lead - 20)]
        notes = [line for note in face.notes for line in paint.broken(note, 16, width - 56)]
        return gaps, notes

    @staticmethod
    def _lead(face: NotesFace) -> str:
        return plural(N_("{n} gap"), N_("{n} gaps"), len(face.gaps)).format(n=len(face.gaps))

    def wanted_px(self, width: float) -> int:
        """How high it is; 0 where there is nothing to tell."""
        gaps, notes = self._lines(width)
        high = len(gaps) * _NOTE_PX + 14 if gaps else 0
        return high + (len(notes) * _NOTE_PX + 14 if notes else 0) + (8 if gaps and notes else 0)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """The dashed frame, a question mark, the sentences."""
        face = self._face
        if not isinstance(face, NotesFace):
            return
        gaps, notes = self._lines(rect.width())
        y = rect.top()
        if gaps:
            plate = QRectF(rect.left(), y, rect.width(), len(gaps) * _NOTE_PX + 14)
            paint.box(painter, plate, tokens.panel, radius=8)
            for x1, y1, x2, y2 in (
                (plate.left(), plate.top() + 1, plate.right(), plate.top() + 1),
                (plate.left(), plate.bottom() - 1, plate.right(), plate.bottom() - 1),
                (plate.left() + 1, plate.top(), plate.left() + 1, plate.bottom()),
                (plate.right() - 1, plate.top(), plate.right() - 1, plate.bottom()),
            ):
                paint.line(painter, x1, y1, x2, y2, tokens.line_strong, 2, 6)
            paint.state_shape(painter, QRectF(plate.left() + 18, plate.top() + 9, 26, 26), Look.NO_DATA, tokens.ink)
            lead = self._lead(face)
            wide = paint.width(lead, 17, True) + 4
            paint.text(painter, QRectF(plate.left() + 56, y + 7, wide, _NOTE_PX), lead, 17, tokens.ink, bold=True)
            for number, line in enumerate(gaps):
                room = QRectF(plate.left() + 70 + wide, y + 7 + number * _NOTE_PX, plate.width() - wide - 86, _NOTE_PX)
                paint.text(painter, room, line, 16, tokens.ink, least_px=14)
            y = plate.bottom() + 8
        if notes:
            plate = QRectF(rect.left(), y, rect.width(), len(notes) * _NOTE_PX + 14)
            card(painter, plate, tokens)
            for number, line in enumerate(notes):
                room = QRectF(plate.left() + 20, y + 7 + number * _NOTE_PX, plate.width() - 40, _NOTE_PX)
                paint.text(painter, room, line, 16, tokens.ink, least_px=14)


class StationsCard(Painted):
    """A row for each station, a line for each value."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("trace-stations", parent)
        self._found: Trace | None = None
        tell(self, _("Stations"), _("Being read"))

    def show_stations(self, found: Trace) -> None:
        """Show the stations of a thing."""
        self._found = found
        self.set_face((found.passages, found.timezone))
        said = [
            " ".join((words.station_words(row), words.judged_words(row), words.joined(row.values)))
            for row in found.passages
        ]
        tell(self, _("Stations"), ", ".join(said) or _("It was read at no machine."))

    def wanted_px(self, width: float) -> int:
        """How high it is in a width with all its rows."""
        rows = self._found.passages if self._found is not None else ()
        zone = self._found.timezone if self._found is not None else "UTC"
        columns = self._columns(QRectF(0, 0, width, 100))
        return HEAD_PX + (sum(_row_px(row, columns, zone) for row in rows) if rows else ROW_PX) + 14

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Titles and rows."""
        card(painter, rect, tokens)
        found = self._found
        if found is None:
            return
        if not found.passages:
            room = QRectF(20, 12, rect.width() - 40, 40)
            paint.text(painter, room, _("It was read at no machine."), _PX, tokens.ink2, least_px=14)
            return
        columns = self._columns(rect)
        titles = {
            "number": _("No."), "machine": _("Machine"), "time": _("At"), "operator": _("Operator"), "how": _("How"),
            "values": _("Measured values"), "limits": _("Limits"), "judgement": _("Judgement"),
            "strip": _("Machine ±10 min"),
        }  # fmt: skip
        for key, title in titles.items():
            left, wide = columns[key]
            paint.text(painter, QRectF(left, 8, wide, 30), title, 15, tokens.ink3, least_px=14)
        paint.line(painter, 12, HEAD_PX - 1, rect.right() - 12, HEAD_PX - 1, tokens.line_strong)
        y = float(HEAD_PX)
        zone, day = found.timezone, ""
        for row in found.passages:
            high = _row_px(row, columns, zone)
            same = row.at_ms is None or not day or today(row.at_ms, found.timezone) == day
            day = today(row.at_ms, found.timezone) if row.at_ms is not None else day
            self._row(painter, QRectF(12, y, rect.width() - 24, high), row, columns, tokens, other_day=not same)
            y += high

    @staticmethod
    def _columns(rect: QRectF) -> dict[str, tuple[float, float]]:
        shares = _NARROW if rect.width() < NARROW_PX else _WIDE
        inner = rect.width() - 40
        found: dict[str, tuple[float, float]] = {}
        left = 20.0
        for key, share in shares.items():
            found[key] = (left, inner * share - 10)
            left += inner * share
        return found

    def _row(
        self, painter: QPainter, rect: QRectF, row: Passage, columns: dict[str, tuple[float, float]], tokens: Tokens, *,
        other_day: bool,
    ) -> None:  # fmt: skip
        """One station."""
        zone = self._found.timezone if self._found is not None else "UTC"

        place = _Place(rect.top(), columns)

        if row.missing is not None:
            paint.box(painter, rect.adjusted(0, 0, 0, -1), tokens.panel2)
        number = str(row.place) if row.place is not None else "+"
        paint.text(painter, place("number"), number, _PX, tokens.ink2)
        name, code = visible(row.name), visible(row.machine_code)
        if name == visible(row.machine_name) or not row.machine_name:
            _named(painter, place("machine"), name, code, tokens)
        else:
            paint.text(painter, place("machine", 4, 26), name, _PX, tokens.ink, bold=True, least_px=14)
            below = f"{visible(row.machine_name)} {code}"
            paint.text(painter, place("machine", 28, 20), below, 14, tokens.ink2, least_px=14)
        at = clock_seconds(row.at_ms, zone)
        if other_day and row.at_ms is not None:
            paint.text(painter, place("time", 4, 26), at, _PX, tokens.ink)
            paint.text(painter, place("time", 28, 20), today(row.at_ms, zone), 14, tokens.ink2, least_px=14)
        else:
            paint.text(painter, place("time"), at, _PX, tokens.ink)
        who = words.operators_words(row)
        _lines(painter, place("operator"), who, tokens.ink if row.operators else tokens.ink2)
        _lines(painter, place("how"), words.way_words(row) if row.missing is None else UNKNOWN, tokens.ink2)
        if row.missing is not None:
            bold = row.missing is Missing.GAP
            room = place("values")
            room.setRight(place("limits").right())
            paint.text(painter, room, words.missing_words(row), _PX, tokens.ink if bold else tokens.ink2, bold=bold)
        self._values(painter, row, place, zone, tokens)
        near = _near_lines(row, columns)
        if row.window is not None:
            _strip(painter, row, place("strip", 7 if near else (ROW_PX - 20) / 2, 20), tokens)
        for nth, line in enumerate(near):
            room = place("strip", 30 + nth * _SMALL_PX, 20)
            paint.text(painter, room, line, 14, tokens.ink2, least_px=14)
        paint.line(painter, rect.left(), rect.bottom() - 0.5, rect.right(), rect.bottom() - 0.5, tokens.line)

    @staticmethod
    def _values(painter: QPainter, row: Passage, at: _Place, zone: str, tokens: Tokens) -> None:
        """What was measured, what was allowed, how it was judged."""
        if not row.values:
            if row.unmeasured:
                paint.text(painter, at("values"), words.judged_words(row), _PX, tokens.ink, bold=True)
            elif row.missing is None and row.judgement:
                judged_sign(painter, at("judgement"), row.judgement, words.judgement_word(row.judgement), _PX, tokens)
            elif row.missing is None:
                for key in ("values", "limits", "judgement"):
                    paint.text(painter, at(key), UNKNOWN, _PX, tokens.ink2)
            return
        columns = at.columns
        top = (_row_px(row, columns, zone) - sum(_value_px(value, columns, zone) for value in row.values)) / 2
        for value in row.values:
            high = _value_px(value, columns, zone)
            ink = tokens.ng if value.judgement == "reject" else tokens.ink
            lines = _value_lines(value, columns)
            gauge = _gauge_lines(value, columns, zone)
            upper = top + (high - len(lines) * _LINE_PX - len(gauge) * _SMALL_PX) / 2
            for number, line in enumerate(lines):
                paint.text(painter, at("values", upper + number * _LINE_PX, _LINE_PX), line, _PX, ink, bold=True)
            upper += len(lines) * _LINE_PX
            for number, line in enumerate(gauge):
                paint.text(painter, at("values", upper + number * _SMALL_PX, _SMALL_PX), line, 14, tokens.ink2)
            limits = words.limits_words(value.limits)
            paint.text(painter, at("limits", top, high), limits, _PX, tokens.ink, least_px=14)
            judged = words.judgement_word(value.judgement)
            beside = _beside(value, columns)
            room = at("judgement", top, high if beside or not value.first_rejected else _LINE_PX)
            used = judged_sign(painter, room, value.judgement, judged, _PX, tokens)
            if value.first_rejected:
                told = f"· {words.first_rejected()}" if beside else words.first_rejected()
                where = room.adjusted(used + 6, 0, 0, 0) if beside else at("judgement", top + 22, 20)
                paint.text(painter, where, told, 14, tokens.ng, bold=True, least_px=14)
            top += high


def _value_lines(value: TraceValue, columns: dict[str, tuple[float, float]]) -> list[str]:
    """A value with its name and unit in the width of its column."""
    return paint.broken(words.values_words(value), _PX, columns["values"][1], bold=True)


def _beside(value: TraceValue, columns: dict[str, tuple[float, float]]) -> bool:
    """Whether the judgement has room for that the first one was no good beside it."""
    judged = words.judgement_word(value.judgement)
    wide = 26 + paint.width(judged, _PX, True) + 6 + paint.width(f"· {words.first_rejected()}", 14, True)
    return wide <= columns["judgement"][1]


def _gauge_lines(value: TraceValue, columns: dict[str, tuple[float, float]], zone: str) -> list[str]:
    """With what it was measured, below the value."""
    words_of = words.gauge_words(value, zone)
    return paint.broken(words_of, 14, columns["values"][1]) if words_of else []


def _value_px(value: TraceValue, columns: dict[str, tuple[float, float]], zone: str) -> float:
    gauge = len(_gauge_lines(value, columns, zone)) * _SMALL_PX
    lines = len(_value_lines(value, columns)) * _LINE_PX + gauge + 4
    return max(lines, 44 if value.first_rejected and not _beside(value, columns) else 28)


def _near_lines(row: Passage, columns: dict[str, tuple[float, float]]) -> list[str]:
    """The stop beside a piece, below the strip."""
    near = words.neighbour_words(row.neighbour)
    return paint.broken(near, 14, columns["strip"][1]) if near else []


def _row_px(row: Passage, columns: dict[str, tuple[float, float]], zone: str) -> int:
    near = _near_lines(row, columns)
    values = sum(_value_px(value, columns, zone) for value in row.values)
    return round(max(ROW_PX, values + 12, 30 + len(near) * _SMALL_PX + 6 if near else 0))


def _named(painter: QPainter, rect: QRectF, name: str, code: str, tokens: Tokens) -> None:
    """Name and code on one line, or below each other where they have no room beside each other."""
    if paint.fits_named(name, code, _PX, 15, rect.width()):
        paint.named(painter, rect, name, code, _PX, (tokens.ink, tokens.ink2), code_px=15, least_px=14)
        return
    upper = QRectF(rect.left(), rect.top() + 4, rect.width(), 26)
    paint.text(painter, upper, name, _PX, tokens.ink, bold=True, least_px=14)
    paint.text(painter, QRectF(rect.left(), rect.top() + 28, rect.width(), 20), code, 14, tokens.ink2, least_px=14)


def _lines(painter: QPainter, rect: QRectF, told: str, ink: str) -> None:
    """Words on one line, on two where they have no room."""
    if paint.width(told, 16) <= rect.width():
        paint.text(painter, rect, told, 16, ink)
        return
    lines = paint.broken(told, 14, rect.width())
    first, rest = lines[0], " ".join(lines[1:])
    paint.text(painter, QRectF(rect.left(), rect.top() + 6, rect.width(), 20), first, 14, ink, least_px=14)
    paint.text(painter, QRectF(rect.left(), rect.top() + 26, rect.width(), 20), rest, 14, ink, least_px=14)


def _strip(painter: QPainter, row: Passage, slot: QRectF, tokens: Tokens) -> None:
    if row.window is None:
        return
    paint.timeline(painter, slot, row.intervals, row.window, tokens)
    if row.at_ms is not None:
        x = paint.x_of(row.at_ms, slot, row.window)
        paint.line(painter, x, slot.top() - 4, x, slot.bottom() + 4, tokens.tick, 3)
