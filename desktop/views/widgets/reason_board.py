"""Reasons as buttons: the eight that are likely, and all of them with a search by typing or scanning."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QScrollArea, QWidget

from desktop import paint
from desktop.domain.figures.stops import ReasonNow
from desktop.domain.keyboard import latin_keys
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views import theme
from desktop.views.widgets.button import Button
from desktop.views.widgets.painted import Painted, Pressable, begin, card, focus_ring, own_viewport, tell

MOST = 8
COLUMNS = 4
FULL_PX = 124
_NARROW_PX = 250
_SURE_USES = 3  # so often a reason was given at a machine before it is suggested
_CELL_PX, _GAP = 64, 10
_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_ICONS = {"planned": "calendar", "external": "box", "unplanned": "gear"}


class ReasonFace(Struct, frozen=True):
    """One reason. `notes`: why it is suggested, from the longest to the shortest; `current`: it is the stop's now."""

    id: int
    name: str
    code: str
    icon: str
    notes: tuple[str, ...] = ()
    cap: str = ""
    current: bool = False
    ready: bool = True


def icon_of(reason: ReasonNow) -> str:
    """The sign of a reason: its own, else by what kind it is."""
    return reason.icon or ("tool" if reason.failure else _ICONS.get(reason.kind, "gear"))


def suggested(reasons: Sequence[ReasonNow]) -> ReasonNow | None:
    """The likely one for the stop: what followed the same alarm, else what was given at the machine most often."""
    first = reasons[0] if reasons else None
    return first if first is not None and (first.after_alarm or first.uses >= _SURE_USES) else None


def why_words(reason: ReasonNow) -> tuple[str, ...]:
    """Why a reason is suggested, from the longest to the shortest."""
    if reason.after_alarm:
        counts = {"count": reason.after_alarm, "all": reason.alarms}
        return (
            _("Suggested · {count} of {all} after this alarm").format(**counts),
            _("Suggested · {count} of {all}").format(**counts),
            _("Suggested"),
        )
    return (
        _("Suggested · {count} times at this machine").format(count=reason.uses),
        _("Suggested · {count} times").format(count=reason.uses),
        _("Suggested"),
    )


def board(reasons: Sequence[ReasonNow], current: str, ready: bool) -> tuple[ReasonFace, ...]:
    """The likely reasons: the suggested one first, the others in the shop's own order, so that they keep their places.
    `reasons` come with the likely ones first; `current` is the name of the reason that the stop has."""
    first = suggested(reasons)
    rest = sorted(reasons[:MOST], key=lambda reason: (reason is not first, reason.place))
    return tuple(
        ReasonFace(
            reason.id, reason.name, reason.code, icon_of(reason), why_words(reason) if reason is first else (),
            str(place), bool(current) and reason.name == current, ready,
        )
        for place, reason in enumerate(rest, 1)
    )  # fmt: skip


