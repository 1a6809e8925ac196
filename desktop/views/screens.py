"""Which screens there are, and the stack of those that were opened.

What a screen needs is imported when it is first opened: the machines are painted before anybody asks for a report.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, cast

from msgspec import Struct
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QStackedWidget

from desktop import summaries
from desktop.text import N_, _
from desktop.views.overview import Overview
from desktop.views.screen import Screen

if TYPE_CHECKING:
    from desktop.views.machine import MachinePage
    from desktop.views.report import ReportPage
    from desktop.views.stops import Stops
    from desktop.views.widgets.manual import Manual
    from desktop.views.window import Window
    from desktop.views.work_page import WorkPage


def _let_tell(page: Stops | WorkPage | ReportPage, window: Window, refused: Callable[..., None]) -> None:
    """What is said on a page is entered and taken back, and the page hears what came of it."""
    page.told.connect(window.entering.tell)
    page.taken_back.connect(window.entering.untell)
    window.entering.entered.connect(page.was_entered)
    window.entering.refused.connect(refused)


def _overview(window: Window) -> Screen:
    page = Overview()
    page.unacknowledged.connect(window.alarms.unacknowledge)
    page.reason_wanted.connect(window.ask_reason)
    return page


def _machine(window: Window) -> Screen:
    from desktop.views.deeds import take_up
    from desktop.views.machine import MachinePage

    page, entering = MachinePage(), window.entering
    page.deed_wanted.connect(partial(take_up, window))
    page.before_wanted.connect(window.open_before)
    page.told.connect(entering.tell)
    entering.entered.connect(page.was_entered)
    entering.refused.connect(page.was_entered)
    return page


def _stops(window: Window) -> Screen:
    from desktop.views.stops import Stops

    page = Stops()
    page.sheet_wanted.connect(lambda machine: window.paperwork.make_sheet(machine))
    page.place_wanted.connect(window.open_stop)
    page.before_wanted.connect(window.open_before)
    window.entering.words_of = page.words_of
    _let_tell(page, window, page.was_refused)
    page.ask_after_wanted.connect(window.asking.want)
    return page


def _work(window: Window) -> Screen:
    from desktop.views.deeds import take_up
    from desktop.views.work import Work

    page, tables = Work(), window.plan_tables
    _let_tell(page, window, page.was_entered)
    page.look_wanted.connect(tables.look)
    page.apply_wanted.connect(tables.apply)
    page.list_wanted.connect(window.save_list)
    page.deed_wanted.connect(partial(take_up, window))
    tables.previewed.connect(page.show_preview)
    tables.applied.connect(page.plan_applied)
    return page


def _crew(window: Window) -> Screen:
    from desktop.views.crew import Crew

    page = Crew()
    _let_tell(page, window, page.was_entered)
    return page


def _checks(window: Window) -> Screen:
    from desktop.views.checks import Checks

    page = Checks()
    page.waiting_changed.connect(partial(window.rail.show_badge, "work"))
    page.measure_wanted.connect(window.open_characteristic)
    _let_tell(page, window, page.was_entered)
    return page


def _labels(window: Window) -> Screen:
    from desktop.views.labels import Labels

    page = Labels()
    window.set_up_labels(page)
    return page


def _measure(window: Window) -> Screen:
    from desktop.views.measuring import Measuring

    page = Measuring(partial(window.staffing.check, approves=False), lambda: window.person)
    page.unit_wanted.connect(window.open_code)
    page.told.connect(window.entering.tell)
    page.taken_back.connect(window.entering.untell)
    page.acknowledged.connect(window.alarms.acknowledge)
    page.table_wanted.connect(window.paperwork.save_table)
    window.entering.entered.connect(page.was_entered)
    window.entering.refused.connect(page.was_entered)
    window.staffing.failed.connect(page.sign.refuse)
    return page


def _holds(window: Window) -> Screen:
    from desktop.views.holds import Holds

    page = Holds(partial(window.staffing.check, approves=False), lambda: window.person)
    _let_tell(page, window, page.was_entered)
    window.staffing.failed.connect(page.sign.refuse)
    page.list_wanted.connect(window.save_list)
    return page


def _report(window: Window) -> Screen:
    from desktop.views.deeds import take_up
    from desktop.views.report import ReportPage

    paperwork = window.paperwork
    page = ReportPage(partial(window.staffing.check, approves=False), lambda: window.person)
    _let_tell(page, window, page.was_entered)
    page.deed_wanted.connect(partial(take_up, window))
    window.staffing.failed.connect(page.handover.sign.refuse)
    page.files_wanted.connect(paperwork.make_report)
    page.week_wanted.connect(paperwork.make_week)
    page.folder_wanted.connect(paperwork.open_reports)
    page.forms_wanted.connect(paperwork.open_forms)
    page.printers_wanted.connect(paperwork.ask_printers)
    page.print_wanted.connect(paperwork.print_report)
    page.picture_copied.connect(paperwork.say_copied)
    paperwork.progressed.connect(page.show_writing)
    paperwork.printers_found.connect(page.offer_printers)
    return page


def _losses(window: Window) -> Screen:
    from desktop.views.losses import Losses

    page = Losses()
    page.table_wanted.connect(window.paperwork.save_table)
    return page


def _devices(window: Window) -> Screen:
    from desktop.views.devices import Devices

    page, speeds = Devices(), window.speeds
    page.listen_wanted.connect(speeds.listen)
    page.listen_unwanted.connect(speeds.end)
    page.line_wanted.connect(speeds.use)
    speeds.progressed.connect(page.show_listening)
    return page


def _people(window: Window) -> Screen:
    from desktop.views.people import PeoplePage

    page = PeoplePage(window.staffing)
    page.badges_wanted.connect(lambda: window.paperwork.make_sheet(None))
    page.table_wanted.connect(partial(window.open_table, "people"))
    return page


def _calendar(window: Window) -> Screen:
    from desktop.views.calendar import CalendarPage

    return CalendarPage(window.scheduling)


def _settings(window: Window) -> Screen:
    from desktop.views.settings import Settings

    page = Settings(window.place)
    page.setting_wanted.connect(window.setting_wanted)
    page.folder_wanted.connect(window.open_data)
    page.report_wanted.connect(window.report_setup.want)
    page.report_now_wanted.connect(window.report_setup.make_now)
    page.reports_wanted.connect(window.report_setup.open_folder)
    page.table_wanted.connect(window.open_table)
    page.label_printer_wanted.connect(window.open_label_printer)
    return page


def _master(window: Window) -> Screen:
    from desktop.views.master import Master

    page, tables = Master(partial(window.staffing.check, approves=False), lambda: window.person), window.tables
    window.staffing.failed.connect(page.sign.refuse)
    page.look_wanted.connect(tables.look)
    page.usual_wanted.connect(tables.usual)
    page.apply_wanted.connect(tables.apply)
    page.export_wanted.connect(tables.export)
    page.template_wanted.connect(tables.template)
    page.list_wanted.connect(window.paperwork.save_table)
    tables.previewed.connect(page.show_preview)
    tables.applied.connect(page.applied)
    return page


def _trace(window: Window) -> Screen:
    from desktop.views.trace import TraceScreen

    page = TraceScreen()
    page.export_wanted.connect(window.paperwork.save_found)
    page.hold_wanted.connect(window.open_hold)
    return page


def _trail(window: Window) -> Screen:
    from desktop.views.trail import TrailScreen

    page = TrailScreen()
    page.export_wanted.connect(window.paperwork.save_trail)
    return page


class Entry(Struct, frozen=True):
    """A screen in the rail. `make` makes it for a window."""

    key: str
    word: str
    icon: str
    shortcut: str
    make: Callable[[Window], Screen]
    foot: bool = False  # stands at the foot of the rail
    within: str = ""  # key of the screen that leads to it, for one that has no place in the rail and no key


SCREENS = (
    Entry("overview", N_("Overview"), "overview", "F2", _overview),
    Entry("machine", N_("Machine"), "machine", "F3", _machine),
    Entry("stops", N_("Stops"), "stop", "F4", _stops),
    Entry("work", N_("Work"), "box", "F5", _work),
    Entry("trace", N_("Trace"), "trace", "F6", _trace),
    Entry("measure", N_("Measuring"), "ruler", "F7", _measure),
    Entry("report", N_("Shift report"), "document", "F8", _report),
    Entry("losses", N_("Losses"), "trend", "Ctrl+L", _losses),
    Entry("devices", N_("Devices"), "plug", "F9", _devices),
    Entry("settings", N_("Settings"), "gear", "F10", _settings, foot=True),
    Entry("calendar", N_("Shifts and calendar"), "calendar", "", _calendar, within="settings"),
    Entry("crew", N_("People at machines"), "people", "", _crew, within="work"),
    Entry("checks", N_("Checks"), "check", "", _checks, within="work"),
    Entry("labels", N_("Labels"), "print", "", _labels, within="work"),
    Entry("holds", N_("Holds"), "stop", "", _holds, within="work"),
    Entry("people", N_("People"), "user", "", _people, within="settings"),
    Entry("master", N_("Master data"), "document", "", _master, within="settings"),
    Entry("trail", N_("Change history"), "clock", "", _trail, within="settings"),
)


class Screens(QStackedWidget):
    """The screens that were opened, one of them in sight, and the manual, which lies over it while it is read."""

    def __init__(self, window: Window, settings: QSettings) -> None:
        super().__init__(window)
        self.setObjectName("screens")
        self.current = ""  # key of the screen that is in sight, or lies under the manual
        self.manual: Manual | None = None
        self._window = window
        self._settings = settings
        self._before = "overview"
        self._made: dict[str, Screen] = {}
        self._live = summaries.Live()  # one for all: they ask on the same thread

    def __getitem__(self, key: str) -> Screen:
        """The screen of a key, made on first use: what nobody opens costs nothing."""
        if key not in self._made:
            screen = self._made[key] = next(entry for entry in SCREENS if entry.key == key).make(self._window)
            screen.live = self._live
            screen.machine_wanted.connect(self._window.open_machine)
            screen.stop_wanted.connect(self._window.open_stop)
            screen.screen_wanted.connect(self._window.go)
            screen.question_changed.connect(self._window.ask)
            screen.restore({name: str(self._settings.value(f"{key}/{name}", "")) for name in screen.choices()})
            self.addWidget(screen)
        return self._made[key]

    @staticmethod
    def entry(key: str) -> Entry:
        """What there is to know of a screen besides itself."""
        return next(entry for entry in SCREENS if entry.key == key)

    @property
    def screen_now(self) -> Screen:
        """The screen that is in sight, or lies under the manual."""
        return self._made[self.current]

    @property
    def machine_page(self) -> MachinePage | None:
        """The screen of one machine, None while nobody has opened it."""
        return cast("MachinePage | None", self._made.get("machine"))

    def open(self, key: str) -> None:
        """Bring a screen into sight."""
        screen = self[key]
        screen.opened()
        if key != self.current:
            self._before = self.current or "overview"
        self.current = key
        self.setCurrentWidget(screen)

    def came_from(self) -> str:
        """Where Esc leads to: the screen that was open before."""
        return self._before if self._before != self.current else "overview"

    def title(self) -> tuple[str, str]:
        """What stands in the header: the name of what is in sight, and its code."""
        if self.is_helping():
            return _("Help"), ""
        title, _tab, code = self.screen_now.title().partition("\t")
        return title or next(_(entry.word) for entry in SCREENS if entry.key == self.current), code

    # -- the manual --

    def is_helping(self) -> bool:
        """Whether the manual is in sight."""
        return self.manual is not None and self.currentWidget() is self.manual

    def open_manual(self, keys: tuple[tuple[str, str], ...]) -> None:
        """The manual at the page of the screen in sight; `keys` are listed at its end."""
        if self.manual is None:
            from desktop.views.widgets.manual import Manual

            self.manual = Manual(self)
            self.addWidget(self.manual)
        self.manual.open(self.current, keys)
        self.setCurrentWidget(self.manual)
        self.manual.page.setFocus()

    # -- from one start to the next --

    def left_at(self) -> str:
        """The key of the screen that was open last."""
        key = str(self._settings.value("screen", "overview"))
        return key if key in {entry.key for entry in SCREENS} else "overview"

    def remember(self) -> None:
        """Write down the screen that is open and what is chosen on each."""
        self._settings.setValue("screen", self.current)
        for key, screen in self._made.items():
            for name, value in screen.choices().items():
                self._settings.setValue(f"{key}/{name}", value)
