"""Which hours of the week are lost: a map of seven days by 24 hours that is read by eye, mouse and keyboard."""

from __future__ import annotations

from msgspec import Struct
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.domain.figures.losses import LossPeriod, WeekHour
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views.widgets.painted import focus_ring
from desktop.views.widgets.titled_card import HEAD_PX, TitledCard
from desktop.wording.moments import weekday_words
from desktop.wording.numbers import minutes_tenths, percent, percent_figure

DAYS, HOURS = 7, 24
_DAY_PX, _HOUR_PX, _FOOT_PX = 44.0, 24.0, 34.0
#: how much of the value colour lies over the ground, from nothing lost to most; text stays readable on each
_SHADES = (0.0, 0.15, 0.3, 0.45, 1.0)
_WHOLE_RATIO = 0.9  # below this part of the busy time observed a cell is marked
_ARROWS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -HOURS, Qt.Key.Key_Down: HOURS}


class WeekFace(Struct, frozen=True):
    """The hours of the week from Monday 00:00 on."""

    note: str  # of which machines it speaks
    hours: tuple[WeekHour, ...]
    empty: str

    @property
    def most(self) -> float:
        """The largest part that was lost of any hour."""
        return max((ratio for hour in self.hours if (ratio := hour.lost_ratio) is not None), default=0.0)

    @property
    def worst(self) -> int:
        """The hour of which the largest part was lost."""
        return max(range(len(self.hours)), key=lambda n: self.hours[n].lost_ratio or 0.0)


def week_face(period: LossPeriod, note: str, empty: str) -> WeekFace:
    """The map of a period."""
    return WeekFace(note, period.hours, empty)