def initials(words: str) -> str:
    """The first consonants of Hangul, other letters as they are: "설비 고장" is "ㅅㅂ ㄱㅈ"."""
    return "".join(_INITIALS[(ord(sign) - 0xAC00) // 588] if 0xAC00 <= ord(sign) <= 0xD7A3 else sign for sign in words)


def matching(reasons: Sequence[ReasonNow], typed: str) -> list[ReasonNow]:
    """The reasons that a typed text may mean: by code, part of the name, or first consonants. An exact code is it."""
    wanted = typed.strip().casefold()
    codes = {wanted, latin_keys(wanted).casefold()}  # a scanner types codes, perhaps with the Korean keyboard on
    if exact := [reason for reason in reasons if wanted and reason.code.casefold() in codes]:
        return exact
    close = wanted.replace(" ", "")
    return [
        reason
        for reason in reasons
        if wanted in reason.name.casefold()
        or wanted in reason.code.casefold()
        or close in reason.name.casefold().replace(" ", "")
        or close in initials(reason.name).replace(" ", "")
    ]


class ReasonButton(Pressable):
    """One reason; a press gives it to the stop."""

    @property
    def shown(self) -> ReasonFace | None:
        """What the button shows now."""
        return self._face if isinstance(self._face, ReasonFace) else None

    def show_reason(self, shown: ReasonFace) -> None:
        """Show a reason."""
        self.setEnabled(shown.ready)
        if self.set_face(shown):
            said = (
                *shown.notes[:1],
                *((_("this is its reason now"),) if shown.current else ()),
                shown.cap or shown.code,
            )
            tell(self, shown.name, ", ".join(said))

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Sign, name, why it is suggested, the key that presses it."""
        shown = self.shown
        if shown is None:
            return
        marked = bool(shown.notes) or shown.current
        if not shown.ready:
            ground, edge, ink = tokens.track, None, tokens.ink2
        else:
            hover = self.isDown() or self.underMouse()
            ground = tokens.accent_soft if hover or marked else tokens.panel
            edge, ink = tokens.accent if marked else tokens.line_strong, tokens.ink
        paint.box(painter, rect, ground, edge, radius=8, pen=3 if marked else 1)
        sign = "check" if shown.current else shown.icon
        tint = tokens.accent if marked and shown.ready else ink
        if rect.height() < 84:
            self._draw_row(painter, rect, shown, sign, (tint, ink), tokens)
            return
        right = rect.right() - 14
        if shown.cap:
            cap = QRectF(rect.right() - 14 - 26, rect.top() + 12, 26, 26)
            paint.box(painter, cap, tokens.panel, tokens.line_strong, radius=4)
            paint.text(painter, cap, shown.cap, 15, tokens.ink2, align=paint.CENTER)
            right = cap.left() - 8
        if rect.width() < _NARROW_PX:
            theme.icon(painter, QRectF(rect.left() + 14, rect.top() + 11, 28, 28), sign, tint)
            note = QRectF(rect.left() + 50, rect.top() + 11, right - rect.left() - 50, 28)
            self._draw_note(painter, note, shown, tokens)
            room = QRectF(rect.left() + 14, rect.top() + 40, rect.width() - 28, rect.height() - 44)
            _draw_name(painter, room, shown.name, ink, 19)
            return
        theme.icon(painter, QRectF(rect.left() + 26, rect.center().y() - 18, 36, 36), sign, tint)
        room = QRectF(rect.left() + 78, rect.top() + 10, right - rect.left() - 78, rect.height() - 20)
        if shown.notes:
            room.setBottom(rect.center().y() + 6)
            room.setTop(room.bottom() - 36)
            note = QRectF(room.left(), rect.center().y() + 6, rect.right() - 14 - room.left(), 24)
            self._draw_note(painter, note, shown, tokens)
        _draw_name(painter, room, shown.name, ink, 22)

    def _draw_row(
        self, painter: QPainter, rect: QRectF, shown: ReasonFace, sign: str, inks: tuple[str, str], tokens: Tokens
    ) -> None:
        """Low, in the list of all: sign, name, code."""
        theme.icon(painter, QRectF(rect.left() + 16, rect.center().y() - 13, 26, 26), sign, inks[0])
        wide = paint.width(shown.code, 15) + 2
        place = QRectF(rect.right() - 14 - wide, rect.top(), wide, rect.height())
        paint.text(painter, place, shown.code, 15, tokens.ink2, align=paint.RIGHT)
        room = QRectF(rect.left() + 54, rect.top() + 4, place.left() - rect.left() - 64, rect.height() - 8)
        _draw_name(painter, room, shown.name, inks[1], 18)

    @staticmethod
    def _draw_note(painter: QPainter, room: QRectF, shown: ReasonFace, tokens: Tokens) -> None:
        note = next((words for words in shown.notes if paint.width(words, 14) <= room.width()), "")
        if note:
            paint.text(painter, room, note, 14, tokens.ink2)


def _draw_name(painter: QPainter, room: QRectF, name: str, ink: str, size_px: float) -> None:
    """A name in as many lines as it needs, in the middle of its room, smaller where they are too many."""
    while size_px > 15:
        lines = paint.broken(name, size_px, room.width(), bold=True)
        whole_words = all(paint.width(word, size_px, True) <= room.width() for word in name.split(" "))
        if whole_words and len(lines) * round(size_px * 1.45) <= room.height() + 4:
            break
        size_px -= 1
    high = len(paint.broken(name, size_px, room.width(), bold=True)) * round(size_px * 1.45)
    top = room.top() + max((room.height() - high) / 2, 0)
    most = max(int((room.height() + 4) // round(size_px * 1.45)), 1)
    paint.paragraph(painter, QRectF(room.left(), top, room.width(), high), name, size_px, ink, bold=True, most=most)


class AskFace(Struct, frozen=True):
    """The one question, what is known already, and what a press does."""

    question: str
    known: str
    does: str


class Ask(Painted):
    """The line over the reasons."""

    def show_ask(self, shown: AskFace) -> None:
        """Show the question."""
        if self.set_face(shown):
            tell(self, shown.question, " · ".join(part for part in (shown.known, shown.does) if part))

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Question in bold, what is known beside it, what a press does at the right where there is room."""
        shown = self._face
        if not isinstance(shown, AskFace):
            return
        used = paint.text(painter, rect, shown.question, 19, tokens.ink, bold=True, least_px=15)
        left = rect.left() + used + 14
        if shown.known and left + paint.width(shown.known, 14) <= rect.right():
            known = QRectF(left, rect.top() + 1, rect.right() - left, rect.height())
            left += paint.text(painter, known, shown.known, 16, tokens.ink2, least_px=14) + 20
        if shown.does and left + paint.width(shown.does, 14) <= rect.right():
            room = QRectF(left, rect.top() + 1, rect.right() - left, rect.height())
            paint.text(painter, room, shown.does, 15, tokens.ink2, align=paint.RIGHT, least_px=14)


class IconField(QLineEdit):
    """A line that can be typed into, as the design has fields."""

    def __init__(self, name: str, words: str, icon: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._icon = icon
        self.setPlaceholderText(words)
        self.setMaxLength(200)
        self.setFrame(False)
        self.setTextMargins(48, 0, 12, 0)
        self.setStyleSheet("QLineEdit { background: transparent; border: none; }")
        self.setFont(paint.font(17))
        tell(self, words, words)

    def paintEvent(self, event: object) -> None:
        """Ground and sign, then what Qt writes."""
        painter = begin(self)
        tokens = theme.tokens()
        rect = QRectF(self.rect())
        paint.box(painter, rect, tokens.panel, tokens.line_strong, radius=6)
        theme.icon(painter, QRectF(16, rect.center().y() - 12, 24, 24), self._icon, tokens.ink2)
        if self.hasFocus():
            focus_ring(painter, rect, tokens, 6)
        painter.end()
        super().paintEvent(event)  # type: ignore[arg-type]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leaves the field; what was typed stays."""
        if event.key() == Qt.Key.Key_Escape:
            event.ignore()
            return
        super().keyPressEvent(event)


class AllReasons(Painted):
    """Every reason of the shop, with a search. It lies over the likely ones until a reason is pressed or Esc is."""

    chosen = Signal(int)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("all-reasons", parent)
        tell(self, _("All reasons"))
        self.search = IconField("reason-search", _("Name, code or scan"), "search", self)
        self.close_button = Button("all-reasons-close", "", self, icon="cross")
        tell(self.close_button, _("Close"), "Esc")
        self.area = QScrollArea(self)
        own_viewport(self.area)
        self.area.setObjectName("all-reasons-rows")
        self.area.setFrameShape(QScrollArea.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        tell(self.area, _("All reasons"))
        self.ground = QWidget(self.area)
        self.ground.setObjectName("all-reasons-page")
        self.area.setWidget(self.ground)
        self.ground.setAutoFillBackground(False)
        self.buttons: list[ReasonButton] = []
        self._reasons: tuple[ReasonNow, ...] = ()
        self._current = ""
        self._found: list[ReasonNow] = []
        self.search.textChanged.connect(self._show)
        self.search.returnPressed.connect(self._take)
        self.close_button.clicked.connect(self.closed)
        self.hide()

    def show_reasons(self, reasons: Sequence[ReasonNow], current: str) -> None:
        """Show them in the shop's own order."""
        ordered = tuple(sorted(reasons, key=lambda reason: reason.place))
        if (ordered, current) != (self._reasons, self._current):
            self._reasons, self._current = ordered, current
            self._show()

    def open(self) -> None:
        """Come up with an empty search that has the keyboard."""
        self.search.clear()
        self.show()
        self.raise_()
        self.search.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show(self) -> None:
        self._found = matching(self._reasons, self.search.text())
        while len(self.buttons) < len(self._found):
            button = ReasonButton(f"any-reason-{len(self.buttons) + 1}", self.ground)
            button.clicked.connect(self._pressed)
            self.buttons.append(button)
        for index, button in enumerate(self.buttons):
            button.setVisible(index < len(self._found))
            if index < len(self._found):
                reason = self._found[index]
                same = bool(self._current) and reason.name == self._current
                button.show_reason(ReasonFace(reason.id, reason.name, reason.code, icon_of(reason), current=same))
        self.set_face((len(self._found), self.search.text()))
        self._place()

    def _pressed(self) -> None:
        button = self.sender()
        if isinstance(button, ReasonButton) and button.shown is not None:
            self.chosen.emit(button.shown.id)

    def _take(self) -> None:
        """Enter takes what is found, where that is one."""
        if len(self._found) == 1:
            self.chosen.emit(self._found[0].id)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The panel has another size."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        close = self.close_button.sizeHint().width()
        self.search.setGeometry(16, 14, self.width() - 32 - close - 12, 56)
        self.close_button.setGeometry(self.width() - 16 - close, 14, close, 56)
        self.area.setGeometry(16, 84, self.width() - 32, max(self.height() - 84 - 12, 0))
        columns = 3 if self.width() >= 900 else 2
        lines = -(-len(self._found) // columns)
        whole = max(lines * (_CELL_PX + _GAP) - _GAP, 0)
        bar = self.area.verticalScrollBar().sizeHint().width() + 4 if whole > self.area.height() else 0
        wide = (self.area.width() - bar - _GAP * (columns - 1)) / columns
        self.ground.resize(self.area.width() - bar, whole)
        for index, button in enumerate(self.buttons[: len(self._found)]):
            line, column = divmod(index, columns)
            button.setGeometry(round(column * (wide + _GAP)), line * (_CELL_PX + _GAP), round(wide), _CELL_PX)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Ground; where nothing is found a sentence."""
        card(painter, rect, tokens)
        if not self._found:
            room = QRectF(rect.left() + 24, rect.top() + 96, rect.width() - 48, 30)
            paint.text(painter, room, _("No reason is called or coded so."), 17, tokens.ink2, least_px=14)
