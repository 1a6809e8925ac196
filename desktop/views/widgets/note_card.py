"""Words to the next shift: what was written so far, and a field for more."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPalette, QResizeEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from desktop import paint
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views import theme
from desktop.views.widgets.button import Button
from desktop.views.widgets.painted import Painted, Pressable, card, focus_ring, tell

HEAD_PX, NOTE_PX, FIELD_PX = 44, 44, 70
_MOST = 2000  # characters


class NoteFace(Struct, frozen=True):
    """A note that was written."""

    entry: int
    text: str
    by: str


class NoteRow(Pressable):
    """A note; a press takes it back into the field, to be changed."""

    radius = 0.0

    @property
    def shown(self) -> NoteFace | None:
        """What the row shows now."""
        return self._face if isinstance(self._face, NoteFace) else None

    def show_note(self, shown: NoteFace) -> None:
        """Show a note."""
        if self.set_face(shown):
            tell(self, shown.text, f"{shown.by}, " + _("press to change it"))

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """The words, and who wrote them when."""
        if (shown := self.shown) is None:
            return
        if self.underMouse():
            paint.box(painter, rect.adjusted(1, 0, -1, 0), tokens.panel2)
        by_px = paint.width(shown.by, 15) + 2
        by = QRectF(rect.right() - 20 - by_px, rect.top(), by_px, rect.height())
        paint.text(painter, by, shown.by, 15, tokens.ink2, align=paint.RIGHT, least_px=14)
        room = QRectF(rect.left() + 20, rect.top(), by.left() - rect.left() - 34, rect.height())
        paint.text(painter, room, " ".join(shown.text.split()), 17, tokens.ink, least_px=14)


class NoteField(QPlainTextEdit):
    """Several lines; Ctrl+Enter or leaving the field hands them on."""

    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("note-field")
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.setFont(paint.font(18))
        self.setTabChangesFocus(True)
        self.setPlaceholderText(_("Write here what the next shift must know."))
        self.document().setDocumentMargin(2)
        ground = self.palette()
        ground.setColor(QPalette.ColorRole.Base, paint.color(theme.tokens().panel))
        self.setPalette(ground)
        tell(self, _("Words to the next shift"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+Enter saves; Escape belongs to the window."""
        pressed = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if pressed and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """What was written is not lost with the focus; a menu or another program takes it only for a while."""
        super().focusOutEvent(event)
        if event.reason() not in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
            self.left.emit()


class NoteCard(Painted):
    """`written`: the words of a note; `changing`: the entry of one that is taken back into the field."""

    written = Signal(str)
    changing = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("notes", parent)
        tell(self, _("Words to the next shift"))
        self.rows: list[NoteRow] = []
        self.field = NoteField(self)
        self.save = Button("note-save", _("Save"), self, icon="check")
        self.field.left.connect(self._leave)
        self.field.textChanged.connect(self._show_save)
        self.field.installEventFilter(self)
        self.save.clicked.connect(self._leave)
        self.save.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # leaving the field saves already
        self._notes: tuple[NoteFace, ...] = ()
        self._show_save()

    def show_notes(self, notes: Sequence[NoteFace]) -> bool:
        """Show what was written. Returns whether the card has another height now."""
        before = self.wanted_px()
        self._notes = tuple(notes)
        while len(self.rows) < len(notes):
            row = NoteRow(f"note-{len(self.rows) + 1}", self)
            row.clicked.connect(self._pressed)
            self.rows.append(row)
        for index, row in enumerate(self.rows):
            row.setVisible(index < len(notes))
            if index < len(notes):
                row.show_note(notes[index])
        self._place()
        return before != self.wanted_px()

    def write(self, text: str) -> None:
        """Put words into the field, to be changed."""
        self.field.setPlainText(text)
        self.field.setFocus()
        cursor = self.field.textCursor()
        cursor.movePosition(cursor.MoveOperation.End)
        self.field.setTextCursor(cursor)

    def take(self) -> None:
        """Hand on what stands in the field, if anything does."""
        self._leave()

    def wanted_px(self) -> int:
        """The height for what was written and the field."""
        return HEAD_PX + NOTE_PX * len(self._notes) + FIELD_PX

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The field takes what is left."""
        super().resizeEvent(event)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The frame shows where the keyboard is."""
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        return False

    def _place(self) -> None:
        y = HEAD_PX
        for row in self.rows[: len(self._notes)]:
            row.setGeometry(1, y, self.width() - 2, NOTE_PX)
            y += NOTE_PX
        wide, high = self.save.sizeHint().width(), max(self.height() - y - 10, 40)
        self.field.setGeometry(18, y, self.width() - 18 - 12 - wide - 12, high)
        self.save.setGeometry(self.width() - 12 - wide, self.height() - 56 - 10, wide, 56)

    def _show_save(self) -> None:
        self.save.setVisible(bool(self.field.toPlainText().strip()))

    def _leave(self) -> None:
        words = self.field.toPlainText().strip()[:_MOST]
        if words:
            self.field.clear()
            self.written.emit(words)

    def _pressed(self) -> None:
        row = self.sender()
        if isinstance(row, NoteRow) and row.shown is not None:
            self.changing.emit(row.shown.entry)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Ground and caption."""
        card(painter, rect, tokens)
        theme.icon(painter, QRectF(rect.left() + 20, rect.top() + 11, 22, 22), "note", tokens.ink2)
        room = QRectF(rect.left() + 54, rect.top(), rect.width() - 180, HEAD_PX)
        paint.text(painter, room, _("Words to the next shift"), 16, tokens.ink2, least_px=14)
        if self.field.hasFocus():
            focus_ring(painter, rect, tokens, 8)
