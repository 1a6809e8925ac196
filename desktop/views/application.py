"""The Qt application: fonts first, faults into a log and one quiet banner, then the welcome page or the window."""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING

from msgspec import Struct
from PySide6.QtCore import (
    QLibraryInfo,
    QMessageLogContext,
    QObject,
    QSettings,
    QSize,
    Qt,
    QtMsgType,
    QTranslator,
    Signal,
    qInstallMessageHandler,
)
from PySide6.QtWidgets import QApplication

from desktop import control, paint, summaries, text
from desktop.store import database
from desktop.store.database import KnownError
from desktop.store.locks import ProcessLock
from desktop.text import _, os_reason
from desktop.tokens import THEMES
from desktop.views import sound, theme
from desktop.views.theme import LEAST_WINDOW, TEXT_SIZES
from desktop.views.ways import TableWays, Ways
from desktop.views.widgets.banner import BannerFace
from desktop.views.window import COME_FORWARD, Window

if TYPE_CHECKING:
    from desktop.configuration.shop_calendar import ShopCalendar
    from desktop.configuration.staff import Staff
    from desktop.views.ways import LabelWays
    from desktop.views.welcome import Welcome
    from desktop.views.widgets.setting_row import Setting

log = logging.getLogger(__name__)

EXAMPLE = Path(__file__).resolve().parent.parent.parent / "resources" / "demo_line.toml"
WINDOW_LOCK = "window.lock"  # held while a window is open on a data folder
ANEW = 64  # exit code of a Qt application whose size of text is to change: the window opens again at once
DEMO_STARTS_S = 90  # its first start sets up wires and servers
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
_HARMLESS = ("This plugin does not support",)  # the offscreen platform, for every window


def run(folder: Path | None, lang: str | None = None, theme_name: str | None = None) -> int:
    """Show the window over a data folder, or the welcome page where it holds no database; returns the exit code.

    A second window of the same folder brings the first one forward instead. Where the folder cannot be written a
    small window says so (who starts it from an icon sees no terminal), and KnownError is raised when it is closed.
    `lang` and `theme_name` None: as the window was left, else the language in use and the light theme.
    """
    folder = folder or control.default_folder()
    place = ProcessLock(folder / WINDOW_LOCK)
    try:
        opened = not database.path_of(folder).exists() or _take_place(place, folder)
    except KnownError as error:
        _refuse(str(error), lang, theme_name)
        raise
    if not opened:
        print(_("The window of {folder} is open already; it comes to the front.").format(folder=folder))
        return 0
    changed: Change | None = None
    try:
        while True:
            percent = text_percent(folder)
            with _scaled(percent):
                application = set_up(lang, theme_name)
            screen = application.primaryScreen()
            share = _share(screen.availableSize() * (percent / 100), screen.devicePixelRatio() * 100 / percent)
            if share < 1:
                _shut_down(application)
                with _scaled(percent * share):
                    application = set_up(lang, theme_name)
            desk = Desk(application, folder, theme_name, lang, place)
            desk.open(changed)
            code = application.exec()
            desk.end()
            if code != ANEW:
                return code
            changed = desk.changed
            desk.window = None
            _shut_down(application)
            del application, desk
    finally:
        place.release()


def settings_file(folder: Path) -> QSettings:
    """What the window of a data folder remembers."""
    return QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)


def text_percent(folder: Path) -> int:
    """The size of text that was chosen for a data folder, in percent."""
    kept = str(settings_file(folder).value("text_size", "100")) if folder.is_dir() else "100"
    return int(kept) if kept in map(str, TEXT_SIZES) else 100


def _share(room: QSize, ratio: float) -> float:
    """By how much everything is to be drawn smaller than the system's scale says, so that the smallest window fits on a
    screen of `room` logical pixels with `ratio` real ones each: 1 where it fits; no letter gets smaller than at 100 %.
    """
    wide, high = LEAST_WINDOW
    return min(max(min(room.width() / wide, room.height() / high), 1 / ratio), 1.0)


def _shut_down(application: QApplication) -> None:
    """End an application so that another one may begin: Qt takes its scale once in an application's life."""
    theme.forget_icons()
    application.shutdown()


@contextlib.contextmanager
def _scaled(percent: float) -> Iterator[None]:
    """Qt applications that begin inside the block show everything at `percent`; our other processes do not."""
    before = os.environ.get("QT_SCALE_FACTOR")
    if percent != 100:
        os.environ["QT_SCALE_FACTOR"] = f"{float(before or 1) * percent / 100:g}"
    try:
        yield
    finally:
        if percent != 100:
            del os.environ["QT_SCALE_FACTOR"]
            if before is not None:
                os.environ["QT_SCALE_FACTOR"] = before


