"""The window over one data folder: rail, header, banners and the screens."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from msgspec import Struct
from PySide6.QtCore import QByteArray, QProcess, QSettings, QSize, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QCloseEvent, QDesktopServices, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop import summaries
from desktop.domain.alarms import AlarmKind
from desktop.domain.figures import AlarmNow, LineNow, Listened
from desktop.domain.plant import Plain
from desktop.store.database import KnownError, OlderError
from desktop.text import N_, _
from desktop.views.awake import Awake
from desktop.views.background import Answer, Errand, LongErrand, Reader, Source
from desktop.views.overview import Overview
from desktop.views.screen import PATIENCE_MS, STALE_MS, Screen, Shown, stale_since
from desktop.views.theme import LEAST_WINDOW
from desktop.views.widgets.banner import BannerFace, Banners
from desktop.views.widgets.header import Header, header_face
from desktop.views.widgets.rail import Rail
from desktop.views.widgets.undo_bar import UndoBar
from desktop.wording import alarm_sentence, collector_note, minutes

if TYPE_CHECKING:
    from desktop.reports.blocks import Section
    from desktop.views.andon import Andon
    from desktop.views.devices import Devices
    from desktop.views.machine import MachinePage
    from desktop.views.report import ReportPage
    from desktop.views.settings import Settings
    from desktop.views.widgets.manual import Manual

RETRY_S = (1, 2, 5, 30)
TOLD_OF_SLEEP = "andon/told_of_sleep"  # that this computer's display cannot be kept on was said once
COME_FORWARD = "window.raise"  # left in the data folder by a second window: the first one comes to the front
ALARMS_SHOWN = 2  # more would push the machines out of sight
ROOMY_PX = 900  # a window that is lower shows one alarm at a time


# What a screen needs is imported when it is first opened: the machines are painted before anybody asks for a report.


def _overview(window: Window) -> Screen:
    page = Overview()
    page.unacknowledged.connect(window.unacknowledge)
    return page


def _machine(_window: Window) -> Screen:
    from desktop.views.machine import MachinePage

    return MachinePage()


def _report(window: Window) -> Screen:
    from desktop.views.report import ReportPage

    page = ReportPage()
    page.files_wanted.connect(window.make_report)
    page.folder_wanted.connect(window.open_reports)
    page.forms_wanted.connect(window.open_forms)
    page.printers_wanted.connect(window.ask_printers)
    page.print_wanted.connect(window.print_report)
    return page


def _losses(window: Window) -> Screen:
    from desktop.views.losses import Losses

    page = Losses()
    page.table_wanted.connect(window.save_table)
    return page


def _devices(window: Window) -> Screen:
    from desktop.views.devices import Devices

    page = Devices()
    page.listen_wanted.connect(window.listen)
    page.listen_unwanted.connect(window.end_listening)
    page.line_wanted.connect(window.use_line)
    return page


def _settings(window: Window) -> Screen:
    from desktop.views.settings import Settings

    page = Settings()
    page.setting_wanted.connect(window.setting_wanted)
    page.folder_wanted.connect(window.open_data)
    return page


class Entry(Struct, frozen=True):
    """A screen in the rail. `make` makes it for a window."""

    key: str
    word: str
    icon: str
    shortcut: str
    make: Callable[[Window], Screen]
    foot: bool = False  # stands at the foot of the rail


SCREENS = (
    Entry("overview", N_("Overview"), "overview", "F2", _overview),
    Entry("machine", N_("Machine"), "machine", "F3", _machine),
    Entry("report", N_("Shift report"), "document", "F8", _report),
    Entry("losses", N_("Losses"), "trend", "Ctrl+L", _losses),
    Entry("devices", N_("Devices"), "plug", "F9", _devices),
    Entry("settings", N_("Settings"), "gear", "F10", _settings, foot=True),
)


def open_folder(folder: Path) -> None:
    """Show a folder in the system's file manager."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


def _written(section: Section, ending: str, timezone: str, out: Path, name: str) -> Path:
    """Write a table. Raises KnownError with the sentence of why not."""
    from desktop.reports import write  # brings the workbook writer, which a window at rest does without

    return write.write_tables([section], ending, timezone, out, name)


def printers() -> tuple[str, ...]:
    """The printers of this computer, the usual one first."""
    from desktop.reports.pdf import printing  # brings Qt's printing, which a window at rest does without

    return printing.printers()


