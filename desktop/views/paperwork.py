"""What leaves the window as a file or on paper: the shift report, tables of screens, the shop's forms."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QProcess, QTimer, Signal

from desktop.text import _
from desktop.views.background import Messenger
from desktop.views.ways import Ways
from desktop.views.widgets.banner import BannerFace, Banners
from desktop.wording.numbers import minutes

if TYPE_CHECKING:
    from desktop.domain.figures.trace import Found
    from desktop.reports.blocks import Section

PASSED_MS = 500  # so often the banner says for how long a report is being made already


def _written(section: Section, ending: str, timezone: str, out: Path, name: str) -> Path:
    """Write a table. Raises KnownError with the sentence of why not."""
    from desktop.reports import write  # brings the workbook writer, which a window at rest does without

    return write.write_tables([section], ending, timezone, out, name)


def _exported(found: Found, ending: str, out: Path) -> Path:
    """Write what was found of a code. Raises KnownError with the sentence of why not."""
    from desktop.reports import trace

    return trace.export(found, ending, out)


_WEEK = "week"  # in the place of a shift: the page of the last week


class Paperwork(QObject):
    """Has reports, tables and forms made, one of each kind at a time, and says in banners what became of them."""

    progressed = Signal(str)  # how much of the report is done, "42 %"; "" when none is being made any more
    printers_found = Signal(object)  # their names, the usual one first; at least one

    def __init__(self, folder: Path, ways: Ways, banners: Banners, parent: QObject) -> None:
        super().__init__(parent)
        self._folder = folder
        self._ways = ways
        self._banners = banners
        self.process: QProcess | None = None  # the child that makes a report
        self._report_of = ("", "", "", "")
        self._since = 0.0
        self._said = b""
        self._done = ""
        self._passed = QTimer(self)
        self._passed.setInterval(PASSED_MS)
        self._passed.timeout.connect(self._show_progress)
        self.writer = Messenger(self)  # of tables and forms
        self.looker = Messenger(self)  # for printers

    # -- the report --

    def make_report(self, shift: str, formats: str, form: str = "", printer: str = "") -> None:
        """Write or print the report of a shift in a child process; the banner says how much of it is done and can end
        it."""
        if self.process is None:
            command = self._ways.report_command(self._folder / "reports", shift, formats, form, printer)
            self._begin(command, (shift, formats, form, printer))

    def make_week(self) -> None:
        """Write the page of the last week in a child process, as `make_report`."""
        if self.process is None:
            self._begin(self._ways.week_command(self._folder / "reports"), (_WEEK, "pdf,xlsx", "", ""))

    def _begin(self, command: list[str], what: tuple[str, str, str, str]) -> None:
        program, *words = command
        process = self.process = QProcess(self)
        self._report_of = what
        self._since, self._said, self._done = time.monotonic(), b"", "0 %"
        process.readyReadStandardOutput.connect(self._child_says)
        process.finished.connect(self._child_ended)
        process.errorOccurred.connect(self._child_broken)
        self._show_progress()
        self._passed.start()
        process.start(program, words)

    def print_report(self, shift: str, printer: str) -> None:
        """Print the report of a shift in a child process."""
        self.make_report(shift, "", "", printer)

    def end(self) -> None:
        """End a report that is being made; a file that is not whole yet never appears under its name."""
        process = self._let_go()
        if process is not None:
            process.kill()
            process.waitForFinished(2000)
            process.deleteLater()

    def _let_go(self) -> QProcess | None:
        """The child, of which nothing more is shown."""
        self._passed.stop()
        process, self.process = self.process, None
        return process

    def _show_progress(self) -> None:
        """Which files, how much of them is done, and for how long already."""
        _shift, formats, form, printer = self._report_of
        named = [*formats.replace("png", _("Picture")).upper().split(","), *([_("Form")] if form else []), printer]
        passed = minutes(round((time.monotonic() - self._since) * 1000))
        body = f"{', '.join(name for name in named if name)} · {self._done} · {passed}"
        head = _("Printing the shift report") if printer else _("Making the shift report")
        head = _("Making the page of the week") if _shift == _WEEK else head
        self.progressed.emit(self._done)
        self._banners.show_banner(
            "report", BannerFace("note", head, body, _("Cancel"), closable=False, act=self._cancel)
        )

    def _child_says(self) -> None:
        """The child tells how many percent are done, and at the end which files there are."""
        if self.process is None:
            return
        self._said += bytes(self.process.readAllStandardOutput().data())
        lines = self._said.decode("utf-8", "replace").split("\n")[:-1]
        told = [line.strip().rstrip("%") for line in lines if line.strip().endswith("%")]
        if told and told[-1].isdecimal():
            self._done = f"{told[-1]} %"
            self._show_progress()

    def _cancel(self) -> None:
        if self.process is not None:
            self.end()
            self.progressed.emit("")
            head, body = _("The shift report was cancelled"), _("None of its files is left half.")
            if self._report_of[0] == _WEEK:
                head = _("The page of the week was cancelled")
            elif self._report_of[-1]:
                head, body = _("Printing was cancelled"), ""
            self._banners.show_banner("report", BannerFace("note", head, body, passing=True))

    def _child_broken(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self._child_ended(1, QProcess.ExitStatus.CrashExit)

    def _child_ended(self, code: int, status: QProcess.ExitStatus) -> None:
        self._child_says()
        process = self._let_go()
        if process is None:
            return
        self.progressed.emit("")
        complaint = bytes(process.readAllStandardError().data()).decode("utf-8", "replace").strip().splitlines()
        process.deleteLater()
        well = code == 0 and status is QProcess.ExitStatus.NormalExit
        self._banners.show_banner("report", self._made() if well else self._not_made(complaint))

    def _made(self) -> BannerFace:
        """What is said when the child did its work."""
        if printer := self._report_of[-1]:
            return BannerFace("note", _("The shift report went to the printer"), printer, passing=True)
        files = [line.strip() for line in self._said.decode("utf-8", "replace").split("\n")]
        names = ", ".join(Path(file).name for file in files if file and not file.endswith("%"))
        body = ": ".join(part for part in (str(self._folder / "reports"), names) if part)
        ready = _("The page of the week is ready") if self._report_of[0] == _WEEK else _("The shift report is ready")
        return BannerFace("note", ready, body, _("Open folder"), passing=True, act=self.open_reports)

    def _not_made(self, complaint: list[str]) -> BannerFace:
        """What is said when it did not; the last line of its complaint is the reason."""
        reason = complaint[-1] if complaint else _("The report could not be written. Details are in the log file.")
        head = _("The shift report was not printed") if self._report_of[-1] else _("No shift report")
        head = _("No page of the week") if self._report_of[0] == _WEEK else head
        return BannerFace("trouble", head, reason, _("Try again"), act=self._try_again)

    def _try_again(self) -> None:
        if self._report_of[0] == _WEEK:
            self.make_week()
        else:
            self.make_report(*self._report_of)

    def say_copied(self) -> None:
        """The first page is in the clipboard."""
        words = (_("The picture is copied"), _("Paste it into the messenger with Ctrl+V."))
        self._banners.show_banner("picture", BannerFace("note", *words, passing=True))

    # -- printers --

    def ask_printers(self) -> None:
        """Look for printers on another thread; `printers_found` brings them, a banner says where there are none."""
        if self.process is None:
            self.looker.send(self._ways.printers, self._printers_found, self._printers_refused)

    def _printers_found(self, names: object) -> None:
        found = [str(name) for name in names] if isinstance(names, tuple) else []
        if not found:
            words = _("Set one up in the system, or save the report as PDF and print it elsewhere.")
            self._banners.show_banner("print", BannerFace("note", _("No printer is set up on this computer"), words))
            return
        self._banners.hide_banner("print")
        self.printers_found.emit(found)

    def _printers_refused(self, sentence: str) -> None:
        self._banners.show_banner("print", BannerFace("trouble", _("The printers are not known"), sentence))

    # -- tables, forms and folders --

    def save_table(self, section: Section, ending: str, timezone: str, name: str) -> None:
        """Write a table of a screen beside the reports under a name of its own, on another thread."""
        out = self._folder / "reports"
        self.writer.send(lambda: _written(section, ending, timezone, out, name), self._table_saved, self._table_refused)

    def save_trail(self, asked: object, ending: str) -> None:
        """Write the changes that are asked for beside the reports, on another thread."""
        out = self._folder / "reports"
        self.writer.send(lambda: self._ways.trail(asked, ending, out), self._table_saved, self._table_refused)

    def save_found(self, found: Found, ending: str) -> None:
        """Write what was found of a code beside the reports, on another thread."""
        out = self._folder / "reports"
        self.writer.send(lambda: _exported(found, ending, out), self._found_saved, self._table_refused)

    def _found_saved(self, file: object) -> None:
        if isinstance(file, Path):
            face = BannerFace(
                "note", _("The file is ready"), str(file), _("Open"), passing=True,
                act=lambda: self._ways.open_folder(file),
            )  # fmt: skip
            self._banners.show_banner("table", face)

    def _table_saved(self, file: object) -> None:
        words = (_("The table is saved"), str(file), _("Open folder"))
        self._banners.show_banner("table", BannerFace("note", *words, passing=True, act=self.open_reports))

    def _table_refused(self, sentence: str) -> None:
        self._banners.show_banner("table", BannerFace("trouble", _("The table was not saved"), sentence))

    # -- bar codes --

    def make_sheet(self, machine: str | None) -> None:
        """Make the bar code sheet of a machine, None: everybody's badges; the banner opens it, to be printed."""
        head = _("Making the badges") if machine is None else _("Making the bar code sheet")
        if self.writer.send(lambda: self._ways.make_sheet(machine), self._sheet_made, self._sheet_refused):
            self._banners.show_banner("sheet", BannerFace("note", head, machine or "", closable=False))

    def _sheet_made(self, file: object) -> None:
        if isinstance(file, Path):
            head, body = _("The sheet is ready to be printed"), str(file)
            self._banners.show_banner(
                "sheet", BannerFace("note", head, body, _("Open"), act=lambda: self._ways.open_folder(file))
            )
            self._ways.open_folder(file)

    def _sheet_refused(self, sentence: str) -> None:
        self._banners.show_banner("sheet", BannerFace("trouble", _("The sheet was not made"), sentence))

    def open_forms(self) -> None:
        """Show the folder of the shop's forms; where there is none it is made, with a sample to begin with."""
        self.writer.send(self._ways.make_forms, self._forms_there, self._forms_refused)

    def _forms_there(self, folder: object) -> None:
        if isinstance(folder, Path):
            self._ways.open_folder(folder)

    def _forms_refused(self, sentence: str) -> None:
        self._banners.show_banner("table", BannerFace("trouble", _("The folder of the forms is not there"), sentence))

    def open_reports(self) -> None:
        """Show the folder of reports and tables."""
        self._ways.open_folder(self._folder / "reports")
