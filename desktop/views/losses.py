"""Losses over time: the OEE of many shifts one by one, what their time was lost to, and at which hours of the week."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QRect, Signal
from PySide6.QtWidgets import QWidget

from desktop import summaries
from desktop.domain.figures.losses import LossFilter, LossPeriod
from desktop.reports.blocks import Cell, Column, Field, KeyValues, Kind, Section, Table
from desktop.reports.cells import local
from desktop.text import N_, _
from desktop.views.background import Question
from desktop.views.screen import GAP, MARGIN, NARROW_PX, TOP, Screen
from desktop.views.widgets.choice import HEIGHT_PX, ChoiceField
from desktop.views.widgets.option import OPTION_PX, Choice, Option
from desktop.views.widgets.painted import tell
from desktop.views.widgets.pareto_card import MEASURES, ParetoCard, losses_of, pareto_face, whole_of
from desktop.views.widgets.table_panel import TablePanel
from desktop.views.widgets.trend_card import FACTORS, TrendCard, ratios_of, trend_face
from desktop.views.widgets.week_card import HOURS, WeekCard, week_face
from desktop.wording.kpis import rules_words
from desktop.wording.moments import NO_SHIFTS, day_words, shift_words, weekday_words

PERIODS = (
    ("current", N_("Shift that runs")), ("last", N_("Last shift")), ("7", N_("Last 7 days")),
    ("30", N_("Last 30 days")), ("90", N_("Last 90 days")), ("365", N_("Last year")),
)  # fmt: skip
VIEWS = (("week", N_("Map of the week")), ("hours", N_("Hours of the week")), ("shifts", N_("Shifts")))
CARD_PX, LEAST_CARD_PX, LOWER_PX = 372, 300, 400
_FIELD_PX = 250


def known_words(period: LossPeriod) -> str:
    """How many of the shifts of the period are known."""
    return _("{known} of {count} shifts").format(known=f"{period.known:,}", count=f"{len(period.shifts):,}")


def basis_words(period: LossPeriod, *, every: bool) -> str:
    """Of which machines figures speak. Of a line OEE and losses are those of its constraint, reasons and hours of the
    week those of all machines together (`every`); "" where that is not known."""
    if period.asked.machine is not None:
        return next((f"{name} {code}" for number, name, code in period.machines if number == period.asked.machine), "")
    if every:
        return _("{count} machines together").format(count=len(period.machines))
    return _("{machine} (constraint)").format(machine=", ".join(period.judges)) if period.judges else ""


def joined(*words: str) -> str:
    """The parts of a note that there are."""
    return " · ".join(word for word in words if word)


def note_words(period: LossPeriod) -> str:
    """Of which machine, how many shifts are known, and that the last of them runs."""
    running = period.shifts and not period.shifts[-1].over
    return joined(
        basis_words(period, every=False), known_words(period), _("the last one is running") if running else ""
    )


def empty_words(period: LossPeriod) -> str:
    """Why there is nothing to show, and when there will be; "" where there is something."""
    if period.known:
        return ""
    if not period.head.has_shifts:
        return _(NO_SHIFTS)
    if period.shifts:
        return _("The shifts of this time are being added up. They appear one by one.")
    if period.asked.period == "current":
        return _("No shift is running now. The next one appears here when it begins.")
    return _("No shift of this time is known. Each shift appears here as soon as it begins.")


def shifts_table(period: LossPeriod) -> Table:
    """The shifts, newest first."""
    columns = (
        Column(_("Date")), Column(_("Shift")),
        *(Column(_(name), Kind.RATIO, strong=key == "oee") for key, name in FACTORS),
        Column(_("Good"), Kind.PIECES), Column(_("Target"), Kind.PIECES), Column(_("Rules")),
    )  # fmt: skip
    lines: list[tuple[Cell, ...]] = []
    for row in reversed(period.shifts):
        name = shift_words(row.shift) if row.over else f"{shift_words(row.shift)} ({_('running')})"
        on = row.shift.business_on.isoformat()
        lines.append((on, name, *ratios_of(row), row.good, row.target, rules_words(row.rules)))
    return Table(columns, tuple(lines))


def losses_table(period: LossPeriod, by_reason: bool, measure: str) -> Table:
    """The losses or reasons with minutes, stops, pieces and the share of all of them by the measure."""
    columns = (
        Column(_("Reason") if by_reason else _("Loss"), strong=True), Column(_("Time"), Kind.MINUTES),
        Column(_("Count"), Kind.PIECES), Column(_("pcs"), Kind.PIECES), Column(_("Share"), Kind.RATIO),
    )  # fmt: skip
    losses = losses_of(period, by_reason, measure)
    whole = whole_of(losses, measure)
    lines: list[tuple[Cell, ...]] = []
    for loss in losses:
        size = None if loss.kind == "no_data" else loss.size(measure)
        share = size / whole if size is not None and whole else None
        lines.append((loss.name, loss.length_ms, loss.count, loss.pieces, share))
    return Table(columns, tuple(lines))


def hours_table(period: LossPeriod) -> Table:
    """The hours of the week in which something was scheduled."""
    columns = (
        Column(_("Weekday")), Column(_("Hour")), Column(_("Downtime"), Kind.RATIO, strong=True),
        Column(_("Downtime"), Kind.MINUTES), Column(_("Busy time"), Kind.MINUTES),
        Column(_("No data"), Kind.MINUTES),
    )  # fmt: skip
    return Table(columns, tuple(
        (weekday_words(n // HOURS), f"{n % HOURS:02d}:00", hour.lost_ratio, hour.lost_ms, hour.busy_ms, hour.no_data_ms)
        for n, hour in enumerate(period.hours) if hour.busy_ms
    ))  # fmt: skip


class Losses(Screen):
    """Filters above. At the left the time: trend, and below it the week or a table of what both show; at the right the
    losses: Pareto and table."""

    table_wanted = Signal(object, str, str, str)  # Section, "csv" or "xlsx", time zone, name of the file

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("losses-over-time", parent)
        tell(self, _("Losses over time"))
        self._period: LossPeriod | None = None
        self._wanted: dict[str, str] = {}
        self.machine = self._field("machine", _("Machine or line"), ((_("Line"), None),))
        self.period = self._field("period", _("Period"), tuple((_(words), key) for key, words in PERIODS))
        self.period.choose("30")
        self.name = self._field("shift", _("Shift"), ((_("All shifts"), ""),))
        self.grouping = self._field("grouping", _("Losses by"), ((_("Loss"), "loss"), (_("Reason"), "reason")))
        self.measure = self._field("measure", _("Measure"), tuple((_(words), k) for k, (words, _u) in MEASURES.items()))
        self.filters = (self.machine, self.period, self.name, self.grouping, self.measure)
        self.trend = TrendCard("trend", _("OEE by shift"), self.page)
        self.pareto = ParetoCard("pareto", _("Biggest losses"), self.page)
        self.week = WeekCard("week", _("Downtime by hour of the week"), self.page)
        self.losses = TablePanel("loss-rows", _("Losses"), self.page)
        self.shifts = TablePanel("loss-shifts", _("Shifts"), self.page)
        self.hours = TablePanel("loss-hours", _("Hours of the week"), self.page)
        self.views = {key: Option(f"view-{key}", key, self.page) for key, _words in VIEWS}
        for option in self.views.values():
            option.clicked.connect(self._view_pressed)
        self.view = ""
        self._show_view("week")
        for panel in (self.losses, self.shifts, self.hours):
            panel.file_wanted.connect(self._file_wanted)
        self.shifts.row_wanted.connect(self._shift_wanted)
        for field in (self.machine, self.period, self.name):
            field.currentIndexChanged.connect(self.question_changed)
        for field in (self.grouping, self.measure):
            field.currentIndexChanged.connect(self._show_losses)

    def _field(self, name: str, caption: str, items: tuple[tuple[str, object], ...]) -> ChoiceField:
        field = ChoiceField(f"filter-{name}", caption, self.page)
        field.offer(items)
        return field

    def title(self) -> str:
        """The whole name; the rail has room for its first word."""
        return _("Losses over time")

    # -- what is asked --

    def choices(self) -> dict[str, str]:
        """What is chosen, to be remembered."""
        held = {field.objectName(): str(field.currentData() or "") for field in self.filters if not self._waits(field)}
        return self._wanted | held | {"view": self.view}

    def restore(self, choices: Mapping[str, str]) -> None:
        """Choose what was chosen before. Machines and shifts that are not known yet are chosen as soon as they are."""
        self._show_view(choices.get("view", ""))
        for field in self.filters:
            value = choices.get(field.objectName(), "")
            if field in (self.machine, self.name) and value:
                self._wanted[field.objectName()] = value
            elif not field.choose(value) and field is self.period and "/" in value:
                self._choose_shift(value, value.replace("/", " "))

    def _waits(self, field: ChoiceField) -> bool:
        return field.objectName() in self._wanted

    def _asked(self) -> LossFilter:
        machine = self._wanted.get(self.machine.objectName(), self.machine.currentData())
        name = self._wanted.get(self.name.objectName(), self.name.currentData())
        return LossFilter(None if machine is None else int(machine), str(self.period.currentData()), str(name or ""))

    def question(self) -> Question:
        """The shifts of the period, of the line or a machine."""
        asked, live = self._asked(), self.live

        def ask(store: Any, now_ms: int) -> LossPeriod:
            return summaries.loss_period(store, now_ms, asked, live)

        return ask

    def subject(self) -> object:
        """The shifts of the period."""
        return self._asked()

    def _shift_wanted(self, row: int) -> None:
        """One shift alone: a row of the table of shifts."""
        if self._period is not None:
            shift = self._period.shifts[len(self._period.shifts) - 1 - row].shift
            key = f"{shift.business_on.isoformat()}/{shift.name}"
            self._choose_shift(key, f"{day_words(shift.business_on)} · {shift_words(shift)}")

    def _choose_shift(self, key: str, words: str) -> None:
        self.period.offer((*((_(name), known) for known, name in PERIODS), (words, key)))
        self.period.choose(key)

    # -- what is shown --

    def present(self, answer: object, stale_since_ms: int | None) -> None:
        """Show the period."""
        if not isinstance(answer, LossPeriod):
            raise TypeError(f"the losses screen shows a LossPeriod, not {type(answer).__name__}")
        self._period = answer
        self._offer(self.machine, ((_("Line"), None), *((name, number) for number, name, _code in answer.machines)))
        names = dict.fromkeys((*answer.shift_names, *filter(None, (answer.asked.shift_name,))))
        self._offer(self.name, ((_("All shifts"), ""), *((name, name) for name in names)))
        note, empty, zone = note_words(answer), empty_words(answer), answer.head.timezone
        self.trend.show_trend(trend_face(answer, note, empty))
        every = basis_words(answer, every=True)
        self.week.show_week(week_face(answer, every, empty))
        shifts = shifts_table(answer)
        own = basis_words(answer, every=False)
        self.shifts.show_table(joined(_rows(len(shifts.rows), answer.begun), own), shifts, zone)
        hours = hours_table(answer)
        self.hours.show_table(joined(_rows(len(hours.rows), len(answer.hours)), every), hours, zone)
        self._show_losses()

    def _offer(self, field: ChoiceField, items: tuple[tuple[str, object], ...]) -> None:
        """Offer what the answer knows, and choose there what was chosen before the start."""
        field.offer(items)
        wanted = self._wanted.pop(field.objectName(), None)
        place = next((n for n, (_words, value) in enumerate(items) if wanted and str(value) == wanted), None)
        if place is not None:
            field.blockSignals(True)  # it was asked for already
            field.setCurrentIndex(place)
            field.blockSignals(False)
            field.update()

    def _show_losses(self) -> None:
        if self._period is None:
            return
        by_reason, measure = self.grouping.currentData() == "reason", str(self.measure.currentData())
        basis = basis_words(self._period, every=by_reason)
        note = joined(basis, known_words(self._period))
        self.pareto.show_losses(pareto_face(self._period, by_reason, measure, note, empty_words(self._period)))
        table = losses_table(self._period, by_reason, measure)
        if not self._period.known:
            table = Table(table.columns, ())
        count = len(table.rows)
        note = joined(_rows(count, count), basis, known_words(self._period))
        self.losses.show_table(note, table, self._period.head.timezone)

    def _view_pressed(self) -> None:
        option = self.sender()
        if isinstance(option, Option):
            self._show_view(option.value)

    def _show_view(self, chosen: str) -> None:
        """Show the map of the week, its table or that of the shifts."""
        if chosen not in self.views or chosen == self.view:
            return
        self.view = chosen
        for key, words in VIEWS:
            self.views[key].show_choice(Choice(key, _(words)), _("View"), key == chosen)
        for key, widget in zip(self.views, (self.week, self.hours, self.shifts), strict=True):
            widget.setVisible(key == chosen)

    def _file_wanted(self, section: object, ending: str) -> None:
        """Write a table with what it is of before it, under a name that says so."""
        period, panel = self._period, self.sender()
        if period is None or not isinstance(section, Section):
            return
        by_reason, measure = self.grouping.currentData() == "reason", str(self.measure.currentData())
        every = panel is self.hours or (panel is self.losses and by_reason)
        own = (self.grouping, self.measure) if panel is self.losses else ()
        facts = KeyValues((
            Field(_("Line"), period.head.line),
            Field(_("Figures of"), basis_words(period, every=every)),
            Field(_("Period"), joined(self.period.currentText(), _dates(period))),
            Field(_("Shift"), self.name.currentText()),
            *(Field(field.accessibleName(), field.currentText()) for field in own),
            Field(_("Shifts known"), known_words(period)),
            Field(_("Rules"), " · ".join(dict.fromkeys(rules_words(row.rules) for row in period.shifts))),
            Field(_("Made at"), period.now_ms, Kind.MOMENT),
        ))  # fmt: skip
        what = _("by hour of the week") if panel is self.hours else _("by shift")
        if panel is self.losses:
            what = _("by reason") if by_reason else _("by loss")
        machine = next((code for number, _name, code in period.machines if number == period.asked.machine), "")
        name = " ".join(part.replace(" ", "-") for part in (
            f"{local(period.now_ms, period.head.timezone):%Y-%m-%d}", _("losses"), machine or period.head.line,
            what, measure if panel is self.losses and measure != "minutes" else "",
            period.asked.shift_name,
        ) if part)  # fmt: skip
        heading, *rest = section.blocks
        whole = Section(section.key, (heading, facts, *rest))
        self.table_wanted.emit(whole, ending, period.head.timezone, name)

    def arrange(self, width: int, height: int) -> int:
        """Two columns under the filters, in one view where the window is high enough; where it is narrow the lower
        parts take the whole width each."""
        room, count = width - 2 * MARGIN, len(self.filters)
        wide = min((room - 12 * (count - 1)) // count, _FIELD_PX)
        for n, field in enumerate(self.filters):
            field.setGeometry(MARGIN + n * (wide + 12), TOP, wide, HEIGHT_PX)
        narrow = width < NARROW_PX
        left_px = (room - GAP) * (50 if narrow else 58) // 100
        y = TOP + HEIGHT_PX + GAP
        rest = height - TOP - GAP - y
        upper_px = CARD_PX if narrow else max(min(rest * 44 // 100, rest - LOWER_PX, CARD_PX), LEAST_CARD_PX)
        right = QRect(MARGIN + left_px + GAP, y, room - left_px - GAP, upper_px)
        self.trend.setGeometry(MARGIN, y, left_px, upper_px)
        self.pareto.setGeometry(right)
        y += upper_px + GAP
        lower_px = LOWER_PX if narrow else max(rest - upper_px, LOWER_PX)
        left = QRect(MARGIN, y, room if narrow else left_px, lower_px)
        self._arrange_views(left)
        if narrow:
            y += lower_px + GAP
        self.losses.setGeometry(MARGIN if narrow else right.x(), y, room if narrow else right.width(), lower_px)
        return y + lower_px + TOP

    def _arrange_views(self, area: QRect) -> None:
        """The choice of a view over the view."""
        x = area.x()
        for option in self.views.values():
            option.setGeometry(x, area.y(), option.sizeHint().width(), OPTION_PX)
            x += option.width() + 12
        for widget in (self.week, self.hours, self.shifts):
            widget.setGeometry(area.adjusted(0, OPTION_PX + 12, 0, 0))


def _dates(period: LossPeriod) -> str:
    """From which business date to which the shifts reach; "" without any."""
    dates = [row.shift.business_on.isoformat() for row in period.shifts]
    return " – ".join(dict.fromkeys((min(dates), max(dates)))) if dates else ""


def _rows(shown: int, count: int) -> str:
    """How many rows of how many."""
    return _("{shown} of {count} rows").format(shown=f"{shown:,}", count=f"{count:,}")