def _no_line(*_given: object) -> object:
    """Nothing can be listened to from here."""
    raise KnownError(_("The collector did not answer. Try again, or stop it first."))


class Ways(Struct, frozen=True):
    """How the window reaches the rest of the program; tests give their own.

    `open_source` opens the store for the calling thread. `keep_collecting` starts a collector where none beats
    (called on another thread, raises KnownError). `report_command` is the child process that writes the report
    of a shift into a folder, in formats with commas between them, fills a form and prints it ("" for none of these).
    `printers` names the printers, the usual one first (called on another thread). `make_forms` gives
    the folder of the shop's forms, with a sample in it where there was none (called on another thread, raises
    KnownError). `awake` keeps the display on while the andon is shown. `acknowledge` notes that an alarm was seen and
    returns the number by which `unacknowledge` takes that back (both called on another thread, raise KnownError).
    `listen` finds the baud rate of a device: it is given what it tells with and what it asks whether to end, and
    returns a Listened; `use_line` gives a device's bus a `baud` and a `frame` and returns what it had (both called on
    another thread, raise KnownError).
    """

    open_source: Callable[[], Source]
    keep_collecting: Callable[[], object]
    report_command: Callable[[Path, str, str, str, str], list[str]]
    acknowledge: Callable[[AlarmNow], int]
    unacknowledge: Callable[[int], object]
    make_forms: Callable[[], Path]
    open_folder: Callable[[Path], None] = open_folder
    awake: Callable[[], Awake] = Awake
    printers: Callable[[], tuple[str, ...]] = printers
    listen: Callable[[int, Callable[[object], None], Callable[[], bool]], object] = _no_line
    use_line: Callable[[int, Mapping[str, Plain]], object] = _no_line


