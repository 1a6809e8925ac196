"""The settings of this window: words, colours, size of text; where the data lie; what Gadong is made of."""

from __future__ import annotations

import platform
import re
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import PySide6
from msgspec import Struct
from PySide6.QtCore import QRectF, QSize, Qt, Signal, qVersion
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from desktop import VERSION, paint, summaries, text
from desktop.domain.automatic import AutomaticNow
from desktop.domain.calendar import Shift
from desktop.domain.figures import CollectorNow, LineNow, PlantHead
from desktop.store import database
from desktop.text import N_, _
from desktop.tokens import GREEN, THEMES, Tokens
from desktop.views import theme
from desktop.views.background import Question
from desktop.views.screen import GAP, MARGIN, TOP, Screen
from desktop.views.theme import LEAST_WINDOW, TEXT_SIZES
from desktop.views.widgets.button import Button
from desktop.views.widgets.option import OPTION_PX, Choice, Option
from desktop.views.widgets.painted import Painted, card, card_head, tell
from desktop.views.widgets.ways_card import Way, WaysCard
from desktop.wording import UNKNOWN

HEAD_PX = 52
WORDS_PX = 58
ROW_PX = 16 + WORDS_PX + OPTION_PX + 18
WIDE_ROW_PX = 104
WIDE_PX = 860  # from here on the options stand beside their words
LINE_PX, _MOST_LINES = 22, 5  # of a paragraph
FACT_PX = 36
LEAST_TEXT_PX = 260
_ABOUT_PX = 520
#: tables of the master data with their titles; that of people is taken from their own page. What a table is made of is
#: imported with the page of tables, not with this one
TABLES = (
    ("machines", N_("Machines")),
    ("products", N_("Products")),
    ("reasons", N_("Stop reasons")),
    ("scrap_reasons", N_("Scrap reasons")),
    ("stations", N_("Stations")),
    ("routes", N_("Routes")),
    ("orders", N_("Plan")),
    ("checks", N_("Checks")),
)
FULL_LINE = 58  # letters of a line that goes on in the next one

_ROOT = Path(__file__).resolve().parents[2]
LICENCES = (
    ("gadong", N_("Gadong (MIT)"), _ROOT / "LICENSE"),
    ("others", N_("Third-party parts"), _ROOT / "THIRD-PARTY-NOTICES"),
    ("typeface", N_("Typeface (OFL)"), _ROOT / "resources" / "fonts" / "OFL.txt"),
)


class Setting(Struct, frozen=True):
    """One setting as it is shown: `key` as it is kept, its values, and the one that holds; where `several` may hold
    these with commas between them."""

    key: str
    title: str
    note: str
    choices: tuple[Choice, ...]
    chosen: str
    several: bool = False

    def holds(self, value: str) -> bool:
        """Whether a value holds."""
        return value in self.chosen.split(",") if self.several else value == self.chosen

    def words_of(self, value: str) -> str:
        """The word of a value."""
        return ", ".join(c.words for c in self.choices if c.value in (value.split(",") if self.several else (value,)))


def settings_of(text_percent: int, room: QSize) -> tuple[Setting, ...]:
    """Every setting at this moment. `room`: the screen in pixels at 100 %; it must hold the smallest window."""
    patches = {name: (tokens.panel, tokens.ink) for name, tokens in THEMES.items()}
    calm, colours = THEMES[theme.tokens().name], theme.tokens().name
    wide, high = LEAST_WINDOW
    fitting = {
        percent: percent == 100 or (wide * percent <= 100 * room.width() and high * percent <= 100 * room.height())
        for percent in TEXT_SIZES
    }
    size_note = _("Everything grows with it; the line may then have to be scrolled.")
    if not all(fitting.values()):
        size_note = _("This screen is too small for the larger ones.")
    run_note = _("Their colour. With grey, only machines that need attention have one.")
    if colours not in GREEN:
        run_note = _("High contrast has its own colour for running machines.")
    return (
        Setting(
            "language", _("Language"), _("For screens, reports and messages."),
            (Choice("ko", "한국어"), Choice("en", "English")), text.language(),
        ),
        Setting(
            "theme", _("Brightness"), _("Dark for a dim hall, high contrast for bright sun or weak eyes."),
            tuple(Choice(name, _(words), patches[name]) for name, words in theme.NAMES.items()), colours,
        ),
        Setting(
            "running", _("Running machines"), run_note,
            (
                Choice("grey", _("Grey"), (calm.run, calm.run)),
                Choice("green", _("Green"), GREEN.get(colours, (calm.run, calm.run))[:1] * 2, colours in GREEN),
            ),
            "green" if theme.green() and colours in GREEN else "grey",
        ),
        Setting(
            "text_size", _("Text size"), size_note,
            tuple(Choice(str(percent), f"{percent} %", None, fitting[percent]) for percent in TEXT_SIZES),
            str(text_percent),
        ),
    )  # fmt: skip


