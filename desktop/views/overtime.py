"""잔업 얼마나: a bar over the Overview that says what is left and lets a shift go on with one tap."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.domain.scheduling import AddOvertime, OvertimeOffer
from desktop.text import N_, _, particles, plural
from desktop.tokens import Tokens
from desktop.views import theme
from desktop.views.scheduling import Scheduling
from desktop.views.screen import MARGIN
from desktop.views.widgets.button import Button
from desktop.views.widgets.painted import Painted, tell
from desktop.wording.moments import clock
from desktop.wording.numbers import pieces, whole_minutes

BAR_PX, BUTTON_PX = 76, 60
_MOST = 4


def offer_words(offer: OvertimeOffer, timezone: str) -> tuple[str, str]:
    """What is left, and when it would be done."""
    if offer.left is None:
        head = _("How much overtime? {count} made outside any shift").format(count=pieces(offer.outside))
        return particles(head), _("Add overtime, and what is made counts in {shift}.").format(shift=offer.shift.name)
    more = plural(N_("and {count} order more"), N_("and {count} orders more"), offer.more).format(count=offer.more)
    order = f"{offer.order} {more}" if offer.more else offer.order
    head = _("How much overtime? {order}: {count} left").format(order=order, count=pieces(offer.left))
    if offer.finish_ms is None:
        return particles(head), _("The pace is not known, so nobody can say when it would be done.")
    body = _("At the pace of the shift it would be done at {clock}").format(clock=clock(offer.finish_ms, timezone))
    last = max(offer.ends)
    if offer.finish_ms > last:
        body = _("{body}, later than overtime can last.").format(body=body)
    return particles(head), body


class _Answer(Button):
    """How much longer, and below it until when."""

    def sizeHint(self) -> QSize:
        """Wide enough for the longer of both."""
        longer, _sep, until = self.text().partition(" · ")
        wide = max(paint.width(longer, 17, True), paint.width(until, 15))
        return QSize(max(round(wide) + 32, 84), BUTTON_PX)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Two lines in a frame."""
        hover = self.isDown() or self.underMouse()
        paint.box(painter, rect, tokens.accent_soft if hover else tokens.panel, tokens.line_strong, radius=8)
        longer, _sep, until = self.text().partition(" · ")
        upper = QRectF(rect.left() + 6, rect.top() + 8, rect.width() - 12, 23)
        paint.text(painter, upper, longer, 17, tokens.ink, bold=True, align=paint.CENTER, least_px=14)
        paint.text(painter, upper.translated(0, 23), until, 15, tokens.ink2, align=paint.CENTER, least_px=14)


class OvertimeBar(Painted):
    """The question, up to four answers, and a way to leave it. One for a window."""

    def __init__(self, scheduling: Scheduling, parent: QWidget | None = None) -> None:
        super().__init__("overtime-bar", parent)
        self._scheduling = scheduling
        self._offer: OvertimeOffer | None = None
        self._asked = False  # it was said until when, and that is being written
        self._left: object = None  # the shift and end of an offer that somebody left
        self.buttons = [_Answer(f"overtime-offer-{n + 1}", "", self, height=BUTTON_PX) for n in range(_MOST)]
        for n, button in enumerate(self.buttons):
            button.clicked.connect(partial(self._take, n))
        self.close_button = Button("overtime-offer-close", "", self, icon="cross", height=BUTTON_PX)
        tell(self.close_button, _("Not today"))
        self.close_button.clicked.connect(self._leave)
        self.setFixedHeight(BAR_PX)
        scheduling.failed.connect(self._failed)
        scheduling.written.connect(self._settled)
        scheduling.left.connect(self._settled)
        self.hide()

    def show_offer(self, offer: OvertimeOffer | None, timezone: str) -> None:
        """Show what may be added; None: nothing."""
        self._offer = offer
        if offer is None or self._asked or self._left == _of(offer):
            self.hide()
            return
        self._scheduling.timezone = timezone
        head, body = offer_words(offer, timezone)
        longer = [whole_minutes(end_ms - offer.shift.span.end_ms) for end_ms in offer.ends]
        words = tuple((f"+{each}", clock(end_ms, timezone)) for each, end_ms in zip(longer, offer.ends, strict=True))
        if self.set_face((head, body, words)):
            tell(self, head, body)
            self._place()
        self.show()

    def _take(self, n: int) -> None:
        """One tap: the shift goes on until then."""
        offer = self._offer
        if offer is None or n >= len(offer.ends):
            return
        shift = offer.shift
        why = _("{count} made outside any shift").format(count=pieces(offer.outside)) if offer.outside else ""
        self._asked = True
        self.hide()
        self._scheduling.change(AddOvertime(shift.name, shift.business_on, offer.ends[n]), why)

    def _leave(self) -> None:
        self._left = _of(self._offer) if self._offer is not None else None
        self.hide()

    def _settled(self) -> None:
        self._asked = False

    def _failed(self, sentence: str) -> None:
        if self._asked:
            self._asked = False
            self._scheduling.say(sentence)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The window has another width."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        """Answers at the right, the question in the rest."""
        words = self._face[2] if isinstance(self._face, tuple) else ()
        for n, button in enumerate(self.buttons):
            button.setVisible(n < len(words))
            if n < len(words) and self._offer is not None:
                longer, until = words[n]
                button.setText(f"{longer} · {until}")
                tell(button, longer, _("{shift} until {clock}").format(shift=self._offer.shift.name, clock=until))
        right = self.width() - MARGIN - 8
        wide = self.close_button.sizeHint().width()
        y = (BAR_PX - BUTTON_PX) // 2
        right -= wide
        self.close_button.setGeometry(right, y, wide, BUTTON_PX)
        for button in reversed([b for b in self.buttons if not b.isHidden()]):
            wide = button.sizeHint().width()
            right -= wide + 8
            button.setGeometry(right, y, wide, BUTTON_PX)
        self._room = right - 12

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Clock, question, and what is known."""
        paint.box(painter, rect, tokens.panel, tokens.line)
        if not isinstance(self._face, tuple):
            return
        head, body, _words = self._face
        theme.icon(painter, QRectF(MARGIN, rect.center().y() - 14, 28, 28), "clock", tokens.ink)
        wide = self._room - MARGIN - 44
        upper = QRectF(MARGIN + 44, 10, wide, 28)
        paint.text(painter, upper, head, 18, tokens.ink, bold=True, least_px=14)
        paint.text(painter, upper.translated(0, 28), body, 15, tokens.ink2, least_px=14)


def _of(offer: OvertimeOffer) -> object:
    return offer.shift.name, offer.shift.business_on, offer.shift.span.end_ms
