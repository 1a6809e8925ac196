"""When a shift works: its start, end, days of the week and breaks, as fields to press."""

from __future__ import annotations

from datetime import time
from functools import partial

from msgspec.structs import replace
from PySide6.QtCore import QObject, QRectF, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.domain import scheduling
from desktop.domain.calendar import Break, ShiftPattern
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views import theme
from desktop.views.widgets.button import Button
from desktop.views.widgets.calendar_form import STEP_MIN, SlimField, TimeField, show_time, time_of
from desktop.views.widgets.form_card import Row, Words
from desktop.views.widgets.option import Choice, Option
from desktop.wording.moments import weekday_words
from desktop.wording.numbers import minutes

_MOST_BREAKS = 6


class BreakRow:
    """A break: name, start, end, and the button that takes it out."""

    def __init__(self, place: int, parent: QWidget, name: str = "") -> None:
        self.name = SlimField(f"{name}break-{place}-name", _("Break"), parent)
        self.start = SlimField(f"{name}break-{place}-start", _("Start"), parent)
        self.end = SlimField(f"{name}break-{place}-end", _("End"), parent)
        self.drop = Button(f"{name}break-{place}-drop", "", parent, icon="cross")
        self.drop.setAccessibleName(_("Take this break out"))

    def show_break(self, pause: Break) -> None:
        """Show a break."""
        names = dict.fromkeys([_("Break"), _("Meal"), pause.name or _("Break")])
        self.name.offer([(name, name) for name in names])
        self.name.choose(pause.name or _("Break"))
        show_time(self.start, pause.start)
        show_time(self.end, pause.end)

    def pause(self) -> Break:
        """The break as it is chosen."""
        return Break(str(self.name.currentData()), time_of(self.start), time_of(self.end))

    def row(self) -> Row:
        """Its widgets."""
        return [(self.name, 104), (self.start, 82), (self.end, 82), (self.drop, 58)]

    def show_all(self, shown: bool) -> None:
        """Show or hide it."""
        for widget in (self.name, self.start, self.end, self.drop):
            widget.setVisible(shown)


class DayToggle(Option):
    """A day of the week, narrow: the tick stands over the word."""

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Tick over word."""
        if not isinstance(self._face, tuple):
            return
        choice, chosen = self._face
        ground = tokens.accent_soft if chosen or self.underMouse() else tokens.panel
        edge = tokens.accent if chosen else tokens.line_strong
        paint.box(painter, rect, ground, edge, radius=8, pen=2 if chosen else 1)
        if chosen:
            theme.icon(painter, QRectF(rect.center().x() - 9, rect.top() + 6, 18, 18), "check", tokens.accent)
        word = rect.adjusted(2, 26, -2, -4) if chosen else rect.adjusted(2, 0, -2, 0)
        paint.text(painter, word, choice.words, 16, tokens.ink, bold=chosen, align=paint.CENTER, least_px=14)


class HoursFields(QObject):
    """The fields of a shift's hours, children of `parent`; `name` is put before their names."""

    changed = Signal()  # other times: it comes to something else
    turned = Signal()  # rows came or went

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.start = TimeField(f"{name}shift-start", _("Start"), parent)
        self.end = TimeField(f"{name}shift-end", _("End"), parent)
        self.days = [DayToggle(f"{name}weekday-{n + 1}", str(n + 1), parent) for n in range(7)]
        self.breaks = [BreakRow(n + 1, parent, name) for n in range(_MOST_BREAKS)]
        self.add = Button(f"{name}break-add", _("Add a break"), parent, icon="plus")
        self._days: set[int] = set()
        self._count = 0
        self._filling = False
        for field in (self.start, self.end, *(f for row in self.breaks for f in (row.start, row.end))):
            field.currentIndexChanged.connect(self._changed)
        for day in self.days:
            day.clicked.connect(self._day_pressed)
        for n, row in enumerate(self.breaks):
            row.drop.clicked.connect(partial(self._drop, n))
        self.add.clicked.connect(self._add)

    def show_hours(self, pattern: ShiftPattern) -> None:
        """Show the hours of a shift."""
        self._filling = True
        self.start.show_time(pattern.start)
        self.end.show_time(pattern.end)
        self._days = set(pattern.weekdays)
        self._count = 0
        for row, pause in zip(self.breaks, pattern.breaks, strict=False):
            row.show_break(pause)
            self._count += 1
        self._filling = False
        self._show()

    def hours(self, of: ShiftPattern) -> ShiftPattern:
        """A shift with the hours that are chosen."""
        return replace(
            of,
            start=self.start.time(),
            end=self.end.time(),
            weekdays=frozenset(self._days),
            breaks=tuple(row.pause() for row in self.breaks[: self._count]),
        )

    def first_rows(self) -> list[Row]:
        """Start and end."""
        return [[(self.start, 1), (self.end, 1)]]

    def rows(self, of: ShiftPattern) -> list[Row]:
        """Days in one row of seven, and the breaks."""
        off = scheduling.break_ms(self.hours(of))
        return [
            [(day, 1) for day in self.days],
            Words(_("Breaks"), head=True, note=_("{length} together").format(length=minutes(off)) if off else ""),
            *(row.row() for row in self.breaks),
            [(self.add, 1)],
        ]

    def show_all(self, shown: bool) -> None:
        """Show or hide all of it."""
        for widget in (self.start, self.end, *self.days):
            widget.setVisible(shown)
        for n, row in enumerate(self.breaks):
            row.show_all(shown and n < self._count)
        self.add.setVisible(shown and self._count < _MOST_BREAKS)

    def _show(self) -> None:
        for n, row in enumerate(self.breaks):
            row.show_all(n < self._count)
        self.add.setVisible(self._count < _MOST_BREAKS)
        for n, day in enumerate(self.days):
            day.show_choice(Choice(day.value, weekday_words(n)), _("Days of the week"), n + 1 in self._days)
        self.turned.emit()

    def _changed(self) -> None:
        if not self._filling:
            self.changed.emit()

    def _day_pressed(self) -> None:
        self._days ^= {int(self.sender().objectName()[-1])}
        self._show()

    def _add(self) -> None:
        """One behind the last, or two hours after the start."""
        before = self.breaks[self._count - 1].pause().end if self._count else self.start.time()
        start = (before.hour + 2) % 24
        self.breaks[self._count].show_break(Break(_("Break"), time(start, 0), time(start, STEP_MIN)))
        self._count += 1
        self._show()

    def _drop(self, place: int) -> None:
        pauses = [row.pause() for row in self.breaks[: self._count]]
        del pauses[place]
        self._count = len(pauses)
        for row, pause in zip(self.breaks, pauses, strict=False):
            row.show_break(pause)
        self._show()