def hour_words(place: int, hour: WeekHour) -> str:
    """An hour of the week in full: "Tue 10:00: 24.1 % lost, 41.6 of 172.4 min"; or that there is nothing to say."""
    name = _("{weekday} {hour}:00").format(weekday=weekday_words(place // HOURS), hour=f"{place % HOURS:02d}")
    if not hour.busy_ms:
        return _("{hour}: nothing scheduled").format(hour=name)
    if hour.lost_ratio is None:
        return _("{hour}: no data").format(hour=name)
    words = _("{hour}: {ratio} lost, {lost} of {busy} min").format(
        hour=name, ratio=percent(hour.lost_ratio), lost=minutes_tenths(hour.lost_ms),
        busy=minutes_tenths(hour.busy_ms - hour.no_data_ms),
    )  # fmt: skip
    if hour.no_data_ms:
        words += ", " + _("{minutes} min without data").format(minutes=minutes_tenths(hour.no_data_ms))
    return words


class WeekCard(TitledCard):
    """A cell for each hour: its figure in per cent, darker the more was lost. Hatched where nobody observed it, blank
    where nothing was scheduled. The hour under the mouse, or that the arrow keys chose, is told in full."""

    def __init__(self, name: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(name, title, parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.chosen: int | None = None

    def show_week(self, shown: WeekFace) -> None:
        """Show the hours."""
        if shown.empty:
            self.chosen = None
        self.show_face(shown, hour_words(self._told(shown), shown.hours[self._told(shown)]))

    def _told(self, shown: WeekFace) -> int:
        return shown.worst if self.chosen is None else self.chosen

    def _choose(self, place: int | None) -> None:
        """Tell of another hour; None: of the one that lost most."""
        if place != self.chosen and isinstance(self.shown, WeekFace):
            self.chosen = place
            self.show_week(self.shown)

    def note(self) -> str:
        """The chosen hour in words; else the one that lost most."""
        shown = self.shown
        if not isinstance(shown, WeekFace) or shown.empty:
            return super().note()
        place = self._told(shown)
        words = hour_words(place, shown.hours[place])
        return words if self.chosen is not None else _("Most: {hour}").format(hour=words)

    # -- mouse and keyboard --

    def cells(self) -> QRectF:
        """Where the cells lie."""
        rect = QRectF(self.rect()).adjusted(20, HEAD_PX, -20, -12)
        return rect.adjusted(_DAY_PX, _HOUR_PX, 0, -_FOOT_PX)

    def cell(self, place: int) -> QRectF:
        """The cell of an hour, with its edges on whole pixels."""
        all_of = self.cells()
        wide, high = all_of.width() / HOURS, all_of.height() / DAYS
        left, top = round(all_of.left() + place % HOURS * wide), round(all_of.top() + place // HOURS * high)
        right = round(all_of.left() + (place % HOURS + 1) * wide)
        bottom = round(all_of.top() + (place // HOURS + 1) * high)
        return QRectF(left + 1, top + 1, right - left - 2, bottom - top - 2)

    def _at(self, point: QPointF) -> int | None:
        all_of = self.cells()
        if not all_of.contains(point):
            return None
        column = min(int((point.x() - all_of.left()) / all_of.width() * HOURS), HOURS - 1)
        row = min(int((point.y() - all_of.top()) / all_of.height() * DAYS), DAYS - 1)
        return row * HOURS + column

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The hour under the mouse."""
        self._choose(self._at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """The mouse is gone."""
        self._choose(None)
        super().leaveEvent(event)

    def event(self, event: QEvent) -> bool:
        """The arrows belong to the map while the keyboard is on it, not to the window."""
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in _ARROWS:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go from hour to hour."""
        step = _ARROWS.get(Qt.Key(event.key()))
        if step is None or not isinstance(self.shown, WeekFace) or self.shown.empty:
            super().keyPressEvent(event)
            return
        place = self._told(self.shown) if self.chosen is None else self.chosen + step
        if 0 <= place < DAYS * HOURS:
            self._choose(place)

    # -- painting --

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """The card, and a ring while the keyboard is on it."""
        super().draw(painter, rect, tokens)
        if self.hasFocus():
            focus_ring(painter, rect, tokens)

    def draw_body(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Names of hours and days, the cells, what the shades mean."""
        shown = self.shown
        assert isinstance(shown, WeekFace)
        whole = self.cells()
        every = 1 if whole.width() / HOURS >= 30 else 2
        for hour in range(0, HOURS, every):
            cell = self.cell(hour)
            place = QRectF(cell.center().x() - 20, rect.top(), 40, _HOUR_PX - 4)
            paint.text(painter, place, f"{hour:02d}", 14, tokens.ink2, align=paint.CENTER)
        for day in range(DAYS):
            cell = self.cell(day * HOURS)
            place = QRectF(rect.left(), cell.top(), _DAY_PX - 8, cell.height())
            paint.text(painter, place, weekday_words(day), 15, tokens.ink, bold=True, least_px=14)
        for place_, hour_ in enumerate(shown.hours):
            self._draw_cell(painter, self.cell(place_), hour_, shown.most, tokens)
        if self.chosen is not None:
            paint.box(painter, self.cell(self.chosen).adjusted(-2, -2, 2, 2), None, tokens.accent, pen=3)
        foot = QRectF(rect.left(), rect.bottom() - 22, rect.width(), 22)
        basis_px = paint.width(shown.note, 14) + 2
        paint.text(
            painter, foot.adjusted(foot.width() - basis_px, 0, 0, 0), shown.note, 14, tokens.ink, align=paint.RIGHT
        )
        self._draw_legend(painter, foot.adjusted(0, 0, -basis_px - 12, 0), shown.most, tokens)

    def _draw_cell(self, painter: QPainter, cell: QRectF, hour: WeekHour, most: float, tokens: Tokens) -> None:
        if not hour.busy_ms:
            return
        if hour.lost_ratio is None:
            paint.hatch(painter, cell, tokens, 2, 6)
            return
        step = _step(hour.lost_ratio, most)
        paint.box(painter, cell, _shade(step, tokens), tokens.line)
        if hour.no_data_ms > (1 - _WHOLE_RATIO) * hour.busy_ms:
            paint.hatch(painter, QRectF(cell.left() + 1, cell.bottom() - 7, cell.width() - 2, 6), tokens, 2, 5)
        ink = tokens.panel if step == len(_SHADES) - 1 else tokens.ink
        figure = percent_figure(hour.lost_ratio, 0)
        figure = "<1" if hour.lost_ratio and figure == "0" else figure
        paint.text(painter, cell, figure, 14, ink, bold=True, align=paint.CENTER)

    def _draw_legend(self, painter: QPainter, rect: QRectF, most: float, tokens: Tokens) -> None:
        """Shades from nothing to most, then what is no figure."""
        x = rect.left() + _DAY_PX
        x += paint.text(painter, QRectF(x, rect.top(), 60, rect.height()), percent(0.0, 0), 14, tokens.ink2) + 8
        for step in range(len(_SHADES)):
            paint.box(painter, QRectF(x, rect.top() + 3, 26, 16), _shade(step, tokens), tokens.line)
            x += 28
        x += 6
        x += paint.text(painter, QRectF(x, rect.top(), 60, rect.height()), percent(most, 0), 14, tokens.ink2) + 28
        paint.hatch(painter, QRectF(x, rect.top() + 3, 26, 16), tokens, 2, 6)
        x += 34
        room = QRectF(x, rect.top(), rect.right() - x, rect.height())
        x += paint.text(painter, room, _("No data"), 14, tokens.ink2) + 28
        room = QRectF(x, rect.top(), rect.right() - x, rect.height())
        paint.text(painter, room, _("blank: nothing scheduled"), 14, tokens.ink2, least_px=14)


def _step(ratio: float, most: float) -> int:
    """Which shade a part gets: nothing has none, the rest is shared out evenly up to the most."""
    return 0 if not ratio or not most else min(1 + int(ratio / most * (len(_SHADES) - 1)), len(_SHADES) - 1)


def _shade(step: int, tokens: Tokens) -> str:
    """The ground with a part of the value colour over it."""
    ground, value = QColor(tokens.panel), QColor(tokens.value)
    part = _SHADES[step]
    mixed = (round(a + (b - a) * part) for a, b in zip(ground.getRgb()[:3], value.getRgb()[:3], strict=True))  # type: ignore[index]
    return QColor(*mixed).name()