def _refuse(sentence: str, lang: str | None, theme_name: str | None) -> None:
    """Show a sentence alone until its window is closed."""
    from desktop.views.notice import Notice

    application = set_up(lang, theme_name)
    notice = Notice(sentence)
    notice.show()
    application.exec()
    notice.deleteLater()


def _take_place(place: ProcessLock, folder: Path) -> bool:
    """Hold the place of the one window of a folder; False where another has it, which is asked to come forward."""
    try:
        if place.take():
            return True
        (folder / COME_FORWARD).touch()
    except OSError as error:
        raise KnownError(
            _(
                "The folder {folder} cannot be written ({reason}). "
                "Choose another with --data-dir or ask for write permission."
            ).format(folder=folder, reason=os_reason(error))
        ) from error
    return False


def set_up(lang: str | None = None, theme_name: str | None = None) -> QApplication:
    """The one QApplication with typeface, texts and theme. Safe to call again."""
    if lang is not None:
        text.use(lang)
    existing = QApplication.instance()
    # Said by its argument, since `setStyle` returns a QStyle, and with it PySide6 makes two dozen classes of enums.
    application = existing if isinstance(existing, QApplication) else QApplication([*sys.argv[:1], "-style", "Fusion"])
    application.setApplicationName("Gadong")
    paint.load_fonts()
    theme.use(application, theme_name or "light")
    _translate_dialogs(application)
    return application


def smoke() -> str:
    """Whether a window can be made here, in a sentence; one that begins with "!" says that it cannot."""
    from desktop.views.welcome import Welcome

    try:
        application = set_up()
        page = Welcome(lambda: None, lambda *_words: [], EXAMPLE)
        page.resize(1366, 768)
        page.show()
        application.processEvents()
        drawn = not page.grab().isNull()
        page.close()
        page.deleteLater()
    except RuntimeError as error:
        return "!" + _("The window cannot be drawn here: {reason}.").format(reason=error)
    return _("The window can be drawn.") if drawn else "!" + _("The window cannot be drawn here.")


