"""Losses over time: the OEE of many shifts one by one, and what their time was lost to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QRectF, QSignalBlocker, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QComboBox, QWidget

from desktop import paint, summaries
from desktop.domain.figures import LossPeriod, LossStep, ShiftFigures
from desktop.domain.spans import Span
from desktop.reports.blocks import Cell, Column, Kind, Table
from desktop.text import N_, _
from desktop.tokens import Tokens
from desktop.views.background import Question
from desktop.views.screen import GAP, MARGIN, TOP, Screen
from desktop.views.widgets.painted import Painted, card, card_head, tell
from desktop.views.widgets.table_panel import TablePanel
from desktop.wording import day_words, loss_words, minutes_tenths, percent, percent_figure, pieces, shift_words

DAYS = (7, 30, 90)
DAY_MS = 86_400_000
FILTERS_PX = 48
HEAD_PX = 52
CHART_PX = 396
ROW_PX = 46
FACTORS = (
    ("oee", N_("OEE")), ("availability", N_("Availability")), ("performance", N_("Performance")),
    ("quality", N_("Quality")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """One shift on the trend: its ratios in the order of FACTORS, None where it is not known or runs still."""

    span: Span
    day: str
    ratios: tuple[float | None, ...]
    rules: str  # the name of the rule set that begins with this shift, "" where it is that of the shift before


@dataclass(frozen=True, slots=True)
class TrendFace:
    """The shifts of the period, and all of them together."""

    note: str
    steps: tuple[Step, ...]
    whole: tuple[str, ...]
    empty: str


def trend_face(period: LossPeriod) -> TrendFace:
    """OEE, availability, performance and quality of every shift; a mark where another rule set begins."""
    steps = []
    before = ""
    for row in period.shifts:
        ratios = tuple(getattr(row.kpis, key) if row.kpis else None for key, _name in FACTORS)
        changed = row.rules if before and row.rules != before else ""
        steps.append(Step(row.shift.span, day_words(row.shift.business_on), ratios, changed))
        before = row.rules
    whole = tuple(percent(getattr(period.whole, key) if period.whole else None) for key, _name in FACTORS)
    empty = "" if period.whole else _("No shift of this time is added up yet.")
    return TrendFace(known_words(period), tuple(steps), whole, empty)


def known_words(period: LossPeriod) -> str:
    """How many of the shifts of the period are known."""
    known = sum(row.kpis is not None for row in period.shifts)
    return _("{known} of {count} shifts").format(known=known, count=len(period.shifts))


class TrendCard(Painted):
    """Four strips over one time axis: OEE high, its three factors low. A shift is a line from its start to its end;
    between what is known nothing is joined."""

    def show_trend(self, shown: TrendFace) -> None:
        """Show the shifts."""
        if self.set_face(shown):
            names = ", ".join(f"{_(name)} {figure}" for (_k, name), figure in zip(FACTORS, shown.whole, strict=True))
            marks = [f"{step.day}: {step.rules}" for step in shown.steps if step.rules]
            tell(self, _("OEE by shift"), "; ".join((shown.empty or f"{shown.note}, {names}", *marks)))

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Head and strips."""
        card(painter, rect, tokens)
        shown = self._face
        if not isinstance(shown, TrendFace):
            _draw_waiting(painter, rect, tokens)
            return
        head = QRectF(rect.left(), rect.top(), rect.width(), HEAD_PX)
        card_head(painter, head, tokens, _("OEE by shift"), shown.note)
        if shown.empty:
            _draw_words(painter, rect, shown.empty, tokens)
            return
        left, right = rect.left() + 170, rect.right() - 24
        top, bottom = rect.top() + HEAD_PX + 24, rect.bottom() - 34
        begin, end = shown.steps[0].span.start_ms, shown.steps[-1].span.end_ms
        scale = (right - left) / max(end - begin, 1)
        high = bottom - top - 54
        y = top
        for index, (_key, name) in enumerate(FACTORS):
            strip = QRectF(left, y, right - left, high * (0.46 if index == 0 else 0.18))
            self._draw_strip(painter, strip, shown, index, (_(name), begin, scale), tokens)
            y = strip.bottom() + 18
        self._draw_axis(painter, QRectF(left, bottom, right - left, 30), shown, begin, scale, tokens)
        self._draw_marks(painter, QRectF(left, top, right - left, bottom - top), shown, begin, scale, tokens)

    def _draw_strip(
        self, painter: QPainter, strip: QRectF, shown: TrendFace, index: int, of: tuple[str, int, float], tokens: Tokens
    ) -> None:
        name, begin, scale = of
        known = [step.ratios[index] for step in shown.steps]
        ratios = [ratio for ratio in known if ratio is not None]
        low = max(min([0.9, *ratios]) * 10 // 1 / 10 - 0.1, 0.0)
        top = max([1.0, *ratios])
        words = QRectF(strip.left() - 150, strip.top() - 2, 100, 22)
        paint.text(painter, words, name, 15, tokens.ink2, least_px=14)
        paint.text(painter, words.translated(0, 21), shown.whole[index], 17, tokens.ink, bold=True, least_px=14)
        for edge, y in ((top, strip.top()), (low, strip.bottom())):
            paint.line(painter, strip.left(), y, strip.right(), y, tokens.line)
            label = QRectF(strip.left() - 50, y - 10, 42, 20)
            paint.text(painter, label, percent_figure(edge, 0), 14, tokens.ink3, align=paint.RIGHT, least_px=14)
        for step, ratio in zip(shown.steps, known, strict=True):
            x = strip.left() + (step.span.start_ms - begin) * scale
            wide = max(step.span.length_ms * scale - 1, 2.0)
            if ratio is None:
                paint.hatch(painter, QRectF(x, strip.top() + 1, wide, strip.height() - 1), tokens, 1, 5)
            else:
                y = strip.bottom() - (ratio - low) / (top - low) * strip.height()
                ink = tokens.value if index == 0 else tokens.ink2
                paint.line(painter, x, y, x + wide, y, ink, 4 if index == 0 else 2)

    def _draw_axis(
        self, painter: QPainter, rect: QRectF, shown: TrendFace, begin: int, scale: float, tokens: Tokens
    ) -> None:
        free = rect.left() - 8
        for before, step in zip((None, *shown.steps), shown.steps, strict=False):
            wide = paint.width(step.day, 14)
            x = rect.left() + (step.span.start_ms - begin) * scale
            if (before is None or before.day != step.day) and x > free + 12 and x + wide <= rect.right() + 16:
                paint.line(painter, x, rect.top() - 4, x, rect.top() + 2, tokens.line_strong)
                paint.text(painter, QRectF(x, rect.top() + 4, wide + 2, 20), step.day, 14, tokens.ink2)
                free = x + wide

    def _draw_marks(
        self, painter: QPainter, rect: QRectF, shown: TrendFace, begin: int, scale: float, tokens: Tokens
    ) -> None:
        """Where other rules begin figures before and after are not of one kind."""
        free = rect.left()
        for step in shown.steps:
            if step.rules:
                x = rect.left() + (step.span.start_ms - begin) * scale
                paint.line(painter, x, rect.top() - 20, x, rect.bottom(), tokens.ink, 2, 5)
                words = _("Rules: {rules}").format(rules=step.rules)
                wide = paint.width(words, 14)
                left = min(x + 6, rect.right() - wide)
                if left >= free:
                    paint.text(painter, QRectF(left, rect.top() - 24, wide + 2, 20), words, 14, tokens.ink)
                    free = left + wide + 8


@dataclass(frozen=True, slots=True)
class Bar:
    """One loss: its length of the longest, and its figures as words."""

    kind: str
    name: str
    share: float
    figure: str
    running: str


@dataclass(frozen=True, slots=True)
class ParetoFace:
    """The losses, biggest first; what nobody observed is last."""

    note: str
    unit: str
    bars: tuple[Bar, ...]
    empty: str


def pareto_face(period: LossPeriod, by_pieces: bool) -> ParetoFace:
    """The losses of a period by minutes or by pieces."""
    names = loss_words()
    steps = [step for step in period.losses if not by_pieces or step.pieces is not None]
    sizes = [_size(step, by_pieces) for step in steps]
    whole, longest = sum(sizes), max([*sizes, 1e-9])
    bars, running = [], 0.0
    for step, size in zip(steps, sizes, strict=True):
        running += size
        figure = pieces(round(size)) if by_pieces else minutes_tenths(size)
        bars.append(Bar(step.kind, names[step.kind], size / longest, figure, percent_figure(running / whole, 0)))
    empty = ""
    if not bars:
        empty = _("No shift of this time is added up yet.") if period.whole is None else _("Nothing was lost.")
        if period.losses:
            empty = _("Without a standard losses have no pieces.")
    return ParetoFace(known_words(period), _("pcs") if by_pieces else _("min"), tuple(bars), empty)


def _size(step: LossStep, by_pieces: bool) -> float:
    return (step.pieces or 0.0) if by_pieces else float(step.length_ms)


class ParetoCard(Painted):
    """The losses as bars with their figures and the running share."""

    def show_losses(self, shown: ParetoFace) -> None:
        """Show the losses."""
        if self.set_face(shown):
            words = ", ".join(f"{bar.name} {bar.figure} {shown.unit}" for bar in shown.bars)
            tell(self, _("Biggest losses"), shown.empty or f"{shown.note}: {words}")

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Head and bars."""
        card(painter, rect, tokens)
        shown = self._face
        if not isinstance(shown, ParetoFace):
            _draw_waiting(painter, rect, tokens)
            return
        head = QRectF(rect.left(), rect.top(), rect.width(), HEAD_PX)
        card_head(painter, head, tokens, _("Biggest losses"), shown.note)
        if shown.empty:
            _draw_words(painter, rect, shown.empty, tokens)
            return
        inner = rect.adjusted(20, HEAD_PX, -20, -12)
        name_px, figure_px = inner.width() * 0.26, 86.0
        bar_px = inner.width() - name_px - 2 * figure_px - 8
        for n, words in enumerate((shown.unit, _("Total %"))):
            cell = QRectF(inner.right() - (2 - n) * figure_px, inner.top(), figure_px, 22)
            paint.text(painter, cell, words, 14, tokens.ink3, align=paint.RIGHT, least_px=14)
        row_px = min((inner.height() - 24) / len(shown.bars), ROW_PX)
        for n, bar in enumerate(shown.bars):
            row = QRectF(inner.left(), inner.top() + 24 + n * row_px, inner.width(), row_px)
            name = QRectF(row.left(), row.top(), name_px - 10, row_px)
            paint.text(painter, name, bar.name, 17, tokens.ink, bold=n == 0, least_px=14)
            block = QRectF(row.left() + name_px, row.top() + row_px * 0.2, max(bar_px * bar.share, 2), row_px * 0.6)
            if bar.kind == "no_data":
                paint.hatch(painter, block, tokens)
            else:
                paint.box(painter, block, tokens.value if n == 0 else tokens.run)
            cell = QRectF(row.right() - 2 * figure_px, row.top(), figure_px, row_px)
            paint.text(painter, cell, bar.figure, 17, tokens.ink, bold=True, align=paint.RIGHT, least_px=14)
            cell = cell.translated(figure_px, 0)
            paint.text(painter, cell, bar.running, 17, tokens.ink2, align=paint.RIGHT, least_px=14)


def _draw_words(painter: QPainter, rect: QRectF, words: str, tokens: Tokens) -> None:
    room = QRectF(rect.left() + 24, rect.top() + HEAD_PX + 40, rect.width() - 48, 30)
    paint.text(painter, room, words, 18, tokens.ink, bold=True, align=paint.CENTER, least_px=14)


def _draw_waiting(painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
    """Grey bars in place until the first answer."""
    for n in range(4):
        bar = QRectF(rect.left() + 24, rect.top() + 64 + n * 40, rect.width() * (0.7 - 0.12 * n), 20)
        paint.box(painter, bar, tokens.track)


def shifts_table(rows: tuple[ShiftFigures, ...]) -> Table:
    """The shifts, newest first."""
    columns = (
        Column(_("Date")), Column(_("Shift")), *(Column(_(name), Kind.RATIO) for _key, name in FACTORS),
        Column(_("Good"), Kind.PIECES), Column(_("Target"), Kind.PIECES),
    )  # fmt: skip
    lines: list[tuple[Cell, ...]] = []
    for row in reversed(rows):
        ratios = (getattr(row.kpis, key) if row.kpis else None for key, _name in FACTORS)
        on = row.shift.business_on.isoformat()
        lines.append((on, shift_words(row.shift), *ratios, row.good, row.target))
    return Table(columns, tuple(lines))


def losses_table(period: LossPeriod) -> Table:
    """The losses with minutes, pieces and the share of all of them."""
    columns = (
        Column(_("Loss")), Column(_("min"), Kind.MINUTES), Column(_("pcs"), Kind.PIECES),
        Column(_("Share"), Kind.RATIO),
    )  # fmt: skip
    names, whole = loss_words(), sum(step.length_ms for step in period.losses)
    return Table(
        columns, tuple((names[s.kind], s.length_ms, s.pieces, s.length_ms / whole if whole else None)
                       for s in period.losses)
    )  # fmt: skip


class Losses(Screen):
    """Filters above, trend and losses side by side, each with its table below it."""

    table_wanted = Signal(object, str, str)  # Section, "csv" or "xlsx", time zone

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("losses-over-time", parent)
        tell(self, _("Losses over time"))
        self._period: LossPeriod | None = None
        self.machine = self._filter("filter-machine", _("Machine or line"))
        self.machine.addItem(_("Line"), None)
        self.days = self._filter("filter-days", _("Period"))
        for days in DAYS:
            self.days.addItem(_("Last {count} days").format(count=days), days)
        self.days.setCurrentIndex(1)
        self.name = self._filter("filter-shift", _("Shift"))
        self.name.addItem(_("All shifts"), "")
        self.measure = self._filter("filter-measure", _("Measure"))
        self.measure.addItem(_("By minutes"), False)
        self.measure.addItem(_("By pieces"), True)
        self.filters = (self.machine, self.days, self.name, self.measure)
        self.trend = TrendCard("trend", self.page)
        self.pareto = ParetoCard("pareto", self.page)
        self.shifts = TablePanel("loss-shifts", self.page)
        self.losses = TablePanel("loss-rows", self.page)
        for widget, name in (
            (self.trend, _("OEE by shift")), (self.pareto, _("Biggest losses")),
            (self.shifts, _("Shifts")), (self.losses, _("Biggest losses")),
        ):  # fmt: skip
            tell(widget, name, _("Being read"))
        for panel in (self.shifts, self.losses):
            tell(panel.view, panel.accessibleName(), "")
            panel.file_wanted.connect(self._file_wanted)
        for box in (self.machine, self.days, self.name):
            box.currentIndexChanged.connect(self.question_changed)
        self.measure.currentIndexChanged.connect(self._measured)

    def _filter(self, name: str, words: str) -> QComboBox:
        box = QComboBox(self.page)
        box.setObjectName(name)
        box.setFont(paint.font(17))
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        tell(box, words)
        return box

    def title(self) -> str:
        """The whole name; the rail has room for its first word."""
        return _("Losses over time")

    def question(self) -> Question:
        """The shifts of the period, of the line or a machine."""
        machine, name = self.machine.currentData(), str(self.name.currentData() or "")
        days = int(self.days.currentData())

        def ask(store: Any, now_ms: int) -> LossPeriod:
            window = Span(now_ms - days * DAY_MS, now_ms + 1)
            return summaries.loss_period(store, window, now_ms, machine, name)

        return ask

    def present(self, answer: object, stale_since_ms: int | None) -> None:
        """Show the period."""
        if not isinstance(answer, LossPeriod):
            raise TypeError(f"the losses screen shows a LossPeriod, not {type(answer).__name__}")
        self._period = answer
        _offer(self.machine, ((_("Line"), None), *((name, number) for number, name in answer.machines)))
        _offer(self.name, ((_("All shifts"), ""), *((name, name) for name in answer.shift_names)))
        self._measured()
        zone, note = answer.head.timezone, known_words(answer)
        count = len(answer.shifts)
        rows = _("{shown} of {count} rows").format(shown=count, count=count)
        self.trend.show_trend(trend_face(answer))
        self.shifts.show_table(_("Shifts"), rows, shifts_table(answer.shifts), zone)
        self.losses.show_table(_("Losses"), note, losses_table(answer), zone)

    def _measured(self) -> None:
        if self._period is not None:
            self.pareto.show_losses(pareto_face(self._period, bool(self.measure.currentData())))

    def _file_wanted(self, section: object, ending: str) -> None:
        if self._period is not None:
            self.table_wanted.emit(section, ending, self._period.head.timezone)

    def arrange(self, width: int, height: int) -> int:
        """Two columns under the filters."""
        x = MARGIN
        for box in self.filters:
            wide = max(box.sizeHint().width() + 24, 170)
            box.setMinimumSize(wide, FILTERS_PX)
            box.setGeometry(x, TOP, wide, FILTERS_PX)
            x += wide + 12
        top = TOP + FILTERS_PX + GAP
        left_px = (width - 2 * MARGIN - GAP) * 58 // 100
        right_x = MARGIN + left_px + GAP
        right_px = width - MARGIN - right_x
        self.trend.setGeometry(MARGIN, top, left_px, CHART_PX)
        self.pareto.setGeometry(right_x, top, right_px, CHART_PX)
        below = top + CHART_PX + GAP
        rest = max(height - below - TOP, 300)
        self.shifts.setGeometry(MARGIN, below, left_px, rest)
        self.losses.setGeometry(right_x, below, right_px, rest)
        return below + rest + TOP


def _offer(box: QComboBox, items: tuple[tuple[str, object], ...]) -> None:
    """Offer these choices and keep the one that is chosen, without asking anew."""
    if [(box.itemText(n), box.itemData(n)) for n in range(box.count())] == list(items):
        return
    with QSignalBlocker(box):
        chosen = box.currentData()
        box.clear()
        for words, value in items:
            box.addItem(words, value)
        box.setCurrentIndex(next((n for n, (_words, value) in enumerate(items) if value == chosen), 0))
