"""The window over one data folder: it leads from screen to screen and hands each answer to whom it concerns."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QByteArray, QSettings, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.domain.figures.line import LineNow
from desktop.domain.figures.machine import MachineDay
from desktop.domain.figures.stops import StopsNow
from desktop.store.database import KnownError
from desktop.text import _
from desktop.views.alarms import MOST_SHOWN, Alarms
from desktop.views.background import Answer, Reader
from desktop.views.badge import StopsBadge
from desktop.views.freshness import Freshness
from desktop.views.keys import Keys
from desktop.views.screen import PATIENCE_MS, Shown, stale_since
from desktop.views.screens import SCREENS, Screens
from desktop.views.theme import LEAST_WINDOW
from desktop.views.ways import Ways
from desktop.views.widgets.banner import BannerFace, Banners
from desktop.views.widgets.header import Header, header_face
from desktop.views.widgets.rail import Rail
from desktop.views.widgets.undo_bar import UndoBar

if TYPE_CHECKING:
    from desktop.domain.calendar import Shift
    from desktop.domain.dialogue import ScanAnswer
    from desktop.domain.figures.findings import FindingNow
    from desktop.domain.people import Person
    from desktop.reports.blocks import Section
    from desktop.views.andon import Andon
    from desktop.views.asking import Asking
    from desktop.views.automatic_report import ReportSetup
    from desktop.views.entering import Entering
    from desktop.views.holds import Holds
    from desktop.views.labels import Labels
    from desktop.views.line_speeds import LineSpeeds
    from desktop.views.login import Login
    from desktop.views.machine import MachinePage
    from desktop.views.master import Master
    from desktop.views.measuring import Measuring
    from desktop.views.overtime import OvertimeBar
    from desktop.views.paperwork import Paperwork
    from desktop.views.scans import Scans
    from desktop.views.scheduling import Scheduling
    from desktop.views.staffing import Staffing
    from desktop.views.stops import Stops
    from desktop.views.tables import Tables
    from desktop.views.trace import TraceScreen
    from desktop.views.work import Work

COME_FORWARD = "window.raise"  # left in the data folder by a second window: the first one comes to the front
LISTEN_MS = 1000  # so long after it appeared the keyboard is listened to for a scanner: the first picture goes before
ROOMY_PX = 900  # a window that is lower shows one alarm at a time


class Window(QWidget):
    """One line on screen. It computes nothing: the reading thread answers, the screens show, and what is to be done is
    done by its parts (`alarms`, `freshness`, `paperwork`, `undo_bar`)."""

    setting_wanted = Signal(str, str)  # key as it is kept, value

    def __init__(self, folder: Path, settings: QSettings, ways: Ways, text_percent: int = 100) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setAccessibleName(_("Gadong"))
        self.setWindowTitle(_("Gadong"))
        self.setMinimumSize(*LEAST_WINDOW)
        self._folder = folder
        self._settings = settings
        self._ways = ways
        self._badge = StopsBadge(ways.waiting)
        self._text_percent = text_percent
        self._appeared = False
        self._machine_left: int | None = None
        self._machines: tuple[int, ...] = ()
        self._answer: Shown | None = None
        self._answer_of = ""  # the screen whose question it answers
        self._number = 0
        self.andon: Andon | None = None
        self._paperwork: Paperwork | None = None
        self._speeds: LineSpeeds | None = None
        self._login: Login | None = None
        self._staffing: Staffing | None = None
        self._report_setup: ReportSetup | None = None
        self._asking: Asking | None = None
        self._tables: Tables | None = None
        self._plan_tables: Tables | None = None
        self._entering: Entering | None = None
        self._scheduling: Scheduling | None = None
        self._overtime: OvertimeBar | None = None
        self._build()
        self.alarms = Alarms(ways, self._name, self.banners, self.undo_bar, self)
        self.freshness = Freshness(folder, ways, self.banners, self.alarms.acknowledge, self)
        self._scans: Scans | None = None
        self.reader = Reader(ways.open_source, self, ways.scans_answered)
        self.reader.heard.connect(self._on_heard)
        self.reader.answered.connect(self._on_answer)
        self.reader.told_beside.connect(self._on_beside)
        self.reader.troubled.connect(self._on_trouble)
        self._timer = QTimer(self)
        self._timer.setInterval(500)
        self._timer.timeout.connect(self._watch)
        self._restore()

    # -- building --

    def _build(self) -> None:
        self.rail = Rail(self)
        self.header = Header(self)
        self.banners = Banners(self)
        self.screens = Screens(self, self._settings)
        self._keys = Keys(self)
        for entry in SCREENS:
            if entry.within:
                continue
            if not entry.foot:
                self.rail.add(entry.key, _(entry.word), entry.icon, entry.shortcut, screen=True)
            self._keys.add(entry.shortcut, partial(self.go, entry.key), _(entry.word))
        self.rail.add("andon", _("Andon"), "screen", "F11", screen=False)
        self.rail.add("help", _("Help"), "info", "F1", screen=True, foot=True)
        for entry in SCREENS:
            if entry.foot:
                self.rail.add(entry.key, _(entry.word), entry.icon, entry.shortcut, screen=True, foot=True)
        self.rail.chosen.connect(self._chosen)
        self.header.stepped.connect(self._step)
        self.header.who_wanted.connect(self._ask_who)
        self.header.calendar_wanted.connect(partial(self.go, "calendar"))
        right = QVBoxLayout()
        right.setSpacing(0)
        for widget in (self.header, self.banners):
            right.addWidget(widget)
        self._right = right
        right.addWidget(self.screens, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.rail)
        layout.addLayout(right, 1)
        self.undo_bar = UndoBar(self)
        self._keys.add("F1", self._show_help)
        self._keys.add("Left", partial(self._step, -1), _("Previous machine"), "←")
        self._keys.add("Right", partial(self._step, 1), _("Next machine"), "→")
        self._keys.add("F11", self.toggle_andon, _("Andon"))
        self._keys.add("Esc", self._back, _("Back"))
        self._keys.add("Ctrl+Z", self.undo_bar.take_back, _("Undo"))
        self._keys.add("Ctrl+P", self._print, _("Print the shift report"))

    @property
    def paperwork(self) -> Paperwork:
        """What makes files and paper, made when a screen that asks for them is opened."""
        if self._paperwork is None:
            from desktop.views.paperwork import Paperwork

            self._paperwork = Paperwork(self._folder, self._ways, self.banners, self)
        return self._paperwork

    @property
    def entering(self) -> Entering:
        """What writes down what people say, made when the first screen that asks for it is opened."""
        if self._entering is None:
            from desktop.views.entering import Entering

            self._entering = Entering(self._ways, self._name, self.undo_bar, self.banners, self)
            self._entering.log_in = self._ask_who
        return self._entering

    @property
    def speeds(self) -> LineSpeeds:
        """What finds the baud rates of devices, made when the screen that asks for it is opened."""
        if self._speeds is None:
            from desktop.views.line_speeds import LineSpeeds

            self._speeds = LineSpeeds(self._ways, self._name, self.undo_bar, self)
        return self._speeds

    @property
    def tables(self) -> Tables:
        """What exchanges master data with Excel, made when the screen that asks for it is opened."""
        if self._tables is None:
            from desktop.views.tables import Tables

            self._tables = Tables(
                self._folder, self._ways, self._name, self.banners, self.undo_bar, self, self.staffing.may_take_table
            )
            self._tables.log_in = self._ask_who
        return self._tables

    @property
    def plan_tables(self) -> Tables:
        """The same for the plan, which the Work screen takes: what one screen asks the other is not shown."""
        if self._plan_tables is None:
            from desktop.views.tables import Tables

            self._plan_tables = Tables(self._folder, self._ways, self._name, self.banners, self.undo_bar, self)
            self._plan_tables.log_in = self._ask_who
        return self._plan_tables

    def open_table(self, kind: str) -> None:
        """A table of the master data."""
        cast("Master", self.screens["master"]).choose(kind)
        self.go("master")

    def save_list(self, section: Section, ending: str, timezone: str, name: str) -> None:
        """Write a table beside the reports."""
        self.paperwork.save_table(section, ending, timezone, name)

    @property
    def login(self) -> Login:
        """Who is at the screen, made when somebody first asks."""
        if self._login is None:
            from desktop.views.login import Login

            self._login = Login(self._ways, self.header, self._settings, self)
            self._login.changed.connect(self._person_changed)
        return self._login

    @property
    def staffing(self) -> Staffing:
        """What changes people, made when the page that asks for it is opened."""
        if self._staffing is None:
            from desktop.views.staffing import Staffing

            self._staffing = Staffing(self._ways, self.login, self.undo_bar, self.banners, self)
        return self._staffing

    @property
    def scans(self) -> Scans:
        """What hears scans and tells what they came to, made a moment after the window is on screen."""
        if self._scans is None:
            from desktop.views.scans import Scans

            self._scans = Scans(self, self._ways.carry_out_scan, self._ways.known_code)
        return self._scans

    def _on_heard(self, answers: object) -> None:
        self.scans.show_answers(cast("tuple[ScanAnswer | FindingNow, ...]", answers))

    @property
    def scheduling(self) -> Scheduling:
        """What changes the calendar, made when somebody first does."""
        if self._scheduling is None:
            from desktop.views.scheduling import Scheduling

            self._scheduling = Scheduling(self._ways, lambda: self.login, self.undo_bar, self.banners, self)
        return self._scheduling

    @property
    def person(self) -> Person | None:
        """Who is at the screen, None where nobody said so; whoever enters something gives the name along."""
        return self._login.person if self._login is not None else None

    def _name(self) -> str:
        """The name of who is at the screen, "" where nobody said so."""
        return self.person.name if self.person is not None else ""

    def _person_changed(self) -> None:
        for each in self._asking_who():
            each.person_changed()

    def _asking_who(self) -> list[Entering | Scheduling | Tables]:
        """Whatever may be asking who changes a closed shift."""
        parts = (self._entering, self._scheduling, self._tables, self._plan_tables)
        return [each for each in parts if each is not None]

    def _ask_who(self) -> None:
        self.login.open()

    @property
    def asking(self) -> Asking:
        """What says from which length on a stop asks, made when the stops are opened."""
        if self._asking is None:
            from desktop.views.asking import Asking

            self._asking = Asking(self._ways, self._name, self.banners, self.undo_bar, self)
            self._asking.changed.connect(self.ask)
        return self._asking

    @property
    def report_setup(self) -> ReportSetup:
        """What sets up the automatic report, made when the settings are opened."""
        if self._report_setup is None:
            from desktop.views.automatic_report import ReportSetup

            self._report_setup = ReportSetup(self._ways, self._name, self.banners, self.undo_bar, self)
            self._report_setup.changed.connect(self.ask)
        return self._report_setup

    def set_up_labels(self, page: Labels) -> None:
        """Let what is pressed on the page of labels be done."""
        from desktop.views.label_desk import LabelDesk

        LabelDesk(page, self._ways, self._name, self.banners, self.undo_bar, self)

    def open_label_printer(self) -> None:
        """Show what is set up of the label printer."""
        self.go("labels")
        cast("Labels", self.screens["labels"]).open_setup()

    # -- going about --

    def appear(self) -> None:
        """Show the window with its first answer, so that it is painted once, or after 0.3 s with what there is."""
        self.reader.answered.connect(self._appear)
        self.reader.troubled.connect(self._appear)
        QTimer.singleShot(PATIENCE_MS, self._appear)

    def _appear(self) -> None:
        if not self._appeared:
            self._appeared = True
            self.show()
            QTimer.singleShot(LISTEN_MS, self, lambda: self.scans)
            QTimer.singleShot(2 * LISTEN_MS, self, self._read_ahead)

    def _read_ahead(self) -> None:
        from desktop.views.ahead import Ahead

        Ahead(self)

    def begin(self) -> None:
        """Start reading and watching."""
        self.reader.start()
        self._timer.start()
        self._open_where_left()

    def _open_where_left(self) -> None:
        """The screen that was open last. A machine's waits for the first answer, which tells whether it is there."""
        key = self.screens.left_at()
        if key == "machine":
            left = str(self._settings.value("machine", ""))
            self._machine_left = int(left) if left.isdecimal() else None
        self.go(key if key != "machine" else "overview")

    def go(self, key: str) -> None:
        """Show a screen."""
        if key == "machine" and not self._choose_machine():
            return
        if key == "work" and self.screens.current == "machine":
            cast("Work", self.screens["work"]).look_at(self._machine_page().machine)
        self.screens.open(key)
        self.rail.show_current(self.screens.entry(key).within or key)
        self.header.show_steps(key == "machine")
        self.ask()
        self._show_header()
        self._show_alarms()
        self._show_holds()
        self._show_overtime()

    def ask(self) -> None:
        """Put the question of the screen in sight to the reading thread."""
        screen = self.screens.screen_now
        screen.await_answer()
        self._number = self.reader.ask(screen.question(), self._badge.beside(screen.live))

    def _chosen(self, key: str) -> None:
        if key == "andon":
            self.toggle_andon()
        elif key == "help":
            self._show_help()
        else:
            self.go(key)

    def _back(self) -> None:
        if self.screens.is_helping():
            self.go(self.screens.current)
            return
        if (self._login is not None and self._login.close()) or (any(each.step_back() for each in self._asking_who())):
            return
        if not self.undo_bar.isHidden():
            self.undo_bar.hide()
            return
        if self.screens.screen_now.step_back() or self.banners.hide_last():
            return
        if self.screens.current != "overview":
            self.go(self.screens.came_from())

    def _show_help(self) -> None:
        """The manual at the page of the screen in sight, over it; a second F1 goes back as Esc does."""
        if self.screens.is_helping():
            self.go(self.screens.current)
            return
        self.screens.open_manual(self._keys.listed())
        self.rail.show_current("help")
        self.header.show_steps(False)
        self._show_header()

    def _print(self) -> None:
        if not self.screens.is_helping():
            self.screens.screen_now.print_out()

    def place(self) -> tuple[Path, int, QSize]:
        """The data folder, the size of text in percent, and the screen in pixels at a text size of 100 %; a window that
        is larger stands for it."""
        room = self.screen().availableSize().expandedTo(self.size()) * (self._text_percent / 100)
        return self._folder, self._text_percent, room

    def open_data(self) -> None:
        """Show the data folder."""
        self._ways.open_folder(self._folder)

    def offer_undo(self, words: str, undo: Callable[[], object]) -> None:
        """Say what was changed; it can be taken back while that is in sight."""
        self.undo_bar.offer(words, undo)

    # -- machines --

    def _machine_page(self) -> MachinePage:
        return cast("MachinePage", self.screens["machine"])

    def open_machine(self, machine: int) -> None:
        """Show one machine."""
        self._machine_page().machine = machine
        self.go("machine")

    def open_stop(self, machine: int, stop: int, past: Shift | None = None) -> None:
        """Show a standstill of the running shift, or of a `past` one, on its machine's screen."""
        self.open_machine(machine)
        self._machine_page().show_stop(stop, past)

    def open_code(self, code: str) -> None:
        """Show everything that is known of a scanned code."""
        cast("TraceScreen", self.screens["trace"]).look_at(code)
        self.go("trace")

    def open_before(self, machine: int, at_ms: int) -> None:
        """Show what a machine made before the stop of a moment."""
        cast("TraceScreen", self.screens["trace"]).show_before(machine, at_ms)
        self.go("trace")

    def open_characteristic(self, characteristic: int) -> None:
        """Show how a characteristic stands, where its values are entered."""
        cast("Measuring", self.screens["measure"]).look_at(characteristic)
        self.go("measure")

    def open_hold(self, code: str, kind: str) -> None:
        """Show whether something is on hold, with its code ready to be put on hold."""
        cast("Holds", self.screens["holds"]).look_at(code, kind)
        self.go("holds")

    def ask_reason(self, machine: int, start_ms: int) -> None:
        """Ask why a machine stood: the stop of the running shift that began then."""
        cast("Stops", self.screens["stops"]).open_stop(machine, start_ms)
        self.go("stops")

    def _choose_machine(self) -> bool:
        """See to it that the machine's screen has a machine; False while none is known."""
        page = self._machine_page()
        if page.machine is None and self._machines:
            page.machine = self._first_machine()
        return page.machine is not None

    def _first_machine(self) -> int:
        """The machine that needs somebody most, else the constraint, else the first of the line."""
        line = self._answer if isinstance(self._answer, LineNow) else None
        ranked = [m for m in line.machines if m.rank is not None] if line else []
        if ranked:
            return min(ranked, key=lambda m: m.rank or 0).id
        return line.constraint if line and line.constraint is not None else self._machines[0]

    def _step(self, steps: int) -> None:
        if self.screens.current != "machine" or self.screens.is_helping():
            return
        machine = self._machine_page().machine
        if machine in self._machines:
            place = self._machines.index(machine)
            self.open_machine(self._machines[(place + steps) % len(self._machines)])

    # -- the andon --

    def toggle_andon(self) -> None:
        """Show the andon on its display, or close it."""
        if self.andon is not None:
            self.andon.close()
            return
        from desktop.views.andon import Andon

        self.andon = Andon(self._ways.open_source, self._settings, self._ways.awake())
        self.andon.closed.connect(self._andon_closed)
        self.andon.may_go_dark.connect(self._say_may_go_dark)
        self.andon.begin(self.screen().name())
        self.scans.listen_on(self.andon)

    def _say_may_go_dark(self) -> None:
        words = _("Switch the screen saver and power saving of this computer off: Gadong cannot keep it awake here.")
        self.banners.show_banner("sleep", BannerFace("note", _("The display may go dark"), words, passing=True))

    def _andon_closed(self) -> None:
        if self.andon is not None:
            andon, self.andon = self.andon, None
            andon.deleteLater()
            self.activateWindow()  # where no window manager does it the next key would go nowhere

    # -- answers --

    def _on_answer(self, answer: Answer) -> None:
        self.freshness.answered()
        if answer.number == self._number:
            self.show_answer(answer.value)

    def _on_beside(self, answer: Answer) -> None:
        if answer.number == self._number and isinstance(answer.value, int):
            self.rail.show_badge("stops", answer.value)

    def show_answer(self, value: object) -> None:
        """Show the answer of the visible screen's question."""
        shown: Shown = value  # type: ignore[assignment]
        self._answer = shown
        if isinstance(value, LineNow):
            self._machines = tuple(machine.id for machine in value.machines)
            left, self._machine_left = self._machine_left, None
            if left in self._machines and self.screens.current == "overview":
                self.open_machine(left)
                return
        self.screens.screen_now.receive(value, stale_since(shown))
        self._answer_of = self.screens.current
        if isinstance(value, LineNow | MachineDay | StopsNow) and value.waiting is not None:
            self.rail.show_badge("stops", value.waiting)
        if isinstance(value, LineNow):
            self.rail.show_badge("work", value.checks)
        self._show_header()
        self.freshness.show_freshness(shown)
        self._show_alarms()
        self._show_holds()
        self._show_overtime()

    def _show_header(self) -> None:
        name, code = self.screens.title()
        stale = self._answer is not None and stale_since(self._answer) is not None
        past = None if self.screens.is_helping() else self.screens.screen_now.past_shift()
        self.header.show_header(header_face(name, code, self._answer, stale, past))
        if self._answer is not None:
            self.setWindowTitle(" · ".join(part for part in (_("Gadong"), self._answer.head.line) if part))

    def _show_alarms(self) -> None:
        """On the Overview."""
        line = self._answer if self.screens.current == "overview" and isinstance(self._answer, LineNow) else None
        self.alarms.show_alarms(line, MOST_SHOWN if self.height() >= ROOMY_PX else 1)

    def _show_holds(self) -> None:
        """On the Overview, where something is held: how much, and the way to it."""
        line = self._answer if self.screens.current == "overview" and isinstance(self._answer, LineNow) else None
        held = line.holds if line is not None and not self.screens.is_helping() else None
        if line is None or held is None:
            self.banners.hide_banner("holds")
            return
        from desktop.wording.holds import brief_words

        head, body = brief_words(held, line.now_ms)
        act = partial(self.go, "holds")
        self.banners.show_banner("holds", BannerFace("note", head, body, _("Decide"), closable=False, act=act))

    def _show_overtime(self) -> None:
        """On the Overview, where something is left to be made; what shows it is made then."""
        line = self._answer if self.screens.current == "overview" and isinstance(self._answer, LineNow) else None
        offer = line.overtime if line is not None and not self.screens.is_helping() else None
        if self._overtime is None:
            if offer is None:
                return
            from desktop.views.overtime import OvertimeBar

            self._overtime = OvertimeBar(self.scheduling, self)
            self.scheduling.written.connect(self.ask)
            self._right.insertWidget(2, self._overtime)
        self._overtime.show_offer(offer, line.head.timezone if line is not None else "")

    def _on_trouble(self, error: KnownError) -> None:
        self.screens.screen_now.fail()
        self.freshness.troubled(error)

    def _watch(self) -> None:
        """Twice a second: an answer that does not come is as stale as one that is old."""
        if (self._folder / COME_FORWARD).exists():
            (self._folder / COME_FORWARD).unlink(missing_ok=True)
            self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
            self.raise_()
            self.activateWindow()
        overdue = self.freshness.is_overdue()
        if overdue and self._answer is not None and self._answer_of == self.screens.current:
            self.screens.screen_now.present(self._answer, self._answer.now_ms)

    # -- beginning and end --

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The window has another size."""
        super().resizeEvent(event)
        if self._login is not None:
            self._login.place()

    def _restore(self) -> None:
        geometry = self._settings.value("geometry")
        if not isinstance(geometry, QByteArray) or not self.restoreGeometry(geometry):
            self.resize(QSize(1600, 900).boundedTo(self.screen().availableSize()))
            self.setWindowState(Qt.WindowState.WindowMaximized)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember the window, end the reading thread and a report that is being written; the collector goes on."""
        self._appeared = True  # or it would come up after all
        self._settings.setValue("geometry", self.saveGeometry())
        self.screens.remember()
        page = self.screens.machine_page
        if page is not None and page.machine is not None:
            self._settings.setValue("machine", str(page.machine))
        self._settings.sync()
        self._timer.stop()
        if self.andon is not None:
            self.andon.close()
        if self._speeds is not None:
            self._speeds.end()
        self.reader.end()
        if self._paperwork is not None:
            self._paperwork.end()
        super().closeEvent(event)