def _translate_dialogs(application: QApplication) -> None:
    """Qt's own dialogs speak Korean where the window does."""
    # Known by name: among all children of the application is its style, and with it PySide6 makes the enums of QStyle.
    old = application.findChild(QTranslator, "dialogs", Qt.FindChildOption.FindDirectChildrenOnly)
    if old is not None:
        application.removeTranslator(old)
        old.setParent(None)  # its wrapper was the last that held it
    if text.language() == "ko":
        translator = QTranslator(application)
        translator.setObjectName("dialogs")
        if translator.load("qtbase_ko", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
            application.installTranslator(translator)


class Change(Struct, frozen=True):
    """A setting that was changed, with the value to which it can be taken back."""

    key: str
    before: str


class Desk:
    """What stands on the screen: the welcome page or the window of one data folder."""

    def __init__(
        self, application: QApplication, folder: Path, theme_name: str | None, lang: str | None, place: ProcessLock
    ) -> None:
        self.application = application
        self.folder = folder
        self.window: Window | Welcome | None = None
        self._theme = theme_name
        self._lang = lang
        self._place = place
        self._held = database.path_of(folder).exists()
        self._percent = text_percent(folder)
        self._faults = Faults(self._say_fault)
        self.changed: Change | None = None  # what the application is begun anew for

    def open(self, changed: Change | None = None) -> None:
        """Show the window if there is a database, else the welcome page. `changed` can be taken back in the window."""
        if database.path_of(self.folder).exists():
            self._open_window()
        else:
            self._open_welcome()
        if changed is not None and isinstance(self.window, Window):
            setting = self._setting(changed.key)
            words = f"{setting.title}: {setting.words_of(setting.chosen)}"
            self.window.offer_undo(words, partial(self._change, changed.key, changed.before, keep_undo=False))

    def _open_window(self) -> None:
        self._held = self._held or self._place.take()
        settings = settings_file(self.folder)
        lang = self._lang or str(settings.value("language", text.language()))
        if lang in text.LANGUAGES and lang != text.language():
            text.use(lang)
            _translate_dialogs(self.application)
        name = self._theme or str(settings.value("theme", "light"))
        green = settings.value("running", "grey") == "green"
        sound.use(settings.value("sound", "off") == "on")
        theme.use(self.application, name if name in THEMES else "light", green)
        self._faults.write_to(self.folder / "logs")
        window = Window(self.folder, settings, ways(self.folder), self._percent)
        window.setting_wanted.connect(self._change)
        if isinstance(self.window, Window) and self.window.person is not None:
            window.login.log_in(self.window.person)  # other colours are no other person
        if self.window is None:
            self.window = window
            window.appear()
        else:
            self._show(window)
        window.begin()

    def _open_welcome(self) -> None:
        from desktop.views.welcome import Welcome

        page = Welcome(self._start_demo, partial(control.command, self.folder), EXAMPLE)
        page.language_wanted.connect(self._speak)
        page.ready.connect(self._open_window)
        page.demo_opened.connect(page.close)
        self._show(page)

    def _show(self, window: Window | Welcome) -> None:
        before, self.window = self.window, window
        if before is not None and before.isMaximized():
            window.showMaximized()
        elif before is not None:
            window.setWindowState(Qt.WindowState.WindowNoState)
            window.setGeometry(before.geometry())
            window.show()
        else:
            window.show()
        if before is not None:
            before.close()
            before.deleteLater()

    def _start_demo(self) -> None:
        """Start the demo and wait until its window is open. Raises KnownError if it never is."""
        control.start_demo()
        folder = control.demo_folder(control.default_folder())
        if control.wait_for(lambda: _is_shown(folder), DEMO_STARTS_S):
            return
        raise KnownError(
            _("The demo line did not start. Its words are in {file}.").format(file=folder / "logs" / "demo.out")
        )

    def _speak(self, lang: str) -> None:
        text.use(lang)
        self._lang = lang
        _translate_dialogs(self.application)
        self.open()

    def _setting(self, key: str) -> Setting:
        """A setting as it holds now."""
        from desktop.views.window_settings import settings_of

        return next(s for s in settings_of(self._percent, QSize()) if s.key == key)

    def _change(self, key: str, value: str, *, keep_undo: bool = True) -> None:
        """Keep a setting of this data folder and show everything anew."""
        before = self._setting(key).chosen
        settings = settings_file(self.folder)
        settings.setValue(key, value)
        settings.sync()
        changed = Change(key, before) if keep_undo else None
        if key == "text_size":
            self.changed = changed
            self.application.exit(ANEW)
            if self.window is not None:
                self.window.close()
            return
        if key == "language":
            text.use(value)
            self._lang = value
            _translate_dialogs(self.application)
        elif key == "theme":
            self._theme = value
        self.open(changed)

    def end(self) -> None:
        """Give back what the interpreter was told; for the end of the program."""
        self._faults.end()

    def _say_fault(self, sentence: str) -> None:
        if isinstance(self.window, Window):
            self.window.banners.show_banner("fault", BannerFace("trouble", sentence))


def _is_shown(folder: Path) -> bool:
    """Whether a collector runs for a folder and a window is open on it."""
    if not database.path_of(folder).exists():
        return False
    store = database.open_reader(folder)
    try:
        running = summaries.collector_now(store).running
    finally:
        store.close()
    window = ProcessLock(folder / WINDOW_LOCK)
    free = window.take(keep_note=True)
    window.release()
    return running and not free


def _made_forms(folder: Path) -> Path:
    from desktop.reports import form  # brings openpyxl, which a window at rest does without
    from desktop.views.report_desk import FORMS_FOLDER

    return form.offer(folder / FORMS_FOLDER)


def _desk(folder: Path) -> TableWays:
    from desktop.configuration.sheets.desk import Desk  # brings the drivers, which a window at rest does without

    return Desk(folder)


def _calendar(folder: Path) -> ShopCalendar:
    from desktop.configuration.shop_calendar import ShopCalendar

    return ShopCalendar(folder)


def _staff(folder: Path) -> Staff:
    from desktop.configuration.staff import Staff  # a shop without people does without

    return Staff(folder)


def ways(folder: Path) -> Ways:
    """How the window of a data folder reaches the rest of the program."""
    return Ways(
        acknowledge=lambda alarm, seen_ms, who: control.acknowledge(folder, alarm, seen_ms, who),
        unacknowledge=lambda number, who: control.unacknowledge(folder, number, who),
        open_source=lambda: database.open_reader(folder),
        keep_collecting=lambda: control.ensure_collector(folder),
        report_command=lambda out, shift, formats, form, printer: control.command(
            folder,
            *("report", "--progress", "--shift", shift, "--out", str(out)),
            *(("--format", formats) if formats else ()),
            *(("--form", form) if form else ()),
            *((f"--print={printer}",) if printer else ()),
        ),
        week_command=lambda out: control.command(
            folder, *("report", "--week", "last", "--format", "pdf,xlsx", "--out", str(out))
        ),
        make_forms=lambda: _made_forms(folder),
        listen=lambda device, said, ended: control.listen(folder, control.bus_of(folder, device), said, ended),
        tables=lambda: _desk(folder),
        staff=lambda: _staff(folder),
        enter=lambda told, who, seen, why: control.entered(folder, told, who, seen, why),
        take_back=lambda numbers, who, why: control.take_back(folder, numbers, who, why),
        calendar=lambda: _calendar(folder),
        use_line=lambda device, wanted, who: control.use_line(folder, control.bus_of(folder, device), wanted, who),
        set_report=lambda wanted, seen, who: control.set_report(folder, wanted, seen, who),
        set_ask_after=lambda minutes, who: control.set_ask_after(folder, minutes, who),
        make_report_now=lambda: control.make_report_now(folder),
        waiting=lambda live, store, now_ms: live.waiting(store, now_ms),
        make_sheet=lambda machine: control.make_sheet(folder, machine),
        carry_out_scan=lambda code, home, person: control.carry_out_scan(folder, code, home, person),
        scans_answered=lambda store, after, now_ms: summaries.scans_answered(store, after, now_ms),
        trail=lambda asked, ending, out: _trail(folder, asked, ending, out),
        labels=lambda: _labels(folder),
        known_code=lambda code: _known_code(folder, code),
    )


def _labels(folder: Path) -> LabelWays:
    from desktop.labelling import Desk

    return Desk(folder)


def _known_code(folder: Path, code: str) -> bool:
    """Whether a unit, lot, box or pallet carries a code."""
    from desktop.summaries.trace.history import UnknownCodeError, find

    store = database.open_reader(folder)
    try:
        return bool(find(store, code))
    except UnknownCodeError:
        return False
    finally:
        store.close()


def _trail(folder: Path, asked: object, ending: str, out: Path) -> Path:
    """The changes that are asked for as a file."""
    from desktop.domain.trail import Asked
    from desktop.reports import trail

    store = database.open_reader(folder)
    try:
        wanted = asked if isinstance(asked, Asked) else Asked()
        return trail.export(store, wanted, ending, out, "changes")
    finally:
        store.close()


class _LogFile(logging.Handler):
    """A rotating log file that is opened, and its module imported, with the first thing to be written."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._file: logging.Handler | None = None

    def emit(self, record: logging.LogRecord) -> None:
        if self._file is None:
            from logging.handlers import RotatingFileHandler

            self._file = RotatingFileHandler(self._path, maxBytes=2_000_000, backupCount=5, encoding="utf-8")
            self._file.setFormatter(self.formatter)
        self._file.emit(record)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
        super().close()


class Faults(QObject):
    """Our own faults: into the log with their traceback, and one quiet sentence on screen; the window stays.

    They happen on any thread; the sentence comes to the thread of the windows by signal.
    """

    _happened = Signal()

    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__()
        self._say = say
        self._happened.connect(self._tell)
        self._dump: IO[str] | None = None
        self._handler: logging.Handler | None = None
        self._before = (sys.excepthook, threading.excepthook, qInstallMessageHandler(_qt_said))
        sys.excepthook = self._caught
        threading.excepthook = self._caught_in_thread

    def end(self) -> None:
        """Give back every hook and close the logs."""
        sys.excepthook, threading.excepthook, said = self._before
        qInstallMessageHandler(said)
        if self._dump is not None:
            faulthandler.disable()
            self._dump.close()
            self._dump = None
        if self._handler is not None:
            logging.getLogger().removeHandler(self._handler)
            self._handler.close()
            self._handler = None

    def write_to(self, logs: Path) -> None:
        """Write the log of the window, and what the interpreter says when it dies, into a folder."""
        if self._dump is not None:
            return
        logs.mkdir(parents=True, exist_ok=True)
        self._dump = (logs / "window-crash.log").open("a", encoding="utf-8")
        faulthandler.enable(self._dump)
        handler = self._handler = _LogFile(logs / "window.log")
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        logging.getLogger().addHandler(handler)

    def _caught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
            return
        log.critical("a fault of the program", exc_info=(kind, error, trace))
        self._happened.emit()

    def _caught_in_thread(self, caught: threading.ExceptHookArgs) -> None:
        if caught.exc_value is not None:
            log.critical(
                "a fault on another thread", exc_info=(caught.exc_type, caught.exc_value, caught.exc_traceback)
            )
            self._happened.emit()

    def _tell(self) -> None:
        self._say(_("Something went wrong in the program. Collecting goes on; details are in the log file."))


def _qt_said(kind: QtMsgType, _context: QMessageLogContext, words: str) -> None:
    if not words.startswith(_HARMLESS):
        log.log(_LEVELS.get(kind, logging.WARNING), "Qt: %s", words)
