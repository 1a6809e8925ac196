"""The path of a thing: what went into it at the left, itself in the middle, what it went into at the right."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop import trace_words as words
from desktop.domain.figures.trace import Node, Path, Trace
from desktop.reports.cells import visible
from desktop.text import N_, _, plural
from desktop.tokens import Tokens
from desktop.views import theme
from desktop.views.widgets.painted import Painted, Pressable, card, tell
from desktop.wording.numbers import pieces

HEAD_PX = 44
NODE_PX, _GAP_PX = 76, 10
_LEAST_PX, _OWN_PX = 190, 400
_ARROW_PX, _LONGEST_ARROW_PX = 44, 130
_MOST = 3  # things above each other before "more"
LEAST_PX = HEAD_PX + _MOST * NODE_PX + (_MOST - 1) * _GAP_PX + 18
MORE = ""  # the code of the box that shows all


class NodeFace(Struct, frozen=True):
    """A thing on the path: what it is, its code, what is known of it. `out`: it was taken out since."""

    kind: str
    code: str
    note: str
    out: bool = False


class NodeBox(Pressable):
    """One thing, or how many more there are; a press looks at it."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.code = ""
        self.kind = ""

    def show_node(self, face: NodeFace, code: str, kind: str) -> None:
        """Show a thing."""
        self.code, self.kind = code, kind
        if self.set_face(face):
            said = " ".join(part for part in (face.kind, face.code) if part)
            tell(self, said, face.note)
            self.setToolTip(" · ".join(part for part in (said, face.note) if part))

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """A frame, three lines."""
        face = self._face
        if not isinstance(face, NodeFace):
            return
        hover = self.isDown() or self.underMouse()
        paint.box(painter, rect, tokens.accent_soft if hover else tokens.panel, tokens.line_strong, radius=8)
        wide = rect.width() - 28
        if not self.code:
            paint.text(painter, rect.adjusted(14, 0, -14, 0), face.code, 16, tokens.accent, bold=True, least_px=14)
            return
        size, lines = code_lines(face.code, 18, wide)
        tall = 24 if len(lines) == 1 else 17
        y = 7.0 if len(lines) == 1 else 2.0
        paint.text(painter, QRectF(14, y, wide, 20), face.kind, 14, tokens.ink2, least_px=14)
        y += 20
        for line in lines:
            paint.text(painter, QRectF(14, y, wide, tall), line, size, tokens.ink, bold=True, least_px=14)
            y += tall
        paint.text(painter, QRectF(14, y - 1, wide, 20), face.note, 14, tokens.ink2, least_px=14)


class OwnFace(Struct, frozen=True):
    """The thing that is asked for: words in their order, the judgement apart."""

    kind: str
    code: str
    lines: tuple[str, ...]
    judgement: str
    judged: str
    note: str