class Window(QWidget):
    """One line on screen. It computes nothing: the reading thread answers, the screens show."""

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
        self._text_percent = text_percent
        self._undo: Callable[[], None] | None = None
        self._machine_left: int | None = None
        self._answer: Shown | None = None
        self._answer_of = ""  # the screen whose question it answers
        self._live = summaries.Live()
        self._answered_at = time.monotonic()
        self._number = 0
        self._machines: tuple[int, ...] = ()
        self._current = ""
        self._before = "overview"
        self._errand: Errand | None = None
        self._attempts = 0
        self._retry_at = 0.0
        self._older_since: float | None = None  # since then an older program's file is brought up to date
        self._older_refused = False
        self._report: QProcess | None = None
        self._saving: Errand | None = None
        self._report_of = ("", "", "", "")
        self._printers: Errand | None = None
        self._report_since = 0.0
        self._report_said = b""
        self._report_done = ""
        self.andon: Andon | None = None
        self._awake: Awake | None = None
        self._listening: tuple[int, LongErrand] | None = None
        self._line: tuple[int, str, Errand] | None = None  # device, what can be taken back, who writes it
        self._seen: Errand | None = None
        self._seen_words = ""
        self._silence_seen = False
        self._build()
        self.reader = Reader(ways.open_source, self)
        self.reader.answered.connect(self._on_answer)
        self.reader.troubled.connect(self._on_trouble)
        self._appeared = False
        self._timer = QTimer(self)
        self._timer.setInterval(500)
        self._timer.timeout.connect(self._watch)
        self._restore()

    # -- building --

    def _build(self) -> None:
        self.rail = Rail(self)
        self.header = Header(self)
        self.banners = Banners(self)
        self.stack = QStackedWidget(self)
        self.stack.setObjectName("screens")
        self.manual: Manual | None = None
        self.screens: dict[str, Screen] = {}
        for entry in SCREENS:
            if not entry.foot:
                self.rail.add(entry.key, _(entry.word), entry.icon, entry.shortcut, screen=True)
            self._key(entry.shortcut, partial(self.go, entry.key))
        self.rail.add("andon", _("Andon"), "screen", "F11", screen=False)
        self.rail.add("help", _("Help"), "info", "F1", screen=True, foot=True)
        for entry in SCREENS:
            if entry.foot:
                self.rail.add(entry.key, _(entry.word), entry.icon, entry.shortcut, screen=True, foot=True)
        self.rail.chosen.connect(self._chosen)
        self.header.stepped.connect(self._step)
        for key, act in (
            ("F1", self._show_help),
            ("F11", self.toggle_andon),
            ("Esc", self._back),
            ("Ctrl+Z", self._take_back),
            ("Ctrl+P", self._print),
            ("Left", partial(self._step, -1)),
            ("Right", partial(self._step, 1)),
        ):
            self._key(key, act)
        right = QVBoxLayout()
        right.setSpacing(0)
        for widget in (self.header, self.banners):
            right.addWidget(widget)
        right.addWidget(self.stack, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.rail)
        layout.addLayout(right, 1)
        self.undo_bar = UndoBar(self)
        self.undo_bar.wanted.connect(self._take_back)

    def _key(self, sequence: str, act: Callable[[], object]) -> None:
        shortcut = QShortcut(QKeySequence(sequence), self)
        shortcut.activated.connect(act)

    def _screen(self, key: str) -> Screen:
        """The screen of a key, made on first use: what nobody opens costs nothing."""
        if key not in self.screens:
            entry = next(entry for entry in SCREENS if entry.key == key)
            screen = entry.make(self)
            screen.live = self._live
            screen.machine_wanted.connect(self.open_machine)
            screen.stop_wanted.connect(self.open_stop)
            screen.screen_wanted.connect(self.go)
            screen.question_changed.connect(self._ask)
            screen.restore({name: str(self._settings.value(f"{key}/{name}", "")) for name in screen.choices()})
            self.screens[key] = screen
            self.stack.addWidget(screen)
        return self.screens[key]

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

    def begin(self) -> None:
        """Start reading and watching."""
        self.reader.start()
        self._timer.start()
        self._open_where_left()

    def _open_where_left(self) -> None:
        """The screen that was open last. A machine's waits for the first answer, which tells whether it is there."""
        key = str(self._settings.value("screen", "overview"))
        if key == "machine":
            left = str(self._settings.value("machine", ""))
            self._machine_left = int(left) if left.isdecimal() else None
        self.go(key if key in {entry.key for entry in SCREENS} - {"machine"} else "overview")

    def _room(self) -> QSize:
        """The screen in pixels at a text size of 100 %; a window that is larger stands for it."""
        return self.screen().availableSize().expandedTo(self.size()) * (self._text_percent / 100)

    def go(self, key: str) -> None:
        """Show a screen."""
        screen = self._screen(key)
        page = self._machine_page()
        if screen is page and page.machine is None:
            if not self._machines:
                return
            page.machine = self._first_machine()
        if key == "settings":
            cast("Settings", screen).show_place(self._folder, self._text_percent, self._room())
        if key != self._current:
            self._before = self._current or "overview"
        self._current = key
        self.stack.setCurrentWidget(screen)
        self.rail.show_current(key)
        self.header.show_steps(key == "machine")
        self._ask()
        self._show_header()
        self._show_alarms()

    def _ask(self) -> None:
        screen = self.screens[self._current]
        screen.await_answer()
        self._number = self.reader.ask(screen.question())

    def _machine_page(self) -> MachinePage | None:
        """The screen of one machine, None while nobody has opened it."""
        return cast("MachinePage | None", self.screens.get("machine"))

    def open_machine(self, machine: int) -> None:
        """Show one machine."""
        cast("MachinePage", self._screen("machine")).machine = machine
        self.go("machine")

    def open_stop(self, machine: int, stop: int) -> None:
        """Show a standstill of the running shift on its machine's screen."""
        self.open_machine(machine)
        cast("MachinePage", self.screens["machine"]).show_stop(stop)

    def _first_machine(self) -> int:
        """The machine that needs somebody most, else the constraint, else the first of the line."""
        line = self._answer if isinstance(self._answer, LineNow) else None
        ranked = [m for m in line.machines if m.rank is not None] if line else []
        if ranked:
            return min(ranked, key=lambda m: m.rank or 0).id
        return line.constraint if line and line.constraint is not None else self._machines[0]

    def _step(self, steps: int) -> None:
        page = self._machine_page() if self._current == "machine" and not self._helping() else None
        if page is not None and page.machine in self._machines:
            place = self._machines.index(page.machine)
            self.open_machine(self._machines[(place + steps) % len(self._machines)])

    def _back(self) -> None:
        if self._helping():
            self.go(self._current)
            return
        if not self.undo_bar.isHidden():
            self.undo_bar.hide()
            return
        if self.screens[self._current].step_back() or self.banners.hide_last():
            return
        if self._current != "overview":
            self.go(self._before if self._before != self._current else "overview")

    def toggle_andon(self) -> None:
        """Show the andon on its display, or close it."""
        if self.andon is not None:
            self.andon.close()
            return
        from desktop.views.andon import Andon

        self.andon = Andon(self._ways.open_source, self._settings)
        self.andon.closed.connect(self._andon_closed)
        self.andon.begin(self.screen().name())
        self._awake = self._ways.awake()
        if not self._awake.hold() and self._settings.value(TOLD_OF_SLEEP) is None:
            self._settings.setValue(TOLD_OF_SLEEP, 1)
            words = _(
                "Switch the screen saver and power saving of this computer off: Gadong cannot keep it awake here."
            )
            self.banners.show_banner("sleep", BannerFace("note", _("The display may go dark"), words, passing=True))

    def _andon_closed(self) -> None:
        if self._awake is not None:
            self._awake.release()
            self._awake = None
        if self.andon is not None:
            andon, self.andon = self.andon, None
            andon.deleteLater()
            self.activateWindow()  # where no window manager does it the next key would go nowhere

    def _chosen(self, key: str) -> None:
        if key == "andon":
            self.toggle_andon()
        elif key == "help":
            self._show_help()
        else:
            self.go(key)

    def _helping(self) -> bool:
        return self.manual is not None and self.stack.currentWidget() is self.manual

    def _show_help(self) -> None:
        """The manual at the page of the screen in sight, over it; a second F1 goes back as Esc does."""
        if self._helping():
            self.go(self._current)
            return
        keys = (
            *((entry.shortcut, _(entry.word)) for entry in SCREENS),
            ("←", _("Previous machine")),
            ("→", _("Next machine")),
            ("F11", _("Andon")),
            ("Esc", _("Back")),
            ("Ctrl+Z", _("Undo")),
            ("Ctrl+P", _("Print the shift report")),
        )
        if self.manual is None:
            from desktop.views.widgets.manual import Manual

            self.manual = Manual(self.stack)
            self.stack.addWidget(self.manual)
        self.manual.open(self._current, keys)
        self.stack.setCurrentWidget(self.manual)
        self.manual.page.setFocus()
        self.rail.show_current("help")
        self.header.show_steps(False)
        self._show_header()

    # -- answers --

    def _on_answer(self, answer: Answer) -> None:
        self._answered_at = time.monotonic()
        self._older_since, self._older_refused = None, False
        self.banners.hide_banner("trouble")
        if answer.number == self._number:
            self.show_answer(answer.value)

    def show_answer(self, value: object) -> None:
        """Show the answer of the visible screen's question."""
        shown: Shown = value  # type: ignore[assignment]
        self._answer = shown
        if isinstance(value, LineNow):
            self._machines = tuple(machine.id for machine in value.machines)
            left, self._machine_left = self._machine_left, None
            if left in self._machines and self._current == "overview":
                self.open_machine(left)
                return
        self.screens[self._current].receive(value, stale_since(shown))
        self._answer_of = self._current
        self._show_header()
        self._show_staleness(shown)
        self._show_alarms()

    def _show_header(self) -> None:
        screen = self.screens[self._current]
        entry = next(entry for entry in SCREENS if entry.key == self._current)
        title, _slash, code = (_("Help"), "", "") if self._helping() else screen.title().partition("\t")
        stale = self._answer is not None and stale_since(self._answer) is not None
        past = None if self._helping() else screen.past_shift()
        self.header.show_header(header_face(title or _(entry.word), code, self._answer, stale, past))
        if self._answer is not None:
            self.setWindowTitle(" · ".join(part for part in (_("Gadong"), self._answer.head.line) if part))

    def _show_staleness(self, shown: Shown) -> None:
        collector = shown.collector
        if stale_since(shown) is None:
            self._attempts = 0
            self._silence_seen = False
            self.banners.hide_banner("silent")
            self.banners.hide_banner("collector")
            if note := collector_note(collector.note):
                self.banners.show_banner("note", BannerFace("trouble", note))
            else:
                self.banners.hide_banner("note")
            return
        body = _("The collector is starting.")
        if collector.silent_ms is None:
            head = _("No data yet")
        else:
            head = _("No data for {minutes}").format(minutes=minutes(collector.silent_ms))
            body = _("The collector has stopped. It is being started again (attempt {count}).").format(
                count=max(self._attempts, 1)
            )
        if collector.held:
            body = collector_note("held")
        unstored = self._unstored()
        if unstored is not None:
            self._silence_seen = unstored.quiet
        if self._silence_seen:
            self.banners.hide_banner("silent")
        else:
            act = partial(self._acknowledge, unstored) if unstored is not None else None
            words = _("Acknowledge") if unstored is not None else ""
            self.banners.show_banner("silent", BannerFace("silent", head, body, words, closable=False, act=act))
        if not collector.held:
            self._start_collector()

    def _show_alarms(self) -> None:
        """The first alarms that nobody has seen, on the Overview. That nothing is stored says another banner."""
        line = self._answer if self._current == "overview" and isinstance(self._answer, LineNow) else None
        loud = [alarm for alarm in line.alarms if not alarm.quiet] if line else []
        loud = [alarm for alarm in loud if alarm.kind != AlarmKind.COLLECTOR]
        most = ALARMS_SHOWN if self.height() >= ROOMY_PX else 1
        for place in range(ALARMS_SHOWN):
            if line is None or place >= min(len(loud), most):
                self.banners.hide_banner(f"alarm-{place}")
                continue
            alarm = loud[place]
            head, since = alarm_sentence(alarm, line.now_ms, line.head.timezone)
            rest = len(loud) - most if place == most - 1 else 0
            body = " · ".join([since, *([_("{count} more").format(count=rest)] if rest > 0 else [])])
            act = partial(self._acknowledge, alarm)
            face = BannerFace("trouble", head, body, _("Acknowledge"), closable=False, act=act)
            self.banners.show_banner(f"alarm-{place}", face)

    def _unstored(self) -> AlarmNow | None:
        """The alarm that nothing is stored, which only the Overview's answer holds."""
        alarms = self._answer.alarms if isinstance(self._answer, LineNow) else ()
        return next((alarm for alarm in alarms if alarm.kind == AlarmKind.COLLECTOR), None)

    def _acknowledge(self, alarm: AlarmNow) -> None:
        if self._answer is not None:
            said = alarm_sentence(alarm, self._answer.now_ms, self._answer.head.timezone)[0]
            self._tell_seen(partial(self._ways.acknowledge, alarm), _("Acknowledged: {alarm}").format(alarm=said))

    def unacknowledge(self, number: int) -> None:
        """Take back that an alarm was seen."""
        self._tell_seen(partial(self._ways.unacknowledge, number), "")

    def _tell_seen(self, errand: Callable[[], object], words: str) -> None:
        """Write on another thread; `words` are what can be taken back afterwards."""
        if self._seen is None:
            self._seen_words = words
            self._seen = Errand(errand)
            self._seen.done.connect(self._acknowledged)
            self._seen.failed.connect(self._not_acknowledged)
            self._seen.start()

    def _acknowledged(self, number: object) -> None:
        self._seen = None
        self.banners.hide_banner("seen")
        if self._seen_words and isinstance(number, int):
            self.offer_undo(self._seen_words, partial(self.unacknowledge, number))

    def _not_acknowledged(self, sentence: str) -> None:
        self._seen = None
        self.banners.show_banner("seen", BannerFace("trouble", sentence))

    def _on_trouble(self, error: KnownError) -> None:
        self.screens[self._current].fail()
        if isinstance(error, OlderError):
            self._bring_up_to_date()
            return
        head, act = _("Not known at the moment"), self.open_data
        face = BannerFace("trouble", head, str(error), _("Open folder"), closable=False, act=act)
        self.banners.show_banner("trouble", face)

    def _bring_up_to_date(self) -> None:
        """An older program wrote the file: the start of a collector copies it and brings it up to date."""
        if self._older_refused:
            return  # the banner that says why has a button
        if self._older_since is None:
            self._older_since = time.monotonic()
        self._start_collector()
        passed = minutes(round((time.monotonic() - self._older_since) * 1000))
        head = _("The data are being brought up to date for this version of Gadong")
        body = " · ".join((_("A copy is kept in {folder}.").format(folder=self._folder / "backups"), passed))
        self.banners.show_banner("trouble", BannerFace("note", head, body, closable=False))

    def _try_update_again(self) -> None:
        self._older_since, self._older_refused, self._retry_at = None, False, 0.0
        self._bring_up_to_date()

    def _watch(self) -> None:
        """Twice a second: an answer that does not come is as stale as one that is old."""
        if (self._folder / COME_FORWARD).exists():
            (self._folder / COME_FORWARD).unlink(missing_ok=True)
            self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
            self.raise_()
            self.activateWindow()
        if self._report is not None:
            self._show_report_progress()
        quiet_s = time.monotonic() - self._answered_at
        if quiet_s * 1000 > STALE_MS:
            if "trouble" in self.banners.shown():  # it says why
                self.banners.hide_banner("reader")
            else:
                head = _("No data for {minutes}").format(minutes=minutes(round(quiet_s * 1000)))
                self.banners.show_banner(
                    "reader", BannerFace("silent", head, _("The data file does not answer."), closable=False)
                )
            if self._answer is not None and self._answer_of == self._current:
                since = self._answer.now_ms
                self.screens[self._current].present(self._answer, since)
        else:
            self.banners.hide_banner("reader")

    # -- the collector --

    def _start_collector(self) -> None:
        if self._errand is not None or time.monotonic() < self._retry_at:
            return
        self._attempts += 1
        self._errand = Errand(self._ways.keep_collecting)
        self._errand.done.connect(self._collector_started)
        self._errand.failed.connect(self._collector_failed)
        self._errand.start()

    def _collector_started(self, _result: object) -> None:
        self._errand = None
        self._retry_at = time.monotonic() + RETRY_S[min(self._attempts, len(RETRY_S)) - 1]
        self.banners.hide_banner("collector")

    def _collector_failed(self, sentence: str) -> None:
        self._collector_started(None)
        if self._older_since is None:
            self.banners.show_banner("collector", BannerFace("trouble", sentence))
            return
        self._older_refused = True
        head = _("The data could not be brought up to date")
        face = BannerFace("trouble", head, sentence, _("Try again"), closable=False, act=self._try_update_again)
        self.banners.show_banner("trouble", face)

    # -- the baud rate of a device --

    def listen(self, device: int) -> None:
        """Let the collector find the baud rate of a device; the screen shows where that stands."""
        if self._listening is not None:
            return
        errand = LongErrand(partial(self._ways.listen, device))
        self._listening = (device, errand)
        errand.told.connect(self._listening_told)
        errand.done.connect(self._listening_over)
        errand.failed.connect(self._listening_over)
        errand.start()

    def end_listening(self) -> None:
        """Give up."""
        if self._listening is not None:
            self._listening[1].end()

    def _listening_told(self, now: object) -> None:
        if self._listening is not None:
            self._show_listening(self._listening[0], cast("Listened | str", now))

    def _listening_over(self, now: object) -> None:
        """What was found, or the sentence of why not."""
        if self._listening is not None:
            device, _errand = self._listening
            self._listening = None
            self._show_listening(device, cast("Listened | str", now))

    def _show_listening(self, device: int, now: Listened | str | None) -> None:
        if "devices" in self.screens:
            cast("Devices", self.screens["devices"]).show_listening(device, now)

    def use_line(self, device: int, baud: int, frame: str, words: str) -> None:
        """Let a device have this baud rate and frame; `words` are what can be taken back afterwards."""
        self._set_line(device, {"baud": baud, "frame": frame}, words)

    def _set_line(self, device: int, wanted: Mapping[str, Plain], words: str) -> None:
        if self._line is None:
            errand = Errand(partial(self._ways.use_line, device, wanted))
            self._line = (device, words, errand)
            errand.done.connect(self._line_set)
            errand.failed.connect(self._line_not_set)
            errand.start()

    def _line_set(self, before: object) -> None:
        if self._line is not None:
            device, words, _errand = self._line
            self._line = None
            self._show_listening(device, None)
            if words and isinstance(before, Mapping):
                self.offer_undo(words, partial(self._set_line, device, before, ""))

    def _line_not_set(self, sentence: str) -> None:
        if self._line is not None:
            device, _words, _errand = self._line
            self._line = None
            self._show_listening(device, sentence)

    # -- the report --

    def make_report(self, shift: str, formats: str, form: str = "", printer: str = "") -> None:
        """Write or print the report of a shift in a child process; the banner says how much of it is done and can end
        it."""
        if self._report is not None:
            return
        program, *words = self._ways.report_command(self._folder / "reports", shift, formats, form, printer)
        process = QProcess(self)
        self._report = process
        self._report_of = (shift, formats, form, printer)
        self._report_since = time.monotonic()
        self._report_said = b""
        self._report_done = "0 %"
        process.readyReadStandardOutput.connect(self._report_says)
        process.finished.connect(self._report_ended)
        process.errorOccurred.connect(self._report_broken)
        self._show_report_progress()
        process.start(program, words)

    def _show_report_progress(self) -> None:
        """Which files, how much of them is done, and for how long already."""
        _shift, formats, form, printer = self._report_of
        named = [*formats.upper().split(","), *([_("Form")] if form else []), printer]
        passed = minutes(round((time.monotonic() - self._report_since) * 1000))
        body = f"{', '.join(name for name in named if name)} · {self._report_done} · {passed}"
        self._show_writing(self._report_done)
        self.banners.show_banner(
            "report",
            BannerFace(
                "note",
                _("Printing the shift report") if printer else _("Making the shift report"),
                body,
                _("Cancel"),
                closable=False,
                act=self._cancel_report,
            ),
        )

    def _report_says(self) -> None:
        """The child tells how many percent are done, and at the end which files there are."""
        if self._report is None:
            return
        self._report_said += bytes(self._report.readAllStandardOutput().data())
        lines = self._report_said.decode("utf-8", "replace").split("\n")[:-1]
        told = [line.strip().rstrip("%") for line in lines if line.strip().endswith("%")]
        if told and told[-1].isdecimal():
            self._report_done = f"{told[-1]} %"
            self._show_report_progress()

    def _cancel_report(self) -> None:
        """End the child; a file that is not whole yet never appears under its name."""
        process, self._report = self._report, None
        if process is not None:
            process.kill()
            process.waitForFinished(2000)
            process.deleteLater()
            self._show_writing("")
            head, body = _("The shift report was cancelled"), _("None of its files is left half.")
            if self._report_of[-1]:
                head, body = _("Printing was cancelled"), ""
            self.banners.show_banner("report", BannerFace("note", head, body, passing=True))

    def _show_writing(self, done: str) -> None:
        if "report" in self.screens:
            cast("ReportPage", self.screens["report"]).show_writing(done)

    def _report_broken(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self._report_ended(1, QProcess.ExitStatus.CrashExit)

    def _report_ended(self, code: int, status: QProcess.ExitStatus) -> None:
        self._report_says()
        process, self._report = self._report, None
        if process is None:
            return
        self._show_writing("")
        said = bytes(process.readAllStandardError().data()).decode("utf-8", "replace").strip().splitlines()
        files = [line.strip() for line in self._report_said.decode("utf-8", "replace").split("\n")]
        names = ", ".join(Path(file).name for file in files if file and not file.endswith("%"))
        process.deleteLater()
        out, printer = self._folder / "reports", self._report_of[-1]
        well = code == 0 and status is QProcess.ExitStatus.NormalExit
        if well and printer:
            self.banners.show_banner(
                "report", BannerFace("note", _("The shift report went to the printer"), printer, passing=True)
            )
        elif well:
            self.banners.show_banner(
                "report",
                BannerFace(
                    "note",
                    _("The shift report is ready"),
                    ": ".join(part for part in (str(out), names) if part),
                    _("Open folder"),
                    passing=True,
                    act=self.open_reports,
                ),
            )
        else:
            reason = said[-1] if said else _("The report could not be written. Details are in the log file.")
            head = _("The shift report was not printed") if printer else _("No shift report")
            self.banners.show_banner(
                "report", BannerFace("trouble", head, reason, _("Try again"), act=self._retry_report)
            )

    def _retry_report(self) -> None:
        self.make_report(*self._report_of)

    def _print(self) -> None:
        """Ctrl+P on the page of the report; no other screen is printed."""
        if self._current == "report" and not self._helping():
            cast("ReportPage", self.screens["report"]).ask_printers()

    def ask_printers(self) -> None:
        """Look for printers on another thread; the page offers them, a banner says where there are none."""
        if self._printers is not None or self._report is not None:
            return
        self._printers = Errand(self._ways.printers)
        self._printers.done.connect(self._printers_found)
        self._printers.failed.connect(self._printers_refused)
        self._printers.start()

    def _printers_found(self, names: object) -> None:
        self._printers = None
        found = [str(name) for name in names] if isinstance(names, tuple) else []
        if not found:
            words = _("Set one up in the system, or save the report as PDF and print it elsewhere.")
            self.banners.show_banner("print", BannerFace("note", _("No printer is set up on this computer"), words))
            return
        self.banners.hide_banner("print")
        if self._current == "report" and not self._helping():
            cast("ReportPage", self.screens["report"]).offer_printers(found)

    def _printers_refused(self, sentence: str) -> None:
        self._printers = None
        self.banners.show_banner("print", BannerFace("trouble", _("The printers are not known"), sentence))

    def print_report(self, shift: str, printer: str) -> None:
        """Print the report of a shift in a child process."""
        self.make_report(shift, "", "", printer)

    def save_table(self, section: Section, ending: str, timezone: str, name: str) -> None:
        """Write a table of a screen beside the reports under a name of its own, on another thread."""
        if self._saving is not None:
            return
        out = self._folder / "reports"
        self._saving = Errand(lambda: _written(section, ending, timezone, out, name))
        self._saving.done.connect(self._table_saved)
        self._saving.failed.connect(self._table_refused)
        self._saving.start()

    def _table_saved(self, file: object) -> None:
        self._saving = None
        self.banners.show_banner(
            "table",
            BannerFace(
                "note", _("The table is saved"), str(file), _("Open folder"), passing=True, act=self.open_reports
            ),
        )

    def _table_refused(self, sentence: str) -> None:
        self._saving = None
        self.banners.show_banner("table", BannerFace("trouble", _("The table was not saved"), sentence))

    def open_reports(self) -> None:
        self._ways.open_folder(self._folder / "reports")

    def open_forms(self) -> None:
        """Show the folder of the shop's forms; where there is none it is made, with a sample to begin with."""
        if self._saving is not None:
            return
        self._saving = Errand(self._ways.make_forms)
        self._saving.done.connect(self._forms_there)
        self._saving.failed.connect(self._forms_refused)
        self._saving.start()

    def _forms_there(self, folder: object) -> None:
        self._saving = None
        if isinstance(folder, Path):
            self._ways.open_folder(folder)

    def _forms_refused(self, sentence: str) -> None:
        self._saving = None
        self.banners.show_banner("table", BannerFace("trouble", _("The folder of the forms is not there"), sentence))

    def open_data(self) -> None:
        self._ways.open_folder(self._folder)

    # -- what can be taken back --

    def offer_undo(self, words: str, undo: Callable[[], None]) -> None:
        """Say what was changed; the button of that bar and Ctrl+Z take it back while it is in sight."""
        self._undo = undo
        self.undo_bar.offer(words)

    def _take_back(self) -> None:
        undo, self._undo = self._undo, None
        if undo is not None and not self.undo_bar.isHidden():
            self.undo_bar.hide()
            undo()

    # -- beginning and end --

    def _restore(self) -> None:
        geometry = self._settings.value("geometry")
        if not isinstance(geometry, QByteArray) or not self.restoreGeometry(geometry):
            self.resize(QSize(1600, 900).boundedTo(self.screen().availableSize()))
            self.setWindowState(Qt.WindowState.WindowMaximized)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember the window, end the reading thread and a report that is being written; the collector goes on."""
        self._appeared = True  # or it would come up after all
        self._settings.setValue("geometry", self.saveGeometry())
        self._settings.setValue("screen", self._current)
        page = self._machine_page()
        if page is not None and page.machine is not None:
            self._settings.setValue("machine", str(page.machine))
        for key, screen in self.screens.items():
            for name, value in screen.choices().items():
                self._settings.setValue(f"{key}/{name}", value)
        self._settings.sync()
        self._timer.stop()
        if self.andon is not None:
            self.andon.close()
        self.end_listening()
        self.reader.end()
        if self._report is not None:
            process, self._report = self._report, None
            process.kill()
            process.waitForFinished(2000)
        super().closeEvent(event)
