"""What stands on a label, line by line: a press chooses a line, further presses what it tells."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace
from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.domain.labels import FIELDS, LONGEST_WORDS, MOST_LINES, USUAL_LINES, Contents, Line
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views.widgets.button import Button
from desktop.views.widgets.option import OPTION_PX, Choice, Option
from desktop.views.widgets.painted import Painted, Pressable, card, card_head, tell
from desktop.views.widgets.setting_row import HEAD_PX
from desktop.views.widgets.text_field import HEIGHT_PX, TextField
from desktop.wording.labels import FIELD_WORDS, KIND_WORDS, line_words

_PAD, _GAP, _FIELD_PX, _ACROSS = 20, 8, 48, 3
_WIDE_PX = 640  # from here on the lines stand beside what they tell


class LineRow(Pressable):
    """One line: what it tells, and what that is on the label before the eyes."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.setCheckable(True)

    def nextCheckState(self) -> None:
        """A press asks; the card says which is chosen."""

    def show_line(self, line: Line, told: str, chosen: bool) -> None:
        """Show a line."""
        size = _("Large") if line.large else _("Small")
        self.setChecked(chosen)
        if self.set_face((line_words(line), told, size, chosen)):
            tell(self, line_words(line), f"{size}. {told}")

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Words, value, size."""
        if not isinstance(self._face, tuple):
            return
        words, told, size, chosen = self._face
        ground = tokens.accent_soft if chosen or self.underMouse() else tokens.panel
        paint.box(
            painter, rect, ground, tokens.accent if chosen else tokens.line_strong, radius=8, pen=2 if chosen else 1
        )
        right = paint.width(size, 14, False) + 4
        room = QRectF(rect.left() + 14, rect.top() + 6, rect.width() - 28, 24)
        tag = QRectF(room.right() - right, rect.center().y() - 12, right, 24)
        paint.text(painter, tag, size, 14, tokens.ink2, align=paint.RIGHT, least_px=14)
        room.setRight(tag.left() - 8)
        if told:
            paint.text(painter, room, words, 16, tokens.ink, bold=True, least_px=14)
            paint.text(painter, room.translated(0, 22), told, 14, tokens.ink2, least_px=14)
        else:
            paint.text(painter, room.translated(0, 10), words, 16, tokens.ink, bold=True, least_px=14)


class LinesCard(Painted):
    """The lines of one kind of label, and what the chosen one tells.

    `wanted` carries the contents after a press, those that were seen, and the words of what can be taken back.
    """

    wanted = Signal(object, object, str)
    kind_wanted = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("label-lines", parent)
        self._contents, self._kind, self._at = Contents(), "unit", 0
        self._values: Mapping[str, str] = {}
        self.kinds = [Option(f"label-lines-{kind}", kind, self) for kind, _words in KIND_WORDS]
        self.rows = [LineRow(f"label-line-{n + 1}", self) for n in range(MOST_LINES)]
        self.add = Button("label-line-add", _("Add a line"), self, icon="plus", height=_FIELD_PX)
        self.fields = [Option(f"label-field-{key}", key, self) for key in FIELDS]
        self.words = TextField("label-line-words", _("Own words before it"), self, most=LONGEST_WORDS)
        self.save = Button("label-line-save", _("Save"), self, height=HEIGHT_PX)
        self.up = Button("label-line-up", _("Up"), self, height=_FIELD_PX)
        self.down = Button("label-line-down", _("Down"), self, height=_FIELD_PX)
        self.large = Option("label-line-large", "large", self)
        self.remove = Button("label-line-remove", _("Remove"), self, height=_FIELD_PX)
        self.usual = Button("label-lines-usual", _("As at first"), self, icon="undo")
        self.done = Button("label-lines-done", _("Done"), self, main=True)
        for option in self.kinds:
            option.clicked.connect(self._turn_kind)
        for row in self.rows:
            row.clicked.connect(self._choose)
        for option in self.fields:
            option.clicked.connect(self._toggle)
        self.add.clicked.connect(self._add)
        self.words.editingFinished.connect(self._save_words)  # also where the next press goes elsewhere
        self.save.clicked.connect(self._save_words)
        self.up.clicked.connect(lambda: self._move(-1))
        self.down.clicked.connect(lambda: self._move(1))
        self.large.clicked.connect(self._turn_large)
        self.remove.clicked.connect(self._remove)
        self.usual.clicked.connect(lambda: self._want((), _("What stands on the label: as at first")))
        self.done.clicked.connect(self.left)
        tell(self, _("What stands on the label"))
        self.hide()

    @property
    def _lines(self) -> list[Line]:
        return list(self._contents.lines(self._kind))

    def show_contents(self, contents: Contents, kind: str, values: Mapping[str, str]) -> bool:
        """Show the lines of a kind with their `values` on the label before the eyes; whether places change."""
        count = len(self._lines)
        fresh = kind != self._kind or self.isHidden()
        self._contents, self._kind = contents, kind
        self._at = 0 if fresh else min(self._at, len(self._lines) - 1)
        for option, (key, words) in zip(self.kinds, KIND_WORDS, strict=True):
            option.show_choice(Choice(key, _(words)), _("Label of"), key == kind)
        self._show(values, fresh)
        self._values = values
        return count != len(self._lines)

    def _show(self, values: Mapping[str, str], fresh: bool) -> None:
        lines = self._lines
        for place, row in enumerate(self.rows):
            row.setVisible(place < len(lines))
            if place < len(lines):
                row.show_line(lines[place], lines[place].told(values), place == self._at)
        line, title = lines[self._at], _("Line {number} tells").format(number=self._at + 1)
        for option in self.fields:
            option.show_choice(Choice(option.value, _(FIELD_WORDS[option.value])), title, option.value in line.fields)
        self.large.show_choice(Choice("large", _("Large")), title, line.large)
        self.up.setEnabled(self._at > 0)
        self.down.setEnabled(self._at < len(lines) - 1)
        self.remove.setEnabled(len(lines) > 1)
        self.add.setVisible(len(lines) < MOST_LINES)
        self.usual.setEnabled(tuple(lines) != USUAL_LINES[self._kind])
        if fresh or not self.words.hasFocus():
            self.words.setText(line.words)

    # -- what is pressed --

    def _turn_kind(self) -> None:
        option = self.sender()
        if isinstance(option, Option):
            self.kind_wanted.emit(option.value)

    def _choose(self) -> None:
        row = self.sender()
        if isinstance(row, LineRow):
            self._at = self.rows.index(row)
            self._again()

    def _again(self) -> None:
        """Show what is chosen now; the words belong to it."""
        self._show(self._values, True)

    def _put(self, line: Line) -> None:
        lines = self._lines
        lines[self._at] = line
        self._tell(lines)

    def _tell(self, lines: list[Line]) -> None:
        """Have these lines, and say how the chosen one is now."""
        words = _("Line {number}: {words}").format(number=self._at + 1, words=line_words(lines[self._at]))
        self._want(tuple(lines), words)

    def _toggle(self) -> None:
        option = self.sender()
        if isinstance(option, Option):
            line = self._lines[self._at]
            kept = tuple(each for each in line.fields if each != option.value)
            self._put(replace(line, fields=kept if kept != line.fields else (*line.fields, option.value)))

    def _turn_large(self) -> None:
        line = self._lines[self._at]
        self._put(replace(line, large=not line.large))

    def _save_words(self) -> None:
        words = " ".join(self.words.text().split())
        if words != self._lines[self._at].words:
            self._put(replace(self._lines[self._at], words=words))

    def _move(self, by: int) -> None:
        lines = self._lines
        lines[self._at], lines[self._at + by] = lines[self._at + by], lines[self._at]
        self._at += by
        self._want(
            tuple(lines), _("Line {number}: {words}").format(number=self._at + 1, words=line_words(lines[self._at]))
        )

    def _add(self) -> None:
        self._at = len(self._lines)
        self._want((*self._lines, Line()), _("A line was added"))

    def _remove(self) -> None:
        lines = self._lines
        gone = lines.pop(self._at)
        self._at = max(self._at - 1, 0)
        self._want(tuple(lines), _("Removed: {words}").format(words=line_words(gone)))

    def _want(self, lines: tuple[Line, ...], words: str) -> None:
        """Have the lines of this kind be these; what a shop begins with is not written down."""
        lines = () if lines == USUAL_LINES[self._kind] else lines
        seen = self._contents
        self._contents = replace(seen, **{self._kind: lines})
        self._at = min(self._at, len(self._lines) - 1)
        self._again()
        self.wanted.emit(self._contents, seen, words)

    # -- places --

    def place(self, width: int) -> int:
        """Place everything for this width and return the height."""
        room, top = width - 2 * _PAD, HEAD_PX + 4
        half, wide = (room - 2 * _GAP) // 2, width >= _WIDE_PX
        for option, x in zip(self.kinds, (_PAD, width - _PAD - half), strict=True):
            option.setGeometry(x, top, half, OPTION_PX)
        top += OPTION_PX + 2 * _GAP
        left_px = room * 2 // 5 if wide else room
        y = top
        for row in self.rows:
            if not row.isHidden():
                row.setGeometry(_PAD, y, left_px, OPTION_PX)
                y += OPTION_PX + _GAP
        if not self.add.isHidden():
            self.add.setGeometry(_PAD, y, left_px, _FIELD_PX)
            y += _FIELD_PX + _GAP
        x = _PAD + left_px + 2 * _GAP if wide else _PAD
        right_px, lowest = width - _PAD - x, y
        y = top if wide else y + _GAP
        cell = (right_px - _GAP * (_ACROSS - 1)) // _ACROSS
        for place, option in enumerate(self.fields):
            option.setGeometry(
                x + place % _ACROSS * (cell + _GAP), y + place // _ACROSS * (_FIELD_PX + _GAP), cell, _FIELD_PX
            )
        y += -(-len(self.fields) // _ACROSS) * (_FIELD_PX + _GAP)
        save_px = self.save.sizeHint().width()
        self.words.setGeometry(x, y, right_px - save_px - _GAP, HEIGHT_PX)
        self.save.setGeometry(width - _PAD - save_px, y, save_px, HEIGHT_PX)
        y += HEIGHT_PX + _GAP
        parts = (self.large, self.up, self.down, self.remove)
        cell = (right_px - _GAP * (len(parts) - 1)) // len(parts)
        for place, part in enumerate(parts):
            part.setGeometry(x + place * (cell + _GAP), y, cell, _FIELD_PX)
        y = max(y + _FIELD_PX + _GAP, lowest) + _GAP
        self.usual.setGeometry(_PAD, y, half, OPTION_PX)
        self.done.setGeometry(width - _PAD - half, y, half, OPTION_PX)
        return y + OPTION_PX + _PAD

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Ground and head."""
        card(painter, rect, tokens)
        card_head(painter, rect, tokens, _("What stands on the label"), "")