class SettingRow(Painted):
    """One setting: what it is, and its values."""

    wanted = Signal(str, str)

    def __init__(self, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(f"setting-{setting.key}", parent)
        self.options = [Option(f"{setting.key}-{choice.value}", choice.value, self) for choice in setting.choices]
        for option in self.options:
            option.clicked.connect(self._pressed)
        self.show_setting(setting)

    def show_setting(self, setting: Setting) -> None:
        """Show what holds."""
        for option, choice in zip(self.options, setting.choices, strict=True):
            option.show_choice(choice, setting.title, setting.holds(choice.value))
        if self.set_face(setting):
            tell(self, setting.title, f"{setting.words_of(setting.chosen)}. {setting.note}")

    def _pressed(self) -> None:
        option = self.sender()
        setting = self._face
        if not isinstance(setting, Setting) or not isinstance(option, Option):
            return
        if setting.several or option.value != setting.chosen:
            self.wanted.emit(setting.key, option.value)

    def place(self) -> int:
        """Place the values beside or below the words and return the height."""
        wide = self.width() >= WIDE_PX
        x, y = 20, 16 + WORDS_PX
        if wide:
            x = self.width() - 20 - sum(option.sizeHint().width() + 12 for option in self.options) + 12
            y = (WIDE_ROW_PX - OPTION_PX) // 2
        for option in self.options:
            option.setGeometry(x, y, option.sizeHint().width(), OPTION_PX)
            x += option.width() + 12
        return WIDE_ROW_PX if wide else ROW_PX

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Title and note; a line parts it from the one above."""
        if not isinstance(self._face, Setting):
            return
        wide = rect.width() >= WIDE_PX
        paint.line(painter, 1, 0.5, rect.right() - 1, 0.5, tokens.line)
        right = self.options[0].x() - 24 if wide else rect.right() - 20
        words_px = 29 + 20 * len(paint.broken(self._face.note, 15, right - 20)[:2])
        top = (WIDE_ROW_PX - words_px) / 2 if wide else 14.0  # in the middle, as the values beside it
        paint.text(painter, QRectF(20, top, right - 20, 28), self._face.title, 18, tokens.ink, bold=True)
        room = QRectF(20, top + 29, right - 20, 48)
        paint.paragraph(painter, room, self._face.note, 15, tokens.ink2, most=2 if wide else 1)


class LookCard(Painted):
    """Language, colours and size of text, each with its values."""

    wanted = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("look", parent)
        self.rows: list[SettingRow] = []
        tell(self, _("Screen and language"), _("Changes apply at once and are saved."))

    def show_settings(self, settings: Sequence[Setting]) -> None:
        """Show every setting."""
        for setting in settings[len(self.rows) :]:
            row = SettingRow(setting, self)
            row.wanted.connect(self.wanted)
            self.rows.append(row)
            row.show()  # what is made inside something visible stays hidden by itself
        for row, setting in zip(self.rows, settings, strict=True):
            row.show_setting(setting)

    def place(self, width: int) -> int:
        """Place the rows for this width and return the height."""
        y = HEAD_PX
        for row in self.rows:
            row.resize(width, row.height())
            height = row.place()
            row.setGeometry(0, y, width, height)
            y += height
        return y + 4

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Ground and title."""
        card(painter, rect, tokens)
        card_head(painter, rect, tokens, _("Screen and language"), _("Changes apply at once and are saved."))


class FolderCard(Painted):
    """Where the data lie, and how another folder is chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("data-folder", parent)
        self.open = Button("open-data-folder", _("Open folder"), self, icon="folder")

    def show_folder(self, folder: Path) -> None:
        """Show a folder."""
        if self.set_face(str(folder)):
            tell(self, _("Data folder"), f"{folder}. {self._how()}")

    def _how(self) -> str:
        return _(
            "To work with another folder, close this window and start Gadong with --data-dir FOLDER. "
            "Each folder keeps its own line, data and settings."
        )

    def wanted_px(self, width: int) -> int:
        """The height for a width: the paragraph takes what it needs."""
        lines = min(len(paint.broken(self._how(), 15, width - 40)), _MOST_LINES)
        return HEAD_PX + 50 + LINE_PX * lines + 16 + OPTION_PX + 20

    def place(self) -> None:
        """The button at the foot."""
        self.open.setGeometry(20, self.height() - 20 - OPTION_PX, self.open.sizeHint().width(), OPTION_PX)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """The path in a quiet plate, and a paragraph."""
        if not isinstance(self._face, str):
            return
        card(painter, rect, tokens)
        card_head(painter, rect, tokens, _("Data folder"))
        plate = QRectF(20, HEAD_PX, rect.width() - 40, 40)
        paint.box(painter, plate, tokens.panel2, tokens.line, radius=6)
        paint.text(painter, plate.adjusted(12, 0, -12, 0), end_of(self._face, plate.width() - 24), 16, tokens.ink)
        room = QRectF(20, HEAD_PX + 50, rect.width() - 40, LINE_PX * _MOST_LINES)
        paint.paragraph(painter, room, self._how(), 15, tokens.ink2, most=_MOST_LINES)


def end_of(path: str, room_px: float) -> str:
    """A path, without its beginning where it is too long: its end is what tells folders apart."""
    if paint.width(path, 16) <= room_px:
        return path
    return next((f"… {path[n:]}" for n in range(len(path)) if paint.width(f"… {path[n:]}", 16) <= room_px), "…")


def versions() -> tuple[tuple[str, str], ...]:
    """What Gadong is made of, each with its version."""
    return (
        ("Gadong", VERSION),
        ("Python", platform.python_version()),
        ("Qt", qVersion() or UNKNOWN),
        ("PySide6", PySide6.__version__),
        ("SQLite", database.SQLITE_VERSION),
        ("pyqtgraph", _installed("pyqtgraph")),
        ("opcua", _installed("opcua")),
    )


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return UNKNOWN


def _flowing(written: str) -> str:
    """A text written for a fixed width, for any: lines of a paragraph become one, columns of spaces become tabs."""
    lines: list[str] = []
    open_line = False
    for line in written.splitlines():
        cells = re.sub(r"(?<=\S) {2,}|^ {20,}", "\t", line)
        prose = "\t" not in cells and bool(line.strip())
        if open_line and prose:
            lines[-1] += " " + line.strip()
        else:
            lines.append(cells)
        open_line = prose and len(line) >= FULL_LINE
    return "\n".join(lines)


class AboutCard(Painted):
    """Versions in two columns, and the licences to read; `folded`: their text comes with the press of one."""

    folding = Signal()  # its height is another one

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("about", parent)
        self.set_face(versions())
        tell(self, _("About Gadong"), ", ".join(f"{name} {number}" for name, number in versions()))
        self.options = [Option(f"licence-{key}", key, self) for key, _words, _file in LICENCES]
        for option in self.options:
            option.clicked.connect(self._pressed)
        self.words = QPlainTextEdit(self)
        self.words.setObjectName("licence-text")
        self.words.setReadOnly(True)
        self.words.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.words.setFont(paint.font(15))
        self.words.setTabStopDistance(216)
        self.words.setTabChangesFocus(True)
        self.words.document().setDocumentMargin(12)
        self.words.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        ground = self.words.palette()
        ground.setColor(QPalette.ColorRole.Base, paint.color(theme.tokens().panel2))
        self.words.setPalette(ground)
        self._folded = False
        self._chosen = ""
        self._show_licence(LICENCES[0][0])

    def fold(self, folded: bool) -> None:
        """Whether the text of a licence is there only when it is asked for."""
        if folded != self._folded:
            self._folded = folded
            self._show_licence("" if folded else LICENCES[0][0])

    def _pressed(self) -> None:
        option = self.sender()
        if isinstance(option, Option):
            self._show_licence("" if self._folded and option.value == self._chosen else option.value)
            self.folding.emit()

    def _show_licence(self, chosen: str) -> None:
        self._chosen = chosen
        self.words.setVisible(bool(chosen))
        for option, (key, words, file) in zip(self.options, LICENCES, strict=True):
            option.show_choice(Choice(key, _(words)), _("Licences"), key == chosen)
            if key == chosen:
                self.words.setPlainText(_flowing(file.read_text(encoding="utf-8")))
                tell(self.words, _(words), _("Text of the licence"))

    def place(self) -> None:
        """Versions at the top, the choice of a licence, its text in the rest."""
        y = HEAD_PX + FACT_PX * -(-len(versions()) // 2) + 20
        wide = (self.width() - 40 - 12 * (len(self.options) - 1)) // len(self.options)
        for index, option in enumerate(self.options):
            option.setGeometry(20 + index * (wide + 12), y, wide, OPTION_PX)
        y += OPTION_PX + 12
        self.words.setGeometry(20, y, self.width() - 40, self.height() - 20 - y)

    def least_px(self) -> int:
        """The height that it needs."""
        text_px = 12 + LEAST_TEXT_PX if self._chosen else 0
        return HEAD_PX + FACT_PX * -(-len(versions()) // 2) + 20 + OPTION_PX + text_px + 20

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Title and versions; a frame for the text."""
        card(painter, rect, tokens)
        card_head(painter, rect, tokens, _("About Gadong"), _("Free software under the MIT licence"))
        column = (rect.width() - 40 - 32) / 2
        facts = versions()
        half = -(-len(facts) // 2)
        for index, (name, number) in enumerate(facts):
            x = 20 + index // half * (column + 32)
            row = QRectF(x, HEAD_PX + index % half * FACT_PX, column, FACT_PX)
            paint.line(painter, row.left(), row.top() + 0.5, row.right(), row.top() + 0.5, tokens.line)
            used = paint.text(painter, row, name, 16, tokens.ink2)
            rest = row.adjusted(used + 12, 0, 0, 0)
            paint.text(painter, rest, number, 16, tokens.ink, bold=True, align=paint.RIGHT, least_px=14)
        if not self._chosen:
            return
        frame = QRectF(self.words.geometry()).adjusted(-1, -1, 1, 1)
        paint.box(painter, frame, tokens.panel2, tokens.line, radius=4)


class SettingsView(Struct, frozen=True):
    """What stands in the header, and how the automatic report stands."""

    head: PlantHead
    now_ms: int
    shift: Shift | None
    collector: CollectorNow
    automatic: AutomaticNow


class Settings(Screen):
    """Settings and folder at the left, what Gadong is at the right."""

    setting_wanted = Signal(str, str)
    folder_wanted = Signal()
    report_wanted = Signal(object, object, str)  # what is wanted of the automatic report, what was seen, and words
    report_now_wanted = Signal()
    reports_wanted = Signal(str)  # the folder of the reports
    table_wanted = Signal(str)  # a kind of master data

    def __init__(self, place: Callable[[], tuple[Path, int, QSize]], parent: QWidget | None = None) -> None:
        """`place` gives the data folder, the size of text in percent and the screen in pixels at 100 %."""
        super().__init__("settings", parent)
        self._place = place
        tell(self, _("Settings"))
        self.look = LookCard(self.page)
        self.ways = WaysCard(
            "ways",
            _("Shifts, people and history"),
            "",
            (
                Way("calendar", _("Shifts and calendar"),
                    _("Shifts, breaks, holidays, overtime and planned stops, week by week."), "calendar"),
                Way("people", _("People"), _("Who works here, with crew, role, badge and PIN. All of it works without "
                                             "anybody set up, too."), "user"),
                Way("trail", _("Change history"), _("Who changed what, when, from what, to what and why: search it, "
                                                    "or give it to Excel."), "clock"),
            ),
            self.page,
        )  # fmt: skip
        self.ways.wanted.connect(self.screen_wanted)
        self.tables = WaysCard(
            "tables",
            _("Master data"),
            _("Take them from Excel, or give them to it."),
            [Way(key, _(title)) for key, title in TABLES],
            self.page,
        )
        self.tables.wanted.connect(self.table_wanted)
        self.folder = FolderCard(self.page)
        from desktop.views.automatic_report import AutomaticCard  # which is made of rows of this module

        self.automatic = AutomaticCard(self.page)
        self.automatic.wanted.connect(self.report_wanted)
        self.automatic.make.clicked.connect(self.report_now_wanted)
        self.automatic.folder_wanted.connect(self.reports_wanted)
        self.about = AboutCard(self.page)
        self.look.wanted.connect(self.setting_wanted)
        self.folder.open.clicked.connect(self.folder_wanted)
        self.about.folding.connect(self.arranged)

    def opened(self) -> None:
        """Show what holds for the window now."""
        folder, text_percent, room = self._place()
        self.look.show_settings(settings_of(text_percent, room))
        self.folder.show_folder(folder)
        self.arranged()

    def question(self) -> Question:
        """The line at this moment, for the header, and the automatic report."""
        live = self.live

        def ask(store: Any, now_ms: int) -> SettingsView:
            line = live.line_now(store, now_ms)
            return SettingsView(line.head, now_ms, line.shift, line.collector, summaries.automatic_now(store))

        return ask

    def waiting_cards(self) -> list[QWidget]:
        """Nothing: all of it is known."""
        return []

    def present(self, answer: object, stale_since_ms: int | None) -> None:
        """Only the automatic report depends on what is stored."""
        if isinstance(answer, SettingsView):
            self.automatic.show_automatic(answer.automatic, answer.head.timezone)
            self.arranged()
        elif not isinstance(answer, LineNow):
            raise TypeError(f"the settings show a SettingsView or a LineNow, not {type(answer).__name__}")

    def arrange(self, width: int, height: int) -> int:
        """What leads to pages of its own at the top; below it two columns of one height."""
        top = 12 if height < 800 else TOP
        room = width - 2 * MARGIN
        ways_px = self.ways.least_px()
        beside = room >= ways_px + GAP + self.tables.least_px()
        tables_px = room - ways_px - GAP if beside else room
        x, y = (MARGIN + ways_px + GAP, top) if beside else (MARGIN, top + self.ways.place(room) + GAP)
        self.ways.setGeometry(MARGIN, top, ways_px if beside else room, self.ways.place(ways_px))
        self.tables.setGeometry(x, y, tables_px, self.tables.place(tables_px))
        top = y + self.tables.height() + GAP
        half = (room - GAP) // 2
        bottom = (self._halves if half >= WIDE_PX else self._beside_about)(top, room, half, height - TOP)
        return bottom + (TOP if bottom + TOP > height else 0)

    def _halves(self, top: int, room: int, half: int, foot: int) -> int:
        """Two halves: look, folder and versions at the left, the automatic report at the right."""
        self.about.fold(True)
        look_px = self.look.place(half)
        self.look.setGeometry(MARGIN, top, half, look_px)
        y = top + look_px + GAP
        folder_px = half - GAP - _ABOUT_PX
        automatic_px = self.automatic.place(room - half - GAP)
        high = max(self.folder.wanted_px(folder_px), self.about.least_px())
        bottom = max(y + high, top + automatic_px, foot)
        self.folder.setGeometry(MARGIN, y, folder_px, bottom - y)
        self.folder.place()
        self.about.setGeometry(MARGIN + folder_px + GAP, y, _ABOUT_PX, bottom - y)
        self.about.place()
        self.automatic.setGeometry(MARGIN + half + GAP, top, room - half - GAP, bottom - top)
        return bottom

    def _beside_about(self, top: int, room: int, _half: int, foot: int) -> int:
        """Settings at the left, versions with the text of a licence at the right."""
        self.about.fold(False)
        left_px = room - GAP - _ABOUT_PX
        y = top
        look_px = self.look.place(left_px)
        self.look.setGeometry(MARGIN, y, left_px, look_px)
        y += look_px + GAP
        automatic_px = self.automatic.place(left_px)
        self.automatic.setGeometry(MARGIN, y, left_px, automatic_px)
        y += automatic_px + GAP
        folder_px = self.folder.wanted_px(left_px)
        bottom = max(y + folder_px, top + self.about.least_px(), foot)
        self.folder.setGeometry(MARGIN, y, left_px, bottom - y)
        self.folder.place()
        self.about.setGeometry(MARGIN + left_px + GAP, top, _ABOUT_PX, bottom - top)
        self.about.place()
        return bottom
