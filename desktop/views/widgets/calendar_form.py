"""What the forms beside the week have in common: the week, a reason, and the buttons that apply and leave."""

from __future__ import annotations

from datetime import date, time

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.domain import calendar
from desktop.domain.scheduling import Edit
from desktop.domain.week import CalendarWeek
from desktop.text import _
from desktop.views import theme
from desktop.views.widgets.button import Button
from desktop.views.widgets.choice import ChoiceField
from desktop.views.widgets.form_card import FormCard, Row
from desktop.views.widgets.painted import begin, focus_ring
from desktop.views.widgets.text_field import TextField

STEP_MIN = 10


class SlimField(ChoiceField):
    """A field in a row of several: its value alone, without caption and arrow."""

    def sizeHint(self) -> QSize:
        """Wide enough for its longest choice."""
        words = (self.itemText(n) for n in range(self.count()))
        return QSize(round(max((paint.width(each, 16, True) for each in words), default=20)) + 20, 56)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The value in its frame."""
        painter = begin(self)
        tokens = theme.tokens()
        rect = QRectF(self.rect())
        paint.box(
            painter, rect, tokens.accent_soft if self.underMouse() else tokens.panel, tokens.line_strong, radius=6
        )
        words = rect.adjusted(6, 0, -6, 0)
        paint.text(painter, words, self.currentText(), 16, tokens.ink, bold=True, align=paint.CENTER, least_px=14)
        if self.hasFocus():
            focus_ring(painter, rect, tokens, 6)
        painter.end()


def show_time(field: ChoiceField, at: time) -> None:
    """Let a time of the day hold, of steps of ten minutes; another one is offered too."""
    steps = [time(n // 60, n % 60) for n in range(0, 1440, STEP_MIN)]
    field.offer([(f"{each:%H:%M}", f"{each:%H:%M}") for each in sorted({*steps, at})])
    field.choose(f"{at:%H:%M}")


def time_of(field: ChoiceField) -> time:
    """The time that holds."""
    return time.fromisoformat(str(field.currentData() or "08:00"))


def date_of(field: ChoiceField) -> date | None:
    """The date that holds in a field of days; Qt finds texts again, no dates."""
    text = field.currentData()
    return date.fromisoformat(text) if isinstance(text, str) else None


class TimeField(ChoiceField):
    """A time of the day."""

    def __init__(self, name: str, caption: str, parent: QWidget | None = None) -> None:
        super().__init__(name, caption, parent)
        self.show_time(time(8))

    def show_time(self, at: time) -> None:
        """Let a time hold."""
        show_time(self, at)

    def time(self) -> time:
        """The time that holds."""
        return time_of(self)


class CalendarForm(FormCard):
    """What all forms have: the week, a reason, the button that applies, and the one that leaves."""

    wanted = Signal(object, str)  # Edit, why
    left = Signal()

    def __init__(self, name: str, words: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.week: CalendarWeek | None = None
        self.why = TextField(f"{name}-why", _("Why (only for what is over already)"), self.base, most=120)
        self.apply = Button(f"{name}-apply", words, self.base, main=True, height=72)
        self.cancel = Button(f"{name}-cancel", _("Cancel"), self.base, height=72)
        self.apply.clicked.connect(self._apply)
        self.cancel.clicked.connect(self.left)

    def edit(self) -> Edit | None:
        """What is wanted; None where nothing is chosen yet."""
        raise NotImplementedError

    def want(self, edit: Edit | None) -> None:
        """Give an edit away with its reason."""
        if edit is not None:
            self.wanted.emit(edit, self.why.text().strip())

    def _apply(self) -> None:
        self.want(self.edit())

    def past(self, on: date | None) -> None:
        """Ask for a reason where a date is over or has begun."""
        week = self.week
        self.why.setVisible(
            on is not None and week is not None and on <= calendar.local_date(week.now_ms, week.shop.zone)
        )

    def foot(self) -> list[Row]:
        """The reason and the buttons."""
        return [[(self.why, 1)], [(self.apply, 2), (self.cancel, 1)]]

    def again(self) -> None:
        """What it holds is another now."""
        self.told()
        self.settle()

    @property
    def zone_name(self) -> str:
        """The plant's time zone."""
        return self.week.head.timezone if self.week is not None else "UTC"
