"""The history of one code (이력서) on A4: what it is, where a record is missing, each station with its values and what
its machine did then, what it is made of and what it went into."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from desktop import paint
from desktop import trace_words as words
from desktop.domain.figures.trace import Node, Passage, Trace, TraceValue
from desktop.paint import LEFT, RIGHT
from desktop.reports import trace as pages
from desktop.reports.blocks import Field, Kind
from desktop.reports.cells import shown, visible
from desktop.reports.pdf import ready_to_draw
from desktop.reports.pdf.leaves import Leaf, Leaves
from desktop.reports.pdf.leaves import render as render_leaves
from desktop.reports.pdf.sheet import BOTTOM_EDGE, LEFT_EDGE, RIGHT_EDGE, TOP_EDGE, WIDTH
from desktop.text import _
from desktop.tokens import LIGHT as T
from desktop.wording.moments import clock_seconds
from desktop.wording.numbers import UNKNOWN

_HEAD, _FOOT = 128.0, 34.0
_LINE = 24.0
_PX = 16.0
_NOTE_PX = 14.0
_MOST_NODES = 400  # on paper; what is beyond is told by its number, and the tables have all


class _Row(Struct, frozen=True):
    """A stretch of the page that is not broken. `head`: what is drawn again where its table goes on."""

    height: float
    draw: Callable[[QPainter, float], None]
    head: _Row | None = None
    title: bool = False  # it does not stand alone at the foot of a page


def render(found: Trace) -> bytes:
    """The pages as a PDF file. Needs no display."""
    return render_leaves(leaves(found))


def leaves(found: Trace) -> Leaves:
    """The pages."""
    ready_to_draw()
    parts = _paged(_rows(found))
    drawn = tuple(_page(found, rows, number, len(parts)) for number, rows in enumerate(parts, 1))
    return Leaves(f"{_('History')} {visible(found.code)}", drawn)


def _paged(rows: Sequence[_Row]) -> list[list[_Row]]:
    room = BOTTOM_EDGE - _FOOT - TOP_EDGE - _HEAD
    made: list[list[_Row]] = [[]]
    used = 0.0
    for place, row in enumerate(rows):
        following = rows[place + 1].height if row.title and place + 1 < len(rows) else 0
        if used + row.height + following > room and made[-1]:
            made.append([])
            used = 0.0
            if row.head is not None:
                made[-1].append(row.head)
                used = row.head.height
        made[-1].append(row)
        used += row.height
    return made


def _page(found: Trace, rows: Sequence[_Row], number: int, count: int) -> Leaf:
    def draw(painter: QPainter) -> None:
        _head(painter, found)
        y = TOP_EDGE + _HEAD
        for row in rows:
            row.draw(painter, y)
            y += row.height
        _foot(painter, found, number, count)

    return draw


def _head(painter: QPainter, found: Trace) -> None:
    """What it is, in words that are read from across a table; on every page, wherever it is torn off."""
    where = " · ".join(visible(part) for part in (found.plant, found.line) if part)
    _say(painter, QRectF(LEFT_EDGE, TOP_EDGE, 360, 30), _("History"), 22, bold=True)
    _say(painter, QRectF(LEFT_EDGE + 360, TOP_EDGE, WIDTH - 360, 30), where, 16, ink=T.ink2, align=RIGHT)
    kind = words.kind_word(found.kind)
    _say(painter, QRectF(LEFT_EDGE, TOP_EDGE + 36, WIDTH, 22), kind, 16, ink=T.ink2)
    judged = words.judgement_word(found.judgement)
    wide = paint.width(judged, 26, True) + 24 if judged else 0
    room = QRectF(LEFT_EDGE, TOP_EDGE + 56, WIDTH - wide, 44)
    _say(painter, room, visible(found.code), 34, bold=True, least=16)
    if judged:
        ink = T.ng if found.judgement == "reject" else T.ink
        _say(painter, QRectF(RIGHT_EDGE - wide, TOP_EDGE + 56, wide, 44), judged, 26, ink=ink, bold=True, align=RIGHT)
    paint.line(painter, LEFT_EDGE, TOP_EDGE + _HEAD - 14, RIGHT_EDGE, TOP_EDGE + _HEAD - 14, T.ink, 2)


def _foot(painter: QPainter, found: Trace, number: int, count: int) -> None:
    y = BOTTOM_EDGE - 22
    at = shown(found.now_ms, Kind.MOMENT, found.timezone)
    left = _("Made {at} · Record check {chain}").format(at=at, chain=found.chain or UNKNOWN)
    _say(painter, QRectF(LEFT_EDGE, y, WIDTH - 200, 20), left, _NOTE_PX, ink=T.ink2, least=10)
    right = _("page {number} of {count}").format(number=number, count=count)
    _say(painter, QRectF(RIGHT_EDGE - 200, y, 200, 20), right, _NOTE_PX, ink=T.ink2, align=RIGHT)


# -- the rows --


def _rows(found: Trace) -> list[_Row]:
    rows = [_fields(pages.facts(found), found.timezone)]
    if found.gaps:
        rows += [_title(_("Missing records"))]
        rows += [_sentence(words.gap_words(row, found.timezone), strong=True) for row in found.gaps]
    said = [words.doubt_words(row) for row in found.doubts]
    said += [words.hold_words(each, found.timezone) for each in found.holds]
    said += [words.finding_words(each, found.timezone) for each in found.findings]
    said += [words.off_words(node, found.timezone) for node in found.now.off]
    said += [words.move_words(move, found.timezone) for move in found.moves]
    if said:
        rows += [_title(_("Holds, findings, exchanged parts and moves"))]
        rows += [_sentence(sentence) for sentence in said]
    if found.passages:
        head = _station_head()
        rows += [_title(_("Stations"), _("limits as they were valid then · machine 10 min before and after")), head]
        rows += [_station(row, found.timezone, head) for row in found.passages]
    if found.unplaced:
        rows += [_title(_("Measured at no station"))]
        rows += [_sentence(_value_line(value)) for value in found.unplaced]
    for name, nodes, built in (
        (_("Made of"), found.now.back, found.built.back),
        (_("Went into"), found.now.ahead, found.built.ahead),
    ):
        rows += _family(name, nodes, built, found.timezone)
    return rows


def _title(text: str, note: str = "") -> _Row:
    def draw(painter: QPainter, y: float) -> None:
        used = _say(painter, QRectF(LEFT_EDGE, y + 18, WIDTH, 28), text, 20, bold=True) + 12
        _say(painter, QRectF(LEFT_EDGE + used, y + 20, WIDTH - used, 26), note, _NOTE_PX, ink=T.ink2, least=10)

    return _Row(52, draw, title=True)


def _sentence(text: str, *, strong: bool = False) -> _Row:
    lines = paint.broken(visible(text), _PX, WIDTH - 24)

    def draw(painter: QPainter, y: float) -> None:
        paint.box(painter, QRectF(LEFT_EDGE, y + 8, 6, 6), T.ink)
        for number, line in enumerate(lines):
            _say(painter, QRectF(LEFT_EDGE + 20, y + number * _LINE, WIDTH - 24, _LINE), line, _PX, bold=strong)

    return _Row(len(lines) * _LINE + 4, draw)


def _fields(fields: Sequence[Field], zone: str) -> _Row:
    """Labels with their values, two beside each other; a long one takes the whole line."""
    half = (WIDTH - 40) / 2
    label_px = 190.0
    lines: list[tuple[Field, ...]] = []
    for field in fields:
        value = shown(field.value, field.kind, zone)
        long = paint.width(value, _PX, True) > half - label_px
        if long or not lines or len(lines[-1]) == 2 or _long(lines[-1][0], zone, half - label_px):
            lines.append((field,))
        else:
            lines[-1] = (*lines[-1], field)

    def draw(painter: QPainter, y: float) -> None:
        for number, several in enumerate(lines):
            for place, field in enumerate(several):
                x = LEFT_EDGE + place * (half + 40)
                room = WIDTH - label_px if len(several) == 1 else half - label_px
                top = y + number * 30
                _say(painter, QRectF(x, top, label_px - 10, 28), field.label, _PX, ink=T.ink2, least=11)
                value = shown(field.value, field.kind, zone)
                _say(painter, QRectF(x + label_px, top, room, 28), value, _PX, bold=True, least=9)

    return _Row(len(lines) * 30 + 8, draw)


def _long(field: Field, zone: str, room: float) -> bool:
    return paint.width(shown(field.value, field.kind, zone), _PX, True) > room


#: left edge and width of the columns, as parts of the width of the page
_COLUMNS = {
    "station": (0.0, 0.165), "time": (0.165, 0.085), "operator": (0.25, 0.085), "how": (0.335, 0.075),
    "values": (0.41, 0.205), "limits": (0.615, 0.105), "judgement": (0.72, 0.11), "machine": (0.83, 0.17),
}  # fmt: skip


def _cell(key: str, y: float, height: float) -> QRectF:
    left, wide = _COLUMNS[key]
    return QRectF(LEFT_EDGE + left * WIDTH, y, wide * WIDTH - 8, height)


def _station_head() -> _Row:
    titles = {
        "station": _("Station"), "time": _("At"), "operator": _("Operator"), "how": _("How"),
        "values": _("Measured values"), "limits": _("Limits"), "judgement": _("Judgement"),
        "machine": _("Machine then"),
    }  # fmt: skip

    def draw(painter: QPainter, y: float) -> None:
        paint.box(painter, QRectF(LEFT_EDGE, y, WIDTH, 28), T.panel2)
        for key, title in titles.items():
            _say(painter, _cell(key, y, 28), title, _NOTE_PX, ink=T.ink2, least=10)
        paint.line(painter, LEFT_EDGE, y + 28, RIGHT_EDGE, y + 28, T.line_strong)

    return _Row(30, draw, title=True)


def _station(row: Passage, zone: str, head: _Row) -> _Row:
    """One station: two lines at the left, a line for each value, its gauge below it."""
    values: list[tuple[TraceValue, list[str]]] = []
    wide = _cell("values", 0, 0).width()
    for value in row.values:
        lines = paint.broken(words.values_words(value), _PX, wide)
        values.append((value, lines))
    tall = sum(len(lines) * _LINE + (18 if words.gauge_words(value, zone) else 0) for value, lines in values)
    near = words.neighbour_words(row.neighbour)
    height = max(tall, 2 * _LINE, 50) + 14

    def draw(painter: QPainter, y: float) -> None:
        top = y + 6
        if row.missing is not None:
            paint.box(painter, QRectF(LEFT_EDGE, y, WIDTH, height - 1), T.panel2)
        _say(painter, _cell("station", top, _LINE), words.station_words(row), _PX, bold=True, least=9)
        name = row.machine_name if row.machine_name != row.name else ""
        machine = " ".join(visible(part) for part in (name, row.machine_code) if part)
        _say(painter, _cell("station", top + _LINE, 20), machine, _NOTE_PX, ink=T.ink2, least=9)
        _say(painter, _cell("time", top, _LINE), clock_seconds(row.at_ms, zone), _PX)
        if row.at_ms is not None:
            day = shown(row.at_ms, Kind.DATE, zone)
            _say(painter, _cell("time", top + _LINE, 20), day, _NOTE_PX, ink=T.ink2, least=10)
        _say(painter, _cell("operator", top, _LINE), words.operators_words(row), _PX, least=9)
        _say(painter, _cell("how", top, _LINE), words.way_words(row), _NOTE_PX, least=9)
        at = top
        for value, lines in values:
            bad = value.judgement == "reject"
            for number, line in enumerate(lines):
                _say(painter, _cell("values", at + number * _LINE, _LINE), line, _PX, bold=True, least=9)
            _say(painter, _cell("limits", at, _LINE), words.limits_words(value.limits), _PX, least=9)
            own = words.judgement_word(value.judgement)
            own = " · ".join(part for part in (own, words.first_rejected() if value.first_rejected else "") if part)
            ink = T.ng if bad or value.first_rejected else T.ink
            _say(painter, _cell("judgement", at, _LINE), own or "—", _NOTE_PX, ink=ink, bold=bad, least=9)
            at += len(lines) * _LINE
            if gauge := words.gauge_words(value, zone):
                _say(painter, _cell("values", at - 3, 18), gauge, 13, ink=T.ink2, least=9)
                at += 18
        if not values:
            _say(painter, _cell("judgement", top, _LINE), words.judged_words(row), _NOTE_PX, bold=True, least=9)
        _strip(painter, row, _cell("machine", top + 2, 22))
        _say(painter, _cell("machine", top + 26, 20), near, 13, ink=T.ink2, least=9)
        paint.line(painter, LEFT_EDGE, y + height - 1, RIGHT_EDGE, y + height - 1, T.line)

    return _Row(height, draw, head)


def _strip(painter: QPainter, row: Passage, place: QRectF) -> None:
    if row.window is None:
        return
    paint.timeline(painter, place, row.intervals, row.window, T)
    if row.at_ms is not None:
        x = paint.x_of(row.at_ms, place, row.window)
        paint.line(painter, x, place.top() - 4, x, place.bottom() + 4, T.tick, 3)


def _value_line(value: TraceValue) -> str:
    parts = (words.values_words(value), words.limits_words(value.limits), words.judgement_word(value.judgement))
    return " · ".join(part for part in parts if part)


def _family(name: str, now: Sequence[Node], built: Sequence[Node], zone: str) -> list[_Row]:
    """Things on the path, each level further in; what was exchanged since is said."""
    first, there = {node.id for node in built}, {node.id for node in now}
    nodes = [*built, *(node for node in now if node.id not in first)]
    if not nodes:
        return []
    rows = [_title(name)]
    for node in nodes[:_MOST_NODES]:
        note = " · ".join(
            part
            for part in (
                visible(node.what), words.link_word(node.link), visible(node.machine_name),
                shown(node.at_ms, Kind.MOMENT, zone), _("taken out since") if node.id not in there else "",
                _("put in since") if node.id not in first else "",
            )
            if part
        )  # fmt: skip
        rows.append(_node(node, note))
    if len(nodes) > _MOST_NODES:
        rows.append(_sentence(_("and {count} more").format(count=len(nodes) - _MOST_NODES)))
    return rows


def _node(node: Node, note: str) -> _Row:
    def draw(painter: QPainter, y: float) -> None:
        x = LEFT_EDGE + min(node.depth - 1, 8) * 28
        kind = words.kind_word(node.kind)
        _say(painter, QRectF(x, y, 76, _LINE), kind, _NOTE_PX, ink=T.ink2, least=9)
        room = QRectF(x + 80, y, RIGHT_EDGE - x - 80, _LINE)
        used = _say(painter, QRectF(x + 80, y, room.width() * 0.5, _LINE), visible(node.code), _PX, bold=True, least=9)
        _say(painter, room.adjusted(used + 16, 0, 0, 0), note, _NOTE_PX, ink=T.ink2, least=9)

    return _Row(_LINE + 3, draw)


def _say(
    painter: QPainter, rect: QRectF, text: str, px: float, *, ink: str = T.ink, bold: bool = False,
    align: Qt.AlignmentFlag = LEFT, least: float | None = None,
) -> float:  # fmt: skip
    return paint.text(painter, rect, visible(text), px, ink, bold=bold, align=align, least_px=least)
