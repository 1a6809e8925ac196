"""The automatic report on the settings: whether, what, when and where it is written, and what became of the last."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from pathlib import Path

from msgspec.structs import replace
from PySide6.QtCore import QObject, QRectF, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop import paint
from desktop.domain.automatic import AutomaticNow, Made, Policy
from desktop.reports.cells import local
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views.background import Messenger
from desktop.views.ways import Ways
from desktop.views.widgets.banner import BannerFace, Banners
from desktop.views.widgets.button import Button
from desktop.views.widgets.folder_card import end_of
from desktop.views.widgets.option import OPTION_PX, Choice
from desktop.views.widgets.painted import Painted, card, card_head, tell
from desktop.views.widgets.setting_row import HEAD_PX, Setting, SettingRow
from desktop.views.widgets.undo_bar import UndoBar
from desktop.wording.moments import day_words

FORMATS = ("pdf", "xlsx", "png", "csv")
DELAYS_MIN = (0, 5, 15, 30)
USUAL_PRINTER = "usual"


class ReportSetup(QObject):
    """Writes what is wanted of the automatic report, which can be taken back, and has one made at once."""

    changed = Signal()  # the answer of the screen is another now

    def __init__(
        self, ways: Ways, who: Callable[[], str], banners: Banners, undo_bar: UndoBar, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._ways = ways
        self._who = who  # the name of who is at the screen, "" where nobody said so
        self._banners = banners
        self._undo_bar = undo_bar
        self.writer = Messenger(self)
        self._waiting: deque[tuple[Policy, Policy, str]] = deque()  # pressed while one was being written

    def want(self, wanted: object, seen: object, words: str) -> None:
        """Let this hold where it differs from what was seen; `words` are what can be taken back, "" for nothing."""
        if isinstance(wanted, Policy) and isinstance(seen, Policy):
            work = partial(self._ways.set_report, wanted, seen, self._who())
            if not self.writer.send(work, partial(self._written, wanted, seen, words), self._refused):
                self._waiting.append((wanted, seen, words))

    def _written(self, wanted: Policy, seen: Policy, words: str, _before: object) -> None:
        self._banners.hide_banner("automatic")
        if words:
            self._undo_bar.offer(words, partial(self.want, seen, wanted, ""))
        self._go_on()

    def _refused(self, sentence: str) -> None:
        self._banners.show_banner("automatic", BannerFace("trouble", _("Not changed"), sentence))
        self._go_on()

    def _go_on(self) -> None:
        if self._waiting:
            self.want(*self._waiting.popleft())
        else:
            self.changed.emit()

    def make_now(self) -> None:
        """Have the report of the last shift made at once, also where it was made already."""
        self.writer.send(self._ways.make_report_now, self._asked, self._not_made)

    def _asked(self, shift: object) -> None:
        words = _("It appears in its folder within a minute; this page says when.")
        head = _("The report of {shift} is being made").format(shift=shift)
        self._banners.show_banner("automatic", BannerFace("note", head, words, passing=True))
        self.changed.emit()

    def _not_made(self, sentence: str) -> None:
        self._banners.show_banner("automatic", BannerFace("trouble", _("No shift report"), sentence))

    def open_folder(self, folder: str) -> None:
        """Show the folder of the reports."""
        self._ways.open_folder(Path(folder))


def settings_of(policy: Policy) -> tuple[Setting, ...]:
    """What can be chosen, with what holds. A value that a configuration file brought stands beside the usual ones."""
    minutes = policy.delay_ms // 60_000
    delays = sorted({*DELAYS_MIN, minutes})
    printers = [Choice("", _("No")), Choice(USUAL_PRINTER, _("Usual printer"))]
    if policy.printer:
        printers.append(Choice(policy.printer, policy.printer))
    chosen = "" if policy.printer is None else policy.printer or USUAL_PRINTER
    names = {"pdf": "PDF", "xlsx": "Excel", "png": _("Picture"), "csv": "CSV", "json": "JSON"}
    formats = [*FORMATS, *(name for name in policy.formats if name not in FORMATS)]
    return (
        Setting(
            "report_on", _("Write by itself"), _("At the end of every shift, with no window open."),
            (Choice("1", _("On")), Choice("0", _("Off"))), "1" if policy.on else "0",
        ),
        Setting(
            "report_formats", _("Files"), _("The picture is the first page, for a messenger."),
            tuple(Choice(name, names[name]) for name in formats), ",".join(policy.formats), several=True,
        ),
        Setting(
            "report_delay_min", _("Minutes after the end"), _("So that late counts of the shift are in it."),
            tuple(Choice(str(delay), str(delay)) for delay in delays), str(minutes),
        ),
        Setting(
            "report_printer", _("Print it too"), _("Once, when it is first made."), tuple(printers), chosen,
        ),
    )  # fmt: skip


def changed(policy: Policy, key: str, value: str) -> Policy:
    """A policy after a press on a value."""
    if key == "report_on":
        return replace(policy, on=value == "1")
    if key == "report_formats":
        known = [name for name in policy.formats if name != value]
        return replace(policy, formats=tuple(known) if value in policy.formats else (*policy.formats, value))
    if key == "report_delay_min":
        return replace(policy, delay_ms=int(value) * 60_000)
    return replace(policy, printer=None if not value else "" if value == USUAL_PRINTER else value)


def made_words(made: Made, timezone: str) -> str:
    """Which report was made last: "Thu 19 Nov · Day, rev. 0, provisional, made 2026-11-19 20:05"."""
    parts = [f"{day_words(made.business_on)} · {made.shift}", _("rev. {number}").format(number=made.revision)]
    parts.append(_("Provisional") if made.provisional else _("Final"))
    parts.append(_("made {at}").format(at=f"{local(made.at_ms, timezone):%Y-%m-%d %H:%M}"))
    return ", ".join(parts)


class AutomaticCard(Painted):
    """Rows with values, the folder, what became of the last report, and a button that makes one."""

    wanted = Signal(object, object, str)  # a Policy, the one that was seen, the words of what can be taken back
    folder_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("automatic-report", parent)
        self.rows: list[SettingRow] = []
        self._now: AutomaticNow | None = None
        self._folder_y = self._said_y = 0
        self.choose = Button("choose-report-folder", _("Choose folder"), self, icon="folder")
        self.usual = Button("usual-report-folder", _("Usual folder"), self)
        self.open = Button("open-report-folder", _("Open folder"), self)
        self.make = Button("make-report-now", _("Make now"), self, icon="document")
        tell(self.make, _("Make now"), _("The report of the last shift, also where it was made already"))
        self.choose.clicked.connect(self._choose)
        self.usual.clicked.connect(self._use_usual)
        self.open.clicked.connect(self._open)
        self._show_buttons(False)  # before it is known how it stands there is nothing to press
        tell(self, _("Automatic report"), _("Made at the end of each shift"))

    def _show_buttons(self, shown: bool) -> None:
        for button in (self.choose, self.usual, self.open, self.make):
            button.setVisible(shown)

    def show_automatic(self, now: AutomaticNow, timezone: str) -> None:
        """Show how it stands."""
        self._now = now
        self._show_buttons(True)
        settings = settings_of(now.policy)
        if [[o.value for o in row.options] for row in self.rows] != [[c.value for c in s.choices] for s in settings]:
            for row in self.rows:
                row.hide()
                row.deleteLater()
            self.rows = []  # a configuration file brought another value
            for setting in settings:
                row = SettingRow(setting, self)
                row.wanted.connect(self._pressed)
                row.show()
                self.rows.append(row)
        for row, setting in zip(self.rows, settings, strict=True):
            row.show_setting(setting)
        self.usual.setEnabled(bool(now.policy.folder))
        if now.failed is not None:
            failed = f"{day_words(now.failed.business_on)} · {now.failed.shift}"
            said = " ".join((_("{shift}: not made.").format(shift=failed), now.failed.fault, _("It is tried again.")))
        elif now.newest is not None:
            said = made_words(now.newest, timezone)
        else:
            said = _("None was made yet.")
        if self.set_face((now.folder, said, now.failed is not None)):
            tell(self, _("Automatic report"), f"{_('Made at the end of each shift')}. {now.folder}. {said}")

    def _pressed(self, key: str, value: str) -> None:
        if self._now is None:
            return
        wanted = changed(self._now.policy, key, value)
        setting = next(setting for setting in settings_of(wanted) if setting.key == key)
        self._want(wanted, f"{setting.title}: {setting.words_of(setting.chosen) or _('none')}")

    def _want(self, wanted: Policy, words: str) -> None:
        """Ask for it, and show it at once: the next press goes on from there."""
        if self._now is None:
            return
        seen, self._now = self._now.policy, replace(self._now, policy=wanted)
        for row, setting in zip(self.rows, settings_of(wanted), strict=True):
            if [option.value for option in row.options] == [choice.value for choice in setting.choices]:
                row.show_setting(setting)
        self.usual.setEnabled(bool(wanted.folder))
        self.wanted.emit(wanted, seen, words)

    def _choose(self) -> None:
        if self._now is not None:
            folder = QFileDialog.getExistingDirectory(self, _("Folder for reports"), self._now.folder)
            if folder:
                self.use_folder(folder)

    def use_folder(self, folder: str) -> None:
        """Let the reports go there; "" for the usual place."""
        if self._now is not None and folder != self._now.policy.folder:
            words = _("Folder for reports: {folder}").format(folder=folder or _("as usual"))
            self._want(replace(self._now.policy, folder=folder), words)

    def _use_usual(self) -> None:
        self.use_folder("")

    def _open(self) -> None:
        if self._now is not None:
            self.folder_wanted.emit(self._now.folder)

    def place(self, width: int) -> int:
        """Place everything for this width and return the height."""
        y = HEAD_PX
        for row in self.rows:
            row.resize(width, row.height())
            height = row.place()
            row.setGeometry(0, y, width, height)
            y += height
        self._folder_y = y
        y += 42 + 40 + 12
        x = 20
        for button in (self.choose, self.usual, self.open):
            wide = button.sizeHint().width()
            button.setGeometry(x, y, wide, OPTION_PX)
            x += wide + 12
        y += OPTION_PX + 28
        self._said_y = y
        y += 22 * len(self._said_lines(width)) + 40
        self.make.setGeometry(20, y, self.make.sizeHint().width(), OPTION_PX)
        return y + OPTION_PX + 20

    def _said_lines(self, width: float) -> list[str]:
        said = self._face[1] if isinstance(self._face, tuple) else ""
        return paint.broken(said, 16, width - 40)[:4] or [""]

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Ground, title, the folder in a plate, what became of the last."""
        card(painter, rect, tokens)
        card_head(painter, rect, tokens, _("Automatic report"), _("Made at the end of each shift"))
        if not isinstance(self._face, tuple):
            return
        folder, said, _failed = self._face
        paint.line(painter, 1, self._folder_y + 0.5, rect.right() - 1, self._folder_y + 0.5, tokens.line)
        label = QRectF(20, self._folder_y + 12, rect.width() - 40, 24)
        paint.text(painter, label, _("Folder for reports"), 15, tokens.ink2)
        plate = QRectF(20, self._folder_y + 42, rect.width() - 40, 40)
        paint.box(painter, plate, tokens.panel2, tokens.line, radius=6)
        paint.text(painter, plate.adjusted(12, 0, -12, 0), end_of(folder, plate.width() - 24), 16, tokens.ink)
        y = self._said_y
        paint.line(painter, 1, y - 12.5, rect.right() - 1, y - 12.5, tokens.line)
        paint.text(painter, QRectF(20, y, rect.width() - 40, 24), _("Made last"), 15, tokens.ink2)
        room = QRectF(20, y + 24, rect.width() - 40, 22 * 4)
        paint.paragraph(painter, room, said, 16, tokens.ink, most=4)