class PathCard(Painted):
    """The card. `chosen` carries code and kind of the thing that is wanted; `all_wanted`: nothing is to be folded."""

    chosen = Signal(str, str)
    all_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("trace-path", parent)
        self._boxes: list[NodeBox] = []
        self._columns: list[list[tuple[Node | None, int]]] = []  # of boxes, left to right; the number of a "more"
        self._own_at = 0
        self._shown: tuple[Trace, Path] | None = None
        self.whole = False
        self._places: dict[int, QRectF] = {}
        self._own_rect = QRectF()
        self._folded = (False, False)
        tell(self, _("Path"), _("Being read"))

    def show_path(self, found: Trace, path: Path) -> None:
        """Show the path of a thing."""
        if self._shown == (found, path):
            return
        if self._shown is None or self._shown[0].id != found.id:
            self.whole = False
        self._shown = (found, path)
        self.set_face(_own(found))
        said = [f"{words.kind_word(node.kind)} {visible(node.code)}" for node in (*path.back, *path.ahead)]
        tell(self, f"{words.kind_word(found.kind)} {visible(found.code)}", ", ".join(said[:20]))
        self.lay_out()

    def wanted_px(self) -> int:
        """How high it is where everything has its room."""
        rows = max((len(column) for column in self._columns), default=1)
        return max(LEAST_PX, HEAD_PX + rows * NODE_PX + (rows - 1) * _GAP_PX + 18)

    def lay_out(self) -> None:
        """Columns for the width, as many as have room: what lies further away is reached over what lies between."""
        if self._shown is None:
            return
        found, path = self._shown
        inner = self.width() - 32
        own = min(_OWN_PX, inner * 0.33)
        back, ahead = _levels(path.back), _levels(path.ahead)
        most = max(int((inner - own) // (_LEAST_PX + _ARROW_PX)), 2)
        left = min(len(back), max(most - min(len(ahead), most // 2), 1))
        right = min(len(ahead), most - left)
        self._folded = (len(back) > left, len(ahead) > right)
        columns = [*reversed(back[:left]), [], *ahead[:right]]
        self._own_at = left
        more = (path.more_back, path.more_ahead)
        self._columns = []
        for place, nodes in enumerate(columns):
            beyond = more[0] if place == left - 1 else more[1] if place == left + 1 else 0
            self._columns.append(_column(nodes, beyond, whole=self.whole))
        count = sum(len(column) for column in self._columns)
        while len(self._boxes) < count:
            box = NodeBox(f"trace-node-{len(self._boxes)}", self)
            box.clicked.connect(self._pressed)
            self._boxes.append(box)
        gaps = max(len(columns) - 1, 1)
        slot = (inner - own - gaps * _ARROW_PX) / gaps if len(columns) > 1 else 0
        slot = min(slot, 300.0)
        # What is left makes the arrows longer, up to a point.
        arrow = min((inner - own - gaps * slot) / gaps, _LONGEST_ARROW_PX) if len(columns) > 1 else _ARROW_PX
        x = 16.0
        used = 0
        self._places = {}
        for place, column in enumerate(self._columns):
            if place == left:
                tall = min(self.height() - HEAD_PX - 18, 208)
                self._own_rect = QRectF(x, HEAD_PX + (self.height() - HEAD_PX - 18 - tall) / 2, own, tall)
                x += own + arrow
                continue
            tall = len(column) * NODE_PX + (len(column) - 1) * _GAP_PX
            y = HEAD_PX + max((self.height() - HEAD_PX - 18 - tall) / 2, 0)
            for node, number in column:
                box = self._boxes[used]
                used += 1
                rect = QRectF(x, y, slot, NODE_PX)
                box.setGeometry(rect.toRect())
                box.setVisible(True)
                if node is None:
                    box.show_node(NodeFace("", _("{count} more").format(count=pieces(number)), ""), MORE, "")
                else:
                    self._places[node.id] = QRectF(box.geometry())
                    what = visible(node.what)
                    kind = words.kind_word(node.kind)
                    head = f"{what} · {kind}" if what else kind
                    box.show_node(
                        NodeFace(head, visible(node.code), words.node_note(node, found.timezone)), node.code, node.kind
                    )
                y += NODE_PX + _GAP_PX
            x += slot + arrow
        for box in self._boxes[used:]:
            box.hide()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width."""
        super().resizeEvent(event)
        self.lay_out()

    def _pressed(self) -> None:
        box = self.sender()
        if not isinstance(box, NodeBox):
            return
        if box.code == MORE:
            self.all_wanted.emit()
        else:
            self.chosen.emit(box.code, box.kind)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Titles, arrows, the thing itself."""
        card(painter, rect, tokens)
        face = self._face
        if not isinstance(face, OwnFace) or self._shown is None:
            return
        found, path = self._shown
        own = self._own_rect
        left_px = own.left() - 16 - 12
        if left_px > 60:
            title = _("Backward · what went into it") if path.back else _("Backward · nothing is known")
            title += f"  ({_('there is more behind')})" if self._folded[0] else ""
            paint.text(painter, QRectF(16, 10, left_px, 28), title, 16, tokens.ink, bold=True, least_px=14)
        paint.text(painter, QRectF(own.left(), 10, own.width(), 28), _asked_word(found), 16, tokens.ink, bold=True)
        first = [place.left() for place in self._places.values() if place.left() > own.right()]
        ahead_x = min(first, default=own.right() + _ARROW_PX)
        title = _("Forward · where it went") if path.ahead else _("Forward · nowhere yet")
        title += f"  ({_('there is more behind')})" if self._folded[1] else ""
        room = QRectF(ahead_x, 10, rect.width() - ahead_x - 16, 28)
        if room.width() > 60:
            paint.text(painter, room, title, 16, tokens.ink, bold=True, least_px=14)
        self._arrows(painter, path, found, tokens)
        paint.box(painter, own, tokens.accent_soft, tokens.accent, radius=8, pen=3)
        _draw_own(painter, own, face, tokens)

    def _arrows(self, painter: QPainter, path: Path, found: Trace, tokens: Tokens) -> None:
        """From each thing to what it is in."""
        for nodes, ahead in ((path.back, False), (path.ahead, True)):
            for node in nodes:
                place = self._places.get(node.id)
                near = self._own_rect if node.via == found.id else self._places.get(node.via)
                if place is None or near is None:
                    continue
                start, end = (near, place) if ahead else (place, near)
                _arrow(painter, start, end, tokens)
        if path.more_back or path.more_ahead:
            for box in self._boxes:
                if box.code == MORE and not box.isHidden():
                    place = QRectF(box.geometry())
                    start, end = (
                        (self._own_rect, place) if place.left() > self._own_rect.left() else (place, self._own_rect)
                    )
                    _arrow(painter, start, end, tokens)


def code_lines(code: str, size_px: float, width_px: float) -> tuple[float, list[str]]:
    """A code in bold in a width: smaller down to 14, then on two lines; its end is what tells codes apart."""
    while size_px > 14 and paint.width(code, size_px, True) > width_px:
        size_px -= 1
    if paint.width(code, size_px, True) <= width_px:
        return size_px, [code]
    first = len(code)
    while first > 1 and paint.width(code[:first], size_px, True) > width_px:
        first -= 1
    rest = code[first:]
    while len(rest) > 1 and paint.width(f"…{rest}" if rest != code[first:] else rest, size_px, True) > width_px:
        rest = rest[1:]
    return size_px, [code[:first], rest if rest == code[first:] else f"…{rest}"]


def _levels(nodes: Sequence[Node]) -> list[list[Node]]:
    found: list[list[Node]] = []
    for node in nodes:
        while len(found) < node.depth:
            found.append([])
        found[node.depth - 1].append(node)
    return found


def _column(nodes: Sequence[Node], beyond: int, *, whole: bool) -> list[tuple[Node | None, int]]:
    """The things of one column; where they are too many the last place says how many more."""
    if whole or len(nodes) + bool(beyond) <= _MOST:
        shown: list[tuple[Node | None, int]] = [(node, 0) for node in nodes]
        return [*shown, (None, beyond)] if beyond else shown
    return [*((node, 0) for node in nodes[: _MOST - 1]), (None, len(nodes) - _MOST + 1 + beyond)]


def _arrow(painter: QPainter, start: QRectF, end: QRectF, tokens: Tokens) -> None:
    """Right, down or up, right again: into the other one's side at a height of its own where there is room."""
    ink = tokens.line_strong
    y1 = start.center().y()
    y2 = min(max(y1, end.top() + 16), end.bottom() - 16)
    x1, x2 = start.right(), end.left() - 2
    middle = x2 - _ARROW_PX / 2
    paint.line(painter, x1, y1, middle, y1, ink, 2)
    paint.line(painter, middle, y1, middle, y2, ink, 2)
    paint.line(painter, middle - 1, y2, x2 - 8, y2, ink, 2)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(paint.color(ink))
    painter.drawPolygon(QPolygonF([QPointF(x2, y2), QPointF(x2 - 10, y2 - 5), QPointF(x2 - 10, y2 + 5)]))


def _asked_word(found: Trace) -> str:
    return {
        "unit": _("This unit"), "lot": _("This lot"), "box": _("This box"), "pallet": _("This pallet"),
    }.get(found.kind, _("This"))  # fmt: skip


def _own(found: Trace) -> OwnFace:
    product = " ".join(part for part in (found.product_name, found.product_code) if part)
    lot = _("lot {code}").format(code=visible(found.lot)) if found.lot else ""
    lines = [" · ".join(part for part in (visible(product), lot) if part)]
    if found.orders:
        lines.append(_("Work order {code}").format(code=visible(", ".join(found.orders))))
    if found.kind == "unit":
        lines.append(words.summary_words(found))
    if found.stage is not None:
        lines.append(words.place_words(found.stage, found.stage_at))
    shown = {"product", "lot"} if found.kind == "unit" else set()
    lines += [f"{words.attribute_word(key)} {visible(value)}" for key, value in found.attributes if key not in shown]
    if found.kind != "unit" and found.scans:
        lines.append(plural(N_("scanned {n} time"), N_("scanned {n} times"), found.scans).format(n=pieces(found.scans)))
    judged = words.judgement_word(found.judgement) if found.kind == "unit" else ""
    note = words.verdict_words(found) if found.kind == "unit" else ""
    return OwnFace(
        words.kind_word(found.kind), visible(found.code), tuple(line for line in lines if line), found.judgement,
        judged, note,
    )  # fmt: skip


def _draw_own(painter: QPainter, rect: QRectF, face: OwnFace, tokens: Tokens) -> None:
    wide = rect.width() - 36
    x, y = rect.left() + 18, rect.top() + 12
    paint.text(painter, QRectF(x, y, wide, 22), face.kind, 15, tokens.ink2)
    y += 22
    size, lines = code_lines(face.code, 24, wide)
    for line in lines:
        paint.text(painter, QRectF(x, y, wide, size * 1.3), line, size, tokens.ink, bold=True, least_px=14)
        y += size * 1.3
    y += 4
    foot = rect.bottom() - (38 if face.judged or face.note else 10)
    for line in face.lines:
        if y + 24 > foot:
            break
        paint.text(painter, QRectF(x, y, wide, 24), line, 16, tokens.ink, least_px=14)
        y += 25
    if face.judged or face.note:
        _judge(painter, QRectF(x, foot, wide, 28), face.judgement, face.judged, face.note, tokens)


def _judge(painter: QPainter, rect: QRectF, judgement: str, judged: str, note: str, tokens: Tokens) -> None:
    """Sign, word and what is known besides."""
    used = judged_sign(painter, rect, judgement, judged, 17, tokens)
    room = rect.adjusted(used + (10 if used else 0), 0, 0, 0)
    parts = note.split(" · ")
    while len(parts) > 1 and paint.width(" · ".join(parts), 14) > room.width():
        parts.pop(0)  # what is missing stands last, and matters
    paint.text(painter, room, " · ".join(parts), 15, tokens.ink2, least_px=14)


def judged_sign(painter: QPainter, rect: QRectF, judgement: str, judged: str, px: float, tokens: Tokens) -> float:
    """A tick or a filled diamond and the word beside it; how wide they are."""
    if not judged:
        return 0
    y = rect.center().y()
    ink = tokens.ng if judgement == "reject" else tokens.ok if judgement == "good" else tokens.ink2
    if judgement == "reject":
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(paint.color(ink))
        x = rect.left() + 9
        painter.drawPolygon(QPolygonF([QPointF(x, y - 8), QPointF(x + 8, y), QPointF(x, y + 8), QPointF(x - 8, y)]))
    elif judgement == "good":
        theme.icon(painter, QRectF(rect.left(), y - 10, 20, 20), "check", ink)
    room = QRectF(rect.left() + 26, rect.top(), rect.width() - 26, rect.height())
    return 26 + paint.text(painter, room, judged, px, ink, bold=True, least_px=14)
